"""A document as a page of its own: everything it shows is in the file."""

from __future__ import annotations

from base64 import b64encode

from taprev.report.documents.document import Document, Table
from taprev.report.templates import templates
from taprev.report.writers import plain
from taprev.report.writers.paper import margin, widths


def as_html(document: Document) -> bytes:
    """Return the document as a page in UTF-8."""
    page = (
        templates()
        .get_template("writers/document.html")
        .render(
            document=document,
            blocks=_named(document),
            address=plain.address,
            data_uri=_data_uri,
            line=plain.line,
            lines=plain.lines,
            margin=margin,
            widths=widths,
        )
    )
    return page.encode("utf-8")


def _named(document: Document) -> list[tuple[str, object, str]]:
    """Return every block with the name of its class; a table has a name of its own among the regions."""
    tables = 0
    named: list[tuple[str, object, str]] = []
    for block in document.blocks:
        tables += isinstance(block, Table)
        named.append((type(block).__name__, block, f"Table {tables}"))
    return named


def _data_uri(png: bytes) -> str:
    return f"data:image/png;base64,{b64encode(png).decode('ascii')}"
