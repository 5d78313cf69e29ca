"""Several files that are written together or not at all, also where the process that writes them is killed.

They are laid out in a hidden folder first, and put in place when they are all there. What was laid out in part is
thrown away; what was to be put in place, `finish` puts there.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taprev.ground.files import UNFINISHED, write_bytes, write_text
from taprev.ground.fingerprint import file_sha256

STAGE = ".taprev-unfinished"
PLAN = "plan.json"
FILES = "files"
NOTHING = ""
"""Stands for the checksum of a file that is not there."""


@contextmanager
def together(folder: Path) -> Iterator[Path]:
    """Yield a folder to fill as `folder` is to be, and put its files there when it is left without an error."""
    stage = folder / STAGE
    existed = folder.is_dir()
    shutil.rmtree(stage, ignore_errors=True)
    try:
        (stage / FILES).mkdir(parents=True)
        yield stage / FILES
    except BaseException:
        shutil.rmtree(stage if existed else folder, ignore_errors=True)
        raise
    names = [path.relative_to(stage / FILES).as_posix() for path in _files(stage / FILES)]
    plan = {name: (_checksum(folder / name), _checksum(stage / FILES / name)) for name in names}
    write_text(stage / PLAN, json.dumps(plan, indent=1))
    _put(folder)


def unfinished(folder: Path) -> bool:
    """Return whether somebody was stopped while files were written together into a folder."""
    return (folder / STAGE).is_dir()


def finish(folder: Path) -> list[str]:
    """Put in place what was all laid out, and return the names of the files; throw away what was laid out in part.

    Raises ValueError, and writes nothing, where a file was changed since.
    """
    if (folder / STAGE / PLAN).is_file():
        return _put(folder)
    shutil.rmtree(folder / STAGE, ignore_errors=True)
    return []


def _put(folder: Path) -> list[str]:
    stage = folder / STAGE
    plan: dict[str, tuple[str, str]] = json.loads((stage / PLAN).read_text(encoding="utf-8"))
    changed = [folder / name for name, states in plan.items() if _checksum(folder / name) not in states]
    if changed:
        raise ValueError(
            f"{changed[0].as_posix()} was changed after taprev was stopped while it wrote it. What was to be written "
            f"lies in {(stage / FILES).as_posix()}: take from there what is missing, then remove {stage.as_posix()}. "
            "Nothing was written."
        )
    for parent in {(folder / name).parent for name in plan if (folder / name).parent.is_dir()}:
        _remove_temporary(parent, {Path(name).name for name in plan})
    for name, (_, after) in plan.items():
        if _checksum(folder / name) != after:
            write_bytes(folder / name, (stage / FILES / name).read_bytes())
    shutil.rmtree(stage / FILES, ignore_errors=True)
    (stage / PLAN).unlink()
    stage.rmdir()
    return [*plan]


def _remove_temporary(parent: Path, names: set[str]) -> None:
    """Remove from a folder what a killed process had not renamed yet of files with these names."""
    for path in parent.iterdir():
        if UNFINISHED.fullmatch(path.name) and path.name.removeprefix(".").rpartition(".tmp")[0][:-9] in names:
            path.unlink()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _checksum(path: Path) -> str:
    return file_sha256(path) if path.is_file() else NOTHING
