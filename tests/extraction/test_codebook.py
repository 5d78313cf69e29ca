"""The codebook of a review must hold what taprev reads by name, and no word that taprev does not know."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
import yaml

from helpers import EXAMPLE, ROOT, by_hand, in_own_words, taprev
from taprev.extraction.checks import review_problems
from taprev.extraction.required_columns import codebook_problems
from taprev.extraction.tables import package
from taprev.ground.shipped import CODEBOOK
from taprev.settings import read_settings
from taprev.starter.write import write_review

SHIPPED = yaml.safe_load((ROOT / CODEBOOK).read_text("utf-8"))
READ = [
    (table["name"], field["name"])
    for table in SHIPPED["resources"]
    for field in table["schema"]["fields"]
    if field.get("anew") != "drop" and "later" not in field
]
LATER = [field["name"] for field in SHIPPED["resources"][2]["schema"]["fields"] if "later" in field]
WORDS = [
    (table["name"], field["name"])
    for table in SHIPPED["resources"]
    for field in table["schema"]["fields"]
    if "enum" in field.get("constraints", {}) and "anew" not in field
]


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """A blank review."""
    folder = tmp_path_factory.mktemp("written") / "review"
    write_review(folder)
    return in_own_words(folder)


@pytest.fixture
def blank(written, tmp_path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(written, tmp_path, dirs_exist_ok=True))


def change(folder: Path, how) -> None:
    """Rewrite the codebook: how(tables) changes its tables, each the list of its fields, by name."""
    path = folder / CODEBOOK
    package = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    how({table["name"]: table["schema"]["fields"] for table in package["resources"]})
    path.write_text(yaml.dump(package, Dumper=yaml.CSafeDumper, sort_keys=False), encoding="utf-8")


def field(tables: dict[str, list], table: str, column: str) -> dict:
    return next(one for one in tables[table] if one["name"] == column)


def without(folder: Path, table: str, column: str) -> None:
    """Take a column out of the codebook and out of the tables and forms."""
    change(folder, lambda tables: tables[table].remove(field(tables, table, column)))
    forms = [folder / "data" / "raw" / f"form_{one}.csv" for one in ("first", "second")]
    for path in [folder / "data" / "extracted" / f"{table}.csv", *(forms if table == "outcomes" else [])]:
        header, *rest = path.read_text("utf-8").splitlines(keepends=True)
        names = [name for name in header.strip().split(",") if name != column]
        path.write_text(",".join(names) + "\n" + "".join(rest), encoding="utf-8")


def found(folder: Path) -> list[str]:
    settings = read_settings(folder / "config" / "review.yaml")
    return [problem.sentence() for problem in review_problems(folder / "data", settings)]


@pytest.mark.parametrize(("table", "column"), READ)
def test_a_column_that_taprev_reads_must_be_there(blank, table, column):
    change(blank, lambda tables: tables[table].remove(field(tables, table, column)))
    said = [problem.sentence() for problem in codebook_problems(blank / "data" / "extracted")]
    assert said == [
        f"{(blank / CODEBOOK).as_posix()}: the table {table} has no column {column}, which taprev reads by name. "
        f"Restore it, in the codebook and in the header of {table}.csv."
    ]


@pytest.mark.parametrize("new_codebook", [True, False])
def test_a_review_begun_before_a_column_was_added_passes_and_says_what_is_taken(blank, new_codebook):
    assert LATER == [
        "group_arm1",
        "group_arm2",
        "pearson_r",
        "yi",
        "vi",
        "effect_measure",
        "ci_level",
        "n_counts",
        "n_basis",
        "before_scores",
        "allows_for_clusters",
        "allows_for_repeated_measures",
        "trend_per",
        "read_elsewhere",
    ]
    codebook = (blank / CODEBOOK).read_text("utf-8")
    for column in LATER:
        without(blank, "outcomes", column)
    if new_codebook:
        (blank / CODEBOOK).write_text(codebook, encoding="utf-8")
    done = taprev(blank, "check")
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert [line.split(" (new since it was begun): ")[0] for line in said[: len(LATER)]] == [
        f"outcomes.csv has no column {column}" for column in LATER
    ]
    assert "every printed interval is read as one of 95 percent." in said[6]


def test_forms_that_are_filled_in_ask_for_a_later_column_in_the_consensus_of_before(blank):
    path = blank / "data" / "extracted" / "outcomes.csv"
    path.write_text(path.read_text("utf-8").replace("ci_level,", ""), encoding="utf-8")
    assert not [said for said in found(blank) if "columns missing" in said]
    form = blank / "data" / "raw" / "form_first.csv"
    form.write_text(form.read_text("utf-8") + "r001\n", encoding="utf-8")
    package.cache_clear()
    assert [said for said in found(blank) if "columns missing: ci_level." in said]


@pytest.mark.parametrize("column", ["icc", "note", "arm", "p_bound", "r_pre_post", "assumes"])
def test_a_removed_column_stops_the_check_with_a_sentence(blank, column):
    without(blank, "outcomes", column)
    done = taprev(blank, "check")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"the table outcomes has no column {column}, which taprev reads by name." in done.stderr


def test_every_problem_of_the_codebook_is_said_at_once(blank):
    def break_it(tables):
        tables["outcomes"].remove(field(tables, "outcomes", "icc"))
        tables["studies"].remove(field(tables, "studies", "harms"))
        field(tables, "outcomes", "contrast")["constraints"]["enum"].append("crossover")

    change(blank, break_it)
    (blank / "data" / "extracted" / "flow.csv").write_text("", encoding="utf-8")
    done = taprev(blank, "check")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    for sentence in (
        "the table outcomes has no column icc",
        "the table studies has no column harms",
        'table outcomes, column contrast: taprev does not know "crossover". It knows: randomised, controlled,',
        "columns not in the codebook: icc.",
        "columns not in the codebook: harms.",
        "flow.csv: the file is empty.",
        "6 problems stop the review.",
    ):
        assert sentence in done.stderr


@pytest.mark.parametrize(("table", "column"), WORDS)
def test_a_word_that_taprev_does_not_know_is_named(blank, table, column):
    change(blank, lambda tables: field(tables, table, column)["constraints"]["enum"].append("quite_new"))
    [said] = [problem.sentence() for problem in codebook_problems(blank / "data" / "extracted")]
    assert f'table {table}, column {column}: taprev does not know "quite_new". It knows: ' in said


@pytest.mark.parametrize(("table", "column"), WORDS)
def test_fewer_words_are_allowed_and_any_word_is_not(blank, table, column):
    change(blank, lambda tables: field(tables, table, column)["constraints"]["enum"].pop())
    assert list(codebook_problems(blank / "data" / "extracted")) == []


def test_a_column_that_allows_any_word_is_refused(blank):
    change(blank, lambda tables: field(tables, "outcomes", "contrast")["constraints"].pop("enum"))
    [said] = found(blank)
    assert "table outcomes, column contrast: the allowed values (enum) are missing" in said


def test_a_table_that_taprev_reads_must_be_there(blank):
    path = blank / CODEBOOK
    package = yaml.safe_load(path.read_text("utf-8"))
    package["resources"] = [table for table in package["resources"] if table["name"] != "components"]
    path.write_text(yaml.safe_dump(package, sort_keys=False), encoding="utf-8")
    done = taprev(blank, "check")
    assert done.returncode == 1 and "the table components is missing" in done.stderr


def test_words_and_columns_of_its_own_are_a_reviews_right(blank):
    def own(tables):
        field(tables, "studies", "setting")["constraints"]["enum"] += ["prison"]
        tables["studies"].append({"name": "register", "type": "string", "description": "Where registered."})

    change(blank, own)
    path = blank / "data" / "extracted" / "studies.csv"
    path.write_text(path.read_text("utf-8").strip() + ",register\n", encoding="utf-8")
    assert found(blank) == []


@pytest.mark.parametrize("folder", [ROOT, EXAMPLE], ids=["shipped", "example"])
def test_the_codebooks_of_this_repository_are_known(folder):
    assert list(codebook_problems(folder / "data" / "extracted")) == []


@pytest.mark.parametrize("once", [True, False])
def test_what_was_checked_is_said_and_no_more(blank, once):
    path = blank / "config" / "review.yaml"
    if once:
        text = path.read_text("utf-8").replace("twice: all", "twice: none")
        path.write_text(text, encoding="utf-8")
        shutil.rmtree(blank / "data" / "raw")
    done = taprev(blank, "check")
    assert done.returncode == 0
    assert ("its forms and their adjudications" in done.stdout) is not once
    assert ("It was extracted once" in done.stdout) is once


def test_the_shipped_review_as_it_was_begun_runs_with_its_rows(tmp_path):
    """Every later column is taken out of codebook, tables and forms, which are full of rows."""
    for part in ("config", "data"):
        shutil.copytree(ROOT / part, tmp_path / part)
    later = {f["name"] for table in SHIPPED["resources"] for f in table["schema"]["fields"] if "later" in f}
    change(tmp_path, lambda tables: [fields.remove(f) for fields in tables.values() for f in [*fields] if "later" in f])
    for path in [*(tmp_path / "data" / "extracted").glob("*.csv"), *(tmp_path / "data" / "raw").glob("form_*.csv")]:
        header, *rows = list(csv.reader(path.read_text("utf-8").splitlines(keepends=True)))
        kept = [position for position, name in enumerate(header) if name not in later]
        with path.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows([row[p] for p in kept] for row in (header, *rows))
    done = taprev(tmp_path, "check")
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stdout + done.stderr
    by_hand(tmp_path, ["settings"], ["effects"], ["synthesis", "staff_knowledge"], ["queries"])
    assert (tmp_path / "results" / "synthesis" / "staff_knowledge.json").is_file()
