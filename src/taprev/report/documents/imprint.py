"""The line at the foot of every document."""

from __future__ import annotations

from taprev.settings import Settings


def imprint(settings: Settings) -> str:
    """Return what the evidence is, and which version wrote the document."""
    return f"{settings.review.title}. {settings.review.evidence_set} Written by taprev {settings.version}."
