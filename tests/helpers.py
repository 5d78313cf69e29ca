"""Where things lie, and how a review is run, for every test."""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import yaml
from matplotlib.figure import Figure
from PIL import Image
from typer.testing import CliRunner, Result

from taprev.cli import THREADS, app
from taprev.cli.command import commands, main
from taprev.cli.loading import load
from taprev.drawing import saving, theme
from taprev.extraction.table_problems import table_problems
from taprev.extraction.tables import package
from taprev.figures.forest.plot import forest_files
from taprev.figures.siblings.registry import Sibling, sibling_files
from taprev.ground.places import FOREST, figure_stem
from taprev.ground.warm import serving
from taprev.provenance.before_run import clear_interrupted, clear_outdated
from taprev.settings import Settings
from taprev.settings.figures import USUAL, Figures
from taprev.synthesis.results import Synthesis

# One thread of linear algebra, as in `taprev` and in the Makefile; numpy reads this when it is imported.
for variable in THREADS:
    os.environ.setdefault(variable, "1")

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "tests" / "example"
REFERENCE = ROOT / "tests" / "reference"
TAPREV = Path(sys.executable).parent / "taprev"


def snakemake_words(folder: Path, *targets: str, cores: int = 2) -> list[str]:
    words = [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "--directory", folder]
    words += ["--cores", cores, "--profile", ROOT / "profiles" / "default", *targets]
    return [str(word) for word in words]


def snakemake(folder: Path, *targets: str, cores: int = 2, warm: bool = True) -> subprocess.CompletedProcess:
    """Run Snakemake, as people who type it do.

    It and its commands are forks of this process, which has the libraries loaded; without `warm` each loads its own.
    """
    words = snakemake_words(folder, *targets, cores=cores)
    return _said([str(TAPREV), *words[2:]] if warm else words, folder, warm)


def taprev(folder: Path, *words: str | Path) -> subprocess.CompletedProcess:
    """Type a command of taprev in a folder; it is done by a fork of this process, which has the libraries loaded."""
    return _said([str(word) for word in (TAPREV, *words)], folder, warm=True)


def _said(words: Sequence[str], folder: Path, warm: bool) -> subprocess.CompletedProcess:
    with warmed() if warm else nullcontext(dict(os.environ)) as environment:
        return subprocess.run(words, capture_output=True, text=True, cwd=folder, env=environment)


@contextmanager
def warmed() -> Iterator[dict[str, str]]:
    """Give the environment in which commands are forks of this process, which has the libraries loaded."""
    assert _loaded()
    with serving(lambda: iter(()), _command) as process:
        yield {**os.environ, **process.environment}


def run(folder: Path) -> str:
    """Do what `make review` does after its check, and return what Snakemake said."""
    clear_interrupted(folder)
    clear_outdated(folder)
    ends = [snakemake(folder, *targets) for targets in (["effects"], [])]
    assert [done.returncode for done in ends] == [0, 0], "".join(done.stderr for done in ends)
    return "".join(done.stderr for done in ends)


@cache
def _loaded() -> bool:
    """Load in this process, once, what a warm process has loaded, and check the tables that most reviews begin with."""
    return bool(list(load())) and not any(table_problems(kept / "data" / "extracted") for kept in (ROOT, EXAMPLE))


def _command() -> None:
    """Do a command in a fork of this process, whose streams are not those that pytest put in their place."""
    package.cache_clear()
    sys.stdout, sys.stderr = (os.fdopen(os.dup(number), "w") for number in (1, 2))
    main()


def invented(**figures: Any) -> Any:
    """Return an object with these attributes, for a function that reads a few of the figures of a result."""
    return SimpleNamespace(**figures)


def draw_forest(content: Synthesis, folder: Path, how: Figures = USUAL) -> list[Path]:
    """Write the forest plot of a domain, whatever it says, and return its files."""
    return saving.write(folder, figure_stem(content.domain, FOREST), forest_files(content, how))


def draw_sibling(sibling: Sibling, content: Synthesis, folder: Path) -> list[Path]:
    """Write a sibling figure of a domain, whatever it says, and return its files."""
    return saving.write(folder, figure_stem(content.domain, sibling.name), sibling_files(sibling, content))


def captioned(settings: Settings, captions: dict[str, str]) -> Settings:
    """Return settings that give figures other captions."""
    return settings.model_copy(update={"figures": settings.figures.model_copy(update={"captions": captions})})


def printed_dpi(picture: Path) -> int:
    """Return the dots to the inch of a PNG of the usual width where it is printed, 170 mm wide."""
    return round(Image.open(picture).width / (theme.WIDTH / 72 / 2))


def points_off_the_page(drawing: Figure) -> list[tuple[float, float]]:
    """Return the points of lines, marks and shapes that lie outside the page that a figure is."""
    [axes] = drawing.axes
    width, height = max(axes.get_xlim()), max(axes.get_ylim())
    points = [tuple(point) for line in axes.lines for point in line.get_xydata()]
    for shape in axes.patches:
        points += [tuple(point) for point in shape.get_patch_transform().transform(shape.get_path().vertices)]
    return [(x, y) for x, y in points if not (math.isnan(x + y) or (0 <= x <= width and 0 <= y <= height))]


def typed(*words: str | Path) -> Result:
    """Type a command that is done in this process, which makes the commands with their options once."""
    with patch("typer.testing._get_command", lambda _: commands()):
        return CliRunner().invoke(app, [str(word) for word in words])


def by_hand(folder: Path, *commands: Sequence[str]) -> None:
    """Do commands of taprev one after the other in a folder, as a test needs them done; each must end well.

    They run in this process, which saves the start of another. What a command says is tested with the real one.
    The codebooks that were read are forgotten, because each is remembered by its path within its review.
    """
    for words in commands:
        package.cache_clear()
        with contextlib.chdir(folder):
            done = typed(*words)
        package.cache_clear()
        assert done.exit_code == 0, (words, done.output, done.exception)


def in_own_words(folder: Path) -> Path:
    """Write texts of its own into the settings of a blank review, as its README says, and return its folder."""
    path = folder / "config" / "review.yaml"
    text = path.read_text("utf-8")
    written = yaml.safe_load(text)["review"]
    for name in ("title", "question", "evidence_set", "about"):
        assert text.count(written[name].strip()) == 1, name
        text = text.replace(written[name].strip(), f"An invented {name}.")
    path.write_text(text, encoding="utf-8")
    return folder
