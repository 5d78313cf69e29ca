"""What is read out of a drawing: its texts, their boxes, and the text of an SVG file."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg

from samples.forest import TOOLS
from taprev.drawing import saving, theme
from taprev.drawing.judgement_signs import SIZE
from taprev.figures.forest.columns import columns_of
from taprev.figures.forest.layout import lay_out
from taprev.figures.forest.layout_pages import pages
from taprev.figures.forest.plot import figure, fitting
from taprev.settings.figures import USUAL

SVG = "{http://www.w3.org/2000/svg}"
MEASURES = RendererAgg(1, 1, 72)
"""Measures the texts of every drawing: matplotlib remembers what it measured by what measured it."""


ROB2, V1, V2 = TOOLS


def of(layout, kind):
    return [row for row in layout.rows if isinstance(row, kind)]


def texts_of(drawing):
    """Return (text, x0, y0, x1, y1) of every text of a figure, in points from its lower left corner, and its size."""
    with theme.style():
        boxes = [(t, t.get_window_extent(MEASURES)) for t in drawing.axes[0].texts]
        width, height = drawing.get_size_inches() * 72
    return [(t, b.x0, b.y0, b.x1, b.y1) for t, b in boxes], width, height


def forest_svg(content, how=USUAL):
    """Return the pages of a forest plot as SVG, for tests of what is printed; other formats take most of the time."""
    layout = lay_out(content, how)
    columns = columns_of(layout)
    with theme.style():
        drawn = [figure(page, columns) for page in pages(layout, fitting(layout, columns))]
        return [saving.svg(page, "", "", content) for page in drawn]


def svg_text(svg):
    root = ElementTree.fromstring(svg if isinstance(svg, bytes) else svg.read_bytes())
    return " ".join(element.text for element in root.iter(f"{SVG}text"))


def signs(drawing):
    """Return the middle of every sign of risk of bias, and half of its width, in points from the lower left."""
    axes, enlarged = drawing.axes[0], drawing.get_size_inches()[0] * 72 / drawing.axes[0].get_xlim()[1]
    for line in axes.lines:
        if line.get_marker() == "o" and line.get_markersize() == pytest.approx(SIZE * enlarged):
            [(x, y)] = axes.transData.transform(line.get_xydata())
            yield x, y, SIZE * enlarged / 2


def nothing_overlaps(drawing):
    """Compare every text with every other, and with the signs of risk of bias; return what `texts_of` returns."""
    texts, width, height = texts_of(drawing)
    x0, y0, x1, y1 = np.array([box for _, *box in texts]).reshape(-1, 4).T
    for x, y, half in signs(drawing):
        assert half <= x <= width - half
        inside = (x0 < x) & (x < x1) & (y0 < y) & (y < y1)
        apart = (x1 <= x - half) | (x0 >= x + half) | (y1 <= y - half) | (y0 >= y + half)
        for met in np.flatnonzero(~apart):
            text = texts[met][0].get_text()
            assert inside[met] and len(text) == 1, text
    beyond = np.flatnonzero((x0 < 4) | (y0 < 4) | (x1 > width - 4) | (y1 > height - 4))
    assert not beyond.size, [texts[met][0].get_text() for met in beyond]
    touch = touching([box for _, *box in texts])
    assert not touch, [(texts[a][0].get_text(), texts[b][0].get_text()) for a, b in touch]
    return texts, width, height


def touching(boxes, most=0.5):
    """Return which boxes (x0, y0, x1, y1) lie over one another by more than so many points, in pairs."""
    x0, y0, x1, y1 = np.array(boxes).reshape(-1, 4).T
    beside, below = x1[:, None] <= x0 + most, y1[:, None] <= y0 + most
    apart = beside | beside.T | below | below.T
    return [tuple(pair) for pair in np.argwhere(np.triu(~apart, 1))]
