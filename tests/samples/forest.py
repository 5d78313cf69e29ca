"""Invented domains with all that may stand beside the rows of a forest plot; no number here comes from a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from samples.synthesis import (
    content,
    invented_domain,
    invented_stratum,
    invented_study,
    invented_vote,
    not_pooled,
)
from taprev.extraction.risk_of_bias.declarations import shipped_tools
from taprev.notes import note
from taprev.settings.figures import Figures
from taprev.synthesis.moderators import subgroups
from taprev.synthesis.results import Events, ImportantDifference, InUnits, Moderation, RiskOfBias, Synthesis
from taprev.vocabulary import NoteCode

LEVELS = ("low", "some concerns", "high", "no information")
TOOLS = {
    ("RoB 2", "2019"): (
        "randomisation process",
        "deviations from intended interventions",
        "missing outcome data",
        "measurement of the outcome",
        "selection of the reported result",
    ),
    ("ROBINS-I", "2016"): (
        "confounding",
        "selection of participants",
        "classification of interventions",
        "deviations from intended interventions",
        "missing data",
        "measurement of outcomes",
        "selection of the reported result",
    ),
    ("ROBINS-I", "2025"): (
        "confounding",
        "classification of interventions",
        "selection of participants",
        "missing data",
        "measurement of the outcome",
        "selection of the reported result",
    ),
}
SOURCE = "Invented A, Invented B. The smallest difference that people notice. Journal of Invention 2020;1:1-9"
TOO_FEW = note(NoteCode.TOO_FEW_FOR_MODERATOR, studies=2, covariates=1, needed=10)
LONG = "an invented descriptor, " + "which goes on for as long as it can be borne and " * 2 + "in"
DESCRIPTORS = (
    "country",
    "setting",
    "Δοκιμή σε νοσοκομείο με πολλές λέξεις",
    "دراسة في مستشفى",
    "一个很长的中文描述没有空格可以换行",
    LONG,
)


def judged(number: int, tool: tuple[str, str]) -> RiskOfBias:
    """Return a judgement of every domain of a tool and the overall one."""
    moderate = {"some concerns": "moderate", "high": "serious"} if tool[0] == "ROBINS-I" else {}
    made = {name: LEVELS[(number + place) % 4] for place, name in enumerate(TOOLS[tool])}
    made["overall"] = LEVELS[(number + 2) % 4]
    judgements = {name: moderate.get(level, level) for name, level in made.items()}
    rungs = shipped_tools().rungs
    return RiskOfBias(*tool, judgements, {level: rungs[level] for level in judgements.values()}, shorts(tool))


def shorts(tool: tuple[str, str]) -> dict[str, str]:
    """Return the short names of the domains of a tool."""
    return {name: f"D{place}" for place, name in enumerate(TOOLS[tool], 1)}


def grouped_stratum(contrast: str, studies: Sequence, tau2: float | None, **changes: object):
    """Return a stratum with its subgroups by setting; none where nothing is pooled."""
    made = invented_stratum(contrast, studies, tau2, **changes)
    pooled = [study for study in made.studies if study.fate == "pooled"]
    told = [study.descriptors.get("setting", "") for study in pooled]
    if made.fit is None or len(set(told)) < 2:
        return replace(made, moderators=(Moderation("setting", "Setting", TOO_FEW),))
    found = subgroups([study.yi for study in pooled], [study.vi for study in pooled], told)
    return replace(made, moderators=(Moderation("setting", "Setting", None, subgroups=found),))


def described(study, number: int, setting: str, country: str = "Norway", **changes: object):
    """Return a study with a year, a setting and a country."""
    told = {"country": country, "setting": setting}
    return replace(study, year=2000.0 + number % 20, descriptors=told, **changes)


def everything(
    tool: tuple[str, str] = ("RoB 2", "2019"), many: int = 8, words: Sequence[str] = ("Norway",)
) -> Synthesis:
    """Return a domain with subgroups, descriptors, two tools, an important difference and familiar units."""
    settings = ("inpatient", "primary_care", "not_reported")
    studies = [
        described(
            invented_study(i, 0.2 + 0.12 * (i % 5), 0.02 + 0.01 * (i % 4)),
            i,
            settings[i % 2 if i < many - 1 else 2],
            words[i % len(words)],
            risk_of_bias=judged(i, tool) if i % 5 else None,
        )
        for i in range(many)
    ]
    other = ("ROBINS-I", "2016")
    few = [
        described(
            not_pooled(90, 0.4, 0.05, "The only sample with a magnitude in its stratum."),
            90,
            "inpatient",
            words[0],
            risk_of_bias=judged(1, other),
        )
    ]
    strata = [
        with_units(grouped_stratum("randomised", studies, 0.03)),
        grouped_stratum("before_after", few, None),
    ]
    strata = [replace(stratum, important=ImportantDifference(0.2, SOURCE)) for stratum in strata]
    vote = replace(
        invented_vote(9, "controlled", "better"),
        descriptors={"country": words[-1], "setting": "inpatient"},
        risk_of_bias=judged(3, other),
    )
    return content(invented_domain(strata, votes=(vote,), label="Invented outcome with everything beside it"))


def with_units(stratum):
    """Return a stratum with its pooled number on an invented instrument, where there is one."""
    fit = stratum.fit
    if fit is None:
        return stratum
    numbers = (9.5 * value for value in (fit.estimate, fit.ci_lb, fit.ci_ub))
    return replace(stratum, in_units=InUnits("Invented Checklist (0-80)", 9.5, "Invented C 2018, table 2", *numbers))


def trials(count: int = 6) -> Synthesis:
    """Return a domain of risk ratios with the events of both arms."""
    studies = [
        described(
            invented_study(i, -0.5 + 0.15 * i, 0.05 + 0.02 * i, measure="RR", n_arm1=14000.0 - i, n_arm2=13900.0),
            i,
            "inpatient",
            events=Events(20.0 + i, 14000.0 - i, 240.0 - i, 13900.0),
        )
        for i in range(count)
    ]
    ratio = {"scale": "log_risk_ratio", "favours_sign": -1}
    return content(invented_domain([grouped_stratum("randomised", studies, 0.05 if count > 1 else None, **ratio)]))


def options(**changes: object) -> Figures:
    """Return settings of figures with every column, grouped by setting."""
    usual: Mapping[str, object] = {"descriptors": ("country", "setting"), "subgroups": "setting"}
    return Figures.model_validate({**usual, **changes})
