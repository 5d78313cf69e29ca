"""Reporting checklists, filled from the settings and the results.

Campbell M, McKenzie JE, Sowden A, et al. Synthesis without meta-analysis (SWiM) in systematic reviews: reporting
guideline. BMJ 2020;368:l6890. Staniszewska S, Brett J, Simera I, et al. GRIPP2 reporting checklists. Research
Involvement and Engagement 2017;3:13.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from taprev.report.documents.document import (
    Block,
    Column,
    Document,
    Heading,
    Items,
    Paragraph,
    Table,
    TableCell,
    TableSection,
)
from taprev.report.documents.findings import Known, judged, magnitudes
from taprev.report.documents.imprint import imprint
from taprev.report.documents.prisma import prisma
from taprev.report.methods import HIERARCHY, methods
from taprev.settings import Settings
from taprev.settings.involvement import Involvement
from taprev.wording import labels

COLUMNS = (Column("Item", 0.3), Column("In this review", 0.7))
NOT_REPORTED = "not reported"
GRIPP2 = {
    "aim": "1 Aim of involvement",
    "methods": "2 Methods of involvement",
    "results": "3 Results of involvement, good and bad",
    "influence": "4 Extent of influence on the review",
    "reflections": "5 Reflections and critical perspective",
}


def reporting(known: Sequence[Known], extracted: Path, settings: Settings, involvement: Involvement) -> Document:
    """Return the nine items of SWiM, the five of GRIPP2, short form, and the checklists of PRISMA."""
    contents = [outcome.synthesis for outcome in known]
    texts = methods(settings, contents)
    swim = (
        ("1a Grouping of studies, and why", _grouping(settings)),
        ("1b Changes since the protocol", _protocol(settings)),
        ("2 Standardised metric and transformations", texts["effects"]),
        ("3 Methods of synthesis", f"{texts['synthesis']} {texts['directions']}"),
        ("4 Which results come first", FIRST),
        ("5 Investigation of heterogeneity", _heterogeneity(settings, texts["sensitivity"])),
        ("6 Certainty of the evidence", _certainty(known)),
        ("7 Presentation of data", PRESENTATION),
        ("8 Results", _results(known)),
        ("9 Limitations of the synthesis", _limitations(known, settings)),
    )
    gripp2 = tuple((words, getattr(involvement, item) or NOT_REPORTED) for item, words in GRIPP2.items())
    return Document(
        title="Reporting checklists",
        subtitle=settings.review.title,
        blocks=(
            Paragraph("The texts are made from the settings and the results of this run.", "lead"),
            Heading("Synthesis without meta-analysis (SWiM, nine items)"),
            _table("SWiM", "Synthesis without meta-analysis, item by item.", swim),
            Heading("Involvement of people with lived experience (GRIPP2 short form)"),
            _table("GRIPP2", "Involvement of people with lived experience, item by item.", gripp2),
            *_principles(involvement),
            *prisma(known, extracted, settings, texts),
        ),
        imprint=imprint(settings),
    )


def _principles(involvement: Involvement) -> Iterator[Block]:
    """Yield the principles that involvement is held to, with their source."""
    if involvement.principles:
        yield Heading("Principles that it is held to")
        yield Items(involvement.principles)
        if involvement.principles_source:
            yield Paragraph(involvement.principles_source, "note")


FIRST = f"{HIERARCHY}. Every result keeps its place and its reason in results/effects."
PRESENTATION = (
    "Forest plots hold every study by design, pooled or not, and the directions of the rest; an effect "
    "direction plot, an evidence gap map and tables of results, characteristics and exclusions stand beside. "
    "Studies are ordered by design, and every figure has its data as CSV and its words as text."
)


def _table(name: str, caption: str, rows: Sequence[tuple[str, str]]) -> Table:
    return Table(
        name, caption, COLUMNS, (TableSection("", tuple((TableCell(item), TableCell(text)) for item, text in rows)),)
    )


def _grouping(settings: Settings) -> str:
    reasons = [f"{domain.label}: {domain.asks}." for domain in settings.domains.values() if domain.asks]
    silent = [domain.label for domain in settings.domains.values() if not domain.asks]
    missing = f" No reason is written for {'; '.join(silent)}." if silent else ""
    return (
        "By outcome and population, and within them by design (randomised, controlled, before-after, interrupted time "
        f"series), because these answer different questions. {' '.join(reasons)}{missing}"
    )


def _protocol(settings: Settings) -> str:
    if not settings.review.protocol:
        return f"{NOT_REPORTED.capitalize()}: the settings name no protocol."
    return f"Protocol: {settings.review.protocol}. Changes since the edition last published are in results/audit."


def _heterogeneity(settings: Settings, sensitivity: str) -> str:
    asked = ", ".join(moderator.label for moderator in settings.explaining) or "none"
    return (
        "Between-study variance, I2 and prediction intervals stand with every pooled number. Moderators, "
        f"examined from ten studies for each covariate on: {asked}. {sensitivity}"
    )


def _certainty(known: Sequence[Known]) -> str:
    many, of = judged(known)
    return (
        f"By GRADE, for every outcome and design, by people. Judged: {many} of {of}. The numbers that a judgement "
        "rests on stand in the evidence profile."
    )


def _results(known: Sequence[Known]) -> str:
    strata = [stratum for outcome in known for stratum, _ in outcome.strata]
    pooled = sum(stratum.fit is not None for stratum in strata)
    without = sum(not outcome.synthesis.rows for outcome in known)
    return (
        f"{labels.count(len(known), 'outcome', 'outcomes')} with "
        f"{labels.count(len(strata), 'design', 'designs')} between them; a pooled number for {pooled}, "
        f"directions or single studies for the others; {without} without a row. The summary of findings has "
        "each with the studies it rests on."
    )


def _limitations(known: Sequence[Known], settings: Settings) -> str:
    printed, measured = magnitudes(known)
    return (
        f"{settings.review.evidence_set} {settings.review.about} Counted by outcome, {printed} of {measured} "
        "studies give a usable magnitude in what was read of them. A finer or coarser grouping of outcomes would "
        "change what is pooled with what."
    )
