"""The seal that a figure, a document or a page carries: whose numbers it shows, and in a figure its own content."""

from __future__ import annotations

import hashlib
import io
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

IDENTIFIER = re.compile(r"taprev:([A-Za-z0-9][A-Za-z0-9_-]*):([0-9a-f]{8})(?::([0-9a-f]{16}))?")
FOOTER = re.compile(r"\bseal ([0-9a-f]{8})\b")
PNG = b"\x89PNG\r\n\x1a\n"
BLANK = "0" * 16
EVERY_DOMAIN = "every-domain"
"""Stands for the name of a domain in what shows the numbers of all of them."""
ZIP, PROPERTIES = b"PK\x03\x04", "docProps/core.xml"
LARGEST = 100_000_000


@dataclass(frozen=True)
class Seal:
    """What a file says of itself: its domain, or that it is of every one, and the seal of the numbers it was made from.

    `whole` is whether its content is still what it was when it was drawn, None where it does not carry a digest of
    itself; `footer` holds the seals that are printed in it for people (none can be read out of a PNG).
    """

    domain: str
    numbers: str
    whole: bool | None
    footer: tuple[str, ...]


def seal_of(file: Path) -> Seal | None:
    """Return the seal of a figure, a document (DOCX, XLSX, PPTX, PDF, HTML) or a page.

    None where the file carries none or is too large for one.
    """
    if file.stat().st_size > LARGEST:
        return None
    content = file.read_bytes()
    text = (_properties(content) if content.startswith(ZIP) else content).decode("latin-1")
    match = IDENTIFIER.search(text)
    if match is None:
        return None
    domain, numbers, digest = match.groups()
    if domain == EVERY_DOMAIN:
        return Seal(domain, numbers, None, ())
    footer = () if content.startswith(PNG) else tuple(FOOTER.findall(text))
    return Seal(domain, numbers, None if digest is None else digest == content_digest(content), footer)


def _properties(content: bytes) -> bytes:
    """Return what a file of an office program says of itself, or nothing where it cannot be read."""
    try:
        with ZipFile(io.BytesIO(content)) as parts:
            found = parts.getinfo(PROPERTIES)
            return parts.read(found) if found.file_size <= LARGEST else b""
    except (BadZipFile, KeyError, ValueError, OSError, RuntimeError, zlib.error):
        return b""


def seal_of_all(seals: Mapping[str, str]) -> str:
    """Return the seal of the numbers of a whole review: of the seals of its domains, by their names."""
    lines = "".join(f"{name} {seals[name]}\n" for name in sorted(seals))
    return hashlib.sha256(lines.encode()).hexdigest()[:8]


def identifier_of_all(seals: Mapping[str, str]) -> str:
    """Return the identifier of what shows the numbers of a whole review."""
    return f"taprev:{EVERY_DOMAIN}:{seal_of_all(seals)}"


def content_digest(content: bytes) -> str:
    """Return the first sixteen hex digits of the SHA-256 of a figure, with its own digest blanked out.

    The checksums of the chunks of a PNG are left out, because they depend on that digest.
    """
    if content.startswith(PNG):
        content = b"".join(kind + body for kind, body in chunks(content))
    blank = IDENTIFIER.sub(_blanked, content.decode("latin-1"))
    return hashlib.sha256(blank.encode("latin-1")).hexdigest()[:16]


def identifier(domain: str, numbers: str) -> str:
    """Return the identifier of a figure before its content is known."""
    return f"taprev:{domain}:{numbers}:{BLANK}"


def sealed(content: bytes) -> bytes:
    """Return a figure with the digest of its content written into its identifier."""
    digest = content_digest(content)
    if not content.startswith(PNG):
        return _with_digest(content, digest)
    parts = ((kind, _with_digest(body, digest)) for kind, body in chunks(content))
    return PNG + b"".join(_chunk(kind, body) for kind, body in parts)


def chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    """Return the chunks of a PNG as kinds and bodies; what follows the last complete one is an entry without a kind."""
    pieces, at = [], len(PNG)
    while at + 12 <= len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        if at + 12 + length > len(content):
            break
        pieces.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + length]))
        at += 12 + length
    return [*pieces, (b"", content[at:])] if at < len(content) else pieces


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _blanked(match: re.Match[str]) -> str:
    return f"taprev:{match[1]}:{match[2]}:{BLANK}" if match[3] else match[0]


def _with_digest(body: bytes, digest: str) -> bytes:
    return re.sub(rb"(taprev:[A-Za-z0-9_-]+:[0-9a-f]{8}:)0{16}", rb"\g<1>" + digest.encode(), body)
