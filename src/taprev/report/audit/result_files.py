"""The file of the audit pages in which a result stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def file_names(results: Iterable[str]) -> dict[str, str]:
    """Return the file of every result; names that differ in case alone are told apart by a number."""
    names: dict[str, str] = {}
    taken: Counter[str] = Counter()
    for result in results:
        taken[result.lower()] += 1
        again = taken[result.lower()]
        names[result] = f"result_{result}{'' if again == 1 else f'~{again}'}.html"
    return names
