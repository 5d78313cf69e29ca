"""What the sibling figures of a domain share: their head and foot, the names of strata, and a level axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taprev.drawing import theme, typeset
from taprev.drawing.marks import Track
from taprev.drawing.page import Page
from taprev.figures.forest.layout import sensitivity_label
from taprev.figures.forest.layout_strata import cautions_of, notes_of
from taprev.figures.forest.plot import side_words
from taprev.wording import labels, sentences

Content = Mapping[str, Any]
LEAD = 16.0
INDENT = 28.0
NOTHING = "Nothing is pooled in this domain, so there is nothing to draw."


@dataclass(frozen=True)
class StratumSection:
    """A stratum under the name it bears in the figure; `main` is False for a sensitivity analysis."""

    stratum: Content
    label: str
    main: bool

    @property
    def hollow(self) -> bool:
        """Whether a mark is hollow: no control group stands behind the number, or two effects only."""
        fit = self.stratum.get("fit")
        return labels.after_words(self.stratum["contrasts"]) or bool(fit and fit["k"] == 2)


def pooled(content: Content) -> list[StratumSection]:
    """Return the strata that have a pooled number, main results first."""
    main = [StratumSection(s, labels.clean(s["label"]), True) for s in content["strata"] if s["fit"]]
    more = [StratumSection(s, sensitivity_label(s["label"]), False) for s in content["sensitivity"] if s["fit"]]
    return main + more


def reasons(content: Content) -> list[str]:
    """Return why a domain has nothing to draw: its own note, or that nothing is pooled and why in each stratum."""
    if not any(s["studies"] or s["missing_results"]["studies"] for s in content["strata"]):
        return [sentences.nothing(content["notes"])]
    whys = [
        f"{labels.clean(s['label']).rstrip('.')}: {sentences.sentence(s['not_estimable'])}"
        for s in content["strata"]
        if s["not_estimable"]
    ]
    return [NOTHING, *whys]


def head(page: Page, content: Content, name: str) -> float:
    """Draw the title of the domain over the name of the figure and the counts, and return where they end."""
    room, base = page.right - page.left, theme.MARGIN + 20
    title = labels.clean(content["label"])
    base += 27 * page.paragraph(page.left, base, title, theme.TITLE, room, 27) - 2
    told = f"{name} · {sentences.counts(content)}"
    return base + 18 * page.paragraph(page.left, base, told, theme.SUBTITLE, room, 18) - 6


def section(page: Page, one: StratumSection, note: str, y: float) -> float:
    """Draw the name of a stratum with a note at right, over a hairline, and return where they end."""
    note = note if one.main else f"{note} · not a main result"
    kind, base = theme.SECTION if one.main else theme.SECTION_QUIET, y + 34
    room = page.right - page.left - typeset.width(note, theme.NOTE) - 24
    lines = page.paragraph(page.left, base, one.label, kind, room, 19)
    base += (lines - 1) * 19
    page.text(page.right, base, note, theme.NOTE, "right")
    page.rule(page.left, page.right, base + 8)
    return base + 12


def warnings(stratum: Content) -> tuple[str, ...]:
    """Return the cautions of a pooled stratum; of two effects also what the fit itself notes of them."""
    fit = stratum.get("fit")
    if not fit:
        return ()
    return (*(notes_of(stratum) if fit["k"] == 2 else ()), *cautions_of(stratum))


def cautions(page: Page, one: StratumSection, y: float) -> float:
    """Draw the cautions of a stratum, each beginning on its own line, and return where they end."""
    for text in warnings(one.stratum):
        y = line(page, text, y, theme.CAUTION)
    return y


def line(page: Page, text: str, y: float, kind: theme.Type = theme.SMALL, x: float = INDENT) -> float:
    """Draw a text in as many lines as it needs and return where they end."""
    return y + LEAD * page.paragraph(x, y + 14, text, kind, page.right - x, LEAD) + 1


def no_rows(page: Page, content: Content, y: float) -> float:
    """Draw why there is nothing to draw and return where it ends."""
    first, *more = reasons(content)
    room = page.right - page.left
    page.rule(page.left, page.right, y + 12)
    y += 48 + 20 * (page.paragraph(page.left, y + 48, first, theme.SECTION, room, 20) - 1)
    for text in more:
        y = line(page, text, y + 8, theme.BODY_QUIET, page.left)
    return y + 12


def foot(page: Page, content: Content, y: float) -> float:
    """Draw the fate of every row, the evidence set and the seal; return where they end."""
    closing = (sentences.fates(content["fates"]), sentences.sentence(content["evidence_set"]))
    for text in (*closing, sentences.made_by(content)):
        y = line(page, text, y, theme.SMALL, page.left) + 2
    return y


def axis(
    page: Page,
    track: Track,
    y: float,
    name: str,
    sides: tuple[str, str] | None = None,
    right: float | None = None,
) -> float:
    """Draw a level axis with its ticks and name, left of `right`, and the two sides; return where it ends."""
    page.line((track.left, track.right), (y, y), theme.INK, 1.0)
    for value, label in track.scale.ticks:
        page.line((track.x(value),) * 2, (y, y + 5), theme.INK, 1.0)
        page.text(track.x(value), y + 19, label, theme.AXIS, "center")
    middle = (track.left + track.right) / 2
    room = 2 * min(middle - page.left, (right or page.right) - middle)
    page.text(middle, y + 38, typeset.shorten(name, theme.AXIS, room), theme.AXIS, "center")
    if sides is None:
        return y + 44
    side_words(page, track, y + 57, *sides)
    return y + 63


def axis_name(stratum: Content) -> str:
    """Return the name of the axis of a stratum; a stratum outside the strata has no unit of its own."""
    return labels.axis_label(stratum["scale"], stratum.get("unit", ""), stratum["contrasts"])


def own_sides(stratum: Content) -> tuple[str, str]:
    """Return what lies left and right of no difference in a stratum."""
    return labels.sides(stratum["contrasts"], stratum["favours_sign"])


def no_difference(stratum: Content) -> str:
    """Return `no change` where there is no control group, and `no difference` elsewhere."""
    return "no change" if labels.after_words(stratum["contrasts"]) else "no difference"
