"""The rows of one stratum: its studies, its diamond and the lines beneath it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from taprev.figures.forest.layout_groups import difference_rows, group_head, group_rows
from taprev.figures.forest.layout_order import grouped, ordered
from taprev.figures.forest.rows import DiamondRow, QuietLine, Row, StudyRow
from taprev.figures.forest.study_columns import Beside
from taprev.wording import labels, sentences

LEAST_K_FOR_BAR = 5
SAID_BY_THE_ROW = ("The interval is ", "A prediction interval is not ", "The prediction interval rests on ")


def stratum_rows(index: int, stratum: Mapping[str, Any], beside: Beside) -> list[Row]:
    """Return a row for every study of a stratum, then its diamond or the sentence in its place."""
    column = beside.how.subgroups
    groups = grouped(stratum["studies"], column)
    rows: list[Row] = []
    for level, studies in groups.items():
        rows += [group_head(index, stratum, column, level)] if set(groups) != {""} else []
        rows += study_rows(index, stratum, ordered(studies, beside.how.sort), beside)
        rows += group_rows(index, stratum, column, level)
    panel = index if rows else None
    return [
        *rows,
        *pooled_rows(panel, stratum, tested=beside.tested),
        *difference_rows(panel, stratum, column),
    ]


def study_rows(
    index: int, stratum: Mapping[str, Any], studies: Sequence[Mapping[str, Any]], beside: Beside
) -> list[StudyRow]:
    """Return the rows of some studies of a stratum; the size of their squares is the same in all its groups."""
    weights = [study["weight"] for study in stratum["studies"] if study["weight"]]
    largest, said = max(weights, default=1.0), stratum["not_estimable"] or ""
    rows = [study_row(index, stratum["scale"], study, largest, said, beside) for study in studies]
    return [replace(row, shaded=beside.how.shade and place % 2 == 0) for place, row in enumerate(rows)]


def study_row(index: int, scale: str, study: Mapping[str, Any], largest: float, said: str, beside: Beside) -> StudyRow:
    """Return the row of one sample; one that is not pooled says why, unless the stratum has `said` it."""
    pooled = study["fate"] == "pooled"
    weight = study["weight"] if pooled else None
    return StudyRow(
        panel=index,
        label=labels.clean(study["label"]),
        n_arm1=labels.size(study["n_arm1"]),
        n_arm2=labels.size(study["n_arm2"]),
        tier=study["tier"],
        yi=study["yi"],
        ci_lb=study["ci_lb"],
        ci_ub=study["ci_ub"],
        estimate=labels.estimate_parts(study["yi"], study["ci_lb"], study["ci_ub"], scale),
        pooled=pooled,
        weight=labels.weight(weight) if pooled else "not pooled",
        share=(weight or 0.0) / largest,
        reason="" if pooled or study["reason"] in said else sentences.sentence(study["reason"]),
        events=events(study) if labels.is_ratio(scale) else (),
        descriptors=beside.descriptors_of(study),
        bias=beside.bias_of(study),
    )


def events(study: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the events and totals of both arms, or nothing where they are not known."""
    counts = study["events"]
    names = ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")
    return tuple(labels.size(counts[name]) for name in names) if counts else ()


def pooled_rows(index: int | None, stratum: Mapping[str, Any], thin: bool = False, tested: bool = False) -> list[Row]:
    """Return the diamond of a stratum and the lines beneath it, or why there is none.

    `tested` is whether its p value may be shown.
    """
    fit = stratum["fit"]
    cautions = [QuietLine(index, "caution", text) for text in cautions_of(stratum)]
    if fit is None:
        why = sentences.sentence(stratum["not_estimable"] or "")
        return ([QuietLine(index, "not_estimable", why)] if why else []) + cautions
    test = sentences.no_difference(stratum) if tested else ""
    heterogeneity = (test, sentences.heterogeneity(fit), sentences.prediction(fit, stratum["scale"]))
    lines = [QuietLine(index, "heterogeneity", text) for text in heterogeneity if text]
    kind = "caution" if fit["k"] == 2 else "note"
    notes = [QuietLine(index, kind, text) for text in notes_of(stratum)]
    units = [QuietLine(index, "note", text) for text in (sentences.in_units(stratum["in_units"]),) if text]
    return [diamond_row(index, stratum, thin), *units, *lines, *cautions, *notes]


def cautions_of(stratum: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the cautions of a stratum; two pooled studies are never without one."""
    given = tuple(sentences.sentence(text) for text in stratum["cautions"])
    fit = stratum["fit"]
    if fit is None or fit["k"] != 2:
        return given
    said = " ".join((*given, *fit["notes"])).lower()
    return given if "two effects" in said else (sentences.TWO_EFFECTS, *given)


def notes_of(stratum: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the notes of a fit that neither its row nor a caution already says."""
    notes = (sentences.sentence(note) for note in stratum["fit"]["notes"])
    said = cautions_of(stratum)
    return tuple(note for note in notes if note not in said and not note.startswith(SAID_BY_THE_ROW))


def has_bar(fit: Mapping[str, Any]) -> bool:
    """Return whether the prediction interval of a fit is drawn: from five studies on, and with tau2 above zero."""
    return labels.independent(fit) >= LEAST_K_FOR_BAR and fit["tau2"] > 0 and fit["pi_lb"] is not None


def diamond_row(index: int | None, stratum: Mapping[str, Any], thin: bool) -> DiamondRow:
    """Return the pooled row; a sensitivity analysis is thin and has no prediction interval."""
    fit = stratum["fit"]
    bar = has_bar(fit) and not thin
    return DiamondRow(
        panel=index,
        label=labels.model(fit),
        value=fit["estimate"],
        ci_lb=fit["ci_lb"],
        ci_ub=fit["ci_ub"],
        prediction=(fit["pi_lb"], fit["pi_ub"]) if bar else None,
        estimate=labels.estimate_parts(fit["estimate"], fit["ci_lb"], fit["ci_ub"], stratum["scale"]),
        weight="" if thin else labels.weight(100.0),
        hollow=labels.after_words(stratum["contrasts"]) or fit["k"] == 2,
        dashed=fit["k"] == 2,
        thin=thin,
        line=not thin and fit["k"] > 2,
    )
