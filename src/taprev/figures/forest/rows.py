"""What a forest plot consists of, from top to bottom: one frozen class for each kind of row.

A row holds the text to be printed and the values to be placed, on the scale of the analysis (logarithms for
ratios). `panel` is the index of the axis to which a row belongs.
"""

from __future__ import annotations

from dataclasses import dataclass

from taprev.drawing.pooled_marks import DiamondStyle
from taprev.synthesis.results import OwnEffect
from taprev.vocabulary import Tier, Vote

ONE_SIDED_ARROWS, EITHER_ARROW = ("arrow", "arrow_left"), "arrow_either"
"""The marks of a direction in the key: better at the right, better at the left, and either on one figure."""


@dataclass(frozen=True)
class Header:
    """The title of the domain and the line of counts beneath it."""

    title: str
    subtitle: str


@dataclass(frozen=True)
class ColumnHeads:
    """The heads of the columns of a panel; `estimate` names the measure and the level of its interval.

    `events` are the names of the arms where they have columns of events; `panel` is None where the rows have no axis.
    """

    panel: int | None
    estimate: str
    events: tuple[str, ...] = ()


@dataclass(frozen=True)
class SectionHead:
    """The name of a stratum at left and a note at right, over a hairline."""

    label: str
    note: str
    quiet: bool = False


@dataclass(frozen=True)
class GroupHead:
    """The name of a subgroup."""

    panel: int
    label: str


@dataclass(frozen=True)
class Sides:
    """What lies left and right of the null line, where sections of one axis differ in it."""

    panel: int
    left: str
    right: str


@dataclass(frozen=True)
class StudyRow:
    """One sample: its interval as drawn and as printed; `share` is its weight over the largest (0 to 1).

    `effect` is None for counts with an empty cell, which put nothing on the axis.
    `narrow` is whether the interval is likely too narrow.
    `events` is empty, or the events and totals of both arms; `descriptors` and `bias` have a cell for each column.
    """

    panel: int
    label: str
    n_arm1: str
    n_arm2: str
    tier: Tier
    effect: OwnEffect | None
    estimate: tuple[str, ...]
    pooled: bool
    weight: str
    share: float
    reason: str
    events: tuple[str, ...] = ()
    descriptors: tuple[str, ...] = ()
    bias: tuple[str, ...] = ()
    shaded: bool = False
    narrow: bool = False


@dataclass(frozen=True)
class DiamondRow:
    """A pooled estimate; `style` is whether it is hollow and dashed, `thin` that of a sensitivity analysis.

    `narrow` is whether its interval is likely too narrow.

    `group` is one subgroup of a stratum; `line` is whether a line leads from the estimate up through its studies.
    """

    panel: int
    label: str
    value: float
    ci_lb: float
    ci_ub: float
    prediction: tuple[float, float] | None
    estimate: tuple[str, ...]
    weight: str
    style: DiamondStyle
    thin: bool
    group: bool = False
    line: bool = False
    narrow: bool = False


@dataclass(frozen=True)
class QuietLine:
    """A line beneath a diamond or in its place: `heterogeneity`, `caution`, `note` or `not_estimable`.

    `panel` is None in a stratum that puts nothing on an axis.
    """

    panel: int | None
    kind: str
    text: str


@dataclass(frozen=True)
class AxisRow:
    """The axis below a panel, its name, and the two sides where the whole panel shares them.

    `important` is the smallest difference that matters, None where none is named.
    """

    panel: int
    label: str
    left: str
    right: str
    important: float | None = None


@dataclass(frozen=True)
class DirectionRow:
    """A study that gives a direction without a usable magnitude; `first` opens a group of one contrast.

    `better_right` is whether better lies to the right on the axis of its design.
    """

    label: str
    n_arm1: str
    n_arm2: str
    direction: Vote
    text: str
    first: bool
    better_right: bool = True
    descriptors: tuple[str, ...] = ()
    bias: tuple[str, ...] = ()


@dataclass(frozen=True)
class VotesRow:
    """The votes of one contrast, with the share of better ones and the p value where it is given."""

    label: str
    counts: str
    share: str
    pval: str


@dataclass(frozen=True)
class Sentence:
    """The one sentence of a domain without rows."""

    text: str


@dataclass(frozen=True)
class Key:
    """The marks that occur in the figure, by name, in the order in which they are explained.

    `important` says what lies within the band about no difference, `arms` whose n is printed, `lights` are the
    judgements of risk of bias, and `domains` says what the columns of their domains stand for.
    """

    marks: tuple[str, ...]
    important: str = ""
    arms: str = ""
    lights: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


@dataclass(frozen=True)
class Footer:
    """A line of the footer."""

    text: str


Row = (
    Header
    | ColumnHeads
    | SectionHead
    | GroupHead
    | Sides
    | StudyRow
    | DiamondRow
    | QuietLine
    | AxisRow
    | DirectionRow
    | VotesRow
    | Sentence
    | Key
    | Footer
)
