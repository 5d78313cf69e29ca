"""The data twin of a forest plot: every drawn row as CSV, at full precision and in full words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from taprev.figures import labels, sentences
from taprev.figures.layout import panels_of, sensitivity_label
from taprev.files import guard

COLUMNS = (
    "section",
    "row",
    "label",
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
    "fate",
    "reason",
    "results",
)


def twin(content: Mapping[str, Any]) -> str:
    """Return the rows of a domain's forest plot as CSV text; effects stay on the scale of the analysis."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for row in twin_rows(content):
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return buffer.getvalue()


def twin_rows(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield studies, diamonds, directions and votes in the order in which they are drawn."""
    for panel in panels_of(content):
        for stratum in panel.strata:
            yield from (_study(stratum, study) for study in stratum["studies"])
            yield from _pooled(stratum, stratum["label"])
        for stratum in panel.sensitivity:
            yield from _pooled(stratum, sensitivity_label(stratum["label"]))
    yield from (_direction(vote) for vote in content["votes"] if not vote["with_magnitude"])
    yield from (_votes(test) for test in content["sign_tests"])


def _study(stratum: Mapping[str, Any], study: Mapping[str, Any]) -> dict[str, Any]:
    names = ("label", "n_arm1", "n_arm2", "tier", "yi", "ci_lb", "ci_ub", "weight", "fate", "reason")
    drawn = {name: study[name] for name in names}
    results = " ".join(study["results"])
    return {
        "section": stratum["label"],
        "row": "study",
        "scale": stratum["scale"],
        **drawn,
        "results": results,
    }


def _pooled(stratum: Mapping[str, Any], section: str) -> Iterator[dict[str, Any]]:
    fit = stratum["fit"]
    row = {"section": section, "scale": stratum["scale"]}
    if fit is None:
        yield {**row, "row": "not estimable", "reason": stratum["not_estimable"]}
        return
    drawn = {name: fit[name] for name in ("ci_lb", "ci_ub", "pi_lb", "pi_ub", "tau2", "I2")}
    yield {
        **row,
        "row": "pooled",
        "label": labels.model(fit),
        "yi": fit["estimate"],
        "weight": 100.0,
        **drawn,
    }


def _direction(vote: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "section": "Direction only",
        "row": "direction",
        "label": vote["label"],
        "n_arm1": vote["n_arm1"],
        "n_arm2": vote["n_arm2"],
        "tier": "direction",
        "fate": "direction_only",
        "reason": sentences.vote(vote["contrast"], vote["direction"]),
        "results": " ".join(vote["results"]),
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
