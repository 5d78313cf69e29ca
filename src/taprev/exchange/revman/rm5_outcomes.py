"""The outcomes of a file of RevMan 5: their method, their groups with rows, and the numbers that the file stores."""

from __future__ import annotations

import math
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from taprev.exchange.revman.review import (
    WEIGHT,
    Cells,
    RevManGroup,
    RevManOutcome,
    RevManResult,
    refuse_no_numbers,
    stored_numbers,
)
from taprev.exchange.revman.xml_text import words_of
from taprev.vocabulary import OutcomeKind, RevManMeasure, Totals, Weighting

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


def outcomes_of(root: Element, names: dict[str, str], file: str) -> Iterator[RevManOutcome]:
    """Yield the outcomes of all comparisons; `names` are the studies by their keys, `file` names the file in faults."""
    for comparison in root.iterfind(".//ANALYSES_AND_DATA/COMPARISON"):
        for outcome in comparison:
            kind, _, tail = outcome.tag.partition("_")
            if tail == "OUTCOME" and kind in set(OutcomeKind):
                yield _outcome(outcome, OutcomeKind(kind), words_of(comparison.find("NAME")), names, file)


def _outcome(outcome: Element, kind: OutcomeKind, comparison: str, names: dict[str, str], file: str) -> RevManOutcome:
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
                tuple(_result(row, number, kind, logged, names, file) for row in group.iterfind(f"{kind}_DATA")),
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
    return stored_numbers(values)


def _result(
    row: Element, number: str, kind: OutcomeKind, logged: bool, names: dict[str, str], file: str
) -> RevManResult:
    key = row.get("STUDY_ID", "")
    figures = {name: value for attribute, name in FIGURES.items() if (value := row.get(attribute, "").strip())}
    if kind == OutcomeKind.IPD:
        figures |= {"o_e": row.get("O_E", ""), "variance": row.get("VAR", "")}
    if kind == OutcomeKind.IV:
        figures |= {"yi": _estimate(row, logged), "se": row.get("SE", "")}
    place = f"analysis {number}, {names.get(key, key)}"
    figures = {name: value for name, value in figures.items() if value}
    refuse_no_numbers(figures, f"{file}, {place}")
    if kind == OutcomeKind.OTHER:
        figures = {f"text {n}": words_of(part) for n, part in enumerate(row, 1) if words_of(part)}
    stored = {"EFFECT_SIZE": "estimate", "CI_START": "ci_lb", "CI_END": "ci_ub", "SE": "se", "WEIGHT": WEIGHT}
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
    return repr(math.log(float(shown))) if float(shown) > 0 else ""
