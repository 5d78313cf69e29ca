"""Bibliographic references as studies and reports: a reference is a study of its own until people join them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from taprev.exchange.answers import Answers
from taprev.exchange.imported import Imported
from taprev.exchange.names import Names
from taprev.exchange.references import CitedWork, References, read_nbib, read_ris
from taprev.exchange.rows import report_row, study_row
from taprev.extraction.tables import Row
from taprev.vocabulary import PublicationStatus, Read

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
    works, remarks = _once(every)
    studies, reports = Names("study"), Names("report")
    rows = [
        _rows(one, studies.name(one.study or str(n), _label(one)), reports.name(str(n), _label(one)))
        for n, one in works
    ]
    alone = sum(1 for _, one in works if not one.study)
    asked = f"{'Each reference' if alone == len(works) else f'{alone} references'} became a study; where several belong"
    return Imported(
        format=name,
        tables={
            "studies": tuple({row["study"]: row for row, _ in reversed(rows)}.values())[::-1],
            "reports": tuple(two for _, two in rows),
        },
        remarks=(*remarks, *([f"{asked} to one study, give them one name."] if alone else [])),
    )


def _once(every: Sequence[CitedWork]) -> tuple[list[tuple[int, CitedWork]], list[str]]:
    """Return each work once, with its number, and a remark for every one that an earlier DOI or PMID names."""
    first: dict[str, CitedWork] = {}
    works, remarks = [], []
    for number, one in enumerate(every, start=1):
        keys = [*_keys(one)]
        before = next((first[key] for key in keys if key in first), None)
        if before is None:
            first |= dict.fromkeys(keys, one)
            works.append((number, one))
        else:
            what = f"Reference {number} has the DOI or PMID of an earlier one"
            remarks.append(f"{what} ({before.title[:60]}); it is read once.")
    return works, remarks


def _rows(one: CitedWork, study: str, report: str) -> tuple[Row, Row]:
    """Return the rows of studies.csv and reports.csv of a reference, of which nobody has read anything yet."""
    status = PublicationStatus.JOURNAL if one.journal else ""
    address = one.address if one.address.startswith(("http://", "https://")) else ""
    address = address or (f"{PUBMED}{one.pmid}/" if one.pmid and not one.doi else "")
    cited, unread = one.citation or _label(one), "nothing yet, only the reference"
    row = report_row(report, study, cited, unread, year=one.year, doi=one.doi, source_url=address)
    return study_row(study, _label(one), year=one.year, publication_status=status), {**row, "read": Read.NOT_CODED}


def _keys(one: CitedWork) -> Iterator[str]:
    if one.doi:
        yield f"doi {one.doi.casefold()}"
    if one.pmid:
        yield f"pmid {one.pmid}"


def _label(one: CitedWork) -> str:
    """Return the study that a reference names, else the first author's family name and the year, or the title."""
    author = one.authors[0].split(",")[0].strip() if one.authors else ""
    named = f"{author} {one.year}".strip()
    return one.study or named or one.title[:60] or "reference"
