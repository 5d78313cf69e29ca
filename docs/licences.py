"""Write docs/licences.md: the licence of every library that a review needs, as its own metadata say it.

    python docs/licences.py

The libraries are those of requirements.lock, and must be installed.
"""

from __future__ import annotations

import re
from email.message import Message
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE, LOCK = ROOT / "docs" / "licences.md", ROOT / "requirements.lock"
LOCKED = re.compile(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)(?: ; (.*?))? \\$", re.MULTILINE)
UNSAID, ELSEWHERE = "not said in its metadata", "not installed on every system ({when})"
LONGEST = 60
HEAD = """\
# Licences of the libraries

Written by `python docs/licences.py` from what each library says of itself in its metadata (its licence expression,
else its classifiers, else its field `License`). taprev itself is under the MIT licence. Where the metadata of a library
say nothing, look into its own repository before you pass it on.

| library | version | licence |
|---|---|---|
"""


def licence(said: Message) -> str:
    """Return the licence that metadata say: the expression, the classifiers, or the first line of the field."""
    if expression := said.get("License-Expression"):
        return str(expression)
    named = [line for line in said.get_all("Classifier") or [] if line.startswith("License ::")]
    if named:
        return "; ".join(line.rpartition(" :: ")[2] for line in named)
    first = (said.get("License") or "").strip().split("\n")[0]
    return first if 0 < len(first) <= LONGEST and first != "UNKNOWN" else UNSAID


def page() -> str:
    """Return the page as text, a row for each library of the lock."""
    rows = []
    for name, version, when in LOCKED.findall(LOCK.read_text(encoding="utf-8")):
        try:
            said = licence(metadata(name))
        except PackageNotFoundError:
            said = ELSEWHERE.format(when=when.replace("|", "\\|") or "missing here")
        rows.append(f"| {name} | {version} | {said} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
