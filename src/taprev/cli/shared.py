"""What the commands share: the application, their options, and how they stop."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, NoReturn

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="The auditable review: from extracted outcomes to forest plots, tables and a report.",
)


def _said(wanted: bool) -> None:
    """Say which version this is, and end."""
    if wanted:
        from importlib.metadata import version

        typer.echo(f"taprev {version('taprev')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_said, is_eager=True)
    ] = False,
) -> None:
    """Take the options of every command."""


SettingsFile = Annotated[
    Path, typer.Option("--settings", help="Settings: config/review.yaml, or the settled copy.", readable=False)
]
"""That a file may not be read is said, by `mishaps`, where it is read."""
Data = Annotated[Path, typer.Option("--data", help="Folder that holds raw/ and extracted/.")]
Out = Annotated[Path, typer.Option("--out", help="Where to write.")]
CONFIG, DATA, RESULTS = Path("config/review.yaml"), Path("data"), Path("results")
NOTHING_WRITTEN = "Nothing was written."
SETTLED, EFFECTS, SYNTHESIS = RESULTS / "settings.yaml", RESULTS / "effects", RESULTS / "synthesis"
AUDIT, CERTAINTY, DOCUMENTS = RESULTS / "audit", RESULTS / "certainty", RESULTS / "documents"
INVOLVEMENT = Path("config/involvement.yaml")
CITATION = Path("CITATION.cff")
KEPT_CITATION = AUDIT / CITATION
STALE = "What lies in results/ belongs to the earlier data: do not use its figures."


def rule(name: str | None = None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command of the workflow, which keeps a receipt of every file that it writes."""

    def registered(command: Callable[..., None]) -> Callable[..., None]:
        """Return the command as it is registered."""

        @app.command(name)
        @wraps(command)
        def with_receipts(*words: object, **options: object) -> None:
            """Run the command, keep the receipts, and say how many files were made."""
            from taprev.ground.files import journal
            from taprev.provenance.receipts import keep_receipts

            with journal() as written:
                command(*words, **options)
            keep_receipts(written)
            made = [path for path in written if not path.name.startswith(".")]
            if made and not draws_progress():
                typer.echo(_done(command.__name__, options, len(made)), err=True)

        return with_receipts

    return registered


def draws_progress() -> bool:
    """Return whether the screen is a terminal that can draw a progress bar."""
    return sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _done(name: str, options: dict[str, object], files: int) -> str:
    """Return the line that a command of the workflow says when it has ended, where no progress bar is drawn."""
    of = options.get("file") or options.get("domain")
    subject = f" {Path(str(of)).stem}" if of else ""
    return f"{name.removesuffix('_command')}{subject}: {files} {'file' if files == 1 else 'files'}"


def finished(folder: Path) -> bool:
    """Say that a command was stopped while it wrote files together into a folder, and return whether they are now."""
    from taprev.ground.staging import finish, unfinished

    if not unfinished(folder):
        return False
    names = finish(folder)
    if not names:
        typer.echo(f"{folder}: a command was stopped here before it had anything to write; this one begins anew.")
        return False
    typer.echo(f"{folder}: a command was stopped here while it wrote. What it was to write is whole now:")
    typer.echo(
        f"{', '.join(names)}.\nNothing else was written: look at it, and begin again if it is not what you want."
    )
    return True


def stop(sentences: list[str]) -> NoReturn:
    """Say every sentence and end with exit code 1."""
    for sentence in sentences:
        typer.echo(sentence, err=True)
    raise SystemExit(1)


def stale() -> list[str]:
    """Return the warning that older results lie about, where they do."""
    return [STALE] if (RESULTS / "report.html").exists() else []
