"""What a synthesis holds: frozen dataclasses, and the one reader of their JSON."""

from taprev.synthesis.results.domain import CombinedP, Row, SignTest, Synthesis, Vote
from taprev.synthesis.results.fits import BayesFit, Certificate, Fit, Interval, Nesting, Posterior, SparseFit
from taprev.synthesis.results.moderation import Moderation, Regression, Subgroup, Subgroups, Term
from taprev.synthesis.results.panel import Alternative, Factor, Influence, Multiverse, Panel, Specification
from taprev.synthesis.results.reader import from_json, read_synthesis, seal, to_json
from taprev.synthesis.results.stratum import (
    Events,
    Important,
    InUnits,
    Judged,
    MissingResults,
    Outside,
    Stratum,
    Study,
)

__all__ = [
    "Alternative",
    "BayesFit",
    "Certificate",
    "CombinedP",
    "Events",
    "Factor",
    "Fit",
    "Important",
    "InUnits",
    "Influence",
    "Interval",
    "Judged",
    "MissingResults",
    "Moderation",
    "Multiverse",
    "Nesting",
    "Outside",
    "Panel",
    "Posterior",
    "Regression",
    "Row",
    "SignTest",
    "SparseFit",
    "Specification",
    "Stratum",
    "Study",
    "Subgroup",
    "Subgroups",
    "Synthesis",
    "Term",
    "Vote",
    "from_json",
    "read_synthesis",
    "seal",
    "to_json",
]
