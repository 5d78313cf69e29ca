"""What becomes of a review of which one file is damaged: `python benchmarks/mutants.py [--mutants 10000]`.

Every input of two reviews, and of one of them as a workbook, is damaged at random with a fixed seed, one file at a
time. The program's own check reads it; where that lets it pass, effects and pooled numbers are made again. A mutant is
sound where the review is refused in a sentence that names a file, where its numbers are the same, or where they moved
and a check asks about it. A number may move unasked where the cell was typed once and nothing printed beside it says
another figure: no program can see that, and `taprev verify` and `taprev diff` name the row. Anything else is a fault:
it is printed with its number, and the program ends with 1.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from damage import kinds_for
from mutant_verdicts import SOUND, Standing, Verdict, checked, files_of, standing, verdict
from openpyxl import Workbook

from taprev.cli.loading import CHECKING
from taprev.extraction.tables import codebook, columns, package, read_rows

ROOT = Path(__file__).parents[1]
SEED, USUAL, SHORT = 2026, 3000, 50
LARGE = 3
"""One mutant of so many is of the large review."""
OFTEN, MORE = ("outcomes.csv", "tables.xlsx", "review.yaml", "form_first.csv"), 4
"""Files that are damaged so many times as often as others."""


@dataclass(frozen=True)
class Seedling:
    """A sound review from which mutants are made: its name, its folder, and what it amounts to."""

    name: str
    folder: Path
    twice: bool
    before: Standing
    files: tuple[str, ...]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mutants", type=int, default=USUAL)
    parser.add_argument("--short", action="store_true", help=f"{SHORT} mutants")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", type=int, help="one mutant, by its number")
    chosen = parser.parse_args()
    for module in CHECKING:
        import_module(module)
    with tempfile.TemporaryDirectory(prefix="mutants.") as place:
        seedlings = [*planted(Path(place))]
        gc.freeze()
        numbers = range(SHORT if chosen.short else chosen.mutants) if chosen.only is None else [chosen.only]
        faults = told(seedlings, [tried(seedlings, chosen.seed, number) for number in numbers])
    for line in faults:
        print(line, file=sys.stderr)
    return int(bool(faults))


@dataclass(frozen=True)
class Tried:
    """A mutant: its number, the review and the file, how that was damaged, and what came of it."""

    number: int
    review: str
    file: str
    how: str
    verdict: Verdict


def planted(place: Path) -> list[Seedling]:
    """Return the reviews from which mutants are made."""
    shipped, example, book = place / "shipped", place / "example", place / "book"
    for part in ("config", "data"):
        shutil.copytree(ROOT / part, shipped / part)
        shutil.copytree(ROOT / "tests" / "example" / part, example / part)
        shutil.copytree(ROOT / "tests" / "example" / part, book / part)
    for folder in (shipped, example):
        shutil.copy(ROOT / "CITATION.cff", folder)
    in_one_book(book / "data" / "extracted")
    return [seedling(shipped, True), seedling(example, False), seedling(book, False)]


def in_one_book(extracted: Path) -> None:
    """Put the tables of a review into one workbook, in place of their files."""
    book = Workbook()
    for name, table in codebook(extracted).items():
        sheet = book.create_sheet(name)
        header = columns(extracted, name)
        sheet.append(header)
        for row in read_rows(extracted / table["path"]):
            sheet.append([_cell(row[column]) for column in header])
        (extracted / table["path"]).unlink()
    book.remove(book.worksheets[0])
    book.save(extracted / "tables.xlsx")
    package.cache_clear()


def _cell(text: str) -> str | float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return text


def seedling(folder: Path, twice: bool) -> Seedling:
    """Return a review with what it amounts to; it must be sound."""
    here = Path.cwd()
    os.chdir(folder)
    package.cache_clear()
    code, said = checked()
    assert code == 0, said
    before = standing(said)
    os.chdir(here)
    return Seedling(folder.name, folder, twice, before, tuple(files_of(folder)))


def tried(seedlings: list[Seedling], seed: int, number: int) -> Tried:
    """Make a mutant by its number, judge it, and put the review right again."""
    draw = random.Random(f"{seed} {number}")
    shipped, *small = seedlings
    review = shipped if number % LARGE == 0 else draw.choice(small)
    weights = [MORE if file.endswith(OFTEN) else 1 for file in review.files]
    while True:
        [file] = draw.choices(review.files, weights)
        path, kind = review.folder / file, draw.choice(kinds_for(file))
        whole = path.read_bytes()
        made = kind.damage(whole, draw)
        if made is not None and made != whole:
            break
    path.write_bytes(made)
    try:
        came = verdict(review.folder, file, review.before, review.twice)
    finally:
        path.write_bytes(whole)
    return Tried(number, review.name, file, kind.name, came)


def told(seedlings: list[Seedling], tries: list[Tried]) -> list[str]:
    """Print what became of the mutants, by their file, and return a line for each fault."""
    print(f"{len(tries):,} mutants of {sum(len(one.files) for one in seedlings)} files of {len(seedlings)} reviews")
    words = [*SOUND, *sorted({one.verdict.word for one in tries} - set(SOUND))]
    print(f"{'':44}" + "".join(f"{word:>24}" for word in words))
    for name in dict.fromkeys(f"{review.name}: {file}" for review in seedlings for file in review.files):
        own = Counter(one.verdict.word for one in tries if f"{one.review}: {one.file}" == name)
        if own:
            print(f"{name:44}" + "".join(f"{own[word]:>24,}" for word in words))
    every = Counter(one.verdict.word for one in tries)
    print(f"{'all':44}" + "".join(f"{every[word]:>24,}" for word in words))
    slow, large = max(one.verdict.seconds for one in tries), max(one.verdict.megabytes for one in tries)
    print(f"longest {slow:.1f} s; most memory beyond that of the process itself {large:.0f} MB")
    return [
        f"mutant {one.number}: {one.review}: {one.file}: {one.how}: {one.verdict.word}\n{one.verdict.said}"
        for one in tries
        if one.verdict.word not in SOUND
    ]


if __name__ == "__main__":
    sys.exit(main())
