"""Which studies are behind a pooled number, which are told by words alone, and which gave the review no result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from taprev.extraction.flow import Flow, FlowCount
from taprev.extraction.tables import Row
from taprev.synthesis.results.domain import RowFate, Synthesis
from taprev.vocabulary import Fate, FlowBox


def rows_by_study(contents: Iterable[Synthesis]) -> dict[str, list[RowFate]]:
    """Return the results that the review took from each study, outcome by outcome, those left out among them."""
    taken: dict[str, list[RowFate]] = {}
    for content in contents:
        for row in content.rows:
            taken.setdefault(row.study, []).append(row)
    return taken


def without_outcome(contents: Iterable[Synthesis], studies: Iterable[Row]) -> list[Row]:
    """Return the rows of `studies.csv` from whose studies no result was extracted."""
    taken = rows_by_study(contents)
    return [row for row in studies if row["study"] not in taken]


def studies_pooled(contents: Sequence[Synthesis]) -> frozenset[str]:
    """Return the studies behind a pooled number of the review."""
    pooled = (stratum for content in contents for stratum in content.strata if stratum.fit)
    return frozenset(study.study for stratum in pooled for study in stratum.shown)


def studies_narrative(contents: Sequence[Synthesis]) -> frozenset[str]:
    """Return the studies that have results in the review, but none behind a pooled number."""
    told = (row.study for content in contents for row in content.rows if row.fate != Fate.EXCLUDED)
    return frozenset(told) - studies_pooled(contents)


def with_syntheses(flow: Flow, contents: Sequence[Synthesis]) -> Flow:
    """Return a flow with the studies in a meta-analysis, told by words alone, and in neither.

    They are counted from the results; where the file says another number, that is a doubt of the count.
    """
    pooled, told = len(studies_pooled(contents)), len(studies_narrative(contents))
    made = {FlowBox.STUDIES_IN_META_ANALYSIS: pooled, FlowBox.STUDIES_NARRATIVE_ONLY: told}
    whole = flow.n(FlowBox.TOTAL_STUDIES if flow.updates else FlowBox.NEW_STUDIES)
    if whole is not None and whole >= pooled + told:
        made[FlowBox.STUDIES_IN_NO_SYNTHESIS] = whole - pooled - told
    return Flow({**flow.counts, **{box: _counted(n, flow.n(box)) for box, n in made.items()}})


def _counted(n: int, typed: int | None) -> FlowCount:
    doubt = "" if typed in (None, n) else f"flow.csv says {typed}, but the results of this review have {n}."
    return FlowCount(n, "Counted from the results.", doubt=doubt)
