"""From extracted figures to effects: `yi` and `vi`, how each was derived, and the fate of every row."""

from taprev.effects.columns import EffectSizes, effect_sizes
from taprev.effects.measures import EffectSize, effect_size

__all__ = ["EffectSize", "EffectSizes", "effect_size", "effect_sizes"]
