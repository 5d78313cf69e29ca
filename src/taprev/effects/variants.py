"""The effects of a domain under every combination of the choices that affect them.

What a correlation, an intracluster correlation, the scope or the tier would change in each result is worked out
here, where the extraction is available. The synthesis pools the combinations.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from taprev.effects.assumptions import leans_on
from taprev.effects.fates import effect_rows
from taprev.effects.rows import Axis, EffectRow, Standing, standing_of
from taprev.extraction.tables import Row
from taprev.settings import Settings
from taprev.vocabulary import Better, Choice, Contrast, Fate, Scale, SharedControl, Tier

LATEST = 1e6
"""A target time in months beyond every measurement, so that the latest is the nearest."""
USUAL_SCOPE = "the review's programmes"
ASSUMPTIONS = (Choice.R_PRE_POST, Choice.ICC, Choice.OVERDISPERSION, Choice.RETAINED)
NUMBERS = ("yi", "vi", "poolable")


@dataclass(frozen=True)
class ChoiceAxis:
    """A choice to be varied: its name, its levels in words, and the position of the usual one."""

    name: Choice
    levels: tuple[str, ...]
    usual: int


@dataclass(frozen=True)
class VariantResult:
    """A result whose effect represents its sample under at least one combination of choices."""

    result: str
    study: str
    sample: str
    contrast: Contrast
    scale: Scale
    better: Better

    @property
    def axis(self) -> Axis:
        """Return what may share an axis, as `EffectRow.axis`."""
        return self.scale, self.better

    @property
    def person(self) -> tuple[str, str]:
        """Return the study and sample, whose results are of the same people."""
        return self.study, self.sample


@dataclass(frozen=True)
class Variants:
    """The effects of a domain as arrays (results, combinations), NaN where a result does not represent its sample.

    The combinations are the product of the levels of `axes`, the last axis changing fastest. `poolable` says where a
    result may be pooled and is not only shown.
    """

    axes: tuple[ChoiceAxis, ...]
    results: tuple[VariantResult, ...]
    yi: np.ndarray
    vi: np.ndarray
    poolable: np.ndarray


@dataclass(frozen=True)
class _Choice:
    """A choice: how each level changes the settings, which results it leaves out, and the studies it affects."""

    axis: ChoiceAxis
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
    """Return the effects of a domain under every combination of the choices that affect them.

    What represents a sample depends only on the rows of its study, so studies are derived again only under the
    choices that affect them.

    Parameters
    ----------
    name : str
        The domain.
    outcomes : iterable of Row
        The rows of `outcomes.csv`, of all domains.
    studies : dict of str to Row
        The rows of `studies.csv` by study.
    settings : Settings
        The settings of the review.
    risk_of_bias : dict of str to str
        The overall judgement of each result that has one.
    usual : list of EffectRow, optional
        The effect rows under the settings as they are; derived here if not given.

    Returns
    -------
    Variants
        The axes of choice, the results, and their numbers, of shape (results, combinations).
    """
    outcomes = [row for row in outcomes if row["domain"] == name]
    if usual is None:
        usual = effect_rows(name, outcomes, studies, settings, risk_of_bias)
    choices = [choice for choice in _choices(usual, outcomes, studies, settings) if choice]
    shape = tuple(len(choice.axis.levels) for choice in choices)
    by_result: dict[VariantResult, np.ndarray] = {}
    for own, as_usual in _alike(outcomes, usual, choices):
        for levels in itertools.product(*(_levels(choice, own[0]["study"]) for choice in choices)):
            chosen, left_out = _settled(settings, choices, levels)
            kept = [row for row in own if row["result"] not in left_out]
            same = chosen is settings and not left_out
            for row in as_usual if same else effect_rows(name, kept, studies, chosen, risk_of_bias):
                if row.chosen and row.axis:
                    key = VariantResult(row.result, row.study, row.sample, row.contrast, *row.axis)
                    if key not in by_result:
                        by_result[key] = np.full((*shape, 3), np.nan)
                    by_result[key][levels] = row.yi, row.vi, row.poolable
    position = {row["result"]: index for index, row in enumerate(outcomes)}
    results = tuple(sorted(by_result, key=lambda result: position[result.result]))
    effects = np.array([by_result[result] for result in results]).reshape(len(results), math.prod(shape), 3)
    yi, vi, poolable = np.moveaxis(effects, -1, 0)
    return Variants(tuple(choice.axis for choice in choices), results, yi, vi, poolable == 1.0)


def _alike(
    outcomes: list[Row], usual: list[EffectRow], choices: list[_Choice]
) -> Iterable[tuple[list[Row], list[EffectRow]]]:
    """Return the rows, as extracted and as usual, in groups of studies that the same choices affect."""
    groups: dict[tuple[bool, ...], tuple[list[Row], list[EffectRow]]] = defaultdict(lambda: ([], []))
    for source, row in zip(outcomes, usual, strict=True):
        own, as_usual = groups[tuple(row.study in choice.studies for choice in choices)]
        own.append(source)
        as_usual.append(row)
    return groups.values()


def _levels(choice: _Choice, study: str) -> Iterable[int | slice]:
    """Return the levels under which a study is derived, or all of them at once if the choice does not affect it."""
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
    """Yield the choices that affect these rows."""
    yield _scope(usual, studies, settings)
    yield _time(usual, settings)
    rests = _rests(usual, outcomes)
    chosen = [row for row in usual if row.chosen]
    tiers = settings.synthesis.pool_tiers
    if settings.sensitivity.exact_only and len(tiers) > 1 and any(row.tier != Tier.EXACT for row in chosen):
        split = settings.assumptions.shared_control == SharedControl.SPLIT
        assumed = {row.study for row in usual if row.tier == Tier.ASSUMED or split}.union(*rests.values())
        yield _made(Choice.POOL_TIERS, ("exact and assumed", "exact only"), 0, (_same, _tiers), assumed)
    judged = settings.sensitivity.without_risk_of_bias
    high = [row for row in usual if row.risk_of_bias in judged]
    if high:
        levels = ("every judgement", f"without {', '.join(judged)}")
        left_out: tuple[frozenset[str], ...] = (frozenset(), frozenset(row.result for row in high))
        yield _made(Choice.RISK_OF_BIAS, levels, 0, (_same, _same), {row.study for row in high}, left_out)
    for assumption in ASSUMPTIONS:
        if any(assumption in row.leans_on.split() for row in usual):
            yield _grid(assumption, settings, rests[assumption])


def _rests(usual: list[EffectRow], outcomes: list[Row]) -> dict[str, set[str]]:
    """Return the studies with a row that depends on each assumption, even if the usual assumption refuses the row."""
    rests: dict[str, set[str]] = {assumption: set() for assumption in ASSUMPTIONS}
    for row, source in zip(usual, outcomes, strict=True):
        for assumption in (*row.leans_on.split(), *leans_on((), source)):
            rests[assumption].add(row.study)
    return rests


def _made(
    name: Choice,
    levels: Sequence[str],
    usual: int,
    apply: Sequence[Callable[[Settings], Settings]],
    studies: Iterable[str],
    left_out: tuple[frozenset[str], ...] = (),
) -> _Choice:
    left_out = left_out or (frozenset(),) * len(levels)
    return _Choice(ChoiceAxis(name, tuple(levels), usual), tuple(apply), left_out, frozenset(studies))


def _same(settings: Settings) -> Settings:
    return settings


def _tiers(settings: Settings) -> Settings:
    pooling = settings.synthesis.model_copy(update={"pool_tiers": (Tier.EXACT,)})
    return settings.model_copy(update={"synthesis": pooling})


def _scope(usual: list[EffectRow], studies: dict[str, Row], settings: Settings) -> _Choice | None:
    scope_of = {row.study: studies[row.study]["scope"] for row in usual}
    sets = [wider_scope for wider_scope in settings.sensitivity.scopes if set(scope_of.values()) & set(wider_scope.add)]
    if not sets:
        return None
    added = {scope for wider_scope in sets for scope in wider_scope.add}
    inside = {study for study, scope in scope_of.items() if scope in added}

    def wider(added: tuple[str, ...]) -> Callable[[Settings], Settings]:
        def apply(settings: Settings) -> Settings:
            scope = settings.scope.model_copy(update={"include": (*settings.scope.include, *added)})
            return settings.model_copy(update={"scope": scope})

        return apply

    levels = (USUAL_SCOPE, *(wider_scope.label for wider_scope in sets))
    return _made(Choice.SCOPE, levels, 0, (_same, *(wider(wider_scope.add) for wider_scope in sets)), inside)


def _time(usual: list[EffectRow], settings: Settings) -> _Choice | None:
    """Return the choice between the time that stands for a sample and the latest, where a sample has several."""
    times: dict[Standing, set[float]] = defaultdict(set)
    for row in usual:
        if row.yi is not None and row.fate != Fate.EXCLUDED and row.months is not None:
            times[standing_of(row)].add(row.months)
    several = {study for (_, _, study, _), months in times.items() if len(months) > 1}
    if not several:
        return None
    domain = usual[0].domain

    def latest(settings: Settings) -> Settings:
        own = settings.domains[domain].model_copy(update={"target_months": LATEST})
        return settings.model_copy(update={"domains": {**settings.domains, domain: own}})

    return _made(Choice.TIME, (_target_words(usual, settings), "the latest"), 0, (_same, latest), several)


def _target_words(usual: list[EffectRow], settings: Settings) -> str:
    target = settings.domains[usual[0].domain].target_months
    return "the earliest" if target is None else f"nearest to {target:g} months"


def _grid(assumption: Choice, settings: Settings, studies: set[str]) -> _Choice | None:
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
    """Return the variants as JSON at full precision; null where a result does not represent its sample.

    Each result lists in `varies` the positions of the axes over which its numbers change, and gives its numbers for
    the combinations of those axes only.

    Parameters
    ----------
    found : Variants
        The effects of a domain under every combination of choices.

    Returns
    -------
    str
        The JSON text, with a line end.
    """
    shape = tuple(len(axis.levels) for axis in found.axes)
    arrays = {name: getattr(found, name).reshape(-1, *shape) for name in NUMBERS}
    varies = [_varies(arrays, position) for position in range(len(shape))]
    lines = []
    for i, result in enumerate(found.results):
        positions = [position for position, varied in enumerate(varies) if varied[i]]
        over = tuple(slice(None) if position in positions else 0 for position in range(len(shape)))
        cells = {name: _cells(array[i][over]) for name, array in arrays.items()}
        lines.append(vars(result) | {"varies": positions} | cells)
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
    """Return the variants in a JSON text that `variants_json` has written.

    Parameters
    ----------
    text : str
        The JSON text.

    Returns
    -------
    Variants
        The effects of a domain under every combination of choices.

    Raises
    ------
    ValueError
        If the text is not JSON, or a word in it is not of the vocabulary.
    """
    content = json.loads(text)
    axes = tuple(
        ChoiceAxis(Choice(axis_json["name"]), tuple(axis_json["levels"]), axis_json["usual"])
        for axis_json in content["axes"]
    )
    shape = tuple(len(axis.levels) for axis in axes)
    effects = np.empty((len(NUMBERS), len(content["results"]), *shape))
    results = []
    for i, line in enumerate(content["results"]):
        varies = line.pop("varies")
        over = [levels if position in varies else 1 for position, levels in enumerate(shape)]
        for array, name in zip(effects, NUMBERS, strict=True):
            array[i] = np.array(line.pop(name), float).reshape(over)
        own = {name: line[name] for name in ("result", "study", "sample")}
        contrast, scale, better = Contrast(line["contrast"]), Scale(line["scale"]), Better(line["better"])
        results.append(VariantResult(**own, contrast=contrast, scale=scale, better=better))
    yi, vi, poolable = effects.reshape(len(NUMBERS), len(results), math.prod(shape))
    return Variants(axes, tuple(results), yi, vi, poolable == 1.0)
