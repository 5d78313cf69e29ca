"""Where things lie, and how a review is run, for every test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "tests" / "example"
REFERENCE = ROOT / "tests" / "reference"


def snakemake(folder: Path, *targets: str, cores: int = 2) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "--directory", folder]
    command += ["--cores", str(cores), "--profile", ROOT / "profiles" / "default", *targets]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=folder)


def run(folder: Path, cores: int = 2) -> str:
    """Do what `make review` does, and return what Snakemake said."""
    said = ""
    for targets in (("effects",), ()):
        done = snakemake(folder, *targets, cores=cores)
        assert done.returncode == 0, done.stderr
        said += done.stderr
    return said
