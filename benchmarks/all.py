"""Run every benchmark: `python benchmarks/all.py` writes docs/benchmarks.md, `--short` proves that each still runs.

A short run measures next to nothing. It ends with 1 where a benchmark fails or prints nothing.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
NAMES = (
    "workflow",
    "kernels",
    "multilevel",
    "exact",
    "multiverse",
    "rows",
    "growth",
    "audit",
    "checker",
    "small_studies",
    "mutants",
    "kills",
)
TESTED = ("checker",)
SHORT_AT_ONCE = 2
LIBRARIES = ("numpy", "scipy", "matplotlib", "snakemake", "pandas")
PAGE = HERE.parent / "docs" / "benchmarks.md"


def main() -> None:
    """Run the benchmarks one after the other, so that none disturbs another; by two where they measure nothing."""
    short = "--short" in sys.argv[1:]
    names = [name for name in NAMES if not (short and name in TESTED)]
    with ThreadPoolExecutor(SHORT_AT_ONCE if short else 1) as pool:
        sections = list(pool.map(partial(section, short=short), names))
    if not short:
        libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
        head = (
            "# Benchmarks\n\nWritten by `make bench`. Times are of one noisy machine; ratios say more than seconds.\n\n"
            f"{date.today().isoformat()}, {platform.machine()}, Python {platform.python_version()}, {libraries}.\n"
        )
        PAGE.write_text("\n".join([head, *sections]), encoding="utf-8")
        print(f"{PAGE.relative_to(HERE.parent)} is written.")


def section(name: str, short: bool) -> str:
    """Return what a benchmark is and what it prints, as a section of the page."""
    script = HERE / f"{name}.py"
    print(f"{name} ...", flush=True)
    done = subprocess.run([sys.executable, script, *(["--short"] if short else [])], capture_output=True, text=True)
    if done.returncode or not done.stdout.strip():
        sys.exit(f"{script.name} failed:\n{done.stdout}{done.stderr}")
    print(done.stdout, flush=True)
    words = script.read_text("utf-8").split('"""')[1].strip().split("\n")[0]
    return f"## {name}\n\n{words}\n\n```\n{done.stdout.rstrip()}\n```\n"


if __name__ == "__main__":
    main()
