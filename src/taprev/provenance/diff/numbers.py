"""The pooled numbers of one domain in one edition: as the present code computes them, and as they were stored.

A stratum has up to two: its random-effects estimate, and beside it its pool of events without corrections.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from taprev.provenance.diff.domains import DomainState, NumberKey, place_of
from taprev.wording import labels

SAME = 1e-12
LIMITS = ("estimate", "ci_lb", "ci_ub", "k")


@dataclass(frozen=True)
class BareNumber:
    """A pooled number bare; `method` is that of a pool of events, whose `k` counts the samples with events."""

    estimate: float
    ci_lb: float
    ci_ub: float
    k: int
    method: str


@dataclass(frozen=True)
class PooledNumber(BareNumber):
    """A pooled number as an edition has it.

    `computed` is the estimate that the present code makes of the same tables, None where it pools nothing; `code`
    says in words where the two differ.
    """

    text: str
    computed: float | None = None
    code: str = ""


@dataclass(frozen=True)
class EditionDomain:
    """A domain in one edition: what it is called there, its picture, and its JSON where one is stored."""

    edition: str
    picture: DomainState
    stored: dict[str, Any] = field(default_factory=dict)


def numbers(side: EditionDomain) -> dict[NumberKey, PooledNumber]:
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


def computed(picture: DomainState) -> dict[NumberKey, BareNumber]:
    """Return the numbers that the present code makes, by their place."""
    return {
        place: pooled
        for base, one in (picture.strata or {}).items()
        for place, pooled in _pooled(base, one.fit and vars(one.fit), one.sparse and vars(one.sparse))
    }


def _pooled(
    base: NumberKey, fit: Mapping[str, Any] | None, sparse: Mapping[str, Any] | None
) -> Iterator[tuple[NumberKey, BareNumber]]:
    if fit:
        yield base, BareNumber(*(fit[name] for name in LIMITS), method="")
    if sparse:
        method, scale = labels.events_pool(sparse["measure"])
        limits = (sparse[name] for name in ("estimate", "ci_lb", "ci_ub", "k_used"))
        yield replace(base, events=scale), BareNumber(*limits, method=method)


def _shown(pooled: BareNumber, place: NumberKey) -> PooledNumber:
    return PooledNumber(**asdict(pooled), text=_text(pooled, place), computed=pooled.estimate)


def _text(pooled: BareNumber, place: NumberKey) -> str:
    return labels.estimate(pooled.estimate, pooled.ci_lb, pooled.ci_ub, place.events or place.scale)


def _stored(kept: BareNumber, now: BareNumber | None, place: NumberKey, edition: str) -> PooledNumber:
    if now and all(abs(getattr(kept, name) - getattr(now, name)) <= SAME for name in LIMITS):
        return _shown(now, place)
    text = _text(kept, place)
    made = f"{_text(now, place)}, k = {now.k}" if now else "no pooled number"
    said = (
        f"Part of the code: {edition} has {text}, k = {kept.k} stored; of the same tables and settings the present "
        f"code makes {made}."
    )
    return PooledNumber(**asdict(kept), text=text, computed=now.estimate if now else None, code=said)
