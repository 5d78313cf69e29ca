"""What several tests share: paths, a copy of the shipped review, and tools that must exist in CI."""

from __future__ import annotations

import csv
import fcntl
import gc
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from helpers import EXAMPLE, ROOT, in_own_words, run
from taprev.effects.descriptors import described
from taprev.effects.fates import effect_rows
from taprev.effects.rows import EffectRow
from taprev.effects.variants import variants
from taprev.extraction.risk_of_bias.declarations import tools_of
from taprev.extraction.risk_of_bias.judged import overall_levels, read_judged
from taprev.extraction.tables import Row, read_rows
from taprev.settings import Settings, read_settings
from taprev.starter.write import write_review
from taprev.synthesis.domain import synthesise
from taprev.synthesis.results import Synthesis, from_json, to_json

# R compiles what it runs often; the scripts of the tests end before that pays.
os.environ.setdefault("R_ENABLE_JIT", "0")

settings.register_profile("however long it takes", deadline=None)
settings.register_profile("same inputs every time", deadline=None, derandomize=True)
settings.load_profile("however long it takes")
if os.environ.get("TAPREV_REQUIRE_ALL") == "1":
    settings.load_profile("same inputs every time")

LONG = (
    "test_cluster",
    "test_run",
    "test_recomputation",
    "test_workflow",
    "test_init",
    "test_notebooks",
    "test_audit",
    "test_parity",
)
R_PACKAGES = ("metafor", "clubSandwich", "metadat", "jsonlite")
SELDOM = (50_000, 20, 100)

gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage seldom, and never among what was imported and collected, which forks then share."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have every process begin with files that take long, and none of them meet another's at the end.

    Processes are given equal parts of the tests in their order, and take from each other's ends when they are done.
    """
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    rest = iter([item for item in items if item.path.stem not in LONG])
    ordered: list[pytest.Item] = []
    for process in range(processes):
        own = LONG[process::processes]
        begins = [item for name in own for item in items if item.path.stem == name]
        left = len(items) * (process + 1) // processes - len(ordered) - len(begins)
        ordered += [*begins, *islice(rest, max(left, 0))]
    items[:] = [*ordered, *rest]


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
    asked = "; ".join(f"stopifnot(nzchar(system.file(package = '{name}')))" for name in R_PACKAGES)
    if subprocess.run([path, "-e", asked], capture_output=True).returncode:
        if os.environ.get("TAPREV_REQUIRE_ALL") == "1":
            pytest.fail(f"R lacks one of {', '.join(R_PACKAGES)}")
        pytest.skip(f"R lacks one of {', '.join(R_PACKAGES)}")
    return path


@pytest.fixture(scope="session")
def forked_r(rscript, tmp_path_factory) -> Iterator[Callable[..., subprocess.CompletedProcess]]:
    """Return a function that runs an R script, as Rscript would, in a fork of one R, which has the packages loaded.

    forked_r(script, *arguments, cwd) takes a second less than an R that has to load metafor.
    """
    said, errors = (tmp_path_factory.mktemp("said") / name for name in ("out", "err"))
    words = [rscript, str(Path(__file__).with_name("in_forks.R")), *R_PACKAGES]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(words, text=True, encoding="utf-8", **pipes) as process:

        def run_script(script: str | Path, *arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess:
            line = [str(part) for part in (script, cwd, said, errors, *arguments)]
            process.stdin.write("\t".join(line) + "\n")
            process.stdin.flush()
            status = int(process.stdout.readline())
            return subprocess.CompletedProcess(line, status, said.read_text("utf-8"), errors.read_text("utf-8"))

        yield run_script
        process.stdin.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of Chromium; where its build without windows is there, of that: it opens a page in half the time."""
    return shutil.which("chromium-headless-shell") or _tool("chromium", "install Chromium to look at the pages")


@pytest.fixture(scope="module")
def browser(chromium) -> Iterator[Browser]:
    """A Chromium for the tests of a file; notebooks in the same process need it closed again."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def soffice() -> str:
    """Path of LibreOffice."""
    return _tool("soffice", "install LibreOffice Calc to save worksheets with it")


@pytest.fixture(scope="session")
def libreoffice(soffice, tmp_path_factory) -> list[str]:
    """Words that start LibreOffice without windows, each time with one profile, which it makes the first time."""
    return [soffice, f"-env:UserInstallation={tmp_path_factory.mktemp('profile').as_uri()}", "--headless"]


@pytest.fixture(scope="session")
def impress() -> str:
    """Path of LibreOffice with its part for slides."""
    return _tool("loimpress", "install LibreOffice Impress to open slides with it") and _tool("soffice", "")


@pytest.fixture(scope="session")
def ghostscript() -> str:
    """Path of Ghostscript."""
    return _tool("gs", "install ghostscript to draw EPS files")


@pytest.fixture(scope="session")
def pdfinfo() -> str:
    """Path of pdfinfo."""
    return _tool("pdfinfo", "install poppler-utils to read PDF files")


@pytest.fixture(scope="session")
def pdftotext() -> str:
    """Path of pdftotext."""
    return _tool("pdftotext", "install poppler-utils to read PDF files")


@pytest.fixture(scope="session")
def tesseract() -> str:
    """Path of tesseract."""
    return _tool("tesseract", "install tesseract-ocr to read scanned pages")


@pytest.fixture(scope="session")
def made_once(tmp_path_factory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Return a function that fills a folder once for all processes of a test run: made_once(name, fill).

    The first process that asks fills the folder, the others wait for it. Copy the folder before you change it.
    """
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "made once"
    place.mkdir(exist_ok=True)

    def made(name: str, fill: Callable[[Path], object]) -> Path:
        folder, done = place / name, place / f"{name}.done"
        with (place / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                fill(folder)
                done.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def finished(made_once) -> Path:
    """The shipped review, run once, in a folder with a space in its name; copy it before you change it.

    It goes on from what `make review` has made here, if it has: what is of other code or data is made anew.
    """

    def fill(folder: Path) -> None:
        for part in ("config", "data", "results", ".snakemake"):
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, folder / part)
        run(folder)

    return made_once("the review", fill)


@pytest.fixture(scope="session")
def finished_example(made_once) -> Path:
    """The example review, run once with two cores, in a folder with a space in its name; copy it likewise."""

    def fill(folder: Path) -> None:
        for part in ("config", "data"):
            shutil.copytree(EXAMPLE / part, folder / part)
        run(folder)

    return made_once("the example", fill)


@pytest.fixture(scope="session")
def finished_blank(made_once) -> Path:
    """A blank review with texts of its own, run once: nothing pooled, and no row. Copy it before you change it."""

    def fill(folder: Path) -> None:
        write_review(folder)
        run(in_own_words(folder))

    return made_once("a blank review", fill)


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
    return overall_levels(read_judged(ROOT / "data" / "extracted"))


@pytest.fixture(scope="session")
def shipped_rows(shipped, shipped_bias) -> dict[str, list[EffectRow]]:
    """The effect rows of every domain of the shipped review, with what stands beside them in figures."""
    settings, outcomes, studies = shipped
    extracted = ROOT / "data" / "extracted"
    judged, tools = read_judged(extracted), tools_of(extracted)
    reports = {row["report"]: row for row in read_rows(extracted / "reports.csv")}
    return {
        name: described(
            effect_rows(name, outcomes, studies, settings, shipped_bias),
            studies,
            judged,
            settings,
            outcomes,
            tools=tools,
            reports=reports,
        )
        for name in settings.domains
    }


@pytest.fixture(scope="session")
def shipped_contents(made_once, shipped, shipped_rows, shipped_bias) -> list[Synthesis]:
    """Every domain of the shipped review as read from its JSON."""
    settings, outcomes, studies = shipped

    def fill(folder: Path) -> None:
        for name, rows in shipped_rows.items():
            every = variants(name, outcomes, studies, settings, shipped_bias)
            text = to_json(synthesise(name, rows, settings, {"version": "test"}, every))
            (folder / f"{name}.json").write_text(text, encoding="utf-8")

    folder = made_once("syntheses", fill)
    return [from_json((folder / f"{name}.json").read_text("utf-8")) for name in shipped_rows]
