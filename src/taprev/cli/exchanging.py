"""The commands that take files of other programs in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from taprev.cli.shared import CONFIG, app, stop

Words = Annotated[str, typer.Option()]


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="A file of another program.")],
    as_format: Annotated[str, typer.Option("--as", help="Its format, where it is not recognised.")] = "",
    mapping: Annotated[Path | None, typer.Option("--map", help="A mapping (YAML): answers, and columns.")] = None,
    into: Annotated[Path | None, typer.Option("--into", help="A new folder, or a review.")] = None,
    add: Annotated[bool, typer.Option("--add", help="Add rows to tables of a review that have some.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say everything and write nothing.")] = False,
    better: Annotated[str, typer.Option(help="Which end of every scale is better: higher or lower.")] = "",
    contrast: Annotated[str, typer.Option(help="randomised, controlled, before_after or time_series.")] = "",
    measure: Annotated[str, typer.Option(help="What a column of effects holds: SMD, MD, OR, RR, HR, IRR, ZCOR.")] = "",
    tool: Annotated[str, typer.Option(help="The tool of judgements of risk of bias, such as RoB 2.")] = "",
    address: Annotated[str, typer.Option(help="Where the file can be had, for reports without an address.")] = "",
    title: Annotated[str, typer.Option(help="The title of the new review.")] = "",
    question: Annotated[str, typer.Option(help="The question of the new review.")] = "",
) -> None:
    """Take in a file of another program: RevMan, Metapsy, Covidence, robvis, tables of effects and others."""
    from taprev.exchange.answers import EVERY, Answers

    answers = Answers(
        better={EVERY: better} if better else {},
        contrast={EVERY: contrast} if contrast else {},
        measure=measure,
        tool=tool,
        address=address,
    )
    take_in(file, as_format, answers, into or Path(), title, question, dry_run)


def take_in(file: Path, word: str, answers: object, folder: Path, title: str, question: str, dry_run: bool) -> None:
    """Read a file, say everything about it, and write it into a folder."""
    from hashlib import sha256

    from taprev.exchange.answers import Answers, answered, unanswered
    from taprev.exchange.formats import format_of
    from taprev.exchange.telling import told
    from taprev.starter.imported import ReviewWords, write_imported

    assert isinstance(answers, Answers)
    chosen = format_of(file, word)
    imported = chosen.read(file, answers)
    for line in told(imported):
        typer.echo(line)
    digest = sha256(file.read_bytes()).hexdigest()
    typer.echo(f"SHA-256 of {file.name}: {digest}")
    if questions := unanswered(imported, answers):
        stop(questions)
    if dry_run:
        typer.echo("Nothing was written (--dry-run).")
        return
    write_imported(folder, file, answered(imported, answers), ReviewWords(title, question), digest)
    typer.echo(f"The review lies in {folder} now. Next: cd there, taprev check, make review.")


__all__ = ["CONFIG", "import_command"]
