"""The command as a person types it: one thread of linear algebra, and mistakes end with sentences."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

from typer.main import get_command

from taprev.cli.mishaps import mishap
from taprev.cli.shared import app, stale, stop

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@cache
def commands() -> Callable[[], object]:
    """Return every command with its options; forks of a warm process inherit it."""
    return get_command(app)


def main() -> None:
    """Run a command; a mistake of the user's ends with sentences and exit code 1, never with a traceback.

    One thread of linear algebra, so that results do not depend on the number of cores.
    """
    from taprev.settings import SettingsError

    for variable in THREADS:
        os.environ.setdefault(variable, "1")

    try:
        commands()()
    except SettingsError as error:
        stop([*error.problems, *stale()])
    except OSError as error:
        stop([mishap(error)])
    except UnicodeDecodeError as error:
        stop([f"A file is not UTF-8 text (byte {error.start}). Run taprev check, which names it."])
    except ValueError as error:
        stop([str(error)])
