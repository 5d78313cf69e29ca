"""The living review: what changed between two editions, and which part of a moved number each change makes."""

from __future__ import annotations

import copy
import csv
import json
import math
import re
import shutil
import subprocess
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import EXAMPLE, ROOT, by_hand, taprev
from taprev.provenance.diff.difference import difference
from taprev.provenance.diff.editions import EditionError, read_edition
from taprev.provenance.diff.moves import signed
from taprev.provenance.diff.results import difference_json, read_changes
from taprev.provenance.diff.units import merged
from taprev.provenance.diff.words import difference_text
from taprev.provenance.receipts import NAME as RECEIPTS
from taprev.report.changes import changes_body, changes_page
from taprev.settings import Settings
from taprev.synthesis.results import seal

KNOWLEDGE = "staff_knowledge"


def said_by(*words, folder: Path) -> str:
    done = taprev(folder, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(folder: Path, *domains: str) -> None:
    """Run the commands of the workflow by hand as far as the synthesis of some domains."""
    commands = (["settings"], ["check", "--out", "results/audit/checked.csv"], ["effects"])
    by_hand(folder, *commands, *(["synthesis", domain] for domain in domains))


def stored(folder: Path, domain: str, stratum: str = "before_after") -> dict:
    content = json.loads((folder / "results" / "synthesis" / f"{domain}.json").read_text("utf-8"))
    return next(one for one in content["strata"] if one["name"] == stratum)["fit"]


def rewrite(path: Path, change) -> None:
    """Rewrite a CSV file: change(rows) returns its new rows."""
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        rows, header = list(reader), reader.fieldnames
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(change(rows))


def without(folder: Path, *results: str) -> None:
    for table in ("outcomes", "risk_of_bias"):
        rewrite(
            folder / "data" / "extracted" / f"{table}.csv",
            lambda rows: [row for row in rows if row["result"] not in results],
        )


def set_text(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, (old, text.count(old))
    path.write_text(text.replace(old, new), encoding="utf-8")


def outcomes(folder: Path) -> Path:
    return folder / "data" / "extracted" / "outcomes.csv"


def compare(old, new):
    """Return the difference; its JSON, text and HTML must be there as well."""
    made = difference(read_edition(str(old)), read_edition(str(new)))
    assert json.loads(difference_json(made)) == json.loads(json.dumps(asdict(made)))
    assert difference_text(made) and "<h1>" in changes_page(made)
    return made


def move(made, domain: str, stratum: str = "before_after"):
    return next(one for one in made.moves if (one.domain, one.stratum) == (domain, stratum))


def sums(made) -> None:
    """Parts, interaction and the part of the code are the whole change."""
    for one in made.moves:
        if one.interaction is not None:
            parts = [part.part for part in one.parts if part.part is not None]
            assert math.fsum([*parts, one.interaction, one.code]) == pytest.approx(one.whole, abs=1e-12)
            assert one.whole == one.new.estimate - one.old.estimate


def extracted_once(folder: Path) -> Path:
    """Copy the shipped review into a folder, as one that is extracted once."""
    for part in ("config", "data"):
        shutil.copytree(ROOT / part, folder / part)
    set_text(folder / "config" / "review.yaml", "twice: all", "twice: none")
    return folder


@pytest.fixture
def editions(tmp_path) -> tuple[Path, Path]:
    """Two copies of the shipped review, extracted once."""
    return extracted_once(tmp_path / "old"), extracted_once(tmp_path / "new")


@pytest.fixture(scope="module")
def computed(tmp_path_factory) -> Path:
    """The shipped review, extracted once, with the results of one domain; copy it before you change it."""
    folder = extracted_once(tmp_path_factory.mktemp("computed") / "review")
    run(folder, KNOWLEDGE)
    return folder


@pytest.fixture
def computed_editions(computed, tmp_path) -> tuple[Path, Path]:
    """Two copies of the shipped review, extracted once, with the results of one domain."""
    return shutil.copytree(computed, tmp_path / "old"), shutil.copytree(computed, tmp_path / "new")


def test_parts_and_interaction_are_the_difference_of_full_reruns(computed_editions, edit, tmp_path):
    """Each part is what a full run of the commands gives for that change alone; the interaction is what remains."""
    old, new = computed_editions
    changes = {
        "r057": lambda folder: edit(outcomes(folder), "r057", "t", "19.86"),
        "r056": lambda folder: without(folder, "r056"),
        "assumptions.rho.value": lambda folder: set_text(
            folder / "config" / "review.yaml", "rho: {value: 0.6", "rho: {value: 0.8"
        ),
    }
    alone = {}
    before = stored(old, KNOWLEDGE)["estimate"]
    for name, change in changes.items():
        folder = tmp_path / f"only {name}"
        shutil.copytree(old, folder, ignore=shutil.ignore_patterns("results"))
        change(folder)
        run(folder, KNOWLEDGE)
        alone[name] = stored(folder, KNOWLEDGE)["estimate"] - before
        change(new)
    run(new, KNOWLEDGE)
    after = stored(new, KNOWLEDGE)["estimate"]
    for pair in ((old, new), (old / "results", new / "results")):
        made = compare(*pair)
        found = move(made, KNOWLEDGE)
        parts = {part.name: part.part for part in found.parts}
        assert parts == pytest.approx(alone, abs=1e-12)
        assert found.whole == pytest.approx(after - before, abs=1e-12)
        assert sum(parts.values()) + found.interaction == pytest.approx(after - before, abs=1e-12)
        assert abs(found.interaction) > 1e-3 and found.code == 0
        assert found.went == ("r056",) and (found.old.k, found.new.k) == (6, 5)
        assert (found.new.ci_lb, found.new.ci_ub) == tuple(stored(new, KNOWLEDGE)[n] for n in ("ci_lb", "ci_ub"))
        sums(made)


def test_numbers_have_the_decimals_of_their_domain(editions, edit):
    old, new = editions
    for folder in editions:
        path = folder / "config" / "review.yaml"
        text = path.read_text("utf-8")
        head = f"  {KNOWLEDGE}:\n"
        assert text.count(head) == 1
        path.write_text(text.replace(head, f"{head}    digits: 4\n"), encoding="utf-8")
    edit(outcomes(new), "r057", "t", "19.86")
    one = move(compare(old, new), KNOWLEDGE)
    assert re.fullmatch(r"\d\.\d{4} \[\d\.\d{4}, \d\.\d{4}\]", one.new.text) and one.new.digits == 4


def test_a_single_change_is_the_whole_change_and_leaves_no_interaction(editions, edit):
    old, new = editions
    edit(outcomes(new), "r057", "t", "9.86")
    found = move(compare(old, new), KNOWLEDGE)
    assert [part.part for part in found.parts] == [found.whole] and found.interaction == 0
    assert "r057" in found.parts[0].said and found.parts[0].said.endswith("changed: t")


@pytest.mark.parametrize("kind", ["folders", "results"])
def test_identical_editions_say_that_nothing_changed(computed_editions, kind):
    old, new = computed_editions
    if kind == "results":
        old, new = old / "results", new / "results"
    made = compare(old, new)
    assert made.said == (
        "Nothing changed in the extracted tables and in the settings.",
        "No pooled number moved: 4 pooled numbers are the same.",
        "No conclusion changed.",
    )
    assert not (made.rows or made.settings or made.fates or made.counts or made.conclusions or made.refused)
    assert {one.whole for one in made.moves} == {0.0}


def test_results_keep_what_they_were_computed_from(computed_editions):
    old, _ = computed_editions
    kept, extracted = old / "results" / "audit" / "extracted", old / "data" / "extracted"
    names = {path.name for path in kept.iterdir()} - {RECEIPTS}
    assert names == {path.name for path in extracted.iterdir()}
    assert all((kept / path.name).read_bytes() == path.read_bytes() for path in extracted.iterdir())
    shutil.rmtree(kept)
    with pytest.raises(EditionError, match="do not hold the tables they were computed from"):
        read_edition(str(old / "results"))


def test_a_number_that_another_code_stored_is_told_apart(computed_editions, edit):
    old, new = computed_editions
    path = old / "results" / "synthesis" / f"{KNOWLEDGE}.json"
    content = json.loads(path.read_text("utf-8"))
    fit = next(one for one in content["strata"] if one["fit"])["fit"]
    fit["estimate"] -= 0.25
    path.write_text(json.dumps({**content, "seal": seal(content)}), encoding="utf-8")
    made = compare(old / "results", new / "results")
    found = move(made, KNOWLEDGE)
    assert (found.whole, found.code) == pytest.approx((0.25, 0.25), abs=1e-12)
    assert "1 stored number differs from what the present code computes." in made.said
    assert "Part of the code: " in difference_text(made) and found.notes == (found.old.code,)
    edit(outcomes(new), "r057", "t", "19.86")
    run(new, KNOWLEDGE)
    both = compare(old / "results", new / "results")
    sums(both)
    assert move(both, KNOWLEDGE).code == pytest.approx(0.25, abs=1e-12)
    assert [part.name for part in move(both, KNOWLEDGE).parts] == ["r057"]
    next(one for one in content["strata"] if one["fit"])["fit"] = None
    path.write_text(json.dumps({**content, "seal": seal(content)}), encoding="utf-8")
    [gone] = [one for one in compare(old / "results", new / "results").moves if one.domain == KNOWLEDGE]
    assert gone.change == "appeared" and "has no number stored here" in gone.notes[0]
    path.write_text(path.read_text("utf-8").replace("before_after", "randomised"), encoding="utf-8")
    done = taprev(old, "diff", old / "results", new / "results")
    assert done.returncode == 1 and "the seal does not match" in done.stderr


def test_a_number_that_appears_or_vanishes_names_its_rows(editions):
    old, new = editions
    rows = {row.result: row for row in picture_rows(old, "youth_behaviour") if row.fate == "pooled"}
    gone = next(iter(rows))
    without(new, gone)
    made = compare(old, new)
    found = move(made, "youth_behaviour")
    assert found.change == "vanished" and gone in found.went and set(found.went) == set(rows)
    assert (found.parts, found.whole, found.interaction) == ((), None, None)
    back = move(compare(new, old), "youth_behaviour")
    assert back.change == "appeared" and set(back.came) == set(rows)
    assert f"no longer pooled: {', '.join(found.went)}" in difference_text(made)
    fates = {one.result: (one.old, one.new) for one in made.fates}
    assert fates[gone] == ("pooled", "not in this domain")
    assert {fates[one] for one in rows if one != gone} == {("pooled", "shown, not pooled")}
    said = next(one for one in made.conclusions if one.domain == "youth_behaviour")
    assert said.old == "pooled, two effects: no conclusion" and said.new == "nothing is pooled"
    assert said.old_words.startswith("Pooling 2 samples") and said.new_words.startswith("Not pooled: the only")


def picture_rows(folder: Path, domain: str):
    from taprev.provenance.diff.difference import _all_columns
    from taprev.provenance.diff.domains import picture
    from taprev.provenance.diff.units import evidence

    one = read_edition(str(folder))
    return picture(domain, evidence(one, _all_columns(one, one))).rows


def test_a_change_that_alone_leaves_nothing_to_pool_is_not_defined_and_goes_to_the_interaction(editions):
    """Two rows pooled become two others: each removal alone leaves one row, which is no number."""
    old, new = editions
    first, second = [row.result for row in picture_rows(old, "youth_behaviour") if row.fate == "pooled"][:2]

    def swapped(rows):
        copies = [{**row, "result": f"r9{row['result']}", "smd": "-0.5"} for row in rows if row["result"] == first]
        return [row for row in rows if row["result"] != first] + copies

    rewrite(outcomes(new), swapped)
    rewrite(
        new / "data" / "extracted" / "risk_of_bias.csv",
        lambda rows: [row for row in rows if row["result"] != first],
    )
    made = compare(old, new)
    found = move(made, "youth_behaviour")
    undefined = {part.name: part.why for part in found.parts if part.part is None}
    assert first in undefined and "nothing is pooled here" in undefined[first] and second not in undefined
    assert "with what is not defined alone" in difference_text(made)
    sums(made)


def test_a_domain_of_another_name_appears_and_vanishes(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        for part in ("config", "data"):
            shutil.copytree(EXAMPLE / part, folder / part)
    rewrite(outcomes(new), lambda rows: [{**row, "domain": "stay"} for row in rows])
    text = (new / "config" / "review.yaml").read_text("utf-8")
    (new / "config" / "review.yaml").write_text(text.replace("length_of_stay:", "stay:"), encoding="utf-8")
    made = compare(old, new)
    changes = {(one.domain, one.change) for one in made.moves}
    assert changes == {("stay", "appeared"), ("length_of_stay", "vanished")}
    assert {one.name for one in made.settings} == {"domains.stay", "domains.length_of_stay"}


def edited(edition, **cells):
    """Return the edition with other cells in r057, whether the codebook allows them or not."""
    table = edition.tables["outcomes"]
    rows = tuple({**row, **cells} if row["result"] == "r057" else row for row in table.rows)
    return replace(edition, tables={**edition.tables, "outcomes": replace(table, rows=rows)})


def test_what_cannot_be_computed_is_said_without_a_traceback(edition):
    made = difference(edition, edited(edition, t="nine"))
    [refused] = made.refused
    assert refused.domain == KNOWLEDGE and "nine" in refused.why and move(made, KNOWLEDGE).change == "vanished"
    assert "Not computed" in difference_text(made) and "nine" in changes_page(made)
    undone = difference(edited(edition, study="nobody"), edition)
    assert "'nobody' is missing" in undone.refused[0].why


def test_a_change_that_cannot_be_computed_alone_has_no_part(edition, monkeypatch):
    from taprev.provenance.diff import moves

    def refuse(old, unit, order):
        raise ValueError("the scale needs a unit")

    monkeypatch.setattr(moves, "applied", refuse)
    made = difference(edition, edited(edition, t="19.86"))
    found = move(made, KNOWLEDGE)
    [part] = found.parts
    assert part.part is None and part.why.endswith("cannot be computed: the scale needs a unit")
    assert found.interaction == found.whole != 0 and "not defined" in difference_text(made)


def test_a_row_moves_to_another_domain_and_a_result_is_renamed(editions, edit):
    old, new = editions
    edit(outcomes(new), "r057", "domain", "staff_attitudes")
    made = compare(old, new)
    sums(made)
    assert {one.domain for one in made.moves if one.change == "moved"} == {KNOWLEDGE, "staff_attitudes"}
    [changed] = made.rows
    assert (changed.row, changed.domain) == ("r057", "staff_attitudes")
    assert [(cell.column, cell.old, cell.new) for cell in changed.cells] == [("domain", KNOWLEDGE, "staff_attitudes")]
    edit(outcomes(new), "r057", "domain", KNOWLEDGE)
    for table in ("outcomes", "risk_of_bias"):
        rewrite(
            new / "data" / "extracted" / f"{table}.csv",
            lambda rows: [{**row, "result": row["result"].replace("r057", "r957")} for row in rows],
        )
    made = compare(old, new)
    [renamed] = [one for one in made.rows if one.table == "outcomes"]
    assert (renamed.change, renamed.was, renamed.row) == ("renamed", "r057", "r957")
    assert {one.change for one in made.moves} == {"unchanged"} and made.fates == ()
    assert "r057 → r957" in difference_text(made)


def test_other_tables_studies_judgements_and_settings_are_told(editions):
    old, new = editions
    extracted = new / "data" / "extracted"
    rewrite(
        extracted / "studies.csv",
        lambda rows: [
            {**row, "scope": "client_programme"} if row["study"] == "SSWR2018_MHtraining" else row for row in rows
        ],
    )
    rewrite(
        extracted / "risk_of_bias.csv",
        lambda rows: [{**row, "judgement": "high"} if row["result"] == "r001" else row for row in rows],
    )
    rewrite(extracted / "components.csv", lambda rows: rows[1:])
    set_text(new / "config" / "review.yaml", "prediction_df: k-1", "prediction_df: k-2")
    made = compare(old, new)
    told = {(one.table, one.change) for one in made.rows}
    assert told == {("studies", "changed"), ("risk_of_bias", "changed"), ("components", "went")}
    assert [(one.name, one.old, one.new) for one in made.settings] == [("synthesis.prediction_df", "k-1", "k-2")]
    found = move(made, KNOWLEDGE)
    assert {part.kind for part in found.parts} == {"study", "setting"}
    assert next(part for part in found.parts if part.kind == "setting").part == 0
    assert next(part for part in found.parts if part.kind == "study").part == found.whole != 0
    judged = next(part for one in compare(old, new).moves for part in one.parts if part.kind == "setting")
    assert judged.part == 0 and "risk of bias" not in found.parts[0].said
    excluded = {one.new for one in made.fates}
    assert excluded == {"excluded"} and any(one.what.startswith("directions") for one in made.counts)
    sums(made)


def test_the_order_of_the_rows_is_a_change_of_its_own(editions):
    old, new = editions
    rewrite(outcomes(new), lambda rows: rows[::-1])
    made = compare(old, new)
    assert {part.kind for one in made.moves for part in one.parts} == {"order"}
    sums(made)


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("inside", [".", "reviews/stroke care"])
def test_a_git_revision_is_read_without_touching_the_working_tree(tmp_path, edit, inside):
    folder = tmp_path / "repository" / inside
    shutil.copytree(EXAMPLE / "config", folder / "config")
    shutil.copytree(EXAMPLE / "data", folder / "data")
    git(tmp_path / "repository", "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "first")
    git(folder, "tag", "v1")
    first = outcomes(folder).read_bytes()
    edit(outcomes(folder), 2, "mean_arm1", "56")
    git(folder, "commit", "--quiet", "-a", "-m", "second")
    edit(outcomes(folder), 3, "mean_arm1", "28")
    before = outcomes(folder).read_bytes(), git(folder, "status", "--porcelain"), git(folder, "stash", "list")
    assert said_by("diff", "HEAD", folder=folder).count("mean_arm1: ") == 1
    assert said_by("diff", "v1", folder=folder).count("mean_arm1: ") == 2
    said = said_by("diff", "HEAD~1", "HEAD", folder=folder)
    assert "mean_arm1: 55.0 → 56" in said or "mean_arm1: 55 → 56" in said
    assert re.search(r"HEAD~1 \([0-9a-f]{7}\)  →  HEAD \([0-9a-f]{7}\)", said)
    assert (
        outcomes(folder).read_bytes(),
        git(folder, "status", "--porcelain"),
        git(folder, "stash", "list"),
    ) == before
    assert first != before[0]
    elsewhere = taprev(folder / "data", "diff", "v1", "..")
    assert elsewhere.returncode == 1 and "Run this in the folder of the review" in elsewhere.stderr
    unknown = taprev(folder, "diff", "v2")
    assert unknown.returncode == 1 and "neither a folder nor a revision that git knows" in unknown.stderr


def test_a_revision_that_the_present_code_refuses_is_said(tmp_path):
    shutil.copytree(EXAMPLE / "config", tmp_path / "config")
    shutil.copytree(EXAMPLE / "data", tmp_path / "data")
    review = tmp_path / "config" / "review.yaml"
    kept = review.read_text("utf-8")
    review.write_text(kept + "\npooling: fixed\n", encoding="utf-8")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    review.write_text(kept, encoding="utf-8")
    done = taprev(tmp_path, "diff", "HEAD")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "does not accept these settings" in done.stderr
    assert "HEAD:config/review.yaml, pooling: this word is not a setting" in done.stderr
    assert "/tmp" not in done.stderr


@pytest.mark.parametrize(
    "word", ["nowhere", "", "--", "a\nb", "config/review.yaml", "config", "HEAD:config", "x" * 300]
)
def test_a_word_that_names_nothing_gets_a_sentence(example, word):
    done = taprev(example, "diff", "--", word)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "Name a review folder" in done.stderr and done.stdout == ""


def test_a_broken_table_gets_a_sentence(example, edit):
    edit(outcomes(example), 2, "mean_arm1", "fifty")
    done = taprev(example, "diff", ".")
    assert done.returncode == 1 and "do not fit their codebook" in done.stderr and "fifty" in done.stderr


def test_hostile_text_is_escaped(editions):
    old, new = editions
    hostile = '<script>alert("x")</script>\u202e'
    rewrite(
        new / "data" / "extracted" / "studies.csv",
        lambda rows: [{**row, "label": hostile + row["label"]} for row in rows],
    )
    set_text(new / "config" / "review.yaml", "label: Staff knowledge", f"label: '{hostile}'")
    without(new, "r056")
    made = compare(old, new)
    page = changes_page(made)
    assert "<script" not in page and "&lt;script&gt;" in page and "\u202e" not in page + difference_text(made)
    body = changes_body(made, heading=3)
    assert "<html" not in body and "<h3>" in body and "<h2>" not in body and "<script" not in body
    tables = re.findall(r"<table>.*?</table>", page, flags=re.S)
    assert tables and all("<caption>" in table and 'scope="col"' in table for table in tables)


def test_the_workflow_tells_what_changed_since_the_earlier_edition(example, edit, tmp_path):
    said_by("settings", folder=example)
    said_by("changes", folder=example)
    path = example / "results" / "audit" / "changes.json"
    told = json.loads(path.read_text("utf-8"))
    assert told["earlier"] == "" and "No earlier edition is named" in told["said"] and told["difference"] is None
    shutil.copytree(EXAMPLE / "config", example / "published" / "config")
    shutil.copytree(EXAMPLE / "data", example / "published" / "data")
    edit(outcomes(example), 2, "mean_arm1", "56")
    review = example / "config" / "review.yaml"
    kept = review.read_text("utf-8")
    review.write_text(f"{kept}\nearlier: published\n", encoding="utf-8")
    said_by("settings", folder=example)
    assert "1 result changed" in said_by("changes", folder=example)
    told = json.loads(path.read_text("utf-8"))
    assert told["earlier"] == "published" and told["difference"]["moves"][0]["change"] == "moved"
    assert "Pooled numbers" in changes_body(read_changes(path).difference)
    review.write_text(f"{kept}\nearlier: v9\n", encoding="utf-8")
    said_by("settings", folder=example)
    said_by("changes", folder=example)
    told = json.loads(path.read_text("utf-8"))
    assert "could not be read" in told["said"] and told["difference"] is None


@pytest.fixture(scope="module")
def example_results(tmp_path_factory) -> Path:
    """What the commands as far as the effects make of the example review."""
    folder = tmp_path_factory.mktemp("example")
    for part in ("config", "data"):
        shutil.copytree(EXAMPLE / part, folder / part)
    run(folder)
    return folder / "results"


@pytest.mark.parametrize(
    "word", ["results", "./results/", "results/audit", "config/../results", "{here}/results", ".", "{here}"]
)
def test_the_results_that_a_run_overwrites_are_no_earlier_edition(example, example_results, word):
    shutil.copytree(example_results, example / "results")
    review = example / "config" / "review.yaml"
    word = word.format(here=example)
    review.write_text(f"{review.read_text('utf-8')}\nearlier: {word}\n", encoding="utf-8")
    for words in (["settings"], ["changes", "--settings", "config/review.yaml"]):
        done = taprev(example, *words)
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert f"'{word}' as the earlier edition" in done.stderr and "every run overwrites" in done.stderr
    shutil.copytree(example / "results", example / "results of v1")
    text = review.read_text("utf-8").replace(f"earlier: {word}", "earlier: results of v1")
    review.write_text(text, encoding="utf-8")
    by_hand(example, ["settings"])
    assert "Nothing changed" in said_by("changes", folder=example)


def test_shown_parts_that_do_not_add_up_are_said_to_be_rounded(editions, edit):
    old, new = editions
    for row, value in (("r057", "19.86"), ("r056", "3.1")):
        edit(outcomes(new), row, "t", value)
    made = compare(old, new)
    page = changes_page(made)
    assert difference_text(made).count("rounded") == page.count("rounded") == 1
    same = compare(old, old)
    assert "rounded" not in difference_text(same) + changes_page(same)


def test_what_a_synthesis_was_made_by_does_not_hold_the_earlier_edition():
    from taprev.synthesis.origin import made_by

    one = read_edition(str(EXAMPLE)).settings
    other = one.model_copy(update={"earlier": "v1"})
    assert made_by("length_of_stay", "", "", one) == made_by("length_of_stay", "", "", other)


def test_many_changes_stay_quick(shipped):
    """Each row of the shipped review changed, and a setting: a unit costs milliseconds."""
    import time

    one = read_edition(str(ROOT))
    table = one.tables["outcomes"]
    rows = tuple({**row, "note": f"{row['note']} Read again."} for row in table.rows)
    other = replace(one, tables={**one.tables, "outcomes": replace(table, rows=rows)})
    began = time.perf_counter()
    made = difference(one, other)
    assert len(made.rows) == 154 and time.perf_counter() - began < 15
    assert {part.part for found in made.moves for part in found.parts} == {0.0}


@pytest.mark.parametrize(
    ("base", "other", "both"),
    [
        ("abc", "abc", "abc"),
        ("abc", "axbc", "axbc"),
        ("abc", "xyabc", "xyabc"),
        ("ac", "abcd", "abcd"),
        ("ab", "xy", "xyab"),
        ("", "ab", "ab"),
        ("abc", "cxba", "abcx"),
    ],
)
def test_orders_are_merged(base, other, both):
    assert "".join(merged(list(base), list(other))) == both


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1e-15, "0"),
        (0.0344, "+0.034"),
        (-0.0344, "−0.034"),
        (0.0001234, "+1e−04"),
        (-2.5, "−2.500"),
    ],
)
def test_a_change_has_its_sign(value, text):
    assert signed(value) == text


@pytest.fixture(scope="module")
def edition():
    return read_edition(str(ROOT))


CELLS = st.sampled_from(
    [
        ("t", "9.86"),
        ("t", ""),
        ("n_arm1", "7"),
        ("n_arm1", "300"),
        ("direction", "worse"),
        ("better", "lower"),
        ("smd", "0.9"),
        ("p", "0.03"),
        ("mean_arm1", "3.3"),
        ("sd_arm1", "1.5"),
        ("contrast", "controlled"),
        ("domain", "staff_attitudes"),
        ("domain", "staff_knowledge"),
        ("sample", "other"),
        ("r_pre_post", "0.8"),
    ]
)
SETTINGS = st.sampled_from(
    [
        ("assumptions", "rho", "value", 0.8),
        ("assumptions", "r_pre_post", "value", 0.7),
        ("synthesis", "tau2_method", "DL"),
        ("synthesis", "ci_method", "wald"),
        ("synthesis", "level", 0.9),
        ("synthesis", "pool_tiers", ["exact"]),
        ("synthesis", "combined", []),
        ("scope", "include", ["organisational"]),
        ("synthesis", "dependence", "model", "che"),
        ("assumptions", "shared_control", "split"),
        ("bayes", []),
        ("domains", "staff_knowledge", "target_months", 3),
    ]
)
DOMAINS = ("staff_knowledge", "staff_attitudes", "youth_behaviour")


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_small_edits_sum_and_turn_around(edition, data):
    """Whatever is edited, parts and interaction sum, nothing is a traceback, and turning round turns the sign."""
    tables = {name: [dict(row) for row in table.rows] for name, table in edition.tables.items()}
    own = [i for i, row in enumerate(tables["outcomes"]) if row["domain"] in DOMAINS]
    for at in data.draw(st.lists(st.sampled_from(own), max_size=4)):
        column, value = data.draw(CELLS)
        tables["outcomes"][at][column] = value
    dropped = data.draw(st.sets(st.sampled_from(own), max_size=4))
    tables["outcomes"] = [row for i, row in enumerate(tables["outcomes"]) if i not in dropped]
    for at in data.draw(st.lists(st.integers(0, len(tables["studies"]) - 1), max_size=2)):
        tables["studies"][at]["scope"] = data.draw(st.sampled_from(["client_programme", "organisational"]))
    content = copy.deepcopy(edition.settings.model_dump(mode="json"))
    for *parents, last, value in data.draw(st.lists(SETTINGS, max_size=2)):
        inner = content
        for name in parents:
            inner = inner[name]
        inner[last] = value
    other = replace(
        edition,
        settings=Settings.model_validate(content),
        tables={name: replace(edition.tables[name], rows=tuple(rows)) for name, rows in tables.items()},
    )
    there, back = difference(edition, other), difference(other, edition)
    for made in (there, back):
        sums(made)
        assert difference_text(made) and changes_page(made) and difference_json(made)
    found = {(one.domain, one.sensitivity, one.stratum): one for one in back.moves}
    turned = {"moved": "moved", "unchanged": "unchanged", "appeared": "vanished", "vanished": "appeared"}
    for one in there.moves:
        again = next(
            m
            for m in back.moves
            if (m.domain, m.sensitivity, m.scale, m.stratum_label.split(" (")[0])
            == (one.domain, one.sensitivity, one.scale, one.stratum_label.split(" (")[0])
            and (m.old, m.new) == (one.new, one.old)
        )
        assert again.change == turned[one.change]
        assert again.whole == (None if one.whole is None else -one.whole)
    assert len(found) <= len(back.moves)
