"""The tutorial: what it has people type leads from its spreadsheet to its picture."""

from __future__ import annotations

import re
import shlex

import pytest

from helpers import ROOT, by_hand, snakemake, taprev
from taprev.synthesis.results import read_synthesis
from taprev.wording import estimates
from test_readme import said_by

PAGE = (ROOT / "docs" / "tutorial.md").read_text("utf-8")


@pytest.mark.workflow
def test_the_spreadsheet_becomes_the_forest_plot(tmp_path):
    [table], [typed] = (
        re.findall(r"```text\n(.*?)```", PAGE, re.S),
        re.findall(r"```\n(taprev import.*?)```", PAGE, re.S),
    )
    (tmp_path / "trials.csv").write_bytes(table.replace("\n", "\r\n").encode("cp1252"))
    imported, moved, check, review = typed.replace("\\\n", " ").splitlines()
    by_hand(tmp_path, shlex.split(imported)[1:])
    folder = tmp_path / shlex.split(moved)[1]
    assert (check, review) == ("taprev check", "make review")
    assert taprev(folder, "check").returncode == 0
    done = snakemake(folder, "results/figures/sleep_problems")
    assert done.returncode == 0, done.stderr
    drawn = (folder / "results/figures/sleep_problems/sleep_problems_forest.svg").read_text("utf-8")
    shown = (ROOT / "docs" / "tutorial_forest.svg").read_text("utf-8")
    assert said_by(drawn) == said_by(shown) and len(said_by(shown)) > 40
    [stratum] = read_synthesis(folder / "results/synthesis/sleep_problems.json").strata
    fit, style = stratum.pooled, estimates.style(stratum)
    numbers = [estimates.effect(number, style) for number in (fit.estimate, fit.ci_lb, fit.ci_ub)]
    assert "is {} with an interval from {} to {}".format(*numbers) in PAGE


def test_what_is_left_out_is_asked(tmp_path):
    [table] = re.findall(r"```text\n(.*?)```", PAGE, re.S)
    (tmp_path / "trials.csv").write_text(table, encoding="utf-8")
    for missing, said in (("--measure", "what its effects are"), ("--better", "better"), ("--contrast", "contrast")):
        words = {"--measure": "SMD", "--better": "lower", "--contrast": "randomised", "--into": "new"}
        given = [word for name, value in words.items() if name != missing for word in (name, value)]
        asked = taprev(tmp_path, "import", "trials.csv", *given)
        assert asked.returncode == 1 and said in asked.stderr and not (tmp_path / "new").exists()
