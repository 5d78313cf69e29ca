"""The workflow as people run it: real Snakemake, from settings and data to results, again, and after a change."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from helpers import EXAMPLE, run, snakemake, taprev
from taprev.ground.places import figure_pages
from taprev.synthesis.results import Synthesis, read_synthesis

pytestmark = pytest.mark.workflow
FIGURES = ("forest", "funnel", "leave_one_out", "multiverse", "posterior")


def contents(folder: Path) -> dict[str, str]:
    files = [path for path in (folder / "results").rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def times(folder: Path) -> dict[str, int]:
    files = [path for path in (folder / "results").rglob("[!.]*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in files}


def synthesis(folder: Path, domain: str) -> Synthesis:
    return read_synthesis(folder / "results" / "synthesis" / f"{domain}.json")


@pytest.fixture(scope="module")
def shipped(finished, tmp_path_factory) -> Path:
    """A copy of the shipped review with its results, to be changed, run again, and left as it was."""
    return Path(shutil.copytree(finished, tmp_path_factory.mktemp("shipped") / "my review"))


@pytest.fixture(scope="module")
def small(finished_example, tmp_path_factory) -> Path:
    """A copy of the example review with its results, where everything can be made anew in seconds."""
    return Path(shutil.copytree(finished_example, tmp_path_factory.mktemp("small") / "my review"))


def domains(folder: Path) -> list[str]:
    return list(yaml.safe_load((folder / "config" / "review.yaml").read_text("utf-8"))["domains"])


def svg_text(path: Path) -> str:
    root = ElementTree.parse(path).getroot()
    return " ".join("".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text"))


def test_every_declared_output_exists_and_fates_sum(shipped):
    with (shipped / "data" / "extracted" / "outcomes.csv").open(encoding="utf-8", newline="") as handle:
        rows = [row["domain"] for row in csv.DictReader(handle)]
    with (shipped / "results" / "figures" / "not_drawn.csv").open(encoding="utf-8", newline="") as handle:
        gaps = {(row["domain"], row["figure"]) for row in csv.DictReader(handle)}
    with (shipped / "results" / "tables" / "fates.csv").open(encoding="utf-8", newline="") as handle:
        excluded = [row["domain"] for row in csv.DictReader(handle) if row["fate"] == "excluded"]
    for domain in domains(shipped):
        folder = shipped / "results" / "figures" / domain
        drawn = {figure for figure in FIGURES if (domain, figure) not in gaps}
        assert {re.sub(r"_[2-9](?=\.)", "", path.name) for path in folder.glob("[!.]*")} == {
            f"{domain}_{figure}.{kind}" for figure in drawn for kind in ("svg", "png", "pdf", "csv", "txt")
        }
        if rows.count(domain) == excluded.count(domain):
            assert not drawn
            continue
        printed = " ".join(map(svg_text, figure_pages(folder / f"{domain}_forest.svg")))
        counts = re.search(
            r"(\d+) results?: (\d+) pooled, (\d+) shown, (\d+) direction only, (\d+) excluded\.", printed
        )
        total, *fates = map(int, counts.groups())
        assert total == sum(fates) == rows.count(domain)
        with (shipped / "results" / "effects" / f"{domain}.csv").open(encoding="utf-8", newline="") as handle:
            assert len(list(csv.DictReader(handle))) == total
        assert f"seal {synthesis(shipped, domain).seal}" in printed
    for name in ("report.html", "tables/summary.csv", "audit/crosscheck.csv", "audit/changes.json"):
        assert (shipped / "results" / name).stat().st_size


def test_the_crosscheck_is_clean(shipped):
    with (shipped / "results" / "audit" / "crosscheck.csv").open(encoding="utf-8", newline="") as handle:
        verdicts = [row["verdict"] for row in csv.DictReader(handle)]
    assert verdicts.count("agrees") >= 60 and "disagrees" not in verdicts


def test_five_lines_say_what_the_review_holds(shipped):
    done = taprev(shipped, "status")
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "Studies",
        "Rows",
        "Not pooled",
        "Crosscheck",
        "Look at",
    ]
    assert lines[1] == "Rows: 154 results: 28 pooled, 20 shown, 78 direction only, 28 excluded."
    assert " 0 disagree" in lines[3] and "results/report.html" in lines[4]


def test_an_idle_answer_stops_the_review_and_is_named(shipped):
    path = shipped / "data" / "raw" / "answers.csv"
    kept = path.read_bytes()
    path.write_bytes(kept + b"p_against_t,r012,nothing was asked\n")
    done = taprev(shipped, "check")
    path.write_bytes(kept)
    assert done.returncode == 1 and "this answer answers nothing" in done.stderr and "earlier data" in done.stderr


def test_results_do_not_differ_from_the_review_they_were_made_of(shipped):
    done = taprev(shipped, "diff", "results")
    assert done.returncode == 0, done.stderr
    assert "Nothing changed" in done.stdout and "No pooled number moved" in done.stdout
    assert "stored number" not in done.stdout


def test_a_second_run_does_nothing(shipped):
    before = contents(shipped), times(shipped)
    assert run(shipped).count("Nothing to be done") == 2
    assert (contents(shipped), times(shipped)) == before


def test_a_reworded_comment_makes_the_manifest_anew_and_nothing_else(shipped):
    path, before = shipped / "config" / "review.yaml", times(shipped)
    kept = path.read_text("utf-8")
    path.write_text("# Another comment.\n" + kept, encoding="utf-8")
    named = taprev(shipped, "verify")
    assert named.returncode == 1 and "in its wording only: every choice is the same" in named.stderr
    assert run(shipped).count("Nothing to be done") == 1
    after = times(shipped)
    anew = {name for name in after if after[name] != before.get(name)}
    assert anew == {"results/manifest.json", "results/SHA256SUMS"}
    assert taprev(shipped, "verify").returncode == 0
    path.write_text(kept, encoding="utf-8")
    run(shipped)


def test_what_was_deleted_is_made_again(shipped):
    gone = [shipped / "results" / name for name in ("audit/changes.json", "figures/youth_ptsd/youth_ptsd_forest.png")]
    for path in gone:
        path.unlink()
    assert taprev(shipped, "verify").returncode == 1
    run(shipped)
    assert all(path.is_file() for path in gone) and taprev(shipped, "verify").returncode == 0


@pytest.mark.parametrize(
    ("review", "name", "old", "new"),
    [
        ("shipped", "figures/staff_knowledge/staff_knowledge_forest.svg", "0.79", "0.99"),
        ("small", "effects/length_of_stay.csv", "n01,", "n017,"),
        ("small", "settings.yaml", '"tau2_method": "REML"', '"tau2_method": "DL"'),
        ("small", "tables/summary.csv", "length_of_stay", "length_of_stayf"),
    ],
)
def test_what_was_altered_by_hand_is_not_sealed_by_another_run(request, review, name, old, new):
    folder = request.getfixturevalue(review)
    path = folder / "results" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert taprev(folder, "verify").returncode == 1
    snakemake(folder)
    assert taprev(folder, "verify").returncode == 1 and taprev(folder, "status").returncode == 1
    path.unlink()
    run(folder)
    assert taprev(folder, "verify").returncode == 0 and path.read_text("utf-8") == text


def test_one_changed_figure_reruns_one_synthesis_and_one_figure(finished, edit, tmp_path):
    shipped = Path(shutil.copytree(finished, tmp_path / "my review"))
    before, seal = times(shipped), synthesis(shipped, "staff_knowledge").seal
    for form in ("first", "second"):
        edit(shipped / "data" / "raw" / f"form_{form}.csv", "r057", "t", "9.86")
    assert taprev(shipped, "reconcile").returncode == 0
    run(shipped)
    after = times(shipped)
    made = {name for name in after if after[name] != before.get(name)}
    assert {name for name in made if "/synthesis/" in name} == {"results/synthesis/staff_knowledge.json"}
    drawn = {Path(name).parent.name for name in made if "/figures/" in name}
    assert drawn == {"figures", "whole-review", "staff_knowledge"}
    assert synthesis(shipped, "staff_knowledge").seal != seal


def test_a_consensus_changed_by_hand_stops_and_old_figures_are_called_old(shipped, edit):
    before = contents(shipped)
    path = shipped / "data" / "extracted" / "outcomes.csv"
    kept = path.read_bytes()
    edit(path, "r058", "n_arm1", "320")
    done = taprev(shipped, "check")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "outcomes.csv, row 59 (r058, SSWR2018_MHtraining), column n_arm1" in done.stderr
    assert "What lies in results/ belongs to the earlier data" in done.stderr
    failed = snakemake(shipped)
    assert failed.returncode == 1
    assert {name: sha for name, sha in contents(shipped).items() if "audit" not in name} == {
        name: sha for name, sha in before.items() if "audit" not in name
    }
    again = snakemake(shipped)
    assert again.returncode == 1, "a second run must not call the failed check done"
    path.write_bytes(kept)


def test_results_do_not_depend_on_cores_place_or_a_warm_process(finished_example, tmp_path):
    folder = tmp_path / "one"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("results", ".snakemake"))
    done = snakemake(folder, cores=1, warm=False)
    assert done.returncode == 0, done.stderr
    assert " " in finished_example.name and contents(folder) == contents(finished_example)


def test_the_example_is_pooled_as_days_and_says_better_and_worse(finished_example):
    folder = finished_example
    [stratum] = synthesis(folder, "length_of_stay").strata
    assert (stratum.fit.k, stratum.unit, stratum.scale) == (9, "days", "md")
    assert [round(study.yi) for study in stratum.studies] == [-20, -2, -55, -71, -4, 1, 11, -10, 7]
    assert "days" in svg_text(folder / "results" / "figures" / "length_of_stay" / "length_of_stay_forest.svg")


@pytest.mark.reference
def test_r_gives_the_pooled_numbers_of_the_shipped_review(shipped, rscript, tmp_path):
    """Feed the published effects to metafor under tight control and compare what it pools."""
    strata = [
        (domain, stratum)
        for domain in domains(shipped)
        for stratum in (*synthesis(shipped, domain).strata, *synthesis(shipped, domain).sensitivity)
        if stratum.fit
    ]
    assert len(strata) == 4
    script = tmp_path / "pool.R"
    script.write_text(
        "suppressMessages(library(metafor)); library(jsonlite); d <- fromJSON(commandArgs(TRUE)[1], simplifyVector=F)\n"
        "out <- lapply(d, function(s) { f <- rma(unlist(s$yi), unlist(s$vi), method='REML',\n"
        "  test=if (s$ci == 'wald') 'z' else 'knha', control=list(threshold=1e-12, maxiter=10000))\n"
        "  list(tau2=f$tau2, estimate=f$beta[1], ci_lb=f$ci.lb, ci_ub=f$ci.ub, I2=f$I2, Q=f$QE) })\n"
        "cat(toJSON(out, digits=NA, auto_unbox=TRUE))\n"
    )
    sets = []
    for _, stratum in strata:
        pooled = [study for study in stratum.studies if study.fate == "pooled"]
        sets.append({"yi": [s.yi for s in pooled], "vi": [s.vi for s in pooled], "ci": stratum.fit.ci_method})
    (tmp_path / "sets.json").write_text(json.dumps(sets))
    done = subprocess.run([rscript, script, tmp_path / "sets.json"], capture_output=True, text=True, check=True)
    for theirs, (domain, stratum) in zip(json.loads(done.stdout), strata, strict=True):
        for name, value in theirs.items():
            assert getattr(stratum.fit, name) == pytest.approx(value, rel=1e-8, abs=1e-8), (domain, name)


def test_make_help_lists_every_target(root):
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"}
    done = subprocess.run(["make", "help"], cwd=root, capture_output=True, text=True, env=outside)
    listed = [line.split()[1] for line in done.stdout.splitlines()]
    assert listed == ["help", "review", "check", "test", "docs", "bench", "reference", "clean"]
