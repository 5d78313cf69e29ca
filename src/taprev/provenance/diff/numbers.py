"""The pooled numbers of one domain in one edition: as the present code computes them, and as they were stored.

A stratum has up to two: its random-effects estimate, and its pool of events without corrections.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

from taprev.provenance.diff.domains import DomainState, NumberKey, place_of
from taprev.provenance.diff.results import BareNumber, EditionNumber
from taprev.synthesis.results import Stratum, Synthesis
from taprev.wording import estimates, labels
from taprev.wording.estimates import NumberStyle

SAME = 1e-12
LIMITS = ("estimate", "ci_lb", "ci_ub", "k")


@dataclass(frozen=True)
class EditionDomain:
    """A domain in one edition: what it is called there, its picture, and its JSON where one is stored."""

    edition: str
    picture: DomainState
    stored: Synthesis | None = None


def numbers(side: EditionDomain) -> dict[NumberKey, EditionNumber]:
    """Return the numbers of an edition by their key: the stored ones where there are any."""
    now = computed(side.picture)
    stored = side.stored
    if stored is None:
        return {key: _shown(pooled, key) for key, pooled in now.items()}
    kept = (
        (place_of(stratum.name, stratum.scale, stratum.favours_sign, sensitivity), stratum)
        for group, sensitivity in ((stored.strata, False), (stored.sensitivity, True))
        for stratum in group
    )
    return {
        key: _stored(pooled, now.get(key), key, side.edition)
        for base, stratum in kept
        for key, pooled in _pooled(base, stratum)
    }


def computed(picture: DomainState) -> dict[NumberKey, BareNumber]:
    """Return the numbers that the present code makes, by their key."""
    return {key: pooled for base, stratum in (picture.strata or {}).items() for key, pooled in _pooled(base, stratum)}


def _pooled(base: NumberKey, stratum: Stratum) -> Iterator[tuple[NumberKey, BareNumber]]:
    if fit := stratum.fit:
        yield base, BareNumber(fit.estimate, fit.ci_lb, fit.ci_ub, fit.k, method="", digits=stratum.digits)
    if sparse := stratum.sparse:
        method, scale = labels.events_pool(sparse.measure)
        limits = sparse.estimate, sparse.ci_lb, sparse.ci_ub
        pooled = BareNumber(*limits, sparse.k_used, method=method, digits=stratum.digits)
        yield replace(base, events=scale), pooled


def _shown(pooled: BareNumber, key: NumberKey) -> EditionNumber:
    return EditionNumber(**asdict(pooled), text=_text(pooled, key), computed=pooled.estimate)


def _text(pooled: BareNumber, key: NumberKey) -> str:
    style = NumberStyle(key.events or key.scale, pooled.digits)
    return estimates.estimate(pooled.estimate, pooled.ci_lb, pooled.ci_ub, style)


def _stored(kept: BareNumber, now: BareNumber | None, key: NumberKey, edition: str) -> EditionNumber:
    if now and all(abs(getattr(kept, name) - getattr(now, name)) <= SAME for name in LIMITS):
        return _shown(now, key)
    text = _text(kept, key)
    made = f"{_text(now, key)}, k = {now.k}" if now else "no pooled number"
    sentence = (
        f"Part of the code: {edition} has {text}, k = {kept.k} stored; of the same tables and settings the present "
        f"code makes {made}."
    )
    return EditionNumber(**asdict(kept), text=text, computed=now.estimate if now else None, code=sentence)
