"""After a change or a refused run, `taprev verify` says which numbers are of an earlier edition, and which are not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from helpers import taprev
from taprev.extraction.tables import package
from taprev.provenance.banner import set_banner
from taprev.provenance.outdated import UNKNOWN, outdated

PRESENT = "Present data and settings give the effects that every number here was pooled from."

pytestmark = pytest.mark.workflow


@pytest.fixture
def run_review(finished, tmp_path):
    """A copy of the finished shipped review, to be changed."""
    yield Path(shutil.copytree(finished, tmp_path / "review", ignore=shutil.ignore_patterns(".snakemake", "figures")))
    package.cache_clear()


def test_a_changed_cell_makes_the_numbers_of_its_domain_old_and_no_others(run_review, edit):
    assert outdated(run_review / "results", run_review) == PRESENT
    edit(run_review / "data" / "extracted" / "outcomes.csv", "r057", "t", "9.86")
    said = outdated(run_review / "results", run_review)
    old, _, same = said.partition(". Present data and settings give the same effects for ")
    assert old == "Of an earlier edition are the numbers of Staff knowledge" and "Staff attitudes" in same
    set_banner(run_review / "results", ended=False)
    assert said in taprev(run_review, "verify").stdout


def test_a_changed_choice_makes_the_numbers_old_that_it_bears_on(run_review):
    path = run_review / "config" / "review.yaml"
    text = path.read_text("utf-8")
    assert text.count("label: Staff knowledge\n") == 1
    path.write_text(text.replace("label: Staff knowledge\n", "label: Knowledge of staff\n"), encoding="utf-8")
    said = outdated(run_review / "results", run_review)
    assert said.startswith("Of an earlier edition are the numbers of Knowledge of staff. Present data")


def test_a_cell_that_is_no_number_makes_its_domain_old_and_settings_that_cannot_be_read_all(run_review, edit):
    path = run_review / "data" / "extracted" / "outcomes.csv"
    edit(path, "r057", "t", "nine")
    assert "Staff knowledge" in outdated(run_review / "results", run_review).partition(". Present")[0]
    (run_review / "config" / "review.yaml").write_text("review: [", encoding="utf-8")
    assert outdated(run_review / "results", run_review) == UNKNOWN
