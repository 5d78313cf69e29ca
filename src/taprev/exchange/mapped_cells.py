"""The cells of a row that a mapping filled: what each may hold, which statistic they give, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from taprev.exchange.typed_figures import ANY_NUMBER, FigureRule, whole_from
from taprev.extraction.checks import FIGURES
from taprev.extraction.tables import Row, codebook
from taprev.ground.shipped import CODEBOOK, shipped
from taprev.vocabulary import Statistic


def statistic_of(row: Mapping[str, str]) -> str:
    """Return the group of figures that a row fills, or a direction alone, or nothing."""
    for statistic in (Statistic.EFFECT, *FIGURES):
        needed = FIGURES[statistic]
        if all(row.get(name) for name in needed) and (statistic != Statistic.EFFECT or row.get("effect_measure")):
            return str(statistic)
    return str(Statistic.DIRECTION) if row.get("direction") else ""


def lacking(row: Mapping[str, str]) -> str:
    """Return why a row is no result: it has no study or domain, or the statistic that it nearly has lacks these."""
    if nameless := [name for name in ("study", "domain") if not row.get(name)]:
        return f"nothing in the columns {', '.join(nameless)}"
    if not any(row.get(name) for needed in FIGURES.values() for name in needed):
        return "no figures of any statistic, and no direction"
    needs = {**FIGURES, Statistic.EFFECT: (*FIGURES[Statistic.EFFECT], "effect_measure")}
    empty = {str(one): [name for name in needed if not row.get(name)] for one, needed in needs.items()}
    begun = [str(one) for one, needed in FIGURES.items() if any(row.get(name) for name in needed)]
    nearest = min(begun, key=lambda one: len(empty[one]))
    return f"it has figures of the statistic {nearest}, but nothing in the columns {', '.join(empty[nearest])}"


def figure_rules() -> dict[str, FigureRule]:
    """Return the rule of each column of figures of outcomes.csv: counts are whole, everything else is a number."""
    fields = codebook(shipped(CODEBOOK).parent)["outcomes"]["schema"]["fields"]
    rules = {field["name"]: ANY_NUMBER for field in fields if field["type"] == "number"}
    whole = {field["name"]: field.get("constraints", {}) for field in fields if field["type"] == "integer"}
    return rules | {name: whole_from(int(limits.get("minimum", 0))) for name, limits in whole.items()}


def wrong_words(path: Path, filled: Sequence[tuple[int, Row]]) -> Iterator[str]:
    """Yield every cell that is no word of the codebook where it has a closed list."""
    fields = codebook(shipped(CODEBOOK).parent)["outcomes"]["schema"]["fields"]
    words = {
        f["name"]: f["constraints"]["enum"] for f in fields if "anew" not in f and "enum" in f.get("constraints", {})
    }
    for number, row in filled:
        for column, text in row.items():
            if column in words and text and text not in words[column]:
                known = ", ".join(map(str, words[column]))
                place = f"{path}, row {number}, column {column}"
                yield f'{place}: found "{text}"; taprev knows {known}. Map it under values.'
