"""Effects as metafor reads them, with an R script that loads and pools them and sets taprev's numbers beside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from taprev.exchange.exporting.exported import TURNED, Exported, ReviewToExport, as_whole
from taprev.ground.files import csv_text
from taprev.synthesis.results import Stratum, Study, Synthesis
from taprev.vocabulary import Better, CiMethod, PoolModel, Scale
from taprev.wording import notes

SCRIPT = Path(__file__).parent / "effects.R"
EFFECTS = (
    "outcome",
    "outcome_label",
    "design",
    "design_label",
    "contrast",
    "better",
    "scale",
    "unit",
    "study",
    "sample",
    "label",
    "year",
    "n_arm1",
    "n_arm2",
    "measure",
    "yi",
    "vi",
    "pooled",
    "weight",
    "tier",
    "derivation",
    "why_not_pooled",
)
POOLED = ("outcome", "design", "method", "test", "level", "k", "estimate", "se", "ci_lb", "ci_ub", "tau2", "recomputed")
TESTS = {CiMethod.WALD: "z", CiMethod.HKSJ: "knha", CiMethod.HKSJ_MODIFIED: "adhoc"}


def to_metafor(review: ReviewToExport) -> Exported:
    """Return effects.csv (a row for each sample in each design), pooled.csv and effects.R, which reads both.

    `better` says which sign of yi is better: standardised effects are turned so that it is the positive one.
    """
    effects = [_effect(content, stratum, study) for content, stratum in _strata(review) for study in stratum.studies]
    pooled = [_pooled(content, stratum) for content, stratum in _strata(review) if stratum.fit]
    without = sum(1 for row in effects if row[EFFECTS.index("yi")] is None)
    remarks = [TURNED] if any(stratum.scale == Scale.SMD for _, stratum in _strata(review)) else []
    remarks += [f"{without} samples have counts with an empty cell and no effect of their own."] if without else []
    if others := sum(1 for row in pooled if row[-1] == "FALSE"):
        remarks.append(
            f"{others} pooled numbers come from a model that rma does not fit (events, effects nested in studies); "
            "effects.R leaves them out, results/audit/verify.R computes them."
        )
    return Exported(
        {
            "effects.csv": csv_text(EFFECTS, effects).encode(),
            "pooled.csv": csv_text(POOLED, pooled).encode(),
            "effects.R": SCRIPT.read_bytes(),
        },
        tuple(remarks),
    )


def _strata(review: ReviewToExport) -> Iterator[tuple[Synthesis, Stratum]]:
    for content in review.contents:
        for stratum in content.strata:
            yield content, stratum


def _effect(content: Synthesis, stratum: Stratum, study: Study) -> tuple:
    return (
        content.domain,
        content.label,
        stratum.name,
        stratum.label,
        stratum.contrasts[0] if len(stratum.contrasts) == 1 else None,
        Better.HIGHER if stratum.favours_sign > 0 else Better.LOWER,
        stratum.scale,
        stratum.unit,
        study.study,
        study.sample,
        study.label,
        as_whole(study.year),
        as_whole(study.n_arm1),
        as_whole(study.n_arm2),
        study.measure,
        study.yi,
        study.vi,
        "TRUE" if study.weight is not None else "FALSE",
        study.weight,
        study.tier,
        study.derivation,
        notes.reason(study.reason),
    )


def _pooled(content: Synthesis, stratum: Stratum) -> tuple:
    fit = stratum.pooled
    recomputed = fit.model == PoolModel.INVERSE_VARIANCE and fit.nesting is None and fit.ci_method in TESTS
    numbers = (fit.level, fit.k, fit.estimate, fit.se, fit.ci_lb, fit.ci_ub, fit.tau2)
    test = TESTS.get(fit.ci_method, "")
    return content.domain, stratum.name, fit.tau2_method, test, *numbers, "TRUE" if recomputed else "FALSE"
