"""Blocks of rows on pages: all of them, in order, on as few pages as there can be, and of about one length."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from taprev.drawing.paging import page_title, parts


@given(st.lists(st.integers(0, 9), max_size=200), st.one_of(st.none(), st.integers(5, 60)))
def test_every_block_stands_on_one_page_and_no_page_is_too_long(sizes, most):
    divided = parts(sizes, most)
    assert [place for part in divided for place in range(len(sizes))[part]] == list(range(len(sizes)))
    lengths = [sum(sizes[part]) for part in divided]
    if most is None or sum(sizes) <= most:
        assert len(divided) == 1
    else:
        assert all(sum(sizes[part]) <= most or sum(map(bool, sizes[part])) == 1 for part in divided)
        assert min(lengths) > 0


@given(st.integers(0, 2000), st.integers(5, 60))
def test_rows_of_one_size_take_the_fewest_pages_and_all_are_about_as_long(rows, most):
    lengths = [part.stop - part.start for part in parts([1] * rows, most)]
    assert len(lengths) == max(1, math.ceil(rows / most))
    assert max(lengths) == math.ceil(rows / len(lengths)) and sum(lengths) == rows


def test_room_for_nothing_puts_every_block_on_a_page_of_its_own():
    assert len(parts([1, 1, 1], 0.5)) == 3


def test_a_figure_of_one_page_has_no_number():
    assert page_title("A figure", 1, 1) == "A figure"
    assert page_title("A figure", 2, 3) == "A figure, page 2 of 3"
