"""What someone without taprev, or with a printed page alone, can check."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from taprev.ground.fingerprint import fingerprint_on_disk
from taprev.ground.seal import EVERY_DOMAIN, Seal, seal_of
from taprev.provenance.file_status import all_numbers, belongs, printed, printed_seal
from taprev.provenance.manifest import SUMS, read_manifest
from taprev.provenance.verify import verify
from taprev.synthesis.results import read_synthesis

TAPREV = Path(sys.executable).parent / "taprev"


@pytest.mark.workflow
def test_the_results_are_checked_by_sha256sum_alone(finished_example, tmp_path):
    results = Path(shutil.copytree(finished_example / "results", tmp_path / "results"))
    listed = [line.split("  ", 1) for line in (results / SUMS).read_text("utf-8").splitlines()]
    assert {name: checksum for checksum, name in listed} == read_manifest(results).outputs
    words = ["sha256sum", "--check", "--quiet", SUMS]
    assert subprocess.run(words, cwd=results, capture_output=True).returncode == 0
    (results / "report.html").write_text("other")
    assert b"report.html: FAILED" in subprocess.run(words, cwd=results, capture_output=True).stdout


@pytest.mark.workflow
def test_a_signature_beside_the_checksums_is_not_taken_for_something_left_over(finished_example, tmp_path):
    folder = Path(shutil.copytree(finished_example, tmp_path / "review"))
    (folder / "results" / f"{SUMS}.minisig").write_text("signed")
    done = subprocess.run([TAPREV, "verify"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0 and "The results are whole" in done.stdout
    (folder / "results" / "other.minisig").write_text("signed")
    done = subprocess.run([TAPREV, "verify"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 1 and "results/other.minisig: is left over" in done.stderr


@pytest.mark.workflow
def test_a_seal_read_off_a_page_says_whose_numbers_it_is_of(finished_example):
    results = finished_example / "results"
    content = read_synthesis(results / "synthesis" / "length_of_stay.json")
    verdict = printed_seal(content.seal, results)
    assert verdict.word == "true" and "length_of_stay" in verdict.sentence
    for typed in (content.seal.upper(), f"seal {content.seal}"):
        assert printed(Path(typed)) and printed_seal(typed, results) == verdict
    page = (results / "figures" / "length_of_stay" / "length_of_stay_forest.svg").read_text("utf-8")
    assert f"seal {content.seal}" in page
    [picture, *_] = sorted((results / "figures" / "whole-review").glob("*.svg"))
    of_picture = picture.read_text("utf-8").partition("seal ")[2][:8]
    assert printed_seal(of_picture, results).word == "true"
    done = subprocess.run(
        [TAPREV, "verify", content.seal, "deadbeef"], cwd=finished_example, capture_output=True, text=True
    )
    assert done.returncode == 1 and done.stdout.splitlines()[0] == f"{content.seal}: true; {verdict.sentence}"
    assert "deadbeef: foreign; nothing in these results has it" in done.stdout


@pytest.mark.parametrize(
    ("name", "is_seal"), [("38e6a0af", True), ("38E6A0AF", True), ("38e6a0af.svg", False), ("a", False)]
)
def test_eight_hex_digits_are_a_seal_and_a_file_of_that_name_is_a_file(name, is_seal, tmp_path):
    assert printed(Path(name)) is is_seal
    (tmp_path / name).write_text("")
    assert not printed(tmp_path / name)


@pytest.mark.parametrize(
    "name",
    [
        "report.html",
        "map.html",
        "audit/index.html",
        "figures/index.html",
        "documents/policy_brief.pdf",
        "documents/policy_brief.docx",
        "documents/policy_brief.html",
        "documents/exclusions.xlsx",
        "documents/slides.pptx",
    ],
)
def test_every_document_and_page_says_which_numbers_it_was_made_from(finished_example, tmp_path, name):
    results = finished_example / "results"
    seal, numbers = seal_of(results / name), all_numbers(results)
    assert seal == Seal(EVERY_DOMAIN, numbers, None, ())
    copy, manifest = Path(shutil.copy(results / name, tmp_path)), verify(results, fingerprint_on_disk())
    assert belongs(copy, results, manifest).word == "true"
    copy.write_bytes(copy.read_bytes() + b"\n")
    assert belongs(copy, results, manifest).word == "unproven"
    other = tmp_path / "results"
    other.mkdir()
    shutil.copy(results / "manifest.json", other)
    stale = belongs(copy, other, manifest)
    assert stale.word == "stale" and f"numbers of another run (seal {numbers};" in stale.sentence
    assert printed_seal(numbers, results).word == "true" and printed_seal(numbers, other).word == "foreign"


def test_a_workbook_that_is_damaged_carries_no_seal(tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"PK\x03\x04 and nothing that follows")
    assert seal_of(path) is None
