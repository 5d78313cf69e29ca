"""The extraction form as a workbook: made from the codebook, blind to every other form, and read when it is filled."""

from __future__ import annotations

import subprocess
import zipfile

import pytest
from openpyxl import load_workbook

from helpers import taprev
from taprev.effects.fates import effect_rows
from taprev.extraction.checks import FIGURES, review_problems
from taprev.extraction.consensus import not_merged
from taprev.extraction.sheets.marked_rows import EXAMPLE, HELP
from taprev.extraction.tables import allowed, columns, number_of, read_rows, said_of
from taprev.ground.files import csv_text
from taprev.settings import read_settings
from taprev.starter.forms.needs import needed_by, used_by
from taprev.starter.forms.sheet_plan import FIRST_ROW, form_columns, groups
from taprev.starter.forms.write import FormRequest, described_columns, write_forms
from taprev.starter.write import write_review
from taprev.vocabulary import Statistic

STUDIES = ("first_2020", "second_2021", "third_2022")
FILLED = {
    "sample": "all",
    "domain": "illness",
    "population": "adults",
    "measure": "new episodes",
    "better": "lower",
    "contrast": "randomised",
    "statistic": "events",
    "ratio_kind": "risk",
    "event_arm1": "5",
    "totaln_arm1": "50",
    "event_arm2": "12",
    "totaln_arm2": "52",
    "n_arm1": "50",
    "n_arm2": "52",
    "direction": "better",
}
SECRET = "kept_from_the_other"


def write_table(folder, name, rows):
    extracted = folder / "data" / "extracted"
    header = columns(extracted, name)
    lines = ([row.get(column, "") for column in header] for row in rows)
    (extracted / f"{name}.csv").write_text(csv_text(header, lines), encoding="utf-8")


def add_studies(folder, names, note=""):
    coded = dict.fromkeys(("lived_experience", "harms"), "not_coded")
    told = {"country": "x", "setting": "hospital", "scope": "core", "programme": "x", "publication_status": "journal"}
    studies = [{"study": name, "label": name, "funding": "x", "note": note, **coded, **told} for name in names]
    write_table(folder, "studies", studies)
    report = {"citation": "x", "source_url": "https://example.org", "read_in": "all", "read": "full_text"}
    write_table(folder, "reports", [{"report": f"{name}_paper", "study": name, **report} for name in names])


@pytest.fixture
def blank(tmp_path):
    """A blank review with three studies."""
    folder = tmp_path / "review"
    write_review(folder)
    add_studies(folder, STUDIES)
    return folder


def settings_of(folder, extraction=""):
    path = folder / "config" / "review.yaml"
    if extraction:
        path.write_text(path.read_text("utf-8").replace("  twice: all", f"  twice: {extraction}"), encoding="utf-8")
    return read_settings(path)


def made(folder, *, extraction="", **wanted):
    return write_forms(folder / "data", settings_of(folder, extraction), FormRequest(**wanted))


def fill(book_path, sheet_name, rows):
    """Type into rows of a form, by their number in the sheet."""
    book = load_workbook(book_path)
    sheet = book[sheet_name]
    place = {cell.value: cell.column for cell in sheet[1]}
    for number, row in rows.items():
        for name, text in row.items():
            sheet.cell(number, place[name], text)
    book.save(book_path)


def resaved(soffice, tmp_path, *paths):
    """Open workbooks with LibreOffice and save each in its place."""
    words = [soffice, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx"]
    done = subprocess.run([*words, "--outdir", tmp_path, *paths], capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    for path in paths:
        (tmp_path / path.name).replace(path)


def test_the_map_from_statistics_to_columns_follows_the_code_and_the_codebook(root):
    known = set(columns(root / "data" / "extracted", "outcomes"))
    for statistic in Statistic:
        assert needed_by(statistic) == frozenset(FIGURES.get(statistic, ())) <= used_by(statistic) <= known
    assert {"md", "se", "ci_lb", "ci_level", "p"} <= used_by("mean_difference")
    assert used_by("direction") == frozenset() and "time_arm1" in used_by("counts")


def test_columns_fold_by_statistic_and_those_wanted_are_in_sight(root):
    described = described_columns(root / "data" / "extracted", "outcomes")
    made_columns = form_columns("outcomes", described, {}, {})
    folded = {group.name: group for group in groups(made_columns, ("medians",))}
    names = [column.name for column in made_columns]
    assert [names[folded["medians"].first], names[folded["medians"].last]] == ["median_arm1", "q3_arm2"]
    assert folded["medians"].in_sight and not folded["means"].in_sight and not folded["effects and tests"].in_sight
    hidden = {p for group in folded.values() for p in range(group.first + 1, group.last + 1)}
    assert not any(made_columns[position].required for position in hidden)


def test_a_form_offers_the_codebook_and_begins_a_row_for_each_study(blank):
    said = made(blank)
    assert len(said) == 2 and "form_first.xlsx was written, with 3 rows begun" in said[0]
    book = load_workbook(blank / "data" / "raw" / "form_first.xlsx")
    assert book.sheetnames == ["Read me", "outcomes", "lists"] and book["lists"].sheet_state == "hidden"
    sheet = book["outcomes"]
    place = {cell.value: cell for cell in sheet[1]}
    assert list(place) == columns(blank / "data" / "extracted", "outcomes") and sheet.freeze_panes == "C3"
    assert all(one.showErrorMessage for one in sheet.data_validations.dataValidation)
    lists = {one.formula1: str(one.sqref) for one in sheet.data_validations.dataValidation}
    offered = {
        name: tuple(cell.value for (cell,) in book["lists"][book.defined_names[name].attr_text.split("!")[1]])
        for name in lists
    }
    assert offered["outcomes_statistic"] == allowed(blank / "data" / "extracted", "outcomes", "statistic")
    assert offered["outcomes_study"] == STUDIES
    assert offered["outcomes_domain"] == tuple(settings_of(blank).domains)
    assert sheet.cell(2, 1).value.startswith(HELP) and sheet.cell(3, 1).value == EXAMPLE
    assert [sheet.cell(FIRST_ROW + n, place["study"].column).value for n in range(3)] == list(STUDIES)


def test_a_form_that_nobody_filled_in_has_no_rows(blank):
    made(blank)
    path = blank / "data" / "raw" / "form_first.csv"
    assert read_rows(path) == []
    assert "3 rows with a study and nothing else passed over" in said_of(path)[0] and "hidden" not in said_of(path)[0]
    assert review_problems(blank / "data", settings_of(blank)) == []


def test_the_example_is_not_read_until_its_mark_is_overwritten_and_it_fits_the_codebook(blank):
    made(blank, name="first")
    book = blank / "data" / "raw" / "form_first.xlsx"
    fill(book, "outcomes", {3: {"mean_arm1": "9.9"}})
    path = book.with_suffix(".csv")
    assert read_rows(path) == [] and "overwrite the mark where a row is yours" in said_of(path)[0]
    fill(book, "outcomes", {3: {"result": "mine", "study": STUDIES[0], "report": f"{STUDIES[0]}_paper"}})
    [row] = read_rows(path)
    assert row["mean_arm1"] == "9.9" and number_of(row) == 3
    write_table(blank, "outcomes", [row])
    assert review_problems(blank / "data", settings_of(blank, "none")) == []


@pytest.mark.parametrize("already", ["csv", "xlsx"])
def test_no_value_of_another_form_is_anywhere_in_a_form(blank, already):
    header = columns(blank / "data" / "extracted", "outcomes")
    typed = {name: f"{SECRET}_{name}" for name in header if name not in ("study", "report")}
    row = {**typed, "study": STUDIES[0], "report": f"{STUDIES[0]}_paper"}
    other = blank / "data" / "raw" / "form_second.csv"
    if already == "xlsx":
        made(blank, name="second")
        fill(other.with_suffix(".xlsx"), "outcomes", {FIRST_ROW: row})
    else:
        other.write_text(csv_text(header, [[row[name] for name in header]]), encoding="utf-8")
    for table in ("outcomes", "risk_of_bias"):
        write_table(blank, table, [dict.fromkeys(columns(blank / "data" / "extracted", table), SECRET)])
    add_studies(blank, STUDIES, note=SECRET)
    made(blank, name="first")
    with zipfile.ZipFile(blank / "data" / "raw" / "form_first.xlsx") as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    assert any(STUDIES[2].encode() in part for part in content.values())
    assert [name for name, part in content.items() if SECRET.encode() in part] == []
    assert not any("comments" in name or "externalLinks" in name for name in content)


def test_a_form_is_never_overwritten_and_new_studies_are_added_to_it(blank):
    made(blank)
    book = blank / "data" / "raw" / "form_first.xlsx"
    fill(book, "outcomes", {FIRST_ROW: FILLED})
    before = book.read_bytes()
    with pytest.raises(ValueError, match=r"(?s)form_first.xlsx is there already.*form_second.xlsx is there already"):
        made(blank)
    assert book.read_bytes() == before
    assert "every study has a row already" in made(blank, name="first", add=True)[0] and book.read_bytes() == before
    add_studies(blank, (*STUDIES, "fourth_2023"))
    assert "rows for 1 new study added" in made(blank, name="first", add=True)[0]
    sheet = load_workbook(book)
    place = {cell.value: cell.column for cell in sheet["outcomes"][1]}
    assert sheet["outcomes"].cell(FIRST_ROW + 3, place["study"]).value == "fourth_2023"
    where = sheet.defined_names["outcomes_study"].attr_text.split("!")[1]
    assert [cell.value for (cell,) in sheet["lists"][where]] == [*STUDIES, "fourth_2023"]
    assert sheet["outcomes"].sheet_format.outlineLevelCol == 1
    assert (
        sheet["outcomes"].column_dimensions["V"].outlineLevel == 1
        and len(sheet["outcomes"].conditional_formatting) > 40
    )
    [row] = read_rows(book.with_suffix(".csv"))
    assert {name: row[name] for name in FILLED} == FILLED


def test_studies_that_are_named_after_the_form_was_made_are_offered_in_it(tmp_path):
    write_review(tmp_path)
    made(tmp_path, name="first")
    book = tmp_path / "data" / "raw" / "form_first.xlsx"
    assert "outcomes_study" not in load_workbook(book).defined_names
    add_studies(tmp_path, STUDIES)
    assert "rows for 3 new studies added" in made(tmp_path, name="first", add=True)[0]
    filled = load_workbook(book)
    where = filled.defined_names["outcomes_study"].attr_text.split("!")[1]
    assert [cell.value for (cell,) in filled["lists"][where]] == list(STUDIES)
    assert "outcomes_study" in {one.formula1 for one in filled["outcomes"].data_validations.dataValidation}


def test_a_form_of_the_sample_has_its_studies_alone(blank):
    with pytest.raises(ValueError, match="names no sample"):
        made(blank, name="second", sample=True)
    said = made(blank, extraction=f"{{studies: [{STUDIES[1]}]}}", name="second", sample=True)
    assert "with 1 rows begun" in said[0] or "with 1 row begun" in said[0]
    with zipfile.ZipFile(blank / "data" / "raw" / "form_second.xlsx") as parts:
        assert not any(STUDIES[0].encode() in parts.read(name) for name in parts.namelist())


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"name": "Third one"}, '--for: found "Third one"'),
        ({"name": "study"}, '--for: found "study"'),
        ({"in_sight": ("mean",)}, "--statistic: found mean. Use one of: means"),
        ({"name": "fifth", "add": True}, "there is no such form. Make it without --add."),
    ],
)
def test_what_no_form_can_be_made_of_is_said(blank, wanted, said):
    with pytest.raises(ValueError, match=said):
        made(blank, **wanted)


@pytest.mark.libreoffice
def test_two_forms_filled_and_saved_by_libreoffice_become_the_consensus(blank, soffice, tmp_path):
    made(blank)
    raw = blank / "data" / "raw"
    for name, mean in (("first", "12,50"), ("second", "12,50")):
        means = {**FILLED, "domain": "symptoms", "statistic": "means", "ratio_kind": "", "n_arm1": "31", "n_arm2": "30"}
        means |= dict.fromkeys(("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2"), "")
        means |= {"mean_arm1": mean, "sd_arm1": "3,10", "mean_arm2": "15,00", "sd_arm2": "3,40", "sd_basis": "raw"}
        fill(raw / f"form_{name}.xlsx", "outcomes", {FIRST_ROW: FILLED, FIRST_ROW + 1: means})
    resaved(soffice, tmp_path, raw / "form_first.xlsx", raw / "form_second.xlsx")
    done = taprev(blank, "reconcile")
    assert done.returncode == 0, done.stderr
    assert "form_first.xlsx, sheet outcomes: identifiers of 2 results written" in done.stdout
    assert "8 decimal commas" not in done.stdout and read_rows(raw / "form_first.csv")[0]["result"] == "first_2020_1"
    settings = settings_of(blank)
    assert review_problems(blank / "data", settings) == []
    outcomes = read_rows(blank / "data" / "extracted" / "outcomes.csv")
    assert [(row["mean_arm1"], row["event_arm1"]) for row in outcomes] == [("", "5"), ("12.50", "")]
    studies = {row["study"]: row for row in read_rows(blank / "data" / "extracted" / "studies.csv")}
    [events] = effect_rows("illness", outcomes, studies, settings, {})
    [scores] = effect_rows("symptoms", outcomes, studies, settings, {})
    assert events.yi < 0 < scores.yi


def test_a_consensus_is_not_written_beside_a_sheet_that_holds_the_figures(blank):
    settings = settings_of(blank)
    write_forms(blank / "data", settings_of(blank, "none"), FormRequest())
    assert not_merged(blank / "data", settings.extraction) == ""
    row = {"result": "r1", "study": STUDIES[0], "report": f"{STUDIES[0]}_paper", **FILLED}
    fill(blank / "data" / "extracted" / "tables.xlsx", "outcomes", {FIRST_ROW: row})
    said = not_merged(blank / "data", settings.extraction)
    assert "tables.xlsx, sheet outcomes holds the figures" in said and "Empty the sheet below its header" in said


@pytest.mark.libreoffice
def test_one_workbook_holds_a_review_that_was_extracted_once(tmp_path, soffice):
    folder = tmp_path / "review"
    write_review(folder)
    said = made(folder, extraction="none")
    assert "tables.xlsx was written" in said[0] and "flow.csv keeps the rows that it has." in said
    book = folder / "data" / "extracted" / "tables.xlsx"
    study = {"label": "F", "country": "x", "setting": "hospital", "scope": "core", "programme": "x", "funding": "x"}
    study |= {"publication_status": "journal", "lived_experience": "not_coded", "harms": "not_coded"}
    report = {"citation": "x", "source_url": "https://example.org", "read_in": "all"}
    fill(book, "studies", {FIRST_ROW: {"study": "first_2020", **study}})
    fill(book, "reports", {FIRST_ROW: {"report": "paper", "study": "first_2020", **report}})
    fill(book, "outcomes", {FIRST_ROW: {"result": "r1", "study": "first_2020", "report": "paper", **FILLED}})
    resaved(soffice, tmp_path, book)
    assert review_problems(folder / "data", settings_of(folder)) == []
    assert [row["result"] for row in read_rows(folder / "data" / "extracted" / "outcomes.csv")] == ["r1"]
    with pytest.raises(ValueError, match=r"tables.xlsx is there already"):
        made(folder)
