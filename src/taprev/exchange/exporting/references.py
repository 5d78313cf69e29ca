"""The reports of a review as references in RIS, which every program for references reads."""

from __future__ import annotations

import rispy
from rispy.writer import RisWriter

from taprev.exchange.exporting.exported import Exported, ReviewToExport
from taprev.exchange.references import STUDY_KEYWORD
from taprev.extraction.tables import Row


class PlainRisWriter(RisWriter):
    """RIS without the number that rispy sets before each reference."""

    def set_header(self, count: int) -> str:
        return ""


def to_ris(review: ReviewToExport) -> Exported:
    """Return references.ris with an entry for each report; a citation stands as it was written, in the notes."""
    studies = {row["study"]: row["label"] for row in review.rows("studies")}
    entries = [reference_of(row, studies) for row in review.rows("reports")]
    text = rispy.dumps(entries, implementation=PlainRisWriter)
    remarks = ("A citation is one text here, so it stands as the title of its reference.",)
    return Exported({"references.ris": f"{text.strip()}\n".encode()} if entries else {}, remarks)


def reference_of(row: Row, studies: dict[str, str]) -> dict:
    """Return a report as rispy writes it; `studies` are the labels of studies by their identifiers."""
    told = {
        "type_of_reference": "GEN",
        "id": row["report"],
        "title": " ".join(row["citation"].split()),
        "year": row["year"],
        "doi": row["doi"],
        "urls": [row["source_url"]] if row["source_url"] else [],
        "keywords": [f"{STUDY_KEYWORD}{studies.get(row['study'], row['study'])}"],
    }
    return {name: value for name, value in told.items() if value}
