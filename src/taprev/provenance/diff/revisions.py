"""The settings and tables of a git revision, read without touching the working tree."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SETTINGS, TABLES = "config/review.yaml", "data/extracted"


class RevisionError(ValueError):
    """A word is no revision of this review; the message says why."""


def check_out(word: str, into: Path) -> str:
    """Write the settings and extracted tables of a revision under `into` and return its commit.

    They are looked up where the present directory lies in its repository, so that a review in a sub-directory
    is compared with itself. Raises RevisionError where there is no such revision, or no review in it.
    """
    if word.startswith("-") or not word.strip() or "\0" in word:
        raise RevisionError("this is neither a folder nor a git revision.")
    prefix = git("rev-parse", "--show-prefix")
    if prefix is None:
        raise RevisionError(
            "this is not a folder, and it cannot be a git revision either: the present directory is not in a git "
            "repository, or git is not installed."
        )
    resolved = git("rev-parse", "--verify", "--quiet", f"{word}^{{commit}}")
    if resolved is None:
        raise RevisionError(
            "this is neither a folder nor a revision that git knows here (after git fetch --tags it may)."
        )
    here, commit = _line(prefix), _line(resolved)
    listed = git("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, f"{here}{SETTINGS}", f"{here}{TABLES}")
    names = [name for name in (listed or b"").decode("utf-8", "replace").split("\0") if name]
    if f"{here}{SETTINGS}" not in names:
        raise RevisionError(
            f"this revision holds no {here}{SETTINGS}. Run this in the folder of the review (the one that holds "
            "config/ and data/), and name a revision in which it was there."
        )
    for name in names:
        path = into / name.removeprefix(here)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(git("cat-file", "blob", f"{commit}:{name}") or b"")
    return commit


def git(*words: str) -> bytes | None:
    """Return what git says, or None where it fails or is not installed."""
    calm = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(["git", *words], capture_output=True, env=calm)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


def _line(output: bytes) -> str:
    return output.decode("utf-8", "replace").rstrip("\n")
