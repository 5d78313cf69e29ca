"""DOCX and XLSX files are archives; the same content is the same bytes, whenever it is written."""

from __future__ import annotations

import io
from collections.abc import Mapping
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo


def undated(content: bytes, parts: Mapping[str, bytes] | None = None) -> bytes:
    """Return an archive with every date removed and some of its parts replaced."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as before, ZipFile(out, "w", ZIP_DEFLATED) as after:
        for name in before.namelist():
            entry = ZipInfo(name)
            entry.compress_type, entry.create_system = ZIP_DEFLATED, 3
            after.writestr(entry, (parts or {}).get(name) or before.read(name))
    return out.getvalue()
