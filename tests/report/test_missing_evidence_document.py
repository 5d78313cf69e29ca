"""What documents and pages say of missing evidence, for a review with judgements of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samples.known import invented_settings, invented_tables, known_of
from samples.synthesis import content, invented_domain, invented_stratum, invented_study, invented_vote, not_pooled
from taprev.extraction.missing_evidence import TABLE
from taprev.ground.files import csv_text
from taprev.report.audit.domain import _stratum
from taprev.report.documents.document import Items, Table
from taprev.report.documents.evidence_profile import evidence_profile
from taprev.report.documents.missing_evidence import missing_evidence
from taprev.report.documents.summary_of_findings import summary_of_findings
from taprev.synthesis.missing_evidence import with_missing_evidence
from taprev.synthesis.results.standing import evidence_of, votes_of
from taprev.vocabulary import Scale
from taprev.wording.strata import stratum_words

AT = ("staff_knowledge", "before_after")
WHO = "(first assessor, 2026-11-28)"


@pytest.fixture
def judged(review, shipped, shipped_contents):
    """Return the domains of a review in which one synthesis was judged, one was judged of other evidence."""
    own = next(one for one in shipped_contents if one.domain == AT[0])
    stratum = next(one for one in own.strata if one.name == AT[1])
    rows = [
        dict(zip(("domain", "stratum"), AT, strict=True))
        | {"evidence": evidence_of(stratum, votes_of(stratum, own)), "risk": "high", "answers": "4.1 Y"},
        {"domain": AT[0], "stratum": "randomised", "evidence": "1 of 1 available: A", "risk": "low", "answers": ""},
    ]
    by = {"reason": "Invented reason", "judged_by": "first assessor", "judged_on": "2026-11-28"}
    made = [row | by for row in rows]
    path = review / "data" / "extracted" / TABLE
    path.write_text(csv_text(made[0], (row.values() for row in made), guarded=False), encoding="utf-8")
    contents = [content(with_missing_evidence(one, made)) for one in shipped_contents]
    return known_of(contents, path.parent, shipped[0]), path.parent


def tables(document):
    return [block for block in document.blocks if isinstance(block, Table)]


def words(document):
    cells = [c.text for table in tables(document) for s in table.sections for row in s.rows for c in row]
    return " ".join([*cells, *(line for block in document.blocks if isinstance(block, Items) for line in block.lines)])


def test_the_document_shows_the_judgement_next_to_its_table_and_names_what_is_to_be_judged_again(judged, shipped):
    document = missing_evidence(*judged, shipped[0])
    last = {section.name.split(":")[0]: section.rows[-1] for section in tables(document)[0].sections}
    assert [cell.text for cell in last["Staff knowledge, Before-after, no control group"]] == [
        "Judgement (ROB-ME)",
        "high risk",
        "",
        "",
        f"Invented reason. Answers: 4.1 yes. {WHO}",
    ]
    assert [c.text for c in last["Staff knowledge, Randomised"][1:]] == [
        "to be judged again, the evidence has changed",
        "",
        "",
        "",
    ]
    assert last["Staff attitudes, Randomised"][1].text == "not assessed"
    [stray] = [line for block in document.blocks if isinstance(block, Items) for line in block.lines]
    assert stray.startswith('Staff knowledge, Randomised: missing evidence was judged for "1 of 1 available: A"')


def test_what_is_copied_from_the_document_is_what_counts(judged, shipped):
    known, extracted = judged
    to_judge = tables(missing_evidence(known, extracted, shipped[0]))[1]
    cells = {(row[1].text, row[2].text): row[3].text for section in to_judge.sections for row in section.rows}
    for outcome in known:
        for stratum, _ in outcome.strata:
            assert cells[outcome.synthesis.domain, stratum.name] == stratum.missing_evidence.evidence


def test_profile_and_summary_take_the_judgement_from_there(judged, shipped):
    known, _ = judged
    assert "People judged missing evidence (ROB-ME): high risk. Invented reason. A high risk lowers" in words(
        evidence_profile(known, shipped[0])
    )
    critical = shipped[0].certainty.model_copy(update={"critical": (AT[0],)})
    said = words(summary_of_findings(known, shipped[0].model_copy(update={"certainty": critical})))
    assert "\nmissing evidence (ROB-ME): high risk" in said
    place = "Staff knowledge, Before-after, no control group"
    assert f"{place}; missing evidence (ROB-ME): high risk. Invented reason. Answers: 4.1 yes. {WHO}" in said


def test_the_audit_page_and_the_sentences_say_it(judged):
    own = next(outcome.synthesis for outcome in judged[0] if outcome.synthesis.domain == AT[0])
    views = {stratum.name: _stratum(stratum, own) for stratum in own.strata}
    assert "Risk of bias due to missing evidence (ROB-ME): high risk." in views["before_after"]["words"]
    assert views["before_after"]["missing_evidence"] == f"Invented reason. Answers: 4.1 yes. {WHO}"
    assert views["randomised"]["missing_evidence"] == ""
    assert "(ROB-ME): to be judged again" in views["randomised"]["words"]
    silent = replace(own.strata[0], studies=(), fit=None)
    assert stratum_words(silent, "x").endswith("(ROB-ME): to be judged again, the evidence has changed.")


def test_a_study_of_two_scales_stands_where_its_results_belong(tmp_path, root):
    """Study 1 has an SMD, 2 a rate ratio, 3 both, 4 a direction alone, which may be missing from either."""
    smd = [invented_study(i, 0.2 * i, 0.1) for i in (1, 3)]
    ratio = [not_pooled(i, 0.2 * i, 0.1, "Invented.", results=(f"ratio-{i}",)) for i in (2, 3)]
    strata = [
        invented_stratum("before_after", smd, 0.01, name="before_after_smd_higher", label="SMD"),
        invented_stratum(
            "before_after", ratio, None, name="before_after_ratio", label="Ratio", scale=Scale.LOG_RATE_RATIO
        ),
    ]
    votes = []
    for number in (1, 2, 3, 4):
        own = [study for study in (*smd, *ratio) if study.study == f"invented-{number}"]
        vote = invented_vote(number, "before_after", "better", bool(own))
        votes.append(replace(vote, results=tuple(r for study in own for r in study.results) or (f"r{number}",)))
    domain = content(invented_domain(strata, votes=tuple(votes)))
    extracted = invented_tables(tmp_path / "extracted", [domain], root / "data" / "extracted")
    settings = invented_settings([domain])
    document = missing_evidence(known_of([domain], extracted, settings), extracted, settings)
    told = [
        [(row[0].text.split(",")[0], row[1].text, bool(row[4].text)) for row in section.rows[:-1]]
        for section in tables(document)[0].sections
    ]
    assert told == [
        [
            ("Invented 1", "in the number", False),
            ("Invented 3", "in the number", False),
            ("Invented 4", "direction alone", False),
        ],
        [
            ("Invented 2", "shown, not pooled", True),
            ("Invented 3", "shown, not pooled", True),
            ("Invented 4", "direction alone", False),
        ],
    ]
