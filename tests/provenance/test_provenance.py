"""Manifest, verification and seals: one byte changed anywhere is named, and a figure is true, stale or altered."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from helpers import ROOT, by_hand, draw_forest, taprev, typed
from samples.synthesis import content as resealed
from samples.synthesis import with_fit
from taprev.cli.loading import NOT_OF_A_RUN, load
from taprev.ground.files import write_text
from taprev.ground.fingerprint import file_sha256, source_fingerprint
from taprev.ground.places import of_every_domain
from taprev.ground.seal import content_digest, seal_of, sealed
from taprev.provenance.file_status import belongs
from taprev.provenance.manifest import make_manifest, manifest_json, read_manifest
from taprev.provenance.receipts import receipts, without_receipt
from taprev.provenance.verify import changed_since, verify
from taprev.settings import read_settings, settle
from taprev.synthesis.results import to_json

SOURCE = source_fingerprint()
SHOWN = ("staff_attitudes", "staff_knowledge", "youth_ptsd")


@pytest.fixture(scope="module")
def made(root, shipped_contents, tmp_path_factory) -> Path:
    """The shipped review with results that hold syntheses, figures and copies of the tables, and their manifest."""
    folder = tmp_path_factory.mktemp("sealed") / "a review"
    for part in ("config", "data"):
        shutil.copytree(root / part, folder / part)
    results = folder / "results"
    write_text(results / "settings.yaml", settle(read_settings(folder / "config/review.yaml"), "test", SOURCE))
    for content in shipped_contents:
        if content.domain in SHOWN:
            write_text(results / "synthesis" / f"{content.domain}.json", to_json(content))
            draw_forest(content, results / "figures" / content.domain)
    shutil.copytree(folder / "data/extracted", results / "audit/extracted")
    seal_run(folder)
    return folder


def seal_run(folder: Path) -> None:
    inputs = [*(folder / "config").glob("*.yaml"), *(folder / "data").rglob("*.csv")]
    inputs.append(folder / "data/extracted/datapackage.yaml")
    here = [path.relative_to(folder) for path in (*inputs, *(folder / "results").iterdir())]
    with contextlib.chdir(folder):
        manifest = make_manifest([p for p in here if p.name != "manifest.json"], Path("results"), "test", SOURCE)
    write_text(folder / "results/manifest.json", manifest_json(manifest))


@pytest.fixture
def review(made, tmp_path) -> Path:
    """A copy of the sealed review, to be broken."""
    return Path(shutil.copytree(made, tmp_path / "a copy"))


def findings(folder: Path, source: str = SOURCE) -> dict[str, str]:
    return {one.file: one.sentence for one in verify(folder / "results", source).findings}


def named(folder: Path, path: Path) -> str:
    """Return the file of a path as `verify` names it."""
    inside = path.is_relative_to(folder / "results")
    return path.as_posix() if inside else path.relative_to(folder).as_posix()


def flipped(path: Path, place: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(place * (len(content) - 1))] ^= 1
    path.write_bytes(content)


def test_a_sealed_review_is_whole(review):
    found = verify(review / "results", SOURCE)
    assert found.findings == () and found.remarks == () and found.files > 30
    assert len(found.manifest_sha256) == 64


def test_one_byte_changed_in_any_file_is_named(review):
    manifest, draw = read_manifest(review / "results"), random.Random(7)
    files = [
        *(review / name for name in manifest.inputs),
        *(review / "results" / name for name in manifest.outputs),
    ]
    assert len(files) == len(manifest.inputs) + len(manifest.outputs)
    for path in files:
        kept = path.read_bytes()
        if not kept:
            continue
        flipped(path, draw.random())
        found = findings(review)
        assert found.keys() == {named(review, path)}, path
        assert "changed since" in found[named(review, path)] or "was altered" in found[named(review, path)]
        path.write_bytes(kept)
    assert findings(review) == {}


def test_missing_and_left_over_files_are_named(review):
    gone = [review / "data/raw/form_first.csv", review / "results/figures/youth_ptsd/youth_ptsd_forest.svg"]
    for path in gone:
        path.unlink()
    left = review / "results/figures/old_domain/old_domain_forest.svg"
    left.parent.mkdir()
    left.write_text("<svg/>", encoding="utf-8")
    for name in ("data/raw/as_received/late.csv", "data/raw/worksheet.csv", "results/.DS_Store"):
        (review / name).write_text("a\n1\n", encoding="utf-8")
    found = findings(review)
    assert {name: said.split(";")[0].split(",")[0] for name, said in found.items()} == {
        "data/raw/form_first.csv": "is missing",
        gone[1].as_posix(): "is missing",
        left.as_posix(): "is left over",
        "data/raw/as_received/late.csv": "came after the results were made.",
    }


def test_the_rows_that_changed_are_named(review, edit):
    edit(review / "data/extracted/outcomes.csv", "r013", "z", "-2.4")
    edit(review / "data/extracted/outcomes.csv", "r081", "note", "other")
    assert "(result r013, r081)" in findings(review)["data/extracted/outcomes.csv"]


def test_a_trace_says_that_the_data_changed_since(review, edit):
    assert changed_since(review / "results", SOURCE) == ""
    edit(review / "data/extracted/outcomes.csv", "r013", "z", "-2.4")
    said = changed_since(review / "results", SOURCE)
    assert "data/extracted/outcomes.csv changed" in said and "Run the review again" in said


def test_settings_with_other_words_and_the_same_choices_are_told_apart(review):
    path = review / "config/review.yaml"
    kept = path.read_text("utf-8")
    path.write_text("# Another remark.\n" + kept, encoding="utf-8")
    assert "in its wording only" in findings(review)["config/review.yaml"]
    path.write_text(kept.replace("tau2_method: REML", "tau2_method: DL"), encoding="utf-8")
    assert "in its wording only" not in findings(review)["config/review.yaml"]


def test_another_code_is_a_finding_and_another_environment_a_remark(review):
    assert "the code is not that which made the results" in findings(review, "0" * 16)["taprev"]
    path = review / "results/manifest.json"
    content = json.loads(path.read_text("utf-8"))
    content["environment"]["packages"]["numpy"] = "0.1"
    content["environment"]["python"] = "2.7.18"
    path.write_text(json.dumps(content), encoding="utf-8")
    found = verify(review / "results", SOURCE)
    assert found.findings == () and len(found.remarks) == 2
    assert "numpy 0.1, now" in found.remarks[1] and "Python 2.7.18" in found.remarks[0]


@pytest.mark.parametrize("text", ["", "{}", "[]", "no json", '{"inputs": {}}'])
def test_what_is_no_manifest_is_refused_with_a_sentence(review, text):
    (review / "results/manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="no manifest of a run"):
        verify(review / "results", SOURCE)
    (review / "results/manifest.json").unlink()
    with pytest.raises(ValueError, match="there is no manifest"):
        verify(review / "results", SOURCE)


def verdict(folder: Path, file: Path) -> str:
    return belongs(file, folder / "results", verify(folder / "results", SOURCE)).word


@pytest.mark.parametrize("ending", ["svg", "png", "csv", "txt"])
def test_a_figure_copied_anywhere_is_true(review, tmp_path, ending):
    copy = tmp_path / f"renamed figure.{ending}"
    shutil.copy(review / f"results/figures/staff_attitudes/staff_attitudes_forest.{ending}", copy)
    assert verdict(review, copy) == "true"


def test_a_figure_is_stale_once_the_data_changed(review, edit):
    figure = review / "results/figures/staff_attitudes/staff_attitudes_forest.svg"
    edit(review / "data/extracted/outcomes.csv", "r013", "z", "-2.4")
    assert verdict(review, figure) == "stale"


def test_other_words_in_the_settings_do_not_make_a_figure_stale(review):
    path = review / "config/review.yaml"
    path.write_text("# Another remark.\n" + path.read_text("utf-8"), encoding="utf-8")
    assert verdict(review, review / "results/figures/staff_attitudes/staff_attitudes_forest.svg") == "true"


@pytest.fixture
def older(shipped_contents, tmp_path) -> Path:
    """A folder with a figure that was drawn from other numbers."""
    domain = next(one for one in shipped_contents if one.domain == "staff_attitudes")
    place, fit = next((place, one.fit) for place, one in enumerate(domain.strata) if one.fit)
    draw_forest(resealed(with_fit(domain, place, estimate=fit.estimate + 0.1)), tmp_path / "older")
    return tmp_path / "older"


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_stale_altered_and_true_are_told_apart(review, older, ending):
    name = f"staff_attitudes_forest.{ending}"
    figure = review / "results/figures/staff_attitudes" / name
    assert verdict(review, figure) == "true"
    assert verdict(review, older / name) == "stale"
    for path in (figure, older / name):
        kept = path.read_bytes()
        for place in (0.3, 0.5, 0.8, 0.95):
            flipped(path, place)
            assert verdict(review, path) == "altered", place
            path.write_bytes(kept)
        path.write_bytes(kept + b"one more line of text\n")
        assert verdict(review, path) == "altered"
        path.write_bytes(kept)


def test_a_number_changed_by_hand_in_an_svg_is_seen(review, tmp_path):
    text = (review / "results/figures/staff_attitudes/staff_attitudes_forest.svg").read_text("utf-8")
    assert "0.70" in text
    altered = tmp_path / "altered.svg"
    altered.write_text(text.replace("0.70", "0.90"), encoding="utf-8")
    assert verdict(review, altered) == "altered"
    altered.write_bytes(sealed(_unsealed(altered.read_bytes())))
    assert seal_of(altered).whole
    assert verdict(review, altered) == "redrawn"


def _unsealed(content: bytes) -> bytes:
    digest = seal_digest(content)
    return content.replace(digest, b"0" * 16)


def seal_digest(content: bytes) -> bytes:
    return content.partition(b"<dc:identifier>")[2].partition(b"</dc:identifier>")[0].split(b":")[-1]


def test_a_footer_that_names_another_seal_is_altered(review, tmp_path, older):
    """An old picture under a new identifier: whole by its digest, but the seal printed for people is another."""
    old = (older / "staff_attitudes_forest.svg").read_bytes()
    now = seal_of(review / "results/figures/staff_attitudes/staff_attitudes_forest.svg").numbers.encode()
    before = seal_of(older / "staff_attitudes_forest.svg").numbers.encode()
    swapped = _unsealed(old).replace(b"taprev:staff_attitudes:" + before, b"taprev:staff_attitudes:" + now)
    forged = tmp_path / "forged.svg"
    forged.write_bytes(sealed(swapped))
    assert seal_of(forged).whole and verdict(review, forged) == "altered"


def test_figures_of_other_reviews_and_plain_files_are_told(review, shipped_contents, tmp_path):
    draw_forest(resealed(replace(shipped_contents[0], domain="another")), tmp_path / "other")
    assert verdict(review, tmp_path / "other/another_forest.svg") == "foreign"
    plain = tmp_path / "plain.svg"
    for content in (b"", b"<svg/>", b"\x89PNG\r\n\x1a\n", bytes(range(256))):
        plain.write_bytes(content)
        assert verdict(review, plain) == "unsealed"


def test_the_digest_does_not_depend_on_its_own_place(review):
    for ending in ("svg", "png"):
        content = (review / f"results/figures/staff_knowledge/staff_knowledge_forest.{ending}").read_bytes()
        found = seal_of(review / f"results/figures/staff_knowledge/staff_knowledge_forest.{ending}")
        assert found.whole and found.domain == "staff_knowledge"
        assert content_digest(content) == content_digest(sealed(content))


def test_an_empty_file_is_nothing_and_an_input_is_itself(review, tmp_path):
    empty = tmp_path / "empty.svg"
    empty.touch()
    (review / "results/audit/empty.csv").touch()
    seal_run(review)
    assert verdict(review, empty) == "unsealed"
    assert verdict(review, review / "data/raw/form_first.csv") == "true"
    with pytest.raises(ValueError, match="this is no file"):
        verdict(review, review / "results")


def test_results_that_lie_elsewhere_are_compared_without_their_review(review, tmp_path):
    elsewhere = Path(shutil.copytree(review / "results", tmp_path / "elsewhere" / "results"))
    found = verify(elsewhere, SOURCE)
    assert found.findings == () and not found.inputs_seen and "does not lie beside" in found.remarks[0]
    figure = elsewhere / "figures/youth_ptsd/youth_ptsd_forest.svg"
    judged = belongs(figure, elsewhere, found)
    assert judged.word == "true" and "not what they were made from" in judged.sentence
    assert verify(elsewhere, SOURCE, review).inputs_seen
    flipped(figure, 0.5)
    assert [one.file for one in verify(elsewhere, SOURCE).findings] == [figure.as_posix()]


def test_a_figure_from_before_digests_is_unproven(review, tmp_path):
    content = (review / "results/figures/staff_knowledge/staff_knowledge_forest.svg").read_bytes()
    old = tmp_path / "old.svg"
    old.write_bytes(content.replace(b":" + seal_digest(content), b""))
    assert seal_of(old).whole is None and verdict(review, old) == "unproven"


def test_the_manifest_seals_only_what_its_command_left(review):
    def run(*words: str) -> subprocess.CompletedProcess:
        return taprev(review, *words)

    shutil.rmtree(review / "results/figures")
    names = ("staff_knowledge", "youth_ptsd")
    for name in names:
        assert run("figures", f"results/synthesis/{name}.json").returncode == 0
    figures = sorted((review / "results/figures").glob("*/*"))
    drawn = [path for path in figures if not path.name.startswith(".")]
    files = [path.relative_to(review).as_posix() for path in drawn]
    done = run("manifest", "config/review.yaml", *files)
    assert done.returncode == 0 and run("verify").stderr.count("forest.") == 0
    before = (review / "results/manifest.json").read_bytes()
    altered = review / "results/figures/staff_knowledge/staff_knowledge_forest.svg"
    altered.write_text(altered.read_text("utf-8").replace("0.79", "0.99"), encoding="utf-8")
    (review / "results/figures/youth_ptsd/by_hand_forest.svg").write_text("<svg/>", encoding="utf-8")
    done = run("manifest", "config/review.yaml", *files, "results/figures/youth_ptsd/by_hand_forest.svg")
    assert done.returncode == 1 and (review / "results/manifest.json").read_bytes() == before
    assert done.stderr.count("was altered after it was made. Remove it and run again") == 2
    assert "staff_knowledge_forest.svg" in done.stderr and "by_hand_forest.svg" in done.stderr
    assert sum(len(receipts(review / "results/figures" / name)) for name in names) == len(drawn)


def drawn_again(review: Path) -> list[str]:
    """Make the figures of a domain by their command, so that they have receipts; return an input and their folder."""
    shutil.rmtree(review / "results/figures/youth_ptsd")
    by_hand(review, ["figures", "results/synthesis/youth_ptsd.json"])
    return ["data/extracted/outcomes.csv", "results/figures/youth_ptsd"]


def test_a_path_with_the_word_domain_stands_for_every_domain(review):
    paths = [Path("results/synthesis/{domain}.json"), Path("config/review.yaml"), Path("results/figures/{domain}")]
    named = ["results/synthesis/a.json", "results/synthesis/b.json", "config/review.yaml"]
    named += ["results/figures/a", "results/figures/b"]
    assert [path.as_posix() for path in of_every_domain(paths, ["a", "b"])] == named
    by_hand(review, ["effects", "--data", "results/audit"])
    (review / "results/effects/left_over.csv").write_text("result\n", encoding="utf-8")
    by_hand(review, ["manifest", *drawn_again(review), "results/effects/{domain}.csv"])
    outputs = read_manifest(review / "results").outputs
    domains = read_settings(review / "config/review.yaml").domains
    assert {name for name in outputs if name.startswith("effects/")} == {f"effects/{name}.csv" for name in domains}


def test_a_table_saved_while_it_is_sealed_keeps_the_checksum_of_what_was_used(review, monkeypatch):
    files, table = drawn_again(review), review / "data/extracted/outcomes.csv"
    used = file_sha256(table)

    def saved_meanwhile(checksums: dict[str, str], results: Path) -> list[Path]:
        table.write_bytes(table.read_bytes().replace(b"-2.351", b"-2.451"))
        return without_receipt(checksums, results)

    monkeypatch.setattr("taprev.provenance.receipts.without_receipt", saved_meanwhile)
    by_hand(review, ["manifest", *files])
    assert read_manifest(review / "results").inputs["data/extracted/outcomes.csv"] == used != file_sha256(table)
    assert findings(review)["data/extracted/outcomes.csv"].startswith("changed since the results were made")


def test_an_input_that_is_not_what_was_used_is_not_sealed(review):
    files, table = drawn_again(review), review / "data/extracted/outcomes.csv"
    before = (review / "results/manifest.json").read_bytes()
    table.write_bytes(table.read_bytes().replace(b"-2.351", b"-2.451"))
    done = taprev(review, "manifest", *files)
    assert done.returncode == 1 and "data/extracted/outcomes.csv changed while the review ran" in done.stderr
    assert (review / "results/manifest.json").read_bytes() == before


def test_results_of_code_that_changed_during_the_run_are_not_sealed(review, monkeypatch):
    files = drawn_again(review)
    monkeypatch.setattr("taprev.ground.fingerprint.fingerprint_on_disk", lambda: "another")
    with contextlib.chdir(review):
        done = typed("manifest", *files)
    assert done.exit_code == 1 and "The code of taprev changed while the review ran" in done.output


def test_what_is_loaded_is_all_that_a_run_may_need_and_runs_no_command(monkeypatch):
    monkeypatch.setattr("taprev.cli.main", lambda: pytest.fail("a command ran"))
    loaded = set(load())
    paths = [path.relative_to(ROOT / "src").with_suffix("") for path in (ROOT / "src" / "taprev").rglob("*.py")]
    written = {".".join(path.parts).removesuffix(".__init__") for path in paths}
    assert {name for name in written - loaded if name.split(".")[1:2] not in ([room] for room in NOT_OF_A_RUN)} == {
        "taprev",
        "taprev.__main__",
    }


def test_what_is_loaded_starts_no_thread_that_a_fork_would_lose():
    code = "import psutil; from taprev.cli.loading import load; list(load()); print(psutil.Process().num_threads())"
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.stdout == "1\n", done.stderr


def test_what_is_loaded_while_the_code_changes_is_not_served(monkeypatch):
    monkeypatch.setattr("taprev.cli.loading.fingerprint_on_disk", lambda: "another")
    with pytest.raises(SystemExit):
        list(load())


def test_a_folder_that_lost_a_figure_is_not_sealed(review):
    files = drawn_again(review)
    (review / "results/figures/youth_ptsd/youth_ptsd_forest.png").unlink()
    done = taprev(review, "manifest", *files)
    assert done.returncode == 1
    assert "results/figures/youth_ptsd/youth_ptsd_forest.png was made and is gone" in done.stderr


def test_the_commands_say_it_and_end_with_one(review):
    def run(*words: str) -> subprocess.CompletedProcess:
        return taprev(review, "verify", *words)

    done = run()
    assert done.returncode == 0 and "The results are whole" in done.stdout
    done = run("results/figures/staff_attitudes/staff_attitudes_forest.svg")
    assert (
        done.returncode == 0 and "true; it is results/figures/staff_attitudes/staff_attitudes_forest.svg" in done.stdout
    )
    (review / "results/figures/staff_attitudes/staff_attitudes_forest.svg").unlink()
    done = run()
    assert done.returncode == 1 and "staff_attitudes_forest.svg: is missing" in done.stderr
    done = run("nowhere.svg")
    assert done.returncode == 1 and "nowhere.svg" in done.stderr and "Traceback" not in done.stderr
