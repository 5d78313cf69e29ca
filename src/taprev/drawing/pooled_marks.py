"""How a pooled number is drawn: filled or hollow, dashed or not, and with or without a prediction bar.

Nothing here draws, so that rows can be laid out without matplotlib.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from taprev.synthesis.results import Fit
from taprev.synthesis.results.protocols import Number
from taprev.wording import labels
from taprev.wording.verdicts import bears_verdict

LEAST_K_FOR_BAR = 5


@dataclass(frozen=True)
class DiamondStyle:
    """The style of a diamond: hollow or filled, and whether its edge is dashed."""

    hollow: bool = False
    dashed: bool = False


def diamond_style(contrasts: Iterable[str], k: int) -> DiamondStyle:
    """Return the style of the diamond of a pooled number.

    Parameters
    ----------
    contrasts : iterable of str
        The designs that are pooled; one without a control group makes the diamond hollow.
    k : int
        The number of pooled effects; two make the diamond hollow and dashed.

    Returns
    -------
    DiamondStyle
    """
    without_verdict = not bears_verdict(k)
    return DiamondStyle(labels.after_words(contrasts) or without_verdict, without_verdict)


@dataclass(frozen=True)
class PooledNumber:
    """A pooled number that can be drawn, with its interval and the number of its effects."""

    k: int
    estimate: float
    ci_lb: float
    ci_ub: float


def pooled_number(result: Number) -> PooledNumber | None:
    """Return the number of a pooled result, or None where nothing could be pooled."""
    if result.estimate is None or result.ci_lb is None or result.ci_ub is None:
        return None
    return PooledNumber(result.k, result.estimate, result.ci_lb, result.ci_ub)


def prediction_bar(fit: Fit) -> tuple[float, float] | None:
    """Return the ends of the prediction bar of a fit: drawn from five studies on, and with tau2 above zero."""
    if labels.independent(fit) < LEAST_K_FOR_BAR or not fit.tau2 or fit.pi_lb is None or fit.pi_ub is None:
        return None
    return fit.pi_lb, fit.pi_ub
