"""Read CITATION.cff, where a review says who wrote it, in which year and edition, and where it is found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator, BeforeValidator, ConfigDict, ValidationError, model_validator

from taprev.ground.files import is_file
from taprev.ground.yaml_loader import LoaderOfWordsAsWritten
from taprev.settings.reading import sentence, yaml_sentence
from taprev.settings.sections import Part
from taprev.vocabulary import CitedFrom

NAME = "CITATION.cff"
AUTHOR_NEEDS = "an author needs family-names and given-names, or the name of a group"
DOI_ADDRESS = "https://doi.org/"
SOFTWARE = "software"
DOI = r"10\.\d{4,}/\S+"


@dataclass(frozen=True)
class Author:
    """A person by `name` (the family's) and `given`, or a group by `name` alone."""

    name: str
    given: str = ""


@dataclass(frozen=True)
class Reference:
    """A work as it is cited; what is not recorded is empty."""

    title: str = ""
    authors: tuple[Author, ...] = ()
    year: str = ""
    edition: str = ""
    address: str = ""


@dataclass(frozen=True)
class CitationFile:
    """What CITATION.cff says of the review, of software, and what keeps it from being read.

    `review` is empty unless `source` is FILE; `problems` has a sentence for everything that is wrong with the file.
    """

    source: CitedFrom = CitedFrom.NO_FILE
    review: Reference = Reference()
    software: Reference = Reference()
    problems: tuple[str, ...] = ()


NOT_CITED = CitationFile()


def _line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


def _bare_doi(value: object) -> object:
    return re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", value.strip()) if isinstance(value, str) else value


def _formed(pattern: str, wanted: str) -> AfterValidator:
    """Return a check that a text is empty or has the form of a pattern, which `wanted` says in words."""

    def check(text: str) -> str:
        if text and not re.fullmatch(pattern, text):
            raise ValueError(f"found {text!r}, where {wanted} is wanted")
        return text

    return AfterValidator(check)


def _listed(value: object) -> object:
    if not isinstance(value, list):
        raise ValueError(f"found {value!r}, where a list is wanted, each of its lines beginning with -")
    return value


Line = Annotated[str, BeforeValidator(_line)]
Year = Annotated[Line, _formed(r"\d{4}", "a year of four digits")]
Day = Annotated[Line, _formed(r"\d{4}-\d{2}-\d{2}", "a day such as 2026-01-31")]
Doi = Annotated[str, BeforeValidator(_bare_doi), _formed(DOI, "a DOI such as 10.5281/zenodo.1234567")]
Address = Annotated[Line, _formed(r"(https?|ftp|sftp)://\S+", "an address that begins with https://")]


class _CffPart(Part):
    """A part of the Citation File Format; keys that no citation needs are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=lambda name: name.replace("_", "-"))


class _CffAuthor(_CffPart):
    family_names: Line = ""
    given_names: Line = ""
    name_particle: Line = ""
    name_suffix: Line = ""
    name: Line = ""

    @model_validator(mode="before")
    @classmethod
    def _in_parts(cls, given: object) -> object:
        if not isinstance(given, dict):
            raise ValueError(f"found {given!r}, where {AUTHOR_NEEDS}")
        return given

    @model_validator(mode="after")
    def _named(self) -> _CffAuthor:
        if not (self.name or self.family_names or self.given_names):
            raise ValueError(AUTHOR_NEEDS)
        return self


class _CffIdentifier(_CffPart):
    type: Line = ""
    value: Line = ""

    @property
    def doi(self) -> str:
        """The identifier where it is a DOI."""
        return str(_bare_doi(self.value)) if self.type == "doi" else ""

    @model_validator(mode="after")
    def _well_formed(self) -> _CffIdentifier:
        if self.type == "doi" and not re.fullmatch(DOI, self.doi):
            raise ValueError(f"{self.value!r} is no DOI: a DOI begins with 10. and has a stroke in it")
        return self


class _CffWork(_CffPart):
    type: Line = ""
    title: Line = ""
    authors: Annotated[tuple[_CffAuthor, ...], BeforeValidator(_listed)] = ()
    version: Line = ""
    edition: Line = ""
    year: Year = ""
    date_released: Day = ""
    date_published: Day = ""
    doi: Doi = ""
    identifiers: Annotated[tuple[_CffIdentifier, ...], BeforeValidator(_listed)] = ()
    url: Address = ""
    repository: Address = ""
    repository_code: Address = ""


class _Cff(_CffWork):
    preferred_citation: _CffWork | None = None


def read_citation(path: Path) -> CitationFile:
    """Return what a CITATION.cff says; a file that is missing or cannot be used is told in the result.

    `preferred-citation` is the review, or else the file itself, unless its `type` says that it is of software. By the
    standard, a file without a `type` is of software.
    """
    try:
        if not is_file(path):
            return CitationFile()
        text = path.read_text(encoding="utf-8")
        content = yaml.load(text, Loader=LoaderOfWordsAsWritten)
    except yaml.YAMLError as error:
        return _faulty(yaml_sentence(path, text, error))
    except UnicodeDecodeError:
        return _faulty(f"{path}: this file is not UTF-8 text. Save it as UTF-8.")
    except OSError as error:
        return _faulty(f"{path}: this file cannot be read ({error.strerror}).")
    if not content:
        return CitationFile(CitedFrom.NOT_FILLED_IN)
    if not isinstance(content, dict):
        return _faulty(f"{path}: this file holds no citation: it begins with `cff-version: 1.2.0`.")
    try:
        cff = _Cff.model_validate(content)
    except ValidationError as error:
        return _faulty(*(sentence(path, problem) for problem in error.errors()))
    return _told(path, cff)


def _faulty(*problems: str) -> CitationFile:
    return CitationFile(CitedFrom.FAULTY, problems=problems)


def _told(path: Path, cff: _Cff) -> CitationFile:
    """Return which part of the file is the review, and which the software; a part without a title is no citation."""
    own, preferred = _reference(cff), cff.preferred_citation
    of_software = (cff.type or SOFTWARE) == SOFTWARE
    software = own if of_software else Reference()
    if preferred is not None and not preferred.type.startswith(SOFTWARE):
        review, place = _reference(preferred), "preferred-citation > title"
    elif of_software:
        return CitationFile(CitedFrom.OF_SOFTWARE, software=software)
    else:
        review, place = own, "title"
    if not review.title:
        return _faulty(f"{path}, {place}: the title of the review is missing.")
    return CitationFile(CitedFrom.FILE, review, software)


def _reference(work: _CffWork) -> Reference:
    dated = work.year or (work.date_released or work.date_published)[:4]
    dois = [work.doi, *(one.doi for one in work.identifiers)]
    doi = next((f"{DOI_ADDRESS}{doi}" for doi in dois if doi), "")
    return Reference(
        title=work.title,
        authors=tuple(map(_author, work.authors)),
        year=dated,
        edition=work.edition or work.version,
        address=doi or work.url or work.repository or work.repository_code,
    )


def _author(author: _CffAuthor) -> Author:
    if author.name:
        return Author(author.name)
    family = " ".join(filter(None, (author.name_particle, author.family_names)))
    given = ", ".join(filter(None, (author.given_names, author.name_suffix)))
    return Author(family, given) if family else Author(given)
