"""The traffic light of risk of bias, result by result, with the summary of each tool beneath."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from taprev.drawing import legend, theme, typeset
from taprev.drawing.judgement_signs import LIGHTS, light
from taprev.drawing.matrix import ColumnGroup, Matrix, MatrixRow, MatrixSection, Paint, draw_matrix, sheets
from taprev.drawing.page import Page
from taprev.drawing.paging import CONTINUED
from taprev.extraction.risk_of_bias.judged import assessed
from taprev.extraction.risk_of_bias.tools import OVERALL
from taprev.extraction.tables import Row
from taprev.figures.overviews.frame import ReviewFigure
from taprev.ground.files import csv_text
from taprev.vocabulary import RobRung
from taprev.wording import labels, sentences

STEM, TITLE = "risk_of_bias", "Risk of bias"
NAMES = 330.0
HEADER = ("tool", "version", "result", "study", "label", "domain", "judgement", "reason")


def risk_of_bias(rows: Sequence[Row], studies: Mapping[str, tuple[str, str]], most: int | None = None) -> ReviewFigure:
    """Return the figure of every judgement; `studies` holds the study and its label by result.

    The rows are in the words of their tools. Domains stand in the order of the tool, the overall judgement last; a
    domain without a row for a result is empty, and what nobody assessed an empty circle. A page holds at most `most`
    results; where all do not fit on one, each tool begins a page.
    """
    tools = list(dict.fromkeys((row["tool"], row["version"]) for row in rows))
    used = _used(rows)

    def body(tables: Sequence[_Table], page: Page, y: float) -> float:
        for table in tables:
            y = table.draw(page, y)
        if not tools:
            page.text(page.left, y + 24, NOT_JUDGED, theme.SECTION)
            return y + 40
        return legend.key(page, y, [(light(level, rung), level) for level, rung in used.items()])

    whole = [table for tool in tools for table in _tables(rows, tool, studies, None)]
    together = not most or sum(table.sheet.lines for table in whole) <= most
    alone = [[table] for tool in tools for table in _tables(rows, tool, studies, most)]

    return ReviewFigure(
        stem=STEM,
        title=TITLE,
        subtitle=_subtitle(rows),
        bodies=tuple(partial(body, tables) for tables in ([whole] if together else alone)),
        words=tuple(_words(rows, tool) for tool in tools) or (NOT_JUDGED,),
        twin=csv_text(
            HEADER,
            (
                [
                    row["tool"],
                    row["version"],
                    row["result"],
                    *studies[row["result"]],
                    row["domain"],
                    row["judgement"],
                    row["reason"],
                ]
                for row in rows
            ),
        ),
    )


NOT_JUDGED = "No result was assessed."


def why_not(rows: Sequence[Row]) -> str:
    """Return why the figure would say nothing, or an empty text where somebody assessed a result."""
    return "" if any(map(assessed, rows)) else "Nobody has assessed the risk of bias of any result."


def _subtitle(rows: Sequence[Row]) -> str:
    made = {row["result"] for row in rows if assessed(row)}
    left = len({row["result"] for row in rows} - made)
    said = labels.count(len(made), "result was assessed", "results were assessed")
    return said + (f", {left} not" if left else "")


def _used(rows: Sequence[Row]) -> dict[str, RobRung]:
    """Return the levels that occur, from light to grave, with what they amount to."""
    rungs = {row["judgement"]: RobRung(row["rung"]) for row in rows}
    return dict(sorted(rungs.items(), key=lambda item: list(LIGHTS).index(item[1])))


def _domains(rows: Sequence[Row]) -> list[str]:
    names = list(dict.fromkeys(row["domain"] for row in rows))
    return [*(name for name in names if name != OVERALL), *([OVERALL] if OVERALL in names else [])]


@dataclass(frozen=True)
class _Table:
    """The results that were judged by a tool, or as many of them as stand on a page; the last has the summary."""

    name: str
    sheet: Matrix
    summed: Sequence[Row]

    def draw(self, page: Page, y: float) -> float:
        """Draw it from y on and return where it ends."""
        page.text(page.left, y + 24, self.name, theme.SECTION)
        y = draw_matrix(page, self.sheet, y + 30)
        return _summary(page, self.summed, y + 16) + 12 if self.summed else y


def _tables(
    every: Sequence[Row], tool: tuple[str, str], studies: Mapping[str, tuple[str, str]], most: int | None
) -> list[_Table]:
    rows = [row for row in every if (row["tool"], row["version"]) == tool]
    domains = _domains(rows)
    judged = {(row["result"], row["domain"]): row for row in rows}
    results = sorted(dict.fromkeys(row["result"] for row in rows), key=lambda r: (studies[r][1].lower(), r))
    lines = [
        MatrixRow(studies[result][1], result, tuple(_cell(judged.get((result, domain))) for domain in domains))
        for result in results
    ]
    whole = Matrix((ColumnGroup("", tuple(domains)),), (MatrixSection("", tuple(lines)),), NAMES)
    divided = sheets(whole, most)
    name = f"{tool[0]} ({tool[1]})"
    return [
        _Table(name + CONTINUED * (place > 1), sheet, rows if place == len(divided) else ())
        for place, sheet in enumerate(divided, 1)
    ]


def _cell(row: Row | None) -> Paint | None:
    return None if row is None else light(row["judgement"], RobRung(row["rung"]))


def _summary(page: Page, rows: Sequence[Row], y: float) -> float:
    """Draw the share of each judgement by domain as a bar, with the numbers in it."""
    left, right = page.left + NAMES, page.right
    for domain in _domains(rows):
        counts = Counter(row["judgement"] for row in rows if row["domain"] == domain)
        total, x = counts.total(), left
        name = typeset.shorten(f"All: {domain}", theme.BODY, NAMES - 14)
        page.text(page.left, y + 17, name, theme.BODY)
        for judgement, rung in _used(rows).items():
            _, ink, face = LIGHTS[rung]
            width = (right - left) * counts[judgement] / total
            if width:
                page.shape([(x, y + 3), (x + width, y + 3), (x + width, y + 23), (x, y + 23)], face, theme.GREY, 0.8)
                words = f"{judgement}: {counts[judgement]}"
                shown = words if 7.2 * len(words) < width else str(counts[judgement])
                page.text(x + width / 2, y + 17.5, shown, theme.Type(12.0, ink), "center")
            x += width
        y += 28
    return y


def _words(rows: Sequence[Row], tool: tuple[str, str]) -> str:
    own = [row for row in rows if (row["tool"], row["version"]) == tool]
    parts = []
    for domain in _domains(own):
        counts = Counter(row["judgement"] for row in own if row["domain"] == domain)
        parts.append(f"{domain}: {', '.join(f'{n} {name}' for name, n in counts.most_common())}")
    return sentences.sentence(f"{tool[0]} ({tool[1]}), {'; '.join(parts)}")
