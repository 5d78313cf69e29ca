"""The commands that the workflow runs to show what was computed, one for each rule, in its order."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from taprev.cli.shared import (
    AUDIT,
    CERTAINTY,
    DATA,
    DOCUMENTS,
    EFFECTS,
    INVOLVEMENT,
    KEPT_CITATION,
    RESULTS,
    SETTLED,
    Data,
    Out,
    SettingsFile,
    rule,
    stop,
)
from taprev.vocabulary import FigureFormat, FigurePreset, ForestStyle

Cited = Annotated[Path, typer.Option("--citation", help="CITATION.cff as it was checked, where there is one.")]
Assessed = Annotated[Path, typer.Option("--certainty", help="Folder of the certainty of every domain.")]


@rule()
def figures(
    file: Path,
    settings: SettingsFile = SETTLED,
    out: Out = RESULTS / "figures",
    preset: Annotated[FigurePreset | None, typer.Option(help="Forest plot for a page, a column or a slide.")] = None,
    style: Annotated[ForestStyle | None, typer.Option(help="Whose forest plots it should look like.")] = None,
    also: Annotated[list[FigureFormat] | None, typer.Option(help="Besides SVG, PNG and PDF.")] = None,
) -> None:
    """Draw one domain: its forest plot, and what else says something, as SVG, PNG, PDF, data and text alternative.

    With --preset, --style or --also give another folder (--out): results/ holds the figures of the settings.
    """
    from taprev.figures.of_domain import draw_domain
    from taprev.settings import read_settings
    from taprev.synthesis.results import read_synthesis

    if (preset or style or also) and out.resolve() == (RESULTS / "figures").resolve():
        stop(["results/figures holds the figures of the settings. Name another folder: --out slides, say."])
    content, how = read_synthesis(file), read_settings(settings).figures
    how = how.drawn_for(preset) if preset else how
    asked = {"style": style, "formats": tuple(also) if also else None}
    how = how.model_copy(update={name: value for name, value in asked.items() if value is not None})
    draw_domain(content, out, how)


@rule()
def certainty(files: list[Path], settings: SettingsFile = SETTLED, data: Data = DATA, out: Out = CERTAINTY) -> None:
    """Write what a judgement of certainty rests on, a suggestion, and what people judged, by domain."""
    from taprev.certainty.assessment import all_assessments, astray, certainty_json
    from taprev.ground.files import write_text
    from taprev.settings import read_settings
    from taprev.synthesis.results import read_synthesis

    contents = [read_synthesis(file) for file in files]
    for assessed in all_assessments(contents, data / "extracted", read_settings(settings)):
        write_text(out / f"{assessed.domain}.json", certainty_json(assessed))
        for sentence in astray(assessed):
            typer.echo(sentence, err=True)


@rule()
def tables(
    files: list[Path], settings: SettingsFile = SETTLED, data: Data = DATA, out: Out = RESULTS / "tables"
) -> None:
    """Write the summary, the fate of every row, the sensitivity, the studies, the gap map and harms."""
    from taprev.ground.files import write_text
    from taprev.settings import read_settings
    from taprev.synthesis.results import read_synthesis
    from taprev.tables.write import all_tables

    contents = [read_synthesis(file) for file in files]
    for name, text in all_tables(contents, data / "extracted", read_settings(settings)).items():
        write_text(out / name, text)


@rule()
def overviews(
    files: list[Path],
    settings: SettingsFile = SETTLED,
    data: Data = DATA,
    tables: Annotated[Path, typer.Option()] = RESULTS / "tables",
    out: Out = RESULTS / "figures",
) -> None:
    """Draw the figures of the whole review: gap map, components, effect directions, risk of bias, flow of records."""
    from taprev.figures.overviews.registry import draw_overviews
    from taprev.settings import read_settings
    from taprev.synthesis.results import read_synthesis

    contents = [read_synthesis(file) for file in files]
    draw_overviews(contents, read_settings(settings), data / "extracted", tables, out)


@rule()
def documents(
    files: list[Path],
    settings: SettingsFile = SETTLED,
    data: Data = DATA,
    involvement: Annotated[Path, typer.Option(help="How people with lived experience took part.")] = INVOLVEMENT,
    certainty: Assessed = CERTAINTY,
    citation: Cited = KEPT_CITATION,
    out: Out = DOCUMENTS,
) -> None:
    """Write the documents that people take away: tables as HTML, DOCX and XLSX, the brief also as PDF, slides."""
    from taprev.certainty.assessment import read_certainty
    from taprev.ground.files import write_bytes
    from taprev.report.documents.findings import Known
    from taprev.report.documents.registry import Sources, each_document, written
    from taprev.settings import read_settings
    from taprev.settings.citation import read_citation
    from taprev.settings.reading import read_involvement
    from taprev.synthesis.results import read_synthesis

    contents = [read_synthesis(file) for file in files]
    known = [Known(content, read_certainty(certainty / f"{content.domain}.json")) for content in contents]
    review, told, cited = read_settings(settings), read_involvement(involvement), read_citation(citation)
    for entry, document in each_document(Sources(known, data / "extracted", review, told, cited)):
        for name, made in written(entry, document):
            write_bytes(out / name, made)


@rule()
def gallery(
    files: list[Path],
    settings: SettingsFile = SETTLED,
    citation: Cited = KEPT_CITATION,
    out: Out = RESULTS / "figures" / "index.html",
) -> None:
    """Write the page from which figures are taken, their citations, and which are not drawn; figures lie beside it."""
    from taprev.figures.of_domain import not_drawn
    from taprev.figures.overviews.registry import overviews_not_drawn
    from taprev.figures.undrawn import NOT_DRAWN, NotDrawn
    from taprev.ground.files import records_csv, write_text
    from taprev.report.gallery import CITATIONS, figures_bibtex, gallery
    from taprev.settings import read_settings
    from taprev.settings.citation import read_citation
    from taprev.synthesis.results import read_synthesis

    contents = [read_synthesis(file) for file in files]
    review, cited = read_settings(settings), read_citation(citation)
    write_text(out, gallery(contents, review, out.parent, cited))
    write_text(out.parent / CITATIONS, figures_bibtex(contents, review, out.parent, cited))
    gaps = [gap for content in contents for gap in not_drawn(content)]
    write_text(out.parent / NOT_DRAWN, records_csv(NotDrawn, [*gaps, *overviews_not_drawn(out.parent)]))


@rule("map")
def map_command(
    files: list[Path],
    settings: SettingsFile = SETTLED,
    data: Data = DATA,
    effects: Annotated[Path, typer.Option()] = EFFECTS,
    out: Out = RESULTS / "map.html",
) -> None:
    """Write the evidence map: the studies behind every outcome, to click and to filter; it opens without a network."""
    from taprev.effects.rows import read_effect_rows
    from taprev.ground.files import write_text
    from taprev.report.evidence_map.page import page
    from taprev.settings import read_settings
    from taprev.synthesis.results import read_synthesis

    contents = [read_synthesis(file) for file in files]
    read = {one.domain: (effects / f"{one.domain}.csv").read_text(encoding="utf-8") for one in contents}
    rows = {domain: read_effect_rows(text) for domain, text in read.items()}
    write_text(out, page(contents, rows, read_settings(settings), data / "extracted"))


@rule()
def report(
    files: list[Path],
    settings: SettingsFile = SETTLED,
    data: Data = DATA,
    figures: Annotated[Path, typer.Option()] = RESULTS / "figures",
    audit: Annotated[Path, typer.Option()] = AUDIT,
    certainty: Assessed = CERTAINTY,
    citation: Cited = KEPT_CITATION,
    out: Out = RESULTS / "report.html",
) -> None:
    """Write the page that people read: one file, which opens without a network."""
    from taprev.ground.files import write_text
    from taprev.report.page import page
    from taprev.settings import read_settings
    from taprev.settings.citation import read_citation
    from taprev.synthesis.results import read_synthesis

    contents = [read_synthesis(file) for file in files]
    review, cited = read_settings(settings), read_citation(citation)
    write_text(out, page(contents, review, data / "extracted", figures, audit, certainty, cited))


@rule()
def audit(
    files: list[Path], settings: SettingsFile = SETTLED, data: Data = DATA, out: Out = AUDIT / "index.html"
) -> None:
    """Write the audit pages, from every pooled number to the printed figure; they open without a network."""
    from taprev.report.audit.site import read_review, write_site
    from taprev.settings import read_settings
    from taprev.synthesis.results import read_synthesis

    contents = [read_synthesis(file) for file in files]
    write_site(read_review(contents, read_settings(settings), data, out.parent), out)


@rule()
def manifest(files: list[Path], out: Out = RESULTS / "manifest.json") -> None:
    """Write the checksums of inputs, code, environment and outputs; files beside the manifest are outputs.

    A path with {domain} in it stands for one of every domain of the settings.
    """
    from taprev import __version__
    from taprev.ground.files import write_text
    from taprev.ground.fingerprint import fingerprint_on_disk, source_fingerprint
    from taprev.ground.places import of_every_domain
    from taprev.provenance.manifest import SUMS, changed_during_run, checksum_lines, make_manifest, manifest_json
    from taprev.provenance.receipts import compact, lost, without_receipt
    from taprev.settings import read_settings

    results, source = out.parent, source_fingerprint()
    settled = read_settings(results / SETTLED.name)
    files = of_every_domain(files, settled.domains)
    sealed = make_manifest(files, results, __version__, source)
    changed = "changed while the review ran, so the results belong to the earlier version. Run the review again."
    altered = "was altered after it was made. Remove it and run again: it will be made again."
    gone = "was made and is gone. Remove the folder and run again: it will be made again."
    wrong = [f"{name} {changed}" for name in changed_during_run(sealed.inputs, results)]
    if {settled.source, fingerprint_on_disk()} != {source}:
        wrong.append(f"The code of taprev {changed}")
    wrong += [f"{file.as_posix()} {altered}" for file in without_receipt(sealed.outputs, results)]
    wrong += [f"{(folder / name).as_posix()} {gone}" for folder in files if folder.is_dir() for name in lost(folder)]
    if wrong:
        stop(wrong)
    write_text(out.with_name(SUMS), checksum_lines(sealed))
    write_text(out, manifest_json(sealed))
    compact((results / name).parent for name in sealed.outputs)
