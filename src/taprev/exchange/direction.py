"""Which way the figures of an imported row point: arm 1 above, below or equal to arm 2."""

from __future__ import annotations

import math

from taprev.extraction.tables import Row

POINTS = "points"
"""A cell of an imported row that is not written: the sign of figures that have no column of their own."""


def printed_sign(row: Row) -> float | None:
    """Return a number with the sign of arm 1 minus arm 2, or of the log of a ratio; None where no figure has a sign."""
    if row.get(POINTS):
        return float(row[POINTS])
    for name in ("yi", "md", "smd", "pearson_r", "t"):
        if row.get(name):
            return float(row[name])
    if row.get("ratio"):
        return math.log(float(row["ratio"]))
    for name in ("mean", "median", "mean_change"):
        if row.get(f"{name}_arm1") and row.get(f"{name}_arm2"):
            return float(row[f"{name}_arm1"]) - float(row[f"{name}_arm2"])
    if all(row.get(f"{name}_{arm}") for name in ("event", "totaln") for arm in ("arm1", "arm2")):
        share1, share2 = (float(row[f"event_{arm}"]) / float(row[f"totaln_{arm}"]) for arm in ("arm1", "arm2"))
        return share1 - share2
    if row.get("count_arm1") and row.get("count_arm2"):
        times = [float(row.get(f"time_{arm}") or 1) for arm in ("arm1", "arm2")]
        return float(row["count_arm1"]) / times[0] - float(row["count_arm2"]) / times[1]
    return float(row["mean_change_arm1"]) if row.get("mean_change_arm1") else None
