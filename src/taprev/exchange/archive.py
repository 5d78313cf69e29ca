"""The files in a ZIP archive, read without trust: sizes are limited, and no name leads out of the archive."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

LARGEST = 256 * 1024 * 1024
MOST_FILES = 5_000
DEEPEST = 2
ENCRYPTED, HEAD = 0x1, 64 * 1024
READ = (".csv", ".ris", ".nbib", ".txt", ".zip", ".json")


def is_zip(head: bytes) -> bool:
    """Return whether a file begins as a ZIP archive."""
    return head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06")


def names_in(path: Path) -> list[str]:
    """Return the names of the files in an archive; none where it cannot be read as one."""
    try:
        with ZipFile(path) as archive:
            return archive.namelist()[:MOST_FILES]
    except (BadZipFile, OSError, ValueError):
        return []


def files_in(path: Path) -> dict[str, bytes]:
    """Return the tables and references in an archive and in the archives within it, by their names.

    Raises ValueError, with a sentence, for an archive that is damaged, encrypted, larger than 256 MB when unpacked, or
    that has a name which leads out of it.
    """
    left = [LARGEST]
    return dict(_files(path.as_posix(), io.BytesIO(path.read_bytes()), 1, left))


def refuse_archive(path: Path) -> None:
    """Raise ValueError where an archive is damaged, encrypted, too large, or has a name that leads out of it."""
    try:
        with ZipFile(path) as archive:
            _refuse_sizes(path.as_posix(), archive.infolist(), LARGEST)
    except (BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError, OSError):
        raise ValueError(
            f"{path}: this is an archive (ZIP, as XLSX is too) that is damaged, or cut off. Get it again."
        ) from None


def refuse_unsafe(path: Path) -> None:
    """Raise ValueError where an XLSX file, which is an archive, is too large when unpacked or declares entities."""
    try:
        with ZipFile(path) as archive:
            _refuse_sizes(path.as_posix(), archive.infolist(), LARGEST)
            for info in archive.infolist():
                if info.filename.endswith(".xml"):
                    with archive.open(info) as part:
                        head = part.read(HEAD)
                    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                        raise ValueError(f"{path}: {info.filename} declares a document type, which is never read.")
    except (BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError, OSError):
        raise ValueError(f"{path}: this is not a readable XLSX file. Save it again as XLSX.") from None


def _files(place: str, content: io.BytesIO, depth: int, left: list[int]) -> Iterator[tuple[str, bytes]]:
    try:
        with ZipFile(content) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            _refuse_sizes(place, infos, left[0])
            for info in infos:
                if info.filename.casefold().endswith(READ):
                    yield from _file(place, archive, info, depth, left)
    except (BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError):
        raise ValueError(f"{place}: the archive is damaged, or cut off. Get it again.") from None


def _refuse_sizes(place: str, infos: list[ZipInfo], largest: int) -> None:
    if len(infos) > MOST_FILES:
        raise ValueError(f"{place}: the archive holds {len(infos)} files; at most {MOST_FILES} are read.")
    if any(info.flag_bits & ENCRYPTED for info in infos):
        raise ValueError(f"{place}: the archive is encrypted. Unpack it, and pack it without a password.")
    if (size := sum(info.file_size for info in infos)) > largest:
        most = f"at most {LARGEST // 1024**2} MB are read"
        raise ValueError(f"{place}: the archive is {size // 1024**2} MB large when unpacked; {most}.")
    for info in infos:
        name = PurePosixPath(info.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
            raise ValueError(f"{place}: the archive has the name {info.filename!r}, which leads out of it.")


def _file(place: str, archive: ZipFile, info: ZipInfo, depth: int, left: list[int]) -> Iterator[tuple[str, bytes]]:
    with archive.open(info) as member:
        content = member.read(left[0] + 1)
    left[0] -= len(content)
    if left[0] < 0:
        raise ValueError(f"{place}: the archive is larger when unpacked than it says; it is not read.")
    if not info.filename.casefold().endswith(".zip"):
        yield info.filename, content
    elif depth < DEEPEST:
        yield from _files(f"{place}, {info.filename}", io.BytesIO(content), depth + 1, left)
    else:
        raise ValueError(f"{place}: archives lie in archives more than {DEEPEST} deep; they are not read.")
