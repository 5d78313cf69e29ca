"""What people judged of the evidence that a synthesis lacks."""

from __future__ import annotations

from dataclasses import dataclass, field

from taprev.vocabulary import MissingEvidenceRisk, SignallingAnswer


@dataclass(frozen=True)
class MissingEvidence:
    """The risk of bias due to missing evidence in a synthesis (ROB-ME), by whom and on what it was judged.

    `risk` is None where nobody judged it, or where people judged other evidence than there is now: `judged_evidence`
    is what they judged, `evidence` what there is. `answers` holds what they answered to signalling questions.
    """

    evidence: str
    risk: MissingEvidenceRisk | None = None
    judged_evidence: str = ""
    reason: str = ""
    answers: dict[str, SignallingAnswer] = field(default_factory=dict)
    judged_by: str = ""
    judged_on: str = ""

    @property
    def outdated(self) -> bool:
        """Whether people judged other evidence than there is now."""
        return self.risk is None and bool(self.judged_evidence)
