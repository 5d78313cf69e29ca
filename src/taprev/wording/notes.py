"""The sentence of every note: cautions, reasons and assumptions, made from their code and figures.

A caution is a whole sentence; a reason or an assumption is a part of one, with a small letter and no full stop.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from taprev.notes import Figure, Note
from taprev.vocabulary import CiChoice, CiMethod, Conversion, DependenceModel, NoteCode, PoolModel, Read
from taprev.wording import labels

Figures = dict[str, Figure]
AVERAGED = "several results of one sample are averaged and the samples of one study taken as independent"
INDEPENDENT = "the samples of one study are taken as independent"

SENTENCES: dict[NoteCode, str | Callable[[Figures], str]] = {
    NoteCode.HKSJ_BY_RULE: "The interval is HKSJ, by the rule for three or more studies with tau2 above zero.",
    NoteCode.WALD_FEWER_THAN_THREE: ("The interval is Wald, by the rule, because there are fewer than three studies."),
    NoteCode.WALD_NO_SPREAD: ("The interval is Wald, by the rule, because tau2 is estimated to be zero or nearly so."),
    NoteCode.INTERVAL_AS_ASKED: lambda f: f"The interval is {interval_name(f['interval'])}, as asked for.",
    NoteCode.PROFILE_BY_RULE: "The interval is that of the profile likelihood, as is usual for an exact likelihood.",
    NoteCode.PROFILE_INSTEAD: lambda f: (
        f"The interval is that of the profile likelihood and not {interval_name(f['asked'])} as asked for, which the "
        "exact likelihood does not have."
    ),
    NoteCode.WALD_ONE_STUDY: lambda f: (
        f"The interval is Wald and not {interval_name(f['asked'])} as asked for, because one study has no spread."
    ),
    NoteCode.WALD_EQUAL_EFFECTS: lambda f: (
        f"The interval is Wald and not {interval_name(f['asked'])} as asked for, because the effects are all equal "
        "and its standard error is zero."
    ),
    NoteCode.SINGLE_STUDY: ("There is one study only: nothing was pooled, and these are the figures of that study."),
    NoteCode.TWO_EFFECTS: (
        "Only two effects were pooled: two cannot show how much effects vary, so read this with caution."
    ),
    NoteCode.NARROWER_THAN_WALD: lambda f: (
        f"The {CiMethod(str(f['interval'])).said} interval is narrower than the Wald interval; treat its precision "
        "with caution."
    ),
    NoteCode.DEPENDS_ON_INTERVAL: lambda f: (
        f"The conclusion depends on which interval is used: {_intervals(f['excluding'], 'excludes', 'exclude')} no "
        f"difference, {_intervals(f['including'], 'includes', 'include')} it, and {f['k']} {f['what']} are too few to "
        "say which is right."
    ),
    NoteCode.PREDICTION_NOT_ESTIMABLE: "A prediction interval is not estimable from fewer than three studies.",
    NoteCode.PREDICTION_UNCERTAIN: "The prediction interval rests on {k} studies only and is uncertain.",
    NoteCode.PREDICTION_WITHOUT_SPREAD: (
        "The estimated tau2 is zero, so the prediction interval shows no variation between studies."
    ),
    NoteCode.EMPTY_PROFILE: (
        "The effects differ less than chance alone would make them, so that the Q-profile set for tau2 is empty; "
        "its interval is given as 0 to 0."
    ),
    NoteCode.NESTED_MODEL: lambda f: (
        f"The {DependenceModel(str(f['model'])).said} pools {f['k']} effects of {f['studies']} studies; its interval "
        "is CR2 with Satterthwaite's t."
    ),
    NoteCode.COMPOSITE_INSTEAD: lambda f: (
        f"The settings ask for the {DependenceModel(str(f['model'])).said}; {f['why']}, and "
        f"{AVERAGED if f['averaged'] else INDEPENDENT}."
    ),
    NoteCode.STUDY_COMPONENT_FIXED: (
        "The design fits the mean of every study: sigma2_study cannot be estimated and is 0."
    ),
    NoteCode.COMPONENTS_NOT_TOLD_APART: (
        "The data cannot tell sigma2_effect from sigma2_study: their sum is given as sigma2_study."
    ),
    NoteCode.CR2_ABSENT: "CR2 is not given: {why}.",
    NoteCode.FEW_DEGREES_OF_FREEDOM: (
        "Coefficient {coefficient}: {df:.1f} degrees of freedom; below {least:g} the p value can be too small "
        "(Tipton 2015)."
    ),
    NoteCode.NO_MEAN_UNDER_PRIOR: "So few studies leave no mean or SD under a prior with this tail.",
    NoteCode.PRIOR_WITHOUT_SD: (
        "No Bayesian fit: a prior for mean differences needs the SD of an instrument, which the domain does not name."
    ),
    NoteCode.PRIOR_NOT_FOR_DESIGN: (
        "The prior of {prior} describes randomised trials and does not apply to this design."
    ),
    NoteCode.PRIOR_NOT_FOR_SCALE: "The prior of {prior} is for the {scale} and does not apply to this scale.",
    NoteCode.EVENTS_LEFT_OUT: lambda f: (
        f"{labels.count(len(str(f['studies']).split(',')), 'sample is', 'samples are')} left out, because {f['who']} "
        "the event in both arms."
    ),
    NoteCode.Q_OF_SOME: "Q rests on the {of_their_own} of {used} studies with an effect and variance of their own",
    NoteCode.EVENTS_NOT_POOLED: "Events are not pooled: {why}.",
    NoteCode.FEW_STUDIES_FOR_SELECTION: lambda f: (
        f"{labels.count(int(f['studies']), 'study is', 'studies are')} pooled; small studies and selection are not "
        f"looked into below {f['least']}, where chance cannot be told from selection (Cochrane Handbook, 13.3.5.4)."
    ),
    NoteCode.SMALL_STUDY_REFUSED: "not made: {why}",
    NoteCode.SAMPLES_OF_FEWER_STUDIES: lambda f: (
        f"{f['samples']} independent samples come from {labels.count(int(f['studies']), 'study', 'studies')}."
    ),
    NoteCode.EFFECTS_NEED_ASSUMPTIONS: "{assumed} of {k} effects need a stated assumption.",
    NoteCode.EMPTY_CELL: "the events of this scale have an empty cell",
    NoteCode.EMPTY_CELLS_LEFT_OUT: lambda f: (
        f"{labels.count(int(f['samples']), 'sample', 'samples')} with an empty cell "
        f"{'has' if f['samples'] == 1 else 'have'} no ratio and {'is' if f['samples'] == 1 else 'are'} not in this "
        "number."
    ),
    NoteCode.COUNTS_NOT_ESTIMABLE: lambda f: f"{PoolModel(str(f['model'])).said} gives no number: {f['why']}",
    NoteCode.ONE_COMMON_EFFECT: (
        "Mantel-Haenszel takes one common effect for all studies, because some have an empty cell; it knows no "
        "variance between studies and no prediction interval."
    ),
    NoteCode.PANEL_OF_COUNTS: (
        "The number is pooled by a model of counts. Other models and the number without each study stand below. "
        "Assumptions, influence and pools by year are not varied here, because they need a ratio of every study. "
    ),
    NoteCode.MODELS_DIFFER: lambda f: (
        f"Other models of the same counts give {labels.number(math.exp(float(f['lowest'])))} to "
        f"{labels.number(math.exp(float(f['highest'])))}: the choice of model moves this number by more than a tenth "
        "of the width of its interval."
    ),
    NoteCode.COUNTS_STAND_ASIDE: "another result stands for this sample or for its control group",
    NoteCode.COUNTS_OF_CLUSTERS: "clusters were allocated, and counts alone cannot allow for them",
    NoteCode.PARTS_OF_PEOPLE: (
        "the divided control group leaves parts of people, which the exact likelihood cannot take"
    ),
    NoteCode.SAYS_NOTHING: "nobody or everybody had the event in both arms, which says nothing about a ratio",
    NoteCode.MODERATORS_OF_COUNTS: "not examined, because the events are pooled by their counts",
    NoteCode.NO_MAGNITUDE: lambda f: f"{_what_was_read(f)} gives no usable magnitude",
    NoteCode.ALL_EXCLUDED: "Every row of this domain is excluded; the reasons stand in the table of fates.",
    NoteCode.NO_ROW: "No result in this non-systematic set.",
    NoteCode.NO_ROW_SYSTEMATIC: "No result in this evidence set.",
    NoteCode.PANEL_OF_COMPOSITES: (
        "This paragraph and the table, but for the rows of nested effects, average several results of one sample and "
        "take the samples of one study as independent; the number above does not."
    ),
    NoteCode.TOO_LARGE_TO_LEAVE_OUT: (
        "No study is left out in turn: beyond {most} samples or {events:,} events that takes too long."
    ),
    NoteCode.TOO_MANY_TO_LEAVE_OUT: (
        "Leave-one-out, influence diagnostics and cumulative pooling fit every effect with all others and are left "
        "out above {most:,} pooled effects."
    ),
    NoteCode.MULTIVERSE_REFUSED: "Not pooled under all combinations: {why}.",
    NoteCode.UNJUDGED_STAY: lambda f: (
        f"Where results are left out for their risk of bias, "
        f"{labels.count(int(f['results']), 'result', 'results')} without an overall judgement "
        f"{'stays' if f['results'] == 1 else 'stay'}."
    ),
    NoteCode.CONVERTED: lambda f: (
        f"{Conversion(str(f['conversion'])).said.capitalize()}, {labels.count(int(f['samples']), 'sample', 'samples')} "
        f"of {f['k']} {'joins' if f['samples'] == 1 else 'join'} as a sensitivity analysis. The conversion takes the "
        "event for a score with a logistic distribution that is cut in two (Hasselblad and Hedges 1995), and nothing "
        "printed shows that it is."
    ),
    NoteCode.TOO_FEW_FOR_MODERATOR: lambda f: (
        f"{f['studies']} studies are too few for {labels.count(int(f['covariates']), 'covariate', 'covariates')}: at "
        f"least {f['needed']} are needed, ten for each."
    ),
    NoteCode.MODERATOR_NOT_ESTIMABLE: "Not estimable: {why}.",
    NoteCode.SIGN_TEST_WITHHELD: (
        "The p value is withheld: without a systematic search, reports that print a favourable direction are "
        "over-represented."
    ),
    NoteCode.NO_DIRECTION: "No study has a direction.",
    NoteCode.COMBINED_P_WITHHELD: (
        "The combined p is withheld: without a systematic search, reports that print a small p are over-represented."
    ),
    NoteCode.ONE_P_ONLY: "Only one study prints an exact p without a magnitude.",
    NoteCode.AS_EXTRACTED: "{text}",
    NoteCode.CORRELATION_TAKEN: "the correlation of before and after scores is taken as {r:g}",
    NoteCode.RAW_SCORES_TAKEN: "the difference is taken to be one of raw scores",
    NoteCode.TAKEN_AS_HEDGES_G: "the printed effect size is taken as Hedges' g",
    NoteCode.TAKEN_AS_SMCR: "the printed effect size is taken to divide by the SD before",
    NoteCode.F_OF_TWO_ARMS: "f is taken to compare the two arms (df1 = 1)",
    NoteCode.EQUAL_PERIODS: "the two periods are taken to be equally long",
    NoteCode.OVERDISPERSION_TAKEN: "events are taken to vary {factor:g} times as much as a Poisson count",
    NoteCode.POISSON_TAKEN: (
        "each event is taken to be of another person (a Poisson count), where one person can have several"
    ),
    NoteCode.Z_TAKEN_AS_T: "z of a rank test is taken as t of the scores",
    NoteCode.MIDDLE_OF_INTERVAL: "the estimate is not printed and is taken as the middle of its interval",
    NoteCode.SE_FROM_P: "the standard error is taken from the printed p",
    NoteCode.NORMAL_WITHOUT_N: "n is not printed for every group, so that the normal quantile stands for that of t",
    NoteCode.MEANS_FROM_MEDIANS: "means and SDs are taken from medians and quartiles, as of normal scores",
    NoteCode.ICC_TAKEN: "the intracluster correlation is taken as {icc:g}",
    NoteCode.LEVEL_IN_WORDS: "the interval is read as one of {level:g} %, as the printed expression says",
    NoteCode.CLUSTERS_NOT_STATED: lambda f: (
        "whether the printed precision allows for the allocation by clusters is not stated, and it is corrected "
        f"(variance times {labels.number(float(f['factor']))}); as printed it is right if it allows for them"
    ),
    NoteCode.CLUSTERS_IN_WORDS: (
        "the printed precision is taken to allow for the allocation by clusters, because the printed expression says "
        '"{words}"'
    ),
    NoteCode.CLUSTERS_UNKNOWN: (
        "whether the printed precision allows for the allocation by clusters is not stated, and nothing is corrected"
    ),
    NoteCode.CLUSTERS_IGNORED: "the precision ignores that clusters were allocated",
    NoteCode.N_ENROLLED: ("n is that of those enrolled, of whom some were not analysed"),
    NoteCode.N_RETAINED: "n is that of those enrolled, of whom {share:g} % are taken to have been analysed",
    NoteCode.BEFORE_RECALLED: "scores before were given afterwards, from memory",
    NoteCode.COVARIATES_IN_TEST: lambda f: (
        f"the test adjusts for covariates and is taken as one of raw scores; {_of_residuals(f)}"
    ),
    NoteCode.COVARIATES_NOT_STATED: lambda f: (
        "whether the test adjusts for covariates is not stated, and it is taken as one of raw scores; "
        f"{_of_residuals(f)}"
    ),
    NoteCode.REPEATED_CORRECTED: (
        "the analysis takes before and after of the same people as independent, and is turned into one of pairs by "
        "their correlation, {r:g}"
    ),
    NoteCode.REPEATED_NOT_STATED: lambda f: (
        "whether the analysis pairs before and after of the same people is not stated, and it is taken to; if it takes "
        f"them as independent, the {f['what']} is {labels.number(float(f['factor']))} times as large"
    ),
    NoteCode.REPEATED_IGNORED: lambda f: (
        "the printed precision takes repeated measurements of the same people as independent and is too "
        f"{'wide' if f['wide'] else 'narrow'}; by how much is not known"
    ),
    NoteCode.REPEATED_UNKNOWN: lambda f: (
        "whether the printed precision allows for repeated measurements of the same people is not stated, and it is "
        f"used as printed; it is too {'wide' if f['wide'] else 'narrow'} if it does not"
    ),
    NoteCode.CONTROL_DIVIDED: "the control group is divided evenly between {arms} arms",
    NoteCode.ROUNDING_REACHES: lambda f: (
        "rounding of the printed figures leaves the effect between "
        + " and ".join(labels.apart(float(f["low"]), float(f["high"])))
    ),
    NoteCode.ROUNDING_OPEN: "the printed figures are rounded so far that their precision is open",
    NoteCode.RESULTS_CORRELATE: "results of the same people are taken to correlate at {rho:g}",
    NoteCode.CLUSTERS_IN_TEST: (
        "the test that the effect is made of already allows for clusters, so that the effect is too small; by how "
        "much is not known"
    ),
    NoteCode.P_OF_ZERO: lambda f: (
        f"a p of zero is a bound, p < {float(f['bound']):g}, and belongs in p_bound; as a bound it gives no "
        f"precision{_printed(f)}"
    ),
    NoteCode.BOUND_ON_P: lambda f: f"the precision is printed only as a bound on p{_printed(f)}",
    NoteCode.NO_DERIVATION: lambda f: f"an effect and its variance do not follow from what is printed{_printed(f)}",
    NoteCode.MATCHED_IN_PART: lambda f: f"before and after are matched only in part{_printed(f)}",
    NoteCode.NOT_SAID_TO_BE_SAME: lambda f: f"before and after are not said to be the same people{_printed(f)}",
    NoteCode.CHANGERS_NOT_COUNTED: lambda f: (
        "before and after are the same people, and how many of them changed does not follow from two counts"
        f"{_printed(f)}"
    ),
    NoteCode.NOT_PRINTED: "not printed: {figures}",
    NoteCode.NOT_FINITE: lambda f: f"the printed figures give no finite effect{_printed(f)}",
    NoteCode.FIGURES_REFUSED: "{why}",
    NoteCode.ONE_DF_NEEDED: lambda f: (
        f"{f['statistic']} gives an effect only where df1 = 1, and "
        f"{'df1 = ' + str(f['df1']) if f['df1'] else 'df1 is not printed'}"
    ),
    NoteCode.OTHER_SCORES: "the {what} are of {basis} scores, not of {wanted}",
    NoteCode.NO_SIGN: "{statistic} has no sign, and no direction is printed",
    NoteCode.ONE_PERIOD_ONLY: "person-time is printed for one of two periods",
    NoteCode.LEFT_OUT: "{why}",
    NoteCode.OUTSIDE_SCOPE: "outside the scope: {scope}",
    NoteCode.OTHER_PEOPLE: "the people are {people}, and the domain is of {domain}",
    NoteCode.SERIES_NOT_POOLED: "interrupted time series are shown, not pooled",
    NoteCode.TIER_NOT_POOLED: "the settings do not pool effects of tier {tier}",
    NoteCode.COUNTS_NOT_POOLED: (
        "counts of episodes are shown, not pooled: how far they cluster in few people is not known"
    ),
    NoteCode.ONE_CLUSTER: "one cluster in an arm: the programme cannot be told from the cluster",
    NoteCode.FEW_CLUSTERS: "fewer than {least} clusters in an arm",
    NoteCode.CLUSTERS_NOT_COUNTED: "clusters were allocated, and their number is not printed",
    NoteCode.NO_ICC: "clusters were allocated, and no intracluster correlation or cluster size is printed",
    NoteCode.CONTROL_COUNTED_ALREADY: "shares its control group with {result}, whose people are counted once",
    NoteCode.CHANGE_WITHIN_ARM: (
        "a change within one arm of a comparison, which no figure of the other arm makes a contrast"
    ),
    NoteCode.PART_OF_CONTRAST: "the comparator arm's own change, a part of {result}",
    NoteCode.ANOTHER_STANDS: "{own}; {result} ({others}) stands for this sample",
    NoteCode.EARLIEST_STANDS: (
        "{own}; {result} ({others}) stands for this sample, because it is the earliest and no target time is set"
    ),
    NoteCode.ONLY_SAMPLE: "the only sample with a magnitude in its stratum",
    NoteCode.ONE_OF_EQUALS: "one of {results} equal results of the same sample",
    NoteCode.OPEN_QUERY: "{about}, {checks}",
}


SAID_BY_THE_ROW = frozenset(
    {
        NoteCode.HKSJ_BY_RULE,
        NoteCode.WALD_FEWER_THAN_THREE,
        NoteCode.WALD_NO_SPREAD,
        NoteCode.INTERVAL_AS_ASKED,
        NoteCode.PROFILE_BY_RULE,
        NoteCode.WALD_ONE_STUDY,
        NoteCode.WALD_EQUAL_EFFECTS,
        NoteCode.PREDICTION_NOT_ESTIMABLE,
        NoteCode.PREDICTION_UNCERTAIN,
    }
)
"""What the row of a pooled number says already: its interval by name, and its prediction interval with a caution."""


def sentence(note: Note) -> str:
    """Return the sentence, or the part of one, that a note says."""
    words = SENTENCES[note.code]
    return words.format(**note.figures) if isinstance(words, str) else words(note.figures)


def sentences(notes: Iterable[Note]) -> list[str]:
    """Return the sentence of each note."""
    return [sentence(note) for note in notes]


def reason(note: Note | None) -> str:
    """Return why a row has its fate; empty if there is nothing to say."""
    return sentence(note) if note else ""


def why_not(notes: Iterable[Note]) -> str:
    """Return why a stratum has no pooled number: that there is nothing to pool, or the reasons of its rows."""
    given = list(notes)
    return f"{_OPENINGS.get(given[0].code, 'Not pooled')}: {reasons(given)}." if given else ""


def reasons(notes: Iterable[Note]) -> str:
    """Return the reasons why a stratum has no pooled number, as a part of a sentence."""
    given = list(notes)
    nothing = [note for note in given if note.code in _OPENINGS]
    return "; ".join(sentences(nothing or given))


_OPENINGS = {NoteCode.EMPTY_CELL: "Not estimable study by study", NoteCode.NO_MAGNITUDE: "Not estimable"}


def interval_name(name: Figure) -> str:
    """Return the name of an interval in full, `modified HKSJ` and `Wald` being known by their short names."""
    return CiChoice.HKSJ.said if name == CiChoice.HKSJ else CiMethod(str(name)).said


def _intervals(names: Figure, one: str, several: str) -> str:
    said = [CiMethod(name).said for name in str(names).split()]
    return f"the {' and '.join(said)} {f'interval {one}' if len(said) == 1 else f'intervals {several}'}"


def _what_was_read(figures: Figures) -> str:
    """Return what was read of the studies of a stratum, `the abstract of the one study`."""
    kind = Read(str(figures.get("read") or Read.NOT_CODED))
    what = "what was read" if kind == Read.NOT_CODED else kind.said
    return (
        f"{what} of {'the one study' if figures['studies'] == 1 else 'each of {} studies'.format(figures['studies'])}"
    )


def _of_residuals(figures: Figures) -> str:
    return (
        "if it divides by the SD that a score before leaves, which correlates at "
        f"{figures['r']:g}, the effect is {labels.number(float(figures['factor']))} times as large"
    )


def _printed(figures: Figures) -> str:
    return f" ({figures['printed']})" if figures.get("printed") else ""
