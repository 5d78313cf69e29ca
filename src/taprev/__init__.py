"""taprev, the auditable review: from extracted outcomes to pooled numbers, and back to the printed figure."""

from __future__ import annotations

TYPE_CHECKING = False
"""True to who reads the types; `typing` itself would cost every command its loading."""
if TYPE_CHECKING:
    from taprev.interactive.meta import meta
    from taprev.interactive.review import read
    from taprev.interactive.scaled import location_scale

__version__ = "0.2.0"
__all__ = ["location_scale", "meta", "read"]


def __getattr__(name: str) -> object:
    """Load what is typed in Python when it is asked for, so that a command loads none of it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    room = {"location_scale": "scaled", "meta": "meta", "read": "review"}[name]
    return getattr(import_module(f"taprev.interactive.{room}"), name)
