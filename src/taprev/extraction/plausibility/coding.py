"""How a row is coded, its direction, design, pairing and time, against what its figures and words say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from taprev.extraction.plausibility.design import MODELLED
from taprev.extraction.plausibility.printed import p_values, sample_sizes
from taprev.extraction.plausibility.query import Finding
from taprev.extraction.plausibility.sides import comparisons
from taprev.extraction.tables import Row, figure
from taprev.vocabulary import Contrast, Direction

SIGNIFICANT = 0.05
MONTHS = {"hour": 1 / 730, "day": 1 / 30.4, "week": 1 / 4.345, "month": 1.0, "year": 12.0}
TIME = re.compile(r"(\d+(?:\.\d+)?)(?:\s*(?:-|–|to)\s*(\d+(?:\.\d+)?))?[\s-]*(hour|day|week|month|year)s?\b")
SEVERAL = re.compile(r"\d\s*(?:and|,|&)\s*\d")
MONTHS_APART = 0.3
CLUSTERS = r"(?:wards?|sites?|clinics?|schools?|hospitals?|units?|offices?|practices?|classrooms?|clusters?|teams?)"
ALLOCATED = re.compile(
    rf"cluster[- ]randomi[sz]ed|cluster trial|(?<!not ){CLUSTERS} (?:were )?(?:randomi[sz]|allocat)"
    rf"|randomi[sz](?:ed|ation|ing)(?: of| by| at the)? (?:the )?{CLUSTERS}\b",
    re.IGNORECASE,
)


def tie_called_change(row: Row) -> Iterator[Finding]:
    """The figures before and after, or of the two arms, are equal, and the row says that something changed."""
    means = row["mean_arm1"], row["mean_arm2"]
    printed = [(one.left.of("mean"), one.right.of("mean")) for one in comparisons(row["as_reported"])[:1]]
    tied = (all(means) and float(means[0]) == float(means[1])) or any(left and left == right for left, right in printed)
    bounds = [float(value) for sign, value in p_values(row["as_reported"]) if sign in "<≤="]
    claimed = row["direction"] in (Direction.BETTER, Direction.WORSE) or any(value < SIGNIFICANT for value in bounds)
    if tied and claimed:
        found = f'found equal figures with direction "{row["direction"]}".'
        yield "direction", found, "Which of them is printed? A tie is no difference."


def smd_against_direction(row: Row) -> Iterator[Finding]:
    """A negative standardised effect contradicts direction and better; an unsigned one says nothing."""
    value = figure(row, "smd")
    if value is None or value >= 0 or row["direction"] not in (Direction.BETTER, Direction.WORSE) or row["arm"]:
        return
    expected = "worse" if row["better"] == "higher" else "better"
    if row["direction"] != expected:
        found = f'found {row["smd"]} where {row["better"]} is better and the direction is "{row["direction"]}".'
        yield (
            "smd",
            found,
            "Correct the sign, better or the direction, or say which way the authors subtract.",
        )


def interval_against_direction(row: Row) -> Iterator[Finding]:
    """An interval without its estimate lies on the other side of no effect than the direction says."""
    lb, ub = figure(row, "ci_lb"), figure(row, "ci_ub")
    signed = row["md"] or row["ratio"] or row.get("pearson_r") or (row["mean_arm1"] and row["mean_arm2"])
    if (
        signed
        or lb is None
        or ub is None
        or lb * ub <= 0
        or row["direction"] not in (Direction.BETTER, Direction.WORSE)
    ):
        return
    expected = "better" if (lb > 0) == (row["better"] == "higher") else "worse"
    if row["direction"] != expected and not row["smd"]:
        found = f'found an interval from {row["ci_lb"]} to {row["ci_ub"]} with direction "{row["direction"]}".'
        yield "direction", found, "Correct the sign of the limits, better or the direction."


def cluster_called_individual(row: Row) -> Iterator[Finding]:
    """Clusters are counted or named as what was allocated, and the row does not say that clusters were."""
    if row["unit_of_allocation"] == "cluster" or row["contrast"] not in (Contrast.RANDOMISED, Contrast.CONTROLLED):
        return
    counted = next((n for n in ("n_clusters_arm1", "n_clusters_arm2", "icc", "cluster_size") if row[n]), None)
    named = next((m.group() for n in ("measure", "as_reported", "note") if (m := ALLOCATED.search(row[n]))), None)
    if counted or named:
        what = f"{counted} = {row[counted]}" if counted else f'the words "{named}"'
        found = f'found "{row["unit_of_allocation"] or "nothing"}" beside {what}.'
        yield "unit_of_allocation", found, "What was allocated, people or clusters?"


def pairing_against_n(row: Row) -> Iterator[Finding]:
    """The pairing of a before-after contrast does not fit its n: one for pairs, two for different people."""
    if row["contrast"] != "before_after":
        return
    printed = set(sample_sizes(row["as_reported"]))
    if row["pairing"] == "unmatched" and row["n_arm1"] and not row["n_arm2"]:
        yield "pairing", "found unmatched samples with one n.", "Fill the n before, or correct the pairing."
    elif row["pairing"] == "matched" and len(printed) > 1:
        found = f"found matched pairs where {', '.join(sorted(printed))} people are printed."
        yield "pairing", found, "How many pairs were analysed?"
    elif row["pairing"] == "unmatched" and row["sd_basis"] in MODELLED:
        found = f"found unmatched samples with figures of {row['sd_basis']} scores."
        yield "pairing", found, "Only the same people have change scores: correct one of the two."


def months_against_timepoint(row: Row) -> Iterator[Finding]:
    """The months of a row are not the time that its time point names."""
    times = TIME.findall(row["timepoint"])
    if not row["months"] or len(times) != 1 or SEVERAL.search(row["timepoint"]):
        return
    low, high, unit = times[0]
    scale, months = MONTHS[unit], float(row["months"])
    ends = sorted((float(low) * scale, float(high or low) * scale))
    slack = max(MONTHS_APART, 0.1 * ends[1])
    if not ends[0] - slack <= months <= ends[1] + slack:
        found = f'found {row["months"]} months for "{row["timepoint"]}".'
        yield "months", found, "Count the months from the end of the programme, or leave the cell empty."
