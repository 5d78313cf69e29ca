"""From medians with quartiles or extremes to the mean and SD of scores that are not plainly skewed.

Mean: Luo and others 2018, Stat Methods Med Res 27:1785. SD: Wan and others 2014, BMC Med Res Methodol 14:135.
Skewness: Shi and others 2023, Stat Methods Med Res 32:1338.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

from scipy.special import ndtri

FEWEST = 5
Mean_SD = tuple[float, float]


def from_quartiles(median: float, q1: float, q3: float, n: float) -> Mean_SD:
    """Return the mean and SD behind a median and its quartiles.

    Mean w (q1 + q3)/2 + (1 - w) median, w = 0.7 + 0.39/n; SD (q3 - q1) / (2 z), z the normal quantile of
    (0.75 n - 0.125)/(n + 0.25).

    Parameters
    ----------
    median, q1, q3 : float
        Median, lower and upper quartile, in the units of the outcome.
    n : float
        Number of people.

    Returns
    -------
    tuple of float
        Mean and standard deviation, in the units of the outcome.
    """
    w = 0.7 + 0.39 / n
    return w * (q1 + q3) / 2 + (1 - w) * median, (q3 - q1) / (2 * _z_quartile(n))


def from_extremes(median: float, minimum: float, maximum: float, n: float) -> Mean_SD:
    """Return the mean and SD behind a median, minimum and maximum.

    Mean w (min + max)/2 + (1 - w) median, w = 4/(4 + n^0.75); SD (max - min) / (2 z), z the normal quantile
    of (n - 0.375)/(n + 0.25).

    Parameters
    ----------
    median, minimum, maximum : float
        Median and extremes, in the units of the outcome.
    n : float
        Number of people.

    Returns
    -------
    tuple of float
        Mean and standard deviation, in the units of the outcome.
    """
    w = 4 / (4 + n**0.75)
    return w * (minimum + maximum) / 2 + (1 - w) * median, (maximum - minimum) / (2 * _z_extreme(n))


def from_five(minimum: float, q1: float, median: float, q3: float, maximum: float, n: float) -> Mean_SD:
    """Return the mean and SD behind all five numbers.

    Mean w (min + max)/2 + u (q1 + q3)/2 + (1 - w - u) median, w = 2.2/(2.2 + n^0.75), u = 0.7 - 0.72/n^0.55;
    the SD is the mean of the SDs of `from_quartiles` and `from_extremes`.

    Parameters
    ----------
    minimum, q1, median, q3, maximum : float
        The five numbers, in the units of the outcome.
    n : float
        Number of people.

    Returns
    -------
    tuple of float
        Mean and standard deviation, in the units of the outcome.
    """
    w, u = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    mean = w * (minimum + maximum) / 2 + u * (q1 + q3) / 2 + (1 - w - u) * median
    return mean, (maximum - minimum) / (4 * _z_extreme(n)) + (q3 - q1) / (4 * _z_quartile(n))


@lru_cache(maxsize=4096)
def _z_quartile(n: float) -> float:
    return float(ndtri((0.75 * n - 0.125) / (n + 0.25)))


@lru_cache(maxsize=4096)
def _z_extreme(n: float) -> float:
    return float(ndtri((n - 0.375) / (n + 0.25)))


def refuse_unsound(
    arm: str,
    n: float,
    median: float,
    q1: float | None = None,
    q3: float | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
) -> None:
    """Raise ValueError if no mean should be taken from a median.

    Parameters
    ----------
    arm : str
        `arm1` or `arm2`, named in the message.
    n : float
        Number of people.
    median, q1, q3, minimum, maximum : float, optional
        The printed numbers, in the units of the outcome.

    Raises
    ------
    ValueError
        If the numbers are out of order or all equal, fewer than 5 people are behind them, or the scores are skewed
        by the test of Shi and others at the 5 % level.
    """
    names = (f"min_{arm}", f"q1_{arm}", f"median_{arm}", f"q3_{arm}", f"max_{arm}")
    numbers = zip(names, (minimum, q1, median, q3, maximum), strict=True)
    given = [(name, value) for name, value in numbers if value is not None]
    for (name, value), (above, upper) in pairwise(given):
        if value > upper:
            raise ValueError(f"{name} is {value:g}, above {above}, which is {upper:g}")
    if given[0][1] == given[-1][1]:
        raise ValueError(f"{given[0][0]} and {given[-1][0]} are both {given[0][1]:g}: no spread is printed")
    if n < FEWEST:
        raise ValueError(f"a mean from a median needs at least {FEWEST} people in {arm}, found {n:g}")
    statistic, critical = skewness(n, median, q1, q3, minimum, maximum)
    if statistic >= critical:
        numbers_text = f"skewness {statistic:.2f}, critical {critical:.2f}"
        raise ValueError(f"the scores of {arm} are skewed ({numbers_text}): no mean follows from their median")


def skewness(
    n: float,
    median: float,
    q1: float | None = None,
    q3: float | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
) -> tuple[float, float]:
    """Return the statistic of Shi's test for skewness and its critical value at the 5 % level.

    Parameters
    ----------
    n : float
        Number of people.
    median, q1, q3, minimum, maximum : float, optional
        The printed numbers, in the units of the outcome.

    Returns
    -------
    tuple of float
        The statistic and its critical value, both without a unit.
    """
    quartiles = None if q1 is None or q3 is None or q1 == q3 else abs(q1 + q3 - 2 * median) / (q3 - q1)
    extremes = None if minimum is None or maximum is None else abs(minimum + maximum - 2 * median) / (maximum - minimum)
    if extremes is None:
        return quartiles or 0.0, 2.65 / math.sqrt(n) - 6 / n**2
    if q1 is None:
        return extremes, 1 / math.log(n + 9) + 2.5 / (n + 1)
    weighed = 2.65 * math.log(0.6 * n) / math.sqrt(n) * extremes
    return max(weighed, quartiles or 0.0), 3 / math.sqrt(n) - 40 / n**3


NAMES = frozenset(f"{name}_{arm}" for name in ("min", "q1", "median", "q3", "max") for arm in ("arm1", "arm2"))
"""The figures that stand in place of a mean and SD."""


def means_of_medians(figures: dict[str, float]) -> dict[str, float]:
    """Return the figures with every arm's median, quartiles and extremes replaced by a mean and SD.

    Parameters
    ----------
    figures : dict of str to float
        The figures under the names of `outcomes.csv`; not changed.

    Returns
    -------
    dict of str to float
        A copy with `mean_arm1`, `sd_arm1` and so on in place of the median and its neighbours.

    Raises
    ------
    ValueError
        If a median has neither quartiles nor extremes, or `refuse_unsound` refuses it.
    """
    figures = dict(figures)
    for arm in ("arm1", "arm2"):
        if f"median_{arm}" in figures and f"mean_{arm}" not in figures:
            median = figures.pop(f"median_{arm}")
            low, q1, q3, high = (figures.pop(f"{name}_{arm}", None) for name in ("min", "q1", "q3", "max"))
            n = figures.get(f"n_{arm}", figures.get("n_arm1"))
            figures[f"mean_{arm}"], figures[f"sd_{arm}"] = _mean_and_sd(arm, n, low, q1, median, q3, high)
    return figures


def _mean_and_sd(
    arm: str,
    n: float | None,
    minimum: float | None,
    q1: float | None,
    median: float,
    q3: float | None,
    maximum: float | None,
) -> Mean_SD:
    quartiles, extremes = {q1 is None, q3 is None}, {minimum is None, maximum is None}
    if n is None or len(quartiles) + len(extremes) > 2 or quartiles == extremes == {True}:
        pairs = f"q1_{arm} and q3_{arm}, or min_{arm} and max_{arm}"
        raise ValueError(f"median_{arm} gives a mean only with the number of people and {pairs}")
    refuse_unsound(arm, n, median, q1, q3, minimum, maximum)
    if minimum is None or maximum is None:
        assert q1 is not None and q3 is not None
        return from_quartiles(median, q1, q3, n)
    if q1 is None or q3 is None:
        return from_extremes(median, minimum, maximum, n)
    return from_five(minimum, q1, median, q3, maximum, n)
