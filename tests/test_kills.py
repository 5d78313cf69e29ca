"""A command that is killed loses nothing: given again, it ends with the same files as one that nobody disturbed."""

from __future__ import annotations

import csv
import io
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

from helpers import taprev
from samples import foreign
from samples.killing import contents, done
from taprev.extraction.tables import package
from taprev.extraction.worksheet import worksheet_paths
from taprev.ground import staging
from taprev.ground.files import csv_text, write_text
from taprev.ground.staging import STAGE, finish, together, unfinished
from taprev.starter.write import write_review

NEW = {
    "blank": ("init", "new", "--blank"),
    "with answers": ("init", "new", "--outcome", "Sleep: scores"),
    "of a file": ("import", "table.csv", "--into", "new", "--better", "lower", "--contrast", "randomised"),
    "in this folder": ("init", ".", "--example"),
}


def everywhere(most: int, every: int) -> range:
    """Return the numbers of the changes before which a command is killed: the first, and some of those that follow."""
    return range(1, most, every)


@pytest.mark.parametrize("kind", NEW)
def test_a_new_review_of_a_killed_command_is_whole_when_it_is_given_again(tmp_path, kind):
    words, killed = NEW[kind], 0
    undisturbed = folder(tmp_path / "undisturbed", words)
    assert done(undisturbed, words) == 0
    wanted = contents(undisturbed)
    for number in everywhere(140, 23):
        place = folder(tmp_path / f"killed {number}", words)
        code = done(place, words, number)
        killed += code == -9
        if code == -9:
            done(place, words)
        assert contents(place) == wanted, number
        shutil.rmtree(place)
    assert killed > 2


def folder(path: Path, words: tuple[str, ...]) -> Path:
    """Return a folder that holds nothing but the file that is imported, and that is no review."""
    path.mkdir()
    if "import" in words:
        (path / "table.csv").write_text(foreign.METAPSY, encoding="utf-8")
    return path


def test_what_a_killed_import_put_into_a_review_is_finished_and_check_says_so_meanwhile(tmp_path):
    words, told = ("import", "references.ris", "--address", "https://example.org/list"), 0
    review = tmp_path / "review"
    write_review(review)
    (review / "references.ris").write_text(foreign.RIS, encoding="utf-8")
    undisturbed = Path(shutil.copytree(review, tmp_path / "undisturbed"))
    assert done(undisturbed, words) == 0
    for number in everywhere(50, 5):
        place = Path(shutil.copytree(review, tmp_path / f"killed {number}"))
        if done(place, words, number) != -9:
            break
        if (place / STAGE).is_dir():
            told += STAGE in taprev(place, "check").stderr
        done(place, words)
        assert contents(place) == contents(undisturbed), number
        shutil.rmtree(place)
    assert told > 2


def test_a_table_that_was_edited_after_a_kill_is_not_written_over(tmp_path):
    review = tmp_path / "review"
    write_review(review)
    with pytest.raises(RuntimeError), together(review) as place:
        write_text(place / "data" / "extracted" / "studies.csv", "thrown away")
        raise RuntimeError
    path = review / "data" / "extracted" / "studies.csv"
    empty = path.read_text("utf-8")
    assert not unfinished(review) and "thrown away" not in empty
    with monkeypatched_put(), together(review) as place:
        write_text(place / "data" / "extracted" / "studies.csv", "imported")
    path.write_text(f"{empty}by hand", encoding="utf-8")
    with pytest.raises(ValueError, match=r"studies\.csv was changed after taprev was stopped"):
        finish(review)
    assert path.read_text("utf-8") == f"{empty}by hand" and unfinished(review)
    path.write_text(empty, encoding="utf-8")
    assert finish(review) == ["data/extracted/studies.csv"] and path.read_text("utf-8") == "imported"
    assert not unfinished(review)


@contextmanager
def monkeypatched_put():
    """Have nothing put in place, as if the process had been killed before."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(staging, "_put", lambda folder: [])
        yield


def test_no_answer_of_a_worksheet_is_lost_or_recorded_twice_by_a_killed_reconcile(review, edit, tmp_path_factory):
    first, copies = review / "data" / "raw" / "form_first.csv", tmp_path_factory.mktemp("copies")
    edit(first, "r057", "t", "9.86")
    edit(first, "r083", "n_arm1", "41")
    package.cache_clear()
    assert done(review, ("reconcile",)) == 1
    [_, sheet] = worksheet_paths(review / "data")
    lines = list(csv.reader(io.StringIO(sheet.read_text("utf-8-sig"), newline="")))
    decision, reason = (lines[0].index(name) for name in ("decision", "reason"))
    for line in lines[1:]:
        line[decision], line[reason] = "second", "Looked up."
    sheet.write_text("".join(csv_text(lines[0], lines[1:])), encoding="utf-8")
    words, killed = ("reconcile", "--worksheet", sheet.relative_to(review).as_posix()), 0
    undisturbed = Path(shutil.copytree(review, copies / "undisturbed"))
    assert done(undisturbed, words) == 0
    for number in everywhere(30, 1):
        place = Path(shutil.copytree(review, copies / f"killed {number}"))
        code = done(place, words, number)
        killed += code == -9
        assert done(place, words) == 0
        assert contents(place) == contents(undisturbed), number
        if code != -9:
            break
    assert killed > 1
