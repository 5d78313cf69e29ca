"""The review at a glance: a line for every outcome and design, with its directions, its number and its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from taprev.drawing import legend, marks, theme
from taprev.drawing.marks import Track
from taprev.drawing.page import Page
from taprev.drawing.paging import CONTINUED, parts
from taprev.drawing.pooled_marks import DiamondStyle, diamond_style
from taprev.drawing.scale import fit_scale
from taprev.drawing.typeset import shorten
from taprev.figures.overviews.frame import ReviewFigure
from taprev.ground.files import csv_text
from taprev.notes import Note, unique
from taprev.synthesis.results import Stratum, Synthesis
from taprev.synthesis.results.stratum import narrows
from taprev.vocabulary import Contrast, Scale
from taprev.wording import estimates, labels, sentences
from taprev.wording.adverse import adverse_words
from taprev.wording.estimates import NumberStyle
from taprev.wording.shared_people import shared_short
from taprev.wording.strata import VOTES_IGNORE, marked, marks_words

STEM, TITLE = "at_a_glance", "The evidence at a glance"
DESIGN, VOTES, PLOT, NUMBER = 0.4, 0.6, 0.62, 0.82
GAP = 14
LEAD, HEADING, INDENT = 24.0, 36.0, 30.0
HEADER = (
    "population",
    "place",
    "domain",
    "label",
    "stratum",
    "contrasts",
    "better",
    "worse",
    "unclear",
    "kind",
    "scale",
    "k",
    "estimate",
    "ci_lb",
    "ci_ub",
    "unit",
    "favours_sign",
)
DRAWN = Scale.SMD
LOWER, HIGHER = "↓", "↑"
VOTES_ARE = f"Directions: studies with better · worse · unclear results. {VOTES_IGNORE}"
WITHOUT_NUMBER = {"several": "several, not pooled", "counts": "counts without a ratio"}


@dataclass(frozen=True)
class Glance:
    """One line: an outcome in one design; `kind` is pooled, single, several or directions."""

    population: str
    place: int
    domain: str
    label: str
    stratum: str
    contrasts: tuple[Contrast, ...]
    better: int
    worse: int
    unclear: int
    kind: str
    scale: Scale
    k: int
    estimate: float | None
    ci_lb: float | None
    ci_ub: float | None
    unit: str
    favours_sign: int
    digits: int | None
    marks: tuple[Note, ...]

    @property
    def drawn(self) -> bool:
        """Whether the line has a mark on the common axis."""
        return self.estimate is not None and self.scale == DRAWN

    @property
    def style(self) -> DiamondStyle:
        """The style of the diamond of a pooled number."""
        return diamond_style(self.contrasts, self.k)


def at_a_glance(contents: Sequence[Synthesis], populations: Mapping[str, str], most: int | None = None) -> ReviewFigure:
    """Return the figure of every domain with rows; only standardised differences share the axis.

    A page holds at most `most` lines.
    """
    lines = glances(contents, populations)
    drawn = [line for line in lines if line.drawn]
    said = [text for text in (adverse_words(contents), shared_short(contents)) if text]
    counted = labels.count(len({line.domain for line in lines}), "outcome", "outcomes")

    by_outcome = [list(own) for _, own in groupby(lines, key=lambda line: line.place)]
    first = {own[0].population: own[0].place for own in reversed(by_outcome)}
    divided = [by_outcome[part] for part in parts([len(own) for own in by_outcome], most)]

    def body(own_outcomes: Sequence[list[Glance]], page: Page, y: float) -> float:
        room = page.right - page.left
        track = track_of(drawn, page.left + PLOT * room, page.left + (NUMBER - 0.02) * room)
        y = _heads(page, y)
        for population, outcomes in groupby(own_outcomes, key=lambda own: own[0].population):
            on_page = list(outcomes)
            again = CONTINUED if on_page[0][0].place > first[population] else ""
            y = top = _heading(page, population + again, y)
            for own in on_page:
                y = _outcome(page, track, own, y)
            if drawn:
                page.line((track.x(0.0),) * 2, (top, y), theme.INK, 0.9, order=1.5)
        if drawn:
            y = _axis(page, track, y)
        y = legend.key(page, y, list(_key(drawn)))
        for text in [*_notes(lines), *said]:
            y = page.block(text, y)
        return y

    return ReviewFigure(
        stem=STEM,
        title=TITLE,
        subtitle=f"{counted} with results, by design{'; better lies to the right' if drawn else ''}",
        bodies=tuple(partial(body, own) for own in divided),
        words=(*(tuple(_words(line) for line in lines) or ("No outcome has a result.",)), *said),
        twin=csv_text(HEADER, (_twin(line) for line in lines)),
    )


def glances(contents: Sequence[Synthesis], populations: Mapping[str, str]) -> list[Glance]:
    """Return the lines of every domain with rows; `place` numbers the domains from 1.

    A design that is drawn on several axes has its directions on the first of its lines.
    """
    held = [content for content in contents if content.strata]
    return [line for place, content in enumerate(held, start=1) for line in _lines(place, content, populations)]


def _lines(place: int, content: Synthesis, populations: Mapping[str, str]) -> Iterator[Glance]:
    population = populations.get(content.population, labels.population(content.population))
    counted: set[str] = set()
    for stratum in content.strata:
        own = set(stratum.contrasts) - counted
        tests = [test for test in content.sign_tests if test.contrast in own]
        counted |= own
        shown = shown_of(stratum)
        yield Glance(
            population=sentences.sentence(population).rstrip("."),
            place=place,
            domain=content.domain,
            label=content.label,
            stratum=stratum.label,
            contrasts=stratum.contrasts,
            better=sum(test.better for test in tests),
            worse=sum(test.worse for test in tests),
            unclear=sum(test.unclear for test in tests),
            kind=shown.kind,
            scale=stratum.scale,
            k=shown.k,
            estimate=shown.estimate,
            ci_lb=shown.ci_lb,
            ci_ub=shown.ci_ub,
            unit=stratum.unit,
            favours_sign=stratum.favours_sign,
            digits=estimates.style(stratum).digits,
            marks=stratum.marks,
        )


def _twin(line: Glance) -> list[Any]:
    return [" ".join(line.contrasts) if name == "contrasts" else getattr(line, name) for name in HEADER]


@dataclass(frozen=True)
class Shown:
    """What a stratum shows: a number of its kind, or that it has several effects or none."""

    kind: str
    k: int
    estimate: float | None = None
    ci_lb: float | None = None
    ci_ub: float | None = None


def shown_of(stratum: Stratum) -> Shown:
    """Return what a stratum shows: its pooled number, its one effect, or that it has several or none."""
    fit, k = stratum.fit, len(stratum.studies)
    if fit:
        return Shown("pooled", fit.k, fit.estimate, fit.ci_lb, fit.ci_ub)
    if k == 1:
        own = stratum.studies[0].own
        return Shown("single", k, own.yi, own.ci_lb, own.ci_ub) if own else Shown("counts", k)
    return Shown("several" if stratum.studies else "directions", k)


def track_of(drawn: Sequence[Glance], left: float, right: float) -> Track:
    """Return the common axis of all lines between two places of a page."""
    spans = [(line.ci_lb, line.ci_ub) for line in drawn if line.ci_lb is not None and line.ci_ub is not None]
    points = [line.estimate for line in drawn if line.estimate is not None]
    return Track(fit_scale(points, spans, DRAWN, right - left), left, right)


def _heads(page: Page, y: float) -> float:
    room, base = page.right - page.left, y + 16
    page.text(page.left, base, "Outcome", theme.HEAD)
    page.text(page.left + DESIGN * room, base, "Design", theme.HEAD)
    page.text(page.left + VOTES * room, base, "Directions", theme.HEAD, "right")
    page.text(page.right, base, "Number", theme.HEAD, "right")
    return y + 18


def _heading(page: Page, population: str, y: float) -> float:
    room = page.right - page.left
    lines = page.paragraph(page.left, y + HEADING - 12, population, theme.SECTION, room, 19)
    y += HEADING + (lines - 1) * 19
    page.rule(page.left, page.right, y - 4)
    return y


def _outcome(page: Page, track: Track, lines: Sequence[Glance], y: float) -> float:
    """Draw the lines of one outcome next to its number and name, and return where they end."""
    first, room = lines[0], DESIGN * (page.right - page.left) - INDENT - 12
    page.text(page.left + INDENT - 8, y + 17, str(first.place), theme.BODY_QUIET, "right")
    named = page.paragraph(page.left + INDENT, y + 17, labels.clean(first.label), theme.BODY, room, 18)
    for number, line in enumerate(lines):
        _line(page, track, line, y + number * LEAD)
    return y + max(LEAD * len(lines), 6 + 18 * named)


def _line(page: Page, track: Track, line: Glance, y: float) -> None:
    room, base, middle = page.right - page.left, y + 17, y + 12.5
    page.text(page.left + DESIGN * room, base, labels.contrast(line.contrasts[0]), theme.BODY_QUIET)
    page.text(page.left + VOTES * room, base, _votes(line), theme.BODY_QUIET, "right")
    kind = theme.BODY if line.estimate is not None else theme.BODY_QUIET
    page.text(page.right, base, shorten(number_of(line), kind, (1 - VOTES) * room - GAP), kind, "right")
    mark(page, track, line, middle)


def mark(page: Page, track: Track, line: Glance, middle: float) -> None:
    """Draw the number of a line in its place, where it has one on the common axis."""
    if not line.drawn or line.estimate is None or line.ci_lb is None or line.ci_ub is None:
        return
    if any(map(narrows, line.marks)):
        marks.open_ends(page, track, middle, line.ci_lb, line.ci_ub, theme.INK)
    if line.kind == "pooled":
        ends = track.ends(line.ci_lb, line.estimate, line.ci_ub)
        marks.diamond(page, ends, middle, 7.0, line.style)
    else:
        marks.interval(page, track, middle, line.ci_lb, line.ci_ub, theme.INK)
        legend.dot(page, track.x(line.estimate), middle, labels.after_words(line.contrasts))


def _votes(line: Glance) -> str:
    counts = (line.better, line.worse, line.unclear)
    return " · ".join(map(str, counts)) if any(counts) else labels.MISSING


def number_of(line: Glance) -> str:
    """Return the number of a line with its mark and its way, or what stands in its place."""
    if line.estimate is None:
        return WITHOUT_NUMBER.get(line.kind, "no magnitude")
    number = estimates.estimate(line.estimate, line.ci_lb, line.ci_ub, NumberStyle(line.scale, line.digits))
    return marked(_with_way(line, number), line.marks)


def _with_way(line: Glance, number: str) -> str:
    if not labels.as_measured(line.scale):
        return number
    way = LOWER if line.favours_sign < 0 else HIGHER
    if labels.is_correlation(line.scale):
        return f"r {number} {way}"
    return (
        f"ratio {number} {way}" if labels.is_ratio(line.scale) else f"{number} {way} {labels.clean(line.unit)}".strip()
    )


def _axis(page: Page, track: Track, y: float) -> float:
    page.line((track.left, track.right), (y + 4, y + 4), theme.INK, 1.0)
    for value, label in track.scale.ticks:
        x = track.x(value)
        page.line((x, x), (y + 4, y + 9), theme.INK, 1.0)
        page.text(x, y + 22, label, theme.AXIS, "center")
    page.text((track.left + track.right) / 2, y + 40, "standard deviations", theme.AXIS, "center")
    return y + 44


def _key(drawn: Sequence[Glance]) -> Iterator[tuple[legend.Paint, str]]:
    single = [labels.after_words(line.contrasts) for line in drawn if line.kind == "single"]
    if False in single:
        yield legend.dot_key(False), "one study, not pooled"
    if True in single:
        yield legend.dot_key(True), "one study without a control group"
    pooled = [line for line in drawn if line.kind == "pooled"]
    for style in sorted({line.style for line in pooled}, key=lambda style: (style.hollow, style.dashed)):
        uncontrolled = all(labels.after_words(line.contrasts) for line in pooled if line.style == style)
        without = " without a control group" if uncontrolled else ""
        yield legend.diamond_key(style), f"pooled{without}{', two effects only' if style.dashed else ''}"


def _notes(lines: Sequence[Glance]) -> Iterator[str]:
    """Yield what the signs next to numbers mean, as far as they occur."""
    with_number = [line for line in lines if line.estimate is not None]
    for mark, sign, beside in ((LOWER, -1, "below"), (HIGHER, 1, "above")):
        scales = {line.scale for line in with_number if line.favours_sign == sign}
        kinds = [f"a ratio {beside} 1"] if any(map(labels.is_ratio, scales)) else []
        kinds += [f"a difference {beside} 0"] if Scale.MD in scales else []
        kinds += [f"a correlation (r) {beside} 0"] if Scale.FISHER_Z in scales else []
        if kinds:
            yield f"{mark} {' or '.join(kinds)} is better."
    yield VOTES_ARE
    if reasons := unique(note for line in with_number for note in line.marks):
        yield marks_words(reasons)
    if any(line.kind == "several" for line in lines):
        yield "Several, not pooled: results of one study, or studies that the settings keep apart; see the forest plot."


def _words(line: Glance) -> str:
    counts = f"{line.better} better, {line.worse} worse, {line.unclear} unclear"
    directions = f"{line.label}, {labels.contrast(line.contrasts[0])}: {counts}"
    pooled = f"pooled, k = {line.k}: " if line.kind == "pooled" else "one study: " if line.kind == "single" else ""
    return f"{directions}; {pooled}{number_of(line)}."
