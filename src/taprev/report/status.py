"""Five lines for the screen when a review has run: what it holds and where to look."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from taprev.figures import sentences
from taprev.synthesis.result import read_synthesis


def five_lines(results: Path) -> list[str]:
    """Return studies, fates of the rows, strata not estimable, crosscheck, and where to look."""
    contents = [read_synthesis(path) for path in sorted((results / "synthesis").glob("*.json"))]
    fates: Counter[str] = Counter()
    for content in contents:
        fates.update(content["fates"])
    rows = [row for content in contents for row in content["rows"]]
    studies = {row["study"] for row in rows}
    outside = len(studies - {row["study"] for row in rows if row["fate"] != "excluded"})
    gaps = [content["label"] for content in contents if not content["rows"]]
    return [
        f"Studies: {len(studies)}, {outside} of them excluded; gaps: {', '.join(gaps) or 'none'}.",
        f"Rows: {sentences.fates(fates)}",
        f"Not pooled: {_not_estimable(contents)}",
        f"Crosscheck: {_crosscheck(results / 'audit' / 'crosscheck.csv')}",
        f"Look at: {(results / 'report.html').as_posix()}, {(results / 'figures').as_posix()}/, "
        f"{(results / 'tables' / 'summary.csv').as_posix()}",
    ]


def _not_estimable(contents: list[dict]) -> str:
    """Count the strata without a pooled number by the reason."""
    strata = [stratum for content in contents for stratum in content["strata"] if stratum["not_estimable"]]
    why = Counter(stratum["not_estimable"].partition(": ")[2].rstrip(".") for stratum in strata)
    reasons = "; ".join(f"{count}: {reason}" for reason, count in why.most_common())
    return f"{len(strata)} strata ({reasons})." if strata else "none."


def _crosscheck(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as handle:
        verdicts = Counter(row["verdict"] for row in csv.DictReader(handle))
    bad = verdicts["disagrees"]
    return (
        f"{verdicts['agrees']} numbers agree with a second engine, {bad} disagree, "
        f"{verdicts['R reference only']} rest on the R reference."
    )
