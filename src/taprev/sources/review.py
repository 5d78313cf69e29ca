"""All figures of a review, looked up in the files that are kept of its reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from taprev.extraction.looked_up import LookedUpFigure, SourceFile
from taprev.extraction.tables import Row, by_value, number_columns, read_rows
from taprev.sources.asked import AskedRow, asked_row
from taprev.sources.kept import KeptFile, kept_files
from taprev.sources.lookup import FoundFigure, IndexedSource, look_up
from taprev.sources.opening import UnreadableSource, open_source
from taprev.sources.picture import picture
from taprev.vocabulary import SourceVerdict

WORDS_AROUND = 14
OTHER_SIGN = "it is printed there with the other sign"
FIRST = 10
WORST_LAST = list(SourceVerdict)


@dataclass(frozen=True)
class SourcesRead:
    """The figures that were looked up, the files, and the pictures by the name of their file."""

    figures: tuple[LookedUpFigure, ...]
    files: tuple[SourceFile, ...]
    pictures: dict[str, bytes]


def look_up_all(data: Path, folder: Path) -> SourcesRead:
    """Return every figure of outcomes.csv with its place in the files in `folder` that reports.csv names."""
    extracted = data / "extracted"
    reports, outcomes = read_rows(extracted / "reports.csv"), read_rows(extracted / "outcomes.csv")
    columns = number_columns(extracted, "outcomes")
    rows = by_value(outcomes, "report")
    kept = kept_files(reports, folder)
    places: dict[str, list[LookedUpFigure]] = {}
    pictures, opened = _Pictures(), {one.name: _opened(one) for one in kept}
    for report in reports:
        own = [opened[one.name] for one in kept if report["report"] in one.reports]
        for row in rows[report["report"]]:
            places[row["result"]] = _of_row(row, asked_row(row, columns), own, pictures)
    files = tuple(_recorded(one) for one in opened.values())
    for one in opened.values():
        one.close()
    return SourcesRead(tuple(f for row in outcomes for f in places.get(row["result"], ())), files, pictures.files)


@dataclass
class _Opened:
    """A kept file and what was read of it; `source` is None where it is not here, or cannot be read."""

    kept: KeptFile
    source: IndexedSource | None
    unreadable: str

    def close(self) -> None:
        """Let go of the file."""
        if self.source:
            self.source.source.close()


def _opened(kept: KeptFile) -> _Opened:
    if not kept.here or not kept.reports:
        return _Opened(kept, None, "")
    try:
        return _Opened(kept, IndexedSource(open_source(kept.path)), "")
    except UnreadableSource as error:
        return _Opened(kept, None, str(error))
    except OSError:
        return _Opened(kept, None, "it cannot be opened. See who may read it.")


def _recorded(one: _Opened) -> SourceFile:
    source = one.source.source if one.source else None
    scanned = source.scanned if source else ()
    said = [*one.kept.said, *([one.unreadable] if one.unreadable else [])]
    if source and scanned:
        which = "none of its pages has" if len(scanned) == source.count else f"{_pages(scanned)} without"
        said.append(f"{which} text: a scan. Run OCR over it and keep the copy with text.")
    return SourceFile(
        one.kept.name,
        "; ".join(one.kept.reports),
        one.kept.read_on,
        one.kept.sha256,
        one.kept.recorded,
        str(source.count) if source else "",
        " ".join(map(str, scanned)),
        " ".join(said),
    )


def _pages(numbers: tuple[int, ...]) -> str:
    if len(numbers) == 1:
        return f"page {numbers[0]} is"
    first = ", ".join(map(str, numbers[:FIRST]))
    more = f" and {len(numbers) - FIRST} more" if len(numbers) > FIRST else ""
    return f"pages {first}{more} are"


class _Pictures:
    """The pictures so far, each under a name that no other has, whatever its capitals."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._taken: Counter[str] = Counter()

    def add(self, result: str, column: str, content: bytes) -> str:
        """Keep a picture and return its name."""
        stem = f"{result}_{column}"
        self._taken[stem.lower()] += 1
        again = self._taken[stem.lower()]
        name = f"{stem}{'' if again == 1 else f'~{again}'}.png"
        self.files[name] = content
        return name


def _of_row(row: Row, asked: AskedRow, own: list[_Opened], pictures: _Pictures) -> list[LookedUpFigure]:
    legible = [one for one in own if one.source]
    if not legible:
        verdict, said = _why_not(own)
        return [_unseen(asked, figure.column, figure.text, verdict, said) for figure in asked.figures]
    looked = [(one, look_up(asked, one.source)) for one in legible if one.source]
    best, found = min(looked, key=lambda pair: sum(WORST_LAST.index(figure.verdict) for figure in pair[1]))
    said = _other_file(row, legible)
    return [_seen(asked, figure, best, pictures, said) for figure in found]


def _other_file(row: Row, legible: list[_Opened]) -> str:
    read_in = row.get("file_sha256") or ""
    if read_in and read_in not in [one.kept.sha256 for one in legible]:
        return "the row names another file (file_sha256)"
    return ""


def _why_not(own: list[_Opened]) -> tuple[SourceVerdict, str]:
    if not own:
        return SourceVerdict.NO_SOURCE, ""
    if not any(one.kept.here for one in own):
        return SourceVerdict.NOT_HERE, ""
    said = " ".join(f"{one.kept.name}: {one.unreadable}" for one in own if one.unreadable)
    return SourceVerdict.UNREADABLE, said


def _unseen(asked: AskedRow, column: str, text: str, verdict: SourceVerdict, said: str) -> LookedUpFigure:
    return LookedUpFigure(asked.result, asked.report, column, text, asked.page, verdict, said=said)


def _seen(asked: AskedRow, found: FoundFigure, one: _Opened, pictures: _Pictures, said: str) -> LookedUpFigure:
    column, text = found.figure.column, found.figure.text
    remarks = [said, OTHER_SIGN if found.other_sign else ""]
    told = "; ".join(filter(None, remarks))
    if found.reading is None or found.page is None or one.source is None:
        return _unseen(asked, column, text, found.verdict, told)
    page = one.source.page(found.page)
    before, printed, after = _around(page.words, found)
    name = ""
    if one.source.source.pdf is not None:
        figure = [page.words[i] for i in range(found.reading.first, found.reading.last + 1)]
        words = [page.words[i] for i in found.stretch] or figure
        beside = [word for word in words if abs(word.frame.bottom - figure[0].frame.bottom) < 2] or figure
        name = pictures.add(asked.result, column, picture(one.source.source.pdf, found.page, beside, figure))
    return LookedUpFigure(
        result=asked.result,
        report=asked.report,
        column=column,
        value=text,
        page=asked.page,
        verdict=found.verdict,
        page_found=str(found.page),
        file=one.kept.name,
        spelled=found.spelled or "",
        before=before,
        printed=printed,
        after=after,
        picture=name,
        said=told,
    )


def _around(words: tuple, found: FoundFigure) -> tuple[str, str, str]:
    """Return the words before a figure, those that print it, and those after it, as far as they are read together."""
    assert found.reading is not None
    first, last = found.reading.first, found.reading.last
    own = list(found.stretch) if first in found.stretch else list(range(first, last + 1))
    at, end = own.index(first), own.index(last) if last in own else own.index(first)
    pieces = (own[max(0, at - WORDS_AROUND) : at], own[at : end + 1], own[end + 1 : end + 1 + WORDS_AROUND])
    before, printed, after = (" ".join(words[i].text for i in piece) for piece in pieces)
    return before, printed, after


def in_lines(read: SourcesRead) -> list[str]:
    """Return what a person is told: what is wrong with files, and how many figures were found where."""
    lines = [f"{one.file}: {one.said}" for one in read.files if one.said]
    counted = Counter(figure.verdict for figure in read.figures)
    return [*lines, *_counted(counted)]


def _counted(counted: Counter[SourceVerdict]) -> Iterable[str]:
    if set(counted) <= {SourceVerdict.NO_SOURCE}:
        return ["No source is kept: no figure is looked up. data/raw/sources holds them (docs/sources.md)."]
    return [f"{counted[verdict]} figures: {verdict.said}" for verdict in SourceVerdict if counted[verdict]]
