"""How the figures were extracted, in words: what was read twice, by whom, and how far they agreed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from taprev.extraction.agreement_lines import CELLS, PLANNED, TWICE
from taprev.extraction.forms import form_words
from taprev.extraction.tables import Row, read_rows
from taprev.settings import Settings
from taprev.settings.extraction import Extractor
from taprev.vocabulary import ExtractorKind, Twice
from taprev.wording import labels

NUMBERS = {2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six"}


def extraction_words(settings: Settings, agreement: Iterable[Row]) -> str:
    """Return the sentences of the methods that say how the figures were extracted.

    `agreement` holds the rows of the table of agreement, from which the share of a sample and its agreement are taken.
    """
    plan, rows = settings.extraction, list(agreement)
    if plan.once:
        return " ".join(filter(None, ("The figures were extracted once.", _who(plan.extractors))))
    forms = _forms(rows)
    many = NUMBERS.get(len(forms), str(len(forms))) if forms else "Two"
    if plan.twice.which == Twice.SAMPLE:
        shared = sample_words(rows)
        begin = f"A sample was extracted by more than one extractor, independently: {shared}; the rest was read once."
    else:
        begin = f"{many} extractors worked independently;"
    decided = (
        "every disagreement was decided with a written reason, and the workflow proves that the consensus equals the "
        f"{'two' if len(forms) < 3 else many.lower()} forms plus these decisions."
    )
    if plan.twice.which == Twice.SAMPLE:
        decided = decided[0].upper() + decided[1:]
    return " ".join(filter(None, (begin, decided, _who(plan.extractors))))


def twice_words(settings: Settings) -> str:
    """Return in a phrase how often the figures were extracted."""
    if settings.extraction.once:
        return "extracted once"
    if settings.extraction.twice.which == Twice.SAMPLE:
        return "extracted once, and in a sample twice, independently"
    return "extracted twice, independently"


def sample_words(agreement: Iterable[Row]) -> str:
    """Return how much a sample holds and how far the extractors agree in it, or nothing where there is no sample."""
    rows = list(agreement)
    shares = [
        f"{row['n']} of {row['of']} {row['field']} ({labels.percent(100 * int(row['n']) / int(row['of']))})"
        for row in rows
        if row["layer"] == TWICE and int(row["of"] or 0)
    ]
    agreed = [
        f"the {' and '.join(map(form_words, row['forms'].split()))} extractor agree in "
        f"{labels.percent(100 * float(row['agreement']))} of {row['n']} cells"
        for row in rows
        if row["layer"] == CELLS and row["agreement"]
    ]
    planned = [f"{row['n']} of {row['of']} {row['field']}" for row in rows if row["layer"] == PLANNED]
    of_plan = [f"of the sample planned {' and '.join(planned)}"] * bool(planned)
    return ", ".join((" and ".join(shares), *of_plan, *agreed)) if shares else ""


def read_agreement(path: Path) -> list[Row]:
    """Return the rows of the table of agreement; none where it was not made."""
    return read_rows(path) if path.is_file() else []


def _forms(rows: list[Row]) -> set[str]:
    return {form for row in rows for form in row.get("forms", "").split()}


def _who(extractors: dict[str, Extractor]) -> str:
    """Return who filled in the forms; a program is named as a program."""
    if not extractors:
        return ""
    said = [f"{form_words(form)} form, {_extractor(who)}" for form, who in extractors.items()]
    return f"Filled in by: {'; '.join(said)}."


def _extractor(who: Extractor) -> str:
    what = "a program" if who.kind == ExtractorKind.PROGRAM else "a person"
    return f"{what} ({who.name})" if who.name else what


OF_PART = {"pooled": "behind pooled numbers", "other": "of other results"}


def verified(path: Path) -> str:
    """Return how many of the cells that a person compared with the sources are wrong, or nothing where nobody did."""
    rows = read_rows(path) if path.is_file() else []
    parts = sorted((row for row in rows if row["layer"] == "part"), key=lambda row: list(OF_PART).index(row["of"]))
    if not parts:
        return ""
    missed = sum(int(row["not_found"]) for row in parts)
    lost = f" {labels.count(missed, 'cell was', 'cells were')} not found there." if missed else ""
    told = [_of_part(row) for row in parts if int(row["checked"])]
    if not told:
        return f"No cell of the sample could be compared with its source.{lost}"
    return (
        f"Cells were drawn at random and compared with the sources: {'; '.join(told)}.{lost} The intervals take cells "
        "as independent."
    )


def _of_part(row: Row) -> str:
    share, low, high = (labels.percent(100 * float(row[name])) for name in ("rate", "ci_lb", "ci_ub"))
    wrong = f"{row['wrong']} {'is' if row['wrong'] == '1' else 'are'} wrong"
    return f"of {row['checked']} {OF_PART[row['of']]} {wrong} ({share}, exact interval {low} to {high})"
