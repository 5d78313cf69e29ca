"""What changed between two editions of the review, as HTML: a body that other pages can hold, and a page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from taprev.report.templates import templates
from taprev.wording import labels

OUTCOMES = "outcomes"


def changes_body(difference: Mapping[str, Any], heading: int = 2) -> Markup:
    """Return a difference, as its JSON holds it, as HTML without a page around it; headings begin at `heading`."""
    return Markup(templates().get_template("changes.html").render(**_shown(difference), h=heading))


def changes_page(difference: Mapping[str, Any]) -> str:
    """Return a difference, as its JSON holds it, as a page that opens without a network."""
    return templates().get_template("changes_page.html").render(**_shown(difference), h=2)


def _shown(difference: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the template shows: rows by table, and the numbers that moved with their parts by size."""
    rows, moves = difference["rows"], difference["moves"]
    return {
        "d": difference,
        "results": [row for row in rows if row["table"] == OUTCOMES],
        "others": [row for row in rows if row["table"] != OUTCOMES],
        "moves": [_move(move) for move in moves if move["change"] != "unchanged" or move["notes"]],
    }


def _move(move: Mapping[str, Any]) -> dict[str, Any]:
    parts = move["parts"]
    return {
        **move,
        "moving": sorted((part for part in parts if part["part"]), key=lambda part: -abs(part["part"])),
        "undefined": [part for part in parts if part["part"] is None],
        "still": [part for part in parts if part["part"] == 0],
        "log": labels.is_ratio(move["scale"]),
    }
