"""What changed since the edition that the settings name as last published: `results/audit/changes.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from taprev.provenance.diff.difference import Difference, difference
from taprev.provenance.diff.editions import EditionError, present_edition, read_edition
from taprev.settings import read_settings

NONE_NAMED = (
    "No earlier edition is named (earlier in config/review.yaml), so there is nothing to compare with. "
    "taprev diff compares any two editions."
)
OWN_RESULTS = (
    "The settings name {word!r} as the earlier edition (earlier in config/review.yaml). It is this review itself, or "
    "lies in {results}/, which every run overwrites: it would be compared with itself. Name a git revision such as "
    "v1.0, or a copy of the published results that lies elsewhere."
)
UNREADABLE = "The earlier edition could not be read, so nothing is compared. {why}"


@dataclass(frozen=True)
class SinceEarlier:
    """What changed since the edition that the settings name: its name, what is said of it, and the difference."""

    earlier: str
    said: str
    difference: Difference | None


def refuse_own_results(word: str, results: Path) -> None:
    """Raise EditionError where the earlier edition is this review, or lies in the results that its run makes."""
    try:
        named, made = Path(word).resolve(), results.resolve()
        own = bool(word) and (named == made.parent or named.is_relative_to(made))
    except (OSError, ValueError, RuntimeError):
        return
    if own:
        raise EditionError([OWN_RESULTS.format(word=word, results=results.as_posix())])


def since_earlier(settings: Path, data: Path, results: Path) -> SinceEarlier:
    """Return what changed since the earlier edition.

    Where none is named, or where it cannot be read (a copy without its git history, say), `difference` is None
    and `said` says why. Raises SettingsError for settings that cannot be read, and EditionError where an edition is
    named and the present data cannot be read, or it lies in `results`, which the present run makes.
    """
    word = read_settings(settings).earlier
    if not word:
        return SinceEarlier(word, NONE_NAMED, None)
    refuse_own_results(word, results)
    present = present_edition(settings, data)
    try:
        earlier = read_edition(word)
    except EditionError as error:
        return SinceEarlier(word, UNREADABLE.format(why=" ".join(error.sentences)), None)
    made = difference(earlier, present)
    return SinceEarlier(word, " ".join(made.said), made)


def earlier_json(changes: SinceEarlier) -> str:
    """Return what `since_earlier` returned as JSON at full precision."""
    return json.dumps(asdict(changes), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


@cache
def adapter() -> TypeAdapter[SinceEarlier]:
    """Return the reader of `changes.json`, which also knows its JSON Schema."""
    return TypeAdapter(SinceEarlier)


def read_changes(path: Path) -> SinceEarlier:
    """Return what changed since the earlier edition, from its JSON file."""
    return adapter().validate_json(path.read_text(encoding="utf-8"))
