"""Where the figures of a domain are, under names that still identify them when they are copied elsewhere."""

from __future__ import annotations

import re

FOREST = "forest"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def figure_stem(domain: str, figure: str) -> str:
    """Return the name of a figure's files without ending, such as `sleep_forest`.

    Raises ValueError where a domain is no plain name and could lead out of its folder.
    """
    if not _PLAIN.fullmatch(domain):
        raise ValueError(f"the domain {domain!r} cannot name a file: use letters, digits, _ and - only")
    return f"{domain}_{figure}"


def figure_place(domain: str, figure: str) -> str:
    """Return the path of a figure in the folder of figures, without ending: in the folder of its domain."""
    return f"{domain}/{figure_stem(domain, figure)}"
