"""What `taprev init` says when it has written a review."""

from __future__ import annotations

import shlex
from pathlib import Path


def next_steps(folder: Path, example: bool) -> list[str]:
    """Return what to type next, a line each."""
    todo = {
        True: ["taprev check", "make review", "then open results/report.html"],
        False: [
            "taprev check",
            "it names what to write first; README.md leads to a first forest plot in seven steps",
            "taprev form   (writes the extraction forms as workbooks, once the studies are named)",
        ],
    }
    made = "An example review of thirteen trials" if example else "A blank review"
    name = str(folder)
    if folder.resolve() == Path.cwd():
        where, first = "this folder", []
    else:
        where, first = name, [f"cd {shlex.quote(f'./{name}' if name.startswith('-') else name)}"]
    return [f"{made} lies in {where} now. Next:", *(f"  {line}" for line in (*first, *todo[example]))]
