"""The queries of the numbers that depend on one most are read first."""

from __future__ import annotations

import csv
import math
from dataclasses import replace

import pytest

import helpers
from taprev.effects.fates import effect_rows
from taprev.provenance.query_order import (
    IN_NO_POOL,
    NOT_COMPUTED,
    Moved,
    by_consequence,
    moved_by,
    open_in_lines,
    read_moved,
)
from taprev.provenance.trace.domain import trace_domain
from taprev.provenance.trace.extraction import read_extraction
from taprev.synthesis.domain import synthesise
from taprev.synthesis.results import from_json, to_json


def query(result, answer="", study="s"):
    asked = {"check": "unusual_bound", "result": result, "study": study, "found": "found it.", "ask": "Is it?"}
    return asked | {"answer": answer}


@pytest.fixture(scope="module")
def knowledge(root, shipped):
    settings, outcomes, studies = shipped
    extraction = read_extraction(root / "data", settings)
    own = [row for row in outcomes if row["domain"] == "staff_knowledge"]
    rows = effect_rows("staff_knowledge", own, studies, settings, extraction.bias)
    content = from_json(to_json(synthesise("staff_knowledge", rows, settings, {})))
    return content, trace_domain(content, rows, extraction, settings)


def test_a_row_moves_the_headline_by_the_distance_without_it(knowledge):
    content, trace = knowledge
    moved = moved_by(trace, content)
    [touch] = [touch for touch in trace.results["r057"].touches if not touch.sensitivity]
    fit = next(stratum.fit for stratum in content.strata if stratum.name == touch.stratum)
    expected = abs(touch.without.estimate - fit.estimate) / fit.se
    assert moved["r057"].by == pytest.approx(expected, rel=1e-12) and expected > 0
    assert moved["r057"].sentence().endswith(f"{expected:.2f} standard errors without it")
    assert moved["r057"].heading == f"{content.label}, {touch.label}"
    of_study = [moved[name].by for name, e in trace.results.items() if e.study == "SSWR2018_MHtraining" and moved[name]]
    assert moved["SSWR2018_MHtraining"].by == max(of_study)
    assert any(one is None for one in moved.values())


def test_a_trace_of_another_synthesis_tells_nothing(knowledge):
    content, trace = knowledge
    assert moved_by(trace, replace(content, seal="another")) == {}


def test_the_open_come_first_and_those_that_move_most():
    moved = {"a": Moved("D, S", 0.1), "b": Moved("D, S", math.inf), "c": None, "d": Moved("D, S", 2.0), "s": None}
    rows = by_consequence(
        [query("d", "yes"), query("c"), query("new"), query("a"), query("b"), query("", study="s")], moved
    )
    assert [row["result"] for row in rows] == ["b", "a", "c", "new", "", "d"]
    assert [row["moves"] for row in rows] == ["inf", "0.1", "", "", "", "2.0"]
    said = [row["consequence"] for row in rows]
    assert said[0] == "D, S: nothing is pooled without it" and said[1] == "D, S: 0.10 standard errors without it"
    assert said[2:5] == [IN_NO_POOL, NOT_COMPUTED, IN_NO_POOL]


def test_the_first_are_said_and_the_rest_is_counted():
    rows = by_consequence([query(f"r{n}") for n in range(12)] + [query("x", "yes")], {})
    lines = open_in_lines(rows)
    assert len(lines) == 11 and lines[-1] == "2 more queries are open."
    assert lines[0] == "r0, unusual bound (not computed yet): found it. Is it?"
    assert open_in_lines(rows[-1:]) == ["No query is open; 1 answered."]
    assert open_in_lines([]) == ["There is no query."]


def test_before_there_are_results_they_say_so(review, tmp_path):
    assert read_moved(tmp_path, tmp_path, ["staff_knowledge"]) == {}
    (review / "data" / "raw" / "answers.csv").unlink()
    done = helpers.taprev(review, "queries", "--traces", "none", "--synthesis", "none", "--out", "queries.csv")
    assert done.returncode == 0 and "(not computed yet): " in done.stdout
    with (review / "queries.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 22 and {row["consequence"] for row in rows} == {NOT_COMPUTED}
