"""The history of a cell: what each form says, what was decided and why, and what the cell is for."""

from __future__ import annotations

from collections.abc import Collection

from taprev.extraction.reconcile import KEPT_FROM_BOTH
from taprev.extraction.rulings import rulings_for
from taprev.extraction.tables import Row
from taprev.provenance.trace.extraction import Extraction
from taprev.provenance.trace.results import BOTH_KEPT, CellHistory
from taprev.vocabulary import CellRole

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
        "direction",
        "analysis_set",
        "ratio_kind",
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
WORDS = {
    "first": "as the first form",
    "second": "as the second form",
    "value": "as decided",
    "correct": "corrected",
}


def cells_of(extraction: Extraction, result: str, figures: Collection[str]) -> list[CellHistory]:
    """Return every cell of a result that is filled in the consensus or in a form.

    `figures` are the columns whose numbers are used in the formula.
    """
    _, row = extraction.outcomes[result]
    forms = [form[result][1] for form in extraction.forms if result in form]
    filled = [name for name in extraction.columns if row[name] or any(form[name] for form in forms)]
    return [_cell(extraction, row, forms, name, figures) for name in filled]


def _cell(extraction: Extraction, row: Row, forms: list[Row], name: str, figures: Collection[str]) -> CellHistory:
    role = CellRole.FIGURE if name in figures else CellRole.DECIDES if name in DECIDES else CellRole.DESCRIBES
    if len(forms) < 2:
        return CellHistory(name, row[name], None, None, "extracted once", "", None, role)
    first_row, second_row = forms
    settled, reason, ruling = _settled(first_row, second_row, name, extraction.rulings)
    first, second = (
        (None, None) if first_row[name] == second_row[name] == row[name] else (first_row[name], second_row[name])
    )
    return CellHistory(name, row[name], first, second, settled, reason, ruling, role)


def _settled(first_row: Row, second_row: Row, name: str, rulings: tuple[Row, ...]) -> tuple[str, str, int | None]:
    if name == KEPT_FROM_BOTH:
        return ("both agree" if first_row[name] == second_row[name] else BOTH_KEPT), "", None
    fitting = rulings_for(first_row, second_row, name, list(rulings))
    if not fitting:
        return "both agree", "", None
    ruling = rulings[fitting[0]]
    return WORDS[ruling["decision"]], ruling["reason"], fitting[0] + 2
