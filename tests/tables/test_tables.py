"""The tables of evidence: rows and fates sum, gaps stay visible, another review stands beside."""

from __future__ import annotations

import csv
import io

import pytest

from taprev.extraction.tables import read_rows
from taprev.tables.evidence import harms_sentence, involved_sentence
from taprev.tables.write import all_tables


@pytest.fixture(scope="module")
def review(root, shipped, shipped_contents):
    return shipped[0], shipped_contents, root / "data" / "extracted"


def table(review, name):
    settings, contents, extracted = review
    return list(csv.DictReader(io.StringIO(all_tables(contents, extracted, settings)[name])))


def test_all_154_results_have_a_fate_and_sum(review):
    rows = table(review, "fate_counts.csv")
    parts, total = rows[:-1], rows[-1]
    assert total["label"] == "All" and total["all"] == "154"
    for fate in ("pooled", "shown", "direction_only", "excluded", "all"):
        assert sum(int(row[fate]) for row in parts) == int(total[fate])
    assert len(table(review, "fates.csv")) == 154


def test_every_study_is_listed_once_with_its_results(review):
    rows = table(review, "studies.csv")
    assert len(rows) == len({row["study"] for row in rows}) == 62
    assert sum(len(row["results"].split()) for row in rows) == 154


def test_the_gap_map_keeps_empty_domains(review):
    rows = {row["domain"]: row for row in table(review, "gap_map.csv")}
    assert rows["harms"]["studies"] == "0" and rows["patient_quality_of_life"]["results"] == "0"
    assert rows["staff_attitudes"]["northern_ireland"] == "1" and rows["staff_attitudes"]["england"] == "0"
    setting = next(part for part in review[0].gap_map if part.column == "setting")
    for row in rows.values():
        settings = (*setting.levels, setting.rest)
        assert sum(int(row[name]) for name in settings) == int(row["studies"])


def test_harms_are_never_taken_to_be_absent(review):
    rows = table(review, "harms.csv")
    assert len(rows) == 62 and {row["harms"] for row in rows} == {"not coded"}
    assert {row["study"]: row["results_worse"] for row in rows}["Azeem2011"] == "r031"


def test_components_name_their_level(review):
    rows = {row["study"]: row for row in table(review, "components.csv")}
    assert rows["Borckardt2011"]["physical_environment"] == "site" and rows["Borckardt2011"]["components"] == "4"
    assert rows["Izzo2016"]["components"] == "0"


def test_another_review_stands_beside_this_evidence(review):
    rows = table(review, "comparison.csv")
    [use] = [row for row in rows if row["outcome"] == "Substance use"]
    assert (use["other_review_says"], use["domain"], use["studies"]) == (
        "no effect",
        "patient_substance_use",
        "1",
    )
    assert {row["other_review_studies"] for row in rows if row["outcome"] == "Patient satisfaction"} == {""}
    assert len({row["outcome"] for row in rows}) == 8


def test_risk_of_bias_is_not_invented(review):
    rows = read_rows(review[2] / "risk_of_bias.csv")
    assert {row["judgement"] for row in rows} == {"not assessed"} and len(rows) == 62


def test_a_domain_whose_rows_are_all_excluded_is_no_gap(review):
    [row] = [row for row in table(review, "summary.csv") if row["domain"] == "patient_other"]
    assert row["status"] == "all excluded" and "Every row of this domain is excluded" in row["explanation"]


def test_what_nobody_coded_is_not_counted_as_silence():
    def studies(column, *words):
        return [{column: word} for word in words]

    assert harms_sentence(studies("harms", "not_coded", "not_coded")) == (
        "Harms: nobody has coded whether the 2 studies looked for them. Silence is not safety."
    )
    mixed = studies("harms", "not_coded", "not_reported", "not_assessed", "assessed_none", "events")
    assert harms_sentence(mixed) == (
        "Harms: 2 of 4 studies report that they looked for them, 1 of them found none (in 1 more this was not coded). "
        "Silence is not safety."
    )
    assert harms_sentence(studies("harms", "events", "not_reported")) == (
        "Harms: 1 of 2 studies report that they looked for them. Silence is not safety."
    )
    about = "Involvement of people with lived experience in the research"
    assert (
        involved_sentence(studies("lived_experience", "not_coded")) == f"{about}: nobody has coded it in the 1 study."
    )
    mixed = studies("lived_experience", "none", "led", "not_reported", "not_coded")
    assert involved_sentence(mixed) == (
        f"{about}: 1 of 3 studies report it, 1 say that there was none (in 1 more this was not coded)."
    )
