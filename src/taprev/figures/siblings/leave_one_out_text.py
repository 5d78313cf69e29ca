"""What the figure of studies left out says: in sentences, and as a table at full precision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from taprev.drawing.pooled_marks import pooled_number
from taprev.figures.forest.alternative_text import number_words
from taprev.figures.siblings import frame
from taprev.figures.twin_columns import fields_of
from taprev.synthesis.results import Alternative, Stratum, Synthesis
from taprev.synthesis.results.protocols import Number
from taprev.vocabulary import NoteCode
from taprev.wording import estimates, labels, sentences
from taprev.wording.verdicts import bears_verdict

NAME = "The pooled number without each study"
COLUMNS = ("section", "row", "label", "k", "scale", "estimate", "ci_lb", "ci_ub", "tau2", "reason")
OF_A_NUMBER = ("k", "estimate", "ci_lb", "ci_ub", "tau2")
MOST = 80
NESTED = (
    "Without a study, the results of one sample are averaged and its samples taken as independent; the whole "
    "estimate takes them as nested in studies."
)
NOTHING_LEFT = "Without any one of its studies nothing is left to pool."
NONE_HELD = "The pooled number was not computed without each study."


def left_out(stratum: Stratum) -> list[Alternative]:
    """Return the alternatives of a stratum, that first which moves its number most, as many as are drawn."""
    return _sorted(stratum)[:MOST]


def _sorted(stratum: Stratum) -> list[Alternative]:
    whole = stratum.pooled.estimate

    def moved(row: Alternative) -> float:
        return float("inf") if row.estimate is None else abs(row.estimate - whole)

    return sorted(stratum.panel.leave_one_out if stratum.panel else (), key=lambda row: -moved(row))


def why_not(stratum: Stratum) -> str:
    """Return why no study of a pooled stratum is left out, or nothing where each is."""
    return "" if _sorted(stratum) else frame.panel_note(stratum, NoteCode.TOO_MANY_TO_LEAVE_OUT) or NONE_HELD


def says_nothing(stratum: Stratum) -> str:
    """Return why the rows of a stratum would say nothing, or nothing where one of them has a number."""
    any_number = any(row.estimate is not None for row in _sorted(stratum))
    return "" if any_number else why_not(stratum) or NOTHING_LEFT


def notes(stratum: Stratum) -> Iterator[str]:
    """Yield what must be known to read the rows of a stratum."""
    more = len(_sorted(stratum)) - MOST
    if more > 0:
        yield f"{labels.count(more, 'more study moves', 'more studies move')} it no further."
    if frame.nested(stratum):
        yield NESTED


def parts(number: Number, stratum: Stratum) -> tuple[str, ...]:
    """Return the pieces of an estimate with its interval."""
    return estimates.estimate_parts(number.estimate, number.ci_lb, number.ci_ub, estimates.style(stratum))


def words(content: Synthesis) -> Iterator[str]:
    """Yield what each pooled number is, how far it ranges without a study, and each of its rows."""
    for section in frame.pooled(content):
        stratum, fit, rows = section.stratum, section.fit, left_out(section.stratum)
        texts = [f"{number_words(stratum, fit.estimate, fit)}, k = {fit.k}", *_range(stratum, rows)]
        texts += [why_not(stratum), *(_without(row, stratum) for row in rows)]
        texts += [*(() if why_not(stratum) else notes(stratum)), *frame.warnings(stratum)]
        yield " ".join([f"{section.label.rstrip('.')}:", *(sentences.sentence(text) for text in texts if text)])


def _range(stratum: Stratum, rows: list[Alternative]) -> Iterator[str]:
    """Yield between which numbers the estimate lies without a study; nothing is said of verdicts for two effects."""
    numbers = [number for row in rows if (number := pooled_number(row))]
    if len(numbers) < 2 or not bears_verdict(stratum.pooled.k):
        return
    found, style = [number.estimate for number in numbers], estimates.style(stratum)
    low, high = (estimates.effect(end(found), style) for end in (min, max))
    excluded = sum(not number.ci_lb <= 0 <= number.ci_ub for number in numbers)
    yield f"without any one of them it lies between {low} and {high}"
    yield f"{excluded} of {len(numbers)} intervals exclude {frame.no_difference(stratum)}"


def _without(row: Alternative, stratum: Stratum) -> str:
    name = labels.clean(row.level)
    if row.estimate is None:
        return f"without {name}, nothing to pool, k = {row.k}"
    return f"without {name}, {' '.join(parts(row, stratum))}, k = {row.k}"


def twin(content: Synthesis) -> Iterator[dict[str, Any]]:
    """Yield the whole estimates and every one without a study, also those that are not drawn."""
    for section in frame.pooled(content):
        base = {"section": section.label, "scale": section.stratum.scale}
        yield {**base, "row": "whole", "reason": why_not(section.stratum), **fields_of(section.fit, OF_A_NUMBER)}
        for row in _sorted(section.stratum):
            reason = "" if row.estimate is not None else "nothing to pool"
            yield {**base, "row": "without", "label": row.level, "reason": reason, **fields_of(row, OF_A_NUMBER)}
