"""The house stays as it was built: import directions, single commands, one set of versions, clean text."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
import yaml

from taprev.cli.loading import CHECKING, NOT_OF_A_RUN

# From the ground up: a room imports itself and what stands before it.
ORDER = (
    "ground",
    "vocabulary",
    "notes",
    "settings",
    "extraction",
    "sources",
    "effects",
    "synthesis",
    "wording",
    "certainty",
    "provenance",
    "exchange",
    "drawing",
    "figures",
    "tables",
    "interactive",
    "report",
    "starter",
    "cli",
    "__main__",
)
HEAVY = {
    "pymare": {"synthesis/crosscheck.py", "synthesis/moderators.py", "synthesis/pvalues.py"},
    "statsmodels": {"synthesis/crosscheck.py", "synthesis/moderators.py"},
    "matplotlib": {"drawing", "figures"},
    "pypdfium2": {"drawing", "sources"},
    "lxml": {"sources/plain.py"},
    "uharfbuzz": {"drawing"},
    "scipy.stats": {"synthesis/kernels/asymmetry.py"},
    "pandas": {"interactive"},
}
COMPUTES_NOTHING = (
    "taprev.settings",
    "taprev.extraction.checks",
    "taprev.extraction.plausibility.answers",
    "taprev.provenance.diff.earlier",
    "taprev.provenance.diff.editions",
    "taprev.provenance.diff.results",
    "taprev.certainty.assessment",
    "taprev.tables.write",
    "taprev.report.evidence_map.page",
    "taprev.report.audit.site",
)
HELD = ("wording", "certainty", "drawing", "figures", "tables")


@cache
def modules(root):
    package = root / "src" / "taprev"
    return {path.relative_to(package).as_posix(): ast.parse(path.read_text("utf-8")) for path in package.rglob("*.py")}


def imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(path):
    return path.split("/")[0].removesuffix(".py")


def test_every_room_stands_in_the_order(root):
    assert {room(path) for path in modules(root)} - {"__init__"} == set(ORDER)


def test_imports_run_downward(root):
    wrong = [
        f"{path} imports {name}"
        for path, tree in modules(root).items()
        for name in imports(tree)
        if path != "__init__.py" and name.startswith("taprev.") and (there := name.split(".")[1]) in ORDER
        if ORDER.index(there) > ORDER.index(room(path))
    ]
    assert wrong == []


def file_of(name, files):
    """Return the file of a module, or None where it is none of ours."""
    path = name.removeprefix("taprev.").replace(".", "/")
    return next((file for file in (f"{path}.py", f"{path}/__init__.py") if file in files), None)


def files_imported(tree, files):
    """Return the files of ours that a module imports: the submodule where one is named, else the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (file_of(alias.name, files) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield file_of(f"{node.module}.{alias.name}", files) or file_of(node.module, files)


def test_no_files_import_each_other_in_a_circle(root):
    files = modules(root)
    graph = {path: {*files_imported(tree, files)} - {path, None} for path, tree in files.items()}
    try:
        order = [*TopologicalSorter(graph).static_order()]
    except CycleError as error:
        pytest.fail(f"a circle: {' -> '.join(error.args[1])}")
    assert set(order) == set(files)


def reached(graph, files):
    """Return these files and all that they import, directly or not."""
    found, ahead = set(), {*files}
    while ahead:
        found |= ahead
        ahead = {file for path in ahead for file in graph[path]} - found
    return found


def test_no_command_of_a_run_imports_a_room_that_is_not_loaded_for_it(root):
    """What would be loaded late could be code that was changed since the run began."""
    files = modules(root)
    graph = {path: {*files_imported(tree, files)} - {None} for path, tree in files.items()}
    run = reached(graph, ["cli/computing.py", "cli/showing.py", "cli/alone.py", "cli/command.py"])
    loaded = reached(graph, filter(None, (file_of(name, files) for name in CHECKING if name.startswith("taprev."))))
    needed = {path for path in run if room(path) in NOT_OF_A_RUN}
    assert needed and {room(path) for path in run} > {"report", "figures"}
    assert needed <= loaded


def test_every_module_can_be_imported(root):
    names = [
        ".".join(("taprev", *path.removesuffix(".py").removesuffix("__init__").strip("/").split("/"))).strip(".")
        for path in modules(root)
        if not path.endswith("__main__.py")
    ]
    together = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    ran = subprocess.run([sys.executable, "-c", together, *names], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_what_shows_never_computes(root):
    """Words, judgements, figures and tables read the results of a synthesis and call none of its functions."""
    wrong = [
        f"{path} imports {name}"
        for path, tree in modules(root).items()
        if room(path) in HELD
        for name in imports(tree)
        if name.startswith(("taprev.synthesis.", "taprev.effects"))
        and not f"{name}.".startswith("taprev.synthesis.results.")
    ]
    assert wrong == []


@pytest.mark.parametrize("library", HEAVY)
def test_heavy_libraries_have_one_door(root, library):
    doors = {
        path
        for path, tree in modules(root).items()
        if any(name == library or name.startswith(f"{library}.") for name in imports(tree))
    }
    assert {d for d in doors if d not in HEAVY[library] and d.split("/")[0] not in HEAVY[library]} == set()


def test_csv_is_written_in_one_place(root):
    package = root / "src" / "taprev"
    writing = re.compile(r"csv\.writer|DictWriter|\.to_csv\(")
    assert [name for name in modules(root) if writing.search((package / name).read_text("utf-8"))] == [
        "ground/files.py"
    ]


def test_what_computes_and_draws_nothing_loads_no_library_for_it():
    """A command of its own, as on a cluster, would load them for longer than it works."""
    code = (
        "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\n"
        "print(sorted({'numpy', 'scipy', 'pandas', 'matplotlib', 'openpyxl', 'docx', 'pymare'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code, *COMPUTES_NOTHING], capture_output=True, text=True)
    assert ran.stdout == "[]\n", ran.stderr


def test_the_guards_see_what_they_guard(root):
    doors = {path for path, tree in modules(root).items() if "pymare" in imports(tree)}
    assert doors == {"synthesis/crosscheck.py"}


def test_every_rule_is_one_taprev_command(root):
    text = (root / "Snakefile").read_text("utf-8")
    rules = re.split(r"^rule ", text, flags=re.M)[1:]
    assert len(rules) == 23
    for rule in rules:
        name, commands = rule.split(":")[0], re.findall(r'shell: "(.*)"', rule)
        assert len(commands) == (0 if name == "all" else 1), name
        assert all(re.fullmatch(r"taprev [^;&|<>`$]+", command) for command in commands), name
    assert not re.search(r"^\s*(run|script|checkpoint|notebook)\s*:|lambda", text, flags=re.M)
    assert "import pandas" not in text and len(text.splitlines()) <= 215


def test_every_command_has_help(root):
    taprev = Path(sys.executable).parent / "taprev"
    commands = subprocess.run([taprev, "--help"], capture_output=True, text=True, check=True).stdout
    for name in (
        "settings",
        "check",
        "init",
        "reconcile",
        "agreement",
        "queries",
        "effects",
        "synthesis",
        "crosscheck",
        "recomputation",
        "changes",
        "diff",
        "figures",
        "tables",
        "report",
    ):
        assert f"  {name}" in commands


def locked(root, name="requirements-dev.lock"):
    return dict(re.findall(r"^([a-z0-9_.-]+)==([^ ;\\]+)", (root / name).read_text(), flags=re.M))


def test_a_review_is_run_by_a_part_of_what_the_tests_use_and_by_no_tool_of_developers(root):
    running, testing = locked(root, "requirements.lock"), locked(root)
    assert running and {name: testing.get(name) for name in running} == running
    assert {"pytest", "mypy", "ruff", "playwright", "ipykernel", "mkdocs-material"} <= set(testing) - set(running)
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [
        *project["dependencies"],
        *(one for name in ("documents", "cluster", "cjk", "build") for one in extras[name]),
    ]
    assert {re.split("[<>=]", one)[0] for one in wanted} <= set(running)


def test_conda_and_pip_get_the_same_versions(root):
    of_pip = {"snakemake-minimal": "snakemake", "matplotlib-base": "matplotlib"}
    listed = yaml.safe_load((root / "environment.yml").read_text())["dependencies"]
    pinned = [*(d for d in listed if isinstance(d, str) and "==" in d), *listed[-1]["pip"]]
    found = {of_pip.get(n, n): v for n, v in (re.split(r"\s*==", d) for d in pinned)}
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    extras = (wanted for extra in project["optional-dependencies"].values() for wanted in extra)
    names = [re.split("[<>=]", wanted)[0] for wanted in (*project["dependencies"], *extras)]
    assert found == {name: locked(root)[name] for name in names if not name.startswith("taprev[")}


def test_the_lock_holds_hashes_and_no_addresses(root):
    text = "".join((root / name).read_text() for name in ("requirements.lock", "requirements-dev.lock"))
    assert text.count("--hash=sha256:") > 100 and "://" not in text and "index" not in text
    assert tuple(map(int, locked(root)["pymare"].split("."))) >= (0, 0, 13)


def test_versions_agree(root):
    import taprev

    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((root / "CITATION.cff").read_text())
    assert taprev.__version__ == project["version"] == citation["version"]
    assert f"## {taprev.__version__}" in (root / "CHANGELOG.md").read_text()


def test_nothing_of_this_machine_is_in_the_tree(root):
    files = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True).stdout.split("\n")
    if not files[0]:
        pytest.skip("not a git checkout")
    place = re.compile(r"(?<![\w.~/:])/(?:home|root|work|Users)/\w")
    found = []
    for name in files:
        if name.endswith((".py", ".md", ".yaml", ".yml", ".toml", ".csv", ".R", ".json", "Makefile", "Snakefile")):
            for number, line in enumerate((root / name).read_text("utf-8").splitlines(), 1):
                if place.search(line) and name != "tests/test_house.py":
                    found.append(f"{name}:{number}")
    assert found == []


def test_no_result_and_no_study_stands_in_the_source(root):
    from taprev.extraction.tables import read_rows

    extracted = root / "data" / "extracted"
    names = {row["result"] for row in read_rows(extracted / "outcomes.csv")}
    names |= {row[key] for row in read_rows(extracted / "studies.csv") for key in ("study", "label")}
    names |= {row["report"] for row in read_rows(extracted / "reports.csv")}
    known = re.compile(r"\b(" + "|".join(re.escape(name) for name in sorted(names)) + r")\b")
    found = [
        f"{path.name}: {match.group(0)}"
        for path in (root / "src").rglob("*")
        if path.suffix in (".py", ".html", ".csv")
        if (match := known.search(path.read_text("utf-8")))
    ]
    assert found == []


def test_the_source_knows_nothing_of_the_shipped_review(root):
    """What one review needs and another does not stands in config/ and data/: its subject and its own levels."""
    package = yaml.safe_load((root / "data" / "extracted" / "datapackage.yaml").read_text("utf-8"))
    fields = [
        field
        for table in package["resources"]
        if table["name"] in ("studies", "outcomes")
        for field in table["schema"]["fields"]
        if "anew" in field
    ]
    kept = {level for field in fields if field["anew"] != "drop" for level in field["anew"]["enum"]}
    own = {level for field in fields for level in field["constraints"]["enum"]} - kept
    assert {"uk_nation", "population"} <= {field["name"] for field in fields} and "children_youth" in own
    words = ("trauma", "samhsa", "tap.care", "united kingdom", "uk_nation", "seclusion", *map(re.escape, own))
    known = re.compile(r"(?<![a-z_])(" + "|".join(sorted(words)) + r")", re.I)
    found = [
        f"{path.relative_to(root)}: {match.group(0)}"
        for path in (root / "src").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
        if (match := known.search(path.read_text("utf-8")))
    ]
    assert found == []


def test_a_class_name_means_one_thing(root):
    homes = Counter(
        node.name for tree in modules(root).values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in homes.items() if count > 1] == []


# What a person typed or another program wrote is read here; it is no prose of ours.
READS_TYPED_WORDS = {
    "effects/derive.py",  # the extractor's cell of assumptions, parts divided by "; "
    "effects/formulas.py",  # "SMD from means": measure and figures in the name of a derivation
    "ground/environment.py",  # the markers of an installed package
    "starter/codebook.py",  # the text of a codebook in YAML
    "settings/reading.py",  # what pydantic writes before a message
    "provenance/diff/domains.py",  # the same
}
PROSE = re.compile(r"\w \w|[;:,.] ")
ASKED = ("startswith", "endswith", "removeprefix", "removesuffix", "partition", "rpartition", "split", "rsplit", "find")


def prose_asked(tree):
    """Yield the lines of a module that decide by a piece of a sentence: two words, or what divides sentences."""
    for node in ast.walk(tree):
        asked = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKED:
            asked = node.args
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            asked = [node.left, *node.comparators]
        for part in asked:
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and PROSE.search(part.value):
                yield node.lineno, part.value


def test_no_sentence_steers_the_program(root):
    found = [
        (path, line, words)
        for path, tree in modules(root).items()
        if path not in READS_TYPED_WORDS
        for line, words in prose_asked(tree)
    ]
    assert found == []


def test_results_are_taken_as_objects(root):
    """A function outside the readers never takes plain dicts of anything, as JSON gives them."""
    readers = {"synthesis/results/reader.py"}
    of_yaml = {
        "starter/write.py",
        "starter/codebook.py",
        "extraction/codebook_shape.py",
        "extraction/required_columns.py",
        "provenance/diff/changes.py",
    }
    loose = re.compile(r"(?:dict|Mapping)\[str, Any\]")
    found = [
        (path, function.name, argument.arg)
        for path, tree in modules(root).items()
        if path not in readers | of_yaml
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        if argument.annotation and loose.search(ast.unparse(argument.annotation))
    ]
    assert found == []


def test_the_formatter_is_obeyed(root):
    marks = re.compile(r"#\s*(?:fmt|ruff|yapf):\s*(?:skip|off)")
    assert [path for path in (root / "src").rglob("*.py") if marks.search(path.read_text())] == []
