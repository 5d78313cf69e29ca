"""The flow of records: what its table says, what follows from other tables, and where counts contradict each other."""

from __future__ import annotations

import csv
import io

import pytest
import yaml

from helpers import ROOT
from taprev.extraction.checks import extraction_problems
from taprev.extraction.flow import Flow, FlowCount, FlowPart, counted_from_tables, flow_csv, flow_of, read_flow
from taprev.extraction.flow_checks import flow_findings
from taprev.extraction.tables import package, read_rows
from taprev.ground.files import csv_text
from taprev.vocabulary import FlowBox

COUNTS = {
    "database_results": 900,
    "register_results": 100,
    "duplicates": 150,
    "excluded_automatic": 30,
    "excluded_other": 20,
    "records_screened": 800,
    "records_excluded": 700,
    "reports_sought": 100,
    "reports_not_retrieved": 10,
    "reports_assessed": 90,
    "reports_excluded": 25,
    "other_sought": 8,
    "other_not_retrieved": 1,
    "other_assessed": 7,
    "other_excluded": 4,
    "other_reports": 3,
    "new_studies": 62,
    "new_reports": 68,
}
UPDATE = {
    "previous_studies": 20,
    "previous_reports": 22,
    "new_studies": 42,
    "new_reports": 46,
    "total_studies": 62,
    "total_reports": 68,
    "reports_assessed": "not recorded",
    "studies_in_meta_analysis": 40,
    "studies_narrative_only": 20,
    "studies_in_no_synthesis": 2,
}


def findings(counts, parts=()):
    rows = [{"box": box, "name": "", "n": str(n), "note": ""} for box, n in counts.items()]
    rows += [{"box": box, "name": name, "n": str(n), "note": ""} for box, name, n in parts]
    return [finding.found for finding in flow_findings(flow_of(rows))]


@pytest.fixture
def problems(review, shipped):
    """Return a function that writes a flow of counts and parts and says what `taprev check` finds in it."""
    extracted = review / "data" / "extracted"

    def found(counts, parts=()):
        rows = [(box, "", n, "") for box, n in counts.items()] + [(*part, "") for part in parts]
        (extracted / "flow.csv").write_text(csv_text(("box", "name", "n", "note"), rows), encoding="utf-8")
        package.cache_clear()
        return [problem.sentence() for problem in extraction_problems(extracted, shipped[0])]

    yield found
    package.cache_clear()


def test_check_enforces_the_arithmetic_of_the_flow(problems):
    assert problems(COUNTS) == []
    assert problems(COUNTS | {"duplicates": "not recorded"}) == []
    for box, wrong in (
        ("records_screened", 801),
        ("reports_sought", 99),
        ("reports_assessed", 91),
        ("other_assessed", 6),
    ):
        assert f"found {wrong} for {box}" in problems(COUNTS | {box: wrong})[0]
    said = problems(COUNTS | {"reports_excluded": 26})
    assert len(said) == 1 and "reports_assessed (90) + other_reports (3) - reports_excluded (26) is 67." in said[0]
    assert "flow.csv, row 19" in said[0] and "column n" in said[0]
    assert "studies.csv has 62 rows." in problems(COUNTS | {"new_studies": 61})[0]
    assert (
        "more than there were"
        in problems(COUNTS | {"reports_not_retrieved": 101, "reports_assessed": "not recorded"})[0]
    )


def test_check_enforces_the_arithmetic_of_an_update(problems):
    assert problems(UPDATE) == []
    said = problems(UPDATE | {"previous_studies": 21})
    assert any("previous_studies (21) + new_studies (42) is 63." in one for one in said)
    assert any("studies.csv has 62 rows, 21 of them in the previous version." in one for one in said)
    said = problems(UPDATE | {"previous_studies": 70})
    assert any("found 70 for previous_studies, but studies.csv has 62 rows in all." in one for one in said)
    [said] = problems(UPDATE | {"studies_narrative_only": 21})
    assert "(40) + studies_narrative_only (21) + studies_in_no_synthesis (2) is 63." in said
    [said] = problems({"total_reports": 67})
    assert "found 67 for total_reports, but reports.csv has 68 rows." in said
    [said] = problems(COUNTS | {"studies_in_meta_analysis": 63})
    assert "found 62 for new_studies, but studies_in_meta_analysis (63) is 63" in said


def test_a_count_that_was_not_recorded_leaves_a_sum_open_on_one_side_only():
    without = COUNTS | {"excluded_automatic": "not recorded", "excluded_other": "not recorded"}
    assert findings(without) == []
    assert findings(without | {"records_screened": 850, "reports_sought": "not recorded"}) == []
    [said] = findings({**without, "records_screened": 851, "reports_sought": "not recorded"})
    assert said == (
        "found 851 for records_screened, but database_results (900) + register_results (100) - duplicates (150) is "
        "850, and excluded_automatic, excluded_other cannot change it that way."
    )
    less = {"database_results": 10, "duplicates": 0, "excluded_automatic": 0, "excluded_other": 0}
    assert findings(less | {"records_screened": 12}) == []
    assert len(findings(less | {"records_screened": 9})) == 1


def test_reports_by_other_methods_follow_from_their_own_boxes():
    counts = {name: n for name, n in COUNTS.items() if name != "other_reports"}
    assert findings(counts) == []
    assert findings(counts | {"new_reports": 67}) == [
        "found 67 for new_reports, but reports_assessed (90) + other_assessed (7) - reports_excluded (25) - "
        "other_excluded (4) is 68."
    ]


def test_a_first_version_has_no_previous_one_and_no_sum_says_that_it_had_none():
    assert findings({"new_studies": 5, "total_studies": 5}) == []
    assert findings({"new_studies": 5, "total_studies": 6}) == ["found 6 for total_studies, but new_studies (5) is 5."]
    assert findings({"previous_reports": 4, "new_studies": 5, "total_studies": 6}) == []


def test_parts_sum_to_their_box():
    reasons = [("reports_excluded", "No outcome", 20), ("reports_excluded", "No comparison", 5)]
    assert findings(COUNTS, reasons) == []
    assert findings(COUNTS, [*reasons, ("reports_excluded", "Other", "not recorded")]) == []
    assert findings(COUNTS, reasons[:1]) == ["found 25 for reports_excluded, but its parts No outcome (20) sum to 20."]
    assert findings(COUNTS, [*reasons, ("reports_excluded", "Language", 1), ("reports_excluded", "x", "not recorded")])
    [said] = findings({"reports_excluded": "not recorded"}, reasons)
    assert said.endswith("but its parts are all counted: No outcome (20) + No comparison (5) is 25.")


def test_a_part_has_one_row_and_stands_in_a_box_of_parts(problems):
    said = problems(
        COUNTS | {"reports_excluded": "not recorded", "other_reports": "not recorded"},
        [("records_screened", "MEDLINE", 8), ("database_results", "MEDLINE", 9), ("database_results", "MEDLINE", 9)],
    )
    assert any('column name: found "MEDLINE", but records_screened is not made of parts.' in one for one in said)
    assert any('"MEDLINE" of database_results has two rows. Keep one.' in one for one in said)
    [said] = problems(COUNTS, [("duplicates", "a; b", 150)])
    assert "column name" in said and "does not have the form" in said


def test_what_the_file_leaves_out_is_counted_in_the_tables():
    rows = {"studies.csv": 62, "reports.csv": 68}
    first = counted_from_tables(Flow({}), rows)
    assert (first.n(FlowBox.NEW_STUDIES), first.n(FlowBox.NEW_REPORTS)) == (62, 68)
    assert first[FlowBox.NEW_STUDIES].note == "Counted from studies.csv."
    assert first.n(FlowBox.TOTAL_STUDIES) is None and first.n(FlowBox.PREVIOUS_STUDIES) is None
    update = counted_from_tables(Flow({FlowBox.PREVIOUS_STUDIES: FlowCount(20)}), rows)
    assert (update.n(FlowBox.NEW_STUDIES), update.n(FlowBox.TOTAL_STUDIES)) == (42, 62)
    assert (update.n(FlowBox.NEW_REPORTS), update.n(FlowBox.TOTAL_REPORTS)) == (None, 68)
    typed = counted_from_tables(Flow({FlowBox.NEW_STUDIES: FlowCount(0)}), rows)
    assert typed.n(FlowBox.NEW_STUDIES) == 0


def test_a_flow_is_read_as_it_was_written():
    made = Flow(
        {
            **{box: FlowCount() for box in FlowBox},
            FlowBox.DATABASE_RESULTS: FlowCount(
                12, "a note", (FlowPart("MEDLINE, by Ovid", 12), FlowPart("Embase", None, "lost"))
            ),
            FlowBox.REGISTER_RESULTS: FlowCount(0),
        }
    )
    assert flow_of([*csv.DictReader(io.StringIO(flow_csv(made)))]) == made


def test_an_older_table_without_names_passes_and_is_read_with_its_notes(root, review, shipped):
    extracted = review / "data" / "extracted"
    path, text = (
        extracted / "flow.csv",
        "box,n,note\nreports_excluded,7,No outcome 5; No comparison 2\nnew_studies,62,\n",
    )
    path.write_text(text, encoding="utf-8")
    package.cache_clear()
    assert extraction_problems(extracted, shipped[0]) == []
    assert [part.name for part in read_flow(extracted)[FlowBox.REPORTS_EXCLUDED].parts] == [
        "No outcome 5",
        "No comparison 2",
    ]
    whole = yaml.safe_load((root / "data/extracted/datapackage.yaml").read_text("utf-8"))
    table = next(one for one in whole["resources"] if one["name"] == "flow")
    fields = [one for one in table["schema"]["fields"] if one["name"] != "name"]
    fields[0]["constraints"] |= {"unique": True, "enum": ["reports_excluded", "new_studies"]}
    table["schema"] |= {"fields": fields, "primaryKey": ["box"]}
    (extracted / "datapackage.yaml").write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
    package.cache_clear()
    assert extraction_problems(extracted, shipped[0]) == []
    package.cache_clear()


def test_the_shipped_flow_counts_what_is_in_the_review_and_nothing_of_the_search():
    shipped = read_flow(ROOT / "data" / "extracted")
    recorded = {box for box in FlowBox if shipped[box].recorded}
    assert recorded == {FlowBox.NEW_STUDIES, FlowBox.NEW_REPORTS}
    assert shipped.n(FlowBox.NEW_STUDIES) == len(read_rows(ROOT / "data" / "extracted" / "studies.csv"))
