"""Time the random-effects kernels against metafor: `python benchmarks/kernels.py`.

The same 10,000 sets of ten studies go to both. metafor's loop fits `rma(method="REML", test="knha")` under
its own default control; one fit is compared as `rma` with `confint`, which is what `random_effects` gives.
"""

from __future__ import annotations

import json
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from taprev.synthesis import random_effects, random_effects_batch
from taprev.synthesis.likelihood import restricted_likelihood
from taprev.synthesis.scaled import scaled

SETS, STUDIES = 10_000, 10


def main() -> None:
    Y, V = drawn_sets()
    print(f"machine: {machine()}")
    ours = {
        "loop_tau2": median_seconds(lambda: restricted_likelihood(scaled(Y, V)), 15),
        "loop": median_seconds(lambda: random_effects_batch(Y, V), 15),
        "single_10": median_seconds(lambda: random_effects(Y[0], V[0]), 200),
        "single_1000": median_seconds(lambda: random_effects(Y[:100].ravel(), V[:100].ravel()), 50),
    }
    theirs = metafor_seconds(Y, V)
    report(f"{SETS:,} REML fits of k = {STUDIES}, tau2 only", ours["loop_tau2"], theirs.get("loop"))
    report(f"{SETS:,} REML fits of k = {STUDIES}, full fit", ours["loop"], theirs.get("loop"))
    report("one REML fit with Q-profile, k = 10", ours["single_10"], theirs.get("single_10"))
    report("one REML fit with Q-profile, k = 1,000", ours["single_1000"], theirs.get("single_1000"))


def drawn_sets() -> tuple[np.ndarray, np.ndarray]:
    """Return the effects and variances, drawn with a fixed seed, with tau2 = 0.05."""
    rng = np.random.default_rng(20240917)
    V = rng.uniform(0.01, 0.5, (SETS, STUDIES))
    return rng.normal(0.3, np.sqrt(V + 0.05)), V


def median_seconds(work: Callable[[], object], times: int) -> float:
    """Return the median wall time of `work` after one call to warm up."""
    work()
    return statistics.median(seconds(work) for _ in range(times))


def seconds(work: Callable[[], object]) -> float:
    """Return the wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def metafor_seconds(Y: np.ndarray, V: np.ndarray) -> dict[str, float]:
    """Return metafor's times by kernels.R, or nothing, with a line that says so, where R cannot run it."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        print("R is absent: metafor was not timed, and no ratio is given")
        return {}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "sets.csv"
        np.savetxt(data, np.hstack([Y, V]), delimiter=",", fmt="%.17g")
        script = Path(__file__).with_suffix(".R")
        run = subprocess.run([rscript, str(script), str(data)], capture_output=True, text=True)
    if run.returncode:
        print(f"R could not time metafor: {run.stderr.strip().splitlines()[-1]}")
        return {}
    times = json.loads(run.stdout)
    print(f"R {times['R']}, metafor {times['metafor']}, default control")
    return times


def report(what: str, ours: float, theirs: float | None) -> None:
    """Print one line: our median, metafor's and the ratio."""
    line = f"{what:<44} taprev {1e3 * ours:9.2f} ms"
    if theirs is not None:
        line += f"   metafor {1e3 * theirs:10.1f} ms   {theirs / ours:7,.0f} times"
    print(line)


def machine() -> str:
    """Return the processor, system and versions the times were taken with."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line
        ]
        cpu = f"{models[0]}, {len(models)} cores" if models else cpu
    versions = f"Python {sys.version.split()[0]}, NumPy {np.__version__}"
    return f"{cpu}, {platform.system()} {platform.release()}, {versions}"


if __name__ == "__main__":
    main()
