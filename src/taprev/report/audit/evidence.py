"""The page of one result: from the figure as printed to the numbers it affects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from taprev.effects.working_line import WorkingLine
from taprev.extraction.looked_up import LookedUpFigure
from taprev.extraction.tables import Row
from taprev.provenance.trace.results import (
    KEPT,
    CellHistory,
    DomainTrace,
    ResultEvidence,
    RowVote,
    Sway,
    Touch,
    TracedEffect,
)
from taprev.provenance.trace.words import as_given
from taprev.report.audit.sources import places
from taprev.vocabulary import CellRole, SourceVerdict
from taprev.wording import estimates, labels, notes, sentences
from taprev.wording.estimates import NumberStyle

View = dict[str, Any]
CONSENSUS = "outcomes"
ROLES = {
    CellRole.FIGURE: "In the formula",
    CellRole.DECIDES: "Steers formula, sign, stratum or fate",
    CellRole.DESCRIBES: "Describes (what stands above is not repeated)",
}
DIFFERING = "Where the extractors differ, or the cell was corrected"
ABOVE = (
    "result",
    "report",
    "measure",
    "timepoint",
    "as_reported",
    "location",
    "source_quote",
    "page",
    "file_sha256",
)


def result_page(evidence: ResultEvidence, trace: DomainTrace, looked_up: list[LookedUpFigure]) -> View:
    """Return what the page of a result shows; numbers are already in words."""
    forms = [name.removeprefix("form_") for name in evidence.places if name != CONSENSUS]
    differing = sorted((cell for cell in evidence.cells if _differs(cell)), key=_rank)
    groups = [(DIFFERING, differing), *((words, _agreed(evidence, role)) for role, words in ROLES.items())]
    return {
        **vars(evidence),
        "reason": notes.reason(evidence.reason),
        "assumptions": notes.sentences(evidence.assumptions),
        "domain": trace.domain,
        "domain_label": trace.label,
        "fate_words": evidence.fate.said,
        "contrast_words": evidence.contrast.said,
        "printed": evidence.source["as_reported"] or _figures(evidence),
        "recorded": bool(evidence.source["as_reported"]),
        "as_given": as_given(evidence),
        "files": [(_file(name), row) for name, row in evidence.places.items()],
        "forms": forms,
        "places": places(looked_up),
        "compared": list(dict.fromkeys((*forms, *(form for cell in differing for form in cell.readings)))),
        "groups": [(words, [_cell(cell, forms) for cell in own]) for words, own in groups if own],
        "filled": [cell for cell in evidence.cells if cell.once],
        "computed": [figure for figure in looked_up if figure.verdict == SourceVerdict.COMPUTED],
        "effect_words": _effect(evidence),
        "lines": [_line(line) for line in evidence.working],
        "numbers": [_number(touch) for touch in evidence.touches],
        "hangs": [_sway(sway) for sway in evidence.sways],
        "vote_words": [_vote(vote) for vote in evidence.votes],
    }


def _file(name: str) -> str:
    return f"data/extracted/{name}.csv" if name == CONSENSUS else f"data/raw/{name}.csv"


def _differs(cell: CellHistory) -> bool:
    return bool(cell.readings) and cell.settled not in KEPT


def _agreed(evidence: ResultEvidence, role: CellRole) -> list[CellHistory]:
    shown = () if role != CellRole.DESCRIBES else ABOVE
    return [c for c in evidence.cells if c.role == role and not _differs(c) and c.column not in shown]


def _cell(cell: CellHistory, forms: list[str]) -> View:
    """Return a cell with what each form says in it; one that was coded once for all of them is nobody's reading."""
    readings = cell.readings or ({} if cell.once else dict.fromkeys(forms, cell.value))
    return {**vars(cell), "readings": readings, "differs": _differs(cell)}


def _rank(cell: CellHistory) -> int:
    return list(ROLES).index(cell.role)


def _figures(evidence: ResultEvidence) -> str:
    """Return the extracted figures where nobody copied the words in which they were given."""
    figures = [f"{c.column} = {c.value}" for c in evidence.cells if c.role == CellRole.FIGURE and c.value]
    return "; ".join(figures) or evidence.direction.replace("_", " ") or "a direction only"


def _effect(evidence: ResultEvidence) -> str:
    effect = evidence.effect
    if effect is None:
        return ""
    value = labels.number(effect.yi, 4)
    kind = "correlation" if labels.is_correlation(effect.scale) else "ratio"
    shown = f", as a {kind} {_shown(evidence, effect)}" if labels.back_transformed(effect.scale) else ""
    return f"yi = {value}{shown}, vi = {effect.vi:.4g}; {effect.derivation}; {effect.tier}"


def _shown(evidence: ResultEvidence, effect: TracedEffect) -> str:
    headline, half = _headline(evidence), 1.96 * effect.vi**0.5
    style = NumberStyle(effect.scale, headline.digits if headline else None)
    return estimates.estimate_parts(effect.yi, effect.yi - half, effect.yi + half, style)[0]


def _headline(evidence: ResultEvidence) -> Touch | None:
    return next((touch for touch in evidence.touches if not touch.sensitivity), None)


def _line(line: WorkingLine) -> View:
    value = labels.significant(line.value)
    filled = "" if line.filled in (line.formula, value) else line.filled
    return {"name": line.name, "formula": line.formula, "filled": filled, "value": value, "result": line.result}


def _number(touch: Touch) -> View:
    return {
        **vars(touch),
        "number": sentences.number(touch, touch.style),
        "weight_words": labels.weight(touch.weight),
        "without_words": sentences.number(touch.without, touch.style),
        "average": "" if touch.yi is None or touch.vi is None else _average(touch.yi, touch.vi),
    }


def _average(yi: float, vi: float) -> str:
    return f"yi = {labels.significant(yi, 4)}, vi = {labels.significant(vi, 4)}"


def _sway(sway: Sway) -> View:
    before, after = (sentences.number(number, sway.style) for number in (sway.before, sway.after))
    return {"label": sway.label, "why": sway.why, "before": before, "after": after}


def _vote(vote: RowVote) -> str:
    return f"{labels.contrast(vote.contrast)}, {vote.direction}"


def open_queries(rows: Iterable[ResultEvidence]) -> list[Row]:
    """Return the queries about these results or their studies that nobody has answered, each once."""
    asked = [query for evidence in rows for query in evidence.queries if not query["answer"]]
    return list({(q["check"], q["result"], q["study"], q["column"], q["found"]): q for q in asked}.values())


def row_words(evidence: ResultEvidence) -> View:
    """Return a result as a line of a table: what it is, its fate, its effect, and the number without it."""
    effect = evidence.effect
    headline = _headline(evidence)
    return {
        **vars(evidence),
        "reason": notes.reason(evidence.reason),
        "fate_words": evidence.fate.said,
        "contrast_words": evidence.contrast.said,
        "direction_words": evidence.direction.replace("_", " "),
        "effect_words": _shown(evidence, effect) if effect else "",
        "tier": effect.tier if effect else "",
        "without_words": _number(headline)["without_words"] if headline else "",
        "asks": len(open_queries([evidence])),
    }
