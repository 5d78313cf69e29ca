"""The flow of records in words: the name of a count, its number, and what it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from taprev.extraction.flow import NOT_RECORDED, Flow, FlowCount, FlowPart
from taprev.vocabulary import FlowBox
from taprev.wording.labels import NBSP

IN_A_FIRST_VERSION = {
    FlowBox.NEW_STUDIES: "studies in the review",
    FlowBox.NEW_REPORTS: "reports of these studies",
}


def name(flow: Flow, box: FlowBox) -> str:
    """Return how people say a count; nothing is new in a review that updates none."""
    said = box.said if flow.updates else IN_A_FIRST_VERSION.get(box, box.said)
    return said[:1].upper() + said[1:]


def counted(n: int | None) -> str:
    """Return a number as a diagram gives it: `n = 1 234`, or `not recorded`."""
    return NOT_RECORDED if n is None else f"n = {n:,}".replace(",", NBSP)


def line(name_of: str, n: int | None) -> str:
    """Return a count in a box: `Records screened (n = 1 234)`, or `Records screened: not recorded`."""
    return f"{name_of}: {NOT_RECORDED.replace(' ', NBSP)}" if n is None else f"{name_of} ({counted(n)})"


def part_line(part: FlowPart) -> str:
    """Return a part of a count as a line of its own; what an older table says of it stands as it was typed."""
    return part.name if part.typed else line(part.name, part.n)


def parts_told(count: FlowCount) -> str:
    """Return what a count is made of, in a row."""
    return "; ".join(map(part_line, count.parts))


def told(flow: Flow, boxes: Iterable[FlowBox]) -> Iterator[str]:
    """Yield a text for each count: its name, its number and its parts."""
    for box in boxes:
        parts = parts_told(flow[box])
        yield f"{name(flow, box)}: {counted(flow.n(box))}" + (f", of these {parts}" if parts else "")


NO_OUTCOME = "no outcome extracted"
ABOUT_STUDIES = (FlowBox.NEW_STUDIES, FlowBox.STUDIES_IN_NO_SYNTHESIS)


def without_outcome(names: Sequence[str], flow: Flow) -> str:
    """Say which included studies gave the review no result, beside what the flow counts; nothing where all gave one."""
    if not names:
        return ""
    counts = [part for box, part in zip(ABOUT_STUDIES, told(flow, ABOUT_STUDIES), strict=True) if flow[box].recorded]
    beside = f" The flow of records: {'; '.join(part[:1].lower() + part[1:] for part in counts)}." if counts else ""
    return f"Included, {NO_OUTCOME}: {', '.join(names)}.{beside}"


def remarks(flow: Flow, boxes: Iterable[FlowBox]) -> list[str]:
    """Return what has to be said of the counts: why one was not recorded, and what contradicts one, each once.

    A note that several boxes share stands alone; one of a single box, or of a part, names it.
    """
    owners: dict[str, list[str]] = {}
    for box in boxes:
        count = flow[box]
        if count.note and count.n is None:
            owners.setdefault(count.note, []).append(name(flow, box))
        if count.doubt:
            owners.setdefault(count.doubt, []).append(name(flow, box))
        for part in count.parts:
            if part.note and part.n is None:
                owners.setdefault(part.note, []).append(f"{name(flow, box)}, {part.name}")
    return [note if len(names) > 1 else f"{names[0]}: {note}" for note, names in owners.items()]
