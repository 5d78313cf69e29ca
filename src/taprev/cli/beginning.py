"""The commands with which a review begins: the review itself, and the forms of its extractors."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from taprev.cli.exchanging import (
    As,
    Better,
    Contrast,
    Mapping,
    Measure,
    Pairing,
    Question,
    Title,
    take_in,
    typed_answers,
)
from taprev.cli.shared import CONFIG, DATA, Data, SettingsFile, app, finished, stop


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet, or is empty but for .git.")],
    example: Annotated[
        bool, typer.Option("--example", help="A small review of real data instead of blank forms.")
    ] = False,
    source: Annotated[Path | None, typer.Option("--from", help="Fill it from a file: see taprev import.")] = None,
    as_format: As = "",
    mapping: Mapping = None,
    better: Better = "",
    contrast: Contrast = "",
    pairing: Pairing = "",
    measure: Measure = "",
    title: Title = "",
    question: Question = "",
    evidence: Annotated[str, typer.Option(help="Where the evidence comes from.")] = "",
    programme: Annotated[str, typer.Option(help="What the first arm is called, without an article.")] = "",
    comparator: Annotated[str, typer.Option(help="What it is compared with, without an article.")] = "",
    extractors: Annotated[
        int | None, typer.Option(help="How many people extract: 1, or 2 if nothing is said.", min=1, max=2)
    ] = None,
    tool: Annotated[
        list[str] | None, typer.Option(help="A tool by which risk of bias is judged, such as RoB 2; repeatable.")
    ] = None,
    outcome: Annotated[
        list[str] | None, typer.Option(help='An outcome, such as "Sleep problems: scores"; repeatable.')
    ] = None,
    population: Annotated[str, typer.Option(help="Whose outcomes, such as adults; else all_ages.")] = "",
    blank: Annotated[bool, typer.Option("--blank", help="Ask nothing, and write examples to replace later.")] = False,
) -> None:
    """Begin a review of your own: the workflow, commented settings, a codebook and forms.

    At a terminal it asks what the review is about, unless the options say it; what is left empty is written later.
    """
    from taprev.starter.guided import Beginning, asked, begin, outcome_asked, population_asked, tools_asked
    from taprev.starter.messages import begun, next_steps
    from taprev.starter.write import refuse_folder, write_review

    outcomes = tuple(outcome_asked(one) for one in outcome or ())
    tools = tools_asked(tool or ())
    people = population_asked(population) if population else ""
    answers = Beginning(title, question, evidence, programme, comparator, extractors or 2, tools, outcomes, people)
    given = answers.given or extractors is not None
    if (source is not None) + example + blank > 1:
        stop(["Say only one of --from FILE, --example and --blank."])
    if (example or blank) and given:
        stop(["--example and --blank take no answers. Leave out one or the other."])
    if population and not (outcome or source or example or blank):
        stop(["--population is about the outcomes: name them with --outcome."])
    if not source and (better or contrast or pairing or measure or mapping or as_format):
        stop(["--better, --contrast, --pairing, --measure, --map and --as are about a file: name it with --from."])
    if finished(folder):
        return
    if source:
        texts = {"--evidence": evidence, "--programme": programme, "--comparator": comparator}
        more = {"--population": population, "--extractors": extractors, "--tool": tool, "--outcome": outcome}
        _refuse_beside_a_file({**texts, **more})
        refuse_folder(folder)
        typed = typed_answers(better, contrast, pairing, measure)
        take_in(source, typed, as_format, mapping, folder, title=title, question=question)
        return
    if not (given or example or blank) and sys.stdin.isatty():
        refuse_folder(folder)
        answers = asked(lambda question, usual: typer.prompt(question, default=usual, show_default=bool(usual)))
    if given or answers.given:
        unwritten = not all((answers.title, answers.question, answers.evidence))
        for sentence in [*begin(folder, answers), *begun(folder, answers.extractors == 1, unwritten)]:
            typer.echo(sentence)
        return
    write_review(folder, example)
    for line in next_steps(folder, example):
        typer.echo(line)


def _refuse_beside_a_file(options: dict[str, object]) -> None:
    """Stop where an answer was given that a review filled from a file does not take."""
    if unused := [option for option, answer in options.items() if answer]:
        advice = "Leave them out, and write into config/review.yaml what the file does not say."
        stop([f"{', '.join(unused)}: these are not for a review that is filled from a file (--from). {advice}"])


@app.command()
def form(
    settings: SettingsFile = CONFIG,
    data: Data = DATA,
    name: Annotated[str, typer.Option("--for", help="The extractor whose form it is, such as third.")] = "",
    sample: Annotated[
        bool, typer.Option("--sample", help="Only the studies of the sample (extraction > twice).")
    ] = False,
    add: Annotated[bool, typer.Option("--add", help="Add rows for studies that a form does not name yet.")] = False,
    statistic: Annotated[
        list[str] | None, typer.Option(help="Show the columns of this statistic and fold the others; repeatable.")
    ] = None,
) -> None:
    """Write the extraction form as a workbook made from the codebook, one for each extractor or one for all tables."""
    from taprev.settings import read_settings
    from taprev.starter.forms.write import USUALLY_IN_SIGHT, FormRequest, write_forms

    in_sight = tuple(statistic or USUALLY_IN_SIGHT)
    for sentence in write_forms(data, read_settings(settings), FormRequest(name, sample, add, in_sight)):
        typer.echo(sentence)
