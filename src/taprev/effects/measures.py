"""The effect measures by name, as in metafor's `escalc` (Viechtbauer 2010, J Stat Softw 36(3)).

Arm 1 is the programme, or after; arm 2 is the comparator, or before. Variances are the large-sample ones
(`vtype = "LS"`), and nothing is ever added to a cell (`add = 0`).
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real

from taprev.effects import changes, correlations, counts, matched, means, medians
from taprev.effects.hedges import hedges_j

__all__ = ["MEASURES", "EffectSize", "effect_size", "hedges_j"]


@dataclass(frozen=True)
class EffectSize:
    """An effect and its sampling variance, in the units of its measure."""

    measure: str
    yi: float
    vi: float


MeasureFormula = Callable[..., tuple[float, float]]
MEASURES: dict[str, tuple[MeasureFormula, ...]] = {
    "MD": (means.md,),
    "SMD": (means.smd, means.smd_from_t, means.smd_from_g, means.smd_from_change),
    "SMDH": (means.smdh,),
    "SMD1": (means.smd1,),
    "SMD1H": (means.smd1h,),
    "D2ORL": (means.log_odds_of_d,),
    "D2ORN": (means.log_odds_of_d_normal,),
    "ROM": (means.rom,),
    "MN": (means.mn,),
    "SMCR": (changes.smcr, changes.smcr_from_t, changes.smcr_from_g, changes.smcr_from_change),
    "SMCRH": (changes.smcrh,),
    "SMCC": (changes.smcc, changes.smcc_from_t, changes.smcc_from_change),
    "MC": (changes.mc, changes.mc_from_change),
    "ROMC": (changes.romc,),
    "PPC": (changes.ppc,),
    "OR": (counts.odds_ratio,),
    "OR2DL": (counts.d_of_odds_ratio,),
    "OR2DN": (counts.d_of_odds_ratio_normal,),
    "RR": (counts.risk_ratio,),
    "RD": (counts.risk_difference,),
    "PETO": (counts.peto_odds_ratio,),
    "IRR": (counts.rate_ratio,),
    "IRD": (counts.rate_difference,),
    "MPRD": (matched.risk_difference,),
    "MPRR": (matched.risk_ratio,),
    "MPOR": (matched.odds_ratio,),
    "MPORC": (matched.conditional_odds_ratio,),
    "MPPETO": (matched.peto_odds_ratio,),
    "PR": (counts.proportion,),
    "PLN": (counts.log_proportion,),
    "PLO": (counts.logit_proportion,),
    "PAS": (counts.arcsine_proportion,),
    "PFT": (counts.freeman_tukey_proportion,),
    "IRLN": (counts.log_rate,),
    "COR": (correlations.correlation,),
    "ZCOR": (correlations.fisher_z,),
    "GEN": (means.generic,),
}
LEAST = {"n": 2, "totaln": 1, "event": 0, "count": 0}
ABOVE_ZERO = ("sd", "sd_change", "sd_pre", "time", "vi", "se", "factor", "overdispersion")


def _names(formula: MeasureFormula) -> tuple[frozenset[str], frozenset[str]]:
    parameters = inspect.signature(formula).parameters
    needed = frozenset(name for name, p in parameters.items() if p.default is inspect.Parameter.empty)
    return needed, frozenset(parameters)


TAKES = {formula: _names(formula) for formulas in MEASURES.values() for formula in formulas}
FIGURE_NAMES = medians.NAMES.union(*(taken for _, taken in TAKES.values()))
"""Every figure that some measure takes."""


def effect_size(measure: str, **figures: float) -> EffectSize:
    """Return `yi` and `vi` of one study for a measure of `escalc`, or for PPC.

    Parameters
    ----------
    measure : str
        One of `MEASURES`.
    **figures : float
        The figures of the study under the names of `outcomes.csv`:

        - MD, SMD, SMDH, SMD1, SMD1H, ROM, D2ORL, D2ORN (two groups): means, SDs and n; SMD also from `t` or `g` with
          n, or from change scores with `r_pre_post`.
        - SMCR, SMCRH, SMCC, MC, ROMC (one group twice): means, SDs, `n_arm1` and `r_pre_post`; SMCR and SMCC also `t`,
          and they and MC change scores.
        - PPC: `mean_pre_arm1 mean_post_arm1 sd_pre_arm1 n_arm1`, the same of arm 2, and `r_pre_post`.
        - OR, RR, RD, PETO, OR2DL, OR2DN: events and totals.
        - MPRD, MPRR, MPOR, MPORC, MPPETO (pairs): `count_both count_arm1 count_arm2 count_neither`.
        - IRR, IRD: counts and person-time; IRLN those of arm 1.
        - PR, PLN, PLO, PAS, PFT: events and total of arm 1.
        - MN: mean, SD and n of arm 1.
        - COR, ZCOR: `r` (`pearson_r` in the table) and `n_arm1`.
        - GEN: `yi` with `vi` or `se`.

        A median with quartiles (`q1_arm1 q3_arm1`), extremes (`min_arm1 max_arm1`) or both may replace the mean and
        SD of an arm.

    Returns
    -------
    EffectSize
        The effect and its variance, in the units of the measure.

    Raises
    ------
    ValueError
        For an unknown measure, figures that do not belong to it, figures that no study can have, and cells of zero
        if the measure does not exist for them.
    """
    if measure not in MEASURES:
        raise ValueError(f"{measure!r} is not a measure; use one of {', '.join(MEASURES)}")
    yi, vi = with_any_variance(measure, sound_figures(figures))
    if not (math.isfinite(yi) and math.isfinite(vi) and vi > 0):
        raise ValueError(f"{measure} of these figures has no positive, finite variance")
    return EffectSize(measure, float(yi), float(vi))


def sound_figures(figures: dict[str, float]) -> dict[str, float]:
    """Return the figures of a study as a measure takes them, with means in place of medians.

    Parameters
    ----------
    figures : dict of str to float
        As in `effect_size`.

    Returns
    -------
    dict of str to float

    Raises
    ------
    ValueError
        For figures that no study can have.
    """
    return medians.means_of_medians(_possible(figures))


def with_any_variance(measure: str, figures: dict[str, float]) -> tuple[float, float]:
    """Return `yi` and `vi` of a measure, infinite where they overflow, and a variance that may be zero.

    Parameters
    ----------
    measure : str
        One of `MEASURES`.
    figures : dict of str to float
        As `sound_figures` returns them.

    Returns
    -------
    tuple of float

    Raises
    ------
    ValueError
        For figures that do not belong to the measure, and where it does not exist for them.
    """
    for formula in MEASURES[measure]:
        needed, taken = TAKES[formula]
        if needed <= figures.keys() <= taken:
            try:
                return formula(**figures)
            except ArithmeticError:
                return math.inf, math.inf
    raise ValueError(f"{measure} cannot be had from {', '.join(sorted(figures)) or 'nothing'}")


def _possible(figures: dict[str, float]) -> dict[str, float]:
    """Return the figures as floats, or raise ValueError for one that no study can have."""
    known = {name: _finite(name, value) for name, value in figures.items()}
    for name, value in known.items():
        kind = re.sub("_(arm1|arm2|both|neither)$", "", name)
        if kind in ABOVE_ZERO and value <= 0:
            raise ValueError(f"{name} must be above 0, found {value:g}")
        if kind in LEAST and value < LEAST[kind]:
            raise ValueError(f"{name} must be at least {LEAST[kind]}, found {value:g}")
        if kind in ("r_pre_post", "r") and not -1 < value < 1:
            raise ValueError(f"{name} must lie between -1 and 1, found {value:g}")
        if kind == "event" and value > known.get(f"totaln{name[5:]}", math.inf):
            total = f"totaln{name[5:]}"
            raise ValueError(f"{name} is {value:g}, above {total}, which is {known[total]:g}")
    return known


def _finite(name: str, value: object) -> float:
    try:
        number = float(value) if isinstance(value, Real) else math.nan
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name} must be a finite number, found {value}")
    return number
