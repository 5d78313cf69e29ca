"""The notebooks: they run on any review, hold no outputs, and name nothing of the shipped review."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import nbformat
import pytest
from ipykernel.kernelspec import write_kernel_spec
from nbclient import NotebookClient

from helpers import EXAMPLE, ROOT, run
from taprev.extraction.tables import read_rows
from taprev.interactive import notebook as promised
from taprev.provenance.trace.results import KEPT
from taprev.provenance.trace.targets import read_traces

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
AUDIT = ROOT / "notebooks" / "audit.ipynb"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.fixture(scope="module", autouse=True)
def jupyter(tmp_path_factory):
    """A Jupyter that knows the kernel of this environment, and nothing else of this machine."""
    folder = tmp_path_factory.mktemp("jupyter")
    write_kernel_spec(folder / "data" / "kernels" / "python3")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
            patch.setenv(name, str(folder / name.removeprefix("JUPYTER_").removesuffix("_DIR").lower()))
        patch.delenv("JUPYTER_PATH", raising=False)
        yield


@pytest.fixture(scope="module")
def shipped(finished, tmp_path_factory) -> Path:
    """A copy of the shipped review with its results."""
    folder = tmp_path_factory.mktemp("shipped") / "my review"
    shutil.copytree(finished, folder, ignore=shutil.ignore_patterns(".snakemake"))
    return folder


@pytest.fixture(scope="module")
def grown(made_once, tmp_path_factory) -> Path:
    """The example review with results, compared with an earlier edition that had one sample less."""

    def fill(place: Path) -> None:
        for name in ("before", "now"):
            shutil.copytree(EXAMPLE, place / name, ignore=shutil.ignore_patterns("results", ".snakemake"))
        outcomes = place / "before" / "data" / "extracted" / "outcomes.csv"
        outcomes.write_text("".join(outcomes.read_text("utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
        with (place / "now" / "config" / "review.yaml").open("a", encoding="utf-8") as settings:
            settings.write('\nearlier: "../before"\n')
        run(place / "now")

    return Path(shutil.copytree(made_once("editions", fill), tmp_path_factory.mktemp("grown") / "editions")) / "now"


@pytest.fixture(scope="module")
def blank(finished_blank, tmp_path_factory) -> Path:
    """A copy of a blank review with its results."""
    return Path(shutil.copytree(finished_blank, tmp_path_factory.mktemp("blank") / "my review"))


@cache
def executed(path: Path, place: Path) -> nbformat.NotebookNode:
    """Return a notebook as it is after it ran in a folder, once for all tests; a cell that fails fails them."""
    notebook = nbformat.read(path, 4)
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": place}}).execute()
    return notebook


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def shown(notebook: nbformat.NotebookNode) -> str:
    """Return all text that a notebook shows."""
    parts = []
    for output in outputs(notebook):
        data = output.get("data", {})
        parts.append(output.get("text") or data.get("text/html") or data.get("text/markdown") or "")
    return "\n".join(parts)


@each
@pytest.mark.workflow
@pytest.mark.parametrize(
    ("review", "start"), [("shipped", "."), ("grown", "."), ("blank", "."), ("shipped", "notebooks")]
)
def test_a_notebook_runs_on_any_review(path, review, start, request):
    folder = request.getfixturevalue(review)
    (folder / "notebooks").mkdir(exist_ok=True)
    made = outputs(executed(path, folder / start))
    assert made and not [output for output in made if output.output_type == "error" or output.get("name") == "stderr"]


@pytest.mark.workflow
def test_the_audit_leads_from_the_largest_number_to_its_print(shipped):
    notebook = executed(AUDIT, shipped)
    said = shown(notebook)
    traces = read_traces(shipped / "results")
    rows = [one for trace in traces.values() for one in trace.results.values() if one.touches]
    largest = max(touch.k for one in rows for touch in one.touches if not touch.sensitivity)
    assert "The results are whole" in said and f"k = {largest}\n" in said
    [result] = re.findall(r">result</td>\s*<td[^>]*>(\w+)<", said)
    row = next(one for one in rows if one.result == result)
    assert {touch.k for touch in row.touches} == {largest}
    assert row.source["source_url"] in said and all(line.formula in said for line in row.working)
    differing = [cell for cell in row.cells if cell.readings and cell.settled not in KEPT]
    assert differing and said.count(">≠</td>") == len(differing)
    pictures = [output.data for output in outputs(notebook) if "image/png" in output.get("data", {})]
    assert len(pictures) == 1
    assert "disagrees" not in said and "agrees: " in said and "No earlier edition is named" in said


@pytest.mark.workflow
def test_the_audit_of_a_review_extracted_once_says_so_and_tells_what_moved(grown):
    said = shown(executed(AUDIT, grown))
    assert "extracted once: there are no two forms" in said and "there is no agreement to measure" in said
    assert "1 result came" in said and re.search(r">moved</td>", said)


@pytest.mark.workflow
def test_the_audit_of_an_empty_review_says_that_it_is_empty(blank):
    said = shown(executed(AUDIT, blank))
    for words in (
        "The results are whole",
        "Nothing is pooled in this review",
        "No row is extracted in this review",
    ):
        assert words in said


@pytest.mark.workflow
def test_the_audit_names_what_is_not_whole(shipped, tmp_path):
    folder = Path(shutil.copytree(shipped, tmp_path / "altered"))
    (folder / "results" / "report.html").write_text("another page", encoding="utf-8")
    said = shown(executed(AUDIT, folder))
    assert "The results are whole" not in said
    assert "results/report.html" in said and "was altered after the run that made it" in said


@each
def test_a_stored_notebook_holds_no_output_and_nothing_of_a_machine(path):
    notebook = json.loads(path.read_text("utf-8"))
    nbformat.validate(notebook)
    assert notebook["metadata"] == {"kernelspec": KERNEL}
    for cell in notebook["cells"]:
        assert cell["metadata"] == {}
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
    assert not re.search(r"(?<![\w.~/:])/(?:home|root|work|tmp|Users)/\w|[A-Z]:\\\\", path.read_text("utf-8"))


@each
def test_the_printed_command_strips_a_notebook_to_what_is_stored(path, tmp_path):
    notebook, copy = nbformat.read(path, 4), tmp_path / path.name
    notebook.metadata |= {"language_info": {"name": "python", "version": "3.99"}, "widgets": {}}
    notebook.metadata["kernelspec"]["display_name"] = "another name"
    for number, cell in enumerate(cell for cell in notebook.cells if cell.cell_type == "code"):
        cell |= {"execution_count": number, "metadata": {"scrolled": True}}
        cell["outputs"] = [nbformat.v4.new_output("stream", text="something")]
    nbformat.write(notebook, copy)
    [line] = re.findall(
        r"^ +(\.venv/bin/python -c .*notebooks/audit\.ipynb)$",
        (ROOT / "CONTRIBUTING.md").read_text("utf-8"),
        re.M,
    )
    words = [sys.executable, *shlex.split(line)[1:-1], str(copy)]
    subprocess.run(words, check=True)
    assert copy.read_bytes() == path.read_bytes()


@each
def test_no_code_cell_names_a_result_or_a_study(path):
    extracted = ROOT / "data" / "extracted"
    names = {row["result"] for row in read_rows(extracted / "outcomes.csv")}
    names |= {row[key] for row in read_rows(extracted / "studies.csv") for key in ("study", "label")}
    names |= {row["report"] for row in read_rows(extracted / "reports.csv")}
    known = re.compile(r"\b(" + "|".join(re.escape(name) for name in sorted(names)) + r")\b")
    cells = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    assert cells and [match.group(0) for source in cells if (match := known.search(source))] == []


@each
def test_a_notebook_takes_of_taprev_what_one_module_promises_to_keep(path):
    code = "\n".join(cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code")
    taken = [node.module for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom)]
    assert {name for name in taken if name.startswith("taprev")} == {promised.__name__}
    assert "import taprev" not in code
