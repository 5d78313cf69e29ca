"""The rows of one stratum: its studies, its diamond and the lines beneath it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from taprev.drawing.pooled_marks import diamond_style, prediction_bar
from taprev.figures.forest.layout_groups import difference_rows, group_head, group_rows
from taprev.figures.forest.layout_order import grouped, ordered
from taprev.figures.forest.rows import DiamondRow, QuietLine, Row, StudyRow
from taprev.figures.forest.study_columns import StudyColumns
from taprev.notes import Note
from taprev.synthesis.results import Stratum, Study
from taprev.vocabulary import NoteCode
from taprev.wording import estimates, labels, missing_evidence, notes, sentences
from taprev.wording.estimates import NumberStyle
from taprev.wording.strata import marked, marks_words
from taprev.wording.verdicts import bears_verdict

NO_RATIO = ("", "no", "ratio")


def stratum_rows(index: int, stratum: Stratum, study_columns: StudyColumns) -> list[Row]:
    """Return a row for every study of a stratum, then its diamond or the sentence in its place."""
    column = study_columns.how.subgroups
    groups = grouped(stratum.studies, column)
    rows: list[Row] = []
    for level, studies in groups.items():
        rows += [group_head(index, stratum, column, level)] if set(groups) != {""} else []
        rows += study_rows(index, stratum, ordered(studies, study_columns.how.sort), study_columns)
        rows += group_rows(index, stratum, column, level)
    return [
        *rows,
        *pooled_rows(index, stratum, tested=study_columns.tested),
        *difference_rows(index, stratum, column),
    ]


def study_rows(index: int, stratum: Stratum, studies: Sequence[Study], study_columns: StudyColumns) -> list[StudyRow]:
    """Return the rows of some studies of a stratum; the size of their squares is the same in all its groups."""
    weights = [study.weight for study in stratum.studies if study.weight]
    largest = max(weights, default=1.0)
    style, why_not = estimates.style(stratum), stratum.not_estimable
    rows = [study_row(index, style, study, largest, why_not, study_columns) for study in studies]
    return [replace(row, shaded=study_columns.how.shade and number % 2 == 0) for number, row in enumerate(rows)]


def study_row(
    index: int, style: NumberStyle, study: Study, largest: float, why_not: Sequence[Note], study_columns: StudyColumns
) -> StudyRow:
    """Return the row of one sample.

    Parameters
    ----------
    index : int
        The axis on which it is drawn.
    style : NumberStyle
    study : Study
    largest : float
        The largest weight in its stratum.
    why_not : sequence of Note
        Why nothing is pooled in its stratum; a reason that is part of it is not given a second time.
    study_columns : StudyColumns
        What is shown next to the row.

    Returns
    -------
    StudyRow
    """
    weight, own = study.weight, study.own
    pooled = weight is not None
    return StudyRow(
        panel=index,
        label=marked(labels.clean(study.label), study.marks),
        n_arm1=labels.size(study.n_arm1),
        n_arm2=labels.size(study.n_arm2),
        tier=study.tier,
        effect=own,
        estimate=estimates.estimate_parts(own.yi, own.ci_lb, own.ci_ub, style) if own else NO_RATIO,
        pooled=pooled,
        weight=labels.weight(weight) if pooled else "not pooled",
        share=(weight or 0.0) / largest,
        reason="" if pooled or study.reason in why_not else sentences.sentence(notes.reason(study.reason)),
        events=events(study) if labels.is_ratio(style.scale) else (),
        descriptors=study_columns.descriptors_of(study),
        bias=study_columns.bias_of(study),
        narrow=bool(study.too_narrow),
    )


def events(study: Study) -> tuple[str, ...]:
    """Return the events and totals of both arms, or nothing where they are not known."""
    counts = study.events
    if counts is None:
        return ()
    arms = (counts.event_arm1, counts.totaln_arm1, counts.event_arm2, counts.totaln_arm2)
    return tuple(labels.size(count) for count in arms)


def pooled_rows(index: int, stratum: Stratum, thin: bool = False, tested: bool = False) -> list[Row]:
    """Return the diamond of a stratum and the lines beneath it, or why there is none.

    Parameters
    ----------
    index : int
        The axis on which the stratum is drawn.
    stratum : Stratum
    thin : bool, optional
        Whether it is a sensitivity analysis.
    tested : bool, optional
        Whether its p value may be shown.

    Returns
    -------
    list of Row
    """
    fit = stratum.fit
    cautions = cautions_of(stratum)
    if fit is None:
        panel = index if stratum.studies else None
        why_not = notes.why_not(stratum.not_estimable)
        return [
            *([QuietLine(panel, "not_estimable", sentences.sentence(why_not))] if why_not else ()),
            *missing_evidence_line(panel, stratum),
            *(QuietLine(panel, "caution", text) for text in cautions),
        ]
    test = sentences.no_difference(stratum) if tested else ""
    heterogeneity = (test, sentences.heterogeneity(fit), sentences.prediction(fit, estimates.style(stratum)))
    lines = [QuietLine(index, "heterogeneity", text) for text in heterogeneity if text]
    kind = "note" if bears_verdict(fit.k) else "caution"
    noted = [QuietLine(index, kind, text) for text in notes_of(stratum)]
    units = [QuietLine(index, "note", text) for text in (sentences.in_units(stratum.in_units),) if text]
    cautioned = [QuietLine(index, "caution", text) for text in cautions]
    missing = missing_evidence_line(index, stratum)
    return [diamond_row(index, stratum, thin), *units, *lines, *missing, *cautioned, *noted]


def missing_evidence_line(panel: int | None, stratum: Stratum) -> list[QuietLine]:
    """Return the line of the risk of bias due to missing evidence, in a review that judges it."""
    said = missing_evidence.in_short(stratum.missing_evidence)
    return [QuietLine(panel, "note", sentences.sentence(said))] if said else []


def cautions_of(stratum: Stratum) -> tuple[str, ...]:
    """Return the cautions of a stratum; two pooled studies are never without one."""
    cautions = [*notes.sentences(stratum.cautions), marks_words(stratum.marks)]
    given = tuple(sentences.sentence(text) for text in cautions if text)
    fit = stratum.fit
    if fit is None or bears_verdict(fit.k) or any(note.code == NoteCode.TWO_EFFECTS for note in fit.notes):
        return given
    return (sentences.TWO_EFFECTS, *given)


def notes_of(stratum: Stratum) -> tuple[str, ...]:
    """Return the notes of a fit that neither its row nor a caution already says."""
    told = [
        note for note in stratum.pooled.notes if note.code not in notes.SAID_BY_THE_ROW and note not in stratum.cautions
    ]
    return tuple(sentences.sentence(text) for text in notes.sentences(told))


def diamond_row(index: int, stratum: Stratum, thin: bool) -> DiamondRow:
    """Return the pooled row; a sensitivity analysis is thin and has no prediction interval."""
    fit = stratum.pooled
    return DiamondRow(
        panel=index,
        label=marked(labels.model(fit), stratum.marks),
        value=fit.estimate,
        ci_lb=fit.ci_lb,
        ci_ub=fit.ci_ub,
        prediction=None if thin else prediction_bar(fit),
        estimate=estimates.estimate_parts(fit.estimate, fit.ci_lb, fit.ci_ub, estimates.style(stratum)),
        weight="" if thin else labels.weight(100.0),
        style=diamond_style(stratum.contrasts, fit.k),
        thin=thin,
        line=not thin and bears_verdict(fit.k),
        narrow=bool(stratum.too_narrow),
    )
