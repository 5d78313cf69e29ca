"""XML as programs write it, read without trust: no document type, no entity, and what is mended is said.

A file that declares one encoding and has another, bare ampersands, and names of HTML characters are read as what they
mean. A file that is cut off is not taken for a whole one.
"""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree

DECLARED = re.compile(r"""<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["'][^>]*?\?>""", re.ASCII)
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
BARE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
FORBIDDEN = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
MARKS = (("utf-8-sig", b"\xef\xbb\xbf"), ("utf-16", b"\xff\xfe"), ("utf-16", b"\xfe\xff"))


def text_of(content: bytes) -> tuple[str, list[str]]:
    """Return the text of an XML file and the remarks on how it was read: its encoding, and what was mended."""
    text, remarks = _decoded(content)
    text = DECLARATION.sub("", text, count=1)
    text, controls = NO_XML.subn(" ", text)
    if controls:
        remarks.append(f"{controls} control characters, which XML does not allow, are read as spaces.")
    named = [match for match in NAMED.findall(text) if match not in ("amp", "lt", "gt", "quot", "apos")]
    known = [name for name in named if html.unescape(f"&{name};") != f"&{name};"]
    if known:
        text = NAMED.sub(lambda match: _character(match[0], match[1]), text)
        remarks.append(f"{len(known)} names of HTML characters, such as &{known[0]};, are read as the characters.")
    text, bare = BARE.subn("&amp;", text)
    if bare:
        remarks.append(f"{bare} ampersands are not escaped, which XML does not allow; they are read as ampersands.")
    return text, remarks


def _character(typed: str, name: str) -> str:
    return typed if name in ("amp", "lt", "gt", "quot", "apos") else html.unescape(typed)


def _decoded(content: bytes) -> tuple[str, list[str]]:
    for encoding, mark in MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace"), []
    declared = DECLARED.search(content[:300].decode("latin-1"))
    name = declared[1] if declared else "UTF-8"
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return _in_declared(content, name)
    if name.casefold() not in ("utf-8", "utf8", "us-ascii") and not content.isascii():
        return text, [f"The file declares the encoding {name}; it is UTF-8, and is read as that."]
    return text, []


def _in_declared(content: bytes, name: str) -> tuple[str, list[str]]:
    if name.casefold() not in ("utf-8", "utf8"):
        try:
            return content.decode(name), []
        except (LookupError, UnicodeDecodeError):
            pass
    read = content.decode("cp1252", errors="replace")
    return read, [f"The file declares the encoding {name}, which it does not have; it is read as Windows-1252."]


def refuse_declarations(text: str, place: str) -> None:
    """Raise ValueError where XML declares a document type or an entity, which could lead anywhere."""
    if FORBIDDEN.search(text):
        raise ValueError(
            f"{place}: the file declares a document type or entities, which are never read. Save it again in the "
            "program that made it."
        )


def element_of(text: str, place: str) -> ElementTree.Element:
    """Return the root of XML text without declarations; ValueError says where it is broken."""
    refuse_declarations(text, place)
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        line, column = error.position
        raise ValueError(
            f"{place}: the XML in it is incomplete; it breaks at line {line}, column {column}. Save it again in the "
            "program that made it."
        ) from None


def part_of(text: str, tag: str, place: str) -> ElementTree.Element | None:
    """Return one element of a text by its tag, whatever stands around it; None where it is not there as a whole."""
    match = re.search(rf"<{tag}(?=[\s>]).*?</{tag}>", text, re.DOTALL)
    return element_of(match[0], place) if match else None


def words_of(element: ElementTree.Element | None) -> str:
    """Return the text of an element and of all in it, with single spaces."""
    return "" if element is None else " ".join(" ".join(element.itertext()).split())
