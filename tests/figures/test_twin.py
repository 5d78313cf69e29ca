"""The table beside a forest plot holds everything that its rows tell."""

from __future__ import annotations

import csv
import io

import pytest

from taprev.figures.forest.twin import twin, twin_rows
from taprev.settings.figures import Figures

HOW = [Figures(), Figures(descriptors=("country", "setting"), subgroups="setting")]


@pytest.mark.parametrize("how", HOW, ids=["usual", "with columns and subgroups"])
def test_no_figure_of_a_row_is_without_a_column(shipped_contents, how):
    for content in shipped_contents:
        rows = list(twin_rows(content, how))
        reader = csv.DictReader(io.StringIO(twin(content, how)))
        assert [row["row"] for row in reader] == [row["row"] for row in rows]
        assert {name for row in rows for name in row} <= set(reader.fieldnames)
