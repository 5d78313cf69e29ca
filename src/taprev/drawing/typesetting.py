"""The one door to Typst, which sets pages and tags them.

Typst keeps threads, and a fork loses them: in a fork of a process that has used it, it would wait for ever. There a
process of its own does the work, and where asked for: Typst keeps in memory what it has set.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taprev.drawing import fonts

if TYPE_CHECKING:
    import typst

ALONE = "import json, sys, typst; typst.compile(**json.loads(sys.argv[1]))"


class _Threads:
    """Whether this process has used Typst, and whether it is a fork of one that had."""

    started = False
    lost = False

    @classmethod
    def forked(cls) -> None:
        cls.lost = cls.started


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_Threads.forked)


def compiled(source: Path, standard: str | None = None, alone: bool = False) -> bytes:
    """Return the PDF of a Typst file, in the fonts of figures and documents.

    Parameters
    ----------
    source : Path
        The file; what it reads lies next to it.
    standard : str, optional
        What the PDF must conform to, such as `ua-1` (PDF/UA-1).
    alone : bool, optional
        Have a process of its own do it, which gives the memory back.

    Returns
    -------
    bytes
        The same for the same input.
    """
    output = source.with_suffix(".pdf")
    how: dict[str, Any] = {
        "input": str(source),
        "output": str(output),
        "format": "pdf",
        "pdf_standards": [standard] if standard else [],
    }
    if alone or _Threads.lost:
        ours = {"font_paths": _folders(), "ignore_system_fonts": True}
        subprocess.run([sys.executable, "-c", ALONE, json.dumps(how | ours)], check=True)
    else:
        import typst

        _Threads.started = True
        typst.compile(**how, font_paths=_fonts())
    return output.read_bytes()


def _folders() -> list[str]:
    return [str(folder) for folder in fonts.folders()]


@cache
def _fonts() -> typst.Fonts:
    """Return our fonts as Typst has read them, which takes it longer than to set a page."""
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=_folders())
