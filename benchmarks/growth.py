"""How every step of the workflow grows with the review, in seconds, memory and bytes: `python benchmarks/growth.py`.

Made-up reviews (see made_up_review.py), one ten times as large as the other in domains and in rows, go through every
step, each in a process of its own that has loaded its libraries; a step that stands for one job a domain does all
domains in one process. CPU seconds, the most memory the process held, and the bytes it wrote. Growth is the exponent b
of seconds = a * rows^b. The first lines are of one domain of 1,000 rows.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kernels import SHORT, machine
from made_up_review import write_review
from rows import ONE_DOMAIN, exponent

from taprev.cli import computing, showing
from taprev.settings import read_settings

SIZES = ((1, 40),) if SHORT else ((5, 2_000), (46, 20_000))
LONG = 12 if SHORT else 1_000
RESULTS, DATA, SETTLED = Path("results"), Path("results/audit"), Path("results/settings.yaml")


@dataclass(frozen=True)
class Cost:
    """What a step cost: CPU seconds, the most MB that its process held, and the MB of files it made."""

    seconds: float
    memory: float
    written: float


def main() -> None:
    """Print the cost of each step at each size, and of one long domain."""
    print(f"machine: {machine()}")
    long = measured(LONG, *ONE_DOMAIN, last="figures")
    print(f"\none domain of {LONG:,} rows")
    for step in ("effects", "synthesis", "figures"):
        print(f"{step:14}{cells(long[step])}")
    table = {rows: measured(rows, times=times) for times, rows in SIZES}
    print(f"\n{'':14}" + "".join(f"{rows:>18,} rows{'':7}" for rows in table) + "growth")
    for step in table[SIZES[0][1]]:
        costs = {rows: steps[step] for rows, steps in table.items()}
        print(
            f"{step:14}"
            + "".join(map(cells, costs.values()))
            + f"{exponent({rows: cost.seconds for rows, cost in costs.items()}):6.2f}"
        )


def cells(cost: Cost) -> str:
    """Return a cost as three columns."""
    return f"{cost.seconds:8.1f} s {cost.memory:5.0f} MB {cost.written:7.1f} MB"


def measured(rows: int, domain: str = "", population: str = "", times: int = 1, last: str = "") -> dict[str, Cost]:
    """Return the cost of each step on a made-up review of so many rows, up to the last that is asked for."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_review(folder, rows, domain, population, times)
        os.chdir(folder)
        try:
            every = list(steps(list(read_settings(Path("config/review.yaml")).domains)))
            wanted = next((number for number, (name, _) in enumerate(every, 1) if name == last), len(every))
            return {name: cost(work) for name, work in every[:wanted]}
        finally:
            os.chdir("/")


def steps(domains: list[str]) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield the steps of the workflow in order, as calls in the folder of a review."""
    files = [RESULTS / "synthesis" / f"{domain}.json" for domain in domains]
    yield "settings", lambda: computing.settings_command()
    yield "check", lambda: computing.check(SETTLED, out=DATA / "checked.csv")
    yield "queries", lambda: computing.queries(DATA)
    yield "effects", lambda: computing.effects(SETTLED, DATA)
    yield "synthesis", lambda: [computing.synthesis(domain) for domain in domains]
    yield "crosscheck", lambda: computing.crosscheck(files)
    yield "changes", lambda: computing.changes(SETTLED, DATA)
    yield "traces", lambda: computing.traces(SETTLED, DATA)
    yield "figures", lambda: [showing.figures(file) for file in files]
    yield "certainty", lambda: showing.certainty(files, SETTLED, DATA)
    yield "tables", lambda: showing.tables(files, SETTLED, DATA)
    yield "overviews", lambda: showing.overviews(files, SETTLED, DATA)
    yield "documents", lambda: showing.documents(files, SETTLED, DATA)
    yield "gallery", lambda: showing.gallery(files)
    yield "agreement", lambda: computing.agreement(SETTLED, DATA)
    yield "report", lambda: showing.report(files, SETTLED, DATA)
    yield "audit", lambda: showing.audit(files, SETTLED, DATA)
    yield "manifest", lambda: showing.manifest(sorted(file for file in RESULTS.rglob("[!.]*") if file.is_file()))


def cost(work: Callable[[], object]) -> Cost:
    """Return what a step costs in a process of its own."""
    before = size()
    with tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if child == 0:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            try:
                work()
            except BaseException:
                sys.excepthook(*sys.exc_info())
                sys.stderr.flush()
                os._exit(1)
            os._exit(0)
        _, status, used = os.wait4(child, 0)
        if status:
            said.seek(0)
            raise SystemExit(said.read())
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, size() - before)


def size() -> float:
    """Return the MB of all files of the results."""
    return sum(file.stat().st_size for file in RESULTS.rglob("*") if file.is_file()) / 1e6


if __name__ == "__main__":
    main()
