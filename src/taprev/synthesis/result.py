"""What a synthesis holds: the fits, the strata and the domain, and their JSON.

These classes only hold. They are written by `taprev synthesis`, and everything that draws or tabulates
reads them back from `results/synthesis/{domain}.json`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taprev.synthesis.panel import Panel

if TYPE_CHECKING:
    from taprev.synthesis.bayes import BayesFit
    from taprev.synthesis.explained import Moderation
    from taprev.synthesis.pvalues import CombinedP
    from taprev.synthesis.sparse import SparseFit

FATES = ("pooled", "shown", "direction_only", "excluded")


@dataclass(frozen=True)
class Interval:
    """A confidence interval for the pooled effect and the rule that made it."""

    ci_method: str
    se: float
    ci_lb: float
    ci_ub: float
    df: float | None
    pval: float


@dataclass(frozen=True)
class Certificate:
    """Proof that tau2 solves the estimating equation it claims to solve.

    `residual` is the score (REML, ML) or the estimating equation (PM, DL) at the solution, scaled to have
    no unit; at the boundary (`tau2 = 0`) it must not be positive, inside it must be zero to `tolerance`.
    """

    equation: str
    residual: float
    boundary: bool
    tolerance: float
    holds: bool


@dataclass(frozen=True)
class Nesting:
    """How effects of one study were pooled together: the model, its rho and its two variance components."""

    model: str
    rho: float
    studies: int
    sigma2_study: float
    sigma2_effect: float


@dataclass(frozen=True)
class Fit:
    """A random-effects fit under metafor's names; `I2` in percent; `weights` sum to one hundred percent.

    The bounds of tau2, I2 and H2 are None for one study, the prediction interval below three, `df` for Wald.
    Where effects are nested in studies, tau2 is the sum of the components in `nesting` and has no bounds.
    """

    k: int
    estimate: float
    se: float
    ci_lb: float
    ci_ub: float
    ci_method: str
    df: float | None
    pval: float
    tau2: float
    tau2_lb: float | None
    tau2_ub: float | None
    I2: float
    I2_lb: float | None
    I2_ub: float | None
    H2: float
    H2_lb: float | None
    H2_ub: float | None
    Q: float
    Q_df: int
    Q_pval: float
    pi_lb: float | None
    pi_ub: float | None
    pi_df: float | None
    weights: tuple[float, ...]
    tau2_method: str
    level: float
    intervals: tuple[Interval, ...]
    certificate: Certificate
    notes: tuple[str, ...] = ()
    nesting: Nesting | None = None


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
class Important:
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
class Judged:
    """The risk of bias of an effect: a judgement for each domain of the tool, the last for `overall`."""

    tool: str
    version: str
    judgements: dict[str, str]


@dataclass(frozen=True)
class Study:
    """One sample of one study in a stratum, as it is drawn and weighed.

    `descriptors` holds the columns of studies.csv that the settings show in figures.
    """

    study: str
    sample: str
    label: str
    n_arm1: float | None
    n_arm2: float | None
    yi: float
    vi: float
    ci_lb: float
    ci_ub: float
    measure: str
    derivation: str
    tier: str
    assumptions: tuple[str, ...]
    fate: str
    reason: str
    weight: float | None
    results: tuple[str, ...]
    year: float | None = None
    events: Events | None = None
    descriptors: dict[str, str] = field(default_factory=dict)
    risk_of_bias: Judged | None = None


@dataclass(frozen=True)
class MissingResults:
    """How many of the studies that measured a thing printed a usable magnitude for it."""

    with_magnitude: int
    studies: int


@dataclass(frozen=True)
class Stratum:
    """The studies of one design on one scale, and what pooling them gives.

    `scale` is `smd`, `md` (then `unit` names the unit), `log_ratio` or `log_rate_ratio`. A positive `yi` is
    better where `favours_sign` is 1, a negative one where it is -1 (ratios keep their printed orientation).
    `fit` is None where nothing was pooled, and `not_estimable` then says why in a sentence. `panel` is the
    sensitivity of the fit, `bayes` one fit for each prior of the settings, `sparse` the pool of events without
    corrections, zero cells included. `important` is None where the domain names none or on another scale.
    """

    name: str
    label: str
    contrasts: tuple[str, ...]
    scale: str
    unit: str
    favours_sign: int
    studies: tuple[Study, ...]
    fit: Fit | None
    not_estimable: str | None
    missing_results: MissingResults
    cautions: tuple[str, ...] = ()
    panel: Panel | None = None
    bayes: tuple[BayesFit, ...] = ()
    moderators: tuple[Moderation, ...] = ()
    sparse: SparseFit | None = None
    sparse_note: str = ""
    in_units: InUnits | None = None
    important: Important | None = None


@dataclass(frozen=True)
class Outside:
    """A contrast on one scale that only other choices fill, such as a wider scope, and what they pool."""

    name: str
    label: str
    contrasts: tuple[str, ...]
    scale: str
    favours_sign: int
    panel: Panel


@dataclass(frozen=True)
class Vote:
    """The direction one study reports within one contrast: better, worse, or unclear."""

    study: str
    label: str
    contrast: str
    direction: str
    n_arm1: float | None
    n_arm2: float | None
    with_magnitude: bool
    results: tuple[str, ...]
    year: float | None = None
    descriptors: dict[str, str] = field(default_factory=dict)
    risk_of_bias: Judged | None = None


@dataclass(frozen=True)
class SignTest:
    """Votes counted within one contrast; `pval` is None, with a reason, where it would mislead."""

    contrast: str
    better: int
    worse: int
    unclear: int
    proportion: float | None
    ci_lb: float | None
    ci_ub: float | None
    pval: float | None
    pval_withheld: str | None


@dataclass(frozen=True)
class Row:
    """One extracted result and its fate."""

    result: str
    study: str
    sample: str
    contrast: str
    measure_text: str
    direction: str
    fate: str
    reason: str
    tier: str


@dataclass(frozen=True)
class Synthesis:
    """Everything the review says about one domain."""

    domain: str
    label: str
    population: str
    evidence_set: str
    strata: tuple[Stratum, ...]
    sensitivity: tuple[Stratum, ...]
    outside: tuple[Outside, ...]
    votes: tuple[Vote, ...]
    sign_tests: tuple[SignTest, ...]
    combined_p: tuple[CombinedP, ...]
    rows: tuple[Row, ...]
    fates: dict[str, int]
    studies: int
    samples: int
    missing_results: MissingResults
    notes: tuple[str, ...] = ()
    made_by: dict[str, Any] = field(default_factory=dict)


def seal(content: dict[str, Any]) -> str:
    """Return the first eight hex digits of the SHA-256 of a domain's numbers.

    `made_by` and `seal` stay outside, so that the seal changes when the numbers do and only then.
    """
    numbers = {key: value for key, value in content.items() if key not in ("made_by", "seal")}
    return hashlib.sha256(_canonical(numbers).encode()).hexdigest()[:8]


def to_json(synthesis: Synthesis) -> str:
    """Return the domain as JSON at full precision, sealed."""
    content = asdict(synthesis)
    content["seal"] = seal(json.loads(_canonical(content)))
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _canonical(content: dict[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def from_json(text: str) -> dict[str, Any]:
    """Return the domain as plain dicts and lists, refusing a file whose seal does not match its numbers."""
    content = json.loads(text)
    if content.get("seal") != seal(content):
        raise ValueError("the seal does not match the numbers: the file was changed after it was written")
    return content


def read_synthesis(path: Path) -> dict[str, Any]:
    """Return the domain in a JSON file, or raise ValueError with a sentence that names the file."""
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: {error}. Run the synthesis again.") from None
