"""Comparisons of two arms by the Metapsy data standard: semicolons, decimal commas, NA."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

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
    """Return a table for each outcome; what the standard has no place for is said in remarks."""
    studies = {row["study"]: row for row in review.rows("studies")}
    reports = {row["report"]: row for row in review.rows("reports")}
    outcomes = review.rows("outcomes")
    tables: defaultdict[str, list[Row]] = defaultdict(list)
    for row in outcomes:
        if made := _comparison(row, studies, reports):
            tables[row["domain"]].append(made)
    names = {domain: "metapsy.csv" if len(tables) == 1 else f"metapsy_{domain}.csv" for domain in tables}
    left = len(outcomes) - sum(map(len, tables.values()))
    files = {names[domain]: _table(rows) for domain, rows in tables.items()}
    return Exported(files, tuple(_remarks(left, len(outcomes), len(tables))) if files else ())


def _table(rows: list[Row]) -> bytes:
    lines = [";".join(COLUMNS), *(";".join(_cell(row.get(name, "")) for name in COLUMNS) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def _remarks(left: int, results: int, outcomes: int) -> Iterator[str]:
    if outcomes > 1:
        yield f"The standard has no column for outcomes: each of the {outcomes} has a file of its own."
    yield "It has none either for which end of a scale is better, and none for risk of bias; both are left out."
    if left:
        yield (
            f"{left} of {results} results have no place in the standard: results of one group, and those that are "
            "given as a test, a mean difference, an odds ratio, a rate or a direction."
        )


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
