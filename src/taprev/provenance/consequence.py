"""What depends on a disagreement: the numbers of a domain under each reading, and under each fate of a result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from taprev.effects.fates import effect_rows
from taprev.effects.rows import EffectRow
from taprev.extraction.forms import form_words
from taprev.extraction.reconcile import ReconciledCell, Reconciliation
from taprev.extraction.tables import Row, by_value, read_rows
from taprev.settings import Settings
from taprev.synthesis.directions import votes
from taprev.synthesis.pvalues import combined_p
from taprev.synthesis.results import Stratum
from taprev.synthesis.sign_test import sign_test
from taprev.synthesis.strata import combined_strata, strata
from taprev.vocabulary import Contrast, Fate
from taprev.wording import estimates
from taprev.wording.notes import reason

TAKEN, LEFT_OUT = "if it is taken", "if it is left out"


@dataclass(frozen=True)
class Outlook:
    """In one way of deciding: each number of the domains by its name, and what becomes of the result."""

    numbers: dict[str, str]
    fate: str


Outlooks = dict[str, Outlook]
"""The outlook under each way of deciding, by its words, such as `with the first`."""


@dataclass(frozen=True)
class _State:
    """The results as the open questions would leave them: each with its row, or without one where it is left out."""

    rows: dict[str, Row]
    left_out: frozenset[str]

    def deciding(self, result: str, change: Row, taken: bool | None = None) -> _State:
        """Return the state with another reading of a result, or with the result taken or left out."""
        out = self.left_out if taken is None else self.left_out - {result} if taken else self.left_out | {result}
        return _State(self.rows | {result: self.rows[result] | change}, out)

    @property
    def present(self) -> list[Row]:
        """The rows of the results that are taken."""
        return [row for result, row in self.rows.items() if result not in self.left_out]


def consequences(data: Path, merged: Reconciliation, settings: Settings) -> Callable[[ReconciledCell], str]:
    """Return a function that says what an open question would change in the numbers.

    Every other open question is taken as the first form that was asked has it; where a cell then changes nothing, the
    other open cells of its row are taken as another form has them, since a figure may depend on its statistic. The
    numbers are the pooled ones of the forest plot with their sensitivity pools and pools of events, the directions
    counted and the combined p values: SMDs, mean differences in their unit, ratios back-transformed.
    """
    extracted = data / "extracted"
    studies = {row["study"]: row for row in read_rows(extracted / "studies.csv")}
    judged = by_value(read_rows(extracted / "risk_of_bias.csv"), "domain")["overall"]
    bias = {row["result"]: row["judgement"] for row in judged}
    base = _as_the_first_form_has_it(merged)

    def numbers_of(state: _State, domains: set[str], result: str) -> Outlook:
        numbers: dict[str, str] = {}
        fate = "in no configured domain"
        for name in (name for name in settings.domains if name in domains):
            effects = effect_rows(name, state.present, studies, settings, bias)
            fate = next((_fate(row) for row in effects if row.result == result), fate)
            numbers |= dict(_numbers(name, effects, settings))
        return Outlook(numbers, "left out" if result in state.left_out else fate)

    def outlooks(cell: ReconciledCell, given: Row) -> Outlooks:
        ways = {words: base.deciding(cell.result, {**given, **change}, taken) for words, change, taken in _ways(cell)}
        domains = {state.rows[cell.result]["domain"] for state in ways.values()}
        return {words: numbers_of(state, domains, cell.result) for words, state in ways.items()}

    def consequence(cell: ReconciledCell) -> str:
        """Say what one open question would change."""
        same = [c for c in merged.open_cells if c.result == cell.result and c.column != cell.column and not c.whole]
        try:
            alone = outlooks(cell, {})
            if _changed(alone) or not same:
                return _sentence(alone)
            for form in list(cell.readings)[1:]:
                given = outlooks(cell, {c.column: c.readings[form] for c in same if form in c.readings})
                if _changed(given):
                    columns = ", ".join(c.column for c in same if form in c.readings)
                    return f"given the {form_words(form)} form's {columns}: {_sentence(given)}"
        except (ValueError, KeyError, ArithmeticError) as error:
            return f"not computed: a reading, or another cell of the domain, cannot be used ({_why(error)})"
        return _sentence(alone)

    return consequence


def _fate(row: EffectRow) -> str:
    """Return what becomes of a result, with the reason where it is excluded."""
    said = Fate(row.fate).said
    return f"{said}, {reason(row.reason)}" if row.fate == Fate.EXCLUDED else said


def _as_the_first_form_has_it(merged: Reconciliation) -> _State:
    rows = {row["result"]: dict(row) for row in merged.rows}
    left_out = set()
    for cell in merged.open_cells:
        first = next(iter(cell.readings.values()))
        if not cell.whole:
            rows[cell.result][cell.column] = first
        elif not first:
            left_out.add(cell.result)
    return _State(rows, frozenset(left_out))


def _ways(cell: ReconciledCell) -> Iterator[tuple[str, Row, bool | None]]:
    """Yield the ways in which a question may be decided: words, the change of the row, and whether it is taken."""
    if cell.whole:
        yield TAKEN, {}, True
        yield LEFT_OUT, {}, False
        return
    said: dict[str, list[str]] = {}
    for form, reading in cell.readings.items():
        said.setdefault(reading, []).append(form_words(form))
    for reading, forms in said.items():
        # A cell of a result about which is open whether it is taken is told for the case that it is.
        yield f"with the {' and '.join(forms)}", {cell.column: reading}, True


def _numbers(name: str, effects: list[EffectRow], settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield every number of a domain that a reading could move, with its name."""
    label, how = settings.domains[name].label, settings.synthesis
    for stratum in strata(name, effects, settings, alone=True):
        yield from _pooled(f"{label}, {stratum.label}", stratum)
    for stratum in combined_strata(name, effects, settings, alone=True):
        yield from _pooled(f"{label}, {stratum.label}", stratum)
    ballots = votes(effects)
    for contrast in Contrast:
        own = [vote for vote in ballots if vote.contrast == contrast]
        if own:
            counted = sign_test(contrast, own, settings.review.systematic_search, how.level)
            yield (
                f"{label}, {contrast.heading}, directions by study",
                f"{counted.better} better, {counted.worse} worse, {counted.unclear} unclear",
            )
    for combined in combined_p(effects, settings.review.systematic_search):
        if combined.pval_better is not None and combined.pval_worse is not None:
            number = f"p = {combined.pval_better:.2g} for better, {combined.pval_worse:.2g} for worse"
            yield f"{label}, {combined.contrast.heading}, p values combined ({combined.method})", number


def _pooled(heading: str, stratum: Stratum) -> Iterator[tuple[str, str]]:
    if fit := stratum.fit:
        number = estimates.estimate(fit.estimate, fit.ci_lb, fit.ci_ub, estimates.style(stratum))
        yield heading, f"{number} (k = {fit.k})"
    if sparse := stratum.sparse:
        number = estimates.estimate(sparse.estimate, sparse.ci_lb, sparse.ci_ub, estimates.style(stratum))
        yield f"{heading}, events without corrections", f"{number} (k = {sparse.k_used})"


def _changed(outlooks: Outlooks) -> list[str]:
    """Return the names of the numbers that are not the same in every way of deciding."""
    names = dict.fromkeys(name for outlook in outlooks.values() for name in outlook.numbers)
    return [name for name in names if len({outlook.numbers.get(name) for outlook in outlooks.values()}) > 1]


def _sentence(outlooks: Outlooks) -> str:
    if changed := _changed(outlooks):
        return "; ".join(
            f"{name}: "
            + ", ".join(f"{outlook.numbers.get(name, 'no number')} {words}" for words, outlook in outlooks.items())
            for name in changed
        )
    fates = {words: outlook.fate for words, outlook in outlooks.items()}
    first, *_ = fates.values()
    if len(set(fates.values())) > 1:
        return "no number changes: " + ", ".join(f"{fate} {words}" for words, fate in fates.items())
    pooled = first in (Fate.POOLED.said, Fate.COUNTED.said)
    return "none: pooled, and the number is the same" if pooled else f"none: {first}"


def _why(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
