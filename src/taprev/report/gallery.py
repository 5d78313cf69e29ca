"""The page from which figures are taken: each with its sentence, its words, its citation, its seal and its files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from taprev.figures.of_domain import FIGURES
from taprev.figures.overviews.registry import OVERVIEWS, overviews_not_drawn
from taprev.ground.places import WHOLE_REVIEW, figure_pages, figure_place
from taprev.ground.seal import seal_of
from taprev.report.documents.registry import DOCUMENTS
from taprev.report.templates import templates
from taprev.settings import Settings
from taprev.synthesis.results import Synthesis
from taprev.wording import labels, notes
from taprev.wording.strata import stratum_words

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


def gallery(contents: Sequence[Synthesis], settings: Settings, figures: Path) -> str:
    """Return the page as HTML text; `figures` is the folder of the drawn figures and of the page."""
    missing = {gap.figure: gap.reason for gap in overviews_not_drawn(figures)}
    drawn = [overview for overview in OVERVIEWS if overview.name not in missing]
    return (
        templates()
        .get_template("gallery.html")
        .render(
            settings=settings,
            review=[_entry(f"{WHOLE_REVIEW}/{one.name}", one.title, figures, settings) for one in drawn],
            review_not_drawn=_by_reason({one.title: missing.get(one.name, "") for one in OVERVIEWS}),
            domains=[_domain(content, settings, figures) for content in contents if content.has_evidence],
            empty=[_domain(content, settings, figures) for content in contents if not content.has_evidence],
            files=FILES,
            documents=[(entry.title, list(zip(entry.formats, entry.files, strict=True))) for entry in DOCUMENTS],
        )
    )


def _domain(content: Synthesis, settings: Settings, figures: Path) -> dict[str, Any]:
    reasons = {figure.title: figure.why_not(content) for figure in FIGURES}
    drawn = [
        _entry(figure_place(content.domain, figure.name), figure.title, figures, settings)
        for figure in FIGURES
        if not reasons[figure.title]
    ]
    lines = [f"{labels.clean(s.label)}: {stratum_words(s, content.label)}" for s in content.strata]
    return {
        "domain": content.domain,
        "label": content.label,
        "sentences": lines or notes.sentences(content.notes),
        "main": drawn[:1],
        "more": drawn[1:],
        "not_drawn": _by_reason(reasons),
    }


def _by_reason(reasons: dict[str, str]) -> list[tuple[str, str]]:
    """Return the titles of what is not drawn, joined where they share a reason, each with its reason."""
    shared: dict[str, list[str]] = defaultdict(list)
    for title, reason in reasons.items():
        if reason:
            shared[reason].append(title)
    return [(", ".join(titles), reason) for reason, titles in shared.items()]


def _entry(stem: str, name: str, figures: Path, settings: Settings) -> dict[str, Any]:
    words = (figures / f"{stem}.txt").read_text(encoding="utf-8").strip()
    first, *further = figure_pages(figures / f"{stem}.svg")
    seal = seal_of(first)
    return {
        "stem": stem,
        "further": [path.relative_to(figures).with_suffix("").as_posix() for path in further],
        "name": name,
        "words": words,
        "seal": seal.numbers if seal else "",
        "files": [(kind, f"{stem}.{kind}") for kind in _made(stem, figures)],
        "citation": f"{settings.review.title}. {name}, figure {Path(stem).name}, "
        f"seal {seal.numbers if seal else 'none'}. Drawn by taprev {settings.version}.",
    }


def _made(stem: str, figures: Path) -> Iterator[str]:
    return (kind for kind in KINDS if (figures / f"{stem}.{kind}").is_file())
