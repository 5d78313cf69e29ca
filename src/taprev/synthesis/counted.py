"""A stratum whose events have an empty cell: pooled by a model of counts, with what other models make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from taprev.effects.counts import odds_ratio, risk_ratio
from taprev.effects.events import counted, headline_model, informative, table_of
from taprev.effects.rows import EffectRow
from taprev.notes import Note, note
from taprev.settings.sections import Pooling
from taprev.synthesis.kernels.exact import exact_odds_ratio
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.kernels.sparse import mantel_haenszel, peto
from taprev.synthesis.results import Alternative, Fit, Panel, SparseFit, Study
from taprev.vocabulary import Choice, CiMethod, EmptyCells, EventMeasure, Fate, NoteCode, PoolModel, Scale

CORRECTION = 0.5
NOTICEABLE = 0.1
MOST_LEFT_OUT = 100
MOST_EVENTS = 20_000
Effects = Sequence[tuple[float | None, float | None]]


@dataclass(frozen=True)
class KnownRatio:
    """A sample that is known by a log ratio and its variance alone."""

    study: str
    sample: str
    label: str
    yi: float
    vi: float


@dataclass(frozen=True)
class Counts:
    """What a model of counts pools: rows by their counts, and samples that are known by a ratio alone."""

    model: PoolModel
    rows: tuple[EffectRow, ...]
    others: tuple[KnownRatio, ...]

    @property
    def samples(self) -> tuple[tuple[str, str], ...]:
        """Study and sample of everything that is pooled, in the order of the weights."""
        counted = ((row.study, row.sample) for row in self.rows)
        return (*counted, *((other.study, other.sample) for other in self.others))


def counts_of(rows: list[EffectRow], pooled: list[KnownRatio], empty_cells: EmptyCells) -> Counts | None:
    """Return what a model of counts pools in a stratum, or None where its headline is not one of counts.

    Parameters
    ----------
    rows : list of EffectRow
        All rows of the contrast and axis.
    pooled : list of KnownRatio
        The effects that inverse variance would pool.
    empty_cells : EmptyCells
        What the settings do with empty cells.

    Returns
    -------
    Counts or None
        A sample with counts enters by these and not by its ratio.
    """
    model = headline_model(rows, empty_cells)
    if model == PoolModel.INVERSE_VARIANCE:
        return None
    own = counted(rows, model)
    there = {(row.study, row.sample) for row in own}
    others = tuple(known for known in pooled if (known.study, known.sample) not in there)
    if sum(map(informative, own)) + len(others) < 2:
        return None
    return Counts(model, tuple(own), others)


def fit_of_counts(counts: Counts, how: Pooling) -> Fit:
    """Return the fit of a stratum by its model of counts.

    Parameters
    ----------
    counts : Counts
        What is pooled.
    how : Pooling
        The settings.

    Returns
    -------
    Fit
        Its weights are in the order of `counts.samples`.

    Raises
    ------
    ValueError
        Where the model has no finite estimate.
    """
    a, n1, c, n2 = _columns(counts.rows)
    if counts.model == PoolModel.MANTEL_HAENSZEL:
        return _as_fit(mantel_haenszel(a, n1, c, n2, EventMeasure.RR, how.level))
    return exact_odds_ratio(
        a,
        n1,
        c,
        n2,
        yi=[known.yi for known in counts.others],
        vi=[known.vi for known in counts.others],
        ci_method=how.ci_method,
        level=how.level,
        pi_df=how.prediction_df,
    )


def _columns(rows: tuple[EffectRow, ...]) -> tuple[list[float], list[float], list[float], list[float]]:
    a, n1, c, n2 = ([table_of(row)[position] for row in rows] for position in range(4))
    return a, n1, c, n2


def _as_fit(fit: SparseFit) -> Fit:
    """Return a pool with one common effect as the fit of a stratum; it knows no variance between studies."""
    return Fit(
        k=fit.k_used,
        estimate=fit.estimate,
        se=fit.se,
        ci_lb=fit.ci_lb,
        ci_ub=fit.ci_ub,
        ci_method=CiMethod.WALD,
        df=None,
        pval=fit.pval,
        tau2=None,
        tau2_lb=None,
        tau2_ub=None,
        I2=None,
        I2_lb=None,
        I2_ub=None,
        H2=None,
        H2_lb=None,
        H2_ub=None,
        Q=fit.Q,
        Q_df=fit.Q_df,
        Q_pval=fit.Q_pval,
        pi_lb=None,
        pi_ub=None,
        pi_df=None,
        weights=fit.weights,
        tau2_method=None,
        level=fit.level,
        intervals=(),
        certificate=None,
        notes=(note(NoteCode.ONE_COMMON_EFFECT), *fit.notes),
        model=PoolModel.MANTEL_HAENSZEL,
    )


def weighed_by_counts(studies: tuple[Study, ...], counts: Counts, fit: Fit) -> tuple[Study, ...]:
    """Return the studies of a stratum with their weights in a model of counts.

    Parameters
    ----------
    studies : tuple of Study
        All that is drawn.
    counts : Counts
        What is pooled.
    fit : Fit
        Its fit.

    Returns
    -------
    tuple of Study
        A study that says nothing about the ratio has no weight, and its reason says so.
    """
    weights = dict(zip(counts.samples, fit.weights, strict=True))
    silent = {(row.study, row.sample) for row in counts.rows if not informative(row)}
    weighed = []
    for study in studies:
        sample = (study.study, study.sample)
        if sample in silent:
            weighed.append(replace(study, reason=note(NoteCode.SAYS_NOTHING)))
        else:
            weighed.append(replace(study, weight=None if study.fate == Fate.SHOWN else weights.get(sample)))
    return tuple(weighed)


def models_of(counts: Counts, fit: Fit, how: Pooling) -> tuple[Alternative, ...]:
    """Return the headline beside inverse variance with and without a correction, and pools with one common effect.

    Parameters
    ----------
    counts : Counts
        What is pooled.
    fit : Fit
        The headline.
    how : Pooling
        The settings.

    Returns
    -------
    tuple of Alternative
        The numbers of a model are None where it pools nothing.
    """
    return tuple(_models(counts, fit, how))


def panel_of_counts(counts: Counts, models: tuple[Alternative, ...], how: Pooling) -> Panel:
    """Return what other models pool, and the same model without each study.

    Parameters
    ----------
    counts : Counts
        What is pooled.
    models : tuple of Alternative
        What other models pool.
    how : Pooling
        The settings.

    Returns
    -------
    Panel
        It holds no multiverse and no cumulative pools, and says so.
    """
    events = sum(table_of(row)[0] + table_of(row)[2] for row in counts.rows)
    few = len(counts.samples) <= MOST_LEFT_OUT and events <= MOST_EVENTS
    notes: tuple[Note, ...] = (note(NoteCode.PANEL_OF_COUNTS),)
    return Panel(
        one_at_a_time=models,
        leave_one_out=tuple(_without_each(counts, how)) if few else (),
        notes=notes if few else (*notes, note(NoteCode.TOO_LARGE_TO_LEAVE_OUT, most=MOST_LEFT_OUT, events=MOST_EVENTS)),
    )


def caution_of_counts(models: tuple[Alternative, ...], fit: Fit) -> tuple[Note, ...]:
    """Return a caution where another model moves the number by more than a tenth of the width of its interval.

    Parameters
    ----------
    models : tuple of Alternative
        What other models pool.
    fit : Fit
        The headline.

    Returns
    -------
    tuple of Note
        One note, or none.
    """
    others = [line.estimate for line in models if not line.usual and line.estimate is not None]
    far = [value for value in others if abs(value - fit.estimate) > NOTICEABLE * (fit.ci_ub - fit.ci_lb)]
    if not far:
        return ()
    return (note(NoteCode.MODELS_DIFFER, model=str(fit.model), lowest=min(others), highest=max(others)),)


def _models(counts: Counts, fit: Fit, how: Pooling) -> Iterator[Alternative]:
    yield _line(fit.model.said, fit, usual=True)
    own = [row for row in counts.rows if row.yi is not None]
    others: Effects = [(known.yi, known.vi) for known in counts.others]
    printed = [(row.yi, row.vi) for row in own]
    yield _pooled_again("inverse variance, without the empty cells", [*printed, *others], how)
    corrected = [_corrected(row) for row in counts.rows if informative(row)]
    yield _pooled_again(f"inverse variance, {CORRECTION:g} added where a cell is empty", [*corrected, *others], how)
    if counts.others:
        return
    a, n1, c, n2 = _columns(counts.rows)
    measure = EventMeasure.RR if counts.rows[0].scale == Scale.LOG_RISK_RATIO else EventMeasure.OR
    if counts.model != PoolModel.MANTEL_HAENSZEL:
        k = len(counts.rows)
        yield _common(
            "Mantel-Haenszel, one common effect", lambda: mantel_haenszel(a, n1, c, n2, measure, how.level), k
        )
        yield _common("Peto, one common effect", lambda: peto(a, n1, c, n2, how.level), k)


def _line(level: str, fit: Fit | SparseFit, usual: bool = False, factor: Choice = Choice.MODEL) -> Alternative:
    tau2 = fit.tau2 if isinstance(fit, Fit) else None
    k = fit.k if isinstance(fit, Fit) else fit.k_used
    return Alternative(factor, level, usual, k, fit.estimate, fit.ci_lb, fit.ci_ub, tau2)


def _none(level: str, k: int, factor: Choice = Choice.MODEL) -> Alternative:
    return Alternative(factor, level, False, k, None, None, None, None)


def _pooled_again(level: str, effects: Effects, how: Pooling) -> Alternative:
    if len(effects) < 2:
        return _none(level, len(effects))
    yi, vi = zip(*effects, strict=True)
    fit = random_effects(yi, vi, tau2_method=how.tau2_method, ci_method=how.ci_method, level=how.level)
    return _line(level, fit)


def _common(level: str, pool: Callable[[], SparseFit], k: int) -> Alternative:
    try:
        return _line(level, pool())
    except ValueError:
        return _none(level, k)


def _corrected(row: EffectRow) -> tuple[float | None, float | None]:
    """Return the log ratio and its variance with half an event added to every cell where one is empty."""
    if row.yi is not None:
        return row.yi, row.vi
    a, n1, c, n2 = (value + CORRECTION * (1 + of) for value, of in zip(table_of(row), (0, 1, 0, 1), strict=True))
    ratio = risk_ratio if row.scale == Scale.LOG_RISK_RATIO else odds_ratio
    return ratio(a, n1, c, n2)


def _without_each(counts: Counts, how: Pooling) -> Iterator[Alternative]:
    """Yield the headline's model without each study in turn, with all its samples."""
    names = {row.study: row.label for row in counts.rows} | {known.study: known.label for known in counts.others}
    telling = {row.study for row in counts.rows if informative(row)} | {known.study for known in counts.others}
    for left_out, label in names.items():
        if left_out not in telling:
            continue
        left = Counts(
            counts.model,
            tuple(row for row in counts.rows if row.study != left_out),
            tuple(known for known in counts.others if known.study != left_out),
        )
        remaining = sum(map(informative, left.rows)) + len(left.others)
        if remaining < 2:
            yield _none(label, remaining, Choice.LEAVE_ONE_OUT)
            continue
        try:
            yield _line(label, fit_of_counts(left, how), factor=Choice.LEAVE_ONE_OUT)
        except (ValueError, ArithmeticError):
            yield _none(label, len(left.samples), Choice.LEAVE_ONE_OUT)
