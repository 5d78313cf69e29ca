"""What the figures of a whole review share: their head, their foot, their seal and their files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from taprev.drawing import saving, theme
from taprev.drawing.page import Page
from taprev.figures.siblings import frame
from taprev.wording import labels, sentences


@dataclass(frozen=True)
class ReviewFigure:
    """A figure of the whole review: its name, the drawing of its body, its sentences, and its twin as CSV text.

    The seal of such a figure is the first eight hex digits of the SHA-256 of its twin, which holds all it draws.
    """

    stem: str
    title: str
    subtitle: str
    body: Callable[[Page, float], float]
    words: tuple[str, ...]
    twin: str

    @property
    def seal(self) -> str:
        """Return the seal of what is drawn."""
        return hashlib.sha256(self.twin.encode()).hexdigest()[:8]


@dataclass(frozen=True)
class Imprint:
    """What stands on every figure of a review: its title, what its evidence is, and the version that drew it."""

    review: str
    evidence_set: str
    version: str


def draw_review_figure(told: ReviewFigure, imprint: Imprint, out_dir: Path) -> list[Path]:
    """Write a figure of the review as .svg, .png, .pdf, .csv and .txt, and return the paths."""
    said = alternative_text(told, imprint)
    with theme.style():
        content = {"domain": told.stem, "seal": told.seal}
        pictures = saving.pictures(figure(told, imprint), told.title, said, content)
    files = {**pictures, ".csv": told.twin.encode(), ".txt": f"{said}\n".encode()}
    return saving.write(out_dir, told.stem, files)


def figure(told: ReviewFigure, imprint: Imprint) -> Figure:
    """Return the drawn figure; call it within `theme.style()`."""
    page = Page()
    y = _head(page, told.title, f"{labels.clean(imprint.review)} · {told.subtitle}")
    y = told.body(page, y + 14)
    for text in _closing(told, imprint):
        y = frame.line(page, text, y + 6, theme.SMALL, page.left) - 4
    return page.close(y + theme.MARGIN)


def alternative_text(told: ReviewFigure, imprint: Imprint) -> str:
    """Return what the data of a figure say, in sentences."""
    evidence, made_by = _closing(told, imprint)
    return " ".join([f"{told.title}. {labels.clean(imprint.review)}.", *told.words, evidence, f"{made_by}."])


def _closing(told: ReviewFigure, imprint: Imprint) -> tuple[str, str]:
    return sentences.sentence(imprint.evidence_set), f"taprev {imprint.version} · seal {told.seal}"


def _head(page: Page, title: str, subtitle: str) -> float:
    room, base = page.right - page.left, theme.MARGIN + 20
    base += 27 * page.paragraph(page.left, base, title, theme.TITLE, room, 27) - 2
    return base + 18 * page.paragraph(page.left, base, subtitle, theme.SUBTITLE, room, 18) - 6
