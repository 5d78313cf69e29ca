"""The file of RevMan 5 (`.rm5`, XML), read as a review of RevMan; footnotes and support texts are kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from taprev.exchange.revman_review import (
    Cells,
    RevManGroup,
    RevManJudgement,
    RevManOutcome,
    RevManResult,
    RevManReview,
    RevManStudy,
    refuse_no_numbers,
)
from taprev.exchange.xml_text import element_of, part_of, refuse_declarations, text_of, words_of
from taprev.vocabulary import OutcomeKind, RevManMeasure, Totals, Weighting

NAME = "RevMan 5 (.rm5)"
ROOT = "COCHRANE_REVIEW"
WHOLE_PARTS = ("STUDIES_AND_REFERENCES", "CHARACTERISTICS_OF_STUDIES", "QUALITY_ITEMS", "ANALYSES_AND_DATA")
FIGURES = {
    **{f"EVENTS_{arm}": f"event_arm{arm}" for arm in "12"},
    **{f"TOTAL_{arm}": f"n_arm{arm}" for arm in "12"},
    **{f"MEAN_{arm}": f"mean_arm{arm}" for arm in "12"},
    **{f"SD_{arm}": f"sd_arm{arm}" for arm in "12"},
}
STORED = {
    "EFFECT_SIZE": "estimate",
    "CI_START": "ci_lb",
    "CI_END": "ci_ub",
    "CHI2": "Q",
    "DF": "df",
    "P_CHI2": "Q_pval",
    "I2": "I2",
    "TAU2": "tau2",
    "Z": "z",
    "P_Z": "pval",
}
BETWEEN = {"Q": "Q", "P_Q": "Q_pval", "I2_Q": "I2"}
JUDGED = {"YES": "low", "NO": "high", "UNKNOWN": "unclear"}
PLACEHOLDER = "["
MEASURES = {
    "odds ratio": RevManMeasure.OR,
    "peto odds ratio": RevManMeasure.PETO_OR,
    "risk ratio": RevManMeasure.RR,
    "relative risk": RevManMeasure.RR,
    "risk difference": RevManMeasure.RD,
    "mean difference": RevManMeasure.MD,
    "standardised mean difference": RevManMeasure.SMD,
    "std. mean difference": RevManMeasure.SMD,
    "hazard ratio": RevManMeasure.HR,
    "rate ratio": RevManMeasure.RATE_RATIO,
}


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
    names = {study.key: study.name for study in _studies(root)}
    judgements, not_judged = _judgements(root)
    return RevManReview(
        format=NAME,
        file=path.name,
        title=_title(root),
        studies=tuple(_studies(root)),
        outcomes=tuple(_outcomes(root, names)),
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
        reference = next(iter(study.findall("REFERENCE[@PRIMARY='YES']") or study.findall("REFERENCE")), None)
        key = study.get("ID", "")
        yield RevManStudy(
            key=key,
            name=study.get("NAME", key),
            year=_year(study.get("YEAR", "")),
            citation=_citation(reference),
            doi=_doi(reference) or _doi(study),
            journal=reference is not None and reference.get("TYPE") == "JOURNAL_ARTICLE",
            note=texts.get(key, ""),
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


def _outcomes(root: Element, names: dict[str, str]) -> Iterator[RevManOutcome]:
    for comparison in root.iterfind(".//ANALYSES_AND_DATA/COMPARISON"):
        for outcome in comparison:
            kind, _, tail = outcome.tag.partition("_")
            if tail == "OUTCOME" and kind in set(OutcomeKind):
                yield _outcome(outcome, OutcomeKind(kind), words_of(comparison.find("NAME")), names)


def _outcome(outcome: Element, kind: OutcomeKind, comparison: str, names: dict[str, str]) -> RevManOutcome:
    typed = outcome.get("EFFECT_MEASURE") or words_of(outcome.find("EFFECT_MEASURE"))
    measure = measure_of(typed, kind)
    number = outcome.get("ID", "").removeprefix("CMP-")
    subgroups = outcome.findall(f"{kind}_SUBGROUP")
    groups = [(words_of(one.find("NAME")), one) for one in subgroups] or [("", outcome)]
    logged = outcome.get("LOG_DATA") == "YES" or measure.ratio_kind is not None
    return RevManOutcome(
        number=number,
        name=words_of(outcome.find("NAME")),
        comparison=comparison,
        kind=kind,
        measure=measure,
        weighting=_weighting(outcome.get("METHOD", ""), kind),
        random=outcome.get("RANDOM") == "YES",
        groups=tuple(
            RevManGroup(
                name,
                tuple(_result(row, number, kind, logged, names) for row in group.iterfind(f"{kind}_DATA")),
                _stored(group, STORED) if subgroups else {},
                words_of(group.find("FOOTNOTE")) if subgroups else "",
            )
            for name, group in groups
        ),
        level=float(outcome.get("CI_TOTAL") or 95) / 100,
        level_of_rows=float(outcome.get("CI_STUDY") or 95) / 100,
        totals=Totals(outcome.get("TOTALS", "YES")) if outcome.get("TOTALS", "YES") in set(Totals) else Totals.ALL,
        swapped=outcome.get("SWAP_EVENTS") == "YES",
        logged=kind == OutcomeKind.IV and logged,
        unit=outcome.get("UNITS", ""),
        typed_measure=typed,
        arms=(words_of(outcome.find("GROUP_LABEL_1")), words_of(outcome.find("GROUP_LABEL_2"))),
        stored=_stored(outcome, STORED),
        stored_between=_stored(outcome, BETWEEN) if subgroups else {},
        footnote=words_of(outcome.find("FOOTNOTE")),
    )


def measure_of(typed: str, kind: OutcomeKind) -> RevManMeasure:
    """Return the measure that a file names, in its own letters or in words."""
    if typed in set(RevManMeasure):
        return RevManMeasure(typed)
    words = " ".join(typed.casefold().replace("_", " ").replace("z", "s").split())
    named = {name.replace("z", "s"): measure for name, measure in MEASURES.items()}
    if words in named:
        return named[words]
    return RevManMeasure.PETO_OR if kind == OutcomeKind.IPD and not words else RevManMeasure.OTHER


def _weighting(typed: str, kind: OutcomeKind) -> Weighting:
    if typed in set(Weighting):
        return Weighting(typed)
    return {OutcomeKind.DICH: Weighting.MH, OutcomeKind.IPD: Weighting.PETO}.get(kind, Weighting.IV)


def _stored(element: Element, names: dict[str, str]) -> Cells:
    values = {name: value for attribute, name in names.items() if (value := element.get(attribute, "").strip())}
    return refuse_no_numbers(values, f"{element.tag} {element.get('ID', '')}")


def _result(row: Element, number: str, kind: OutcomeKind, logged: bool, names: dict[str, str]) -> RevManResult:
    key = row.get("STUDY_ID", "")
    figures = {name: value for attribute, name in FIGURES.items() if (value := row.get(attribute, "").strip())}
    if kind == OutcomeKind.IPD:
        figures |= {"o_e": row.get("O_E", ""), "variance": row.get("VAR", "")}
    if kind == OutcomeKind.IV:
        figures |= {"yi": _estimate(row, logged), "se": row.get("SE", "")}
    place = f"analysis {number}, {names.get(key, key)}"
    figures = {name: value for name, value in figures.items() if value}
    refuse_no_numbers(figures, place)
    if kind == OutcomeKind.OTHER:
        figures = {f"text {n}": words_of(part) for n, part in enumerate(row, 1) if words_of(part)}
    stored = {"EFFECT_SIZE": "estimate", "CI_START": "ci_lb", "CI_END": "ci_ub", "SE": "se"}
    return RevManResult(
        study=key,
        figures=figures,
        place=place,
        estimable=row.get("ESTIMABLE", "YES") != "NO",
        footnote=words_of(row.find("FOOTNOTE")),
        stored=_stored(row, stored),
    )


def _estimate(row: Element, logged: bool) -> str:
    """Return what was entered, which is a log for ratios; where only the shown effect is there, the log of it."""
    if entered := row.get("ESTIMATE", "").strip():
        return entered
    shown = row.get("EFFECT_SIZE", "").strip()
    if not shown or not logged:
        return shown
    import math

    return repr(math.log(float(shown))) if float(shown) > 0 else ""
