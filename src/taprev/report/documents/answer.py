"""The answer a reader takes away: up to three findings, what may be said of them, and what may not.

The rules are fixed. A finding is a pooled number of three or more effects whose interval lies on one side of no
difference, or the number of a single study with a comparison group for which that holds and whose interval is not
likely too narrow. Outcomes that the settings call critical come first, then pooled findings, then stronger
designs, then more people. Numbers of the same people are one finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from taprev.certainty.assessment import Assessment
from taprev.notes import unique
from taprev.report.documents.findings import Known
from taprev.settings import Settings
from taprev.synthesis.results import Stratum, Study, votes_together
from taprev.vocabulary import WITH_COMPARATOR, Contrast, Scale
from taprev.wording import context, labels
from taprev.wording.strata import Limits, direction, marked, measured, settled

MOST, SOON = 3, 1.0
SMALL = 400
WORDS = {0: "no", 1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine"}


@dataclass(frozen=True)
class Found:
    """One number of an outcome that says which way it goes: a pooled one, or that of a single study."""

    outcome: Known
    stratum: Stratum
    assessed: Assessment
    study: Study | None

    @property
    def samples(self) -> tuple[Study, ...]:
        """The samples behind the number."""
        return (self.study,) if self.study else self.stratum.shown

    @property
    def contrast(self) -> Contrast:
        """The design."""
        return self.stratum.contrasts[0]

    @property
    def controlled(self) -> bool:
        """Whether there is a comparison group."""
        return self.contrast in WITH_COMPARATOR

    @property
    def value(self) -> float:
        """The number, on the scale of its stratum."""
        return self.study.effect.yi if self.study else self.stratum.pooled.estimate

    @property
    def limits(self) -> Limits:
        """What holds the interval of the number, as `ci_lb` and `ci_ub`."""
        return self.study.effect if self.study else self.stratum.pooled

    @property
    def better(self) -> bool:
        """Whether the number is better with the programme, or after it."""
        return (self.value > 0) == (self.stratum.favours_sign > 0)

    @property
    def narrow(self) -> bool:
        """Whether the interval is likely too narrow."""
        return any(sample.too_narrow for sample in self.samples)

    @property
    def number(self) -> str:
        """The number with its interval, its unit and its marks."""
        marks = unique(note for sample in self.samples for note in sample.marks)
        return marked(measured(self.stratum, self.value, self.limits), marks)


def findings(known: Sequence[Known], critical: Sequence[str] = ()) -> list[tuple[Found, ...]]:
    """Return up to three findings, each the numbers of the same people in one design, the most telling first."""
    every = sorted((found for outcome in known for found in _of(outcome)), key=lambda found: _rank(found, critical))
    groups: list[list[Found]] = []
    for found in every:
        same = next((group for group in groups if _same_people(group[0], found)), None)
        if same is None:
            groups.append([found])
        else:
            same.append(found)
    return [tuple(group) for group in groups[:MOST]]


def _of(outcome: Known) -> Iterator[Found]:
    for stratum, assessed in outcome.strata:
        if stratum.fit:
            if settled(stratum.fit):
                yield Found(outcome, stratum, assessed, None)
        elif len(stratum.studies) == 1 and stratum.contrasts[0] in WITH_COMPARATOR:
            own = stratum.studies[0].own
            if own and not own.ci_lb <= 0 <= own.ci_ub and not stratum.too_narrow:
                yield Found(outcome, stratum, assessed, stratum.studies[0])


def _rank(found: Found, critical: Sequence[str]) -> tuple[float, ...]:
    people, _ = context.sizes(found.samples)
    place = (
        critical.index(found.outcome.synthesis.domain) if found.outcome.synthesis.domain in critical else len(critical)
    )
    return (place, found.study is not None, labels.contrast_rank(found.contrast), -sum(people.values()))


def _same_people(one: Found, other: Found) -> bool:
    """Return whether two single studies are one finding: the same people, in one design, and in one direction."""
    if not one.study or not other.study or one.better != other.better:
        return False
    return (one.study.study, one.study.sample, one.contrast) == (other.study.study, other.study.sample, other.contrast)


def finding_sentence(finding: Sequence[Found]) -> str:
    """Return a finding in one sentence: which way, in what design, how many people, when, and how sure."""
    first = finding[0]
    named = f" ({labels.clean(first.study.label.partition(':')[0])})" if first.study else ""
    numbers = "; ".join(f"{labels.inside(found.outcome.label)} {found.number}" for found in finding)
    around = ", ".join([context.who(first.samples), numbers if len(finding) > 1 else first.number, sure(first)])
    time = context.measured_at(first.samples)
    where = ", ".join(filter(None, [f"in {_studies(first)}{named}", time]))
    return f"Results on {_about(finding)} were {compared(first)} {where} ({around})."


def _about(finding: Sequence[Found]) -> str:
    return labels.listed([labels.inside(found.outcome.label) for found in finding])


def _studies(found: Found, small: str = "") -> str:
    """Return the studies of a finding with their design, `five before-after studies`."""
    count = len({sample.study for sample in found.samples})
    samples = len({(sample.study, sample.sample) for sample in found.samples})
    of = f"{WORDS.get(samples, str(samples))} samples of " if samples > count else ""
    return f"{of}{WORDS.get(count, str(count))} {small}{found.contrast.said} {'study' if count == 1 else 'studies'}"


def compared(found: Found) -> str:
    """Return which way a number goes, in the words of its design."""
    return direction(found.stratum, found.better)


def sure(found: Found) -> str:
    """Return the certainty that people judged, or that nobody has yet."""
    judged = found.assessed.certainty
    return f"certainty {judged.said}" if judged else "certainty not yet judged"


def may_say(groups: Sequence[Sequence[Found]], known: Sequence[Known]) -> Iterator[str]:
    """Yield sentences that the findings bear, in words without numbers of an analysis."""
    for finding in groups:
        first = finding[0]
        time = context.measured_at(first.samples)
        where = f"In {_studies(first, _small(first))}"
        yield f"{where}, results on {_about(finding)} were {compared(first)}{f' ({time})' if time else ''}."
    votes = [test for outcome in known for test in outcome.synthesis.sign_tests]
    better, worse, unclear = votes_together(votes).values()
    if better + worse + unclear:
        yield (
            f"Study by study, outcomes are better {better} times, worse {worse} and unclear {unclear} (as where the "
            "results of one study differ); this ignores how large and how certain they are."
        )


def _small(found: Found) -> str:
    """Return that the studies of a finding are small on average, or nothing, also where no n is given."""
    people, _ = context.sizes(found.samples)
    studies = len({sample.study for sample in found.samples})
    return "small " if people and sum(people.values()) < SMALL * studies else ""


def may_not_say(
    groups: Sequence[Sequence[Found]], known: Sequence[Known], settings: Settings, harms_sought: bool
) -> Iterator[str]:
    """Yield what the evidence does not bear, with its reason; `harms_sought` is whether a study looked for harms."""
    flat = [found for group in groups for found in group]
    alone = list(dict.fromkeys(labels.inside(f.outcome.label) for f in flat if not f.controlled))
    if alone:
        change = f"the before-after change in {labels.listed(alone)}"
        yield f"That the programme caused {change}: there was no control group."
    if flat and all(soon(found) for found in flat):
        yield "That it lasts: everything above was measured within a month."
    elif early := [found for found in flat if soon(found)]:
        brief = dict.fromkeys(labels.inside(found.outcome.label) for found in early)
        which = "the pooled ones" if all(found.study is None for found in early) else "numbers above"
        yield f"That results on {labels.listed(list(brief))} last: {which} were measured within a month."
    if left := without_finding(flat, known, settings):
        yield f"That {' or '.join(left)} are better or worse off: no finding above is about them."
    single = [found for found in flat if found.study]
    if single:
        yield "That a result of a single study will be found again elsewhere: nobody has repeated it here."
    if not harms_sought:
        yield "That it does no harm: no study here is known to have looked for harms."
    if not settings.review.systematic_search:
        yield "That this is all the evidence: it was not found by a systematic search."
    if not any(found.assessed.certainty for found in flat):
        yield "How sure we are: nobody has judged the certainty of these numbers yet."


def soon(found: Found) -> bool:
    """Return whether all that is behind a finding was measured within a month."""
    contexts = [sample.context for sample in found.samples]
    return all(one.months and not one.untimed and max(one.months) < SOON for one in contexts)


def without_finding(flat: Sequence[Found], known: Sequence[Known], settings: Settings) -> list[str]:
    """Return the populations with results of which no finding is."""
    names = settings.populations
    about = {found.outcome.synthesis.population for found in flat}
    every = dict.fromkeys(outcome.synthesis.population for outcome in known if outcome.synthesis.rows)
    return [names.get(population, labels.population(population)) for population in every if population not in about]


def of_hundred(value: float) -> int:
    """Return below the average person of one group how many of a hundred of the other lie, at a difference in SD.

    The share is the normal distribution at the number (Cohen's U3).
    """
    from scipy.special import ndtr

    return round(100 * float(ndtr(value)))


def everyday(found: Found) -> str:
    """Return what a standardised number means: how many of a hundred lie beyond the average of the others.

    Empty where the number has another scale.
    """
    if found.stratum.scale != Scale.SMD:
        return ""
    hundred = of_hundred(abs(found.value))
    others = "without it" if found.controlled else "before"
    better = "better" if found.better else "worse"
    return (
        "SD is the usual distance of one person from the average. "
        f"{labels.number(abs(found.value), 2)} SD for {labels.inside(found.outcome.label)} means that the average "
        f"person {'with the programme' if found.controlled else 'after'} did {better} than {hundred} of 100 "
        f"people {others}, if scores follow a bell curve."
    )
