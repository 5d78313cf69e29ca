"""The whole review against Snakemake running the same graph with commands that do nothing.

    python benchmarks/workflow.py

Prints medians of three runs from empty results, and their ratio: what the review costs beyond Snakemake
itself. Files are made by `touch`, so that the graph, its order and its checks are those of the review.
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


def seconds(snakefile: Path) -> float:
    """Return the time of what `make review` does after its check, from empty results."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for part in ("config", "data"):
            shutil.copytree(REVIEW / part, folder / part)
        taprev = Path(sys.executable).parent / "taprev"
        snakemake = [taprev, "snakemake", "-s", snakefile, "--workflow-profile", PROFILE]
        both = " && ".join(
            shlex.join(map(str, [*snakemake, *targets, "--quiet", "all"])) for targets in (["effects"], [])
        )
        command = [taprev, "alone", "--", "sh", "-c", both]
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, stderr=subprocess.DEVNULL)
        return time.perf_counter() - start


def main() -> None:
    """Measure both, alternating, and print the ratio."""
    with tempfile.TemporaryDirectory() as place:
        nothing = Path(place) / "Snakefile"
        nothing.write_text(idle((ROOT / "Snakefile").read_text("utf-8")), encoding="utf-8")
        pairs = [(seconds(ROOT / "Snakefile"), seconds(nothing)) for _ in range(RUNS)]
    review, empty = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"Machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"Whole review, {RUNS} runs: median {review:.1f} s")
    print(f"Same graph doing nothing: median {empty:.1f} s")
    print(f"Ratio: {review / empty:.2f}")


if __name__ == "__main__":
    main()
