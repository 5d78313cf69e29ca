"""The trace of a domain: the evidence of each row, with what each pooled number would be without it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from taprev.effects.rows import EffectRow
from taprev.effects.variants import Variants
from taprev.provenance.trace.evidence import Hangs, evidence_of
from taprev.provenance.trace.extraction import Extraction
from taprev.provenance.trace.indirect import number, otherwise, sways
from taprev.provenance.trace.omission import (
    PoolKey,
    Remainder,
    Whole,
    pool,
    rows_left,
    samples_left,
    whole,
    without,
)
from taprev.provenance.trace.results import DomainTrace, RowVote, Touch
from taprev.settings import Settings
from taprev.synthesis.results import Stratum, Study, Synthesis
from taprev.vocabulary import Better
from taprev.wording import estimates

Placed = tuple[Stratum, Study, bool]


def trace_domain(
    content: Synthesis,
    rows: list[EffectRow],
    extraction: Extraction,
    settings: Settings,
    variants: Variants | None = None,
) -> DomainTrace:
    """Return the trace of a domain; `content` is its synthesis and `rows` its effect rows.

    Without `variants` it does not say under which other choices a row would be pooled.
    """
    parts = {row.part_of: row for row in rows if row.part_of}
    pooled, votes = _pooled_with(content), _votes(content)
    given = whole(content.domain, rows, extraction, settings)
    followed = []
    for row in rows:
        left = without(given, row.result, row.study)
        hangs = Hangs(
            touches=tuple(_touches(pooled.get(row.result, []), given, left, parts)),
            sways=tuple(sways(row, given, left)),
            otherwise=otherwise(row.result, variants),
            votes=tuple(votes.get(row.result, [])),
        )
        followed.append(evidence_of(row, extraction, settings, parts.get(row.result), hangs))
    return DomainTrace(
        domain=content.domain,
        label=content.label,
        seal=content.seal,
        columns={name: " ".join(meaning).strip() for name, meaning in _columns(extraction)},
        results={evidence.result: evidence for evidence in followed},
    )


def _columns(extraction: Extraction) -> Iterator[tuple[str, tuple[str, str]]]:
    for name, (meaning, unit) in extraction.columns.items():
        yield name, (meaning, f"Unit: {unit}." if unit else "")


def _pooled_with(content: Synthesis) -> dict[str, list[Placed]]:
    """Return for every pooled result its strata, its sample in each, and whether it is a sensitivity analysis."""
    by_result: dict[str, list[Placed]] = defaultdict(list)
    for strata, sensitivity in ((content.strata, False), (content.sensitivity, True)):
        for stratum in strata:
            for study in stratum.studies:
                for result in study.results if study.weight is not None else ():
                    by_result[result].append((stratum, study, sensitivity))
    return by_result


def _votes(content: Synthesis) -> dict[str, list[RowVote]]:
    by_result: dict[str, list[RowVote]] = defaultdict(list)
    for vote in content.votes:
        for result in vote.results:
            by_result[result].append(RowVote(vote.contrast, vote.direction))
    return by_result


def _touches(placed: list[Placed], given: Whole, left: Remainder, parts: dict[str, EffectRow]) -> Iterator[Touch]:
    """Yield every pooled number in which a row is weighed, with what it would be without the row."""
    comparators = {part.result for part in parts.values()}
    for stratum, study, sensitivity in placed:
        better = Better.LOWER if stratum.favours_sign == -1 else Better.HIGHER
        where: PoolKey = stratum.contrasts, stratum.scale, better
        samples, fit = samples_left(given, left, where), stratum.pooled
        yield Touch(
            stratum=stratum.name,
            label=stratum.label,
            scale=stratum.scale,
            digits=estimates.style(stratum).digits,
            sensitivity=sensitivity,
            shared_by=sum(name not in comparators for name in study.results),
            rho=given.settings.assumptions.rho.value,
            yi=study.yi,
            vi=study.vi,
            weight=study.weight or 0.0,
            k=fit.k,
            estimate=fit.estimate,
            ci_lb=fit.ci_lb,
            ci_ub=fit.ci_ub,
            without=number(pool(where, samples, rows_left(given, left), given.settings), len(samples)),
        )
