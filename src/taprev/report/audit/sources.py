"""What the audit pages say of sources: where each figure is printed, and which files are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from taprev.extraction.looked_up import PLACES, READ_BY_OCR, LookedUpFigure, SourceFile
from taprev.vocabulary import LOOKED_UP, SourceVerdict, SpelledAs

View = dict[str, Any]
PICTURES = f"../{PLACES}/"
AS_USUAL = ("", SpelledAs.ALIKE)


def is_kept(figures: Iterable[LookedUpFigure]) -> bool:
    """Return whether any source was to be looked into."""
    return any(figure.verdict not in (SourceVerdict.NO_SOURCE, SourceVerdict.COMPUTED) for figure in figures)


def places(figures: list[LookedUpFigure]) -> dict[str, View]:
    """Return where the figures of a result stand, by their column; nothing where no source is kept of it."""
    return {figure.column: place(figure) for figure in figures} if is_kept(figures) else {}


def place(figure: LookedUpFigure) -> View:
    """Return where a figure stands: the verdict in words, the words around it, its picture and what that shows."""
    page = f"page {figure.page_found} of {figure.file}" if figure.page_found else figure.file
    verdict, spelled = figure.verdict.said, ""
    if figure.spelled not in AS_USUAL:
        spelled = f"printed {SpelledAs(figure.spelled).said}"
    read = f"{READ_BY_OCR} ({figure.read_by})" if figure.read_by else ""
    parts = (f"{verdict[:1].upper()}{verdict[1:]}", spelled, figure.said, page, read)
    return {
        **vars(figure),
        "where": ", ".join(filter(None, parts)),
        "picture": PICTURES + figure.picture if figure.picture else "",
        "shows": f"{page}, with {figure.printed} marked: {figure.before} {figure.printed} {figure.after}".strip(),
        "doubtful": figure.looked_up and not figure.in_place,
    }


def sources_page(figures: list[LookedUpFigure], files: list[SourceFile]) -> View:
    """Return what the page of sources shows: how many figures were found where, the files, and what is away."""
    counted = Counter(figure.verdict for figure in figures)
    away = [place(figure) for figure in figures if figure.looked_up and not figure.in_place]
    return {
        "counts": [(verdict.said, counted[verdict]) for verdict in SourceVerdict if counted[verdict]],
        "asked": sum(count for verdict, count in counted.items() if verdict in LOOKED_UP),
        "files": files,
        "away": away,
    }
