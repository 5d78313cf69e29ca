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


class FigureOfDomain(Word):
    """The figures that a domain may have, as the names of their files end and the settings name them."""

    FOREST = "forest"
    LEAVE_ONE_OUT = "leave_one_out"
    MULTIVERSE = "multiverse"
    POSTERIOR = "posterior"
    FUNNEL = "funnel"
    CUMULATIVE = "cumulative"
    BAUJAT = "baujat"
    BUBBLE = "bubble"
    LABBE = "labbe"


class FigureOfReview(Word):
    """The figures that a review as a whole may have, as their files and the settings name them."""

    AT_A_GLANCE = "at_a_glance"
    GAP_MAP = "gap_map"
    EFFECT_DIRECTION = "effect_direction"
    HARVEST = "harvest"
    COMPONENTS = "components"
    RISK_OF_BIAS = "risk_of_bias"
    FLOW = "flow"


class CitedFrom(Word):
    """What a citation of the review was made from: CITATION.cff, or why that file could not be used."""

    FILE = "file"
    NO_FILE = "no_file"
    NOT_FILLED_IN = "not_filled_in"
    OF_SOFTWARE = "of_software"
    FAULTY = "faulty"


WITH_COMPARATOR = frozenset({Contrast.RANDOMISED, Contrast.CONTROLLED})


class Fate(Word):
    """What became of an extracted result."""

    POOLED = "pooled"
    COUNTED = "counted", "pooled by counts"
    SHOWN = "shown", "shown, not pooled"
    EMPTY_CELL = "empty_cell", "with an empty cell, not pooled"
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
    FISHER_Z = "fisher_z", "correlation"
    LOG_ODDS_RATIO = "log_odds_ratio", "odds ratio"
    LOG_RISK_RATIO = "log_risk_ratio", "risk ratio"
    LOG_HAZARD_RATIO = "log_hazard_ratio", "hazard ratio"
    LOG_RATE_RATIO = "log_rate_ratio", "rate ratio"
    LOG_TREND_RATIO = "log_trend_ratio", "trend ratio"
    LOG_RATIO = "log_ratio", "ratio"


RATIOS = frozenset(scale for scale in Scale if scale not in (Scale.SMD, Scale.MD, Scale.FISHER_Z))
BACK_TRANSFORMED = RATIOS | {Scale.FISHER_Z}
"""Scales that are analysed in one unit and shown in another, and that stand beside the scale of any domain."""
AS_MEASURED = BACK_TRANSFORMED | {Scale.MD}
"""Scales on which an effect is programme minus (or over) comparator; only standardised effects turn more to better."""


class GivenEffect(Word):
    """What an effect is that another analysis gives."""

    SMD = "smd"
    MD = "md"
    LOG_RATIO = "log_ratio"
    FISHER_Z = "fisher_z"


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
    CORRELATION = "correlation"
    EFFECT = "effect"
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
    """Which scores a standard deviation, a t or a standardised effect is based on."""

    RAW = "raw"
    CHANGE = "change"
    RESIDUAL = "residual"
    UNKNOWN = "unknown"


CLUSTERS_ALLOWED_FOR = (
    r"(?:allow|account|adjust|correct)(?:s|ed|ing)? for (?:the )?cluster|cluster[- ](?:adjusted|robust)"
)
"""Words of a printed expression that say that its precision allows for clusters, as a pattern."""


class Stated(Word):
    """Whether a report says that something was done."""

    YES = "yes"
    NO = "no"
    NOT_STATED = "not_stated"


class Read(Word):
    """How much of a report was read, the most first; `said` completes "what was read is ..."."""

    FULL_TEXT = "full_text", "the full text"
    PART = "part", "part of the full text"
    ABSTRACT = "abstract", "the abstract"
    SECONDARY = "secondary", "another source's account"
    NOT_CODED = "not_coded"


class NBasis(Word):
    """Whose number n is: of the people analysed, or of those enrolled although some were not analysed."""

    ANALYSED = "analysed"
    ENROLLED = "enrolled"


class BeforeScores(Word):
    """When scores before were given: before, or afterwards from memory."""

    MEASURED = "measured"
    RECALLED = "recalled"


class Allocation(Word):
    """What was allocated to the arms."""

    INDIVIDUAL = "individual"
    CLUSTER = "cluster"


class AnalysisSet(Word):
    """Who was analysed, in the order of preference."""

    INTENTION_TO_TREAT = "intention_to_treat"
    PER_PROTOCOL = "per_protocol"


class ScalePart(Word):
    """How much of an instrument a figure is of, in the order of preference."""

    TOTAL = "total"
    SUBSCALE = "subscale"
    ITEM = "item"


class Adjustment(Word):
    """Whether a contrast is adjusted, in the order of preference."""

    ADJUSTED = "adjusted"
    NOT_STATED = "not_stated"
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


UNSAID = ("", "not_reported", "not reported", "not_coded", "not coded")
"""Values of a column that tell nothing: what was read does not say, or nobody looked for it."""


class LivedExperience(Word):
    """How people with lived experience took part in a study; nobody looked for what is not coded."""

    NONE = "none"
    CONSULTED = "consulted"
    CO_DESIGNED = "co_designed"
    LED = "led"
    NOT_REPORTED = "not_reported"
    NOT_CODED = "not_coded"


class Harms(Word):
    """Whether a study looked for harms; nobody looked into a study that is not coded."""

    NOT_ASSESSED = "not_assessed"
    ASSESSED_NONE = "assessed_none"
    EVENTS = "events"
    NOT_REPORTED = "not_reported"
    NOT_CODED = "not_coded"


class FlowBox(Word):
    """The boxes of the flow of records (PRISMA 2020), in the order of the diagram."""

    PREVIOUS_STUDIES = "previous_studies", "studies in the previous version of the review"
    PREVIOUS_REPORTS = "previous_reports", "reports of the studies in the previous version"
    DATABASE_RESULTS = "database_results", "records from databases"
    REGISTER_RESULTS = "register_results", "records from registers"
    WEBSITE_RESULTS = "website_results", "records from websites"
    ORGANISATION_RESULTS = "organisation_results", "records from organisations"
    CITATION_RESULTS = "citation_results", "records from citation searching"
    DUPLICATES = "duplicates", "duplicates removed"
    EXCLUDED_AUTOMATIC = "excluded_automatic", "records removed as ineligible by automation tools"
    EXCLUDED_OTHER = "excluded_other", "records removed for other reasons"
    RECORDS_SCREENED = "records_screened"
    RECORDS_EXCLUDED = "records_excluded"
    REPORTS_SOUGHT = "reports_sought", "reports sought for retrieval"
    REPORTS_NOT_RETRIEVED = "reports_not_retrieved"
    REPORTS_ASSESSED = "reports_assessed", "reports assessed for eligibility"
    REPORTS_EXCLUDED = "reports_excluded"
    OTHER_SOUGHT = "other_sought", "reports sought for retrieval, by other methods"
    OTHER_NOT_RETRIEVED = "other_not_retrieved", "reports not retrieved, by other methods"
    OTHER_ASSESSED = "other_assessed", "reports assessed for eligibility, by other methods"
    OTHER_EXCLUDED = "other_excluded", "reports excluded, by other methods"
    OTHER_REPORTS = "other_reports", "reports from other methods"
    NEW_STUDIES = "new_studies", "new studies in the review"
    NEW_REPORTS = "new_reports", "reports of the new studies"
    TOTAL_STUDIES = "total_studies", "studies in the review, in total"
    TOTAL_REPORTS = "total_reports", "reports of these studies, in total"
    STUDIES_IN_META_ANALYSIS = "studies_in_meta_analysis", "studies in a meta-analysis"
    REPORTS_IN_META_ANALYSIS = "reports_in_meta_analysis", "reports of studies in a meta-analysis"
    STUDIES_NARRATIVE_ONLY = "studies_narrative_only", "studies in the narrative synthesis only"
    STUDIES_IN_NO_SYNTHESIS = "studies_in_no_synthesis", "studies in no synthesis"


PREVIOUS_VERSION = (FlowBox.PREVIOUS_STUDIES, FlowBox.PREVIOUS_REPORTS)
"""Counts that a review has only where it updates an earlier one."""

OTHER_METHODS = (
    FlowBox.WEBSITE_RESULTS,
    FlowBox.ORGANISATION_RESULTS,
    FlowBox.CITATION_RESULTS,
    FlowBox.OTHER_SOUGHT,
    FlowBox.OTHER_NOT_RETRIEVED,
    FlowBox.OTHER_ASSESSED,
    FlowBox.OTHER_EXCLUDED,
)
"""Counts of a search beside databases and registers."""

DETAILED_BOXES = (
    FlowBox.DATABASE_RESULTS,
    FlowBox.REGISTER_RESULTS,
    FlowBox.WEBSITE_RESULTS,
    FlowBox.ORGANISATION_RESULTS,
    FlowBox.CITATION_RESULTS,
    FlowBox.EXCLUDED_AUTOMATIC,
    FlowBox.EXCLUDED_OTHER,
    FlowBox.RECORDS_EXCLUDED,
    FlowBox.REPORTS_NOT_RETRIEVED,
    FlowBox.REPORTS_EXCLUDED,
    FlowBox.OTHER_NOT_RETRIEVED,
    FlowBox.OTHER_EXCLUDED,
)
"""Counts that may be made of named parts: databases, registers and other sources, and reasons of exclusion."""


class Tau2Method(Word):
    """The estimators of the between-study variance under metafor's names."""

    REML = "REML", "restricted maximum likelihood (REML)"
    ML = "ML", "maximum likelihood (ML)"
    DL = "DL", "the method of DerSimonian and Laird (DL)"
    PM = "PM", "the method of Paule and Mandel (PM)"
    HE = "HE", "the method of Hedges (HE)"
    HS = "HS", "the method of Hunter and Schmidt (HS)"
    SJ = "SJ", "the method of Sidik and Jonkman (SJ)"


class GeneralisedQ(Word):
    """The estimator of the between-study variance by weights of one's own, under metafor's name."""

    GENQ = "GENQ", "the generalised Q statistic with weights of one's own (GENQ)"


class MetaTest(Word):
    """How `taprev.meta` makes tests and intervals, under metafor's names."""

    AUTO = "auto", "knha where there is variance between studies to be allowed for, and z otherwise"
    KNHA = "knha", "Knapp and Hartung"
    ADHOC = "adhoc", "Knapp and Hartung, never narrower than t"
    T = "t", "t"
    Z = "z", "normal"


class AddedTo(Word):
    """Which studies of a column get something added to their cells, under metafor's names."""

    ONLY0 = "only0", "those with an empty cell"
    IF0ALL = "if0all", "all, if one of them has an empty cell"
    ALL = "all"
    NONE = "none"


class VarianceType(Word):
    """The kinds of sampling variances of effects of a column, under metafor's names."""

    LS = "LS", "large-sample"
    LS2 = "LS2", "large-sample, of another derivation"
    UB = "UB", "unbiased"
    HO = "HO", "of arms with one variance"
    AV = "AV", "of averages over all studies"
    AVHO = "AVHO", "of averages over all studies and arms"


class MissingSide(Word):
    """On which side of a funnel studies are thought to be missing."""

    LEFT = "left", "small effects"
    RIGHT = "right", "large effects"


class TrimEstimator(Word):
    """How trim and fill counts the studies that a symmetrical funnel would have, under the names of its authors."""

    L0 = "L0"
    R0 = "R0"


class SelectedSide(Word):
    """Which results a selection model takes to be preferred."""

    GREATER = "greater", "large effects"
    LESS = "less", "small effects"


class AsymmetryTest(Word):
    """A test of whether small studies find other effects than large ones; `said` names it in a sentence."""

    SIZES = "sizes", "regression on the root of 1/n (Pustejovsky and Rodgers)"
    EGGER = "egger", "regression on the standard error (Egger)"
    PETERS = "peters", "regression on 1/n (Peters)"
    HARBORD = "harbord", "regression of the score (Harbord)"
    BEGG = "begg", "rank correlation (Begg and Mazumdar)"


class Correction(Word):
    """A model that makes a pooled effect of what would have been published without selection."""

    PET = "pet", "PET (the effect at a standard error of zero, by a straight line)"
    PEESE = "peese", "PEESE (the effect at a variance of zero, by a straight line)"
    ONE_STEP = "one_step", "selection by one-sided p value with a step at .025"
    TWO_STEPS = "two_steps", "selection by one-sided p value with steps at .025 and .5"
    TRIM_FILL = "trim_fill", "trim and fill"


class ShareOf(Word):
    """Which true effects a share counts."""

    IMPORTANT = "important", "better by at least the important difference"
    BETTER = "better", "on the better side"


class MeasuredAs(Word):
    """How an outcome is measured, as a new review is asked about it."""

    SCORES = "scores", "scores of scales that differ from study to study"
    UNITS = "units", "means in one unit, such as days"
    EVENTS = "events", "people with an event"


class ExportFormat(Word):
    """What a review can be exported to; `said` is what comes out."""

    METAFOR = "metafor", "effects with an R script that pools them by metafor"
    METAPSY = "metapsy", "comparisons by the Metapsy data standard"
    REVMAN = "revman", "analyses, studies and references as a data package of RevMan Web"
    ROBVIS = "robvis", "judgements of risk of bias for robvis"
    PRISMA = "prisma", "the flow of records for the R package PRISMA2020"
    RIS = "ris", "the reports as references"
    DATA_PACKAGE = "data-package", "the extracted tables as a Frictionless Data Package"
    RESEARCH_OBJECT = "research-object", "the whole run as an RO-Crate"


class CiMethod(Word):
    """The intervals of a pooled effect; `said` is short, as in a label."""

    WALD = "wald", "Wald"
    HKSJ = "hksj", "HKSJ"
    HKSJ_MODIFIED = "hksj_modified", "modified HKSJ"
    CR2 = "cr2", "CR2"
    PROFILE = "profile", "profile likelihood"


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


METAFOR = {
    "z": CiChoice.WALD,
    "knha": CiChoice.HKSJ,
    "adhoc": CiChoice.HKSJ_MODIFIED,
    "EB": Tau2Method.PM,
}
"""What metafor calls choices of the settings that have another name here."""


class PredictionDf(Word):
    """The degrees of freedom of the prediction interval."""

    K_MINUS_1 = "k-1"
    K_MINUS_2 = "k-2"


class EventPool(Word):
    """How events are pooled."""

    INVERSE_VARIANCE = "inverse_variance"
    MANTEL_HAENSZEL = "mantel_haenszel", "Mantel-Haenszel"
    PETO = "peto", "Peto"


class EmptyCells(Word):
    """What becomes of events with an empty cell: pooled by a model that can hold them, or left out of the headline."""

    POOLED = "pooled"
    LEFT_OUT = "left_out"


class PoolModel(Word):
    """How the headline of a stratum is pooled."""

    INVERSE_VARIANCE = "inverse_variance", "inverse variance"
    EXACT_LIKELIHOOD = "exact_likelihood", "exact likelihood"
    MANTEL_HAENSZEL = "mantel_haenszel", "Mantel-Haenszel"


class EventMeasure(Word):
    """What a pool of events without corrections gives."""

    OR = "OR"
    RR = "RR"
    PETO = "PETO"
    RD = "RD"
    IRR = "IRR"


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


class FigurePreset(Word):
    """What figures are drawn for: a page, a column of a journal, or a slide."""

    PAGE = "page"
    COLUMN = "column"
    SLIDE = "slide"


class ForestStyle(Word):
    """Whose forest plots ours resemble."""

    TAPREV = "taprev"
    REVMAN = "revman"
    JAMA = "jama"


class FigureFormat(Word):
    """The kinds of files of figures that are made where they are asked for."""

    EPS = "eps"
    TIFF = "tiff"


class Conversion(Word):
    """Which of two scales is turned into the other in a sensitivity analysis; `said` is its level in a panel."""

    TO_DIFFERENCES = "to_differences", "with log odds ratios turned into standardised differences"
    TO_ODDS_RATIOS = "to_odds_ratios", "with standardised differences turned into log odds ratios"


class Choice(Word):
    """What a sensitivity analysis varies; `said` is its heading."""

    SCOPE = "scope", "Programmes"
    POOL_TIERS = "pool_tiers", "Effects pooled"
    RISK_OF_BIAS = "risk_of_bias", "Risk of bias"
    TIME = "time", "Time of measurement"
    R_PRE_POST = "r_pre_post", "Correlation of before and after scores"
    ICC = "icc", "Intracluster correlation"
    OVERDISPERSION = "overdispersion", "Overdispersion of counts"
    RETAINED = "retained", "Share of those enrolled who were analysed"
    RHO = "rho", "Correlation of results of the same people"
    TAU2_METHOD = "tau2_method", "Between-study variance"
    MODEL = "model", "Model of the events"
    INTERVAL = "interval", "Interval of the same effects"
    DEPENDENCE = "dependence", "Effects nested in studies (CR2)"
    CONVERSION = "conversion", "Odds ratios and differences together"
    LEAVE_ONE_OUT = "leave_one_out", "Without"
    CUMULATIVE = "cumulative", "By year, up to and with"


class CellRole(Word):
    """What an extracted cell is for: its number stands in the formula, it steers it, or it describes."""

    FIGURE = "figure"
    DECIDES = "decides"
    DESCRIBES = "describes"


class RobRung(Word):
    """What a level of any tool of risk of bias amounts to, from the lightest to the gravest.

    What nobody knows or assessed comes between light and grave; a star or "not applicable" has no place of its own.
    """

    LOW = "low"
    MODERATE = "moderate", "some concerns or moderate"
    UNRATED = "unrated", "without a place between low and high"
    UNKNOWN = "unknown", "no information"
    NOT_ASSESSED = "not assessed"
    HIGH = "high", "high or serious"
    CRITICAL = "critical"

    @property
    def gravity(self) -> int:
        """The place of a rung among all of them."""
        return list(RobRung).index(self)


class Rob2Level(Word):
    """The judgements that the algorithm of RoB 2 proposes, from the lightest."""

    LOW = "low"
    SOME_CONCERNS = "some concerns"
    HIGH = "high"

    @property
    def gravity(self) -> int:
        """The place of a judgement among the three."""
        return list(Rob2Level).index(self)


class SignallingAnswer(Word):
    """The answers to a signalling question."""

    YES = "Y", "yes"
    PROBABLY_YES = "PY", "probably yes"
    PROBABLY_NO = "PN", "probably no"
    NO = "N", "no"
    NO_INFORMATION = "NI", "no information"
    NOT_APPLICABLE = "NA", "not applicable"


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


class MissingEvidenceRisk(Word):
    """The risk of bias due to missing evidence in a synthesis (ROB-ME)."""

    LOW = "low", "low risk"
    SOME_CONCERNS = "some_concerns"
    HIGH = "high", "high risk"


class JudgementStatus(Word):
    """Whether people judged the certainty of a number."""

    JUDGED = "judged"
    NOT_YET = "not yet judged"
    OUTDATED = "judged for another number"


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


class RemarkCode(Word):
    """What a remark on the reading of a table is about."""

    # Data that stand otherwise in the file than they were read
    DIALECT = "dialect"
    EMPTY = "empty"
    SHORT_ROWS = "short_rows"
    HIDDEN = "hidden"
    BESIDE_CELLS = "beside_cells"
    FIGURES = "figures"
    LIKE_DATES = "like_dates"
    # What a form holds that is no data, and other files
    OF_FORM = "of_form"
    OTHER_FILE = "other_file"
    OPEN = "open"


READ_OTHERWISE = frozenset(RemarkCode) - {RemarkCode.OF_FORM, RemarkCode.OTHER_FILE, RemarkCode.OPEN}
"""The remarks by which a table was not read as it was typed."""


class NoteCode(Word):
    """The cautions, reasons and assumptions; `wording.notes` has a sentence for each."""

    # Which interval is printed, and what to make of it
    HKSJ_BY_RULE = "hksj_by_rule"
    WALD_FEWER_THAN_THREE = "wald_fewer_than_three"
    WALD_NO_SPREAD = "wald_no_spread"
    INTERVAL_AS_ASKED = "interval_as_asked"
    WALD_ONE_STUDY = "wald_one_study"
    WALD_EQUAL_EFFECTS = "wald_equal_effects"
    SINGLE_STUDY = "single_study"
    TWO_EFFECTS = "two_effects"
    NARROWER_THAN_WALD = "narrower_than_wald"
    DEPENDS_ON_INTERVAL = "depends_on_interval"
    PREDICTION_NOT_ESTIMABLE = "prediction_not_estimable"
    PREDICTION_UNCERTAIN = "prediction_uncertain"
    PREDICTION_WITHOUT_SPREAD = "prediction_without_spread"
    EMPTY_PROFILE = "empty_profile"
    PROFILE_BY_RULE = "profile_by_rule"
    PROFILE_INSTEAD = "profile_instead"
    # Effects nested in studies
    NESTED_MODEL = "nested_model"
    COMPOSITE_INSTEAD = "composite_instead"
    STUDY_COMPONENT_FIXED = "study_component_fixed"
    COMPONENTS_NOT_TOLD_APART = "components_not_told_apart"
    CR2_ABSENT = "cr2_absent"
    FEW_DEGREES_OF_FREEDOM = "few_degrees_of_freedom"
    # Bayesian fits and pools of events
    NO_MEAN_UNDER_PRIOR = "no_mean_under_prior"
    PRIOR_WITHOUT_SD = "prior_without_sd"
    PRIOR_NOT_FOR_DESIGN = "prior_not_for_design"
    PRIOR_NOT_FOR_SCALE = "prior_not_for_scale"
    EVENTS_LEFT_OUT = "events_left_out"
    Q_OF_SOME = "q_of_some"
    EVENTS_NOT_POOLED = "events_not_pooled"
    # Small studies and selection
    FEW_STUDIES_FOR_SELECTION = "few_studies_for_selection"
    SMALL_STUDY_REFUSED = "small_study_refused"
    # Strata and domains
    SAMPLES_OF_FEWER_STUDIES = "samples_of_fewer_studies"
    EFFECTS_NEED_ASSUMPTIONS = "effects_need_assumptions"
    EMPTY_CELL = "empty_cell"
    EMPTY_CELLS_LEFT_OUT = "empty_cells_left_out"
    COUNTS_NOT_ESTIMABLE = "counts_not_estimable"
    ONE_COMMON_EFFECT = "one_common_effect"
    PANEL_OF_COUNTS = "panel_of_counts"
    MODELS_DIFFER = "models_differ"
    SAYS_NOTHING = "says_nothing"
    COUNTS_STAND_ASIDE = "counts_stand_aside"
    COUNTS_OF_CLUSTERS = "counts_of_clusters"
    PARTS_OF_PEOPLE = "parts_of_people"
    MODERATORS_OF_COUNTS = "moderators_of_counts"
    NO_MAGNITUDE = "no_magnitude"
    ALL_EXCLUDED = "all_excluded"
    NO_ROW = "no_row"
    NO_ROW_SYSTEMATIC = "no_row_systematic"
    # Sensitivity, moderators, directions
    PANEL_OF_COMPOSITES = "panel_of_composites"
    TOO_LARGE_TO_LEAVE_OUT = "too_large_to_leave_out"
    TOO_MANY_TO_LEAVE_OUT = "too_many_to_leave_out"
    MULTIVERSE_REFUSED = "multiverse_refused"
    UNJUDGED_STAY = "unjudged_stay"
    CONVERTED = "converted"
    TOO_FEW_FOR_MODERATOR = "too_few_for_moderator"
    MODERATOR_NOT_ESTIMABLE = "moderator_not_estimable"
    SIGN_TEST_WITHHELD = "sign_test_withheld"
    NO_DIRECTION = "no_direction"
    COMBINED_P_WITHHELD = "combined_p_withheld"
    ONE_P_ONLY = "one_p_only"
    # What an effect assumes
    AS_EXTRACTED = "as_extracted"
    CORRELATION_TAKEN = "correlation_taken"
    RAW_SCORES_TAKEN = "raw_scores_taken"
    TAKEN_AS_HEDGES_G = "taken_as_hedges_g"
    TAKEN_AS_SMCR = "taken_as_smcr"
    F_OF_TWO_ARMS = "f_of_two_arms"
    EQUAL_PERIODS = "equal_periods"
    OVERDISPERSION_TAKEN = "overdispersion_taken"
    POISSON_TAKEN = "poisson_taken"
    Z_TAKEN_AS_T = "z_taken_as_t"
    MIDDLE_OF_INTERVAL = "middle_of_interval"
    SE_FROM_P = "se_from_p"
    NORMAL_WITHOUT_N = "normal_without_n"
    MEANS_FROM_MEDIANS = "means_from_medians"
    ICC_TAKEN = "icc_taken"
    LEVEL_IN_WORDS = "level_in_words"
    CLUSTERS_NOT_STATED = "clusters_not_stated"
    CLUSTERS_IN_WORDS = "clusters_in_words"
    CLUSTERS_IN_TEST = "clusters_in_test"
    CLUSTERS_UNKNOWN = "clusters_unknown"
    CLUSTERS_IGNORED = "clusters_ignored"
    N_ENROLLED = "n_enrolled"
    N_RETAINED = "n_retained"
    BEFORE_RECALLED = "before_recalled"
    COVARIATES_IN_TEST = "covariates_in_test"
    COVARIATES_NOT_STATED = "covariates_not_stated"
    REPEATED_CORRECTED = "repeated_corrected"
    REPEATED_NOT_STATED = "repeated_not_stated"
    REPEATED_IGNORED = "repeated_ignored"
    REPEATED_UNKNOWN = "repeated_unknown"
    CONTROL_DIVIDED = "control_divided"
    ROUNDING_REACHES = "rounding_reaches"
    ROUNDING_OPEN = "rounding_open"
    RESULTS_CORRELATE = "results_correlate"
    # Why a row has no magnitude
    P_OF_ZERO = "p_of_zero"
    BOUND_ON_P = "bound_on_p"
    NO_DERIVATION = "no_derivation"
    MATCHED_IN_PART = "matched_in_part"
    NOT_SAID_TO_BE_SAME = "not_said_to_be_same"
    CHANGERS_NOT_COUNTED = "changers_not_counted"
    NOT_PRINTED = "not_printed"
    NOT_FINITE = "not_finite"
    FIGURES_REFUSED = "figures_refused"
    ONE_DF_NEEDED = "one_df_needed"
    OTHER_SCORES = "other_scores"
    NO_SIGN = "no_sign"
    ONE_PERIOD_ONLY = "one_period_only"
    # Why a row is excluded, or shown and not pooled
    LEFT_OUT = "left_out"
    OUTSIDE_SCOPE = "outside_scope"
    OTHER_PEOPLE = "other_people"
    SERIES_NOT_POOLED = "series_not_pooled"
    TIER_NOT_POOLED = "tier_not_pooled"
    COUNTS_NOT_POOLED = "counts_not_pooled"
    ONE_CLUSTER = "one_cluster"
    FEW_CLUSTERS = "few_clusters"
    CLUSTERS_NOT_COUNTED = "clusters_not_counted"
    NO_ICC = "no_icc"
    CONTROL_COUNTED_ALREADY = "control_counted_already"
    CHANGE_WITHIN_ARM = "change_within_arm"
    PART_OF_CONTRAST = "part_of_contrast"
    ANOTHER_STANDS = "another_stands"
    EARLIEST_STANDS = "earliest_stands"
    ONLY_SAMPLE = "only_sample"
    ONE_OF_EQUALS = "one_of_equals"
    OPEN_QUERY = "open_query"


ROUNDING = frozenset({NoteCode.ROUNDING_REACHES, NoteCode.ROUNDING_OPEN})
TOO_NARROW = frozenset(
    {NoteCode.N_ENROLLED, NoteCode.CLUSTERS_IGNORED, NoteCode.CLUSTERS_UNKNOWN, NoteCode.POISSON_TAKEN}
)
"""What makes an interval too narrow, as far as is known: people or clusters that it does not allow for."""
FEWEST_CORRELATED = 4
"""The fewest people of a correlation: its variance on Fisher's scale is 1/(n - 3)."""


class Twice(Word):
    """Which results were extracted by more than one extractor."""

    ALL = "all"
    NONE = "none"
    SAMPLE = "sample"


class OpenQueries(Word):
    """What an open query does to a review: mark the numbers behind which it stands, or stop it."""

    MARK = "mark"
    STOP = "stop"


class CellVerdict(Word):
    """What a person found who compared an extracted cell with its source."""

    RIGHT = "right"
    WRONG = "wrong"
    NOT_FOUND = "not_found"


class ExtractorKind(Word):
    """Who filled in a form: a person, or a program such as a language model."""

    PERSON = "person"
    PROGRAM = "program"


class Decision(Word):
    """What an adjudication may decide, besides for the form that it names."""

    VALUE = "value"
    CORRECT = "correct"
    TAKE = "take"
    LEAVE_OUT = "leave_out"


OF_A_CELL = (Decision.VALUE, Decision.CORRECT)
OF_A_WHOLE_RESULT = (Decision.TAKE, Decision.LEAVE_OUT)


class Weighting(Word):
    """How RevMan weighs the studies of an outcome."""

    MH = "MH", "Mantel-Haenszel"
    IV = "IV", "inverse variance"
    PETO = "PETO", "Peto"


class RevManMeasure(Word):
    """What RevMan pools; a ratio is pooled as its log."""

    OR = "OR", "odds ratio"
    PETO_OR = "PETO_OR", "Peto odds ratio"
    RR = "RR", "risk ratio"
    RD = "RD", "risk difference"
    MD = "MD", "mean difference"
    SMD = "SMD", "standardised mean difference"
    HR = "HR", "hazard ratio"
    RATE_RATIO = "RATE_RATIO", "rate ratio"
    OTHER = "OTHER", "another measure"

    @property
    def ratio_kind(self) -> RatioKind | None:
        """What a ratio of this kind compares, None where it is no ratio."""
        return {
            RevManMeasure.OR: RatioKind.ODDS,
            RevManMeasure.PETO_OR: RatioKind.ODDS,
            RevManMeasure.RR: RatioKind.RISK,
            RevManMeasure.HR: RatioKind.HAZARD,
            RevManMeasure.RATE_RATIO: RatioKind.RATE,
        }.get(self)


class OutcomeKind(Word):
    """What kind of data an outcome of RevMan has."""

    DICH = "DICH", "events"
    CONT = "CONT", "means"
    IV = "IV", "estimates with standard errors"
    IPD = "IPD", "observed minus expected events"
    OTHER = "OTHER", "text alone"


class Totals(Word):
    """Which pooled results an outcome of RevMan shows."""

    ALL = "YES", "overall and of each subgroup"
    SUBTOTALS = "SUB", "of each subgroup alone"
    NONE = "NO", "none"


class SourceVerdict(Word):
    """Where an extracted figure was found in its source, the best place first."""

    AT_QUOTE = "at_quote", "found at the quote"
    WITH_ROW = "with_row", "found with the other figures of the row"
    ON_PAGE = "on_page", "found elsewhere on the page"
    OTHER_PAGE = "other_page", "found on another page"
    NOT_FOUND = "not_found"
    NO_TEXT = "no_text", "page without text, a scan"
    UNREADABLE = "unreadable", "source not readable"
    NOT_HERE = "not_here", "source not here"
    NO_SOURCE = "no_source", "no source kept"
    COMPUTED = "computed", "computed, so not looked up"


IN_PLACE = frozenset({SourceVerdict.AT_QUOTE, SourceVerdict.WITH_ROW})
LOOKED_UP = IN_PLACE | {SourceVerdict.ON_PAGE, SourceVerdict.OTHER_PAGE, SourceVerdict.NOT_FOUND}
"""The verdicts on a figure whose source was read."""


class SpelledAs(Word):
    """How a source spells a figure."""

    ALIKE = "alike", "as it is stored"
    FEWER_DIGITS = "fewer_digits", "with fewer digits"
    MORE_DIGITS = "more_digits", "with more digits"
    PERCENTAGE = "percentage", "as a percentage"
    IN_WORDS = "in_words"
    SIGN_IN_WORDS = "sign_in_words", "with its sign in words"
