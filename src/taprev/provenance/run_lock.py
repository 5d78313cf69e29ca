"""One run of a review at a time, and what an interrupted run left is cleared before the next.

The lock is the operating system's: it ends with the process that holds it, however that ends. So a lock of Snakemake
that is still there once ours is held, while no other process works in the folder, belongs to a run that died.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psutil

from taprev.ground.warm import WarmProcess
from taprev.provenance.receipts import FOLDER_MARK, lost

UNFINISHED = re.compile(r"\..+\.[a-z0-9_]{8}\.tmp|\.pages\..+")
PATIENCE, LETTING_GO, LOOK = 10.0, 2.0, 0.5
BAR = "--logger rich --quiet host reason"
SHOW_CURSOR = "\x1b[?25h"
STOPPED = "Stopped. What was finished stays; the next run goes on from there."


class InProgress(RuntimeError):
    """Another run of the same review is in progress; the text says which and what to do."""


@contextmanager
def only_run(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of a review; jobs that a killed run left behind are waited for, `patience` seconds at most.

    Raises InProgress where another run holds it, or where a process still works in the folder after that time.
    """
    path = folder / ".snakemake" / "taprev.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("a+", encoding="utf-8") as handle:
        end = time.monotonic() + LETTING_GO
        while not _locked(handle):
            if time.monotonic() > end:
                raise InProgress(_in_progress(_number(path)))
            time.sleep(0.1)
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        _wait_for_others(folder, patience)
        yield


def _locked(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def clear_interrupted(folder: Path) -> None:
    """Remove what an interrupted run left: Snakemake's lock, unfinished files, and folders that lost one of theirs.

    A declared folder is one result to Snakemake, which does not see that a file in it is gone; without the folder it
    makes it again. To be called while `only_run` holds the lock.
    """
    shutil.rmtree(folder / ".snakemake" / "locks", ignore_errors=True)
    results = folder / "results"
    for path in [path for path in results.rglob(".*") if UNFINISHED.fullmatch(path.name)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for mark in list(results.rglob(FOLDER_MARK)):
        if lost(mark.parent):
            shutil.rmtree(mark.parent)


def run_below(command: list[str], warm: WarmProcess) -> int:
    """Run a command in a process group of its own, and return its exit code.

    TAPREV_SCREEN tells it how Snakemake should use the screen. What stops this process, or the one that started it,
    stops the whole group at once: every file is written whole or not at all, and the next run makes again what was not
    finished.
    """
    environment = {**os.environ, **warm.environment, "TAPREV_SCREEN": screen()}
    child = subprocess.Popen(command, env=environment, process_group=0)
    warm.guard(child.pid)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    parent = os.getppid()
    try:
        while child.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                child.wait(LOOK)
            if os.getppid() != parent:
                raise KeyboardInterrupt
        return child.returncode
    except KeyboardInterrupt:
        with suppress(OSError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        cursor = SHOW_CURSOR if sys.stderr.isatty() else ""
        print(f"{cursor}{STOPPED}", file=sys.stderr)
        return 130
    finally:
        warm.guard(0)


def screen() -> str:
    """Return the options of Snakemake for the screen: a progress bar on a terminal that can draw one, or silence.

    Where Snakemake is silent, each command of the review says a line when it has ended.
    """
    able = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    return BAR if able and find_spec("snakemake_logger_plugin_rich") else "--quiet all"


def _wait_for_others(folder: Path, patience: float) -> None:
    """Return when no other process of a run works in the folder."""
    end = time.monotonic() + patience
    while others := _others(folder):
        if time.monotonic() > end:
            raise InProgress(_in_progress(str(others[0])))
        time.sleep(0.2)


def _others(folder: Path) -> list[int]:
    """Return the processes of Snakemake and of taprev in a folder that are neither this one nor above or below it."""
    own = psutil.Process()
    mine = {own.pid, *(process.pid for process in (*own.parents(), *own.children(recursive=True)))}
    pids = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()[:4]
            runs = any(Path(word).name in ("snakemake", "taprev") for word in words)
            if runs and process.pid not in mine and Path(process.cwd()) == folder.resolve():
                pids.append(process.pid)
        except psutil.Error:
            continue
    return pids


def _number(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() or "unknown"


def _in_progress(process: str) -> str:
    return (
        f"Another run of this review is in progress here (process {process}). Wait for it to end, or stop it "
        f"(kill {process}); this one changed nothing."
    )
