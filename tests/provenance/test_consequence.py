"""The consequence of a decision is what a whole recomputation gives, whatever kind of cell or result it is about."""

from __future__ import annotations

import csv

import pytest

from taprev.effects.fates import effect_rows
from taprev.extraction.consensus import replace_consensus
from taprev.extraction.reconcile import reconcile
from taprev.extraction.tables import read_rows
from taprev.ground.files import csv_text
from taprev.provenance.consequence import consequences
from taprev.settings import read_settings
from taprev.synthesis.domain import synthesise
from taprev.wording import estimates

DOMAIN = "staff_knowledge"
BASE = {"domain": DOMAIN, "population": "staff", "contrast": "randomised", "sample": "all", "better": "higher"}
EVENTS = {"statistic": "events", "ratio_kind": "odds", "better": "lower", "direction": "better"}
ROWS = {
    "events": [
        {**EVENTS, "event_arm1": "5", "totaln_arm1": "50", "event_arm2": "12", "totaln_arm2": "52"},
        {**EVENTS, "event_arm1": "8", "totaln_arm1": "80", "event_arm2": "15", "totaln_arm2": "79"},
        {**EVENTS, "event_arm1": "3", "totaln_arm1": "40", "event_arm2": "7", "totaln_arm2": "41"},
    ],
    "empty cells": [
        {**EVENTS, "event_arm1": "0", "totaln_arm1": "50", "event_arm2": "6", "totaln_arm2": "52"},
        {**EVENTS, "event_arm1": "4", "totaln_arm1": "80", "event_arm2": "11", "totaln_arm2": "79"},
        {**EVENTS, "event_arm1": "1", "totaln_arm1": "40", "event_arm2": "3", "totaln_arm2": "41"},
    ],
    "means": [
        {"statistic": "means", "mean_arm1": m, "sd_arm1": "2", "mean_arm2": "10", "sd_arm2": "2.1", "n_arm1": "40"}
        | {"n_arm2": "41", "direction": "better", "months": months, "group_arm2": group, "timepoint": time}
        for m, months, group, time in (
            ("11", "1", "usual care", "a"),
            ("12", "1", "waiting list", "b"),
            ("11.5", "1", "", "c"),
        )
    ],
    "interval": [
        {"statistic": "smd", "smd": e, "ci_lb": a, "ci_ub": b, "n_arm1": "60", "n_arm2": "61", "direction": "better"}
        for e, a, b in (("0.4", "0.1", "0.7"), ("0.6", "0.2", "1"), ("0.2", "-0.1", "0.5"))
    ],
    "standard errors": [
        {"statistic": "effect", "yi": y, "se": s, "effect_measure": "smd", "n_arm1": "60", "n_arm2": "61"}
        | {"direction": "better"}
        for y, s in (("0.4", "0.15"), ("0.6", "0.2"), ("0.2", "0.14"))
    ],
    "directions": [{"statistic": "direction", "direction": d} for d in ("better", "better", "worse")],
}


@pytest.fixture
def planted(review):
    """Return a function that makes a review of three studies out of rows, with one cell changed in the second form."""

    def plant(kind, column="", other="", alone=None):
        data = review / "data"
        studies = [
            row["study"] for row in read_rows(data / "extracted" / "studies.csv") if row["scope"] == "organisational"
        ]
        report = {row["study"]: row["report"] for row in read_rows(data / "extracted" / "reports.csv")}
        header = [*read_rows(data / "extracted" / "outcomes.csv")[0]]
        rows = [
            dict.fromkeys(header, "")
            | BASE
            | {"result": f"x{i}", "study": study, "report": report[study], "measure": "knowledge"}
            | cells
            for i, (study, cells) in enumerate(zip(studies, ROWS[kind], strict=False))
        ]
        for name in ("first", "second"):
            written = [dict(row) for row in rows if not (name == alone and row["result"] == "x1")]
            if column and name == "second":
                written[1][column] = other
            text = csv_text(header, ([*row.values()] for row in written), guarded=False)
            (data / "raw" / f"form_{name}.csv").write_text(text, encoding="utf-8")
        adjudications = data / "raw" / "adjudication.csv"
        adjudications.write_text(adjudications.read_text().splitlines()[0] + "\n")
        return data

    return plant


def decide(data, cell, decision):
    """Write a decision, make the consensus, and return the synthesis of the domain anew from the files."""
    path = data / "raw" / "adjudication.csv"
    header = path.read_text().splitlines()[0]
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, header.split(","), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerow({"result": cell.result, "column": cell.column, "decision": decision, "reason": "x"})
    merged = reconcile(data)
    assert not merged.problems and not merged.open_cells
    replace_consensus(data, merged.rows)
    settings = read_settings(data.parent / "config" / "review.yaml")
    studies = {row["study"]: row for row in read_rows(data / "extracted" / "studies.csv")}
    rows = effect_rows(DOMAIN, read_rows(data / "extracted" / "outcomes.csv"), studies, settings)
    return synthesise(DOMAIN, rows, settings, {})


def numbers(synthesis):
    """Return every pooled number and every count of directions of a synthesis, as the worksheet writes them."""
    found = []
    for stratum in (*synthesis.strata, *synthesis.sensitivity):
        for fit, k in ((stratum.fit, "k"), (stratum.sparse, "k_used")):
            if fit:
                number = estimates.estimate(fit.estimate, fit.ci_lb, fit.ci_ub, estimates.style(stratum))
                found.append(f"{number} (k = {getattr(fit, k)})")
    counts = (f"{test.better} better, {test.worse} worse, {test.unclear} unclear" for test in synthesis.sign_tests)
    return {*found, *counts}


def asked(data):
    settings = read_settings(data.parent / "config" / "review.yaml")
    merged = reconcile(data)
    assert not merged.problems, [problem.sentence() for problem in merged.problems]
    [cell] = merged.open_cells
    return cell, consequences(data, merged, settings)(cell)


MOVING = [
    ("events", "event_arm1", "9"),
    ("events", "event_arm2", "20"),
    ("events", "totaln_arm1", "60"),
    ("events", "totaln_arm2", "120"),
    ("events", "ratio_kind", "risk"),
    ("events", "better", "higher"),
    ("empty cells", "event_arm1", "9"),
    ("empty cells", "totaln_arm2", "60"),
    ("means", "mean_arm1", "10.5"),
    ("means", "sd_arm2", "3"),
    ("means", "n_arm1", "90"),
    ("means", "n_arm2", "20"),
    ("means", "better", "lower"),
    ("means", "contrast", "controlled"),
    ("interval", "ci_ub", "1.4"),
    ("interval", "ci_level", "90"),
    ("interval", "direction", "worse"),
    ("standard errors", "se", "0.3"),
    ("standard errors", "yi", "0.9"),
    ("directions", "direction", "worse"),
    ("directions", "direction", "mixed"),
]


@pytest.mark.parametrize(("kind", "column", "other"), MOVING, ids=lambda part: str(part))
def test_what_moves_a_number_is_told_as_a_recomputation_gives_it(planted, kind, column, other):
    data = planted(kind, column, other)
    cell, said = asked(data)
    first, second = (numbers(decide(data, cell, decision)) for decision in ("first", "second"))
    assert first != second
    for own, elsewhere, words in ((first, second, "with the first"), (second, first, "with the second")):
        for number in own - elsewhere:
            assert f"{number} {words}" in said, (said, number)


@pytest.mark.parametrize("kind", ROWS)
@pytest.mark.parametrize("lacks", ["first", "second"])
def test_a_result_of_one_form_alone_is_told_taken_and_left_out(planted, kind, lacks):
    data = planted(kind, alone=lacks)
    cell, said = asked(data)
    assert cell.whole
    taken, left_out = (numbers(decide(data, cell, decision)) for decision in ("take", "leave_out"))
    assert taken != left_out
    assert all(f"{number} if it is taken" in said for number in taken - left_out), said
    assert all(f"{number} if it is left out" in said for number in left_out - taken), said


@pytest.mark.parametrize(("column", "other"), [("measure", "another"), ("location", "table 2"), ("page", "7")])
def test_what_moves_nothing_is_told_so(planted, column, other):
    data = planted("means", column, other)
    cell, said = asked(data)
    assert said == "none: pooled, and the number is the same"
    assert numbers(decide(data, cell, "first")) == numbers(decide(data, cell, "second"))


def test_a_result_that_is_excluded_is_told_why(planted):
    data = planted("means", "measure", "another")
    for form in ("first", "second"):
        path = data / "raw" / f"form_{form}.csv"
        path.write_text(path.read_text("utf-8").replace(",staff,", ",carers,"), "utf-8")
    assert asked(data)[1] == "none: excluded, the people are carers, and the domain is of staff"


def several(data, changes, column, other):
    """Give one study two results in both forms, which differ in one cell of the second."""
    for name in ("first", "second"):
        path = data / "raw" / f"form_{name}.csv"
        rows = read_rows(path)
        rows.append({**rows[0], "result": "x9", **changes})
        if name == "second":
            rows[-1][column] = other
        path.write_text(csv_text(rows[0], ([*row.values()] for row in rows), guarded=False), encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "column", "other"),
    [
        ({"mean_arm1": "13", "months": "12", "timepoint": "later"}, "months", "0"),
        ({"mean_arm1": "13", "sample": "women", "group_arm2": "other"}, "sample", "all"),
        ({"mean_arm1": "13", "sample": "women", "group_arm2": "usual care"}, "group_arm2", "women, usual care"),
    ],
    ids=["the time that is nearest", "the sample", "the shared group"],
)
def test_which_measurement_and_whose_is_told(planted, changes, column, other):
    data = planted("means")
    several(data, changes, column, other)
    cell, said = asked(data)
    first, second = (numbers(decide(data, cell, decision)) for decision in ("first", "second"))
    assert first != second
    assert all(f"{number} with the first" in said for number in first - second), said
    assert all(f"{number} with the second" in said for number in second - first), said


def test_three_forms_are_told_by_reading(planted):
    data = planted("means", "mean_arm1", "10.5")
    text = (data / "raw" / "form_first.csv").read_text(encoding="utf-8")
    (data / "raw" / "form_program.csv").write_text(text, encoding="utf-8")
    cell, said = asked(data)
    assert list(cell.readings) == ["first", "second", "program"]
    assert "with the first and program" in said and "with the second" in said
