"""The picture of a pooled number without each of its rows."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from samples.audit_sites import site_of
from taprev.drawing import theme
from taprev.figures.forest import omission
from taprev.figures.forest.omission import rows_without, without_png, words
from taprev.ground.seal import seal_of


@pytest.fixture(scope="module")
def traced(root, shipped, tmp_path_factory):
    """Every pooled stratum of the shipped review with the trace of its domain."""
    index = tmp_path_factory.mktemp("without") / "index.html"
    review = site_of(root / "data", shipped[0], index, panels=False)
    return [
        (stratum, review.traces[content.domain])
        for content in review.contents
        for stratum in (*content.strata, *content.sensitivity)
        if stratum.fit
    ]


def test_every_pooled_row_is_left_out_once_and_the_most_moving_first(traced):
    assert len(traced) == 4
    for stratum, trace in traced:
        rows = rows_without(stratum, trace)
        pooled = [name for study in stratum.studies if study.fate == "pooled" for name in study.results]
        assert sorted(row.result for row in rows) == sorted(pooled)
        assert [row.moved for row in rows] == sorted((row.moved for row in rows), reverse=True)
        assert all((row.without.estimate is None) == (row.moved == float("inf")) for row in rows)


def test_the_picture_is_sealed_described_and_holds_every_text(traced, tmp_path):
    for stratum, trace in traced:
        png, said = without_png(stratum, trace)
        path = tmp_path / "picture.png"
        path.write_bytes(png)
        assert Image.open(io.BytesIO(png)).text["Description"] == said
        assert seal_of(path).numbers == trace.seal
        rows = rows_without(stratum, trace)
        assert all(f"Without {row.result} (" in said for row in rows)
        with theme.style():
            figure = omission._figure(stratum, rows)
            renderer = figure.canvas.get_renderer()
            boxes = [text.get_window_extent(renderer) for text in figure.axes[0].texts]
            width, height = figure.get_size_inches() * 72
        assert all(box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height for box in boxes)
        for place, one in enumerate(boxes):
            assert not [
                other for other in boxes[place + 1 :] if one.shrunk(0.98, 0.7).overlaps(other.shrunk(0.98, 0.7))
            ]


def test_many_rows_are_cut_and_the_rest_counted(traced, monkeypatch):
    stratum, trace = max(traced, key=lambda pair: len(rows_without(*pair)))
    rows = rows_without(stratum, trace)
    monkeypatch.setattr(omission, "MOST", 2)
    said = words(stratum, rows)
    assert said.count("Without ") == 2 and f"{len(rows) - 2} more rows move it no further." in said
    assert without_png(stratum, trace)[1] == said


def test_a_number_that_is_not_there_is_refused(traced):
    stratum, trace = traced[0]
    with pytest.raises(ValueError, match="nothing is pooled here"):
        without_png(replace(stratum, fit=None), trace)
