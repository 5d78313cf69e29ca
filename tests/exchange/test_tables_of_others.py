"""Metapsy, tables of effects, judgements, Covidence, references, EPPI-Reviewer, SRDR+, and any table by a mapping."""

from __future__ import annotations

import csv
import io
import subprocess
from dataclasses import replace

import pytest
import yaml

from samples import foreign
from taprev.exchange.answers import EVERY, Answers, answered, unanswered
from taprev.exchange.formats import format_of
from taprev.exchange.mapping import read_map, with_constants, with_domains
from taprev.exchange.proposal import MappingNeeded, guessed
from taprev.exchange.table_map import TableMap
from taprev.exchange.tabular import read_table
from taprev.exchange.telling import agrees
from taprev.vocabulary import Read

LOWER = Answers(better={EVERY: "lower"}, contrast={EVERY: "randomised"})
EFFECT = replace(LOWER, better={EVERY: "higher"}, measure="SMD")


def written(folder, text, name="table.data"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(path, answers=LOWER, word=""):
    return answered(format_of(path, word, bool(answers.tables)).read(path, answers), answers)


def by_study(imported):
    made = {}
    for row in imported.rows("outcomes"):
        made.setdefault(row["study"], []).append(row)
    return made


def test_metapsy_means_events_and_precalculated_effects(tmp_path):
    imported = read(written(tmp_path, foreign.METAPSY))
    rows = by_study(imported)
    [ash] = rows["ash_2001"]
    assert (ash["statistic"], ash["mean_arm1"], ash["sd_arm2"], ash["direction"]) == ("means", "10.5", "5", "better")
    assert (ash["months"], ash["measure"], ash["domain"]) == ("0", "BDI", "scores")
    [cedar] = rows["cedar_2003"]
    assert (cedar["yi"], cedar["se"], cedar["effect_measure"], cedar["direction"]) == ("-0.5", "0.2", "smd", "better")
    assert "Hedges' g" in cedar["assumes"]
    [dogwood] = rows["dogwood_2004"]
    assert (dogwood["statistic"], dogwood["event_arm1"], dogwood["ratio_kind"]) == ("events", "12", "risk")
    assert dogwood["domain"] == "dich" and [one.event for one in imported.domains] == [False, True]
    assert {row["country"] for row in imported.rows("studies")} == {"UK", "US"}


def test_metapsy_arms_that_share_a_control_group_name_it(tmp_path):
    first, second = by_study(read(written(tmp_path, foreign.METAPSY)))["birch_2002"]
    assert (first["sample"], second["sample"]) == ("cbt_a", "ipt_b")
    assert first["group_arm2"] == second["group_arm2"] == "Waitlist"


def test_metapsy_g_is_compared_and_what_has_no_place_is_kept(tmp_path):
    imported = read(written(tmp_path, foreign.METAPSY))
    [pool] = imported.pooled
    assert pool.studies == 1 and agrees(pool.figures[0])
    off = read(written(tmp_path, foreign.METAPSY.replace("0,7617", "0,7717")))
    assert not agrees(off.pooled[0].figures[0])
    kept = {table.name: table for table in imported.kept}
    assert "colour" in kept["columns"].header and len(kept["columns"].rows) == 7
    assert kept["results_without_figures"].rows == (("8", "Fir, 2006", "BDI", "msd"),)


def test_metapsy_changes_and_log_ratios(tmp_path):
    text = (
        "study,condition_arm1,condition_arm2,outcome_type,instrument,mean_arm1,event_arm1,mean_change_arm1,"
        "sd_change_arm1,n_change_arm1,mean_change_arm2,sd_change_arm2,n_change_arm2,precalc_log_rr,precalc_log_rr_se\n"
        "Ash 2001,cbt,wl,change,BDI,NA,NA,-5,4,20,-2,4,21,NA,NA\n"
        "Birch 2002,cbt,wl,response,BDI,NA,NA,NA,NA,NA,NA,NA,NA,0.4,0.2\n"
    )
    change, ratio = read(written(tmp_path, text)).rows("outcomes")
    wanted = {"statistic": "change", "mean_change_arm1": "-5", "sd_change_arm2": "4", "n_arm1": "20"}
    assert wanted.items() <= change.items() and change["domain"] == "scores"
    wanted = {"yi": "0.4", "effect_measure": "log_ratio", "ratio_kind": "risk", "domain": "response"}
    assert wanted.items() <= ratio.items() and change["direction"] == "better"


@pytest.mark.parametrize("column", ["n_arm2", "sd_arm1", "totaln_arm2", "precalc_g_se"])
def test_metapsy_names_the_columns_of_figures_that_are_missing(tmp_path, column):
    text = foreign.METAPSY.replace(f";{column};", f";other_{column};")
    with pytest.raises(ValueError, match=f"the column {column}, which the Metapsy standard requires"):
        read(written(tmp_path, text))


def test_metapsy_without_a_result_is_refused(tmp_path):
    head, *rows = foreign.METAPSY.splitlines()
    with pytest.raises(ValueError, match="no row gives a result"):
        read(written(tmp_path, "\n".join([head, rows[-1]])))


def test_metapsy_judgements_are_those_of_rob_2(tmp_path):
    imported = read(written(tmp_path, foreign.METAPSY))
    own = [row for row in imported.rows("risk_of_bias") if row["result"] == imported.rows("outcomes")[0]["result"]]
    assert (
        {row["tool"] for row in own} == {"RoB 2"} and [row["domain"] for row in own][-1] == "overall" and len(own) == 6
    )


def test_metapsy_is_the_same_from_a_spreadsheet(tmp_path):
    lines = list(csv.reader(io.StringIO(foreign.METAPSY), delimiter=";"))
    cells = [[cell.replace(",", ".") if cell[:1].isdigit() else cell for cell in line] for line in lines]
    path = foreign.xlsx(tmp_path / "metapsy.xlsx", cells)
    text = read(written(tmp_path, foreign.METAPSY))
    sheet = read(path)
    drop = ("location",)
    plain = [{k: v for k, v in row.items() if k not in drop} for row in text.rows("outcomes")]
    assert [{k: v for k, v in row.items() if k not in drop} for row in sheet.rows("outcomes")] == plain


def test_a_table_saved_by_libreoffice_is_the_same(tmp_path, libreoffice):
    table = tmp_path / "effects.csv"
    table.write_text(foreign.EFFECTS)
    for kind in ("xlsx", "csv:Text - txt - csv (StarCalc):59,34,76"):
        folder = tmp_path / kind[:4].strip(":")
        command = [*libreoffice, "--convert-to", kind, "--outdir", str(folder), str(table)]
        subprocess.run(command, check=True, capture_output=True)
        [saved] = folder.iterdir()
        rows = read(saved, EFFECT).rows("outcomes")
        assert [(row["yi"], row["se"]) for row in rows] == [("0.2", "0.1"), ("0.3", "0.12"), ("-0.1", "0.2")]


@pytest.mark.parametrize(
    ("text", "measure", "cells"),
    [
        (
            "study,yi,vi\nAsh 2001,0.2,0.04\n",
            "SMD",
            {"statistic": "effect", "yi": "0.2", "vi": "0.04", "effect_measure": "smd"},
        ),
        ("author;year;yi;sei\nAsh;2001;-0,2;0,1\n", "RR", {"yi": "-0.2", "se": "0.1", "ratio_kind": "risk"}),
        (
            "slab\tyi\tci.lb\tci.ub\nAsh 2001\t1\t0\t2\n",
            "MD",
            {"yi": "1", "effect_measure": "md", "direction": "better"},
        ),
        (
            "trial,ai,bi,ci,di\nAsh 2001,4,16,7,13\n",
            "OR",
            {"event_arm1": "4", "totaln_arm1": "20", "totaln_arm2": "20", "ratio_kind": "odds", "direction": "worse"},
        ),
        (
            "study,m1i,sd1i,n1i,m2i,sd2i,n2i\nAsh 2001,5,1,20,4,1.5,21\n",
            "SMD",
            {"statistic": "means", "mean_arm1": "5", "sd_arm2": "1.5", "n_arm2": "21"},
        ),
        ("study,ri,ni\nAsh 2001,0.3,40\n", "ZCOR", {"statistic": "correlation", "pearson_r": "0.3", "n_arm1": "40"}),
    ],
)
def test_a_table_of_effects_is_read_by_the_names_of_metafor(tmp_path, text, measure, cells):
    imported = read(written(tmp_path, text), replace(EFFECT, measure=measure))
    [row] = imported.rows("outcomes")
    assert cells.items() <= row.items() and imported.rows("studies")[0]["label"] == "Ash 2001"
    assert imported.rows("studies")[0]["year"] == "2001"
    if "ci.lb" in text:
        assert float(row["se"]) == pytest.approx(2 / (2 * 1.959964), rel=1e-6) and "interval" in row["note"]


def test_what_effects_are_is_asked_and_never_guessed(tmp_path):
    with pytest.raises(ValueError, match="--measure SMD, MD, OR"):
        read(written(tmp_path, foreign.EFFECTS), LOWER)


def test_everything_that_a_table_of_effects_does_not_say_is_asked_at_once(tmp_path):
    with pytest.raises(ValueError, match="does not say what its effects are") as said:
        read(written(tmp_path, "study,outcome,yi,vi\nAsh 2001,Low mood,0.1,0.1\n"), Answers())
    assert "\n  low_mood: lower" in str(said.value) and "--contrast randomised" in str(said.value)
    with pytest.raises(ValueError, match='"RD" is not a measure') as said:
        read(written(tmp_path, foreign.EFFECTS), replace(LOWER, measure="RD"))
    assert "--contrast" not in str(said.value) and "--better" not in str(said.value)


def before_after(tmp_path, cells, **more):
    answers = Answers(better={EVERY: "lower"}, contrast={EVERY: "before_after"}, measure="SMD", **more)
    return read(written(tmp_path, cells), answers), answers


@pytest.mark.parametrize(
    "cells",
    [
        "study,outcome,yi,vi\nAsh 2001,Sleep,0.1,0.1\n",
        "study,outcome,m1i,sd1i,n1i,m2i,sd2i,n2i\nAsh,Sleep,9,2,30,12,2,30\n",
    ],
)
def test_results_from_before_and_after_are_asked_about_their_people(tmp_path, cells):
    imported, answers = before_after(tmp_path, cells)
    [question] = unanswered(imported, answers)
    assert "whether the same people were measured before and after, in the domains sleep" in question
    assert "--pairing matched" in question
    with pytest.raises(ValueError, match="--pairing matched"):
        read(tmp_path / "table.data", replace(answers, measure=""))
    [wrong] = unanswered(imported, replace(answers, pairing={EVERY: "same"}))
    assert 'found "same" for --pairing; it is matched or unmatched or partial.' in wrong
    parallel = replace(answers, contrast={EVERY: "randomised"}, pairing={EVERY: "matched"})
    randomised = read(tmp_path / "table.data", parallel)
    assert unanswered(randomised, parallel) == [
        "Nothing in the file was compared before and after. Leave the answer for pairing out."
    ]
    assert answered(randomised, parallel).rows("outcomes")[0].get("pairing", "") == ""


@pytest.mark.parametrize(("pairing", "n_arm2"), [("matched", ""), ("unmatched", "30"), ("partial", "30")])
def test_the_same_people_before_and_after_are_counted_once(tmp_path, pairing, n_arm2):
    cells = "study,outcome,m1i,sd1i,n1i,m2i,sd2i,n2i\nAsh,Sleep,9,2,30,12,2,30\n"
    imported, answers = before_after(tmp_path, cells, pairing={"sleep": pairing})
    assert unanswered(imported, answers) == []
    [row] = answered(imported, answers).rows("outcomes")
    assert (row["pairing"], row["n_arm1"], row["n_arm2"], row["direction"]) == (pairing, "30", n_arm2, "better")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("better: lower # \xe9".encode("latin-1"), "this is not UTF-8 text. The file of --map is text in YAML"),
        (b"- better\n- lower\n", "this is a list. The file of --map"),
        (b"lower", "this is a single text."),
        (b"colour: red\n", "colour: a mapping has no such entry here. It has better, contrast"),
        (b"better: [lower]\n", "better: write one word for all domains"),
        (b"measure: {a: b}\n", "measure: write a single word"),
        (b"tables: [outcomes]\n", "tables: write pairs beneath it"),
        (b"tables: {outcomes: {heads: {study: a}}}\n", "tables > outcomes > heads: a mapping has no such entry here"),
        (b"tables: {outcomes: {columns: {page: 3}}}\n", "tables > outcomes > columns > page: write a single word"),
    ],
)
def test_a_file_that_is_no_mapping_says_what_it_must_be(tmp_path, content, said):
    path = written(tmp_path, content, "map.yaml")
    with pytest.raises(ValueError) as error:
        read_map(path)
    assert str(error.value).startswith(f"{path}: {said}") and "\n" not in str(error.value)
    assert "Input should" not in str(error.value)


@pytest.fixture
def judged(tmp_path, example):
    """A review with two randomised studies that a table of judgements names by their labels."""
    extracted = example / "data" / "extracted"
    outcomes = extracted / "outcomes.csv"
    outcomes.write_text(outcomes.read_text().replace(",controlled,", ",randomised,"))
    labels = [row["label"] for row in csv.DictReader((extracted / "studies.csv").open())][:2]
    return example, labels


def table_of(labels, text=foreign.ROBVIS):
    return text.replace("Study 1", labels[0]).replace("Study 2", labels[1])


def test_judgements_go_to_the_results_of_their_studies(tmp_path, judged):
    review, labels = judged
    imported = read(written(tmp_path, table_of(labels)), Answers(review=review))
    rows = imported.rows("risk_of_bias")
    assert {row["tool"] for row in rows} == {"RoB 2"} and len(rows) % 6 == 0
    assert {row["judgement"] for row in rows} == {"low", "some concerns", "high"}


def test_studies_that_the_review_lacks_are_named_all_at_once(tmp_path, judged):
    review, labels = judged
    with pytest.raises(ValueError, match="Nobody 1") as said:
        read(
            written(tmp_path, table_of([labels[0], "Nobody 1"]) + "Nobody 2,Low,Low,Low,Low,Low,Low\n"),
            Answers(review=review),
        )
    assert str(said.value).count("\n") == 1 and "row 4" in str(said.value)
    with pytest.raises(ValueError, match="--into FOLDER"):
        read(written(tmp_path, foreign.ROBVIS))


def test_a_tool_that_is_not_for_the_results_of_a_study_is_said(tmp_path, judged):
    review, labels = judged
    path = review / "data" / "extracted" / "outcomes.csv"
    path.write_text(path.read_text().replace(",randomised,", ",controlled,"))
    with pytest.raises(ValueError, match="are controlled, and RoB 2"):
        read(written(tmp_path, table_of(labels)), Answers(review=review))


def test_a_tool_of_the_review_itself_is_known(tmp_path, judged):
    review, labels = judged
    path = review / "data" / "extracted" / "datapackage.yaml"
    package = yaml.safe_load(path.read_text())
    table = next(one for one in package["resources"] if one["name"] == "risk_of_bias")
    domains = ["Recruitment", "Measurement by us", "Loss of people"]
    own = {"name": "Ours", "version": "1", "for": ["randomised"], "levels": {"low": "low", "high": "high"}}
    table["tools"] = [{**own, "domains": domains, "overall": True}]
    path.write_text(yaml.safe_dump(package))
    text = f"Study,{','.join(domains)},Overall\n{labels[0]},Low,High,Low,High\n"
    rows = read(written(tmp_path, text), Answers(review=review)).rows("risk_of_bias")
    assert {row["tool"] for row in rows} == {"Ours"} and len(rows) % 4 == 0


def test_signs_are_read_where_they_can_mean_one_thing(tmp_path, judged):
    review, labels = judged
    signs = "Study,D1,D2,D3,D4,D5,Overall\nStudy 1,+,+,!,+,+,!\nStudy 2,-,+,!,+,+,-\n"
    imported = read(written(tmp_path, table_of(labels, signs)), Answers(review=review, tool="RoB 2"))
    assert {row["judgement"] for row in imported.rows("risk_of_bias")} == {"low", "some concerns", "high"}
    with pytest.raises(ValueError, match="may mean two things"):
        read(written(tmp_path, table_of(labels, signs.replace("!", "+"))), Answers(review=review, tool="RoB 2"))


def test_the_table_of_the_tool_rob_2_has_answers_to_its_questions_too(tmp_path, judged):
    review, labels = judged
    heads = "Randomization process,Deviations from the intended interventions,Missing outcome data"
    more = "Measurement of the outcome,Selection of the reported result,Overall"
    lines = [
        f"Unique ID,Study ID,Weight,1.1,1.2,1.2 notes,{heads},{more}",
        f"1,{labels[0]},1,Y,PY,by computer,Low,Low,Some concerns,Low,Low,Some concerns",
    ]
    imported = read(written(tmp_path, "\n".join(lines)), Answers(review=review, tool="RoB 2"))
    first = imported.rows("risk_of_bias")[0]["result"]
    own = [(row["domain"], row["judgement"]) for row in imported.rows("risk_of_bias") if row["result"] == first]
    assert own[0] == ("Bias arising from the randomisation process", "low") and len(own) == 8
    assert own[-2:] == [("1.1", "Y"), ("1.2", "PY")] and own[5] == ("overall", "some concerns")
    assert imported.kept[0].header == ("Study ID", "Unique ID", "Weight", "1.2 notes")


def test_a_tool_that_cannot_be_told_is_asked(tmp_path, judged):
    review, labels = judged
    text = "Study,D1,D2,D3,D4,D5,D6,D7,Overall\nStudy 1" + ",Low" * 8 + "\n"
    path = written(tmp_path, table_of(labels, text))
    with pytest.raises(ValueError, match="Of which tool"):
        read(path, Answers(review=review))
    assert {row["tool"] for row in read(path, Answers(review=review, tool="RoB 1 2011")).rows("risk_of_bias")} == {
        "RoB 1"
    }
    with pytest.raises(ValueError, match="is not a tool"):
        read(path, Answers(review=review, tool="Astrology"))


def mapped(path, answers=LOWER, **more):
    """Return answers with the mapping that the format proposes for a file."""
    with pytest.raises(MappingNeeded) as needed:
        format_of(path, more.pop("word", "")).read(path, answers)
    tables = yaml.safe_load(needed.value.proposal)["tables"]
    return replace(answers, tables={name: TableMap.model_validate(one) for name, one in tables.items()}, **more)


def test_covidence_reviewers_become_forms_and_the_consensus_the_rows(tmp_path):
    path = written(tmp_path, foreign.COVIDENCE)
    imported = read(path, mapped(path))
    assert [row["result"] for row in imported.rows("outcomes")] == [
        "ash_2001_mood",
        "birch_2002_mood",
        "birch_2002_sleep",
    ]
    assert {form: len(rows) for form, rows in imported.forms.items()} == {"first": 4, "second": 4}
    assert imported.forms["second"][0]["sd_arm2"] == "2.6"
    assert imported.rows("outcomes")[0]["sd_arm2"] == "2.5"
    assert any("Cedar 2003" in remark and "stay open" in remark for remark in imported.remarks)
    assert imported.rows("studies")[0]["country"] == "UK" and imported.rows("reports")[0]["citation"] == "A title"


def test_covidence_asks_what_its_questions_are(tmp_path):
    path = written(tmp_path, foreign.COVIDENCE)
    with pytest.raises(MappingNeeded) as needed:
        read(path)
    assert "mean_arm1: Mean intervention {n}" in needed.value.proposal


def test_a_reviewer_has_one_row_of_a_study_in_covidence(tmp_path):
    path = written(tmp_path, foreign.COVIDENCE)
    answers = mapped(path)
    path.write_text(foreign.COVIDENCE.replace("Cedar 2003,C title,Ben", "Cedar 2003,C title,Anna"))
    with pytest.raises(ValueError, match="#3 has two rows of Anna"):
        read(path, answers)


def test_two_studies_of_one_name_in_covidence_stay_two(tmp_path):
    text = foreign.COVIDENCE.replace("3,Cedar 2003", "3,Ash 2001")
    path = written(tmp_path, text)
    assert {row["label"] for row in read(path, mapped(path)).rows("studies")} == {
        "Ash 2001 (#1)",
        "Ash 2001 (#3)",
        "Birch 2002",
    }


def test_references_are_read_once_each(tmp_path):
    imported = read(written(tmp_path, foreign.RIS))
    assert [row["label"] for row in imported.rows("studies")] == ["Ash 2001", "Cedar 2003"]
    first, thesis = imported.rows("reports")
    assert first["doi"] == "10.1000/ash" and first["source_url"] == "https://doi.org/10.1000/ash"
    assert first["citation"] == "Ash, A., Birch, B. A trial of aspirin. Journal of Trials 2001;3"
    assert (
        thesis["source_url"] == "https://example.org/cedar"
        and imported.rows("studies")[1]["publication_status"] == "other"
    )
    assert any("it is read once" in remark for remark in imported.remarks)


def test_references_of_pubmed(tmp_path):
    imported = read(written(tmp_path, foreign.NBIB))
    first, second = imported.rows("reports")
    assert first["citation"] == "Ash A. A trial of aspirin and of nothing else. Journal of trials 2001;3(2):10-20"
    assert second["source_url"] == "https://pubmed.ncbi.nlm.nih.gov/22222222/"


def test_a_reference_that_does_not_end_is_said(tmp_path):
    with pytest.raises(ValueError, match="does not end"):
        read(written(tmp_path, foreign.RIS[:-8]))


def test_eppi_outcomes_passages_and_what_has_no_place(tmp_path):
    imported = read(written(tmp_path, foreign.EPPI))
    mood, relapse = imported.rows("outcomes")
    assert (mood["statistic"], mood["mean_arm1"], mood["sd_arm2"], mood["n_arm2"]) == ("means", "10.5", "5", "22")
    assert mood["source_quote"] == "the mean was 10.5" and mood["group_arm2"] == "Waitlist"
    assert float(relapse["yi"]) == pytest.approx(-0.6931472) and relapse["ratio_kind"] == "odds"
    kept = {table.name: table.rows for table in imported.kept}
    assert kept["passages"] == (("Ash (2001)", "Depression", "the mean was 10.5", "ash.pdf"),)
    assert kept["outcomes"][0][2] == "Diagnostic"


def test_srdr_extractors_become_forms(tmp_path):
    imported = read(foreign.srdr(tmp_path / "srdr.xlsx"))
    [row] = imported.rows("outcomes")
    assert (row["mean_arm1"], row["sd_arm2"], row["n_arm2"], row["timepoint"]) == ("10", "2.5", "22", "8 weeks")
    assert [rows[0]["sd_arm2"] for rows in imported.forms.values()] == ["2.5", "2.6"]
    assert "Arm 2, the comparator, is Usual care." in imported.remarks


ANY = """\
Author,Mean_Int,SD_Int,N_Int,Mean_Ctrl,SD_Ctrl,N_Ctrl,Colour
Ash,10,2,20,12,2.5,22,red
Birch,11,2,30,12,2.5,32,blue
"""


def test_any_table_is_read_by_the_mapping_that_was_proposed(tmp_path):
    path = written(tmp_path, ANY)
    imported = read(path, mapped(path, word="table"))
    assert [row["mean_arm2"] for row in imported.rows("outcomes")] == ["12", "12"]
    assert imported.kept[0].rows == (("2", "red"), ("3", "blue"))


AUTHORS = """\
Author,Year,Mean_Int,SD_Int,N_Int,Mean_Ctrl,SD_Ctrl,N_Ctrl
Ash,2015,10,2,20,12,2.5,22
Ash,2019,11,2,30,12,2.5,32
Birch 2020,2020,11,2,30,12,2.5,32
Cedar,2021,11,2,30,12,2.5,32
Cedar,,10,2,30,12,2.5,32
"""


def test_two_trials_of_one_author_are_told_apart_by_their_year(tmp_path):
    path = written(tmp_path, AUTHORS)
    imported = read(path, mapped(path, word="table"))
    assert [row["study"] for row in imported.rows("outcomes")] == [
        *("ash_2015", "ash_2019", "birch_2020", "cedar_2021", "cedar_2021"),
    ]
    assert [(row["label"], row["year"]) for row in imported.rows("studies")] == [
        *(("Ash 2015", "2015"), ("Ash 2019", "2019"), ("Birch 2020", "2020"), ("Cedar 2021", "2021")),
    ]
    several, rows = imported.remarks
    assert "each year read as a study of its own: Ash (2015, 2019)." in several
    assert rows.startswith("Studies with several rows: 1; these are taken as results of the same people.")


@pytest.mark.parametrize("measure", ["MD", "or"])
def test_a_measure_that_a_mapping_would_not_read_is_refused(tmp_path, measure):
    path = written(tmp_path, ANY)
    with pytest.raises(ValueError, match=f"--measure {measure} is for a table of effects"):
        read(path, mapped(path, word="table", measure=measure))
    assert read(path, mapped(path, word="table", measure="SMD")).rows("outcomes")


def test_a_mapping_asks_for_the_outcome_that_no_column_names(tmp_path):
    with pytest.raises(MappingNeeded) as needed:
        format_of(written(tmp_path, ANY), "table").read(tmp_path / "table.data", LOWER)
    assert "# QUESTION: which outcome is it?" in needed.value.proposal


def test_constants_fill_rows_and_leave_identifiers_alone(tmp_path):
    path = written(tmp_path, ANY)
    answers = mapped(path, word="table")
    own = {"domain": "Pain at rest", "population": "adults", "months": 3}
    tables = {**answers.tables, "outcomes": answers.tables["outcomes"].model_copy(update={"constants": own})}
    imported = with_constants(read(path, replace(answers, tables=tables)), tables)
    rows = {(row["domain"], row["population"], row["months"]) for row in imported.rows("outcomes")}
    assert rows == {("pain_at_rest", "adults", "3")} and imported.domains[0].label == "Pain at rest"


def test_every_fault_of_a_mapping_is_said_at_once(tmp_path):
    tables = {
        "outcomes": TableMap(columns={"study": "author", "m1i": "Mean_Int"}, constants={"colour": "red"}),
        "planets": TableMap(),
    }
    with pytest.raises(ValueError, match="planets") as said:
        read(written(tmp_path, ANY), replace(LOWER, tables=tables))
    text = str(said.value)
    assert 'Did you mean "Author"?' in text and text.count("It has result, study") == 1
    assert """outcomes has no column "m1i" (metafor's name; here it is mean_arm1), "colour".""" in text
    assert "nothing names the domain" in text
    columns = {"study": "Author", "domain": "Author", "mean_arm1": "Colour", "better": "Colour"}
    with pytest.raises(ValueError, match="not a number") as wrong:
        read(written(tmp_path, ANY), replace(LOWER, tables={"outcomes": TableMap(columns=columns)}))
    assert str(wrong.value).count("\n") == 3 and "taprev knows higher, lower" in str(wrong.value)


@pytest.mark.parametrize(
    ("heads", "wanted"),
    [
        (["studlab", "mean.e", "sd.e", "n.e", "mean.c"], {"study", "mean_arm1", "sd_arm1", "n_arm1", "mean_arm2"}),
        (
            ["Trial", "event.e", "n.e", "event.c", "n.c"],
            {"study", "event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2"},
        ),
        (["Study ID", "Experimental mean", "Control SD"], {"study", "mean_arm1", "sd_arm2"}),
    ],
)
def test_usual_heads_are_known(heads, wanted):
    assert set(guessed(heads)) == wanted


def test_the_file_of_a_mapping_says_its_faults_and_answers(tmp_path):
    path = written(tmp_path, "better: {scores: lower}\ncontrast: randomised\ndomains: {scores: mood}\n", "import.yaml")
    read_in = read_map(path)
    imported = format_of(written(tmp_path, foreign.METAPSY)).read(tmp_path / "table.data", read_in.answers)
    renamed = with_domains(imported, {"scores": "mood"})
    assert {row["domain"] for row in renamed.rows("outcomes")} == {"mood", "dich"}
    with pytest.raises(ValueError, match="does not have: sleep"):
        with_domains(imported, {"sleep": "mood"})
    with pytest.raises(ValueError, match="beter"):
        read_map(written(tmp_path, "beter: lower\n", "import.yaml"))
    with pytest.raises(ValueError, match="line 1"):
        read_map(written(tmp_path, "better: {a: b: c}\n", "import.yaml"))


def test_what_nobody_said_is_asked_of_each_domain(tmp_path):
    path = written(tmp_path, foreign.METAPSY)
    imported = format_of(path).read(path, Answers())
    better, contrast = unanswered(imported, Answers())
    assert "scores" in better and "dich" in better and "--better lower" in better and "--contrast" in contrast
    assert (
        unanswered(imported, Answers(better={"scores": "lower"}, contrast={EVERY: "randomised"}))[0].count("dich") >= 1
    )
    assert "upwards" in unanswered(imported, replace(LOWER, better={EVERY: "upwards"}))[0]
    assert unanswered(imported, LOWER) == []


@pytest.mark.parametrize(
    ("columns", "constants", "missing"),
    [
        ({"mean_arm1": "a", "n_arm1": "b", "mean_arm2": "c", "n_arm2": "d"}, {"domain": "x"}, "sd_arm1, sd_arm2"),
        ({"yi": "a", "vi": "b"}, {"domain": "x"}, "effect_measure"),
        ({"yi": "a", "vi": "b"}, {"effect_measure": "smd"}, "nothing names the domain"),
        ({"measure": "a"}, {"domain": "x"}, "no figures of any statistic, and no direction"),
    ],
)
def test_a_mapping_that_gives_no_result_says_what_is_missing(tmp_path, columns, constants, missing):
    path = written(tmp_path, "who,a,b,c,d\nAsh 2001,5,20,4,21\n")
    own = {"study": "who"}
    tables = {"studies": TableMap(columns=own), "outcomes": TableMap(columns={**own, **columns}, constants=constants)}
    with pytest.raises(ValueError, match=missing):
        read(path, replace(LOWER, tables=tables))


def test_how_much_of_a_report_was_read_is_not_said_of_a_table_of_ones_own(tmp_path):
    """Somebody's own table is no other source's account; how much they read of each report is theirs to say."""
    path = tmp_path / "own.csv"
    path.write_text("study,yi,vi\nAsh 2001,0.2,0.1\nBirch 2002,0.3,0.1\n", encoding="utf-8")
    answers = Answers(better={"*": "higher"}, contrast={"*": "randomised"}, measure="SMD")
    assert {row["read"] for row in format_of(path).read(path, answers).rows("reports")} == {Read.NOT_CODED}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8"])
def test_a_table_between_tabs_has_decimal_commas_where_they_can_be_nothing_else(tmp_path, encoding):
    """Excel on a German system saves "Unicode text" so; commas beside points stay, and are asked about as figures."""
    path = tmp_path / "own.txt"
    path.write_text("study\tyi\tvi\nAsh, 2001\t-0,25\t0,1\nBirch, 2002\t1,234\t0,12\n", encoding=encoding)
    table = read_table(path)
    assert [(row["study"], row["yi"], row["vi"]) for _, row in table.rows] == [
        ("Ash, 2001", "-0.25", "0.1"),
        ("Birch, 2002", "1.234", "0.12"),
    ]
    assert "Numbers with a decimal comma, which is read as a point: 4." in table.remarks
    for figures in ("0,25\t0.1", "1,234\t2,345"):
        path.write_text(f"study\tyi\tvi\nAsh\t{figures}\n", encoding=encoding)
        [(_, row)] = read_table(path).rows
        assert [row["yi"], row["vi"]] == figures.split("\t")
