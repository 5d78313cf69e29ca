"""What is read out of a drawing: its texts, their boxes, and the text of an SVG file."""

from __future__ import annotations

import itertools
from xml.etree import ElementTree

import pytest

from samples.forest import TOOLS
from taprev.drawing import theme
from taprev.drawing.judgement_signs import SIZE
from taprev.figures.forest.plot import figure

SVG = "{http://www.w3.org/2000/svg}"


ROB2, V1, V2 = TOOLS


def of(layout, kind):
    return [row for row in layout.rows if isinstance(row, kind)]


def drawn_texts(layout):
    """Return (text, x0, y0, x1, y1) of every text of the figure, in points from its lower left corner."""
    with theme.style():
        return texts_of(figure(layout))


def texts_of(drawing):
    with theme.style():
        renderer = drawing.canvas.get_renderer()
        boxes = [(t, t.get_window_extent(renderer)) for t in drawing.axes[0].texts]
        width, height = drawing.get_size_inches() * 72
    return [(t, b.x0, b.y0, b.x1, b.y1) for t, b in boxes], width, height


def svg_text(path):
    root = ElementTree.fromstring(path.read_bytes())
    return " ".join(element.text for element in root.iter(f"{SVG}text"))


def signs(drawing):
    """Return the middle of every sign of risk of bias, and half of its width, in points from the lower left."""
    axes, enlarged = drawing.axes[0], drawing.get_size_inches()[0] * 72 / drawing.axes[0].get_xlim()[1]
    for line in axes.lines:
        if line.get_marker() == "o" and line.get_markersize() == pytest.approx(SIZE * enlarged):
            [(x, y)] = axes.transData.transform(line.get_xydata())
            yield x, y, SIZE * enlarged / 2


def nothing_overlaps(drawing):
    """Compare every text with every other, and with the signs of risk of bias."""
    texts, width, height = texts_of(drawing)
    for x, y, half in signs(drawing):
        assert half <= x <= width - half
        for text, x0, y0, x1, y1 in texts:
            inside = x0 < x < x1 and y0 < y < y1
            apart = x1 <= x - half or x0 >= x + half or y1 <= y - half or y0 >= y + half
            assert apart or (inside and len(text.get_text()) == 1), text.get_text()
    for text, x0, y0, x1, y1 in texts:
        assert x0 >= 4 and y0 >= 4 and x1 <= width - 4 and y1 <= height - 4, text.get_text()
    for (a, ax0, ay0, ax1, ay1), (b, bx0, by0, bx1, by1) in itertools.combinations(texts, 2):
        apart = ax1 <= bx0 + 0.5 or bx1 <= ax0 + 0.5 or ay1 <= by0 + 0.5 or by1 <= ay0 + 0.5
        assert apart, (a.get_text(), b.get_text())
