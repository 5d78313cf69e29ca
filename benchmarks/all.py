"""Run the benchmarks: `python benchmarks/all.py` writes docs/benchmarks.md, with names only their sections of it.

`--short` proves that each still runs and measures next to nothing. It ends with 1 where a benchmark fails or prints
nothing.
"""

from __future__ import annotations

import argparse
import platform
import re
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
HEAD = "# Benchmarks\n\nWritten by `make bench`. Times are of one noisy machine; ratios say more than seconds.\n"


def main() -> None:
    """Run the benchmarks one after the other, so that none disturbs another; by two where they measure nothing."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="name", help=f"by default all: {', '.join(NAMES)}")
    parser.add_argument("--short", action="store_true", help="a small part of each, to see that it runs")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    wanted = set(asked.names or NAMES) - set(TESTED if asked.short else ())
    names = [name for name in NAMES if name in wanted]
    with ThreadPoolExecutor(SHORT_AT_ONCE if asked.short else 1) as pool:
        for name, measured in zip(names, pool.map(partial(section, short=asked.short), names), strict=True):
            if not asked.short:
                write(name, measured)


def section(name: str, short: bool) -> str:
    """Return what a benchmark is, where and when it ran, and what it prints, as a section of the page."""
    script = HERE / f"{name}.py"
    print(f"{name} ...", flush=True)
    done = subprocess.run([sys.executable, script, *(["--short"] if short else [])], capture_output=True, text=True)
    if done.returncode or not done.stdout.strip():
        sys.exit(f"{script.name} failed:\n{done.stdout}{done.stderr}")
    print(done.stdout, flush=True)
    words = script.read_text("utf-8").split('"""')[1].strip().split("\n")[0]
    libraries = ", ".join(f"{library} {version(library)}" for library in LIBRARIES)
    ran = f"{date.today().isoformat()}, {platform.machine()}, Python {platform.python_version()}, {libraries}."
    return f"## {name}\n\n{words}\n\n{ran}\n\n```\n{done.stdout.rstrip()}\n```\n"


def write(name: str, measured: str) -> None:
    """Put a section into the page in the place of its older one, in the order of the benchmarks."""
    page = PAGE.read_text("utf-8") if PAGE.is_file() else ""
    sections = {part.split("\n")[0]: f"## {part.rstrip()}\n" for part in re.split(r"^## ", page, flags=re.M)[1:]}
    sections[name] = measured
    PAGE.write_text("\n".join([HEAD, *(sections[one] for one in NAMES if one in sections)]), encoding="utf-8")
    print(f"{PAGE.relative_to(HERE.parent)} has the new section {name}.", flush=True)


if __name__ == "__main__":
    main()
