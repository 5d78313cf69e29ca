"""The way back: every pooled number to its cells, every cell to its numbers, and what omission would change."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from helpers import draw_forest, taprev
from samples.synthesis import content as resealed
from samples.synthesis import written
from taprev.effects.fates import effect_rows
from taprev.effects.variants import variants
from taprev.extraction.coded_once import read_coded_once
from taprev.extraction.tables import read_rows
from taprev.provenance.trace.domain import trace_domain
from taprev.provenance.trace.extraction import Extraction, read_extraction
from taprev.provenance.trace.omission import whole, without
from taprev.provenance.trace.results import DomainTrace, read_trace, trace_json
from taprev.provenance.trace.targets import Target, find, plain
from taprev.provenance.trace.words import as_given, words
from taprev.report.audit.evidence import result_page
from taprev.synthesis.domain import synthesise
from taprev.synthesis.results import from_json, to_json
from taprev.synthesis.strata import combined_strata, strata


@pytest.fixture(scope="module")
def extraction(root, shipped):
    return read_extraction(root / "data", shipped[0])


@pytest.fixture(scope="module")
def traces(shipped, shipped_rows, shipped_contents, extraction, tmp_path_factory) -> dict[str, DomainTrace]:
    folder, made = tmp_path_factory.mktemp("traces"), {}
    for content in shipped_contents:
        trace = trace_domain(content, shipped_rows[content.domain], extraction, shipped[0])
        file = folder / f"{content.domain}.json"
        file.write_text(trace_json(trace), encoding="utf-8")
        made[content.domain] = read_trace(file)
        assert made[content.domain] == trace
    return made


@pytest.fixture(scope="module")
def results(tmp_path_factory, traces, shipped_contents) -> Path:
    folder = tmp_path_factory.mktemp("traced") / "results"
    for content in shipped_contents:
        name = f"{content.domain}.json"
        for part, text in (("synthesis", to_json(content)), ("audit/trace", trace_json(traces[content.domain]))):
            (folder / part).mkdir(parents=True, exist_ok=True)
            (folder / part / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("copied", "read", "said"),
    [
        ("12.4 (4.1)", "full_text", "As printed: 12.4 (4.1)"),
        ("g 0.4, SE 0.1", "secondary", "As given in what was read: g 0.4, SE 0.1"),
        ("", "secondary", "Figures: the cells below; no words were copied"),
    ],
)
def test_figures_are_called_printed_only_where_somebody_saw_them_printed(traces, shipped_contents, copied, read, said):
    content = shipped_contents[0]
    trace = traces[content.domain]
    one = next(iter(trace.results.values()))
    given = replace(one, source={**one.source, "as_reported": copied, "read": read})
    assert as_given(given) == said.partition(":")[0] == result_page(given, trace, [])["as_given"]
    told = words(Target("result", (replace(trace, results={one.result: given}),), (content,), (one.result,)))
    assert said in told and "Printed:" not in told


def every(traces):
    return [one for trace in traces.values() for one in trace.results.values()]


def test_every_row_of_the_review_is_traced_to_its_report_and_place(traces, root):
    rows = {row["result"]: row for row in read_rows(root / "data/extracted/outcomes.csv")}
    reports = {row["report"]: row for row in read_rows(root / "data/extracted/reports.csv")}
    found = {one.result: one for one in every(traces)}
    assert found.keys() == rows.keys()
    for result, one in found.items():
        report = reports[rows[result]["report"]]
        assert one.source["source_url"] == report["source_url"] != ""
        assert one.source["as_reported"] == rows[result]["as_reported"]
        assert {cell.column: cell.value for cell in one.cells if cell.value} == {
            name: value for name, value in rows[result].items() if value
        }


def test_places_are_the_rows_of_the_files(traces, root):
    files = {
        "outcomes": "extracted/outcomes.csv",
        "form_first": "raw/form_first.csv",
        "form_second": "raw/form_second.csv",
    }
    read = {name: read_rows(root / "data" / file) for name, file in files.items()}
    for one in every(traces):
        assert one.places.keys() == files.keys()
        assert all(read[name][row - 2]["result"] == one.result for name, row in one.places.items())


def test_differing_cells_show_both_readings_and_the_ruling_that_settled_them(traces, root):
    forms = [
        {row["result"]: row for row in read_rows(root / f"data/raw/form_{name}.csv")} for name in ("first", "second")
    ]
    rulings = read_rows(root / "data/raw/adjudication.csv")
    decided = 0
    for one in every(traces):
        for cell in one.cells:
            readings = [form[one.result][cell.column] for form in forms]
            if not cell.readings:
                assert readings == [cell.value] * 2
                continue
            assert cell.readings == dict(zip(("first", "second"), readings, strict=True))
            if cell.column == "note":
                assert cell.settled in ("both agree", "both are kept")
                continue
            ruling = rulings[cell.ruling - 2]
            assert ruling["column"] == cell.column and ruling["reason"] == cell.reason != ""
            decided += 1
    assert decided > 200


def test_a_cell_coded_once_for_both_forms_is_agreed_by_nobody_and_has_its_basis(traces, root):
    filled_in = {row["result"]: row for row in read_rows(root / "data/raw/as_received/completions.csv")}
    once = 0
    for one in every(traces):
        for cell in one.cells:
            filled = cell.column != "result" and filled_in[one.result].get(cell.column, "")
            assert cell.once == bool(filled), (one.result, cell.column)
            if cell.once:
                assert (cell.settled, cell.reason) == ("read once, for both forms", filled_in[one.result]["basis"])
                assert cell.reason and not cell.readings
                once += 1
    assert once == 620


def test_a_table_of_completions_names_who_coded_and_its_problems_all_at_once(review, shipped):
    path = review / "data" / "raw" / "as_received" / "completions.csv"
    path.write_text("result,months,basis,coded_by,coded_on\nr001,6,the text,AB,2026-01-31\n", encoding="utf-8")
    own = read_coded_once(review / "data", shipped[0].agreement)
    assert own.basis("r001") == "the text (AB, 2026-01-31)" and own.basis("r002") == ""
    assert own.holds("r001", "months") and not own.holds("r001", "sample") and not own.holds("r002", "months")
    path.write_text("result,t,basis\nr001,6,a\nr001,7,b\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"t: it is not among .*\n.*r001.*stands here twice"):
        read_coded_once(review / "data", shipped[0].agreement)
    path.unlink()
    with pytest.raises(ValueError, match=r"completions\.csv is not there"):
        read_coded_once(review / "data", shipped[0].agreement)


def test_every_pooled_row_bears_on_its_stratum_and_ends_in_its_effect(traces, shipped_rows):
    pooled = [row for rows in shipped_rows.values() for row in rows if row.fate == "pooled"]
    found = {one.result: one for one in every(traces)}
    assert len(pooled) == 28
    for row in pooled:
        one = found[row.result]
        lines = {line.name: line.value for line in one.working}
        assert math.isclose(lines["yi"], row.yi, rel_tol=1e-12) and math.isclose(lines["vi"], row.vi, rel_tol=1e-12)
        assert any(touch.stratum == row.contrast for touch in one.touches)
        assert {"figure"} <= {cell.role for cell in one.cells}


def test_without_a_row_the_number_is_that_of_a_review_that_never_had_it(traces, shipped, shipped_bias):
    settings, outcomes, studies = shipped
    checked = 0
    for domain, trace in traces.items():
        for result, one in trace.results.items():
            if not one.touches:
                continue
            left = [row for row in outcomes if row["result"] != result]
            rows = effect_rows(domain, left, studies, settings, shipped_bias)
            made = [*strata(domain, rows, settings, alone=True), *combined_strata(domain, rows, settings, alone=True)]
            otherwise = {(one.contrasts, one.scale): one.fit for one in made if one.fit}
            for touch in one.touches:
                where = _contrasts(touch, domain, settings), touch.scale
                if where not in otherwise:
                    assert touch.without.estimate is None
                else:
                    fit = otherwise[where]
                    assert touch.without.k == fit.k
                    assert touch.without.estimate == pytest.approx(fit.estimate, abs=1e-13)
                    assert touch.without.ci_ub == pytest.approx(fit.ci_ub, abs=1e-13)
                checked += 1
    assert checked >= 30


def _contrasts(touch, domain, settings):
    if not touch.sensitivity:
        return (touch.stratum,)
    return next(wish.contrasts for wish in settings.synthesis.combined if wish.name == touch.stratum)


def test_weights_and_effects_of_the_samples_give_the_pooled_number(traces, shipped_contents):
    for content in shipped_contents:
        for stratum in content.strata:
            if stratum.fit:
                pooled = [study for study in stratum.studies if study.weight is not None]
                total = sum(study.weight * study.yi for study in pooled) / 100
                assert total == pytest.approx(stratum.fit.estimate, abs=1e-12)
                touched = [traces[content.domain].results[s.results[0]].touches for s in pooled]
                assert all(
                    touch.yi == study.yi
                    for study, touches in zip(pooled, touched, strict=True)
                    for touch in touches
                    if touch.stratum == stratum.name
                )


def test_a_row_that_stands_for_another_takes_its_place(shipped, shipped_rows, extraction):
    """Without the result that stands for a sample the next in the hierarchy is pooled, and the trace says so."""
    rows = shipped_rows["staff_attitudes"]
    given = whole("staff_attitudes", rows, extraction, shipped[0])
    where = (("before_after",), "smd", "higher")

    def standing(pools):
        return [row.result for row in pools[where]["Niimura2019", "all"].rows]

    assert standing(given.pools) == ["r027"]
    assert standing(without(given, "r027", "Niimura2019").brought) == ["r028"]


def made_up(rows: list[dict[str, str]], settings, studies, events: str = "mantel_haenszel"):
    """Return the trace of a domain of made-up rows, and a function that pools what is left without some of them."""
    domain = "patient_ptsd"
    how = settings.synthesis.model_copy(update={"events": events})
    settings = settings.model_copy(update={"synthesis": how})
    names = {row["study"]: studies["WCDVS"] | {"study": row["study"], "scope": "organisational"} for row in rows}

    def synthesis(kept):
        effects = effect_rows(domain, kept, names, settings)
        return effects, from_json(to_json(synthesise(domain, effects, settings, {})))

    effects, content = synthesis(rows)
    numbered = {row["result"]: (place, row) for place, row in enumerate(rows, start=2)}
    extraction = Extraction(
        dict.fromkeys(rows[0], ("", "")),
        numbered,
        {},
        {},
        (),
        {name: (2, study) for name, study in names.items()},
        {},
        {},
        {},
    )
    return trace_domain(content, effects, extraction, settings), synthesis


@pytest.fixture
def blank(shipped) -> dict[str, str]:
    _, outcomes, _ = shipped
    row = dict.fromkeys(outcomes[0], "")
    return row | {
        "sample": "all",
        "domain": "patient_ptsd",
        "population": "patients",
        "measure": "m",
        "better": "lower",
        "contrast": "randomised",
        "timepoint": "after",
        "months": "0",
        "direction": "better",
    }


@pytest.mark.parametrize("events", ["mantel_haenszel", "peto"])
def test_a_pool_of_events_is_traced_with_what_it_would_be_without_a_row(blank, shipped, events):
    cells = [("5", "50", "12", "52"), ("9", "80", "15", "81"), ("0", "40", "4", "41")]
    names = ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")
    rows = [
        blank
        | {"result": f"e{i}", "study": f"E{i}", "statistic": "events", "ratio_kind": "odds"}
        | dict(zip(names, cell, strict=True))
        for i, cell in enumerate(cells)
    ]
    trace, synthesis = made_up(rows, shipped[0], shipped[2], events)
    for row in rows:
        one = trace.results[row["result"]]
        (sway,) = (s for s in one.sways if "events by" in s.label)
        left = synthesis([other for other in rows if other is not row])[1].strata[0].sparse
        assert sway.before.k == 3 and sway.after.estimate == left.estimate
        assert {c.column: c.role for c in one.cells}["event_arm1"] != "describes"


def test_a_shared_control_group_goes_to_the_next_arm(blank, shipped):
    """Two arms share a control group: without the first, the second is pooled with another study."""
    arm = {
        "statistic": "means",
        "mean_arm1": "10",
        "sd_arm1": "4",
        "n_arm1": "30",
        "mean_arm2": "12",
        "sd_arm2": "4",
        "n_arm2": "31",
        "sd_basis": "raw",
    }
    rows = [
        blank | arm | {"result": "a1", "study": "A", "sample": "one"},
        blank | arm | {"result": "a2", "study": "A", "sample": "two", "mean_arm1": "9"},
        blank | arm | {"result": "b1", "study": "B", "mean_arm1": "11", "mean_arm2": "13.5"},
    ]
    trace, synthesis = made_up(rows, shipped[0], shipped[2])
    (touch,) = trace.results["a1"].touches
    left = synthesis(rows[1:])[1].strata[0].fit
    assert touch.without.estimate == pytest.approx(left.estimate, abs=1e-13)
    assert trace.results["a2"].sways == () and trace.results["a2"].touches == ()


def test_a_row_without_weight_that_keeps_another_out_is_told(blank, shipped):
    """A ratio that is only shown holds the control group that another arm needs to be pooled."""
    control = {"mean_arm2": "12", "sd_arm2": "4", "n_arm2": "31"}
    means = control | {
        "statistic": "means",
        "mean_arm1": "9",
        "sd_arm1": "4",
        "n_arm1": "30",
        "sd_basis": "raw",
    }
    ratio = control | {
        "statistic": "ratio",
        "ratio_kind": "odds",
        "ratio": "0.8",
        "ci_lb": "0.5",
        "ci_ub": "1.2",
    }
    rows = [
        blank | ratio | {"result": "a1", "study": "A", "sample": "one", "n_arm1": "30"},
        blank | means | {"result": "a2", "study": "A", "sample": "two"},
        blank | means | {"result": "b1", "study": "B", "mean_arm2": "13.5"},
    ]
    trace, synthesis = made_up(rows, shipped[0], shipped[2])
    assert trace.results["a1"].touches == ()
    (sway,) = trace.results["a1"].sways
    left = next(s for s in synthesis(rows[1:])[1].strata if s.scale == "smd").fit
    assert sway.before.estimate is None and sway.after.estimate == pytest.approx(left.estimate)


def test_rows_that_only_other_choices_pool_say_so(shipped, shipped_rows, shipped_contents, extraction, shipped_bias):
    settings, outcomes, studies = shipped
    content = next(c for c in shipped_contents if c.domain == "patient_ptsd")
    every = variants("patient_ptsd", outcomes, studies, settings, shipped_bias)
    trace = trace_domain(content, shipped_rows["patient_ptsd"], extraction, settings, every)
    assert trace.results["r149"].otherwise == ("scope: with client programmes",)
    assert trace.results["r149"].touches == ()


@pytest.mark.parametrize(
    ("word", "kind"),
    [("staff_attitudes", "domain"), ("r013", "result"), ("r013.z", "cell"), ("Hall2016", "study")],
)
def test_targets_are_found_and_said(results, word, kind):
    found = find(word, results)
    assert isinstance(found, Target) and found.kind == kind
    text, content = words(found), json.loads(plain(found))
    assert content["kind"] == kind and content["domains"]
    assert "r013" in text or kind == "domain"


def test_the_words_of_a_domain_hold_the_sum_and_every_result(results, traces):
    text = words(find("staff_attitudes", results))
    assert "0.70 [−0.10, 1.50], k = 4" in text and "sum of weight × yi" in text
    assert all(result in text for result in traces["staff_attitudes"].results)


def test_the_words_of_a_cell_lead_to_source_and_number(results):
    text = " ".join(words(find("r013.z", results)).split())
    for said in (
        "r013.z = -2.351",
        "both agree",
        "row 14",
        "stands in the formula",
        "tables/3",
        "0.79 [0.35, 1.24]",
        "without this row",
        "staff_knowledge_forest.svg",
    ):
        assert said in text


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("staff_attitude", "Did you mean staff_attitudes"),
        ("r013.zz", "has no filled cell 'zz'"),
        ("nothing like it at all", "is no domain, study, result, cell"),
    ],
)
def test_what_is_not_there_is_refused_with_a_sentence(results, word, said):
    with pytest.raises(ValueError, match=said):
        find(word, results)


def test_a_figure_file_leads_to_its_domain(results, shipped_contents, tmp_path):
    content = next(c for c in shipped_contents if c.domain == "staff_knowledge")
    draw_forest(content, tmp_path)
    for ending in ("svg", "png"):
        assert find(str(tmp_path / f"staff_knowledge_forest.{ending}"), results).traces[0].domain == "staff_knowledge"
    altered = tmp_path / "staff_knowledge_forest.svg"
    altered.write_text(altered.read_text("utf-8").replace("0.79", "0.99"), encoding="utf-8")
    assert "was altered after it was drawn" in find(str(altered), results).note
    draw_forest(resealed(replace(content, notes=(written("Another note."),))), tmp_path)
    assert "was drawn from other numbers" in find(str(altered), results).note
    with pytest.raises(ValueError, match="carries no seal"):
        find(str(tmp_path / "staff_knowledge_forest.txt"), results)


def test_the_command_prints_and_refuses_without_a_traceback(results):
    done = taprev(results, "trace", "r013", "--results", results)
    assert done.returncode == 0 and "J(34 − 1)" in done.stdout
    done = taprev(results, "trace", "r013", "--results", results, "--json")
    assert json.loads(done.stdout)["domains"][0]["evidence"][0]["result"] == "r013"
    done = taprev(results, "trace", "r013", "--results", "nowhere")
    assert done.returncode == 1 and "no trace was written" in done.stderr and "Traceback" not in done.stderr


def test_every_figure_of_a_formula_is_known_as_one(traces):
    figures = {one.result: {cell.column for cell in one.cells if cell.role == "figure"} for one in every(traces)}
    assert figures["r081"] == {"mean_arm1", "mean_arm2", "sd_arm2", "n_arm1"}
    assert figures["r011"] == {"ratio", "ci_lb", "ci_ub"} and figures["r013"] == {"z", "n_arm1"}


def test_one_extraction_has_no_forms(example):
    from taprev.settings import read_settings

    settings = read_settings(example / "config/review.yaml")
    extraction = read_extraction(example / "data", settings)
    assert extraction.forms == {} and extraction.rulings == ()
    (name,) = settings.domains
    outcomes, studies = extraction.of_domain(name), {k: v for k, (_, v) in extraction.studies.items()}
    rows = effect_rows(name, outcomes, studies, settings, extraction.bias)
    content = from_json(to_json(synthesise(name, rows, settings, {})))
    trace = trace_domain(content, rows, extraction, settings)
    figures = {"mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2"}
    for one in trace.results.values():
        assert {cell.column for cell in one.cells if cell.role == "figure"} == figures
    assert {cell.settled for one in trace.results.values() for cell in one.cells} == {"extracted once"}
