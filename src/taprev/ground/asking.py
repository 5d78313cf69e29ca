"""How a command is handed, with its terminal, folder and environment, to a process that has the libraries loaded.

That process is in `warm`. Every command of a run begins here, so nothing is imported that this does not need, not even
`pathlib`.
"""

from __future__ import annotations

import json
import os
import socket
import struct

ADDRESS = "TAPREV_WARM"
COPY = __file__
MARK = b"taprev"
STREAMS = (0, 1, 2)
NUMBER = struct.Struct("!i")
INTERRUPTED = 130


def ask(words: list[str]) -> int | None:
    """Have a warm process do a command and return its exit code, or None where none does.

    None does where no process answers, or where it runs another copy of taprev.
    """
    address = os.environ.get(ADDRESS)
    if not address:
        return None
    message = {
        "copy": COPY,
        "words": words,
        "folder": os.getcwd(),  # noqa: PTH109
        "process": os.getpid(),
        "group": os.getpgrp(),
        "environment": {**os.environ},
    }
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(address)
            socket.send_fds(line, [MARK], STREAMS)
            line.sendall(json.dumps(message).encode())
            line.shutdown(socket.SHUT_WR)
            return _answered(line)
    except (OSError, struct.error):
        return None


def _answered(line: socket.socket) -> int:
    """Return the exit code of a command; where this process is interrupted so is the command, which ends in its way."""
    interrupted = False
    while True:
        try:
            answer = line.recv(NUMBER.size)
            return INTERRUPTED if interrupted and not answer else NUMBER.unpack(answer)[0]
        except KeyboardInterrupt:
            interrupted = True
