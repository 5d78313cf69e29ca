"""`taprev import`: whole reviews that run, reviews that exist, and files that are not what they should be."""

from __future__ import annotations

import csv
import hashlib
import re
import time
from itertools import product
from pathlib import Path

import pytest
import yaml
from openpyxl import load_workbook

from helpers import typed
from samples import foreign
from taprev.effects.fates import effect_rows
from taprev.extraction.checks import review_problems
from taprev.extraction.reconcile import reconcile
from taprev.extraction.tables import read_rows
from taprev.settings import read_settings
from taprev.settings.reading import read_involvement
from taprev.starter.placeholders import placeholders
from taprev.starter.write import SETTINGS, review_files
from taprev.synthesis.domain import synthesise

SAID = ("--better", "lower", "--contrast", "randomised", "--title", "A title", "--question", "Does it help?")


def files(folder: Path) -> dict[str, Path]:
    """Write a file of every format into a folder, under names that say nothing."""
    contents = {
        "rm5": foreign.rm5_of().encode(),
        "revman-web": foreign.package(
            "1,1,,,Ash,2001,0,0,5,2,0,20,6,2,0,20,0,0,0,0,0,0,\n",
            "1,1,Pain,A,Continuous,false,,,IV,Mean Difference,Fixed effect,true,true,false,95%,95%,"
            "0,0,0,,0,0,0,0,0,0,,,\n",
        ),
        "metapsy": foreign.METAPSY.encode(),
        "robvis": foreign.ROBVIS.encode(),
        "effects": foreign.EFFECTS.encode(),
        "covidence": foreign.COVIDENCE.encode(),
        "eppi": foreign.EPPI.encode(),
        "ris": foreign.RIS.encode(),
        "nbib": foreign.NBIB.encode(),
        "prisma": foreign.PRISMA.encode(),
    }
    made = {}
    for number, (word, content) in enumerate(contents.items()):
        made[word] = folder / f"file{number}.data"
        made[word].write_bytes(content)
    return {**made, "srdr": foreign.srdr(folder / "file.data")}


@pytest.fixture(scope="module")
def every(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    return files(folder)


@pytest.fixture
def type_in(tmp_path, monkeypatch):
    """Return a function that types a command in an empty folder and returns its exit code and what it said."""
    monkeypatch.chdir(tmp_path)

    def ended(*words):
        result = typed(*words)
        said = result.output if result.exception is None or isinstance(result.exception, SystemExit) else ""
        code = result.exit_code
        if isinstance(result.exception, ValueError):
            code, said = 1, str(result.exception)
        elif result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return code, said

    return ended


def sound(folder: Path) -> None:
    """Assert that a review passes every check, and that no text of it is still that of a new review."""
    settings = read_settings(folder / "config" / "review.yaml")
    assert [problem.sentence() for problem in review_problems(folder / "data", settings)] == []
    assert placeholders(settings, read_involvement(folder / "config" / "involvement.yaml"), "", "") == []


def pooled(folder: Path, domain: str):
    """Return the randomised stratum of a domain of a review, pooled without a run of the workflow."""
    settings = read_settings(folder / "config" / "review.yaml")
    extracted = folder / "data" / "extracted"
    studies = {row["study"]: row for row in read_rows(extracted / "studies.csv")}
    rows = effect_rows(domain, read_rows(extracted / "outcomes.csv"), studies, settings)
    return synthesise(domain, rows, settings, {"version": "test"}).strata[0]


@pytest.mark.parametrize("word", ["rm5", "revman-web", "metapsy", "effects", "eppi"])
def test_an_imported_review_passes_its_checks(every, type_in, tmp_path, word):
    code, said = type_in("import", every[word], "--into", "new review", "--measure", "SMD", *SAID)
    assert code == 0, said
    sound(tmp_path / "new review")
    received = tmp_path / "new review" / "data" / "raw" / "as_received"
    digest = hashlib.sha256(every[word].read_bytes()).hexdigest()
    assert (received / every[word].name).read_bytes() == every[word].read_bytes()
    assert digest in said and digest in (received / f"{every[word].name}.md").read_text()


def test_only_texts_that_people_must_write_are_missing_without_them(every, type_in, tmp_path):
    code, said = type_in("import", every["metapsy"], "--into", "new", *SAID[:4])
    assert code == 0 and "  write title and question into config/review.yaml\n" in said
    assert "into config/review.yaml" not in type_in("import", every["metapsy"], "--into", "other", *SAID)[1]
    settings = read_settings(tmp_path / "new" / "config" / "review.yaml")
    left = placeholders(settings, read_involvement(tmp_path / "new" / "config" / "involvement.yaml"), "", "")
    assert [problem.study for problem in left] == ["review > title", "review > question"]


def test_an_imported_review_pools_what_stands_in_the_file(every, type_in, tmp_path):
    assert type_in("import", every["rm5"], "--into", "new", *SAID)[0] == 0
    stratum = pooled(tmp_path / "new", "infection")
    one, _ = foreign.published("nielweise2007", "OR", "MH", False)
    assert len(stratum.studies) == len(one["event_arm1"]) or stratum.fit.k <= len(one["event_arm1"])
    assert type_in("import", every["metapsy"], "--into", "other", *SAID)[0] == 0
    assert pooled(tmp_path / "other", "scores").fit.k == 4


def test_references_begin_a_review_whose_forms_are_blank(every, type_in, tmp_path):
    assert type_in("import", every["ris"], "--into", "new", "--title", "A title", "--question", "Why?")[0] == 0
    settings = read_settings(tmp_path / "new" / "config" / "review.yaml")
    assert not settings.extraction.once and review_problems(tmp_path / "new" / "data", settings) == []
    assert (tmp_path / "new" / "data" / "raw" / "form_second.csv").is_file()
    left = placeholders(settings, read_involvement(tmp_path / "new" / "config" / "involvement.yaml"), "", "")
    assert [problem.study for problem in left] == ["review > evidence_set", "review > about"]
    assert "Fill the two forms" in (tmp_path / "new" / "README.md").read_text()


def test_the_same_review_is_begun_by_init(every, type_in, tmp_path):
    assert type_in("import", every["metapsy"], "--into", "one", *SAID)[0] == 0
    assert type_in("init", "--from", every["metapsy"], "two", *SAID)[0] == 0
    names = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert names == sorted(
        path.relative_to(tmp_path / "two") for path in (tmp_path / "two").rglob("*") if path.is_file()
    )
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in names)
    code, said = type_in("init", "--from", every["metapsy"], "two", *SAID)
    assert code == 1 and "not empty" in said


@pytest.mark.parametrize(
    ("option", "answer"),
    [
        ("--programme", "Exercise"),
        ("--comparator", "Usual care"),
        ("--evidence", "A search"),
        ("--outcome", "Sleep: scores"),
        ("--extractors", "1"),
        ("--extractors", "2"),
    ],
)
def test_init_from_a_file_refuses_words_that_it_would_not_write(every, type_in, tmp_path, option, answer):
    code, said = type_in("init", "--from", every["metapsy"], "two", *SAID, option, answer)
    assert code == 1 and f"{option}: these are not for a review" in said and list(tmp_path.iterdir()) == []


def test_nothing_is_written_by_a_dry_run_or_while_a_question_is_open(every, type_in, tmp_path):
    code, said = type_in("import", every["rm5"], "--into", "new", "--dry-run", *SAID)
    assert (
        code == 0
        and "of 8 stored numbers 8 agree to their last printed digit." in said
        and "Nothing was written" in said
    )
    code, said = type_in("import", every["rm5"], "--into", "new")
    assert code == 1 and "infection: lower" in said and "--contrast randomised" in said
    assert list(tmp_path.iterdir()) == []


def test_covidence_gives_forms_and_decisions_that_make_the_consensus(every, type_in, tmp_path):
    code, said = type_in("import", every["covidence"], "--into", "new")
    proposed = tmp_path / f"{every['covidence'].stem}.import.yaml"
    assert code == 1 and proposed.name in said and proposed.is_file()
    code, said = type_in("import", every["covidence"], "--into", "new", "--map", proposed, *SAID)
    assert code == 0 and "taprev reconcile" in said
    data = tmp_path / "new" / "data"
    merged = reconcile(data, read_settings(tmp_path / "new" / "config" / "review.yaml").extraction)
    assert merged.problems == ()
    assert [(cell.result, cell.column) for cell in merged.open_cells] == [("cedar_2003_mood", "mean_arm1")]
    agreed = [row for row in merged.rows if row["study"] != "cedar_2003"]
    assert agreed == read_rows(data / "extracted" / "outcomes.csv")
    assert [(row["column"], row["decision"]) for row in read_rows(data / "raw" / "adjudication.csv")] == [
        ("sd_arm2", "first"),
        ("mean_arm2", "correct"),
    ]


def test_two_extractors_of_srdr_give_a_consensus_that_holds(every, type_in, tmp_path):
    assert type_in("import", every["srdr"], "--into", "new", *SAID)[0] == 0
    sound(tmp_path / "new")


@pytest.fixture
def begun(every, type_in, tmp_path):
    """A review that was begun with a table of three studies."""
    assert type_in("import", every["effects"], "--into", "begun", "--measure", "SMD", *SAID)[0] == 0
    return tmp_path / "begun"


def snapshot(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_first_command_of_the_docs_gives_a_title_that_is_not_that_of_a_new_review(root):
    docs = (root / "docs" / "importing.md").read_text(encoding="utf-8")
    title = re.search(r'--title "([^"]+)"', docs)[1]
    assert title != yaml.safe_load(review_files()[SETTINGS])["review"]["title"]


def test_judgements_go_into_a_review_that_exists(every, type_in, begun, tmp_path):
    code, said = type_in("import", every["robvis"], "--into", begun)
    assert code == 1 and said.count("a study for which the review has no result") == 2
    judged = tmp_path / "judged.csv"
    judged.write_text(foreign.ROBVIS.replace("Study 1", "Study 1 2001").replace("Study 2", "Study 2 2002"))
    assert type_in("import", judged, "--into", begun)[0] == 0
    assert len(read_rows(begun / "data" / "extracted" / "risk_of_bias.csv")) == 12
    sound(begun)


def test_nothing_is_written_over_rows_or_beside_a_clash(every, type_in, begun):
    before = snapshot(begun)
    words = ("import", every["effects"], "--into", begun, "--measure", "SMD", *SAID[:4])
    code, said = type_in(*words)
    assert code == 1 and said.count("nothing is written over them") == 3
    assert "or name another folder (--into)" in said and said.rstrip().endswith("Nothing was written.")
    code, said = type_in(*words, "--add")
    assert code == 1 and said.count("which row 2 has already") == 3 and said.count("has already") == 9
    assert snapshot(begun) == before


@pytest.mark.parametrize("words", [(), ("--add",)])
def test_a_table_that_stands_in_a_workbook_is_never_given_a_second_place(every, type_in, begun, words):
    extracted = begun / "data" / "extracted"
    foreign.xlsx(extracted / "tables.xlsx", list(csv.reader((extracted / "outcomes.csv").open())))
    book = load_workbook(extracted / "tables.xlsx")
    book.active.title = "outcomes"
    book.save(extracted / "tables.xlsx")
    (extracted / "outcomes.csv").unlink()
    before = snapshot(begun)
    code, said = type_in("import", every["effects"], "--into", begun, "--measure", "SMD", *SAID[:4], *words)
    assert code == 1 and snapshot(begun) == before
    assert "tables.xlsx: the table outcomes is in the sheet outcomes of this workbook" in said
    if not words:
        assert "tables.xlsx, sheet outcomes: the table has 3 rows" in said


def test_rows_with_new_names_are_put_behind_the_others(every, type_in, begun, tmp_path):
    more = tmp_path / "more.csv"
    more.write_text(foreign.EFFECTS.replace("Study ", "Other "))
    code, said = type_in("import", more, "--into", begun, "--measure", "SMD", "--add", *SAID[:4])
    assert code == 0, said
    outcomes = read_rows(begun / "data" / "extracted" / "outcomes.csv")
    assert len(outcomes) == 6 and len({row["location"] for row in outcomes}) == 6
    sources = [row["read_in"] for row in read_rows(begun / "data" / "extracted" / "reports.csv")]
    assert sources == ["the file file4.data"] * 3 + ["the file more.csv"] * 3
    evidence = read_settings(begun / SETTINGS).review.evidence_set
    both = "file4.data (table of effects), and of more.csv (table of effects)"
    assert evidence == f"The figures are those of {both}, as imported."
    sound(begun)


def test_a_text_that_people_wrote_of_the_evidence_stays_and_they_are_asked(every, type_in, begun, tmp_path):
    settings, own = begun / SETTINGS, "Everything that we found in two files."
    given = read_settings(settings).review.evidence_set
    settings.write_text(settings.read_text("utf-8").replace(given, own), encoding="utf-8")
    more = tmp_path / "more.csv"
    more.write_text(foreign.EFFECTS.replace("Study ", "Other "))
    code, said = type_in("import", more, "--into", begun, "--measure", "SMD", "--add", *SAID[:4])
    assert code == 0 and "review > evidence_set: it does not name more.csv." in said
    assert read_settings(settings).review.evidence_set == own


def test_a_review_of_a_file_says_that_it_was_imported_and_not_by_which_program(begun):
    about = read_settings(begun / SETTINGS).review.about
    assert "imported from files" in about and "program" not in about


def test_domains_that_the_review_lacks_are_said_and_may_be_renamed(every, type_in, begun, tmp_path):
    more = tmp_path / "more.csv"
    more.write_text("study,outcome,yi,vi\nOther 1,sleep,0.1,0.1\n")
    words = ("import", more, "--into", begun, "--measure", "SMD", "--add", *SAID[:4])
    code, said = type_in(*words)
    assert code == 1 and "the domains sleep, which the settings do not have" in said
    mapping = tmp_path / "map.yaml"
    mapping.write_text(yaml.safe_dump({"domains": {"sleep": "effects"}}))
    assert type_in(*words, "--map", mapping)[0] == 0
    sound(begun)


def test_forms_go_into_a_blank_review_and_over_no_other_form(every, type_in, tmp_path):
    assert type_in("init", "blank")[0] == 0
    mapping = tmp_path / "map.yaml"
    mapping.write_text("domains: {mood: symptoms}\n")
    words = ("import", every["srdr"], "--into", "blank", "--map", mapping, "--address", "https://a.org", *SAID[:4])
    code, said = type_in(*words)
    assert code == 1 and "the domain symptoms is about adults, and the rows that were read are about all_ages" in said
    mapping.write_text("domains: {mood: symptoms}\ntables: {outcomes: {constants: {population: adults}}}\n")
    assert type_in(*words)[0] == 0
    code, said = type_in(*words)
    assert code == 1 and said.count("Import the file into a new folder") == 3
    raw = tmp_path / "blank" / "data" / "raw"
    assert len(read_rows(raw / "form_second.csv")) == 1 and len(read_rows(raw / "adjudication.csv")) == 1
    merged = reconcile(tmp_path / "blank" / "data")
    assert merged.problems == () and list(merged.rows) == read_rows(raw.parent / "extracted" / "outcomes.csv")


def test_what_the_codebook_of_a_review_asks_for_is_said_by_column(every, type_in, review, tmp_path):
    for name in ("studies", "reports", "outcomes", "risk_of_bias", "components", "certainty", "missing_evidence"):
        path = review / "data" / "extracted" / f"{name}.csv"
        path.write_text(path.read_text().split("\n")[0] + "\n")
    words = ("import", every["effects"], "--into", review, "--measure", "SMD", *SAID[:4])
    before = snapshot(review)
    code, said = type_in(*words)
    assert code == 1 and snapshot(review) == before
    for part in ("column uk_nation", "column scope", "column population", "--address", "the domains effects"):
        assert said.count(part) == 1, part
    mapping = tmp_path / "map.yaml"
    studies = {"constants": {"uk_nation": "not_reported", "scope": "organisational"}}
    tables = {"studies": studies, "outcomes": {"constants": {"population": "staff"}}}
    mapping.write_text(yaml.safe_dump({"domains": {"effects": "staff_knowledge"}, "tables": tables}))
    assert type_in(*words, "--map", mapping, "--address", "https://example.org/data")[0] == 0
    assert len(read_rows(review / "data" / "extracted" / "outcomes.csv")) == 3


def test_the_flow_goes_into_a_review_whose_flow_nobody_recorded(every, type_in, begun):
    assert type_in("import", every["prisma"], "--into", begun)[0] == 0
    flow = {row["box"]: row["n"] for row in read_rows(begun / "data" / "extracted" / "flow.csv")}
    assert flow["database_results"] == "120" and flow["duplicates"] == "not recorded"
    assert type_in("import", every["prisma"], "--into", begun)[0] == 1


FORMATS = ("rm5", "revman-web", "metapsy", "robvis", "effects", "covidence", "eppi", "srdr", "ris", "nbib", "prisma")
WRONG = [(word, other) for word, other in product((*FORMATS, "table"), FORMATS) if word != other]


@pytest.mark.parametrize(("word", "other"), WRONG)
def test_a_file_of_another_format_is_refused_in_a_sentence(every, type_in, tmp_path, word, other):
    code, said = type_in("import", every[other], "--as", word, "--into", "new", "--measure", "SMD", "--dry-run", *SAID)
    assert code == 1 and said.strip() and "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("word", FORMATS)
def test_empty_cut_off_and_damaged_files_end_with_a_sentence(every, type_in, tmp_path, word):
    whole = every[word].read_bytes()
    for content in (b"", whole[: len(whole) // 2], bytes(255 - byte for byte in whole), b"\x00\xff" * 50, b"\n\n"):
        path = tmp_path / "broken.data"
        path.write_bytes(content)
        for words in ((), ("--as", word)):
            code, said = type_in("import", path, "--into", "new", "--measure", "SMD", "--dry-run", *SAID, *words)
            assert "Traceback" not in said and (
                code == 1 or b"," in content or b";" in content or word in ("ris", "nbib")
            )
    assert [one.name for one in tmp_path.iterdir()] == ["broken.data"]


def test_a_file_that_two_formats_know_is_asked_about(type_in, tmp_path):
    path = tmp_path / "both.csv"
    path.write_text("study,D1,D2,D3,D4,D5,Overall,yi,vi\nAsh,Low,Low,Low,Low,Low,Low,0.1,0.1\n")
    code, said = type_in("import", path, "--into", "new", *SAID)
    assert code == 1 and "--as robvis" in said and "--as effects" in said


def test_columns_named_twice_are_refused(type_in, tmp_path):
    path = tmp_path / "twice.csv"
    path.write_text("study,yi,vi,yi\nAsh,0.1,0.1,0.2\n")
    code, said = type_in("import", path, "--into", "new", "--measure", "SMD", *SAID)
    assert code == 1 and "columns named twice: yi" in said


def test_a_spreadsheet_that_unpacks_to_too_much_is_refused(type_in, tmp_path, monkeypatch):
    from taprev.exchange import archive

    path = foreign.xlsx(tmp_path / "big.xlsx", [["study", "yi", "vi"], ["Ash", 0.1, 0.1]])
    monkeypatch.setattr(archive, "LARGEST", 1_000)
    code, said = type_in("import", path, "--as", "effects", "--into", "new", "--measure", "SMD", *SAID)
    assert code == 1 and "large when unpacked" in said


def test_a_hundred_thousand_rows_are_read_in_reasonable_time(type_in, tmp_path):
    path = tmp_path / "many.csv"
    with path.open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["study", "yi", "vi"])
        writer.writerows([f"Study {n}", n % 7 / 10, 0.1] for n in range(100_000))
    before = time.process_time()
    code, said = type_in("import", path, "--into", "new", "--measure", "SMD", "--dry-run", *SAID)
    assert code == 0 and "100000 studies, 100000 reports, 100000 results" in said
    assert time.process_time() - before < 60


def test_one_study_is_counted_as_one(type_in, tmp_path):
    path = tmp_path / "one.csv"
    path.write_text("study,yi,vi\nSørensen 2020,0.1,0.1\n")
    code, said = type_in("import", path, "--into", "new", "--measure", "SMD", *SAID)
    assert code == 0 and "Read: 1 study, 1 report, 1 result." in said and "(1 result)" in said
    assert read_rows(tmp_path / "new" / "data" / "extracted" / "studies.csv")[0]["study"] == "sorensen_2020"


def test_names_lead_nowhere(type_in, tmp_path):
    path = tmp_path / "names.csv"
    path.write_text('study,outcome,yi,vi\n"../../x","../../etc",0.1,0.1\n"=cmd()","a: b",0.2,0.1\n')
    assert type_in("import", path, "--into", "new", "--measure", "SMD", *SAID)[0] == 0
    sound(tmp_path / "new")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["names.csv", "new"]
