"""The arithmetic of the flow of records, as far as its counts were recorded, and its agreement with the tables.

A count that was not recorded is not taken for 0: it leaves a sum open on one side. A review that found no report by
other methods than databases and registers writes 0 for `other_reports`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from taprev.extraction.flow import (
    TABLE,
    TABLES,
    Flow,
    FlowCount,
    expected,
    flow_of,
    rows_of_tables,
)
from taprev.extraction.problems import Problem
from taprev.extraction.tables import Row, named, number_of, read_rows
from taprev.vocabulary import DETAILED_BOXES, FlowBox

LOOK_UP = 'One of these counts is wrong: look them up, or write "not recorded".'


@dataclass(frozen=True)
class FlowSum:
    """What is in a box is all of some boxes, without that of others."""

    box: FlowBox
    added: tuple[FlowBox, ...]
    taken: tuple[FlowBox, ...] = ()


SUMS = (
    FlowSum(
        FlowBox.RECORDS_SCREENED,
        (FlowBox.DATABASE_RESULTS, FlowBox.REGISTER_RESULTS),
        (FlowBox.DUPLICATES, FlowBox.EXCLUDED_AUTOMATIC, FlowBox.EXCLUDED_OTHER),
    ),
    FlowSum(FlowBox.REPORTS_SOUGHT, (FlowBox.RECORDS_SCREENED,), (FlowBox.RECORDS_EXCLUDED,)),
    FlowSum(FlowBox.REPORTS_ASSESSED, (FlowBox.REPORTS_SOUGHT,), (FlowBox.REPORTS_NOT_RETRIEVED,)),
    FlowSum(FlowBox.OTHER_ASSESSED, (FlowBox.OTHER_SOUGHT,), (FlowBox.OTHER_NOT_RETRIEVED,)),
    FlowSum(FlowBox.OTHER_REPORTS, (FlowBox.OTHER_ASSESSED,), (FlowBox.OTHER_EXCLUDED,)),
)
SYNTHESES = (
    (FlowBox.STUDIES_IN_META_ANALYSIS, FlowBox.STUDIES_NARRATIVE_ONLY, FlowBox.STUDIES_IN_NO_SYNTHESIS),
    (FlowBox.REPORTS_IN_META_ANALYSIS,),
)
"""What became of the studies and of the reports of a review."""

PART_OF_A_WHOLE = (FlowBox.REPORTS_IN_META_ANALYSIS,)
"""Boxes that are one part of what their sum counts; nothing says what the others are."""


@dataclass(frozen=True)
class FlowFinding:
    """What is wrong with the count of a box, or with one of its parts."""

    box: FlowBox
    found: str
    advice: str = LOOK_UP
    name: str = ""
    column: str = "n"


def flow_problems(folder: Path) -> Iterator[Problem]:
    """Yield every count that contradicts the boxes before it, its parts, or the rows of the table that it counts."""
    path, rows = folder / TABLE, read_rows(folder / TABLE)
    lines: dict[tuple[str, str], int] = {}
    firsts: dict[str, int] = {}
    for row in rows:
        lines.setdefault((row["box"], row.get("name", "")), number_of(row))
        firsts.setdefault(row["box"], number_of(row))
    flow = flow_of(rows)
    for finding in (*_repeated(rows), *_unnamed(flow), *flow_findings(flow), *_table_findings(flow, folder)):
        line = lines.get((finding.box, finding.name), firsts.get(finding.box))
        yield Problem(named(path), line, "", "", finding.column, finding.found, finding.advice)


def flow_findings(flow: Flow) -> Iterator[FlowFinding]:
    """Yield every count that contradicts other counts of the flow."""
    for one in (*SUMS, _sum_of_new_reports(flow), *_sums_of_totals(flow), *_sums_of_syntheses(flow)):
        yield from _sum_findings(flow, one)
    for box in DETAILED_BOXES:
        yield from _part_findings(box, flow[box])


def _sum_of_new_reports(flow: Flow) -> FlowSum:
    """Return what new reports are made of; those by other methods may be counted, or follow from their own boxes."""
    assessed, excluded = (FlowBox.REPORTS_ASSESSED,), (FlowBox.REPORTS_EXCLUDED,)
    of_others = flow.n(FlowBox.OTHER_ASSESSED) is not None and flow.n(FlowBox.OTHER_EXCLUDED) is not None
    if flow.n(FlowBox.OTHER_REPORTS) is None and of_others:
        return FlowSum(
            FlowBox.NEW_REPORTS,
            (*assessed, FlowBox.OTHER_ASSESSED),
            (*excluded, FlowBox.OTHER_EXCLUDED),
        )
    return FlowSum(FlowBox.NEW_REPORTS, (*assessed, FlowBox.OTHER_REPORTS), excluded)


def _sums_of_totals(flow: Flow) -> Iterator[FlowSum]:
    """Yield what the totals are made of; in a first version everything is new."""
    for one in TABLES:
        yield FlowSum(one.total, (one.previous, one.new) if flow.updates else (one.new,))


def _sums_of_syntheses(flow: Flow) -> Iterator[FlowSum]:
    """Yield what everything in the review amounts to: the total of an update, what is new in a first version."""
    for one, boxes in zip(TABLES, SYNTHESES, strict=True):
        yield FlowSum(one.total if flow.updates else one.new, boxes)


def _sum_findings(flow: Flow, one: FlowSum) -> Iterator[FlowFinding]:
    """Yield where a count is outside what its sum allows; a part that was not recorded leaves one side open."""
    added, taken = _recorded(flow, one.added), _recorded(flow, one.taken)
    unknown = [box for box in (*one.added, *one.taken) if flow.n(box) is None]
    expected_n, n = sum(added.values()) - sum(taken.values()), flow.n(one.box)
    capped = len(added) == len(one.added)
    if capped and expected_n < 0:
        names = " + ".join(taken)
        found = f"found {sum(taken.values())} for {names}, which is more than there were ({' + '.join(one.added)})."
        yield FlowFinding(next(iter(taken)), found)
    elif n is not None and added:
        above = n > expected_n and capped and one.added != PART_OF_A_WHOLE
        below = n < expected_n and len(taken) == len(one.taken)
        if above or below:
            terms = " + ".join(f"{box} ({count})" for box, count in added.items())
            less = "".join(f" - {box} ({count})" for box, count in taken.items())
            rest = f", and {', '.join(unknown)} cannot change it that way" if unknown else ""
            yield FlowFinding(one.box, f"found {n} for {one.box}, but {terms}{less} is {expected_n}{rest}.")


def _recorded(flow: Flow, boxes: Sequence[FlowBox]) -> dict[FlowBox, int]:
    return {box: n for box in boxes if (n := flow.n(box)) is not None}


def _part_findings(box: FlowBox, count: FlowCount) -> Iterator[FlowFinding]:
    """Yield where the named parts of a count do not sum to it."""
    parts = [part for part in count.parts if not part.typed]
    known = [part.n for part in parts if part.n is not None]
    if not known:
        return
    whole = len(known) == len(parts)
    terms = " + ".join(f"{part.name} ({part.n})" for part in parts if part.n is not None)
    if count.n is None and whole:
        found = f"found not recorded for {box}, but its parts are all counted: {terms} is {sum(known)}."
        advice = f'Write {sum(known)}, or add a row for the parts that nobody counted, with "not recorded".'
        yield FlowFinding(box, found, advice)
    elif count.n is not None and (sum(known) > count.n or (whole and sum(known) < count.n)):
        yield FlowFinding(box, f"found {count.n} for {box}, but its parts {terms} sum to {sum(known)}.")


def _repeated(rows: Sequence[Row]) -> Iterator[FlowFinding]:
    """Yield every box, or part of a box, that has two rows."""
    seen = set()
    for row in rows:
        key = (row["box"], row.get("name", ""))
        if key in seen:
            named = f'"{key[1]}" of {key[0]}' if key[1] else key[0]
            yield FlowFinding(FlowBox(key[0]), f"{named} has two rows.", "Keep one.", key[1], "box")
        seen.add(key)


def _unnamed(flow: Flow) -> Iterator[FlowFinding]:
    """Yield every part of a box that has none."""
    for box in FlowBox:
        if box not in DETAILED_BOXES:
            for part in flow[box].parts:
                found = f'found "{part.name}", but {box} is not made of parts.'
                advice = f"Empty the cell, or count it in one of: {', '.join(DETAILED_BOXES)}."
                yield FlowFinding(box, found, advice, part.name, "name")


def _table_findings(flow: Flow, folder: Path) -> Iterator[FlowFinding]:
    rows = rows_of_tables(folder)
    for counted in TABLES:
        held = rows[counted.table]
        earlier = flow.n(counted.previous)
        if earlier is not None and earlier > held:
            found = f"found {earlier} for {counted.previous}, but {counted.table} has {_counted(held)} in all."
            yield FlowFinding(counted.previous, found, "Correct the count, or complete the table.")
            continue
        of_these = f", {earlier} of them in the previous version" if earlier else ""
        for box, n in expected(flow, counted, held).items():
            if flow.n(box) is not None and flow.n(box) != n:
                said = of_these if box == counted.new else ""
                found = f"found {flow.n(box)} for {box}, but {counted.table} has {_counted(held)}{said}."
                yield FlowFinding(box, found, "Correct the count, or complete the table.")


def _counted(rows: int) -> str:
    """Return a count of rows in words."""
    return f"{rows} row" if rows == 1 else f"{rows} rows"
