"""Bibliographic references as studies and reports: a reference is a study of its own until people join them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from taprev.exchange.answers import Answers
from taprev.exchange.imported import Imported
from taprev.exchange.names import Names
from taprev.exchange.references import CitedWork, References, read_nbib, read_ris
from taprev.exchange.rows import report_row, study_row
from taprev.extraction.tables import Row
from taprev.vocabulary import PublicationStatus

PUBMED = "https://pubmed.ncbi.nlm.nih.gov/"


def read_references(path: Path, answers: Answers) -> Imported:
    """Return the references of a RIS file as studies and reports, each work once."""
    return _imported("references (RIS)", path, read_ris)


def read_pubmed(path: Path, answers: Answers) -> Imported:
    """Return the references of a file of PubMed as studies and reports, each work once."""
    return _imported("references (PubMed)", path, read_nbib)


def _imported(name: str, path: Path, read: Callable[[Path, bytes], References]) -> Imported:
    every = read(path, path.read_bytes()).every
    if not every:
        raise ValueError(f"{path}: the file holds no reference.")
    first: dict[str, CitedWork] = {}
    remarks, works = [], []
    for number, one in enumerate(every, start=1):
        keys = [*_keys(one)]
        before = next((first[key] for key in keys if key in first), None)
        if before is not None:
            remarks.append(
                f"CitedWork {number} has the DOI or PMID of an earlier one ({before.title[:60]}); it is read once."
            )
            continue
        first |= dict.fromkeys(keys, one)
        works.append(one)
    studies, reports = Names("study"), Names("report")
    rows: list[tuple[Row, Row]] = []
    for number, one in enumerate(works):
        label = _label(one)
        study = studies.name(str(number), label)
        status = PublicationStatus.JOURNAL if one.journal else ""
        address = one.address if one.address.startswith(("http://", "https://")) else ""
        address = address or (f"{PUBMED}{one.pmid}/" if one.pmid and not one.doi else "")
        rows.append(
            (
                study_row(study, label, year=one.year, publication_status=status),
                {
                    **report_row(
                        reports.name(str(number), label),
                        study,
                        one.citation or label,
                        "nothing yet: the reference alone",
                        year=one.year,
                        doi=one.doi,
                        source_url=address,
                    ),
                    "read": "not_coded",
                },
            )
        )
    return Imported(
        format=name,
        tables={"studies": tuple(one for one, _ in rows), "reports": tuple(two for _, two in rows)},
        remarks=(*remarks, "Each reference is a study of its own; where several are of one study, give them one name."),
    )


def _keys(one: CitedWork) -> Iterator[str]:
    if one.doi:
        yield f"doi {one.doi.casefold()}"
    if one.pmid:
        yield f"pmid {one.pmid}"


def _label(one: CitedWork) -> str:
    """Return the first author's family name and the year, or the title."""
    author = one.authors[0].split(",")[0].strip() if one.authors else ""
    named = f"{author} {one.year}".strip()
    return named or one.title[:60] or one.study or "reference"
