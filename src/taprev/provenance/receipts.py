"""Receipts: the checksum of every result as the command that made it left it.

Each folder of results holds a list of its own, to which commands that run side by side only add lines; of several
lines for a file the last one counts. An addition begins with an empty line, so that one cut off by a kill spoils no
other. The manifest seals nothing that does not match its receipt, and no folder that lost a file: to Snakemake, which
marks it, a declared folder is one result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from taprev.ground.files import write_text
from taprev.ground.fingerprint import file_sha256

NAME = ".made"
FOLDER_MARK = ".snakemake_timestamp"
SEPARATOR = "  "


def keep_receipts(files: Iterable[Path]) -> None:
    """Add the checksum of each file to the receipts of its folder."""
    lines: dict[Path, list[str]] = defaultdict(list)
    for file in files:
        if file.name != NAME:
            lines[file.parent].append(f"{file_sha256(file)}{SEPARATOR}{file.name}\n")
    for folder, own in lines.items():
        with (folder / NAME).open("a", encoding="utf-8") as handle:
            handle.write("\n" + "".join(own))


def receipts(folder: Path) -> dict[str, str]:
    """Return the checksum of every file of a folder by its name, as it was made."""
    path = folder / NAME
    if not path.is_file():
        return {}
    lines = (line.partition(SEPARATOR) for line in path.read_text(encoding="utf-8").splitlines())
    return {name: checksum for checksum, _, name in lines if name}


def without_receipt(checksums: Mapping[str, str], results: Path) -> list[Path]:
    """Return the results, given with their checksums, that are not as the command that made them left them."""
    files = {results / name: checksum for name, checksum in checksums.items()}
    made = {folder: receipts(folder) for folder in {file.parent for file in files}}
    return [file for file, checksum in files.items() if made[file.parent].get(file.name) != checksum]


def lost(folder: Path) -> list[str]:
    """Return the files that commands made in a folder and that are gone."""
    return [name for name in receipts(folder) if not (folder / name).is_file()]


def compact(folders: Iterable[Path]) -> None:
    """Leave one line for each file that still exists; to be done while no other command runs."""
    for folder in set(folders):
        known = sorted(receipts(folder).items())
        kept = [f"{checksum}{SEPARATOR}{name}\n" for name, checksum in known if (folder / name).is_file()]
        write_text(folder / NAME, "".join(kept))
