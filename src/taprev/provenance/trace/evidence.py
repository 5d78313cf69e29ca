"""The evidence of one result: its source, its cells, its effect with the working, and the numbers it affects."""

from __future__ import annotations

import re
from dataclasses import dataclass

from taprev.effects.rows import EffectRow
from taprev.effects.working import working
from taprev.effects.working_line import WorkingLine
from taprev.extraction.tables import Row
from taprev.provenance.trace.cells import cells_of
from taprev.provenance.trace.extraction import Extraction
from taprev.provenance.trace.results import ResultEvidence, RowVote, Sway, Touch, TracedEffect
from taprev.settings import Settings
from taprev.vocabulary import Arm, NoteCode

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
STANDS_FOR = {
    "r": ("r_pre_post",),
    "design_effect": ("icc", "cluster_size"),
    "error_df": ("n_arm1", "n_arm2"),
    "people_arm1": ("n_arm1",),
    "people_arm2": ("n_arm2",),
}
WITHIN_ARMS = "log ratio of the ratios within each arm"
SOURCE = ("citation", "doi", "source_url", "read", "read_in")
PRINTED = ("as_reported", "location", "source_quote", "page", "file_sha256")


@dataclass(frozen=True)
class Hangs:
    """What depends on a row: numbers in which it is weighed, other numbers, its votes, and choices that pool it."""

    touches: tuple[Touch, ...]
    sways: tuple[Sway, ...]
    otherwise: tuple[str, ...]
    votes: tuple[RowVote, ...]


def evidence_of(
    row: EffectRow, extraction: Extraction, settings: Settings, comparator: EffectRow | None, hangs: Hangs
) -> ResultEvidence:
    """Return the evidence of one effect row; `comparator` is the row of the other arm that is a part of it."""
    number, extracted = extraction.outcomes[row.result]
    lines = working_of(row, comparator, extraction, settings)
    queries = [q for key in (row.result, row.study) for q in extraction.queries.get(key, [])]
    study, report = extraction.studies[row.study][1], extraction.reports.get(row.report, (0, {}))[1]
    forms = {f"form_{name}": form[row.result][0] for name, form in extraction.forms.items() if row.result in form}
    return ResultEvidence(
        **{
            name: getattr(row, name)
            for name in (
                "result",
                "study",
                "sample",
                "label",
                "outcome",
                "timepoint",
                "contrast",
                "better",
                "direction",
                "fate",
                "reason",
                "part_of",
            )
        },
        places={"outcomes": number, **forms},
        source={"report": row.report}
        | {name: report.get(name) or "" for name in SOURCE}
        | {name: extracted.get(name) or "" for name in PRINTED},
        programme={name: value for name, value in study.items() if name not in ("study", "label") and value},
        cells=tuple(cells_of(extraction, row.result, _figures(lines, extracted))),
        queries=tuple(queries),
        judgements=tuple(extraction.judgements.get(row.result, [])),
        effect=_effect(row),
        assumptions=tuple(note for note in row.assumptions if note.code != NoteCode.OPEN_QUERY),
        working=lines,
        **vars(hangs),
    )


def _effect(row: EffectRow) -> TracedEffect | None:
    if row.yi is None or row.vi is None or row.scale is None or row.tier is None:
        return None
    return TracedEffect(row.measure, row.scale, row.yi, row.vi, row.derivation, row.tier)


def working_of(
    row: EffectRow, comparator: EffectRow | None, extraction: Extraction, settings: Settings
) -> tuple[WorkingLine, ...]:
    """Return the working of a row; that of a contrast of two arms is the working of each arm and their difference."""
    if row.yi is None:
        return ()
    scale, assumptions = settings.domains[row.domain].scale, settings.assumptions
    extracted = extraction.outcomes[row.result][1]
    lines = working(extracted, scale, assumptions, _shared_by(row, extracted))
    if row.derivation != WITHIN_ARMS or comparator is None:
        return lines
    other = working(extraction.outcomes[comparator.result][1], scale, assumptions)
    arms = [*_of_arm(lines, "programme"), *_of_arm(other, "comparator", comparator.result)]
    known = {line.name: line.value for line in arms}
    return (*arms, *_difference(known))


def _of_arm(lines: tuple[WorkingLine, ...], arm: str, result: str = "") -> list[WorkingLine]:
    return [WorkingLine(f"{line.name}, {arm}", line.formula, line.filled, line.value, result) for line in lines]


def _difference(known: dict[str, float]) -> tuple[WorkingLine, ...]:
    programme, comparator = ([known[f"{name}, {arm}"] for name in ("yi", "vi")] for arm in Arm)
    return (
        WorkingLine(
            "yi",
            "yi of the programme − yi of the comparator",
            f"{programme[0]:.6g} − ({comparator[0]:.6g})",
            programme[0] - comparator[0],
        ),
        WorkingLine(
            "vi",
            "vi of the programme + vi of the comparator",
            f"{programme[1]:.6g} + {comparator[1]:.6g}",
            programme[1] + comparator[1],
        ),
    )


def _figures(lines: tuple[WorkingLine, ...], extracted: Row) -> set[str]:
    """Return the columns of the row whose numbers are used in its working."""
    words = {word for line in lines for word in NAME.findall(line.formula)}
    words |= {column for word in words for column in STANDS_FOR.get(word, ())}
    return {name for name, cell in extracted.items() if cell and name in words}


def _shared_by(row: EffectRow, extracted: Row) -> int:
    """Return among how many arms the people of the control group are divided."""
    for name in ("n_arm2", "totaln_arm2"):
        people = getattr(row, name)
        if people and extracted[name]:
            return round(float(extracted[name]) / people)
    return 1
