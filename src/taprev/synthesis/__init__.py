"""Pool the effects of a domain, count its directions, and say what cannot be said.

The fits are loaded when they are asked for, so that reading results loads no numerical library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from taprev.synthesis.kernels.random_effects import random_effects, random_effects_batch

__all__ = ["random_effects", "random_effects_batch"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module("taprev.synthesis.kernels.random_effects"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
