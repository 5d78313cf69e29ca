"""The file of RevMan 5 (`.rm5`, XML), read as a review of RevMan; footnotes and support texts are kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from taprev.exchange.revman.review import (
    FurtherReport,
    RevManJudgement,
    RevManReview,
    RevManStudy,
)
from taprev.exchange.revman.rm5_outcomes import outcomes_of
from taprev.exchange.revman.xml_text import element_of, part_of, refuse_declarations, text_of, words_of

NAME = "RevMan 5 (.rm5)"
ROOT = "COCHRANE_REVIEW"
WHOLE_PARTS = ("STUDIES_AND_REFERENCES", "CHARACTERISTICS_OF_STUDIES", "QUALITY_ITEMS", "ANALYSES_AND_DATA")
NOT_READ = {
    "MAIN_TEXT": "the text",
    ".//SOF_TABLES": "summary of findings tables",
    ".//ADDITIONAL_TABLES": "additional tables",
    ".//EXCLUDED_STUDIES": "excluded studies",
    ".//AWAITING_STUDIES": "studies awaiting classification",
    ".//ONGOING_STUDIES": "ongoing studies",
    ".//FLOWCHART": "flow chart",
    ".//FIGURES": "figures",
    ".//APPENDICES": "appendices",
    ".//FEEDBACK": "feedback",
}
JUDGED = {"YES": "low", "NO": "high", "UNKNOWN": "unclear"}
PLACEHOLDER = "["


def is_rm5(head: bytes) -> bool:
    """Return whether a file begins as one of RevMan 5."""
    return f"<{ROOT}".encode() in head or f"<{ROOT}".encode("utf-16-le") in head


def read_rm5(path: Path) -> RevManReview:
    """Return the review in a file of RevMan 5; ValueError where it is cut off, damaged or declares entities."""
    text, remarks = text_of(path.read_bytes())
    refuse_declarations(text, path.as_posix())
    try:
        root = element_of(text, path.as_posix())
    except ValueError as broken:
        root = _of_whole_parts(text, path, broken)
        remarks.append(
            "The file as a whole is broken, but its parts with studies, judgements and analyses are each whole and "
            "were read; titles and texts outside them were not."
        )
    if unread := [words for path, words in NOT_READ.items() if words_of(root.find(path))]:
        remarks.append(f"Parts of the file that were not read: {', '.join(unread)}.")
    names = {study.key: study.name for study in _studies(root)}
    judgements, not_judged = _judgements(root)
    return RevManReview(
        format=NAME,
        file=path.name,
        title=_title(root),
        studies=tuple(_studies(root)),
        outcomes=tuple(outcomes_of(root, names, path.as_posix())),
        judgements=tuple(judgements),
        not_judged=not_judged,
        remarks=tuple(remarks),
    )


def _of_whole_parts(text: str, path: Path, broken: ValueError) -> Element:
    """Return a root with the parts of a broken file that hold data; raise where one of them is not whole."""
    root = Element(ROOT)
    for tag in WHOLE_PARTS:
        part = part_of(text, tag, path.as_posix()) if f"<{tag}" in text else None
        if part is None and tag in ("STUDIES_AND_REFERENCES", "ANALYSES_AND_DATA"):
            raise broken
        if part is not None:
            root.append(part)
    return root


def _title(root: Element) -> str:
    title = words_of(root.find("COVER_SHEET/TITLE"))
    return "" if title.startswith(PLACEHOLDER) else title


def _studies(root: Element) -> Iterator[RevManStudy]:
    texts = {one.get("STUDY_ID", ""): _characteristics(one) for one in root.iter("INCLUDED_CHAR")}
    for study in root.iterfind(".//INCLUDED_STUDIES/STUDY"):
        every = sorted(study.findall("REFERENCE"), key=lambda one: one.get("PRIMARY") != "YES")
        first, key = next(iter(every), None), study.get("ID", "")
        others = (FurtherReport(_citation(one), _doi(one), _year(words_of(one.find("YR")))) for one in every[1:])
        yield RevManStudy(
            key=key,
            name=study.get("NAME", key),
            year=_year(study.get("YEAR", "")),
            citation=_citation(first),
            doi=_doi(first) or _doi(study),
            journal=first is not None and first.get("TYPE") == "JOURNAL_ARTICLE",
            note=texts.get(key, ""),
            further=tuple(one for one in others if one.citation),
        )


def _year(typed: str) -> str:
    return typed if typed.isdecimal() and len(typed) == 4 else ""


def _characteristics(one: Element) -> str:
    told = ((part.tag.removeprefix("CHAR_").capitalize(), words_of(part)) for part in one)
    return " ".join(f"{name}: {text}" for name, text in told if text)


def _citation(reference: Element | None) -> str:
    if reference is None:
        return ""
    parts = {tag: words_of(reference.find(tag)) for tag in ("AU", "TI", "SO", "YR", "VL", "NO", "PG")}
    where = f"{parts['SO']} {parts['YR']};{parts['VL']}({parts['NO']}):{parts['PG']}" if parts["SO"] else parts["YR"]
    where = where.replace("()", "").rstrip(":;")
    return ". ".join(part.rstrip(".") for part in (parts["AU"], parts["TI"], where) if part)


def _doi(element: Element | None) -> str:
    found = () if element is None else element.iterfind("IDENTIFIERS/IDENTIFIER[@TYPE='DOI']")
    values = (one.get("VALUE", "").strip() for one in found)
    trimmed = (value[value.find("10.") :] for value in values if "10." in value)
    return next((doi for doi in trimmed if "/" in doi), "")


def _judgements(root: Element) -> tuple[list[RevManJudgement], int]:
    """Return the judgements that somebody made, and how many were left as RevMan begins them: unclear, no text."""
    made, empty = [], 0
    for item in root.iterfind(".//QUALITY_ITEM"):
        groups = {one.get("ID", ""): words_of(one.find("NAME")) for one in item.iter("QUALITY_ITEM_DATA_ENTRY_GROUP")}
        for entry in item.iter("QUALITY_ITEM_DATA_ENTRY"):
            level, support = JUDGED.get(entry.get("RESULT", "")), words_of(entry.find("DESCRIPTION"))
            if level is None or (level == "unclear" and not support):
                empty += 1
                continue
            group = entry.get("GROUP_ID", "")
            name = words_of(item.find("NAME")) + (f": {groups.get(group) or group}" if group else "")
            made.append(RevManJudgement(entry.get("STUDY_ID", ""), name, level, support))
    return made, empty
