"""The effect-size formulas, as in metafor's `escalc` (Viechtbauer 2010, J Stat Softw 36(3)).

Arm 1 is the programme, or after; arm 2 the comparator, or before. Variances are the large-sample ones
(`vtype = "LS"`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real


@dataclass(frozen=True)
class EffectSize:
    """An effect and its sampling variance, in the units of its measure."""

    measure: str
    yi: float
    vi: float


def hedges_j(m: float) -> float:
    """Return the exact small-sample correction J(m) = G(m/2) / (sqrt(m/2) G((m-1)/2)) for m > 1 degrees of freedom.

    Hedges 1981, J Educ Stat 6:107.
    """
    if m <= 1:
        raise ValueError(f"the correction J needs more than 1 degree of freedom, found {m:g}")
    return math.exp(math.lgamma(m / 2) - math.log(math.sqrt(m / 2)) - math.lgamma((m - 1) / 2))


def md(mean_arm1, sd_arm1, n_arm1, mean_arm2, sd_arm2, n_arm2) -> tuple[float, float]:
    """Return the mean difference and its variance sd1^2/n1 + sd2^2/n2."""
    return mean_arm1 - mean_arm2, sd_arm1**2 / n_arm1 + sd_arm2**2 / n_arm2


def smd(mean_arm1, sd_arm1, n_arm1, mean_arm2, sd_arm2, n_arm2) -> tuple[float, float]:
    """Return Hedges' g with the pooled standard deviation, and its variance."""
    df = n_arm1 + n_arm2 - 2
    pooled_sd = math.sqrt(((n_arm1 - 1) * sd_arm1**2 + (n_arm2 - 1) * sd_arm2**2) / df)
    return smd_from_g(hedges_j(df) * (mean_arm1 - mean_arm2) / pooled_sd, n_arm1, n_arm2)


def smd_from_g(g: float, n_arm1: float, n_arm2: float, factor: float = 1.0) -> tuple[float, float]:
    """Return g and its variance factor^2 (1/n1 + 1/n2) + g^2 / (2 (n1 + n2)); the factor is 1 for raw scores."""
    return g, factor**2 * (1 / n_arm1 + 1 / n_arm2) + g**2 / (2 * (n_arm1 + n_arm2))


def smd_from_t(t: float, n_arm1: float, n_arm2: float, factor: float = 1.0) -> tuple[float, float]:
    """Return g = J(n1 + n2 - 2) t sqrt(1/n1 + 1/n2) factor, and its variance.

    `factor` turns the standard deviation behind t into that of raw scores: sqrt(2 (1 - r)) for change scores,
    sqrt(1 - r^2) for residuals of a model that adjusts for the score before.
    """
    d = t * math.sqrt(1 / n_arm1 + 1 / n_arm2) * factor
    return smd_from_g(hedges_j(n_arm1 + n_arm2 - 2) * d, n_arm1, n_arm2, factor)


def smcr(mean_arm1, mean_arm2, sd_arm2, n_arm1, r_pre_post, sd_arm1=None) -> tuple[float, float]:
    """Return the standardised mean change in units of the SD before, J(n-1) (after - before) / sd_before.

    The SD after (`sd_arm1`) may be given and is not used.
    Becker 1988, Br J Math Stat Psychol 41:257; raw-score standardisation.
    """
    return smcr_from_g(hedges_j(n_arm1 - 1) * (mean_arm1 - mean_arm2) / sd_arm2, n_arm1, r_pre_post)


def smcr_from_g(g: float, n_arm1: float, r_pre_post: float) -> tuple[float, float]:
    """Return a standardised mean change and its variance 2 (1 - r) / n + g^2 / (2 n)."""
    return g, 2 * (1 - r_pre_post) / n_arm1 + g**2 / (2 * n_arm1)


def smcr_from_t(t: float, n_arm1: float, r_pre_post: float) -> tuple[float, float]:
    """Return the standardised mean change J(n-1) (t / sqrt(n)) sqrt(2 (1 - r)) from a paired t."""
    g = hedges_j(n_arm1 - 1) * t / math.sqrt(n_arm1) * math.sqrt(2 * (1 - r_pre_post))
    return smcr_from_g(g, n_arm1, r_pre_post)


def generic(yi: float, vi: float | None = None, se: float | None = None) -> tuple[float, float]:
    """Return an effect that is known with its variance or its standard error."""
    if (vi is None) == (se is None):
        raise ValueError("GEN needs either vi or se")
    return yi, vi if vi is not None else se**2


FORMULAS = {
    "MD": (md,),
    "SMD": (smd, smd_from_t, smd_from_g),
    "SMCR": (smcr, smcr_from_t, smcr_from_g),
    "GEN": (generic,),
}


def effect_size(measure: str, **figures: float) -> EffectSize:
    """Return `yi` and `vi` of one study for a measure: MD, SMD, SMCR or GEN.

    The figures carry the names of `outcomes.csv`: means, SDs and n; or `t` with n; or `g` with n; for SMCR
    also `r_pre_post`; for GEN `yi` with `vi` or `se`. Raises ValueError with a sentence for an unknown
    measure, figures that do not belong to it, and figures no study can have.
    """
    if measure not in FORMULAS:
        raise ValueError(f"{measure!r} is not a measure; use one of {', '.join(FORMULAS)}")
    _refuse_impossible(figures)
    for formula in FORMULAS[measure]:
        try:
            yi, vi = formula(**figures)
        except TypeError:
            continue
        except OverflowError:
            yi = vi = math.inf
        if not (math.isfinite(yi) and math.isfinite(vi) and vi > 0):
            raise ValueError(f"{measure} of these figures has no positive, finite variance")
        return EffectSize(measure, float(yi), float(vi))
    raise ValueError(f"{measure} cannot be had from {', '.join(sorted(figures)) or 'nothing'}")


def _refuse_impossible(figures: dict[str, float]) -> None:
    for name, value in figures.items():
        if not isinstance(value, Real) or not math.isfinite(value):
            raise ValueError(f"{name} must be a finite number, found {value}")
        if (name.startswith("sd_") or name in ("vi", "se")) and value <= 0:
            raise ValueError(f"{name} must be above 0, found {value:g}")
        if name.startswith("n_") and value < 2:
            raise ValueError(f"{name} must be at least 2, found {value:g}")
        if name == "r_pre_post" and not -1 < value < 1:
            raise ValueError(f"{name} must lie between -1 and 1, found {value:g}")
