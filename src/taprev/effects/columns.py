"""Effects of whole columns of a table of one's own, as metafor's `escalc` gives them."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from taprev.effects.additions import refuse_addition, with_addition
from taprev.effects.measures import FIGURE_NAMES, MEASURES, TAKES, effect_size, sound_figures, with_any_variance
from taprev.effects.variance_kinds import VarianceKind, variance_kind

NEVER_LEFT_OUT = ("factor", "overdispersion")
FURTHER = frozenset({"t", "g"})


@dataclass(frozen=True)
class RefusedRow:
    """A row without an effect: its position (from 0), its label, and why."""

    position: int
    label: Hashable
    why: str


@dataclass(frozen=True)
class EffectSizes:
    """Effects and their sampling variances, one for each row, NaN for the rows of `refused`.

    `labels` are those of the index of the columns, or numbers from 1.
    """

    measure: str
    vtype: str
    yi: np.ndarray
    vi: np.ndarray
    labels: tuple[Hashable, ...]
    refused: tuple[RefusedRow, ...]


def effect_sizes(
    measure: str, add: float = 0.0, to: str = "only0", vtype: str = "LS", **columns: ArrayLike
) -> EffectSizes:
    """Return the effects of all rows of a table, and why some rows have none.

    Parameters
    ----------
    measure : str
        One of `MEASURES`.
    add : float
        What is added to the cells of counts; nothing by default, as in a review (metafor adds one half).
    to : str
        Where it is added: only0, if0all, all or none (see `additions.with_addition`).
    vtype : str
        LS, and where `escalc` has it for the measure UB, LS2, HO, AV or AVHO (see `variance_kinds`).
    **columns : array_like, shape (rows,), or float
        The figures that `effect_size` takes, under the same names: arrays, lists or columns of a data frame, and
        numbers that hold for every row. A missing value is a figure that its row does not have.

    Returns
    -------
    EffectSizes
        In the order of the rows.

    Raises
    ------
    ValueError
        For an unknown measure, choice or name of a column, columns of different lengths or indexes, cells that are no
        numbers, and where no column is given.

    References
    ----------
    Viechtbauer 2010, Journal of Statistical Software 36(3).
    """
    if measure not in MEASURES:
        raise ValueError(f"{measure!r} is not a measure; use one of {', '.join(MEASURES)}")
    if strange := [name for name in columns if name not in FIGURE_NAMES]:
        takes = sorted(TAKES[MEASURES[measure][0]][0])
        raise ValueError(f"no measure takes a column {', '.join(strange)}; {measure} takes {', '.join(takes)}")
    refuse_addition(measure, add, to)
    kind = variance_kind(measure, vtype)
    labels = _labels(columns)
    found = _rows(columns, len(labels))
    refused = {position: why for position, row in enumerate(found) if (why := _impossible(row))}
    possible = [{} if position in refused else row for position, row in enumerate(found)]
    rows = with_addition(measure, possible, add, to)
    yi, vi = np.full((2, len(rows)), np.nan)
    for position, row in enumerate(rows):
        if position in refused:
            continue
        try:
            yi[position], vi[position] = _effect(measure, vtype, kind, row)
        except ValueError as refusal:
            refused[position] = str(refusal)
    if kind is not None:
        vi = _variances(yi, kind, rows)
        without = np.flatnonzero(~np.isnan(yi) & np.isnan(vi))
        refused |= {int(i): f"{measure} of these figures has no positive, finite variance" for i in without}
    yi[list(refused)] = vi[list(refused)] = np.nan
    return EffectSizes(
        measure=measure,
        vtype=vtype,
        yi=yi,
        vi=vi,
        labels=labels,
        refused=tuple(RefusedRow(position, labels[position], refused[position]) for position in sorted(refused)),
    )


def _impossible(row: dict[str, float]) -> str:
    """Return what no study can have of the figures of a row before anything is added to them, or nothing."""
    try:
        sound_figures(row)
    except ValueError as refusal:
        return str(refusal)
    return ""


def _effect(measure: str, vtype: str, kind: VarianceKind | None, row: dict[str, float]) -> tuple[float, float]:
    """Return the effect of a row; its variance is the large-sample one, and may be none where another is wanted."""
    if kind is None:
        effect = effect_size(measure, **row)
        return effect.yi, effect.vi
    figures = sound_figures(row)
    yi, vi = with_any_variance(measure, figures)
    further = [name for name in figures if name not in TAKES[MEASURES[measure][0]][1] | FURTHER]
    lacking = [name for name in kind.needs if name not in figures]
    if lacking or further:
        why = f"lack {', '.join(lacking)}" if lacking else f"hold {', '.join(further)}"
        raise ValueError(f"the variance of the type {vtype} cannot be had of these figures, which {why}")
    if not math.isfinite(yi):
        raise ValueError(f"{measure} of these figures is not finite")
    return yi, vi


def _variances(yi: np.ndarray, kind: VarianceKind, rows: Sequence[dict[str, float]]) -> np.ndarray:
    """Return the variances of a kind, NaN where there is none; rows without an effect count in averages of risks."""
    vi = np.full(yi.size, np.nan)
    known = {position: figures for position, row in enumerate(rows) if (figures := _complete(row, kind))}
    if not known:
        return vi
    kept = np.array(list(known))
    of = {name: np.array([figures[name] for figures in known.values()]) for name in kind.needs}
    with np.errstate(all="ignore"):
        found = kind.formula(of, yi[kept])
    vi[kept] = np.where(np.isfinite(found) & (found > 0), found, np.nan)
    return vi


def _complete(row: dict[str, float], kind: VarianceKind) -> dict[str, float]:
    """Return the figures of a row, or nothing where they lack what the variance needs."""
    figures = sound_figures(row)
    return figures if all(name in figures for name in kind.needs) else {}


def _labels(columns: Mapping[str, ArrayLike]) -> tuple[Hashable, ...]:
    """Return what the rows are called, or refuse columns that do not belong together."""
    shapes = {name: _shape(name, values) for name, values in columns.items()}
    long = {name: values for name, values in columns.items() if shapes[name]}
    if not long:
        raise ValueError("no column is given; for a single study use effect_size")
    for name in long:
        if len(shapes[name]) != 1:
            raise ValueError(f"{name} has shape {shapes[name]}; it must be one column")
    lengths = {name: shapes[name][0] for name in long}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValueError(f"the columns have different lengths: {told}")
    indexes = {name: index for name, values in long.items() if (index := _index_of(values)) is not None}
    if not indexes:
        return tuple(range(1, next(iter(lengths.values())) + 1))
    first, *others = indexes
    for name in others:
        if not indexes[name].equals(indexes[first]):
            raise ValueError(f"the index of {name} is another than that of {first}; align them first")
    return tuple(indexes[first])


def _shape(name: str, values: ArrayLike) -> tuple[int, ...]:
    try:
        return np.shape(values)
    except ValueError as error:
        raise ValueError(f"{name} has cells that hold several values; it must be one column") from error


def _index_of(values: ArrayLike) -> Any:
    """Return the index of a column of a data frame, None of a list or an array."""
    index = getattr(values, "index", None)
    return None if callable(index) else index


def _rows(columns: Mapping[str, ArrayLike], k: int) -> list[dict[str, float]]:
    """Return the figures of each row; a missing one is left out, unless that would stand for a number."""
    numbers = {name: np.broadcast_to(_numbers(name, values), k) for name, values in columns.items()}
    return [
        {
            name: float(values[i])
            for name, values in numbers.items()
            if name in NEVER_LEFT_OUT or not np.isnan(values[i])
        }
        for i in range(k)
    ]


def _has_words(values: ArrayLike) -> bool:
    """Return whether some cells are text, or truth values, which NumPy reads as 0 and 1 beside numbers."""
    numeric = getattr(values, "dtype", np.dtype(object)) != np.dtype(object)
    return not numeric and any(isinstance(cell, str | bool | np.bool_) for cell in np.ravel(np.asarray(values, object)))


def _numbers(name: str, values: ArrayLike) -> np.ndarray:
    try:
        if np.ma.asarray(values).dtype.kind in "bmMcSU" or _has_words(values):
            raise TypeError("text, truth values, dates and complex numbers are no figures")
        known = values.to_numpy(dtype=float, na_value=np.nan) if hasattr(values, "to_numpy") else values
        figures: np.ndarray = np.ma.filled(np.ma.asarray(known, dtype=float), np.nan)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must hold numbers only, and None or NaN where one is missing") from error
    return figures
