"""When a pooled number may be given a verdict."""

from __future__ import annotations

TWO_EFFECTS = 2


def bears_verdict(k: int) -> bool:
    """Return whether a pooled number of `k` effects may be given a verdict; two effects may not."""
    return k > TWO_EFFECTS
