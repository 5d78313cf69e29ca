"""Other sampling variances than the large-sample ones, by the names of metafor's `escalc` (`vtype`).

UB is unbiased, LS2 the other large-sample variance of a standardised difference, HO takes the arms to have one
variance, AV puts the weighted average of all studies into the formula, and AVHO does both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from taprev.effects.hedges import hedges_j
from taprev.vocabulary import VarianceType

Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class VarianceKind:
    """The variance of effects `yi` from columns of figures, and the names of the figures that it takes."""

    needs: tuple[str, ...]
    formula: Callable[[Columns, np.ndarray], np.ndarray]


def variance_kind(measure: str, vtype: str) -> VarianceKind | None:
    """Return the variance of a measure, None for the large-sample one, which the measure itself has.

    Parameters
    ----------
    measure : str
        One of `measures.MEASURES`.
    vtype : str
        A `VarianceType`.

    Returns
    -------
    VarianceKind or None

    Raises
    ------
    ValueError
        For an unknown type, and for one that the measure does not have.

    References
    ----------
    Viechtbauer 2010, Journal of Statistical Software 36(3), `escalc`; UB of SMD: Hedges 1983, Psychological Bulletin
    93:388-395.
    """
    if vtype not in set(VarianceType):
        raise ValueError(f"vtype is {vtype!r}; it must be one of {', '.join(VarianceType)}")
    if vtype == VarianceType.LS or (measure, vtype) == ("MD", VarianceType.UB):
        return None
    kinds = {str(name): kind for (of, name), kind in KINDS.items() if of == measure}
    if vtype not in kinds:
        raise ValueError(f"{measure} has no variance of the type {vtype}; it has {', '.join(['LS', *kinds])}")
    return kinds[vtype]


def _average(values: np.ndarray, weights: np.ndarray) -> float:
    there = ~np.isnan(values)
    return float(np.sum(values[there] * weights[there]) / np.sum(weights[there]))


def _j(df: np.ndarray) -> np.ndarray:
    return np.array([hedges_j(float(m)) if m > 1 else np.nan for m in df])


def _inverse_sizes(of: Columns) -> np.ndarray:
    sizes: np.ndarray = 1 / of["n_arm1"] + 1 / of["n_arm2"]
    return sizes


def _pooled_square(of: Columns) -> np.ndarray:
    n1, n2 = of["n_arm1"], of["n_arm2"]
    square: np.ndarray = ((n1 - 1) * of["sd_arm1"] ** 2 + (n2 - 1) * of["sd_arm2"] ** 2) / (n1 + n2 - 2)
    return square


def _unit(of: Columns, glass: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the degrees of freedom of the standard deviation that is the unit, and the people behind it."""
    if glass:
        return of["n_arm2"] - 1, of["n_arm2"]
    people = of["n_arm1"] + of["n_arm2"]
    return people - 2, people


def _unbiased(glass: bool) -> Callable[[Columns, np.ndarray], np.ndarray]:
    def formula(of: Columns, yi: np.ndarray) -> np.ndarray:
        m, _ = _unit(of, glass)
        variance: np.ndarray = _inverse_sizes(of) + (1 - (m - 2) / (m * _j(m) ** 2)) * yi**2
        return variance

    return formula


def _second(glass: bool) -> Callable[[Columns, np.ndarray], np.ndarray]:
    def formula(of: Columns, yi: np.ndarray) -> np.ndarray:
        m, people = _unit(of, glass)
        variance: np.ndarray = _j(m) ** 2 * _inverse_sizes(of) + yi**2 / (2 * people)
        return variance

    return formula


def _averaged(glass: bool) -> Callable[[Columns, np.ndarray], np.ndarray]:
    def formula(of: Columns, yi: np.ndarray) -> np.ndarray:
        mean = _average(yi, of["n_arm1"] + of["n_arm2"])
        return _inverse_sizes(of) + mean**2 / (2 * _unit(of, glass)[1])

    return formula


def _change_second(of: Columns, yi: np.ndarray) -> np.ndarray:
    n = of["n_arm1"]
    variance: np.ndarray = _j(n - 1) ** 2 * 2 * (1 - of["r_pre_post"]) / n + yi**2 / (2 * n)
    return variance


def _change_of_changes_second(of: Columns, yi: np.ndarray) -> np.ndarray:
    n = of["n_arm1"]
    variance: np.ndarray = _j(n - 1) ** 2 / n + yi**2 / (2 * n)
    return variance


def _one_variance(of: Columns, yi: np.ndarray) -> np.ndarray:
    return _pooled_square(of) * _inverse_sizes(of)


def _ratio_one_variance(of: Columns, yi: np.ndarray) -> np.ndarray:
    inverse = 1 / (of["n_arm1"] * of["mean_arm1"] ** 2) + 1 / (of["n_arm2"] * of["mean_arm2"] ** 2)
    variance: np.ndarray = _pooled_square(of) * inverse
    return variance


def _variations(of: Columns) -> tuple[np.ndarray, np.ndarray]:
    return of["sd_arm1"] / of["mean_arm1"], of["sd_arm2"] / of["mean_arm2"]


def _ratio_averaged(of: Columns, yi: np.ndarray) -> np.ndarray:
    one, two = _variations(of)
    n1, n2 = of["n_arm1"], of["n_arm2"]
    variance: np.ndarray = _average(one, n1) ** 2 / n1 + _average(two, n2) ** 2 / n2
    return variance


def _ratio_averaged_one(of: Columns, yi: np.ndarray) -> np.ndarray:
    both = _average(np.concatenate(_variations(of)), np.concatenate([of["n_arm1"], of["n_arm2"]]))
    return both**2 * _inverse_sizes(of)


def _risk(of: Columns, arm: str) -> tuple[np.ndarray, np.ndarray]:
    return of[f"event_{arm}"] / of[f"totaln_{arm}"], of[f"totaln_{arm}"]


def _unbiased_risk(of: Columns, arm: str) -> np.ndarray:
    p, n = _risk(of, arm)
    return p * (1 - p) / (n - 1)


def _averaged_risk(of: Columns, arm: str) -> np.ndarray:
    mean = _average(*_risk(of, arm))
    variance: np.ndarray = mean * (1 - mean) / of[f"totaln_{arm}"]
    return variance


def _averaged_log(of: Columns, yi: np.ndarray) -> np.ndarray:
    mean = _average(*_risk(of, "arm1"))
    variance: np.ndarray = (1 / mean - 1) / of["totaln_arm1"]
    return variance


def _averaged_logit(of: Columns, yi: np.ndarray) -> np.ndarray:
    mean = _average(*_risk(of, "arm1"))
    variance: np.ndarray = (1 / mean + 1 / (1 - mean)) / of["totaln_arm1"]
    return variance


def _averaged_correlation(of: Columns, yi: np.ndarray) -> np.ndarray:
    variance: np.ndarray = (1 - _average(yi, of["n_arm1"]) ** 2) ** 2 / (of["n_arm1"] - 1)
    return variance


SIZES = ("n_arm1", "n_arm2")
SPREADS = ("sd_arm1", "n_arm1", "sd_arm2", "n_arm2")
MEANS = ("mean_arm1", "mean_arm2", *SPREADS)
EVENTS = ("event_arm1", "totaln_arm1")
BOTH_EVENTS = (*EVENTS, "event_arm2", "totaln_arm2")
KINDS: dict[tuple[str, VarianceType], VarianceKind] = {
    ("MD", VarianceType.HO): VarianceKind(SPREADS, _one_variance),
    ("SMD", VarianceType.UB): VarianceKind(SIZES, _unbiased(False)),
    ("SMD", VarianceType.LS2): VarianceKind(SIZES, _second(False)),
    ("SMD", VarianceType.AV): VarianceKind(SIZES, _averaged(False)),
    ("SMD1", VarianceType.UB): VarianceKind(SIZES, _unbiased(True)),
    ("SMD1", VarianceType.LS2): VarianceKind(SIZES, _second(True)),
    ("SMD1", VarianceType.AV): VarianceKind(SIZES, _averaged(True)),
    ("ROM", VarianceType.HO): VarianceKind(MEANS, _ratio_one_variance),
    ("ROM", VarianceType.AV): VarianceKind(MEANS, _ratio_averaged),
    ("ROM", VarianceType.AVHO): VarianceKind(MEANS, _ratio_averaged_one),
    ("SMCR", VarianceType.LS2): VarianceKind(("n_arm1", "r_pre_post"), _change_second),
    ("SMCC", VarianceType.LS2): VarianceKind(("n_arm1",), _change_of_changes_second),
    ("RD", VarianceType.UB): VarianceKind(
        BOTH_EVENTS, lambda of, yi: _unbiased_risk(of, "arm1") + _unbiased_risk(of, "arm2")
    ),
    ("RD", VarianceType.AV): VarianceKind(
        BOTH_EVENTS, lambda of, yi: _averaged_risk(of, "arm1") + _averaged_risk(of, "arm2")
    ),
    ("PR", VarianceType.UB): VarianceKind(EVENTS, lambda of, yi: _unbiased_risk(of, "arm1")),
    ("PR", VarianceType.AV): VarianceKind(EVENTS, lambda of, yi: _averaged_risk(of, "arm1")),
    ("PLN", VarianceType.AV): VarianceKind(EVENTS, _averaged_log),
    ("PLO", VarianceType.AV): VarianceKind(EVENTS, _averaged_logit),
    ("COR", VarianceType.AV): VarianceKind(("n_arm1",), _averaged_correlation),
}
