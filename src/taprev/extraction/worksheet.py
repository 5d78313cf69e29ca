"""The worksheet of open disagreements: both readings, where to look, what depends on it, and room for the answer.

It is in `data/raw/` twice, as XLSX and as CSV; a reviewer fills one of them. A sheet in which anything is
filled is only ever appended to.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from taprev.extraction.reconcile import ReconciledCell, Reconciliation
from taprev.extraction.spreadsheet import (
    Spreadsheet,
    append_texts,
    csv_lines,
    named_sheet,
    open_book,
    read_sheet,
    sheet_text,
    xlsx_bytes,
)
from taprev.extraction.tables import Row, read_rows
from taprev.ground.files import unguard, write_bytes

ASKED = ("result", "study", "column", "first", "second", "source_url", "consequence")
ANSWER = ("decision", "value", "reason")
HEADER = (*ASKED, *ANSWER)
CHOICES = ("first", "second", "value")
NAME = "worksheet"
WIDTHS = (10, 22, 16, 28, 28, 30, 44, 12, 18, 60)
TO_FILL = PatternFill("solid", fgColor="FFF2CC")
Consequence = Callable[[ReconciledCell], str]


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
        _offer(path, rows)
    many = "1 disagreement is" if len(rows) == 1 else f"{len(rows)} disagreements are"
    return (
        f"{many} open, and the consensus stays as it was. Fill {', '.join(ANSWER[:2])} and {ANSWER[2]} in "
        f"{xlsx.as_posix()} (or {text.name}), then run: taprev reconcile --worksheet {xlsx.as_posix()}"
    )


def worksheet_rows(data: Path, merged: Reconciliation, consequence: Consequence) -> list[Row]:
    """Return a row of the worksheet for every open cell, the answer empty."""
    address = {row["report"]: row["source_url"] for row in read_rows(data / "extracted" / "reports.csv")}
    of = {row["result"]: row for row in merged.rows}
    first = {(cell.result, cell.column): cell.first for cell in merged.open_cells}
    rows = []
    for cell in merged.open_cells:
        study, report = (first.get((cell.result, name), of[cell.result][name]) for name in ("study", "report"))
        asked = (cell.result, study, cell.column, cell.first, cell.second)
        values = (*asked, address.get(report, ""), consequence(cell))
        rows.append(dict(zip(ASKED, map(sheet_text, values), strict=True)))
    return rows


def same_text(reading: str, other: str) -> bool:
    """Return whether two readings are the same but for what a spreadsheet does to spaces and numbers (0,90)."""
    if unguard(reading).split() == unguard(other).split():
        return True
    try:
        a, b = (float(text.replace(",", ".")) for text in (reading, other))
    except ValueError:
        return False
    return abs(a - b) <= 1e-6 * max(abs(a), abs(b))


def header_problem(path: Path, sheet: Spreadsheet) -> str:
    """Return a sentence where the sheet lacks columns of the worksheet, or nothing."""
    missing = [name for name in HEADER if name not in sheet.header]
    if not missing:
        return ""
    unknown = [name for name in sheet.header if name not in HEADER]
    extra = f"; columns it should not have: {', '.join(unknown)}" if unknown else ""
    return f"{path.as_posix()}: columns missing: {', '.join(missing)}{extra}. Restore their names in the first row."


def _offer(path: Path, rows: list[Row]) -> None:
    """Write a new worksheet if nothing is filled in, or else append the rows that are missing."""
    sheet = read_sheet(path, NAME) if path.is_file() else None
    if sheet and (sentence := header_problem(path, sheet)):
        raise ValueError(sentence)
    if sheet is None or not _filled(sheet):
        if sheet is None or [_asked(row) for row in sheet.rows.values()] != [_asked(row) for row in rows]:
            write_bytes(path, _new_xlsx(rows) if path.suffix == ".xlsx" else _new_csv(rows))
        return
    there = list(sheet.rows.values())
    lacking = [row for row in rows if not any(_same_question(row, other) for other in there)]
    if lacking:
        lines = [[row.get(name, "") for name in sheet.header] for row in lacking]
        write_bytes(path, _longer_xlsx(path, lines) if path.suffix == ".xlsx" else _longer_csv(path, sheet, lines))


def _filled(sheet: Spreadsheet) -> bool:
    """Return whether a reviewer has written anything: an answer, or something in a column of their own."""
    theirs = [name for name in sheet.header if name not in ASKED]
    return bool(sheet.odd) or any(row[name] for row in sheet.rows.values() for name in theirs)


def _asked(row: Row) -> list[str]:
    return [row[name].strip() for name in ASKED]


def _same_question(row: Row, other: Row) -> bool:
    return all(row[name] == other[name] for name in ("result", "column")) and all(
        same_text(row[name], other[name]) for name in ("first", "second")
    )


def _new_csv(rows: list[Row]) -> bytes:
    return csv_lines([HEADER, *([row.get(name, "") for name in HEADER] for row in rows)]).encode("utf-8-sig")


def _longer_csv(path: Path, sheet: Spreadsheet, lines: list[list[str]]) -> bytes:
    content = path.read_bytes()
    end = b"" if content.endswith(b"\n") else b"\n"
    return content + end + csv_lines(lines, sheet.delimiter).encode("utf-8")


def _longer_xlsx(path: Path, lines: list[list[str]]) -> bytes:
    book = open_book(path)
    append_texts(named_sheet(book, NAME, path), lines)
    return xlsx_bytes(book)


def _new_xlsx(rows: list[Row]) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title, sheet.freeze_panes = NAME, "A2"
    append_texts(sheet, [HEADER, *([row.get(name, "") for name in HEADER] for row in rows)])
    for cell, width in zip(sheet[1], WIDTHS, strict=True):
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = width
    for cells in sheet.iter_rows(min_row=2):
        for cell, name in zip(cells, HEADER, strict=True):
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if name in ANSWER:
                cell.fill = TO_FILL
    choices = DataValidation(type="list", formula1=f'"{",".join(CHOICES)}"', allow_blank=True)
    choices.add("H2:H1048576")
    sheet.add_data_validation(choices)
    return xlsx_bytes(book)
