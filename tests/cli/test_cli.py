"""The commands by hand: sentences instead of tracebacks, and odd data that still give a right answer."""

from __future__ import annotations

import csv
import os
import subprocess
from pathlib import Path

import pytest

import helpers
from helpers import TAPREV, by_hand
from samples.synthesis import with_fit
from taprev import __version__
from taprev.synthesis.results import Synthesis, read_synthesis, to_json
from taprev.wording import notes


@pytest.fixture
def taprev(example):
    """Return a function that runs a command in a copy of the example review."""

    def run(*words: str) -> subprocess.CompletedProcess:
        return helpers.taprev(example, *words)

    return run


def pooled(folder) -> Synthesis:
    """Take the example from settings to the synthesis of its domain."""
    by_hand(folder, ["settings"], ["check"], ["effects"], ["synthesis", "length_of_stay"])
    return read_synthesis(folder / "results" / "synthesis" / "length_of_stay.json")


def keep_rows(folder, count: int, **cells: list[str]) -> None:
    """Keep the first rows of the outcomes, with other cells where given."""
    path = folder / "data" / "extracted" / "outcomes.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        rows, header = list(reader)[:count], reader.fieldnames
    for column, values in cells.items():
        for row, value in zip(rows, values, strict=True):
            row[column] = value
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check", "--settings", "nowhere.yaml"], "nowhere.yaml: this file is missing"),
        (["effects"], "settings.yaml: this file is missing"),
        (
            ["synthesis", "length_of_stay", "--settings", "config/review.yaml"],
            "length_of_stay.csv: No such file",
        ),
        (
            ["synthesis", "wellbeing", "--settings", "config/review.yaml"],
            "'wellbeing' is not a configured domain",
        ),
        (["figures", "results/synthesis/none.json"], "none.json: No such file"),
        (["crosscheck", "data/extracted/outcomes.csv"], "outcomes.csv: "),
        (["reconcile"], "extraction > twice is none"),
        (["check", "--data", "nowhere"], "datapackage.yaml: the codebook is missing"),
    ],
)
def test_a_mistake_ends_with_a_sentence(taprev, words, said):
    done = taprev(*words)
    assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr + done.stdout


def test_check_says_all_and_writes_them(taprev, example, edit):
    for row, column, value in ((2, "sd_arm1", "0"), (4, "study", "nobody")):
        edit(example / "data" / "extracted" / "outcomes.csv", row, column, value)
    done = taprev("check", "--log", "problems.csv", "--out", "checked.csv")
    assert done.returncode == 1 and "2 problems stop the review." in done.stderr
    with (example / "problems.csv").open(newline="") as handle:
        assert [(p["row"], p["column"]) for p in csv.DictReader(handle)] == [("2", "sd_arm1"), ("4", "study")]
    assert not (example / "checked.csv").exists()


def test_check_keeps_the_citation_says_what_is_wrong_with_it_and_lets_the_review_run(taprev, example):
    citation, kept = example / "CITATION.cff", example / "results" / "audit" / "CITATION.cff"
    citation.write_text("type: dataset\ntitle: T\nauthors: [{}]\nyear: now\n", encoding="utf-8")
    done = taprev("check", "--out", "results/audit/checked.csv")
    assert done.returncode == 0 and kept.read_bytes() == citation.read_bytes()
    for place in ("authors > 0: an author needs", "year: found 'now'"):
        assert f"CITATION.cff, {place}" in done.stderr
    assert done.stderr.count("Until then figures are cited without it") == 2 and "Traceback" not in done.stderr
    citation.write_text("type: dataset\ntitle: T\nauthors: [{name: A}]\n", encoding="utf-8")
    assert "CITATION.cff" not in taprev("check").stderr
    citation.unlink()
    assert taprev("check", "--out", "results/audit/checked.csv").returncode == 0 and not kept.exists()


def test_a_tampered_synthesis_is_refused(taprev, example):
    pooled(example)
    path = example / "results" / "synthesis" / "length_of_stay.json"
    path.write_text(path.read_text("utf-8").replace('"k": 9', '"k": 8'), encoding="utf-8")
    for words in (["figures"], ["crosscheck"], ["tables"]):
        done = taprev(*words, "results/synthesis/length_of_stay.json")
        assert (
            done.returncode == 1 and "seal does not match" in done.stderr and "Run the synthesis again" in done.stderr
        )


def test_a_disagreeing_crosscheck_stops_and_names_the_domain(taprev, example):
    content = pooled(example)
    moved = with_fit(content, 0, estimate=content.strata[0].fit.estimate + 0.001)
    path = example / "results" / "synthesis" / "length_of_stay.json"
    path.write_text(to_json(moved), encoding="utf-8")
    done = taprev("crosscheck", path)
    assert done.returncode == 1 and "length_of_stay, controlled: estimate" in done.stderr


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_few_studies(taprev, example, k):
    keep_rows(example, k)
    content = pooled(example)
    if k == 0:
        assert content.strata == () and content.notes
        return
    [stratum] = content.strata
    assert len(stratum.studies) == k
    if k == 1:
        assert stratum.fit is None and "only sample" in notes.why_not(stratum.not_estimable)
        return
    said = notes.sentences(stratum.fit.notes)
    assert stratum.fit.k == k and any("caution" in one or "uncertain" in one for one in said)
    assert (stratum.fit.pi_lb is None) == (k == 2)
    assert taprev("figures", "results/synthesis/length_of_stay.json").returncode == 0
    assert taprev("crosscheck", "results/synthesis/length_of_stay.json").returncode == 0


def test_all_effects_equal(taprev, example):
    keep_rows(example, 5, mean_arm1=["10"] * 5, mean_arm2=["14"] * 5)
    fit = pooled(example).strata[0].fit
    assert (fit.estimate, fit.tau2, fit.ci_method) == (-4.0, 0.0, "wald") and fit.se > 0
    assert taprev("crosscheck", "results/synthesis/length_of_stay.json").returncode == 0


def test_a_variance_ratio_of_ten_to_the_sixteenth(taprev, example):
    sds = ["1e-6", "100", "100"]
    keep_rows(example, 3, sd_arm1=sds, sd_arm2=sds, n_arm1=["50"] * 3, n_arm2=["50"] * 3)
    fit = pooled(example).strata[0].fit
    assert fit.certificate.holds and sum(fit.weights) == pytest.approx(100)
    assert taprev("crosscheck", "results/synthesis/length_of_stay.json").returncode == 0


def test_nothing_finished_is_half_overwritten(tmp_path, monkeypatch):
    from taprev.ground.files import write_text

    path = tmp_path / "finished.csv"
    write_text(path, "whole\n")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_text(path, "half")
    assert path.read_text() == "whole\n" and list(tmp_path.iterdir()) == [path]


def test_a_judgement_of_missing_evidence_reaches_the_synthesis_and_one_of_other_evidence_is_named(example, taprev):
    [stratum] = [one for one in pooled(example).strata if one.fit]
    assert stratum.missing_evidence is None
    path = example / "data" / "extracted" / "missing_evidence.csv"
    header = path.read_text("utf-8")
    made = f"length_of_stay,{stratum.name},{{}},high,,Invented reason.,first assessor,2026-11-28\n"
    path.write_text(header + made.format("1 of 1 available: A"), encoding="utf-8")
    said = taprev("synthesis", "length_of_stay", "--data", "data").stderr
    now = said.partition('and it is now "')[2].partition('"')[0]
    assert f"of {stratum.missing_results.studies} available: " in now
    path.write_text(header + made.format(f'"{now}"'), encoding="utf-8")
    assert "missing evidence" not in taprev("synthesis", "length_of_stay", "--data", "data").stderr
    again = read_synthesis(example / "results" / "synthesis" / "length_of_stay.json")
    assert next(one for one in again.strata if one.name == stratum.name).missing_evidence.risk == "high"


def test_a_folder_that_is_no_review_is_called_none(tmp_path):
    done = helpers.taprev(tmp_path, "status")
    assert done.returncode == 1 and done.stderr.strip() == (
        "results holds no results. This folder is not a review: change to one, or begin one: taprev init."
    )
    assert "or begin one with taprev init FOLDER" in helpers.taprev(tmp_path, "check").stderr


def test_a_review_that_has_not_run_says_how_to_run_it(taprev):
    done = taprev("status")
    assert done.returncode == 1 and done.stderr.strip() == "results holds no results. Make them: make review."


def test_the_version_is_that_of_the_package(tmp_path):
    assert helpers.taprev(tmp_path, "--version").stdout == f"taprev {__version__}\n"


def test_figures_for_another_page_do_not_replace_those_of_the_settings(taprev, example):
    pooled(example)
    done = taprev("figures", "results/synthesis/length_of_stay.json", "--preset", "slide")
    assert done.returncode == 1 and done.stderr.startswith("results/figures holds the figures of the settings.")
    done = taprev(
        "figures", "results/synthesis/length_of_stay.json", "--preset", "slide", "--also", "eps", "--out", "s"
    )
    assert done.returncode == 0, done.stderr
    made = {path.name for path in (example / "s" / "length_of_stay").glob("*_forest*")}
    assert {"length_of_stay_forest.svg", "length_of_stay_forest.eps"} <= made
    assert not (example / "results" / "figures" / "length_of_stay").exists()


def test_a_shell_can_complete_commands():
    asked = {**os.environ, "_TAPREV_COMPLETE": "complete_bash", "COMP_WORDS": "taprev ex", "COMP_CWORD": "1"}
    done = subprocess.run([TAPREV], capture_output=True, text=True, env=asked)
    assert done.stdout.split() == ["export"]
