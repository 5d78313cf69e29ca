"""`taprev alone`: one run of a review at a time, stopped as a whole, after what an interrupted one left is cleared.

The lock is the operating system's: it ends with the process that holds it, however that ends. So a lock of Snakemake
that is still there once ours is held, while no other process works in the folder, belongs to a run that died.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import psutil

from taprev.cli.shared import draws_progress
from taprev.ground.warm import ASKER, WarmProcess, serving
from taprev.provenance.banner import set_banner
from taprev.provenance.before_run import clear_interrupted, clear_outdated

PATIENCE, LETTING_GO, LOOK = 10.0, 2.0, 0.2
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


def run_alone(command: list[str], grace: float, load: Callable[[], Iterator[object]], do: Callable[[], object]) -> int:
    """Run a command while no other run works in this folder, and return its exit code.

    What an interrupted run left is cleared before. Raises InProgress where another run works here.
    """
    here = Path()
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.environ.update(caches(here))
    with serving(load, do) as warm, only_run(here):
        clear_interrupted(here)
        clear_outdated(here)
        code = run_below(command, grace, warm)
        set_banner(here / "results", code == 0)
        return code


def run_below(command: list[str], grace: float, warm: WarmProcess) -> int:
    """Run a command in a process group of its own, and return its exit code.

    TAPREV_SCREEN tells it how Snakemake should use the screen. What stops this process, or the one that started it,
    stops the whole group, after `grace` seconds in which it may take back what it submitted elsewhere: every file is
    written whole or not at all, and the next run makes again what was not finished. Nothing of the group outlives the
    command.
    """
    stops: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda got, _: stops.append(got))
        elif number == signal.SIGINT:
            # In the background of a shell; what is started below must hear the interruption of `_interrupt` even so.
            signal.signal(number, lambda got, _: None)
    parent = os.getppid()
    environment = {**os.environ, **warm.environment, "TAPREV_SCREEN": screen()}
    child = subprocess.Popen(command, env=environment, process_group=0)
    warm.guard(child.pid)
    while child.poll() is None and not stops and os.getppid() == parent:
        with suppress(subprocess.TimeoutExpired):
            child.wait(LOOK)
    code = child.returncode
    if code is None and grace:
        _interrupt(child, grace)
    with suppress(OSError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    warm.guard(0)
    if code is None:
        cursor = SHOW_CURSOR if sys.stderr.isatty() else ""
        print(f"{cursor}{STOPPED}", file=sys.stderr)
        return 128 + (stops[0] if stops else signal.SIGHUP)
    return code


def caches(folder: Path) -> dict[str, str]:
    """Return where Snakemake and Matplotlib keep what they remember, if there is no home folder to write to."""
    usual = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    try:
        usual.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=usual):
            return {}
    except OSError:
        own = str((folder / ".snakemake" / "home").absolute())
        return {"XDG_CACHE_HOME": own, "MPLCONFIGDIR": own}


def _interrupt(child: subprocess.Popen[bytes], grace: float) -> None:
    """Interrupt a process group as Ctrl-C does, and wait until it is gone or its time is over."""
    until = time.monotonic() + grace
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGINT)
        while time.monotonic() < until:
            time.sleep(LOOK)
            child.poll()
            os.killpg(child.pid, 0)


def screen() -> str:
    """Return the options of Snakemake for the screen: a progress bar on a terminal that can draw one, or silence.

    Where Snakemake is silent, each command of the review says a line when it has ended.
    """
    return BAR if draws_progress() and find_spec("snakemake_logger_plugin_rich") else "--quiet all"


def _wait_for_others(folder: Path, patience: float) -> None:
    """Return when no other process of a run works in the folder."""
    end = time.monotonic() + patience
    while others := _others(folder):
        if time.monotonic() > end:
            raise InProgress(_in_progress(str(others[0])))
        time.sleep(0.2)


def _others(folder: Path) -> list[int]:
    """Return the processes of Snakemake and of taprev in a folder that are neither this one nor above or below it.

    The process that asked for this command, and waits for it, is this one.
    """
    own = psutil.Process()
    mine = {own.pid, ASKER.get(), *(process.pid for process in (*own.parents(), *own.children(recursive=True)))}
    pids = []
    for process in psutil.process_iter():
        try:
            works = _program(process.cmdline()) in ("snakemake", "taprev") and Path(process.cwd()) == folder.resolve()
        except psutil.Error:
            continue
        if works and process.pid not in mine:
            pids.append(process.pid)
    return pids


def _program(words: list[str]) -> str:
    """Return the name of the program of a command line; of an interpreter that of its module or script."""
    if not words:
        return ""
    name = Path(words[0]).name
    if not name.startswith("python"):
        return name
    if "-m" in words[1:-1]:
        return words[words.index("-m") + 1]
    return Path(next((word for word in words[1:] if not word.startswith("-")), name)).name


def _number(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() or "unknown"


def _in_progress(process: str) -> str:
    return (
        f"Another run of this review is in progress here (process {process}). Wait for it to end, or stop it "
        f"(kill {process}); this one changed nothing."
    )
