"""The sentences that go with a random-effects fit, for the person who reads the number."""

from __future__ import annotations

from taprev.synthesis.results import Interval
from taprev.vocabulary import CiMethod

NAMES = {
    CiMethod.WALD: "Wald",
    CiMethod.HKSJ: "Hartung-Knapp-Sidik-Jonkman (HKSJ)",
    CiMethod.HKSJ_MODIFIED: "modified HKSJ",
}
SHORT = {CiMethod.WALD: "Wald", CiMethod.HKSJ: "HKSJ", CiMethod.HKSJ_MODIFIED: "modified HKSJ", CiMethod.CR2: "CR2"}
SINGLE = "There is one study only: nothing was pooled, and these are the figures of that study."
PAIR = "Only two effects were pooled: two cannot show how much effects vary, so read this with caution."
EMPTY_PROFILE = (
    "The effects differ less than chance alone would make them, so that the Q-profile set for tau2 is empty; "
    "its interval is given as 0 to 0."
)
FLAT_PREDICTION = "The estimated tau2 is zero, so the prediction interval shows no variation between studies."


def rule_note(asked: str, used: str, k: int) -> str:
    """Say which rule chose the printed interval."""
    if asked == "auto" and used == "hksj":
        return "The interval is HKSJ, by the rule for three or more studies with tau2 above zero."
    if asked == "auto":
        reason = "there are fewer than three studies" if k < 3 else "tau2 is estimated to be zero or nearly so"
        return f"The interval is Wald, by the rule, because {reason}."
    if asked != used:
        reason = "one study has no spread" if k < 2 else "the effects are all equal and its standard error is zero"
        return f"The interval is Wald and not {NAMES[asked]} as asked for, because {reason}."
    return f"The interval is {NAMES[used]}, as asked for."


def size_notes(k: int) -> list[str]:
    """Say that one study was not pooled, or that two are few."""
    return {1: [SINGLE], 2: [PAIR]}.get(k, [])


def interval_notes(intervals: dict[str, Interval], k: int) -> list[str]:
    """Say where HKSJ or CR2 is narrower than Wald, and where a small set's conclusion hangs on the interval."""
    name = next((name for name in (CiMethod.HKSJ, CiMethod.CR2) if name in intervals), None)
    if name is None:
        return []
    wald, other = intervals["wald"], intervals[name]
    notes = []
    if other.ci_ub - other.ci_lb < wald.ci_ub - wald.ci_lb:
        notes.append(
            f"The {SHORT[name]} interval is narrower than the Wald interval; treat its precision with caution."
        )
    excluding = [SHORT[name] for name, interval in intervals.items() if _excludes_zero(interval)]
    including = [SHORT[name] for name, interval in intervals.items() if not _excludes_zero(interval)]
    if k < 5 and excluding and including:
        what = "studies" if name == "cr2" else "effects"
        notes.append(
            f"The conclusion depends on the interval: no difference is excluded by {' and '.join(excluding)} and "
            f"not by {' and '.join(including)}, and {k} {what} are too few to say which to trust."
        )
    return notes


def prediction_notes(k: int, tau2: float) -> list[str]:
    """Say where the prediction interval is missing or should not be leant on."""
    if k < 3:
        return ["A prediction interval is not estimable from fewer than three studies."]
    notes = [f"The prediction interval rests on {k} studies only and is uncertain."] if k < 5 else []
    return notes + ([FLAT_PREDICTION] if tau2 == 0.0 else [])


def _excludes_zero(interval: Interval) -> bool:
    return interval.ci_lb > 0.0 or interval.ci_ub < 0.0
