"""What several results have in common, for functions that take any of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from taprev.vocabulary import Fate


class Limits(Protocol):
    """An interval."""

    @property
    def ci_lb(self) -> float: ...

    @property
    def ci_ub(self) -> float: ...


class Number(Protocol):
    """A number with its interval and how many effects it is made of; None where nothing could be pooled."""

    @property
    def k(self) -> int: ...

    @property
    def estimate(self) -> float | None: ...

    @property
    def ci_lb(self) -> float | None: ...

    @property
    def ci_ub(self) -> float | None: ...


class Spread(Protocol):
    """The heterogeneity of what was pooled."""

    @property
    def tau2(self) -> float: ...

    @property
    def I2(self) -> float: ...

    @property
    def Q(self) -> float: ...

    @property
    def Q_df(self) -> int: ...

    @property
    def Q_pval(self) -> float: ...


class Holdings(Protocol):
    """What a domain holds: of which people, and how many studies, samples and results by their fate."""

    @property
    def population(self) -> str: ...

    @property
    def studies(self) -> int: ...

    @property
    def samples(self) -> int: ...

    @property
    def fates(self) -> Mapping[Fate, int]: ...
