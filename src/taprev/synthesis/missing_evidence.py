"""The judgements of risk of bias due to missing evidence, set beside the syntheses that they were made of (ROB-ME).

A judgement counts for the evidence that stands in it: which studies the synthesis had a result of, and which were
missing from it. Where that has changed since, the synthesis is to be judged again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from taprev.extraction.missing_evidence import answers_in
from taprev.extraction.tables import Row
from taprev.synthesis.results import MissingEvidence, Stratum, Synthesis
from taprev.synthesis.results.standing import evidence_of, votes_of
from taprev.vocabulary import MissingEvidenceRisk


def with_missing_evidence(content: Synthesis, judged: Sequence[Row]) -> Synthesis:
    """Return a domain whose strata say what people judged of the evidence that is missing from them.

    Parameters
    ----------
    content : Synthesis
        The domain.
    judged : sequence of dict
        The judgements of the whole review. Without any, the review does not use ROB-ME and nothing is said.

    Returns
    -------
    Synthesis
        The domain, every stratum with a `MissingEvidence` if the review has a judgement.
    """
    if not judged:
        return content
    own = {row["stratum"]: row for row in judged if row["domain"] == content.domain}
    strata = (replace(s, missing_evidence=_of(s, content, own.get(s.name))) for s in content.strata)
    return replace(content, strata=tuple(strata))


def _of(stratum: Stratum, content: Synthesis, row: Row | None) -> MissingEvidence:
    evidence = evidence_of(stratum, votes_of(stratum, content))
    if row is None:
        return MissingEvidence(evidence)
    return MissingEvidence(
        evidence=evidence,
        risk=MissingEvidenceRisk(row["risk"]) if _plain(row["evidence"]) == evidence else None,
        judged_evidence=row["evidence"],
        reason=row["reason"],
        answers=answers_in(row["answers"]),
        judged_by=row["judged_by"],
        judged_on=row["judged_on"],
    )


def _plain(text: str) -> str:
    return " ".join(text.split())


def astray(content: Synthesis, judged: Sequence[Row]) -> Iterator[str]:
    """Yield every judgement of a domain that belongs to no synthesis, or to other evidence than there is now.

    Parameters
    ----------
    content : Synthesis
        The domain.
    judged : sequence of dict
        The judgements of the whole review.

    Yields
    ------
    str
        A sentence.
    """
    strata = {stratum.name for stratum in content.strata}
    for row in judged:
        if row["domain"] == content.domain and row["stratum"] not in strata:
            yield (
                f"{content.label}: a judgement of missing evidence names {row['stratum']}, which is no synthesis here."
            )
    for stratum in content.strata:
        made = stratum.missing_evidence
        if made and made.outdated:
            yield (
                f'{content.label}, {stratum.label}: missing evidence was judged for "{made.judged_evidence}", and it '
                f'is now "{made.evidence}". Judge it again in data/extracted/missing_evidence.csv.'
            )
