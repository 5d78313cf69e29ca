"""The paper of a document: A4, its margin in millimetres, the colours of our pages, and the share of each column."""

from __future__ import annotations

from datetime import UTC, datetime

from taprev.report.documents.document import Column, Document

SHORT, LONG = 210, 297
MARGIN, NARROW = 20, 14
INK, QUIET, RULE, PETROL, TINT = "1A1A1A", "555555", "C9C9C9", "0B5B7A", "F2F6F8"
MAKER = "taprev"
LANGUAGE = "en-GB"
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
NARROWEST = 0.05


def size(document: Document) -> tuple[int, int]:
    """Return the width and the height of the paper in its orientation."""
    return (LONG, SHORT) if document.landscape else (SHORT, LONG)


def margin(document: Document) -> int:
    """Return the margin at every edge."""
    return NARROW if document.compact else MARGIN


def text_width(document: Document) -> int:
    """Return the width between the margins."""
    return size(document)[0] - 2 * margin(document)


def widths(columns: tuple[Column, ...], whole: float) -> list[float]:
    """Return the whole width divided by the shares of the columns, none of them too narrow for a word."""
    total = sum(column.share for column in columns) or 1
    shares = [max(column.share / total, NARROWEST) for column in columns]
    return [whole * share / sum(shares) for share in shares]
