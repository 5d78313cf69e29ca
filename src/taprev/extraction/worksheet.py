"""The worksheet of open disagreements: both readings, where to look, what depends on it, and room for the answer.

It is in `data/raw/` twice, as XLSX and as CSV; a reviewer fills one of them. A sheet in which anything is
filled is only ever appended to: rows below, and at its right the columns of a form that joined since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from taprev.extraction.reconcile import ReconciledCell, Reconciliation
from taprev.extraction.rulings import DECIDER
from taprev.extraction.sheets.books import append_texts, named_sheet, open_book, widen, xlsx_bytes
from taprev.extraction.spreadsheet import Spreadsheet, cell_text, csv_lines, longer_csv, read_sheet, sheet_text
from taprev.extraction.tables import Row, read_rows
from taprev.ground.files import unguard, write_bytes
from taprev.vocabulary import OF_A_WHOLE_RESULT, Decision

EARLIER = "decided_before"
"""The column that shows a decision made on other readings, which is not counted."""
BEFORE, AFTER = ("result", "study", "column"), ("source_url", "consequence", EARLIER)
NOT_ASKED = "(not asked)"
"""The reading of a form that joined after a row was written."""
ANSWER = ("decision", "value", "reason", *DECIDER)
NAME = "worksheet"
WIDTHS = {
    "result": 10,
    "study": 22,
    "column": 16,
    "source_url": 30,
    "consequence": 44,
    EARLIER: 44,
    "decision": 12,
    "value": 18,
    "reason": 60,
}
OTHER_WIDTH = 28
TO_FILL = PatternFill("solid", fgColor="FFF2CC")
Consequence = Callable[[ReconciledCell], str]


def asked_columns(forms: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of the worksheet that ask: the readings have the names of their forms."""
    return (*BEFORE, *forms, *AFTER)


def sheet_header(forms: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of a worksheet: what is asked, then the answer."""
    return (*asked_columns(forms), *ANSWER)


def choices_for(cell: ReconciledCell) -> tuple[str, ...]:
    """Return the decisions that may answer an open cell; where the forms agree, one that corrects them."""
    if cell.whole:
        return tuple(OF_A_WHOLE_RESULT)
    return (Decision.CORRECT,) if len(set(cell.readings.values())) == 1 else (*cell.readings, Decision.VALUE)


def worksheet_paths(data: Path) -> tuple[Path, Path]:
    """Return the paths of the two worksheets under the data folder."""
    return data / "raw" / f"{NAME}.xlsx", data / "raw" / f"{NAME}.csv"


def offer_worksheets(data: Path, merged: Reconciliation, consequence: Consequence) -> str:
    """Write both worksheets of what is open, and return the sentence that says how many and where.

    Raises ValueError, and leaves that sheet as it is, where one of them cannot be read.
    """
    rows = worksheet_rows(data, merged, consequence)
    xlsx, text = worksheet_paths(data)
    for path in (xlsx, text):
        _offer(path, rows, tuple(merged.forms), [frozenset(cell.readings) for cell in merged.open_cells])
    many = "1 disagreement is" if len(rows) == 1 else f"{len(rows)} disagreements are"
    return (
        f"{many} open, and the consensus stays as it was. Fill {', '.join(ANSWER[:-1])} and {ANSWER[-1]} in "
        f"{xlsx.as_posix()} (or {text.name}), then run: taprev reconcile --worksheet {xlsx.as_posix()}"
    )


def worksheet_rows(data: Path, merged: Reconciliation, consequence: Consequence) -> list[Row]:
    """Return a row of the worksheet for every open cell, the answer empty."""
    address = {row["report"]: row["source_url"] for row in read_rows(data / "extracted" / "reports.csv")}
    of = {row["result"]: row for row in merged.rows}
    first = {(c.result, c.column): next(iter(c.readings.values())) for c in merged.open_cells if not c.whole}
    rows = []
    for cell in merged.open_cells:
        study, report = (first.get((cell.result, name), of[cell.result][name]) for name in ("study", "report"))
        readings = (cell.readings.get(form, "") for form in merged.forms)
        earlier = _earlier_in_words(cell) if cell.earlier else ""
        values = (cell.result, study, cell.column, *readings, address.get(report, ""), consequence(cell), earlier)
        rows.append(dict(zip(asked_columns(merged.forms), map(sheet_text, values), strict=True)))
    return rows


def _earlier_in_words(cell: ReconciledCell) -> str:
    """Return what was decided before, and what an answer may be where the forms agree."""
    assert cell.earlier
    agree = len(set(cell.readings.values())) == 1 and not cell.whole
    how = f" The forms agree: answer {Decision.CORRECT} with the value that shall stand." if agree else ""
    return f"not counted: {cell.earlier.sentence()}.{how}"


def same_text(reading: str, other: str) -> bool:
    """Return whether two readings are the same but for what a spreadsheet does to spaces and numbers (0,90)."""
    if unguard(reading).split() == unguard(other).split():
        return True
    try:
        a, b = (float(text.replace(",", ".")) for text in (reading, other))
    except ValueError:
        return False
    return abs(a - b) <= 1e-6 * max(abs(a), abs(b))


def shows(shown: Mapping[str, str], readings: Mapping[str, str]) -> bool:
    """Return whether a row shows these readings; a form that joined since may read what another form reads."""
    asked = [text for form, text in shown.items() if text != NOT_ASKED and form in readings]
    return all(
        any(same_text(text, reading) for text in (asked if shown[form] == NOT_ASKED else [shown[form]]))
        for form, reading in readings.items()
    )


def header_problem(path: Path, sheet: Spreadsheet, forms: Iterable[str]) -> str:
    """Return a sentence where the sheet lacks columns, or nothing.

    One begun earlier has none for who decided, for an earlier decision, or for a form that joined since.
    """
    forms = tuple(forms)
    header = sheet_header(forms)
    later = {*DECIDER, EARLIER, *(forms if sum(form in sheet.header for form in forms) > 1 else ())}
    missing = [name for name in header if name not in sheet.header and name not in later]
    if not missing:
        return ""
    unknown = [name for name in sheet.header if name not in header]
    extra = f"; columns it should not have: {', '.join(unknown)}" if unknown else ""
    return f"{path.as_posix()}: columns missing: {', '.join(missing)}{extra}. Restore their names in the first row."


def _offer(path: Path, rows: list[Row], forms: tuple[str, ...], read: list[frozenset[str]]) -> None:
    """Write a new worksheet if nothing is filled in, or else append what is missing.

    `read` holds, for each row, the forms whose readings it shows.
    """
    sheet = read_sheet(path, NAME) if path.is_file() else None
    asked = asked_columns(forms)
    if sheet is None or not _filled(sheet, asked):
        if sheet is None or not _asks(sheet, rows, asked):
            header = (*asked, *ANSWER)
            write_bytes(path, _new_xlsx(rows, header) if path.suffix == ".xlsx" else _new_csv(rows, header))
        return
    if sentence := header_problem(path, sheet, forms):
        raise ValueError(sentence)
    there = list(sheet.rows.values())
    lacking = [
        row for row, own in zip(rows, read, strict=True) if not any(_same_question(row, other, own) for other in there)
    ]
    if lacking:
        joined = [form for form in forms if form not in sheet.header]
        more = [*joined, *([EARLIER] if EARLIER not in sheet.header and any(row[EARLIER] for row in lacking) else [])]
        lines = [[row.get(name, "") for name in (*sheet.header, *more)] for row in lacking]
        filled = {name: NOT_ASKED if name in joined else "" for name in more}
        of_csv = path.suffix != ".xlsx"
        own = longer_csv(path.read_bytes(), lines, filled) if of_csv else _longer_xlsx(path, lines, filled, forms)
        write_bytes(path, own)


def _filled(sheet: Spreadsheet, asked: tuple[str, ...]) -> bool:
    """Return whether a reviewer has written anything: an answer, or something in a column of their own."""
    theirs = [name for name in sheet.header if name not in asked]
    return bool(sheet.odd) or any(row[name] for row in sheet.rows.values() for name in theirs)


def _asks(sheet: Spreadsheet, rows: list[Row], asked: tuple[str, ...]) -> bool:
    """Return whether a sheet asks these questions in these columns."""
    if tuple(sheet.header) != (*asked, *ANSWER):
        return False
    present = ([row[name].strip() for name in asked] for row in sheet.rows.values())
    return [*present] == [[row[name].strip() for name in asked] for row in rows]


def _same_question(row: Row, other: Row, forms: Iterable[str]) -> bool:
    shown = {form: other.get(form, NOT_ASKED) for form in forms}
    return all(row[name] == other[name] for name in ("result", "column")) and shows(shown, {f: row[f] for f in forms})


def _new_csv(rows: list[Row], header: tuple[str, ...]) -> bytes:
    return csv_lines([header, *([row.get(name, "") for name in header] for row in rows)]).encode("utf-8-sig")


def _longer_xlsx(path: Path, lines: list[list[str]], more: dict[str, str], forms: Iterable[str]) -> bytes:
    book = open_book(path)
    own = named_sheet(book, NAME)
    if more:
        widen(own, more)
        _choose(own, [*forms])
    append_texts(own, lines)
    return xlsx_bytes(book)


def _new_xlsx(rows: list[Row], header: tuple[str, ...]) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title, sheet.freeze_panes = NAME, "A2"
    append_texts(sheet, [header, *([row.get(name, "") for name in header] for row in rows)])
    for cell, name in zip(sheet[1], header, strict=True):
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = WIDTHS.get(name, OTHER_WIDTH)
    for cells in sheet.iter_rows(min_row=2):
        for cell, name in zip(cells, header, strict=True):
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if name in ANSWER:
                cell.fill = TO_FILL
    _choose(sheet, header[len(BEFORE) : header.index(AFTER[0])])
    return xlsx_bytes(book)


def _choose(sheet: Worksheet, forms: Iterable[str]) -> None:
    """Offer the decisions as a list in their column, in place of an earlier list of them."""
    common = ",".join((Decision.VALUE, Decision.CORRECT, *OF_A_WHOLE_RESULT))
    others = [one for one in sheet.data_validations.dataValidation if not str(one.formula1).endswith(f'{common}"')]
    sheet.data_validations.dataValidation = others
    choices = DataValidation(type="list", formula1=f'"{",".join((*forms, common))}"', allow_blank=True)
    decision = next(cell.column_letter for cell in sheet[1] if cell_text(cell.value) == ANSWER[0])
    choices.add(f"{decision}2:{decision}1048576")
    sheet.add_data_validation(choices)
