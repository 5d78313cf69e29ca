"""The decisions that a consensus made elsewhere amounts to: one for each cell that the forms do not give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from taprev.exchange.imported import Imported
from taprev.extraction.basis import READINGS, in_words
from taprev.extraction.reconcile import KEPT_FROM_BOTH
from taprev.extraction.rulings import WHOLE
from taprev.extraction.tables import Row
from taprev.vocabulary import Decision

REASON = "The consensus in the file."


def decisions(imported: Imported, header: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of adjudication.csv that make the forms give the rows of outcomes.csv.

    A cell in which the forms differ is decided for the form that has the consensus, or for its value; one in which they
    agree on something else is corrected; a result that a form lacks is taken. `header` are the columns of the outcomes.
    """
    forms = {name: {row["result"]: row for row in rows} for name, rows in imported.forms.items()}
    for row in imported.rows("outcomes"):
        having = {name: rows[row["result"]] for name, rows in forms.items() if row["result"] in rows}
        if len(having) == 1:
            yield _ruling(row["result"], WHOLE, Decision.TAKE, "", {})
        for column in header:
            if column not in ("result", KEPT_FROM_BOTH) and having:
                yield from _of_cell(row, column, {name: own.get(column, "") for name, own in having.items()})


def _of_cell(row: Row, column: str, readings: Mapping[str, str]) -> Iterator[Row]:
    wanted, different = row.get(column, ""), len(set(readings.values())) > 1
    if not different and wanted in readings.values():
        return
    form = next((name for name, text in readings.items() if text == wanted), "")
    if different and form:
        yield _ruling(row["result"], column, form, "", readings)
    else:
        yield _ruling(row["result"], column, Decision.VALUE if different else Decision.CORRECT, wanted, readings)


def _ruling(result: str, column: str, decision: str, value: str, readings: Mapping[str, str]) -> Row:
    made = {"result": result, "column": column, "where": "", "decision": str(decision), "value": value}
    return {**made, "reason": REASON, "decided_by": "", "decided_on": "", READINGS: in_words(readings)}
