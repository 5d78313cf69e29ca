"""Addresses that may be followed: those of the web, and DOIs. Whatever else stands in a cell is text."""

from __future__ import annotations

import re
from urllib.parse import quote

WEB = re.compile(r"https?://[^\s<>\"]{1,2000}", re.IGNORECASE)
DOI = re.compile(r"(?:doi:\s*)?(10\.\d{4,9}/[^\s<>\"]{1,500})", re.IGNORECASE)
NEARBY = re.compile(r"[^\s<>\":#/\\][^\s<>\":\\]{0,2000}")


def web_address(text: str) -> str:
    """Return an address of the web, or that of a DOI; nothing where a text is neither."""
    return text if WEB.fullmatch(text) else doi_address(text)


def doi_address(text: str) -> str:
    """Return the address of a DOI, with or without `doi:` before it; nothing where a text is none."""
    found = DOI.fullmatch(text)
    return f"https://doi.org/{quote(found[1], safe='/:;()')}" if found else ""


def followed(text: str) -> str:
    """Return an address of the web, or of a file nearby, as taprev itself names them; nothing where it is neither."""
    return web_address(text) or (text if NEARBY.fullmatch(text) else "")
