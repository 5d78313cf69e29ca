"""A review of one's own: from an installed wheel, in a folder with a space, by the words of its README alone."""

from __future__ import annotations

import csv
import math
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
import yaml
from markupsafe import escape
from openpyxl import load_workbook
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers import ROOT, in_own_words, snakemake, typed
from taprev.cli import main
from taprev.extraction.checks import review_problems
from taprev.extraction.table_problems import table_problems
from taprev.extraction.tables import codebook, columns, read_rows
from taprev.ground.extras import DOCUMENTS, NOT_HERE
from taprev.ground.fingerprint import source_fingerprint
from taprev.ground.shipped import CODEBOOK, METHODS, NOTEBOOKS, PROFILES, SNAKEFILE
from taprev.settings import read_settings
from taprev.starter.codebook import another_codebook
from taprev.starter.forms.sheet_plan import FIRST_ROW
from taprev.starter.messages import next_steps
from taprev.starter.write import HERE, review_files, write_review
from taprev.synthesis.results import Fit, read_synthesis

OF_THE_SHIPPED_REVIEW = re.compile(r"trauma|samhsa|tap[ _-]care|uk_|nation|children_youth|seclusion|carer", re.I)
SUMMARY = "python -m snakemake --summary"
METAFOR = {"estimate": -0.7145323, "tau2": 0.3132433}
BOTH = pytest.mark.parametrize("example", [False, True], ids=["blank", "example"])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """A wheel of the repository as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    words = [
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-build-isolation",
        "--no-deps",
        "--no-index",
        "-w",
        folder,
        ROOT,
    ]
    subprocess.run([sys.executable, *map(str, words)], check=True, env=_environment())
    [made] = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """An environment outside the repository with the wheel, what it declares for itself and its documents, no more."""
    return environment_of(wheel, tmp_path_factory.mktemp("environment") / "env", DOCUMENTS)


@pytest.fixture(scope="module")
def without_documents(wheel, tmp_path_factory) -> Path:
    """The same without what only documents need."""
    return environment_of(wheel, tmp_path_factory.mktemp("environment") / "bare")


def environment_of(wheel: Path, folder: Path, *extras: str) -> Path:
    """Make an environment that has a wheel and what it needs with these extras."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    ask = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    asked = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True)
    for library in needed_by("taprev", *extras).values():
        link(library, Path(asked.stdout.strip()), folder / "bin")
    words = ["-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run([sys.executable, *map(str, words)], check=True, env=_environment())
    return folder


def needed_by(name: str, *extras: str) -> dict[str, Distribution]:
    """Return the distributions that one needs with these of its extras, and those that these need."""
    asked = [(canonicalize_name(name), extra) for extra in ("", *extras)]
    for wanted, extra in asked:
        requirements = [Requirement(text) for text in distribution(wanted).requires or ()]
        here = [one for one in requirements if not one.marker or one.marker.evaluate({"extra": extra})]
        named = [(canonicalize_name(one.name), more) for one in here for more in ("", *one.extras)]
        asked += [one for one in dict.fromkeys(named) if one not in asked]
    return {wanted: distribution(wanted) for wanted, _ in asked if wanted != canonicalize_name(name)}


def link(library: Distribution, libraries: Path, programs: Path) -> None:
    """Link the packages and the programs of a distribution of this environment into another one."""
    for name in {file.parts[0] for file in library.files or () if file.parts[0] not in ("..", "__pycache__")}:
        if not (libraries / name).exists():
            (libraries / name).symlink_to(library.locate_file(name))
    for entry in library.entry_points.select(group="console_scripts"):
        module, _, function = entry.value.partition(":")
        program = f"#!{programs}/python\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n"
        (programs / entry.name).write_text(program, encoding="utf-8")
        (programs / entry.name).chmod(0o755)


def _environment(**more: str) -> dict[str, str]:
    """Return the environment without what would lead an installed copy back to the repository."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in hidden} | more


def type_in(installed: Path, folder: Path, lines: str) -> str:
    """Type lines in a shell in which the installed environment is active, and return what was said."""
    active = _environment(PATH=f"{installed / 'bin'}{os.pathsep}{os.environ['PATH']}")
    done = subprocess.run(["bash", "-ec", lines], cwd=folder, env=active, capture_output=True, text=True)
    assert done.returncode == 0, f"{lines}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def printed_commands(readme: Path) -> list[str]:
    """Return the blocks of commands that a README prints."""
    return re.findall(r"^```\n(.*?)^```", readme.read_text("utf-8"), flags=re.M | re.S)


def unfinished(folder: Path, summary: str) -> list[str]:
    """Return every output of the workflow that is missing or would be made again, by what `--summary` says."""
    rows = summary.splitlines()
    header = rows[0].split("\t")
    listed = [dict(zip(header, row.split("\t"), strict=True)) for row in rows[1:]]
    assert len(listed) > 20
    return [
        row["output_file"] for row in listed if row["plan"] != "no update" or not (folder / row["output_file"]).exists()
    ]


def fit(folder: Path, domain: str, stratum: str) -> Fit:
    content = read_synthesis(folder / "results" / "synthesis" / f"{domain}.json")
    return next(s for s in (*content.strata, *content.sensitivity) if s.name == stratum).fit


README_TABLE = re.compile(r"^\| column \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", re.M)


def fill_form(path, *rows):
    """Type rows into a form as a workbook, the first where its first row is begun."""
    book = load_workbook(path)
    sheet = book["outcomes"]
    place = {cell.value: cell.column for cell in sheet[1]}
    for number, row in enumerate(rows, start=FIRST_ROW):
        for name, text in row.items():
            sheet.cell(number, place[name], text)
    book.save(path)


def told_to_fill(readme: Path) -> list[dict[str, str]]:
    """Return what a README says to write, by column, in studies.csv, in reports.csv and in the forms."""
    found = []
    for table in README_TABLE.findall(readme.read_text("utf-8")):
        lines = [line.strip("| ").split(" | ") for line in table.splitlines()]
        cells = [(re.findall(r"`(\w+)`", line[0]), line[2].split(", ")) for line in lines]
        found.append({name: value for pair in cells for name, value in zip(*pair, strict=True)})
    return found


def second(row: dict[str, str], **figures: str) -> dict[str, str]:
    """Return the row of a second study from that of the first, with figures of its own."""
    words = (("first", "second"), ("First", "Second"), ("r1", "r2"))
    for old, new in words:
        row = {name: value.replace(old, new) for name, value in row.items()}
    return row | figures


OTHER_FIGURES = {
    "event_arm1": "9",
    "totaln_arm1": "80",
    "event_arm2": "15",
    "totaln_arm2": "81",
    "n_arm1": "80",
    "n_arm2": "81",
    "as_reported": "9/80 v 15/81",
}


def fill(path: Path, *rows: dict[str, str]) -> None:
    """Fill rows into a table that has a header alone."""
    with path.open(encoding="utf-8", newline="") as handle:
        header = next(csv.reader(handle))
    with path.open("a", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, header, lineterminator="\n")
        writer.writerows(rows)


def front_page() -> str:
    """Return the lines with which the front page begins a review."""
    text = (ROOT / "README.md").read_text("utf-8").partition("## Start your own review")[2].partition("\n## ")[0]
    [lines] = re.findall(r"^```\n(.*?)^```", text, flags=re.M | re.S)
    return lines


@pytest.fixture(scope="module")
def example_run(installed, tmp_path_factory) -> Path:
    """The example review, begun from the wheel by the lines of the front page, then by those of its own README."""
    place = tmp_path_factory.mktemp("people") / "taprev"
    place.mkdir()
    (place / ".venv").symlink_to(installed)
    type_in(installed, place, front_page())
    folder = place.parent / "my review"
    for block in printed_commands(folder / "README.md"):
        type_in(installed, folder, block)
    return folder


@pytest.mark.workflow
def test_a_new_example_says_what_to_type_next(installed, tmp_path):
    said = type_in(installed, tmp_path, 'taprev init "my review" --example')
    assert "cd 'my review'" in said and "make review" in said


@pytest.mark.workflow
def test_the_wheel_is_what_runs(installed, tmp_path):
    said = type_in(installed, tmp_path, "python -c 'import taprev; print(taprev.__file__)'")
    assert Path(said.strip()).is_relative_to(installed)
    asked = "from taprev.ground.fingerprint import source_fingerprint; print(source_fingerprint())"
    assert type_in(installed, tmp_path, f"python -c '{asked}'").strip() == source_fingerprint()


@pytest.mark.workflow
def test_the_wheel_holds_the_one_snakefile_codebook_and_notebook(wheel):
    with zipfile.ZipFile(wheel) as archive:
        for name in (METHODS, SNAKEFILE, *PROFILES, CODEBOOK, *NOTEBOOKS):
            assert archive.read(f"taprev/starter/{name}") == (ROOT / name).read_bytes()
        assert [n for n in archive.namelist() if n.endswith("Snakefile")] == ["taprev/starter/Snakefile"]
    for name in (METHODS, SNAKEFILE, *PROFILES, CODEBOOK, *NOTEBOOKS):
        assert not (HERE / name).exists(), "the repository has one of each"


@pytest.mark.workflow
def test_the_example_runs_from_the_wheel(installed, example_run):
    assert unfinished(example_run, type_in(installed, example_run, SUMMARY)) == []
    pooled = fit(example_run, "tuberculosis", "controlled_any")
    assert pooled.k == 13 and {n: round(getattr(pooled, n), 7) for n in METAFOR} == METAFOR
    figure = (example_run / "results" / "figures" / "tuberculosis" / "tuberculosis_forest.svg").read_text("utf-8")
    assert "favours vaccine" in figure and "k = 13" in figure
    assert [s for s in ("randomised", "controlled") if fit(example_run, "tuberculosis", s).k in (7, 6)]


@pytest.mark.workflow
def test_without_the_extra_all_else_is_made_and_what_is_lacking_is_said(without_documents, example_run, tmp_path):
    type_in(without_documents, tmp_path, "taprev init bare --example")
    bare = tmp_path / "bare"
    said = type_in(without_documents, bare, "make review; taprev verify")
    assert unfinished(bare, type_in(without_documents, bare, SUMMARY)) == [] and NOT_HERE in said
    results, whole = bare / "results", example_run / "results"
    made, wanted = ({p.relative_to(top) for p in top.rglob("*") if p.is_file()} for top in (results, whole))
    lacking = {path for path in wanted - made if ".made" not in path.parts}
    assert {path.suffix for path in lacking} == {".docx", ".pdf", ".pptx"} and made - wanted == set()
    assert {path for path in wanted if path.suffix in {".docx", ".pdf", ".pptx"}} == lacking
    assert str(escape(NOT_HERE)) in (results / "figures" / "index.html").read_text("utf-8")
    for table in ("summary", "fates", "sensitivity", "multiverse"):
        name = f"tables/{table}.csv"
        assert (results / name).read_bytes() == (whole / name).read_bytes(), table


@pytest.mark.workflow
@pytest.mark.reference
def test_r_pools_the_thirteen_trials_to_the_same_number(example_run, rscript):
    script = (
        "suppressMessages(library(metafor)); f <- rma(ai=tpos, bi=tneg, ci=cpos, di=cneg, data=metadat::dat.bcg,"
        "measure='RR', test='knha', control=list(threshold=1e-12, maxiter=10000));"
        "cat(sprintf('%.17g', c(f$beta, f$se, f$ci.lb, f$ci.ub, f$tau2, f$QE)))"
    )
    done = subprocess.run([rscript, "-e", script], check=True, capture_output=True, text=True)
    pooled = fit(example_run, "tuberculosis", "controlled_any")
    ours = [getattr(pooled, name) for name in ("estimate", "se", "ci_lb", "ci_ub", "tau2", "Q")]
    assert ours == pytest.approx([float(number) for number in done.stdout.split()], rel=1e-9)


@pytest.mark.workflow
@pytest.mark.reference
def test_r_makes_the_same_tests_and_models_of_small_studies(example_run, rscript, tmp_path):
    """Twenty-eight numbers of the thirteen trials; one of them altered is named."""
    folder = tmp_path / "ex"
    shutil.copytree(example_run, folder)
    script, table = folder / "results" / "audit" / "verify.R", folder / "results" / "tables" / "small_studies.csv"
    done = subprocess.run([rscript, script], capture_output=True, text=True)
    assert done.returncode == 0 and "small studies" in done.stdout and "(28 numbers)" in done.stdout, done.stdout
    text = table.read_text("utf-8")
    [told] = [row["estimate"] for row in read_rows(table) if row["method"] == "peese"]
    table.write_text(text.replace(told, told.replace("0.34", "0.43")), "utf-8")
    done = subprocess.run([rscript, script], capture_output=True, text=True)
    assert done.returncode == 1 and "model peese: estimate is -0.437" in done.stdout, done.stdout


@pytest.mark.workflow
@pytest.mark.reference
def test_the_example_is_what_its_script_makes(rscript, tmp_path):
    made = HERE / "example"
    subprocess.run([rscript, made / "bcg.R"], cwd=tmp_path, check=True, capture_output=True)
    for name in ("studies.csv", "reports.csv", "outcomes.csv"):
        assert (tmp_path / name).read_bytes() == (made / name).read_bytes(), name


@pytest.mark.workflow
def test_a_blank_review_runs_and_says_that_there_is_no_row(finished_blank, tmp_path):
    folder = Path(shutil.copytree(finished_blank, tmp_path / "a blank one"))
    assert unfinished(folder, snakemake(folder, "--summary").stdout) == []
    results = folder / "results"
    domains = list(yaml.safe_load((folder / "config" / "review.yaml").read_text("utf-8"))["domains"])
    assert {row["status"] for row in read_rows(results / "tables" / "summary.csv")} == {"gap"}
    gaps = read_rows(results / "figures" / "not_drawn.csv")
    *of_domains, of_directions, of_review = gaps
    assert (of_directions["domain"], of_directions["figure"]) == ("whole-review", "harvest")
    assert {row["domain"] for row in of_domains} == set(domains)
    assert {row["reason"] for row in of_domains} == {"No result in this non-systematic set."}
    assert of_review == {
        "domain": "whole-review",
        "figure": "risk_of_bias",
        "reason": "Nobody has assessed the risk of bias of any result.",
    }
    assert [path for domain in domains for path in (results / "figures" / domain).glob("[!.]*")] == []
    assert (results / "report.html").read_text("utf-8").count("No result in this non-systematic set.") >= len(domains)


@pytest.mark.workflow
def test_the_readme_leads_from_nothing_to_a_forest_plot(installed, tmp_path):
    """Two studies, two forms that differ in one cell: only what the README says is done."""
    type_in(installed, tmp_path, 'taprev init "my review"')
    folder = in_own_words(tmp_path / "my review")
    check, form, reconcile, run = printed_commands(folder / "README.md")
    type_in(installed, folder, check)

    extracted, raw = folder / "data" / "extracted", folder / "data" / "raw"
    study, report, result = told_to_fill(folder / "README.md")
    fill(extracted / "studies.csv", study, second(study))
    fill(extracted / "reports.csv", report, second(report))
    type_in(installed, folder, form)
    rows = [result, second(result, **OTHER_FIGURES)]
    fill_form(raw / "form_first.xlsx", *rows)
    fill_form(raw / "form_second.xlsx", rows[0] | {"event_arm1": "6"}, rows[1])

    refused = subprocess.run([installed / "bin" / "taprev", "reconcile"], cwd=folder, capture_output=True, text=True)
    assert refused.returncode == 1 and "data/raw/worksheet.xlsx" in refused.stderr
    decision = {
        "result": rows[0]["result"],
        "column": "event_arm1",
        "decision": "first",
        "reason": "Read again.",
    }
    fill(raw / "adjudication.csv", decision)
    type_in(installed, folder, reconcile)
    assert "2 pooled" in type_in(installed, folder, run)
    assert unfinished(folder, type_in(installed, folder, SUMMARY)) == []
    assert "The results are whole" in type_in(installed, folder, "taprev verify")
    as_read = {row["copy"]: row for row in read_rows(folder / "results" / "audit" / "as_read.csv")}
    assert as_read["raw/form_second.csv"]["file"] == "raw/form_second.xlsx"
    fill_form(raw / "form_second.xlsx", rows[0], rows[1])
    late = subprocess.run([installed / "bin" / "taprev", "verify"], cwd=folder, capture_output=True, text=True)
    assert late.returncode == 1 and "data/raw/form_second.xlsx: changed since" in late.stderr
    effects = read_rows(folder / "results" / "effects" / "illness.csv")
    assert float(effects[0]["yi"]) == pytest.approx(math.log((5 / 50) / (12 / 52)))
    assert fit(folder, "illness", "randomised").k == 2
    assert "k = 2" in (folder / "results" / "figures" / "illness" / "illness_forest.svg").read_text("utf-8")


@pytest.mark.workflow
def test_the_front_page_begins_a_review_as_it_says(example_run):
    """Its lines and those of the README of the example run the same commands, so they are run once."""
    typed, printed = front_page().splitlines(), "".join(printed_commands(example_run / "README.md")).splitlines()
    assert typed[-2:] == printed[:2] == ["taprev check", "make review"]
    assert (example_run / "results" / "figures" / "tuberculosis" / "tuberculosis_forest.svg").is_file()


def test_the_readme_names_every_cell_that_must_be_filled(tmp_path, monkeypatch):
    write_review(tmp_path)
    in_own_words(tmp_path)
    monkeypatch.chdir(tmp_path)
    filled = told_to_fill(Path("README.md"))
    for name, row in zip(("studies", "reports", "outcomes"), filled, strict=True):
        table = codebook(tmp_path / "data" / "extracted")[name]
        required = {f["name"] for f in table["schema"]["fields"] if f.get("constraints", {}).get("required")}
        assert required <= set(row) and all(row.values()), (name, required - set(row))
    study, report, result = filled
    fill(Path("data/extracted/studies.csv"), study, second(study))
    fill(Path("data/extracted/reports.csv"), report, second(report))
    for form in ("form_first", "form_second"):
        fill(Path(f"data/raw/{form}.csv"), result, second(result, **OTHER_FIGURES))
    for command in ("reconcile", "check"):
        done = typed(command)
        assert done.exit_code == 0, done.output


def test_the_settings_of_a_new_review_promise_no_more_than_they_keep():
    assert "nothing can break" not in review_files()["config/review.yaml"]


@BOTH
def test_a_new_review_is_sound(tmp_path, example):
    folder = tmp_path / "my review"
    write_review(folder, example)
    settings = read_settings(folder / "config" / "review.yaml")
    assert table_problems(folder / "data" / "extracted") == []
    assert review_problems(folder / "data", settings) == []
    for name in (METHODS, SNAKEFILE, *PROFILES, *NOTEBOOKS):
        assert (folder / name).read_bytes() == (ROOT / name).read_bytes()
    assert settings.extraction.once is example


def test_a_text_that_nobody_replaced_is_refused_and_nothing_is_published(tmp_path, monkeypatch):
    write_review(tmp_path)
    monkeypatch.chdir(tmp_path)
    written = yaml.safe_load(Path("config/review.yaml").read_text("utf-8"))["review"]
    texts = {name: text for name, text in written.items() if isinstance(text, str)}
    assert set(texts) == {"title", "question", "evidence_set", "about"}
    done = typed("check")
    said = [line for line in done.output.splitlines() if line.startswith("config/review.yaml, review > ")]
    assert done.exit_code == 1 and len(said) == 4 and "4 problems stop the review." in done.output
    for (name, text), sentence in zip(texts.items(), said, strict=True):
        assert sentence.startswith(f"config/review.yaml, review > {name}: found '{text.strip()}'")
        assert ("or remove it" in sentence) is (name == "about")
    assert typed("settings").exit_code == 0
    settled = typed("check", "--settings", "results/settings.yaml", "--out", "results/audit/c.csv")
    assert settled.exit_code == 1 and not Path("results/audit/c.csv").exists()
    in_own_words(tmp_path)
    assert typed("check").exit_code == 0


def test_texts_may_be_removed_where_a_review_can_do_without(tmp_path, monkeypatch):
    write_review(tmp_path)
    monkeypatch.chdir(tmp_path)
    path = in_own_words(tmp_path) / "config" / "review.yaml"
    path.write_text(path.read_text("utf-8").replace("An invented about.", '""').replace("about: >-", "about:"), "utf-8")
    assert typed("check").exit_code == 0


@BOTH
def test_nothing_of_the_shipped_review_is_in_a_new_one(example):
    found = {
        name: match.group(0)
        for name, text in review_files(example).items()
        if name != METHODS
        if (match := OF_THE_SHIPPED_REVIEW.search(text.replace("explanation", "").replace("combination", "")))
    }
    assert found == {}


def test_blank_tables_and_forms_have_the_header_of_the_codebook_alone(tmp_path):
    write_review(tmp_path)
    extracted, raw = tmp_path / "data" / "extracted", tmp_path / "data" / "raw"
    outcomes = ",".join(columns(extracted, "outcomes")) + "\n"
    for path in (extracted / "outcomes.csv", raw / "form_first.csv", raw / "form_second.csv"):
        assert path.read_text("utf-8") == outcomes
    assert {row["n"] for row in read_rows(extracted / "flow.csv")} == {"not recorded"}
    assert sorted(path.name for path in raw.iterdir()) == [
        "adjudication.csv",
        "answers.csv",
        "form_first.csv",
        "form_second.csv",
    ]


def test_only_what_is_marked_leaves_the_codebook():
    shipped = yaml.safe_load((ROOT / CODEBOOK).read_text("utf-8"))
    new = {table["name"]: table["schema"]["fields"] for table in another_codebook(shipped)["resources"]}
    for table in shipped["resources"]:
        for field in table["schema"]["fields"]:
            made = next((one for one in new[table["name"]] if one["name"] == field["name"]), None)
            if "anew" not in field:
                assert made == field
            elif field["anew"] == "drop":
                assert made is None
            else:
                assert made["constraints"] != field["constraints"] and "anew" not in made


def test_what_people_must_decide_stands_as_a_comment():
    text = review_files()[CODEBOOK]
    decided = re.findall(r"# Decide: .*\n(?: +#.*\n)* +- name: (\w+)", text)
    assert decided == ["setting", "scope", "population", "component"]
    assert "anew" not in text and "decide:" not in text


@pytest.mark.parametrize("held", ["notes.txt", ".hidden", "data/raw/form_first.csv"])
def test_a_folder_that_holds_anything_is_refused_and_kept(tmp_path, held, monkeypatch, capsys):
    (tmp_path / held).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / held).write_text("mine", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["taprev", "init", str(tmp_path)])
    with pytest.raises(SystemExit) as stopped:
        main()
    said = capsys.readouterr().err
    assert stopped.value.code == 1 and "is not empty" in said and "nothing is overwritten" in said
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / held]


@pytest.mark.parametrize("git", ["folder", "file"])
def test_a_repository_without_files_is_taken(tmp_path, git):
    if git == "folder":
        (tmp_path / ".git").mkdir()
        (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    else:
        (tmp_path / ".git").write_text("gitdir: elsewhere\n", encoding="utf-8")
    write_review(tmp_path)
    assert (tmp_path / "README.md").is_file()
    with pytest.raises(ValueError, match=r"it holds \.gitignore"):
        write_review(tmp_path)


@pytest.mark.parametrize(
    ("word", "said", "cd"),
    [
        (".", "A blank review lies in this folder now. Next:", None),
        ("..", "A blank review lies in .. now. Next:", "cd .."),
        ("-x", "A blank review lies in -x now. Next:", "cd ./-x"),
        ("- a b", "A blank review lies in - a b now. Next:", "cd './- a b'"),
        ("my review", "A blank review lies in my review now. Next:", "cd 'my review'"),
    ],
)
def test_where_the_review_lies_is_said_so_that_it_can_be_typed(tmp_path, monkeypatch, word, said, cd):
    monkeypatch.chdir(tmp_path)
    first, *rest = next_steps(Path(word), example=False)
    assert first == said and rest[0].strip() == (cd or "taprev check")
    if cd and word != "..":
        (tmp_path / word).mkdir()
        subprocess.run(["bash", "-ec", cd], check=True)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match="this is a file"):
        write_review(tmp_path / "mine")


def test_an_empty_folder_is_taken_and_what_is_next_is_said(tmp_path):
    (tmp_path / "my review").mkdir()
    done = typed("init", tmp_path / "my review")
    assert done.exit_code == 0 and "taprev check" in done.stdout and "README.md" in done.stdout


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("population: adults", "population: giants", 'found "giants". The codebook knows: adults, children'),
        ("include: [core]", "include: [kernel]", 'found "kernel". The codebook knows: core, wider.'),
        ("add: [wider]", "add: [widest]", 'found "widest". The codebook knows: core, wider.'),
        ("- column: setting", "- column: place", "'place', and studies.csv has no such column"),
        ("columns: scope", "columns: programmes", "'programmes', and studies.csv has no such column"),
        (
            "    wider: a related",
            "    wider: a related\n  results: [{column: rater, include: [self], why: w}]\n  # ",
            "'rater', and outcomes.csv has no such column",
        ),
        (
            "    wider: a related",
            "    wider: a related\n  results: [{column: analysis_set, include: [mine], why: w}]\n  # ",
            'found "mine". The codebook knows: ',
        ),
        ("levels: [hospital,", "levels: [hospice,", 'found "hospice". The codebook knows: hospital'),
    ],
)
def test_settings_that_the_codebook_does_not_know_are_refused(tmp_path, was, becomes, said):
    write_review(tmp_path)
    path = tmp_path / "config" / "review.yaml"
    path.write_text(path.read_text("utf-8").replace(was, becomes), encoding="utf-8")
    found = [problem.sentence() for problem in review_problems(tmp_path / "data", read_settings(path))]
    assert any(said in sentence for sentence in found), found
