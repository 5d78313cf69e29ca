"""From a domain's synthesis to the rows of its forest plot, as text and numbers; nothing is drawn here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from taprev.drawing.scale import AxisScale, fit_scale, ticked_scale
from taprev.figures.forest.layout_directions import direction_rows, votes_rows
from taprev.figures.forest.layout_strata import pooled_rows, stratum_rows
from taprev.figures.forest.rows import (
    EITHER_ARROW,
    ONE_SIDED_ARROWS,
    AxisRow,
    ColumnHeads,
    DiamondRow,
    DirectionRow,
    Footer,
    Header,
    Key,
    Row,
    SectionHead,
    Sentence,
    Sides,
    StudyRow,
)
from taprev.figures.forest.study_columns import StudyColumns, study_columns_of
from taprev.settings.figures import USUAL, Figures
from taprev.synthesis.results import ArmNames, ImportantDifference, Stratum, Synthesis
from taprev.vocabulary import RobRung, Scale, Tier
from taprev.wording import context, labels, notes, sentences

SENSITIVITY = re.compile(r"^sensitivity:?\s*", re.IGNORECASE)
TIERS = (Tier.EXACT, Tier.ASSUMED, Tier.BOUND)
DIAMONDS = ("diamond", "hollow", "dashed", "thin")
MARKS = (
    *TIERS,
    "pooled",
    "not_pooled",
    "clipped",
    "narrow",
    *DIAMONDS,
    "line",
    "prediction",
    *ONE_SIDED_ARROWS,
    EITHER_ARROW,
    "arms",
    "important",
)


@dataclass(frozen=True)
class Layout:
    """The rows of a figure from top to bottom, the axis of every panel, and the heads of the columns next to the rows.

    `descriptors` are the heads of columns of the study, `bias` those of the judgements of risk of bias; `rungs` says
    what their levels amount to.
    """

    rows: tuple[Row, ...]
    scales: tuple[AxisScale, ...]
    descriptors: tuple[str, ...] = ()
    bias: tuple[str, ...] = ()
    how: Figures = USUAL
    rungs: Mapping[str, RobRung] = field(default_factory=dict)

    @property
    def header(self) -> Header:
        """The title of the figure."""
        return next(row for row in self.rows if isinstance(row, Header))


@dataclass(frozen=True)
class AxisPanel:
    """Strata that share a scale and a unit, and so an axis; the sensitivity strata come last."""

    strata: tuple[Stratum, ...]
    sensitivity: tuple[Stratum, ...]

    @property
    def drawn(self) -> tuple[Stratum, ...]:
        """The strata that put something on the axis."""
        return tuple(s for s in (*self.strata, *self.sensitivity) if s.studies or s.fit)

    @property
    def measures(self) -> list[str]:
        return [study.measure for stratum in self.drawn for study in stratum.studies]

    @property
    def important(self) -> ImportantDifference | None:
        """The smallest difference that matters on this axis, with its source."""
        return next((stratum.important for stratum in self.drawn if stratum.important), None)

    @property
    def events(self) -> tuple[str, ...]:
        """The names of the arms where a study of a ratio tells the events of both, or nothing."""
        ratios = (s for s in self.drawn if labels.is_ratio(s.scale))
        told = any(study.events for stratum in ratios for study in stratum.studies)
        return arm_words(self.drawn[0].arms) if told else ()


def lay_out(content: Synthesis, how: Figures = USUAL) -> Layout:
    """Return the rows and axes of a domain read by `from_json`, as the settings of figures have them."""
    study_columns = study_columns_of(content, how)
    header = Header(labels.clean(content.label), subtitle(content))
    panels = panels_of(content)
    body = [row for index, panel in enumerate(panels) for row in panel_rows(index, panel, study_columns)]
    body += direction_rows(content.votes, study_columns, [stratum for panel in panels for stratum in panel.drawn])
    body += votes_rows(content.sign_tests)
    ticks = how.ticks.get(content.domain, ())
    scales = tuple(scale_of(i, panel, body, ticks if i == 0 else ()) for i, panel in enumerate(panels))
    key = key_rows(panels, body, scales, study_columns)
    body = body or [Sentence(sentences.nothing(content.notes))]
    rows = (header, *body, *key, *footer_rows(content))
    bias = study_columns.bias
    heads, rungs = (bias.heads, bias.rungs) if bias else ((), {})
    return Layout(rows, scales, study_columns.heads, heads, how, rungs)


def subtitle(content: Synthesis) -> str:
    """Return the line beneath the title: how much there is, and when what is drawn was measured."""
    drawn = [study for stratum in content.strata for study in stratum.studies]
    return " · ".join(part for part in (sentences.subtitle(content), context.measured_at(drawn)) if part)


def key_rows(
    panels: Sequence[AxisPanel], body: Sequence[Row], scales: Sequence[AxisScale], study_columns: StudyColumns
) -> list[Key]:
    """Return the key of everything that occurs in the rows, where anything does."""
    marks = set(marks_in(body, scales))
    if marks >= set(ONE_SIDED_ARROWS):
        marks = marks - set(ONE_SIDED_ARROWS) | {EITHER_ARROW}
    if not marks:
        return []
    important = [sentences.important(panel.important) for panel in panels if panel.important]
    lights = {cell for row in body if isinstance(row, StudyRow | DirectionRow) for cell in row.bias if cell}
    domains = tuple(study_columns.bias.words()) if study_columns.bias else ()
    shown = tuple(mark for mark in MARKS if mark in marks)
    arms = " / ".join(arm_words(next((s.arms for panel in panels for s in panel.strata), ArmNames())))
    of = [arms, "or the one group before and after"]
    if any(labels.is_correlation(s.scale) for panel in panels for s in panel.drawn):
        of.append("or all people of a correlation")
    return [Key(shown, "; ".join(dict.fromkeys(important)), ", ".join(of), tuple(sorted(lights)), domains)]


def key_of_page(key: Key, page: Sequence[Row], scales: Sequence[AxisScale]) -> Key:
    """Return as much of the key of a figure as one of its pages needs."""
    marks = set(marks_in(page, scales))
    marks |= {EITHER_ARROW} if marks & set(ONE_SIDED_ARROWS) else set()
    lights = {cell for row in page if isinstance(row, StudyRow | DirectionRow) for cell in row.bias}
    shown = tuple(mark for mark in key.marks if mark in marks)
    return replace(key, marks=shown, lights=tuple(light for light in key.lights if light in lights))


def panels_of(content: Synthesis) -> tuple[AxisPanel, ...]:
    """Return the strata gathered by scale and unit in the order of their appearance; none without any row."""
    if not any(_measured(stratum) for stratum in content.strata) and not content.votes:
        return ()
    strata, sensitivity = content.strata, [s for s in content.sensitivity if s.fit]
    keys = list(dict.fromkeys(_key(stratum) for stratum in (*strata, *sensitivity)))
    return tuple(
        AxisPanel(tuple(s for s in strata if _key(s) == key), tuple(s for s in sensitivity if _key(s) == key))
        for key in keys
    )


def _measured(stratum: Stratum) -> bool:
    return bool(stratum.studies or stratum.missing_results.studies)


def _key(stratum: Stratum) -> tuple[str, str]:
    return stratum.scale, stratum.unit if stratum.scale == Scale.MD else ""


def panel_rows(index: int, panel: AxisPanel, study_columns: StudyColumns) -> list[Row]:
    """Return the rows of the strata on one axis, and the axis below them where there is anything on it."""
    drawn = panel.drawn
    both = {labels.sides(s) for s in drawn}
    shared = both.pop() if len(both) == 1 else None
    rows: list[Row] = [ColumnHeads(index, estimate_head(panel), panel.events)] if drawn else []
    for stratum in panel.strata:
        rows += [
            stratum_head(stratum),
            *_sides(index, stratum, shared),
            *stratum_rows(index, stratum, study_columns),
        ]
    for stratum in panel.sensitivity:
        head = SectionHead(sensitivity_label(stratum.label), "not a main result", quiet=True)
        rows += [head, *_sides(index, stratum, shared), *pooled_rows(index, stratum, thin=True)]
    return [*rows, *([axis_row(index, panel, shared)] if drawn else [])]


def _sides(index: int, stratum: Stratum, shared: tuple[str, str] | None) -> list[Row]:
    drawn = stratum.studies or stratum.fit
    own = labels.sides(stratum)
    return [Sides(index, *own)] if drawn and shared is None else []


def stratum_head(stratum: Stratum) -> SectionHead:
    """Return the name of a stratum, and how many of its studies printed a usable magnitude."""
    missing = stratum.missing_results
    note = context.magnitudes(missing) if missing.studies else "no study"
    if times := context.measured(stratum):
        note += f"; {times}"
    return SectionHead(labels.clean(stratum.label), note)


def sensitivity_label(label: str) -> str:
    """Return the name of a sensitivity stratum, `Sensitivity:` before its label."""
    name = SENSITIVITY.sub("", labels.clean(label))
    return f"Sensitivity: {labels.inside(name)}"


def arm_words(arms: ArmNames) -> tuple[str, str]:
    """Return how the arms are called, as text."""
    return labels.clean(arms.programme), labels.clean(arms.comparator)


def estimate_head(panel: AxisPanel) -> str:
    """Return the head of the column of estimates, with the level of its intervals."""
    level = next((s.fit.level for s in panel.drawn if s.fit), 0.95)
    scale = panel.drawn[0].scale
    name = labels.shown_name(scale, panel.drawn[0].unit) if labels.back_transformed(scale) else "Estimate"
    return f"{name} [{labels.level(level)}{labels.NBSP}% CI]"


def axis_row(index: int, panel: AxisPanel, shared: tuple[str, str] | None) -> AxisRow:
    """Return the axis of a panel with its name and, where all its strata share them, its two sides."""
    first = panel.drawn[0]
    contrasts = [contrast for stratum in panel.drawn for contrast in stratum.contrasts]
    name = labels.axis_label(first.scale, first.unit, contrasts)
    important = panel.important.value if panel.important else None
    return AxisRow(index, name, *(shared or ("", "")), important)


def scale_of(index: int, panel: AxisPanel, body: Sequence[Row], ticks: Sequence[float] = ()) -> AxisScale:
    """Return the axis of a panel, wide enough for all that is drawn on it, with the ticks where some are given."""
    studies = [row for row in body if isinstance(row, StudyRow) and row.panel == index]
    diamonds = [row for row in body if isinstance(row, DiamondRow) and row.panel == index]
    effects = [row.effect for row in studies if row.effect]
    points = [effect.yi for effect in effects] + [x for row in diamonds for x in (row.value, row.ci_lb, row.ci_ub)]
    if panel.important:
        points += [-panel.important.value, panel.important.value]
    intervals = [(effect.ci_lb, effect.ci_ub) for effect in effects]
    intervals += [row.prediction for row in diamonds if row.prediction]
    scale = panel.drawn[0].scale if panel.drawn else Scale.SMD
    return ticked_scale(points, ticks, scale) if ticks else fit_scale(points, intervals, scale)


def marks_in(body: Sequence[Row], scales: Sequence[AxisScale]) -> Iterator[str]:
    """Yield the name of every mark that the rows use."""
    for row in body:
        if isinstance(row, StudyRow):
            yield from (row.tier, "pooled" if row.pooled else "not_pooled")
            scale = scales[row.panel]
            own = row.effect
            yield from ("narrow",) if row.narrow else ()
            yield from ("clipped",) if own and (own.ci_lb < scale.low or own.ci_ub > scale.high) else ()
        elif isinstance(row, DiamondRow):
            yield "dashed" if row.style.dashed else "hollow" if row.style.hollow else "thin" if row.thin else "diamond"
            yield from ("thin",) if row.thin else ()
            yield from ("prediction",) if row.prediction else ()
            yield from ("line",) if row.line else ()
        elif isinstance(row, AxisRow):
            yield from ("important",) if row.important is not None else ()
        elif isinstance(row, DirectionRow):
            yield "arrow" if row.better_right else "arrow_left"
        if isinstance(row, StudyRow | DirectionRow) and row.n_arm2 and not getattr(row, "events", ()):
            yield "arms"


def footer_rows(content: Synthesis) -> list[Row]:
    """Return the lines of the footer: what is withheld, every fate, the evidence set, the seal."""
    from taprev.drawing import fonts

    nothing = sentences.nothing(content.notes)
    own = [sentences.sentence(text) for text in notes.sentences(content.notes)]
    texts = sentences.withheld(content.sign_tests)
    texts += [text for text in own if text != nothing or panels_of(content) or content.votes]
    boxed = sum(bool(fonts.lacking(labels.clean(name))) for name in {vote.label for vote in content.votes})
    texts += [sentences.boxes(boxed)] if boxed else []
    texts += [sentences.fates(content.fates), sentences.sentence(content.evidence_set)]
    return [Footer(text) for text in (*texts, sentences.made_by(content)) if text]
