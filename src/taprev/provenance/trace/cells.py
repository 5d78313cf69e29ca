"""The history of a cell: what each form says, what was decided and why, and what the cell is for."""

from __future__ import annotations

from collections.abc import Collection

from taprev.extraction.forms import form_words
from taprev.extraction.reconcile import KEPT_FROM_BOTH, ReconciledCell
from taprev.extraction.rulings import WHOLE
from taprev.extraction.tables import Row
from taprev.provenance.trace.extraction import Extraction
from taprev.provenance.trace.results import KEPT, CellHistory
from taprev.vocabulary import CellRole, Decision

DECIDES = frozenset(
    (
        "study",
        "sample",
        "domain",
        "population",
        "measure",
        "timepoint",
        "months",
        "better",
        "contrast",
        "pairing",
        "sd_basis",
        "statistic",
        "p_bound",
        "unit_of_allocation",
        "n_clusters_arm1",
        "n_clusters_arm2",
        "icc",
        "cluster_size",
        "allows_for_clusters",
        "allows_for_repeated_measures",
        "direction",
        "analysis_set",
        "ratio_kind",
        "effect_measure",
        "ci_level",
        "scale_part",
        "adjustment",
        "arm",
        "assumes",
        "df1",
        "r_pre_post",
        "event_arm1",
        "totaln_arm1",
        "event_arm2",
        "totaln_arm2",
        "n_arm2",
    )
)
READ_ONCE = ("read once, for both forms", "read once, for all forms")
WORDS: dict[str, str] = {Decision.VALUE: "as decided", Decision.CORRECT: "corrected"}


def cells_of(extraction: Extraction, result: str, figures: Collection[str]) -> list[CellHistory]:
    """Return every cell of a result that is filled in the consensus or in a form.

    `figures` are the columns whose numbers are used in the formula.
    """
    _, row = extraction.outcomes[result]
    forms = {name: form[result][1] for name, form in extraction.forms.items() if result in form}
    filled = [name for name in extraction.columns if row[name] or any(form[name] for form in forms.values())]
    return [_cell(extraction, row, forms, name, figures) for name in filled]


def _cell(extraction: Extraction, row: Row, forms: dict[str, Row], name: str, figures: Collection[str]) -> CellHistory:
    role = CellRole.FIGURE if name in figures else CellRole.DECIDES if name in DECIDES else CellRole.DESCRIBES
    if not forms:
        return CellHistory(name, row[name], {}, "extracted once", "", None, role)
    decided = extraction.decided.get((row[WHOLE], name))
    if decided and decided.whole:
        readings = {form: row[name] if form in forms else "" for form in decided.readings}
        return CellHistory(name, row[name], readings, "taken", decided.reason, decided.ruling, role)
    if decided is None and len(forms) > 1 and _coded_once(extraction, row, forms, name):
        basis = extraction.once.basis(row[WHOLE])
        return CellHistory(name, row[name], {}, READ_ONCE[len(forms) > 2], basis, None, role, once=True)
    settled = _settled(forms, name, extraction.rulings, decided)
    reason, ruling = (decided.reason, decided.ruling) if decided else ("", None)
    readings = {form: own[name] for form, own in forms.items()}
    if set(readings.values()) == {row[name]}:
        readings = {}
    return CellHistory(name, row[name], readings, settled, reason, ruling, role)


def _coded_once(extraction: Extraction, row: Row, forms: dict[str, Row], name: str) -> bool:
    same = {form[name] for form in forms.values()} == {row[name]}
    return same and extraction.once.holds(row[WHOLE], name)


def _settled(forms: dict[str, Row], name: str, rulings: tuple[Row, ...], decided: ReconciledCell | None) -> str:
    if decided and decided.ruling:
        decision = rulings[decided.ruling - 2]["decision"]
        return WORDS.get(decision, f"as the {form_words(decision)} form")
    same = len({form[name] for form in forms.values()}) == 1
    return KEPT[len(forms) > 2] if name == KEPT_FROM_BOTH and not same else _agree(forms)


def _agree(forms: dict[str, Row]) -> str:
    if len(forms) == 1:
        return f"in the {form_words(next(iter(forms)))} form alone"
    return "both agree" if len(forms) == 2 else "all agree"
