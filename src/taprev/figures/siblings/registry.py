"""The four sibling figures of a domain: funnel, studies left out, all choices at once, and posteriors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from matplotlib.figure import Figure

from taprev.drawing import saving, theme
from taprev.drawing.page import Page
from taprev.figures.siblings import (
    frame,
    funnel,
    funnel_text,
    leave_one_out,
    leave_one_out_text,
    multiverse,
    multiverse_text,
    posterior,
    posterior_text,
)
from taprev.ground.files import csv_text
from taprev.wording import labels, sentences

SIBLINGS: dict[str, tuple[ModuleType, ModuleType]] = {
    "funnel": (funnel, funnel_text),
    "leave_one_out": (leave_one_out, leave_one_out_text),
    "multiverse": (multiverse, multiverse_text),
    "posterior": (posterior, posterior_text),
}


def draw_siblings(content: Mapping[str, Any], out_dir: Path) -> list[Path]:
    """Write the four figures of a domain, each as .svg, .png, .pdf, .csv and .txt, and return their paths.

    `content` is a domain as `from_json` returns it. Each file is replaced as a whole or not at all. Raises
    ValueError for a domain whose name cannot be part of a file name.
    """
    return [path for kind in SIBLINGS for path in draw_sibling(kind, content, out_dir)]


def draw_sibling(kind: str, content: Mapping[str, Any], out_dir: Path) -> list[Path]:
    """Write one of the four figures, and return the paths of its files."""
    stem, told = saving.stem(kind, content["domain"]), SIBLINGS[kind][1]
    title, said = f"{told.NAME}: {labels.clean(content['label'])}", alternative_text(kind, content)
    with theme.style(printed=any(told.words(content))):
        pictures = saving.pictures(figure(kind, content), title, said, content)
    files = {**pictures, ".csv": twin(kind, content).encode(), ".txt": f"{said}\n".encode()}
    return saving.write(out_dir, stem, files)


def figure(kind: str, content: Mapping[str, Any]) -> Figure:
    """Return one of the four figures; call it within `theme.style()`."""
    drawn, told = SIBLINGS[kind]
    page = Page()
    y = frame.head(page, content, told.NAME)
    below = drawn.draw(page, content, y)
    if below == y:
        below = frame.no_rows(page, content, y)
        page.rule(page.left, page.right, below + 8)
        below += 18
    return page.close(frame.foot(page, content, below) + theme.MARGIN)


def alternative_text(kind: str, content: Mapping[str, Any]) -> str:
    """Return what the data of a figure say, in sentences."""
    told = SIBLINGS[kind][1]
    said = list(told.words(content)) or frame.reasons(content)
    opening = f"{labels.clean(content['label'])}, {told.NAME[:1].lower()}{told.NAME[1:]}."
    closing = [sentences.fates(content["fates"]), sentences.sentence(content["evidence_set"])]
    return " ".join([opening, *said, *closing, f"{sentences.made_by(content)}."])


def twin(kind: str, content: Mapping[str, Any]) -> str:
    """Return what a figure draws as CSV text, at full precision and on the scale of the analysis."""
    told = SIBLINGS[kind][1]
    rows = ([_plain(row.get(name)) for name in told.COLUMNS] for row in told.twin(content))
    return csv_text(told.COLUMNS, rows)


def _plain(value: Any) -> Any:
    return labels.clean(value) if isinstance(value, str) else value
