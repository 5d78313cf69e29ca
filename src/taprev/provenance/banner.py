"""The file among the results of a refused or stopped run, so that nobody takes old numbers for present ones."""

from __future__ import annotations

from pathlib import Path

from taprev.ground.files import write_text
from taprev.provenance.manifest import NAME

BANNER = "NOT_OF_THE_PRESENT_DATA.txt"
SAID = (
    "The last run of this review did not end: it was refused or stopped. What lies in this folder belongs to earlier "
    "data or is unfinished; do not use its figures. Run the review again (make review), which says what is wrong. "
    "taprev verify names what changed.\n"
)


def set_banner(results: Path, ended: bool) -> None:
    """Lay the banner among results after a run that did not end, or take it away after one that did."""
    banner = results / BANNER
    if ended:
        banner.unlink(missing_ok=True)
    elif _made(results):
        write_text(banner, SAID)


def refused(results: Path) -> bool:
    """Return whether the last run of these results did not end."""
    return (results / BANNER).is_file()


def _made(results: Path) -> bool:
    """Return whether the folder holds anything that a reader could take for a result."""
    return any((results / name).exists() for name in (NAME, "report.html", "figures", "tables"))
