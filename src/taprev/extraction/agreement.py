"""How far two extractors agree: by field of the forms and of the files received, by extractor, and by study.

Two cells agree where their texts are equal or, in a column of numbers, where the numbers are (0.9 and 0.90).
An empty cell is a category of its own. Columns of free text, and those that the settings name as coded once
for both forms, are left out: their agreement says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from statistics import median

import pandas as pd

from taprev.extraction.kappa import cohens_kappa
from taprev.extraction.problems import Problem
from taprev.extraction.reconcile import Reconciliation, form_paths, reconcile
from taprev.extraction.tables import codebook, number_columns
from taprev.ground.files import PLAIN_NUMBER, records_csv
from taprev.settings import Settings
from taprev.settings.sections import Received

FROM_THE_SETTINGS = ("domain",)
ONCE = "The figures were extracted once: there is no agreement to measure."
NEVER = "empty in both: nothing to compare"


@dataclass(frozen=True)
class AgreementLine:
    """One line of the agreement table; shares lie between 0 and 1, and None is an empty cell.

    `exact`, `median_rel_diff` and `max_rel_diff` are over the `both_filled` pairs of a column of numbers;
    `one_empty` counts the pairs of which one cell is empty and the other is not.
    """

    layer: str
    field: str
    n: int
    agreement: float | None = None
    kappa: float | None = None
    kappa_lb: float | None = None
    kappa_ub: float | None = None
    prevalence: float | None = None
    categories: int | None = None
    both_filled: int | None = None
    one_empty: int | None = None
    exact: float | None = None
    median_rel_diff: float | None = None
    max_rel_diff: float | None = None
    note: str = ""


def agreement_table(data: Path, settings: Settings) -> list[AgreementLine]:
    """Return agreement by form field, received field, extractor and study, a line each.

    Raises ValueError, with a sentence for each problem, where forms, adjudications or received files cannot
    be compared. A review whose figures were extracted once gives one line that says so.
    """
    if not settings.review.double_extraction:
        return [AgreementLine("form", "", 0, note=ONCE)]
    merged = reconcile(data)
    if merged.problems:
        raise ValueError("\n".join(problem.sentence() for problem in merged.problems))
    level, names = settings.synthesis.level, compared_fields(data, settings)
    first, second = (_read(path, "result") for path in form_paths(data).values())
    second = second.loc[first.index]
    numbers = number_columns(data / "extracted", "outcomes")
    lines = [field_agreement("form", f, first[f], second[f], level, f in numbers) for f in names]
    if settings.agreement.received:
        lines += _received(data, settings.agreement.received, level)
    lines += [_extractor(name, merged, names) for name in ("first", "second")]
    return [*lines, *_studies(first, second, names, numbers)]


def agreement_csv(lines: Iterable[AgreementLine]) -> str:
    """Return the table as CSV text at full precision; an empty cell is None."""
    return records_csv(AgreementLine, lines)


def compared_fields(data: Path, settings: Settings) -> list[str]:
    """Return the columns that both extractors coded: numbers, those with allowed values, and the domain."""
    described = codebook(data / "extracted")["outcomes"]["schema"]["fields"]
    once = settings.agreement.coded_once
    known = {field["name"] for field in described}
    if unknown := [name for name in once if name not in known]:
        raise ValueError(f"the settings, agreement > coded_once: outcomes.csv has no column {', '.join(unknown)}.")
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
    layer: str, name: str, first: pd.Series, second: pd.Series, level: float, numeric: bool
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


def _read(path: Path, key: str) -> pd.DataFrame:
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    return table.set_index(key, drop=False)


def _received(data: Path, wanted: Received, level: float) -> list[AgreementLine]:
    first, second = (_received_file(data / name, wanted) for name in (wanted.first, wanted.second))
    for path, table, other in ((wanted.second, first, second), (wanted.first, second, first)):
        if missing := list(table.index.difference(other.index)):
            raise ValueError(f"{path}: rows of the other received file are missing: {', '.join(missing)}.")
    second, lines = second.loc[first.index], []
    for name in wanted.fields:
        numeric = all(_is_number(text) for text in (*first[name], *second[name]) if text)
        lines.append(field_agreement("received", name, first[name], second[name], level, numeric))
    return lines


def _received_file(path: Path, wanted: Received) -> pd.DataFrame:
    header = list(pd.read_csv(path, nrows=0, encoding="utf-8").columns)
    if missing := [name for name in (wanted.key, *wanted.fields) if name not in header]:
        found = f"the header lacks {', '.join(missing)}."
        advice = "Correct the file, or agreement > received in the settings."
        raise ValueError(Problem(path.as_posix(), 1, "", "", "", found, advice).sentence())
    table = _read(path, wanted.key)
    if twice := list(table.index[table.index.duplicated()].unique()):
        raise ValueError(f"{path.as_posix()}, column {wanted.key}: found twice: {', '.join(twice)}.")
    return table


def _extractor(name: str, merged: Reconciliation, names: list[str]) -> AgreementLine:
    """Return how often a disagreement was decided for one extractor, over the fields compared."""
    apart = [c for c in merged.decided if c.column in names and c.first != c.second]
    won = sum(cell.value == getattr(cell, name) for cell in apart)
    still_open = sum(cell.column in names for cell in merged.open_cells)
    note = f"decided for the {name} extractor in {won} of {len(apart)} disagreements"
    note += f"; {still_open} open" if still_open else ""
    return AgreementLine("extractor", name, len(apart), won / len(apart) if apart else None, note=note)


def _studies(first: pd.DataFrame, second: pd.DataFrame, names: list[str], numbers: list[str]) -> list[AgreementLine]:
    """Return for each study the share of cells that agree among those that at least one form fills."""
    cells = [
        (study, _category(a, f in numbers) == _category(b, f in numbers))
        for f in names
        for study, a, b in zip(first["study"], first[f], second[f], strict=True)
        if a or b
    ]
    table = pd.DataFrame(cells, columns=["study", "agreed"]).groupby("study")["agreed"].agg(["size", "sum"])
    return [
        AgreementLine("study", str(study), int(n), int(agreed) / int(n), note=f"{agreed} of {n} cells agree")
        for study, n, agreed in table.itertuples()
    ]
