"""Designs that allocate clusters: the design effect, and why some of them are shown and never pooled."""

from __future__ import annotations

from taprev.extraction.tables import Row, figure
from taprev.settings import Assumptions

FEW_CLUSTERS = 4


def design_effect(row: Row, assumptions: Assumptions) -> tuple[float, str]:
    """Return the design effect 1 + (m - 1) icc of a cluster design, with a note on what is taken or missing.

    Cochrane Handbook 23.1.4. An intracluster correlation that is not printed is that of the settings, if any.
    """
    if row["unit_of_allocation"] != "cluster":
        return 1.0, ""
    printed, size = figure(row, "icc"), figure(row, "cluster_size")
    icc = assumptions.icc.value if printed is None else printed
    if icc is None or size is None:
        return 1.0, "the printed precision ignores that clusters were allocated"
    note = "" if printed is not None else f"the intracluster correlation is taken as {icc:g}"
    return 1 + (size - 1) * icc, note


def cluster_reason(row: Row, assumptions: Assumptions) -> str:
    """Say why a cluster design is shown and never pooled, or nothing."""
    if row["unit_of_allocation"] != "cluster":
        return ""
    clusters = [figure(row, "n_clusters_arm1"), figure(row, "n_clusters_arm2")]
    if any(n == 1 for n in clusters):
        return "one cluster in an arm: the programme cannot be told from the cluster"
    if any(n is not None and n < FEW_CLUSTERS for n in clusters):
        return f"fewer than {FEW_CLUSTERS} clusters in an arm"
    if None in clusters:
        return "clusters were allocated, and their number is not printed"
    has_icc = row["icc"] or assumptions.icc.value is not None
    if not (has_icc and row["cluster_size"]):
        return "clusters were allocated, and no intracluster correlation or cluster size is printed"
    return ""
