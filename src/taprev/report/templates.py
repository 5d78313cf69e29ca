"""The templates of the pages: escaped, strict about names, and without control characters from the data.

A template that has a style or a script of its own tells `policy` of it; an address from the data goes through `web`.
"""

from __future__ import annotations

from typing import Any

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from taprev.report.policy import policy
from taprev.wording import labels
from taprev.wording.addresses import doi_address, web_address


class Compiled(BytecodeCache):
    """The code of the templates, each of which is compiled once in a process."""

    def __init__(self) -> None:
        self.by_key: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template its code, where it was compiled before."""
        if bucket.key in self.by_key:
            bucket.bytecode_from_string(self.by_key[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        self.by_key[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()
MANY_ROWS = 2500
"""Of a page with more rows, a browser lays out each section when it is reached, and opens it in a second or two."""


def templates(folder: str = ".") -> Environment:
    """Return the templates of a folder of this package."""
    environment = Environment(
        loader=PackageLoader("taprev.report", folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
        bytecode_cache=COMPILED,
    )
    environment.globals |= {"policy": policy, "long": long}
    environment.filters |= {"web": web_address, "doi": doi_address}
    return environment


def long(rows: int) -> Markup:
    """Return what marks the main part of a page as long, if it has so many rows."""
    return Markup(' class="long"') if rows > MANY_ROWS else Markup("")


def _clean(value: Any) -> Any:
    """Return data text on one line, without control characters and direction overrides."""
    return labels.clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
