"""One domain under one state of the evidence: its rows and strata, or why it cannot be computed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydantic import ValidationError

from taprev.effects.fates import effect_rows
from taprev.effects.rows import EffectRow
from taprev.provenance.diff.units import EditionData
from taprev.synthesis.results import Stratum
from taprev.synthesis.strata import combined_strata, strata

UNUSABLE = (ValueError, KeyError, TypeError, ArithmeticError)


@dataclass(frozen=True)
class NumberKey:
    """What identifies a pooled number in any edition: a design or a combined pool, and its axis.

    `events` is the scale of a stratum's pool of events, and empty for the stratum's own number.
    """

    base: str
    sensitivity: bool
    scale: str
    favours_sign: int
    events: str = ""

    @property
    def stratum(self) -> NumberKey:
        """The key of the stratum that holds the number."""
        return replace(self, events="")


@dataclass(frozen=True)
class DomainState:
    """A domain under one state of the evidence; `refused` says why if it cannot be computed."""

    rows: tuple[EffectRow, ...] = ()
    strata: dict[NumberKey, Stratum] | None = None
    refused: str = ""


NOT_THERE = DomainState(strata={}, refused="")


def picture(name: str, evidence: EditionData) -> DomainState:
    """Return the rows of a domain and its strata with their bare numbers; a domain that the settings lack is empty."""
    if name not in evidence.settings.domains:
        return NOT_THERE
    own = [row for row in evidence.outcomes.values() if row["domain"] == name]
    try:
        rows = effect_rows(name, own, evidence.studies, evidence.settings, evidence.risk_of_bias)
        headline = strata(name, rows, evidence.settings, alone=True)
        combined = combined_strata(name, rows, evidence.settings, alone=True)
    except UNUSABLE as error:
        return DomainState(refused=why(error))
    made = {_place(stratum, False): stratum for stratum in headline} | {
        _place(stratum, True): stratum for stratum in combined
    }
    return DomainState(tuple(rows), made)


def _place(stratum: Stratum, sensitivity: bool) -> NumberKey:
    return place_of(stratum.name, stratum.scale, stratum.favours_sign, sensitivity)


def place_of(name: str, scale: str, favours_sign: int, sensitivity: bool) -> NumberKey:
    """Return the key of a stratum; its name loses the axis that it only has where its design has several."""
    axis = "_".join(("", scale, "lower" if favours_sign < 0 else "higher"))
    return NumberKey(name.removesuffix(axis), sensitivity, scale, favours_sign)


def why(error: Exception) -> str:
    """Return the reason of an error in words."""
    if isinstance(error, ValidationError):
        return "; ".join(problem["msg"].removeprefix("Value error, ") for problem in error.errors())
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
