"""What an environment may do without: the libraries that only documents, PDF files and sources in HTML need."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

DOCUMENTS = "documents"
"""The extra of the package that brings them."""
OF_DOCUMENTS = ("docx", "pptx", "typst", "lxml")
NOT_HERE = (
    "Word, PowerPoint and PDF files are not made here, since the libraries that write them are not installed: "
    "pip install 'taprev[documents]', then run the review again."
)


@cache
def documents_here() -> bool:
    """Return whether this environment can write Word, PowerPoint and PDF files."""
    return all(find_spec(module) for module in OF_DOCUMENTS)
