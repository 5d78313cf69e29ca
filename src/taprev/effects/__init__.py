"""From extracted figures to effects: `yi` and `vi`, how each was derived, and the fate of every row.

What computes them is loaded when it is asked for, so that reading rows of effects loads no numerical library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from taprev.effects.columns import EffectSizes, effect_sizes
    from taprev.effects.measures import EffectSize, effect_size

__all__ = ["EffectSize", "EffectSizes", "effect_size", "effect_sizes"]


def __getattr__(name: str) -> object:
    if name in __all__:
        module = "columns" if name in ("EffectSizes", "effect_sizes") else "measures"
        return getattr(import_module(f"taprev.effects.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
