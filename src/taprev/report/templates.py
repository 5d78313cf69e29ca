"""The templates of the pages: escaped, strict about names, and without control characters from the data."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from taprev.wording import labels


def templates(folder: str = ".") -> Environment:
    """Return the templates of a folder of this package."""
    return Environment(
        loader=PackageLoader("taprev.report", folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )


def _clean(value: Any) -> Any:
    """Return data text on one line, without control characters and direction overrides."""
    return labels.clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
