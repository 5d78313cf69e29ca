"""How many right figures are found in their place, and how many planted slips are not, by layout and class."""

from __future__ import annotations

import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent))

from made_papers import LAYOUTS, MadePaper, Row, made
from slips import FIGURES, SLIPS, planted

from taprev.sources.asked import asked_row
from taprev.sources.lookup import FoundFigure, IndexedSource, look_up
from taprev.sources.opening import open_source
from taprev.vocabulary import IN_PLACE

RIGHT = "right"
FIRST_SEED, SEEDS = 1000, 5
DOCUMENT = Path(__file__).parents[2] / "docs" / "sources.md"
BEGIN, END = "<!-- measured -->", "<!-- end -->"
Counts = dict[str, dict[str, Counter]]


def looked_up(row: Row, source: IndexedSource) -> dict[str, FoundFigure]:
    return {one.figure.column: one for one in look_up(asked_row(row, FIGURES), source)}


def measure(papers: list[MadePaper], tell=lambda *_: None) -> Counts:
    """Return for each layout and class how many figures were asked, and how many were found in their place."""
    counts: Counts = defaultdict(lambda: defaultdict(Counter))
    with TemporaryDirectory() as folder:
        for paper in papers:
            path = Path(folder) / "paper.pdf"
            path.write_bytes(paper.pdf)
            opened = open_source(path)
            _of_paper(paper, IndexedSource(opened), counts[paper.layout], tell)
            opened.close()
    return counts


def _of_paper(paper: MadePaper, source: IndexedSource, counts: dict[str, Counter], tell) -> None:
    rng = random.Random(f"slips {paper.layout} {paper.seed}")
    rows = list(paper.rows)
    for row in rows:
        for column, found in looked_up(row, source).items():
            counts[RIGHT].update(asked=1, in_place=found.verdict in IN_PLACE)
            if found.verdict not in IN_PLACE:
                tell(paper, RIGHT, row, column, row[column], found)
        for name in SLIPS:
            slip = planted(name, rng, row, rows)
            if slip:
                column, wrong = slip
                found = looked_up(wrong, source)[column]
                counts[name].update(asked=1, in_place=found.verdict in IN_PLACE)
                if found.verdict in IN_PLACE:
                    tell(paper, name, wrong, column, row[column], found)


def table(counts: Counts) -> str:
    """Return the shares as a Markdown table: right figures found in place, slips not found in place."""
    lines = ["| layout | right figures found | " + " | ".join(f"{n.replace('_', ' ')}" for n in SLIPS) + " |"]
    lines.append("|" + "---|" * (len(SLIPS) + 2))
    total: dict[str, Counter] = defaultdict(Counter)
    for layout, own in counts.items():
        lines.append(_line(layout.replace("_", " "), own))
        for name, counted in own.items():
            total[name].update(counted)
    return "\n".join([*lines, _line("all", total)]) + "\n"


def _line(name: str, own: dict[str, Counter]) -> str:
    cells = [_share(own[RIGHT], True), *(_share(own.get(slip, Counter()), False) for slip in SLIPS)]
    return f"| {name} | " + " | ".join(cells) + " |"


def _share(counted: Counter, found: bool) -> str:
    asked = counted["asked"]
    if not asked:
        return ""
    good = counted["in_place"] if found else asked - counted["in_place"]
    return f"{good}/{asked} ({100 * good / asked:.1f} %)"


def in_document(text: str, made: str) -> str:
    """Return the page of the documentation with its table replaced."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{made}{END}{rest.partition(END)[2]}"


def papers(seeds: int, layouts: Iterable[str] = LAYOUTS) -> list[MadePaper]:
    """Return papers of some layouts, as many of each."""
    return [made(layout, seed) for layout in layouts for seed in range(FIRST_SEED, FIRST_SEED + seeds)]


def _tell(paper: MadePaper, kind: str, row: Row, column: str, right: str, found: FoundFigure) -> None:
    said = [row["result"], column, row[column], "for", right, found.verdict, found.spelled]
    print(kind, paper.layout, paper.seed, *said, file=sys.stderr)


if __name__ == "__main__":
    if sys.argv[1:] == ["--docs"]:
        DOCUMENT.write_text(in_document(DOCUMENT.read_text("utf-8"), table(measure(papers(SEEDS)))), encoding="utf-8")
    else:
        print(table(measure(papers(int(sys.argv[1]), sys.argv[2:] or LAYOUTS), _tell)))
