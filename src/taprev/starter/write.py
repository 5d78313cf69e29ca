"""Write a new review, blank or filled with the example, into a folder that holds nothing but perhaps `.git`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from taprev.extraction.plausibility.answers import HEADER as ANSWERS
from taprev.extraction.rulings import HEADER as ADJUDICATION
from taprev.extraction.tables import read_rows
from taprev.ground.files import csv_text, write_text
from taprev.ground.shipped import CODEBOOK, METHODS, NOTEBOOKS, PROFILES, SNAKEFILE, shipped
from taprev.ground.staging import STAGE, together
from taprev.ground.yaml_loader import Loader
from taprev.settings.citation import NAME as CITATION
from taprev.starter.codebook import another_codebook, codebook_yaml

HERE = Path(__file__).parent
BLANK, EXAMPLE = HERE / "blank", HERE / "example"
FORMS = ("form_first", "form_second")
GIT = ".git"
SETTINGS = "config/review.yaml"
UNKNOWN = {"n": "not recorded"}


def write_review(folder: Path, example: bool = False) -> None:
    """Write a review into `folder`, which may not exist yet.

    Raises ValueError where it holds anything but the `.git` of a new repository.
    """
    refuse_folder(folder)
    with together(folder) as place:
        for name, text in review_files(example).items():
            write_text(place / name, text)


def refuse_folder(folder: Path) -> None:
    """Raise ValueError where a folder holds anything but the `.git` of a new repository, or what was not finished."""
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder}: this is a file. Name a folder that does not exist yet.")
    if folder.is_dir() and (held := sorted({path.name for path in folder.iterdir()} - {GIT, STAGE})):
        raise ValueError(
            f"{folder}: this folder is not empty, it holds {held[0]}. Name a new folder; nothing is overwritten."
        )


def review_files(example: bool = False) -> dict[str, str]:
    """Return the text of every file of a new review by its path in it."""
    package = new_codebook()
    source = EXAMPLE if example else BLANK
    if example:
        package |= yaml.load(_text(EXAMPLE / "package.yaml"), Loader=Loader)
    answers = _text(EXAMPLE / "answers.csv") if example else csv_text(ANSWERS, ())
    raw = {"data/raw/answers.csv": answers} | ({} if example else _forms(package))
    return {
        "README.md": _text(source / "README.md"),
        ".gitignore": _text(BLANK / "gitignore"),
        "Makefile": _text(BLANK / "Makefile"),
        METHODS: _text(shipped(METHODS)),
        SNAKEFILE: _text(shipped(SNAKEFILE)),
        **{name: _text(shipped(name)) for name in (*PROFILES, *NOTEBOOKS)},
        CITATION: _text(BLANK / CITATION),
        SETTINGS: _text(source / "review.yaml"),
        "config/involvement.yaml": _text(BLANK / "involvement.yaml"),
        CODEBOOK: codebook_yaml(package),
        **{f"data/extracted/{table['path']}": _table(table, source) for table in package["resources"]},
        **raw,
    }


def new_codebook() -> dict[str, Any]:
    """Return the data package of a new review."""
    return another_codebook(yaml.load(_text(shipped(CODEBOOK)), Loader=Loader))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _header(table: dict[str, Any]) -> list[str]:
    return [field["name"] for field in table["schema"]["fields"]]


def _table(table: dict[str, Any], source: Path) -> str:
    """Return a table as CSV: the rows that lie in `source`, or a row for each box of the flow, or the header alone."""
    header, given = _header(table), source / table["path"]
    if given.is_file():
        rows = read_rows(given)
    else:
        boxes = table["schema"]["fields"][0].get("constraints", {}).get("enum", ())
        rows = [{header[0]: box, **UNKNOWN} for box in boxes] if table["name"] == "flow" else []
    return csv_text(header, ([row.get(name, "") for name in header] for row in rows), guarded=False)


def _forms(package: dict[str, Any]) -> dict[str, str]:
    outcomes = next(table for table in package["resources"] if table["name"] == "outcomes")
    headers = {**dict.fromkeys(FORMS, _header(outcomes)), "adjudication": ADJUDICATION}
    return {f"data/raw/{name}.csv": csv_text(header, ()) for name, header in headers.items()}
