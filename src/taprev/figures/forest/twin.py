"""The data twin of a forest plot: every drawn row as CSV, at full precision and in full words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from taprev.figures.forest import layout_groups
from taprev.figures.forest.layout import panels_of, sensitivity_label
from taprev.figures.forest.layout_order import grouped, ordered
from taprev.figures.twin_columns import fields_of, table
from taprev.settings.figures import USUAL, Figures
from taprev.synthesis.results import SignTest, Stratum, Study, StudyVote, Synthesis
from taprev.vocabulary import Fate, Tier
from taprev.wording import labels, missing_evidence, notes, sentences

COLUMNS = (
    "section",
    "subgroup",
    "row",
    "label",
    "year",
    "event_arm1",
    "totaln_arm1",
    "event_arm2",
    "totaln_arm2",
    "n_arm1",
    "n_arm2",
    "tier",
    "scale",
    "yi",
    "ci_lb",
    "ci_ub",
    "weight",
    "pi_lb",
    "pi_ub",
    "tau2",
    "I2",
    "Q",
    "Q_df",
    "Q_pval",
    "pval",
    "fate",
    "reason",
    "results",
    "risk_of_bias",
)
OF_AN_EFFECT = ("label", "year", "n_arm1", "n_arm2", "tier", "yi", "ci_lb", "ci_ub", "weight", "fate")
OF_A_TEST = ("Q", "Q_df", "Q_pval")
OF_A_GROUP = ("ci_lb", "ci_ub", "tau2", "I2", *OF_A_TEST)
OF_A_FIT = ("ci_lb", "ci_ub", "pi_lb", "pi_ub", "tau2", "I2", *OF_A_TEST, "pval")
OF_THE_STUDY = "study: "


def twin(content: Synthesis, how: Figures = USUAL) -> str:
    """Return the rows of a domain's forest plot as CSV text; effects stay on the scale of the analysis.

    Parameters
    ----------
    content : Synthesis
    how : Figures, optional
        The settings of figures, whose columns of the study the table has too.

    Returns
    -------
    str
    """
    header = (*COLUMNS, *(f"{OF_THE_STUDY}{name}" for name in how.descriptors))
    return table(header, (map(row.get, header) for row in twin_rows(content, how)))


def twin_rows(content: Synthesis, how: Figures = USUAL) -> Iterator[dict[str, Any]]:
    """Yield studies, diamonds, directions and votes in the order in which they are drawn."""
    for panel in panels_of(content):
        for stratum in panel.strata:
            yield from _stratum(stratum, how)
            yield from _pooled(stratum, stratum.label)
            yield from _difference(stratum, how)
            yield from _missing_evidence(stratum)
        for stratum in panel.sensitivity:
            yield from _pooled(stratum, sensitivity_label(stratum.label))
        if panel.important:
            yield {
                "row": "smallest difference that matters",
                "yi": panel.important.value,
                "scale": panel.drawn[0].scale,
                "reason": panel.important.source,
            }
    yield from (_direction(vote, how) for vote in content.votes if not vote.with_magnitude)
    yield from (_votes(test) for test in content.sign_tests)


def _stratum(stratum: Stratum, how: Figures) -> Iterator[dict[str, Any]]:
    """Yield the studies of a stratum, under each subgroup what pools it."""
    column = how.subgroups
    pooled = layout_groups.pooled_groups(stratum, column)
    for level, studies in grouped(stratum.studies, column).items():
        where = {"section": stratum.label, "subgroup": level, "scale": stratum.scale}
        yield from ({**where, **_study(study, how)} for study in ordered(studies, how.sort))
        if level in pooled:
            yield {
                **where,
                "row": "pooled subgroup",
                "yi": pooled[level].estimate,
                "weight": layout_groups.weight_of(stratum, column, level),
                **fields_of(pooled[level], OF_A_GROUP),
            }


def _difference(stratum: Stratum, how: Figures) -> Iterator[dict[str, Any]]:
    """Yield the test of the difference between subgroups, or why there is none."""
    where = {"section": stratum.label, "row": "difference between subgroups"}
    subgroups = layout_groups.subgroups(stratum, how.subgroups)
    for words in layout_groups.difference_words(stratum, how.subgroups):
        yield {**where, "reason": words, **(fields_of(subgroups, OF_A_TEST) if subgroups else {})}


def _study(study: Study, how: Figures) -> dict[str, Any]:
    return {
        "row": "study",
        **(asdict(study.events) if study.events else {}),
        **fields_of(study, OF_AN_EFFECT),
        "reason": notes.reason(study.reason),
        "results": " ".join(study.results),
        **_study_columns(study, how),
    }


def _study_columns(row: Study | StudyVote, how: Figures) -> dict[str, Any]:
    """Return the columns of the study, and every judgement of its risk of bias by the name of the domain."""
    cells = {f"{OF_THE_STUDY}{name}": row.descriptors.get(name, "") for name in how.descriptors}
    judged = row.risk_of_bias if how.risk_of_bias else None
    if judged:
        made = "; ".join(f"{name}: {judgement}" for name, judgement in judged.judgements.items())
        cells["risk_of_bias"] = f"{judged.tool} ({judged.version}) {made}"
    return cells


def _pooled(stratum: Stratum, section: str) -> Iterator[dict[str, Any]]:
    fit, units = stratum.fit, stratum.in_units
    row = {"section": section, "scale": stratum.scale}
    if fit is None:
        yield {**row, "row": "not estimable", "reason": notes.why_not(stratum.not_estimable)}
        return
    yield {
        **row,
        "row": "pooled",
        "label": labels.model(fit),
        "yi": fit.estimate,
        "weight": 100.0,
        **fields_of(fit, OF_A_FIT),
    }
    if units:
        yield {
            **row,
            "row": "pooled",
            "label": f"on the {units.instrument}",
            "scale": "points",
            "yi": units.estimate,
            "ci_lb": units.ci_lb,
            "ci_ub": units.ci_ub,
        }


def _missing_evidence(stratum: Stratum) -> Iterator[dict[str, Any]]:
    """Yield the risk of bias due to missing evidence, in a review that judges it."""
    judged = stratum.missing_evidence
    if judged:
        yield {
            "section": stratum.label,
            "row": "missing evidence (ROB-ME)",
            "label": missing_evidence.risk(judged),
            "reason": missing_evidence.why(judged),
        }


def _direction(vote: StudyVote, how: Figures) -> dict[str, Any]:
    return {
        "section": "Direction only",
        "row": "direction",
        "label": vote.label,
        "year": vote.year,
        "n_arm1": vote.n_arm1,
        "n_arm2": vote.n_arm2,
        "tier": Tier.DIRECTION,
        "fate": Fate.DIRECTION_ONLY,
        "reason": sentences.vote(vote.contrast, vote.direction),
        "results": " ".join(vote.results),
        **_study_columns(vote, how),
    }


def _votes(test: SignTest) -> dict[str, Any]:
    return {
        "section": "All directions",
        "row": "votes",
        "label": labels.contrast(test.contrast),
        "scale": "proportion better",
        "yi": test.proportion,
        "ci_lb": test.ci_lb,
        "ci_ub": test.ci_ub,
        "reason": sentences.votes(test.votes),
    }
