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
from taprev.synthesis.kernels.likelihood import restricted_likelihood
from taprev.synthesis.kernels.scaled import scaled

SHORT = "--short" in sys.argv[1:]
SETS, STUDIES = (50 if SHORT else 10_000), 10
TOGETHER = min(100, SETS // 10)
SCANNED_AT_ONCE = 1_000
ANOTHER = 1e-2


def main() -> None:
    Y, V = drawn_sets()
    print(f"machine: {machine()}")
    ours = {
        "loop_tau2": median_seconds(lambda: restricted_likelihood(scaled(Y, V)), 15),
        "loop": median_seconds(lambda: random_effects_batch(Y, V), 15),
        "single_10": median_seconds(lambda: random_effects(Y[0], V[0]), 200),
        "single_large": median_seconds(lambda: random_effects(Y[:TOGETHER].ravel(), V[:TOGETHER].ravel()), 50),
    }
    theirs = times_in_r(Path(__file__).with_suffix(".R"), np.hstack([Y, V]))
    report(f"{SETS:,} REML fits of k = {STUDIES}, tau2 only", ours["loop_tau2"], theirs.get("loop"))
    report(f"{SETS:,} REML fits of k = {STUDIES}, full fit", ours["loop"], theirs.get("loop"))
    report("one REML fit with Q-profile, k = 10", ours["single_10"], theirs.get("single_10"))
    report(f"one REML fit with Q-profile, k = {TOGETHER * STUDIES:,}", ours["single_large"], theirs.get("single_large"))
    accuracy(Y, V, theirs)


def accuracy(Y: np.ndarray, V: np.ndarray, theirs: dict) -> None:
    """Print how far the batch, and metafor, are from the global optima that `scanned` finds."""
    optimum = scanned(Y, V)
    size = optimum + V.min(axis=1)
    gap = np.abs(random_effects_batch(Y, V).tau2 - optimum) / size
    print(f"largest |d tau2| / (tau2 + min v) from a dense scan's global optimum, {SETS:,} sets: {gap.max():.1e}")
    if theirs:
        tau2 = np.array(theirs["tau2"], float)
        stopped = np.isnan(tau2)
        other = np.abs(tau2[~stopped] - optimum[~stopped]) / size[~stopped] > ANOTHER
        print(f"metafor stops without converging in {stopped.sum()} sets; its tau2 is off by over 1 % in {other.sum()}")


def scanned(Y: np.ndarray, V: np.ndarray) -> np.ndarray:
    """Return the tau2 of the greatest restricted likelihood of each set, in plain NumPy and apart from taprev.

    The sign of the score is taken at zero and at 400 values of tau2 from 1e-6 of the least variance to ten times
    the variance of the effects; each crossing downwards is bisected, and the highest of these maxima is kept.
    """
    found = np.zeros(len(Y))
    for place in range(0, len(Y), SCANNED_AT_ONCE):
        chunk = slice(place, place + SCANNED_AT_ONCE)
        found[chunk] = _scanned(Y[chunk], V[chunk])
    return found


def _scanned(Y: np.ndarray, V: np.ndarray) -> np.ndarray:
    ends = np.log(1e-6 * V.min(axis=1)), np.log(10 * Y.var(axis=1) + V.max(axis=1))
    grid = np.hstack([np.zeros((len(Y), 1)), np.exp(np.linspace(*ends, 400, axis=1))])
    rising = _score(Y[:, None], V[:, None], grid) > 0
    sets, at = np.nonzero(rising[:, :-1] & ~rising[:, 1:])
    low, high = grid[sets, at], grid[sets, at + 1]
    for _ in range(80):
        middle = (low + high) / 2
        up = _score(Y[sets], V[sets], middle) > 0
        low, high = np.where(up, middle, low), np.where(up, high, middle)
    best, highest = np.zeros(len(Y)), _likelihood(Y, V, np.zeros(len(Y)))
    for one, tau2, value in zip(sets, low, _likelihood(Y[sets], V[sets], low), strict=True):
        if value > highest[one]:
            best[one], highest[one] = tau2, value
    return best


def _score(y: np.ndarray, v: np.ndarray, tau2: np.ndarray) -> np.ndarray:
    w = 1 / (v + tau2[..., None])
    mean = (w * y).sum(axis=-1, keepdims=True) / w.sum(axis=-1, keepdims=True)
    return (w**2 * (y - mean) ** 2).sum(axis=-1) - w.sum(axis=-1) + (w**2).sum(axis=-1) / w.sum(axis=-1)


def _likelihood(y: np.ndarray, v: np.ndarray, tau2: np.ndarray) -> np.ndarray:
    w = 1 / (v + tau2[..., None])
    mean = (w * y).sum(axis=-1, keepdims=True) / w.sum(axis=-1, keepdims=True)
    return 0.5 * (np.log(w).sum(axis=-1) - np.log(w.sum(axis=-1)) - (w * (y - mean) ** 2).sum(axis=-1))


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


def times_in_r(script: Path, table: np.ndarray) -> dict:
    """Return what an R script says of a table of numbers, as JSON, or nothing, and say so, where R cannot run it."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        print("R is absent: metafor was not timed, and no ratio is given")
        return {}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.csv"
        np.savetxt(data, table, delimiter=",", fmt="%.17g")
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
        models = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line]
        cpu = f"{models[0]}, {len(models)} cores" if models else cpu
    versions = f"Python {sys.version.split()[0]}, NumPy {np.__version__}"
    return f"{cpu}, {platform.system()} {platform.release()}, {versions}"


if __name__ == "__main__":
    main()
