"""A run is never of other data: what was saved unseen, what was saved meanwhile, and what a stopped run left."""

from __future__ import annotations

import csv
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpers import EXAMPLE, ROOT, invented, snakemake, taprev, warmed
from taprev.cli.alone import BAR, STOPPED, _program, screen
from taprev.cli.shared import draws_progress
from taprev.provenance.before_run import clear_interrupted, clear_outdated
from taprev.synthesis.results import read_synthesis

pytestmark = pytest.mark.workflow
BIN = Path(sys.executable).parent
DOMAIN = "length_of_stay"


@pytest.fixture
def folder(finished_example, tmp_path) -> Path:
    """A copy of the finished example review, with its Makefile."""
    return with_makefile(Path(shutil.copytree(finished_example, tmp_path / "a review")))


@pytest.fixture
def unrun(tmp_path) -> Path:
    """The example review before its first run, with its Makefile."""
    kept = shutil.ignore_patterns("results", ".snakemake")
    return with_makefile(Path(shutil.copytree(EXAMPLE, tmp_path / "a review", ignore=kept)))


def with_makefile(folder: Path) -> Path:
    """Write the Makefile of a new review, and what it expects beside it, into a folder."""
    shutil.copy(ROOT / "src/taprev/starter/blank/Makefile", folder / "Makefile")
    shutil.copy(ROOT / "Snakefile", folder / "Snakefile")
    shutil.copytree(ROOT / "profiles/default", folder / "profiles/default", dirs_exist_ok=True)
    return folder


def environment(inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    return {**inherited, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(scope="module")
def warm() -> Iterator[dict[str, str]]:
    """An environment in which `taprev alone`, too, is done by a fork, which saves the loading of the libraries."""
    with warmed() as environment:
        yield environment


def start(folder: Path, inherited: Mapping[str, str] = os.environ) -> subprocess.Popen:
    """Start a run in a process group of its own, as a shell does, also where these tests ignore interruptions."""
    return subprocess.Popen(
        ["make", "review"],
        cwd=folder,
        env=environment(inherited),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def ended(process: subprocess.Popen) -> tuple[int, str]:
    """Wait for a process and return its exit code and what it said."""
    out, err = process.communicate(timeout=300)
    return process.returncode, out + err


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in (folder / "results").rglob("[!.]*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def first_study(folder: Path) -> float:
    return read_synthesis(folder / "results" / "synthesis" / f"{DOMAIN}.json").strata[0].studies[0].yi


def made_anew(folder: Path) -> None:
    """Have what is due of the numbers made, by plain Snakemake and without figures and documents."""
    done = snakemake(folder, f"results/synthesis/{DOMAIN}.json")
    assert done.returncode == 0, done.stderr


def outcomes(folder: Path) -> Path:
    return folder / "data" / "extracted" / "outcomes.csv"


def raise_first_mean(path: Path) -> None:
    """Write 60 for the mean of the first row of the example, which is 55."""
    with path.open(encoding="utf-8", newline="") as handle:
        header, first, *rest = csv.reader(handle)
    assert first[header.index("mean_arm1")] == "55"
    first[header.index("mean_arm1")] = "60"
    first[header.index("as_reported")] = first[header.index("as_reported")].replace("55 (47)", "60 (47)")
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows([header, first, *rest])


@pytest.mark.parametrize("moved", [0.0, -86400.0], ids=["time stood still", "time went back"])
def test_what_changed_without_a_newer_time_is_seen(folder, moved):
    path, before = outcomes(folder), first_study(folder)
    stamp = path.stat()
    raise_first_mean(path)
    os.utime(path, (stamp.st_atime + moved, stamp.st_mtime + moved))
    asked = taprev(folder, "status")
    assert asked.returncode == 1 and "data/extracted/outcomes.csv changed" in asked.stderr
    made_anew(folder)
    assert first_study(folder) == pytest.approx(before + 5)


@dataclass(frozen=True)
class TwoAtOnce:
    """What came of a run, and of one that was begun beside it: exit code and words."""

    folder: Path
    first: tuple[int, str]
    second: tuple[int, str]


@pytest.fixture(scope="module")
def two_at_once(finished_example, tmp_path_factory, warm) -> TwoAtOnce:
    """Two runs of a copy of the finished example, which has other data and lost the memory of Snakemake."""
    copied = tmp_path_factory.mktemp("copied") / "a review"
    folder = with_makefile(Path(shutil.copytree(finished_example, copied)))
    shutil.rmtree(folder / ".snakemake")
    raise_first_mean(outcomes(folder))
    os.utime(outcomes(folder), (0, 0))
    first = start(folder, warm)
    while not (folder / ".snakemake" / "taprev.lock").exists():
        time.sleep(0.02)
    time.sleep(0.5)
    second = ended(start(folder, warm))
    return TwoAtOnce(folder, ended(first), second)


def test_a_copied_review_without_the_memory_of_snakemake_is_made_of_its_own_data(two_at_once, finished_example):
    code, said = two_at_once.first
    assert code == 0, said
    assert first_study(two_at_once.folder) == pytest.approx(first_study(finished_example) + 5)


def test_of_two_runs_at_once_the_second_is_refused_and_the_first_ends_well(two_at_once):
    code, said = two_at_once.second
    assert code != 0 and "Another run of this review is in progress here (process" in said and "Traceback" not in said
    assert two_at_once.first[0] == 0


def test_results_of_other_code_or_choices_are_cleared_before_a_run(folder):
    settled, checked = folder / "results" / "settings.yaml", folder / "results" / "audit" / "checked.csv"
    clear_outdated(folder)
    assert settled.is_file() and checked.is_file()
    kept, involvement = checked.read_bytes(), folder / "results" / "audit" / "involvement.yaml"
    involvement.write_text("# another\n", encoding="utf-8")
    clear_outdated(folder)
    assert not checked.exists()
    checked.write_bytes(kept)
    shutil.copy(folder / "config" / "involvement.yaml", involvement)
    settled.write_text(settled.read_text("utf-8").replace('"source": "', '"source": "0'), encoding="utf-8")
    clear_outdated(folder)
    assert not settled.exists() and checked.is_file()
    raise_first_mean(outcomes(folder))
    clear_outdated(folder)
    assert not checked.exists()


def test_settings_that_changed_without_a_newer_time_are_seen(folder):
    path = folder / "config" / "review.yaml"
    stamp, text = path.stat(), path.read_text("utf-8")
    assert "synthesis:" not in text
    path.write_text(f"{text}\nsynthesis:\n  tau2_method: DL\n", encoding="utf-8")
    os.utime(path, (stamp.st_atime, stamp.st_mtime))
    made_anew(folder)
    assert read_synthesis(folder / "results" / "synthesis" / f"{DOMAIN}.json").strata[0].fit.tau2_method == "DL"


def test_another_version_of_a_library_makes_everything_anew(folder, tmp_path, monkeypatch):
    assert "Nothing to be done" in snakemake(folder, "-n").stdout
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.metadata as metadata\nusual = metadata.version\n"
        "metadata.version = lambda name: '0.1' if name == 'scipy' else usual(name)\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    said = snakemake(folder, "-n", warm=False).stdout
    assert re.search(r"params have changed since last execution:\s+settings\n", said), said
    assert re.search(r"input files updated by another job:\s+.*\bsynthesis\b", said), said


@pytest.mark.parametrize("made", ["results/audit/checked.csv", f"results/synthesis/{DOMAIN}.json"])
def test_a_table_saved_during_a_run_is_never_certified(unrun, made, warm):
    process = start(unrun, warm)
    while not (unrun / made).exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    raise_first_mean(outcomes(unrun))
    code, said = ended(process)
    if code:
        assert not (unrun / "results" / "manifest.json").exists()
        assert "data/extracted/outcomes.csv changed while" in said
        code, said = ended(start(unrun, warm))
    assert code == 0, said
    assert first_study(unrun) == pytest.approx(-15.0)
    done = taprev(unrun, "verify")
    assert done.returncode == 0, done.stderr


def test_later_rules_read_the_copies_that_were_checked(root):
    rules = re.split(r"^rule ", (root / "Snakefile").read_text("utf-8"), flags=re.M)[1:]
    reading = {rule.split(":")[0] for rule in rules if re.search(r"\b(EXTRACTED|RAW|RECEIVED|ANSWERS|INPUTS)\b", rule)}
    assert reading == {"check", "manifest"}
    later = [rule for rule in rules if "KEPT" in rule and not rule.startswith(("all", "check", "manifest"))]
    assert len(later) >= 11
    copies = re.compile(r"--(data|citation) results/audit\b")
    assert [rule.split(":")[0] for rule in later if not copies.search(rule)] == []


def test_a_form_that_is_gone_is_gone_from_the_copies(folder):
    (folder / "data" / "raw").mkdir(exist_ok=True)
    answers = folder / "data" / "raw" / "answers.csv"
    answers.write_text("check,result,answer\n", encoding="utf-8")
    assert snakemake(folder, "results/audit/checked.csv").returncode == 0
    assert (folder / "results" / "audit" / "raw" / "answers.csv").is_file()
    answers.unlink()
    assert snakemake(folder, "results/audit/checked.csv").returncode == 0
    assert not (folder / "results" / "audit" / "raw" / "answers.csv").exists()


def stop_at(process: subprocess.Popen, moment: float, how: int) -> None:
    """Send a signal to all processes of a run, as the end of a terminal does, a while after its start."""
    time.sleep(moment)
    if process.poll() is None:
        os.killpg(process.pid, how)
    process.communicate(timeout=60)


def test_after_stopped_runs_the_next_goes_on_to_the_same_bytes(unrun, finished_example):
    """Killed, interrupted by Ctrl-C, and its terminal closed, at moments of which each is later in the run."""
    moments = random.Random(1)
    for earliest, how in zip((1.0, 2.0, 4.0), (signal.SIGKILL, signal.SIGINT, signal.SIGHUP), strict=True):
        stop_at(start(unrun), earliest + moments.uniform(0.0, 2.0), how)
    code, said = ended(start(unrun))
    assert code == 0, said
    made, wanted = contents(unrun), contents(finished_example)
    assert {name for name in wanted if made.get(name) != wanted[name]} == set() and set(made) == set(wanted)


def test_ctrl_c_leaves_one_sentence_of_ours(unrun):
    process = start(unrun)
    while not (unrun / "results").exists():
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, said = ended(process)
    assert said.count(STOPPED) == 1 and "Traceback" not in said


def alone(folder: Path, code: str, *options: str, **more: object) -> subprocess.Popen:
    """Start `taprev alone` with a script of the shell."""
    words = [BIN / "taprev", "alone", *options, "--", "sh", "-c", code]
    return subprocess.Popen(
        words, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, process_group=0, **more
    )


def test_nothing_of_a_run_outlives_the_command_that_ran_it(tmp_path):
    process = alone(tmp_path, "(sleep 2; echo late > late) & kill -9 $$")
    assert ended(process)[0] == 247
    time.sleep(2.5)
    assert not (tmp_path / "late").exists()


def test_a_run_that_ignores_the_end_of_its_terminal_goes_on(tmp_path):
    process = alone(tmp_path, "sleep 1.5; echo done", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    time.sleep(0.8)
    process.send_signal(signal.SIGHUP)
    assert ended(process) == (0, "done\n")


@pytest.mark.parametrize("disposition", [signal.SIG_DFL, signal.SIG_IGN], ids=["foreground", "background"])
def test_what_is_stopped_with_grace_is_interrupted_even_where_the_shell_ignores_interruptions(tmp_path, disposition):
    script = tmp_path / "taking_back.py"
    script.write_text(
        "import pathlib, time\ntry:\n    print('started', flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    pathlib.Path('taken back').touch()\n",
        encoding="utf-8",
    )
    code = f"exec '{sys.executable}' taking_back.py"
    process = alone(tmp_path, code, "--grace", "20", preexec_fn=lambda: signal.signal(signal.SIGINT, disposition))
    assert process.stdout.readline() == "started\n"
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert ended(process)[0] == 128 + signal.SIGTERM
    assert (tmp_path / "taken back").exists() and time.monotonic() - begun < 15


def test_a_run_in_the_background_is_not_stopped_by_an_interruption(tmp_path):
    process = alone(tmp_path, "sleep 1.5; echo done", preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    time.sleep(0.8)
    process.send_signal(signal.SIGINT)
    assert ended(process) == (0, "done\n")


def test_a_long_folder_for_temporary_files_is_no_harm(tmp_path):
    long = tmp_path / ("a long name " * 10)
    long.mkdir()
    code, said = ended(alone(tmp_path, "echo done", env={**os.environ, "TMPDIR": str(long)}))
    assert (code, said) == (0, "done\n")


@pytest.mark.parametrize(
    ("words", "program"),
    [
        (["/a/.venv/bin/python", "/a/.venv/bin/taprev", "check"], "taprev"),
        (["python3.12", "-X", "dev", "-u", "-m", "snakemake", "effects"], "snakemake"),
        (["/usr/bin/snakemake", "-n"], "snakemake"),
        (["python3", "-c", "pass", "src/taprev"], "pass"),
        (["vim", "src/taprev"], "vim"),
        (["watch", "taprev", "status"], "watch"),
        ([], ""),
    ],
)
def test_only_what_runs_a_review_is_taken_for_a_run(words, program):
    assert _program(words) == program


def test_a_plain_snakemake_in_progress_is_not_unlocked(unrun, monkeypatch):
    words = [sys.executable, "-m", "snakemake", "--cores", "1"]
    quiet = {"stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    plain = subprocess.Popen(words, cwd=unrun, env=environment(), process_group=0, **quiet)
    while not list((unrun / ".snakemake").glob("locks/*")):
        assert plain.poll() is None
        time.sleep(0.02)
    script = (
        "from pathlib import Path; from taprev.cli.alone import InProgress, only_run\n"
        "try:\n    with only_run(Path(), patience=0.5): print('alone')\n"
        "except InProgress as error: print(error)\n"
    )
    asked = subprocess.run([sys.executable, "-c", script], cwd=unrun, capture_output=True, text=True)
    os.killpg(plain.pid, signal.SIGKILL)
    plain.wait(timeout=60)
    assert f"(process {plain.pid})" in asked.stdout and asked.stderr == ""


def test_a_folder_that_lost_a_figure_is_made_anew_and_unfinished_files_are_cleared(folder, warm):
    before = contents(folder)
    (folder / "results" / "figures" / DOMAIN / f"{DOMAIN}_forest.png").unlink()
    (folder / "results" / "audit" / "pages" / "index.html").unlink(missing_ok=True)
    (folder / "results" / ".report.html.ab12cd3_.tmp").write_text("half", encoding="utf-8")
    (folder / "results" / "audit" / ".pages.x1").mkdir()
    (folder / ".snakemake" / "locks").mkdir(exist_ok=True)
    (folder / ".snakemake" / "locks" / "0.input.lock").write_text("config/review.yaml\n", encoding="utf-8")
    code, said = ended(start(folder, warm))
    assert code == 0, said
    assert contents(folder) == before
    assert not [path for path in (folder / "results").rglob(".*") if path.suffix == ".tmp" or ".pages" in path.name]


def test_what_people_keep_under_results_is_not_cleared(tmp_path):
    kept = tmp_path / "results" / ".my notes.tmp"
    kept.parent.mkdir()
    kept.write_text("mine", encoding="utf-8")
    clear_interrupted(tmp_path)
    assert kept.read_text("utf-8") == "mine"


def test_a_failing_command_ends_the_run_with_its_sentence(unrun, warm):
    path = outcomes(unrun)
    path.write_text(path.read_text("utf-8").replace(",controlled,", ",kontrolled,", 1), encoding="utf-8")
    code, said = ended(start(unrun, warm))
    assert code != 0 and 'found "kontrolled"' in said and "Traceback" not in said
    assert "RuleException" not in said and "WorkflowError" not in said


def test_the_makefile_of_a_new_review_runs_what_ours_runs(root):
    def recipe(path: Path, target: str) -> list[str]:
        text = path.read_text("utf-8").replace("$(BIN)/", "")
        [lines] = re.findall(rf"^{target}:.*\n((?:\t.*\n)+)", text, flags=re.M)
        return lines.splitlines()

    ours, theirs = root / "Makefile", root / "src/taprev/starter/blank/Makefile"
    for target in ("review", "run", "help"):
        assert recipe(ours, target) == recipe(theirs, target), target


@pytest.mark.parametrize(
    ("terminal", "kind", "able"),
    [(True, "xterm-256color", True), (True, "dumb", False), (True, None, False), (False, "xterm-256color", False)],
)
def test_a_progress_bar_is_drawn_on_a_terminal_that_can_and_lines_are_said_elsewhere(monkeypatch, terminal, kind, able):
    monkeypatch.setattr(sys, "stderr", invented(isatty=lambda: terminal))
    monkeypatch.delenv("TERM", raising=False)
    if kind:
        monkeypatch.setenv("TERM", kind)
    assert draws_progress() == able and (screen() == BAR) == able
