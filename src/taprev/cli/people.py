"""The commands that a person runs before, beside and after the workflow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from taprev.cli.shared import (
    CONFIG,
    DATA,
    RESULTS,
    Data,
    SettingsFile,
    app,
    stop,
)  # fmt: skip


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
        stop([*faults, *(problem.sentence() for problem in merged.problems)])
    if merged.open_cells:
        from taprev.extraction.worksheet import offer_worksheets
        from taprev.provenance.consequence import consequences
        from taprev.settings import read_settings

        consequence = consequences(data, merged, read_settings(settings))
        stop([*faults, offer_worksheets(data, merged, consequence)])
    for sentence in replace_consensus(data, merged.rows):
        typer.echo(sentence)
    typer.echo(f"{consensus_path(data)} is what the forms and adjudications give.")
    if faults:
        stop(faults)


@app.command()
def status(results: Annotated[Path, typer.Argument()] = RESULTS) -> None:
    """Say in five lines what the review holds and where to look."""
    from taprev.report.status import five_lines

    for line in five_lines(results):
        typer.echo(line)
