"""What the field that finds rows searches: a script of its own beside the pages, read when the field is first used."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from taprev.ground.files import PLAIN_NUMBER
from taprev.provenance.trace.results import CellHistory, DomainTrace, ResultEvidence
from taprev.wording import labels

FIELDS = ("Study", "Named", "Outcome", "Domain", "Report", "Address", "Place", "Figures", "Printed", "Quote")
"""The texts of a row, those last whose words say most."""
OFTEN = 3
"""A text that stands so often is written once, and named by its place."""
Texts = tuple[str, ...]


def find_script(traces: Mapping[str, DomainTrace], files: Mapping[str, str]) -> str:
    """Return the script: for every result its file, its row in the consensus and its texts."""
    listed = [(one, texts_of(one, trace)) for trace in traces.values() for one in trace.results.values()]
    shared = _shared(texts for _, texts in listed)
    rows = [
        [one.result, _file(one.result, files), one.places.get("outcomes", 0), *(shared.get(t, t) for t in texts)]
        for one, texts in listed
    ]
    held = {"fields": FIELDS, "shared": list(shared), "rows": rows}
    text = json.dumps(held, ensure_ascii=False, separators=(",", ":"))
    return f"window.taprevRows = {text};\n"


def _file(result: str, files: Mapping[str, str]) -> str:
    return "" if files[result] == f"result_{result}.html" else files[result]


def _shared(every: Iterable[Texts]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for texts in every:
        for text in texts:
            counts[text] = counts.get(text, 0) + 1
    often = (text for text, count in counts.items() if count >= OFTEN and len(text) > OFTEN)
    return {text: place for place, text in enumerate(often)}


def texts_of(evidence: ResultEvidence, trace: DomainTrace) -> Texts:
    """Return the texts of a result that are searched, in the order of `FIELDS`."""
    source = evidence.source
    texts = (
        evidence.label,
        ", ".join(dict.fromkeys((evidence.study, source["report"]))),
        ", ".join(filter(None, (evidence.outcome, evidence.timepoint))),
        trace.label,
        source["citation"],
        " ".join(filter(None, (source["doi"], source["source_url"]))),
        ", ".join(filter(None, (source["location"], f"page {source['page']}" if source["page"] else ""))),
        "; ".join(_figures(evidence.cells)),
        source["as_reported"],
        source["source_quote"],
    )
    return tuple(labels.clean(text) for text in texts)


def _figures(cells: Iterable[CellHistory]) -> Iterable[str]:
    """Yield the cells that hold a number, with what else a form says in them."""
    for cell in cells:
        said = dict.fromkeys(text for text in (cell.value, *cell.readings.values()) if PLAIN_NUMBER.fullmatch(text))
        if said:
            yield f"{cell.column} {' or '.join(said)}"
