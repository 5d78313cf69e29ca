"""The inputs that a run was computed from, kept next to its results in the layout of `data/`.

Every command after the check reads these copies, so that a table saved during a run cannot reach half of the numbers.
"""

from __future__ import annotations

from pathlib import Path

from taprev.extraction.tables import codebook
from taprev.ground.files import write_bytes
from taprev.ground.shipped import CODEBOOK

PACKAGE = Path(CODEBOOK).name
FORM = "form_*.csv"
DECISIONS = ("adjudication.csv", "answers.csv")


def snapshot(data: Path) -> dict[str, bytes]:
    """Return the content of every input under `data` by its path there: tables, codebook, forms and files as received.

    Files that are missing are left out; whether they are needed is for the checks to say.
    """
    extracted, raw = data / "extracted", data / "raw"
    tables = (extracted / PACKAGE, *sorted(extracted.glob("*.csv")))
    files = (*tables, *raw_inputs(raw), *sorted((raw / "as_received").glob("*.csv")))
    return {file.relative_to(data).as_posix(): file.read_bytes() for file in files if file.is_file()}


def raw_inputs(raw: Path) -> list[Path]:
    """Return the forms in a folder, and the files of decisions and answers, whether these exist or not."""
    return [*sorted(raw.glob(FORM)), *(raw / name for name in DECISIONS)]


def keep(files: dict[str, bytes], data: Path, into: Path) -> None:
    """Write a checked snapshot of `data` into a folder, byte for byte, and remove copies of what is no longer there.

    Only the tables that the codebook describes are kept.
    """
    tables = {PACKAGE, *(table["path"] for table in codebook(data / "extracted").values())}
    kept = {name: content for name, content in files.items() if name.startswith("raw/") or Path(name).name in tables}
    for name, content in kept.items():
        write_bytes(into / name, content)
    for copy in (*(into / "extracted").glob("[!.]*"), *(into / "raw").rglob("[!.]*")):
        if copy.is_file() and copy.relative_to(into).as_posix() not in kept:
            copy.unlink()


def changed_meanwhile(before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    """Return the names of the files that differ between two snapshots, or are in one alone."""
    return [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
