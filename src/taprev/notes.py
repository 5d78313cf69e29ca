"""A caution, a reason or an assumption: a code with its figures. The sentence is made in `wording.notes`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from taprev.vocabulary import NoteCode

Figure = float | int | str


@dataclass(frozen=True)
class Note:
    """What is to be said of a number or a row, and the figures that the sentence holds."""

    code: NoteCode
    figures: dict[str, Figure] = field(default_factory=dict)


def note(code: NoteCode, **figures: Figure) -> Note:
    """Return a note with its figures."""
    return Note(code, figures)


def unique(notes: Iterable[Note]) -> tuple[Note, ...]:
    """Return notes in their order, each once."""
    kept: list[Note] = []
    for entry in notes:
        if entry not in kept:
            kept.append(entry)
    return tuple(kept)


def notes_cell(notes: Iterable[Note]) -> str:
    """Return notes as the text of a CSV cell: JSON, or nothing where there is none."""
    plain = [asdict(entry) for entry in notes]
    return json.dumps(plain, ensure_ascii=False, allow_nan=False) if plain else ""


def read_notes(cell: str) -> tuple[Note, ...]:
    """Return the notes in a CSV cell."""
    return tuple(Note(NoteCode(entry["code"]), entry["figures"]) for entry in json.loads(cell or "[]"))
