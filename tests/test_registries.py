"""Registries that cannot forget: what one entry names, every other place that must name it names too."""

from __future__ import annotations

import json
import re
from importlib import import_module
from inspect import isgeneratorfunction, signature
from pkgutil import iter_modules

import pytest
import yaml
from snakemake.io import expand

from helpers import REFERENCE, ROOT
from taprev.effects.derivations import DERIVATIONS
from taprev.effects.formulas import FORMULAS, TESTS, formula
from taprev.effects.measures import MEASURES, effect_size
from taprev.exchange.formats import FORMATS
from taprev.extraction import plausibility
from taprev.extraction.plausibility import REGISTRY
from taprev.figures.of_domain import FIGURES
from taprev.figures.overviews.registry import OVERVIEWS
from taprev.figures.siblings.registry import SIBLINGS
from taprev.ground.places import FOREST, WHOLE_REVIEW, figure_place
from taprev.report.documents.formats import FORMATS as FORMATS_OF_DOCUMENTS
from taprev.report.documents.formats import document_files
from taprev.report.documents.registry import DOCUMENTS, writer
from taprev.report.gallery import FILES, KINDS
from taprev.synthesis.kernels.estimators import ESTIMATORS
from taprev.vocabulary import FigureOfDomain, FigureOfReview, SdBasis, Tau2Method

DOMAIN = "a_domain"


@pytest.fixture(scope="module")
def promised():
    """Return the lists of files that the Snakefile promises, for a review of one domain."""
    head = (ROOT / "Snakefile").read_text().split("wildcard_constraints:")[0]
    lists = {"DOMAINS": [DOMAIN]}
    within = {"expand": expand, "document_files": document_files}
    of_domain = ("OF_EVERY_DOMAIN", "SYNTHESES", "FIGURES", "CERTAINTY", "TRACES", "EFFECTS")
    for name in (*of_domain, "OVERVIEWS", "DOCUMENTS", "SUMMARIES"):
        for how, value in re.findall(rf"^{name} (\+?=) (.+)$", head, re.M):
            made = eval(value, within, lists)
            lists[name] = lists[name] + made if how == "+=" else made
    return lists


def test_the_figures_of_a_domain_lie_in_the_folder_that_the_snakefile_promises(promised):
    assert promised["FIGURES"] == [f"results/figures/{DOMAIN}"]
    assert [figure.name for figure in FIGURES] == [FOREST, *(sibling.name for sibling in SIBLINGS)]
    assert all(figure_place(DOMAIN, figure.name).startswith(f"{DOMAIN}/{DOMAIN}_") for figure in FIGURES)


def test_what_the_manifest_seals_of_every_domain_is_what_is_made_of_every_domain(promised):
    made = [file for name in ("SYNTHESES", "FIGURES", "CERTAINTY", "TRACES", "EFFECTS") for file in promised[name]]
    assert sorted(file.replace("{domain}", DOMAIN) for file in promised["OF_EVERY_DOMAIN"]) == sorted(made)


def test_every_figure_of_the_review_is_promised_by_the_snakefile(promised):
    assert promised["OVERVIEWS"] == [f"results/figures/{WHOLE_REVIEW}"]


def test_the_settings_can_name_every_figure_and_the_comments_of_a_new_review_do():
    assert [figure.name for figure in FIGURES] == [*FigureOfDomain]
    assert [overview.name for overview in OVERVIEWS] == [*FigureOfReview]
    text = (ROOT / "src/taprev/starter/blank/review.yaml").read_text()
    [listed] = re.findall(
        r"Figures of a domain: (.+?); of the review: (.+?)\. Plain", " ".join(text.split("  # ")), re.S
    )
    named = [[name.strip() for name in names.split(",")] for names in listed]
    assert named == [[*FigureOfDomain], [*FigureOfReview]]


def test_every_document_is_promised_by_the_snakefile_and_every_format_has_a_writer_and_a_name(promised):
    assert [entry.stem for entry in DOCUMENTS] == [*FORMATS_OF_DOCUMENTS], "report/documents/formats.py has each"
    files = sorted(f"results/documents/{file}" for entry in DOCUMENTS for file in entry.files)
    assert sorted(promised["DOCUMENTS"]) == files
    kinds = {kind for entry in DOCUMENTS for kind in entry.formats}
    assert kinds == {kind for kinds in FORMATS_OF_DOCUMENTS.values() for kind in kinds}, "the extra is installed"
    assert all(callable(writer(kind)) for kind in kinds) and kinds | set(KINDS) == set(FILES)


def test_every_rule_belongs_to_a_job_of_the_cluster():
    rules = set(re.findall(r"^rule (\w+):", (ROOT / "Snakefile").read_text(), re.M)) - {"all"}
    groups = yaml.safe_load((ROOT / "profiles" / "slurm" / "config.yaml").read_text())["groups"]
    assert rules == set(groups)


def test_every_figure_and_document_has_a_name_of_its_own():
    named = [*(f.name for f in FIGURES), *(o.name for o in OVERVIEWS), *(d.stem for d in DOCUMENTS)]
    titled = [*(f.title for f in FIGURES), *(o.title for o in OVERVIEWS), *(d.title for d in DOCUMENTS)]
    assert sorted(named) == sorted(set(named)) and sorted(titled) == sorted(set(titled))


def test_every_estimator_has_its_words_its_entry_its_reference_in_r_and_its_name_in_the_methods():
    reference = json.loads((REFERENCE / "random_effects.json").read_text())
    fitted = {fit["tau2_method"] for fit in reference["fits"]}
    [listed] = re.findall(r"^METHODS <- c\((.+)\)$", (REFERENCE / "random_effects.R").read_text(), re.M)
    assert set(ESTIMATORS) == set(Tau2Method) == fitted == set(re.findall(r'"(\w+)"', listed))
    methods = (ROOT / "METHODS.md").read_text()
    assert [method for method in Tau2Method if not re.search(rf"\b{method}\b", methods)] == []
    assert all(method.said for method in Tau2Method) and all(made.equation for made in ESTIMATORS.values())


@pytest.mark.parametrize(
    ("file", "listed"),
    [
        ("config/review.yaml", r"# Between-study variance: (.+)\."),
        ("src/taprev/starter/blank/review.yaml", r"# Between-study variance: (.+)\."),
        ("src/taprev/synthesis/kernels/random_effects.py", r"tau2_method : str\n +(.+)\."),
        ("tests/reference/README.md", r"with `rma\(\)` by (.+?), and writes"),
        ("tests/reference/README.md", r"\| tau2, (DL.+?) \|"),
    ],
)
def test_every_list_of_estimators_in_prose_is_whole(file, listed):
    text = (ROOT / file).read_text()
    names = set(re.findall(r"\b[A-Z]{2,}\b", " ".join(re.findall(listed, text))))
    wanted = set(Tau2Method) - ({"REML", "ML"} if "tau2, (" in listed else set())
    assert names == wanted, file


def test_every_measure_has_its_reference_in_r():
    reference = json.loads((REFERENCE / "effects.json").read_text())
    methods = (ROOT / "METHODS.md").read_text()
    assert [name for name in set(MEASURES) - {"GEN"} if not re.search(rf"\b{name}\b", methods)] == []
    assert set(MEASURES) == {case.split("_")[0] for case in reference["cases"]} - {"medians"}
    explained = (REFERENCE / "README.md").read_text()
    assert [name for name in MEASURES if not re.search(rf"\b{name}\b", explained)] == []
    assert [name for name in MEASURES if not re.search(rf"\b{name}\b", effect_size.__doc__)] == []


def test_every_derivation_has_a_formula_in_writing_a_function_in_r_and_a_paragraph_in_the_methods():
    methods = (ROOT / "METHODS.md").read_text()
    script = (ROOT / "src/taprev/provenance/verify.R").read_text()
    ways = set(re.findall(r'^ *"([^"]+)" = ', script, re.M))
    for way in DERIVATIONS:
        of_a_test = re.sub(r"^SM(?:D|CR) from ", "", way.name)
        assert (way.name, way.family) in FORMULAS or of_a_test in TESTS, way
        assert all(formula(way.name, way.family, basis) for basis in SdBasis), way
        assert ways & {way.name, of_a_test}, way
        assert f"**{way.name}**" in methods, way
    assert set(FORMULAS) <= {(way.name, way.family) for way in DERIVATIONS}


def test_every_check_has_a_name_of_its_own_a_reason_and_a_severity():
    names = [check.name for check in REGISTRY]
    assert sorted(names) == sorted(set(names))
    assert all(check.reason.endswith(".") and check.severity in ("error", "query") for check in REGISTRY)


def test_every_check_that_is_written_is_registered():
    rooms = [
        import_module(f"taprev.extraction.plausibility.{room.name}") for room in iter_modules(plausibility.__path__)
    ]
    written = {
        name
        for room in rooms
        for name, made in vars(room).items()
        if isgeneratorfunction(made) and made.__module__ == room.__name__ and not name.startswith("_")
        if next(iter(signature(made).parameters), "") in ("row", "tables")
    }
    assert written and written <= {check.name for check in REGISTRY}


def test_every_format_is_on_its_page_and_in_the_tests_of_bad_files():
    page = (ROOT / "docs" / "importing.md").read_text("utf-8")
    tests = (ROOT / "tests" / "cli" / "test_import_command.py").read_text("utf-8")
    assert [one.word for one in FORMATS if f"`{one.word}`" not in page or f'"{one.word}"' not in tests] == []
    assert len({one.word for one in FORMATS}) == len(FORMATS)
