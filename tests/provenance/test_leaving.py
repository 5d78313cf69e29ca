"""An effect that leaves its stratum is asked about, and an answer to that is an answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import ROOT
from taprev.extraction.plausibility.answers import answered, asked, read_answers
from taprev.extraction.plausibility.query import EFFECT_LEAVES
from taprev.provenance.leaving import FARTHEST, effects_leaving
from taprev.synthesis.kernels.influence import influence


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
