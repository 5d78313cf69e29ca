"""Judgements of risk of bias as robvis draws them: a table for each tool, with Study, D1, ..., Overall and Weight."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from taprev.exchange.exporting.exported import Exported, ReviewToExport
from taprev.exchange.names import plain
from taprev.extraction.risk_of_bias.declarations import tools_of
from taprev.extraction.risk_of_bias.judged import read_judged
from taprev.extraction.risk_of_bias.tools import OVERALL, BiasTool
from taprev.extraction.tables import Row
from taprev.ground.files import csv_text
from taprev.vocabulary import RobRung

Judgements = dict[str, dict[str, str]]
"""The judgements of each result by domain."""


def to_robvis(review: ReviewToExport) -> Exported:
    """Return a CSV for each tool; results of one study that were judged alike are one row."""
    studies = {row["study"]: row["label"] for row in review.rows("studies")}
    outcomes = {row["result"]: row for row in review.rows("outcomes")}
    judged: defaultdict[tuple[str, str], Judgements] = defaultdict(lambda: defaultdict(dict))
    nobody = set()
    for row in read_judged(review.extracted):
        if row["judgement"] == RobRung.NOT_ASSESSED:
            nobody.add(row["result"])
        elif row["result"] in outcomes:
            judged[row["tool"], row["version"]][row["result"]][row["domain"]] = row["judgement"]
    files = {
        f"{plain(tool.name, 'tool')}.csv": _table(tool, judged[key], outcomes, studies)
        for tool in tools_of(review.extracted).tools
        if (key := (tool.name, tool.version)) in judged
    }
    remarks = [f"{len(nobody)} results are not assessed and are left out."] if nobody else []
    return Exported(files, tuple(remarks))


def _table(tool: BiasTool, judged: Judgements, outcomes: dict[str, Row], studies: dict[str, str]) -> bytes:
    names = [domain.name for domain in tool.domains]
    columns = ["Study", *(f"D{number}" for number, _ in enumerate(names, start=1)), "Overall", "Weight"]
    rows = _rows([*names, OVERALL], judged, outcomes, studies)
    return csv_text(columns, ([*row, "1"] for row in rows)).encode()


def _rows(names: list[str], judged: Judgements, outcomes: dict[str, Row], studies: dict[str, str]) -> Iterator[list]:
    """Yield a row for each study, or for each of its results where these were judged otherwise."""
    of_study: defaultdict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for result, one in judged.items():
        of_study[outcomes[result]["study"]][result] = tuple(one.get(name, "") for name in names)
    for study, results in of_study.items():
        label = studies.get(study, study)
        if len(set(results.values())) == 1:
            yield [label, *next(iter(results.values()))]
        else:
            yield from ([f"{label} ({result})", *cells] for result, cells in results.items())
