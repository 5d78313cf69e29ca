"""The results of a review in Python: what the files say, as objects, with pictures, and said where they are stale."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest

import taprev
from taprev.interactive.review import ReviewResults
from taprev.synthesis.results import Synthesis

DOMAIN = "length_of_stay"


@pytest.fixture(scope="module")
def example(finished_example) -> ReviewResults:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return taprev.read(finished_example / "results")


def test_outcomes_are_found_by_name_with_their_numbers(example, finished_example):
    stored = json.loads((finished_example / "results" / "synthesis" / f"{DOMAIN}.json").read_text("utf-8"))
    outcome = example[DOMAIN]
    assert list(example) == [DOMAIN] and len(example) == 1 and isinstance(outcome.synthesis, Synthesis)
    [row] = outcome.strata.to_dict("records")
    assert row["estimate"] == stored["strata"][0]["fit"]["estimate"] and row["seal"] == outcome.synthesis.seal
    assert list(outcome.studies["yi"]) == [study["yi"] for study in stored["strata"][0]["studies"]]
    assert outcome.studies["weight"].sum() == pytest.approx(100)
    published = pd.read_csv(finished_example / "results" / "tables" / "summary.csv")
    assert list(example.summary.columns) == list(published.columns)
    assert list(example.summary["estimate"]) == pytest.approx(list(published["estimate"]), nan_ok=True)


def test_the_forest_plot_is_that_of_the_run(example, finished_example, tmp_path):
    drawn, figures = example[DOMAIN].forest(), finished_example / "results" / "figures" / DOMAIN
    saved = drawn.save(tmp_path)
    assert {path.suffix for path in saved} == {".svg", ".png", ".pdf", ".csv", ".txt"}
    assert all(path.read_bytes() == (figures / path.name).read_bytes() for path in saved)
    shown = drawn._repr_html_()
    assert shown.startswith('<img src="data:image/svg+xml;base64,') and drawn.words.splitlines()[0][:40] in shown


def test_a_preset_and_a_style_are_drawn_and_others_refused(example):
    slide = example[DOMAIN].forest(preset="slide", style="jama")
    assert slide.svg[0] != example[DOMAIN].forest().svg[0]
    with pytest.raises(ValueError, match="preset is 'poster'; it must be one of page, column, slide"):
        example[DOMAIN].forest(preset="poster")
    with pytest.raises(ValueError, match="style is 'JAMA'; it must be one of taprev, revman, jama"):
        example[DOMAIN].forest(style="JAMA")


def test_it_is_shown_in_a_notebook(example):
    page = example._repr_html_()
    assert example.summary["estimate_text"][0] in page and page.count("<tr") == 2
    one = example[DOMAIN]._repr_html_()
    assert "data:image/svg+xml" in one and all(word in one for word in ("<h3>", "<li>"))
    assert "1 outcomes" not in repr(example) and repr(example).startswith("ReviewResults('")
    assert repr(example[DOMAIN]) == "Outcome('Length of stay', pooled: Controlled, not randomised)"


def test_an_outcome_without_evidence_says_so_and_has_no_plot(finished):
    review = taprev.read(finished)
    gap = next(one for one in review.values() if not one.synthesis.has_evidence)
    with pytest.raises(ValueError, match="there is no forest plot"):
        gap.forest()
    assert "<img" not in gap._repr_html_() and gap.sentences and gap.studies.empty


def test_stale_results_and_no_results_are_said(finished_example, tmp_path):
    copy = shutil.copytree(finished_example, tmp_path / "copy")
    outcomes = copy / "data" / "extracted" / "outcomes.csv"
    outcomes.write_bytes(outcomes.read_bytes() + b"\n")
    with pytest.warns(UserWarning, match="data/extracted/outcomes.csv changed"):
        taprev.read(copy)
    with pytest.raises(ValueError, match="there are no results here"):
        taprev.read(tmp_path)
    with pytest.raises(KeyError, match="there is no outcome 'sleep'; the outcomes are length_of_stay"):
        _ = taprev.read(finished_example)["sleep"]


def test_importing_taprev_loads_nothing_heavy():
    asked = "import sys, taprev; print(sorted({'numpy', 'pandas', 'matplotlib', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_can_be_typed_is_listed():
    assert taprev.__all__ == ["location_scale", "meta", "read"] and Path(taprev.__file__).name == "__init__.py"
    with pytest.raises(AttributeError, match="pool"):
        _ = taprev.pool
