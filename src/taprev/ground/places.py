"""Where results are: figures under names that still identify copies of them, and a path that stands for many."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import count, takewhile
from pathlib import Path

FOREST = "forest"
DOMAIN = "{domain}"
WHOLE_REVIEW = "whole-review"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def figure_stem(domain: str, figure: str) -> str:
    """Return the name of a figure's files without ending, such as `sleep_forest`.

    Raises ValueError where a domain is no plain name and could lead out of its folder.
    """
    if not _PLAIN.fullmatch(domain):
        raise ValueError(f"the domain {domain!r} cannot name a file: use letters, digits, _ and - only")
    return f"{domain}_{figure}"


def of_every_domain(paths: Iterable[Path], domains: Iterable[str]) -> list[Path]:
    """Return the paths, one with `{domain}` in it as many, in the order of the domains.

    A command line of a thousand domains would otherwise be longer than a system allows.
    """
    names = list(domains)
    every = ((path, names if DOMAIN in path.as_posix() else [""]) for path in paths)
    return [Path(path.as_posix().replace(DOMAIN, name)) for path, own in every for name in own]


def page_mark(number: int) -> str:
    """Return what follows the name of a figure in the files of one of its pages: nothing for the first, then _2."""
    return "" if number == 1 else f"_{number}"


def figure_pages(picture: Path) -> list[Path]:
    """Return the files of the pages of a figure, in their order, by that of its first page."""
    paths = (picture.with_name(f"{picture.stem}{page_mark(number)}{picture.suffix}") for number in count(1))
    return list(takewhile(Path.is_file, paths))


def page_of(stem: str, name: str) -> bool:
    """Return whether a file without its ending is named as a page of the figure of a name."""
    return re.fullmatch(rf"{re.escape(name)}(_[0-9]+)?", stem) is not None


def figure_place(domain: str, figure: str) -> str:
    """Return the path of a figure in the folder of figures, without ending: in the folder of its domain."""
    return f"{domain}/{figure_stem(domain, figure)}"
