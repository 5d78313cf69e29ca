"""Columns of a data frame that must hold numbers, or every cell of them that does not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd

MOST = 12


def refuse_unknown(data: pd.DataFrame, names: Sequence[str]) -> None:
    """Raise ValueError for names that are no columns of a data frame, with the names that there are."""
    if twice := sorted({str(name) for name in names if list(data.columns).count(name) > 1}):
        raise ValueError(f"the data have two columns {', '.join(twice)}; rename one of them")
    if unknown := [name for name in names if name not in data.columns]:
        there = ", ".join(map(str, data.columns))
        raise ValueError(f"the data have no column {', '.join(map(str, unknown))}; their columns are {there}")


def numeric_columns(data: pd.DataFrame, names: Sequence[str], labels: Sequence[str]) -> pd.DataFrame:
    """Return columns of a data frame as floats.

    Parameters
    ----------
    data : DataFrame
    names : sequence of str
        The columns; each must be there.
    labels : sequence of str
        What each row is called in a message.

    Returns
    -------
    DataFrame of float

    Raises
    ------
    ValueError
        For every cell that is text, missing, infinite or a truth value, each with its row and column.
    """
    told = [sentence for name in names for sentence in _not_numbers(data[name], labels)]
    if told:
        more = f"; and {len(told) - MOST} more" if len(told) > MOST else ""
        raise ValueError("; ".join(told[:MOST]) + more)
    return data[list(names)].astype(float)


def _not_numbers(column: pd.Series, labels: Sequence[str]) -> Iterator[str]:
    for value, label in zip(column.array, labels, strict=True):
        if what := _what_else(value):
            yield f"row {label}, column {column.name}: found {what} where a finite number is needed"


def _what_else(value: object) -> str:
    """Return what a cell holds where it is not a finite number, or nothing."""
    if isinstance(value, bool | np.bool_):
        return f"the truth value {value}"
    if isinstance(value, str):
        return f'the text "{value}"'
    if value is None or value is pd.NA or value is pd.NaT or not isinstance(value, Real):
        return "nothing" if pd.api.types.is_scalar(value) and pd.isna(value) else f"{value!r}"
    if math.isnan(value):
        return "nothing (NaN)"
    return f"{value}" if math.isinf(value) else ""


@dataclass(frozen=True)
class EffectColumns:
    """The effects of a data frame, their variances, the names of their studies, and weights where there are any."""

    yi: np.ndarray
    vi: np.ndarray
    labels: tuple[str, ...]
    weights: np.ndarray | None


def effect_columns(
    data: pd.DataFrame, yi: str, vi: str, sei: str | None, slab: str | None, weights: str | None = None
) -> EffectColumns:
    """Return the effects of a data frame by the names of their columns.

    Parameters
    ----------
    data : DataFrame
        A row for each effect.
    yi, vi, sei, slab, weights : str
        As in `taprev.meta`.

    Returns
    -------
    EffectColumns

    Raises
    ------
    ValueError
        For a column that is not there, a cell that is no finite number, and a variance or error that is not above 0.
    """
    if not isinstance(data, pd.DataFrame):
        raise ValueError(f"data is a {type(data).__name__}; it must be a pandas DataFrame with a row for each effect")
    error = sei or vi
    numbers = [yi, error, *([weights] if weights else [])]
    refuse_unknown(data, [*numbers, *([slab] if slab else [])])
    names = tuple(map(str, data[slab] if slab else data.index))
    read = numeric_columns(data, numbers, names)
    variance = read[error] ** 2 if sei else read[error]
    if (read[error] <= 0).any():
        rows = ", ".join(name for name, bad in zip(names, read[error] <= 0, strict=True) if bad)
        raise ValueError(f"column {error} must be above 0; it is not in row {rows}")
    own = read[weights].to_numpy() if weights else None
    return EffectColumns(read[yi].to_numpy(), variance.to_numpy(), names, own)
