"""What the numbers say, in sentences for someone who reads no forest plot.

A sentence never says more than its design allows: without a control group nothing is an effect of the
programme, and two effects give a number but no conclusion.
"""

from __future__ import annotations

from collections.abc import Sequence

from taprev.notes import Note
from taprev.synthesis.results import ArmNames, Fit, MissingResults, SignTest, Stratum, Study
from taprev.synthesis.results.protocols import Limits
from taprev.vocabulary import Contrast, NoteCode, Scale
from taprev.wording import context, estimates, labels, missing_evidence, notes, sentences
from taprev.wording.verdicts import bears_verdict

UNITS = "standard deviations"
LIMITS = {
    Contrast.BEFORE_AFTER: "Without a control group this is a change and not an effect of the programme.",
    Contrast.TIME_SERIES: "Without a control group this is a change over time and not an effect of the programme.",
    Contrast.CONTROLLED: "The groups were not randomised, so they may have differed from the start.",
    Contrast.RANDOMISED: "",
}

LIMIT_OF_CORRELATIONS = "A correlation shows what goes together and not an effect of the programme."


def stratum_words(stratum: Stratum, domain: str) -> str:
    """Return what one stratum says about its domain, with its number, or why it has none."""
    judged = missing_evidence.in_full(stratum.missing_evidence)
    seen = sentences.sentence(magnitudes_words(stratum.missing_results))
    seen += f" {sentences.sentence(judged)}" if judged else ""
    if not stratum.fit:
        why_not = notes.why_not(stratum.not_estimable)
        shown = "; ".join(_shown(study, stratum) for study in stratum.studies)
        if not shown:
            return _also(why_not, judged)
        return " ".join(filter(None, [why_not, f"Shown: {shown}.", marks_words(stratum.marks), seen]))
    cautions = [*notes.sentences(stratum.cautions), marks_words(stratum.marks)]
    return " ".join(filter(None, [_pooled(stratum, domain), seen, *cautions, *_limits(stratum)]))


def _also(why_not: str, judged: str) -> str:
    """Return why there is no number, and after it what was judged of missing evidence where anything was."""
    return f"{sentences.sentence(why_not)} {sentences.sentence(judged)}" if judged else why_not


def magnitudes_words(missing: MissingResults) -> str:
    """Return how many studies give a usable magnitude, and what was read of the others."""
    return "; ".join(filter(None, [context.magnitudes(missing), context.read_of_others(missing)]))


def marked(text: str, reasons: Sequence[Note]) -> str:
    """Return a text with the marks that these notes give its number."""
    narrow, asked = _by_mark(reasons)
    return labels.NBSP.join([text, *([labels.TOO_NARROW] if narrow else []), *([labels.OPEN_QUERY] if asked else [])])


def marks_words(reasons: Sequence[Note]) -> str:
    """Return what each mark of a number means and why it is there; empty where there is none."""
    narrow, asked = _by_mark(reasons)
    about: dict[str, list[str]] = {}
    for note in asked:
        about.setdefault(str(note.figures["checks"]), []).append(str(note.figures["about"]))
    said = "; ".join(f"{', '.join(dict.fromkeys(names))} ({checks})" for checks, names in about.items())
    return " ".join(
        [f"{labels.TOO_NARROW} The interval is likely too narrow: {'; '.join(notes.sentences(narrow))}."] * bool(narrow)
        + [f"{labels.OPEN_QUERY} Queries about figures behind this number are open: {said}."] * bool(asked)
    )


def _by_mark(reasons: Sequence[Note]) -> tuple[list[Note], list[Note]]:
    """Return the notes of intervals that are too narrow, and those of open queries."""
    asked = [note for note in reasons if note.code == NoteCode.OPEN_QUERY]
    return [note for note in reasons if note.code != NoteCode.OPEN_QUERY], asked


def _shown(study: Study, stratum: Stratum) -> str:
    around = ", ".join(filter(None, [context.who([study]), context.when([study.context])]))
    return f"{study.label}, {study_number(stratum, study)} ({around})"


def study_number(stratum: Stratum, study: Study) -> str:
    """Return the number of one sample, or its counts where an empty cell leaves it none."""
    own = study.own
    return measured(stratum, own.yi, own) if own else labels.counts(study)


def measured(stratum: Stratum, value: float, limits: Limits) -> str:
    """Return a number with its interval and what it is measured in, and which way is better where that is not given."""
    scale = stratum.scale
    number = estimates.estimate(value, limits.ci_lb, limits.ci_ub, estimates.style(stratum))
    if not labels.as_measured(scale):
        return f"{number} SD"
    way = "lower" if stratum.favours_sign < 0 else "higher"
    if labels.back_transformed(scale):
        return f"{labels.shown_name(scale, stratum.unit).lower()} {number}, {way} is better"
    return f"{number} {stratum.unit}, {way} is better"


def _pooled(stratum: Stratum, domain: str) -> str:
    fit, scale, style = stratum.pooled, stratum.scale, estimates.style(stratum)
    value, lb, ub = (estimates.effect(one, style) for one in (fit.estimate, fit.ci_lb, fit.ci_ub))
    level = labels.level(fit.level)
    noun = _noun(stratum)
    number = f"{_amount(value, scale, stratum.unit, noun)} ({level} % CI {lb} to {ub})"
    nesting = fit.nesting
    what = f"{fit.k} effects of {nesting.studies} studies" if nesting else f"{fit.k} samples"
    opening = f"Pooling {what} ({context.of_number(stratum)}) gives {number}"
    return f"{opening}{':' if settled(fit) else ';'} {verdict(stratum, domain)}."


def settled(fit: Fit) -> bool:
    """Return whether a pooled number has a direction: from three effects on, with no difference outside it."""
    return bears_verdict(fit.k) and not fit.ci_lb <= 0 <= fit.ci_ub


def verdict(stratum: Stratum, domain: str) -> str:
    """Return which way a pooled number goes, or why that is not settled, as a part of a sentence."""
    fit = stratum.pooled
    if not bears_verdict(fit.k):
        return "two effects are too few for a conclusion"
    if not settled(fit):
        return f"the interval includes no {_noun(stratum)}, so the direction is not settled"
    return f"results on {labels.inside(domain)} were {better_or_worse(stratum)}"


def _noun(stratum: Stratum) -> str:
    if labels.is_correlation(stratum.scale):
        return Scale.FISHER_Z.said
    return "change" if labels.after_words(stratum.contrasts) else "difference"


def better_or_worse(stratum: Stratum) -> str:
    """Return `better after the programme than before`, or `worse with the programme than without`, of a number."""
    return direction(stratum, (stratum.pooled.estimate > 0) == (stratum.favours_sign > 0))


def direction(stratum: Stratum, better: bool) -> str:
    """Return a direction in the words of a design, `worse with the programme than without`.

    A correlation is `better with more of the programme`.
    """
    word = "better" if better else "worse"
    arms, usual = stratum.arms, ArmNames()
    programme = f"the {usual.programme}" if arms.programme == usual.programme else labels.clean(arms.programme)
    if labels.is_correlation(stratum.scale):
        return f"{word} with more of {programme}"
    if labels.after_words(stratum.contrasts):
        return f"{word} after {programme} than before"
    other = "without" if arms.comparator == usual.comparator else f"with {labels.clean(arms.comparator)}"
    return f"{word} with {programme} than {other}"


def _amount(value: str, scale: str, unit: str, noun: str) -> str:
    if labels.is_ratio(scale):
        return f"a ratio of {value}"
    if labels.is_correlation(scale):
        return f"a correlation of {value}"
    return f"a {noun} of {value} {unit or UNITS}"


def _limits(stratum: Stratum) -> list[str]:
    limits = [LIMITS[contrast] for contrast in stratum.contrasts]
    if labels.is_correlation(stratum.scale):
        limits = [LIMIT_OF_CORRELATIONS]
    depends = [note for note in stratum.pooled.notes if note.code == NoteCode.DEPENDS_ON_INTERVAL]
    return [*notes.sentences(depends), *filter(None, limits)]


def direction_words(test: SignTest) -> str:
    """Return the votes of one contrast in a sentence: better, worse and unclear always together."""
    studies = labels.count(test.better + test.worse + test.unclear, "study", "studies")
    return (
        f"{sentences.sentence(labels.contrast(test.contrast)).rstrip('.')}, {studies}: {sentences.votes(test.votes)}."
    )


VOTES_IGNORE = "Directions ignore how large and how certain results are."
