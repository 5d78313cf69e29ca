"""What git has of a cell: every value that it had, since when, and by whom."""

from __future__ import annotations

import os
import subprocess

import pytest

from helpers import taprev

AUTHOR = {
    "GIT_AUTHOR_NAME": "An Author",
    "GIT_AUTHOR_EMAIL": "author@example.org",
    "GIT_COMMITTER_NAME": "Another",
    "GIT_COMMITTER_EMAIL": "another@example.org",
}


def git(folder, *words, day="2026-01-02"):
    dated = {"GIT_AUTHOR_DATE": f"{day}T12:00:00Z", "GIT_COMMITTER_DATE": f"{day}T12:00:00Z"}
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, env={**os.environ, **AUTHOR, **dated})


@pytest.fixture
def committed(example):
    git(example, "init", "--quiet")
    git(example, "add", ".")
    git(example, "commit", "--quiet", "-m", "first")
    return example


def test_every_value_of_a_cell_is_told_with_its_day_and_author(committed, edit):
    path = committed / "data" / "extracted" / "outcomes.csv"
    edit(path, "n01", "mean_arm1", "60")
    git(committed, "commit", "--quiet", "-am", "second", day="2026-02-03")
    edit(path, "n01", "sd_arm1", "48")
    git(committed, "commit", "--quiet", "-am", "another cell", day="2026-03-04")
    edit(path, "n01", "mean_arm1", "61")
    first, second, open_one = taprev(committed, "history", "n01", "mean_arm1").stdout.splitlines()
    assert first.startswith("2026-01-02  ") and first.endswith('  An Author: "55"')
    assert second.startswith("2026-02-03  ") and second.endswith('  An Author: "60"')
    assert open_one == 'not committed: "61"'
    [only] = taprev(committed, "history", "edinburgh", "setting").stdout.splitlines()
    assert only.startswith("2026-01-02  ")


def test_without_git_or_without_such_a_cell_there_is_a_sentence(example, committed):
    unknown = taprev(committed, "history", "n99", "mean_arm1")
    assert unknown.returncode == 1 and 'found no result, study or report "n99"' in unknown.stderr
    column = taprev(committed, "history", "n01", "mean")
    assert column.returncode == 1 and 'found no column "mean". It has result, ' in column.stderr
    subprocess.run(["rm", "-rf", ".git"], cwd=committed, check=True)
    alone = taprev(committed, "history", "n01", "mean_arm1")
    assert alone.returncode == 1 and "git does not keep this file" in alone.stderr
