"""What depends on a disagreement: the pooled numbers under the one reading and under the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from taprev.effects.fates import effect_rows
from taprev.extraction.reconcile import ReconciledCell, Reconciliation
from taprev.extraction.tables import Row, read_rows
from taprev.settings import Settings
from taprev.synthesis.results import Stratum
from taprev.synthesis.strata import strata
from taprev.vocabulary import Fate
from taprev.wording import estimates


@dataclass(frozen=True)
class Outlook:
    """Under one reading: the pooled estimate of each stratum by name, and what becomes of the result."""

    numbers: dict[str, str]
    fate: str


def consequences(data: Path, merged: Reconciliation, settings: Settings) -> Callable[[ReconciledCell], str]:
    """Return a function that says what an open cell would change in the pooled numbers.

    Every other open cell is taken as the first form has it; where the cell then changes nothing, the other open
    cells of its row are taken as the second form has them, since a figure may depend on its statistic. Numbers are
    those of the forest plot: SMDs, mean differences in their unit, ratios back-transformed.
    """
    studies = {row["study"]: row for row in read_rows(data / "extracted" / "studies.csv")}
    readings = {(cell.result, cell.column): cell.first for cell in merged.open_cells}
    rows = {
        row["result"]: {name: readings.get((row["result"], name), value) for name, value in row.items()}
        for row in merged.rows
    }

    def outlook(result: str, change: Row, domains: set[str]) -> Outlook:
        changed = [*(rows | {result: rows[result] | change}).values()]
        return _outlook([n for n in settings.domains if n in domains], changed, studies, settings, result)

    def changes(cell: ReconciledCell, given: Row) -> tuple[Outlook, Outlook]:
        ways = [{**given, cell.column: reading} for reading in (cell.first, cell.second)]
        domains = {way.get("domain", rows[cell.result]["domain"]) for way in ways}
        first, second = (outlook(cell.result, way, domains) for way in ways)
        return first, second

    def consequence(cell: ReconciledCell) -> str:
        """Say what one open cell would change."""
        same = [c for c in merged.open_cells if c.result == cell.result and c.column != cell.column]
        try:
            alone = changes(cell, {})
            given = changes(cell, {c.column: c.second for c in same}) if not _changed(*alone) else alone
        except (ValueError, KeyError, ArithmeticError) as error:
            return f"not computed: a reading, or another cell of the domain, cannot be used ({_why(error)})"
        if _changed(*given) and not _changed(*alone):
            return f"given the second form's {', '.join(c.column for c in same)}: {_sentence(*given)}"
        return _sentence(*alone)

    return consequence


def _outlook(names: list[str], rows: list[Row], studies: dict[str, Row], settings: Settings, result: str) -> Outlook:
    numbers, fate = {}, "in no configured domain"
    for name in names:
        effects = effect_rows(name, rows, studies, settings)
        fate = next((Fate(row.fate).said for row in effects if row.result == result), fate)
        for stratum in strata(name, effects, settings):
            numbers[f"{settings.domains[name].label}, {stratum.label}"] = _estimate(stratum)
    return Outlook({heading: number for heading, number in numbers.items() if number}, fate)


def _estimate(stratum: Stratum) -> str:
    if stratum.fit is None:
        return ""
    fit = stratum.fit
    return f"{estimates.estimate(fit.estimate, fit.ci_lb, fit.ci_ub, estimates.style(stratum))} (k = {fit.k})"


def _changed(first: Outlook, second: Outlook) -> list[str]:
    """Return the strata whose pooled number differs between two readings."""
    first_numbers, second_numbers = first.numbers, second.numbers
    return [
        heading
        for heading in {**first_numbers, **second_numbers}
        if first_numbers.get(heading) != second_numbers.get(heading)
    ]


def _sentence(first: Outlook, second: Outlook) -> str:
    if changed := _changed(first, second):
        return "; ".join(
            f"{heading}: {first.numbers.get(heading, 'not pooled')} with the first, "
            f"{second.numbers.get(heading, 'not pooled')} with the second"
            for heading in changed
        )
    if first.fate != second.fate:
        return f"no pooled number changes: {first.fate} with the first, {second.fate} with the second"
    return "none: pooled, and the number is the same" if first.fate == "pooled" else f"none: {first.fate}"


def _why(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
