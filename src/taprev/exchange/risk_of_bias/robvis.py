"""Tables of judgements of risk of bias: those of robvis (Study, D1, ..., Overall) and the sheet of the tool RoB 2.

A judgement belongs to results, so the review that has them must be there: each judgement goes to every result of its
study. The tool is known by its domains and levels, and asked for where that leaves a choice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from taprev.exchange.answers import Answers
from taprev.exchange.imported import Imported, KeptTable
from taprev.exchange.names import plain
from taprev.exchange.received import ReceivedFile
from taprev.exchange.risk_of_bias.items import ToolOfFile
from taprev.exchange.risk_of_bias.words import SIGNS, domain_name, judged_word, judged_words, named_tools, tool_of
from taprev.exchange.tabular import SourceTable, read_table
from taprev.extraction.risk_of_bias.declarations import tools_of
from taprev.extraction.risk_of_bias.tools import OVERALL, BiasTool
from taprev.extraction.sheets.grid import many
from taprev.extraction.tables import Row, by_value, read_rows

NAME = "judgements of risk of bias (robvis)"
STUDY = ("study", "study id", "reference", "unique id")
QUESTION = re.compile(r"\d\.\d+")
WORDS = re.compile(
    r"low|high|unclear|moderate|serious|critical|some concerns?|no information|ni|very high|very low|not clear|"
    r"(?:low|high|unclear)[ -]risk(?: of bias)?|yes|no",
    re.IGNORECASE,
)
BESIDE = ("weight", "outcome", "result", "experimental", "comparator", "aim", "assessor")
NEVER_MANY = 3


@dataclass(frozen=True)
class _Reviewed:
    """The results of a review by the names that their study may have in a table, and the tool that judges them."""

    results: dict[str, list[Row]]
    tool: BiasTool

    def all_of(self, name: str) -> list[Row]:
        """Return every result of a study."""
        return self.results.get(plain(name, ""), [])

    def of(self, name: str) -> list[Row]:
        """Return the results of a study that the tool is for."""
        return [row for row in self.all_of(name) if row["contrast"] in self.tool.designs]


def is_robvis(file: ReceivedFile) -> bool:
    """Return whether a table has studies, and domains D1, D2, ... or an overall judgement."""
    names = [name.casefold() for name in file.header]
    if not any(name in STUDY for name in names[:3]):
        return False
    numbered = [name for name in names if re.fullmatch(r"d\d+[a-z]?|domain \d+", name)]
    overall = [name for name in names if domain_name(name) == OVERALL]
    return len(numbered) >= NEVER_MANY or (bool(overall) and len(names) > NEVER_MANY and "mean_arm1" not in names)


def read_robvis(path: Path, answers: Answers) -> Imported:
    """Return a row for each judgement of each result; ValueError with every study and judgement that is not known."""
    table = read_table(path, answers.sheet)
    study = next((name for name in map(table.column, STUDY) if name), None)
    if study is None:
        raise ValueError(f"{path}: no column names the study ({', '.join(STUDY)}).")
    if answers.review is None:
        raise ValueError(
            f"{path}: these are judgements of results. Name the review that has the results: --into FOLDER."
        )
    columns = [name for name in table.header if name != study and _judges(table, name)]
    words = {row[name] for _, row in table.rows for name in columns}
    tools = tools_of(answers.review / "data" / "extracted")
    tool, question = tool_of(columns, judged_words(words), answers.tool, tools)
    if tool is None:
        raise ValueError(f"{path}: {question}")
    [known] = [one for one in named_tools(tool.name, tools) if one.version == tool.version]
    questions = [name for name in table.header if QUESTION.fullmatch(name) and name in known.questions]
    columns = [*columns, *questions]
    tool = replace(tool, domains={**tool.domains, **{name: name for name in questions}})
    reviewed = _Reviewed(_results(answers.review), known)
    problems = [*_unknown_studies(path, table, study, reviewed), *_unknown_words(path, table, columns, tool, known)]
    if problems:
        raise ValueError("\n".join(problems))
    rows, remarks = _rows(table, study, columns, tool, known, reviewed)
    left = [name for name in table.header if name not in (study, *columns)]
    kept = tuple((row[study], *(row[name] for name in left)) for _, row in table.rows) if left else ()
    return Imported(
        format=f"{NAME}: {known.title}",
        tables={"risk_of_bias": tuple(rows)},
        remarks=(*table.remarks, *remarks),
        kept=tuple(
            one
            for one in (KeptTable("columns", (study, *left), kept, "columns without a place in the tables"),)
            if one.rows
        ),
    )


def _judges(table: SourceTable, column: str) -> bool:
    """Return whether a column holds judgements: nothing but words and signs of tools."""
    cells = {row[column] for _, row in table.rows} - {""}
    named = not column.casefold().startswith(BESIDE) and not QUESTION.fullmatch(column)
    return named and bool(cells) and all(cell in SIGNS or WORDS.fullmatch(cell.strip()) for cell in cells)


def _results(review: Path) -> dict[str, list[Row]]:
    """Return the results of each study by its identifier and by its label."""
    folder = review / "data" / "extracted"
    own = by_value(read_rows(folder / "outcomes.csv"), "study")
    made: dict[str, list[Row]] = {}
    for study in read_rows(folder / "studies.csv"):
        for name in (study["study"], study["label"]):
            made.setdefault(plain(name, ""), own[study["study"]])
    return made


def _unknown_studies(path: Path, table: SourceTable, study: str, reviewed: _Reviewed) -> Iterator[str]:
    for number, row in table.rows:
        if reviewed.all_of(row[study]) and not reviewed.of(row[study]):
            found = reviewed.all_of(row[study])[0]["contrast"]
            yield (
                f'{path}, row {number}: the results of "{row[study]}" are {found}, and {reviewed.tool.title} is for '
                f"{reviewed.tool.words_for_designs}. Take the row out, or judge it by another tool."
            )
        elif not reviewed.all_of(row[study]):
            yield (
                f'{path}, row {number}: found "{row[study]}", a study for which the review has no result. Write its '
                "name as in studies.csv (study or label), or take the row out."
            )


def _unknown_words(
    path: Path, table: SourceTable, columns: Sequence[str], tool: ToolOfFile, known: BiasTool
) -> Iterator[str]:
    signs = _signs(table, columns)
    for number, row in table.rows:
        for column in columns:
            if row[column] and judged_word(known, tool.domains[column], row[column], signs) is None:
                levels = ", ".join(level.name for level in known.levels_of(tool.domains[column]))
                why = (
                    "a sign that may mean two things here"
                    if row[column] in SIGNS
                    else f"which {known.title} does not have"
                )
                yield f'{path}, row {number}, column {column}: found "{row[column]}", {why}. It has {levels}.'


def _signs(table: SourceTable, columns: Sequence[str]) -> set[str]:
    return {row[column] for _, row in table.rows for column in columns} & SIGNS


def _rows(
    table: SourceTable, study: str, columns: Sequence[str], tool: ToolOfFile, known: BiasTool, reviewed: _Reviewed
) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    remarks, signs, empty = Counter[str](), _signs(table, columns), 0
    for _, row in table.rows:
        for column in columns:
            domain = tool.domains[column]
            word = judged_word(known, domain, row[column], signs) if row[column] else None
            empty += word is None
            if word is None:
                continue
            remarks[word.remark] += bool(word.remark)
            for result in reviewed.of(row[study]):
                made = {"result": result["result"], "tool": tool.name, "version": tool.version}
                rows.append({**made, "domain": domain, "judgement": word.level, "reason": ""})
    said = [f"{remark} ({many(count, 'time')})." for remark, count in remarks.items() if remark and count]
    return rows, [*said, *([f"{empty} cells are empty; they are no judgements."] if empty else [])]
