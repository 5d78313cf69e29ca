"""A review that is begun with answers: sound as it is, its forms cut to it, every answer where it belongs."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from helpers import TAPREV, by_hand, taprev
from taprev.extraction.checks import of_other_people, of_other_people_in_forms, review_problems
from taprev.extraction.risk_of_bias.declarations import shipped_tools
from taprev.extraction.snapshot import said_otherwise
from taprev.ground.files import csv_text, write_text
from taprev.settings import read_settings
from taprev.settings.reading import read_involvement
from taprev.starter.guided import (
    Beginning,
    OutcomeAsked,
    asked,
    begin,
    domain_name,
    outcome_asked,
    settings_of,
    tools_asked,
)
from taprev.starter.placeholders import placeholders
from taprev.starter.write import BLANK
from taprev.vocabulary import MeasuredAs

SLEEP = Beginning(
    title="Wards and sleep",
    question="Do people sleep better on such wards?",
    evidence="Seven trials, searched in May 2026.",
    programme="new ward",
    comparator="usual ward",
    extractors=1,
    outcomes=(
        OutcomeAsked("Sleep problems", MeasuredAs.SCORES),
        OutcomeAsked("Restraint", MeasuredAs.EVENTS),
        OutcomeAsked("Length of stay", MeasuredAs.UNITS, "days"),
    ),
)


def test_a_review_of_answers_is_sound_and_nothing_is_left_to_replace(tmp_path):
    folder = tmp_path / "my review"
    begin(folder, SLEEP)
    settings = read_settings(folder / "config" / "review.yaml")
    assert review_problems(folder / "data", settings) == []
    text = (folder / "config" / "review.yaml").read_text("utf-8")
    assert "  # about: what a reader must know" in text and "may be left out.\n  # Where" not in text
    assert settings.review.about == ""
    assert settings.extraction.once and not (folder / "data" / "raw").exists()
    assert (settings.review.title, settings.review.arms.comparator) == ("Wards and sleep", "usual ward")
    assert {name: (one.scale, one.unit, one.event) for name, one in settings.domains.items()} == {
        "sleep_problems": ("smd", "", ""),
        "restraint": ("smd", "", "Restraint"),
        "length_of_stay": ("md", "days", ""),
    }
    by_hand(folder, ["check"])
    left = placeholders(
        settings,
        read_involvement(folder / "config" / "involvement.yaml"),
        "config/review.yaml",
        "config/involvement.yaml",
    )
    assert [one for one in left if one.file == "config/review.yaml"] == []


def test_the_forms_are_cut_to_the_outcomes_and_one_for_each_extractor(tmp_path):
    begin(tmp_path / "once", SLEEP)
    book = load_workbook(tmp_path / "once" / "data" / "extracted" / "tables.xlsx")
    assert {"studies", "reports", "outcomes"} <= set(book.sheetnames)
    twice = Beginning(title="T", outcomes=(OutcomeAsked("Falls", MeasuredAs.EVENTS),))
    begin(tmp_path / "twice", twice)
    forms = sorted(path.name for path in (tmp_path / "twice" / "data" / "raw").glob("form_*.xlsx"))
    assert forms == ["form_first.xlsx", "form_second.xlsx"]
    sheet = load_workbook(tmp_path / "twice" / "data" / "raw" / "form_first.xlsx")["outcomes"]
    hidden = {cell.value for cell in sheet[1] if sheet.column_dimensions[cell.column_letter].hidden}
    assert {"sd_arm1", "mean_arm2", "sd_arm2"} <= hidden and not {"event_arm1", "totaln_arm2"} & hidden


def test_the_form_offers_the_words_of_the_tools_that_were_named(tmp_path):
    begin(tmp_path / "review", replace(SLEEP, tools=("RoB 2", "ROBINS-I")))
    settings = read_settings(tmp_path / "review" / "config" / "review.yaml")
    assert settings.extraction.risk_of_bias == ("RoB 2", "ROBINS-I")
    book = load_workbook(tmp_path / "review" / "data" / "extracted" / "tables.xlsx")
    offered = {column: words(book, f"risk_of_bias_{column}") for column in ("tool", "version", "domain", "judgement")}
    assert offered["tool"] == ["RoB 2", "ROBINS-I"] and offered["version"] == ["2019", "2016", "2025"]
    tools = shipped_tools().chosen(["RoB 2", "ROBINS-I"]).tools
    assert len(tools) == 3 and {tool.domain(one) for tool in tools for one in offered["domain"]} >= {
        *(domain.name for tool in tools for domain in tool.domains),
        "overall",
    }
    assert {level.name for tool in tools for level in tool.levels} <= {*offered["judgement"]}
    assert [cell.value for cell in book["risk_of_bias"][3]][1:5] == ["RoB 2", "2019", "D1", "low"]


def test_without_a_tool_all_are_offered_and_no_words_of_theirs(tmp_path):
    begin(tmp_path / "review", SLEEP)
    book = load_workbook(tmp_path / "review" / "data" / "extracted" / "tables.xlsx")
    assert {tool.name for tool in shipped_tools().tools} == {*words(book, "risk_of_bias_tool")}
    assert "risk_of_bias_judgement" not in book.defined_names


def words(book, name):
    """Return the words of a named list in a workbook."""
    sheet, _, cells = book.defined_names[name].attr_text.partition("!")
    return [row[0].value for row in book[sheet][cells.replace("$", "")]]


def test_a_tool_that_is_none_is_refused():
    assert tools_asked(["rob2", " ROBINS I ", "RoB 2"]) == ("RoB 2", "ROBINS-I")
    with pytest.raises(ValueError, match='found "Jadad" for a tool of risk of bias'):
        tools_asked(["RoB 2", "Jadad"])


def test_what_is_not_answered_stays_and_is_refused_by_check(tmp_path):
    begin(tmp_path / "review", Beginning(outcomes=SLEEP.outcomes))
    settings = read_settings(tmp_path / "review" / "config" / "review.yaml")
    left = placeholders(
        settings,
        read_involvement(tmp_path / "review" / "config" / "involvement.yaml"),
        "review.yaml",
        "involvement.yaml",
    )
    assert {one.study for one in left} >= {"review > title", "review > question", "review > evidence_set"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Sleep problems", "it is one of scores"),
        ("Sleep: sometimes", "it is one of scores"),
        (": scores", "it is one of scores"),
        ("Stay: units", 'Units have a name, others none. Write "Stay: scores", .* or "Stay: units of days"'),
        ("Falls: events of people", "Units have a name"),
        ("Falls: minutes", 'Write "Falls: scores", "Falls: events" or "Falls: units of minutes"'),
    ],
)
def test_an_outcome_that_does_not_say_how_it_is_measured_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        outcome_asked(text)


def test_two_outcomes_of_one_name_are_refused_before_anything_is_written(tmp_path):
    both = Beginning(outcomes=(OutcomeAsked("Falls!", MeasuredAs.EVENTS), OutcomeAsked("falls", MeasuredAs.SCORES)))
    with pytest.raises(ValueError, match='two outcomes would be called falls: "Falls!" and "falls"'):
        begin(tmp_path / "review", both)
    assert not (tmp_path / "review").exists()


def test_questions_are_asked_in_turn_with_what_stands_unanswered():
    said = iter(["T", "Q", "E", "drug", "placebo", "1", "rob 2; ROBINS-I", "Falls: events; Pain: scores", "Adults"])
    answers = asked(lambda question, usual: next(said))
    outcomes = (outcome_asked("Falls: events"), outcome_asked("Pain: scores"))
    assert answers == Beginning("T", "Q", "E", "drug", "placebo", 1, ("RoB 2", "ROBINS-I"), outcomes, "adults")
    said = iter(["T", "Q", "E", "drug", "placebo", "three", "2", "", "Pain", "Pain: Scores", "pupils", "children"])
    questions = []
    again = asked(lambda question, usual: questions.append(question) or next(said))
    assert (again.extractors, again.outcomes) == (2, (OutcomeAsked("Pain", MeasuredAs.SCORES),))
    assert again.population == "children" and 'found "pupils" for whose outcomes they are' in questions[-1]
    assert questions[6].startswith('Found "three" for the people who extract. Write 1 or 2')


@given(st.text(min_size=1, max_size=60), st.text(max_size=60), st.text(min_size=1, max_size=20))
def test_any_words_come_back_from_the_settings(title, question, label):
    title, question, label = (" ".join(text.split()) for text in (title, question, label))
    try:
        outcomes = (OutcomeAsked(label, MeasuredAs.EVENTS),) if domain_name(label) else ()
    except ValueError:
        outcomes = ()
    text = settings_of((BLANK / "review.yaml").read_text("utf-8"), Beginning(title, question, outcomes=outcomes))
    read = yaml.safe_load(text)
    assert read["review"]["title"] == (title or "My review")
    assert not question or read["review"]["question"] == question
    assert not outcomes or [one["label"] for one in read["domains"].values()] == [label]


def test_at_a_terminal_it_asks_and_elsewhere_it_does_not(tmp_path):
    answers = b"Wards\rDo they help?\rA search in May.\r\r\r1\rRoB 2\rFalls: events\radults\r"
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        os.execv(sys.executable, [sys.executable, str(TAPREV), "init", "asked"])
    os.write(terminal, answers)
    said = b""
    while select.select([terminal], [], [], 120)[0]:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            break
        if not part:
            break
        said += part
    else:
        os.kill(pid, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, said.decode()
    assert b"What is the review called?" in said and b"[programme]" in said
    settings = read_settings(tmp_path / "asked" / "config" / "review.yaml")
    assert settings.extraction.risk_of_bias == ("RoB 2",)
    assert settings.domains["falls"].population == "adults"
    assert settings.review.title == "Wards" and list(settings.domains) == ["falls"] and settings.extraction.once


def test_the_example_of_a_form_is_of_a_domain_and_its_people(tmp_path):
    begin(tmp_path / "review", SLEEP)
    sheet = load_workbook(tmp_path / "review" / "data" / "extracted" / "tables.xlsx")["outcomes"]
    head, told, example = ([cell.value for cell in row] for row in sheet.iter_rows(max_row=3))
    shown = dict(zip(head, example, strict=True))
    assert (shown["domain"], shown["population"]) == ("sleep_problems", "all_ages")
    assert "another in each row" in dict(zip(head, told, strict=True))["result"]


def test_a_form_offers_the_people_of_the_domains_alone_and_check_names_others_before_anybody_decides(tmp_path):
    folder = tmp_path / "review"
    begin(folder, replace(SLEEP, extractors=2, population="adults"))
    path = folder / "data" / "raw" / "form_first.xlsx"
    book = load_workbook(path)
    sheet = book["outcomes"]
    assert words(book, "outcomes_population") == ["adults"] and sheet.max_row == 3
    head = {cell.value: cell.column for cell in sheet[1]}
    assert sheet.cell(3, head["population"]).value == "adults"
    for column, text in {"study": "rossi_2020", "domain": "sleep_problems", "population": "children"}.items():
        sheet.cell(4, head[column]).value = text
    book.save(path)
    settings = read_settings(folder / "config" / "review.yaml")
    [said] = of_other_people_in_forms(folder / "data", settings)
    assert "form_first.xlsx" in said and "row 4" in said
    assert "is about adults, and these results are of children" in said
    done = taprev(folder, "check")
    assert done.returncode == 1 and said.partition("form_first")[2] in done.stderr


def test_an_example_that_was_typed_over_is_asked_about_and_people_of_another_domain_are_named(tmp_path):
    folder = tmp_path / "review"
    begin(folder, SLEEP)
    path = folder / "data" / "extracted" / "tables.xlsx"
    book = load_workbook(path)
    sheet = book["outcomes"]
    head = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(3, head["study"]).value = "rossi_2020"
    book.save(path)
    [problem] = review_problems(folder / "data", read_settings(folder / "config" / "review.yaml"))
    assert problem.row == 3 and "the row was changed, and its first cell still says" in problem.found
    outcomes = [{"result": "r1", "domain": "sleep_problems", "population": "adults"}]
    extracted = tmp_path / "extracted"
    write_text(extracted / "outcomes.csv", csv_text(outcomes[0], (row.values() for row in outcomes)))
    [said] = of_other_people(extracted / "outcomes.csv", read_settings(folder / "config" / "review.yaml"))
    assert "the domain sleep_problems is about all_ages, and these results are of adults" in said and "r1." in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--example", "--title", "T"], "--example and --blank take no answers"),
        (["--example", "--extractors", "2"], "--example and --blank take no answers"),
        (["--example", "--blank"], "Say only one of --from FILE, --example and --blank."),
        (["--from", "x.csv", "--blank"], "Say only one of --from FILE, --example and --blank."),
        (["--better", "lower"], "name it with --from"),
        (["--outcome", "Pain: often"], "it is one of scores"),
        (["--outcome", "Pain: scores", "--population", "pupils"], "Write one of adults, children, all_ages"),
        (["--title", "T", "--population", "adults"], "--population is about the outcomes"),
    ],
)
def test_options_that_would_do_nothing_are_refused(tmp_path, words, said):
    done = taprev(tmp_path, "init", "new", *words)
    assert done.returncode == 1 and said in done.stderr and not (tmp_path / "new").exists()


def test_the_next_steps_are_those_of_one_extractor_or_of_two(tmp_path):
    one = taprev(tmp_path, "init", "one", "--title", "T", "--extractors", "1").stdout
    two = taprev(tmp_path, "init", "two", "--title", "T").stdout
    assert "tables.xlsx" in one and "taprev reconcile" not in one and "write the texts that are missing" in one
    steps = ("studies.csv", "taprev form --add", "taprev reconcile", "  taprev check", "make review")
    assert sorted(steps, key=two.rindex) == list(steps)


def test_what_is_said_of_every_sheet_of_a_form_is_said_once(tmp_path):
    folder = tmp_path / "review"
    begin(folder, SLEEP)
    said = list(said_otherwise(folder / "data"))
    assert len(said) == 1 and "sheets studies, reports, outcomes" in said[0] and "of help passed over" in said[0]
