"""The summary in plain words: easy to read, with the numbers of the JSON and every result that went the wrong way."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from math import exp
from pathlib import Path

import pytest
from scipy.stats import norm

from samples.known import known_of, known_sample
from samples.reading_age import grade, reading_age, syllables
from taprev.certainty.assessment import read_certainty
from taprev.report.documents.answer import findings
from taprev.report.documents.document import Document, Heading, Paragraph
from taprev.report.documents.findings import Known
from taprev.report.documents.plain_summary import NOTHING_CLEAR, looked_for_harm, plain_summary
from taprev.report.writers.as_docx import as_docx
from taprev.settings import read_settings
from taprev.starter.write import write_review
from taprev.synthesis.results import read_synthesis
from taprev.wording.adverse import adverse

HARDEST = 7.5
CERTAIN = "results/synthesis/tuberculosis.json"
JARGON = re.compile(r"\b(randomi[sz]ed|SD|CI|intervals?|standardi[sz]ed|pooled|GRADE|significant|heterogeneity)\b")


@pytest.fixture(scope="module")
def known(root, shipped, shipped_contents):
    return known_of(shipped_contents, root / "data" / "extracted", shipped[0])


@pytest.fixture(scope="module")
def document(root, shipped, known):
    return plain_summary(known, root / "data" / "extracted", shipped[0])


def texts(document) -> list[str]:
    """Everything that it says below its headings."""
    blocks = [block for block in document.blocks if not isinstance(block, Heading)]
    return [text for block in blocks for text in (getattr(block, "lines", None) or [block.text])]


def part(document, heading: str) -> list[str]:
    """What it says below one heading."""
    at = next(i for i, block in enumerate(document.blocks) if isinstance(block, Heading) and block.text == heading)
    after = [i for i, block in enumerate(document.blocks) if isinstance(block, Heading) and i > at]
    return texts(replace(document, blocks=document.blocks[at : after[0] if after else None]))


def test_syllables_are_counted_at_the_upper_end():
    counted = {"people": 2, "programme": 2, "study": 2, "changed": 1, "wanted": 2, "any": 2, "better": 2, "434": 3}
    assert {word: syllables(word) for word in counted} == counted
    assert grade(["The cat sat on the mat."]) == pytest.approx(0.39 * 6 + 11.8 - 15.59)


def test_the_shipped_summary_can_be_read_at_twelve(document):
    said = texts(document)
    print(f"Flesch-Kincaid grade {grade(said):.1f}, reading age {reading_age(said):.0f}")
    assert grade(said) <= HARDEST and all(grade([text]) <= 12 for text in said)
    assert not JARGON.search(" ".join(said))


def summary_of(folder: Path) -> tuple[list[Known], Document]:
    """The domains of a review that was run, and its summary."""
    settings, results = read_settings(folder / "config" / "review.yaml"), folder / "results"
    known = [
        Known(read_synthesis(results / f"synthesis/{name}.json"), read_certainty(results / f"certainty/{name}.json"))
        for name in settings.domains
    ]
    return known, plain_summary(known, folder / "data" / "extracted", settings)


@pytest.fixture(scope="module")
def vaccine(tmp_path_factory) -> Path:
    """The example of `taprev init`, computed as far as documents need it."""
    folder = tmp_path_factory.mktemp("vaccine") / "review"
    write_review(folder, example=True)
    for command in (["settings"], ["effects"], ["synthesis", "tuberculosis"], ["certainty", CERTAIN]):
        data = ["--data", "data"] if command[0] in ("effects", "certainty") else []
        done = subprocess.run(
            [sys.executable, "-m", "taprev", *command, *data], cwd=folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    return folder


def test_the_summary_of_the_example_can_be_read_at_twelve_and_counts_events(vaccine):
    [known], document = summary_of(vaccine)
    said = texts(document)
    print(f"Flesch-Kincaid grade {grade(said):.1f}, reading age {reading_age(said):.0f}")
    assert grade(said) <= HARDEST and not JARGON.search(" ".join(said))
    fit = known.synthesis.strata[0].fit
    times, low, high = (round(100 * exp(value)) for value in (fit.estimate, fit.ci_lb, fit.ci_ub))
    found = part(document, "What we found")[0]
    assert f"came up {times} times with it for every 100 times without it" in found
    assert f"from {low} to {high}" in found


@pytest.mark.workflow
def test_a_review_without_a_finding_says_so(finished_example):
    _, document = summary_of(finished_example)
    assert part(document, "What we found") == [NOTHING_CLEAR]
    assert grade(texts(document)) <= HARDEST


def test_every_number_is_that_of_the_json_and_has_its_people_and_time(document, known, shipped):
    found = findings(known, shipped[0].certainty.critical)
    said = part(document, "What we found")[: len(found)]
    assert len(found) == 3
    for finding, text in zip(found, said, strict=True):
        for one in finding:
            limits = one.study if one.study else one.stratum.fit
            value = limits.yi if one.study else limits.estimate
            share, *ends = (round(100 * norm.cdf(abs(number))) for number in (value, limits.ci_lb, limits.ci_ub))
            assert f"than {share} of 100 people" in text
            assert f"from {min(ends)} to {max(ends)}" in text
        assert re.search(r"with \d+ people", text)
        assert "measured it" in text or "does not say when" in text


def test_every_result_that_went_the_wrong_way_is_told_with_what_is_printed(document, shipped_contents):
    wrong = adverse(shipped_contents)
    said = part(document, "What went the wrong way")
    assert len(wrong) == len(said) >= 3
    for one, text in zip(wrong, said, strict=True):
        assert one.row.label in text and one.row.measure_text in text
        assert one.row.as_reported in text if re.search(r"\d", one.row.as_reported) else "gives no number" in text
        assert re.search(r"with \d+|does not say with how many people", text)
        assert one.row.timepoint in text


def test_what_happens_next_is_told_only_where_the_settings_do(document, known, root, shipped):
    assert "What happens next" not in [getattr(block, "text", "") for block in document.blocks]
    review = shipped[0].review.model_copy(update={"next_steps": "We will ask again in May."})
    other = plain_summary(known, root / "data" / "extracted", shipped[0].model_copy(update={"review": review}))
    assert other.blocks[-2:] == (Heading("What happens next"), Paragraph("We will ask again in May."))


def test_a_judgement_is_told_in_words(known, root, shipped):
    one = next(one for one in known if one.synthesis.domain == "staff_knowledge")
    judged = replace(one.certainty, strata=tuple(replace(s, certainty="low") for s in one.certainty.strata))
    changed = [replace(one, certainty=judged) if other is one else other for other in known]
    said = part(plain_summary(changed, root / "data" / "extracted", shipped[0]), "How sure we are")
    assert "say of what staff know: we cannot be very sure." in said[0] and "Nobody has judged the rest yet." in said[0]


@pytest.mark.parametrize(
    "kind", ["empty", "one_study", "hostile", "mixed_scales", "directions_only", "awkward_numbers"]
)
def test_every_kind_of_domain_has_a_summary(kind, tmp_path, root):
    known, extracted, settings = known_sample(kind, tmp_path / "extracted", root / "data" / "extracted")
    document = plain_summary(known, extracted, settings)
    assert part(document, "What we found") and part(document, "What this rests on")
    assert not any(re.search(r"\bnan\b|None|\{", text) for text in texts(document))


@pytest.mark.workflow
@pytest.mark.libreoffice
def test_the_summary_is_one_page(document, soffice, tmp_path):
    docx = tmp_path / "plain_summary.docx"
    docx.write_bytes(as_docx(document))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(docx)]
    subprocess.run(command, check=True, capture_output=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", docx.with_suffix(".pdf").read_bytes())) == 1


def test_what_no_study_reports_is_not_told_as_not_done():
    unreported = ["not_reported", "not_assessed", "not_reported", "not_coded"]
    assert looked_for_harm(unreported).startswith("None of the 3 studies reports that it looked for harm.")
    assert looked_for_harm(["not_reported"]).startswith("The one study does not report that it looked for harm.")
    assert looked_for_harm(["not_reported", "events"]).startswith("Of 2 studies, 1 looked for harm.")
    assert looked_for_harm(["not_assessed", "not_assessed"]).startswith("Of 2 studies, 0 looked for harm.")
    assert looked_for_harm(["not_coded"]).startswith("We do not know if it does harm.")
