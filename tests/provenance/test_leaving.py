"""An effect that leaves its stratum is asked about, and an answer to that is an answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import ROOT, taprev
from taprev.extraction.plausibility.answers import answered, asked, read_answers
from taprev.extraction.plausibility.query import EFFECT_LEAVES
from taprev.provenance.leaving import FARTHEST, effects_leaving, with_open_leaving
from taprev.synthesis.kernels.influence import influence
from taprev.wording.strata import marks_words


@pytest.fixture(scope="module")
def knowledge(shipped_contents):
    return next(content for content in shipped_contents if content.domain == "staff_knowledge")


def with_effect(content, number, yi):
    """Return a domain in which a pooled sample of the before-after stratum has another effect."""
    [stratum] = [one for one in content.strata if one.name == "before_after"]
    pooled = [study for study in stratum.studies if study.weight]
    moved = replace(pooled[number], yi=yi)
    studies = tuple(moved if study is pooled[number] else study for study in stratum.studies)
    effects = [(s.label, s.yi, s.vi) for s in studies if s.weight]
    labels, y, v = zip(*effects, strict=True)
    panel = replace(stratum.panel, influence=influence(list(labels), np.array(y), np.array(v)))
    changed = replace(stratum, studies=studies, panel=panel)
    return moved, replace(content, strata=tuple(changed if s is stratum else s for s in content.strata))


def test_nothing_leaves_its_stratum_in_the_shipped_review_and_a_lost_decimal_point_does(knowledge):
    assert effects_leaving([knowledge]) == []
    moved, content = with_effect(knowledge, 2, 9.26)
    [query] = effects_leaving([content])
    assert (query.check, query.result, query.study) == (EFFECT_LEAVES.name, moved.results[0], moved.study)
    assert query.found.startswith("found 9.26, ") and content.label in query.found
    [one] = [i for s in content.strata if s.panel for i in s.panel.influence if abs(i.rstudent) > FARTHEST]
    assert f"{abs(one.rstudent):.1f} standard errors" in query.found


def test_an_answer_to_it_answers_something_before_anything_is_pooled(knowledge, tmp_path):
    moved, content = with_effect(knowledge, 2, 9.26)
    queries = effects_leaving([content])
    raw = tmp_path / "raw"
    raw.mkdir()
    text = (ROOT / "data" / "raw" / "answers.csv").read_text("utf-8").splitlines()[0]
    cells = {
        "check": EFFECT_LEAVES.name,
        "result": moved.results[0],
        "answer": "Printed so.",
        "found": queries[0].found,
    }
    (raw / "answers.csv").write_text(f"{text}\n{','.join(chr(34) + cells[n] + chr(34) for n in text.split(','))}\n")
    answers, problems = read_answers(tmp_path, asked(ROOT / "data"))
    assert problems == []
    [row] = answered(queries, answers)
    assert row["answer"] == "Printed so." and row["reason"] == EFFECT_LEAVES.reason


def test_an_effect_that_leaves_marks_its_number_until_it_is_answered(knowledge):
    moved, content = with_effect(knowledge, 2, 9.26)
    assert with_open_leaving(content, frozenset()) is content
    marked = with_open_leaving(content, frozenset({moved.results[0]}))
    [stratum] = [one for one in marked.strata if one.name == "before_after"]
    assert EFFECT_LEAVES.name.replace("_", " ") in marks_words(stratum.marks) and moved.label in marks_words(
        stratum.marks
    )
    before, after = ({s.label for s in one.strata[0].studies if s.marks} for one in (content, marked))
    assert after - before <= {moved.label}


def test_a_review_that_open_queries_stop_stops_where_an_effect_leaves(tmp_path):
    """The example answers its one such query; without the answer, and with `stop`, nothing is pooled."""
    assert taprev(tmp_path, "init", "ex", "--example").returncode == 0
    folder = tmp_path / "ex"
    answers, settings = folder / "data" / "raw" / "answers.csv", folder / "config" / "review.yaml"
    answers.write_text("".join(answers.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")
    settings.write_text(
        settings.read_text("utf-8").replace("extraction:\n", "extraction:\n  open_queries: stop\n"), "utf-8"
    )
    for words in (["settings", "config/review.yaml", "--out", "results/settings.yaml"], ["effects", "--data", "data"]):
        done = taprev(folder, *words)
        assert done.returncode == 0, done.stderr
    done = taprev(folder, "synthesis", "tuberculosis", "--data", "data")
    assert done.returncode == 1 and "b08" in done.stderr and "effect_leaves_its_stratum is open" in done.stderr
    assert not (folder / "results" / "synthesis" / "tuberculosis.json").exists()
