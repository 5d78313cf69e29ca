"""A difference as text for the screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from taprev.provenance.diff.changes import OUTCOMES
from taprev.provenance.diff.results import ChangeShare, Difference, Move, RowChange
from taprev.wording import labels

WIDEST = 72
MOST_PARTS = 12
ROUNDED = "Changes and their parts are rounded here, so the last digit may not add up; the JSON has them in full."


def difference_text(made: Difference) -> str:
    """Return the difference as lines: what changed, which numbers moved and why, and what follows."""
    sections = (
        ("Settings", [[setting.name, _change(setting.old_text, setting.new_text)] for setting in made.settings]),
        ("Columns of the codebook", [[column.change, f"{column.table}, {column.column}"] for column in made.columns]),
        ("Results", _rows(row for row in made.rows if row.table == OUTCOMES)),
        ("Other tables", _rows(row for row in made.rows if row.table != OUTCOMES)),
    )
    lines = [f"{_clip(made.old.label)}  →  {_clip(made.new.label)}", "", *made.said]
    for title, rows in sections:
        lines += _section(title, _aligned(rows))
    rounded = [ROUNDED] if any(move.parts and move.change == "moved" for move in made.moves) else []
    lines += _section("Pooled numbers", [*rounded, *(line for move in made.moves for line in _move(move))])
    lines += _section(
        "Conclusions",
        [
            line
            for conclusion in made.conclusions
            for line in (
                f"{_clip(conclusion.domain_label)}, {_clip(conclusion.stratum_label)}",
                f"  before  {labels.clean(conclusion.old)}",
                f"  now     {labels.clean(conclusion.new)}",
            )
        ],
    )
    lines += _section(
        "Fates of results",
        _aligned(
            [
                fate.result,
                fate.study,
                fate.domain,
                _change(_fate(fate.old, fate.old_reason), _fate(fate.new, fate.new_reason)),
            ]
            for fate in made.fates
        ),
    )
    lines += _section(
        "Counts",
        [
            line
            for count in made.counts
            for line in (
                f"{_clip(count.domain_label)}, {labels.clean(count.what)}",
                f"  before  {labels.clean(count.old)}",
                f"  now     {labels.clean(count.new)}",
            )
        ],
    )
    lines += _section(
        "Not computed",
        [
            f"{refusal.domain}, {_clip(refusal.edition)}: {labels.clean(refusal.why)}. Look at its rows and settings."
            for refusal in made.refused
        ],
    )
    return "\n".join(lines) + "\n"


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else []


def _aligned(rows: Iterable[list[str]]) -> list[str]:
    """Return rows of cells as lines; every column but the last is as wide as its widest cell."""
    table = [[labels.clean(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*(row[:-1] for row in table), strict=True)]
    return ["  ".join([*map(str.ljust, row, widths), row[-1]]).rstrip() for row in table]


def _rows(changes: Iterable[RowChange]) -> list[list[str]]:
    lines = []
    for change in changes:
        where = [change.domain] if change.table == OUTCOMES else [change.table]
        name = f"{change.was} → {change.row}" if change.was else change.row
        first = [change.change, *where, _clip(name), _clip(change.study)]
        cells = [f"{cell.column}: {_change(cell.old, cell.new)}" for cell in change.cells] or [""]
        lines += [[*first, cells[0]], *([*[""] * len(first), cell] for cell in cells[1:])]
    return lines


def _change(old: str, new: str) -> str:
    return f"{_clip(old) or '(empty)'} → {_clip(new) or '(empty)'}"


def _clip(text: str) -> str:
    text = labels.clean(text)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _fate(fate: str, reason: str) -> str:
    return f"{fate} ({reason})" if reason else fate


def _move(move: Move) -> Iterator[str]:
    if move.change == "unchanged" and not move.notes:
        return
    scale = f" (changes on the {labels.analysed_on(move.scale)})" if labels.back_transformed(move.scale) else ""
    sensitivity = "sensitivity: " if move.sensitivity else ""
    yield f"{_clip(move.domain_label)}, {sensitivity}{_clip(move.stratum_label)}: {move.change}{scale}"
    for name, number in (("before", move.old), ("now", move.new)):
        yield f"  {name:<7} " + (f"{number.text}, k = {number.k}" if number else "not pooled")
    if move.came or move.went:
        parts = [f"pooled now: {', '.join(move.came)}" if move.came else ""]
        parts.append(f"no longer pooled: {', '.join(move.went)}" if move.went else "")
        yield "  " + "; ".join(labels.clean(part) for part in parts if part)
    if move.whole is not None and move.parts:
        yield from (f"  {line}" for line in _aligned(_shares(move)))
    yield from (f"  {labels.clean(code)}" for code in move.notes)


def _shares(move: Move) -> Iterator[list[str]]:
    yield [move.whole_text, "the whole change"]
    moving = sorted((part for part in move.parts if part.part), key=lambda part: -abs(part.part or 0.0))
    yield from ([f"  {part.text}", _clip(part.said)] for part in moving[:MOST_PARTS])
    if len(moving) > MOST_PARTS:
        yield ["  ...", f"{len(moving) - MOST_PARTS} smaller parts (all stand in the JSON)"]
    undefined: list[ChangeShare] = [part for part in move.parts if part.part is None]
    yield from ([f"  {part.text}", f"{_clip(part.said)}: {part.why}"] for part in undefined)
    together = "together, beyond the sum of these parts (interaction)"
    yield [f"  {move.interaction_text}", together + (", with what is not defined alone" if undefined else "")]
    if move.code_text:
        yield [f"  {move.code_text}", "part of the code"]
    if still := sum(part.part == 0 for part in move.parts):
        yield ["  0", labels.count(still, "other change", "other changes") + ": no part in this number"]
