"""Commands done by copies of a process that has its libraries loaded already.

A run of the workflow starts some sixty commands, and each would load the same libraries for half a second. `serving`
keeps one process that has loaded them; it forks for each command, so that every command begins with the same clean
state and a command that fails takes nothing with it. How a command asks for it stands in `asking`.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from taprev.ground.asking import ADDRESS, COPY, MARK, NUMBER, STREAMS

ASKER: ContextVar[int | None] = ContextVar("asker", default=None)
"""The process that asked for the command of this one and waits for its end, if one did."""


@dataclass(frozen=True)
class WarmProcess:
    """What must be in the environment of those who ask, and the end of the pipe by which the process knows us alive."""

    environment: dict[str, str]
    alive: int | None = None

    def guard(self, group: int) -> None:
        """Have a process group killed if this process dies; 0 for none."""
        if self.alive is not None:
            with suppress(OSError):
                os.write(self.alive, NUMBER.pack(group))


@contextmanager
def serving(load: Callable[[], Iterator[object]], do: Callable[[], object]) -> Iterator[WarmProcess]:
    """Keep a process that loads step by step what `load` yields, and does every command that is asked for by `do`.

    It ends with this process, however this one ends, and takes the process group with it that it guards. Where no
    door can be made for it, there is none, and every command is done as ever.
    """
    with tempfile.TemporaryDirectory(prefix="taprev.") as folder:
        door = socket.socket(socket.AF_UNIX)
        try:
            door.bind(str(Path(folder) / "door"))
        except OSError:
            door.close()
            yield WarmProcess({})
            return
        address = door.getsockname()
        door.listen(64)
        alive, end = os.pipe()
        server = os.fork()
        if server == 0:
            os.close(end)
            with _only_exit():
                _serve(door, alive, load, do)
        os.close(alive)
        door.close()
        try:
            yield WarmProcess({ADDRESS: address}, end)
        finally:
            os.close(end)
            os.waitpid(server, 0)


@contextmanager
def _only_exit() -> Iterator[None]:
    """End a forked process here whatever happens, so that it never goes on with the work of the one it came from."""
    try:
        yield
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(1)


def _serve(door: socket.socket, alive: int, load: Callable[[], Iterator[object]], do: Callable[[], object]) -> NoReturn:
    """Fork for each command until the process that keeps this one is gone; load while nobody asks."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    guarded, loading, more = 0, load(), True
    while True:
        ready = select.select([door.fileno(), alive], [], [], 0 if more else None)[0]
        if not ready:
            more = next(loading, None) is not None
            continue
        if alive in ready:
            told = os.read(alive, NUMBER.size)
            if told:
                [guarded] = NUMBER.unpack(told)
                continue
            if guarded:
                with suppress(OSError):
                    os.killpg(guarded, signal.SIGKILL)
            shutil.rmtree(Path(door.getsockname()).parent, ignore_errors=True)
            os.killpg(0, signal.SIGKILL)
        line, _ = door.accept()
        if os.fork() == 0:
            os.close(alive)
            door.close()
            with _only_exit():
                _answer(line, do)
        line.close()


def _answer(line: socket.socket, do: Callable[[], object]) -> NoReturn:
    """Do one command in place of the process that asked, in its group so that what stops it stops this, and end.

    Where that process is gone or its group cannot be joined, nothing is done: it, if it lives, does the command itself.
    An interruption is heard even where the first process was started in the background of a shell.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        _, streams, _, _ = socket.recv_fds(line, len(MARK), len(STREAMS))
        message = json.loads(b"".join(iter(lambda: line.recv(65536), b"")))
        os.setpgid(0, message["group"])
    except (OSError, ValueError):
        os._exit(0)
    if message["copy"] != COPY:
        os._exit(0)
    for place, stream in zip(STREAMS, streams, strict=True):
        os.dup2(stream, place)
        os.close(stream)
    ASKER.set(message["process"])
    os.chdir(message["folder"])
    os.environ.clear()
    os.environ.update(message["environment"])
    sys.argv = ["taprev", *message["words"]]
    code = 0
    try:
        do()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    line.sendall(NUMBER.pack(code))
    os._exit(code)
