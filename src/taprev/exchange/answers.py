"""What a file does not say and nobody may guess: which end of a scale is better, and what was compared with what.

People answer on the command, or in the file that `--map` names, a value a domain. What follows from an answer, the
direction of each result, is filled in here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from taprev.exchange.direction import printed_sign
from taprev.exchange.imported import Imported, ReadDomain
from taprev.exchange.table_map import TableMap
from taprev.extraction.tables import Row
from taprev.vocabulary import Better, Contrast, Direction, Pairing

EVERY = "*"


@dataclass(frozen=True)
class Answers:
    """Answers by domain; the key `*` is for every domain that has none of its own. Empty texts were not given."""

    better: Mapping[str, str] = field(default_factory=dict)
    contrast: Mapping[str, str] = field(default_factory=dict)
    pairing: Mapping[str, str] = field(default_factory=dict)
    measure: str = ""
    tool: str = ""
    address: str = ""
    sheet: str = ""
    comparator: str = ""
    review: Path | None = None
    tables: Mapping[str, TableMap] = field(default_factory=dict)

    def of(self, which: Mapping[str, str], domain: str) -> str:
        """Return the answer for a domain, or nothing."""
        return which.get(domain, which.get(EVERY, ""))


def unanswered(imported: Imported, answers: Answers) -> list[str]:
    """Return a sentence for every question that is still open, and for every answer that is no word of taprev."""
    given: tuple[tuple[str, Mapping[str, str], Iterable[str]], ...] = (
        ("better", answers.better, Better),
        ("contrast", answers.contrast, Contrast),
        ("pairing", answers.pairing, Pairing),
    )
    said = [
        f'found "{word}" for --{name}{_of_domain(domain)}; it is {" or ".join(words)}.'
        for name, by_domain, words in given
        for domain, word in by_domain.items()
        if word not in set(words)
    ]
    known = {domain.name for domain in imported.domains}
    strange = sorted({domain for _, by_domain, _ in given for domain in by_domain} - known - {EVERY}) if known else []
    if strange:
        said.append(f"The answers name domains that the file does not have: {', '.join(strange)}. {_has(imported)}")
    better, contrast = _open(imported, "better"), _open(imported, "contrast")
    said += questions(better, contrast, _open(imported, "pairing", answers), answers)
    every = [row for table in _outcomes(imported) for row in table]
    known_contrast = all(answers.of(answers.contrast, one.name) for one in contrast)
    if answers.pairing and known_contrast and not any(_before_after(row, answers) for row in every):
        said.append("Nothing in the file was compared before and after. Leave the answer for pairing out.")
    unsigned = [row.get("location") or row["result"] for row in every if _without_sign(row)]
    if unsigned:
        said.append(
            f"Results that have figures without a sign: {len(unsigned)} ({', '.join(unsigned[:5])}). Say in a column "
            "direction whether they are better, worse, no_difference or mixed, and name it in the mapping."
        )
    return said


def _of_domain(domain: str) -> str:
    return "" if domain == EVERY else f" of the domain {domain}"


def _without_sign(row: Row) -> bool:
    return not row.get("direction") and printed_sign(row) is None


def _has(imported: Imported) -> str:
    return f"It has {', '.join(domain.name for domain in imported.domains)}."


def questions(
    better: Sequence[ReadDomain], contrast: Sequence[ReadDomain], pairing: Sequence[ReadDomain], answers: Answers
) -> list[str]:
    """Return what is to be asked of domains whose file does not say what is better, what was compared, and in whom.

    `pairing` are those with results from before and after of which the file does not say whether the people are the
    same.
    """
    said = []
    if asked := [one for one in better if not answers.of(answers.better, one.name)]:
        said.append(_ask_better(asked))
    if asked := [one for one in contrast if not answers.of(answers.contrast, one.name)]:
        names = ", ".join(domain.name for domain in asked)
        said.append(
            f"The file does not say how people came into the arms, of the domains {names}. Say it for all of them "
            "(--contrast randomised, or controlled where the allocation was not random), or one for each domain under "
            "contrast in the file of --map. Where it is before_after, say --pairing too."
        )
    if asked := [one for one in pairing if not answers.of(answers.pairing, one.name)]:
        names = ", ".join(domain.name for domain in asked)
        said.append(
            f"The file does not say whether the same people were measured before and after, in the domains {names}. "
            "Where nobody says it, a result counts by its direction only. Say it for all of them (--pairing "
            "matched, unmatched, or partial where only some are the same), or one for each domain under pairing in "
            "the file of --map."
        )
    return said


def _open(imported: Imported, column: str, answers: Answers | None = None) -> list[ReadDomain]:
    """Return the domains with rows that leave a column empty; with answers, of rows from before and after alone."""
    open_rows = {
        row["domain"]
        for table in _outcomes(imported)
        for row in table
        if not row.get(column) and (answers is None or _before_after(row, answers))
    }
    return [one for one in imported.domains if one.name in open_rows]


def _before_after(row: Row, answers: Answers) -> bool:
    return (row.get("contrast") or answers.of(answers.contrast, row["domain"])) == Contrast.BEFORE_AFTER


def _outcomes(imported: Imported) -> list[tuple[Row, ...]]:
    return [imported.rows("outcomes"), *imported.forms.values()]


def _ask_better(asked: Sequence[ReadDomain]) -> str:
    events = " (people with the event)"
    listed = "\n".join(f"  {one.name}: lower  # {one.label}{events if one.event else ''}" for one in asked)
    return (
        "The file does not say which end of a scale is better, or whether an event is wanted. Say it for all domains "
        f"(--better lower, or higher), or one for each domain in a file that --map names:\nbetter:\n{listed}\n"
        "For events, higher means that the event is wanted."
    )


def answered(imported: Imported, answers: Answers) -> Imported:
    """Return what was read with the answers in its rows, and the direction that follows from each."""
    tables = {**imported.tables}
    if "outcomes" in tables:
        tables["outcomes"] = tuple(_filled(row, answers) for row in tables["outcomes"])
    forms = {name: tuple(_filled(row, answers) for row in rows) for name, rows in imported.forms.items()}
    if "reports" in tables and answers.address:
        tables["reports"] = tuple({"source_url": answers.address, **row} for row in tables["reports"])
    return replace(imported, tables=tables, forms=forms)


def _filled(row: Row, answers: Answers) -> Row:
    filled = {
        **row,
        "better": row.get("better") or answers.of(answers.better, row["domain"]),
        "contrast": row.get("contrast") or answers.of(answers.contrast, row["domain"]),
    }
    if pairing := answers.of(answers.pairing, row["domain"]):
        filled |= _paired(filled, pairing)
    return {**filled, "direction": row.get("direction") or _direction(filled)}


def _paired(row: Row, pairing: str) -> Row:
    """Return what a result from before and after says of its people; the same people are counted once, in n_arm1."""
    if row["contrast"] != Contrast.BEFORE_AFTER or row.get("pairing"):
        return {}
    counted_twice = pairing == Pairing.MATCHED and row.get("n_arm2") == row.get("n_arm1")
    return {"pairing": pairing, **({"n_arm2": ""} if counted_twice else {})}


def _direction(row: Row) -> str:
    sign = printed_sign(row)
    if sign is None or not row["better"]:
        return ""
    turned = sign if row["better"] == Better.HIGHER else -sign
    return Direction.BETTER if turned > 0 else Direction.WORSE if turned < 0 else Direction.NO_DIFFERENCE
