"""What a number belongs to: when it was measured, what its n counts, what was compared, and what was read."""

from __future__ import annotations

from dataclasses import dataclass

from taprev.vocabulary import Read


@dataclass(frozen=True)
class Context:
    """The context of one sample or vote.

    `timepoints` are the times of measurement in the words of the reports, `months` the same as numbers, without those
    that are not known (`untimed` says whether there are any). `n_counts` is what n counts, empty for people. `read` is
    the most that was read of a report behind it.
    """

    timepoints: tuple[str, ...] = ()
    months: tuple[float, ...] = ()
    untimed: bool = False
    n_counts: str = ""
    compared_with: str = ""
    read: Read = Read.NOT_CODED
