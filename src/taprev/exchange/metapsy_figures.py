"""The figures of a comparison in a Metapsy data set: means, changes, events, or an effect that was computed before."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Sequence

from taprev.exchange.direction import POINTS
from taprev.exchange.imported import PoolFigure, StoredPool
from taprev.exchange.rows import whole
from taprev.exchange.typed_figures import ABOVE_ZERO, ANY_NUMBER, whole_from
from taprev.extraction.tables import Row
from taprev.vocabulary import GivenEffect, RatioKind, Statistic

MEANS = ("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2")
CHANGES = ("mean_change_arm1", "sd_change_arm1", "n_change_arm1", "mean_change_arm2", "sd_change_arm2", "n_change_arm2")
EVENTS = ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")
G, G_SE = "precalc_g", "precalc_g_se"
LOG_RR, LOG_RR_SE = "precalc_log_rr", "precalc_log_rr_se"
STORED_G = ".g"
TAKEN_G = "the g that the file gives is Hedges' g of raw scores"


RULES = {
    **dict.fromkeys((*MEANS, *CHANGES, G, G_SE, LOG_RR, LOG_RR_SE, STORED_G), ANY_NUMBER),
    **dict.fromkeys((name for name in (*MEANS, *CHANGES) if name.startswith("sd_")), ABOVE_ZERO),
    **dict.fromkeys((G_SE, LOG_RR_SE), ABOVE_ZERO),
    **dict.fromkeys((name for name in (*MEANS, *CHANGES) if name.startswith("n_")), whole_from(1)),
    **dict.fromkeys(EVENTS, whole_from(0)),
}
"""What each column of figures can hold."""


def lacking_columns(header: Collection[str], rows: Sequence[tuple[int, Row]]) -> str:
    """Return a sentence about the columns that a table lacks of groups of figures that it fills in part, or nothing.

    Numbers of people may stand beside any figures, and fill no group by themselves.
    """
    lacking = []
    for group in (MEANS, CHANGES, EVENTS, (G, G_SE), (LOG_RR, LOG_RR_SE)):
        missing = [name for name in group if name not in header]
        own = [name for name in group if not name.startswith(("n_", "totaln_"))]
        if missing and any(row.get(name) for _, row in rows for name in own):
            lacking += missing
    what = "column" if len(lacking) == 1 else "columns"
    verb = "is" if len(lacking) == 1 else "are"
    return (
        f"the {what} {', '.join(lacking)}, which the Metapsy standard requires beside the figures of this file, {verb} "
        "missing. Add what is missing, with NA where a figure was not reported."
        if lacking
        else ""
    )


def g_turned(rows: Sequence[tuple[int, Row]]) -> int:
    """Return -1 where the g of the file is arm 2 minus arm 1 in the rows that have means too, else 1."""
    signs: Counter[bool] = Counter()
    for _, row in rows:
        if all(row.get(name) for name in ("mean_arm1", "mean_arm2", STORED_G)):
            product = (float(row["mean_arm1"]) - float(row["mean_arm2"])) * float(row[STORED_G])
            signs[product < 0] += product != 0
    return -1 if signs[True] > signs[False] else 1


def cells_of_comparison(row: Row, turn: int) -> dict[str, str] | None:
    """Return the figures of a comparison: what its type names first, else what it has; None where it has nothing."""
    kind = row["outcome_type"].casefold()
    ways: list[Callable[[Row], dict[str, str] | None]] = [_means, _changes, _events, _given_ratio]
    if "precalc" in kind or not any(row.get(name) for name in (*MEANS, *CHANGES, *EVENTS)):
        ways.insert(0, lambda one: _given(one, turn))
    elif "change" in kind:
        ways.insert(0, _changes)
    elif kind != "msd":
        ways.insert(0, _events)
    made = next((cells for way in ways if (cells := way(row))), None)
    if made is None and row.get("mean_arm1") and row.get("mean_arm2"):
        gap = float(row["mean_arm1"]) - float(row["mean_arm2"])
        return {"statistic": Statistic.DIRECTION, POINTS: repr(gap)}
    return made


def _filled(row: Row, names: Sequence[str]) -> bool:
    return all(row.get(name) for name in names)


def _people(row: Row, names: Sequence[str] = ("n_arm1", "n_arm2")) -> dict[str, str]:
    pairs = zip(("n_arm1", "n_arm2"), names, strict=True)
    return {arm: n for arm, name in pairs if (n := whole(row.get(name, ""))) and int(n) >= 2}


def _means(row: Row) -> dict[str, str] | None:
    people = _people(row)
    if not _filled(row, MEANS) or len(people) < 2 or min(float(row["sd_arm1"]), float(row["sd_arm2"])) <= 0:
        return None
    shown = " v ".join(f"{row[f'mean_{arm}']} (SD {row[f'sd_{arm}']}, n {row[f'n_{arm}']})" for arm in ("arm1", "arm2"))
    figures = {name: row[name] for name in MEANS if not name.startswith("n_")}
    return {"statistic": Statistic.MEANS, **figures, **people, "as_reported": shown}


def _changes(row: Row) -> dict[str, str] | None:
    people = _people(row, ("n_change_arm1", "n_change_arm2"))
    if not _filled(row, CHANGES) or len(people) < 2:
        return None
    figures = {name: row[name] for name in CHANGES if not name.startswith("n_")}
    return {"statistic": Statistic.CHANGE, **figures, **people}


def _events(row: Row) -> dict[str, str] | None:
    figures = {name: whole(row.get(name, "")) for name in EVENTS}
    if not all(figures.values()) or any(
        int(figures[f"event_{a}"]) > int(figures[f"totaln_{a}"]) for a in ("arm1", "arm2")
    ):
        return None
    people = _people(row, ("totaln_arm1", "totaln_arm2"))
    return {"statistic": Statistic.EVENTS, "ratio_kind": RatioKind.RISK, **figures, **people}


def _given(row: Row, turn: int) -> dict[str, str] | None:
    if not _filled(row, (G, G_SE)) or float(row[G_SE]) <= 0:
        return None
    yi = row[G] if turn > 0 else row[G].removeprefix("-") if row[G].startswith("-") else f"-{row[G]}"
    given = {"statistic": Statistic.EFFECT, "effect_measure": GivenEffect.SMD, "yi": yi, "se": row[G_SE]}
    return {**given, **_people(row), "assumes": TAKEN_G, "as_reported": f"g {row[G]}, SE {row[G_SE]}"}


def _given_ratio(row: Row) -> dict[str, str] | None:
    if not _filled(row, (LOG_RR, LOG_RR_SE)) or float(row[LOG_RR_SE]) <= 0:
        return None
    kind = {"effect_measure": GivenEffect.LOG_RATIO, "ratio_kind": RatioKind.RISK}
    return {"statistic": Statistic.EFFECT, **kind, "yi": row[LOG_RR], "se": row[LOG_RR_SE]}


def compared_g(rows: Sequence[tuple[int, Row]], turn: int) -> list[StoredPool]:
    """Return each g that the file stores beside that of its means, as the R package esc computes it."""
    figures = []
    for number, row in rows:
        if _filled(row, (*MEANS, STORED_G)) and (made := hedges_g(row)) is not None:
            figures.append(
                PoolFigure(f"row {number}, {row['study']}, {row['instrument']}: g", row[STORED_G], turn * made)
            )
    return (
        [StoredPool("g of each row", "Hedges' g of the means", len(figures), tuple(figures), of_rows=True)]
        if figures
        else []
    )


def hedges_g(row: Row) -> float | None:
    """Return (1 - 3/(4N - 9)) (m1 - m2)/s of a row, s the pooled standard deviation; None where it has none."""
    m1, s1, n1, m2, s2, n2 = (float(row[name]) for name in MEANS)
    if n1 + n2 <= 2 or s1 <= 0 or s2 <= 0:
        return None
    s = math.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2))
    return (1 - 3 / (4 * (n1 + n2) - 9)) * (m1 - m2) / s
