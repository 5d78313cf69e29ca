"""The page from which figures are taken: each with its sentence, its words, its citation, its seal and its files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from taprev.figures.forest.plot import NAME, TITLE
from taprev.figures.overviews.registry import OVERVIEWS
from taprev.figures.siblings.registry import SIBLINGS
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
}
OF_A_DOMAIN = {NAME: TITLE} | {sibling.name: sibling.title for sibling in SIBLINGS}
OF_THE_REVIEW = {overview.name: overview.title for overview in OVERVIEWS}


def gallery(contents: Sequence[Synthesis], settings: Settings, figures: Path) -> str:
    """Return the page as HTML text; `figures` holds the drawn figures, beside which the page lies."""
    return (
        templates()
        .get_template("gallery.html")
        .render(
            settings=settings,
            review=[_entry(stem, name, figures, settings) for stem, name in OF_THE_REVIEW.items()],
            domains=[_domain(content, settings, figures) for content in contents],
            files=FILES,
            documents=[(entry.title, list(zip(entry.formats, entry.files, strict=True))) for entry in DOCUMENTS],
        )
    )


def _domain(content: Synthesis, settings: Settings, figures: Path) -> dict[str, Any]:
    drawn = [_entry(f"{kind}_{content.domain}", name, figures, settings) for kind, name in OF_A_DOMAIN.items()]
    sentences = [f"{labels.clean(s.label)}: {stratum_words(s, content.label)}" for s in content.strata]
    return {
        "domain": content.domain,
        "label": content.label,
        "sentences": sentences or notes.sentences(content.notes),
        "main": drawn[0],
        "more": drawn[1:],
    }


def _entry(stem: str, name: str, figures: Path, settings: Settings) -> dict[str, Any]:
    words = (figures / f"{stem}.txt").read_text(encoding="utf-8").strip()
    seal = seal_of(figures / f"{stem}.svg")
    return {
        "stem": stem,
        "name": name,
        "words": words,
        "seal": seal.numbers if seal else "",
        "files": [(kind, f"{stem}.{kind}") for kind in _made(stem, figures)],
        "citation": f"{settings.review.title}. {name}, figure {stem}, seal {seal.numbers if seal else 'none'}. "
        f"Drawn by taprev {settings.version}.",
    }


def _made(stem: str, figures: Path) -> Iterator[str]:
    return (kind for kind in KINDS if (figures / f"{stem}.{kind}").is_file())
