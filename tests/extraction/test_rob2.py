"""The algorithm of RoB 2 against its published tables: every combination of answers has the level of its one line.

A line has an answer for each question of a domain: `Y` is yes or probably yes, `N` no or probably no, `?` no
information, `-` not applicable, and `*` any of them. They follow the tables of the guidance of 22 August 2019.
"""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taprev.extraction.risk_of_bias.declarations import shipped_tools
from taprev.extraction.risk_of_bias.rob2 import TOOL, TREES, Asked, overall_levels_proposed, proposal
from taprev.vocabulary import Rob2Level, SignallingAnswer

ANSWERS = tuple(SignallingAnswer)
MEANT = {"Y": "Y", "PY": "Y", "PN": "N", "N": "N", "NI": "?", "NA": "-"}
PUBLISHED = {
    ("D1", "1.1 1.2 1.3"): {
        "low": ["Y? Y N?"],
        "some concerns": ["Y? Y Y", "N Y *", "* ? N?"],
        "high": ["* N *", "* ? Y"],
    },
    ("D2", "2.1 2.2 2.3 2.4 2.5"): {
        "low": ["N N * * *", "Y? * N * *", "N Y? N * *"],
        "some concerns": ["Y? * ? * *", "N Y? ? * *", "Y? * Y N *", "N Y? Y N *", "Y? * Y Y? Y", "N Y? Y Y? Y"],
        "high": ["Y? * Y Y? N?", "N Y? Y Y? N?"],
    },
    ("D2", "2.6 2.7"): {"low": ["Y *"], "some concerns": ["N? N"], "high": ["N? Y?"]},
    ("D2 adhering", "2.1 2.2 2.3 2.4 2.5 2.6"): {
        "low": ["N N * N- N- *", "Y? * Y- N- N- *", "N Y? Y- N- N- *"],
        "some concerns": [
            "N N * Y? * Y",
            "N N * N- Y? Y",
            "Y? * Y- Y? * Y",
            "Y? * Y- N- Y? Y",
            "N Y? Y- Y? * Y",
            "N Y? Y- N- Y? Y",
            "Y? * N? * * Y",
            "N Y? N? * * Y",
        ],
        "high": [
            "N N * Y? * N?",
            "N N * N- Y? N?",
            "Y? * Y- Y? * N?",
            "Y? * Y- N- Y? N?",
            "N Y? Y- Y? * N?",
            "N Y? Y- N- Y? N?",
            "Y? * N? * * N?",
            "N Y? N? * * N?",
        ],
    },
    ("D3", "3.1 3.2 3.3 3.4"): {
        "low": ["Y * * *", "N? Y * *", "N? N N *"],
        "some concerns": ["N? N Y? N"],
        "high": ["N? N Y? Y?"],
    },
    ("D4", "4.1 4.2 4.3 4.4 4.5"): {
        "low": ["N? N N * *", "N? N Y? N *"],
        "some concerns": ["N? N Y? Y? N", "N? ? N * *", "N? ? Y? N *", "N? ? Y? Y? N"],
        "high": ["Y * * * *", "N? Y * * *", "N? N Y? Y? Y?", "N? ? Y? Y? Y?"],
    },
    ("D5", "5.1 5.2 5.3"): {
        "low": ["Y N N"],
        "some concerns": ["N? N N", "* N ?", "* ? N", "* ? ?"],
        "high": ["* Y *", "* N? Y"],
    },
}
# Domain 2 has two trees: here the one that is not tried is answered so that it leads to low.
THE_OTHER_TREE = {"2.1 2.2 2.3 2.4 2.5": {"2.6": "Y"}, "2.6 2.7": {"2.1": "N", "2.2": "N"}}


def fits(line, answers):
    return all(told == "*" or MEANT[answer] in told for told, answer in zip(line.split(), answers, strict=True))


def asked_in(place):
    return (
        {place.question, *itertools.chain(*(asked_in(to) for to in (place.yes, place.no, place.ni, place.na)))}
        if isinstance(place, Asked)
        else set()
    )


@pytest.mark.parametrize(("tree", "questions"), PUBLISHED)
def test_every_combination_of_answers_has_its_published_level(tree, questions):
    names = [f"{one} adhering" if tree.endswith("adhering") else one for one in questions.split()]
    other = THE_OTHER_TREE.get(questions, {})
    found = set()
    for answers in itertools.product(ANSWERS, repeat=len(names)):
        lines = {level for level, told in PUBLISHED[tree, questions].items() if any(fits(one, answers) for one in told)}
        assert len(lines) <= 1
        told = dict(zip(names, answers, strict=True)) | {name: SignallingAnswer(one) for name, one in other.items()}
        made = proposal(tree, told)
        assert {made.level} - {None} == lines and bool(made.stops_at) == (made.level is None)
        assert not made.stops_at or made.stops_at in names
        found |= lines
    assert found == set(Rob2Level)


def test_the_questions_of_the_tool_are_those_of_the_algorithm():
    [tool] = shipped_tools().named(TOOL)
    for domain in tool.domains:
        trees = [tree for name, roots in TREES.items() if name.split()[0] == domain.short for tree in roots]
        assert set(domain.questions) == set().union(*map(asked_in, trees))


@given(st.lists(st.sampled_from(Rob2Level), min_size=5, max_size=5))
def test_the_overall_level_is_never_below_the_gravest_domain(levels):
    allowed = overall_levels_proposed(levels)
    gravest = max(levels, key=lambda level: level.gravity)
    assert allowed[0] == gravest and all(level.gravity >= gravest.gravity for level in allowed)
    assert (len(allowed) == 2) == (gravest == "some concerns" and levels.count(gravest) > 1)
    assert overall_levels_proposed(reversed(levels)) == allowed


@given(
    st.sampled_from([*TREES]),
    st.dictionaries(st.sampled_from(shipped_tools().named(TOOL)[0].questions), st.sampled_from(ANSWERS)),
)
def test_what_the_way_does_not_come_to_changes_nothing(tree, answers):
    made = proposal(tree, answers)
    used = {question: answers[question] for question in made.passed}
    again = proposal(tree, used)
    assert (again.level, again.passed) == (made.level, made.passed)
    for probably in ({"Y": "PY", "N": "PN"}, {"PY": "Y", "PN": "N"}):
        turned = {question: SignallingAnswer(probably.get(one, one)) for question, one in answers.items()}
        assert proposal(tree, turned) == made
