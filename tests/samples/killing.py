"""A command that is killed at a chosen place: as it is about to put a file there, or take one away."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

from taprev.cli.command import main
from taprev.extraction.tables import package

MOVES = ("replace", "unlink", "rmdir", "mkdir")
"""The ways in which a command changes what others see in a folder."""


def done(folder: Path, words: Sequence[str], kill_at: int = 0) -> int:
    """Do a command in a fork of this process and return its exit code; negative is the signal that ended it.

    `kill_at` is the number of the change of the folder before which it is killed, the first being 1; 0 for none.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    with contextlib.suppress(BaseException):
        os.chdir(folder)
        package.cache_clear()
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (1, 2):
            os.dup2(silence, stream)
        sys.stdout, sys.stderr = (os.fdopen(os.dup(silence), "w") for _ in range(2))
        if kill_at:
            _kill_before(kill_at)
        sys.argv = ["taprev", *words]
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    os._exit(code)


def _kill_before(number: int) -> None:
    """Have this process killed before a change of that number, counted over all ways of changing."""
    numbers = itertools.count(1)

    def counted(change):
        def killing(*words, **options):
            if next(numbers) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return change(*words, **options)

        return killing

    for name in MOVES:
        setattr(Path, name, counted(getattr(Path, name)))
    shutil.rmtree = counted(shutil.rmtree)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder by its path, a workbook without its date, but for what Snakemake remembers."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: _undated(path) for name, path in named.items() if ".snakemake/" not in name}


def _undated(path: Path) -> bytes:
    """Return the content of a file; of a workbook that of its parts, but for the one that says when it was made."""
    content = path.read_bytes()
    if path.suffix != ".xlsx":
        return content
    with ZipFile(io.BytesIO(content)) as book:
        return b"".join(book.read(name) for name in book.namelist() if name != "docProps/core.xml")
