"""What changed between two editions of the review, as HTML: a body that other pages can hold, and a page of its own."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from taprev.provenance.diff.results import Difference, Move
from taprev.report.templates import templates
from taprev.wording import labels

OUTCOMES = "outcomes"


def changes_body(difference: Difference, heading: int = 2) -> Markup:
    """Return a difference as HTML without a page around it; headings begin at `heading`."""
    return Markup(templates().get_template("changes.html").render(**_shown(difference), h=heading))


def changes_page(difference: Difference) -> str:
    """Return a difference as a page that opens without a network."""
    return templates().get_template("changes_page.html").render(**_shown(difference), h=2)


def _shown(difference: Difference) -> dict[str, Any]:
    """Return what the template shows: rows by table, and the numbers that moved with their parts by size."""
    return {
        "d": difference,
        "results": [row for row in difference.rows if row.table == OUTCOMES],
        "others": [row for row in difference.rows if row.table != OUTCOMES],
        "moves": [_move(move) for move in difference.moves if move.change != "unchanged" or move.notes],
    }


def _move(move: Move) -> dict[str, Any]:
    return {
        **vars(move),
        "moving": sorted((part for part in move.parts if part.part), key=lambda part: -abs(part.part or 0.0)),
        "undefined": [part for part in move.parts if part.part is None],
        "still": [part for part in move.parts if part.part == 0],
        "on": labels.analysed_on(move.scale) if labels.back_transformed(move.scale) else "",
    }
