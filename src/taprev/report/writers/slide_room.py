"""How large the text of a slide can be, and what of it goes to the next slide; lengths are in points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from taprev.drawing.theme import Type
from taprev.drawing.typeset import wrap

LEADING, AFTER, INDENT = 1.3, 0.5, 20.0
SMALLER = {"lead": 1.25, "body": 1.0, "note": 0.72}
SIZES = (24.0, 22.0, 20.0, 18.0, 16.0, 14.0)
TITLES = (30.0, 26.0, 22.0, 18.0, 16.0)


@dataclass(frozen=True)
class SlideText:
    """A text of a slide: its kind (lead, body or note), and whether it is an item of a list."""

    text: str
    kind: str = "body"
    item: bool = False

    def size(self, body: float) -> float:
        """The size of its type where that of the body is given, rounded to half a point and never below 10."""
        return max(round(2 * body * SMALLER[self.kind]) / 2, 10.0)


def height(lines: Sequence[SlideText], body: float, width: float) -> float:
    """Return how high texts run at a size of the body."""
    return sum(_height(line, body, width) for line in lines)


def _height(line: SlideText, body: float, width: float) -> float:
    size = line.size(body)
    return (len(_wrapped(line, size, width)) * LEADING + AFTER) * size


@lru_cache(maxsize=256)
def _wrapped(line: SlideText, size: float, width: float) -> tuple[str, ...]:
    kind = Type(size, weight="bold" if line.kind == "lead" else "normal")
    return tuple(wrap(line.text, kind, width - (INDENT if line.item else 0.0), most=9999))


def largest(lines: Sequence[SlideText], width: float, room: float, sizes: Sequence[float] = SIZES) -> float | None:
    """Return the largest size of the body at which texts fit into a box; None where none does."""
    return next((size for size in sizes if height(lines, size, width) <= room), None)


def divided(lines: Sequence[SlideText], body: float, width: float, room: float) -> list[list[SlideText]]:
    """Return the texts of each slide at a size; a text that is higher than a slide is divided between its lines."""
    slides: list[list[SlideText]] = [[]]
    for line in (piece for whole in lines for piece in _pieces(whole, body, width, room)):
        if slides[-1] and height([*slides[-1], line], body, width) > room:
            slides.append([])
        slides[-1].append(line)
    return slides


def _pieces(line: SlideText, body: float, width: float, room: float) -> list[SlideText]:
    size = line.size(body)
    rows = _wrapped(line, size, width)
    most = max(int((room / size - AFTER) / LEADING), 1)
    starts = range(0, len(rows), most)
    return [SlideText(" ".join(rows[start : start + most]), line.kind, line.item) for start in starts]


def title_size(text: str, width: float, room: float, sizes: Sequence[float] = TITLES) -> float:
    """Return the size at which a title fits; the smallest where none does."""
    return next((size for size in sizes if _title_height(text, size, width) <= room), sizes[-1])


def title_fits(text: str, width: float, room: float) -> bool:
    """Return whether a title fits at its smallest size."""
    return _title_height(text, TITLES[-1], width) <= room


def _title_height(text: str, size: float, width: float) -> float:
    return len(wrap(text, Type(size, weight="bold"), width, most=9999)) * size * LEADING
