"""Damage to a file as people, programs and machines do it: bytes, cells, rows, columns, encodings, workbooks.

Each kind takes the content of a file and a source of chance, and returns other content, or None where it has no place
for itself there. The same seed makes the same damage.
"""

from __future__ import annotations

import csv
import io
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

Damage = Callable[[bytes, random.Random], bytes | None]
Records = list[list[str]]
DIGITS = re.compile(r"\d")
SCALAR = re.compile(r"(?m)^(\s*(?:- )?[\w-]+: )(\S.*)$")
WEIRD = ("\u00a0", "\u200b", "\u202e", "\ufeff", "\u0301", "٣", "５", "½", "−", "’", "𝟕", "\x07", "İ", "\ud7ff", "😀")
HUGE = ("1e308", "-1e308", "9" * 400, "1e-320", "0." + "0" * 60 + "1", "1e999", "NaN", "inf", "-0", "1_000", "0x10")
WORDS = ("", "0", "-1", "null", "yes", "[]", "{}", "n/a", "=1+1", "2026-13-40", "2026-01-31", "1,5", "~", "&a b", "*a")
QUOTED = ('"', '"a', 'a"b', '""', "'", "\\", ";", "\t", "\r", "a\nb", ",")
ENCODINGS = ("utf-16", "utf-16-le", "latin-1", "utf-32", "cp437", "utf-7")


@dataclass(frozen=True)
class Kind:
    """A way in which a file is damaged: its name, and what does it."""

    name: str
    damage: Damage


def flipped_bytes(content: bytes, draw: random.Random) -> bytes | None:
    """Other values in a few bytes."""
    made = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        made[draw.randrange(len(made))] = draw.randrange(256)
    return bytes(made)


def inserted_bytes(content: bytes, draw: random.Random) -> bytes | None:
    """A few bytes that were not there."""
    at = draw.randint(0, len(content))
    return content[:at] + draw.randbytes(draw.randint(1, 6)) + content[at:]


def deleted_bytes(content: bytes, draw: random.Random) -> bytes | None:
    """A few bytes fewer."""
    at = draw.randrange(len(content))
    return content[:at] + content[at + draw.randint(1, 40) :]


def truncated(content: bytes, draw: random.Random) -> bytes | None:
    """The file ends early, or holds nothing."""
    return content[: draw.choice((0, 1, draw.randrange(len(content)), len(content) - 1))]


def doubled(content: bytes, draw: random.Random) -> bytes | None:
    """The whole file twice, one after the other."""
    return content + content


def other_encoding(content: bytes, draw: random.Random) -> bytes | None:
    """Another encoding."""
    return content.decode("utf-8").encode(draw.choice(ENCODINGS), errors="replace")


def other_ends(content: bytes, draw: random.Random) -> bytes | None:
    """Other ends of lines, a mark at the beginning, or bytes of no text."""
    return draw.choice(
        (
            content.replace(b"\n", b"\r"),
            content.replace(b"\n", b"\r\n"),
            b"\xef\xbb\xbf" + content,
            content + b"\x00" * 20,
            b"\n\n" + content,
            content.replace(b"\n", b"\n\n"),
        )
    )


BYTES = tuple(
    Kind(name, damage)
    for name, damage in (
        ("bytes flipped", flipped_bytes),
        ("bytes inserted", inserted_bytes),
        ("bytes deleted", deleted_bytes),
        ("truncated", truncated),
        ("doubled", doubled),
        ("other encoding", other_encoding),
        ("other ends of lines", other_ends),
    )
)


def _of_records(change: Callable[[Records, random.Random], object]) -> Damage:
    """Return the damage that changes the records of a CSV file, header included."""

    def damage(content: bytes, draw: random.Random) -> bytes | None:
        records = [list(record) for record in csv.reader(io.StringIO(content.decode("utf-8"), newline=""))]
        before = [list(record) for record in records]
        change(records, draw)
        if records == before:
            return None
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(records)
        return out.getvalue().encode("utf-8", "surrogatepass")

    return damage


def _filled(records: Records, draw: random.Random, wanted: Callable[[str], object] = bool) -> tuple[int, int] | None:
    """Return the place of a cell below the header that has what is wanted."""
    found = [(r, c) for r, row in enumerate(records) if r for c, text in enumerate(row) if wanted(text)]
    return draw.choice(found) if found else None


def swapped_digits(records: Records, draw: random.Random) -> None:
    """Two digits of a figure change places."""
    if at := _filled(records, draw, lambda text: len(set(DIGITS.findall(text))) > 1 and len(text) < 12):
        text = records[at[0]][at[1]]
        one, other = draw.sample([found.start() for found in DIGITS.finditer(text)], 2)
        signs = list(text)
        signs[one], signs[other] = signs[other], signs[one]
        records[at[0]][at[1]] = "".join(signs)


def other_digit(records: Records, draw: random.Random) -> None:
    """Another digit in a figure."""
    if at := _filled(records, draw, lambda text: DIGITS.search(text) and len(text) < 12):
        text = records[at[0]][at[1]]
        place = draw.choice([found.start() for found in DIGITS.finditer(text)])
        records[at[0]][at[1]] = text[:place] + str(draw.randrange(10)) + text[place + 1 :]


def emptied_cell(records: Records, draw: random.Random) -> None:
    """A cell is empty."""
    if at := _filled(records, draw):
        records[at[0]][at[1]] = ""


def written_cell(words: tuple[str, ...]) -> Callable[[Records, random.Random], None]:
    """Return the change that writes one of some words into a cell."""

    def change(records: Records, draw: random.Random) -> None:
        if at := _filled(records, draw, lambda text: True):
            records[at[0]][at[1]] = draw.choice(words)

    return change


def weird_letter(records: Records, draw: random.Random) -> None:
    """A sign that looks like nothing, or like another, in a cell or a header."""
    row = draw.randrange(len(records))
    column = draw.randrange(len(records[row]))
    text = records[row][column]
    at = draw.randint(0, len(text))
    records[row][column] = text[:at] + draw.choice(WEIRD) + text[at:]


def exchanged_cells(records: Records, draw: random.Random) -> None:
    """Two cells of a row, or of a column, change places."""
    if at := _filled(records, draw):
        row, column = at
        along = draw.random() < 0.5
        to = (row, draw.randrange(len(records[row]))) if along else (draw.randrange(1, len(records)), column)
        one, other = records[row][column], records[to[0]][to[1]]
        records[row][column], records[to[0]][to[1]] = other, one


def dropped_row(records: Records, draw: random.Random) -> None:
    """A row is gone, or the header."""
    del records[draw.randrange(len(records))]


def doubled_row(records: Records, draw: random.Random) -> None:
    """A row stands twice."""
    row = draw.randrange(len(records))
    records.insert(draw.randint(row, len(records)), list(records[row]))


def exchanged_rows(records: Records, draw: random.Random) -> None:
    """Two rows change places."""
    one, other = (draw.randrange(len(records)) for _ in range(2))
    records[one], records[other] = records[other], records[one]


def dropped_column(records: Records, draw: random.Random) -> None:
    """A column is gone."""
    column = draw.randrange(len(records[0]))
    for row in records:
        del row[column : column + 1]


def doubled_column(records: Records, draw: random.Random) -> None:
    """A column stands twice."""
    column = draw.randrange(len(records[0]))
    for row in records:
        row.insert(column, row[column] if column < len(row) else "")


def exchanged_columns(records: Records, draw: random.Random) -> None:
    """Two columns change places, below the header or with it."""
    one, other = draw.sample(range(len(records[0])), 2)
    for row in records[draw.randint(0, 1) :]:
        row[one], row[other] = row[other], row[one]


def shifted_row(records: Records, draw: random.Random) -> None:
    """The cells of a row stand one place to the right, or it ends early."""
    row = records[draw.randrange(len(records))]
    at = draw.randrange(len(row))
    if draw.random() < 0.5:
        row.insert(at, "")
    else:
        del row[at:]


TABLE = tuple(
    Kind(name, _of_records(change))
    for name, change in (
        ("digits swapped", swapped_digits),
        ("another digit", other_digit),
        ("a cell emptied", emptied_cell),
        ("a huge value", written_cell(HUGE)),
        ("a strange word", written_cell(WORDS)),
        ("quoting", written_cell(QUOTED)),
        ("a strange letter", weird_letter),
        ("cells exchanged", exchanged_cells),
        ("a row dropped", dropped_row),
        ("a row doubled", doubled_row),
        ("rows exchanged", exchanged_rows),
        ("a column dropped", dropped_column),
        ("a column doubled", doubled_column),
        ("columns exchanged", exchanged_columns),
        ("a row shifted", shifted_row),
    )
)


def _of_lines(change: Callable[[list[str], random.Random], object]) -> Damage:
    def damage(content: bytes, draw: random.Random) -> bytes | None:
        lines = content.decode("utf-8").splitlines(keepends=True)
        change(lines, draw)
        made = "".join(lines).encode("utf-8", "surrogatepass")
        return None if made == content else made

    return damage


def other_scalar(words: tuple[str, ...]) -> Damage:
    """Return the damage that writes one of some words for the value of a line of YAML."""

    def damage(content: bytes, draw: random.Random) -> bytes | None:
        text = content.decode("utf-8")
        found = list(SCALAR.finditer(text))
        if not found:
            return None
        one = draw.choice(found)
        return (text[: one.start(2)] + draw.choice(words) + text[one.end(2) :]).encode("utf-8", "surrogatepass")

    return damage


def digits_of_yaml(content: bytes, draw: random.Random) -> bytes | None:
    """Another digit in a value."""
    text = content.decode("utf-8")
    found = [
        place for one in SCALAR.finditer(text) for place in range(one.start(2), one.end(2)) if text[place].isdigit()
    ]
    if not found:
        return None
    at = draw.choice(found)
    return (text[:at] + str(draw.randrange(10)) + text[at + 1 :]).encode()


def dropped_line(lines: list[str], draw: random.Random) -> None:
    """A line is gone."""
    del lines[draw.randrange(len(lines))]


def doubled_line(lines: list[str], draw: random.Random) -> None:
    """A line stands twice."""
    at = draw.randrange(len(lines))
    lines.insert(at, lines[at])


def exchanged_lines(lines: list[str], draw: random.Random) -> None:
    """Two lines change places."""
    one, other = (draw.randrange(len(lines)) for _ in range(2))
    lines[one], lines[other] = lines[other], lines[one]


def indented_line(lines: list[str], draw: random.Random) -> None:
    """A line stands further in, or out."""
    at = draw.randrange(len(lines))
    lines[at] = draw.choice((" " + lines[at], "  " + lines[at], lines[at].lstrip(" "), "\t" + lines[at]))


LINES = (
    Kind("a line dropped", _of_lines(dropped_line)),
    Kind("a line doubled", _of_lines(doubled_line)),
    Kind("lines exchanged", _of_lines(exchanged_lines)),
    Kind("a line indented", _of_lines(indented_line)),
    Kind("another digit", digits_of_yaml),
    Kind("a huge value", other_scalar(HUGE)),
    Kind("a strange word", other_scalar(WORDS)),
    Kind("quoting", other_scalar(QUOTED)),
    Kind("a strange letter", other_scalar(WEIRD)),
)


def _of_parts(change: Callable[[str, bytes, random.Random], bytes], wanted: str) -> Damage:
    """Return the damage that changes one part of a workbook whose name has a text in it."""

    def damage(content: bytes, draw: random.Random) -> bytes | None:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            parts = {name: book.read(name) for name in book.namelist()}
        name = draw.choice([name for name in parts if wanted in name])
        made = change(name, parts[name], draw)
        if made == parts[name]:
            return None
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
            for part, held in parts.items():
                book.writestr(part, made if part == name else held)
        return out.getvalue()

    return damage


def _bytes_of_part(name: str, held: bytes, draw: random.Random) -> bytes:
    return draw.choice((flipped_bytes, inserted_bytes, deleted_bytes, truncated))(held, draw) or b""


def _value_of_part(name: str, held: bytes, draw: random.Random) -> bytes:
    """Write another value into a cell of the part of a sheet."""
    values = list(re.finditer(rb"<(v|t)(?: [^>]*)?>([^<]*)<", held))
    if not values:
        return held
    one = draw.choice(values)
    new = draw.choice((*HUGE, *WORDS, "1", "45000", "-5", "1.5", "true", "#REF!")).replace("&", "&amp;")
    return held[: one.start(2)] + new.encode() + held[one.end(2) :]


def _address_of_part(name: str, held: bytes, draw: random.Random) -> bytes:
    """Write another address, kind or style of a cell."""
    places = list(re.finditer(rb' (r|t|s|min|max|ref|spans)="([^"]*)"', held))
    if not places:
        return held
    one = draw.choice(places)
    new = draw.choice(
        ("XFD1048576", "A0", "ZZZZ9", "A1", "", "n", "e", "b", "d", "str", "999999", "-1", "1048576", "s")
    )
    return held[: one.start(2)] + new.encode() + held[one.end(2) :]


def dropped_part(content: bytes, draw: random.Random) -> bytes | None:
    """A part of the workbook is gone."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(out, "w") as made:
        lost = draw.choice(book.namelist())
        for name in book.namelist():
            if name != lost:
                made.writestr(name, book.read(name))
    return out.getvalue()


BOOK = (
    *(kind for kind in BYTES if kind.damage in (flipped_bytes, inserted_bytes, deleted_bytes, truncated)),
    Kind("bytes of a part", _of_parts(_bytes_of_part, "xml")),
    Kind("a value of a sheet", _of_parts(_value_of_part, "sheet")),
    Kind("an address of a sheet", _of_parts(_address_of_part, "sheet")),
    Kind("a part dropped", dropped_part),
)


def kinds_for(name: str) -> tuple[Kind, ...]:
    """Return the kinds of damage that a file of a name may have."""
    if name.endswith(".xlsx"):
        return BOOK
    return (*BYTES, *(TABLE if name.endswith(".csv") else LINES))
