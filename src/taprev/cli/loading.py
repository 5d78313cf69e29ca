"""What a warm process loads: the code that a run may need, and what its first reading and drawing load besides."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import walk_packages

import taprev
from taprev.certainty import assessment
from taprev.cli.command import commands
from taprev.extraction.risk_of_bias.declarations import shipped_tools
from taprev.ground.environment import environment
from taprev.ground.extras import OF_DOCUMENTS, documents_here
from taprev.ground.fingerprint import fingerprint_on_disk, source_fingerprint

CHECKING = (
    "taprev.settings.reading",
    "taprev.extraction.checks",
    "taprev.extraction.snapshot",
    "taprev.starter.placeholders",
    "frictionless",
)
"""What the check loads with which every run begins: no command is done before, because it would load the same."""
RUNNER = ("snakemake.cli", "smart_open")
FIRST = (
    "taprev.effects.variants",
    "taprev.synthesis.domain",
    "taprev.figures.of_domain",
    "taprev.provenance.trace.domain",
    "taprev.tables.write",
)
NOT_OF_A_RUN = ("exchange", "interactive", "starter")
"""Rooms of which a run needs no more than CHECKING names: they begin, fill and export a review, or serve Python."""
LAST = ("pymare", *(OF_DOCUMENTS if documents_here() else ()))


@dataclass(frozen=True)
class Specimen:
    """What a drawing that nobody keeps is drawn from."""

    domain: str = "specimen"
    seal: str = ""


def load_to_begin() -> Iterator[str]:
    """Load what a run needs of this machine where its jobs are done elsewhere: the check, and Snakemake."""
    source_fingerprint()
    environment()
    yield str(list(_imported(CHECKING)))
    yield from _imported(RUNNER)
    # What Snakemake takes on its command line is asked of its plugins, which it would load at every start.
    yield str(import_module("snakemake.cli").get_argument_parser())


def load() -> Iterator[str]:
    """Import one module after the other, try what most commands do, and yield the name of each step.

    Ends the process where the code on disk changed meanwhile: what it loaded would have no fingerprint.
    """
    yield from load_to_begin()
    yield from _imported(FIRST)
    yield from _tried()
    yield from _imported(module.name for module in walk_packages(taprev.__path__, "taprev.") if _of_a_run(module.name))
    yield from _imported(LAST)
    if fingerprint_on_disk() != source_fingerprint():
        raise SystemExit
    gc.freeze()


def _of_a_run(module: str) -> bool:
    return module.split(".")[1] not in NOT_OF_A_RUN


def _imported(modules: Iterable[str]) -> Iterator[str]:
    for module in modules:
        if not module.endswith(".__main__"):
            try:
                import_module(module)
            except ModuleNotFoundError as missing:
                if missing.name not in OF_DOCUMENTS:
                    raise
            yield module


def _tried() -> Iterator[str]:
    """Make the readers of results and draw a line: both load much at their first use.

    No PDF is made: what tags it keeps threads, and a process that forks must have none.
    """
    from taprev.drawing import saving, theme
    from taprev.drawing.page import Page
    from taprev.provenance.diff import results as changes
    from taprev.provenance.trace import results as trace
    from taprev.synthesis.results import reader as synthesis

    for room in (synthesis, assessment, trace, changes):
        room.adapter()
    shipped_tools()
    yield "reading"
    commands()
    yield "commands"
    page = Page()
    for kind in (theme.TITLE, theme.BODY, theme.REASON):
        page.text(page.left, theme.MARGIN, "taprev", kind)
    with theme.style():
        saving.pictures([page.close(2 * theme.MARGIN)], "", "", Specimen(), kinds=(".svg", ".png"))
    yield "drawing"
