"""What is read of a source: its pages, and on each the words with their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Rectangle:
    """A rectangle; the unit is a point, and `top` is less than `bottom`."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        """The middle from left to right."""
        return (self.left + self.right) / 2

    def around(self, other: Rectangle) -> Rectangle:
        """Return the least rectangle that holds both."""
        return Rectangle(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


@dataclass(frozen=True)
class PrintedWord:
    """A word between spaces, in the order of the text.

    `frame` is its place as one reads it, turned where the print is turned, `place` its place on the page as shown, or
    None where a source has no pages. `turned` is the direction of its print, and `line` the line of the text.
    """

    text: str
    frame: Rectangle
    place: Rectangle | None
    turned: int
    line: int


@dataclass(frozen=True)
class SourcePage:
    """A page: its number in the file, the number it bears in the file's own count, its words, and if OCR read them."""

    number: int
    label: str
    words: tuple[PrintedWord, ...]
    recognised: bool = False

    @cached_property
    def rows(self) -> tuple[tuple[int, ...], ...]:
        """The words that stand side by side, from left to right, by their index; the rows from top to bottom."""
        rows: list[tuple[int, ...]] = []
        for turned in sorted({word.turned for word in self.words}):
            rows += _side_by_side(self.words, [i for i, word in enumerate(self.words) if word.turned == turned])
        return tuple(rows)


def _side_by_side(words: Sequence[PrintedWord], own: list[int]) -> list[tuple[int, ...]]:
    """Return the rows of words of one direction: those whose feet are less than a third of their height apart."""
    rows: list[list[int]] = []
    foot = 0.0
    for i in sorted(own, key=lambda i: words[i].frame.bottom):
        frame = words[i].frame
        if not rows or frame.bottom - foot > max(1.0, (frame.bottom - frame.top) / 3):
            rows.append([])
            foot = frame.bottom
        rows[-1].append(i)
    return [tuple(sorted(row, key=lambda i: words[i].frame.left)) for row in rows]
