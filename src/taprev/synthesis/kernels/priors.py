"""Priors for the between-study standard deviation tau, and a normal one for the mean effect.

A half-normal or half-Cauchy prior has its scale in the units of the effect (Röver and others 2021, Research
Synthesis Methods 12:448-474). The empirical ones describe Cochrane reviews of randomised trials and are
refused elsewhere: Turner and others (2015, Statistics in Medicine 34:984-998), all outcomes, for log odds
ratios; Rhodes and others (2015, Journal of Clinical Epidemiology 68:52-60), all outcomes, for standardised
mean differences.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, ndtr, stdtr

from taprev.notes import Note, note
from taprev.vocabulary import RATIOS, Contrast, NoteCode, PriorFamily, Scale

EMPIRICAL = {PriorFamily.TURNER_2015: Scale.LOG_ODDS_RATIO, PriorFamily.RHODES_2015: Scale.SMD}
TURNER = (-2.56, 1.74)
RHODES = (-3.44, 2.59, 5.0)


@dataclass(frozen=True)
class Prior:
    """A prior of tau: its name in words, log density and distribution function, and how heavy its tail is.

    `tail` is the power by which the density falls, infinite if all moments exist; which moments of a posterior
    exist depends on it.
    """

    words: str
    log_density: Callable[[np.ndarray], np.ndarray]
    cdf: Callable[[float], float]
    tail: float


@dataclass(frozen=True)
class NormalPrior:
    """A normal prior of the mean effect, in the units of the effect."""

    mean: float
    sd: float

    @property
    def words(self) -> str:
        """The prior, as people read it."""
        return f"mean effect normal with mean {self.mean:g} and SD {self.sd:g}"


def normal_prior(mean: float, sd: float) -> NormalPrior:
    """Return a normal prior of the mean effect.

    Parameters
    ----------
    mean, sd : float
        Its mean, and its standard deviation above 0, in the units of the effect.

    Returns
    -------
    NormalPrior

    Raises
    ------
    ValueError
        For a mean that is not finite, and a standard deviation that is not finite and above 0.
    """
    if not math.isfinite(mean):
        raise ValueError(f"the normal prior of the mean effect needs a finite mean, found {mean}")
    if not (math.isfinite(sd) and sd > 0):
        raise ValueError(f"the normal prior of the mean effect needs a finite SD above 0, found {sd}")
    return NormalPrior(float(mean), float(sd))


def prior(family: str, scale: float | None = None) -> Prior:
    """Return the prior of a family.

    Parameters
    ----------
    family : str
        A `PriorFamily`.
    scale : float, optional
        The scale of a half-normal or half-Cauchy prior, above 0, in the units of the effect.

    Returns
    -------
    Prior
        Its name, log density, distribution function and tail.

    Raises
    ------
    ValueError
        For an unknown family, and for a half-normal or half-Cauchy prior without a finite scale above 0.
    """
    if family not in set(PriorFamily):
        raise ValueError(f"{family!r} is not a prior of tau; use one of {', '.join(PriorFamily)}")
    if family in EMPIRICAL:
        return _turner() if family == PriorFamily.TURNER_2015 else _rhodes()
    if scale is None or not math.isfinite(scale) or scale <= 0:
        raise ValueError(f"the {family.replace('_', '-')} prior needs a finite scale above 0, found {scale}")
    return _half_normal(scale) if family == PriorFamily.HALF_NORMAL else _half_cauchy(scale)


def refuse_prior(family: PriorFamily, contrasts: tuple[Contrast, ...], scale: Scale) -> Note | None:
    """Return why an empirical prior does not apply to a stratum, or None if it does.

    Parameters
    ----------
    family : PriorFamily
        The family of the prior.
    contrasts : tuple of Contrast
        The contrasts of the stratum.
    scale : Scale
        The scale of its effects.

    Returns
    -------
    Note or None
        The reason.
    """
    if family not in EMPIRICAL:
        return None
    name = family.replace("_", " ").capitalize()
    if contrasts != (Contrast.RANDOMISED,):
        return note(NoteCode.PRIOR_NOT_FOR_DESIGN, prior=name)
    wanted = EMPIRICAL[family]
    if scale != wanted:
        scale_words = f"log {wanted.said}" if wanted in RATIOS else wanted.said
        return note(NoteCode.PRIOR_NOT_FOR_SCALE, prior=name, scale=scale_words)
    return None


def _half_normal(scale: float) -> Prior:
    constant = 0.5 * math.log(2.0 / math.pi) - math.log(scale)
    return Prior(
        f"half-normal with scale {scale:g}",
        lambda tau: constant - 0.5 * (tau / scale) ** 2,
        lambda tau: float(2.0 * ndtr(tau / scale) - 1.0),
        math.inf,
    )


def _half_cauchy(scale: float) -> Prior:
    constant = math.log(2.0 / (math.pi * scale))
    return Prior(
        f"half-Cauchy with scale {scale:g}",
        lambda tau: constant - np.log1p((tau / scale) ** 2),
        lambda tau: 2.0 / math.pi * math.atan(tau / scale),
        2.0,
    )


def _turner() -> Prior:
    mean, sd = TURNER[0] / 2, TURNER[1] / 2
    constant = -0.5 * math.log(2.0 * math.pi) - math.log(sd)
    return Prior(
        f"empirical, log tau2 normal with mean {TURNER[0]:g} and SD {TURNER[1]:g} (Turner 2015)",
        lambda tau: constant - np.log(tau) - 0.5 * ((np.log(tau) - mean) / sd) ** 2,
        lambda tau: float(ndtr((math.log(tau) - mean) / sd)),
        math.inf,
    )


def _rhodes() -> Prior:
    location, scale, df = RHODES[0] / 2, RHODES[1] / 2, RHODES[2]
    constant = float(gammaln((df + 1) / 2) - gammaln(df / 2)) - 0.5 * math.log(df * math.pi) - math.log(scale)
    return Prior(
        f"empirical, log tau2 Student t with 5 df, location {RHODES[0]:g} and scale {RHODES[1]:g} (Rhodes 2015)",
        lambda tau: constant - np.log(tau) - (df + 1) / 2 * np.log1p(((np.log(tau) - location) / scale) ** 2 / df),
        lambda tau: float(stdtr(df, (math.log(tau) - location) / scale)),
        1.0,
    )
