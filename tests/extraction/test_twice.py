"""What was extracted twice, by whom, in how many forms: the setting, the share, and the agreement over the sample."""

from __future__ import annotations

import re

import pytest

import helpers
from taprev.extraction.agreement import agreement_table
from taprev.extraction.agreement_lines import agreement_csv
from taprev.extraction.consensus import consensus_problems
from taprev.extraction.reconcile import reconcile
from taprev.extraction.snapshot import snapshot
from taprev.extraction.tables import read_rows
from taprev.extraction.twice import TwiceShare, twice_shares
from taprev.ground.files import csv_text
from taprev.report.extraction_words import extraction_words, sample_words, twice_words
from taprev.settings import read_settings
from taprev.settings.reading import SettingsError

STUDIES = ("SSWR2018_MHtraining", "Hall2016", "WCDVS")


def form(review, name):
    return review / "data" / "raw" / f"form_{name}.csv"


def keep(path, wanted):
    rows = read_rows(path)
    text = csv_text(rows[0], ([*row.values()] for row in rows if wanted(row)), guarded=False)
    path.write_text(text, encoding="utf-8")


def configure(review, text):
    """Set the part `extraction` of the settings."""
    path = review / "config" / "review.yaml"
    path.write_text(path.read_text("utf-8").replace("  twice: all\n", text), encoding="utf-8")
    return read_settings(path)


def sentences(review, settings):
    return [problem.sentence() for problem in consensus_problems(review / "data", settings.extraction)]


@pytest.fixture
def sampled(review, edit):
    """The shipped review as one of which the second extractor read three studies alone, before any decision."""
    keep(form(review, "second"), lambda row: row["study"] in STUDIES)
    rulings = review / "data" / "raw" / "adjudication.csv"
    there = {row["result"] for row in read_rows(form(review, "second"))}
    keep(rulings, lambda row: not row["result"] or row["result"] in there)
    for number in range(2, len(read_rows(rulings)) + 2):
        edit(rulings, number, "readings", "")
    return review


@pytest.mark.parametrize("sample", ["studies: [SSWR2018_MHtraining, Hall2016, WCDVS]", "column"])
def test_a_sample_is_compared_and_the_rest_is_taken(sampled, edit, sample):
    if sample == "column":
        path = sampled / "data" / "extracted" / "studies.csv"
        for number, row in enumerate(read_rows(path), start=2):
            edit(path, number, "country", "sampled" if row["study"] in STUDIES else "elsewhere")
        sample = "column: country\n    levels: [sampled]"
    settings = configure(sampled, f"  twice:\n    {sample}\n")
    merged = reconcile(sampled / "data", settings.extraction)
    assert not merged.open_cells and len(merged.rows) == 154
    idle = [p.sentence() for p in merged.problems]
    assert all("decides nothing" in sentence for sentence in idle)
    shares = twice_shares(sampled / "data" / "extracted", settings.extraction.twice, merged.forms)
    held = len(read_rows(form(sampled, "second")))
    assert shares == {"studies": TwiceShare(62, 3, 3, 3), "results": TwiceShare(154, held, held, held)}
    assert all(share.as_planned for share in shares.values())


def test_what_was_done_is_counted_and_told_from_the_plan(sampled, edit):
    """One study of the sample stands in one form alone, and another that is not of it stands in two."""
    done, planned = STUDIES[:2], (STUDIES[0], STUDIES[2])
    keep(form(sampled, "second"), lambda row: row["study"] in done)
    settings = configure(sampled, f"  twice:\n    studies: [{', '.join(planned)}]\n")
    outside = next(row["result"] for row in read_rows(form(sampled, "second")) if row["study"] == STUDIES[1])
    edit(form(sampled, "second"), outside, "n_arm1", "4711")
    path = sampled / "data" / "raw" / "adjudication.csv"
    path.write_text(
        "result,column,where,decision,value,reason\n,as_reported,,second,,x\n"
        f"{outside},n_arm1,,first,,Looked up.\n,result,study={STUDIES[2]},take,,x\n"
    )
    lines = agreement_table(sampled / "data", settings)
    held = len(read_rows(form(sampled, "second")))
    of_plan = [row for row in read_rows(form(sampled, "first")) if row["study"] in planned]
    both = sum(row["study"] == STUDIES[0] for row in of_plan)
    assert [(line.n, line.of) for line in lines if line.layer == "twice"] == [(2, 62), (held, 154)]
    assert [(line.n, line.of) for line in lines if line.layer == "planned"] == [(1, 2), (both, len(of_plan))]
    [ruled] = [line for line in lines if line.layer == "extractor" and line.field == "first"]
    assert (ruled.n, ruled.agreement) == (1, 1.0)
    path = sampled / "agreement.csv"
    path.write_text(agreement_csv(lines), encoding="utf-8")
    assert f", of the sample planned 1 of 2 studies and {both} of {len(of_plan)} results, " in sample_words(
        read_rows(path)
    )


def test_agreement_is_over_the_sample_alone(sampled):
    settings = configure(sampled, f"  twice:\n    studies: [{', '.join(STUDIES)}]\n")
    (sampled / "data" / "raw" / "adjudication.csv").write_text(
        "result,column,where,decision,value,reason\n,as_reported,,second,,x\n"
    )
    lines = agreement_table(sampled / "data", settings)
    held = len(read_rows(form(sampled, "second")))
    assert {line.n for line in lines if line.layer == "form"} == {held}
    assert [(line.n, line.of) for line in lines if line.layer == "twice"] == [(3, 62), (held, 154)]
    assert {line.field for line in lines if line.layer == "study"} == set(STUDIES)
    path = sampled / "agreement.csv"
    path.write_text(agreement_csv(lines), encoding="utf-8")
    rows = read_rows(path)
    said = sample_words(rows).replace("\N{NO-BREAK SPACE}", " ")
    assert (
        said.startswith(f"3 of 62 studies (5 %) and {held} of 154 results (") and "first and second extractor" in said
    )
    words = extraction_words(settings, rows)
    assert sample_words(rows) in words and "the rest was read once" in words
    assert twice_words(settings) == "extracted once, and in a sample twice, independently"


def test_a_result_of_the_sample_that_one_form_lacks_is_asked_about_and_no_other(sampled):
    settings = configure(sampled, f"  twice:\n    studies: [{', '.join(STUDIES)}]\n")
    (sampled / "data" / "raw" / "adjudication.csv").write_text("result,column,where,decision,value,reason\n")
    [lost] = [row["result"] for row in read_rows(form(sampled, "second"))][-1:]
    keep(form(sampled, "second"), lambda row: row["result"] != lost)
    merged = reconcile(sampled / "data", settings.extraction)
    assert [cell.result for cell in merged.open_cells if cell.whole] == [lost]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("twice: {studies: [Nobody2020]}", 'extraction > twice > studies: found "Nobody2020", which studies.csv does'),
        ("twice: {results: [r999]}", 'extraction > twice > results: found "r999", which no form has.'),
        (
            "twice: {column: colour, levels: [red]}",
            'found "colour", which is no column of studies.csv. Use one of study,',
        ),
        ("twice: {column: country, levels: [Atlantis]}", 'found "Atlantis", which no study has in country.'),
        (
            "extractors: {third: {kind: person}}",
            'found "third", and there is no data/raw/form_third.csv. Use one of: first',
        ),
    ],
)
def test_a_sample_or_an_extractor_that_does_not_exist(review, text, said):
    settings = configure(review, f"  {text}\n")
    [sentence] = sentences(review, settings)
    assert said in sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extractors: {first: {kind: robot}}", "extraction > extractors > first > kind: found 'robot'."),
        ("twice: sometimes", "found 'sometimes'"),
        (
            "twice: {studies: [a], results: [b]}",
            "a sample is named in one way: by studies, results, or column with levels",
        ),
        ("twice: {column: country}", "a sample is named in one way"),
        (
            "extractors: {first: {kind: person, name: AB}, second: {kind: person, name: ab}}",
            "the forms first and second both name AB; two forms of one extractor are not independent",
        ),
        ("extractors: {First Form: {kind: person}}", "extractors are named by their forms"),
    ],
)
def test_settings_that_cannot_stand(review, text, said):
    with pytest.raises(SettingsError) as error:
        configure(review, f"  {text}\n")
    assert len(error.value.problems) == 1 and said in error.value.problems[0]


def test_the_word_of_older_reviews_is_understood(review):
    path = review / "config" / "review.yaml"
    assert not read_settings(path).extraction.once
    text = re.sub(r"(?m)^extraction:\n(?:  .*\n)+", "", path.read_text("utf-8"))
    text = text.replace("  systematic_search", "  double_extraction: true\n  systematic_search")
    path.write_text(text.replace("double_extraction: true", "double_extraction: false"), "utf-8")
    assert read_settings(path).extraction.once
    path.write_text(f"{text}\nextraction: {{twice: all}}\n", "utf-8")
    with pytest.raises(SettingsError, match="are one setting; keep the second alone"):
        read_settings(path)
    path.write_text(text.replace("double_extraction: true", "double_extraction: perhaps"), "utf-8")
    with pytest.raises(SettingsError, match="is true or false; a sample stands in extraction > twice"):
        read_settings(path)


@pytest.fixture
def three(review):
    """The shipped review with a third form, of a program, that read two studies as the first extractor did."""
    path = form(review, "third")
    path.write_bytes(form(review, "first").read_bytes())
    keep(path, lambda row: row["study"] in STUDIES[:2])
    return review


def test_two_of_three_that_agree_do_not_decide(three, edit):
    edit(form(three, "third"), "r057", "t", "9.86")
    merged = reconcile(three / "data")
    [cell] = merged.open_cells
    assert dict(cell.readings) == {"first": "9.68", "second": "9.68", "third": "9.86"}
    path = three / "data" / "raw" / "adjudication.csv"
    path.write_text(path.read_text() + "r057,t,,third,,Looked up.,\n")
    decided = {(cell.result, cell.column): cell for cell in reconcile(three / "data").decided}
    assert decided["r057", "t"].value == "9.86"


def test_an_extractor_who_did_not_read_a_study_is_not_asked_about_it(three):
    merged = reconcile(three / "data")
    assert not merged.open_cells and not merged.problems and len(merged.rows) == 154
    keep(form(three, "third"), lambda row: row["result"] != "r057")
    [cell] = reconcile(three / "data").open_cells
    assert (cell.result, [*cell.readings]) == ("r057", ["first", "second", "third"]) and cell.readings["third"] == ""


def test_agreement_is_given_for_every_pair_and_a_program_is_named_as_one(three):
    settings = configure(
        three,
        "  extractors:\n    first: {kind: person, name: AB}\n    second: {kind: person}\n"
        "    third: {kind: program, name: some model 1.0}\n",
    )
    lines = agreement_table(three / "data", settings)
    pairs = ["first second", "first third", "second third"]
    assert list(dict.fromkeys(line.forms for line in lines if line.layer == "form")) == pairs
    assert [line.field for line in lines if line.layer == "extractor"] == ["first", "second", "third"]
    path = three / "agreement.csv"
    path.write_text(agreement_csv(lines), encoding="utf-8")
    words = extraction_words(settings, read_rows(path))
    assert words.startswith("Three extractors worked independently; ")
    assert words.endswith(
        "Filled in by: first form, a person (AB); second form, a person; third form, a program (some model 1.0)."
    )


def test_every_form_is_kept_with_the_run(three):
    assert {f"raw/form_{name}.csv" for name in ("first", "second", "third")} <= snapshot(three / "data").keys()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("form_First.csv", "form_First.csv: the form has the name of form_"),
        ("form_t.csv", 'the form is named "t", which is a column of outcomes.csv or a decision. Rename it'),
        ("form_take.csv", 'the form is named "take", which is a column'),
        ("form_A B.csv", 'found a form named "A B". Use only a-z, 0-9 and _'),
    ],
)
def test_a_form_with_a_name_that_cannot_be(review, name, said):
    (review / "data" / "raw" / name).write_bytes(form(review, "first").read_bytes())
    found = [problem.sentence() for problem in consensus_problems(review / "data")]
    assert len(found) == 1 and said in found[0].replace("form_first.csv: the form has the name of form_First", said)


def test_a_form_without_rows(review):
    keep(form(review, "second"), lambda row: False)
    [sentence] = [problem.sentence() for problem in consensus_problems(review / "data")]
    assert "form_second.csv: the form has no rows. Fill it in, or remove the file" in sentence


def test_check_says_how_many_decisions_name_nobody(review):
    done = helpers.taprev(review, "check")
    many = len(read_rows(review / "data" / "raw" / "adjudication.csv"))
    assert f"adjudication.csv: {many} of {many} decisions do not say who decided, and when" in done.stdout
