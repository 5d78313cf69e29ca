"""Which arm a printed number belongs to: tables and sentences print the arms in one order and in equal steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from taprev.sources.asked import AskedFigure
from taprev.sources.spelling import Reading

Order = Mapping[Reading, int]
"""The numbers of a stretch, each with how many stand before it."""
Found = Mapping[AskedFigure, Reading]


def in_another_arm(found: Found, order: Order) -> set[AskedFigure]:
    """Return the figures that stand in the place of another arm: against the order of most, or out of their step."""
    steps = _steps(found, order)
    against = _against_the_order(steps)
    kept = {figure: reading for figure, reading in found.items() if not (figure.arm and figure.statistic in against)}
    return {figure for figure in found if figure not in kept} | _out_of_step(kept, order)


def step_in(figure: AskedFigure, places: list[Reading], found: Found, order: Order) -> Reading | None:
    """Return the place, of several, in which a figure comes into step with others; None where it is, or none is."""
    usual = {step for name, step in _steps(found, order).items() if name != figure.statistic}
    if _steps(found, order).get(figure.statistic) in usual:
        return None
    return next((one for one in places if _steps({**found, figure: one}, order).get(figure.statistic) in usual), None)


def arm_of(reading: Reading, figure: AskedFigure, found: Found, order: Order) -> int:
    """Return the arm of a number that figures of both arms claim: where that of the other arm should be stands another.

    The step from arm to arm is that of other figures; without any, the nearest number like it decides, and where both
    arms could be, the figures beside it.
    """
    others = {other: one for other, one in found.items() if other.statistic != figure.statistic}
    free, at = _unclaimed(found, order, reading), order[reading]
    steps = Counter(_steps(others, order).values())
    if not steps:
        before = min((at - place for place in free if place < at), default=len(order) + 1)
        after = min((place - at for place in free if place > at), default=len(order) + 1)
        return 1 if after < before else 2
    step = steps.most_common(1)[0][0]
    first, second = at + step in free, at - step in free
    if first != second:
        return 1 if first else 2
    of_arm = {arm: {other: one for other, one in others.items() if other.arm == arm} for arm in (1, 2)}
    return min(of_arm, key=lambda arm: _strangeness(at, figure, of_arm[arm], order))


def _steps(found: Found, order: Order) -> dict[str, int]:
    """Return by how many numbers the two arms of each statistic are apart; where both are alike it says nothing."""
    at = {(figure.statistic, figure.arm): (order[one], figure.figure.size) for figure, one in found.items()}
    both = {name for name, arm in at if arm == 1 and (name, 2) in at and at[name, 1][1] != at[name, 2][1]}
    return {name: at[name, 2][0] - at[name, 1][0] for name in sorted(both)}


def _against_the_order(steps: Mapping[str, int]) -> set[str]:
    """Return the statistics whose arms stand the other way round than those of most."""
    forward = {name for name, step in steps.items() if step > 0}
    backward = {*steps} - forward
    if len(forward) == len(backward):
        return set()
    return min(forward, backward, key=len)


def _out_of_step(found: Found, order: Order) -> set[AskedFigure]:
    """Return the figures in whose place, by the step of the others, another number like them stands unclaimed."""
    steps = _steps(found, order)
    counted = Counter(steps.values())
    most = max(counted.values(), default=0)
    usual = [step for step, count in counted.items() if count == most]
    if len(counted) < 2 or (most < 2 and len(steps) > 2):
        return set()
    return {
        figure
        for step in usual
        for figure, reading in found.items()
        if steps.get(figure.statistic, step) != step
        if _expected(figure, step, found, order) in _unclaimed(found, order, reading)
    }


def _expected(figure: AskedFigure, step: int, found: Found, order: Order) -> int:
    """Return the place in which a figure should stand, by that of the other arm."""
    other = next(f for f in found if f.statistic == figure.statistic and f.arm == 3 - figure.arm)
    return order[found[other]] + (step if figure.arm == 2 else -step)


def _unclaimed(found: Found, order: Order, like: Reading) -> set[int]:
    """Return the places of numbers that no figure claims, with as many decimals as another."""
    claimed = {order[one] for one in found.values()}
    return {at for one, at in order.items() if at not in claimed and one.decimals == like.decimals}


def _strangeness(at: int, figure: AskedFigure, of_arm: Found, order: Order) -> tuple[int, int]:
    """Return how far a place is from the figures of an arm, and how many it follows that usually follow it."""
    places = [(order[reading], other.rank) for other, reading in of_arm.items()]
    nearest = min((abs(at - place) for place, _ in places), default=len(order))
    return nearest, sum((place < at) != (rank < figure.rank) for place, rank in places)
