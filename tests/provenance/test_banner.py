"""Results of a run that was refused say so in a file among them, until a run ends well."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from taprev.provenance.banner import BANNER, set_banner

TAPREV = Path(sys.executable).parent / "taprev"


def alone(folder, code):
    words = [TAPREV, "alone", "--", sys.executable, "-c", f"raise SystemExit({code})"]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True).returncode


@pytest.mark.workflow
def test_a_refused_run_leaves_the_banner_and_the_next_good_one_takes_it_away(tmp_path):
    results = tmp_path / "results"
    results.mkdir()
    assert alone(tmp_path, 1) == 1 and not (results / BANNER).exists(), "there is nothing to mistake"
    (results / "report.html").write_text("old")
    assert alone(tmp_path, 1) == 1
    said = (results / BANNER).read_text("utf-8")
    assert "do not use its figures" in said and said.endswith("\n")
    assert alone(tmp_path, 0) == 0 and not (results / BANNER).exists()
    assert (results / "report.html").read_text() == "old"


@pytest.mark.workflow
def test_verify_says_that_the_numbers_are_of_an_earlier_run_and_does_not_take_the_banner_for_a_result(
    finished_example, tmp_path
):
    folder = Path(shutil.copytree(finished_example, tmp_path / "review"))
    set_banner(folder / "results", ended=False)
    done = subprocess.run([TAPREV, "verify"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0 and f"The last run did not end ({BANNER})" in done.stdout
    assert f"results/{BANNER}" not in done.stdout
    set_banner(folder / "results", ended=True)
    done = subprocess.run([TAPREV, "verify"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0 and BANNER not in done.stdout
