"""The data package of RevMan Web (version 1): each stratum an analysis, each sample a row, studies and references.

Columns: Cochrane, RevMan Knowledge Base, "Previous version: version 1 data package".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import rispy

from taprev.exchange.exporting.data_package import zipped
from taprev.exchange.exporting.exported import TURNED, Exported, ReviewToExport, as_whole
from taprev.exchange.exporting.references import PlainRisWriter, reference_of
from taprev.exchange.revman.methods import event_effects
from taprev.exchange.revman.package import DATA, REFERENCES, SETTINGS, STUDIES
from taprev.exchange.revman.package_outcomes import ARMS, GROUP, NUMBER
from taprev.extraction.tables import Row
from taprev.ground.files import csv_text
from taprev.synthesis.results import Fit, Stratum, Study, Synthesis
from taprev.vocabulary import RATIOS, CiMethod, PoolModel, RevManMeasure, Scale, Tau2Method

NAME = "review"
Cells = dict[str, str | float | None]
MEASURES = {
    Scale.SMD: "Standardized Mean Difference",
    Scale.MD: "Mean Difference",
    Scale.LOG_ODDS_RATIO: "Odds Ratio",
    Scale.LOG_RISK_RATIO: "Risk Ratio",
    Scale.LOG_HAZARD_RATIO: "Hazard Ratio",
    Scale.LOG_RATE_RATIO: "Rate Ratio",
}
"""How RevMan names what an effect is measured in; it has no name for others."""
COUNTED = {Scale.LOG_ODDS_RATIO: RevManMeasure.OR, Scale.LOG_RISK_RATIO: RevManMeasure.RR}
OF_STUDIES = ("Study", "Year", "Data source", "Char: Methods", "Char: Participants", "Char: Interventions")
POSITIVE = "A positive difference is better."
POOLED_BY_REVMAN = (
    "Each analysis is set to inverse variance with random effects; RevMan computes its own pooled number."
)


def to_revman(review: ReviewToExport) -> Exported:
    """Return revman-data.zip: settings and rows of each analysis, the studies, and the reports as references."""
    analyses = list(_analyses(review.contents))
    if not analyses:
        return Exported({})
    studies = review.rows("studies")
    rows = [row for one in analyses for row in _rows(one)]
    settings = [_settings(one) for one in analyses]
    files = {
        f"{NAME}-analysis-data/{NAME}-{SETTINGS}": _table(settings),
        f"{NAME}-analysis-data/{NAME}-{DATA}": _table(rows),
        f"{NAME}-study-data/{NAME}-{STUDIES}": _table([_study(row) for row in studies]),
        f"{NAME}-study-data/{NAME}-{REFERENCES}": _references(review, {row["study"]: row["label"] for row in studies}),
    }
    return Exported({f"{NAME}-data.zip": zipped(files)}, tuple(_remarks(review, analyses)))


@dataclass(frozen=True)
class _Analysis:
    """A stratum with the number of its domain among those with analyses, and its own within the domain."""

    group: int
    number: int
    content: Synthesis
    stratum: Stratum

    @cached_property
    def rows(self) -> tuple[Study, ...]:
        """The samples that RevMan has a place for: those with an effect of their own, or with the counts of it."""
        return tuple(study for study in self.stratum.studies if study.own or self.by_counts)

    @cached_property
    def by_counts(self) -> bool:
        """Whether every sample has the counts that its ratio is made of, unadjusted."""
        measure = COUNTED.get(self.stratum.scale)
        return measure is not None and all(_crude(study, measure) for study in self.stratum.studies)

    @property
    def key(self) -> dict[str, str]:
        """The cells by which the package knows the analysis."""
        name = f"{self.content.label}: {self.stratum.label}"
        return {GROUP: str(self.group), NUMBER: str(self.number), "Analysis name": name}


def _crude(study: Study, measure: RevManMeasure) -> bool:
    """Return whether the counts of a sample give its effect and variance, or an empty cell leaves it none."""
    if study.events is None or study.own is None:
        return study.events is not None
    one = study.events
    cells = (one.event_arm1, one.totaln_arm1 - one.event_arm1, one.event_arm2, one.totaln_arm2 - one.event_arm2)
    yi, se = event_effects(np.array([cells]), measure)
    return bool(np.allclose([yi[0], se[0] ** 2], [study.own.yi, study.own.vi], rtol=1e-9, atol=1e-12))


def _analyses(contents: Sequence[Synthesis]) -> Iterator[_Analysis]:
    group = 0
    for content in contents:
        own = [stratum for stratum in content.strata if stratum.studies]
        group += bool(own)
        yield from (_Analysis(group, number, content, stratum) for number, stratum in enumerate(own, start=1))


def _table(rows: list[Cells]) -> bytes:
    return csv_text(tuple(rows[0]), [tuple(row.values()) for row in rows]).encode("utf-8-sig")


def _settings(analysis: _Analysis) -> Cells:
    stratum, ((_, arm1), (_, arm2)) = analysis.stratum, ARMS
    return {
        **analysis.key,
        "Analysis group name": analysis.content.label,
        "Data type": "Dichotomous" if analysis.by_counts else "Contrast level",
        "Log-scale data": _flag(stratum.scale in RATIOS),
        arm1: stratum.arms.programme,
        arm2: stratum.arms.comparator,
        "Statistical method": "IV",
        "Effect measure": MEASURES.get(stratum.scale, "Other"),
        "Unit of effect measure": stratum.unit,
        "Analysis model": "Random effects",
        "Subgroup estimates": _flag(False),
        "Overall estimates": _flag(stratum.fit is not None),
        "Test for subgroup differences": _flag(False),
        "Swap event and non-event": _flag(False),
        "Study CI": "95%",
        "Estimate CI": f"{100 * stratum.fit.level:g}%" if stratum.fit else "95%",
        **_stored(stratum),
    }


def _flag(value: bool) -> str:
    return str(value).lower()


def _as_revman(fit: Fit) -> bool:
    """Return whether a pooled number is one that RevMan's inverse variance with random effects would give."""
    plain = fit.model == PoolModel.INVERSE_VARIANCE and fit.nesting is None
    return plain and fit.tau2_method == Tau2Method.DL and fit.ci_method == CiMethod.WALD


def _stored(stratum: Stratum) -> Cells:
    """Return the pooled number where it is that of the method of the analysis, and empty cells where it is not."""
    names = ("Mean", "CI start", "CI end", "Heterogeneity Tau²", "Heterogeneity Chi²", "Heterogeneity df")
    fit = stratum.fit
    if fit is None or not _as_revman(fit):
        return dict.fromkeys((*names, "Heterogeneity P", "Effect P"), None)
    shown = (_natural(stratum, value) for value in (fit.estimate, fit.ci_lb, fit.ci_ub))
    values = (*shown, fit.tau2, fit.Q, fit.Q_df)
    return {**dict(zip(names, values, strict=True)), "Heterogeneity P": fit.Q_pval, "Effect P": fit.pval}


def _natural(stratum: Stratum, value: float) -> float:
    return math.exp(value) if stratum.scale in RATIOS else value


def _rows(analysis: _Analysis) -> Iterator[Cells]:
    stratum, counts = analysis.stratum, analysis.by_counts
    for study in analysis.rows:
        own, events = (None, study.events) if counts else (study.own, None)
        yield {
            **analysis.key,
            "Subgroup": "",
            "Applicability": "SUBGROUP_AND_OVERALL" if study in stratum.shown else "NOT_APPLICABLE",
            "Study": study.label,
            "Study year": as_whole(study.year),
            "GIV Mean": own.yi if own else None,
            "GIV SE": math.sqrt(own.vi) if own else None,
            "Experimental cases": as_whole(events.event_arm1) if events else None,
            "Experimental N": as_whole(events.totaln_arm1 if events else study.n_arm1),
            "Control cases": as_whole(events.event_arm2) if events else None,
            "Control N": as_whole(events.totaln_arm2 if events else study.n_arm2),
            "Footnotes": POSITIVE if stratum.scale == Scale.SMD else "",
        }


def _study(row: Row) -> Cells:
    """Return what is known of a study under the heads of RevMan."""
    participants = "; ".join(text for name in ("population", "setting", "country") if (text := row.get(name, "")))
    values = (row["label"], row.get("year", ""), "", row.get("design", ""), participants, row.get("programme", ""))
    return dict(zip(OF_STUDIES, values, strict=True))


def _references(review: ReviewToExport, labels: dict[str, str]) -> bytes:
    """Return every report as a reference of its study, whose name stands in NS."""
    entries = [
        {**reference_of(row, labels), "unknown_tag": {"NS": [labels.get(row["study"], row["study"])]}}
        for row in review.rows("reports")
    ]
    return f"{rispy.dumps(entries, implementation=PlainRisWriter).strip()}\n".encode()


def _remarks(review: ReviewToExport, analyses: Sequence[_Analysis]) -> Iterator[str]:
    yield POOLED_BY_REVMAN
    if any(analysis.stratum.scale == Scale.SMD for analysis in analyses):
        yield f"{TURNED} Set the labels of the forest plot in RevMan so."
    fits = [analysis.stratum.fit for analysis in analyses]
    if others := sum(1 for fit in fits if fit and not _as_revman(fit)):
        yield (
            f"{others} pooled numbers of taprev come from another method and are not in the package. Where it is REML "
            "with Hartung-Knapp intervals, choose both in RevMan."
        )
    if left := sum(len(analysis.stratum.studies) - len(analysis.rows) for analysis in analyses):
        yield f"{left} samples have counts with an empty cell and no effect of their own; they are left out."
    if review.rows("risk_of_bias"):
        yield "Risk of bias was judged result by result and is not in the package: taprev export robvis writes it."
