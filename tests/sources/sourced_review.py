"""A review that keeps its sources: a study for each made paper, begun as people begin one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from made_papers import MadePaper, Row

from helpers import by_hand
from taprev.extraction.tables import columns, package
from taprev.ground.files import csv_text

ANSWERS = (
    *("--title", "A made review", "--question", "Does it help?", "--evidence", "Papers made for tests", "--extractors"),
    *("1", "--programme", "Programme", "--comparator", "Usual care", "--outcome", "Symptoms: scores"),
)
STUDY = {
    "country": "not reported",
    "setting": "hospital",
    "scope": "core",
    "programme": "sessions",
    "comparator": "usual care",
    "publication_status": "journal",
    "funding": "not reported",
    "lived_experience": "not_coded",
    "harms": "not_coded",
}
OUTCOME = {
    "sample": "all",
    "domain": "symptoms",
    "population": "all_ages",
    "better": "higher",
    "contrast": "randomised",
    "sd_basis": "raw",
}


def sourced_review(
    folder: Path, papers: Mapping[str, MadePaper], rows: int = 2, corrected: Mapping[str, Row] | None = None
) -> Path:
    """Begin a review with a study, a report and some rows for each paper; `corrected` alters rows by their result."""
    by_hand(folder.parent, ("init", str(folder), *ANSWERS))
    settings = folder / "config" / "review.yaml"
    settings.write_text(settings.read_text("utf-8").replace("open_queries: stop", "open_queries: mark"), "utf-8")
    sources = folder / "data" / "raw" / "sources"
    sources.mkdir(parents=True, exist_ok=True)
    studies, reports, outcomes = [], [], []
    for name, paper in papers.items():
        (sources / f"{name}.pdf").write_bytes(paper.pdf)
        studies.append({"study": name, "label": name.capitalize(), "year": "2019", **STUDY})
        reports.append(_report(name, f"{name}.pdf", hashlib.sha256(paper.pdf).hexdigest()))
        for row in [one for one in paper.rows if one["statistic"] == "means"][:rows]:
            result = f"{name}_{row['result']}"
            named = {"result": result, "study": name, "report": name, "direction": _direction(row)}
            outcomes.append(OUTCOME | row | named | (corrected or {}).get(result, {}))
    for table, made in (("studies", studies), ("reports", reports), ("outcomes", outcomes)):
        write_table(folder, table, made)
    return folder


def write_table(folder: Path, table: str, rows: list[Row]) -> None:
    """Write a table of a review, in the columns of its codebook."""
    header = columns(folder / "data" / "extracted", table)
    text = csv_text(header, ([row.get(name, "") for name in header] for row in rows), guarded=False)
    (folder / "data" / "extracted" / f"{table}.csv").write_text(text, encoding="utf-8")
    package.cache_clear()


def _report(name: str, file: str, checksum: str) -> Row:
    return {
        "report": name,
        "study": name,
        "year": "2019",
        "citation": f"{name.capitalize()} A. 2019. Results after one year",
        "source_url": f"https://example.org/{name}",
        "read": "full_text",
        "read_in": "full text",
        "source_file": file,
        "source_sha256": checksum,
        "source_read_on": "2024-05-01",
    }


def _direction(row: Row) -> str:
    return "better" if float(row["mean_arm1"]) > float(row["mean_arm2"]) else "worse"
