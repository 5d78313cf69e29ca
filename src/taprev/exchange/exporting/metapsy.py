"""Comparisons of two arms by the Metapsy data standard: semicolons, decimal commas, NA."""

from __future__ import annotations

from taprev.exchange.exporting.exported import Exported, ReviewToExport
from taprev.exchange.metapsy_figures import CHANGES, EVENTS, G_SE, LOG_RR, LOG_RR_SE, MEANS, G
from taprev.extraction.tables import Row
from taprev.ground.files import PLAIN_NUMBER
from taprev.vocabulary import Contrast, GivenEffect, RatioKind, Statistic

COLUMNS = (
    "study",
    "condition_arm1",
    "condition_arm2",
    "multi_arm1",
    "multi_arm2",
    "outcome_type",
    "instrument",
    "time",
    "time_weeks",
    "rating",
    *MEANS,
    *CHANGES,
    *EVENTS,
    G,
    G_SE,
    LOG_RR,
    LOG_RR_SE,
    "full_ref",
    "country",
    "year",
)
ABSENT = "NA"
WEEKS_A_MONTH = 52.1775 / 12
KINDS = {Statistic.MEANS: "msd", Statistic.CHANGE: "change", Statistic.EVENTS: "binary"}
FIGURES = {Statistic.MEANS: MEANS, Statistic.CHANGE: CHANGES, Statistic.EVENTS: EVENTS}
OF_CHANGE = dict(zip(("n_change_arm1", "n_change_arm2"), ("n_arm1", "n_arm2"), strict=True))


def to_metapsy(review: ReviewToExport) -> Exported:
    """Return metapsy.csv; what the standard has no place for (one group, tests, directions) is counted in a remark."""
    studies = {row["study"]: row for row in review.rows("studies")}
    reports = {row["report"]: row for row in review.rows("reports")}
    outcomes = review.rows("outcomes")
    rows = [made for row in outcomes if (made := _comparison(row, studies, reports))]
    lines = [";".join(COLUMNS), *(";".join(_cell(row.get(name, "")) for name in COLUMNS) for row in rows)]
    left = len(outcomes) - len(rows)
    remarks = [
        f"{left} of {len(outcomes)} results have no place in the standard: results of one group, and those that are "
        "given as a test, a mean difference, an odds ratio, a rate or a direction."
    ]
    files = {"metapsy.csv": ("\n".join(lines) + "\n").encode()} if rows else {}
    return Exported(files, tuple(remarks if left else ()))


def _comparison(row: Row, studies: dict[str, Row], reports: dict[str, Row]) -> Row | None:
    """Return a row of the standard, or None where the result has no place there."""
    figures = _figures(row)
    if figures is None or row["contrast"] not in (Contrast.RANDOMISED, Contrast.CONTROLLED):
        return None
    study = studies[row["study"]]
    months = row.get("months", "")
    named = {
        "study": study["label"],
        "condition_arm1": study.get("programme") or "programme",
        "condition_arm2": study.get("comparator") or "comparator",
        "multi_arm1": row.get("group_arm1", "") or ("" if row["sample"] == "all" else row["sample"]),
        "multi_arm2": row.get("group_arm2", ""),
        "instrument": row["measure"],
        "time": row["timepoint"],
        "time_weeks": f"{float(months) * WEEKS_A_MONTH:.4g}" if months else "",
        "full_ref": reports.get(row["report"], {}).get("citation", ""),
        "country": study.get("country", ""),
        "year": study.get("year", ""),
    }
    return named | figures


def _figures(row: Row) -> Row | None:
    statistic = row["statistic"]
    if statistic in FIGURES:
        figures = {name: row.get(OF_CHANGE.get(name, name), "") for name in FIGURES[Statistic(statistic)]}
        return {"outcome_type": KINDS[Statistic(statistic)], **figures} if all(figures.values()) else None
    if statistic != Statistic.EFFECT or not row["se"]:
        return None
    if row["effect_measure"] == GivenEffect.SMD:
        people = {name: row[name] for name in ("n_arm1", "n_arm2")}
        return {"outcome_type": "precalc_g", G: row["yi"], G_SE: row["se"], **people}
    if row["effect_measure"] == GivenEffect.LOG_RATIO and row["ratio_kind"] == RatioKind.RISK:
        return {"outcome_type": "precalc_log_rr", LOG_RR: row["yi"], LOG_RR_SE: row["se"]}
    return None


def _cell(text: str) -> str:
    """Return a cell as the standard has it: numbers with a decimal comma, other text in quotation marks."""
    if not text:
        return ABSENT
    if PLAIN_NUMBER.fullmatch(text):
        return text.replace(".", ",")
    quoted = " ".join(text.split()).replace('"', '""')
    return f'"{quoted}"'
