"""The site as files: an opening page, and a folder of pages for domains, results, studies and decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from taprev.extraction.looked_up import (
    SOURCE_FILES,
    SOURCES,
    LookedUpFigure,
    SourceFile,
    read_looked_up,
    read_source_files,
)
from taprev.extraction.rulings import adjudication_path, read_rulings
from taprev.extraction.snapshot import KeptCopy, read_kept
from taprev.extraction.tables import read_rows, there
from taprev.ground.files import write_bytes, write_folder
from taprev.ground.seal import identifier_of_all
from taprev.provenance.cell_sample import NAME as SHEET
from taprev.provenance.diff.results import SinceEarlier, read_changes
from taprev.provenance.trace.results import DomainTrace, read_trace
from taprev.report.audit.domain import domain_page
from taprev.report.audit.evidence import result_page, row_words
from taprev.report.audit.finding import find_script
from taprev.report.audit.linked import row_links, rows_used
from taprev.report.audit.overview import adjudications, overview, studies
from taprev.report.audit.result_files import file_names
from taprev.report.audit.sign_off import Looked, looked, sign_off
from taprev.report.audit.sources import sources_page
from taprev.report.changes import changes_body
from taprev.report.templates import templates
from taprev.settings import Settings
from taprev.synthesis.results import Synthesis, evidence_first
from taprev.wording.flow import NO_OUTCOME

ASSETS = {"audit.css": ("cards.css", "audit.css", "long.css"), "audit.js": ("audit.js", "cards.js", "finding.js")}
FIND = "find.js"


@dataclass(frozen=True)
class AuditedReview:
    """What the pages are made of: syntheses and traces by domain, the tables of the audit, and the settings."""

    settings: Settings
    contents: tuple[Synthesis, ...]
    traces: dict[str, DomainTrace]
    studies: list[dict[str, str]]
    queries: list[dict[str, str]]
    crosscheck: list[dict[str, str]]
    rulings: list[dict[str, str]]
    changes: SinceEarlier
    as_read: tuple[KeptCopy, ...] = ()
    compared: tuple[dict[str, str], ...] = ()
    looked_up: tuple[LookedUpFigure, ...] = ()
    source_files: tuple[SourceFile, ...] = ()

    @property
    def sourced(self) -> bool:
        """Whether a source is kept, or named as kept."""
        return bool(self.source_files)

    @cached_property
    def looked(self) -> Looked:
        """What is known of who looked at the rows."""
        return looked(self.settings.extraction, self.rulings, self.compared)

    @property
    def results(self) -> tuple[str, ...]:
        """Every result, domain by domain."""
        return tuple(result for trace in self.traces.values() for result in trace.results)


def read_review(contents: list[Synthesis], settings: Settings, data: Path, audit: Path) -> AuditedReview:
    """Return what the pages are made of, from the files of the workflow."""
    traces = {content.domain: read_trace(audit / "trace" / f"{content.domain}.json") for content in contents}
    return AuditedReview(
        settings=settings,
        contents=tuple(evidence_first(contents)),
        traces=traces,
        studies=read_rows(data / "extracted" / "studies.csv"),
        queries=read_rows(audit / "queries.csv"),
        crosscheck=read_rows(audit / "crosscheck.csv"),
        rulings=[] if settings.extraction.once else read_rulings(adjudication_path(data)),
        changes=read_changes(audit / "changes.json"),
        looked_up=tuple(read_looked_up(audit / SOURCES)),
        source_files=tuple(read_source_files(audit / SOURCE_FILES)),
        compared=tuple(read_rows(sheet)) if there(sheet := data / "raw" / f"{SHEET}.csv") else (),
        as_read=tuple(copy for copy in read_kept(audit) if copy.copy and (copy.said or copy.file != copy.copy)),
    )


def write_site(review: AuditedReview, index: Path) -> None:
    """Write the opening page to `index` and the others into `pages` next to it, which is replaced as a whole."""
    folder = index.parent / "pages"
    write_folder(folder, {name: text.encode() for name, text in pages(review)})
    write_bytes(index, opening(review).encode())


def opening(review: AuditedReview) -> str:
    """Return the opening page, whose links lead into `pages`."""
    shown = overview(review.contents, review.traces, review.queries, review.crosscheck, review.looked)
    return renderer(review, "pages/")("index.html", here="overview", as_read=review.as_read, **shown)


def pages(review: AuditedReview) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every file in `pages`."""
    for name, parts in ASSETS.items():
        yield name, "".join((Path(__file__).parent / part).read_text(encoding="utf-8") for part in parts)
    render, files = renderer(review), file_names(review.results)
    yield FIND, find_script(review.traces, files)
    looked_up: dict[str, list[LookedUpFigure]] = defaultdict(list)
    for figure in review.looked_up:
        looked_up[figure.result].append(figure)
    for content in review.contents:
        trace = review.traces[content.domain]
        shown = domain_page(content, trace)
        yield f"domain_{content.domain}.html", render("domain.html", here="domain", page=shown)
        near, used = _neighbours(list(trace.results)), rows_used(trace, content)
        for result, evidence in trace.results.items():
            before, after = near[result]
            shown = {
                **result_page(evidence, trace, looked_up[result]),
                "sign_off": sign_off(evidence, review.looked, looked_up[result]),
                "uses": used(evidence),
                "before": before,
                "after": after,
            }
            yield files[result], render("result.html", here="result", page=shown)
    rows = [row_words(evidence) for trace in review.traces.values() for evidence in trace.results.values()]
    yield (
        "studies.html",
        render("studies.html", here="studies", studies=studies(rows, review.studies), no_outcome=NO_OUTCOME),
    )
    decided = adjudications(review.rulings, review.traces)
    yield "adjudications.html", render("adjudications.html", here="adjudications", **decided)
    yield "queries.html", render("queries.html", here="queries", queries=review.queries)
    if review.sourced:
        shown = sources_page(list(review.looked_up), list(review.source_files))
        yield "sources.html", render("sources.html", here="sources", page=shown)
    columns = next((trace.columns for trace in review.traces.values()), {})
    yield "codebook.html", render("codebook.html", here="codebook", columns=columns)
    yield "changes.html", render("changes.html", here="changes", **_changes(review.changes))


def _address(base: str, files: dict[str, str], result: str) -> str:
    return base + files[result]


def _changes(changes: SinceEarlier) -> dict[str, str]:
    """Return what the page of changes shows: the difference to an earlier edition, or that none is named."""
    if changes.difference is None:
        return {"said": changes.said, "body": ""}
    return {"said": "", "body": changes_body(changes.difference)}


def _neighbours(results: list[str]) -> dict[str, tuple[str, str]]:
    around = ["", *results, ""]
    return {result: (around[i], around[i + 2]) for i, result in enumerate(results)}


def renderer(review: AuditedReview, base: str = "") -> Callable[..., str]:
    """Return a function that fills a template; `base` is the path from the page to the folder of pages."""
    environment = templates("audit")
    environment.filters["words"] = lambda text: text.replace("_", " ")
    files = file_names(review.results)
    link = partial(_address, base, files)
    environment.filters["rows"] = row_links(files, link)
    environment.globals |= {
        "settings": review.settings,
        "identifier": identifier_of_all({one.domain: one.seal for one in review.contents}),
        "base": base,
        "home": "index.html" if base else "../index.html",
        "up": "../" if base else "../../",
        "link": link,
        "known": files,
        "sourced": review.sourced,
    }
    return lambda template, **shown: environment.get_template(template).render(shown)
