"""How the review and its figures are cited: with what is recorded, and never with the names of other people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from taprev.settings.citation import Author, CitationFile, Reference
from taprev.vocabulary import CitedFrom
from taprev.wording.citations import (
    CitedFigure,
    bibtex,
    cite_figure,
    cite_review,
    cite_slide,
    cite_slides,
    cite_software,
    cited_review,
    not_recorded,
)

WHOLE = Reference(
    "Care for all", (Author("Berg", "Ann"), Author("The group")), "2026", "1.10", "https://doi.org/10.5281/zenodo.1"
)
FIGURE = CitedFigure("sleep_forest", "Forest plot.", "Sleep", "3f9a1c07")


@pytest.fixture
def named(shipped):
    settings = shipped[0].model_copy(update={"version": "9.9"})
    return cited_review(settings, CitationFile(CitedFrom.FILE, WHOLE))


@pytest.fixture
def unnamed(shipped):
    settings = shipped[0].model_copy(update={"version": "9.9"})
    software = Reference("a tool: it counts", (Author("The makers"),), "", "9.9")
    return cited_review(settings, CitationFile(CitedFrom.OF_SOFTWARE, software=software))


def test_a_figure_is_cited_with_authors_year_edition_and_address(named):
    assert cite_figure(named, FIGURE) == (
        "Berg, Ann; The group (2026). Forest plot [Figure: Sleep, seal 3f9a1c07]. In: Care for all. Version 1.10. "
        "Drawn by taprev 9.9. https://doi.org/10.5281/zenodo.1"
    )
    assert cite_review(named) == (
        "Berg, Ann; The group (2026). Care for all. Version 1.10. Computed by taprev 9.9. "
        "https://doi.org/10.5281/zenodo.1"
    )
    assert cite_slide(named, "What was found").startswith(
        "Berg, Ann; The group (2026). What was found [Slide]. In: Care"
    )
    assert cite_slides(named).startswith("Berg, Ann; The group (2026). Care for all [Slides]. Version 1.10.")
    assert not_recorded(named) == "" and cite_software(named) == ""


def test_without_authors_the_review_is_cited_by_its_title_and_evidence_and_the_software_apart(unnamed, shipped):
    review = shipped[0].review
    assert cite_figure(unnamed, FIGURE) == (
        f"Authors not recorded (no year). Forest plot [Figure: Sleep, seal 3f9a1c07]. In: {review.title}. "
        f"{review.evidence_set} Drawn by taprev 9.9."
    )
    assert "The makers" not in cite_figure(unnamed, FIGURE) + cite_review(unnamed) + bibtex(unnamed, [FIGURE])
    assert cite_software(unnamed) == "The makers (no year). a tool: it counts. Version 9.9."
    assert not_recorded(unnamed).startswith(
        "CITATION.cff describes software and not this review, so the authors, year, edition and address of the review"
    )


@pytest.mark.parametrize("source", [source for source in CitedFrom if source != CitedFrom.FILE])
def test_why_nothing_is_recorded_is_said_for_every_reason(shipped, source):
    said = not_recorded(cited_review(shipped[0], CitationFile(source)))
    assert "CITATION.cff" in said and "preferred-citation" in said


def test_what_a_file_of_the_review_leaves_out_is_named(named):
    part = replace(named, reference=replace(WHOLE, authors=(), year="", edition="Second edition"))
    assert not_recorded(part) == "The authors and year of the review: not recorded in CITATION.cff."
    assert cite_review(part).startswith("Authors not recorded (no year). Care for all. Second edition. Computed")


def test_bibtex_takes_nothing_for_a_command(named):
    hostile = replace(FIGURE, title=r"50 % of {A} & B_1 \input{x} ~^$#", seal="")
    [review, figure] = bibtex(named, [hostile]).split("\n\n")
    assert review == (
        "@misc{review,\n  author = {{Berg}, Ann and {The group}},\n  year = {2026},\n  title = {Care for all},\n"
        "  note = {Version 1.10. Computed by taprev 9.9.},\n  url = {https://doi.org/10.5281/zenodo.1}\n}"
    )
    assert figure.startswith("@misc{sleep_forest,\n  author = ")
    assert (
        r"{50 \% of \{A\} \& B\_1 \textbackslash{}input\{x\} \textasciitilde{}\textasciicircum{}\$\# [Figure" in figure
    )
