"""Commands done by a warm process: the same words, folder, environment and exit code, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from taprev.drawing import fonts, theme, typeset

BIN = Path(sys.executable).parent
SERVER = """
import os, subprocess, sys
from taprev.ground.warm import serving

def load():
    {load}

def do():
    {do}

with serving(load, do) as warm:
    environment = dict(os.environ, **warm.environment)
    done = subprocess.run(sys.argv[1:], env=environment, input="typed\\n", text=True, capture_output=True)
print(done.returncode, repr(done.stdout), repr(done.stderr))
"""


def served(do: str, *words: str, load: str = "yield from ()", folder: Path | None = None) -> str:
    """Return the exit code and the words of a command that a warm process does by the given code."""
    command = [sys.executable, "-c", SERVER.format(load=load, do=do), BIN / "taprev", *words]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=folder, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_command_has_its_words_folder_environment_and_streams(tmp_path, monkeypatch):
    monkeypatch.setenv("A_WORD", "häuser")
    do = (
        "print(sys.argv, os.getcwd(), os.environ['A_WORD'], sys.stdin.readline().strip()); "
        "print('aside', file=sys.stderr)"
    )
    said = served(do, "trace", "a word with spaces", folder=tmp_path)
    assert said == f"""0 "['taprev', 'trace', 'a word with spaces'] {tmp_path} häuser typed\\n" 'aside\\n'"""


@pytest.mark.parametrize(
    ("do", "code"),
    [("sys.exit(7)", "7"), ("sys.exit()", "0"), ("sys.exit('words')", "1"), ("raise ValueError('no')", "1")],
)
def test_its_exit_code_is_that_of_the_command(do, code):
    assert served(do).split()[0] == code


def test_each_command_begins_with_the_same_state():
    do = "import builtins; builtins.seen = getattr(builtins, 'seen', 0) + 1; print(builtins.seen)"
    twice = ["sh", "-c", f"{BIN}/taprev; {BIN}/taprev"]
    command = [sys.executable, "-c", SERVER.format(load="yield from ()", do=do), *twice]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == r"""0 '1\n1\n' ''"""


@pytest.mark.parametrize("load", ["yield 1; raise ImportError('gone')", "raise ImportError('gone'); yield"])
def test_where_the_warm_process_dies_the_command_is_done_as_ever(load):
    assert served("print('warm')", "--help", load=load).startswith("0 'Usage: taprev")


def test_an_address_where_nobody_answers_is_no_harm(tmp_path):
    environment = {**os.environ, "TAPREV_WARM": str(tmp_path / "nobody")}
    done = subprocess.run([BIN / "taprev", "--help"], env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and "Usage: taprev" in done.stdout


def test_nothing_is_left_when_the_keeper_is_killed():
    code = SERVER.format(load="yield from ()", do="pass").replace('input="typed\\n", ', "")
    keeper = subprocess.Popen([sys.executable, "-c", code, "sleep", "60"], process_group=0)
    end = time.monotonic() + 10
    while len(below := psutil.Process(keeper.pid).children()) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    keeper.kill()
    keeper.wait()
    server = next(process for process in below if "sleep" not in process.name())
    gone, _ = psutil.wait_procs([server], timeout=10)
    assert gone == [server]
    for process in below:
        if process.is_running():
            process.kill()


def test_a_fork_opens_its_own_fonts():
    assert typeset.width("x", theme.BODY) > 0 and fonts.face.cache_info().currsize > 0
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, str(fonts.face.cache_info().currsize).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    with os.fdopen(read) as said:
        assert said.read() == "0"
