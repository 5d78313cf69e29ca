"""What is known of invented domains, with tables of studies to go with them, for the tests of documents."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from samples.synthesis import sample
from taprev.certainty.assessment import all_assessments
from taprev.extraction.tables import columns
from taprev.report.documents.findings import Known
from taprev.settings import Settings
from taprev.settings.sections import Domain, Review, Scope
from taprev.synthesis.results import Study, Synthesis

TABLES = ("studies", "reports", "outcomes", "components", "risk_of_bias", "certainty", "flow")
FILLED = {
    "country": "not reported",
    "setting": "not_reported",
    "scope": "core",
    "publication_status": "journal",
}


def invented_settings(contents: Iterable[Synthesis]) -> Settings:
    """Return settings that know the domains and nothing of a review."""
    return Settings(
        review=Review(title="An invented review", question="What is invented?", evidence_set="Invented rows."),
        scope=Scope(include=("core",)),
        domains={content.domain: Domain(label=content.label, population=content.population) for content in contents},
    )


def invented_tables(folder: Path, contents: Iterable[Synthesis], codebook: Path) -> Path:
    """Write tables that hold every study and result of the domains, and return their folder."""
    contents = list(contents)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "datapackage.yaml").write_bytes((codebook / "datapackage.yaml").read_bytes())
    labels = {one.study: one.label for c in contents for one in (*c.votes, *_drawn(c))}
    labels |= {row.study: labels.get(row.study, row.study) for c in contents for row in c.rows}
    results = {row.result for c in contents for row in c.rows}
    results |= {r for c in contents for one in (*c.votes, *_drawn(c)) for r in one.results}
    rows = {
        "studies": [{**FILLED, "study": study, "label": label} for study, label in labels.items()],
        "outcomes": [{"result": result} for result in sorted(results)],
    }
    for name in TABLES:
        header = columns(codebook, name)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
            table = csv.DictWriter(handle, header, restval="", lineterminator="\n")
            table.writeheader()
            table.writerows(rows.get(name, []))
    return folder


def _drawn(content: Synthesis) -> list[Study]:
    return [study for stratum in content.strata for study in stratum.studies]


def known_of(contents: Iterable[Synthesis], extracted: Path, settings: Settings) -> list[Known]:
    """Return the domains with their certainty, as the workflow writes it."""
    contents = list(contents)
    return [Known(*pair) for pair in zip(contents, all_assessments(contents, extracted, settings), strict=True)]


def known_sample(name: str, folder: Path, codebook: Path) -> tuple[list[Known], Path, Settings]:
    """Return one of the invented domains with its tables and settings."""
    contents = [sample(name)]
    settings, extracted = invented_settings(contents), invented_tables(folder, contents, codebook)
    return known_of(contents, extracted, settings), extracted, settings
