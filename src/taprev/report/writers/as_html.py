"""A document as a page of its own: everything it shows is in the file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from taprev.report.documents.document import Document, Picture, Table
from taprev.report.templates import templates
from taprev.report.writers import plain
from taprev.report.writers.paper import margin, widths
from taprev.wording.addresses import followed


def as_html(document: Document) -> bytes:
    """Return the document as a page in UTF-8."""
    page = (
        templates()
        .get_template("writers/document.html")
        .render(
            document=document,
            blocks=_named(document),
            address=followed,
            data_uri=_data_uri,
            line=plain.line,
            lines=plain.lines,
            margin=margin,
            across=lambda columns: [_share(width) for width in widths(columns, 100)],
            share=lambda picture: _share(100 * picture.share),
            shares=_shares(document),
            counts=sorted({len(table.columns) for table in _tables(document)}),
        )
    )
    return page.encode("utf-8")


def _tables(document: Document) -> list[Table]:
    return [block for block in document.blocks if isinstance(block, Table)]


def _pictures(document: Document) -> Iterator[Picture]:
    yield from (block for block in document.blocks if isinstance(block, Picture))
    for table in _tables(document):
        for section in table.sections:
            yield from (cell.picture for row in section.rows for cell in row if cell.picture)


def _shares(document: Document) -> list[str]:
    """Return the widths of columns and pictures in percent, each once: a style sheet has them, and no element."""
    columns = (width for table in _tables(document) for width in widths(table.columns, 100))
    pictures = (100 * picture.share for picture in _pictures(document))
    return sorted({_share(width) for width in (*columns, *pictures)})


def _share(percent: float) -> str:
    return f"{percent:.2f}"


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
