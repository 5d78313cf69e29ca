"""What a warm process loads: the code of the package, whole, in the order in which a run needs it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import taprev
from taprev.ground.fingerprint import fingerprint_on_disk, source_fingerprint

FIRST = (
    "taprev.settings.reading",
    "taprev.extraction.checks",
    "taprev.effects.variants",
    "taprev.synthesis.domain",
    "taprev.figures.of_domain",
    "taprev.provenance.trace.domain",
    "taprev.tables.write",
)


def load() -> Iterator[str]:
    """Import one module after the other, and yield its name.

    Ends the process where the code on disk changed meanwhile: what it loaded would have no fingerprint.
    """
    source_fingerprint()
    rest = (module.name for module in walk_packages(taprev.__path__, "taprev."))
    for module in (*FIRST, *(name for name in rest if not name.endswith(".__main__"))):
        import_module(module)
        yield module
    if fingerprint_on_disk() != source_fingerprint():
        raise SystemExit
