"""The command `taprev`: done by a warm process where one waits, else by this one."""

from __future__ import annotations

import gc
import sys

from taprev.ground.asking import ask

KEPT = 100_000
"""How many new objects a command makes before it looks for what nobody uses: nearly all are libraries, which stay."""


def main() -> None:
    """Do the command of this process and end with its exit code."""
    code = ask(sys.argv[1:])
    if code is not None:
        sys.exit(code)
    gc.set_threshold(KEPT)
    from taprev.cli import main as do

    do()


if __name__ == "__main__":
    main()
