"""Links to the rows that a text names, and the other rows that the effect of a result uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from markupsafe import Markup, escape

from taprev.notes import Note
from taprev.provenance.trace.results import DomainTrace, ResultEvidence
from taprev.synthesis.results import Synthesis
from taprev.wording import labels, notes

WORD = re.compile(r"[A-Za-z0-9_.\-]*[A-Za-z0-9_]")


def row_links(known: Iterable[str], link: Callable[[str], str]) -> Callable[[str], Markup]:
    """Return a function that escapes a text and makes a link of every row of the review that it names.

    A name without a digit may be any word, so that none of these becomes a link.
    """
    names = frozenset(name for name in known if any(sign.isdigit() for sign in name) and not name.isdigit())

    def linked(text: str) -> Markup:
        parts, done = [], 0
        clean = labels.clean(text)
        for found in WORD.finditer(clean):
            if found[0] in names:
                parts += [
                    escape(clean[done : found.start()]),
                    Markup('<a href="{}">{}</a>').format(link(found[0]), found[0]),
                ]
                done = found.end()
        return Markup("").join([*parts, escape(clean[done:])])

    return linked


def rows_used(evidence: ResultEvidence, trace: DomainTrace, content: Synthesis) -> list[tuple[str, str]]:
    """Return the other rows that stand in the way from this one to a pooled number, each with how."""
    used: dict[str, str] = {}
    for other in trace.results.values():
        if other.part_of == evidence.result:
            used[other.result] = "the change of the comparator arm, taken away from that of this row"
    if evidence.part_of:
        used[evidence.part_of] = "the contrast of both arms, of which this row is a part"
    for note in (evidence.reason, *evidence.assumptions):
        if note and (named := _named(note)) in trace.results:
            used.setdefault(named, notes.reason(note))
    for stratum in content.strata:
        for study in stratum.studies:
            if evidence.result in study.results and study.weight is not None:
                for other_name in study.results:
                    used.setdefault(other_name, "another result of the same people, averaged with this one")
    used.pop(evidence.result, None)
    return list(used.items())


def _named(note: Note) -> str:
    return str(note.figures.get("result", ""))
