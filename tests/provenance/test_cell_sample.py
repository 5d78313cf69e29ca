"""A sample of cells is drawn, compared by a person, and gives the error rate of the extraction."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from helpers import taprev
from taprev.effects.fates import effect_rows
from taprev.provenance.cell_sample import HEADER, OF_THE_REVIEW, OTHER, POOLED, drawn, every_cell, sheet
from taprev.provenance.error_rate import error_rates, rates_csv, read_checked, sheet_problems
from taprev.provenance.trace.domain import trace_domain
from taprev.provenance.trace.extraction import read_extraction
from taprev.report.extraction_words import verified
from taprev.synthesis.domain import synthesise
from taprev.synthesis.results import from_json, to_json
from taprev.synthesis.sign_test import clopper_pearson


@pytest.fixture(scope="module")
def traces(root, shipped):
    settings, outcomes, studies = shipped
    extraction = read_extraction(root / "data", settings)
    made = []
    for name in ("staff_knowledge", "patient_ptsd"):
        own = [row for row in outcomes if row["domain"] == name]
        rows = effect_rows(name, own, studies, settings, extraction.bias)
        content = from_json(to_json(synthesise(name, rows, settings, {})))
        made.append(trace_domain(content, rows, extraction, settings))
    return made


def filled(folder, traces, verdicts, **cells):
    """Write a sheet of six cells of pooled results with these verdicts, and return what is read of it."""
    rows = list(csv.DictReader(io.StringIO(sheet(drawn(traces, 9, 1)))))
    pooled = [row for row in rows if row["part"] == POOLED][: len(verdicts)]
    for row, verdict in zip(pooled, verdicts, strict=True):
        row |= {"verdict": verdict, "printed": "99" if verdict == "wrong" else ""} | cells
    (folder / "raw").mkdir(exist_ok=True)
    with (folder / "raw" / "verification.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return pooled, read_checked(folder, traces)


def test_a_seed_draws_the_same_cells_two_thirds_of_them_behind_pooled_numbers(traces):
    first, again, other = (drawn(traces, 60, seed) for seed in (1, 1, 2))
    assert first == again and first != other and len(first) == 60
    assert sum(one.part == POOLED for one in first) == 40
    assert len({(one.evidence.result, one.cell.column) for one in first}) == 60
    assert all(one.cell.value and one.cell.column not in OF_THE_REVIEW for one in first)
    rows = list(csv.DictReader(io.StringIO(sheet(first))))
    assert [row["value"] for row in rows] == [one.cell.value for one in first]
    assert {row["verdict"] for row in rows} == {""} and all(row["citation"] and row["means"] for row in rows)


def test_where_a_part_has_too_few_cells_the_other_fills_up_and_all_can_be_drawn(traces):
    every = list(every_cell(traces))
    many = drawn(traces, 10**6, 1)
    assert len(many) == len(every) and {one.part for one in many} == {POOLED, OTHER}


def test_the_error_rate_is_exact_and_told_by_part_column_and_form(traces, tmp_path):
    pooled, (checked, problems, remarks) = filled(
        tmp_path, traces, ["right", "wrong", "right", "not_found", "right", "right"]
    )
    assert problems == [] and len(checked) == 6
    [waiting] = remarks
    assert waiting.endswith("verification.csv: 3 of 9 drawn cells have no verdict and are not counted.")
    rates = {(rate.layer, rate.of): rate for rate in error_rates(checked)}
    every = rates["part", POOLED]
    assert {layer for layer, _ in rates} == {"part", "column", "form"}, "no rate over parts drawn unequally often"
    assert (every.checked, every.wrong, every.not_found) == (5, 1, 1)
    assert (every.rate, every.ci_lb, every.ci_ub) == (0.2, *clopper_pearson(1, 5, 0.95))
    assert rates["column", pooled[1]["column"]].wrong == 1
    assert {of for layer, of in rates if layer == "form"} == {"form_first", "form_second"}
    path = tmp_path / "verification.csv"
    path.write_text(rates_csv(rates.values()), "utf-8")
    first = "of 5 behind pooled numbers 1 is wrong (20 %, exact interval 1 % to 72 %)"
    begun, ended = (
        "Cells were drawn at random and compared with the sources: ",
        "The intervals take cells as independent.",
    )
    assert verified(path).replace("\u00a0", " ") == f"{begun}{first}. 1 cell was not found there. {ended}"
    others = replace(every, of=OTHER, checked=1, wrong=0, rate=0.0, ci_lb=0.0, ci_ub=0.975, not_found=0)
    path.write_text(rates_csv([others, *rates.values()]), "utf-8")
    assert f"{first}; of 1 of other results 0 are wrong (0 %," in verified(path).replace("\u00a0", " ")


def test_an_extractor_who_was_right_where_the_consensus_is_wrong_is_not_counted_as_wrong(traces, tmp_path):
    _, (checked, _, _) = filled(tmp_path, traces, ["wrong"])
    [cell] = checked
    better = type(cell)(cell.row, cell.truth, {"form_first": "99", "form_second": cell.row["value"]})
    rates = {rate.of: rate.wrong for rate in error_rates([better]) if rate.layer == "form"}
    assert rates == {"form_first": 0, "form_second": 1}


def test_what_cannot_be_read_is_named_and_what_changed_is_not_counted(traces, tmp_path):
    _, (checked, problems, _) = filled(tmp_path, traces, ["wrong", "maybe"], printed="")
    said = [problem.sentence() for problem in problems]
    assert checked == [] and len(said) == 2
    assert "empty beside a wrong cell. Write what the source prints." in said[0]
    assert 'found "maybe". Write right, wrong, not_found, or nothing.' in said[1]
    pooled, (checked, problems, remarks) = filled(tmp_path, traces, ["right", "right"], value="12345")
    assert checked == [] and problems == [] and len(remarks) == 3
    assert f"({pooled[0]['result']}, {pooled[0]['column']}): 12345 was compared, and " in remarks[0]
    _, (_, problems, _) = filled(tmp_path, traces, ["right"], column="no_such_column")
    assert next(problem.found for problem in problems).startswith("no filled cell no_such_column of r")
    assert read_checked(tmp_path / "elsewhere", traces) == ([], [], []) and error_rates([]) == []


def test_a_cell_that_stands_twice_and_a_wrong_one_that_is_as_printed_are_refused(traces, tmp_path):
    filled(tmp_path, traces, ["right", "wrong"])
    path = tmp_path / "raw" / "verification.csv"
    first, *rows = csv.DictReader(io.StringIO(path.read_text("utf-8")))
    wrong = next(row for row in rows if row["verdict"] == "wrong")
    wrong["printed"] = wrong["value"]
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows([first, *rows, first])
    checked, problems, _ = read_checked(tmp_path, traces)
    said = [problem.sentence() for problem in problems]
    assert checked == [] and len(said) == 2
    assert "which is the value, beside a wrong cell" in said[0]
    assert f"{first['column']} of {first['result']} stands here twice. Keep one of the two rows." in said[1]


def test_the_check_reads_the_sheet_before_anything_is_made(review, traces):
    assert sheet_problems(review / "data") == []
    (review / "data" / "raw" / "verification.csv").write_text("result,column\n", "utf-8")
    done = taprev(review, "check")
    assert (
        done.returncode == 1 and "data/raw/verification.csv" in done.stderr and "columns missing: value" in done.stderr
    )
