"""What a warm process loads, in the order in which a run needs it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

MODULES = (
    "taprev.settings.reading",
    "taprev.extraction.checks",
    "taprev.effects.variants",
    "taprev.synthesis.domain",
    "taprev.figures.of_domain",
    "taprev.provenance.trace.domain",
    "taprev.tables.write",
    "taprev.certainty.assessment",
    "taprev.synthesis.crosscheck",
    "taprev.extraction.agreement",
    "taprev.figures.overviews.registry",
    "taprev.report.documents.registry",
    "taprev.report.page",
    "taprev.report.gallery",
    "taprev.report.audit.site",
    "taprev.provenance.verify",
)


def load() -> Iterator[str]:
    """Import one module after the other, and yield its name."""
    for module in MODULES:
        import_module(module)
        yield module
