"""Everything that was extracted for a review: consensus, forms, rulings, sources, queries, judgements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from taprev.extraction.coded_once import NOTHING_ONCE, CodedOnce, read_coded_once
from taprev.extraction.forms import form_paths
from taprev.extraction.plausibility.answers import answered, asked, read_answers
from taprev.extraction.plausibility.query import Query
from taprev.extraction.reconcile import ReconciledCell, reconcile
from taprev.extraction.risk_of_bias.judged import overall_levels, read_judged
from taprev.extraction.rulings import adjudication_path, read_rulings
from taprev.extraction.tables import Row, by_value, codebook, numbered_rows
from taprev.settings import Settings

Numbered = tuple[int, Row]


@dataclass(frozen=True)
class Extraction:
    """The tables of a review by their keys; a numbered row carries its row number in its file.

    `forms` holds each form by its name and result and is empty where the figures were extracted once; `decided` holds
    every cell that an adjudication decided by result and column, a whole result that was taken among them;
    `columns` describes every column of the outcomes (its sentence and its unit), `once` says which cells were coded
    once for all forms.
    """

    columns: dict[str, tuple[str, str]]
    outcomes: dict[str, Numbered]
    forms: dict[str, dict[str, Numbered]]
    decided: dict[tuple[str, str], ReconciledCell]
    rulings: tuple[Row, ...]
    studies: dict[str, Numbered]
    reports: dict[str, Numbered]
    queries: dict[str, list[Row]]
    judgements: dict[str, list[Row]]
    once: CodedOnce = NOTHING_ONCE

    def of_domain(self, domain: str) -> list[Row]:
        """Return the rows of a domain in the order of the consensus."""
        return self._by_domain[domain]

    @cached_property
    def _by_domain(self) -> dict[str, list[Row]]:
        return by_value((row for _, row in self.outcomes.values()), "domain")

    @cached_property
    def study_rows(self) -> dict[str, Row]:
        """The rows of the studies by study, without their numbers."""
        return {name: study for name, (_, study) in self.studies.items()}

    @cached_property
    def bias(self) -> dict[str, str]:
        """Return the overall risk of bias by result, where it was judged."""
        return overall_levels(row for rows in self.judgements.values() for row in rows)


def read_extraction(data: Path, settings: Settings, of_results: Sequence[Query] = ()) -> Extraction:
    """Return everything that was extracted under the data folder, with queries that its pooled numbers raise."""
    extracted = data / "extracted"
    fields = codebook(extracted)["outcomes"]["schema"]["fields"]
    twice = not settings.extraction.once
    decided = reconcile(data, settings.extraction).decided if twice else ()
    queries: dict[str, list[Row]] = defaultdict(list)
    every_query = [*asked(data), *of_results]
    for row in answered(every_query, read_answers(data, every_query)[0]):
        queries[row["result"] or row["study"]].append(row)
    return Extraction(
        columns={f["name"]: (f.get("description", ""), f.get("unit", "")) for f in fields},
        outcomes=numbered(extracted / "outcomes.csv", "result"),
        forms={name: numbered(path, "result") for name, path in form_paths(data).items()} if twice else {},
        decided={(cell.result, cell.column): cell for cell in decided if cell.value or not cell.whole},
        rulings=tuple(read_rulings(adjudication_path(data))) if twice else (),
        studies=numbered(extracted / "studies.csv", "study"),
        reports=numbered(extracted / "reports.csv", "report"),
        queries=queries,
        judgements=by_value(read_judged(extracted), "result"),
        once=read_coded_once(data, settings.agreement) if twice else NOTHING_ONCE,
    )


def numbered(path: Path, key: str) -> dict[str, Numbered]:
    """Return the rows of a table by their key, each with its row number; the header is row 1."""
    return {row[key]: (number, row) for number, row in numbered_rows(path)}
