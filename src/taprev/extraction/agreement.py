"""How far each two extractors agree: by field of the forms and of the files received, by extractor, and by study.

Cells are compared of the results that both extractors have. Where a sample was to be extracted twice, what both found
is over the sample, and the table says how much of the sample, and how much in all, stands in two forms.

Two cells agree where their texts are equal or, in a column of numbers, where the numbers are (0.9 and 0.90).
An empty cell is a category of its own. Columns of free text, and those that the settings name as coded once
for both forms, are left out: their agreement says nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from math import isfinite
from pathlib import Path
from statistics import median

from taprev.extraction.agreement_lines import CELLS, NEVER, PLANNED, TWICE, AgreementLine
from taprev.extraction.forms import FormRows, form_words
from taprev.extraction.kappa import cohens_kappa
from taprev.extraction.problems import IN_SETTINGS, Problem
from taprev.extraction.reconcile import Reconciliation, reconcile
from taprev.extraction.sheets.reading import read_table
from taprev.extraction.tables import Row, codebook, number_columns, read_rows
from taprev.extraction.twice import is_twice, sampled_studies, studies_read, twice_shares
from taprev.ground.files import PLAIN_NUMBER
from taprev.settings import Settings
from taprev.settings.sections import Received
from taprev.vocabulary import Twice

FROM_THE_SETTINGS = ("domain",)
ONCE = "The figures were extracted once: there is no agreement to measure."


def agreement_table(data: Path, settings: Settings) -> list[AgreementLine]:
    """Return agreement by form field, received field, extractor and study, a line each for every two forms.

    Raises ValueError, with a sentence for each problem, where forms, adjudications or received files cannot
    be compared. A review whose figures were extracted once gives one line that says so.
    """
    if settings.extraction.once:
        return [AgreementLine("form", "", 0, note=ONCE)]
    merged = reconcile(data, settings.extraction)
    if merged.problems:
        raise ValueError("\n".join(problem.sentence() for problem in merged.problems))
    level, names = settings.synthesis.level, compared_fields(data, settings)
    sampled = sampled_forms(data, merged, settings)
    numbers = number_columns(data / "extracted", "outcomes")
    lines = _shares(data, settings, merged.forms)
    by_study: list[AgreementLine] = []
    for pair in combinations(sampled, 2):
        rows = tuple(merged.forms[form] for form in pair)
        both = [result for result in rows[0] if result in rows[1]]
        first, second = ([own[result] for result in both] for own in rows)
        studies = _studies(first, second, names, numbers)
        made = [_found(*(sampled[form] for form in pair)), _cells(studies)]
        made += [field_agreement("form", f, _column(first, f), _column(second, f), level, f in numbers) for f in names]
        lines += [replace(line, forms=" ".join(pair)) for line in made]
        by_study += [replace(line, forms=" ".join(pair)) for line in studies]
    if settings.agreement.received:
        lines += _received(data, settings.agreement.received, level)
    lines += [_extractor(form, merged, names) for form in merged.forms]
    return [*lines, *by_study]


def sampled_forms(data: Path, merged: Reconciliation, settings: Settings) -> FormRows:
    """Return the rows of every form that were to be extracted twice."""
    twice = settings.extraction.twice
    studies = sampled_studies(data / "extracted", twice)
    return {
        form: {result: row for result, row in rows.items() if is_twice(row, twice, studies)}
        for form, rows in merged.forms.items()
    }


def _shares(data: Path, settings: Settings, forms: FormRows) -> list[AgreementLine]:
    """Return how many studies and results stand in two forms, and of the sample where that is not the same."""
    if settings.extraction.twice.which != Twice.SAMPLE:
        return []
    shares = twice_shares(data / "extracted", settings.extraction.twice, forms)
    lines = [
        AgreementLine(TWICE, what, s.twice, of=s.of, note=f"{s.twice} of {s.of} {what} were extracted twice")
        for what, s in shares.items()
    ]
    if all(share.as_planned for share in shares.values()):
        return lines
    for what, share in shares.items():
        note = f"{share.planned_twice} of {share.planned} {what} of the sample were extracted twice"
        lines.append(AgreementLine(PLANNED, what, share.planned_twice, of=share.planned, note=note))
    return lines


def _found(first: dict[str, Row], second: dict[str, Row]) -> AgreementLine:
    """Return how many results of the studies that both extractors read were found by both."""
    read = studies_read({"first": first, "second": second})
    shared = read["first"] & read["second"]
    one, other = ({name for name, row in rows.items() if row["study"] in shared} for rows in (first, second))
    either, both = len(one | other), len(one & other)
    note = f"{both} of {either} results found by both"
    return AgreementLine("found", "result", either, both / either if either else None, note=note)


def _cells(studies: list[AgreementLine]) -> AgreementLine:
    """Return the share of cells that agree over all fields compared and all studies."""
    n = sum(line.n for line in studies)
    agreed = sum(round((line.agreement or 0) * line.n) for line in studies)
    return AgreementLine(CELLS, "all fields", n, agreed / n if n else None, note=f"{agreed} of {n} cells agree")


def compared_fields(data: Path, settings: Settings) -> list[str]:
    """Return the columns that both extractors coded: numbers, those with allowed values, and the domain."""
    described = codebook(data / "extracted")["outcomes"]["schema"]["fields"]
    once = settings.agreement.coded_once
    known = {field["name"] for field in described}
    if unknown := [name for name in once if name not in known]:
        raise ValueError(f"{IN_SETTINGS}, agreement > coded_once: outcomes.csv has no column {', '.join(unknown)}.")
    return [
        field["name"]
        for field in described
        if field["name"] not in once
        and (
            field["type"] in ("number", "integer", "year")
            or "enum" in field.get("constraints", {})
            or field["name"] in FROM_THE_SETTINGS
        )
    ]


def field_agreement(
    layer: str, name: str, first: Sequence[str], second: Sequence[str], level: float, numeric: bool
) -> AgreementLine:
    """Return the agreement of two columns of text in the same order of rows."""
    pairs = list(zip(first, second, strict=True))
    filled = [pair for pair in pairs if all(pair)]
    one_empty = sum(bool(a) != bool(b) for a, b in pairs)
    if not filled and not one_empty:
        return AgreementLine(layer, name, len(pairs), both_filled=0, one_empty=0, note=NEVER)
    exact, median_apart, most_apart = _differences(filled, numeric)
    coded = [(_category(a, numeric), _category(b, numeric)) for a, b in pairs]
    k = cohens_kappa([a for a, _ in coded], [b for _, b in coded], level)
    return AgreementLine(
        layer,
        name,
        k.n,
        k.agreement,
        k.kappa,
        k.kappa_lb,
        k.kappa_ub,
        k.prevalence,
        k.categories,
        len(filled),
        one_empty,
        exact,
        median_apart,
        most_apart,
        k.note,
    )


def relative_difference(a: float, b: float) -> float:
    """Return `|a - b| / max(|a|, |b|)`, which is 0 for equal numbers and does not depend on their order."""
    return 0.0 if a == b else abs(a - b) / max(abs(a), abs(b))


def _differences(filled: list[tuple[str, str]], numeric: bool) -> tuple[float | None, float | None, float | None]:
    """Return the exact-match rate and the median and largest relative difference of pairs of numbers."""
    pairs = [(float(a), float(b)) for a, b in filled if _is_number(a) and _is_number(b)] if numeric else []
    if not pairs:
        return None, None, None
    apart = [relative_difference(a, b) for a, b in pairs]
    return sum(a == b for a, b in pairs) / len(pairs), median(apart), max(apart)


def _category(text: str, numeric: bool) -> str:
    return repr(float(text) + 0.0) if numeric and _is_number(text) else text


def _is_number(text: str) -> bool:
    return bool(PLAIN_NUMBER.fullmatch(text)) and isfinite(float(text))


def _column(rows: Sequence[Row], name: str) -> list[str]:
    return [row[name] or "" for row in rows]


def _received(data: Path, wanted: Received, level: float) -> list[AgreementLine]:
    first, second = (_received_file(data / name, wanted) for name in (wanted.first, wanted.second))
    for path, table, other in ((wanted.second, first, second), (wanted.first, second, first)):
        if missing := sorted({*table} - {*other}):
            raise ValueError(f"{path}: rows of the other received file are missing: {', '.join(missing)}.")
    rows = [*first.values()], [second[key] for key in first]
    lines = []
    for name in wanted.fields:
        one, two = (_column(own, name) for own in rows)
        numeric = all(_is_number(text) for text in (*one, *two) if text)
        lines.append(field_agreement("received", name, one, two, level, numeric))
    return lines


def _received_file(path: Path, wanted: Received) -> dict[str, Row]:
    """Return the rows of a received file by their key."""
    rows, header = read_rows(path), read_table(path).header
    if missing := [name for name in (wanted.key, *wanted.fields) if name not in header]:
        found = f"the header lacks {', '.join(missing)}."
        advice = "Correct the file, or agreement > received in the settings."
        raise ValueError(Problem(path.as_posix(), 1, "", "", "", found, advice).sentence())
    if twice := [key for key, count in Counter(_column(rows, wanted.key)).items() if count > 1]:
        raise ValueError(f"{path.as_posix()}, column {wanted.key}: found twice: {', '.join(twice)}.")
    return {row[wanted.key]: row for row in rows}


def _extractor(name: str, merged: Reconciliation, names: list[str]) -> AgreementLine:
    """Return how often a disagreement was decided for one extractor, over the fields compared."""
    own = [cell for cell in merged.decided if cell.column in names and name in cell.readings]
    apart = [cell for cell in own if len(set(cell.readings.values())) > 1]
    won = sum(cell.value == cell.readings[name] for cell in apart)
    still_open = sum(cell.column in names and name in cell.readings for cell in merged.open_cells)
    note = f"decided for the {form_words(name)} extractor in {won} of {len(apart)} disagreements"
    note += f"; {still_open} open" if still_open else ""
    return AgreementLine("extractor", name, len(apart), won / len(apart) if apart else None, note=note)


def _studies(
    first: Sequence[Row], second: Sequence[Row], names: Sequence[str], numbers: Sequence[str]
) -> list[AgreementLine]:
    """Return for each study the share of cells that agree among those that at least one form fills."""
    compared: Counter[str] = Counter()
    agreed: Counter[str] = Counter()
    for one, other in zip(first, second, strict=True):
        filled = [(f, one[f], other[f]) for f in names if one[f] or other[f]]
        compared[one["study"]] += len(filled)
        agreed[one["study"]] += sum(_category(a, f in numbers) == _category(b, f in numbers) for f, a, b in filled)
    return [
        AgreementLine("study", study, n, agreed[study] / n, note=f"{agreed[study]} of {n} cells agree")
        for study, n in sorted(compared.items())
        if n
    ]
