"""The whole review against Snakemake running the same graph with commands that do nothing.

    python benchmarks/workflow.py

Prints medians of three runs from empty results, and their ratio: what the review costs beyond Snakemake
itself. Files are made by `touch`, so that the graph, its order and its checks are those of the review. Doing
nothing is measured twice: by plain Snakemake, and as the review runs it, where one process loads Snakemake for both
of its starts.
"""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROFILE = ROOT / "profiles" / "default"
SHORT = "--short" in sys.argv[1:]
RUNS, REVIEW = (1, ROOT / "tests" / "example") if SHORT else (3, ROOT)


def idle(snakefile: str) -> str:
    """Return the Snakefile with every command replaced by one that makes empty files, where there are folders too."""
    files = re.sub(r'directory\((".*?")\)', r"\1", snakefile)
    return re.sub(r'shell: ".*"', 'shell: "touch {output:q}"', files)


def seconds(snakefile: Path, plain: bool = False) -> float:
    """Return the time of what `make review` does after its check, from empty results; plain is without taprev."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for part in ("config", "data"):
            shutil.copytree(REVIEW / part, folder / part)
        taprev = Path(sys.executable).parent / "taprev"
        start_of = [sys.executable, "-m", "snakemake"] if plain else [taprev, "snakemake"]
        snakemake = [*start_of, "-s", snakefile, "--workflow-profile", PROFILE]
        both = " && ".join(
            shlex.join(map(str, [*snakemake, *targets, "--quiet", "all"])) for targets in (["effects"], [])
        )
        command = [*([] if plain else [taprev, "alone", "--"]), "sh", "-c", both]
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - start


def main() -> None:
    """Measure each in turn, and print the ratios."""
    with tempfile.TemporaryDirectory() as place:
        nothing = Path(place) / "Snakefile"
        nothing.write_text(idle((ROOT / "Snakefile").read_text("utf-8")), encoding="utf-8")
        times = [(seconds(ROOT / "Snakefile"), seconds(nothing, plain=True), seconds(nothing)) for _ in range(RUNS)]
    review, plain, helped = map(statistics.median, zip(*times, strict=True))
    print(f"Machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"Whole review, {RUNS} runs: median {review:.1f} s")
    print(f"Same graph doing nothing, by Snakemake: median {plain:.1f} s")
    print(f"Same graph doing nothing, as the review runs it: median {helped:.1f} s")
    print(f"Ratios: {review / plain:.2f} and {review / helped:.2f}")


if __name__ == "__main__":
    main()
