"""The pooled numbers of one domain in one edition: as the present code computes them, and as they were stored.

A stratum has up to two: its random-effects estimate, and beside it its pool of events without corrections.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from taprev.provenance.diff.domains import Picture, Place, place_of
from taprev.wording import labels

SAME = 1e-12
LIMITS = ("estimate", "ci_lb", "ci_ub", "k")


@dataclass(frozen=True)
class Pooled:
    """A pooled number bare; `method` is that of a pool of events, whose `k` counts the samples with events."""

    estimate: float
    ci_lb: float
    ci_ub: float
    k: int
    method: str


@dataclass(frozen=True)
class Number(Pooled):
    """A pooled number as an edition has it.

    `computed` is the estimate that the present code makes of the same tables, None where it pools nothing; `code`
    says in words where the two differ.
    """

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
    now = computed(side.picture)
    if not side.stored:
        return {place: _shown(pooled, place) for place, pooled in now.items()}
    kept = (
        (place_of(one["name"], one["scale"], one["favours_sign"], sensitivity), one)
        for group, sensitivity in (("strata", False), ("sensitivity", True))
        for one in side.stored.get(group, ())
    )
    return {
        place: _stored(pooled, now.get(place), place, side.edition)
        for base, one in kept
        for place, pooled in _pooled(base, one.get("fit"), one.get("sparse"))
    }


def computed(picture: Picture) -> dict[Place, Pooled]:
    """Return the numbers that the present code makes, by their place."""
    return {
        place: pooled
        for base, one in (picture.strata or {}).items()
        for place, pooled in _pooled(base, one.fit and vars(one.fit), one.sparse and vars(one.sparse))
    }


def _pooled(
    base: Place, fit: Mapping[str, Any] | None, sparse: Mapping[str, Any] | None
) -> Iterator[tuple[Place, Pooled]]:
    if fit:
        yield base, Pooled(*(fit[name] for name in LIMITS), method="")
    if sparse:
        method, scale = labels.events_pool(sparse["measure"])
        limits = (sparse[name] for name in ("estimate", "ci_lb", "ci_ub", "k_used"))
        yield replace(base, events=scale), Pooled(*limits, method=method)


def _shown(pooled: Pooled, place: Place) -> Number:
    return Number(**asdict(pooled), text=_text(pooled, place), computed=pooled.estimate)


def _text(pooled: Pooled, place: Place) -> str:
    return labels.estimate(pooled.estimate, pooled.ci_lb, pooled.ci_ub, place.events or place.scale)


def _stored(kept: Pooled, now: Pooled | None, place: Place, edition: str) -> Number:
    if now and all(abs(getattr(kept, name) - getattr(now, name)) <= SAME for name in LIMITS):
        return _shown(now, place)
    text = _text(kept, place)
    made = f"{_text(now, place)}, k = {now.k}" if now else "no pooled number"
    said = (
        f"Part of the code: {edition} has {text}, k = {kept.k} stored; of the same tables and settings the present "
        f"code makes {made}."
    )
    return Number(**asdict(kept), text=text, computed=now.estimate if now else None, code=said)
