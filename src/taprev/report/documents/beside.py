"""What another source concludes, recommends and misses, set beside the evidence of this review."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from taprev.extraction.tables import Row, read_rows
from taprev.report.documents.document import Block, Heading, Items, Paragraph
from taprev.report.documents.findings import outcomes_of
from taprev.settings import Settings
from taprev.settings.sections import Advice, Comparison
from taprev.synthesis.results import Synthesis, votes_together
from taprev.wording import labels, sentences

FEW = 4
NOTHING = "Here: nothing."


def beside(contents: Sequence[Synthesis], extracted: Path, settings: Settings) -> Iterator[Block]:
    """Yield what the other source concluded, its recommendations with the evidence on each, and its gaps."""
    other = settings.compare_with
    if other is None:
        return
    yield Heading(f"Beside {other.name}")
    lead = "It recommends:" if other.advice else ""
    yield Paragraph(" ".join(filter(None, [other.about, *around(other, contents, extracted), lead])))
    if other.advice:
        yield Items(tuple(f"{says} {bears}" for says, bears in advice(other, contents, extracted)))
    else:
        yield from map(Paragraph, parts(other, contents, extracted))
    source = f"doi {other.doi}." if other.doi else other.citation
    yield Paragraph(
        " ".join(filter(None, [f"{other.name}:", source, other.advice_source or other.parts_source])), "note"
    )


def around(other: Comparison, contents: Sequence[Synthesis], extracted: Path) -> Iterator[str]:
    """Yield what the other source says of its context, the studies that stand in both, and the gaps that it names."""
    if other.context:
        yield other.context
    if other.in_both:
        names = {row["study"]: row["label"] for row in read_rows(extracted / "studies.csv")}
        listed = (
            labels.clean(names.get(shared.study, shared.study)) + (f" ({shared.note})" if shared.note else "")
            for shared in other.in_both
        )
        yield f"Studies in both reviews: {'; '.join(listed)}."
    if other.gaps:
        by_name = {content.domain: content for content in contents}
        told = []
        for gap in other.gaps:
            held = [by_name[name] for name in gap.domains if name in by_name and by_name[name].votes]
            studies = {vote.study for content in held for vote in content.votes}
            of = labels.listed([labels.inside(content.label) for content in held])
            here = f"{labels.count(len(studies), 'study', 'studies')} of {of}" if studies else "no result"
            told.append(f"{gap.name} (here {here})")
        yield f"Gaps that it names: {'; '.join(told)}."


def advice(other: Comparison, contents: Sequence[Synthesis], extracted: Path) -> list[tuple[str, str]]:
    """Return each recommendation with the studies and results here that bear on it."""
    recorded, _ = _recorded(contents, extracted)
    return [(one.says, _bears(one, contents, recorded)) for one in other.advice]


def _bears(one: Advice, contents: Sequence[Synthesis], recorded: Sequence[Row]) -> str:
    named = {row["study"] for row in recorded if row["component"] in one.components}
    texts = [f"named by {labels.count(len(named), 'programme', 'programmes')}"] if named else []
    for content in contents:
        if content.domain in one.domains and content.votes:
            counts = sentences.votes_short(votes_together(content.sign_tests))
            texts.append(f"{labels.inside(content.label)} {counts}")
    return f"Here: {'; '.join(texts)}." if texts else NOTHING


def parts(other: Comparison, contents: Sequence[Synthesis], extracted: Path) -> Iterator[str]:
    """Yield the parts of programmes that the other source names, with the studies here that have them."""
    recorded, outcomes = _recorded(contents, extracted)
    named: list[str] = []
    silent: list[str] = []
    for part in other.parts:
        studies = {row["study"] for row in recorded if row["component"] in part.components}
        (named if studies else silent).append(labels.inside(part.name) + _bearing(studies, outcomes))
    if named:
        what = "Parts of programmes that it names, with the studies here that name them and what these measured"
        yield f"{what}: {'; '.join(named)}."
    if silent:
        lead = "Parts that no study here names, which does not mean that they were not there"
        yield f"{lead}: {'; '.join(silent)}."


def _recorded(contents: Sequence[Synthesis], extracted: Path) -> tuple[list[Row], dict[str, list[str]]]:
    outcomes = outcomes_of(contents)
    return [row for row in read_rows(extracted / "components.csv") if row["study"] in outcomes], outcomes


def _bearing(studies: Collection[str], outcomes: Mapping[str, list[str]]) -> str:
    """Return how many studies name a part and the outcomes they measured, or how many outcomes if there are many."""
    if not studies:
        return ""
    measured = dict.fromkeys(outcome for study in sorted(studies) for outcome in outcomes[study])
    what = ", ".join(measured) if len(measured) <= FEW else f"{len(measured)} outcomes"
    return f" ({labels.count(len(studies), 'study', 'studies')}: {what})"
