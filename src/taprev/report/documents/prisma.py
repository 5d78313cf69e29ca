"""The PRISMA checklists: the items that settings and results answer are filled in, the others are left to people.

Page MJ, McKenzie JE, Bossuyt PM, et al. The PRISMA 2020 statement. BMJ 2021;372:n71 (checklist and abstracts).
Rethlefsen ML, Kirtley S, Waffenschmidt S, et al. PRISMA-S. Syst Rev 2021;10:39. Topics are named shortly; the
wording of each item stands there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from taprev.extraction.flow import Flow, read_flow
from taprev.report.documents.document import Block, Column, Heading, Paragraph, Table, TableCell, TableSection
from taprev.report.documents.findings import Known, judged, judged_missing
from taprev.report.documents.search import DATES, SEARCH, excluded_told, flow_told, searching, sources_told
from taprev.settings import Settings
from taprev.synthesis.results.inclusion import with_syntheses
from taprev.vocabulary import Fate
from taprev.wording import labels
from taprev.wording.estimates import estimate, style

COLUMNS = (Column("Item", 0.27), Column("In this review", 0.58), Column("Page", 0.15))
TO_DO = "To be written by people."
NO_REGISTRATION = "The settings name no registration."
ITEMS = (
    ("1", "Title"),
    ("2", "Abstract"),
    ("3", "Rationale"),
    ("4", "Objectives"),
    ("5", "Eligibility criteria"),
    ("6", "Information sources"),
    ("7", "Search strategy"),
    ("8", "Selection process"),
    ("9", "Data collection process"),
    ("10a", "Outcomes"),
    ("10b", "Other variables"),
    ("11", "Assessment of the risk of bias of studies"),
    ("12", "Effect measures"),
    ("13a", "Which studies a synthesis takes"),
    ("13b", "Preparation of data"),
    ("13c", "Tables and figures"),
    ("13d", "Methods of synthesis"),
    ("13e", "Exploring heterogeneity"),
    ("13f", "Sensitivity analyses"),
    ("14", "Assessment of reporting bias"),
    ("15", "Assessment of certainty"),
    ("16a", "Flow of studies"),
    ("16b", "Excluded studies"),
    ("17", "Characteristics of studies"),
    ("18", "Risk of bias in studies"),
    ("19", "Results of single studies"),
    ("20a", "Studies behind each synthesis"),
    ("20b", "Results of syntheses"),
    ("20c", "Heterogeneity"),
    ("20d", "Results of sensitivity analyses"),
    ("21", "Reporting biases"),
    ("22", "Certainty of the evidence"),
    ("23a", "Interpretation"),
    ("23b", "Limits of the evidence"),
    ("23c", "Limits of the review"),
    ("23d", "Implications"),
    ("24a", "Registration"),
    ("24b", "Protocol"),
    ("24c", "Amendments"),
    ("25", "Support"),
    ("26", "Competing interests"),
    ("27", "Data, code and other material"),
)
ABSTRACT = (
    ("1", "Title"),
    ("2", "Objectives"),
    ("3", "Eligibility criteria"),
    ("4", "Information sources"),
    ("5", "Risk of bias"),
    ("6", "Methods of synthesis"),
    ("7", "Included studies"),
    ("8", "Results of syntheses"),
    ("9", "Limits of the evidence"),
    ("10", "Interpretation"),
    ("11", "Funding"),
    ("12", "Registration"),
)
SEARCHING = (
    ("1", "Names of databases"),
    ("2", "Searching several databases at once"),
    ("3", "Study registries"),
    ("4", "Online resources and browsing"),
    ("5", "Citation searching"),
    ("6", "Contacts"),
    ("7", "Other methods"),
    ("8", "Full search strategies"),
    ("9", "Limits and restrictions"),
    ("10", "Search filters"),
    ("11", "Prior work"),
    ("12", "Updates"),
    ("13", "Dates of searches"),
    ("14", "Peer review"),
    ("15", "Total records"),
    ("16", "Deduplication"),
)


def prisma(
    known: Sequence[Known],
    extracted: Path,
    settings: Settings,
    texts: Mapping[str, str],
) -> Iterator[Block]:
    """Yield the three checklists; `texts` are the paragraphs of the methods by name."""
    counts = with_syntheses(read_flow(extracted), [outcome.synthesis for outcome in known])
    whole = _answers(known, counts, settings, texts)
    abstract = {
        "1": whole["1"],
        "2": settings.review.question,
        "3": whole["5"],
        **({"4": whole["6"]} if "6" in whole else {}),
        "5": whole["11"],
        "6": texts["synthesis"],
        "7": _studies(known),
        "8": whole["20b"],
        "9": whole["23b"],
        "12": whole["24a"],
    }
    search = searching(counts)
    for name, title, items, answers, otherwise in (
        ("PRISMA 2020", "PRISMA 2020 (27 items)", ITEMS, whole, TO_DO),
        ("PRISMA abstract", "PRISMA 2020 for abstracts (12 items)", ABSTRACT, abstract, TO_DO),
        ("PRISMA-S", "PRISMA-S, for searching (16 items)", SEARCHING, search, SEARCH),
    ):
        rows = tuple(
            (TableCell(f"{number} {topic}"), TableCell(answers.get(number, otherwise)), TableCell(""))
            for number, topic in items
        )
        yield Heading(title)
        yield Table(name, "", COLUMNS, (TableSection("", rows),))
    yield Paragraph("The column of pages is for people, when the text stands.", "note")


def _answers(known: Sequence[Known], counts: Flow, settings: Settings, texts: Mapping[str, str]) -> dict[str, str]:
    """Return what settings and results say to the items of PRISMA 2020."""
    review = settings.review
    search = "" if review.systematic_search else " The search was not systematic, so it must not be called so."
    protocol = f"Protocol: {review.protocol}." if review.protocol else "The settings name no protocol."
    registration = f"Registration: {review.registration}." if review.registration else NO_REGISTRATION
    sources = sources_told(counts)
    many, of = judged(known)
    return {
        **({"6": f"{sources} {DATES}"} if sources else {}),
        "1": f"{review.title}.{search}",
        "4": review.question,
        "5": _eligibility(settings),
        "9": texts["extraction"],
        "10a": "; ".join(domain.label for domain in settings.domains.values()) + ". Definitions: config/review.yaml.",
        "10b": "Every variable with its definition: the codebook, data/extracted/datapackage.yaml.",
        "11": "By tool, result and domain in data/extracted/risk_of_bias.csv; who judged is for people to say.",
        "12": texts["effects"],
        "13a": "results/effects: every result with its fate and its reason.",
        "13b": texts["effects"],
        "13c": "Forest plots, review at a glance, effect direction plot, gap map, summary of findings.",
        "13d": f"{texts['synthesis']} {texts['directions']}",
        "13e": texts["sensitivity"],
        "13f": texts["sensitivity"],
        "14": "ROB-ME, by people; the document on missing evidence lists the studies of each synthesis. "
        f"Judged: {judged_missing(known)} of {of}.",
        "15": f"GRADE, by people. Judged: {many} of {of}.",
        "16a": f"Figure of the flow of records. {flow_told(counts)}",
        "16b": f"{excluded_told(counts)} The document on what was left out has the reason of each result.",
        "17": f"{_studies(known)} The document on characteristics of studies.",
        "18": "Figure and column of risk of bias; results/tables and the audit pages.",
        "19": "Forest plots and results/effects.",
        "20a": "Summary of findings and evidence profile.",
        "20b": _results(known),
        "20c": "tau2, I2 and prediction intervals stand with every pooled number (results/report.html).",
        "20d": "results/tables/sensitivity.csv and multiverse.csv.",
        "21": "The document on missing evidence.",
        "22": "Summary of findings and evidence profile.",
        "23b": f"{review.evidence_set} {review.about}".strip(),
        "24a": registration,
        "24b": protocol,
        "24c": "Changes since the edition last published: results/audit/changes.json.",
        "27": "All data, code and settings: this folder; checksums in results/manifest.json.",
    }


def _eligibility(settings: Settings) -> str:
    left = "; ".join(f"{name.replace('_', ' ')}: {why}" for name, why in settings.scope.leave_out.items())
    taken = ", ".join(name.replace("_", " ") for name in settings.scope.include)
    return f"Taken: {taken}. Left out: {left or 'nothing'}. Grouped by outcome, people and design."


def _studies(known: Sequence[Known]) -> str:
    rows = [row for outcome in known for row in outcome.synthesis.rows if row.fate != Fate.EXCLUDED]
    studies = labels.count(len({row.study for row in rows}), "study", "studies")
    return f"{studies} with {labels.count(len(rows), 'result', 'results')}."


def _results(known: Sequence[Known]) -> str:
    told = [
        f"{outcome.label}, {labels.contrast(stratum.contrasts[0])}: "
        f"{estimate(stratum.fit.estimate, stratum.fit.ci_lb, stratum.fit.ci_ub, style(stratum))}, k = {stratum.fit.k}"
        for outcome in known
        for stratum, _ in outcome.strata
        if stratum.fit
    ]
    return f"{'; '.join(told)}." if told else "Nothing is pooled."
