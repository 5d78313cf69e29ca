"""The commands that take files of other programs in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from taprev.cli.shared import CONFIG, NOTHING_WRITTEN, RESULTS, app, finished, stop
from taprev.vocabulary import ExportFormat

if TYPE_CHECKING:
    from taprev.exchange.answers import Answers
    from taprev.exchange.imported import Imported


Mapping = Annotated[Path | None, typer.Option("--map", help="A file with answers, and with columns.")]
As = Annotated[str, typer.Option("--as", help="The format, where it is not recognised.")]
Better = Annotated[str, typer.Option(help="Which end of every scale is better: higher or lower.")]
Contrast = Annotated[str, typer.Option(help="randomised, controlled, before_after or time_series.")]
Pairing = Annotated[str, typer.Option(help="Of before_after: are the people the same? matched, unmatched or partial.")]
Measure = Annotated[str, typer.Option(help="What effects are: SMD, MD, OR, RR, HR, IRR, ROM or ZCOR.")]
Title = Annotated[str, typer.Option(help="The title of a new review.")]
Question = Annotated[str, typer.Option(help="The question of a new review.")]


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="A file of another program, or a table of your own.", readable=False)],
    as_format: As = "",
    mapping: Mapping = None,
    into: Annotated[
        Path | None, typer.Option("--into", help="A new folder, or a review; by default the review in this folder.")
    ] = None,
    add: Annotated[bool, typer.Option("--add", help="Add rows to tables that already have some.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say everything and write nothing.")] = False,
    better: Better = "",
    contrast: Contrast = "",
    pairing: Pairing = "",
    measure: Measure = "",
    tool: Annotated[str, typer.Option(help="The tool of judgements of risk of bias, such as RoB 2.")] = "",
    address: Annotated[str, typer.Option(help="The address of the file, for reports without a DOI.")] = "",
    title: Title = "",
    question: Question = "",
) -> None:
    """Take in a file of another program (RevMan, Metapsy, Covidence, robvis and others) or a table of your own."""
    typed = typed_answers(better, contrast, pairing, measure, tool, address)
    take_in(file, typed, as_format, mapping, into, add, dry_run, title, question)


def typed_answers(better: str, contrast: str, pairing: str, measure: str, tool: str = "", address: str = "") -> Answers:
    """Return what was answered on the command, for every domain alike."""
    from taprev.exchange.answers import EVERY, Answers

    return Answers(
        better={EVERY: better} if better else {},
        contrast={EVERY: contrast} if contrast else {},
        pairing={EVERY: pairing} if pairing else {},
        measure=measure,
        tool=tool,
        address=address,
    )


def take_in(
    file: Path,
    typed: Answers,
    as_format: str = "",
    mapping: Path | None = None,
    into: Path | None = None,
    add: bool = False,
    dry_run: bool = False,
    title: str = "",
    question: str = "",
) -> None:
    """Read a file, say everything about it, and write it into a new review or into one that exists."""
    from hashlib import sha256

    from taprev.exchange.answers import answered, unanswered

    review = into or Path()
    if not dry_run and finished(review):
        return
    there = (review / CONFIG).is_file()
    imported, answers = _read(file, typed, as_format, mapping, review if there else None, dry_run)
    digest = sha256(file.read_bytes()).hexdigest()
    typer.echo(f"SHA-256 of {file.name}: {digest}")
    if questions := unanswered(imported, answers):
        stop([*questions, NOTHING_WRITTEN])
    whole = answered(imported, answers)
    if there:
        _into_review(review, file, whole, add, dry_run, digest)
    elif dry_run:
        typer.echo("Nothing was written (--dry-run).")
    elif into is None:
        stop(["This folder is not a review. Name a new folder (--into FOLDER), or a review."])
    else:
        _new_review(into, file, whole, title, question, digest)


def _read(
    file: Path, typed: Answers, as_format: str, mapping: Path | None, review: Path | None, dry_run: bool
) -> tuple[Imported, Answers]:
    """Return what a file holds, said on the screen, with the answers; write a proposal where it needs a mapping."""
    from dataclasses import replace

    from taprev.exchange.formats import format_of
    from taprev.exchange.mapping import ImportMap, joined, read_map, with_constants, with_domains
    from taprev.exchange.proposal import MappingNeeded
    from taprev.exchange.telling import told
    from taprev.ground.files import write_text

    mapped = read_map(mapping) if mapping else ImportMap()
    answers = replace(joined(mapped.answers, typed), review=review)
    try:
        read = format_of(file, as_format, any(one.columns for one in answers.tables.values())).read(file, answers)
    except MappingNeeded as needed:
        proposed = Path(f"{file.stem}.import.yaml")
        if dry_run:
            stop([str(needed)])
        if proposed.exists():
            stop([str(needed), f"{proposed} is there already and was not touched."])
        write_text(proposed, needed.proposal)
        stop([str(needed), f"A proposal was written: {proposed}. Answer its questions, then: --map {proposed}."])
    imported = with_domains(with_constants(read, answers.tables), mapped.domains)
    if not any(imported.tables.values()) and not any(imported.forms.values()):
        stop([f"{file}: nothing in it can be read as {imported.format}."])
    for line in told(imported):
        typer.echo(line)
    return imported, answers


def _new_review(folder: Path, file: Path, imported: Imported, title: str, question: str, digest: str) -> None:
    """Write a whole review of what was read, and say what to do next."""
    import shlex

    from taprev.starter.imported import ReviewWords, write_imported

    write_imported(folder, file, imported, ReviewWords(title, question), digest)
    words = {"title": title or imported.title, "question": question}
    left = [name for name, given in words.items() if not given]
    reconcile = ["taprev reconcile"] if imported.forms else []
    where = shlex.quote(f"./{folder}" if str(folder).startswith("-") else str(folder))
    typer.echo(f"The review lies in {folder} now. Next:")
    write = [f"write {' and '.join(left)} into config/review.yaml"] if left else []
    for line in (f"cd {where}", *write, *reconcile, "taprev check", "make review", "then open results/report.html"):
        typer.echo(f"  {line}")


def _into_review(review: Path, file: Path, imported: Imported, add: bool, dry_run: bool, digest: str) -> None:
    """Put what was read into the tables of a review that exists, or say every reason why not."""
    from taprev.exchange.into import additions
    from taprev.ground.files import write_bytes, write_text
    from taprev.ground.staging import together
    from taprev.settings import read_settings
    from taprev.starter.imported import kept_files, settings_with_origin

    settings, text = read_settings(review / CONFIG), (review / CONFIG).read_text(encoding="utf-8")
    made = additions(review, imported, settings, add)
    if made.problems:
        stop([*(problem.sentence() for problem in made.problems), NOTHING_WRITTEN])
    received = review / "data" / "raw" / "as_received"
    if (received / file.name).exists() and (received / file.name).read_bytes() != file.read_bytes():
        stop([f"{received / file.name} is there already, and is another file. Rename yours; nothing was written."])
    for remark in made.remarks:
        typer.echo(remark)
    texts, evidence = made.texts, settings.review.evidence_set
    if imported.has_results and file.name not in evidence:
        said = settings_with_origin(text, evidence, file.name, imported)
        texts = texts | ({} if said == text else {CONFIG.as_posix(): said})
        if said == text:
            where = f"{(review / CONFIG).as_posix()}, review > evidence_set"
            typer.echo(f"{where}: it does not name {file.name}. Write there that figures were taken from it.")
    if dry_run:
        typer.echo(f"Nothing was written (--dry-run). These files would be: {', '.join(texts)}.")
        return
    texts = texts | kept_files(file.name, imported, digest)
    with together(review) as place:
        for name, content in texts.items():
            write_text(place / name, content)
        if (received / file.name).resolve() != file.resolve():
            write_bytes(place / "data" / "raw" / "as_received" / file.name, file.read_bytes())
    for name in texts:
        typer.echo(f"{name} was written.")


@app.command("export")
def export_command(
    to: Annotated[ExportFormat, typer.Argument(help="The format.")],
    out: Annotated[Path | None, typer.Option("--out", help="A folder; by default exports/ and the format.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite files that are there.")] = False,
    results: Annotated[Path, typer.Option(help="The folder of results, inside that of its review.")] = RESULTS,
) -> None:
    """Write what other programs read: effects for metafor, Metapsy, robvis, PRISMA, RIS, packages for repositories."""
    from taprev.exchange.exporting.exported import ReviewToExport
    from taprev.exchange.exporting.registry import EXPORTERS
    from taprev.ground.files import write_bytes
    from taprev.ground.fingerprint import fingerprint_on_disk
    from taprev.provenance.manifest import NAME as MANIFEST
    from taprev.provenance.manifest import SETTLED
    from taprev.provenance.verify import changed_since
    from taprev.settings import read_settings
    from taprev.settings.citation import NAME, read_citation

    if not (results / MANIFEST).is_file():
        stop([f"{results.as_posix()}: there is no finished run here. Run make review first."])
    if older := changed_since(results, fingerprint_on_disk()):
        typer.echo(older, err=True)
    folder = results.parent
    review = ReviewToExport(folder, results, read_settings(results / SETTLED), read_citation(folder / NAME))
    place = out or Path("exports") / to.value
    kept = [folder / name for name in ("results", "data", "config")]
    if any(place.resolve().is_relative_to(one.resolve()) for one in (*kept, results)):
        stop([f"{place.as_posix()}: this folder belongs to the review itself. Name another one."])
    made = EXPORTERS[to](review)
    there = [place / name for name in made.files if (place / name).exists()]
    if there and not replace:
        stop([f"{there[0].as_posix()} is there already and was not touched. Name another folder, or add --replace."])
    if not made.files:
        stop([*made.remarks, f"Nothing was written: the review holds nothing for {to.value} ({to.said})."])
    for name, content in made.files.items():
        write_bytes(place / name, content)
        typer.echo(f"{(place / name).as_posix()} was written.")
    for remark in made.remarks:
        typer.echo(remark)
