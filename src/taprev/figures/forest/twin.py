"""The data twin of a forest plot: every drawn row as CSV, at full precision and in full words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from taprev.figures.forest import layout_groups
from taprev.figures.forest.layout import panels_of, sensitivity_label
from taprev.figures.forest.layout_order import grouped, ordered
from taprev.ground.files import guard
from taprev.settings.figures import USUAL, Figures
from taprev.wording import labels, sentences

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
OF_THE_STUDY = "study: "


def twin(content: Mapping[str, Any], how: Figures = USUAL) -> str:
    """Return the rows of a domain's forest plot as CSV text; effects stay on the scale of the analysis."""
    buffer = io.StringIO()
    header = (*COLUMNS, *(f"{OF_THE_STUDY}{name}" for name in how.descriptors))
    writer = csv.DictWriter(buffer, header, restval="", lineterminator="\n")
    writer.writeheader()
    for row in twin_rows(content, how):
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return buffer.getvalue()


def twin_rows(content: Mapping[str, Any], how: Figures = USUAL) -> Iterator[dict[str, Any]]:
    """Yield studies, diamonds, directions and votes in the order in which they are drawn."""
    for panel in panels_of(content):
        for stratum in panel.strata:
            yield from _stratum(stratum, how)
            yield from _pooled(stratum, stratum["label"])
            yield from _difference(stratum, how)
        for stratum in panel.sensitivity:
            yield from _pooled(stratum, sensitivity_label(stratum["label"]))
        if panel.important:
            told = {"scale": panel.drawn[0]["scale"], "reason": panel.important["source"]}
            yield {"row": "smallest difference that matters", "yi": panel.important["value"], **told}
    yield from (_direction(vote, how) for vote in content["votes"] if not vote["with_magnitude"])
    yield from (_votes(test) for test in content["sign_tests"])


def _stratum(stratum: Mapping[str, Any], how: Figures) -> Iterator[dict[str, Any]]:
    """Yield the studies of a stratum, under each subgroup what pools it."""
    column = how.subgroups
    pooled = {one["level"]: one for one in layout_groups.groups(stratum, column)}
    for level, studies in grouped(stratum["studies"], column).items():
        where = {"section": stratum["label"], "subgroup": level, "scale": stratum["scale"]}
        yield from ({**where, **_study(study, how)} for study in ordered(studies, how.sort))
        if level in pooled and pooled[level]["k"] > 1:
            names = ("ci_lb", "ci_ub", "tau2", "I2", "Q", "Q_df", "Q_pval")
            told = {name: pooled[level][name] for name in names}
            weight = layout_groups.weight_of(stratum, column, level)
            yield {
                **where,
                "row": "pooled subgroup",
                "yi": pooled[level]["estimate"],
                "weight": weight,
                **told,
            }


def _difference(stratum: Mapping[str, Any], how: Figures) -> Iterator[dict[str, Any]]:
    """Yield the test of the difference between subgroups, or why there is none."""
    where = {"section": stratum["label"], "row": "difference between subgroups"}
    for words in layout_groups.difference_words(stratum, how.subgroups):
        found = layout_groups.moderation(stratum, how.subgroups)["subgroups"] or {}
        yield {**where, "reason": words, **{name: found.get(name) for name in ("Q", "Q_df", "Q_pval")}}


def _study(study: Mapping[str, Any], how: Figures) -> dict[str, Any]:
    names = ("label", "year", "n_arm1", "n_arm2", "tier", "yi", "ci_lb", "ci_ub", "weight", "fate", "reason")
    drawn = {name: study[name] for name in names}
    return {
        "row": "study",
        **(study["events"] or {}),
        **drawn,
        "results": " ".join(study["results"]),
        **_beside(study, how),
    }


def _beside(row: Mapping[str, Any], how: Figures) -> dict[str, Any]:
    """Return the columns of the study, and every judgement of its risk of bias by the name of the domain."""
    judged = row["risk_of_bias"] if how.risk_of_bias else None
    told = {f"{OF_THE_STUDY}{name}": row["descriptors"].get(name, "") for name in how.descriptors}
    if judged:
        made = "; ".join(f"{name}: {judgement}" for name, judgement in judged["judgements"].items())
        told["risk_of_bias"] = f"{judged['tool']} ({judged['version']}) {made}"
    return told


def _pooled(stratum: Mapping[str, Any], section: str) -> Iterator[dict[str, Any]]:
    fit = stratum["fit"]
    row = {"section": section, "scale": stratum["scale"]}
    if fit is None:
        yield {**row, "row": "not estimable", "reason": stratum["not_estimable"]}
        return
    names = ("ci_lb", "ci_ub", "pi_lb", "pi_ub", "tau2", "I2", "Q", "Q_df", "Q_pval", "pval")
    drawn = {name: fit[name] for name in names}
    yield {
        **row,
        "row": "pooled",
        "label": labels.model(fit),
        "yi": fit["estimate"],
        "weight": 100.0,
        **drawn,
    }
    units = stratum["in_units"]
    if units:
        told = {name: units[name] for name in ("ci_lb", "ci_ub")}
        label = f"on the {units['instrument']}"
        yield {**row, "row": "pooled", "label": label, "scale": "points", "yi": units["estimate"], **told}


def _direction(vote: Mapping[str, Any], how: Figures) -> dict[str, Any]:
    return {
        "section": "Direction only",
        "row": "direction",
        "label": vote["label"],
        "year": vote["year"],
        "n_arm1": vote["n_arm1"],
        "n_arm2": vote["n_arm2"],
        "tier": "direction",
        "fate": "direction_only",
        "reason": sentences.vote(vote["contrast"], vote["direction"]),
        "results": " ".join(vote["results"]),
        **_beside(vote, how),
    }


def _votes(test: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "section": "All directions",
        "row": "votes",
        "label": labels.contrast(test["contrast"]),
        "scale": "proportion better",
        "yi": test["proportion"],
        "ci_lb": test["ci_lb"],
        "ci_ub": test["ci_ub"],
        "reason": sentences.votes(test),
    }


def _cell(value: Any) -> str:
    """Return a cell: numbers in full, text that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return repr(value)
    return guard(labels.clean(str(value)))
