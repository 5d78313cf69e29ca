"""Five lines for the screen when a review has run: what it holds and where to look; a sixth where files are lacking."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from taprev.extraction.tables import read_rows
from taprev.ground.extras import NOT_HERE, documents_here
from taprev.report.extraction_words import read_agreement, sample_words
from taprev.settings import read_settings
from taprev.synthesis.results import Synthesis, read_synthesis
from taprev.synthesis.results.inclusion import without_outcome
from taprev.vocabulary import Fate
from taprev.wording import notes, sentences
from taprev.wording.flow import NO_OUTCOME

FIRST = 3
"""How many open queries are named."""


def five_lines(results: Path) -> list[str]:
    """Return studies, fates of the rows, strata not estimable, crosscheck, where to look, and what is not made here."""
    domains = read_settings(results / "settings.yaml").domains
    contents = [read_synthesis(results / "synthesis" / f"{name}.json") for name in domains]
    fates: Counter[Fate] = Counter()
    for content in contents:
        fates.update(content.fates)
    rows = [row for content in contents for row in content.rows]
    studies = {row.study for row in rows}
    sample = sample_words(read_agreement(results / "audit" / "agreement.csv"))
    outside = len(studies - {row.study for row in rows if row.fate != Fate.EXCLUDED})
    gaps = [content.label for content in contents if not content.rows]
    without = len(without_outcome(contents, read_rows(results / "audit" / "extracted" / "studies.csv")))
    return [
        f"Studies: {len(studies)}, {outside} of them excluded; gaps: {', '.join(gaps) or 'none'}."
        f"{f' {without} more with {NO_OUTCOME}.' if without else ''}"
        f"{f' Extracted twice: {sample}.' if sample else ''}",
        f"Rows: {sentences.fates(fates)}",
        f"Not pooled: {_not_estimable(contents)}",
        f"Crosscheck: {_crosscheck(results / 'audit' / 'crosscheck.csv')} "
        f"{_queries(results / 'audit' / 'queries.csv')}",
        f"Look at: {_places(results)}{_left_over(results / 'synthesis', list(domains))}",
        *([] if documents_here() else [NOT_HERE]),
    ]


def _places(results: Path) -> str:
    places = ("report.html", "map.html", "audit/index.html", "figures/index.html", "tables/summary.csv")
    return ", ".join(f"{results.as_posix()}/{path}" for path in places)


def _not_estimable(contents: list[Synthesis]) -> str:
    """Count the strata without a pooled number by the reason."""
    strata = [stratum for content in contents for stratum in content.strata if not stratum.fit]
    why = Counter(notes.reasons(stratum.not_estimable) for stratum in strata)
    reasons = "; ".join(f"{count}: {reason}" for reason, count in why.most_common())
    return f"{len(strata)} strata ({reasons})." if strata else "none."


def _crosscheck(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as handle:
        verdicts = Counter(row["verdict"] for row in csv.DictReader(handle))
    bad = verdicts["disagrees"]
    return (
        f"{verdicts['agrees']} numbers agree with a second engine, {bad} disagree, "
        f"{verdicts['R reference only']} rest on the R reference."
    )


def _queries(path: Path) -> str:
    """Say how many plausibility queries were asked, how many of each kind are open, and which to answer first."""
    with path.open(encoding="utf-8", newline="") as handle:
        asked = list(csv.DictReader(handle))
    unanswered = [row for row in asked if not row["answer"]]
    if not unanswered:
        return f"Queries: {len(asked)}, open: none."
    kinds = Counter(row["check"].replace("_", " ") for row in unanswered)
    counted = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    first = "; ".join(_query(row) for row in unanswered[:FIRST])
    lead = "Answer first, by what they move" if len(unanswered) > FIRST else "By what they move"
    return f"Queries: {len(asked)}, open: {len(unanswered)} ({counted}). {lead}: {first}. All: taprev queries."


def _query(row: Mapping[str, str]) -> str:
    """Return whom a query is about, what it asks and what the answer may move."""
    moved = f", {row['consequence']}" if row["moves"] else ""
    return f"{row['result'] or row['study']} ({row['check'].replace('_', ' ')}{moved})"


def _left_over(folder: Path, domains: list[str]) -> str:
    """Name what is in the results and belongs to no configured domain."""
    strange = sorted(path.stem for path in folder.glob("*.json") if path.stem not in domains)
    return f". Left over from earlier settings, not part of these results: {', '.join(strange)}" if strange else ""
