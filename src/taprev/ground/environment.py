"""What a run runs in: the interpreter, the platform, and the libraries."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import requires, version

from taprev.ground.extras import DOCUMENTS, documents_here


@dataclass(frozen=True)
class Environment:
    """The interpreter, the platform, and the versions of the libraries that the package asks for."""

    python: str
    platform: str
    packages: dict[str, str]


@cache
def environment() -> Environment:
    """Return the environment in which this runs: as it was when first asked for."""
    asked = (re.match(r"[A-Za-z0-9._-]+", wish) for wish in requires("taprev") or [] if _matters(wish))
    names = sorted(match[0].lower() for match in asked if match)
    where = f"{platform.system().lower()}-{platform.machine().lower()}"
    return Environment(platform.python_version(), where, {name: version(name) for name in names})


def _matters(wish: str) -> bool:
    """Return whether a wanted library bears on results: those of the documents do where they are installed."""
    _, _, extra = wish.partition("extra ==")
    return not extra or (extra.strip(" '\"") == DOCUMENTS and documents_here())
