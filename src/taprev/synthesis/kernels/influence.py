"""What each study does to a fit: leave-one-out, influence diagnostics, and studies added one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtr

from taprev.synthesis.kernels.random_effects import FitArrays, random_effects, random_effects_batch
from taprev.synthesis.kernels.refusals import refuse_length, sound_effects, sound_labels
from taprev.synthesis.results import Alternative, Influence
from taprev.vocabulary import Choice, CiMethod

SETS_AT_ONCE = 500


def leave_one_out(
    studies: list[str], yi: ArrayLike, vi: ArrayLike, names: dict[str, str] | None = None, **how: Any
) -> tuple[Alternative, ...]:
    """Return the fit without each study in turn, with all its samples.

    Parameters
    ----------
    studies : list of str, length k
        The study of each effect.
    yi, vi : array_like, shape (k,)
        The effects, and their sampling variances in squared units of `yi`.
    names : dict of str to str, optional
        What each study is called; by default its identifier.
    **how
        The choices of `random_effects_batch`.

    Returns
    -------
    tuple of Alternative
        One for each study; its numbers are None if fewer than two effects are left.
    """
    yi, vi = sound_effects(yi, vi)
    refuse_length("studies", studies, yi.size)
    distinct = list(dict.fromkeys(studies))
    labels = [(names or {}).get(study, study) for study in distinct]
    left_out = np.array(studies)[None, :] == np.array(distinct)[:, None]
    left = (~left_out).sum(axis=1)
    pooled = iter(
        _alternatives(Choice.LEAVE_ONE_OUT, _where(labels, left > 1), _without(left_out[left > 1], yi, vi, **how))
    )
    return tuple(
        next(pooled) if k > 1 else _single(Choice.LEAVE_ONE_OUT, label, int(k))
        for label, k in zip(labels, left, strict=True)
    )


def cumulative(
    labels: list[str], yi: ArrayLike, vi: ArrayLike, order: ArrayLike, **how: Any
) -> tuple[Alternative, ...]:
    """Return the fit after each study is added.

    Parameters
    ----------
    labels : list of str, length k
        What each effect is called.
    yi, vi : array_like, shape (k,)
        The effects, and their sampling variances in squared units of `yi`.
    order : array_like, shape (k,)
        The sequence, such as years; equal values are added together.
    **how
        The choices of `random_effects_batch`.

    Returns
    -------
    tuple of Alternative
        One for each distinct value of `order`. The first is a single study, without numbers, unless several share
        its value.
    """
    yi, vi = sound_effects(yi, vi)
    refuse_length("labels", labels, yi.size)
    order = sound_labels("order", order, yi.size)
    steps = np.unique(order)
    step_labels = [
        ", ".join(label for label, label_step in zip(labels, order, strict=True) if label_step == s) for s in steps
    ]
    present = order[None, :] <= steps[:, None]
    enough = present.sum(axis=1) > 1
    singles = tuple(_single(Choice.CUMULATIVE, step_labels[0], 1) for _ in steps[~enough])
    if not enough.any():
        return singles
    masks = present[enough]
    fits = random_effects_batch(np.where(masks, yi, np.nan), np.where(masks, vi, np.nan), **how)
    return singles + _alternatives(Choice.CUMULATIVE, step_labels[len(singles) :], [fits])


def influence(labels: list[str], yi: ArrayLike, vi: ArrayLike, tau2_method: str = "REML") -> tuple[Influence, ...]:
    """Return the influence diagnostics of each study, with Wald standard errors as metafor's `influence`.

    Parameters
    ----------
    labels : list of str, length k
        What each effect is called.
    yi, vi : array_like, shape (k,)
        The effects, and their sampling variances in squared units of `yi`.
    tau2_method : str
        As in `random_effects`.

    Returns
    -------
    tuple of Influence
        One for each study; empty below three studies.

    References
    ----------
    Viechtbauer and Cheung (2010), Research Synthesis Methods 1:112-125.
    """
    yi, vi = sound_effects(yi, vi)
    refuse_length("labels", labels, k := yi.size)
    if k < 3:
        return ()
    fit = random_effects(yi, vi, tau2_method=tau2_method, ci_method=CiMethod.WALD)
    w = 1.0 / (vi + fit.tau2)
    total = float(w.sum())
    without = _without(np.eye(k, dtype=bool), yi, vi, tau2_method=tau2_method, ci_method=CiMethod.WALD)
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
    return tuple(
        Influence(
            label=label,
            rstudent=float(rstudent[i]),
            dffits=float(dffits[i]),
            cook_d=float(cook_d[i]),
            cov_r=float(cov_r[i]),
            tau2_del=float(tau2[i]),
            Q_del=float(Q[i]),
            hat=float(hat[i]),
            weight=float(100.0 * hat[i]),
            dfbs=float(dfbs[i]),
            influential=bool(marked[i]),
        )
        for i, label in enumerate(labels)
    )


def _without(left_out: np.ndarray, yi: np.ndarray, vi: np.ndarray, **how: Any) -> list[FitArrays]:
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


def _alternatives(factor: Choice, labels: list[str], fits: list[FitArrays]) -> tuple[Alternative, ...]:
    if not fits:
        return ()
    columns = [_joined(fits, name) for name in ("k", "estimate", "ci_lb", "ci_ub", "tau2")]
    return tuple(
        Alternative(factor, label, False, int(k), *map(float, numbers))
        for label, k, *numbers in zip(labels, *columns, strict=True)
    )


def _single(factor: Choice, label: str, k: int) -> Alternative:
    return Alternative(factor, label, False, k, None, None, None, None)
