"""What each study does to a fit: leave-one-out, influence diagnostics, and studies added one by one."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtr

from taprev.synthesis.kernels.random_effects import FitArrays, random_effects, random_effects_batch
from taprev.synthesis.results import Alternative, Influence

SETS_AT_ONCE = 500


def leave_one_out(studies: list[str], yi, vi, names: dict[str, str] | None = None, **how) -> tuple[Alternative, ...]:
    """Return the fit without each study in turn, with all its samples; without numbers where one effect is left.

    `studies` identifies the study of each effect, `names` what it is called, `yi` and `vi` are one-dimensional, and
    `how` are the choices of `random_effects_batch`.
    """
    yi, vi = np.asarray(yi, float), np.asarray(vi, float)
    distinct = list(dict.fromkeys(studies))
    labels = [(names or {}).get(study, study) for study in distinct]
    left_out = np.array(studies)[None, :] == np.array(distinct)[:, None]
    left = (~left_out).sum(axis=1)
    pooled = iter(_alternatives("leave_one_out", _where(labels, left > 1), _without(left_out[left > 1], yi, vi, **how)))
    return tuple(
        next(pooled) if k > 1 else _single("leave_one_out", label, int(k))
        for label, k in zip(labels, left, strict=True)
    )


def cumulative(labels: list[str], yi, vi, order, **how) -> tuple[Alternative, ...]:
    """Return the fit after each study is added, in the sequence of `order`; equals in it come together.

    The first of them is a single study unless several share its place.
    """
    yi, vi, order = np.asarray(yi, float), np.asarray(vi, float), np.asarray(order)
    steps = np.unique(order)
    told = [", ".join(label for label, place in zip(labels, order, strict=True) if place == s) for s in steps]
    present = order[None, :] <= steps[:, None]
    enough = present.sum(axis=1) > 1
    singles = tuple(_single("cumulative", told[0], 1) for _ in steps[~enough])
    if not enough.any():
        return singles
    masks = present[enough]
    fits = random_effects_batch(np.where(masks, yi, np.nan), np.where(masks, vi, np.nan), **how)
    return singles + _alternatives("cumulative", told[len(singles) :], [fits])


def influence(labels: list[str], yi, vi, tau2_method: str = "REML") -> tuple[Influence, ...]:
    """Return the influence diagnostics of each study, with Wald standard errors as metafor's `influence`.

    Viechtbauer and Cheung (2010), Research Synthesis Methods 1:112-125. Defined from three studies on.
    """
    yi, vi = np.asarray(yi, float), np.asarray(vi, float)
    k = yi.size
    if k < 3:
        return ()
    fit = random_effects(yi, vi, tau2_method=tau2_method, ci_method="wald")
    w = 1.0 / (vi + fit.tau2)
    total = float(w.sum())
    without = _without(np.eye(k, dtype=bool), yi, vi, tau2_method=tau2_method, ci_method="wald")
    gone, se, tau2, Q = (_joined(without, name) for name in ("estimate", "se", "tau2", "Q"))
    change = fit.estimate - gone
    hat = w / total
    rstudent = (yi - gone) / np.sqrt(vi + tau2 + se**2)
    dffits = change / np.sqrt(hat * (vi + tau2))
    totals = np.array([np.sum(1.0 / (vi + t)) for t in tau2])
    dfbs = change * np.sqrt(totals)
    cook_d = change**2 * total
    cov_r = se**2 * total
    marked = (
        (np.abs(dffits) > 3.0 * np.sqrt(1.0 / (k - 1)))
        | (chdtr(1, cook_d) > 0.5)
        | (hat > 3.0 / k)
        | (np.abs(dfbs) > 1.0)
    )
    columns = (rstudent, dffits, cook_d, cov_r, tau2, Q, hat, 100.0 * hat, dfbs)
    return tuple(
        Influence(label, *(float(column[i]) for column in columns), influential=bool(marked[i]))
        for i, label in enumerate(labels)
    )


def _without(left_out: np.ndarray, yi: np.ndarray, vi: np.ndarray, **how) -> list[FitArrays]:
    """Return the fits without what each row of `left_out` marks, a few hundred sets at a time."""
    return [
        random_effects_batch(np.where(rows, np.nan, yi), np.where(rows, np.nan, vi), **how)
        for start in range(0, len(left_out), SETS_AT_ONCE)
        if (rows := left_out[start : start + SETS_AT_ONCE]).size
    ]


def _where(labels: list[str], chosen: np.ndarray) -> list[str]:
    return [label for label, is_chosen in zip(labels, chosen, strict=True) if is_chosen]


def _joined(fits: list[FitArrays], name: str) -> np.ndarray:
    return np.concatenate([getattr(fit, name) for fit in fits])


def _alternatives(factor: str, labels: list[str], fits: list[FitArrays]) -> tuple[Alternative, ...]:
    if not fits:
        return ()
    columns = [_joined(fits, name) for name in ("k", "estimate", "ci_lb", "ci_ub", "tau2")]
    return tuple(
        Alternative(factor, label, False, int(k), *map(float, numbers))
        for label, k, *numbers in zip(labels, *columns, strict=True)
    )


def _single(factor: str, label: str, k: int) -> Alternative:
    return Alternative(factor, label, False, k, None, None, None, None)
