"""The sentences that figures, tables and the report share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from taprev.notes import Note
from taprev.synthesis.results import (
    Fit,
    ImportantDifference,
    InUnits,
    SignTest,
    Stratum,
    Subgroups,
    Synthesis,
)
from taprev.synthesis.results.protocols import Holdings, Number, Spread
from taprev.vocabulary import CiMethod, Fate, PoolModel, Vote
from taprev.wording import estimates, labels, notes
from taprev.wording.estimates import POINTS, NumberStyle
from taprev.wording.verdicts import bears_verdict

NARROW_DOT = "·"

TWO_EFFECTS = "Caution: only two effects, so no conclusion is drawn."
LEAST_K_FOR_PREDICTION = 3
LEAST_FOR_A_SHARE = 5


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning and a full stop at its end."""
    text = labels.clean(text)
    ended = text if not text or text[-1] in ".!?" else f"{text}."
    return ended[:1].upper() + ended[1:] if ended[:1].isascii() else ended


def fates(counts: Mapping[Fate, int]) -> str:
    """Return the count of every fate: `79 results: 6 pooled, 12 shown, 8 direction only, 2 excluded.`"""
    told = [fate for fate in Fate if fate not in (Fate.COUNTED, Fate.EMPTY_CELL) or counts.get(fate)]
    parts = ", ".join(f"{counts.get(fate, 0)} {_fate(fate)}" for fate in told)
    return f"{labels.count(sum(counts.values()), 'result', 'results')}: {parts}."


def _fate(fate: Fate) -> str:
    return {Fate.COUNTED: "pooled by counts", Fate.EMPTY_CELL: "with an empty cell"}.get(fate, fate.replace("_", " "))


def number(pooled: Number, style: NumberStyle) -> str:
    """Return a pooled number with its interval and k, or how many samples are too few for one."""
    if pooled.estimate is None:
        return f"nothing to pool ({labels.count(pooled.k, 'sample', 'samples')})"
    return f"{estimates.estimate(pooled.estimate, pooled.ci_lb, pooled.ci_ub, style)}, k = {pooled.k}"


def weighted_sum(stratum: Stratum) -> str:
    """Return a pooled number as the sum of weights times effects, with the numbers put in, where it is one."""
    if stratum.pooled.model != PoolModel.INVERSE_VARIANCE:
        return ""
    pooled = [(study.weight, study.effect.yi) for study in stratum.studies if study.weight is not None]
    terms = " + ".join(f"{weight / 100:.4g} × {_bracketed(yi)}" for weight, yi in pooled)
    total = sum(weight * yi for weight, yi in pooled) / 100
    return f"{terms} = {labels.significant(total)}{_transformed(stratum.scale)}"


def _transformed(scale: str) -> str:
    if labels.is_correlation(scale):
        return ", Fisher's z of the correlation"
    return ", the log of the ratio" if labels.is_ratio(scale) else ""


def _bracketed(value: float) -> str:
    text = labels.significant(value, 4)
    return text if value >= 0 else f"({text})"


def counts(content: Holdings) -> str:
    """Return the population and the counts of studies, samples and results."""
    parts = (
        sentence(labels.population(content.population)).rstrip("."),
        labels.count(content.studies, "study", "studies"),
        labels.count(content.samples, "sample", "samples"),
        labels.count(sum(content.fates.values()), "result", "results") + _excluded(content.fates),
    )
    return " · ".join(part for part in parts if part)


def _excluded(counts: Mapping[Fate, int]) -> str:
    return f" ({counts[Fate.EXCLUDED]} excluded)" if counts.get(Fate.EXCLUDED) else ""


def subtitle(content: Synthesis) -> str:
    """Return the line beneath the title of a domain."""
    rule = " · pooled only within a design" if content.strata else ""
    return f"{counts(content)}{rule}"


def heterogeneity(fit: Fit) -> str:
    """Return tau2 and I2 with their intervals, and Q with its p value; one common effect knows Q alone."""
    p = labels.equation("p", labels.pvalue(fit.Q_pval))
    Q = f"Q = {labels.number(fit.Q)}, df = {fit.Q_df}, {p}"
    if fit.tau2 is None:
        return Q if fit.Q_df else ""
    tau2 = labels.equation("τ²", labels.tau2(fit.tau2))
    i2 = labels.equation("I²", labels.percent(fit.I2))
    if fit.I2_lb is not None and fit.I2_ub is not None:
        i2 += f" [{labels.number(fit.I2_lb, 0)}, {labels.number(fit.I2_ub, 0)}]"
    return f"{tau2} · {i2} · {Q}"


def no_difference(stratum: Stratum) -> str:
    """Return the test of a pooled number against no difference; empty for two effects, which allow no conclusion."""
    fit = stratum.pooled
    if not bears_verdict(fit.k):
        return ""
    noun = "change" if labels.after_words(stratum.contrasts) else "difference"
    by = (
        "likelihood ratio"
        if fit.ci_method == CiMethod.PROFILE
        else "z"
        if fit.df is None
        else f"t, df = {labels.significant(fit.df, 3)}"
    )
    return f"Test of no {noun} ({by}): {labels.equation('p', labels.pvalue(fit.pval))}"


def spread(group: Spread) -> str:
    """Return the heterogeneity within a group, of which tau2 and I2 have no intervals."""
    p = labels.equation("p", labels.pvalue(group.Q_pval))
    return (
        f"{labels.equation('τ²', labels.tau2(group.tau2))} · {labels.equation('I²', labels.percent(group.I2))} · "
        f"Q = {labels.number(group.Q)}, df = {group.Q_df}, {p}"
    )


def difference(moderator: str, groups: Subgroups) -> str:
    """Return the test of the difference between subgroups by a moderator."""
    p = labels.equation("p", labels.pvalue(groups.Q_pval))
    return (
        f"Difference between groups ({labels.clean(moderator)}): Q = {labels.number(groups.Q)}, df = {groups.Q_df}, {p}"
    )


def in_units(points: InUnits | None) -> str:
    """Return a pooled standardised effect in the points of an instrument people know; empty where there is none."""
    if points is None:
        return ""
    number, *ends = estimates.estimate_parts(points.estimate, points.ci_lb, points.ci_ub, POINTS)
    instrument, source = labels.clean(points.instrument), labels.clean(points.source).rstrip(".")
    return (
        f"On the {instrument}: {number} points {' '.join(ends)}, more being better, its SD taken as "
        f"{points.sd:g} ({source})"
    )


def important(smallest: ImportantDifference) -> str:
    """Return the smallest difference that matters with its source."""
    source = labels.clean(smallest.source).rstrip(".")
    return f"smaller than the smallest difference that matters, ±{labels.significant(smallest.value, 3)} ({source})"


def prediction(fit: Fit, style: NumberStyle) -> str:
    """Return the prediction interval in numbers, cautioned below five studies; empty where there is none."""
    if fit.pi_lb is None or fit.pi_ub is None or labels.independent(fit) < LEAST_K_FOR_PREDICTION:
        return ""
    k = labels.independent(fit)
    caution = f" (caution: k = {k})" if k < 5 else ""
    return f"Prediction interval {estimates.interval(fit.pi_lb, fit.pi_ub, style)}{caution}"


def vote(contrast: str, direction: str) -> str:
    """Return one study's direction, `randomised, better` or `before-after, better after`."""
    after = " after" if labels.after_words([contrast]) and direction in (Vote.BETTER, Vote.WORSE) else ""
    return f"{labels.contrast(contrast)}, {direction}{after}"


def votes(counts: Mapping[Vote, int]) -> str:
    """Return how many studies point which way, always all three: `8 better, 1 worse, 1 unclear`."""
    return ", ".join(f"{counts.get(vote, 0)} {vote.said}" for vote in Vote)


def votes_short(counts: Mapping[Vote, int]) -> str:
    """Return the same three numbers without words, `8·1·1`, where a head says what they are."""
    return NARROW_DOT.join(str(counts.get(vote, 0)) for vote in Vote)


def votes_share(test: SignTest) -> str:
    """Return the share of better directions with its interval; empty below five studies with a clear direction."""
    if test.proportion is None or test.better + test.worse < LEAST_FOR_A_SHARE:
        return ""
    low, high = labels.percent(_hundred(test.ci_lb)), labels.percent(_hundred(test.ci_ub))
    return f"{labels.percent(_hundred(test.proportion))} better [{low}, {high}]"


def _hundred(value: float | None) -> float | None:
    return None if value is None else 100 * value


def withheld(tests: Iterable[SignTest]) -> list[str]:
    """Return, once each, why the p values of counted votes are withheld."""
    reasons = (notes.reason(test.pval_withheld) for test in tests if test.proportion is not None)
    return list(dict.fromkeys(sentence(reason) for reason in reasons if reason))


def nothing(given: Iterable[Note]) -> str:
    """Return the one sentence of a domain without rows: its own note, or the usual words."""
    return sentence(next(iter(notes.sentences(given)), labels.NO_ROW))


def boxes(names: int) -> str:
    """Return what the boxes in some names of studies are, and where the names can be read."""
    what = "name of a study" if names == 1 else "names of studies"
    return (
        f"In {labels.count(names, what, what)} PNG and PDF draw boxes for characters that their fonts lack; the SVG "
        "shows them in the reader's own font. Chinese, Japanese and Korean: pip install 'taprev[cjk]'."
    )


def made_by(content: Synthesis) -> str:
    """Return the line that ends every figure, `taprev 0.1.0 · seal 3f9a1c07`."""
    version = str(content.made_by.get("version", "")).strip()
    return f"{' '.join(part for part in ('taprev', version) if part)} · seal {content.seal}"
