"""The table beside a figure: its rows as CSV text, and the columns that it takes from a result as they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from taprev.ground.files import csv_text
from taprev.wording import labels


def fields_of(result: object, names: tuple[str, ...]) -> dict[str, Any]:
    """Return these fields of a result by their names.

    Parameters
    ----------
    result : object
        A record of a synthesis, such as a fit or a study.
    names : tuple of str
        The fields, which are the names of the columns too.

    Returns
    -------
    dict of str to any
    """
    return {name: getattr(result, name) for name in names}


def table(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return rows as CSV text: numbers in full, and texts on one line without control characters.

    Parameters
    ----------
    header : iterable of str
        The names of the columns.
    rows : iterable of iterable
        The cells of each row; None is an empty one.

    Returns
    -------
    str
    """
    return csv_text(header, (map(_on_one_line, row) for row in rows))


def _on_one_line(value: Any) -> Any:
    return labels.clean(value) if isinstance(value, str) else value
