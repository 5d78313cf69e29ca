"""Bubble plots: effects against a number that might explain them, with the line of its regression, or by groups."""

from __future__ import annotations

from taprev.drawing import legend, theme, typeset
from taprev.drawing.page import Page
from taprev.drawing.scale import AxisScale, fit_scale
from taprev.figures.siblings import frame, plane
from taprev.figures.siblings.bubble_text import drawable, group_names, not_drawable, why_not
from taprev.figures.siblings.frame import INDENT, PooledSection
from taprev.figures.siblings.plane import Plane
from taprev.synthesis.results import ExplainedEffect, Moderation, Synthesis
from taprev.wording import labels

APART = 0.34
STRIDE = 0.618


def draw(page: Page, content: Synthesis, y: float) -> float:
    """Draw a plane for each moderator of each pooled stratum, or why there is none; return where they end."""
    y = frame.each_pooled(page, content, y, why_not, explained)
    return legend.key(page, y, []) if frame.pooled(content) else y


def explained(page: Page, section: PooledSection, y: float) -> float:
    """Draw every moderator of a stratum."""
    for one in drawable(section.stratum):
        y = bubbles(page, section, one, y + 8)
    for text in not_drawable(section.stratum):
        y = page.block(text, y + 4, x=INDENT)
    return y


def bubbles(page: Page, section: PooledSection, one: Moderation, y: float) -> float:
    """Draw the effects at their values of a moderator, and its line or its groups."""
    stratum = section.stratum
    ends = [(p.ci_lb, p.ci_ub) for p in one.line] + [
        (g.ci_lb, g.ci_ub) for g in (one.subgroups.groups if one.subgroups else ())
    ]
    upright = fit_scale([effect.yi for effect in one.effects], ends, stratum.scale, plane.HEIGHT)
    at = plane.plane(_values(one), upright, y)
    page.line((at.track.left, at.track.right), (at.y(0.0),) * 2, theme.INK, 0.9, order=1.5)
    if one.line:
        _line(page, at, one)
    for position, effect, size in _placed(one):
        page.mark(at.x(position), at.y(effect.yi), "o", size, theme.PAPER, theme.ESTIMATE, 1.3)
    if one.subgroups:
        _groups(page, at, one)
    end = plane.key_at_right(page, at.track, at.top, _meanings(section, one))
    return max(end, plane.axes(page, at, labels.clean(one.label), frame.axis_name(stratum)) + 6)


def _values(one: Moderation) -> AxisScale:
    """Return the axis of a moderator: of numbers, or a place for each group."""
    if one.subgroups is None:
        return plane.level_scale([float(effect.value) for effect in one.effects], zero=False)
    names = group_names(one)
    told = [str(number) for number in range(1, len(names) + 1)] if _numbered(names) else names
    return AxisScale(-0.5, len(names) - 0.5, tuple((float(place), name) for place, name in enumerate(told)))


def _numbered(names: list[str]) -> bool:
    """Return whether a name of a group is too long for its place on the axis, so that the key has the names."""
    room = (plane.RIGHT - plane.LEFT) / len(names) - 10
    return any(typeset.width(name, theme.AXIS) > room for name in names)


def _placed(one: Moderation) -> list[tuple[float, ExplainedEffect, float]]:
    """Return where each effect is drawn and its size, as precise as it is; effects of a group keep apart."""
    sizes = plane.sizes([1 / effect.vi for effect in one.effects])
    if one.subgroups is None:
        positions = [float(effect.value) for effect in one.effects]
    else:
        order = {group.level: place for place, group in enumerate(one.subgroups.groups)}
        shifts = [APART * (2 * (STRIDE * number % 1) - 1) for number in range(len(one.effects))]
        positions = [order[effect.value] + shift for effect, shift in zip(one.effects, shifts, strict=True)]
    return list(zip(positions, one.effects, sizes, strict=True))


def _line(page: Page, at: Plane, one: Moderation) -> None:
    """Draw the line of a regression over the band of its interval."""
    xs = [at.x(point.value) for point in one.line]
    upper, lower = ([at.y(getattr(point, end)) for point in one.line] for end in ("ci_ub", "ci_lb"))
    corners = [*zip(xs, upper, strict=True), *reversed(list(zip(xs, lower, strict=True)))]
    page.shape(corners, theme.BAND, "none", 0.0, order=0.5)
    page.line(xs, [at.y(point.estimate) for point in one.line], theme.ESTIMATE, 1.3, order=2)


def _groups(page: Page, at: Plane, one: Moderation) -> None:
    """Draw the pooled number of each group with its interval."""
    half = min(16.0, APART * (at.x(1.0) - at.x(0.0)))
    for place, group in enumerate(one.subgroups.groups if one.subgroups else ()):
        x = at.x(float(place))
        page.line((x, x), (at.y(group.ci_lb), at.y(group.ci_ub)), theme.INK, 2.2, order=4)
        page.line((x - half, x + half), (at.y(group.estimate),) * 2, theme.INK, 2.2, order=4)


def _meanings(section: PooledSection, one: Moderation) -> list[tuple[legend.Paint, str]]:
    level = f"{labels.level(section.fit.level)}{labels.NBSP}%"
    shown: list[tuple[legend.Paint, str]] = [
        (
            lambda p, a, b: p.mark(a, b, "o", 9.0, theme.PAPER, theme.ESTIMATE, 1.3),
            "one effect; its area is its precision",
        ),
        (legend.line_key(theme.INK, 0.9), frame.no_difference(section.stratum)),
    ]
    if one.line:
        shown.append((legend.line_key(theme.ESTIMATE, 1.3), f"fitted line, its {level} interval shaded"))
    if one.subgroups:
        shown.append((legend.line_key(theme.INK, 2.2), f"pooled number of a group, {level} interval"))
        shown.append((_nothing, "effects of a group are set apart sideways"))
        names = group_names(one)
        if _numbered(names):
            shown += [(_nothing, f"{number}: {name}") for number, name in enumerate(names, 1)]
    return shown


def _nothing(page: Page, x: float, y: float) -> None:
    """Draw no mark beside words of a key."""
