"""What the evidence map and the gap map say: cells, years, levels, and what an empty cell means."""

from __future__ import annotations

from collections.abc import Iterable

from taprev.vocabulary import Read, Vote
from taprev.wording import labels

NO_RESULT = "no result in this set"
NO_PROOF = f"{NO_RESULT}, which does not say that no evidence exists"
GAP = "no result in the headline review of this set"
GAP_NO_PROOF = f"{GAP}, which does not say that no evidence exists"
NOT_GIVEN = "not given"
NOT_HEADLINE = "not in the headline review"
WRONG_WAY = "went the wrong way"
SIGNS = {Vote.BETTER: "▲", Vote.WORSE: "▼", Vote.UNCLEAR: "◆"}
"""A sign of its own shape for each direction, so that none is told by colour alone."""
COLUMNS = {"scope": "kind of programme"}
COUNTS = "studies in the headline review with a result"
IGNORED = "Directions are counted, never significance; a count ignores how large an effect is and how certain."


def level(name: str) -> str:
    """Return a value of a table as readers see it, `primary care` for `primary_care`."""
    return labels.clean(name.replace("_", " ")) or NOT_GIVEN


def read_level(kind: Read) -> str:
    """Return how much was read as the value of a filter."""
    return "not recorded" if kind == Read.NOT_CODED else kind.said


def column(name: str) -> str:
    """Return what the columns of the map are, `kind of programme` for `scope`."""
    return COLUMNS.get(name, level(name))


def printed_only(shown: Iterable[str], usable: bool) -> str:
    """Return what is printed of a study that has no number of its own here, and whether its magnitude is usable."""
    return f"{'as printed' if usable else 'no usable magnitude'}: {'; '.join(shown)}"


def years(known: Iterable[float | None]) -> str:
    """Return the span of years of studies, `2005 to 2025`; empty where none is known."""
    given = sorted({int(year) for year in known if year is not None})
    if not given:
        return ""
    return str(given[0]) if len(given) == 1 else f"{given[0]} to {given[-1]}"


def wrong_ways(number: int) -> str:
    """Return how many results went the wrong way, and where each is named; empty for none."""
    return f"{labels.count(number, 'result', 'results')} {WRONG_WAY}; the report names each." if number else ""
