"""Figures that would say nothing, and why."""

from __future__ import annotations

from dataclasses import dataclass

NOT_DRAWN = "not_drawn.csv"


@dataclass(frozen=True)
class NotDrawn:
    """A figure that would say nothing of a domain, or of the whole review, and why."""

    domain: str
    figure: str
    reason: str
