"""Links to the rows that a text names, and the other rows that the effect of a result uses."""

from __future__ import annotations

import re
from collections import defaultdict
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


def rows_used(trace: DomainTrace, content: Synthesis) -> Callable[[ResultEvidence], list[tuple[str, str]]]:
    """Return a function that gives the other rows in the way from one row to a pooled number, each with how."""
    parts: dict[str, list[str]] = defaultdict(list)
    averaged: dict[str, list[str]] = defaultdict(list)
    for other in trace.results.values():
        parts[other.part_of].append(other.result)
    for stratum in content.strata:
        for study in stratum.studies:
            for result in study.results if study.weight is not None else ():
                averaged[result] += study.results

    def used_by(evidence: ResultEvidence) -> list[tuple[str, str]]:
        used = dict.fromkeys(
            parts[evidence.result], "the change of the comparator arm, taken away from that of this row"
        )
        if evidence.part_of:
            used[evidence.part_of] = "the contrast of both arms, of which this row is a part"
        for note in (evidence.reason, *evidence.assumptions):
            if note and (named := _named(note)) in trace.results:
                used.setdefault(named, notes.reason(note))
        for result in averaged[evidence.result]:
            used.setdefault(result, "another result of the same people, averaged with this one")
        used.pop(evidence.result, None)
        return list(used.items())

    return used_by


def _named(note: Note) -> str:
    return str(note.figures.get("result", ""))
