"""All figures of a review, looked up in the files that are kept of its reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from taprev.extraction.looked_up import READ_BY_OCR, LookedUpFigure, SourceFile
from taprev.extraction.tables import Row, by_value, number_columns, read_rows
from taprev.settings.extraction import KeptSources
from taprev.sources.asked import AskedRow, asked_row
from taprev.sources.kept import KeptFile, kept_files
from taprev.sources.lookup import IndexedSource, look_up
from taprev.sources.opening import UnreadableSource, open_source
from taprev.sources.recognised import Recogniser, recogniser, why_not
from taprev.sources.telling import PlacePictures, told, unseen
from taprev.vocabulary import SourceVerdict

FIRST = 10
USUAL = KeptSources()
WORST_LAST = list(SourceVerdict)


@dataclass(frozen=True)
class SourcesRead:
    """The figures that were looked up, the files, and the pictures by the name of their file."""

    figures: tuple[LookedUpFigure, ...]
    files: tuple[SourceFile, ...]
    pictures: dict[str, bytes]


def look_up_all(data: Path, folder: Path, wanted: KeptSources = USUAL) -> SourcesRead:
    """Return every figure of outcomes.csv with its place in the files in `folder` that reports.csv names.

    `wanted` says whether places are shown as pictures, and whether scans are read by OCR.
    """
    extracted = data / "extracted"
    reports, outcomes = read_rows(extracted / "reports.csv"), read_rows(extracted / "outcomes.csv")
    columns = number_columns(extracted, "outcomes")
    rows = by_value(outcomes, "report")
    kept = kept_files(reports, folder)
    places: dict[str, list[LookedUpFigure]] = {}
    pictures, recorded, ocr = PlacePictures(wanted.pictures), dict[str, SourceFile](), recogniser(wanted)
    for report in reports:
        own = [_opened(one, ocr) for one in kept if report["report"] in one.reports]
        for row in rows[report["report"]]:
            places[row["result"]] = _of_row(row, asked_row(row, columns), own, pictures)
        recorded |= {one.kept.name: _recorded(one, wanted) for one in own if one.kept.name not in recorded}
        for one in own:
            one.close()
    files = tuple(recorded.get(one.name) or _recorded(_opened(one, None), wanted) for one in kept)
    figures = tuple(figure for row in outcomes for figure in places.get(row["result"], ()))
    return SourcesRead(figures, files, pictures.files)


@dataclass
class _Opened:
    """A kept file and what was read of it; `source` is None where it is not here, or cannot be read."""

    kept: KeptFile
    source: IndexedSource | None
    unreadable: str
    ocr: Recogniser | None = None

    def close(self) -> None:
        """Let go of the file."""
        if self.source:
            self.source.source.close()


def _opened(kept: KeptFile, ocr: Recogniser | None) -> _Opened:
    if not kept.here or not kept.reports:
        return _Opened(kept, None, "")
    try:
        return _Opened(kept, IndexedSource(open_source(kept.path, ocr)), "", ocr)
    except UnreadableSource as error:
        return _Opened(kept, None, str(error))
    except OSError:
        return _Opened(kept, None, "it cannot be opened. See who may read it.")


def _recorded(one: _Opened, wanted: KeptSources) -> SourceFile:
    source = one.source.source if one.source else None
    scanned = source.scanned if source else ()
    said = [*one.kept.said, *([one.unreadable] if one.unreadable else [])]
    if source and scanned:
        which = "it has no text" if len(scanned) == source.count else f"{_pages(scanned)} without text"
        said.append(f"{which}: a scan. {_of_a_scan(one, wanted)}")
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


def _of_a_scan(one: _Opened, wanted: KeptSources) -> str:
    if one.ocr:
        unread = one.ocr.unread(one.kept.sha256)
        nothing = f" Nothing could be read on {_named_pages(unread)}." if unread else ""
        return f"It was {READ_BY_OCR} ({one.ocr.version}), which misreads figures: compare them with the page.{nothing}"
    return " ".join(filter(None, ("Run OCR over it and keep the copy with text.", why_not(wanted))))


def _pages(numbers: tuple[int, ...]) -> str:
    return f"{_named_pages(numbers)} {'is' if len(numbers) == 1 else 'are'}"


def _named_pages(numbers: tuple[int, ...]) -> str:
    if len(numbers) == 1:
        return f"page {numbers[0]}"
    first = ", ".join(map(str, numbers[:FIRST]))
    more = f" and {len(numbers) - FIRST} more" if len(numbers) > FIRST else ""
    return f"pages {first}{more}"


def _of_row(row: Row, asked: AskedRow, own: list[_Opened], pictures: PlacePictures) -> list[LookedUpFigure]:
    legible = [one for one in own if one.source]
    if not legible:
        verdict, said = _why_not(own)
        computed = [unseen(asked, figure, SourceVerdict.COMPUTED, "") for figure in asked.computed]
        return [*(unseen(asked, figure, verdict, said) for figure in asked.figures), *computed]
    looked = [(one, one.source, look_up(asked, one.source)) for one in legible if one.source]
    best, source, found = min(looked, key=lambda one: sum(WORST_LAST.index(figure.verdict) for figure in one[2]))
    said = _other_file(row, legible)
    return [_read_by(told(asked, f, best.kept.name, source, pictures, said), best, source) for f in found]


def _read_by(figure: LookedUpFigure, opened: _Opened, source: IndexedSource) -> LookedUpFigure:
    """Return a figure with the program that read its page, or any page where it was looked for and not found."""
    if opened.ocr is None or not figure.looked_up:
        return figure
    pages = [int(figure.page_found)] if figure.page_found else range(1, source.count + 1)
    recognised = any(source.source.page(number).recognised for number in pages)
    return replace(figure, read_by=opened.ocr.version) if recognised else figure


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


def in_lines(read: SourcesRead) -> list[str]:
    """Return what a person is told: what is wrong with files, and how many figures were found where."""
    lines = [f"{one.file}: {one.said}" for one in read.files if one.said]
    counted = Counter(figure.verdict for figure in read.figures)
    return [*lines, *_counted(counted)]


def _counted(counted: Counter[SourceVerdict]) -> Iterable[str]:
    if set(counted) <= {SourceVerdict.NO_SOURCE, SourceVerdict.COMPUTED}:
        return ["No source is kept: no figure is looked up. data/raw/sources holds them (docs/sources.md)."]
    return [f"{_figures(counted[verdict])}: {verdict.said}" for verdict in SourceVerdict if counted[verdict]]


def _figures(count: int) -> str:
    return "1 figure" if count == 1 else f"{count} figures"
