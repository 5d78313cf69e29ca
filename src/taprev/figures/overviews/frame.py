"""What the figures of a whole review share: their head, their foot, their seal and their files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from taprev.drawing import saving, theme
from taprev.drawing.page import Page
from taprev.drawing.paging import page_title
from taprev.wording import labels, sentences

Body = Callable[[Page, float], float]


@dataclass(frozen=True)
class ReviewFigure:
    """A figure of the whole review: its name, what draws each of its pages, its sentences, and its twin as CSV text.

    The seal of such a figure is the first eight hex digits of the SHA-256 of its twin, which holds all it draws.
    """

    stem: str
    title: str
    subtitle: str
    bodies: tuple[Body, ...]
    words: tuple[str, ...]
    twin: str

    @property
    def domain(self) -> str:
        """The name under which the figure is sealed."""
        return self.stem

    @property
    def seal(self) -> str:
        """The seal of what is drawn."""
        return hashlib.sha256(self.twin.encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Imprint:
    """What is printed on every figure of a review: its title, what its evidence is, and the version that drew it."""

    review: str
    evidence_set: str
    version: str


def draw_review_figure(
    overview: ReviewFigure, imprint: Imprint, out_dir: Path, formats: Sequence[str] = ()
) -> list[Path]:
    """Write a figure of the review with its data and its alternative text.

    Parameters
    ----------
    overview : ReviewFigure
    imprint : Imprint
    out_dir : Path
        The folder of the files; each is replaced as a whole or not at all.
    formats : sequence of str, optional
        What is wanted besides SVG, PNG and PDF.

    Returns
    -------
    list of Path
        The figure as .svg, .png, .pdf, .csv and .txt, further pages as _2.svg and so on; those of an earlier run that
        are no longer drawn are removed.
    """
    words, count = alternative_text(overview, imprint), len(overview.bodies)
    with theme.style():
        drawn = (figure(overview, imprint, number) for number in range(1, count + 1))
        kinds = saving.kinds_of(formats)
        pictures = saving.pictures(drawn, overview.title, words, overview, count, kinds)
    files = {**pictures, ".csv": overview.twin.encode(), ".txt": f"{words}\n".encode()}
    made = saving.write(out_dir, overview.stem, files)
    saving.remove_left_over(out_dir, [overview.stem], made)
    return made


def figure(overview: ReviewFigure, imprint: Imprint, number: int = 1) -> Figure:
    """Return a drawn page of the figure; call it within `theme.style()`."""
    page = Page()
    title = page_title(overview.title, number, len(overview.bodies))
    y = _head(page, title, f"{labels.clean(imprint.review)} · {overview.subtitle}")
    y = overview.bodies[number - 1](page, y + 14)
    for text in _closing(overview, imprint):
        y = page.block(text, y + 6) - 4
    return page.close(y + theme.MARGIN)


def alternative_text(overview: ReviewFigure, imprint: Imprint) -> str:
    """Return what the data of a figure say, in sentences."""
    evidence, made_by = _closing(overview, imprint)
    return " ".join([f"{overview.title}. {labels.clean(imprint.review)}.", *overview.words, evidence, f"{made_by}."])


def _closing(overview: ReviewFigure, imprint: Imprint) -> tuple[str, str]:
    return sentences.sentence(imprint.evidence_set), f"taprev {imprint.version} · seal {overview.seal}"


def _head(page: Page, title: str, subtitle: str) -> float:
    room, base = page.right - page.left, theme.MARGIN + 20
    base += 27 * page.paragraph(page.left, base, title, theme.TITLE, room, 27) - 2
    return base + 18 * page.paragraph(page.left, base, subtitle, theme.SUBTITLE, room, 18) - 6
