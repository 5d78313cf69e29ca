"""One invented row for each table, which shows how a row looks when it is filled in; it is never read as data."""

from __future__ import annotations

from collections.abc import Mapping

from taprev.extraction.sheets.marked_rows import EXAMPLE, OF_EXAMPLE
from taprev.starter.forms.sheet_plan import FormColumn

STUDY, REPORT, LABEL = OF_EXAMPLE[0], f"{OF_EXAMPLE[0]}_paper", OF_EXAMPLE[1]
CELLS: Mapping[str, Mapping[str, str]] = {
    "studies": {
        "label": LABEL,
        "year": "2020",
        "country": "not reported",
        "programme": "group sessions",
        "comparator": "usual care",
        "funding": "not reported",
    },
    "reports": {
        "study": STUDY,
        "year": "2020",
        "citation": "Example et al. 2020",
        "source_url": "https://example.org/2020",
        "read_in": "full text",
    },
    "outcomes": {
        "study": STUDY,
        "sample": "all",
        "report": REPORT,
        "measure": "symptom scale",
        "timepoint": "after the last session",
        "months": "0",
        "better": "lower",
        "contrast": "randomised",
        "sd_basis": "raw",
        "statistic": "means",
        "mean_arm1": "12.40",
        "sd_arm1": "4.10",
        "mean_arm2": "15.00",
        "sd_arm2": "4.30",
        "n_arm1": "48",
        "n_arm2": "51",
        "direction": "better",
        "as_reported": "12.40 (4.10) v 15.00 (4.30)",
        "location": "table 2",
    },
    "components": {"location": "page 3"},
    "risk_of_bias": {"reason": "allocation by computer"},
    "certainty": {"stratum": "randomised", "reason": "in your own words", "judged_on": "2026-01-31"},
    "flow": {"n": "120"},
}


def example_row(table: str, columns: tuple[FormColumn, ...]) -> dict[str, str]:
    """Return the example of a table: its mark in the first column, then what fits the codebook of the review."""
    given = CELLS.get(table, {})
    row = {column.name: given.get(column.name) or _first_choice(column) for column in columns[1:]}
    return {columns[0].name: EXAMPLE, **{name: text for name, text in row.items() if text}}


def _first_choice(column: FormColumn) -> str:
    return column.choices[0] if column.required and column.choices else ""
