"""Who looked at a row, when and on what basis, and what of it is open: as far as it is recorded, and no further."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taprev.extraction.forms import form_words
from taprev.extraction.looked_up import LookedUpFigure
from taprev.extraction.rulings import DECIDER
from taprev.extraction.tables import Row, number_of, same_cell
from taprev.provenance.trace.results import CellHistory, ResultEvidence
from taprev.settings.extraction import ExtractionPlan
from taprev.vocabulary import CellVerdict
from taprev.wording import labels

NAMES = ("result", "study", "report")
"""The columns by which a row is named; nobody reads them in a source."""
NOT_RECORDED = "not recorded"
View = dict[str, Any]


@dataclass(frozen=True)
class Looked:
    """What is known of who looked at the rows of a review: the plan, the decisions by row, and the cells compared."""

    plan: ExtractionPlan
    rulings: Mapping[int, Row]
    compared: Mapping[str, Sequence[Row]]


def looked(plan: ExtractionPlan, rulings: Iterable[Row], compared: Iterable[Row]) -> Looked:
    """Return what is known of who looked at the rows, from the decisions and the sheet of compared cells."""
    by_result: dict[str, list[Row]] = {}
    for row in compared:
        if row["verdict"]:
            by_result.setdefault(row["result"], []).append(row)
    return Looked(plan, {number_of(ruling): ruling for ruling in rulings}, by_result)


def sign_off(evidence: ResultEvidence, known: Looked, figures: Sequence[LookedUpFigure] = ()) -> View:
    """Return who looked at a row: a line for each kind of look, with the rows of adjudication.csv, and all in short."""
    forms = [name.removeprefix("form_") for name in evidence.places if name != "outcomes"]
    cells = [cell for cell in evidence.cells if cell.column not in NAMES]
    decided = [cell for cell in cells if cell.ruling]
    compared = _compared(evidence, known)
    still_open = [query for query in evidence.queries if not query["answer"]]
    lines = [
        *_extracted(forms, known),
        *_agreed(forms, cells),
        *_decided(decided, known),
        *_once(cells),
        *_in_sources(figures),
        *(compared or [("Compared with the source by a person", "no cell of this row is recorded as compared")]),
        *_queries(evidence.queries, still_open),
    ]
    return {
        "lines": lines,
        "rulings": sorted({cell.ruling for cell in decided if cell.ruling}),
        "open": len(still_open),
        "short": _short(forms, decided, len(compared), len(still_open)),
    }


def _extracted(forms: Sequence[str], known: Looked) -> list[tuple[str, str]]:
    if not forms:
        return [("Extracted", "once; by whom is not recorded")]
    return [(f"{form_words(name).capitalize()} form", _extractor(name, known)) for name in forms]


def _extractor(form: str, known: Looked) -> str:
    one = known.plan.extractors.get(form)
    if one is None:
        return "who filled it in is not recorded"
    return f"filled in by {one.name}, a {one.kind}" if one.name else f"filled in by a {one.kind} who is not named"


def _agreed(forms: Sequence[str], cells: Sequence[CellHistory]) -> list[tuple[str, str]]:
    same = sum(not (cell.readings or cell.ruling or cell.once) for cell in cells)
    if len(forms) == 1:
        return [("Agreement", f"{labels.count(same, 'cell', 'cells')} in this form alone, so that nobody agrees")]
    return [("The forms agree", f"in {labels.count(same, 'cell', 'cells')}")] if forms else []


def _decided(decided: Sequence[CellHistory], known: Looked) -> list[tuple[str, str]]:
    if not decided:
        return []
    who = Counter(_who(known.rulings.get(cell.ruling or 0, {}), DECIDER) for cell in decided)
    said = "; ".join(f"{labels.count(count, 'cell', 'cells')}, by whom: {name}" for name, count in who.items())
    return [("Decided, each with its reason", said)]


def _once(cells: Sequence[CellHistory]) -> list[tuple[str, str]]:
    once = [cell for cell in cells if cell.once]
    if not once:
        return []
    basis = "; ".join(dict.fromkeys(cell.reason for cell in once if cell.reason)) or NOT_RECORDED
    said = once[0].settled
    return [(said[0].upper() + said[1:], f"{', '.join(cell.column for cell in once)}; on what basis: {basis}")]


def _in_sources(figures: Sequence[LookedUpFigure]) -> list[tuple[str, str]]:
    seen = [figure for figure in figures if figure.looked_up]
    if not seen:
        return []
    place = sum(figure.in_place for figure in seen)
    return [
        (
            "Looked up by a program",
            f"{place} of {labels.count(len(seen), 'figure', 'figures')} stand where the row stands",
        )
    ]


def _compared(evidence: ResultEvidence, known: Looked) -> list[tuple[str, str]]:
    """Return the cells that a person compared with the source; one whose value changed since is said to be so."""
    values = {cell.column: cell.value for cell in evidence.cells}
    lines = []
    for row in known.compared.get(evidence.result, ()):
        verdict = CellVerdict(row["verdict"]).said
        stands = same_cell(values.get(row["column"], ""), row["value"])
        since = "" if stands else f" (of {row['value']}, which stands there no longer)"
        said = f"{row['column']} {verdict}{since}; by whom: {_who(row, ('checked_by', 'checked_on'))}"
        lines.append(("Compared with the source by a person", said))
    return lines


def _queries(asked: Sequence[Row], still_open: Sequence[Row]) -> list[tuple[str, str]]:
    if not asked:
        return [("Queries", "the checks ask nothing of this row")]
    answered = len(asked) - len(still_open)
    names = ", ".join(dict.fromkeys(query["check"].replace("_", " ") for query in still_open))
    said = f"{answered} answered, {len(still_open)} open"
    return [("Queries", f"{said}: {names}" if names else said)]


def _who(row: Mapping[str, str], names: Sequence[str]) -> str:
    return ", ".join(filter(None, (row.get(name, "") for name in names))) or NOT_RECORDED


def _short(forms: Sequence[str], decided: Sequence[CellHistory], compared: int, still_open: int) -> str:
    """Return the state of a row in a few words."""
    parts = [
        f"{len(forms)} forms" if len(forms) > 1 else "1 form" if forms else "extracted once",
        f"{len(decided)} decided" if decided else "",
        f"{compared} compared with source" if compared else "",
        f"{still_open} open" if still_open else "",
    ]
    return ", ".join(filter(None, parts))
