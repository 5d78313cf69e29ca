"""The effects of a domain under every combination of the choices that bear on them.

What a correlation, an intracluster correlation, the scope or the tier would have made of each result is settled
here, where the extraction is at hand; pooling the combinations is the synthesis's work.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

import numpy as np

from taprev.effects.fates import effect_rows
from taprev.effects.rows import EffectRow
from taprev.extraction.tables import Row
from taprev.settings import Settings

USUAL_SCOPE = "the review's programmes"


@dataclass(frozen=True)
class Axis:
    """A choice to be varied: its name, its levels in words, and the position of the usual one."""

    name: str
    levels: tuple[str, ...]
    usual: int


@dataclass(frozen=True)
class VariantResult:
    """A result with an effect that stands for its sample under one combination or another."""

    result: str
    study: str
    sample: str
    contrast: str
    scale: str
    better: str

    @property
    def axis(self) -> tuple[str, str]:
        """Return what may share an axis, as `EffectRow.axis`."""
        return self.scale, self.better

    @property
    def person(self) -> tuple[str, str]:
        """Return the study and sample, whose results are of the same people."""
        return self.study, self.sample


@dataclass(frozen=True)
class Variants:
    """The effects of a domain as arrays (results, combinations), NaN where a result does not stand for its sample.

    The combinations are the product of the levels of `axes`, the last one running fastest. `poolable` says where
    a result may be pooled and is not only shown.
    """

    axes: tuple[Axis, ...]
    results: tuple[VariantResult, ...]
    yi: np.ndarray
    vi: np.ndarray
    poolable: np.ndarray


@dataclass(frozen=True)
class _Choice:
    axis: Axis
    apply: tuple[Callable[[Settings], Settings], ...]
    left_out: tuple[frozenset[str], ...]


def variants(
    name: str,
    outcomes: Iterable[Row],
    studies: dict[str, Row],
    settings: Settings,
    risk_of_bias: dict[str, str],
) -> Variants:
    """Return the effects of a domain under every combination of the choices that bear on it."""
    outcomes = [row for row in outcomes if row["domain"] == name]
    usual = effect_rows(name, outcomes, studies, settings, risk_of_bias)
    choices = [choice for choice in _choices(usual, studies, settings) if choice]
    found: dict[VariantResult, dict[int, tuple[float, float, bool]]] = {}
    combinations = list(itertools.product(*(range(len(choice.axis.levels)) for choice in choices)))
    for column, levels in enumerate(combinations):
        chosen, left_out = settings, frozenset()
        for choice, level in zip(choices, levels, strict=True):
            chosen, left_out = choice.apply[level](chosen), left_out | choice.left_out[level]
        kept = [row for row in outcomes if row["result"] not in left_out]
        same = chosen is settings and not left_out
        for row in usual if same else effect_rows(name, kept, studies, chosen, risk_of_bias):
            if row.chosen:
                key = VariantResult(row.result, row.study, row.sample, row.contrast, *row.axis)
                found.setdefault(key, {})[column] = (row.yi, row.vi, row.poolable)
    effects = np.full((3, len(found), len(combinations)), np.nan)
    for place, columns in enumerate(found.values()):
        for column, effect in columns.items():
            effects[:, place, column] = effect
    yi, vi, poolable = effects
    return Variants(tuple(choice.axis for choice in choices), tuple(found), yi, vi, poolable == 1.0)


def _choices(usual: list[EffectRow], studies: dict[str, Row], settings: Settings) -> Iterable[_Choice | None]:
    """Yield the choices that bear on these rows."""
    scopes = {studies[row.study]["scope"] for row in usual}
    yield _scope(scopes, settings)
    poolable = [row for row in usual if row.chosen]
    tiers = settings.synthesis.pool_tiers
    if settings.sensitivity.exact_only and len(tiers) > 1 and any(row.tier != "exact" for row in poolable):
        yield _made("pool_tiers", ("exact and assumed", "exact only"), 0, (_same, _tiers))
    judged = settings.sensitivity.without_risk_of_bias
    high = frozenset(row.result for row in usual if row.risk_of_bias in judged)
    if high:
        levels = ("every judgement", f"without {', '.join(judged)}")
        yield _made("risk_of_bias", levels, 0, (_same, _same), (frozenset(), high))
    for assumption in ("r_pre_post", "icc", "overdispersion"):
        if any(assumption in row.leans_on.split() for row in usual):
            yield _grid(assumption, settings)


def _made(name, levels, usual, apply, left_out=None) -> _Choice:
    return _Choice(Axis(name, tuple(levels), usual), tuple(apply), left_out or (frozenset(),) * len(levels))


def _same(settings: Settings) -> Settings:
    return settings


def _tiers(settings: Settings) -> Settings:
    pooling = settings.synthesis.model_copy(update={"pool_tiers": ("exact",)})
    return settings.model_copy(update={"synthesis": pooling})


def _scope(scopes: set[str], settings: Settings) -> _Choice | None:
    sets = [one for one in settings.sensitivity.scopes if scopes & set(one.add)]
    if not sets:
        return None

    def wider(added: tuple[str, ...]) -> Callable[[Settings], Settings]:
        def apply(settings: Settings) -> Settings:
            scope = settings.scope.model_copy(update={"include": (*settings.scope.include, *added)})
            return settings.model_copy(update={"scope": scope})

        return apply

    levels = (USUAL_SCOPE, *(one.label for one in sets))
    return _made("scope", levels, 0, (_same, *(wider(one.add) for one in sets)))


def _grid(assumption: str, settings: Settings) -> _Choice | None:
    part = getattr(settings.assumptions, assumption)
    values = sorted({*part.grid, part.value} - {None})
    if part.value is None:
        values = [None, *values]

    def taken(value: float | None) -> Callable[[Settings], Settings]:
        def apply(settings: Settings) -> Settings:
            changed = getattr(settings.assumptions, assumption).model_copy(update={"value": value})
            assumptions = settings.assumptions.model_copy(update={assumption: changed})
            return settings.model_copy(update={"assumptions": assumptions})

        return apply

    if len(values) < 2:
        return None
    words = ["none" if value is None else f"{value:g}" for value in values]
    apply = [_same if value == part.value else taken(value) for value in values]
    return _made(assumption, words, values.index(part.value), apply)


def variants_json(found: Variants) -> str:
    """Return the variants as JSON at full precision; null where a result does not stand for its sample."""
    content = {
        "axes": [asdict(axis) for axis in found.axes],
        "results": [asdict(one) for one in found.results],
        "yi": _cells(found.yi),
        "vi": _cells(found.vi),
        "poolable": found.poolable.tolist(),
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=None) + "\n"


def read_variants(text: str) -> Variants:
    """Return the variants in a JSON text."""
    content = json.loads(text)
    axes = tuple(Axis(one["name"], tuple(one["levels"]), one["usual"]) for one in content["axes"])
    combinations = int(np.prod([len(axis.levels) for axis in axes]))
    yi, vi = (
        np.array([[np.nan if cell is None else cell for cell in row] for row in content[name]], float)
        for name in ("yi", "vi")
    )
    shape = (len(content["results"]), combinations)
    results = tuple(VariantResult(**one) for one in content["results"])
    poolable = np.array(content["poolable"], bool).reshape(shape)
    return Variants(axes, results, yi.reshape(shape), vi.reshape(shape), poolable)


def _cells(values: np.ndarray) -> list[list[float | None]]:
    return [[None if np.isnan(cell) else float(cell) for cell in row] for row in values]
