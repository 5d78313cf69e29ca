"""What `taprev init` says when it has written a review."""

from __future__ import annotations

import shlex
from pathlib import Path


def begun(folder: Path, once: bool, unwritten: bool) -> list[str]:
    """Return what to type after a review was begun with answers, a line each."""
    words = ["write the texts that are missing into config/review.yaml; taprev check names them"] if unwritten else []
    filled = (
        ["fill in data/extracted/tables.xlsx, the studies first", "taprev check"]
        if once
        else [
            "fill in data/extracted/studies.csv and reports.csv",
            "taprev form --add   (offers the studies in both forms)",
            "each of two people fills in a form: data/raw/form_first.xlsx and form_second.xlsx",
            "taprev reconcile   (joins the forms, and asks where they differ)",
            "taprev check",
        ]
    )
    steps = [f"cd {shlex.quote(str(folder))}", *words, *filled, "make review"]
    return ["Next:", *(f"  {step}" for step in steps), "README.md explains each step."]


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
