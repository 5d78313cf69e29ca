"""The page of a domain: its strata with their forest plots, and every row with its fate."""

from __future__ import annotations

from typing import Any

from taprev.drawing.pooled_marks import pooled_number
from taprev.drawing.scale import AxisScale
from taprev.figures.forest.layout_strata import diamond_row, study_rows
from taprev.figures.forest.study_columns import StudyColumns
from taprev.ground.places import FOREST, figure_place
from taprev.provenance.trace.results import DomainTrace
from taprev.report.audit import plots
from taprev.report.audit.evidence import open_queries, row_words
from taprev.settings.figures import USUAL
from taprev.synthesis.results import Alternative, Stratum, Study, Synthesis
from taprev.wording import estimates, labels, missing_evidence, notes, sentences
from taprev.wording.strata import direction_words, stratum_words

View = dict[str, Any]
NO_COLUMNS = StudyColumns(USUAL, None, tested=False)
TERMS = 12


def domain_page(content: Synthesis, trace: DomainTrace) -> View:
    """Return what the page of a domain shows; numbers are already in words."""
    return {
        "domain": content.domain,
        "label": content.label,
        "seal": content.seal,
        "figure": f"figures/{figure_place(content.domain, FOREST)}.svg" if content.has_evidence else "",
        "notes": notes.sentences(content.notes),
        "counts": sentences.counts(content),
        "fates": sentences.fates(content.fates),
        "strata": [_stratum(stratum, content) for stratum in (*content.strata, *content.sensitivity)],
        "directions": [direction_words(test) for test in content.sign_tests],
        "rows": [row_words(evidence) for evidence in trace.results.values()],
        "open": open_queries(trace.results.values()),
        "reported": bool(content.rows),
    }


def _stratum(stratum: Stratum, content: Synthesis) -> View:
    fit = stratum.fit
    plot = _plot(stratum) if stratum.studies else {}
    return {
        "name": stratum.name,
        "label": stratum.label,
        "sensitivity": stratum in content.sensitivity,
        "words": stratum_words(stratum, content.label),
        "missing_evidence": missing_evidence.why(stratum.missing_evidence),
        "number": estimates.estimate(fit.estimate, fit.ci_lb, fit.ci_ub, estimates.style(stratum)) if fit else "",
        "model": labels.model(fit) if fit else "",
        "heterogeneity": sentences.heterogeneity(fit) if fit else "",
        "sum": sentences.weighted_sum(stratum) if fit and fit.k <= TERMS else "",
        "unit": labels.axis_label(stratum.scale, stratum.unit, stratum.contrasts),
        "sides": labels.sides(stratum),
        "studies": (),
        "diamond": "",
        "width": plots.WIDTH,
        "height": plots.HEIGHT,
        **plot,
    }


def _plot(stratum: Stratum) -> View:
    """Return the axis, the studies with their marks and the diamond of a stratum that has studies."""
    rows = study_rows(0, stratum, stratum.studies, NO_COLUMNS)
    pooled = diamond_row(0, stratum, thin=False) if stratum.fit else None
    scale = plots.scale_of(rows, pooled, stratum.scale)
    left_out = _left_out(stratum, scale)
    return {
        "axis": plots.axis(scale),
        "studies": [
            {**_study(study, stratum, left_out), "mark": plots.study_mark(row, scale)}
            for study, row in zip(stratum.studies, rows, strict=True)
        ],
        "diamond": plots.diamond(pooled.value, pooled.ci_lb, pooled.ci_ub, scale) if pooled else "",
        "diamond_class": plots.diamond_class(pooled) if pooled else "",
    }


def _study(study: Study, stratum: Stratum, left_out: dict[str, View]) -> View:
    own, style = study.own, estimates.style(stratum)
    return {
        "label": study.label,
        "results": study.results,
        "sizes": labels.sample_sizes(study.n_arm1, study.n_arm2),
        "effect": estimates.estimate(own.yi, own.ci_lb, own.ci_ub, style) if own else labels.counts(study),
        "weight": labels.weight(study.weight) if study.weight is not None else "not pooled",
        "reason": notes.reason(study.reason),
        "tier": study.tier,
        "weighed": study.weight is not None,
        "without": left_out.get(study.study) if study.weight is not None else None,
    }


def _left_out(stratum: Stratum, scale: AxisScale) -> dict[str, View]:
    """Return the number without each study by its name; the panel lists the pooled studies in their order."""
    names = dict.fromkeys(study.study for study in stratum.studies if study.weight is not None)
    listed = stratum.panel.leave_one_out if stratum.panel else ()
    if len(names) != len(listed):
        return {}
    return {name: _without(left, stratum, scale) for name, left in zip(names, listed, strict=True)}


def _without(left: Alternative, stratum: Stratum, scale: AxisScale) -> View:
    """Return what is left of a pooled number without a study: its words and its diamond."""
    number = pooled_number(left)
    shape = plots.diamond(number.estimate, number.ci_lb, number.ci_ub, scale) if number else ""
    return {"study": left.level, "words": sentences.number(left, estimates.style(stratum)), "diamond": shape}
