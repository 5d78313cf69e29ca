"""What a stratum holds: its studies, its fit or why there is none, and what surrounds the number."""

from __future__ import annotations

from dataclasses import dataclass, field

from taprev.notes import Note, unique
from taprev.synthesis.results.context import Context
from taprev.synthesis.results.fits import BayesFit, Fit, SparseFit
from taprev.synthesis.results.missing_evidence import MissingEvidence
from taprev.synthesis.results.moderation import Moderation
from taprev.synthesis.results.panel import Panel
from taprev.synthesis.results.small_study import SmallStudies
from taprev.vocabulary import TOO_NARROW, Contrast, Fate, NoteCode, Read, RobRung, Scale, Tier


@dataclass(frozen=True)
class InUnits:
    """A pooled standardised effect in the units of an instrument people know, by its cited SD."""

    instrument: str
    sd: float
    source: str
    estimate: float
    ci_lb: float
    ci_ub: float


@dataclass(frozen=True)
class ImportantDifference:
    """The smallest difference that matters, on the scale of a stratum, and who says so."""

    value: float
    source: str


@dataclass(frozen=True)
class Events:
    """The people with an event among all people of both arms."""

    event_arm1: float
    totaln_arm1: float
    event_arm2: float
    totaln_arm2: float


@dataclass(frozen=True)
class RiskOfBias:
    """The risk of bias of an effect: a judgement for each domain of the tool, the last for `overall`.

    `rungs` says of each level among them what it amounts to on the ladder that all tools share. `shorts` has the short
    name of every domain of the tool, judged or not, in its order; nothing where nobody assessed a domain or the whole.
    """

    tool: str
    version: str
    judgements: dict[str, str]
    rungs: dict[str, RobRung] = field(default_factory=dict)
    shorts: dict[str, str] = field(default_factory=dict)

    @property
    def assessed(self) -> bool:
        """Whether somebody judged a domain or the whole."""
        return any(rung != RobRung.NOT_ASSESSED for rung in self.rungs.values())


@dataclass(frozen=True)
class OwnEffect:
    """An effect with its variance and interval."""

    yi: float
    vi: float
    ci_lb: float
    ci_ub: float


@dataclass(frozen=True)
class Study:
    """One sample of one study in a stratum, as it is drawn and weighed.

    `yi` and all that goes with it are None for counts with an empty cell, which are printed but have no ratio.
    `descriptors` holds the columns of studies.csv that the settings show in figures.
    """

    study: str
    sample: str
    label: str
    n_arm1: float | None
    n_arm2: float | None
    yi: float | None
    vi: float | None
    ci_lb: float | None
    ci_ub: float | None
    measure: str
    derivation: str
    tier: Tier
    assumptions: tuple[Note, ...]
    fate: Fate
    reason: Note | None
    weight: float | None
    results: tuple[str, ...]
    year: float | None = None
    events: Events | None = None
    descriptors: dict[str, str] = field(default_factory=dict)
    risk_of_bias: RiskOfBias | None = None
    context: Context = field(default_factory=Context)

    @property
    def too_narrow(self) -> tuple[Note, ...]:
        """What makes the interval too narrow, as far as is known."""
        return tuple(note for note in self.assumptions if narrows(note))

    @property
    def marks(self) -> tuple[Note, ...]:
        """What marks its number: an interval that is too narrow, and open queries about its figures."""
        return tuple(note for note in self.assumptions if narrows(note) or note.code == NoteCode.OPEN_QUERY)

    @property
    def own(self) -> OwnEffect | None:
        """The effect that the sample has of its own."""
        if self.yi is None or self.vi is None or self.ci_lb is None or self.ci_ub is None:
            return None
        return OwnEffect(self.yi, self.vi, self.ci_lb, self.ci_ub)

    @property
    def effect(self) -> OwnEffect:
        """The effect, for what is only asked of a sample that has one; ValueError where its counts have none."""
        own = self.own
        if own is None:
            raise ValueError(f"{self.label}: counts with an empty cell have no ratio of their own")
        return own


def narrows(note: Note) -> bool:
    """Return whether a note says that an interval is likely too narrow."""
    repeated = note.code == NoteCode.REPEATED_IGNORED and not note.figures.get("wide")
    return note.code in TOO_NARROW or repeated


@dataclass(frozen=True)
class MissingResults:
    """How many of the studies that measured a thing give a usable magnitude in what was read of them.

    `read` says how much was read of the studies that give none, by `Read`.
    """

    with_magnitude: int
    studies: int
    read: dict[Read, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ArmNames:
    """How the two arms are called in words, without an article."""

    programme: str = "programme"
    comparator: str = "comparator"


@dataclass(frozen=True)
class Stratum:
    """The studies of one design on one scale, and what pooling them gives.

    `scale` is `smd`, `md` (then `unit` names the unit) or that of a log ratio (`unit` is the time of a trend). A
    positive `yi` is better where `favours_sign` is 1, a negative one where it is -1 (only standardised effects are
    turned). `digits` is how many decimals its numbers are printed with, None where their precision decides.
    `fit` is None where nothing was pooled, and `not_estimable` then says why. `panel` is the
    sensitivity of the fit, `bayes` one fit for each prior of the settings, `sparse` the pool of events without
    corrections, zero cells included. `important` is None where the domain names none or on another scale.
    `missing_evidence` is None where the review has no judgement of missing evidence at all. `small_studies` is None
    where nothing is pooled, and where counts are pooled without a ratio of every study.
    """

    name: str
    label: str
    contrasts: tuple[Contrast, ...]
    scale: Scale
    unit: str
    favours_sign: int
    studies: tuple[Study, ...]
    fit: Fit | None
    not_estimable: tuple[Note, ...]
    missing_results: MissingResults
    cautions: tuple[Note, ...] = ()
    panel: Panel | None = None
    bayes: tuple[BayesFit, ...] = ()
    moderators: tuple[Moderation, ...] = ()
    sparse: SparseFit | None = None
    sparse_note: Note | None = None
    in_units: InUnits | None = None
    important: ImportantDifference | None = None
    digits: int | None = None
    arms: ArmNames = ArmNames()
    missing_evidence: MissingEvidence | None = None
    small_studies: SmallStudies | None = None

    @property
    def shown(self) -> tuple[Study, ...]:
        """The samples behind the number: those with a weight, or all that are shown where nothing is pooled."""
        return tuple(study for study in self.studies if study.weight is not None) if self.fit else self.studies

    @property
    def too_narrow(self) -> tuple[Note, ...]:
        """What makes the interval of a sample behind the number too narrow, each once."""
        return unique(note for study in self.shown for note in study.too_narrow)

    @property
    def marks(self) -> tuple[Note, ...]:
        """What marks the number, of any sample behind it, each once."""
        return unique(note for study in self.shown for note in study.marks)

    @property
    def pooled(self) -> Fit:
        """The fit, for what is only asked of a stratum that pooled something; ValueError where it pooled nothing."""
        if self.fit is None:
            raise ValueError(f"{self.label}: nothing is pooled here")
        return self.fit


@dataclass(frozen=True)
class Outside:
    """A contrast on one scale that only other choices fill, such as a wider scope, and what they pool."""

    name: str
    label: str
    contrasts: tuple[Contrast, ...]
    scale: Scale
    favours_sign: int
    panel: Panel
    arms: ArmNames = ArmNames()
