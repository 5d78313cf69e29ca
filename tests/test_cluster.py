"""The review on a real SLURM of one node: the bytes of a local run, and nothing left running when it is stopped."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from helpers import EXAMPLE, ROOT

pytestmark = [pytest.mark.workflow, pytest.mark.cluster]
BIN = Path(sys.executable).parent
USUAL = Path("/etc/slurm/slurm.conf")
CGROUP = USUAL.with_name("cgroup.conf")
HOST = socket.gethostname().partition(".")[0]
SOON = """
slurm-no-account: true
slurm-status-command: squeue
seconds-between-status-checks: 1
"""
CONF = """
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={place}/munge.socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
StateSaveLocation={place}/state
SlurmdSpoolDir={place}/spool
SlurmctldPidFile={place}/slurmctld.pid
SlurmdPidFile={place}/slurmd.pid
SlurmctldLogFile={place}/slurmctld.log
SlurmdLogFile={place}/slurmd.log
ReturnToService=2
JobRequeue=0
MailProg=/bin/true
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory=2000
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def lacking(why: str) -> None:
    """Skip for a reason, or fail for it where everything must be there."""
    (pytest.fail if os.environ.get("TAPREV_REQUIRE_ALL") == "1" else pytest.skip)(why)


def said(*words: str | Path) -> str:
    """Return what a command says; it must end well."""
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def release() -> tuple[int, ...]:
    """Return the release of SLURM, such as (24, 11)."""
    return tuple(map(int, re.findall(r"\d+", said("slurmd", "-V"))[:2]))


@pytest.fixture(scope="module")
def slurm(tmp_path_factory) -> Iterator[Path]:
    """A SLURM on this machine, stopped at the end; SLURM looks for its settings in one place, so they are put there."""
    if missing := [name for name in ("munged", "slurmctld", "slurmd", "sbatch", "squeue") if not shutil.which(name)]:
        lacking(f"{', '.join(missing)}: install slurm-wlm and munge to try a cluster")
    if os.geteuid() or USUAL.exists() or CGROUP.exists():
        lacking(f"a cluster of the test's own needs root, and a machine without {USUAL} and {CGROUP}")
    place = tmp_path_factory.mktemp("slurm", numbered=True)
    key = place / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    for name in ("state", "spool"):
        (place / name).mkdir()
    place.chmod(0o755)
    conf = place / "slurm.conf"
    conf.write_text(CONF.format(host=HOST, place=place, cores=os.cpu_count()), encoding="utf-8")
    USUAL.parent.mkdir(parents=True, exist_ok=True)
    USUAL.symlink_to(conf)
    own = (f"--{name}={place}/munge.{name}" for name in ("socket", "pid-file", "log-file", "seed-file"))
    try:
        if release() >= (23, 11):  # it asks for control groups, which a container may not have; earlier ones do not
            CGROUP.write_text("CgroupPlugin=disabled\n", encoding="utf-8")
        said("munged", "--force", f"--key-file={key}", *own)
        said("slurmctld")
        said("slurmd")
        yield place
    finally:
        for name in ("slurmd.pid", "slurmctld.pid", "munge.pid-file"):
            if (place / name).is_file():
                subprocess.run(["kill", (place / name).read_text().strip()], check=False)
        USUAL.unlink()
        CGROUP.unlink(missing_ok=True)


@pytest.fixture
def folder(slurm, tmp_path) -> Path:
    """The example review with what `taprev init` writes, and a profile for a cluster that is small and asked often."""
    review = tmp_path / "a review"
    shutil.copytree(EXAMPLE, review, ignore=shutil.ignore_patterns("results", ".snakemake"))
    shutil.copytree(ROOT / "profiles", review / "profiles")
    shutil.copy(ROOT / "Snakefile", review)
    shutil.copy(ROOT / "src/taprev/starter/blank/Makefile", review)
    profile = review / "profiles/slurm/config.yaml"
    usual = profile.read_text("utf-8")
    assert "status-checks: 5" in usual
    profile.write_text(usual.replace("status-checks: 5", "status-checks: 1") + SOON, encoding="utf-8")
    return review


def start(folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    words = ["make", "review", "PROFILE=slurm"]
    return subprocess.Popen(
        words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, process_group=0
    )


def submissions(slurm: Path) -> int:
    """Return how many jobs SLURM was ever given."""
    return (slurm / "slurmctld.log").read_text("utf-8").count("submit_batch_job: JobId=")


def until(holds: Callable[[], object], slurm: Path) -> None:
    """Wait until something holds; fail with the words of the cluster where it does not within half a minute."""
    for _ in range(300):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError((slurm / "slurmctld.log").read_text("utf-8"))


def die(slurm: Path, folder: Path) -> None:
    """Have the only node die in the middle of a job, as when its power fails."""
    until((folder / "results/settings.yaml").is_file, slurm)
    assert said("squeue", "-h", "-t", "R")
    steps = [one for one in psutil.process_iter() if one.name().startswith("slurmstepd")]
    works = [below for step in steps for below in step.children(recursive=True)]
    assert works, "the node worked at nothing"
    for process in (psutil.Process(int((slurm / "slurmd.pid").read_text())), *steps, *works):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    said("scontrol", "update", f"NodeName={HOST}", "State=DOWN", "Reason=died")


def come_back(slurm: Path) -> None:
    """Have the node that died come back, with nothing of what it worked at."""
    said("slurmd")
    until(lambda: "idle" in said("sinfo", "-h", "-o", "%T"), slurm)


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in (folder / "results").rglob("[!.]*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_run_that_is_stopped_and_loses_its_node_ends_in_the_bytes_of_a_local_one(slurm, folder, finished_example):
    stopped = start(folder)
    assert any("has been submitted" in line for line in stopped.stdout)
    time.sleep(1)
    assert said("squeue", "-h", "-t", "R,PD")
    stopped.terminate()
    assert "Stopped. What was finished stays" in stopped.communicate(timeout=120)[0]
    assert not said("squeue", "-h", "-t", "R,PD")

    shutil.rmtree(folder / "results", ignore_errors=True)
    lost = start(folder)
    die(slurm, folder)
    told, _ = lost.communicate(timeout=120)
    assert lost.returncode != 0 and "The review stopped." in told and "Traceback" not in told
    assert not (folder / "results/manifest.json").exists() and not said("squeue", "-h", "-t", "R,PD")

    come_back(slurm)
    process, before = start(folder), submissions(slurm)
    told, _ = process.communicate(timeout=400)
    assert process.returncode == 0, told
    assert contents(folder) == contents(finished_example)
    assert submissions(slurm) - before == 4, "for effects, the rest of the reading, a domain, and the whole"
    assert "Studies: 9" in told


def test_a_cluster_that_refuses_says_so_and_nothing_is_sealed(folder):
    profile = folder / "profiles/slurm/config.yaml"
    profile.write_text(profile.read_text("utf-8").replace("runtime: 5", "runtime: 5\n  slurm_partition: nowhere"))
    process = start(folder)
    told, _ = process.communicate(timeout=120)
    assert process.returncode != 0 and "The review stopped." in told and "Traceback" not in told
    assert not (folder / "results/manifest.json").exists()
