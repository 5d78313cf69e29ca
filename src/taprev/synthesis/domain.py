"""Everything the review says about one domain, from the rows of its effects file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from taprev.effects.rows import EffectRow
from taprev.effects.variants import Variants
from taprev.extraction.tables import Row
from taprev.notes import Note, note
from taprev.settings import Settings
from taprev.synthesis.directions import votes
from taprev.synthesis.missing_evidence import with_missing_evidence
from taprev.synthesis.pvalues import combined_p
from taprev.synthesis.results import RowFate, Synthesis
from taprev.synthesis.sign_test import sign_test
from taprev.synthesis.strata import combined_strata, outside, strata
from taprev.synthesis.stratum import missing_results
from taprev.vocabulary import Contrast, Fate, NoteCode, Tier


def synthesise(
    name: str,
    rows: list[EffectRow],
    settings: Settings,
    made_by: dict,
    variants: Variants | None = None,
    judged: Sequence[Row] = (),
) -> Synthesis:
    """Return the synthesis of a domain: strata, directions, missing results and the fate of every row.

    Parameters
    ----------
    name : str
        The domain.
    rows : list of EffectRow
        The rows of its effects file.
    settings : Settings
        The settings of the review.
    made_by : dict
        What made the synthesis, such as the version of taprev; stored as it is.
    variants : Variants, optional
        The effects under every combination of choices; without them the sensitivity panels hold no multiverse.
    judged : sequence of dict, optional
        The judgements of missing evidence of the whole review (ROB-ME).

    Returns
    -------
    Synthesis
        Everything the review says about the domain.
    """
    domain, how = settings.domains[name], settings.synthesis
    ballots = votes(rows)
    contrasts = [contrast for contrast in Contrast if any(vote.contrast == contrast for vote in ballots)]
    fates = Counter(row.fate for row in rows)
    all_strata = strata(name, rows, settings, variants)
    made = Synthesis(
        domain=name,
        label=domain.label,
        population=settings.populations.get(domain.population, domain.population),
        evidence_set=settings.review.evidence_set,
        strata=tuple(all_strata),
        sensitivity=tuple(combined_strata(name, rows, settings)),
        outside=tuple(outside(all_strata, variants, settings)),
        votes=tuple(ballots),
        sign_tests=tuple(
            sign_test(
                contrast,
                [vote for vote in ballots if vote.contrast == contrast],
                settings.review.systematic_search,
                how.level,
            )
            for contrast in contrasts
        ),
        combined_p=tuple(combined_p(rows, settings.review.systematic_search)),
        rows=tuple(_row(row) for row in rows),
        fates={fate: fates[fate] for fate in Fate},
        studies=len({row.study for row in rows if row.fate != Fate.EXCLUDED}),
        samples=len({(row.study, row.sample) for row in rows if row.fate != Fate.EXCLUDED}),
        missing_results=missing_results(rows),
        notes=_notes(rows, settings),
        made_by=made_by,
    )
    return with_missing_evidence(made, judged)


def _row(row: EffectRow) -> RowFate:
    return RowFate(
        result=row.result,
        study=row.study,
        label=row.label,
        sample=row.sample,
        contrast=row.contrast,
        measure_text=row.outcome,
        direction=row.direction,
        fate=row.fate,
        reason=row.reason,
        tier=row.tier or Tier.DIRECTION,
        timepoint=row.timepoint,
        as_reported=row.as_reported,
        read=row.read,
    )


def _notes(rows: list[EffectRow], settings: Settings) -> tuple[Note, ...]:
    if any(row.fate != Fate.EXCLUDED for row in rows):
        return ()
    if rows:
        return (note(NoteCode.ALL_EXCLUDED),)
    return (note(NoteCode.NO_ROW_SYSTEMATIC if settings.review.systematic_search else NoteCode.NO_ROW),)
