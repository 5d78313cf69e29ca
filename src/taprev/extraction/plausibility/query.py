"""What a plausibility check asks, and the tables it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from taprev.extraction.forms import FormRows
from taprev.extraction.looked_up import LookedUpFigure
from taprev.extraction.risk_of_bias.tools import BiasTools
from taprev.extraction.tables import Row

Finding = tuple[str, str, str]
"""The column, what was found there, and what to do or to answer."""


@dataclass(frozen=True)
class Query:
    """One question to the extractor; `severity` is `error` (stops the review) or `query` (wants an answer)."""

    check: str
    severity: str
    result: str
    study: str
    column: str
    found: str
    ask: str


@dataclass(frozen=True)
class RowFinding:
    """A finding of a check that compares rows: where it is and what was found."""

    result: str
    study: str
    column: str
    found: str
    ask: str


@dataclass(frozen=True)
class ExtractedTables:
    """The extracted rows with their studies, reports, forms and judged risk of bias in the words of `tools`.

    `looked_up` are their figures as they were looked up in the sources that are kept.
    """

    rows: list[Row]
    studies: list[Row]
    reports: list[Row]
    judged: list[Row]
    tools: BiasTools
    forms: FormRows = field(default_factory=dict)
    looked_up: Sequence[LookedUpFigure] = ()


RowTest = Callable[[Row], Iterator[Finding]]
TableTest = Callable[[ExtractedTables], Iterator[RowFinding]]


@dataclass(frozen=True)
class Check:
    """A named check: its severity, its reason in one sentence, and its test of a row or of all tables."""

    name: str
    severity: str
    reason: str
    of_row: RowTest | None = None
    of_tables: TableTest | None = None


EFFECT_LEAVES = Check(
    "effect_leaves_its_stratum",
    "query",
    "An effect lies farther from the number that the others give without it than chance would put one in eighty.",
)
"""The one check that is made of the pooled numbers; no test of the extraction can make it."""


def row_check(test: RowTest, severity: str = "query") -> Check:
    """Return a test of single rows as a check; its name and its reason are those of the function."""
    return Check(test.__name__, severity, _reason(test), of_row=test)


def table_check(test: TableTest, severity: str = "query") -> Check:
    """Return a test that compares rows as a check; its name and its reason are those of the function."""
    return Check(test.__name__, severity, _reason(test), of_tables=test)


def _reason(test: Callable) -> str:
    return (test.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
