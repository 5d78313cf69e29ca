"""The pooled numbers of one domain in one edition: as the present code computes them, and as they were stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from taprev.figures import labels
from taprev.provenance.diff.domains import Picture, Place, place_of
from taprev.synthesis.result import Fit

SAME = 1e-12
LIMITS = ("estimate", "ci_lb", "ci_ub", "k")


@dataclass(frozen=True)
class Number:
    """A pooled number as an edition has it.

    `computed` is the estimate that the present code makes of the same tables, None where it pools nothing; `code`
    says in words where the two differ.
    """

    estimate: float
    ci_lb: float
    ci_ub: float
    k: int
    text: str
    computed: float | None = None
    code: str = ""


@dataclass(frozen=True)
class Side:
    """A domain in one edition: what it is called there, its picture, and its JSON where one is stored."""

    edition: str
    picture: Picture
    stored: dict[str, Any] = field(default_factory=dict)


def numbers(side: Side) -> dict[Place, Number]:
    """Return the numbers of an edition by their place: the stored ones where there are any."""
    computed = {place: fit for place, one in (side.picture.strata or {}).items() if (fit := one.fit)}
    if not side.stored:
        return {place: _computed(fit, place.scale) for place, fit in computed.items()}
    return {
        place: _stored(fit, computed.get(place), place.scale, side.edition)
        for place, fit in _stored_fits(side.stored).items()
    }


def _computed(fit: Fit, scale: str) -> Number:
    text = labels.estimate(fit.estimate, fit.ci_lb, fit.ci_ub, scale)
    return Number(fit.estimate, fit.ci_lb, fit.ci_ub, fit.k, text, fit.estimate)


def _stored(fit: dict[str, Any], now: Fit | None, scale: str, edition: str) -> Number:
    if now and all(abs(fit[name] - getattr(now, name)) <= SAME for name in LIMITS):
        return _computed(now, scale)
    text = labels.estimate(fit["estimate"], fit["ci_lb"], fit["ci_ub"], scale)
    made = _computed(now, scale).text + f", k = {now.k}" if now else "no pooled number"
    said = (
        f"Part of the code: {edition} has {text}, k = {fit['k']} stored; of the same tables and settings the present "
        f"code makes {made}."
    )
    return Number(*(fit[name] for name in LIMITS), text, now.estimate if now else None, said)


def _stored_fits(content: dict[str, Any]) -> dict[Place, dict[str, Any]]:
    return {
        place_of(one["name"], one["scale"], one["favours_sign"], sensitivity): one["fit"]
        for group, sensitivity in (("strata", False), ("sensitivity", True))
        for one in content.get(group, ())
        if one.get("fit")
    }
