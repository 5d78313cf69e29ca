"""Every closed list of words, once, with how people say them.

The codebook's allowed values, the settings, figures and documents take their words from here; a test finds a list
that is written a second time. A word is its value: `Contrast.BEFORE_AFTER == "before_after"`, in JSON and CSV too.
"""

from __future__ import annotations

from enum import StrEnum


class Word(StrEnum):
    """A word of a closed list; `said` is how people say it inside a sentence."""

    said: str

    def __new__(cls, value: str, said: str = "") -> Word:
        word = str.__new__(cls, value)
        word._value_ = value
        word.said = said or value.replace("_", " ")
        return word


class Contrast(Word):
    """What is compared with what, the strongest design first."""

    RANDOMISED = "randomised"
    CONTROLLED = "controlled"
    BEFORE_AFTER = "before_after", "before-after"
    TIME_SERIES = "time_series"

    @property
    def heading(self) -> str:
        """The name of a stratum of this design."""
        return {
            Contrast.RANDOMISED: "Randomised",
            Contrast.CONTROLLED: "Controlled, not randomised",
            Contrast.BEFORE_AFTER: "Before-after, no control group",
            Contrast.TIME_SERIES: "Interrupted time series",
        }[self]


WITH_COMPARATOR = frozenset({Contrast.RANDOMISED, Contrast.CONTROLLED})


class Fate(Word):
    """What became of an extracted result."""

    POOLED = "pooled"
    SHOWN = "shown", "shown, not pooled"
    DIRECTION_ONLY = "direction_only"
    EXCLUDED = "excluded"


class Tier(Word):
    """How an effect was had: from printed figures alone, by an assumption, not at all for a bound on p, or at all."""

    EXACT = "exact"
    ASSUMED = "assumed"
    BOUND = "bound"
    DIRECTION = "direction"


class Scale(Word):
    """What an effect is measured in."""

    SMD = "smd", "standardised mean difference"
    MD = "md", "mean difference"
    LOG_ODDS_RATIO = "log_odds_ratio", "odds ratio"
    LOG_RISK_RATIO = "log_risk_ratio", "risk ratio"
    LOG_HAZARD_RATIO = "log_hazard_ratio", "hazard ratio"
    LOG_RATE_RATIO = "log_rate_ratio", "rate ratio"
    LOG_TREND_RATIO = "log_trend_ratio", "trend ratio"
    LOG_RATIO = "log_ratio", "ratio"


RATIOS = frozenset(scale for scale in Scale if scale not in (Scale.SMD, Scale.MD))


class RatioKind(Word):
    """What a printed ratio compares."""

    RATE = "rate"
    RISK = "risk"
    ODDS = "odds"
    HAZARD = "hazard"
    TREND = "trend"


class Better(Word):
    """Which end of a scale is better."""

    HIGHER = "higher"
    LOWER = "lower"


class Direction(Word):
    """The printed direction of a result."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no_difference"
    MIXED = "mixed"


class Vote(Word):
    """The direction of a study within a contrast."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "unclear"


class Side(Word):
    """On which side of what matters, or of no difference, an estimate lies."""

    BETTER = "better"
    TRIVIAL = "trivial"
    WORSE = "worse"


class Statistic(Word):
    """Which group of figures a row fills."""

    MEANS = "means"
    MEDIANS = "medians"
    CHANGE = "change"
    EVENTS = "events"
    COUNTS = "counts"
    MEAN_DIFFERENCE = "mean_difference"
    SMD = "smd"
    COHENS_F = "cohens_f"
    RATIO = "ratio"
    T = "t"
    F = "F"
    Z = "z"
    P = "p"
    P_BOUND = "p_bound"
    DIRECTION = "direction"


class Pairing(Word):
    """Whether the same people were measured before and after."""

    MATCHED = "matched"
    UNMATCHED = "unmatched"
    PARTIAL = "partial"


class SdBasis(Word):
    """What a standard deviation, a t or a standardised effect rests on."""

    RAW = "raw"
    CHANGE = "change"
    RESIDUAL = "residual"
    UNKNOWN = "unknown"


class Allocation(Word):
    """What was allocated to the arms."""

    INDIVIDUAL = "individual"
    CLUSTER = "cluster"


class AnalysisSet(Word):
    """Who was analysed, that first which stands before the other."""

    INTENTION_TO_TREAT = "intention_to_treat"
    PER_PROTOCOL = "per_protocol"


class ScalePart(Word):
    """How much of an instrument a figure is of, that first which stands before the others."""

    TOTAL = "total"
    SUBSCALE = "subscale"
    ITEM = "item"


class Adjustment(Word):
    """Whether a contrast is adjusted, that first which stands before the other."""

    ADJUSTED = "adjusted"
    CRUDE = "crude"


class Arm(Word):
    """The arm of a comparison that a figure within one arm is of."""

    PROGRAMME = "programme"
    COMPARATOR = "comparator"


class PublicationStatus(Word):
    """Kinds of publication."""

    JOURNAL = "journal"
    CONFERENCE_ABSTRACT = "conference_abstract"
    DISSERTATION_OR_PROJECT = "dissertation_or_project"
    OTHER = "other"


class LivedExperience(Word):
    """How people with lived experience took part in a study."""

    NONE = "none"
    CONSULTED = "consulted"
    CO_DESIGNED = "co_designed"
    LED = "led"
    NOT_REPORTED = "not_reported"


class Harms(Word):
    """Whether a study looked for harms."""

    NOT_ASSESSED = "not_assessed"
    ASSESSED_NONE = "assessed_none"
    EVENTS = "events"
    NOT_REPORTED = "not_reported"


class FlowBox(Word):
    """The boxes of the flow of records (PRISMA 2020)."""

    DATABASE_RESULTS = "database_results"
    REGISTER_RESULTS = "register_results"
    DUPLICATES = "duplicates"
    RECORDS_SCREENED = "records_screened"
    RECORDS_EXCLUDED = "records_excluded"
    REPORTS_SOUGHT = "reports_sought"
    REPORTS_NOT_RETRIEVED = "reports_not_retrieved"
    REPORTS_ASSESSED = "reports_assessed"
    REPORTS_EXCLUDED = "reports_excluded"
    OTHER_REPORTS = "other_reports"
    NEW_STUDIES = "new_studies"
    NEW_REPORTS = "new_reports"


class Tau2Method(Word):
    """The estimators of the between-study variance under metafor's names."""

    REML = "REML", "restricted maximum likelihood (REML)"
    ML = "ML", "maximum likelihood (ML)"
    DL = "DL", "the method of DerSimonian and Laird (DL)"
    PM = "PM", "the method of Paule and Mandel (PM)"
    HE = "HE", "the method of Hedges (HE)"
    HS = "HS", "the method of Hunter and Schmidt (HS)"
    SJ = "SJ", "the method of Sidik and Jonkman (SJ)"


class CiMethod(Word):
    """The intervals of a pooled effect; `said` is short, as in a label."""

    WALD = "wald", "Wald"
    HKSJ = "hksj", "HKSJ"
    HKSJ_MODIFIED = "hksj_modified", "modified HKSJ"
    CR2 = "cr2", "CR2"


class CiChoice(Word):
    """The interval that the settings ask for; `said` is as in the methods."""

    AUTO = (
        "auto",
        "Hartung-Knapp-Sidik-Jonkman (HKSJ) from three samples on where the between-study variance is above zero, "
        "and Wald otherwise",
    )
    WALD = "wald", "Wald"
    HKSJ = "hksj", "Hartung-Knapp-Sidik-Jonkman (HKSJ)"
    HKSJ_MODIFIED = (
        "hksj_modified",
        "modified Hartung-Knapp-Sidik-Jonkman (its standard error never below that of Wald)",
    )


class PredictionDf(Word):
    """The degrees of freedom of the prediction interval."""

    K_MINUS_1 = "k-1"
    K_MINUS_2 = "k-2"


class EventPool(Word):
    """How events are pooled."""

    INVERSE_VARIANCE = "inverse_variance"
    MANTEL_HAENSZEL = "mantel_haenszel", "Mantel-Haenszel"
    PETO = "peto", "Peto"


class EventMeasure(Word):
    """What a pool of events without corrections gives."""

    OR = "OR"
    RR = "RR"
    PETO = "PETO"
    RD = "RD"


class DependenceModel(Word):
    """How several effects of one study are pooled."""

    COMPOSITE = "composite"
    THREE_LEVEL = "three_level", "three-level model"
    CHE = "che", "model of correlated and hierarchical effects"


class PriorFamily(Word):
    """The priors of the between-study standard deviation."""

    HALF_NORMAL = "half_normal", "half-normal"
    HALF_CAUCHY = "half_cauchy", "half-cauchy"
    TURNER_2015 = "turner_2015", "turner-2015"
    RHODES_2015 = "rhodes_2015", "rhodes-2015"

    @property
    def has_scale(self) -> bool:
        """Whether the prior takes a scale; the empirical ones are fixed."""
        return self in (PriorFamily.HALF_NORMAL, PriorFamily.HALF_CAUCHY)


class ModeratorKind(Word):
    """How a column explains differences between studies."""

    GROUPS = "groups"
    NUMBER = "number"


class ClusterAdjustment(Word):
    """What a design effect is applied to."""

    VARIANCE = "variance"
    SAMPLE_SIZE = "sample_size"


class SharedControl(Word):
    """How a control group that serves several arms is counted."""

    ONCE = "once"
    SPLIT = "split"


class Sort(Word):
    """The orders of the rows of a forest plot."""

    GIVEN = "given"
    LABEL = "label"
    YEAR = "year"
    EFFECT = "effect"
    PRECISION = "precision"
    WEIGHT = "weight"


class Choice(Word):
    """What a sensitivity analysis varies; `said` is its heading."""

    SCOPE = "scope", "Programmes"
    POOL_TIERS = "pool_tiers", "Effects pooled"
    RISK_OF_BIAS = "risk_of_bias", "Risk of bias"
    R_PRE_POST = "r_pre_post", "Correlation of before and after scores"
    ICC = "icc", "Intracluster correlation"
    OVERDISPERSION = "overdispersion", "Overdispersion of counts"
    RHO = "rho", "Correlation of results of the same people"
    TAU2_METHOD = "tau2_method", "Between-study variance"
    DEPENDENCE = "dependence", "Effects nested in studies (CR2)"
    LEAVE_ONE_OUT = "leave_one_out", "Without"
    CUMULATIVE = "cumulative", "By year, up to and with"


class Severity(Word):
    """What a plausibility check does: it stops the review, or asks."""

    ERROR = "error"
    QUERY = "query"


class RobTool(Word):
    """The tools by which risk of bias is judged."""

    ROB_2 = "RoB 2"
    ROBINS_I = "ROBINS-I"


class RobLevel(Word):
    """The judgements of risk of bias, of all tools, from the lightest to the gravest."""

    LOW = "low"
    SOME_CONCERNS = "some concerns"
    MODERATE = "moderate"
    NO_INFORMATION = "no information"
    NOT_JUDGED = "not judged"
    HIGH = "high"
    SERIOUS = "serious"
    CRITICAL = "critical"

    @property
    def gravity(self) -> int:
        """The place of a judgement among all of them; what nobody judged stands between light and grave."""
        return list(RobLevel).index(self)


class CertaintyLevel(Word):
    """The certainty of evidence (GRADE), from the lowest."""

    VERY_LOW = "very_low"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"

    def lowered(self, steps: int) -> CertaintyLevel:
        """The level so many steps below, or above for a negative number; it ends at the lowest and the highest."""
        levels = list(CertaintyLevel)
        return levels[min(max(levels.index(self) - steps, 0), len(levels) - 1)]


class GradeDomain(Word):
    """What lowers the certainty of evidence (GRADE)."""

    RISK_OF_BIAS = "risk_of_bias"
    INCONSISTENCY = "inconsistency"
    INDIRECTNESS = "indirectness"
    IMPRECISION = "imprecision"
    PUBLICATION_BIAS = "publication_bias", "missing results"


class Concern(Word):
    """How grave a concern is; a level of certainty goes for each step."""

    NOT_SERIOUS = "not_serious"
    SERIOUS = "serious"
    VERY_SERIOUS = "very_serious"
    EXTREMELY_SERIOUS = "extremely_serious"

    @property
    def steps(self) -> int:
        """By how many levels it lowers the certainty."""
        return list(Concern).index(self)
