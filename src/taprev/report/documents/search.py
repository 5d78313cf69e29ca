"""What the flow of records says to the items of PRISMA and PRISMA-S on the search; the rest is left to people."""

from __future__ import annotations

from collections.abc import Iterable

from taprev.extraction.flow import Flow
from taprev.vocabulary import OTHER_METHODS, PREVIOUS_VERSION, FlowBox
from taprev.wording import flow as words
from taprev.wording import sentences

SEARCH = "To be written by people: taprev keeps no search."
DATES = "Dates of the searches and platforms: to be written by people."
DATABASES, REGISTERS = (FlowBox.DATABASE_RESULTS,), (FlowBox.REGISTER_RESULTS,)
ONLINE, CITATIONS = (FlowBox.WEBSITE_RESULTS, FlowBox.ORGANISATION_RESULTS), (FlowBox.CITATION_RESULTS,)
IDENTIFIED = (*DATABASES, *REGISTERS, *ONLINE, *CITATIONS)
ASKED = frozenset(FlowBox) - {
    *PREVIOUS_VERSION,
    *OTHER_METHODS,
    FlowBox.OTHER_REPORTS,
    FlowBox.TOTAL_STUDIES,
    FlowBox.TOTAL_REPORTS,
    FlowBox.REPORTS_IN_META_ANALYSIS,
    FlowBox.STUDIES_IN_NO_SYNTHESIS,
}
"""The counts that PRISMA asks every review for."""


def flow_told(counts: Flow) -> str:
    """Return every count that was recorded, and which are missing of those that PRISMA asks for."""
    missing = [words.name(counts, box) for box in FlowBox if box in ASKED and not counts[box].recorded]
    without = sentences.sentence(f"Not recorded: {'; '.join(missing).lower()}") if missing else ""
    return f"{recorded(counts, FlowBox)} {without}".strip()


def excluded_told(counts: Flow) -> str:
    """Return how many reports were excluded after they were read in full, with the reasons."""
    told = recorded(counts, (FlowBox.REPORTS_EXCLUDED, FlowBox.OTHER_EXCLUDED))
    return told or "Reports excluded after they were read in full: not recorded."


def sources_told(counts: Flow) -> str:
    """Return where records were looked for, as far as the flow says it."""
    return recorded(counts, IDENTIFIED)


def searching(counts: Flow) -> dict[str, str]:
    """Return what the flow says to the items of PRISMA-S, by their numbers."""
    told = {
        "1": _named(counts, DATABASES, DATES),
        "3": _named(counts, REGISTERS, DATES),
        "4": _followed(recorded(counts, ONLINE), DATES),
        "5": _followed(recorded(counts, CITATIONS), "How: to be written by people."),
        "12": _followed(recorded(counts, PREVIOUS_VERSION), "How the search was updated: to be written by people."),
        "15": recorded(counts, IDENTIFIED) or "Records identified: not recorded.",
        "16": _followed(recorded(counts, (FlowBox.DUPLICATES,)), "How they were found: to be written by people."),
    }
    return {item: text for item, text in told.items() if text}


def recorded(counts: Flow, boxes: Iterable[FlowBox]) -> str:
    """Return the counts of some boxes that were recorded, as one sentence."""
    return sentences.sentence("; ".join(words.told(counts, [box for box in boxes if counts[box].recorded])))


def _named(counts: Flow, boxes: Iterable[FlowBox], then: str) -> str:
    """Return the counts of boxes whose parts have names."""
    return _followed(recorded(counts, [box for box in boxes if counts[box].parts]), then)


def _followed(text: str, then: str) -> str:
    return f"{text} {then}" if text else ""
