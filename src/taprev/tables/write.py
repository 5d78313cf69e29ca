"""The tables of the review: the summary, the fate of every row, and the studies.

Numbers have full precision; next to them `text` columns hold the same numbers as figures print them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from taprev.extraction.tables import columns, read_rows
from taprev.ground.files import csv_text
from taprev.settings import Settings
from taprev.synthesis.results import Fit, Outside, Panel, SparseFit, Stratum, Synthesis, votes_together
from taprev.synthesis.results.inclusion import rows_by_study
from taprev.tables import evidence
from taprev.tables.small_studies import SMALL_STUDIES, small_studies
from taprev.vocabulary import Vote
from taprev.wording import estimates, notes, sentences
from taprev.wording.strata import marks_words

FIT = (
    "k",
    "estimate",
    "se",
    "ci_lb",
    "ci_ub",
    "ci_method",
    "df",
    "pval",
    "tau2",
    "tau2_lb",
    "tau2_ub",
    "I2",
    "I2_lb",
    "I2_ub",
    "H2",
    "Q",
    "Q_df",
    "Q_pval",
    "pi_lb",
    "pi_ub",
    "tau2_method",
    "model",
)
EVENTS = ("events_measure", "events_k", "events_estimate", "events_se", "events_ci_lb", "events_ci_ub")
COUNTS = ("studies", "studies_with_magnitude", "samples_pooled", *Vote)
SUMMARY = (
    "domain",
    "label",
    "stratum",
    "stratum_label",
    "role",
    "status",
    "scale",
    "unit",
    *COUNTS,
    *FIT,
    *EVENTS,
    "estimate_text",
    "prediction_text",
    "heterogeneity_text",
    "explanation",
    "seal",
)
FATES = ("domain", "result", "study", "sample", "contrast", "measure", "tier", "fate", "reason")
TAKEN = ("results", "citation", "doi", "source_url")
SENSITIVITY = (
    "domain",
    "label",
    "stratum",
    "factor",
    "level",
    "usual",
    "k",
    "estimate",
    "ci_lb",
    "ci_ub",
    "tau2",
    "estimate_text",
)
MULTIVERSE = ("domain", "stratum", "combination", "k", "estimate", "ci_lb", "ci_ub", "tau2")
Records = Iterable[dict[str, Any]]


def all_tables(contents: list[Synthesis], extracted: Path, settings: Settings) -> dict[str, str]:
    """Return every table as CSV text by file name; `contents` are the domains as read from their JSON."""
    return {
        "components.csv": _csv(*evidence.components(extracted)),
        "fate_counts.csv": _csv(evidence.FATE_COUNTS, evidence.fate_counts(contents)),
        "gap_map.csv": _csv(evidence.gap_map_header(settings), evidence.gap_map(contents, extracted, settings)),
        "harms.csv": _csv(evidence.HARMS, evidence.harms(contents, extracted)),
        "comparison.csv": _csv(evidence.COMPARISON, evidence.comparison(contents, settings)),
        "summary.csv": _csv(SUMMARY, summary(contents)),
        "fates.csv": _csv(FATES, fates(contents)),
        "sensitivity.csv": _csv(SENSITIVITY, sensitivity(contents)),
        "multiverse.csv": _csv(MULTIVERSE, multiverse(contents)),
        "small_studies.csv": _csv(SMALL_STUDIES, small_studies(contents)),
        "studies.csv": _csv(studies_header(extracted), studies(contents, extracted)),
    }


def summary(contents: list[Synthesis]) -> Iterator[dict[str, Any]]:
    """Yield a row for each stratum of each domain, and one row for a domain that has none."""
    for content in contents:
        named = {"domain": content.domain, "label": content.label, "seal": content.seal}
        if not content.strata:
            gap = " ".join(notes.sentences(content.notes)) or sentences.fates(content.fates)
            yield {
                **named,
                "role": "main",
                "status": "all excluded" if content.rows else "gap",
                "studies": 0,
                "explanation": gap,
            }
        for role, strata in (("main", content.strata), ("sensitivity", content.sensitivity)):
            for stratum in strata:
                yield {**named, "role": role, **_stratum_row(stratum, content)}


def _stratum_row(stratum: Stratum, content: Synthesis) -> dict[str, Any]:
    fit = stratum.fit
    counted = [test for test in content.sign_tests if test.contrast in stratum.contrasts]
    return {
        "stratum": stratum.name,
        "stratum_label": stratum.label,
        "status": "pooled" if fit else "shown" if stratum.studies else "direction only",
        "scale": stratum.scale,
        "unit": stratum.unit,
        "studies": stratum.missing_results.studies,
        "studies_with_magnitude": stratum.missing_results.with_magnitude,
        "samples_pooled": len({(s.study, s.sample) for s in stratum.studies if s.weight is not None}),
        **{str(vote): n for vote, n in votes_together(counted).items()},
        **{name: getattr(fit, name, None) for name in FIT},
        **_events(stratum.sparse),
        **_texts(stratum, fit),
    }


def _events(sparse: SparseFit | None) -> dict[str, Any]:
    if sparse is None:
        return {}
    names = ("measure", "estimate", "se", "ci_lb", "ci_ub")
    return {"events_k": sparse.k_used, **{f"events_{name}": getattr(sparse, name) for name in names}}


def _texts(stratum: Stratum, fit: Fit | None) -> dict[str, str]:
    if not fit:
        return {"estimate_text": "not estimable", "explanation": notes.why_not(stratum.not_estimable)}
    style = estimates.style(stratum)
    return {
        "estimate_text": estimates.estimate(fit.estimate, fit.ci_lb, fit.ci_ub, style),
        "prediction_text": sentences.prediction(fit, style) or "not estimable",
        "heterogeneity_text": sentences.heterogeneity(fit),
        "explanation": " ".join(
            filter(None, [*notes.sentences((*stratum.cautions, *fit.notes)), marks_words(stratum.marks)])
        ),
    }


def sensitivity(contents: list[Synthesis]) -> Iterator[dict[str, Any]]:
    """Yield each stratum pooled, or shown, under one choice at a time, without each study, and study by study."""
    for content, stratum, panel in _panels(contents):
        named = {"domain": content.domain, "label": content.label, "stratum": stratum.name}
        for line in panel.alternatives:
            yield {
                **named,
                **vars(line),
                "usual": "yes" if line.usual else "no",
                "estimate_text": ""
                if line.estimate is None
                else estimates.estimate(line.estimate, line.ci_lb, line.ci_ub, estimates.style(stratum)),
            }


def multiverse(contents: list[Synthesis]) -> Iterator[dict[str, Any]]:
    """Yield every combination of choices of each stratum with its pooled numbers."""
    for content, stratum, panel in _panels(contents):
        if panel.multiverse is None:
            continue
        factors = panel.multiverse.factors
        for specification in panel.multiverse.specifications:
            chosen = zip(factors, specification.levels, strict=True)
            combination = "; ".join(f"{factor.name}: {factor.levels[level]}" for factor, level in chosen)
            named = {"domain": content.domain, "stratum": stratum.name, "combination": combination}
            yield {**named, **vars(specification)}


def _panels(contents: list[Synthesis]) -> Iterator[tuple[Synthesis, Stratum | Outside, Panel]]:
    for content in contents:
        strata: tuple[Stratum | Outside, ...] = (*content.strata, *content.sensitivity, *content.outside)
        for stratum in strata:
            if stratum.panel:
                yield content, stratum, stratum.panel


def fates(contents: list[Synthesis]) -> Iterator[dict[str, Any]]:
    """Yield every extracted row with its fate and the reason."""
    for content in contents:
        for row in content.rows:
            yield {
                "domain": content.domain,
                "measure": row.measure_text,
                **vars(row),
                "reason": notes.reason(row.reason),
            }


def studies_header(extracted: Path) -> tuple[str, ...]:
    """Return the columns of the codebook and what the review took from a study, the remarks last."""
    own = columns(extracted, "studies")
    return (*(name for name in own if name != "note"), *TAKEN, *(name for name in own if name == "note"))


def studies(contents: list[Synthesis], extracted: Path) -> Iterator[dict[str, Any]]:
    """Yield every study with its characteristics, its reports and the results the review took from it."""
    taken = rows_by_study(contents)
    reports: dict[str, list[dict[str, str]]] = {}
    for report in read_rows(extracted / "reports.csv"):
        reports.setdefault(report["study"], []).append(report)
    for study in read_rows(extracted / "studies.csv"):
        own = reports.get(study["study"], [])
        joined = {name: " | ".join(r[name] for r in own if r[name]) for name in ("citation", "doi", "source_url")}
        yield {**study, **joined, "results": " ".join(row.result for row in taken.get(study["study"], ()))}


def _csv(header: tuple[str, ...], rows: Records) -> str:
    return csv_text(header, ([row.get(name) for name in header] for row in rows))
