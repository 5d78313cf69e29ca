"""What a person can trace: a domain, a study, a result, one of its cells, or a figure file."""

from __future__ import annotations

import difflib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from taprev.ground.seal import seal_of
from taprev.provenance.trace.results import DomainTrace, read_trace
from taprev.synthesis.results import Synthesis, read_synthesis


@dataclass(frozen=True)
class Target:
    """What was found: `kind` is `domain`, `study`, `result` or `cell`; `column` is that of a cell.

    `note` says where a figure was drawn from other numbers than the present ones, or was altered.
    """

    kind: str
    traces: tuple[DomainTrace, ...]
    syntheses: tuple[Synthesis, ...]
    results: tuple[str, ...]
    column: str = ""
    note: str = ""


def find(word: str, results: Path) -> Target:
    """Return what a word names among the traces of a results folder.

    Raises ValueError with a sentence where it names nothing, or where no trace was written yet.
    """
    traces = read_traces(results)
    if word in traces:
        return _target("domain", traces, results, [word], tuple(traces[word].results))
    if Path(word).is_file():
        return _of_figure(Path(word), traces, results)
    name, _, column = word.partition(".")
    homes = [domain for domain, trace in traces.items() if name in trace.results]
    if homes:
        cells = [cell.column for cell in traces[homes[0]].results[name].cells]
        if column and column not in cells:
            raise ValueError(f"{name} has no filled cell {column!r}; it has {', '.join(cells)}.")
        return _target("cell" if column else "result", traces, results, homes, (name,), column)
    of_study = {d: [r for r, evidence in t.results.items() if evidence.study == word] for d, t in traces.items()}
    if any(of_study.values()):
        named = [result for own in of_study.values() for result in own]
        return _target("study", traces, results, [d for d, own in of_study.items() if own], tuple(named))
    raise ValueError(_unknown(word, traces))


def plain(target: Target) -> str:
    """Return what was found as JSON: the synthesis of each domain and the evidence of each result."""
    domains = [
        {
            "synthesis": asdict(synthesis),
            "evidence": [asdict(trace.results[r]) for r in target.results if r in trace.results],
        }
        for trace, synthesis in zip(target.traces, target.syntheses, strict=True)
    ]
    content = {"kind": target.kind, "column": target.column, "domains": domains}
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)


def read_traces(results: Path) -> dict[str, DomainTrace]:
    """Return the traces of a results folder by domain."""
    files = sorted((results / "audit" / "trace").glob("*.json"))
    if not files:
        raise ValueError(f"{results}: no trace was written there. Run the review first (make review, or snakemake).")
    return {file.stem: read_trace(file) for file in files}


def _target(
    kind: str,
    traces: dict[str, DomainTrace],
    results: Path,
    domains: list[str],
    named: tuple[str, ...],
    column: str = "",
) -> Target:
    syntheses = tuple(read_synthesis(results / "synthesis" / f"{domain}.json") for domain in domains)
    return Target(kind, tuple(traces[domain] for domain in domains), syntheses, named, column)


def _of_figure(file: Path, traces: dict[str, DomainTrace], results: Path) -> Target:
    seal = seal_of(file)
    if seal is None:
        sentence = "this file carries no seal of a review; name an SVG or PNG of results/figures."
        raise ValueError(f"{file}: {sentence}")
    if seal.domain not in traces:
        raise ValueError(f"{file}: this is a figure of {seal.domain!r}, which these results do not have.")
    target = _target("domain", traces, results, [seal.domain], tuple(traces[seal.domain].results))
    now = target.syntheses[0].seal
    if not seal.whole:
        note = f"{file} was altered after it was drawn; what follows are the present numbers."
    elif seal.numbers != now:
        note = f"{file} was drawn from other numbers (seal {seal.numbers}); those that follow bear {now}."
    else:
        note = ""
    return replace(target, note=note)


def _unknown(word: str, traces: dict[str, DomainTrace]) -> str:
    known = [*traces, *(name for trace in traces.values() for name in trace.results)]
    known += sorted({evidence.study for trace in traces.values() for evidence in trace.results.values()})
    near = difflib.get_close_matches(word, known, 3)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"{word!r} is no domain, study, result, cell (result.column) or figure of this review.{hint}"
