"""What the cumulative figure says: in sentences, and as a table at full precision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from taprev.drawing.pooled_marks import pooled_number
from taprev.figures.siblings import frame
from taprev.figures.siblings.leave_one_out_text import OF_A_NUMBER, parts
from taprev.figures.twin_columns import fields_of
from taprev.synthesis.results import Alternative, Stratum, Synthesis
from taprev.wording import labels

NAME = "The pooled number as studies appeared"
MOST = 60
NONE_HELD = "The studies were not pooled year by year, because a year is missing or there are too many."
ORDER = "Studies are added in the order of their years; those of one year are added together."


def added(stratum: Stratum) -> list[Alternative]:
    """Return the pools of a stratum as studies appeared, the latest of them where there are too many to draw."""
    return list(stratum.panel.cumulative if stratum.panel else ())[-MOST:]


def why_not(stratum: Stratum) -> str:
    """Return why a stratum has no cumulative figure, or nothing where it has one."""
    return frame.too_few(stratum) or ("" if len(added(stratum)) > 1 else NONE_HELD)


def notes(stratum: Stratum) -> Iterator[str]:
    """Yield what must be known to read the rows."""
    yield ORDER
    more = len(stratum.panel.cumulative if stratum.panel else ()) - MOST
    if more > 0:
        yield f"{labels.count(more, 'earlier row is', 'earlier rows are')} in the table of the figure."


def words(content: Synthesis) -> Iterator[str]:
    """Yield what each pooled number is and how it came about, or why there is no figure of it."""
    return frame.words_of_each(content, why_not, _told)


def _told(stratum: Stratum) -> Iterator[str]:
    yield from notes(stratum)
    yield from (_with(row, stratum) for row in added(stratum))


def _with(row: Alternative, stratum: Stratum) -> str:
    number = pooled_number(row)
    told = " ".join(parts(number, stratum)) if number else "one effect"
    return f"up to and with {labels.clean(row.level)}, {told}, k = {row.k}"


def twin(content: Synthesis) -> Iterator[dict[str, Any]]:
    """Yield the whole estimates and every pool as studies appeared, also those that are not drawn."""
    for section in frame.pooled(content):
        stratum = section.stratum
        base = {"section": section.label, "scale": stratum.scale}
        yield {**base, "row": "whole", "reason": why_not(stratum), **fields_of(section.fit, OF_A_NUMBER)}
        for row in stratum.panel.cumulative if stratum.panel else ():
            yield {**base, "row": "added", "label": row.level, **fields_of(row, OF_A_NUMBER)}
