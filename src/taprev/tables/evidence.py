"""Where evidence is and where it is not: programme components, the gap map, harms, and what another review says.

An empty cell means that the evidence set has no row there; it never means that no evidence exists.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from taprev.extraction.tables import Row, allowed, figure, read_rows
from taprev.settings import Settings
from taprev.settings.gap_map import Counted
from taprev.settings.review import GAP_MAP
from taprev.synthesis.results import Synthesis, votes_together
from taprev.vocabulary import Contrast, Direction, Fate, Harms, LivedExperience, Vote
from taprev.wording import labels, mapping

FATE_COUNTS = ("domain", "label", "contrast", *Fate, "all")
HARMS = ("study", "label", "scope", "harms", "results_worse")
COMPARISON = (
    "outcome",
    "other_review_studies",
    "other_review_says",
    "domain",
    "label",
    "studies",
    *Vote,
    "pooled",
)


def components(extracted: Path) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    """Return the header and rows of the matrix of studies by component; a cell names the levels it works at."""
    recorded = read_rows(extracted / "components.csv")
    names = allowed(extracted, "components", "component") or sorted({row["component"] for row in recorded})
    levels: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in recorded:
        levels[row["study"]][row["component"]].append(row["level"].replace("_", " "))
    rows = [
        {
            "study": study["study"],
            "label": study["label"],
            "components": len(levels[study["study"]]),
            **{name: "; ".join(level_names) for name, level_names in levels[study["study"]].items()},
        }
        for study in read_rows(extracted / "studies.csv")
    ]
    return ("study", "label", "components", *names), rows


def gap_map_header(settings: Settings) -> tuple[str, ...]:
    """Return the columns of the gap map: what every review has, and the levels that the settings count."""
    counted = (name for part in settings.gap_map for name in (*part.levels, part.rest) if name)
    return (*GAP_MAP, *counted)


def gap_map(contents: list[Synthesis], extracted: Path, settings: Settings) -> Iterator[dict[str, Any]]:
    """Yield for each domain the number of studies in scope, by design and by the columns that the settings name."""
    studies = {row["study"]: row for row in read_rows(extracted / "studies.csv")}
    for content in contents:
        rows = [row for row in content.rows if row.fate != Fate.EXCLUDED]
        used = {row.study for row in rows}
        yield {
            "domain": content.domain,
            "label": content.label,
            "population": settings.domains[content.domain].population,
            "studies": len(used),
            "results": len(rows),
            "years": mapping.years(figure(studies[name], "year") for name in used),
            **{c: len({row.study for row in rows if row.contrast == c}) for c in Contrast},
            **_counted([studies[name] for name in used], settings.gap_map),
        }


def _counted(studies: list[Row], parts: tuple[Counted, ...]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for part in parts:
        studies_by_level = Counter(study[part.column] for study in studies)
        counts |= {level: studies_by_level[level] for level in part.levels}
        if part.rest:
            counts[part.rest] = studies_by_level.total() - sum(studies_by_level[level] for level in part.levels)
    return counts


def counted_sentences(studies: list[Row], settings: Settings) -> Iterator[str]:
    """Yield the sentences of the gap map, each value that they name with the number of its studies."""
    for part in settings.gap_map:
        if part.sentence:
            studies_by_level = Counter(study[part.column] for study in studies)
            counts = ", ".join(f"{name} {studies_by_level[level]}" for level, name in part.sentence.levels.items())
            yield f"{part.sentence.begins}: {counts}."


def harms_sentence(studies: list[Row]) -> str:
    """Return in how many of the studies in which this was coded harms were looked for."""
    coded, aside = _coded(studies, "harms", Harms.NOT_CODED)
    if not coded:
        return f"Harms: nobody has coded whether the {_studies(studies)} looked for them. Silence is not safety."
    said = Counter(row["harms"] for row in coded)
    none = said[Harms.ASSESSED_NONE]
    asked = f"{said[Harms.EVENTS] + none} of {_studies(coded)} report that they looked for them"
    return f"Harms: {asked}{f', {none} of them found none' if none else ''}{aside}. Silence is not safety."


def harms_sought(studies: list[Row]) -> bool:
    """Return whether any of the studies is known to have looked for harms."""
    return any(row["harms"] in (Harms.EVENTS, Harms.ASSESSED_NONE) for row in studies)


def involved_sentence(studies: list[Row]) -> str:
    """Return in how many of the studies in which this was coded people with lived experience took part."""
    coded, aside = _coded(studies, "lived_experience", LivedExperience.NOT_CODED)
    about = "Involvement of people with lived experience in the research"
    if not coded:
        return f"{about}: nobody has coded it in the {_studies(studies)}."
    said = Counter(row["lived_experience"] for row in coded)
    none = said[LivedExperience.NONE]
    took_part = len(coded) - said[LivedExperience.NOT_REPORTED] - none
    return f"{about}: {took_part} of {_studies(coded)} report it, {none} say that there was none{aside}."


def _studies(studies: list[Row]) -> str:
    return labels.count(len(studies), "study", "studies")


def _coded(studies: list[Row], column: str, not_coded: str) -> tuple[list[Row], str]:
    """Return the studies in which a column was coded, and in words how many others there are."""
    coded = [row for row in studies if row[column] != not_coded]
    others = len(studies) - len(coded)
    return coded, f" (in {others} more this was not coded)" if others else ""


def fate_counts(contents: list[Synthesis]) -> list[dict[str, Any]]:
    """Return the number of rows by domain, design and fate, and the sum of all in the last row."""
    counted: list[dict[str, Any]] = []
    for content in contents:
        for contrast in Contrast:
            fates = Counter(row.fate for row in content.rows if row.contrast == contrast)
            if fates:
                named = {"domain": content.domain, "label": content.label, "contrast": contrast}
                counted.append({**named, **{fate: fates[fate] for fate in Fate}, "all": fates.total()})
    total = {name: sum(row[name] for row in counted) for name in (*Fate, "all")}
    return [*counted, {"domain": "", "label": "All", "contrast": "", **total}]


def harms(contents: list[Synthesis], extracted: Path) -> Iterator[dict[str, Any]]:
    """Yield what each study says of harms, and its results whose printed direction is worse."""
    worse: dict[str, list[str]] = defaultdict(list)
    for content in contents:
        for row in content.rows:
            if row.direction == Direction.WORSE:
                worse[row.study].append(row.result)
    for study in read_rows(extracted / "studies.csv"):
        words = study["harms"].replace("_", " ")
        yield {**study, "harms": words, "results_worse": " ".join(worse[study["study"]])}


def comparison(contents: list[Synthesis], settings: Settings) -> Iterator[dict[str, Any]]:
    """Yield each conclusion of the other review with what this evidence holds on the same outcome."""
    by_name = {content.domain: content for content in contents}
    for conclusion in settings.compare_with.conclusions if settings.compare_with else ():
        for name in conclusion.domains:
            content = by_name[name]
            yield {
                "outcome": conclusion.outcome,
                "other_review_studies": conclusion.studies,
                "other_review_says": conclusion.says,
                "domain": name,
                "label": content.label,
                "studies": content.studies,
                **{str(vote): n for vote, n in votes_together(content.sign_tests).items()},
                "pooled": sum(stratum.fit is not None for stratum in content.strata),
            }
