"""What a synthesis holds: frozen dataclasses, and the one reader of their JSON."""

from taprev.synthesis.results.context import Context
from taprev.synthesis.results.domain import (
    CombinedP,
    RowFate,
    SignTest,
    StudyVote,
    Synthesis,
    evidence_first,
    votes_together,
)
from taprev.synthesis.results.fits import BayesFit, Certificate, Fit, Interval, Nesting, Posterior, SparseFit
from taprev.synthesis.results.missing_evidence import MissingEvidence
from taprev.synthesis.results.moderation import ExplainedEffect, Moderation, Regression, Subgroup, Subgroups, Term
from taprev.synthesis.results.panel import Alternative, Factor, Influence, Multiverse, Panel, Specification
from taprev.synthesis.results.reader import from_json, read_synthesis, seal, to_json
from taprev.synthesis.results.stratum import (
    ArmNames,
    Events,
    ImportantDifference,
    InUnits,
    MissingResults,
    Outside,
    OwnEffect,
    RiskOfBias,
    Stratum,
    Study,
)

__all__ = [
    "Alternative",
    "ArmNames",
    "BayesFit",
    "Certificate",
    "CombinedP",
    "Context",
    "Events",
    "ExplainedEffect",
    "Factor",
    "Fit",
    "ImportantDifference",
    "InUnits",
    "Influence",
    "Interval",
    "MissingEvidence",
    "MissingResults",
    "Moderation",
    "Multiverse",
    "Nesting",
    "Outside",
    "OwnEffect",
    "Panel",
    "Posterior",
    "Regression",
    "RiskOfBias",
    "RowFate",
    "SignTest",
    "SparseFit",
    "Specification",
    "Stratum",
    "Study",
    "StudyVote",
    "Subgroup",
    "Subgroups",
    "Synthesis",
    "Term",
    "evidence_first",
    "from_json",
    "read_synthesis",
    "seal",
    "to_json",
    "votes_together",
]
