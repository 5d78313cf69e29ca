"""What the figure of studies left out says: in sentences, and as a table at full precision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from taprev.figures.forest.alternative_text import number_words
from taprev.figures.siblings import frame
from taprev.figures.siblings.frame import Content
from taprev.wording import labels, sentences

NAME = "The pooled number without each study"
COLUMNS = ("section", "row", "label", "k", "scale", "estimate", "ci_lb", "ci_ub", "tau2", "reason")
MOST = 80
NESTED = (
    "Without a study, the results of one sample are averaged and its samples taken as independent; the whole "
    "estimate takes them as nested in studies."
)
NONE_HELD = "The pooled number was not computed without each study."


def left_out(stratum: Content) -> list[Content]:
    """Return the alternatives of a stratum, that first which moves its number most, as many as are drawn."""
    return _sorted(stratum)[:MOST]


def _sorted(stratum: Content) -> list[Content]:
    whole = stratum["fit"]["estimate"]

    def moved(one: Content) -> float:
        return float("inf") if one["estimate"] is None else abs(one["estimate"] - whole)

    return sorted((stratum["panel"] or {}).get("leave_one_out", ()), key=lambda one: -moved(one))


def why_not(stratum: Content) -> str:
    """Return why no study of a pooled stratum is left out, or nothing where each is."""
    if _sorted(stratum):
        return ""
    given = (stratum["panel"] or {}).get("notes", ())
    return next((note for note in given if note.startswith("Leave-one-out")), NONE_HELD)


def notes(stratum: Content) -> Iterator[str]:
    """Yield what must be known to read the rows of a stratum."""
    more = len(_sorted(stratum)) - MOST
    if more > 0:
        yield f"{labels.count(more, 'more study moves', 'more studies move')} it no further."
    if stratum["fit"]["nesting"]:
        yield NESTED


def parts(row: Content, stratum: Content) -> tuple[str, ...]:
    """Return the pieces of an estimate with its interval."""
    return labels.estimate_parts(row["estimate"], row["ci_lb"], row["ci_ub"], stratum["scale"])


def words(content: Content) -> Iterator[str]:
    """Yield what each pooled number is, how far it ranges without a study, and each of its rows."""
    for one in frame.pooled(content):
        stratum = one.stratum
        fit, rows = stratum["fit"], left_out(stratum)
        said = [f"{number_words(stratum, fit['estimate'], fit)}, k = {fit['k']}", *_range(stratum, rows)]
        said += [why_not(stratum), *(_without(row, stratum) for row in rows)]
        said += [*(() if why_not(stratum) else notes(stratum)), *frame.warnings(stratum)]
        yield " ".join([f"{one.label.rstrip('.')}:", *(sentences.sentence(text) for text in said if text)])


def _range(stratum: Content, rows: list[Content]) -> Iterator[str]:
    """Yield between which numbers the estimate lies without a study; nothing is said of verdicts for two effects."""
    there = [row for row in rows if row["estimate"] is not None]
    if len(there) < 2 or stratum["fit"]["k"] == 2:
        return
    low, high = (labels.effect(end(row["estimate"] for row in there), stratum["scale"]) for end in (min, max))
    excluded = sum(not row["ci_lb"] <= 0 <= row["ci_ub"] for row in there)
    yield f"without any one of them it lies between {low} and {high}"
    which = "the interval excludes" if len(there) == 1 else f"{excluded} of {len(there)} intervals exclude"
    yield f"{which} {frame.no_difference(stratum)}"


def _without(row: Content, stratum: Content) -> str:
    name = labels.clean(row["level"])
    if row["estimate"] is None:
        return f"without {name}, nothing to pool, k = {row['k']}"
    return f"without {name}, {' '.join(parts(row, stratum))}, k = {row['k']}"


def twin(content: Content) -> Iterator[dict[str, Any]]:
    """Yield the whole estimates and every one without a study, also those that are not drawn."""
    for one in frame.pooled(content):
        base = {"section": one.label, "scale": one.stratum["scale"]}
        fit = one.stratum["fit"]
        yield {**base, "row": "whole", "reason": why_not(one.stratum), **_numbers(fit)}
        for row in _sorted(one.stratum):
            reason = "" if row["estimate"] is not None else "nothing to pool"
            yield {**base, "row": "without", "label": row["level"], "reason": reason, **_numbers(row)}


def _numbers(row: Content) -> dict[str, Any]:
    return {name: row[name] for name in ("k", "estimate", "ci_lb", "ci_ub", "tau2")}
