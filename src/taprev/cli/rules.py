"""The commands that the workflow runs, one for each rule, in its order."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from taprev.cli.shared import (
    AUDIT,
    CERTAINTY,
    CONFIG,
    DATA,
    DOCUMENTS,
    EFFECTS,
    INVOLVEMENT,
    RESULTS,
    SETTLED,
    SYNTHESIS,
    Data,
    Out,
    SettingsFile,
    rule,
    stale,
    stop,
)

Assessed = Annotated[Path, typer.Option("--certainty", help="Folder of the certainty of every domain.")]


@rule("settings")
def settings_command(config: Annotated[Path, typer.Argument()] = CONFIG, out: Out = SETTLED) -> None:
    """Fill in the defaults of the settings and write them with the fingerprint of this code."""
    from taprev import __version__
    from taprev.ground.files import write_text
    from taprev.ground.fingerprint import source_fingerprint
    from taprev.provenance.diff.earlier import refuse_own_results
    from taprev.settings import read_settings, settle

    review = read_settings(config)
    refuse_own_results(review.earlier, RESULTS)
    write_text(out, settle(review, __version__, source_fingerprint()))


@rule()
def check(
    settings: SettingsFile = CONFIG,
    data: Data = DATA,
    log: Annotated[Path | None, typer.Option(help="Also write the problems here, as CSV.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write what was checked here, and copies of it beside it in extracted/."),
    ] = None,
) -> None:
    """Read every extracted table by the codebook and say everything that is wrong, all at once."""
    from taprev.extraction.checks import review_problems
    from taprev.extraction.plausibility.answers import answer_problems
    from taprev.extraction.problems import problems_csv
    from taprev.ground.files import write_text
    from taprev.settings import read_settings
    from taprev.settings.reading import read_involvement

    review = read_settings(settings)
    if INVOLVEMENT.is_file():
        read_involvement(INVOLVEMENT)
    problems = review_problems(data, review) or answer_problems(data)
    if log:
        write_text(log, problems_csv(problems))
    if problems:
        count = "1 problem stops" if len(problems) == 1 else f"{len(problems)} problems stop"
        stop([*(problem.sentence() for problem in problems), f"{count} the review.", *stale()])
    if out:
        from taprev.extraction.checks import checked_csv
        from taprev.extraction.snapshot import keep_tables

        keep_tables(data / "extracted", out.parent / "extracted")
        write_text(out, checked_csv(data))
    forms = ", its forms and their adjudications," if review.review.double_extraction else ""
    typer.echo(f"The extraction fits its codebook{forms} and passes the checks of its figures.")
    if not forms:
        typer.echo("It was extracted once (double_extraction: false), so no second form confirms it.")


@rule()
def agreement(settings: SettingsFile = SETTLED, data: Data = DATA, out: Out = AUDIT / "agreement.csv") -> None:
    """Write how far the two extractors agree: kappa and prevalence by field, by extractor and by study."""
    from taprev.extraction.agreement import agreement_csv, agreement_table
    from taprev.ground.files import write_text
    from taprev.settings import read_settings

    write_text(out, agreement_csv(agreement_table(data, read_settings(settings))))


@rule()
def queries(data: Data = DATA, out: Out = AUDIT / "queries.csv") -> None:
    """Ask what the plausibility checks ask of the extraction, each query beside its answer; stop at idle answers."""
    from taprev.extraction.plausibility.answers import asked, queries_csv, read_answers
    from taprev.ground.files import write_text

    found = asked(data)
    answers, problems = read_answers(data, found)
    if problems:
        stop([problem.sentence() for problem in problems])
    write_text(out, queries_csv(found, answers))


@rule()
def effects(settings: SettingsFile = SETTLED, data: Data = DATA, out: Out = EFFECTS) -> None:
    """Derive the effect of every extracted row, as the settings have it and under every other choice they list."""
    from taprev.effects.descriptors import described
    from taprev.effects.fates import effect_rows
    from taprev.effects.rows import rows_csv
    from taprev.effects.variants import variants, variants_json
    from taprev.extraction.tables import read_rows
    from taprev.ground.files import write_text
    from taprev.settings import read_settings

    review = read_settings(settings)
    outcomes = read_rows(data / "extracted" / "outcomes.csv")
    studies = {row["study"]: row for row in read_rows(data / "extracted" / "studies.csv")}
    judged = read_rows(data / "extracted" / "risk_of_bias.csv")
    bias = {row["result"]: row["judgement"] for row in judged if row["domain"] == "overall"}
    for name in review.domains:
        own = [row for row in outcomes if row["domain"] == name]
        rows = effect_rows(name, own, studies, review, bias)
        write_text(out / f"{name}.csv", rows_csv(described(rows, studies, judged, review)))
        every = variants(name, own, studies, review, bias, rows)
        write_text(out / "variants" / f"{name}.json", variants_json(every))


@rule()
def synthesis(
    domain: str,
    settings: SettingsFile = SETTLED,
    effects: Annotated[Path, typer.Option()] = EFFECTS,
    out: Out = SYNTHESIS,
) -> None:
    """Pool one domain within its strata, count directions, and write everything as JSON."""
    from taprev.effects.rows import read_effect_rows
    from taprev.effects.variants import read_variants
    from taprev.ground.files import write_text
    from taprev.settings import read_settings
    from taprev.synthesis.domain import synthesise
    from taprev.synthesis.origin import made_by
    from taprev.synthesis.results import to_json

    review = read_settings(settings)
    if domain not in review.domains:
        raise ValueError(f"{domain!r} is not a configured domain; use one of {', '.join(review.domains)}")
    text = (effects / f"{domain}.csv").read_text(encoding="utf-8")
    every = (effects / "variants" / f"{domain}.json").read_text(encoding="utf-8")
    maker = made_by(domain, text, every, review)
    try:
        result = synthesise(domain, read_effect_rows(text), review, maker, read_variants(every))
    except ArithmeticError as error:
        raise ValueError(f"{domain}: {error}. Look for a figure of an impossible size.") from None
    except ValueError as error:
        raise ValueError(f"{domain}: {error}. Look at the effects and the settings of this domain.") from None
    write_text(out / f"{domain}.json", to_json(result))


@rule()
def crosscheck(files: list[Path], out: Out = AUDIT / "crosscheck.csv") -> None:
    """Compute estimates, intervals, tau2 and Q a second time, by PyMARE or statsmodels; stop where they disagree."""
    from taprev.ground.files import write_text
    from taprev.synthesis.crosscheck import checks_csv, crosscheck
    from taprev.synthesis.results import read_synthesis

    checks = [check for file in files for check in crosscheck(read_synthesis(file))]
    write_text(out, checks_csv(checks))
    bad = [check for check in checks if check.verdict == "disagrees"]
    if bad:
        stop(
            [
                f"{c.domain}, {c.stratum}: {c.quantity} is {c.ours} here and {c.theirs} in {c.engine}. "
                "Do not publish this number; report it to the developers with the effects file."
                for c in bad
            ]
        )


@rule()
def recomputation(settings: SettingsFile = SETTLED, out: Out = AUDIT / "verify.R") -> None:
    """Write the R script that computes every effect and every pooled number again, with metafor."""
    from taprev.ground.files import write_text
    from taprev.provenance.recomputation import verify_script
    from taprev.settings import read_settings

    write_text(out, verify_script(read_settings(settings)))


@rule()
def traces(
    settings: SettingsFile = SETTLED,
    data: Data = DATA,
    effects: Annotated[Path, typer.Option()] = EFFECTS,
    synthesis: Annotated[Path, typer.Option()] = SYNTHESIS,
    out: Out = AUDIT / "trace",
) -> None:
    """Write, for every domain, the way from each extracted cell to the numbers it bears on, as JSON."""
    from taprev.effects.rows import read_effect_rows
    from taprev.effects.variants import read_variants
    from taprev.ground.files import write_text
    from taprev.provenance.trace.domain import trace_domain, trace_json
    from taprev.provenance.trace.extraction import read_extraction
    from taprev.settings import read_settings
    from taprev.synthesis.results import read_synthesis

    review = read_settings(settings)
    extraction = read_extraction(data, review)
    for name in review.domains:
        content = read_synthesis(synthesis / f"{name}.json")
        rows = read_effect_rows((effects / f"{name}.csv").read_text(encoding="utf-8"))
        every = read_variants((effects / "variants" / f"{name}.json").read_text(encoding="utf-8"))
        trace = trace_domain(content, rows, extraction, review, every)
        write_text(out / f"{name}.json", trace_json(trace))


@rule()
def changes(settings: SettingsFile = SETTLED, data: Data = DATA, out: Out = AUDIT / "changes.json") -> None:
    """Write what changed since the edition that the settings name as `earlier`, and which numbers that moved."""
    from taprev.ground.files import write_text
    from taprev.provenance.diff.earlier import earlier_json, since_earlier

    told = since_earlier(settings, data, RESULTS)
    write_text(out, earlier_json(told))
    if told["earlier"]:
        typer.echo(told["said"])


@rule()
def forest(file: Path, settings: SettingsFile = SETTLED, out: Out = RESULTS / "figures") -> None:
    """Draw the forest plot of one domain's whole evidence: SVG, PNG, PDF, its data and its text alternative."""
    from taprev.figures.forest.plot import draw_forest
    from taprev.settings import read_settings
    from taprev.synthesis.results import read_synthesis

    draw_forest(read_synthesis(file), out, read_settings(settings).figures)


@rule()
def siblings(file: Path, out: Out = RESULTS / "figures") -> None:
    """Draw one domain's funnel, its number without each study and under all choices, and its posteriors."""
    from taprev.figures.siblings.registry import draw_siblings
    from taprev.synthesis.results import read_synthesis

    draw_siblings(read_synthesis(file), out)


@rule()
def certainty(files: list[Path], settings: SettingsFile = SETTLED, data: Data = DATA, out: Out = CERTAINTY) -> None:
    """Write what a judgement of certainty rests on, a suggestion, and what people judged, by domain."""
    import json

    from taprev.certainty.assessment import all_assessments, astray
    from taprev.ground.files import write_text
    from taprev.settings import read_settings
    from taprev.synthesis.results import read_synthesis

    contents = [read_synthesis(file) for file in files]
    for name, text in all_assessments(contents, data / "extracted", read_settings(settings)).items():
        write_text(out / f"{name}.json", text)
        for sentence in astray(json.loads(text)):
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
    out: Out = DOCUMENTS,
) -> None:
    """Write the documents that people take away: tables as HTML, DOCX and XLSX, the brief as HTML, DOCX and PDF."""
    import json

    from taprev.ground.files import write_bytes
    from taprev.report.documents.findings import Known
    from taprev.report.documents.registry import every_document, written
    from taprev.settings import read_settings
    from taprev.settings.reading import read_involvement
    from taprev.synthesis.results import read_synthesis

    contents = [read_synthesis(file) for file in files]
    known = [Known(c, json.loads((certainty / f"{c['domain']}.json").read_text("utf-8"))) for c in contents]
    told = every_document(known, data / "extracted", read_settings(settings), read_involvement(involvement))
    for name, made in written(told).items():
        write_bytes(out / name, made)


@rule()
def gallery(files: list[Path], settings: SettingsFile = SETTLED, out: Out = RESULTS / "figures" / "index.html") -> None:
    """Write the page from which figures are taken; the figures lie beside it."""
    from taprev.ground.files import write_text
    from taprev.report.gallery import gallery
    from taprev.settings import read_settings
    from taprev.synthesis.results import read_synthesis

    contents = [read_synthesis(file) for file in files]
    write_text(out, gallery(contents, read_settings(settings), out.parent))


@rule()
def report(
    files: list[Path],
    settings: SettingsFile = SETTLED,
    data: Data = DATA,
    figures: Annotated[Path, typer.Option()] = RESULTS / "figures",
    audit: Annotated[Path, typer.Option()] = AUDIT,
    certainty: Assessed = CERTAINTY,
    out: Out = RESULTS / "report.html",
) -> None:
    """Write the page that people read: one file, which opens without a network."""
    from taprev.ground.files import write_text
    from taprev.report.page import page
    from taprev.settings import read_settings
    from taprev.synthesis.results import read_synthesis

    contents = [read_synthesis(file) for file in files]
    write_text(out, page(contents, read_settings(settings), data / "extracted", figures, audit, certainty))


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
    """Write the checksums of inputs, code, environment and outputs; files beside the manifest are outputs."""
    from taprev import __version__
    from taprev.ground.files import write_text
    from taprev.ground.fingerprint import source_fingerprint
    from taprev.provenance.manifest import make_manifest, manifest_json, single_files
    from taprev.provenance.receipts import compact, without_receipt

    made = [file for file in single_files(files) if file.is_relative_to(out.parent)]
    if altered := without_receipt(made):
        advice = "was altered after it was made. Remove it and run again: it will be made anew."
        stop([f"{file.as_posix()} {advice}" for file in altered])
    write_text(out, manifest_json(make_manifest(files, out.parent, __version__, source_fingerprint())))
    compact(file.parent for file in made)
