"""Figures that do not stand in their source where their row stands; nothing is asked where no source is kept."""

from __future__ import annotations

from collections.abc import Iterator

from taprev.extraction.looked_up import READ_BY_OCR, LookedUpFigure
from taprev.extraction.plausibility.query import ExtractedTables, RowFinding
from taprev.vocabulary import SourceVerdict

READ_IT = "Read it again there."


def figure_not_in_source(tables: ExtractedTables) -> Iterator[RowFinding]:
    """A figure is not printed in the source that is kept of its report."""
    studies = _studies(tables)
    for figure in tables.looked_up:
        if figure.verdict == SourceVerdict.NOT_FOUND:
            other = f" ({figure.said}: {_printed(figure)})" if figure.printed else ""
            found = f"found {figure.value}, which is not in the source{_by_ocr(figure)}{other}."
            yield _finding(studies, figure, found, READ_IT)


def figure_away_from_its_row(tables: ExtractedTables) -> Iterator[RowFinding]:
    """A figure stands in its source, but not where the other figures of its row stand, or on another page."""
    studies = _studies(tables)
    anchored = {figure.result for figure in tables.looked_up if figure.in_place}
    for figure in tables.looked_up:
        if figure.verdict == SourceVerdict.ON_PAGE and figure.result in anchored:
            stands = f"which stands apart from the row's other figures{_by_ocr(figure)}"
            found = f"found {figure.value}, {stands}: {_printed(figure)}."
            yield _finding(studies, figure, found, "Is it of another arm, row or time?")
        elif figure.verdict == SourceVerdict.OTHER_PAGE:
            asked = f"not on page {figure.page} but " if figure.page else ""
            where = f"on page {figure.page_found} of {figure.file}{_by_ocr(figure)}"
            found = f"found {figure.value}, {asked}{where}: {_printed(figure)}."
            yield _finding(studies, figure, found, "Which place is meant?")


def _by_ocr(figure: LookedUpFigure) -> str:
    return f" ({READ_BY_OCR}, which misreads figures)" if figure.read_by else ""


def _printed(figure: LookedUpFigure) -> str:
    return f'"{" ".join(filter(None, (figure.before, figure.printed, figure.after)))}"'


def _studies(tables: ExtractedTables) -> dict[str, str]:
    return {row["result"]: row["study"] for row in tables.rows}


def _finding(studies: dict[str, str], figure: LookedUpFigure, found: str, ask: str) -> RowFinding:
    return RowFinding(figure.result, studies.get(figure.result, ""), figure.column, found, ask)
