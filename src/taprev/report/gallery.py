"""The page from which figures are taken: each with its sentence, its words, its citation, its seal and its files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from taprev.ground.seal import seal_of
from taprev.report.documents.formats import FORMATS, TITLES
from taprev.report.templates import templates
from taprev.settings import Settings
from taprev.wording import labels
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
OF_A_DOMAIN = {
    "forest": "Forest plot of the whole evidence",
    "leave_one_out": "Each study left out in turn",
    "multiverse": "All combinations of choices",
    "posterior": "Bayesian posteriors",
    "funnel": "Funnel plot",
}
OF_THE_REVIEW = {
    "at_a_glance": "The evidence at a glance",
    "gap_map": "Evidence gap map",
    "effect_direction": "Effect direction plot",
    "components": "Components of the programmes, by level",
    "risk_of_bias": "Risk of bias",
    "flow": "Flow of records and reports",
}


def gallery(contents: Sequence[dict[str, Any]], settings: Settings, figures: Path) -> str:
    """Return the page as HTML text; `figures` holds the drawn figures, beside which the page lies."""
    return (
        templates()
        .get_template("gallery.html")
        .render(
            settings=settings,
            review=[_entry(stem, name, figures, settings) for stem, name in OF_THE_REVIEW.items()],
            domains=[_domain(content, settings, figures) for content in contents],
            files=FILES,
            documents=[(title, [(kind, f"{stem}.{kind}") for kind in FORMATS[stem]]) for stem, title in TITLES.items()],
        )
    )


def _domain(content: dict[str, Any], settings: Settings, figures: Path) -> dict[str, Any]:
    drawn = [_entry(f"{kind}_{content['domain']}", name, figures, settings) for kind, name in OF_A_DOMAIN.items()]
    sentences = [f"{labels.clean(s['label'])}: {stratum_words(s, content['label'])}" for s in content["strata"]]
    return {
        "domain": content["domain"],
        "label": content["label"],
        "sentences": sentences or list(content["notes"]),
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
