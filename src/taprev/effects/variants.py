"""The effects of a domain under every combination of the choices that bear on them.

What a correlation, an intracluster correlation, the scope or the tier would have made of each result is settled
here, where the extraction is at hand; pooling the combinations is the synthesis's work.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

import numpy as np

from taprev.effects.assumptions import leans_on
from taprev.effects.fates import effect_rows
from taprev.effects.rows import EffectRow
from taprev.extraction.tables import Row
from taprev.settings import Settings
from taprev.vocabulary import Choice

USUAL_SCOPE = "the review's programmes"
ASSUMPTIONS = (Choice.R_PRE_POST, Choice.ICC, Choice.OVERDISPERSION)
NUMBERS = ("yi", "vi", "poolable")


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
    """A choice: what each level makes of the settings, which results it leaves out, and the studies it bears on."""

    axis: Axis
    apply: tuple[Callable[[Settings], Settings], ...]
    left_out: tuple[frozenset[str], ...]
    studies: frozenset[str]


def variants(
    name: str,
    outcomes: Iterable[Row],
    studies: dict[str, Row],
    settings: Settings,
    risk_of_bias: dict[str, str],
    usual: list[EffectRow] | None = None,
) -> Variants:
    """Return the effects of a domain under every combination of the choices that bear on it.

    `usual` are its effect rows under the settings as they are, derived here where they are not at hand.
    What stands for a sample depends on the rows of its study alone, so that studies are derived anew only under
    the choices that bear on them.
    """
    outcomes = [row for row in outcomes if row["domain"] == name]
    if usual is None:
        usual = effect_rows(name, outcomes, studies, settings, risk_of_bias)
    choices = [choice for choice in _choices(usual, outcomes, studies, settings) if choice]
    shape = tuple(len(choice.axis.levels) for choice in choices)
    found: dict[VariantResult, np.ndarray] = {}
    for own, as_usual in _alike(outcomes, usual, choices):
        for levels in itertools.product(*(_levels(choice, own[0]["study"]) for choice in choices)):
            chosen, left_out = _settled(settings, choices, levels)
            kept = [row for row in own if row["result"] not in left_out]
            same = chosen is settings and not left_out
            for row in as_usual if same else effect_rows(name, kept, studies, chosen, risk_of_bias):
                if row.chosen:
                    key = VariantResult(row.result, row.study, row.sample, row.contrast, *row.axis)
                    if key not in found:
                        found[key] = np.full((*shape, 3), np.nan)
                    found[key][levels] = row.yi, row.vi, row.poolable
    position = {row["result"]: place for place, row in enumerate(outcomes)}
    results = tuple(sorted(found, key=lambda one: position[one.result]))
    effects = np.array([found[one] for one in results]).reshape(len(results), math.prod(shape), 3)
    yi, vi, poolable = np.moveaxis(effects, -1, 0)
    return Variants(tuple(choice.axis for choice in choices), results, yi, vi, poolable == 1.0)


def _alike(
    outcomes: list[Row], usual: list[EffectRow], choices: list[_Choice]
) -> Iterable[tuple[list[Row], list[EffectRow]]]:
    """Return the rows, as extracted and as usual, in groups of studies on which the same choices bear."""
    groups: dict[tuple[bool, ...], tuple[list[Row], list[EffectRow]]] = defaultdict(lambda: ([], []))
    for source, row in zip(outcomes, usual, strict=True):
        own, as_usual = groups[tuple(row.study in choice.studies for choice in choices)]
        own.append(source)
        as_usual.append(row)
    return groups.values()


def _levels(choice: _Choice, study: str) -> Iterable[int | slice]:
    """Return the levels under which a study is derived, or all of them at once where the choice does not bear on it."""
    return range(len(choice.axis.levels)) if study in choice.studies else (slice(None),)


def _settled(
    settings: Settings, choices: list[_Choice], levels: tuple[int | slice, ...]
) -> tuple[Settings, frozenset[str]]:
    """Return the settings under a combination of levels, and the results that it leaves out."""
    left_out: frozenset[str] = frozenset()
    for choice, level in zip(choices, levels, strict=True):
        if not isinstance(level, slice):
            settings, left_out = choice.apply[level](settings), left_out | choice.left_out[level]
    return settings, left_out


def _choices(
    usual: list[EffectRow], outcomes: list[Row], studies: dict[str, Row], settings: Settings
) -> Iterable[_Choice | None]:
    """Yield the choices that bear on these rows."""
    yield _scope(usual, studies, settings)
    rests = _rests(usual, outcomes)
    chosen = [row for row in usual if row.chosen]
    tiers = settings.synthesis.pool_tiers
    if settings.sensitivity.exact_only and len(tiers) > 1 and any(row.tier != "exact" for row in chosen):
        split = settings.assumptions.shared_control == "split"
        assumed = {row.study for row in usual if row.tier == "assumed" or split}.union(*rests.values())
        yield _made("pool_tiers", ("exact and assumed", "exact only"), 0, (_same, _tiers), assumed)
    judged = settings.sensitivity.without_risk_of_bias
    high = [row for row in usual if row.risk_of_bias in judged]
    if high:
        levels = ("every judgement", f"without {', '.join(judged)}")
        left_out = (frozenset(), frozenset(row.result for row in high))
        yield _made("risk_of_bias", levels, 0, (_same, _same), {row.study for row in high}, left_out)
    for assumption in ASSUMPTIONS:
        if any(assumption in row.leans_on.split() for row in usual):
            yield _grid(assumption, settings, rests[assumption])


def _rests(usual: list[EffectRow], outcomes: list[Row]) -> dict[str, set[str]]:
    """Return the studies with a row that rests on each assumption, though it may be refused under the usual one."""
    rests: dict[str, set[str]] = {assumption: set() for assumption in ASSUMPTIONS}
    for row, source in zip(usual, outcomes, strict=True):
        for assumption in (*row.leans_on.split(), *leans_on((), source)):
            rests[assumption].add(row.study)
    return rests


def _made(name, levels, usual, apply, studies, left_out=None) -> _Choice:
    left_out = left_out or (frozenset(),) * len(levels)
    return _Choice(Axis(name, tuple(levels), usual), tuple(apply), left_out, frozenset(studies))


def _same(settings: Settings) -> Settings:
    return settings


def _tiers(settings: Settings) -> Settings:
    pooling = settings.synthesis.model_copy(update={"pool_tiers": ("exact",)})
    return settings.model_copy(update={"synthesis": pooling})


def _scope(usual: list[EffectRow], studies: dict[str, Row], settings: Settings) -> _Choice | None:
    scope_of = {row.study: studies[row.study]["scope"] for row in usual}
    sets = [one for one in settings.sensitivity.scopes if set(scope_of.values()) & set(one.add)]
    if not sets:
        return None
    added = {scope for one in sets for scope in one.add}
    inside = {study for study, scope in scope_of.items() if scope in added}

    def wider(added: tuple[str, ...]) -> Callable[[Settings], Settings]:
        def apply(settings: Settings) -> Settings:
            scope = settings.scope.model_copy(update={"include": (*settings.scope.include, *added)})
            return settings.model_copy(update={"scope": scope})

        return apply

    levels = (USUAL_SCOPE, *(one.label for one in sets))
    return _made("scope", levels, 0, (_same, *(wider(one.add) for one in sets)), inside)


def _grid(assumption: str, settings: Settings, studies: set[str]) -> _Choice | None:
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
    return _made(assumption, words, values.index(part.value), apply, studies)


def variants_json(found: Variants) -> str:
    """Return the variants as JSON at full precision; null where a result does not stand for its sample.

    The numbers of a result are those of the combinations of the axes over which it varies, by their positions.
    """
    shape = tuple(len(axis.levels) for axis in found.axes)
    arrays = {name: getattr(found, name).reshape(-1, *shape) for name in NUMBERS}
    varies = [_varies(arrays, place) for place in range(len(shape))]
    lines = []
    for i, one in enumerate(found.results):
        places = [place for place, varied in enumerate(varies) if varied[i]]
        over = tuple(slice(None) if place in places else 0 for place in range(len(shape)))
        cells = {name: _cells(array[i][over]) for name, array in arrays.items()}
        lines.append(vars(one) | {"varies": places} | cells)
    content = {"axes": [asdict(axis) for axis in found.axes], "results": lines}
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=None) + "\n"


def _varies(arrays: dict[str, np.ndarray], place: int) -> np.ndarray:
    """Return whether each result has other numbers at another level of the axis at this place."""
    differs = []
    for array in arrays.values():
        levels = np.moveaxis(array, place + 1, 1)
        same = (levels == levels[:, :1]) | (np.isnan(levels) & np.isnan(levels[:, :1]))
        differs.append(~same.all(axis=tuple(range(1, same.ndim))))
    return np.logical_or.reduce(differs)


def _cells(values: np.ndarray) -> list[float | bool | None]:
    return [None if math.isnan(cell) else cell for cell in values.ravel().tolist()]


def read_variants(text: str) -> Variants:
    """Return the variants in a JSON text."""
    content = json.loads(text)
    axes = tuple(Axis(one["name"], tuple(one["levels"]), one["usual"]) for one in content["axes"])
    shape = tuple(len(axis.levels) for axis in axes)
    effects = np.empty((len(NUMBERS), len(content["results"]), *shape))
    results = []
    for i, line in enumerate(content["results"]):
        varies = line.pop("varies")
        over = [levels if place in varies else 1 for place, levels in enumerate(shape)]
        for array, name in zip(effects, NUMBERS, strict=True):
            array[i] = np.array(line.pop(name), float).reshape(over)
        results.append(VariantResult(**line))
    yi, vi, poolable = effects.reshape(len(NUMBERS), len(results), math.prod(shape))
    return Variants(axes, tuple(results), yi, vi, poolable == 1.0)
