"""The page from which figures are taken: each with its sentence, its words, its citation, its seal and its files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from taprev.figures.of_domain import FIGURES
from taprev.figures.overviews.registry import OVERVIEWS, overviews_not_drawn
from taprev.ground.extras import NOT_HERE, documents_here
from taprev.ground.places import figure_pages
from taprev.ground.seal import identifier_of_all
from taprev.report.documents.registry import DOCUMENTS
from taprev.report.taken_figures import TakenFigure, domain_figures, review_figures
from taprev.report.templates import templates
from taprev.settings import Settings
from taprev.settings.citation import NOT_CITED, CitationFile
from taprev.synthesis.results import Synthesis
from taprev.wording import citations, labels, notes
from taprev.wording.citations import CitedReview
from taprev.wording.strata import stratum_words

CITATIONS = "citations.bib"
KINDS = ("svg", "png", "pdf", "csv", "txt")
FILES = {
    "svg": "SVG",
    "png": "PNG",
    "pdf": "PDF",
    "csv": "data (CSV)",
    "txt": "text alternative",
    "html": "page (HTML)",
    "docx": "Word (DOCX)",
    "xlsx": "Excel (XLSX)",
    "pptx": "PowerPoint (PPTX)",
}


def gallery(
    contents: Sequence[Synthesis], settings: Settings, figures: Path, citation: CitationFile = NOT_CITED
) -> str:
    """Return the page as HTML text; `figures` is the folder of the drawn figures and of the page."""
    missing = {gap.figure: gap.reason for gap in overviews_not_drawn(figures)}
    cited = citations.cited_review(settings, citation)
    return (
        templates()
        .get_template("gallery.html")
        .render(
            settings=settings,
            identifier=identifier_of_all({one.domain: one.seal for one in contents}),
            cite=citations.cite_review(cited),
            cite_software=citations.cite_software(cited),
            not_recorded=citations.not_recorded(cited),
            citations=CITATIONS,
            review=[_entry(one, figures, cited) for one in review_figures(settings, figures)],
            review_not_drawn=_by_reason(
                (settings.figures.caption(one.name) or one.title, missing.get(one.name, "")) for one in OVERVIEWS
            ),
            domains=[_domain(content, settings, figures, cited) for content in contents if content.has_evidence],
            empty=[_domain(content, settings, figures, cited) for content in contents if not content.has_evidence],
            files=FILES,
            documents=[(e.title, list(zip(e.formats, e.files, strict=True))) for e in DOCUMENTS if e.formats],
            not_here="" if documents_here() else NOT_HERE,
        )
    )


def figures_bibtex(
    contents: Sequence[Synthesis], settings: Settings, figures: Path, citation: CitationFile = NOT_CITED
) -> str:
    """Return the review and every drawn figure as BibTeX."""
    drawn = [one for content in contents if content.has_evidence for one in domain_figures(content, settings, figures)]
    every = [*drawn, *review_figures(settings, figures)]
    return citations.bibtex(citations.cited_review(settings, citation), [one.cited for one in every])


def _domain(content: Synthesis, settings: Settings, figures: Path, cited: CitedReview) -> dict[str, Any]:
    reasons = [
        (settings.figures.caption(figure.name, content.domain) or figure.title, figure.why_not(content))
        for figure in FIGURES
    ]
    drawn = [_entry(figure, figures, cited) for figure in domain_figures(content, settings, figures)]
    lines = [f"{labels.clean(s.label)}: {stratum_words(s, content.label)}" for s in content.strata]
    return {
        "domain": content.domain,
        "label": content.label,
        "sentences": lines or notes.sentences(content.notes),
        "main": drawn[:1],
        "more": drawn[1:],
        "not_drawn": _by_reason(reasons),
    }


def _by_reason(reasons: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the titles of what is not drawn, joined where they share a reason, each with its reason."""
    shared: dict[str, list[str]] = defaultdict(list)
    for title, reason in reasons:
        if reason:
            shared[reason].append(title)
    return [(", ".join(titles), reason) for reason, titles in shared.items()]


def _entry(figure: TakenFigure, figures: Path, cited: CitedReview) -> dict[str, Any]:
    stem = figure.stem
    _, *further = figure_pages(figures / f"{stem}.svg")
    return {
        "stem": stem,
        "further": [path.relative_to(figures).with_suffix("").as_posix() for path in further],
        "name": figure.caption,
        "given": figure.given,
        "words": (figures / f"{stem}.txt").read_text(encoding="utf-8").strip(),
        "files": [(kind, f"{stem}.{kind}") for kind in _made(stem, figures)],
        "citation": citations.cite_figure(cited, figure.cited),
    }


def _made(stem: str, figures: Path) -> Iterator[str]:
    return (kind for kind in KINDS if (figures / f"{stem}.{kind}").is_file())
