"""Figures are found where they stand, and slips are not: on made papers of every layout, as the documentation says."""

from __future__ import annotations

import json
from collections import Counter, defaultdict

import pytest
from made_papers import LAYOUTS, made
from measured import BEGIN, DOCUMENT, END, RIGHT, SEEDS, in_document, measure, papers, table
from slips import SLIPS

ENOUGH = 0.95


@pytest.fixture(scope="module")
def counts(made_once):
    def fill(folder):
        (folder / "counts.json").write_text(json.dumps(measure(papers(SEEDS))), encoding="utf-8")

    told = json.loads((made_once("measured papers", fill) / "counts.json").read_text("utf-8"))
    return {
        layout: defaultdict(Counter, {name: Counter(counted) for name, counted in own.items()})
        for layout, own in told.items()
    }


def test_the_table_of_the_documentation_is_what_is_measured(counts):
    text = DOCUMENT.read_text("utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert in_document(text, table(counts)) == text


def test_of_right_figures_almost_all_are_found_in_every_layout(counts):
    assert set(counts) == set(LAYOUTS) and len(LAYOUTS) >= 8
    for layout, own in counts.items():
        assert own[RIGHT]["in_place"] >= ENOUGH * own[RIGHT]["asked"] > 0, layout


@pytest.mark.parametrize("slip", SLIPS)
def test_of_slips_almost_all_are_not_found_in_place(counts, slip):
    asked = sum(own[slip]["asked"] for own in counts.values())
    in_place = sum(own[slip]["in_place"] for own in counts.values())
    assert asked >= 20 and asked - in_place >= ENOUGH * asked


def test_papers_of_one_seed_are_the_same_and_those_of_two_are_not():
    first, again = made("one_column", 0), made.__wrapped__("one_column", 0)
    assert first.rows == again.rows != made("one_column", 1).rows
