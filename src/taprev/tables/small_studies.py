"""Small studies and selection as a table: every test, model and share of every pooled stratum, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from taprev.synthesis.results import SmallStudies, Synthesis
from taprev.wording import notes

SMALL_STUDIES = (
    "domain",
    "label",
    "stratum",
    "k",
    "studies",
    "side",
    "kind",
    "method",
    "usual",
    "estimate",
    "ci_lb",
    "ci_ub",
    "se",
    "df",
    "pval",
    "detail",
    "reason",
)


def small_studies(contents: Iterable[Synthesis]) -> Iterator[dict[str, Any]]:
    """Yield what the panel of each pooled stratum holds, numbers at full precision on the scale of the analysis."""
    for content in contents:
        for stratum in (*content.strata, *content.sensitivity):
            if panel := stratum.small_studies:
                named = {"domain": content.domain, "label": content.label, "stratum": stratum.name}
                for row in _rows(panel):
                    yield {**named, "k": panel.k, "studies": panel.studies, "side": panel.side, **row}


def _rows(panel: SmallStudies) -> Iterator[dict[str, Any]]:
    if panel.refused:
        yield {"kind": "panel", "reason": notes.reason(panel.refused)}
        return
    for test in panel.tests:
        usual = "yes" if test.usual else "no"
        told = {"estimate": test.slope, "se": test.se, "df": test.df, "pval": test.pval}
        yield {"kind": "test", "method": test.test, "usual": usual, **told, "reason": notes.reason(test.refused)}
    for model in panel.models:
        detail = "; ".join(f"weight {weight:.6g}" for weight in model.weights)
        if model.added is not None:
            detail = f"added {model.added}"
        ends = {"estimate": model.estimate, "ci_lb": model.ci_lb, "ci_ub": model.ci_ub, "pval": model.pval}
        yield {"kind": "model", "method": model.model, **ends, "detail": detail, "reason": notes.reason(model.refused)}
    yield from _preferred(panel)
    for one in panel.biases:
        yield {"kind": "largest bias", "estimate": one.largest, "detail": f"unpublished {one.unpublished}"}
    for share in panel.shares:
        ends = {"estimate": share.share, "ci_lb": share.ci_lb, "ci_ub": share.ci_ub}
        threshold = f"threshold {share.threshold:.6g}"
        yield {"kind": "share", "method": share.of, **ends, "detail": threshold, "reason": notes.reason(share.refused)}


def _preferred(panel: SmallStudies) -> Iterator[dict[str, Any]]:
    told = panel.preferred
    if told is None:
        yield {"kind": "preference", "reason": notes.reason(panel.unmoved)}
        return
    affirmative = f"affirmative {told.affirmative}"
    for method, ratio in (("estimate", told.for_estimate), ("bound", told.for_bound)):
        reason = "" if ratio else "No preference, however strong, moves it to no difference."
        yield {"kind": "preference", "method": method, "estimate": ratio, "detail": affirmative, "reason": reason}
    ends = {"estimate": told.worst_estimate, "ci_lb": told.worst_ci_lb, "ci_ub": told.worst_ci_ub}
    yield {"kind": "worst case", **ends, "detail": affirmative}
