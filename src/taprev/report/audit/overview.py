"""The opening page, the list of studies, and the list of decisions between the two extractors."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from taprev.extraction.forms import form_words
from taprev.extraction.rulings import DECIDER
from taprev.extraction.tables import number_of
from taprev.provenance.trace.results import DomainTrace
from taprev.report.audit.evidence import open_queries, row_words
from taprev.report.audit.sign_off import Looked, sign_off
from taprev.synthesis.results import Stratum, Synthesis
from taprev.vocabulary import Decision, Fate
from taprev.wording import estimates, notes, sentences

View = dict[str, Any]
DECIDED: dict[str, str] = {
    Decision.VALUE: "decided",
    Decision.CORRECT: "corrected to",
    Decision.TAKE: "taken",
    Decision.LEAVE_OUT: "left out",
}
VERDICTS = {
    "agrees": "agree with a second engine",
    "disagrees": "disagree with a second engine",
    "R reference only": "rest on the reference from R",
}


def overview(
    contents: tuple[Synthesis, ...],
    traces: dict[str, DomainTrace],
    queries: list[View],
    crosscheck: list[View],
    known: Looked,
) -> View:
    """Return what the opening page shows: the counts, every domain with its numbers, and every result."""
    fates: Counter[Fate] = Counter()
    for content in contents:
        fates.update(content.fates)
    verdicts = Counter(row["verdict"] for row in crosscheck)
    rows = [
        {
            **row_words(evidence),
            "domain": name,
            "domain_label": trace.label,
            "checked": sign_off(evidence, known)["short"],
        }
        for name, trace in traces.items()
        for evidence in trace.results.values()
    ]
    return {
        "domains": [_domain(content, traces[content.domain]) for content in contents],
        "rows": rows,
        "fates": sentences.fates(fates),
        "studies": len({row["study"] for row in rows}),
        "verdicts": {VERDICTS.get(name, name): count for name, count in verdicts.items()},
        "asked": len(queries),
        "open": sum(not query["answer"] for query in queries),
    }


def _domain(content: Synthesis, trace: DomainTrace) -> View:
    return {
        "domain": content.domain,
        "label": content.label,
        "fates": content.fates,
        "rows": len(trace.results),
        "notes": notes.sentences(content.notes),
        "asks": len(open_queries(trace.results.values())),
        "strata": [
            {"name": stratum.name, "label": stratum.label, "number": _number(stratum)} for stratum in content.strata
        ],
    }


def _number(stratum: Stratum) -> str:
    fit = stratum.fit
    return sentences.number(fit, estimates.style(stratum)) if fit else notes.why_not(stratum.not_estimable)


def studies(rows: list[View], recorded: list[View]) -> list[View]:
    """Return every recorded study with what is known of its programme, and its results."""
    by_study: dict[str, list[View]] = defaultdict(list)
    for row in rows:
        by_study[row["study"]].append(row)
    return sorted(
        (
            {
                "study": study["study"],
                "label": study["label"],
                "results": by_study[study["study"]],
                "programme": {name: value for name, value in study.items() if name not in ("study", "label") and value},
            }
            for study in recorded
        ),
        key=lambda study: study["label"].lower(),
    )


def adjudications(rulings: list[View], traces: dict[str, DomainTrace]) -> View:
    """Return every decision with its row in adjudication.csv and its cells, and whether any says who decided."""
    cells: dict[int, list[View]] = defaultdict(list)
    for trace in traces.values():
        for result, evidence in trace.results.items():
            for cell in evidence.cells:
                if cell.ruling:
                    cells[cell.ruling].append({**vars(cell), "result": result, "label": evidence.label})
    decided = [
        {**ruling, "row": row, "cells": cells[row], "words": DECIDED.get(ruling["decision"]) or _as_form(ruling)}
        for row, ruling in ((number_of(ruling), ruling) for ruling in rulings)
    ]
    return {"decided": decided, "deciders": any(ruling[name] for ruling in rulings for name in DECIDER)}


def _as_form(ruling: View) -> str:
    return f"as the {form_words(ruling['decision'])} form"
