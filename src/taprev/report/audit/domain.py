"""The page of a domain: its strata with their forest plots, and every row with its fate."""

from __future__ import annotations

from typing import Any

from taprev.report.audit import plots
from taprev.report.audit.evidence import open_queries, row_words
from taprev.wording import labels, sentences
from taprev.wording.strata import direction_words, stratum_words

Content = dict[str, Any]
TERMS = 12


def domain_page(content: Content, trace: Content) -> Content:
    """Return what the page of a domain shows; numbers are already in words."""
    rows = [row_words(one) for one in trace["results"].values()]
    return {
        **{name: content[name] for name in ("domain", "label", "seal", "notes")},
        "counts": sentences.counts(content),
        "fates": sentences.fates(content["fates"]),
        "strata": [_stratum(one, content, trace) for one in (*content["strata"], *content["sensitivity"])],
        "directions": [direction_words(test) for test in content["sign_tests"]],
        "rows": rows,
        "open": open_queries(rows),
        "reported": bool(content["rows"]),
    }


def _stratum(stratum: Content, content: Content, trace: Content) -> Content:
    fit, scale = stratum["fit"], plots.scale_of(stratum) if stratum["studies"] else None
    heaviest = max((study["weight"] or 0 for study in stratum["studies"]), default=0) or 1
    left_out = _left_out(stratum)
    sides = labels.sides(stratum["contrasts"], stratum["favours_sign"])
    return {
        "name": stratum["name"],
        "label": stratum["label"],
        "sensitivity": stratum in content["sensitivity"],
        "words": stratum_words(stratum, content["label"]),
        "number": _estimate(fit, stratum) if fit else "",
        "model": labels.model(fit) if fit else "",
        "heterogeneity": sentences.heterogeneity(fit) if fit else "",
        "sum": sentences.weighted_sum(stratum) if fit and fit["k"] <= TERMS else "",
        "unit": labels.axis_label(stratum["scale"], stratum["unit"], stratum["contrasts"]),
        "sides": sides,
        "axis": plots.axis(scale) if scale else None,
        "diamond": plots.diamond(fit["estimate"], fit["ci_lb"], fit["ci_ub"], scale) if fit else "",
        "hollow": labels.after_words(stratum["contrasts"]),
        "studies": [_study(study, stratum, trace, scale, heaviest, left_out) for study in stratum["studies"]],
        "width": plots.WIDTH,
        "height": plots.HEIGHT,
    }


def _study(study, stratum, trace, scale, heaviest, left_out) -> Content:
    without = left_out.get(study["study"])
    return {
        "label": study["label"],
        "results": study["results"],
        "sizes": labels.sample_sizes(study["n_arm1"], study["n_arm2"]),
        "effect": labels.estimate(study["yi"], study["ci_lb"], study["ci_ub"], stratum["scale"]),
        "weight": labels.weight(study["weight"]) if study["weight"] is not None else "not pooled",
        "reason": study["reason"],
        "tier": study["tier"],
        "mark": plots.study_mark(study, scale, heaviest),
        "without": _without(without, stratum) if study["weight"] is not None and without else None,
    }


def _left_out(stratum: Content) -> dict[str, Content]:
    """Return the number without each study by its name; the panel lists the pooled studies in their order."""
    names = dict.fromkeys(study["study"] for study in stratum["studies"] if study["weight"] is not None)
    listed = (stratum["panel"] or {}).get("leave_one_out", [])
    return dict(zip(names, listed, strict=True)) if len(names) == len(listed) else {}


def _without(one: Content, stratum: Content) -> Content:
    """Return what is left of a pooled number without a study: its words and its diamond."""
    words, shape = sentences.number(one, stratum["scale"]), ""
    if one["estimate"] is not None:
        shape = plots.diamond(one["estimate"], one["ci_lb"], one["ci_ub"], plots.scale_of(stratum))
    return {"study": one["level"], "words": words, "diamond": shape}


def _estimate(fit: Content, stratum: Content) -> str:
    return labels.estimate(fit["estimate"], fit["ci_lb"], fit["ci_ub"], stratum["scale"])
