"""Bring the two extractions, as they were received, into the columns of outcomes.csv.

Run once by a person, from the top of the repository:

    python data/raw/as_received/map_to_forms.py

It reads `extraction_first.csv`, `extraction_second.csv` and `completions.csv` beside it and writes
`data/raw/form_first.csv` and `data/raw/form_second.csv`. Nothing printed is lost: what has no column of its
own goes into the note. `completions.csv` holds the columns that neither received file had (pairing, part of
a scale, degrees of freedom of a named test and so on); they were read once, from both extractors' notes,
and are therefore the same in both forms, so that their agreement says nothing.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import yaml

HERE = Path(__file__).parent
RAW = HERE.parent
EXTRACTED = RAW.parent / "extracted"

POPULATION = {"patients_adult": "patients", "children_youth": "children_youth", "staff": "staff"}
BETTER = {"True": "higher", "False": "lower"}
CONTRAST = {
    "rct": "randomised",
    "cluster_rct": "randomised",
    "nonrandomised_controlled": "controlled",
    "controlled_before_after": "controlled",
    "uncontrolled_before_after": "before_after",
    "interrupted_time_series": "time_series",
    "other": "",
}
DIRECTION = {
    "favours_intervention": "better",
    "favours_comparator": "worse",
    "no_difference": "no_difference",
    "mixed": "mixed",
}
SHORT = {
    "ptsd_symptoms": "ptsd",
    "mental_health_symptoms": "mental_health",
    "behaviour_problems": "behaviour",
    "access_engagement": "access",
    "staff_wellbeing_burnout": "wellbeing",
}
FIGURES = {
    "post_mean": "mean_arm1",
    "post_sd": "sd_arm1",
    "pre_mean": "mean_arm2",
    "pre_sd": "sd_arm2",
    "events_post": "count_arm1",
    "events_pre": "count_arm2",
    "mean_diff": "md",
    "beta": "md",
    "d": "smd",
    "d_matched": "smd",
    "smd_abs": "smd",
    "or": "ratio",
    "mean_intervention": "mean_arm1",
    "mean_comparator": "mean_arm2",
    "rr": "ratio",
    "ci_low": "ci_lb",
    "ci_high": "ci_ub",
    "t": "t",
    "F": "F",
    "cohens_f": "cohens_f",
    "df": "df",
    "df1": "df1",
    "z": "z",
    "p": "p",
    "p_lt": "p_bound",
    "p_le": "p_bound",
}
PRECEDENCE = (
    ("sd_arm1", "means"),
    ("count_arm1", "counts"),
    ("smd", "smd"),
    ("cohens_f", "cohens_f"),
    ("ratio", "ratio"),
    ("t", "t"),
    ("F", "F"),
    ("z", "z"),
    ("md", "mean_difference"),
    ("ci_lb", "mean_difference"),
    ("p", "p"),
    ("p_bound", "p_bound"),
)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def columns() -> list[str]:
    package = yaml.safe_load((EXTRACTED / "datapackage.yaml").read_text(encoding="utf-8"))
    outcomes = next(table for table in package["resources"] if table["name"] == "outcomes")
    return [field["name"] for field in outcomes["schema"]["fields"]]


def domain(row: dict[str, str]) -> str:
    """Return the domain of the review: what was measured, and in whom, because a domain has one population."""
    whose = {"patients": "patient", "children_youth": "youth", "staff": "staff"}[POPULATION[row["population"]]]
    received = row["outcome_domain"]
    if received == "seclusion_restraint":
        return received if whose == "patient" else f"{received}_youth"
    return f"{whose}_{SHORT.get(received, received).removeprefix(f'{whose}_')}"


def figures(row: dict[str, str]) -> tuple[dict[str, str], dict[str, object]]:
    """Split the printed figures into those with a column of their own and those for the note."""
    printed = json.loads(row["figures"], parse_int=str, parse_float=str)
    filled = {FIGURES[name]: str(value) for name, value in printed.items() if name in FIGURES}
    rest = {name: value for name, value in printed.items() if name not in FIGURES}
    if row["stat_kind"] == "p_value_only" and "md" in filled:
        rest["mean_diff"] = filled.pop("md")
    if row["stat_kind"] == "p_value_only" and "pct_change" in rest:
        filled["ratio"] = f"{1 + float(str(rest['pct_change'])) / 100:.3f}"
    if "p_as_printed" in rest and rest["p_as_printed"].replace(".", "").isdigit():
        filled["p"] = str(rest["p_as_printed"])
    return filled, rest


def statistic(filled: dict[str, str], kind: str) -> str:
    if kind == "direction_only":
        return "direction"
    return next((name for column, name in PRECEDENCE if column in filled), "direction")


def note(row: dict[str, str], rest: dict[str, object]) -> str:
    parts = [row["notes"].strip()]
    if rest:
        parts.append("Also printed: " + ", ".join(f"{name} {value}" for name, value in rest.items()) + ".")
    parts.append(f"Compared with: {row['comparator']}." if row["comparator"] else "")
    parts.append("Design: other (dose and response)." if row["design"] == "other" else "")
    return " ".join(part for part in parts if part)


def form_row(row: dict[str, str], completed: dict[str, str], study: dict[str, str]) -> dict[str, str]:
    filled, rest = figures(row)
    return {
        **{column: value for column, value in completed.items() if column != "basis"},
        "result": row["result_id"],
        "study": study[row["study_id"]],
        "report": row["study_id"],
        "domain": domain(row),
        "population": POPULATION[row["population"]],
        "measure": row["measure"],
        "timepoint": row["timepoint"],
        "better": BETTER.get(row["higher_is_better"], ""),
        "contrast": CONTRAST[row["design"]],
        "statistic": statistic(filled, row["stat_kind"]),
        **{**filled, "df1": filled.get("df1", completed["df1"])},
        "n_arm1": row["n_intervention"],
        "n_arm2": row["n_comparator"],
        "direction": DIRECTION[row["direction"]],
        "as_reported": row["as_reported"].strip(),
        "location": row["source_location"],
        "note": note(row, rest),
    }


def write_form(name: str) -> None:
    completions = {row["result"]: row for row in read(HERE / "completions.csv")}
    study = {row["report"]: row["study"] for row in read(EXTRACTED / "reports.csv")}
    rows = [
        form_row(row, completions[row["result_id"]], study)
        for row in read(HERE / f"extraction_{name}.csv")
        if row["result_id"] in completions
    ]
    with (RAW / f"form_{name}.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns(), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    for extractor in ("first", "second"):
        write_form(extractor)
