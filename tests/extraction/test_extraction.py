"""Bad tables: each problem is one sentence that names the file, the row, the study and the column."""

from __future__ import annotations

import csv

import pytest

from taprev.extraction.checks import CHECKS, extraction_problems
from taprev.extraction.tables import codebook, columns, number_of, read_rows, said_of
from taprev.settings import read_settings


def sentences(folder):
    settings = read_settings(folder / "config" / "review.yaml")
    return [p.sentence() for p in extraction_problems(folder / "data" / "extracted", settings)]


def outcomes(folder):
    return folder / "data" / "extracted" / "outcomes.csv"


def test_the_shipped_review_and_the_example_are_sound(review, root):
    assert sentences(review) == []
    assert sentences(root / "tests" / "example") == []


def test_a_missing_file(example):
    outcomes(example).unlink()
    [said] = sentences(example)
    assert said.endswith("outcomes.csv: this file is missing. Restore it. Run taprev reconcile.")


def test_a_wrong_header_names_the_columns(example):
    path = outcomes(example)
    path.write_text(path.read_text().replace("sd_arm1", "sd1", 1))
    [said] = sentences(example)
    assert "columns missing: sd_arm1." in said and "columns not in the codebook: sd1." in said


def test_a_header_in_another_order(example):
    path = outcomes(example)
    path.write_text(path.read_text().replace("result,study", "study,result", 1))
    assert "the order differs" in sentences(example)[0]


def test_the_mark_that_excel_writes_before_utf_8_is_passed_over(example):
    path = outcomes(example)
    before = read_rows(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert sentences(example) == [] and read_rows(path) == before


def test_semicolons_and_decimal_commas(example):
    path = outcomes(example)
    with path.open(newline="") as handle:
        lines = list(csv.reader(handle))
    with path.open("w", newline="") as handle:
        csv.writer(handle, delimiter=";").writerows(lines)
    assert sentences(example) == []
    assert read_rows(path)[1]["sd_arm1"] == "7" and "semicolon-separated text" in said_of(path)[0]


def test_text_in_no_known_encoding_names_the_row(example):
    path = outcomes(example)
    path.write_bytes(path.read_bytes().replace(b"days", b"d\x81ys", 1))
    [said] = sentences(example)
    assert "row 2" in said and "not text in UTF-8" in said


def test_an_empty_file_and_a_table_without_rows(example):
    path = outcomes(example)
    header = path.read_text().splitlines()[0]
    path.write_text("")
    assert "the file is empty" in sentences(example)[0]
    path.write_text(header + "\n")
    assert sentences(example) == []


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("study", "nobody", 'found "nobody", which studies.csv does not have'),
        ("report", "nowhere", 'found "nowhere", which reports.csv does not have'),
        ("result", "n01", 'found "n01" again'),
        ("sd_arm1", "0", 'found "0"; it must be above 0'),
        ("sd_arm1", "-7", 'found "-7"; it must be above 0'),
        ("n_arm2", "1", 'found "1"; it must be at least 2'),
        ("mean_arm1", "NaN", "not a finite plain number"),
        ("mean_arm1", "inf", "not a finite plain number"),
        ("mean_arm1", "-INF", "not a finite plain number"),
        ("mean_arm1", "27 days", "not a number"),
        ("mean_arm1", "27,0", "which may be 27.0 with a decimal comma"),
        ("mean_arm1", "1_000", "not a finite plain number"),
        ("direction", "worse", 'the figures and "better = lower" say better'),
        ("report", "umea_in_normand1999", "which reports.csv gives to umea"),
        ("p", "1.2", "it must be at most 1"),
        ("contrast", "rct", "the codebook allows"),
        ("better", "", "it must not be empty"),
        ("domain", "unknown_domain", "not a configured domain"),
        ("pairing", "matched", "Only before-after contrasts are matched"),
        ("statistic", "t", "these cells are empty: t"),
    ],
)
def test_a_bad_cell_is_named(example, edit, column, value, said):
    edit(outcomes(example), 3, column, value)
    found = sentences(example)
    assert len(found) == 1, found
    assert "outcomes.csv, row 3 (" in found[0] and f"column {column}: " in found[0]
    assert "orpington_mild" in found[0] or column == "study"
    assert said in found[0]


def test_a_half_filled_row_has_one_sentence(example, edit):
    for column in ("population", "better", "statistic"):
        edit(outcomes(example), 3, column, "")
    [said] = sentences(example)
    assert "outcomes.csv, row 3 (" in said
    assert "columns population, better, statistic: empty, and every row needs them. Fill them in" in said


def test_an_interval_that_excludes_its_estimate(example, edit):
    for column, value in (("statistic", "mean_difference"), ("md", "-5"), ("ci_lb", "-9"), ("ci_ub", "-6")):
        edit(outcomes(example), 3, column, value)
    [said] = sentences(example)
    assert "column md: found -5 with an interval from -9 to -6, which excludes it" in said


def test_limits_in_the_wrong_order(example, edit):
    for column, value in (("ci_lb", "9"), ("ci_ub", "6")):
        edit(outcomes(example), 3, column, value)
    [said] = sentences(example)
    assert "The lower limit must be below the upper one" in said


def test_all_problems_come_at_once(example, edit):
    edit(outcomes(example), 2, "sd_arm1", "0")
    edit(outcomes(example), 5, "n_arm1", "1")
    edit(outcomes(example), 9, "study", "nobody")
    found = sentences(example)
    assert [f"row {row} (" in said for row, said in zip((2, 5, 9), sorted(found), strict=True)] == [True] * 3


def test_a_row_that_is_too_short_or_too_long(example):
    path = outcomes(example)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[1].rsplit(",", 3)[0], lines[2] + ",and more", *lines[3:]]) + "\n")
    found = sentences(example)
    assert len(found) == 2
    assert "row 2 (n01, edinburgh): the row has missing cells" in found[0]
    assert "row 3 (n02, orpington_mild): the row has extra cells" in found[1]


def test_more_events_than_people():
    row = dict.fromkeys(("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2"), "")
    check = next(check for check in CHECKS if check.__name__ == "events_above_total")
    assert list(check({**row, "event_arm1": "12", "totaln_arm1": "20"})) == []
    [(column, found, _)] = check({**row, "event_arm1": "21", "totaln_arm1": "20"})
    assert column == "event_arm1" and "21 events among 20" in found


def test_quartiles_in_the_wrong_order_and_medians_without_them(example, edit):
    for column, value in (("statistic", "medians"), ("median_arm1", "9"), ("q1_arm1", "6"), ("q3_arm1", "8")):
        edit(outcomes(example), 3, column, value)
    order, empty = sorted(sentences(example), key=lambda said: "these cells are empty" in said)
    assert "column median_arm1: found 9, above q3_arm1, which is 8. Q1, median and Q3 stand in this order" in order
    assert "these cells are empty: median_arm2, q1_arm2, q3_arm2." in empty


@pytest.mark.parametrize(
    ("cells", "printed"),
    [
        ({"median_arm1": "14", "median_arm2": "11"}, "better"),
        ({"median_arm1": "11", "median_arm2": "11"}, "no_difference"),
        ({"mean_change_arm1": "1.5", "mean_change_arm2": "2.5"}, "worse"),
        ({"contrast": "before_after", "mean_change_arm1": "-1.5"}, "worse"),
        ({"contrast": "controlled", "mean_change_arm1": "-1.5"}, None),
    ],
)
def test_medians_and_changes_have_a_direction(root, cells, printed):
    from taprev.extraction.checks import direction_against_figures

    blank = dict.fromkeys(columns(root / "data" / "extracted", "outcomes"), "")
    for direction in ("better", "worse", "no_difference"):
        row = blank | {"contrast": "controlled", "better": "higher", "direction": direction} | cells
        found = [said for _, said, _ in direction_against_figures(row)]
        assert len(found) == (printed not in (None, direction))
        assert all(f'"better = higher" say {printed}' in said for said in found)


def test_the_example_has_the_codebook_of_the_review(root):
    example = codebook(root / "tests" / "example" / "data" / "extracted")
    for name, table in codebook(root / "data" / "extracted").items():
        fields = [{key: field[key] for key in field if key != "anew"} for field in table["schema"]["fields"]]
        assert {**table["schema"], "fields": fields} == example[name]["schema"]


def test_every_column_has_a_definition(root):
    for table in codebook(root / "data" / "extracted").values():
        assert all(field["description"].endswith(".") for field in table["schema"]["fields"])


def test_forms_have_the_columns_of_the_outcomes(root):
    wanted = columns(root / "data" / "extracted", "outcomes")
    for form in ("first", "second"):
        rows = read_rows(root / "data" / "raw" / f"form_{form}.csv")
        assert list(rows[0]) == wanted and len(rows) == 154


def test_a_codebook_that_cannot_be_read(example):
    (example / "data" / "extracted" / "datapackage.yaml").write_text("resources: [unclosed")
    assert "row 2: the codebook is not YAML: did not find expected" in sentences(example)[0]


def test_a_scope_that_the_codebook_does_not_know(example):
    path = example / "config" / "review.yaml"
    path.write_text(path.read_text().replace("include: [organisational]", "include: [organisatonal]"))
    [said] = sentences(example)
    assert 'found "organisatonal"' in said and "The codebook knows: organisational, " in said


def test_a_direction_that_contradicts_its_figures(root):
    from taprev.extraction.checks import direction_against_figures

    rows = read_rows(root / "data" / "extracted" / "outcomes.csv")
    assert [row["result"] for row in rows if list(direction_against_figures(row))] == []
    for result in ("r030", "r009", "r027", "r106"):
        row = next(row for row in rows if row["result"] == result)
        wrong = {"better": "worse", "no_difference": "better"}[row["direction"]]
        [(column, said, _)] = direction_against_figures({**row, "direction": wrong})
        assert column == "direction" and f'found "{wrong}"' in said


def test_a_blank_row_is_passed_over_and_said_and_breaks_nothing(example):
    path = outcomes(example)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:3], "", *lines[3:], ""]) + "\n")
    assert sentences(example) == []
    assert "1 empty row passed over" in said_of(path)[0]
    assert [number_of(row) for row in read_rows(path)] == [2, 3, *range(5, 12)]


@pytest.mark.parametrize("damage", ["header", "semicolons", "quote", "encoding"])
def test_a_damaged_consensus_gives_sentences_beside_two_forms(review, damage):
    from taprev.extraction.checks import review_problems

    path = review / "data" / "extracted" / "outcomes.csv"
    text = path.read_text(encoding="utf-8")
    broken = {
        "header": text.replace("sample", "samples", 1),
        "semicolons": text.replace(",", ";"),
        "quote": text + '"unbalanced',
        "encoding": text,
    }[damage]
    path.write_bytes(broken.encode("cp1252" if damage == "encoding" else "utf-8", errors="replace"))
    found = review_problems(review / "data", read_settings(review / "config" / "review.yaml"))
    assert found and all("outcomes.csv" in problem.sentence() for problem in found)


def test_people_are_counted_in_whole_numbers(example, edit):
    edit(outcomes(example), 3, "n_arm1", "31.5")
    [said] = sentences(example)
    assert 'column n_arm1: found "31.5", which is not a whole number' in said


def test_a_control_character_is_named(example):
    path = outcomes(example)
    path.write_bytes(path.read_bytes().replace(b"days", b"da\x07ys", 1))
    [said] = sentences(example)
    assert "row 2: found the control character U+0007" in said
