"""The foot of a forest plot: the key of its marks and its closing lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from taprev.drawing import marks, theme, typeset
from taprev.drawing.judgement_signs import LIGHTS, light, sign
from taprev.drawing.marks import DASHED, DOTTED, LINE_WIDTH, DiamondStyle
from taprev.drawing.page import Page
from taprev.figures.forest import rows
from taprev.figures.forest.bias_columns import NO_OVERALL, WITHOUT_OVERALL
from taprev.figures.forest.canvas import Canvas
from taprev.figures.forest.styles import Appearance
from taprev.vocabulary import RobRung, Tier, Vote
from taprev.wording import labels

WORDS = {
    "arms": "n: {arms}",
    "exact": "exact, from printed figures",
    "assumed": "needs a stated assumption",
    "bound": "only a bound is printed",
    "pooled": "pooled; its area is its weight",
    "not_pooled": "shown, not pooled",
    "diamond": "pooled estimate",
    "hollow": "pooled estimate, not a comparison with a control group",
    "dashed": "two effects only, no conclusion",
    "thin": "sensitivity analysis",
    "line": "pooled estimate of the design",
    "prediction": "prediction interval",
    "clipped": "runs out of the axis",
    "narrow": f"{labels.TOO_NARROW} interval likely too narrow",
    "arrow": "direction without a usable magnitude (right: better, left: worse, dash: unclear)",
    "arrow_either": "direction without a usable magnitude, to better or worse on the axis of its design; dash: unclear",
    "arrow_left": "direction without a usable magnitude (left: better, right: worse, dash: unclear)",
}
ARROWS = (*rows.ONE_SIDED_ARROWS, rows.EITHER_ARROW)
LEAD = 17.0
GAP = 24.0
ROOMS = {"arms": 0.0, "exact": 15.0, "assumed": 15.0, "bound": 15.0, **dict.fromkeys(ARROWS, 38.0)}
ROOM = 32.0
WITHOUT_LIGHT = {WITHOUT_OVERALL: NO_OVERALL, labels.MISSING: RobRung.NOT_ASSESSED.value}
BIAS, BESIDE_LIGHT = "Risk of bias:", 22.0
WITHOUT_BIAS = "This figure is too narrow for the risk of bias: the figure of risk of bias shows it."
TOO_NARROW = "This figure is too narrow for each domain of risk of bias: the figure of risk of bias shows them."


def key(sheet: Canvas, row: rows.Key, y: float) -> float:
    """Draw every mark with its meaning, in as many lines as they need."""
    page = sheet.page
    page.rule(page.left, page.right, y + 20)
    x, base = page.left, y + 43
    for name in row.marks:
        words = row.important if name == "important" else WORDS[name].format(arms=row.arms)
        before = ROOMS.get(name, ROOM)
        width = before + typeset.width(words, theme.SMALL)
        if x > page.left and x + width > page.right:
            x, base = page.left, base + LEAD + 4
        key_mark(page, name, x + (before - 7) / 2, base - 4.4, sheet.look)
        room = page.right - x - before
        base += LEAD * (page.paragraph(x + before, base, words, theme.SMALL, room, LEAD) - 1)
        x += width + GAP
    return lights_key(sheet, row, base) - y + 14


def lights_key(sheet: Canvas, row: rows.Key, base: float) -> float:
    """Draw what the signs and the columns of risk of bias mean, and return the last baseline."""
    page = sheet.page
    if not row.lights:
        return _domains(page, row.domains, base)
    if not sheet.columns.bias:
        return _domains(page, (WITHOUT_BIAS,), base)
    base += LEAD + 4
    page.text(page.left, base, BIAS, theme.SMALL)
    x = page.left + typeset.width(BIAS, theme.SMALL) + 12
    for level, words in light_words(row.lights, sheet.rungs).items():
        width = BESIDE_LIGHT + typeset.width(words, theme.SMALL)
        if x + width > page.right:
            x, base = page.left, base + LEAD + 4
        if level in WITHOUT_LIGHT:
            page.text(x + 8, base, level, theme.BODY_QUIET, "center")
        else:
            light(level, sheet.rungs[level])(page, x + 8, base - 4.4)
        page.text(x + BESIDE_LIGHT, base, words, theme.SMALL)
        x += width + GAP
    hidden = len(sheet.columns.bias) == 1 and row.domains
    return _domains(page, (TOO_NARROW,) if hidden else row.domains, base)


def _domains(page: Page, texts: Collection[str], base: float) -> float:
    for text in texts:
        base += LEAD + 2
        room = page.right - page.left
        base += (LEAD - 1) * (page.paragraph(page.left, base, text, theme.SMALL, room, LEAD - 1) - 1)
    return base


def light_words(lights: Collection[str], rungs: Mapping[str, RobRung]) -> dict[str, str]:
    """Return the judgements that occur, those of one sign together, from low to high then what was not assessed."""
    by_sign: dict[tuple[str, str, str], list[str]] = {}
    made = [name for name in rungs if name in lights]
    for name in sorted(made, key=lambda level: list(LIGHTS).index(rungs[level])):
        by_sign.setdefault(sign(name, rungs[name]), []).append(name)
    words = {names[0]: " or ".join(names) for names in by_sign.values()}
    return words | {sign: meaning for sign, meaning in WITHOUT_LIGHT.items() if sign in lights}


def key_mark(page: Page, name: str, x: float, y: float, look: Appearance) -> None:
    """Draw one mark of the key about (x, y)."""
    if name in (Tier.EXACT, Tier.ASSUMED, Tier.BOUND):
        marks.tier(page, x, y, Tier(name))
    elif name == "pooled":
        page.line((x - 11, x + 11), (y, y), theme.INK, theme.LINE)
        marks.square(page, x, y, 0.5, look.square)
    elif name == "not_pooled":
        page.line((x - 11, x + 11), (y, y), theme.GREY, theme.LINE)
        marks.open_square(page, x, y)
    elif name in ("diamond", "hollow", "dashed", "thin"):
        half = 2.6 if name == "thin" else 5.5
        style = DiamondStyle(hollow=name in ("hollow", "dashed"), dashed=name == "dashed")
        marks.diamond(page, (x - 11, x, x + 11), y, half, style, look.diamond)
    elif name == "prediction":
        page.box(x - 12, y - 2.2, 24, 4.4, theme.PREDICTION)
    elif name == "line":
        page.line((x, x), (y - 8, y + 8), look.diamond, LINE_WIDTH, dash=DOTTED)
    elif name == "important":
        page.box(x - 11, y - 8, 22, 16, theme.BAND, order=0.5)
        for edge in (x - 11, x + 11):
            page.line((edge, edge), (y - 8, y + 8), theme.RULE, theme.HAIRLINE, dash=DASHED)
    elif name == "clipped":
        page.line((x - 11, x + 6), (y, y), theme.INK, theme.LINE)
        marks.arrowhead(page, x + 11, y, 1, theme.INK)
    elif name == "narrow":
        page.line((x - 5, x + 5), (y, y), theme.INK, theme.LINE)
        for side in (-1, 1):
            page.line((x + side * 5, x + side * 13), (y, y), theme.INK, theme.LINE, dash=DOTTED)
    elif name in ARROWS:
        page.box(x - 15.5, y - 8, 31, 16, theme.BAND, order=0.5)
        marks.direction(page, x, y, Vote.BETTER, name != "arrow_left")


def footer(sheet: Canvas, row: rows.Footer, y: float) -> float:
    """Draw a line of the footer, wrapped to the page."""
    page = sheet.page
    lines = page.paragraph(page.left, y + 13, row.text, theme.SMALL, page.right - page.left, LEAD - 1)
    return lines * (LEAD - 1) + 3
