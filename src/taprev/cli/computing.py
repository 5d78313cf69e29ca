"""The commands that the workflow runs to compute, one for each rule, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from taprev.cli.shared import (
    AUDIT,
    CITATION,
    CONFIG,
    DATA,
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
from taprev.sources.folder import FOLDER


@rule("settings")
def settings_command(config: Annotated[Path, typer.Argument()] = CONFIG, out: Out = SETTLED) -> None:
    """Fill in the defaults of the settings and write them with the fingerprint of this code."""
    from taprev import __version__
    from taprev.ground.files import write_text
    from taprev.ground.fingerprint import source_fingerprint
    from taprev.provenance.diff.editions import refuse_own_results
    from taprev.settings import read_settings, settle

    review = read_settings(config)
    refuse_own_results(review.earlier, RESULTS)
    write_text(out, settle(review, __version__, source_fingerprint()))


NOT_USED = "Until then figures are cited without it, by the title in the settings."


@rule()
def check(
    settings: SettingsFile = CONFIG,
    data: Data = DATA,
    log: Annotated[Path | None, typer.Option(help="Also write the problems here, as CSV.")] = None,
    involvement: Annotated[
        Path, typer.Option(help="How people with lived experience took part.", readable=False)
    ] = INVOLVEMENT,
    citation: Annotated[
        Path, typer.Option(help="Who wrote the review, so that its figures can be cited.", readable=False)
    ] = CITATION,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write what was checked here, and next to it copies of every input, which all later rules read."
        ),
    ] = None,
) -> None:
    """Read every extracted table by the codebook and say everything that is wrong, all at once."""
    from taprev.extraction.check_remarks import remarks
    from taprev.extraction.checks import of_other_people_in_forms, review_problems
    from taprev.extraction.plausibility.answers import answer_problems, open_query_problems
    from taprev.extraction.problems import problems_csv
    from taprev.extraction.snapshot import changed_meanwhile, copies, keep, said_otherwise, snapshot
    from taprev.extraction.table_problems import unreadable
    from taprev.ground.files import write_bytes, write_text
    from taprev.provenance.error_rate import sheet_problems
    from taprev.settings import read_settings
    from taprev.settings.citation import read_citation
    from taprev.settings.reading import read_involvement
    from taprev.starter.placeholders import placeholders
    from taprev.vocabulary import OpenQueries

    review, told = read_settings(settings), read_involvement(involvement)
    config = (CONFIG if settings == SETTLED else settings).as_posix()
    record, cited = involvement.read_bytes(), citation.read_bytes() if citation.is_file() else None
    before = snapshot(data) if out else {}
    problems = placeholders(review, told, config, involvement.as_posix())
    problems += review_problems(data, review) or [*answer_problems(data), *sheet_problems(data)]
    if not problems and review.extraction.open_queries == OpenQueries.STOP:
        problems = open_query_problems(data)
    if log:
        write_text(log, problems_csv(problems))
    if problems:
        count = "1 problem stops" if len(problems) == 1 else f"{len(problems)} problems stop"
        broken = unreadable(data / "extracted")
        otherwise = [] if broken else [*said_otherwise(data), *of_other_people_in_forms(data, review)]
        stop([*otherwise, *(problem.sentence() for problem in problems), f"{count} the review.", *stale()])
    for sentence in read_citation(citation).problems:
        typer.echo(f"{sentence} {NOT_USED}", err=True)
    if out:
        from taprev.extraction.checks import checked_csv

        checked = checked_csv(data)
        kept = copies(data)
        if changed := changed_meanwhile(before, snapshot(data)):
            stop([f"{(data / name).as_posix()} changed while it was checked. Run again." for name in changed])
        keep(kept, out.parent)
        write_bytes(out.parent / involvement.name, record)
        if cited is None:
            (out.parent / CITATION).unlink(missing_ok=True)
        else:
            write_bytes(out.parent / CITATION, cited)
        write_text(out, checked)
        return
    for sentence in remarks(data, review):
        typer.echo(sentence)


@rule()
def agreement(settings: SettingsFile = SETTLED, data: Data = DATA, out: Out = AUDIT / "agreement.csv") -> None:
    """Write how far the extractors agree: kappa and prevalence by field, by extractor and by study."""
    from taprev.extraction.agreement import agreement_table
    from taprev.extraction.agreement_lines import agreement_csv
    from taprev.ground.files import write_text
    from taprev.settings import read_settings

    write_text(out, agreement_csv(agreement_table(data, read_settings(settings))))


@rule()
def sources(
    settings: SettingsFile = SETTLED,
    data: Data = DATA,
    files: Annotated[Path, typer.Option(help="Folder of the sources that are kept.")] = Path(FOLDER),
    out: Out = AUDIT / "sources.csv",
) -> None:
    """Look every extracted figure up in the reports that are kept, and show the place where each is printed."""
    from taprev.extraction.looked_up import PLACES, SOURCE_FILES, SourceFile, looked_up_csv
    from taprev.ground.files import records_csv, write_folder, write_text
    from taprev.settings import read_settings
    from taprev.sources.review import in_lines, look_up_all

    wanted = read_settings(settings if settings.is_file() else CONFIG).extraction.sources
    read = look_up_all(data, files, wanted)
    write_folder(out.parent / PLACES, read.pictures)
    write_text(out.parent / SOURCE_FILES, records_csv(SourceFile, read.files))
    write_text(out, looked_up_csv(read.figures))
    for line in in_lines(read):
        typer.echo(line)


@rule()
def queries(
    settings: SettingsFile = SETTLED,
    data: Data = DATA,
    sources: Annotated[Path, typer.Option(help="Figures as they were looked up.")] = AUDIT / "sources.csv",
    traces: Annotated[Path, typer.Option()] = AUDIT / "trace",
    synthesis: Annotated[Path, typer.Option()] = SYNTHESIS,
    out: Out = AUDIT / "queries.csv",
) -> None:
    """Ask what the plausibility checks ask, each query with its answer, those first that move a number most."""
    from taprev.extraction.plausibility.answers import COLUMNS, answered, asked, read_answers
    from taprev.extraction.table_problems import table_problems
    from taprev.ground.files import write_text
    from taprev.provenance.leaving import effects_leaving
    from taprev.provenance.query_order import by_consequence, open_in_lines, ordered_csv, read_moved
    from taprev.settings import read_settings
    from taprev.synthesis.results import read_synthesis

    domains = read_settings(settings if settings.is_file() else CONFIG).domains
    files = (synthesis / f"{name}.json" for name in domains)
    try:
        of_tables = asked(data, sources)
    except (KeyError, ValueError):
        if broken := table_problems(data / "extracted"):
            stop([problem.sentence() for problem in broken])
        raise
    every_query = [*of_tables, *effects_leaving(read_synthesis(file) for file in files if file.is_file())]
    answers, problems = read_answers(data, every_query)
    if problems:
        stop([problem.sentence() for problem in problems])
    moved = read_moved(traces, synthesis, domains)
    ordered = by_consequence(answered(every_query, answers), moved)
    write_text(out, ordered_csv(ordered, COLUMNS))
    kept, own = (folder / "extracted" / "outcomes.csv" for folder in (traces.parent, data))
    if kept.is_file() and kept.read_bytes() != own.read_bytes():
        typer.echo(f"{own} changed since the results were made: what a figure moves is told as it was then.")
    for line in open_in_lines(ordered):
        typer.echo(line)


@rule()
def effects(settings: SettingsFile = SETTLED, data: Data = DATA, out: Out = EFFECTS) -> None:
    """Derive the effect of every extracted row, as the settings have it and under every other choice they list."""
    from taprev.effects.of_review import effects_of
    from taprev.extraction.plausibility.answers import open_checks, open_query_problems
    from taprev.ground.files import write_text
    from taprev.settings import read_settings
    from taprev.vocabulary import OpenQueries

    review, still_open = read_settings(settings), open_checks(data)
    if still_open and review.extraction.open_queries == OpenQueries.STOP:
        stop([problem.sentence() for problem in open_query_problems(data)])
    of = effects_of(data, review, still_open)
    for name in review.domains:
        made = of(name)
        write_text(out / f"{name}.csv", made.text)
        write_text(out / "variants" / f"{name}.json", made.variants())


@rule()
def synthesis(
    domain: str,
    settings: SettingsFile = SETTLED,
    data: Data = DATA,
    effects: Annotated[Path, typer.Option()] = EFFECTS,
    out: Out = SYNTHESIS,
) -> None:
    """Pool one domain within its strata, count directions, and write everything as JSON."""
    from taprev.effects.rows import read_effect_rows
    from taprev.effects.variants import read_variants
    from taprev.extraction.missing_evidence import read_missing_evidence
    from taprev.extraction.plausibility.answers import open_query_problems
    from taprev.ground.files import write_text
    from taprev.provenance.leaving import effects_leaving, with_open_leaving
    from taprev.settings import read_settings
    from taprev.synthesis.domain import synthesise
    from taprev.synthesis.missing_evidence import astray
    from taprev.synthesis.origin import made_by
    from taprev.synthesis.results import to_json
    from taprev.vocabulary import OpenQueries

    review = read_settings(settings)
    if domain not in review.domains:
        raise ValueError(f"{domain!r} is not a configured domain; use one of {', '.join(review.domains)}")
    text = (effects / f"{domain}.csv").read_text(encoding="utf-8")
    every = (effects / "variants" / f"{domain}.json").read_text(encoding="utf-8")
    maker, judged = made_by(domain, text, every, review), read_missing_evidence(data / "extracted")
    try:
        result = synthesise(domain, read_effect_rows(text), review, maker, read_variants(every), judged)
    except ArithmeticError as error:
        raise ValueError(f"{domain}: {error}. Look for a figure of an impossible size.") from None
    except ValueError as error:
        raise ValueError(f"{domain}: {error}. Look at the effects and the settings of this domain.") from None
    leaving = effects_leaving([result])
    still_open = open_query_problems(data, leaving) if leaving else []
    if still_open and review.extraction.open_queries == OpenQueries.STOP:
        stop([problem.sentence() for problem in still_open])
    marked = with_open_leaving(result, frozenset(problem.result for problem in still_open))
    write_text(out / f"{domain}.json", to_json(marked))
    for sentence in astray(result, judged):
        typer.echo(sentence, err=True)


@rule()
def crosscheck(files: list[Path], out: Out = AUDIT / "crosscheck.csv") -> None:
    """Compute estimates, intervals, tau2, Q and moderators a second time, by PyMARE or statsmodels; stop at any gap."""
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
    """Write the R script that computes every effect, pooled number and other choice again, with metafor."""
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
    """Write the way from each extracted cell to the numbers it bears on: a trace of each domain, a trail in PROV."""
    from taprev.effects.rows import read_effect_rows
    from taprev.effects.variants import read_variants
    from taprev.ground.files import write_pieces, write_text
    from taprev.provenance.leaving import effects_leaving
    from taprev.provenance.trace.domain import trace_domain
    from taprev.provenance.trace.extraction import read_extraction
    from taprev.provenance.trace.results import trace_json
    from taprev.provenance.trail import NAME, trail
    from taprev.settings import read_settings
    from taprev.synthesis.results import read_synthesis

    review = read_settings(settings)
    contents = {name: read_synthesis(synthesis / f"{name}.json") for name in review.domains}
    extraction = read_extraction(data, review, effects_leaving(contents.values()))

    def lines() -> Iterator[bytes]:
        """Write the trace of each domain, and yield its part of the trail."""
        for name, content in contents.items():
            rows = read_effect_rows((effects / f"{name}.csv").read_text(encoding="utf-8"))
            every = read_variants((effects / "variants" / f"{name}.json").read_text(encoding="utf-8"))
            trace = trace_domain(content, rows, extraction, review, every)
            write_text(out / f"{name}.json", trace_json(trace))
            yield from trail(trace, extraction.rulings)

    write_pieces(out.with_name(NAME), lines())


@rule()
def verification(
    data: Data = DATA, traces: Annotated[Path, typer.Option()] = AUDIT / "trace", out: Out = AUDIT / "verification.csv"
) -> None:
    """Write how often cells are wrong, by the sample of them that a person compared with the sources."""
    from taprev.ground.files import write_text
    from taprev.provenance.error_rate import error_rates, rates_csv, read_checked
    from taprev.provenance.trace.results import read_trace

    checked, problems, remarks = read_checked(data, map(read_trace, sorted(traces.glob("*.json"))))
    if problems:
        stop([problem.sentence() for problem in problems])
    for remark in remarks:
        typer.echo(remark, err=True)
    write_text(out, rates_csv(error_rates(checked)))


@rule()
def changes(settings: SettingsFile = SETTLED, data: Data = DATA, out: Out = AUDIT / "changes.json") -> None:
    """Write what changed since the edition that the settings name as `earlier`, and which numbers that moved."""
    from taprev.ground.files import write_text
    from taprev.provenance.diff.earlier import since_earlier
    from taprev.provenance.diff.results import earlier_json

    changes = since_earlier(settings, data, RESULTS)
    write_text(out, earlier_json(changes))
    if changes.earlier:
        typer.echo(changes.said)
