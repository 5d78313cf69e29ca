"""What several tests share: paths, a copy of the shipped review, and tools that must exist in CI."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from helpers import EXAMPLE, ROOT, run
from taprev.effects.descriptors import described
from taprev.effects.fates import effect_rows
from taprev.effects.rows import EffectRow
from taprev.effects.variants import variants
from taprev.extraction.tables import Row, read_rows
from taprev.settings import Settings, read_settings
from taprev.synthesis.domain import synthesise
from taprev.synthesis.results import from_json, to_json

R_PACKAGES = ("metafor", "clubSandwich", "metadat", "jsonlite")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


def _tool(name: str, why: str) -> str:
    """Return the path of a tool; without it skip, or fail where TAPREV_REQUIRE_ALL says that it must be there."""
    found = shutil.which(name)
    if found is None and os.environ.get("TAPREV_REQUIRE_ALL") == "1":
        pytest.fail(f"{name} is missing: {why}")
    return found or pytest.skip(f"{name} is missing: {why}")


@pytest.fixture(scope="session")
def rscript() -> str:
    """Path of Rscript, with metafor, clubSandwich, metadat and jsonlite."""
    path = _tool("Rscript", f"install R with {', '.join(R_PACKAGES)} to compare with it")
    asked = "; ".join(f"library({name})" for name in R_PACKAGES)
    if subprocess.run([path, "-e", asked], capture_output=True).returncode:
        if os.environ.get("TAPREV_REQUIRE_ALL") == "1":
            pytest.fail(f"R lacks one of {', '.join(R_PACKAGES)}")
        pytest.skip(f"R lacks one of {', '.join(R_PACKAGES)}")
    return path


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Chromium."""
    return _tool("chromium", "install Chromium to look at the pages")


@pytest.fixture(scope="session")
def soffice() -> str:
    """Path of LibreOffice."""
    return _tool("soffice", "install LibreOffice Calc to save worksheets with it")


@pytest.fixture(scope="session")
def pdftotext() -> str:
    """Path of pdftotext."""
    return _tool("pdftotext", "install poppler-utils to read PDF files")


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Path:
    """The shipped review, run once, in a folder with a space in its name; copy it before you change it."""
    folder = tmp_path_factory.mktemp("finished") / "the review"
    for part in ("config", "data"):
        shutil.copytree(ROOT / part, folder / part)
    run(folder)
    return folder


@pytest.fixture
def review(tmp_path: Path) -> Path:
    """A copy of the shipped review's settings and data, to be broken."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    shutil.copytree(ROOT / "data", tmp_path / "data")
    return tmp_path


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A copy of the example review, to be broken; it is extracted once, so that a table can be edited alone."""
    for part in ("config", "data"):
        shutil.copytree(EXAMPLE / part, tmp_path / part)
    return tmp_path


@pytest.fixture
def edit():
    """Return a function that changes one cell of a CSV file: edit(path, row, column, value).

    A row is its number (the header is row 1) or the identifier of its result.
    """

    def change(path: Path, row: int | str, column: str, value: str) -> None:
        with path.open(encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            rows, header = list(reader), reader.fieldnames
        wanted = row - 2 if isinstance(row, int) else [r["result"] for r in rows].index(row)
        rows[wanted][column] = value
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    return change


@pytest.fixture(scope="session")
def shipped() -> tuple[Settings, list[Row], dict[str, Row]]:
    """The shipped review: its settings, its outcomes, and its studies by name."""
    extracted = ROOT / "data" / "extracted"
    studies = {row["study"]: row for row in read_rows(extracted / "studies.csv")}
    return read_settings(ROOT / "config" / "review.yaml"), read_rows(extracted / "outcomes.csv"), studies


@pytest.fixture(scope="session")
def shipped_bias() -> dict[str, str]:
    """The overall judgements of risk of bias of the shipped review, by result."""
    judged = read_rows(ROOT / "data" / "extracted" / "risk_of_bias.csv")
    return {row["result"]: row["judgement"] for row in judged if row["domain"] == "overall"}


@pytest.fixture(scope="session")
def shipped_rows(shipped, shipped_bias) -> dict[str, list[EffectRow]]:
    """The effect rows of every domain of the shipped review, with what stands beside them in figures."""
    settings, outcomes, studies = shipped
    judged = read_rows(ROOT / "data" / "extracted" / "risk_of_bias.csv")
    return {
        name: described(effect_rows(name, outcomes, studies, settings, shipped_bias), studies, judged, settings)
        for name in settings.domains
    }


@pytest.fixture(scope="session")
def shipped_contents(shipped, shipped_rows, shipped_bias) -> list[dict]:
    """Every domain of the shipped review as its JSON holds it."""
    settings, outcomes, studies = shipped
    made = []
    for name, rows in shipped_rows.items():
        every = variants(name, outcomes, studies, settings, shipped_bias)
        made.append(from_json(to_json(synthesise(name, rows, settings, {"version": "test"}, every))))
    return made
