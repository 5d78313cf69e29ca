"""What the synthesis of a domain was made by: the code, its effects and its own part of the settings."""

from __future__ import annotations

import hashlib
from typing import Any

from taprev.ground.fingerprint import content_sha256
from taprev.settings import Settings

SLICE = {"review", "populations", "assumptions", "synthesis", "scope", "sensitivity", "bayes", "moderators"}


def made_by(domain: str, effects: str, variants: str, review: Settings) -> dict[str, Any]:
    """Return what a domain's synthesis was made by: the code, its effects and its own slice of the settings.

    Parameters
    ----------
    domain : str
        The domain.
    effects : str
        The text of its effects file.
    variants : str
        The text of its file of variants.
    review : Settings
        The settings of the review.

    Returns
    -------
    dict of str to Any
        The version and fingerprint of the code, and the SHA-256 of both texts and of the settings.
    """
    return {
        "version": review.version,
        "source": review.source,
        "effects_sha256": hashlib.sha256(effects.encode()).hexdigest(),
        "variants_sha256": hashlib.sha256(variants.encode()).hexdigest(),
        "settings_sha256": settings_sha256(domain, review),
    }


def settings_sha256(domain: str, review: Settings) -> str:
    """Return the SHA-256 of the settings that the numbers of a domain depend on."""
    how = review.model_dump(mode="json", include=SLICE)
    return content_sha256({**how, "domain": review.domains[domain].model_dump(mode="json")})
