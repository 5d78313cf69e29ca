"""Which files are kept of which report, by reports.csv and by the folder, and what does not fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from taprev.extraction.tables import Row
from taprev.ground.fingerprint import file_sha256
from taprev.sources.folder import files_there

BETWEEN = ";"


@dataclass(frozen=True)
class KeptFile:
    """A file of a report: its path, whether it is there, both checksums, the day of its reading, what is said of it."""

    name: str
    path: Path
    reports: tuple[str, ...]
    read_on: str
    sha256: str
    recorded: str
    said: tuple[str, ...]

    @property
    def here(self) -> bool:
        """Whether the file is in the folder."""
        return bool(self.sha256)


def names_of(report: Row) -> list[str]:
    """Return the names of the files of a report; several are divided by a semicolon."""
    return [name.strip() for name in (report.get("source_file") or "").split(BETWEEN) if name.strip()]


def kept_files(reports: list[Row], folder: Path) -> list[KeptFile]:
    """Return every file that a report names, and those in the folder that none names, by their names."""
    of_file: dict[str, list[Row]] = defaultdict(list)
    recorded: dict[str, list[str]] = defaultdict(list)
    for report in reports:
        checksums = [one.strip().lower() for one in (report.get("source_sha256") or "").split(BETWEEN)]
        for i, name in enumerate(names_of(report)):
            of_file[name].append(report)
            recorded[name] += [checksums[i]] if i < len(checksums) and checksums[i] else []
    named = [_named(name, own, recorded[name], folder) for name, own in of_file.items()]
    known = {one.path.resolve() for one in named}
    return [*named, *(_unnamed(path, folder) for path in files_there(folder) if path.resolve() not in known)]


def _named(name: str, reports: list[Row], recorded: list[str], folder: Path) -> KeptFile:
    path = folder / name
    inside = path.resolve().is_relative_to(folder.resolve())
    checksum = file_sha256(path) if inside and path.is_file() else ""
    expected = recorded[0] if recorded else ""
    return KeptFile(
        name=name,
        path=path,
        reports=tuple(report["report"] for report in reports),
        read_on=next((day for report in reports if (day := report.get("source_read_on") or "")), ""),
        sha256=checksum,
        recorded=expected,
        said=tuple(_said(inside, checksum, expected, set(recorded))),
    )


def _said(inside: bool, checksum: str, expected: str, recorded: set[str]) -> Iterator[str]:
    if not inside:
        yield "it lies outside data/raw/sources, and is not read. Put it there and write its name alone."
    elif not checksum:
        yield "reports.csv names it, and data/raw/sources does not hold it. Put it there."
    elif not expected:
        yield f"its SHA-256 is not recorded. Write {checksum} in source_sha256."
    elif checksum != expected:
        yield (
            f"its SHA-256 is {checksum}, and reports.csv records {expected}: it is not the file that was read. "
            "Find that one, or read the figures again and record the new one."
        )
    if len(recorded) > 1:
        yield "reports.csv records several SHA-256 for it. Keep one."


def _unnamed(path: Path, folder: Path) -> KeptFile:
    said = "no report names it. Write its name in source_file of its report, or remove it."
    return KeptFile(path.relative_to(folder).as_posix(), path, (), "", file_sha256(path), "", (said,))
