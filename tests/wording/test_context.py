"""People, time, comparison and reading in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samples.synthesis import invented_study
from taprev.synthesis.results import Context, MissingResults
from taprev.vocabulary import Contrast, Read
from taprev.wording import context
from taprev.wording.shared_people import shared_people, shared_short


def sample(name: str, n1: float | None, n2: float | None = None, **about: object):
    return replace(invented_study(1, 0.5, 0.04), study=name, n_arm1=n1, n_arm2=n2, context=Context(**about))


def test_units_that_are_not_people_are_named_and_never_added_to_people():
    both = [sample("A", 547), sample("B", 73, n_counts="teachers")]
    assert context.who(both) == "547 people and 73 teachers"
    assert context.sizes(both) == ({"people": 547, "teachers": 73}, 0)


def test_several_results_of_one_sample_are_of_the_same_people():
    assert context.who([sample("A", 34), sample("A", 33)]) == "34 people"
    assert context.who([sample("A", 30, 30), sample("B", None)]) == "60 people (n not given for 1 of 2)"
    assert context.who([sample("A", None)]) == "n not given"


@pytest.mark.parametrize(
    ("months", "said"),
    [
        ([(0.0,)], "straight after"),
        ([(0.0,), (3.0,)], "straight after, up to 3 months after"),
        ([(3.0,), (6.0,)], "3 to 6 months after"),
        ([(1.0,)], "1 month after"),
        ([(0.23,)], "less than a month after"),
        ([()], "time not given"),
        ([(0.0,), ()], "straight after, or at a time not given"),
    ],
)
def test_the_time_of_measurement_is_said(months, said):
    assert context.when(Context(months=one) for one in months) == said


def test_a_comparison_is_named_and_a_before_after_contrast_is_with_before():
    many = [sample("A", 3, compared_with="usual care"), sample("B", 3, compared_with="wait-list")]
    assert context.compared_with([Contrast.RANDOMISED], many) == "usual care and wait-list"
    assert context.compared_with([Contrast.BEFORE_AFTER], many) == "before the programme"
    assert context.compared_with([Contrast.CONTROLLED], [sample("A", 3)]) == "comparison not given"


def test_nobody_is_said_to_have_printed_nothing_of_whom_only_the_abstract_was_read():
    missing = MissingResults(6, 18, {Read.ABSTRACT: 12})
    assert context.magnitudes(missing) == "6 of 18 studies give a usable magnitude"
    assert context.read_of_others(missing) == "of the other 12 only the abstract was read"
    mixed = MissingResults(0, 3, {Read.FULL_TEXT: 1, Read.ABSTRACT: 2})
    assert context.read_of_others(mixed) == "of 1 the full text was read; of 2 only the abstract was read"
    assert context.read_of_others(MissingResults(2, 2)) == ""


def test_the_same_people_behind_several_outcomes_are_named(shipped_contents):
    shared = {one.label: one for one in shared_people(shipped_contents)}
    assert shared["Doi 2025"].who == "42 people" and len(shared["Doi 2025"].outcomes) == 3
    assert shared["Hodgdon (547 youths)"].who == "547 people" and len(shared["Hodgdon (547 youths)"].outcomes) == 3
    assert "Doi 2025 (42 people) in 3 outcomes" in shared_short(shipped_contents)
    assert shared_short(shipped_contents[:1]) == ""
