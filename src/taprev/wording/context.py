"""What a number belongs to, in words: people, time, comparison, and what of the reports was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from taprev.synthesis.results import Context, MissingResults, Stratum, Study, StudyVote
from taprev.vocabulary import WITH_COMPARATOR, Contrast, Read
from taprev.wording import labels

PEOPLE = "people"
NO_TIME = "time not given"
FEW = 3


def sizes(samples: Iterable[Study]) -> tuple[dict[str, float], int]:
    """Return what samples count and how many of each, those of one sample once, and how many print no n.

    Several results of one sample are of the same people, so the largest n stands for them.
    """
    most: dict[tuple[str, str, str], float] = {}
    silent: set[tuple[str, str]] = set()
    for sample in samples:
        n = total(sample)
        if n is None:
            silent.add((sample.study, sample.sample))
            continue
        at = (sample.study, sample.sample, sample.context.n_counts or PEOPLE)
        most[at] = max(n, most.get(at, 0.0))
    sums: dict[str, float] = {}
    for (_, _, what), n in most.items():
        sums[what] = sums.get(what, 0.0) + n
    return sums, len(silent - {(study, sample) for study, sample, _ in most})


def total(sample: Study | StudyVote) -> float | None:
    """Return the n of both arms, or of the one group before and after; None where it is not printed."""
    return None if sample.n_arm1 is None else sample.n_arm1 + (sample.n_arm2 or 0)


def voters(vote: StudyVote) -> str:
    """Return whom the direction of a study is of, `120 people`, or that n is not given."""
    n, what = total(vote), vote.context.n_counts or PEOPLE
    return "n not given" if n is None else counted(n, what)


def who(samples: Sequence[Study]) -> str:
    """Return whom a number is of, `547 people and 73 teachers`, and of how many samples n is not printed."""
    sums, silent = sizes(samples)
    parts = [counted(n, what) for what, n in sums.items()]
    if not parts:
        return "n not given" if samples else ""
    without = f" (n not given for {silent} of {silent + _samples(samples)})" if silent else ""
    return f"{labels.listed(parts)}{without}"


def _samples(samples: Sequence[Study]) -> int:
    return len({(sample.study, sample.sample) for sample in samples if total(sample) is not None})


def counted(n: float, what: str) -> str:
    """Return how many of what a sample counts, `120 people`, `1 person`."""
    return labels.count(int(n), "person" if what == PEOPLE else what, what)


def when(contexts: Iterable[Context]) -> str:
    """Return when something was measured, `straight after`, `3 to 6 months after`, or that the time is not given."""
    given = list(contexts)
    months = sorted({month for context in given for month in context.months})
    untimed = any(context.untimed or not context.months for context in given)
    if not months:
        return NO_TIME if given else ""
    span = _span(months[0], months[-1])
    return f"{span}, or at a time not given" if untimed else span


def _span(first: float, last: float) -> str:
    if last == 0:
        return "straight after"
    if first == last:
        return f"{_months(first)} after"
    return f"{first:.2g} to {_months(last)} after" if first else f"straight after, up to {_months(last)} after"


def _months(number: float) -> str:
    if number < 1:
        return "less than a month"
    return labels.count(int(number), "month", "months") if number == int(number) else f"{number:.2g} months"


def compared_with(contrasts: Iterable[Contrast], samples: Iterable[Study | Context]) -> str:
    """Return what the programme is compared with: the same service before, or the groups that the studies name."""
    if not set(contrasts) & WITH_COMPARATOR:
        return "before the programme"
    contexts = (sample.context if isinstance(sample, Study) else sample for sample in samples)
    named = list(dict.fromkeys(labels.clean(context.compared_with) for context in contexts if context.compared_with))
    if not named:
        return "comparison not given"
    return labels.listed(named) if len(named) <= FEW else f"{len(named)} kinds of comparison"


def of_number(stratum: Stratum) -> str:
    """Return the people behind the number of a stratum and when they were measured."""
    return ", ".join(filter(None, [who(stratum.shown), measured(stratum)]))


def measured(stratum: Stratum) -> str:
    """Return when the samples behind the number of a stratum were measured, `measured straight after`."""
    return measured_at(stratum.shown)


def measured_at(samples: Iterable[Study]) -> str:
    """Return when samples were measured, `measured straight after`."""
    time = when(sample.context for sample in samples)
    return f"measured {time}" if time and time != NO_TIME else time


def magnitudes(missing: MissingResults) -> str:
    """Return how many of the studies that measured something give a usable magnitude in what was read of them."""
    studies = labels.count(missing.studies, "study", "studies")
    return f"{missing.with_magnitude} of {studies} {'gives' if missing.studies == 1 else 'give'} a usable magnitude"


def read_of_others(missing: MissingResults) -> str:
    """Return what was read of the studies that give no magnitude, `of the other 12 only the abstract was read`."""
    others = missing.studies - missing.with_magnitude
    if not others or not missing.read:
        return ""
    rest = f"of the other {'one' if others == 1 else others}" if missing.with_magnitude else "of them"
    kinds = list(missing.read)
    if len(kinds) == 1:
        return f"{rest} {read(kinds[0])}"
    return "; ".join(f"of {number} {read(kind)}" for kind, number in missing.read.items())


def read(kind: Read) -> str:
    """Return how much was read, `only the abstract was read`, as a part of a sentence."""
    if kind == Read.NOT_CODED:
        return "how much was read is not recorded"
    return f"{'' if kind == Read.FULL_TEXT else 'only '}{kind.said} was read"
