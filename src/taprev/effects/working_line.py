"""One line of the working of an effect, which those read who compute nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WorkingLine:
    """A line of a working: its name, its formula, the same with the numbers put in, and its value.

    `result` is the other row whose figures it takes, where it takes those of another.
    """

    name: str
    formula: str
    filled: str
    value: float
    result: str = ""
