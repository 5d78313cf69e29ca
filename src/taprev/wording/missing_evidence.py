"""What people judged of the evidence that a synthesis lacks, in words."""

from __future__ import annotations

from taprev.synthesis.results import MissingEvidence
from taprev.wording import labels, sentences

SHORT = "missing evidence (ROB-ME)"
NAME = f"risk of bias due to {SHORT}"
NOT_ASSESSED = "not assessed"
AGAIN = "to be judged again, the evidence has changed"


def risk(judged: MissingEvidence | None) -> str:
    """Return what people judged, `some concerns`, or that nobody judged what there is now."""
    if judged is None:
        return NOT_ASSESSED
    if judged.risk is not None:
        return judged.risk.said
    return AGAIN if judged.outdated else NOT_ASSESSED


def in_short(judged: MissingEvidence | None, name: str = SHORT) -> str:
    """Return what was judged with its name; nothing where the review has no judgement of missing evidence."""
    return f"{name}: {risk(judged)}" if judged else ""


def in_full(judged: MissingEvidence | None) -> str:
    """Return what was judged with its whole name, as `in_short` does."""
    return in_short(judged, NAME)


def why(judged: MissingEvidence | None) -> str:
    """Return the reason of a judgement with its answers, who judged, and when; nothing where none counts."""
    if judged is None or judged.risk is None:
        return ""
    answers = "; ".join(f"{question} {answer.said}" for question, answer in judged.answers.items())
    who = f"({labels.clean(judged.judged_by)}, {judged.judged_on})"
    said = [sentences.sentence(labels.clean(judged.reason)), f"Answers: {answers}." if answers else "", who]
    return " ".join(part for part in said if part)
