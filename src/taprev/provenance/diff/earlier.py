"""What changed since the edition that the settings name as last published: `results/audit/changes.json`."""

from __future__ import annotations

from pathlib import Path

from taprev.provenance.diff.editions import EditionError, present_edition, read_edition, refuse_own_results
from taprev.provenance.diff.results import SinceEarlier
from taprev.settings import read_settings

NONE_NAMED = (
    "No earlier edition is named (earlier in config/review.yaml), so there is nothing to compare with. "
    "taprev diff compares any two editions."
)
UNREADABLE = "The earlier edition could not be read, so nothing is compared. {why}"


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
    # Loaded here, since most reviews name no earlier edition and need nothing that computes one.
    from taprev.provenance.diff.difference import difference

    present = present_edition(settings, data)
    try:
        earlier = read_edition(word)
    except EditionError as error:
        return SinceEarlier(word, UNREADABLE.format(why=" ".join(error.sentences)), None)
    made = difference(earlier, present)
    return SinceEarlier(word, " ".join(made.said), made)
