"""Who the people of an arm are: by a name (`group_arm1`, `group_arm2`), or else by their printed figures."""

from __future__ import annotations

from taprev.extraction.tables import Row

FIGURES = (
    "mean_arm2",
    "sd_arm2",
    "median_arm2",
    "q1_arm2",
    "q3_arm2",
    "mean_change_arm2",
    "sd_change_arm2",
    "event_arm2",
    "count_arm2",
)


def name_of(row: Row, arm: str) -> str:
    """Return the name of the people of an arm, whatever its capitals and spaces; empty where it has none."""
    return " ".join((row.get(f"group_{arm}") or "").split()).casefold()


def control_identity(row: Row) -> tuple[str, ...]:
    """Return what tells the control group of a row from others of its study: its name, or its printed figures.

    Parameters
    ----------
    row : Row
        A row of `outcomes.csv`.

    Returns
    -------
    tuple of str
        Empty where neither is there: people are not taken for the same because their number is.
    """
    if name := name_of(row, "arm2"):
        return (name,)
    figures = tuple(row[name] for name in FIGURES)
    return (*figures, row["n_arm2"], row["totaln_arm2"]) if any(figures) else ()
