"""The commands that a person runs before, during and after the workflow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from taprev.cli.shared import AUDIT, CONFIG, DATA, NOTHING_WRITTEN, RESULTS, Data, SettingsFile, app, stop


@app.command()
def reconcile(
    settings: SettingsFile = CONFIG,
    data: Data = DATA,
    worksheet: Annotated[Path | None, typer.Option(help="A filled worksheet (XLSX or CSV) to read back first.")] = None,
    decided_by: Annotated[str, typer.Option(help="Who decided, where the worksheet does not say it.")] = "",
    decided_on: Annotated[str, typer.Option(help="The day, as 2026-01-31, where the worksheet does not say it.")] = "",
) -> None:
    """Merge the forms by the adjudications; write the consensus, or a worksheet of what is still open."""
    from taprev.extraction.checks import half_written
    from taprev.extraction.consensus import consensus_path, not_merged, replace_consensus
    from taprev.extraction.form_cells import refused_rows
    from taprev.extraction.forms import form_paths
    from taprev.extraction.identifiers import write_identifiers
    from taprev.extraction.reconcile import reconcile
    from taprev.ground.files import remove_unfinished
    from taprev.settings import read_settings

    review = read_settings(settings)
    if why := not_merged(data, review.extraction):
        stop([why])
    if refused := half_written(data) or refused_rows(data, review):
        stop([*(problem.sentence() for problem in refused), NOTHING_WRITTEN])
    remove_unfinished(data)
    made, faults = write_identifiers(data, form_paths(data), review.extraction.twice.results)
    for sentence in made:
        typer.echo(sentence)
    if worksheet:
        from taprev.extraction.answers import record_answers
        from taprev.extraction.spreadsheet import said_of_sheet
        from taprev.extraction.worksheet import NAME

        for sentence in said_of_sheet(worksheet, NAME):
            typer.echo(sentence)
        recorded, wrong = record_answers(data, worksheet, review.extraction, decided_by, decided_on)
        faults += wrong
        typer.echo(f"Answers recorded in adjudication.csv: {recorded}.")
    merged = reconcile(data, review.extraction)
    if merged.problems:
        stop([*faults, *(problem.sentence() for problem in merged.problems)])
    if merged.open_cells:
        from taprev.extraction.checks import of_other_people_in_forms
        from taprev.extraction.worksheet import offer_worksheets
        from taprev.provenance.consequence import consequences

        faults += of_other_people_in_forms(data, review)
        consequence = consequences(data, merged, review)
        stop([*faults, offer_worksheets(data, merged, consequence)])
    for sentence in replace_consensus(data, merged.rows):
        typer.echo(sentence)
    typer.echo(f"{consensus_path(data)} is what the forms and adjudications give.")
    if faults:
        stop(faults)


@app.command()
def basis(settings: SettingsFile = CONFIG, data: Data = DATA) -> None:
    """Write what each decision and answer that does not say it was made on: the forms and findings as they stand."""
    from taprev.extraction.looked_up import SOURCES
    from taprev.extraction.plausibility.answers import record_findings
    from taprev.extraction.record_basis import record_readings
    from taprev.settings import read_settings

    review = read_settings(settings)
    decisions = 0 if review.extraction.once else record_readings(data, review.extraction)
    typer.echo(f"adjudication.csv: the readings were written beside {decisions} decisions.")
    typer.echo(f"answers.csv: the findings were written beside {record_findings(data, AUDIT / SOURCES)} answers.")


@app.command()
def sample(
    cells: Annotated[int, typer.Option(min=1, help="How many cells.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed draws the same cells of the same data.")] = 1,
    traces: Annotated[Path, typer.Option(help="The traces of the last run.")] = RESULTS / "audit" / "trace",
    out: Annotated[Path, typer.Option(help="The sheet to write.")] = DATA / "raw" / "verification.csv",
) -> None:
    """Draw extracted cells at random, pooled ones first, into a sheet for a person who holds the sources."""
    from taprev.ground.files import write_text
    from taprev.provenance.cell_sample import drawn, sheet
    from taprev.provenance.trace.results import read_trace

    if out.exists():
        stop([f"{out.as_posix()} is there already and was not touched. Name another file, or move it away."])
    files = sorted(traces.glob("*.json"))
    if not files:
        stop([f"{traces.as_posix()} holds no traces: run the review first. {NOTHING_WRITTEN}"])
    chosen = drawn(map(read_trace, files), cells, seed)
    write_text(out, sheet(chosen))
    typer.echo(
        f"{out.as_posix()}: {len(chosen)} cells, {sum(one.part == 'pooled' for one in chosen)} of them of pooled "
        "results. Write right, wrong or not_found as verdict, and what is printed where it is wrong; the next run "
        "gives the error rate."
    )


@app.command()
def flow(
    prisma: Annotated[Path, typer.Option("--from", help="A CSV file of the R package PRISMA2020 to read.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write what was read.")] = DATA / "extracted" / "flow.csv",
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite a flow that is there.")] = False,
) -> None:
    """Read the flow of records from a CSV file of the R package PRISMA2020; taprev export prisma writes one."""
    from taprev.exchange.prisma_csv import prisma_problems, read_prisma
    from taprev.extraction.flow import flow_csv, without_a_place
    from taprev.ground.files import write_text

    if out.exists() and not replace:
        stop([f"{out.as_posix()} is there already and was not touched. Name another file, or add --replace."])
    if problems := prisma_problems(prisma):
        stop([problem.sentence() for problem in problems])
    read = read_prisma(prisma)
    write_text(out, flow_csv(read.flow))
    for remark in (*read.remarks, *without_a_place(out.parent)):
        typer.echo(remark)
    typer.echo(f"{out.as_posix()} was written.")


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="A review folder, a results folder, or a git revision.")],
    new: Annotated[str, typer.Argument(help="The same; by default the review in the present folder.")] = ".",
    json: Annotated[Path | None, typer.Option("--json", help="Also write everything here, as JSON.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Also write a page here.")] = None,
) -> None:
    """Say what changed between two editions, which pooled numbers that moved, and by which part of the change."""
    from taprev.ground.files import write_text
    from taprev.provenance.diff.difference import difference
    from taprev.provenance.diff.editions import read_edition
    from taprev.provenance.diff.results import difference_json
    from taprev.provenance.diff.words import difference_text

    made = difference(read_edition(old), read_edition(new))
    if json:
        write_text(json, difference_json(made))
    if html:
        from taprev.report.changes import changes_page

        write_text(html, changes_page(made))
    typer.echo(difference_text(made), nl=False)


@app.command()
def status(results: Annotated[Path, typer.Argument()] = RESULTS) -> None:
    """Say in five lines what the review holds and where to look; ends with 1 where the results are of earlier data."""
    from taprev.ground.fingerprint import fingerprint_on_disk
    from taprev.provenance.verify import changed_since
    from taprev.report.status import five_lines

    if not (results / "settings.yaml").is_file():
        here = CONFIG.is_file()
        run = (
            "Make them: make review."
            if here
            else "This folder is not a review: change to one, or begin one: taprev init."
        )
        stop([f"{results.as_posix()} holds no results. {run}"])
    older = changed_since(results, fingerprint_on_disk())
    if older:
        typer.echo(older, err=True)
    for line in five_lines(results):
        typer.echo(line)
    raise SystemExit(bool(older))


@app.command(context_settings={"ignore_unknown_options": True})
def alone(
    command: Annotated[list[str], typer.Argument(help="The command with its words.")],
    grace: Annotated[float, typer.Option(help="Seconds to end in where it is stopped: jobs of a cluster.")] = 0.0,
) -> None:
    """Run a command while no other run works on this review, after clearing what an interrupted one left."""
    from taprev.cli.alone import InProgress, run_alone
    from taprev.cli.command import main
    from taprev.cli.loading import load, load_to_begin

    try:
        raise SystemExit(run_alone(command, grace, load_to_begin if grace else load, main))
    except InProgress as error:
        stop([str(error)])


@app.command(hidden=True, add_help_option=False, context_settings={"ignore_unknown_options": True})
def snakemake(words: Annotated[list[str], typer.Argument()]) -> None:
    """Run Snakemake with these words: `python -m snakemake` in a process that may have it loaded."""
    from snakemake.cli import main

    main(words)


@app.command()
def trace(
    target: Annotated[str, typer.Argument(help="A domain, study, result, cell (result.column) or figure file.")],
    results: Annotated[Path, typer.Option(help="The results folder.")] = RESULTS,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Print the way from a pooled number back to its cells, or from a cell on to every number it touches."""
    from taprev.extraction.snapshot import standing_elsewhere
    from taprev.ground.fingerprint import fingerprint_on_disk
    from taprev.provenance.trace.targets import find, plain
    from taprev.provenance.trace.words import words
    from taprev.provenance.verify import changed_since

    if older := changed_since(results, fingerprint_on_disk()):
        typer.echo(older, err=True)
    for sentence in standing_elsewhere(results / "audit"):
        typer.echo(sentence, err=True)
    traced = find(target, results)
    if traced.note:
        typer.echo(traced.note, err=True)
    typer.echo(plain(traced) if as_json else words(traced))


@app.command()
def history(
    row: Annotated[str, typer.Argument(help="A result, a study or a report.")],
    column: Annotated[str, typer.Argument(help="A column of its table.")],
    data: Data = DATA,
) -> None:
    """Say what a cell was in every commit of git that changed it: the day, the commit, the author and the value."""
    from taprev.provenance.cell_history import history

    for line in history(data, row, column):
        typer.echo(line)


@app.command()
def verify(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Figures or other files, wherever they lie, or seals read off a page, such as 38e6a0af."),
    ] = None,
    results: Annotated[Path, typer.Option(help="The results folder.")] = RESULTS,
    review: Annotated[
        Path | None, typer.Option(help="The folder of the review, if it does not hold the results.")
    ] = None,
) -> None:
    """Say what changed, is missing or is left over since the results were made; or whether files belong to them."""
    from taprev.ground.fingerprint import fingerprint_on_disk
    from taprev.provenance.banner import refused
    from taprev.provenance.file_status import all_numbers, belongs, printed, printed_seal
    from taprev.provenance.outdated import outdated
    from taprev.provenance.verify import verify

    verification = verify(results, fingerprint_on_disk(), review)
    if files:
        verdicts = [
            (file, printed_seal(str(file), results) if printed(file) else belongs(file, results, verification))
            for file in files
        ]
        for file, verdict in verdicts:
            typer.echo(f"{file}: {verdict.word}; {verdict.sentence}")
        raise SystemExit(any(verdict.word != "true" for _, verdict in verdicts))
    for remark in verification.remarks:
        typer.echo(remark)
    if verification.inputs_seen and (refused(results) or any(one.kind == "input" for one in verification.findings)):
        typer.echo(outdated(results, review or results.absolute().parent))
    if verification.findings:
        stop([f"{finding.file}: {finding.sentence}" for finding in verification.findings])
    belong = ", and what they were made from is the same since" if verification.inputs_seen else ""
    typer.echo(f"The results are whole: {verification.files} files are as the run left them{belong}.")
    typer.echo(f"Seal of all numbers: {all_numbers(results)}. SHA-256 of the manifest: {verification.manifest_sha256}")


@app.command()
def schema(out: Annotated[Path, typer.Option(help="A folder for the schemas.")] = Path("docs/schema")) -> None:
    """Write the JSON Schemas of the results: of a domain, of its certainty, of its trace and of the changes."""
    from taprev.ground.files import write_text
    from taprev.provenance.schemas import schemas

    for name, text in schemas().items():
        write_text(out / name, text)
