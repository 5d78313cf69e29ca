"""Write the forms of a review as workbooks, or add rows for new studies to those that are being filled in.

A form is made from the codebook, the settings, the studies and their reports. No other form and no consensus is read
for it, so that nothing an extractor wrote can reach another. No form that is there is overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from taprev.extraction.codebook_shape import key_columns, referred
from taprev.extraction.forms import FIRST_TWO, NAMED, form_words
from taprev.extraction.risk_of_bias.declarations import TABLE, tools_of
from taprev.extraction.risk_of_bias.tools import BiasTools
from taprev.extraction.sheets.places import BOOK, BOOKS
from taprev.extraction.sheets.reading import read_table
from taprev.extraction.sheets.write_back import write_back
from taprev.extraction.table_problems import unreadable
from taprev.extraction.tables import Row, codebook, columns, filled_in, named, read_rows, there
from taprev.extraction.twice import sampled_studies
from taprev.ground.files import write_bytes
from taprev.settings import Settings
from taprev.starter.forms.bias import bias_choices, bias_example
from taprev.starter.forms.book import form_book
from taprev.starter.forms.choices import relisted
from taprev.starter.forms.examples import example_row
from taprev.starter.forms.sheet_plan import OUTCOMES, DescribedColumn, FormSheet, form_columns
from taprev.vocabulary import Decision, Statistic, Twice

USUALLY_IN_SIGHT = (Statistic.MEANS, Statistic.EVENTS)
OF_SETTINGS = ("outcomes", "certainty", "missing_evidence")
"""Tables whose domain is one of the settings."""


@dataclass(frozen=True)
class FormRequest:
    """Which form is wanted: of one extractor, of the sample alone, with rows for new studies, with columns in sight."""

    name: str = ""
    sample: bool = False
    add: bool = False
    in_sight: tuple[str, ...] = USUALLY_IN_SIGHT


def write_forms(data: Path, settings: Settings, wanted: FormRequest) -> list[str]:
    """Write the forms that are wanted, and return a sentence for each; ValueError says why none is written."""
    if problems := unreadable(data / "extracted"):
        raise ValueError(problems[0].sentence())
    if strange := [word for word in wanted.in_sight if word not in tuple(Statistic)]:
        raise ValueError(f"--statistic: found {strange[0]}. Use one of: {', '.join(Statistic)}.")
    offered = _offered(data / "extracted", settings, wanted)
    if settings.extraction.once:
        return _tables(data, settings, wanted, offered)
    names = [wanted.name] if wanted.name else [*settings.extraction.extractors] or [*FIRST_TWO]
    taken = {*columns(data / "extracted", OUTCOMES), *Decision}
    if wrong := [name for name in names if not NAMED.fullmatch(name) or name in taken]:
        advice = "Use only a-z, 0-9 and _, begin with a letter, and take no column of outcomes.csv: third."
        raise ValueError(f'--for: found "{wrong[0]}". {advice}')
    paths = {name: data / "raw" / f"form_{name}.csv" for name in names}
    if wanted.add:
        return [_added(path, offered) for path in paths.values()]
    _refuse_what_is_there(paths.values())
    return [_form(data, settings, name, path, wanted, offered) for name, path in paths.items()]


def _refuse_what_is_there(paths: Iterable[Path]) -> None:
    there_already = [_in_the_way(path) for path in paths if _in_the_way(path)]
    if there_already:
        advice = "Nothing was written. Fill it in, add rows for new studies with --add, or move it away to start again."
        raise ValueError("\n".join(f"{one} is there already. {advice}" for one in there_already))


def _in_the_way(path: Path) -> str:
    """Return the form that would be overwritten or doubled, or nothing."""
    book = next((path.with_suffix(ending) for ending in BOOKS if path.with_suffix(ending).is_file()), None)
    if book:
        return book.as_posix()
    return named(path) if there(path) and filled_in(path) else ""


def _offered(extracted: Path, settings: Settings, wanted: FormRequest) -> list[Row]:
    """Return a begun row, of study and report alone, for each report, or each study without one, of what is wanted."""
    tables = (read_rows(path) if there(path) else [] for path in (extracted / "studies.csv", extracted / "reports.csv"))
    studies, reports = tables
    names = [row["study"] for row in studies]
    if wanted.sample:
        if settings.extraction.twice.which != Twice.SAMPLE:
            raise ValueError("--sample: extraction > twice names no sample. Name its studies in the settings.")
        sampled = sampled_studies(extracted, settings.extraction.twice)
        names = [name for name in names if name in sampled]
        if not names:
            raise ValueError("--sample: no study of studies.csv is in the sample that extraction > twice names.")
    of = {name: [row["report"] for row in reports if row["study"] == name] or [""] for name in names}
    return [{"study": name, "report": report} for name, own in of.items() for report in own]


def _form(data: Path, settings: Settings, name: str, path: Path, wanted: FormRequest, offered: Sequence[Row]) -> str:
    target = path.with_suffix(".xlsx")
    sheet = _sheet(data / "extracted", OUTCOMES, settings, {}, _choices(offered), tuple(offered))
    whose = f"The form of the {form_words(name)} extractor"
    told = [f"{whose}. Fill it in without looking at another form, and save it as {target.name}."]
    write_bytes(target, form_book(settings.review.title, [sheet], wanted.in_sight, told))
    rows = f", with {len(offered)} rows begun" if offered else ""
    return f"{target.as_posix()} was written{rows}. Fill it in, save it, and run taprev check."


def _choices(offered: Sequence[Row]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(dict.fromkeys(row[name] for row in offered if row[name])) for name in ("study", "report")}


def _tables(data: Path, settings: Settings, wanted: FormRequest, offered: Sequence[Row]) -> list[str]:
    """Write one workbook with a sheet for each table that nobody has begun."""
    extracted = data / "extracted"
    if wanted.name or wanted.sample:
        raise ValueError("extraction > twice is none: there is one form, tables.xlsx. Leave out --for and --sample.")
    if wanted.add:
        return [_added(extracted / f"{OUTCOMES}.csv", offered)]
    target = extracted / f"{BOOK}.xlsx"
    if target.is_file():
        _refuse_what_is_there([target.with_suffix(".csv")])
    tables = codebook(extracted)
    filled = [name for name, table in tables.items() if there(path := extracted / table["path"]) and filled_in(path)]
    within = {name for name in tables if name not in filled}
    if OUTCOMES in filled:
        raise ValueError(f"{named(extracted / f'{OUTCOMES}.csv')} has rows already. Nothing was written.")
    begun = tuple(offered) if "studies" not in within else ()
    sheets = [
        _sheet(
            extracted,
            name,
            settings,
            {one: one for one in within},
            _choices(offered),
            begun if name == OUTCOMES else (),
        )
        for name in tables
        if name in within
    ]
    told = ["One workbook for the whole extraction: a sheet for each table, the studies first."]
    write_bytes(target, form_book(settings.review.title, sheets, wanted.in_sight, told))
    left = [f"{name}.csv keeps the rows that it has." for name in filled]
    return [f"{target.as_posix()} was written. Fill it in, save it, and run taprev check.", *left]


def _sheet(
    extracted: Path,
    name: str,
    settings: Settings,
    within: Mapping[str, str],
    choices: Mapping[str, tuple[str, ...]],
    rows: tuple[Row, ...],
) -> FormSheet:
    """Return the sheet of a table; `within` are the tables that have a sheet in the same workbook."""
    keys = _keys(extracted, name)
    offers = {column: other for column, other in keys.items() if other in within}
    own = {column: choices.get(column, ()) for column in keys if column not in offers}
    if name in OF_SETTINGS:
        own["domain"] = tuple(settings.domains)
    if name == OUTCOMES:
        own["population"] = tuple(dict.fromkeys(one.population for one in settings.domains.values()))
    tools = tools_of(extracted).chosen(settings.extraction.risk_of_bias) if name == TABLE else BiasTools(())
    own |= bias_choices(tools, named=bool(settings.extraction.risk_of_bias))
    once = settings.extraction.once
    made = form_columns(name, described_columns(extracted, name), own, offers, named_by_hand=once)
    example = example_row(name, made) | (_example_domain(settings) if name == OUTCOMES else {}) | bias_example(tools)
    return FormSheet(name, codebook(extracted)[name].get("title", name), made, example, rows)


def _example_domain(settings: Settings) -> dict[str, str]:
    """Return domain and population of the example of a result: of the first domain whose figures can be means."""
    names = [*(name for name, one in settings.domains.items() if not one.event), *settings.domains]
    return {"domain": names[0], "population": settings.domains[names[0]].population}


def described_columns(extracted: Path, table: str) -> list[DescribedColumn]:
    """Return the columns of a table as the codebook describes them."""
    found = []
    for field in codebook(extracted)[table]["schema"]["fields"]:
        limits = field.get("constraints", {})
        told = field["name"], field.get("type", "string"), field.get("description", ""), field.get("unit", "")
        allowed = tuple(map(str, limits.get("enum", ())))
        found.append(DescribedColumn(*told, bool(limits.get("required")), allowed))
    return found


def _keys(extracted: Path, table: str) -> dict[str, str]:
    """Return the tables in which the values of columns stand, by column."""
    keys = codebook(extracted)[table]["schema"].get("foreignKeys", ())
    return {key_columns(key)[0]: referred(key, table) for key in keys}


def _added(path: Path, offered: Sequence[Row]) -> str:
    """Add rows for the studies that no row of a form names, and offer them in its lists."""
    if not there(path):
        raise ValueError(f"{path.with_suffix('.xlsx').as_posix()}: there is no such form. Make it without --add.")
    table = read_table(path)
    present = {row["study"] for row in (*table.rows.values(), *table.not_filled_in)}
    new = [row for row in offered if row["study"] not in present]
    if not new:
        why = "every study has a row already" if offered else "studies.csv has no study yet. Fill it in first"
        return f"{named(path)}: {why}. Nothing was written."
    write_back(path, more=new)
    book = table.place.file
    if book.suffix in BOOKS:
        write_bytes(book, relisted(book.read_bytes(), OUTCOMES, _choices(offered)))
    studies = len({row["study"] for row in new})
    return f"{named(path)}: rows for {studies} new {'study' if studies == 1 else 'studies'} added at the end."
