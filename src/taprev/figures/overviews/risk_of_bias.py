"""The traffic light of risk of bias, result by result, with the summary of each tool beneath."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from taprev.drawing import legend, theme, typeset
from taprev.drawing.judgement_signs import LIGHTS, light
from taprev.drawing.matrix import ColumnGroup, MatrixRow, MatrixSection, Paint, matrix
from taprev.drawing.page import Page
from taprev.figures.overviews.frame import ReviewFigure
from taprev.ground.files import csv_text
from taprev.vocabulary import RobLevel
from taprev.wording import labels, sentences

STEM, TITLE = "risk_of_bias", "Risk of bias"
NAMES = 330.0
HEADER = ("tool", "version", "result", "study", "label", "domain", "judgement", "reason")
OVERALL = "overall"
Row = Mapping[str, str]


def risk_of_bias(rows: Sequence[Row], studies: Mapping[str, tuple[str, str]]) -> ReviewFigure:
    """Return the figure of every judgement; `studies` holds the study and its label by result.

    Domains are named as they were judged, the overall judgement last; a domain that was not judged for a result is
    empty.
    """
    tools = list(dict.fromkeys((row["tool"], row["version"]) for row in rows))

    def body(page: Page, y: float) -> float:
        for tool in tools:
            own = [row for row in rows if (row["tool"], row["version"]) == tool]
            y = _tool(page, own, f"{tool[0]} ({tool[1]})", studies, y)
        if not tools:
            page.text(page.left, y + 24, NOT_JUDGED, theme.SECTION)
            return y + 40
        used = {row["judgement"] for row in rows}
        return legend.key(page, y, [(light(name), name) for name in LIGHTS if name in used])

    return ReviewFigure(
        stem=STEM,
        title=TITLE,
        subtitle=labels.count(len({row["result"] for row in rows}), "result was judged", "results were judged"),
        body=body,
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


NOT_JUDGED = "No result was judged."


def _domains(rows: Sequence[Row]) -> list[str]:
    names = list(dict.fromkeys(row["domain"] for row in rows))
    return [*(name for name in names if name != OVERALL), *([OVERALL] if OVERALL in names else [])]


def _tool(page: Page, rows: Sequence[Row], name: str, studies: Mapping[str, tuple[str, str]], y: float) -> float:
    domains = _domains(rows)
    judged = {(row["result"], row["domain"]): row["judgement"] for row in rows}
    results = sorted(dict.fromkeys(row["result"] for row in rows), key=lambda r: (studies[r][1].lower(), r))
    lines = [
        MatrixRow(studies[result][1], result, tuple(_cell(judged.get((result, domain))) for domain in domains))
        for result in results
    ]
    page.text(page.left, y + 24, name, theme.SECTION)
    y = matrix(page, [ColumnGroup("", tuple(domains))], [MatrixSection("", tuple(lines))], y + 30, NAMES)
    return _summary(page, rows, domains, y + 16) + 12


def _cell(judgement: str | None) -> Paint | None:
    return None if judgement is None else light(RobLevel(judgement))


def _summary(page: Page, rows: Sequence[Row], domains: Sequence[str], y: float) -> float:
    """Draw the share of each judgement by domain as a bar, with the numbers in it."""
    left, right = page.left + NAMES, page.right
    for domain in domains:
        counts = Counter(row["judgement"] for row in rows if row["domain"] == domain)
        total, x = counts.total(), left
        name = typeset.shorten(f"All: {domain}", theme.BODY, NAMES - 14)
        page.text(page.left, y + 17, name, theme.BODY)
        for judgement, (_, ink, face) in LIGHTS.items():
            width = (right - left) * counts[judgement] / total
            if width:
                page.shape([(x, y + 3), (x + width, y + 3), (x + width, y + 23), (x, y + 23)], face, theme.GREY, 0.8)
                words = f"{judgement} {counts[judgement]}"
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
