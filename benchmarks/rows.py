"""How check, effects and synthesis grow with the rows of a review: `python benchmarks/rows.py [--most 100000]`.

Made-up reviews (see made_up_review.py) are spread over the shipped domains, and then stand in one domain alone,
the worst case. The commands run in this process after a small review to warm up, so that no start-up is counted,
and CPU seconds are measured, of 1,000 rows the median of three; synthesis is that of the largest domain. Growth is
the exponent b of seconds = a * rows^b, from the least squares line through the logarithms; 1 is linear.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import math
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from kernels import SHORT, machine
from made_up_review import write_review

from taprev.cli import computing
from taprev.extraction.tables import read_rows

SIZES, WARM_UP = ((40, 80), 40) if SHORT else ((1_000, 10_000, 100_000), 200)
TIMES = {1_000: 3}
ONE_DOMAIN = ("staff_attitudes", "staff")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--short", action="store_true", help="a few rows, to see that it runs")
    parser.add_argument("--most", type=int, default=SIZES[-1], help="the largest review in rows")
    most = parser.parse_args().most
    print(f"machine: {machine()}")
    measured(WARM_UP, ())
    for what, place in (("spread over the shipped domains", ()), ("all in one domain", ONE_DOMAIN)):
        print(f"\nrows {what}")
        sizes = [size for size in SIZES if size <= most]
        table = {size: _median(size, place) for size in sizes}
        report(table)


def _median(rows: int, place: tuple[str, ...]) -> dict[str, float]:
    """Return the median seconds of each command."""
    found = [measured(rows, place) for _ in range(TIMES.get(rows, 1))]
    return {command: statistics.median(one[command] for one in found) for command in found[0]}


def measured(rows: int, place: tuple[str, ...]) -> dict[str, float]:
    """Return the CPU seconds of each command on a made-up review of so many rows."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        settings, data, effects = write_review(folder, rows, *place), folder / "data", folder / "effects"
        domains = Counter(row["domain"] for row in read_rows(data / "extracted" / "outcomes.csv"))
        largest = domains.most_common(1)[0][0]
        return {
            "check": cpu(lambda: computing.check(settings, data)),
            "effects": cpu(lambda: computing.effects(settings, data, effects)),
            "synthesis": cpu(lambda: computing.synthesis(largest, settings, data, effects, folder / "synthesis")),
        }


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds of one call, whose printed sentences are dropped."""
    start = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        work()
    return time.process_time() - start


def report(table: dict[int, dict[str, float]]) -> None:
    """Print seconds per 10,000 rows at each size, and the exponent of growth."""
    print(f"{'':12}" + "".join(f"{size:>14,} rows" for size in table) + f"{'growth':>10}")
    for command in next(iter(table.values())):
        seconds = {size: one[command] for size, one in table.items()}
        cells = "".join(f"{1e4 * spent / size:>10.2f} s / 10⁴" for size, spent in seconds.items())
        print(f"{command:12}{cells}{exponent(seconds):>12.2f}")


def exponent(seconds: dict[int, float]) -> float:
    """Return the slope of log seconds on log rows."""
    if len(seconds) < 2:
        return math.nan
    return statistics.linear_regression(
        [math.log(size) for size in seconds], [math.log(spent) for spent in seconds.values()]
    ).slope


if __name__ == "__main__":
    main()
