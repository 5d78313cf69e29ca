"""The harvest plot: each study a bar in one of three places, worse, unclear or better, outcome by outcome.

Ogilvie and others 2008, BMC Med Res Methodol 8:8. The height of a bar is the design, its fill the overall risk of bias,
its width the number of people. A number that nobody gives is a dashed bar of its own, which says nothing of size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, chain, groupby
from typing import Any

from taprev.drawing import legend, theme, typeset
from taprev.drawing.judgement_signs import sign
from taprev.drawing.page import Page
from taprev.drawing.paging import parts
from taprev.figures.overviews.frame import ReviewFigure
from taprev.figures.overviews.voters import (
    NOBODY,
    SizeClass,
    every_vote,
    people,
    risk_words,
    risks,
    size_class,
    size_words,
)
from taprev.ground.files import csv_text
from taprev.synthesis.results import StudyVote, Synthesis
from taprev.vocabulary import Contrast, RobRung, Vote
from taprev.wording import labels, mapping, sentences
from taprev.wording.adverse import adverse, adverse_words
from taprev.wording.context import total
from taprev.wording.overall_risk import risk

STEM, TITLE = "harvest", "Harvest plot"
PLACES = (Vote.WORSE, Vote.UNCLEAR, Vote.BETTER)
SHARES = {Vote.WORSE: 0.25, Vote.UNCLEAR: 0.25, Vote.BETTER: 0.5}
NAMES, COUNT, GAP, LEAD = 252.0, 26.0, 5.0, 15.5
HEIGHTS = {Contrast.RANDOMISED: 34.0, Contrast.CONTROLLED: 26.0}
UNCONTROLLED, ABOVE, PAD, INSET = 18.0, 10.0, 8.0, 2.0
WIDTHS = {SizeClass.LARGE: 24.0, SizeClass.MEDIUM: 18.0, SizeClass.SMALL: 12.0, SizeClass.UNKNOWN: 18.0}
DESIGNS = ("randomised", "controlled, not randomised", "without a comparison group")
HEADER = (
    "domain",
    "label",
    "direction",
    "contrast",
    "study",
    "study_label",
    "n",
    "n_counts",
    "size",
    "risk_of_bias",
    "results",
)


@dataclass(frozen=True)
class Bar:
    """A study as a bar: its height and its width in points, its risk of bias, and whether its size is not known."""

    height: float
    width: float
    level: str
    rung: RobRung
    unknown: bool


@dataclass(frozen=True)
class Harvested:
    """An outcome: its name, and for each place the bars of its lines and their number."""

    population: str
    label: str
    lines: dict[Vote, tuple[tuple[Bar, ...], ...]]
    counts: dict[Vote, int]

    @property
    def height(self) -> int:
        """How many lines of bars the outcome has."""
        return max(1, *(len(lines) for lines in self.lines.values()))

    @property
    def feet(self) -> tuple[float, ...]:
        """Where each line of bars stands below the top of the outcome; a line is as high as its highest bar."""
        heights = (
            max(
                (bar.height for lines in self.lines.values() for bar in chain(*lines[number : number + 1])), default=0.0
            )
            for number in range(self.height)
        )
        return tuple(accumulate(max(height, UNCONTROLLED) + ABOVE for height in heights))


def why_not(contents: Sequence[Synthesis]) -> str:
    """Return why the figure would say nothing, or an empty text where a study has a direction."""
    return "" if every_vote(contents) else "No study says in which direction an outcome went."


def harvest(contents: Sequence[Synthesis], most: int | None = None) -> ReviewFigure:
    """Return the plot of every vote; a page holds as much as `most` rows of other figures."""
    votes = every_vote(contents)
    judged = risks(vote for _, vote in votes)
    outcomes = [_harvested(content) for content in contents if content.votes]
    room = None if most is None else max(most // 2, 1)
    pages = [outcomes[part] for part in parts([outcome.height for outcome in outcomes], room)]
    wrong = mapping.wrong_ways(len(adverse(contents)))
    sizes = {size_class(people(vote)) for _, vote in votes}

    def body(own: Sequence[Harvested], page: Page, y: float) -> float:
        y = _heads(page, y)
        for population, group in groupby(own, key=lambda outcome: outcome.population):
            page.text(page.left, y + 22, labels.population(population).capitalize(), theme.STRONG)
            y += 28
            for outcome in group:
                y = _outcome(page, outcome, y)
        y = legend.key(page, y, list(_key(judged, sizes)))
        return page.block(wrong, y) if wrong else y

    studies = len({vote.study for _, vote in votes})
    return ReviewFigure(
        stem=STEM,
        title=TITLE,
        subtitle=f"{labels.count(studies, 'study', 'studies')}; a bar is a study in one outcome and design; directions "
        f"are counted, never significance{'' if judged else f'; {NOBODY}'}",
        bodies=tuple(partial(body, own) for own in pages),
        words=(
            *(_words(content) for content in contents if content.votes),
            *risk_words(votes),
            *filter(None, [adverse_words(contents)]),
        ),
        twin=csv_text(HEADER, (_twin(content, vote) for content, vote in votes)),
    )


def _harvested(content: Synthesis) -> Harvested:
    lines: dict[Vote, tuple[tuple[Bar, ...], ...]] = {}
    for place in PLACES:
        own = sorted((vote for vote in content.votes if vote.direction == place), key=_order)
        lines[place] = tuple(_broken([_bar(vote) for vote in own], _room(place)))
    counts = Counter(vote.direction for vote in content.votes)
    return Harvested(content.population, content.label, lines, {place: counts[place] for place in PLACES})


def _order(vote: StudyVote) -> tuple[int, str]:
    return labels.contrast_rank(vote.contrast), vote.label.lower()


def _bar(vote: StudyVote) -> Bar:
    size = size_class(people(vote))
    return Bar(HEIGHTS.get(vote.contrast, UNCONTROLLED), WIDTHS[size], *risk(vote), size == SizeClass.UNKNOWN)


def _broken(bars: Sequence[Bar], room: float) -> Iterator[tuple[Bar, ...]]:
    """Yield the bars of each line; a line is as wide as its place."""
    line: list[Bar] = []
    for bar in bars:
        if line and sum(one.width + GAP for one in line) + bar.width > room:
            yield tuple(line)
            line = []
        line.append(bar)
    if line:
        yield tuple(line)


def _room(place: Vote) -> float:
    return SHARES[place] * (theme.WIDTH - 2 * theme.MARGIN - NAMES) - COUNT - 2 * PAD


def _left(page: Page, place: Vote) -> float:
    before = sum(SHARES[one] for one in PLACES[: PLACES.index(place)])
    return page.left + NAMES + before * (page.right - page.left - NAMES)


def _heads(page: Page, y: float) -> float:
    for place in PLACES:
        page.text(_left(page, place) + PAD, y + 14, place.said, theme.HEAD)
    page.rule(page.left, page.right, y + 22)
    return y + 24


def _outcome(page: Page, outcome: Harvested, y: float) -> float:
    """Draw the name of an outcome, and for each place the number of its studies and their bars; return the end."""
    names = typeset.wrap(labels.clean(outcome.label), theme.BODY, NAMES - 14, 3)
    feet = outcome.feet
    first = max(y + LEAD, y + feet[0] - (len(names) - 1) * LEAD)
    tall = max(feet[-1], first - y + (len(names) - 1) * LEAD) + PAD
    for position, text in enumerate(names):
        page.text(page.left, first + position * LEAD, text, theme.BODY)
    for place in PLACES:
        left = _left(page, place)
        count = outcome.counts[place]
        page.text(left + PAD, y + feet[0], str(count), theme.STRONG if count else theme.SMALL)
        for number, line in enumerate(outcome.lines[place]):
            foot, x = y + feet[number], left + PAD + COUNT
            for bar in line:
                _draw(page, bar, x, foot)
                x += bar.width + GAP
        page.line((left, left), (y, y + tall), theme.BAND, 0.9, order=1)
    page.rule(page.left, page.right, y + tall, theme.BAND, 0.9)
    return y + tall


def _draw(page: Page, bar: Bar, x: float, foot: float) -> None:
    mark, ink, face = sign(bar.level, bar.rung)
    corners = [(x, foot), (x + bar.width, foot), (x + bar.width, foot - bar.height), (x, foot - bar.height)]
    page.shape(corners, theme.PAPER if bar.unknown else face, theme.GREY, 1.2 if bar.unknown else 0.9, bar.unknown)
    if bar.unknown and face != theme.PAPER:
        page.box(x + INSET, foot - bar.height + INSET, bar.width - 2 * INSET, bar.height - 2 * INSET, face, 4.5)
    if mark:
        page.text(x + bar.width / 2, foot - 4, mark, theme.Type(12.0, ink, weight="bold"), "center")


def _key(judged: dict[str, RobRung], sizes: set[SizeClass]) -> Iterator[tuple[legend.Paint, str]]:
    heights = (*HEIGHTS.values(), UNCONTROLLED)
    plain = (RobRung.NOT_ASSESSED.said, RobRung.NOT_ASSESSED)
    for height, design in zip(heights, DESIGNS, strict=True):
        yield _in_key(Bar(height / 2, WIDTHS[SizeClass.SMALL], *plain, False)), design
    for size in SizeClass:
        if size in sizes:
            yield (
                _in_key(Bar(UNCONTROLLED / 2, WIDTHS[size], *plain, size == SizeClass.UNKNOWN)),
                size_words(size, "dashed"),
            )
    for level, rung in judged.items():
        yield (
            _in_key(Bar(UNCONTROLLED, WIDTHS[SizeClass.MEDIUM], level, rung, False)),
            f"risk of bias: {labels.clean(level)}",
        )


def _in_key(bar: Bar) -> legend.Paint:
    return lambda page, x, y: _draw(page, bar, x - bar.width / 2, y + 7)


def _words(content: Synthesis) -> str:
    ways = Counter(vote.direction for vote in content.votes)
    designs = Counter(vote.contrast for vote in content.votes)
    told = ", ".join(f"{designs[contrast]} {contrast.said}" for contrast in Contrast if designs[contrast])
    unknown = sum(people(vote) is None for vote in content.votes)
    silent = f"; the number of people is not given for {unknown} of {len(content.votes)}" if unknown else ""
    return sentences.sentence(f"{content.label}: {sentences.votes(ways)}; {told}{silent}")


def _twin(content: Synthesis, vote: StudyVote) -> list[Any]:
    return [
        content.domain,
        content.label,
        vote.direction,
        vote.contrast,
        vote.study,
        vote.label,
        total(vote),
        vote.context.n_counts,
        size_class(people(vote)).value,
        risk(vote)[0],
        "; ".join(vote.results),
    ]
