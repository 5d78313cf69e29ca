"""The trace of a domain: the evidence of its every row, with what each pooled number would be without it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from taprev.effects.rows import EffectRow
from taprev.effects.variants import Variants
from taprev.provenance.trace.evidence import Hangs, Touch, evidence_of
from taprev.provenance.trace.extraction import Extraction
from taprev.provenance.trace.indirect import number, otherwise, sways
from taprev.provenance.trace.omission import PoolKey, Remainder, Whole, pool, samples_left, whole, without
from taprev.settings import Settings

Content = dict[str, Any]


def trace_domain(
    content: Content,
    rows: list[EffectRow],
    extraction: Extraction,
    settings: Settings,
    variants: Variants | None = None,
) -> Content:
    """Return the trace of a domain as plain data; `content` is its synthesis and `rows` its effect rows.

    Without `variants` it does not tell under which other choices a row would be pooled.
    """
    parts = {row.part_of: row for row in rows if row.part_of}
    pooled, votes = _pooled_with(content), _votes(content)
    given = whole(content["domain"], rows, extraction, settings)
    evidence = []
    for row in rows:
        left = without(given, row.result, row.study)
        hangs = Hangs(
            touches=tuple(_touches(pooled.get(row.result, []), given, left, parts)),
            sways=tuple(sways(row, given, left)),
            otherwise=otherwise(row.result, variants),
            votes=tuple(votes.get(row.result, [])),
        )
        evidence.append(evidence_of(row, extraction, settings, parts.get(row.result), hangs))
    return {
        "domain": content["domain"],
        "label": content["label"],
        "seal": content["seal"],
        "columns": {name: " ".join(said).strip() for name, said in _columns(extraction)},
        "results": {one.result: asdict(one) for one in evidence},
    }


def _columns(extraction: Extraction) -> Iterator[tuple[str, tuple[str, str]]]:
    for name, (meaning, unit) in extraction.columns.items():
        yield name, (meaning, f"Unit: {unit}." if unit else "")


def _pooled_with(content: Content) -> dict[str, list[tuple[Content, Content, bool]]]:
    """Return for every pooled result its strata, its sample in each, and whether it is a sensitivity analysis."""
    found: dict[str, list[tuple[Content, Content, bool]]] = defaultdict(list)
    for kind in ("strata", "sensitivity"):
        for stratum in content[kind]:
            for study in stratum["studies"]:
                if study["weight"] is not None:
                    for result in study["results"]:
                        found[result].append((stratum, study, kind == "sensitivity"))
    return found


def _votes(content: Content) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for vote in content["votes"]:
        for result in vote["results"]:
            found[result].append(f"{vote['contrast']}: {vote['direction']}")
    return found


def _touches(
    placed: list[tuple[Content, Content, bool]], given: Whole, left: Remainder, parts: dict[str, EffectRow]
) -> Iterator[Touch]:
    """Yield every pooled number in which a row is weighed, with what it would be without the row."""
    comparators = {part.result for part in parts.values()}
    for stratum, study, sensitivity in placed:
        better = "lower" if stratum["favours_sign"] == -1 else "higher"
        where: PoolKey = tuple(stratum["contrasts"]), stratum["scale"], better
        samples = samples_left(given, left, where)
        yield Touch(
            stratum=stratum["name"],
            label=stratum["label"],
            scale=stratum["scale"],
            sensitivity=sensitivity,
            shared_by=sum(name not in comparators for name in study["results"]),
            rho=given.settings.assumptions.rho.value,
            **{name: study[name] for name in ("yi", "vi", "weight")},
            **{name: stratum["fit"][name] for name in ("k", "estimate", "ci_lb", "ci_ub")},
            without=number(pool(where, samples, given.settings), len(samples)),
        )


def trace_json(trace: Content) -> str:
    """Return a trace as JSON at full precision."""
    return json.dumps(trace, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
