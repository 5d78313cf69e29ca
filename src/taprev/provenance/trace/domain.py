"""The trace of a domain: the evidence of its every row, with what each pooled number would be without it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from taprev.effects.rows import EffectRow
from taprev.provenance.trace.evidence import Touch, Without, evidence_of
from taprev.provenance.trace.extraction import Extraction
from taprev.provenance.trace.omission import Where, fits, without
from taprev.settings import Settings
from taprev.synthesis.result import Fit

Content = dict[str, Any]


def trace_domain(
    content: Content, rows: list[EffectRow], extraction: Extraction, settings: Settings
) -> Content:
    """Return the trace of a domain as plain data; `content` is its synthesis and `rows` its effect rows."""
    parts = {row.part_of: row for row in rows if row.part_of}
    evidence = [
        evidence_of(
            row, extraction, settings, parts.get(row.result),
            tuple(_touches(content, row, rows, extraction, settings)), tuple(_votes(content, row.result)),
        )
        for row in rows
    ]  # fmt: skip
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


def _touches(
    content: Content, row: EffectRow, rows: list[EffectRow], extraction: Extraction, settings: Settings
) -> Iterator[Touch]:
    """Yield every pooled number of the domain that a row bears on, with what it would be without the row."""
    placed = [(one, study) for one, study in _pooled_with(content, row.result)]
    if not placed:
        return
    studies = {name: study for name, (_, study) in extraction.studies.items()}
    left = without(
        row.domain, row.result, rows, extraction.of_domain(row.domain), studies, settings, extraction.bias()
    )
    otherwise = fits(row.domain, left, settings)
    for stratum, study in placed:
        where: Where = tuple(stratum["contrasts"]), stratum["scale"], stratum["favours_sign"]
        fit = stratum["fit"]
        yield Touch(
            stratum=stratum["name"],
            label=stratum["label"],
            scale=stratum["scale"],
            sensitivity=stratum in content["sensitivity"],
            shared_by=sum(
                name not in {part.result for part in rows if part.part_of} for name in study["results"]
            ),
            rho=settings.assumptions.rho.value,
            **{name: study[name] for name in ("yi", "vi", "weight")},
            **{name: fit[name] for name in ("k", "estimate", "ci_lb", "ci_ub")},
            without=_without(otherwise.get(where), left, stratum),
        )


def _pooled_with(content: Content, result: str) -> Iterator[tuple[Content, Content]]:
    for stratum in (*content["strata"], *content["sensitivity"]):
        for study in stratum["studies"]:
            if result in study["results"] and study["weight"] is not None:
                yield stratum, study


def _without(fit: Fit | None, left: list[EffectRow], stratum: Content) -> Without:
    if fit is not None:
        return Without(fit.k, fit.estimate, fit.ci_lb, fit.ci_ub)
    sign = -1 if stratum["favours_sign"] == -1 else 1
    samples = {
        (row.study, row.sample)
        for row in left
        if row.poolable and row.contrast in stratum["contrasts"] and row.scale == stratum["scale"]
        and (sign == -1) == (row.axis[1] == "lower")
    }  # fmt: skip
    return Without(len(samples), None, None, None)


def _votes(content: Content, result: str) -> Iterator[str]:
    for vote in content["votes"]:
        if result in vote["results"]:
            yield f"{vote['contrast']}: {vote['direction']}"


def trace_json(trace: Content) -> str:
    """Return a trace as JSON at full precision."""
    return json.dumps(trace, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
