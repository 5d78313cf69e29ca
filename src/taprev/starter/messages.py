"""What `taprev init` says when it has written a review."""

from __future__ import annotations

import shlex
from pathlib import Path


def begun(folder: Path, unnamed: bool) -> list[str]:
    """Return what to type after a review was begun with answers, a line each."""
    first = ["write your own texts into config/review.yaml; taprev check names those that are left"] if unnamed else []
    steps = [f"cd {shlex.quote(str(folder))}", *first, "fill in the workbook of each extractor", "make review"]
    return ["Next:", *(f"  {step}" for step in steps), "make review runs already; until there is a row it says so."]


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
