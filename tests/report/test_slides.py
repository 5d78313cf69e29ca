"""The slides: real titles, pictures with words, notes with seals, nothing over an edge, and the numbers of the JSON."""

from __future__ import annotations

import io
import re
import subprocess
from dataclasses import replace
from zipfile import ZipFile

import pytest
from matplotlib import font_manager
from PIL import ImageFont
from pptx import Presentation
from pptx.util import Emu

from samples.known import known_of, known_sample
from taprev.report.documents.answer import findings
from taprev.report.documents.document import Aside, Document, Heading, Items, Paragraph, Picture
from taprev.report.documents.slides import slides
from taprev.report.writers.as_pptx import as_pptx
from taprev.report.writers.slide_plan import CONTINUED
from taprev.settings.citation import Author, CitationFile, Reference
from taprev.vocabulary import CitedFrom
from taprev.wording.adverse import adverse

NUMBER = re.compile(r"(−?\d+(?:\.\d+)?) \[(−?\d+(?:\.\d+)?), (−?\d+(?:\.\d+)?)\]")
WIDE, HIGH = 960, 540
LONG = "Selbstwirksamkeitserwartung der Mitarbeiterinnen und Mitarbeiter in traumainformierten Einrichtungen der " * 3
FACE = font_manager.findfont(font_manager.FontProperties(family=["DejaVu Sans"]))


@pytest.fixture(scope="module")
def known(root, shipped, shipped_contents):
    return known_of(shipped_contents, root / "data" / "extracted", shipped[0])


@pytest.fixture(scope="module")
def document(root, shipped, known):
    return slides(known, root / "data" / "extracted", shipped[0].model_copy(update={"version": "0.2.0"}))


@pytest.fixture(scope="module")
def deck(document):
    return Presentation(io.BytesIO(as_pptx(document)))


def said(slide) -> str:
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def titled(deck, start: str):
    return [slide for slide in deck.slides if slide.shapes.title.text_frame.text.startswith(start)]


def run_height(shape) -> float:
    """How high the text of a shape runs in our font, which is wider than those of most computers, in points."""
    high = 0.0
    for paragraph in shape.text_frame.paragraphs:
        size = paragraph.runs[0].font.size.pt if paragraph.runs else 10
        font = ImageFont.truetype(FACE, round(size * 8))
        indent = int(paragraph._p.get_or_add_pPr().get("marL") or 0) / 12700
        room, rows, line = (Emu(shape.width).pt - indent) * 8, 1, ""
        for word in paragraph.text.split(" "):
            if line and font.getlength(f"{line} {word}") > room:
                rows, line = rows + 1, word
            else:
                line = f"{line} {word}".strip()
        after = paragraph.space_after.pt if paragraph.space_after else 0
        high += rows * (paragraph.line_spacing.pt if paragraph.line_spacing else size * 1.2) + after
    return high - after


def assert_whole(deck) -> None:
    """Nothing lies or runs over an edge, and no two parts of a slide over one another."""
    assert (Emu(deck.slide_width).pt, Emu(deck.slide_height).pt) == (WIDE, HIGH)
    for slide in deck.slides:
        boxes = []
        for shape in slide.shapes:
            left, top, width, high = (Emu(v).pt for v in (shape.left, shape.top, shape.width, shape.height))
            assert left >= 0 and top >= 0 and left + width <= WIDE + 0.1 and top + high <= HIGH + 0.1
            if shape.has_text_frame and shape.text_frame.text:
                assert run_height(shape) <= high + 1, (shape.text_frame.text, run_height(shape), high)
            if width > 1 and high > 1:
                boxes.append((left, top, left + width, top + high))
        for at, (left, top, right, low) in enumerate(boxes):
            for other in boxes[at + 1 :]:
                over = min(right, other[2]) - max(left, other[0]), min(low, other[3]) - max(top, other[1])
                assert min(over) <= 0.5, (said(slide), over)


def test_slides_are_cited_with_the_authors_of_the_review(root, shipped, known):
    work = Reference("R", (Author("Berg", "Ann"),), "2026", "2", "https://example.org/r")
    document = slides(known, root / "data" / "extracted", shipped[0], CitationFile(CitedFrom.FILE, work))
    notes = [block.text for block in document.blocks if isinstance(block, Aside)]
    assert len(notes) >= 9
    for note in notes:
        assert re.match(r"Cite as: Berg, Ann \(2026\)\. .+ \[Slide\]\. In: R\. Version 2\. Made by taprev", note), note
        assert "https://example.org/r" in note
    [items] = [b for b in document.blocks if isinstance(b, Items) and any("Cite as: " in line for line in b.lines)]
    assert any(line.startswith("Cite as: Berg, Ann (2026). R [Slides]. Version 2.") for line in items.lines)


def test_every_slide_has_a_real_title_its_notes_and_words_for_its_picture(deck, shipped_contents):
    assert len(deck.slides) >= 9
    seals = {content.seal for content in shipped_contents}
    pictures = 0
    for slide in deck.slides:
        assert slide.shapes.title is not None and slide.shapes.title.text_frame.text.strip()
        notes = slide.notes_slide.notes_text_frame.text
        assert notes.startswith("Cite as: Authors not recorded (no year). ") and "taprev 0.2.0" in notes
        assert set(re.findall(r"\b[0-9a-f]{8}\b", notes)) <= seals
        for shape in slide.shapes:
            if shape.shape_type == 13:
                pictures += 1
                assert len(shape._element.xpath("./p:nvPicPr/p:cNvPr")[0].get("descr")) > 30
    assert pictures >= 4
    assert_whole(deck)


def test_a_finding_has_its_numbers_people_time_comparison_certainty_and_seal(deck, known, shipped):
    found = findings(known, shipped[0].certainty.critical)
    for number, finding in enumerate(found, start=1):
        [slide] = titled(deck, f"Finding {number}: ")
        text = said(slide)
        printed = [tuple(float(part.replace("−", "-")) for part in one) for one in NUMBER.findall(text)]
        for one, shown in zip(finding, printed, strict=True):
            limits = one.study if one.study else one.stratum.fit
            values = (limits.yi if one.study else limits.estimate, limits.ci_lb, limits.ci_ub)
            assert all(abs(a - b) <= 0.005 + 1e-12 for a, b in zip(shown, values, strict=True))
            assert one.outcome.synthesis.seal in slide.notes_slide.notes_text_frame.text
        assert re.search(r"\d+ people", text) and re.search(r"measured|time not given", text)
        assert "ertainty" in text and ("compared with" in text or "than before" in text)


def test_every_result_that_went_the_wrong_way_is_on_a_slide(deck, shipped_contents):
    text = "\n".join(said(slide) for slide in titled(deck, "What went the wrong way"))
    for one in adverse(shipped_contents):
        assert f"{one.outcome}: {one.said}." in text


def test_what_may_be_said_stands_beside_what_may_not(deck):
    [slide] = titled(deck, "What may be said")
    one, two = (slide.placeholders[place].text_frame.text for place in (1, 2))
    assert (
        one.startswith("You may say\n")
        and two.startswith("You may not say\n")
        and "caused the before-after change" in two
    )


def test_libreoffice_opens_every_slide_with_its_title(impress, pdftotext, document, deck, tmp_path):
    file = tmp_path / "slides.pptx"
    file.write_bytes(as_pptx(document))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [impress, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    done = subprocess.run([pdftotext, str(file.with_suffix(".pdf")), "-"], capture_output=True, text=True, check=True)
    pages = [" ".join(page.split()) for page in done.stdout.split("\f")][:-1]
    titles = [" ".join(slide.shapes.title.text_frame.text.split()) for slide in deck.slides]
    assert len(pages) == len(titles) > 5
    assert all(title in page for title, page in zip(titles, pages, strict=True))


def test_the_same_slides_are_the_same_bytes_without_a_date_or_a_thumbnail(document):
    content = as_pptx(document)
    assert as_pptx(document) == content
    with ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in archive.namelist() if "thumbnail" in name or "printer" in name]
        assert b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")


@pytest.mark.parametrize("kind", ["empty", "one_study", "sixty_studies", "long_labels", "hostile", "mixed_scales"])
def test_every_kind_of_domain_has_slides_that_are_whole(kind, tmp_path, root):
    known, extracted, settings = known_sample(kind, tmp_path / "extracted", root / "data" / "extracted")
    deck = Presentation(io.BytesIO(as_pptx(slides(known, extracted, settings))))
    assert_whole(deck)
    assert titled(deck, "Finding 1") or "No number of this review" in said(titled(deck, "What was found")[0])


def test_long_german_names_and_findings_of_many_outcomes_stay_on_their_slides(known, root, shipped):
    named = [replace(one, synthesis=replace(one.synthesis, label=LONG + one.synthesis.label)) for one in known]
    review = shipped[0].review.model_copy(update={"title": LONG, "question": LONG * 3})
    settings = shipped[0].model_copy(update={"review": review})
    deck = Presentation(io.BytesIO(as_pptx(slides(named, root / "data" / "extracted", settings))))
    assert_whole(deck)
    assert any(slide.shapes.title.text_frame.text.endswith(CONTINUED) for slide in deck.slides)


def test_nothing_is_lost_where_a_text_is_longer_than_a_slide():
    words = [f"word{number}" for number in range(1000)]
    document = Document(
        "T", "", (Heading("Long"), Paragraph("lead", "lead"), Items((" ".join(words), "end"))), "imprint"
    )
    deck = Presentation(io.BytesIO(as_pptx(document)))
    assert_whole(deck)
    assert re.findall(r"word\d+", " ".join(said(slide) for slide in deck.slides)) == words


def test_a_picture_that_leaves_no_room_has_a_slide_of_its_own(document):
    picture = next(block for block in document.blocks if isinstance(block, Picture))
    long = Document("T", "", (Heading("Much"), Items(("text " * 900,)), picture), "imprint")
    deck = Presentation(io.BytesIO(as_pptx(long)))
    assert_whole(deck)
    assert [slide.shapes.title.text_frame.text for slide in deck.slides][-1] == f"Much{CONTINUED}"
