"""Numbers that rest on the same people: several outcomes of one sample are no independent evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from taprev.synthesis.results import Study, Synthesis
from taprev.wording import context, labels


@dataclass(frozen=True)
class SharedPeople:
    """A sample behind the numbers of several outcomes."""

    label: str
    who: str
    outcomes: tuple[str, ...]


def shared_people(contents: Iterable[Synthesis]) -> list[SharedPeople]:
    """Return every sample that stands behind the numbers of two or more outcomes, the most outcomes first."""
    behind: dict[tuple[str, str], dict[str, list[Study]]] = defaultdict(lambda: defaultdict(list))
    for content in contents:
        for stratum in content.strata:
            for study in stratum.shown:
                behind[study.study, study.sample][content.label].append(study)
    found = [
        SharedPeople(_name(by_outcome), context.who(_largest(by_outcome)), tuple(by_outcome))
        for by_outcome in behind.values()
        if len(by_outcome) > 1
    ]
    return sorted(found, key=lambda one: -len(one.outcomes))


def _name(by_outcome: dict[str, list[Study]]) -> str:
    first = next(iter(by_outcome.values()))[0]
    return labels.clean(first.label.partition(":")[0])


def _largest(by_outcome: dict[str, list[Study]]) -> list[Study]:
    """Return the results of a sample that count its people, and one with the largest n."""
    every = [study for studies in by_outcome.values() for study in studies]
    of_people = [study for study in every if not study.context.n_counts] or every
    return [max(of_people, key=lambda study: context.total(study) or 0.0)]


def shared_words(contents: Iterable[Synthesis]) -> str:
    """Return which numbers rest on the same people, in one sentence; empty where none do."""
    told = [
        f"{_named(one)} in {labels.listed(list(map(labels.inside, one.outcomes)))}" for one in shared_people(contents)
    ]
    return f"Numbers of the same people are not independent: {'; '.join(told)}." if told else ""


def shared_short(contents: Iterable[Synthesis]) -> str:
    """Return the same in few words, with the number of outcomes alone."""
    told = [f"{_named(one)} in {len(one.outcomes)} outcomes" for one in shared_people(contents)]
    return f"Numbers of the same people are not independent: {'; '.join(told)}." if told else ""


def _named(one: SharedPeople) -> str:
    """Return a sample with its people, unless its name says them."""
    return one.label if one.who.split()[0] in one.label else f"{one.label} ({one.who})"
