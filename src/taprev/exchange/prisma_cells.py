"""A cell of counts in the CSV file of the R package PRISMA2020: a number, or a list such as `MEDLINE, 5; Embase, 7`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from taprev.exchange.prisma_template import MISSING, Cell, TemplateRow
from taprev.extraction.flow import FlowCount, FlowPart

EMPTY = ("", MISSING)
DIGITS = r"\d{1,3}(?:[,\s]\d{3})+|\d+"
NUMBER = re.compile(rf"(?:n\s*=\s*)?({DIGITS})(?:\.0+)?", re.ASCII | re.IGNORECASE)
WHOLE = re.compile(r"\d+|\d{1,3}(?:,\d{3})+", re.ASCII)
LISTED = re.compile(rf"(?P<name>.*?),\s*(?P<n>{DIGITS}|{MISSING})", re.ASCII | re.DOTALL)
SLIPS = (
    re.compile(rf"(?P<name>.+?)\s*(?:[.–—-]\s+|[:=]\s*)(?P<n>{DIGITS})", re.ASCII | re.DOTALL),
    re.compile(rf"(?P<name>.+?),?\s*\(\s*(?:n\s*[=:])?\s*(?P<n>{DIGITS})\s*\)", re.ASCII | re.DOTALL | re.IGNORECASE),
)
PLACEHOLDER = re.compile(r"(?:database|register|reason)\s*\d+,\s*x+", re.IGNORECASE)
WITHOUT_NUMBER = re.compile(r"(?P<name>.*),\s*(?P<n>x+|\?+|[^,]*\d[^,]*)", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class ReadCell:
    """What a cell of counts says: a count and its parts, and the remarks on how it was read."""

    count: FlowCount
    remarks: tuple[str, ...] = ()


def read_cell(template: TemplateRow, text: str) -> ReadCell:
    """Return what the cell of a row says; nothing in it is taken for 0 but a 0."""
    if text in EMPTY:
        return ReadCell(FlowCount())
    if template.cell is Cell.NUMBER or (template.cell is Cell.REASONS and WHOLE.fullmatch(text)):
        return _number_cell(text)
    return _list_cell(template, text)


def _number_cell(text: str) -> ReadCell:
    if match := NUMBER.fullmatch(text):
        n = _number(match[1])
        return ReadCell(FlowCount(n), () if text.isdecimal() else (f'"{text}" is read as {n}.',))
    return ReadCell(FlowCount(None, _printed(text)), (f'"{text}" is not a number; kept as not recorded.',))


def _list_cell(template: TemplateRow, text: str) -> ReadCell:
    """Return the parts of a list such as `MEDLINE, 5; Embase, 7`, and their sum where the file has no other total."""
    entries = [entry.strip() for entry in text.split(";") if entry.strip()]
    if all(PLACEHOLDER.fullmatch(entry) for entry in entries):
        remark = f'"{text}" holds no count; kept as not recorded.'
        return ReadCell(FlowCount(None, _printed(text)), (remark,))
    parts: list[FlowPart] = []
    remarks: list[str] = []
    lost: list[str] = []
    for entry in entries:
        part, remark = read_part(entry)
        parts += [part] if part.name else []
        lost += [] if part.name else [entry]
        remarks += [remark] if remark else []
    note = _printed("; ".join(lost)) if lost else ""
    if template.cell is Cell.PARTS:
        return ReadCell(FlowCount(None, note, tuple(parts)), tuple(remarks))
    known = [part.n for part in parts if part.n is not None]
    whole = len(known) == len(entries)
    count = FlowCount(sum(known) if whole else None, note, tuple(parts))
    unknown = "not all of them are numbers, so it is kept as not recorded."
    total = f"{sum(known)} is their sum." if whole else unknown
    return ReadCell(count, (*remarks, f"the file has no total beside reasons; {total}"))


def read_part(entry: str) -> tuple[FlowPart, str]:
    """Return an entry of a list, and a remark where it is read otherwise than typed; without a name it is no part."""
    for slip in SLIPS:
        if match := slip.fullmatch(entry):
            part = FlowPart(match["name"].strip(), _number(match["n"]))
            return part, f'"{entry}" has no comma before its number; read as {part.name}, {part.n}.'
    if match := LISTED.fullmatch(entry):
        name, text = match["name"].strip(), match["n"]
        if not name:
            return FlowPart(""), f'"{entry}" has no name; it was put into the note.'
        if text == MISSING:
            return FlowPart(name), ""
        part = FlowPart(name, _number(text))
        return part, "" if text.isdecimal() else f'"{entry}" is read as {name}, {part.n}.'
    if match := WITHOUT_NUMBER.fullmatch(entry):
        part = FlowPart(match["name"].strip(), None, _printed(match["n"].strip()))
        return part, f'"{entry}" has no number that can be read; {part.name} is kept as not recorded.'
    return FlowPart(entry, None, "Printed without a number."), f'"{entry}" has no number; kept as not recorded.'


def _number(text: str) -> int:
    return int(re.sub(r"[,\s]", "", text))


def _printed(text: str) -> str:
    return f'Printed in the file: "{text}".'
