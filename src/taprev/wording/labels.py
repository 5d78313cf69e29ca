"""Numbers and names as text: the same number is the same text in every figure, table and report.

Nothing here draws and nothing here computes. `None` becomes an en dash, a minus is U+2212, and zero carries no sign.
Estimates with their intervals are printed by `taprev.wording.estimates`.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence

from taprev.synthesis.results import Fit, Outside, Stratum, Study
from taprev.vocabulary import (
    AS_MEASURED,
    BACK_TRANSFORMED,
    RATIOS,
    WITH_COMPARATOR,
    CiMethod,
    Contrast,
    EventMeasure,
    EventPool,
    PoolModel,
    Scale,
)

MINUS = "\u2212"
NBSP = "\u00a0"
TOO_NARROW = "‡"
"""The mark of an interval that is likely too narrow."""
OPEN_QUERY = "§"
"""The mark of a number about whose figures a query is open."""
MISSING = "\u2013"
NO_ROW = "no result in this non-systematic set"

_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_EVENTS = {
    EventMeasure.OR: (EventPool.MANTEL_HAENSZEL, Scale.LOG_ODDS_RATIO),
    EventMeasure.RR: (EventPool.MANTEL_HAENSZEL, Scale.LOG_RISK_RATIO),
    EventMeasure.PETO: (EventPool.PETO, Scale.LOG_ODDS_RATIO),
}
_RATIOS = {
    Scale.LOG_TREND_RATIO: "Ratio of trends",
}


def clean(text: str) -> str:
    """Return data text on one line, without control characters and direction overrides."""
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text if _printable(c))
    return " ".join(word for word in text.split(" ") if word)


def _printable(char: str) -> bool:
    return char not in _BIDI_CONTROLS and unicodedata.category(char) != "Cs" and ord(char) & 0xFFFE != 0xFFFE


def number(value: float | None, decimals: int = 2) -> str:
    """Return a number at fixed decimals with a true minus sign and never a negative zero."""
    if value is None:
        return MISSING
    if not math.isfinite(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = f"{abs(value):.{decimals}f}"
    return f"{MINUS}{text}" if value < 0 and float(text) > 0 else text


def apart(low: float, high: float) -> tuple[str, str]:
    """Return two numbers with as many decimals, two or more, as tell them apart."""
    decimals = next((n for n in range(2, 13) if number(low, n) != number(high, n)), 2)
    return number(low, decimals), number(high, decimals)


def inside(label: str) -> str:
    """Return a label as it is written inside a sentence; an abbreviation keeps its capitals."""
    return label if label[1:2].isupper() else f"{label[:1].lower()}{label[1:]}"


def as_measured(scale: str) -> bool:
    """Return whether effects of a scale keep their direction, so that words must say which way is better."""
    return scale in AS_MEASURED


def is_ratio(scale: str) -> bool:
    """Return whether a scale is analysed as a logarithm and shown as a ratio."""
    return scale in RATIOS


def is_correlation(scale: str) -> bool:
    """Return whether a scale is analysed as Fisher's z and shown as a correlation."""
    return scale == Scale.FISHER_Z


def back_transformed(scale: str) -> bool:
    """Return whether numbers of a scale are shown in another unit than they are analysed in."""
    return scale in BACK_TRANSFORMED


def analysed_on(scale: str) -> str:
    """Return the scale of the analysis of numbers that are shown on another: `log scale` or `scale of Fisher's z`."""
    return "scale of Fisher's z" if is_correlation(scale) else "log scale"


def significant(value: float, digits: int = 6) -> str:
    """Return a number with so many significant digits and a true minus sign."""
    return f"{value:.{digits}g}".replace("-", "−")


def level(share: float) -> str:
    """Return the level of an interval in percent, `95` or `99.5`."""
    return f"{100 * share:.4g}"


def independent(fit: Fit) -> int:
    """Return how many independent units were pooled: samples, or the studies in which effects are nested."""
    return fit.nesting.studies if fit.nesting else fit.k


def counts(study: Study) -> str:
    """Return the counts of a sample with an empty cell, which has no ratio: `0 of 20 against 5 of 20`."""
    events = study.events
    if events is None:
        return "counts with a zero, which have no ratio"
    pairs = ((events.event_arm1, events.totaln_arm1), (events.event_arm2, events.totaln_arm2))
    first, second = (f"{size(event)} of {size(total)}" for event, total in pairs)
    return f"{first} against {second}, which has no ratio of its own"


def percent(value: float | None, decimals: int = 0) -> str:
    """Return a percentage, given in percent, with a no-break space before the sign."""
    return MISSING if value is None else f"{number(value, decimals)}{NBSP}%"


def weight(value: float | None) -> str:
    """Return a weight, given in percent, to one decimal; the whole is `100 %`."""
    if value is not None and 0 < value < 0.05:
        return f"<0.1{NBSP}%"
    return percent(value, 0 if value is not None and abs(value - 100) < 1e-9 else 1)


def tau2(value: float | None) -> str:
    """Return a between-study variance: `0.00` only for zero, one digit of a small one."""
    if value is None or not 1e-10 < value < 0.005:
        return number(value)
    return "<0.000001" if value < 1e-6 else number(value, -math.floor(math.log10(value)))


def pvalue(value: float | None) -> str:
    """Return a p value to three decimals, `<0.001` below and `>0.999` above."""
    if value is None:
        return MISSING
    if value < 0.001:
        return "<0.001"
    return ">0.999" if value > 0.999 else number(value, 3)


def equation(symbol: str, text: str) -> str:
    """Return `symbol = text`, or `symbol < 0.01` where the text is itself a bound."""
    return f"{symbol} {text[0]} {text[1:]}" if text[:1] in "<>" else f"{symbol} = {text}"


def size(value: float | None) -> str:
    """Return a number of people; a divided group keeps one decimal."""
    return "" if value is None else number(value, 0 if float(value).is_integer() else 1)


def sample_sizes(n_arm1: float | None, n_arm2: float | None) -> str:
    """Return `32 / 35`, `32` where there is one group, and an en dash where none is printed."""
    return " / ".join(text for text in (size(n_arm1), size(n_arm2)) if text) or MISSING


def count(number_of: int, singular: str, plural: str) -> str:
    """Return a count with its noun, `1 study` or `2 studies`."""
    return f"{number_of} {singular if number_of == 1 else plural}"


def after_words(contrasts: Iterable[str]) -> bool:
    """Return whether a contrast has no comparator, so that only before and after may be spoken of."""
    return not set(contrasts) <= WITH_COMPARATOR


def nothing(contrasts: Iterable[str]) -> str:
    """Return `no change` where there is no comparator, and `no difference` elsewhere."""
    return "no change" if after_words(contrasts) else "no difference"


def sides(stratum: Stratum | Outside) -> tuple[str, str]:
    """Return what lies left and right of the null line of a stratum, in words."""
    worse, better = "worse after", "better after"
    if is_correlation(stratum.scale):
        worse, better = "worse with more", "better with more"
    elif not after_words(stratum.contrasts):
        worse, better = (f"favours {clean(arm)}" for arm in (stratum.arms.comparator, stratum.arms.programme))
    return (worse, better) if stratum.favours_sign >= 0 else (better, worse)


def axis_label(scale: str, unit: str, contrasts: Iterable[str]) -> str:
    """Return the name of an axis with its unit; a ratio is named by its kind."""
    name = measure_name(scale, unit, contrasts)
    return f"{name} ({analysed_on(scale)})" if back_transformed(scale) else name


def measure_name(scale: str, unit: str, contrasts: Iterable[str]) -> str:
    """Return what a number measures, with its unit; a ratio is named by its kind."""
    if back_transformed(scale):
        return shown_name(scale, unit)
    without_control = {after_words([contrast]) for contrast in contrasts}
    noun = {(True,): "change", (False, True): "difference or change"}.get(tuple(sorted(without_control)), "difference")
    return f"Mean {noun} ({clean(unit)})" if scale == Scale.MD else f"Standardised mean {noun} (SD units)"


def ratio_name(scale: str, unit: str = "") -> str:
    """Return `Rate ratio`, `Ratio of trends per month`, ..., or `Ratio` if its kind is not known."""
    if not is_ratio(scale):
        return "Ratio"
    if scale == Scale.LOG_TREND_RATIO and unit:
        return f"{_RATIOS[Scale.LOG_TREND_RATIO]} per {clean(unit)}"
    return _RATIOS.get(Scale(scale)) or Scale(scale).said.capitalize()


def shown_name(scale: str, unit: str = "") -> str:
    """Return `Correlation`, or the name of a ratio by its kind, with the unit of time of a trend."""
    return Scale.FISHER_Z.said.capitalize() if is_correlation(scale) else ratio_name(scale, unit)


def events_pool(measure: str) -> tuple[str, str]:
    """Return the method and the scale of a pool of events by its measure."""
    method, scale = _EVENTS[EventMeasure(measure)]
    return method.said, scale


def with_events(stratum: str, method: str) -> str:
    """Return the label of a stratum, or of its pool of events where a method is given."""
    return f"{stratum}, events by {method}" if method else stratum


def contrast(name: str) -> str:
    """Return a contrast in the words of the page, `before-after` for `before_after`."""
    return Contrast(name).said if name in set(Contrast) else clean(name)


def contrast_rank(name: str) -> int:
    """Return the place of a contrast, the strongest design first."""
    return list(Contrast).index(Contrast(name)) if name in set(Contrast) else len(Contrast)


def population(name: str) -> str:
    """Return a population in words, `older adults` for `older_adults`."""
    return clean(name.replace("_", " "))


def ci_method(name: str) -> str:
    """Return the printed name of an interval method."""
    return CiMethod(name).said


def model(fit: Fit) -> str:
    """Return the name of a pooled row, `Random effects (REML, HKSJ), k = 6`."""
    return model_words(fit, fit.ci_method, fit.k)


def model_words(fit: Fit, interval_method: str, k: int) -> str:
    """Return the name of a row that pools `k` effects by the model of a fit."""
    interval = ci_method(interval_method)
    if fit.model == PoolModel.MANTEL_HAENSZEL:
        return f"One common effect ({fit.model.said}, {interval}), k = {k}"
    exact = "exact likelihood, " if fit.model == PoolModel.EXACT_LIKELIHOOD else ""
    return f"Random effects ({exact}{fit.tau2_method}, {interval}), k = {k}"


def listed(parts: Sequence[str]) -> str:
    """Return parts as a list in a sentence, `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
