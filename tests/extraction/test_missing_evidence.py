"""Judgements of missing evidence as they are written down: what a review may say, and what is refused."""

from __future__ import annotations

import csv

import pytest
import yaml

from taprev.extraction.checks import checked_csv, extraction_problems
from taprev.extraction.missing_evidence import QUESTIONS, TABLE, answers_in, design_of, read_missing_evidence
from taprev.extraction.required_columns import taken_without
from taprev.extraction.snapshot import snapshot
from taprev.extraction.tables import columns, package
from taprev.ground.shipped import CODEBOOK

SOUND = {
    "domain": "staff_knowledge",
    "stratum": "randomised",
    "evidence": "1 of 2 available: A; missing: B",
    "risk": "some_concerns",
    "answers": "",
    "reason": "Invented reason.",
    "judged_by": "first assessor",
    "judged_on": "2026-11-28",
}


@pytest.fixture
def refused(review, shipped):
    """Return a function that writes judgements into a review and returns what is refused."""
    extracted = review / "data" / "extracted"

    def write(*rows: dict[str, str]) -> list[str]:
        with (extracted / TABLE).open("w", encoding="utf-8", newline="") as handle:
            table = csv.DictWriter(handle, columns(extracted, "missing_evidence"), lineterminator="\n")
            table.writeheader()
            table.writerows(SOUND | row for row in rows)
        return [problem.sentence() for problem in extraction_problems(extracted, shipped[0])]

    return write


def test_the_shipped_review_has_no_judgement(root):
    assert read_missing_evidence(root / "data" / "extracted") == []


def test_sound_judgements_pass_and_are_read(refused, review):
    answered = {"stratum": "before_after", "answers": "3.1 N; 4.1 Y;4.2  NI"}
    assert refused({}, answered, {"domain": "staff_attitudes"}) == []
    rows = read_missing_evidence(review / "data" / "extracted")
    assert [row["domain"] for row in rows] == ["staff_knowledge", "staff_knowledge", "staff_attitudes"]
    assert answers_in(rows[1]["answers"]) == {"3.1": "N", "4.1": "Y", "4.2": "NI"}
    assert len(QUESTIONS) == 11


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"domain": "morale"}, 'column domain: found "morale", which is not a configured domain. Use one of: '),
        ({"stratum": "beforeafter"}, 'column stratum: found "beforeafter", which names no synthesis.'),
        ({"stratum": "randomised_smd"}, 'column stratum: found "randomised_smd", which names no synthesis.'),
        ({"stratum": "time_series"}, 'column stratum: found "time_series", but no result of staff_knowledge is of'),
        ({"risk": "moderate"}, 'column risk: found "moderate"; the codebook allows low, some_concerns, high.'),
        ({"risk": ""}, "column risk: "),
        ({"evidence": ""}, "column evidence: "),
        ({"reason": ""}, 'column reason: found ""; it must not be empty. Fill the cell in.'),
        ({"judged_by": ""}, 'column judged_by: found ""; it must not be empty.'),
        ({"judged_on": ""}, 'column judged_on: found ""; it must not be empty.'),
        ({"judged_on": "28 November"}, 'column judged_on: found "28 November", which is not a date.'),
        ({"answers": "5.1 Y"}, 'column answers: found "5.1", which is no signalling question of ROB-ME.'),
        ({"answers": "4.1 maybe"}, 'column answers: found "maybe" for 4.1, which is no answer.'),
        ({"answers": "4.1"}, 'column answers: found "" for 4.1, which is no answer.'),
        ({"answers": "4.1 Y; 4.1 N"}, "column answers: found 4.1 more than once."),
    ],
)
def test_a_judgement_that_cannot_be_is_refused(refused, changes, said):
    found = refused(changes)
    assert len(found) == 1 and said in found[0] and "missing_evidence.csv, row 2" in found[0]


def test_everything_wrong_is_said_at_once(refused):
    found = refused({"answers": "9.9 Y"}, {}, {"domain": "morale", "stratum": "none"})
    assert [text.split(": found")[0].split("csv, ")[1] for text in found] == [
        "row 2, column answers",
        "row 2, column stratum",
        "row 3, column stratum",
        "row 4, column domain",
        "row 4, column stratum",
    ]
    assert 'found "staff_knowledge, randomised" more than once. Keep one judgement of it.' in found[1]


@pytest.mark.parametrize(
    ("name", "design"),
    [
        ("before_after", "before_after"),
        ("before_after_log_rate_ratio_lower", "before_after"),
        ("controlled_smd_higher", "controlled"),
        ("controlled_any", None),
        ("smd_higher", None),
        ("", None),
    ],
)
def test_the_design_of_a_stratum_is_in_its_name(name, design):
    assert design_of(name) == design


def test_a_review_begun_without_the_table_passes_and_says_what_is_taken(review, shipped):
    extracted = review / "data" / "extracted"
    (extracted / TABLE).unlink()
    package.cache_clear()
    assert extraction_problems(extracted, shipped[0]) == [] and read_missing_evidence(extracted) == []
    said = [line for line in taken_without(extracted) if TABLE in line]
    assert said == [
        "There is no missing_evidence.csv (new since the review was begun): nobody judged the risk of bias due to "
        "missing evidence."
    ]
    assert "missing_evidence" not in checked_csv(review / "data")
    assert f"extracted/{TABLE}" not in snapshot(review / "data")


def test_a_codebook_of_before_passes_until_the_table_is_there(review, shipped):
    extracted = review / "data" / "extracted"
    codebook = yaml.safe_load((review / CODEBOOK).read_text("utf-8"))
    codebook["resources"] = [table for table in codebook["resources"] if table["name"] != "missing_evidence"]
    (review / CODEBOOK).write_text(yaml.safe_dump(codebook, sort_keys=False), encoding="utf-8")
    package.cache_clear()
    [found] = [problem.sentence() for problem in extraction_problems(extracted, shipped[0])]
    assert "the table missing_evidence is missing. Restore it, in the codebook" in found
    (extracted / TABLE).unlink()
    package.cache_clear()
    assert extraction_problems(extracted, shipped[0]) == []
