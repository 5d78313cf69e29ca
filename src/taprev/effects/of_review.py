"""The effects of the domains of a review, from its extracted tables: what `taprev effects` writes for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from taprev.effects.descriptors import described
from taprev.effects.fates import effect_rows
from taprev.effects.queried import with_open_queries
from taprev.effects.rows import rows_csv
from taprev.effects.variants import variants, variants_json
from taprev.extraction.risk_of_bias.declarations import tools_of
from taprev.extraction.risk_of_bias.judged import overall_levels, read_judged, with_levels_of_tools
from taprev.extraction.tables import by_value, read_rows
from taprev.settings import Settings


@dataclass(frozen=True)
class DomainEffects:
    """The effects file of a domain as text, and a function that makes that of its variants, which takes longer."""

    text: str
    variants: Callable[[], str]


def effects_of(
    data: Path, settings: Settings, still_open: Mapping[str, Sequence[str]]
) -> Callable[[str], DomainEffects]:
    """Return a function that makes the effects of a domain of the review under `data`, by its name.

    `still_open` are the checks whose queries nobody has answered, by result or study.
    """
    judged = read_judged(data / "extracted")
    review = with_levels_of_tools(settings, judged)
    outcomes = read_rows(data / "extracted" / "outcomes.csv")
    studies = {row["study"]: row for row in read_rows(data / "extracted" / "studies.csv")}
    reports = {row["report"]: row for row in read_rows(data / "extracted" / "reports.csv")}
    bias, tools = overall_levels(judged), tools_of(data / "extracted")
    of_domain, of_result = by_value(outcomes, "domain"), by_value(judged, "result")

    def of(name: str) -> DomainEffects:
        own = of_domain[name]
        rows = effect_rows(name, own, studies, review, bias)
        judgements = [judgement for row in rows for judgement in of_result[row.result]]
        shown = described(rows, studies, judgements, review, own, tools=tools, reports=reports)
        text = rows_csv(with_open_queries(shown, still_open))
        return DomainEffects(text, lambda: variants_json(variants(name, own, studies, review, bias, rows)))

    return of
