"""Bibliographic references in RIS and in PubMed's format (nbib), read by `rispy`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import rispy
from rispy.parser import RisParser

from taprev.exchange.tabular import decoded

DOI = re.compile(r"10\.\d{4,9}/\S+")
Entry = Mapping[str, object]
"""A reference as `rispy` gives it."""

RETURN, LINE = "\r\n", "\n"
RIS_LINE = re.compile(rb"^\W*TY  - ", re.MULTILINE)
NBIB_LINE = re.compile(rb"^PMID- ?\d+", re.MULTILINE)
YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
JOURNAL_TAGS = ("journal_name", "secondary_title", "alternate_title1", "publisher")
STUDY_KEYWORD = "study: "
"""How taprev writes the study of a report in RIS."""
JOURNAL = ("JOUR", "JFULL", "EJOUR", "Journal Article")


@dataclass(frozen=True)
class CitedWork:
    """A reference: what cites it, its identifiers, and the study that it is of where the file says so."""

    authors: tuple[str, ...]
    title: str
    where: str
    year: str
    doi: str = ""
    pmid: str = ""
    address: str = ""
    study: str = ""
    kind: str = ""

    @property
    def journal(self) -> bool:
        """Whether it is an article in a journal."""
        return self.kind in JOURNAL

    @property
    def citation(self) -> str:
        """The reference in one line; the file's words, and nothing where it has none."""
        told = f"{self.title} {self.where}"
        where = self.where if self.year in told else f"{self.where} {self.year}".strip()
        parts = (", ".join(self.authors), self.title, where)
        return ". ".join(part.strip().rstrip(".") for part in parts if part.strip())


@dataclass(frozen=True)
class References:
    """The references of a file in their order."""

    every: tuple[CitedWork, ...]


class NbibParser(RisParser):
    """PubMed's format as `rispy` reads RIS: up to four letters, a dash and a value; an empty line ends a record."""

    START_TAG = "PMID"
    DEFAULT_MAPPING: ClassVar[dict[str, str]] = {
        **{"PMID": "pmid", "TI": "title", "AU": "authors", "JT": "journal_name", "DP": "year", "VI": "volume"},
        **{"IP": "number", "PG": "start_page", "LID": "identifiers", "AID": "identifiers", "PT": "kinds"},
        "UK": "unknown_tag",
    }
    DEFAULT_LIST_TAGS: ClassVar[list[str]] = ["AU", "LID", "AID", "PT"]
    DEFAULT_DELIMITER_MAPPING: ClassVar[dict[str, str]] = {}

    def parse_line(self, line: str) -> tuple[str, str] | tuple[None, str]:
        """Return the tag of a line and what stands behind it; a line that goes on has no tag."""
        if not line.strip():
            return self.END_TAG, ""
        tag = line[:4].rstrip()
        return (tag, line[5:].strip()) if line[4:5] == "-" and tag.isupper() else (None, line.strip())


def is_ris(head: bytes) -> bool:
    """Return whether a file holds references in RIS."""
    return RIS_LINE.search(head) is not None


def is_nbib(head: bytes) -> bool:
    """Return whether a file holds references as PubMed writes them."""
    return NBIB_LINE.search(head) is not None


def read_ris(path: Path, content: bytes) -> References:
    """Return the references of a RIS file; ValueError where it cannot be read as one."""
    text, _ = decoded(path, content)
    try:
        entries = rispy.loads(text.replace(RETURN, LINE), skip_unknown_tags=False)
    except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
        raise ValueError(f"{path}: the file cannot be read as RIS ({error}).") from None
    if len(entries) != len(RIS_LINE.findall(content)):
        raise ValueError(f"{path}: a record does not end (ER), so the file is cut off or damaged. Get it again.")
    return References(tuple(_of_ris(entry) for entry in entries))


def read_nbib(path: Path, content: bytes) -> References:
    """Return the references of a file of PubMed; ValueError where it cannot be read as one."""
    text, _ = decoded(path, content)
    try:
        entries = NbibParser().parse(f"{text.replace(RETURN, LINE).strip()}\n\n")
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise ValueError(f"{path}: the file cannot be read as PubMed's format ({error}).") from None
    return References(tuple(_of_nbib(entry) for entry in entries))


def _text(entry: Entry, *names: str) -> str:
    """Return the first of some values of an entry that is there, as text."""
    return next((str(entry[name]) for name in names if entry.get(name)), "")


def _texts(entry: Entry, *names: str) -> tuple[str, ...]:
    """Return the first of some lists of an entry that is there."""
    found = next((entry[name] for name in names if entry.get(name)), ())
    return tuple(map(str, found)) if isinstance(found, (list, tuple)) else (str(found),)


def _year(text: str) -> str:
    found = YEAR.search(text)
    return found[0] if found else ""


def _of_nbib(entry: Entry) -> CitedWork:
    year, kinds = _year(_text(entry, "year")), _texts(entry, "kinds")
    identifiers = (name for name in _texts(entry, "identifiers") if name.endswith("[doi]"))
    volume, number, pages = (_text(entry, name) for name in ("volume", "number", "start_page"))
    return CitedWork(
        authors=_texts(entry, "authors"),
        title=_text(entry, "title"),
        where=_where(_text(entry, "journal_name"), year, volume, number, pages),
        year=year,
        doi=_doi(next(identifiers, "")),
        pmid=_text(entry, "pmid"),
        kind=JOURNAL[-1] if JOURNAL[-1] in kinds else next(iter(kinds), ""),
    )


def _of_ris(entry: Entry) -> CitedWork:
    year = _year(_text(entry, "year", "publication_year", "date"))
    pages = "-".join(filter(None, (_text(entry, "start_page"), _text(entry, "end_page"))))
    journal, number = _text(entry, *JOURNAL_TAGS), _text(entry, "accession_number")
    unknown = entry.get("unknown_tag")
    return CitedWork(
        authors=_texts(entry, "authors", "first_authors"),
        title=_text(entry, "title", "primary_title"),
        where=_where(journal, year, _text(entry, "volume"), _text(entry, "number"), pages),
        year=year,
        doi=_doi(_text(entry, "doi")),
        pmid=number if number.isdecimal() else "",
        address=next(iter(_texts(entry, "urls")), ""),
        study=_study_of_ris(entry, unknown),
        kind=_text(entry, "type_of_reference"),
    )


def _study_of_ris(entry: Entry, unknown: object) -> str:
    """Return the study that a reference names: RevMan in NS, taprev in a keyword."""
    if isinstance(unknown, dict) and (named := next(iter(_texts(unknown, "NS")), "")):
        return named
    keywords = (word for word in _texts(entry, "keywords") if word.startswith(STUDY_KEYWORD))
    return next(keywords, "").removeprefix(STUDY_KEYWORD).strip()


def _where(journal: str, year: str, volume: str, number: str, pages: str) -> str:
    if not journal:
        return ""
    issue = f"({number})" if number else ""
    behind = f";{volume}{issue}" if volume else ""
    return f"{journal} {year}{behind}{f':{pages}' if pages else ''}".strip()


def _doi(text: str) -> str:
    found = DOI.search(text)
    return found[0].rstrip(".,;") if found else ""
