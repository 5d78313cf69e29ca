"""Effects that leave their stratum: those too far from the number that the others give without them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from taprev.effects.queried import open_query
from taprev.extraction.plausibility.query import EFFECT_LEAVES, Query
from taprev.synthesis.results import Stratum, Study, Synthesis
from taprev.wording import estimates

FARTHEST = 2.5
ASK = "Look its figures up: is a decimal point, a sign or a standard error behind it, or is it so?"


def effects_leaving(contents: Iterable[Synthesis]) -> list[Query]:
    """Return a query for each pooled sample whose studentised deleted residual is beyond 2.5.

    The residual is (y - m)/sqrt(v + t + s²), with the estimate m, the variance between studies t and the standard
    error s of the stratum without the sample (Viechtbauer and Cheung 2010, *Res Synth Methods* 1:112).
    """
    return [query for content in contents for query in _of_domain(content)]


def _of_domain(content: Synthesis) -> Iterator[Query]:
    for stratum in content.strata:
        pooled = {study.label: study for study in stratum.studies if study.weight}
        for one in stratum.panel.influence if stratum.panel else ():
            if abs(one.rstudent) > FARTHEST and (study := pooled.get(one.label)):
                style = estimates.NumberStyle(stratum.scale)
                printed, *_ = estimates.estimate_parts(study.yi, study.ci_lb, study.ci_ub, style)
                found = (
                    f"found {printed}, {abs(one.rstudent):.1f} standard errors from what the other samples of "
                    f"{content.label}, {stratum.label} give."
                )
                yield Query(EFFECT_LEAVES.name, EFFECT_LEAVES.severity, study.results[0], study.study, "", found, ASK)


def with_open_leaving(content: Synthesis, still_open: frozenset[str]) -> Synthesis:
    """Return a domain in which each effect of these results is marked as one about which a query is open."""
    if not still_open:
        return content
    strata, sensitivity = (
        tuple(_marked(stratum, still_open) for stratum in group) for group in (content.strata, content.sensitivity)
    )
    return replace(content, strata=strata, sensitivity=sensitivity)


def _marked(stratum: Stratum, still_open: frozenset[str]) -> Stratum:
    def mark(study: Study) -> Study:
        if not still_open.intersection(study.results):
            return study
        return replace(study, assumptions=(*study.assumptions, open_query(study.label, [EFFECT_LEAVES.name])))

    return replace(stratum, studies=tuple(mark(study) for study in stratum.studies))
