"""What commands and runs that are killed leave behind: `python benchmarks/kills.py [--runs 50] [--seed 2026]`.

`taprev init`, `import` and `reconcile` are killed before each change that they make to a folder in turn, and `make
review` of a small review at random times. Then the same is done again, undisturbed, and every file is compared with
those of one that nobody killed. The program ends with 1 where one differs, or where a lock is in the way.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from samples import foreign  # noqa: E402
from samples.killing import contents, done  # noqa: E402
from taprev.starter.write import write_review  # noqa: E402

SEED, RUNS, MOST = 2026, 12, 400
SAME, OTHER, WHOLE = "same files after the second try", "OTHER FILES", "ended before the kill"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=RUNS, help="how many runs of a review are killed")
    parser.add_argument("--short", action="store_true", help="every hundredth change, and no run")
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    lost = 0
    with tempfile.TemporaryDirectory(prefix="kills.") as name:
        place = Path(name)
        for what, (made, words) in COMMANDS.items():
            lost += told(what, of_command(place, made, words, 100 if chosen.short else 1))
        if not chosen.short:
            lost += told("make review", of_runs(place, chosen.runs, random.Random(chosen.seed)))
    return int(bool(lost))


def told(what: str, came: Counter[str]) -> int:
    """Print what came of the kills of a command, and return how many were lost."""
    print(
        f"{what:24}{came[SAME] + came[OTHER]:>5} kills, {came[SAME]:>5} with {SAME}, {came[OTHER]} with {OTHER.lower()}"
    )
    return came[OTHER]


def of_command(place: Path, made: Callable[[Path], None], words: tuple[str, ...], every: int) -> Counter[str]:
    """Kill a command before each of its changes, until it ends before the next one."""
    whole, came = place / "whole", Counter[str]()
    made(whole)
    assert done(whole, words) == 0
    for number in range(1, MOST, every):
        folder = place / "killed"
        made(folder)
        killed = done(folder, words, number) == -signal.SIGKILL
        if killed:
            done(folder, words)
        came[SAME if contents(folder) == contents(whole) else OTHER] += killed
        shutil.rmtree(folder)
        if not killed:
            break
    shutil.rmtree(whole)
    return came


def bare(folder: Path) -> None:
    """Make a folder that holds nothing."""
    folder.mkdir()


def with_table(folder: Path) -> None:
    """Make a folder that holds a table to import."""
    folder.mkdir()
    (folder / "table.csv").write_text(foreign.METAPSY, encoding="utf-8")


def blank(folder: Path) -> None:
    """Make a review without a row, with references to import."""
    write_review(folder)
    (folder / "references.ris").write_text(foreign.RIS, encoding="utf-8")


def shipped(folder: Path) -> None:
    """Make the shipped review without its consensus."""
    for part in ("config", "data"):
        shutil.copytree(ROOT / part, folder / part)
    (folder / "data" / "extracted" / "outcomes.csv").unlink()


def runnable(folder: Path) -> None:
    """Make the small review with what `make review` needs."""
    for part in ("config", "data"):
        shutil.copytree(ROOT / "tests" / "example" / part, folder / part)
    shutil.copy(ROOT / "src" / "taprev" / "starter" / "blank" / "Makefile", folder)
    shutil.copy(ROOT / "Snakefile", folder)
    shutil.copytree(ROOT / "profiles" / "default", folder / "profiles" / "default")


COMMANDS: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "init --blank": (bare, ("init", "new", "--blank")),
    "init . --example": (bare, ("init", ".", "--example")),
    "init with answers": (bare, ("init", "new", "--outcome", "Sleep: scores")),
    "import --into new": (
        with_table,
        ("import", "table.csv", "--into", "new", "--better", "lower", "--contrast", "randomised"),
    ),
    "import into a review": (blank, ("import", "references.ris", "--address", "https://example.org/list")),
    "reconcile": (shipped, ("reconcile",)),
}


def of_runs(place: Path, runs: int, draw: random.Random) -> Counter[str]:
    """Kill runs of a review at random times, each one or several times, and let a last one end."""
    whole, came = place / "whole", Counter[str]()
    runnable(whole)
    began = time.monotonic()
    assert _run(whole, None) == 0
    took = time.monotonic() - began
    folder = place / "killed"
    for _ in range(runs):
        runnable(folder)
        for _ in range(draw.randint(1, 3)):
            _run(folder, draw.uniform(0.5, took))
        same = _run(folder, None) == 0 and contents(folder) == contents(whole)
        came[SAME if same else OTHER] += 1
        shutil.rmtree(folder)
    return came


def _run(folder: Path, seconds: float | None) -> int:
    """Run a review, and kill what was started, and nothing below it, after some seconds."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    words = ["taprev", "alone", "--", "make", "--no-print-directory", "run"]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = subprocess.Popen(words, cwd=folder, env=environment, **silent)
    try:
        return started.wait(seconds)
    except subprocess.TimeoutExpired:
        started.kill()
        return started.wait()


if __name__ == "__main__":
    sys.exit(main())
