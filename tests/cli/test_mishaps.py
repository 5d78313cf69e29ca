"""What the machine refuses is one sentence with the path and what to do, and never a traceback."""

from __future__ import annotations

import errno
import os
import resource
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from helpers import taprev
from taprev.cli.alone import caches
from taprev.cli.mishaps import mishap
from taprev.ground.files import write_text

NOBODY = 65534
FILES = (
    "config/review.yaml",
    "config/involvement.yaml",
    "data/extracted/datapackage.yaml",
    "data/extracted/studies.csv",
    "data/extracted/tables.xlsx",
    "data/raw/form_first.csv",
    "data/raw/answers.csv",
)


@pytest.mark.parametrize(
    ("number", "path", "said"),
    [
        (errno.ENOSPC, "results/report.html", "The disk is full at results/report.html. Free some space and run it"),
        (errno.EDQUOT, None, "The disk is full. Free some space and run it again: what was finished is kept."),
        (errno.EROFS, "results", "results: nothing can be written here, because the disk is read-only. Copy the"),
        (errno.EACCES, None, "A file or folder may not be read or written. Change its permissions."),
        (errno.EACCES, "no/such/file", f"{Path.cwd()}: nothing can be written or read there. Change its permissions."),
        (errno.ENOENT, "figure.svg", "figure.svg: No such file or directory. Make it first, or correct the path."),
        (errno.ENOTSUP, "file", "file: Operation not supported. Correct the path, or ask who runs the machine."),
    ],
)
def test_what_the_system_refuses_is_a_sentence(number, path, said):
    assert mishap(OSError(number, os.strerror(number), path)).startswith(said)


@pytest.mark.parametrize("name", FILES)
def test_a_folder_in_place_of_a_file_is_called_one(example, name):
    path = example / name
    path.unlink(missing_ok=True)
    path.mkdir(parents=True)
    done = taprev(example, "check")
    assert done.returncode == 1
    assert (
        done.stderr
        == f"{name}: this is a folder, and a file should be here. Move the folder away, and restore the file.\n"
    )


def test_a_link_that_leads_nowhere_is_called_one(example):
    path = example / "data" / "extracted" / "studies.csv"
    path.unlink()
    path.symlink_to("gone.csv")
    done = taprev(example, "check")
    assert done.returncode == 1 and done.stderr.startswith("data/extracted/studies.csv: this link leads to no file. ")


@contextmanager
def as_nobody():
    """Be somebody who is not the owner of any file, where the tests are run by root."""
    if os.geteuid():
        yield
        return
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that everybody may read; that of a test lies in one for its user alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_a_file_or_folder_that_may_not_be_read_is_named(open_to_all):
    kept = open_to_all / "kept"
    kept.mkdir()
    (kept / "studies.csv").write_text("study")
    (kept / "studies.csv").chmod(0)
    with as_nobody(), pytest.raises(PermissionError) as closed:
        (kept / "studies.csv").read_text()
    assert mishap(closed.value) == (
        f"{kept}/studies.csv: it cannot be opened. Close it in other programs, or change its permissions."
    )
    kept.chmod(0)
    with as_nobody():
        with pytest.raises(PermissionError) as closed:
            (kept / "studies.csv").read_text()
        assert mishap(closed.value) == f"{kept}: nothing can be written or read there. Change its permissions."
    kept.chmod(0o755)


def test_a_file_for_which_there_is_no_room_is_named_and_the_earlier_one_stays(tmp_path):
    path = tmp_path / "report.html"
    write_text(path, "whole")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large") as refused:
            write_text(path, "x" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert mishap(refused.value).startswith(f"{path}: the file is larger than is allowed here.")
    assert path.read_text() == "whole" and list(tmp_path.iterdir()) == [path]


def test_what_is_remembered_is_kept_with_the_review_where_there_is_no_home(tmp_path, monkeypatch):
    (tmp_path / "home").write_text("no folder")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    own = str(tmp_path / ".snakemake" / "home")
    assert caches(tmp_path) == {"XDG_CACHE_HOME": own, "MPLCONFIGDIR": own}
    monkeypatch.setenv("HOME", str(tmp_path))
    assert caches(tmp_path) == {}


def test_a_file_keeps_its_permissions_and_a_link_stays_a_link(tmp_path):
    kept, link = tmp_path / "shared" / "outcomes.csv", tmp_path / "outcomes.csv"
    kept.parent.mkdir()
    kept.write_text("old")
    kept.chmod(0o660)
    link.symlink_to(kept)
    write_text(link, "new")
    assert link.is_symlink() and kept.read_text() == "new" and stat.S_IMODE(kept.stat().st_mode) == 0o660
    write_text(tmp_path / "fresh", "text")
    assert stat.S_IMODE((tmp_path / "fresh").stat().st_mode) == 0o644
    assert sorted(path.name for path in kept.parent.iterdir()) == ["outcomes.csv"]
