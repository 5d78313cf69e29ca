"""Pool the effects of a domain, count its directions, and say what cannot be said."""

from taprev.synthesis.kernels.random_effects import random_effects, random_effects_batch

__all__ = ["random_effects", "random_effects_batch"]
