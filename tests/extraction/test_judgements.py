"""Judgements of risk of bias in words that their tool does not have are refused, each with what it has."""

from __future__ import annotations

import shutil

import pytest

from helpers import ROOT
from taprev.extraction.judgements import judgement_problems
from taprev.ground.files import csv_text
from taprev.settings import read_settings

HEAD = ("result", "tool", "version", "domain", "judgement", "reason")


@pytest.fixture
def said(tmp_path):
    settings = read_settings(ROOT / "config" / "review.yaml")
    shutil.copy(ROOT / "data" / "extracted" / "certainty.csv", tmp_path)

    def of(tool: str, domain: str, judgement: str) -> list[str]:
        rows = [("r001", tool, "2019", domain, judgement, "as judged")]
        (tmp_path / "risk_of_bias.csv").write_text(csv_text(HEAD, rows, guarded=False), encoding="utf-8")
        return [problem.sentence() for problem in judgement_problems(tmp_path, settings)]

    return of


@pytest.mark.parametrize(
    ("tool", "judgement", "has"),
    [
        ("RoB 2", "serious", "low, some concerns, high, no information"),
        ("RoB 2", "moderate", "low, some concerns, high, no information"),
        ("ROBINS-I", "high", "low, moderate, serious, critical, no information"),
        ("ROBINS-I", "some concerns", "low, moderate, serious, critical, no information"),
    ],
)
def test_a_level_of_another_tool_is_refused_with_those_it_has(said, tool, judgement, has):
    [sentence] = said(tool, "overall", judgement)
    assert f'found "{judgement}", which {tool} does not have. It has {has}.' in sentence


@pytest.mark.parametrize("domain", ["Overall", "OVERALL", "Overall risk of bias", " overall"])
def test_an_overall_judgement_by_another_name_would_not_count_and_is_refused(said, domain):
    [sentence] = said("RoB 2", domain, "high")
    assert sentence.endswith("which would not count as the overall judgement. Write overall.")


def test_what_the_tools_have_passes(said):
    assert said("RoB 2", "overall", "some concerns") == said("ROBINS-I", "confounding", "critical") == []
