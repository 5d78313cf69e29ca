"""The plain-language summary: one page in short sentences, for readers from about twelve years of age on.

It takes the findings of the answer and the results that went the wrong way, and words them anew; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import exp
from pathlib import Path

from taprev.extraction.tables import Row, read_rows
from taprev.report.documents.answer import WORDS, Found, compared, findings, of_hundred, soon, without_finding
from taprev.report.documents.document import Block, Document, Heading, Items, Paragraph
from taprev.report.documents.findings import Known, outcomes_of
from taprev.report.documents.imprint import imprint
from taprev.settings import Settings
from taprev.synthesis.results import Study
from taprev.vocabulary import WITH_COMPARATOR, CertaintyLevel, Contrast, Fate, Harms, Read, Scale, Twice
from taprev.wording import context, estimates, labels, sentences
from taprev.wording.adverse import FIGURE, Adverse, adverse

DESIGNS = {
    Contrast.RANDOMISED: "Chance decided who was in which group.",
    Contrast.CONTROLLED: "There was a second group, but chance did not decide who was in it.",
    Contrast.BEFORE_AFTER: "There was no second group. So we cannot say what made the change.",
    Contrast.TIME_SERIES: "There was no second group. So we cannot say what made the change.",
}
SURE = {
    CertaintyLevel.HIGH: "can be very sure",
    CertaintyLevel.MODERATE: "can be fairly sure",
    CertaintyLevel.LOW: "cannot be very sure",
    CertaintyLevel.VERY_LOW: "cannot be sure at all",
}
READINGS = {
    Twice.ALL: "Each result was read twice, each time on its own.",
    Twice.SAMPLE: "Each result was read once, and some were read twice.",
    Twice.NONE: "Each result was read once.",
}
SPREAD = "To count people out of 100, we take it that most score near the middle, and few very high or very low."
NOTHING_CLEAR = "No number here is clear enough to say if things got better or worse."
PER_EVENT = frozenset({Scale.LOG_RISK_RATIO, Scale.LOG_RATE_RATIO})


def plain_summary(known: Sequence[Known], extracted: Path, settings: Settings) -> Document:
    """Return the plain-language summary of the review."""
    used = outcomes_of([outcome.synthesis for outcome in known])
    studies = [row for row in read_rows(extracted / "studies.csv") if row["study"] in used]
    found = findings(known, settings.certainty.critical)
    blocks = (
        *((Paragraph(settings.review.content_note, "note"),) if settings.review.content_note else ()),
        Heading("What we wanted to know"),
        Paragraph(sentences.sentence(settings.review.plain_question or settings.review.question)),
        *_found(found, settings),
        *_wrong_way(known, extracted, settings),
        Heading("What we do not know"),
        Items(tuple(_unknown(found, known, studies, settings))),
        Heading("How sure we are"),
        Paragraph(" ".join(_sure(known, settings))),
        Heading("What this rests on"),
        Paragraph(" ".join(_rests(known, settings))),
        *((Heading("What happens next"), Paragraph(settings.review.next_steps)) if settings.review.next_steps else ()),
    )
    return Document(
        title=f"{settings.review.title}: in plain words",
        subtitle="",
        blocks=blocks,
        imprint=imprint(settings),
        compact=True,
    )


def _name(outcome: Known, settings: Settings) -> str:
    domain = settings.domains.get(outcome.synthesis.domain)
    return labels.clean(domain.plain) if domain and domain.plain else labels.inside(outcome.label)


def _found(found: Sequence[Sequence[Found]], settings: Settings) -> Iterator[Block]:
    yield Heading("What we found")
    if not found:
        yield Paragraph(NOTHING_CLEAR)
        return
    yield Items(tuple(" ".join(_finding(finding, settings)) for finding in found))
    if any(one.stratum.scale == Scale.SMD for finding in found for one in finding):
        yield Paragraph(SPREAD, "note")


def _finding(finding: Sequence[Found], settings: Settings) -> Iterator[str]:
    """Yield a finding in short sentences: the way, the people, the time, the size, and what the design allows."""
    first = finding[0]
    about = labels.listed([_name(one.outcome, settings) for one in finding])
    yield f"Results on {about} were {compared(first)}."
    studies = len({sample.study for sample in first.samples})
    many = WORDS.get(studies, str(studies)).capitalize()
    named = f" ({labels.clean(first.study.label.partition(':')[0])})" if first.study else ""
    yield f"{many} {'study' if studies == 1 else 'studies'}{named} looked at this, {people(first.samples)}."
    yield measured(first.samples)
    for one in finding:
        yield from _size(one, f"For {_name(one.outcome, settings)}, " if len(finding) > 1 else "")
    yield DESIGNS[first.contrast]


def people(samples: Sequence[Study]) -> str:
    """Return how many people samples hold, as the end of a sentence, and where the number is not given."""
    sums, silent = context.sizes(samples)
    if not sums:
        return "and what we read does not say with how many people"
    said = labels.listed([context.counted(n, what) for what, n in sums.items()])
    more = f", and more people whose number is not given in {silent} of the groups" if silent else ""
    return f"with {said}{more}"


def measured(samples: Sequence[Study]) -> str:
    """Return when samples were measured, in a sentence."""
    time = context.when(sample.context for sample in samples)
    return f"They measured it {time}." if time and time != context.NO_TIME else "What we read does not say when."


def _size(found: Found, lead: str) -> Iterator[str]:
    """Yield how large a number is and where the true one may lie, in counts of a hundred where the scale has them."""
    limits, value = found.limits, found.value
    scale, style = found.stratum.scale, estimates.style(found.stratum)
    after, before = ("who got it", "who did not") if found.controlled else ("afterwards", "before")
    if scale == Scale.SMD:
        way = 1 if value > 0 else -1
        low, high = map(str, sorted(of_hundred(way * limit) for limit in (limits.ci_lb, limits.ci_ub)))
        did = "better" if found.better else "worse"
        size = f"the average person {after} did {did} than {of_hundred(way * value)} of 100 people {before}"
    elif scale in PER_EVENT:
        low, high = (str(round(100 * exp(limit))) for limit in (limits.ci_lb, limits.ci_ub))
        happened = "with it" if found.controlled else "afterwards"
        other = "without it" if found.controlled else "before"
        size = f"what was counted came up {round(100 * exp(value))} times {happened} for every 100 times {other}"
    else:
        number, low, high = (estimates.effect(one, style) for one in (value, limits.ci_lb, limits.ci_ub))
        what = labels.ratio_name(scale, found.stratum.unit).lower() if labels.is_ratio(scale) else "difference"
        unit = f" {labels.clean(found.stratum.unit)}" if what == "difference" and found.stratum.unit else ""
        size = f"the number is a {what} of {number}{unit}"
    yield f"{lead}{size}." if lead else f"{size[0].upper()}{size[1:]}."
    wider = ", and likely further off" if found.narrow else ""
    yield f"If only chance plays a part, the true number lies from {low} to {high}{wider}."


def _wrong_way(known: Sequence[Known], extracted: Path, settings: Settings) -> Iterator[Block]:
    yield Heading("What went the wrong way")
    wrong = adverse(outcome.synthesis for outcome in known)
    if not wrong:
        yield Paragraph("No result that we read went the wrong way.")
        return
    by_domain = {outcome.synthesis.domain: outcome for outcome in known}
    rows = {row["result"]: row for row in read_rows(extracted / "outcomes.csv")}
    yield Items(
        tuple(
            " ".join(_worse(one, _name(by_domain[one.domain], settings), rows.get(one.row.result, {}))) for one in wrong
        )
    )


def _worse(one: Adverse, outcome: str, row: Row) -> Iterator[str]:
    """Yield a result that went the wrong way: study, people, what was measured, what is printed, when and how."""
    yield f"Results on {outcome} were worse in one study ({labels.clean(one.row.label)}), {_counted(row)}."
    yield f"It measured this: {labels.clean(one.row.measure_text).rstrip('.')}."
    printed = FIGURE.search(one.row.as_reported)
    yield f"It says: {labels.clean(one.row.as_reported)}." if printed else _no_figure(one.row.read)
    time = labels.clean(one.row.timepoint)
    yield f"When: {time}." if time else "What we read does not say when."
    yield DESIGNS[one.row.contrast]
    if one.row.fate == Fate.EXCLUDED:
        yield "Our main count leaves this study out."


def _no_figure(read: Read) -> str:
    only = {Read.FULL_TEXT: "the whole report", Read.NOT_CODED: "a part that we cannot name"}
    return f"It gives no number. We read {only.get(read, f'only {read.said}')}."


def _counted(row: Row) -> str:
    given = [float(row[arm]) for arm in ("n_arm1", "n_arm2") if row.get(arm)]
    what = labels.clean(row.get("n_counts") or "") or context.PEOPLE
    if not given:
        return "and what we read does not say with how many people"
    return f"with {context.counted(sum(given), what)}"


def looked_for_harm(coded: Iterable[str]) -> str:
    """Return the sentence on how many studies looked for harm, by what is coded of each."""
    known = [word for word in coded if word != Harms.NOT_CODED]
    looked = sum(word in (Harms.EVENTS, Harms.ASSESSED_NONE) for word in known)
    if not known:
        return "We do not know if it does harm. Nobody has checked yet if the studies looked for harm."
    if looked or Harms.NOT_REPORTED not in known:
        return f"Of {labels.count(len(known), 'study', 'studies')}, {looked} looked for harm. No news is not good news."
    which = f"None of the {len(known)} studies reports" if len(known) > 1 else "The one study does not report"
    return f"{which} that it looked for harm. No news is not good news."


def _unknown(
    found: Sequence[Sequence[Found]], known: Sequence[Known], studies: Sequence[Row], settings: Settings
) -> Iterator[str]:
    flat = [one for finding in found for one in finding]
    if brief := list(dict.fromkeys(_name(one.outcome, settings) for one in flat if soon(one))):
        on = labels.listed(brief)
        yield f"We do not know if better or worse results on {on} last. They were measured within a month."
    if left := without_finding(flat, known, settings):
        yield f"We cannot say if things got better or worse for {' or for '.join(left)}. No clear number is about them."
    if empty := [_name(outcome, settings) for outcome in known if not outcome.synthesis.rows]:
        yield f"We have no result on {labels.listed(empty)}. That does not mean that there is none."
    yield looked_for_harm([row["harms"] for row in studies])
    if not settings.review.systematic_search:
        yield "We do not know what other studies say. This is not a full search."


def _sure(known: Sequence[Known], settings: Settings) -> Iterator[str]:
    judged = [
        (_name(outcome, settings), assessed.certainty, stratum.contrasts[0])
        for outcome in known
        for stratum, assessed in outcome.strata
        if assessed.certainty
    ]
    if not judged:
        yield "Nobody has judged yet how sure we can be. So take care with all of these numbers."
        return
    for name, level, contrast in judged:
        group = "with a second group" if contrast in WITH_COMPARATOR else "with no second group"
        yield f"People judged what studies {group} say of {name}: we {SURE[level]}."
    yield "Nobody has judged the rest yet." if len(judged) < sum(len(one.strata) for one in known) else ""


def _rests(known: Sequence[Known], settings: Settings) -> Iterator[str]:
    rows = [row for outcome in known for row in outcome.synthesis.rows if row.fate != Fate.EXCLUDED]
    if not rows:
        yield "There is no result yet."
        return
    count = len({row.study for row in rows})
    studies = labels.count(count, "study", "studies")
    yield f"This rests on {studies} with {labels.count(len(rows), 'result', 'results')}."
    samples = [study for outcome in known for stratum, _ in outcome.strata for study in stratum.studies]
    sized = [sample for sample in samples if context.total(sample) is not None]
    if sized:
        by, _ = context.sizes(sized)
        said = labels.listed(
            [labels.count(int(n), "person" if what == context.PEOPLE else what, what) for what, n in by.items()]
        )
        own = len({sample.study for sample in sized})
        yield f"For {own} of these studies we know a size and how many took part: {said}."
    if samples:
        yield measured(samples)
    if settings.review.systematic_search:
        yield "We searched for studies by a plan."
    yield READINGS[Twice(settings.extraction.twice.which)]
