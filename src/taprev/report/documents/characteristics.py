"""The characteristics of every study: where, which programme, compared with what, and what the review took from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from taprev.extraction.tables import Row, read_rows
from taprev.report.documents.document import Column, Document, Paragraph, Table, TableCell, TableSection
from taprev.report.documents.findings import Known
from taprev.report.documents.imprint import imprint
from taprev.report.documents.trimmed import trimmed
from taprev.settings import Settings
from taprev.wording import labels
from taprev.wording.addresses import doi_address, web_address
from taprev.wording.flow import NO_OUTCOME

PROGRAMME, MONEY, PEOPLE = (
    ("programme", "scope"),
    ("publication_status", "funding"),
    ("lived_experience", "harms"),
)
PLAIN = ("study", "label", "year", "comparator", "note")
COLUMNS = (
    Column("Study", 0.12),
    Column("Where", 0.12),
    Column("Programme", 0.16),
    Column("Compared with", 0.1),
    Column("Outcomes taken", 0.17),
    Column("Published, funded", 0.09),
    Column("Lived experience, harms", 0.1),
    Column("Else", 0.06),
    Column("Reports", 0.14),
)


def characteristics(known: Sequence[Known], extracted: Path, settings: Settings) -> Document:
    """Return the characteristics of every extracted study, those outside the scope in a section of their own."""
    taken = _taken(known)
    reports = defaultdict(list)
    for report in read_rows(extracted / "reports.csv"):
        reports[report["study"]].append(report)
    studies = sorted(read_rows(extracted / "studies.csv"), key=lambda row: row["label"].lower())
    inside = [row for row in studies if row["scope"] in settings.scope.include]
    outside = [row for row in studies if row["scope"] not in settings.scope.include]
    where = tuple(dict.fromkeys(("country", *(part.column for part in settings.gap_map), "setting")))
    sections = (
        TableSection("In the review", tuple(_row(row, where, taken, reports[row["study"]]) for row in inside)),
        TableSection(
            "Outside its scope",
            tuple(_row(row, where, taken, reports[row["study"]]) for row in outside),
        ),
    )
    used = tuple(section for section in sections if section.rows)
    return Document(
        title="Characteristics of the studies",
        subtitle=settings.review.title,
        blocks=(
            Paragraph(settings.review.evidence_set, "lead"),
            trimmed(Table("Characteristics", "Every extracted study.", COLUMNS, used)),
            Paragraph(
                '"Not reported" means that what was read does not say; it never means that there was none.',
                "note",
            ),
        ),
        imprint=imprint(settings),
        landscape=True,
    )


def _taken(known: Sequence[Known]) -> Mapping[str, list[str]]:
    """Return the outcomes of each study, with the design and the number of results."""
    counts: dict[str, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for outcome in known:
        for row in outcome.synthesis.rows:
            counts[row.study][outcome.label, row.contrast] += 1
    return {
        study: [f"{label}, {labels.contrast(contrast)} ({n})" for (label, contrast), n in by_outcome.items()]
        for study, by_outcome in counts.items()
    }


def _row(
    study: Row, where: Sequence[str], taken: Mapping[str, list[str]], reports: Sequence[Row]
) -> tuple[TableCell, ...]:
    known = (*where, *PROGRAMME, *MONEY, *PEOPLE, *PLAIN)
    other = [f"{_name(column)}: {_name(value)}" for column, value in study.items() if column not in known and value]
    year = f" ({study['year']})" if study["year"] and study["year"] not in study["label"] else ""
    address = next((_address(report) for report in reports if _address(report)), "")
    texts = (
        f"{study['label']}{year}",
        _joined(study, where),
        _joined(study, PROGRAMME),
        study["comparator"],
        "\n".join(taken.get(study["study"], [NO_OUTCOME])),
        _joined(study, MONEY),
        f"involved: {_name(study['lived_experience'])}\nharms: {_name(study['harms'])}",
        "\n".join(other),
    )
    return (
        *(TableCell(text) for text in texts),
        TableCell("\n".join(report["citation"] for report in reports), address),
    )


def _joined(study: Row, columns: Sequence[str]) -> str:
    return "\n".join(_name(study[column]) for column in columns if study.get(column))


def _name(value: str) -> str:
    return value.replace("_", " ")


def _address(report: Row) -> str:
    return doi_address(report["doi"]) or web_address(report["source_url"])
