"""The commands. Each rule of the Snakefile is one of them, and a person can type any of them by hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="The auditable review: from extracted outcomes to forest plots, tables and a report.",
)  # fmt: skip

SettingsFile = Annotated[
    Path, typer.Option("--settings", help="Settings: config/review.yaml, or the settled copy.")
]
Data = Annotated[Path, typer.Option("--data", help="Folder that holds raw/ and extracted/.")]
Out = Annotated[Path, typer.Option("--out", help="Where to write.")]
CONFIG, DATA = Path("config/review.yaml"), Path("data")
SETTLED, EFFECTS, SYNTHESIS = (
    Path("results/settings.yaml"),
    Path("results/effects"),
    Path("results/synthesis"),
)
AGREEMENT = Path("results/audit/agreement.csv")
QUERIES = Path("results/audit/queries.csv")
STALE = "What lies in results/ belongs to the earlier data: do not use its figures."


THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> None:
    """Run a command; a mistake of the user's ends with sentences and exit code 1, never with a traceback.

    One thread of linear algebra, so that results do not depend on the number of cores.
    """
    from taprev.settings import SettingsError

    for variable in THREADS:
        os.environ.setdefault(variable, "1")

    try:
        app()
    except SettingsError as error:
        _stop([*error.problems, *_stale()])
    except PermissionError as error:
        _stop(
            [
                f"{Path(str(error.filename)).parent}: nothing can be written or read there. Change its permissions."
            ]
        )
    except FileNotFoundError as error:
        _stop([f"{error.filename}: {error.strerror}. Make it first, or correct the path."])
    except OSError as error:
        _stop([f"{error.filename}: {error.strerror}. Correct the path."])
    except UnicodeDecodeError as error:
        _stop([f"A file is not UTF-8 text (byte {error.start}). Run taprev check, which names it."])
    except ValueError as error:
        _stop([str(error)])


def _stale() -> list[str]:
    return [STALE] if Path("results/report.html").exists() else []


def _stop(sentences: list[str]) -> None:
    for sentence in sentences:
        typer.echo(sentence, err=True)
    raise SystemExit(1)


@app.command("settings")
def settings_command(config: Annotated[Path, typer.Argument()] = CONFIG, out: Out = SETTLED) -> None:
    """Fill in the defaults of the settings and write them with the fingerprint of this code."""
    from taprev import __version__
    from taprev.files import write_text
    from taprev.provenance.fingerprint import source_fingerprint
    from taprev.settings import read_settings, settle

    write_text(out, settle(read_settings(config), __version__, source_fingerprint()))


@app.command()
def check(
    settings: SettingsFile = CONFIG,
    data: Data = DATA,
    log: Annotated[Path | None, typer.Option(help="Also write the problems here, as CSV.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write what was checked here, when nothing is wrong.")
    ] = None,
) -> None:
    """Read every extracted table by the codebook and say everything that is wrong, all at once."""
    from taprev.extraction.checks import review_problems
    from taprev.extraction.plausibility.answers import answer_problems
    from taprev.extraction.problems import problems_csv
    from taprev.files import write_text
    from taprev.settings import read_settings

    problems = review_problems(data, read_settings(settings)) or answer_problems(data)
    if log:
        write_text(log, problems_csv(problems))
    if problems:
        count = "1 problem stops" if len(problems) == 1 else f"{len(problems)} problems stop"
        _stop([*(problem.sentence() for problem in problems), f"{count} the review.", *_stale()])
    if out:
        from taprev.extraction.checks import checked_csv

        write_text(out, checked_csv(data))
    typer.echo(
        "The extraction fits its codebook, its forms and their adjudications, and passes the checks of its figures."
    )


@app.command()
def reconcile(
    settings: SettingsFile = CONFIG, data: Data = DATA,
    worksheet: Annotated[
        Path | None, typer.Option(help="A filled worksheet (XLSX or CSV) to read back first.")
    ] = None,
) -> None:  # fmt: skip
    """Merge the two forms by the adjudications; write the consensus, or a worksheet of what is still open."""
    from taprev.extraction.consensus import consensus_path, replace_consensus
    from taprev.extraction.reconcile import reconcile

    faults = []
    if worksheet:
        from taprev.extraction.answers import record_answers

        recorded, faults = record_answers(data, worksheet)
        typer.echo(f"Answers recorded in adjudication.csv: {recorded}.")
    merged = reconcile(data)
    if merged.problems:
        _stop([*faults, *(problem.sentence() for problem in merged.problems)])
    if merged.open_cells:
        from taprev.extraction.worksheet import offer_worksheets
        from taprev.provenance.consequence import consequences
        from taprev.settings import read_settings

        consequence = consequences(data, merged, read_settings(settings))
        _stop([*faults, offer_worksheets(data, merged, consequence)])
    for sentence in replace_consensus(data, merged.rows):
        typer.echo(sentence)
    typer.echo(f"{consensus_path(data)} is what the forms and adjudications give.")
    if faults:
        _stop(faults)


@app.command()
def agreement(settings: SettingsFile = SETTLED, data: Data = DATA, out: Out = AGREEMENT) -> None:
    """Write how far the two extractors agree: kappa and prevalence by field, by extractor and by study."""
    from taprev.extraction.agreement import agreement_csv, agreement_table
    from taprev.files import write_text
    from taprev.settings import read_settings

    write_text(out, agreement_csv(agreement_table(data, read_settings(settings))))


@app.command()
def queries(data: Data = DATA, out: Out = QUERIES) -> None:
    """Ask what the plausibility checks ask of the extraction, each query beside its answer; stop at idle answers."""
    from taprev.extraction.plausibility.answers import asked, queries_csv, read_answers
    from taprev.files import write_text

    found = asked(data)
    answers, problems = read_answers(data, found)
    if problems:
        _stop([problem.sentence() for problem in problems])
    write_text(out, queries_csv(found, answers))


@app.command()
def effects(settings: SettingsFile = SETTLED, data: Data = DATA, out: Out = EFFECTS) -> None:
    """Derive the effect of every extracted row, as the settings have it and under every other choice they list."""
    from taprev.effects.fates import effect_rows
    from taprev.effects.rows import rows_csv
    from taprev.effects.variants import variants, variants_json
    from taprev.extraction.tables import read_rows
    from taprev.files import write_text
    from taprev.settings import read_settings

    review = read_settings(settings)
    outcomes = read_rows(data / "extracted" / "outcomes.csv")
    studies = {row["study"]: row for row in read_rows(data / "extracted" / "studies.csv")}
    judged = read_rows(data / "extracted" / "risk_of_bias.csv")
    bias = {row["result"]: row["judgement"] for row in judged if row["domain"] == "overall"}
    for name in review.domains:
        own = [row for row in outcomes if row["domain"] == name]
        rows = effect_rows(name, own, studies, review, bias)
        write_text(out / f"{name}.csv", rows_csv(rows))
        every = variants(name, own, studies, review, bias, rows)
        write_text(out / "variants" / f"{name}.json", variants_json(every))


@app.command()
def synthesis(
    domain: str, settings: SettingsFile = SETTLED, effects: Annotated[Path, typer.Option()] = EFFECTS,
    out: Out = SYNTHESIS,
) -> None:  # fmt: skip
    """Pool one domain within its strata, count directions, and write everything as JSON."""
    from taprev.effects.rows import read_effect_rows
    from taprev.effects.variants import read_variants
    from taprev.files import write_text
    from taprev.provenance.fingerprint import made_by
    from taprev.settings import read_settings
    from taprev.synthesis.domain import synthesise
    from taprev.synthesis.result import to_json

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


@app.command()
def crosscheck(files: list[Path], out: Out = Path("results/audit/crosscheck.csv")) -> None:
    """Compute estimates, intervals, tau2 and Q a second time, by PyMARE or statsmodels; stop where they disagree."""
    from taprev.files import write_text
    from taprev.synthesis.crosscheck import checks_csv, crosscheck
    from taprev.synthesis.result import read_synthesis

    checks = [check for file in files for check in crosscheck(read_synthesis(file))]
    write_text(out, checks_csv(checks))
    bad = [check for check in checks if check.verdict == "disagrees"]
    if bad:
        _stop([
            f"{c.domain}, {c.stratum}: {c.quantity} is {c.ours} here and {c.theirs} in {c.engine}. "
            "Do not publish this number; report it to the developers with the effects file." for c in bad
        ])  # fmt: skip


@app.command()
def recomputation(settings: SettingsFile = SETTLED, out: Out = Path("results/audit/verify.R")) -> None:
    """Write the R script that computes every effect and every pooled number again, with metafor."""
    from taprev.files import write_text
    from taprev.provenance.recomputation import verify_script
    from taprev.settings import read_settings

    write_text(out, verify_script(read_settings(settings)))


@app.command()
def forest(file: Path, out: Out = Path("results/figures")) -> None:
    """Draw the forest plot of one domain's whole evidence: SVG, PNG, its data and its text alternative."""
    from taprev.figures.forest import draw_forest
    from taprev.synthesis.result import read_synthesis

    draw_forest(read_synthesis(file), out)


@app.command()
def tables(
    files: list[Path], settings: SettingsFile = SETTLED, data: Data = DATA, out: Out = Path("results/tables")
) -> None:
    """Write the summary, the fate of every row, the sensitivity, the studies, the gap map and harms."""
    from taprev.files import write_text
    from taprev.settings import read_settings
    from taprev.synthesis.result import read_synthesis
    from taprev.tables.write import all_tables

    contents = [read_synthesis(file) for file in files]
    for name, text in all_tables(contents, data / "extracted", read_settings(settings)).items():
        write_text(out / name, text)


@app.command()
def report(
    files: list[Path], settings: SettingsFile = SETTLED, data: Data = DATA,
    figures: Annotated[Path, typer.Option()] = Path("results/figures"),
    audit: Annotated[Path, typer.Option()] = Path("results/audit"), out: Out = Path("results/report.html"),
) -> None:  # fmt: skip
    """Write the page that people read: one file, which opens without a network."""
    from taprev.files import write_text
    from taprev.report.page import page
    from taprev.settings import read_settings
    from taprev.synthesis.result import read_synthesis

    contents = [read_synthesis(file) for file in files]
    write_text(out, page(contents, read_settings(settings), data / "extracted", figures, audit))


@app.command()
def status(results: Annotated[Path, typer.Argument()] = Path("results")) -> None:
    """Say in five lines what the review holds and where to look."""
    from taprev.report.status import five_lines

    for line in five_lines(results):
        typer.echo(line)


if __name__ == "__main__":
    main()
