"""The page people read: one HTML file that holds everything and opens without a network."""

from __future__ import annotations

import platform
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import iterparse

from taprev.certainty.assessment import Assessment, read_certainty
from taprev.extraction.flow import read_flow
from taprev.extraction.snapshot import read_kept
from taprev.extraction.tables import by_value, read_rows
from taprev.ground.places import FOREST, figure_pages, figure_place
from taprev.ground.seal import identifier_of_all
from taprev.report.annex import annex
from taprev.report.documents.beside import advice, around, parts
from taprev.report.documents.findings import certainty as certainty_words
from taprev.report.extraction_words import read_agreement
from taprev.report.methods import methods_paragraphs
from taprev.report.taken_figures import domain_figures
from taprev.report.templates import templates
from taprev.settings import Settings
from taprev.settings.citation import NOT_CITED, CitationFile
from taprev.settings.sections import Important
from taprev.synthesis.results import Stratum, Synthesis, evidence_first
from taprev.synthesis.results.inclusion import rows_by_study, with_syntheses, without_outcome
from taprev.tables.evidence import counted_sentences, harms_sentence, involved_sentence
from taprev.vocabulary import Fate, PoolModel
from taprev.wording import citations, estimates, flow, labels, notes, sensitivity, sentences, small_study
from taprev.wording.adverse import adverse
from taprev.wording.citations import CitedReview
from taprev.wording.mapping import GAP_NO_PROOF
from taprev.wording.shared_people import shared_words
from taprev.wording.strata import VOTES_IGNORE, direction_words, measured, stratum_words, study_number
from taprev.wording.verdicts import bears_verdict

LIBRARIES = ("numpy", "scipy", "pymare", "statsmodels", "pandas", "matplotlib", "snakemake")
NOTHING_POOLED: dict[str, Any] = {
    "fit": None,
    "sparse_words": "",
    "small_study_words": [],
    "small_study_rows": [],
    "bayes_words": "",
    "moderator_words": [],
}


def page(
    contents: list[Synthesis],
    settings: Settings,
    extracted: Path,
    figures: Path,
    audit: Path,
    certainty: Path,
    citation: CitationFile = NOT_CITED,
) -> str:
    """Return the report as HTML text; `contents` are the domains as read from their JSON.

    `figures`, `audit` and `certainty` are the folders of the results that hold them.
    """
    studies = {row["study"]: row for row in read_rows(extracted / "studies.csv")}
    used = sorted(rows_by_study(contents))
    of_use = [studies[name] for name in used]
    reports = by_value(read_rows(extracted / "reports.csv"), "study")
    asked = _open_queries(audit)
    cited = citations.cited_review(settings, citation)
    return (
        templates()
        .get_template("page.html")
        .render(
            settings=settings,
            identifier=identifier_of_all({one.domain: one.seal for one in contents}),
            domains=[
                _domain(
                    content,
                    settings,
                    cited,
                    figures,
                    studies,
                    asked,
                    _assessed(certainty / f"{content.domain}.json"),
                )
                for content in evidence_first(contents)
                if content.rows
            ],
            gaps=[_gap(content, settings) for content in contents if not content.rows],
            counted=list(counted_sentences(of_use, settings)),
            silences=[harms_sentence(of_use), involved_sentence(of_use)],
            adverse=adverse(contents),
            shared=shared_words(contents),
            beside=_beside(contents, settings, extracted),
            methods=methods_paragraphs(settings, contents, read_agreement(audit / "agreement.csv"), read_kept(audit)),
            versions=_versions(),
            studies=[{**studies[name], "reports": reports[name]} for name in sorted(used, key=str.lower)],
            totals=_totals(contents),
            no_outcome=_no_outcome(contents, settings, extracted, studies),
            level=labels.level(settings.synthesis.level),
            votes_ignore=VOTES_IGNORE,
            annex=annex(contents, settings, extracted, audit),
            no_proof=GAP_NO_PROOF,
            cite=citations.cite_review(cited),
            not_recorded=citations.not_recorded(cited),
        )
    )


@dataclass(frozen=True)
class InsidePicture:
    """A picture that stands in the page itself, with the room that it takes before a browser has drawn it."""

    width: str
    height: str
    base64: str


def _inside(picture: Path) -> InsidePicture:
    svg = picture.read_bytes()
    _, root = next(iterparse(BytesIO(svg), events=("start",)))
    _, _, width, height = root.attrib["viewBox"].split()
    return InsidePicture(width, height, b64encode(svg).decode())


def _open_queries(audit: Path) -> list[dict[str, str]]:
    """Return the plausibility queries that nobody has answered."""
    path = audit / "queries.csv"
    return [row for row in read_rows(path) if not row["answer"]] if path.is_file() else []


def _domain(
    content: Synthesis,
    settings: Settings,
    cited: CitedReview,
    figures: Path,
    studies: dict[str, dict[str, str]],
    asked: list[dict[str, str]],
    assessed: dict[str, Assessment],
) -> dict[str, Any]:
    stem = figure_place(content.domain, FOREST) if content.has_evidence else ""
    results = {row.result for row in content.rows}
    important = settings.domains[content.domain].important
    forest = next(domain_figures(content, settings, figures), None)
    return {
        **vars(content),
        "notes": notes.sentences(content.notes),
        "counts": sentences.counts(content),
        "fates_text": sentences.fates(content.fates),
        "images": [_inside(path) for path in figure_pages(figures / f"{stem}.svg")] if stem else [],
        "alternative": (figures / f"{stem}.txt").read_text(encoding="utf-8") if stem else "",
        "stem": stem,
        "caption": sentences.sentence(forest.given) if forest else "",
        "cite": citations.cite_figure(cited, forest.cited) if forest else "",
        "strata": [
            {**_stratum(s, content.label, important), "certainty": _certainty(assessed[s.name])} for s in content.strata
        ],
        "sensitivity": [_stratum(s, content.label, important) for s in content.sensitivity],
        "outside": [
            {**NOTHING_POOLED, **vars(stratum), "depends": sensitivity.panel_words(stratum)}
            for stratum in content.outside
        ],
        "directions": [direction_words(test) for test in content.sign_tests],
        "combined_p": [sensitivity.combined_p_words(p) for p in content.combined_p if p.studies > 1],
        "open_queries": [query for query in asked if query["result"] in results],
        "unpooled": [
            {
                **vars(row),
                "study": studies[row.study]["label"],
                "fate": row.fate.replace("_", " "),
                "reason": notes.reason(row.reason),
            }
            for row in content.unpooled
        ],
    }


def _stratum(stratum: Stratum, label: str, important: Important | None) -> dict[str, Any]:
    fit, style = stratum.fit, estimates.style(stratum)
    missing = stratum.missing_results
    return {
        **vars(stratum),
        "notes": notes.sentences(fit.notes) if fit else [],
        "number": _number(stratum),
        "words": stratum_words(stratum, label),
        "missing": f"{missing.with_magnitude} of {labels.count(missing.studies, 'study', 'studies')}",
        "heterogeneity": sentences.heterogeneity(fit) if fit else "",
        "prediction": sentences.prediction(fit, style) if fit else "",
        "depends": sensitivity.panel_words(stratum),
        "small_study_words": small_study.words(stratum),
        "small_study_rows": small_study.rows(stratum),
        "bayes_words": sensitivity.bayes_words(stratum, important),
        "moderator_words": [sensitivity.moderator_words(m, style) for m in stratum.moderators],
        "nesting_words": sensitivity.nesting_words(fit.nesting) if fit else "",
        "units_words": sensitivity.units_words(stratum.in_units, fit.level) if fit else "",
        "sparse_words": _events(stratum),
        "intervals": [
            f"{labels.ci_method(i.ci_method)} {estimates.interval(i.ci_lb, i.ci_ub, style)}"
            for i in (fit.intervals if fit else ())
        ],
    }


def _assessed(file: Path) -> dict[str, Assessment]:
    return {assessed.stratum: assessed for assessed in read_certainty(file).strata}


def _certainty(assessed: Assessment) -> str:
    """Return what people judged of a number, with the statement that it allows."""
    words = ", ".join(certainty_words(assessed).split("\n"))
    return " ".join(filter(None, [f"Certainty (GRADE): {words}.", assessed.statement]))


def _events(stratum: Stratum) -> str:
    """Return the pool of events beside the headline, where it is not the headline itself."""
    if stratum.fit and stratum.fit.model == PoolModel.MANTEL_HAENSZEL:
        return ""
    return sensitivity.sparse_words(stratum.sparse, stratum.sparse_note)


def _number(stratum: Stratum) -> str:
    """Return the pooled number of a stratum, or what is shown instead: the one study, or how many."""
    fit, studies = stratum.fit, stratum.studies
    if fit:
        verdict = "" if bears_verdict(fit.k) else " (no conclusion)"
        return f"{measured(stratum, fit.estimate, fit)}, k = {fit.k}{verdict}"
    if len(studies) == 1:
        return f"not pooled: {study_number(stratum, studies[0])}"
    return f"not pooled: {len(studies)} shown" if studies else "directions only"


def _gap(content: Synthesis, settings: Settings) -> dict[str, str]:
    asks = settings.domains[content.domain].asks
    return {"label": content.label, "asks": asks, "note": " ".join(notes.sentences(content.notes))}


def _beside(contents: list[Synthesis], settings: Settings, extracted: Path) -> dict[str, Any]:
    """Return what another source says around its conclusions, and its recommendations with the evidence here."""
    other = settings.compare_with
    if other is None:
        return {"around": [], "advice": [], "parts": []}
    return {
        "around": list(around(other, contents, extracted)),
        "advice": advice(other, contents, extracted),
        "parts": list(parts(other, contents, extracted)),
    }


def _versions() -> str:
    """Return the versions of Python and of the libraries that made the numbers and the figures."""
    named = [f"{name} {version(name)}" for name in LIBRARIES]
    return ", ".join([f"Python {platform.python_version()}", *named])


def _no_outcome(
    contents: list[Synthesis], settings: Settings, extracted: Path, studies: dict[str, dict[str, str]]
) -> str:
    """Name the studies of the scope from which no result was extracted."""
    without = [row for row in without_outcome(contents, studies.values()) if row["scope"] in settings.scope.include]
    return flow.without_outcome([row["label"] for row in without], with_syntheses(read_flow(extracted), contents))


def _totals(contents: list[Synthesis]) -> dict[str, Any]:
    fates: Counter[Fate] = Counter(dict.fromkeys(Fate, 0))
    for content in contents:
        fates.update(content.fates)
    rows = [row for content in contents for row in content.rows]
    studies = {row.study for row in rows}
    used = {row.study for row in rows if row.fate != "excluded"}
    return {"studies": len(studies), "excluded": len(studies - used), "fates": sentences.fates(fates)}
