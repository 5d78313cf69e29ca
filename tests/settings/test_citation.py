"""CITATION.cff: who wrote the review, and a sentence for everything that keeps it from being said."""

from __future__ import annotations

import pytest

from taprev.settings.citation import Author, Reference, read_citation
from taprev.vocabulary import CitedFrom

DATASET = """
cff-version: 1.2.0
message: Cite it.
type: dataset
title: Care for all
authors:
  - {family-names: Berg, name-particle: van der, given-names: Ann, orcid: "https://orcid.org/0000-0000-0000-0000"}
  - {name: "The group: of many"}
  - {family-names: King, given-names: Martin L., name-suffix: Jr.}
version: 1.10
date-released: 2026-02-03
doi: https://doi.org/10.5281/zenodo.1
"""


@pytest.fixture
def read(tmp_path):
    """Return a function that reads a CITATION.cff of a text, or of bytes."""

    def reader(text):
        path = tmp_path / "CITATION.cff"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_citation(path)

    return reader


def test_a_file_of_the_review_is_read_as_it_is_written(read):
    found = read(DATASET)
    assert found.source == CitedFrom.FILE and found.problems == ()
    assert found.review == Reference(
        title="Care for all",
        authors=(Author("van der Berg", "Ann"), Author("The group: of many"), Author("King", "Martin L., Jr.")),
        year="2026",
        edition="1.10",
        address="https://doi.org/10.5281/zenodo.1",
    )


def test_the_article_on_a_review_goes_before_the_file_itself(read):
    article = "preferred-citation: {type: article, title: An article, authors: [{family-names: X}], year: 2025}\n"
    assert read(DATASET + article).review == Reference("An article", (Author("X"),), "2025")
    software = read(DATASET.replace("dataset", "software") + article)
    assert software.review.title == "An article" and software.software.title == "Care for all"
    of_software = article.replace("article,", "software,")
    assert read(DATASET + of_software).review.title == "Care for all"


@pytest.mark.parametrize("kind", ["type: software\n", ""])
def test_the_authors_of_software_did_not_write_the_review(read, kind):
    found = read(DATASET.replace("type: dataset\n", kind))
    assert found.source == CitedFrom.OF_SOFTWARE and found.review == Reference()
    assert found.software.authors[0] == Author("van der Berg", "Ann")


def test_the_shipped_file_is_of_software(root):
    found = read_citation(root / "CITATION.cff")
    assert found.source == CitedFrom.OF_SOFTWARE and found.software.title == "taprev: the auditable review"


def test_what_a_new_review_begins_with_says_nothing_yet(root, read, tmp_path):
    text = (root / "src" / "taprev" / "starter" / "blank" / "CITATION.cff").read_text("utf-8")
    assert read(text).source == CitedFrom.NOT_FILLED_IN
    keys = ("cff-version", "message", "type", "title", "authors", "  - {", "version")
    lines = (line.removeprefix("# ") for line in text.splitlines())
    found = read("\n".join(line for line in lines if line.startswith(keys)))
    assert found.source == CitedFrom.FILE and found.problems == ()
    assert found.review.authors == (Author("Family", "Given"), Author("A group that has no family name"))
    assert read_citation(tmp_path / "nowhere.cff").source == CitedFrom.NO_FILE


def test_an_identifier_or_an_address_stands_where_there_is_no_doi(read):
    without = DATASET.replace("doi: https://doi.org/10.5281/zenodo.1\n", "")
    assert read(without).review.address == ""
    assert read(f"{without}url: https://example.org/r\n").review.address == "https://example.org/r"
    listed = (
        "identifiers: [{type: other, value: x}, {type: doi, value: 10.5281/zenodo.2}]\nurl: https://example.org/r\n"
    )
    assert read(without + listed).review.address == "https://doi.org/10.5281/zenodo.2"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: [", "line 1: this is not YAML"),
        ("- a\n- b", "this file holds no citation"),
        (b"title: \xff", "this file is not UTF-8 text"),
        ("type: dataset\ntype: software", "line 2: this is not YAML (the word type stands twice)"),
        (
            DATASET.replace("2026-02-03", "last May"),
            "found 'last May', where a day such as 2026-01-31",
        ),
        (DATASET.replace("10.5281/zenodo.1", "zenodo"), "doi: found 'zenodo', where a DOI such as"),
        (f"{DATASET}url: javascript:alert(1)\n", "url: found 'javascript:alert(1)'"),
        (f"{DATASET}identifiers: [{{type: doi, value: here}}]\n", "identifiers > 0: 'here' is no DOI"),
        (
            DATASET.replace("family-names: Berg, name-particle: van der, given-names: Ann", "alias: x"),
            "authors > 0: an author needs family-names and given-names, or the name of a group.",
        ),
        ("type: dataset\ntitle: T\nauthors: Ann", "authors: found 'Ann', where a list is wanted"),
        ("type: dataset\ntitle: T\nauthors: [Ann B]", "authors > 0: found 'Ann B', where an author needs family-names"),
        ("type: dataset\nauthors: [{name: A}]", "title: the title of the review is missing"),
        ("type: dataset\ntitle: {a: b}", "title: found {'a': 'b'}"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_gives_no_authors(read, text, said):
    found = read(text)
    assert found.source == CitedFrom.FAULTY and found.review == found.software == Reference()
    assert said in " ".join(found.problems) and all("CITATION.cff" in sentence for sentence in found.problems)


def test_every_problem_is_said_at_once(read):
    found = read("type: dataset\ntitle: T\nauthors: [{}, {alias: x}]\nyear: now\ndoi: x\n")
    assert [problem.split(", ", 1)[1].split(":")[0] for problem in found.problems] == [
        "authors > 0",
        "authors > 1",
        "year",
        "doi",
    ]
