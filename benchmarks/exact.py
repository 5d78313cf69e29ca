"""Time the exact likelihood of events against metafor's rma.glmm: `python benchmarks/exact.py`.

One fit of published tables (Niel-Weise and others 2007, 18 trials, 17 of them with an event) goes to both; taprev's
includes the profile intervals of mean and variance, metafor's (model = "CM.EL") does not. Then taprev alone on sets
of more trials. In the short form it is only seen to run.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from kernels import SHORT, machine, median_seconds, report, times_in_r

from taprev.synthesis.kernels.exact import exact_odds_ratio

REFERENCE = Path(__file__).parent.parent / "tests" / "reference" / "exact.json"
TRIALS, TIMES = ((10,), 1) if SHORT else ((20, 80, 320), 5)


def main() -> None:
    print(f"machine: {machine()}")
    published = next(one for one in json.loads(REFERENCE.read_text("utf-8"))["sets"] if one["id"] == "nielweise2007")
    tables = [published[name] for name in ("arm1", "size1", "arm2", "size2")]
    ours = median_seconds(lambda: exact_odds_ratio(*tables), TIMES)
    theirs = times_in_r(Path(__file__).with_suffix(".R"), np.column_stack(tables)[: 5 if SHORT else None])
    report("one exact fit, 18 published trials", ours, theirs.get("glmm"))
    if theirs and not SHORT:
        fit = exact_odds_ratio(*tables)
        print(f"estimate differs by {abs(fit.estimate - theirs['estimate']) / fit.se:.1e} standard errors")
    for trials in TRIALS:
        drawn = sparse_trials(trials)
        seconds = median_seconds(lambda drawn=drawn: exact_odds_ratio(*drawn), TIMES)
        print(f"{trials:>8,} trials {1e3 * seconds:9.1f} ms {1e3 * seconds / trials:7.2f} ms a trial")


def sparse_trials(trials: int) -> tuple[np.ndarray, ...]:
    """Return events and people of trials with rare events, drawn with a fixed seed."""
    rng = np.random.default_rng(20251129)
    n1, n2 = rng.integers(20, 200, trials), rng.integers(20, 200, trials)
    odds = np.exp(-3.0 - 0.5 + rng.normal(0, 0.6, trials))
    return rng.binomial(n1, odds / (1 + odds)), n1, rng.binomial(n2, np.exp(-3.0)), n2


if __name__ == "__main__":
    main()
