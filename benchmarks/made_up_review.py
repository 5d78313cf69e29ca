"""A made-up review of any number of rows: the shipped rows over and over, with fresh names and jittered figures.

Every copy of the shipped review brings its studies, reports, results and judgements under new identifiers. All
people and all continuous figures of a copied study change by one factor each, in the row and in its printed
expression; every fifth result is measured once more by a second form. A row whose jittered figures would
contradict one another keeps the shipped ones.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from taprev.extraction.checks import CHECKS
from taprev.extraction.tables import Row, columns, read_rows
from taprev.ground.files import csv_text, write_text

ROOT = Path(__file__).parents[1]
SEED = 20260917
TABLES = ("studies", "reports", "outcomes", "risk_of_bias", "components", "flow", "certainty")
PEOPLE = ("n_arm1", "n_arm2", "event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")
MEASURED = (
    "mean_arm1",
    "sd_arm1",
    "mean_arm2",
    "sd_arm2",
    "mean_change_arm1",
    "sd_change_arm1",
    "mean_change_arm2",
    "sd_change_arm2",
    "md",
    "smd",
    "cohens_f",
    "ratio",
    "se",
    "ci_lb",
    "ci_ub",
    "t",
    "F",
    "z",
)
SECOND_FORM = 5


def write_review(folder: Path, rows: int, domain: str = "", population: str = "", times: int = 1) -> Path:
    """Write a review of so many rows and return its settings file.

    All rows are in one domain where one is named; else they are spread over `times` as many domains as are shipped.
    """
    extracted = folder / "data" / "extracted"
    extracted.mkdir(parents=True)
    shutil.copy(ROOT / "data" / "extracted" / "datapackage.yaml", extracted)
    for name, table in _tables(rows, times).items():
        if domain and name == "outcomes":
            table = [row | {"domain": domain, "population": population} for row in table]
        header = columns(ROOT / "data" / "extracted", name)
        text = csv_text(header, ([row[column] for column in header] for row in table), guarded=False)
        write_text(extracted / f"{name}.csv", text)
    write_text(folder / "data" / "raw" / "answers.csv", "check,result,answer\n")
    settings = (ROOT / "config" / "review.yaml").read_text("utf-8")
    settings = settings.replace("twice: all", "twice: none")
    settings = settings[: settings.index("\n  # Studies that stand in both reviews")] + "\n"
    if times > 1:
        settings = _with_domains(settings, times)
    write_text(folder / "config" / "review.yaml", settings)
    shutil.copy(ROOT / "config" / "involvement.yaml", folder / "config")
    return folder / "config" / "review.yaml"


def _with_domains(settings: str, times: int) -> str:
    """Return the settings with every domain so many times, numbered from the second on."""
    review = yaml.safe_load(settings)
    review["domains"] = {
        _numbered(name, number): domain | {"label": _numbered(domain["label"], number, " ")}
        for number in range(times)
        for name, domain in review["domains"].items()
    }
    return yaml.safe_dump(review, allow_unicode=True, sort_keys=False)


def _numbered(name: str, number: int, gap: str = "_") -> str:
    return f"{name}{gap}{number + 1}" if number else name


def _tables(rows: int, times: int) -> dict[str, list[Row]]:
    draw, shipped = random.Random(SEED), {name: read_rows(_shipped(name)) for name in TABLES}
    made: dict[str, list[Row]] = {name: [] for name in TABLES}
    copy = 0
    while len(made["outcomes"]) < rows:
        copy += 1
        outcomes = list(_outcomes(shipped["outcomes"], copy, draw))[: rows - len(made["outcomes"])]
        named = {row["result"] for row in outcomes}
        made["outcomes"] += [row | {"domain": _numbered(row["domain"], copy % times)} for row in outcomes]
        made["studies"] += [row | {"label": f"{row['label']} {copy}"} for row in _renamed(shipped["studies"], copy)]
        made["reports"] += [
            row | {"doi": row["doi"] and f"{row['doi']}.{copy}", "source_url": f"{row['source_url']}?{copy}"}
            for row in _renamed(shipped["reports"], copy)
        ]
        made["components"] += _renamed(shipped["components"], copy)
        made["risk_of_bias"] += [r for r in _renamed(shipped["risk_of_bias"], copy) if r["result"] in named]
    counts = {"new_studies": str(len(made["studies"])), "new_reports": str(len(made["reports"]))}
    made["flow"] = [row | {"n": counts.get(row["box"], row["n"])} for row in shipped["flow"]]
    return made


def _shipped(name: str) -> Path:
    return ROOT / "data" / "extracted" / f"{name}.csv"


def _renamed(rows: Iterable[Row], copy: int) -> Iterator[Row]:
    for row in rows:
        yield row | {key: f"{row[key]}-{copy}" for key in ("study", "report", "result") if key in row}


def _outcomes(rows: list[Row], copy: int, draw: random.Random) -> Iterator[Row]:
    factors = {row["study"]: (draw.uniform(0.7, 1.5), draw.uniform(0.8, 1.25)) for row in rows}
    for number, row in enumerate(rows):
        [renamed] = _renamed([_sound(row, *factors[row["study"]])], copy)
        yield renamed
        if number % SECOND_FORM == 0:
            [again] = _renamed([_sound(row, factors[row["study"]][0], draw.uniform(0.8, 1.25))], copy)
            yield again | {"result": f"{again['result']}b", "measure": f"{row['measure']}, second form"}


def _sound(row: Row, people: float, scale: float) -> Row:
    made = _jittered(row, people, scale)
    return row if any(True for check in CHECKS for _ in check(made)) else made


def _jittered(row: Row, people: float, scale: float) -> Row:
    made, text = dict(row), row["as_reported"]
    for column in (*PEOPLE, *MEASURED):
        if row[column]:
            counted = column in PEOPLE
            decimals = len(row[column].partition(".")[2])
            made[column] = f"{float(row[column]) * (people if counted else scale):.{decimals}f}"
            if column.startswith("n_"):
                made[column] = str(max(2, int(made[column])))
            was = re.escape(row[column].lstrip("-").lstrip("0") or "0")
            text = re.sub(rf"(?<![\d.])0?{was}(?![\d.])", made[column].lstrip("-"), text, count=1)
    return made | {"as_reported": text}
