"""The files of the repository that a new review is made from; there is one of each, and the wheel carries it."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
SNAKEFILE, PROFILE = "Snakefile", "profiles/default/config.yaml"
CODEBOOK = "data/extracted/datapackage.yaml"
NOTEBOOKS = ("notebooks/audit.ipynb", "notebooks/figures_for_policy.ipynb")


def shipped(name: str) -> Path:
    """Return a file by its path in the repository: beside this module in a wheel, else at the repository's top.

    Raises ValueError where it is in neither place.
    """
    places = (HERE / name, HERE.parents[2] / name)
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        raise ValueError(f"This installation of taprev lacks {name}. Install it again.")
    return found
