"""Which pooled numbers moved, by how much, and which part of it each change makes alone.

The part of a unit is the estimate with that unit alone applied to the old evidence, minus the old estimate. What
all changes do together beyond the sum of their parts is the interaction; what the code changed in numbers that
were stored is the part of the code. Parts, interaction and code sum to the whole change.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from taprev.provenance.diff.domains import UNUSABLE, DomainState, NumberKey, picture, why
from taprev.provenance.diff.numbers import EditionDomain, computed, numbers
from taprev.provenance.diff.results import ChangeShare, EditionNumber, Move
from taprev.provenance.diff.units import EditionData, Unit, applied
from taprev.synthesis.stratum import pooled_events
from taprev.vocabulary import Better
from taprev.wording import labels

NOTHING_POOLED = "with this change alone nothing is pooled here"
NOT_STORED = "Part of the code: {edition} has no number stored here, and the present code pools one."
NOT_COMPUTED = "with this change alone the domain cannot be computed: {why}"


def moves(
    name: str,
    label: str,
    old: EditionDomain,
    new: EditionDomain,
    evidence: EditionData,
    units: list[Unit],
    order: list[str],
) -> list[Move]:
    """Return every pooled number of a domain that either edition has, with the parts of what changed it.

    `units` are those that affect the domain, `order` that of `taprev.provenance.diff.units.applied`.
    """
    before, after = numbers(old), numbers(new)
    both = any(key in after for key in before)
    alone = [(unit, _alone(name, evidence, unit, order)) for unit in units] if both else []
    return [_move(name, label, key, (old, new), before.get(key), after.get(key), alone) for key in {**after, **before}]


def _alone(name: str, evidence: EditionData, unit: Unit, order: list[str]) -> DomainState:
    try:
        return picture(name, applied(evidence, unit, order))
    except UNUSABLE as error:
        return DomainState(refused=why(error))


def _move(
    name: str,
    label: str,
    key: NumberKey,
    sides: tuple[EditionDomain, EditionDomain],
    old: EditionNumber | None,
    new: EditionNumber | None,
    alone: list[tuple[Unit, DomainState]],
) -> Move:
    strata = [(side.picture.strata or {}).get(key.stratum) for side in sides]
    shown = strata[1] or strata[0]
    was, now = (_pooled_results(side.picture, key) for side in sides)
    events = ", before by ".join(dict.fromkeys(number.method for number in (new, old) if number))
    stratum = shown.label if shown else key.base.replace("_", " ")
    made = Move(
        domain=name,
        domain_label=label,
        stratum=shown.name if shown else key.base,
        stratum_label=labels.with_events(stratum, events),
        sensitivity=key.sensitivity,
        events=events,
        scale=key.events or key.scale,
        unit=shown.unit if shown else "",
        old=old,
        new=new,
        came=tuple(r for r in now if r not in was),
        went=tuple(r for r in was if r not in now),
        notes=tuple(_notes(key, sides, (old, new))),
        change="appeared" if old is None else "vanished" if new is None else "moved",
    )
    if old is None or new is None:
        return made
    return _with_shares(replace(made, change="unchanged") if _same(old, new) else made, key, old, new, alone)


def _notes(
    key: NumberKey,
    sides: tuple[EditionDomain, EditionDomain],
    published: tuple[EditionNumber | None, EditionNumber | None],
) -> Iterator[str]:
    for side, number in zip(sides, published, strict=True):
        if number and number.code:
            yield number.code
        if number is None and key in computed(side.picture):
            yield NOT_STORED.format(edition=side.edition)


def _same(old: EditionNumber, new: EditionNumber) -> bool:
    return (old.estimate, old.ci_lb, old.ci_ub, old.k) == (new.estimate, new.ci_lb, new.ci_ub, new.k)


def _with_shares(
    made: Move, key: NumberKey, old: EditionNumber, new: EditionNumber, alone: list[tuple[Unit, DomainState]]
) -> Move:
    """Return a move with the whole change, the part of each unit, of the code, and what is beyond the parts."""
    whole = new.estimate - old.estimate
    made = replace(made, whole=whole, whole_text=signed(whole))
    if old.computed is None or new.computed is None:
        return replace(made, code=whole, code_text=signed(whole))
    code = (old.computed - old.estimate) + (new.estimate - new.computed)
    parts = tuple(_part(key, old.computed, unit, state) for unit, state in alone)
    interaction = math.fsum([whole, -code, *(-part.part for part in parts if part.part is not None)])
    return replace(
        made,
        parts=parts,
        code=code,
        code_text=signed(code) if code else "",
        interaction=interaction,
        interaction_text=signed(interaction),
    )


def _part(key: NumberKey, old: float, unit: Unit, made: DomainState) -> ChangeShare:
    pooled = computed(made).get(key)
    if pooled is None:
        reason = NOT_COMPUTED.format(why=made.refused) if made.refused else NOTHING_POOLED
        return ChangeShare(unit.kind, unit.name, unit.said, None, "not defined", reason)
    part = pooled.estimate - old
    return ChangeShare(unit.kind, unit.name, unit.said, part, signed(part))


def _pooled_results(made: DomainState, key: NumberKey) -> list[str]:
    stratum = (made.strata or {}).get(key.stratum)
    if stratum is None or key not in computed(made):
        return []
    if key.events and stratum.sparse:
        axis = (stratum.scale, Better.LOWER if stratum.favours_sign < 0 else Better.HIGHER)
        rows = enumerate(pooled_events(list(made.rows), stratum.contrasts, axis))
        return [row.result for position, row in rows if position not in stratum.sparse.double_zero]
    return [result for study in stratum.studies if study.weight is not None for result in study.results]


def signed(value: float) -> str:
    """Return a change with its sign, `+0.034`; one that three decimals would hide keeps its first digit."""
    if abs(value) < 1e-12:
        return "0"
    sign = "+" if value > 0 else labels.MINUS
    if abs(value) < 0.0005:
        return f"{sign}{abs(value):.0e}".replace("e-", f"e{labels.MINUS}")
    return f"{sign}{labels.number(abs(value), 3)}"
