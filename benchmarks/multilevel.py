"""Time the three-level model against metafor's rma.mv, and its growth: `python benchmarks/multilevel.py`.

One fit by REML of 1,000 effects in 250 studies goes to both; taprev's includes CR2, metafor's does not and is
timed under its own default control, dense and sparse. Then taprev alone at 10,000 and 100,000 effects.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from kernels import SHORT, machine, median_seconds, report, times_in_r

from taprev.synthesis.kernels.multilevel import multilevel

EFFECTS_A_STUDY = 4
STUDIES, TIMES = ((20, 40), (1, 1)) if SHORT else ((250, 2_500, 25_000), (30, 10, 3))


def main() -> None:
    print(f"machine: {machine()}")
    ours = [seconds_of(studies, times) for studies, times in zip(STUDIES, TIMES, strict=True)]
    theirs = times_in_r(Path(__file__).with_suffix(".R"), np.column_stack(drawn(STUDIES[0])))
    first = STUDIES[0]
    report(f"one three-level fit, {first * EFFECTS_A_STUDY:,} effects, {first} studies", ours[0], theirs.get("dense"))
    report("the same, rma.mv(sparse = TRUE)", ours[0], theirs.get("sparse"))
    if theirs:
        fit = multilevel(*drawn(STUDIES[0]))
        gaps = [abs(fit.sigma2_study - theirs["sigma2"][0]), abs(fit.sigma2_effect - theirs["sigma2"][1])]
        print(f"components differ by {max(gaps):.1e} (metafor's default control)")
    for studies, seconds in zip(STUDIES, ours, strict=True):
        effects = studies * EFFECTS_A_STUDY
        print(f"{effects:>8,} effects {1e3 * seconds:9.1f} ms {1e6 * seconds / effects:7.1f} µs an effect")


def drawn(studies: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return effects, variances and studies, drawn with a fixed seed, with components 0.09 and 0.04."""
    rng = np.random.default_rng(20240918)
    study = np.repeat(np.arange(studies), EFFECTS_A_STUDY)
    vi = rng.uniform(0.01, 0.2, study.size)
    return 0.3 + rng.normal(0, 0.3, studies)[study] + rng.normal(0, np.sqrt(vi + 0.04)), vi, study


def seconds_of(studies: int, times: int) -> float:
    """Return the median time of one fit."""
    data = drawn(studies)
    return median_seconds(lambda: multilevel(*data), times)


if __name__ == "__main__":
    main()
