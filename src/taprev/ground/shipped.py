"""The files of the repository that a new review is made from; there is one of each, and the wheel carries it."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[1]
SNAKEFILE = "Snakefile"
METHODS = "METHODS.md"
PROFILES = ("profiles/default/config.yaml", "profiles/slurm/config.yaml")
CODEBOOK = "data/extracted/datapackage.yaml"
NOTEBOOKS = ("notebooks/audit.ipynb", "notebooks/figures_for_policy.ipynb")


def shipped(name: str) -> Path:
    """Return a file by its path in the repository: in the room `starter` of a wheel, else at the repository's top.

    Raises ValueError where it is in neither place.
    """
    places = (PACKAGE / "starter" / name, PACKAGE.parents[1] / name)
    file = next((path for path in places if path.is_file()), None)
    if file is None:
        raise ValueError(f"This installation of taprev lacks {name}. Install it again.")
    return file
