"""What is published of the software: one wheel, from the repository or from the sdist, and its metadata."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
import yaml

from helpers import ROOT
from taprev import __version__

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def build(folder: Path, kind: str, into: Path) -> Path:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", into], cwd=folder, check=True)
    [made] = into.iterdir()
    return made


@pytest.fixture(scope="module")
def sdist(tmp_path_factory) -> Path:
    return build(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


def test_the_sdist_makes_the_wheel_that_the_repository_makes(sdist, tmp_path):
    subprocess.run(["tar", "-xf", sdist, "-C", tmp_path], check=True)
    [unpacked] = tmp_path.iterdir()
    wheels = [build(ROOT, "wheel", tmp_path / "one"), build(unpacked, "wheel", tmp_path / "two")]
    held = []
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            held.append({entry.filename: entry.CRC for entry in archive.infolist()})
    assert held[0] == held[1] and len(held[0]) > 300
    assert any(name.endswith("licenses/LICENSE") for name in held[0]) and "taprev/starter/Snakefile" in held[0]


def test_nothing_that_is_made_or_of_this_machine_is_published(sdist):
    with tarfile.open(sdist) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    assert [
        name for name in names if name.startswith(("results/", "site/", ".venv", ".snakemake")) and "README" not in name
    ] == []
    assert {"pyproject.toml", "CITATION.cff", "codemeta.json", "requirements.lock", "requirements-dev.lock"} <= set(
        names
    )


def test_the_licences_are_those_of_the_locked_libraries():
    script = spec_from_file_location("licences", ROOT / "docs" / "licences.py")
    licences = module_from_spec(script)
    script.loader.exec_module(licences)
    assert licences.page() == licences.PAGE.read_text("utf-8"), "run python docs/licences.py"
    assert licences.page().count("\n| ") > 100 and "| numpy | " in licences.page()


def test_pip_is_locked_and_installs_the_rest():
    lock = (ROOT / "requirements-pip.lock").read_text("utf-8")
    [number] = re.findall(r"^pip==(\S+) \\\n    --hash=sha256:[0-9a-f]{64}$", lock, re.MULTILINE)
    steps = re.findall(r"\$\(PIP\) --require-hashes (?:--upgrade )?-r (\S+)", (ROOT / "Makefile").read_text("utf-8"))
    assert steps == ["requirements-pip.lock", "requirements.lock", "requirements-dev.lock"]
    assert version("pip") == number or not (ROOT / ".venv" / "installed").is_file()


def test_the_conda_recipe_asks_for_what_the_wheel_asks_for():
    recipe = yaml.safe_load((ROOT / "conda" / "recipe.yaml").read_text("utf-8"))
    [made] = [one for one in recipe["outputs"] if one["package"]["name"] == PROJECT["name"]]
    of_pip = {"snakemake-minimal": "snakemake", "matplotlib-base": "matplotlib"}
    python, *wanted = (line.split() for line in made["requirements"]["run"])
    assert python == ["python", PROJECT["requires-python"]]
    assert [of_pip.get(name, name) + bound for name, bound in wanted] == PROJECT["dependencies"]
    built = made["requirements"]["host"][-1].split()
    assert ["".join(built)] == tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    assert recipe["context"]["version"] == PROJECT["version"]
    [program] = PROJECT["scripts"].items()
    assert made["build"]["python"]["entry_points"] == [" = ".join(program)]


def test_the_metadata_say_one_thing():
    meta = json.loads((ROOT / "codemeta.json").read_text("utf-8"))
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert meta["version"] == cited["version"] == PROJECT["version"] == __version__
    assert meta["description"] == PROJECT["description"] and meta["keywords"] == PROJECT["keywords"]
    assert [one["name"] for one in meta["author"]] == [one["name"] for one in cited["authors"]]
    assert [one["name"] for one in PROJECT["authors"]] == [one["name"] for one in meta["author"]]
    assert meta["license"].rpartition("/")[2] == PROJECT["license"] == cited["license"]
    assert meta["runtimePlatform"] == f"Python {PROJECT['requires-python']}"
