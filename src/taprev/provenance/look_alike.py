"""Which figures a picture without its seal looks like: a screenshot, or a copy that a program saved anew.

The look of a picture is a perceptual hash: the signs, about their median, of the lowest frequencies of its cosine
transform (Zauner 2010, Implementation and Benchmarking of Perceptual Image Hash Functions, University of Applied
Sciences Upper Austria). It tells figures apart as an eye at a distance does, and proves nothing: another number in
small print has the same look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.fft import dctn

SIDE, KEPT = 96, 16
NEAREST = 24
"""Of 255 signs. JPEG copies of 47 figures at 35 to 130 % of the size differ in 14 at the most, no two figures of one
review in fewer than 38."""
SHAPE = 0.03
"""By how much the ratio of height and width of a copy may differ."""
MOST_NAMED = 5


@dataclass(frozen=True)
class Look:
    """What a picture looks like: its height over its width, and the signs of its transform."""

    shape: float
    signs: np.ndarray

    def distance(self, other: Look) -> int | None:
        """Return in how many signs another look differs; None where the pictures are of another shape."""
        if abs(self.shape / other.shape - 1) > SHAPE:
            return None
        return int(np.sum(self.signs != other.signs))


def look(picture: Path) -> Look | None:
    """Return what a picture looks like; None where the file is no picture that Pillow reads."""
    try:
        with Image.open(picture) as opened:
            shape = opened.height / opened.width
            opened.draft("L", (4 * SIDE, 4 * SIDE))
            grey = np.asarray(_on_paper(opened).resize((SIDE, SIDE), Image.Resampling.BOX), float)
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    low = dctn(grey, norm="ortho")[:KEPT, :KEPT].ravel()[1:]
    return Look(shape, low > np.median(low))


def _on_paper(picture: Image.Image) -> Image.Image:
    """Return a picture in shades of grey, on white where it has no colour."""
    if picture.mode in ("RGBA", "LA", "PA", "P"):
        coloured = picture.convert("RGBA")
        paper = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(paper, coloured).convert("L")
    return picture.convert("L")


def look_alikes(picture: Path, figures: Iterable[Path]) -> list[tuple[int, Path]]:
    """Return the figures that a picture looks like, each with its distance, the nearest first."""
    sought = look(picture)
    return sorted(_near(sought, figures), key=lambda one: (one[0], one[1].as_posix())) if sought else []


def _near(sought: Look, figures: Iterable[Path]) -> Iterator[tuple[int, Path]]:
    for figure in figures:
        seen = look(figure)
        apart = sought.distance(seen) if seen else None
        if apart is not None and apart <= NEAREST:
            yield apart, figure


def look_alike_words(found: list[tuple[int, Path]], results: Path) -> str:
    """Return which figures a picture looks like, and that this is no proof; nothing where it looks like none."""
    if not found:
        return ""
    names = [path.relative_to(results).as_posix() for _, path in found[:MOST_NAMED]]
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    one = "" if len(found) == 1 else "one of these: "
    return f"It looks like {one}{', '.join(names)}{more}, which is no proof: compare every number, or take that file."
