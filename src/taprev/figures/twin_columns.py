"""The columns that a data twin takes from a result as they are."""

from __future__ import annotations

from typing import Any


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
