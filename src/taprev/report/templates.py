"""The templates of the pages: escaped, strict about names, and without control characters from the data.

A template that has a style or a script of its own tells `policy` of it; an address from the data goes through `web`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from taprev.report.policy import policy
from taprev.wording import labels
from taprev.wording.addresses import doi_address, web_address


@cache
def templates() -> Environment:
    """Return the templates of this package, each of which is read once."""
    return templates_of(".")


def templates_of(folder: str) -> Environment:
    """Return the templates of a folder of this package, for one who adds functions of their own."""
    environment = Environment(
        loader=PackageLoader("taprev.report", folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    environment.globals["policy"] = policy
    environment.filters |= {"web": web_address, "doi": doi_address}
    return environment


def _clean(value: Any) -> Any:
    """Return data text on one line, without control characters and direction overrides."""
    return labels.clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
