"""What `taprev check` remarks where it refuses nothing: how tables were read, who decided, and what nobody confirms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from taprev.extraction.checks import of_other_people
from taprev.extraction.consensus import not_compared
from taprev.extraction.plausibility.answers import outdated_answers
from taprev.extraction.required_columns import taken_without
from taprev.extraction.rulings import adjudication_path, read_rulings, without_decider, without_readings
from taprev.extraction.snapshot import said_otherwise
from taprev.settings import Settings


def remarks(data: Path, settings: Settings) -> Iterator[str]:
    """Yield the remarks on an extraction without problems, a sentence each."""
    once, extracted = settings.extraction.once, data / "extracted"
    yield from said_otherwise(data)
    yield from taken_without(extracted)
    rulings = [] if once else read_rulings(adjudication_path(data))
    yield from filter(None, (without_decider(rulings), without_readings(rulings), *outdated_answers(data)))
    yield from of_other_people(extracted / "outcomes.csv", settings)
    forms = "" if once else ", its forms and their adjudications,"
    yield f"The extraction fits its codebook{forms} and passes the checks of its figures."
    if once:
        yield "It was extracted once (extraction > twice: none), so no second form confirms it."
    if loose := not_compared(data, settings.extraction):
        yield loose
