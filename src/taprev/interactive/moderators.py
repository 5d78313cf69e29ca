"""Moderators of a data frame as a design matrix: by a formula, or by the names of columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from formulaic import Formula, ModelSpec
from formulaic.errors import FormulaicError

from taprev.interactive.numeric_columns import refuse_unknown

INTERCEPT = "intercept"


@dataclass(frozen=True)
class Design:
    """A design matrix, shape (k, p), the names of its columns, and how rows of it are made of other data."""

    matrix: np.ndarray
    names: tuple[str, ...]
    spec: ModelSpec | None = None

    def rows_of(self, data: pd.DataFrame) -> np.ndarray:
        """Return the rows of the design for other values of the moderators; ValueError says what they lack."""
        if self.spec is None:
            return np.ones((len(data), 1))
        needed = sorted(map(str, self.spec.required_variables))
        refuse_unknown(data, needed)
        _refuse_cells(data, needed)
        _refuse_levels(data, self.spec)
        return np.asarray(_made(lambda: self.spec.get_model_matrix(data)), float)


def design_of(data: pd.DataFrame, mods: str | Sequence[str] | None) -> Design:
    """Return the design of moderators, with an intercept unless the formula takes it away.

    Parameters
    ----------
    data : DataFrame
    mods : str or sequence of str, optional
        The right side of a formula, such as `~ year + C(setting)`, or the names of columns.

    Returns
    -------
    Design

    Raises
    ------
    ValueError
        For a formula that cannot be read or has a left side, an unknown column, and a missing value.
    """
    if mods is None:
        return Design(np.ones((len(data), 1)), (INTERCEPT,))
    if not isinstance(mods, str | Sequence):
        raise ValueError(f'mods is {mods!r}; it must be a formula, such as "~ year", or a list of columns')
    formula = _read(mods if isinstance(mods, str) else " + ".join(f"`{name}`" for name in mods))
    needed = sorted(map(str, formula.required_variables))
    refuse_unknown(data, needed)
    _refuse_cells(data, needed)
    made = _made(lambda: formula.get_model_matrix(data))
    names = tuple(INTERCEPT if name == "Intercept" else str(name) for name in made.columns)
    return Design(np.asarray(made, float), names, made.model_spec)


def _read(text: str) -> Formula:
    formula = _made(lambda: Formula(text.strip()))
    if hasattr(formula, "lhs"):
        raise ValueError(f'mods is "{text}"; write the right side alone, such as "~ year": the effects stand in yi')
    return formula


def _refuse_cells(data: pd.DataFrame, names: Sequence[str]) -> None:
    for name in names:
        column = data[name]
        if column.isna().any():
            rows = ", ".join(str(row) for row in data.index[column.isna()][:12])
            raise ValueError(f"the moderator {name} is missing in row {rows}; leave these rows out, or fill them in")
        if pd.api.types.is_bool_dtype(column) or any(isinstance(cell, bool) for cell in column):
            raise ValueError(f"the moderator {name} holds truth values; write them as words, or as 0 and 1")


def _refuse_levels(data: pd.DataFrame, spec: ModelSpec) -> None:
    """Raise ValueError where a moderator of words has one that the model has not met."""
    for name, (_, state) in spec.encoder_state.items():
        known, column = state.get("categories"), name.removeprefix("C(").removesuffix(")")
        if known is None or column not in data.columns:
            continue
        if unknown := sorted({str(cell) for cell in data[column]} - {str(level) for level in known}):
            levels = ", ".join(map(str, known))
            raise ValueError(f"the moderator {column} has the levels {levels}, and not {', '.join(unknown)}")


def _made(make: Any) -> Any:
    """Return what a maker makes of a formula; its own errors become a ValueError with a sentence."""
    try:
        return make()
    except (FormulaicError, SyntaxError, NameError, TypeError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ValueError(f"the formula of the moderators cannot be used: {first}") from None
