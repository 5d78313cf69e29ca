"""Identifiers that the tool makes: one for a result in every form, never changed, never twice, never guessed."""

from __future__ import annotations

import csv
import shutil

import pytest

import helpers
from taprev.extraction.forms import form_paths, unfilled
from taprev.extraction.identifiers import identify, write_identifiers
from taprev.extraction.tables import read_rows, required_columns
from taprev.ground.files import csv_text

STUDY = "SSWR2018_MHtraining"


def form(review, name):
    return review / "data" / "raw" / f"form_{name}.csv"


def rewrite(path, change, keep=lambda row: True):
    """Change the rows of a form by a function that returns the cells to replace."""
    rows = [row | change(row) for row in read_rows(path) if keep(row)]
    path.write_text(csv_text(rows[0], ([*row.values()] for row in rows), guarded=False), encoding="utf-8")


def unnamed(review, *names, keep=lambda row: True):
    for name in names or ("first", "second"):
        rewrite(form(review, name), lambda row: {"result": ""}, keep)


def write(review):
    return write_identifiers(review / "data", form_paths(review / "data"))


def results(review, name):
    return [row["result"] for row in read_rows(form(review, name))]


def test_forms_without_identifiers_are_matched_as_people_matched_them(review):
    """What is matched is never two results of the people who extracted; what is left is asked about."""
    named = {name: results(review, name) for name in ("first", "second")}
    unnamed(review)
    made = identify(review / "data", form_paths(review / "data"))
    by_place = {
        name: {made.new[name, number]: old for number, old in enumerate(named[name], 2) if (name, number) in made.new}
        for name in named
    }
    both = by_place["first"].keys() & by_place["second"].keys()
    assert len(both) > 100
    assert [new for new in both if by_place["first"][new] != by_place["second"][new]] == []
    required = required_columns(review / "data" / "extracted", "outcomes")
    unfinished = [row for row in read_rows(form(review, "second")) if unfilled(row, required)]
    assert unfinished and len(made.problems) + len(by_place["second"]) + len(unfinished) == 154


def test_only_the_empty_cells_are_written(review):
    unnamed(review, keep=lambda row: row["study"] == STUDY)
    before = {name: form(review, name).read_bytes() for name in ("first", "second")}
    rest = {name: [list(row.values())[1:] for row in read_rows(form(review, name))] for name in before}
    said, asked = write(review)
    assert not asked and any("are taken as one result by study, " in sentence for sentence in said)
    for name in before:
        after = form(review, name).read_bytes()
        assert [list(row.values())[1:] for row in read_rows(form(review, name))] == rest[name]
        assert len(after) == len(before[name]) + sum(map(len, results(review, name)))
    assert results(review, "first") == results(review, "second")
    assert results(review, "first")[0] == f"{STUDY}_1"
    assert write(review) == ([], [])


def test_the_same_on_every_run_and_with_the_bytes_of_a_spreadsheet(review, tmp_path_factory):
    unnamed(review)
    path = form(review, "first")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    other = tmp_path_factory.mktemp("again") / "review"
    shutil.copytree(review, other)
    assert len(write(review)[0]) == len(write(other)[0])
    assert form(review, "first").read_bytes() == form(other, "first").read_bytes()
    assert form(review, "first").read_bytes().startswith(b"\xef\xbb\xbfresult,")
    assert form(review, "second").read_bytes() == form(other, "second").read_bytes()


def test_existing_identifiers_stay_and_none_is_given_twice(review, edit):
    keep = lambda row: row["study"] == STUDY  # noqa: E731
    many = len([row for row in read_rows(form(review, "first")) if keep(row)])
    unnamed(review, "second", keep=keep)
    rewrite(form(review, "first"), lambda row: {}, keep)
    named = results(review, "first")
    write(review)
    assert results(review, "first") == named and set(results(review, "second")) <= set(named) and many == len(named)


def test_a_name_that_a_decision_knows_is_not_given_again(review):
    unnamed(review, keep=lambda row: row["study"] == STUDY)
    path = review / "data" / "raw" / "adjudication.csv"
    path.write_text(path.read_text() + f"{STUDY}_1,t,,first,,Of a row that was taken out.\n")
    write(review)
    assert results(review, "first")[0] == f"{STUDY}_2"


@pytest.mark.parametrize("place", ["replaced", "broken", "settings", "worksheet"])
def test_a_name_that_was_given_once_is_not_given_again(review, place):
    """Also where no form and no table has its row any more, and lower numbers are free."""
    unnamed(review, keep=lambda row: row["study"] == STUDY)
    raw, given = review / "data" / "raw", f"{STUDY.lower()}_7"
    if place in ("replaced", "broken"):
        path = raw / "replaced" / "outcomes_0123abcd.csv"
        path.parent.mkdir()
        path.write_bytes(f"result,study\n{given},x\n".encode() + (b"r1,caf\xe9\n" if place == "broken" else b""))
    elif place == "worksheet":
        (raw / "worksheet.csv").write_text(f"result,study,column\n{given},x,t\n", encoding="utf-8")
    used = [given] if place == "settings" else []
    write_identifiers(review / "data", form_paths(review / "data"), used)
    assert results(review, "first")[0] == f"{STUDY}_8"


def two_rows(review, first, second):
    """Leave one row of a study in each form, without a name, and give it these cells."""
    for name, cells in (("first", first), ("second", second)):
        kept = next(row["result"] for row in read_rows(form(review, name)) if row["study"] == STUDY)
        rewrite(form(review, name), lambda row: {"result": ""}, lambda row, kept=kept: row["result"] == kept)
        rows = [read_rows(form(review, name))[0] | change for change in cells]
        form(review, name).write_text(csv_text(rows[0], ([*row.values()] for row in rows), guarded=False), "utf-8")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"measure": "Knowledge scale"}, {"measure": "staff knowledge (own scale)"}),
        ({"timepoint": "post", "months": "6"}, {"timepoint": "12 months", "months": ""}),
        ({"timepoint": "post"}, {"timepoint": ""}),
        (
            {"measure": "SCL-90", "timepoint": "post", "months": "6"},
            {"measure": "BSI", "timepoint": "12 months", "months": ""},
        ),
    ],
)
def test_another_measure_or_timepoint_is_asked_about(review, one, other):
    two_rows(review, [one], [other])
    said, [sentence] = write(review)
    assert not any("taken as one result" in line for line in said) and results(review, "second") == [""]
    assert "it may be the same result as row 2 of form_first.csv. Write one identifier in result" in sentence


def test_another_domain_for_one_measure_is_matched_and_said(review):
    two_rows(review, [{"domain": "staff_attitudes"}], [{"domain": "staff_knowledge"}])
    said, asked = write(review)
    assert not asked and results(review, "first") == results(review, "second")
    assert "by study, measure, timepoint; their domains differ: two results need two identifiers" in said[0]


def test_a_row_is_compared_with_every_row_of_a_result(review):
    two_rows(review, [{"months": ""}], [{"months": "6"}])
    rows = [row | {"months": "12"} for row in read_rows(form(review, "second"))]
    form(review, "third").write_text(csv_text(rows[0], ([*row.values()] for row in rows), guarded=False), "utf-8")
    write(review)
    assert [results(review, name) for name in ("first", "second", "third")] == [
        [f"{STUDY}_1"],
        [f"{STUDY}_1"],
        [f"{STUDY}_2"],
    ]


@pytest.mark.parametrize(
    ("column", "one", "other"), [("months", "3", "12"), ("sample", "men", "women"), ("domain", "staff_attitudes", "")]
)
def test_what_sets_results_apart_gives_two_identifiers(review, column, one, other):
    two_rows(review, [{column: one, "measure": "a"}], [{column: other or "staff_knowledge", "measure": "b"}])
    _said, asked = write(review)
    assert not asked
    assert (results(review, "first"), results(review, "second")) == ([f"{STUDY}_1"], [f"{STUDY}_2"])


def test_figures_of_one_number_do_not_set_apart(review):
    two_rows(review, [{"months": "6"}], [{"months": "6.0"}])
    write(review)
    assert results(review, "first") == results(review, "second")


def test_what_could_be_either_is_asked(review):
    two_rows(review, [{"measure": "a"}, {"measure": "b"}], [{"measure": "c"}])
    _said, [sentence] = write(review)
    assert "form_second.csv, row 2" in sentence and "row 2 of form_first.csv or row 3 of form_first.csv" in sentence
    assert results(review, "second") == [""] and results(review, "first") == [f"{STUDY}_1", f"{STUDY}_2"]


@pytest.mark.parametrize("command", ["check", "reconcile"])
def test_a_half_filled_row_gets_none_and_its_empty_cells_are_named(review, command):
    number = next(n for n, row in enumerate(read_rows(form(review, "first")), 2) if row["study"] == STUDY)
    row = read_rows(form(review, "first"))[number - 2]
    empty = {"result": "", "population": "", "direction": ""}
    rewrite(form(review, "first"), lambda one: empty if one == row else {})
    rewrite(form(review, "second"), lambda one: {"result": ""} if one["study"] != STUDY else {})
    before = [form(review, name).read_bytes() for name in ("first", "second")]
    ran = helpers.taprev(review, command)
    found = f"form_first.csv, row {number} ({STUDY}), columns population, direction: empty, and every row needs them."
    assert ran.returncode == 1 and found in ran.stderr
    assert ("Nothing was written." in ran.stderr) == (command == "reconcile") and "identifier" not in ran.stdout
    assert [form(review, name).read_bytes() for name in ("first", "second")] == before


def test_reconcile_makes_them_and_check_asks_for_it(review):
    unnamed(review, keep=lambda row: row["study"] == STUDY)
    checked = helpers.taprev(review, "check")
    assert checked.returncode == 1 and "3 rows (2 to 4) have no identifier. Run taprev reconcile" in checked.stderr
    done = helpers.taprev(review, "reconcile")
    names = ", ".join(f"{STUDY}_{number}" for number in (1, 2, 3))
    assert f"form_first.csv: identifiers of 3 results written: {names}." in done.stdout
    rows = list(csv.DictReader(form(review, "second").open(encoding="utf-8")))
    assert all(row["result"].startswith(STUDY) for row in rows)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("r057 ", 'column result: found "r057 ", with a space before or behind. Remove the space.'),
        ("R057", 'column result: found "R057", and "r057" in form_first.csv, row '),
    ],
)
def test_an_identifier_in_two_spellings_is_refused(review, edit, other, words):
    edit(form(review, "second"), "r057", "result", other)
    for command in ("check", "reconcile"):
        done = helpers.taprev(review, command)
        assert done.returncode == 1 and words in done.stderr and "form_second.csv" in done.stderr


@pytest.mark.parametrize("other", [f" {STUDY}", STUDY.upper()])
def test_a_study_in_two_spellings_gets_no_identifiers(review, other):
    unnamed(review, keep=lambda row: row["study"] == STUDY)
    rewrite(form(review, "second"), lambda row: {"study": other})
    said, asked = write(review)
    assert said == [] and all("column study: found" in sentence for sentence in asked) and asked
    assert not any(results(review, "first"))
