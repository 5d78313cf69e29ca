"""What is exported comes back: through R, through the importers, and through the libraries of each format."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
import shutil
import zipfile
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pytest
import rispy
from frictionless import Package
from rocrate.rocrate import ROCrate

from helpers import by_hand, taprev
from samples.foreign import CELLS
from taprev.exchange.answers import EVERY, Answers, answered
from taprev.exchange.escalc import read_escalc
from taprev.exchange.exporting.exported import TURNED, ReviewToExport
from taprev.exchange.exporting.registry import EXPORTERS
from taprev.exchange.exporting.robvis import to_robvis
from taprev.exchange.formats import format_of
from taprev.exchange.imported import Imported
from taprev.exchange.metapsy import read_metapsy
from taprev.exchange.revman.pools import NOTHING_STORED
from taprev.exchange.risk_of_bias.robvis import read_robvis
from taprev.exchange.telling import agrees
from taprev.extraction.risk_of_bias.declarations import tools_of
from taprev.extraction.tables import read_rows
from taprev.ground.files import csv_text, write_text
from taprev.settings import read_settings
from taprev.settings.citation import NOT_CITED, Author, CitationFile, Reference
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.results import Events, Study, Synthesis, read_synthesis
from taprev.vocabulary import CiMethod, CitedFrom, ExportFormat, Scale, Tau2Method

DOMAIN = "length_of_stay"
CITED = CitationFile(
    CitedFrom.FILE,
    Reference("A review", (Author("Doe", "Jo"), Author("The group")), "2026", "2", "https://example.org/r"),
)


@pytest.fixture(scope="module")
def example(finished_example) -> ReviewToExport:
    results = finished_example / "results"
    return ReviewToExport(finished_example, results, read_settings(results / "settings.yaml"), NOT_CITED)


def made(review: ReviewToExport, to: ExportFormat) -> dict[str, bytes]:
    return dict(EXPORTERS[to](review).files)


def records(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_every_format_has_an_exporter():
    assert set(EXPORTERS) == set(ExportFormat)


@pytest.mark.reference
def test_metafor_pools_what_is_exported_to_the_same_numbers(example, forked_r, tmp_path):
    for name, content in made(example, ExportFormat.METAFOR).items():
        (tmp_path / name).write_bytes(content)
    done = forked_r("effects.R", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = re.search(r"(\d+) pooled numbers; largest difference (\S+) standard errors", done.stdout)
    assert found and found[1] == "1" and float(found[2]) < 1e-9


def test_the_effects_are_those_of_the_results_and_come_back_by_the_importer(example, tmp_path):
    files = made(example, ExportFormat.METAFOR)
    [stratum] = read_synthesis(example.results / "synthesis" / f"{DOMAIN}.json").strata
    effects = records(files["effects.csv"])
    assert [float(row["yi"]) for row in effects] == [study.yi for study in stratum.studies]
    assert {row["pooled"] for row in effects} == {"TRUE"} and float(records(files["pooled.csv"])[0]["k"]) == 9
    path = tmp_path / "effects.csv"
    path.write_bytes(files["effects.csv"])
    again = read_escalc(path, Answers()).rows("outcomes")
    assert [float(row["yi"]) for row in again] == [study.yi for study in stratum.studies]
    assert {(row["effect_measure"], row["better"], row["contrast"]) for row in again} == {("md", "lower", "controlled")}
    assert [float(row["n_arm1"]) for row in again] == [study.n_arm1 for study in stratum.studies]
    with pytest.raises(ValueError, match="--measure says SMD, and the column scale has MD"):
        read_escalc(path, Answers(measure="SMD"))


def test_turned_differences_and_ratios_come_back_as_they_were_whatever_their_outcome(example, tmp_path):
    """A standardised difference is turned so that positive is better; a ratio of events that nobody wants is not."""
    content = example.contents[0]
    [stratum] = content.strata
    turned = replace(stratum, scale=Scale.SMD, unit="", favours_sign=1, fit=None)
    ratios = replace(stratum, name="ratio", scale=Scale.LOG_RISK_RATIO, unit="", favours_sign=-1, fit=None)
    review = pooled_as(example, content, strata=(turned, ratios))
    exported = EXPORTERS[ExportFormat.METAFOR](review)
    path = tmp_path / "effects.csv"
    path.write_bytes(exported.files["effects.csv"])
    assert exported.remarks[0] == TURNED and TURNED in EXPORTERS[ExportFormat.REVMAN](review).remarks[1]
    again = answered(format_of(path).read(path, Answers()), Answers()).rows("outcomes")
    k = len(stratum.studies)
    told = [(row["effect_measure"], row.get("ratio_kind", ""), row["better"]) for row in again]
    assert told == [("smd", "", "higher")] * k + [("log_ratio", "risk", "lower")] * k
    wanted = ["better" if study.yi > 0 else "worse" for study in stratum.studies]
    assert [row["direction"] for row in again[:k]] == wanted
    assert [row["direction"] for row in again[k:]] == ["worse" if one == "better" else "better" for one in wanted]


def test_each_outcome_has_a_table_of_metapsy_where_there_are_several(example, tmp_path):
    results = tmp_path / "results"
    shutil.copytree(example.extracted, results / "audit" / "extracted")
    review = ReviewToExport(tmp_path, results, example.settings, NOT_CITED)
    [header, *rows] = csv.reader((review.extracted / "outcomes.csv").read_text("utf-8").splitlines())
    at = header.index("domain")
    other = [[*row[:at], "pain" if n < 3 else row[at], *row[at + 1 :]] for n, row in enumerate(rows)]
    write_text(review.extracted / "outcomes.csv", csv_text(header, other))
    exported = EXPORTERS[ExportFormat.METAPSY](review)
    assert [*exported.files] == ["metapsy_pain.csv", f"metapsy_{DOMAIN}.csv"]
    assert [content.count(b"\n") for content in exported.files.values()] == [1 + 3, 1 + 6]
    assert exported.remarks[0].startswith("The standard has no column for outcomes: each of the 2")


def test_metapsy_comes_back_with_the_same_figures(example, tmp_path):
    path = tmp_path / "metapsy.csv"
    path.write_bytes(made(example, ExportFormat.METAPSY)["metapsy.csv"])
    assert ";" in path.read_text("utf-8") and not re.search(r"\d\.\d", path.read_text("utf-8").replace("doi", ""))
    answers = Answers(better={EVERY: "lower"}, contrast={EVERY: "controlled"})
    again = read_metapsy(path, answers).rows("outcomes")
    figures = ("statistic", "mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2", "measure")
    first = read_rows(example.extracted / "outcomes.csv")
    assert [[float(row[f]) if row[f][:1].isdigit() else row[f] for f in figures] for row in again] == [
        [float(row[f]) if row[f][:1].isdigit() else row[f] for f in figures] for row in first
    ]


def test_judgements_are_a_table_that_the_importer_reads_back(example, tmp_path):
    results = tmp_path / "results"
    shutil.copytree(example.extracted, results / "audit" / "extracted")
    review = ReviewToExport(tmp_path, results, example.settings, NOT_CITED)
    outcomes = read_rows(example.extracted / "outcomes.csv")[:3]
    [tool] = [tool for tool in tools_of(example.extracted).tools if tool.title == "ROBINS-I (2016)"]
    levels = [level.name for level in tool.levels]
    names = [domain.name for domain in tool.domains] + ["overall"]
    header = ["result", "tool", "version", "domain", "judgement", "reason"]
    rows = [
        [row["result"], tool.name, tool.version, name, levels[n % 3], "Read."]
        for n, row in enumerate(outcomes)
        for name in names
    ]
    write_text(review.extracted / "risk_of_bias.csv", csv_text(header, rows))
    [(name, content)] = to_robvis(review).files.items()
    assert name == "robins_i.csv"
    assert list(records(content)[0]) == ["Study", *(f"D{number}" for number in range(1, 8)), "Overall", "Weight"]
    assert [row["Overall"] for row in records(content)] == [levels[n] for n in range(3)]
    path = tmp_path / name
    path.write_bytes(content)
    shutil.copytree(review.extracted, tmp_path / "data" / "extracted")
    again = read_robvis(path, Answers(review=tmp_path, tool=tool.title)).rows("risk_of_bias")
    assert {(row["result"], row["domain"], row["judgement"]) for row in again} == {(r[0], r[3], r[4]) for r in rows}


def revman_again(review: ReviewToExport, folder: Path, **answers) -> Imported:
    path = folder / "review-data.zip"
    path.write_bytes(made(review, ExportFormat.REVMAN)["review-data.zip"])
    asked = Answers(better={EVERY: "lower"}, contrast={EVERY: "controlled"}, **answers)
    return answered(format_of(path).read(path, asked), asked)


def test_revman_gets_the_effects_as_pooled_with_their_studies_and_reports(example, tmp_path):
    again = revman_again(example, tmp_path)
    [stratum] = example.contents[0].strata
    rows = again.rows("outcomes")
    assert [float(row["yi"]) for row in rows] == [study.yi for study in stratum.studies]
    assert [float(row["se"]) ** 2 for row in rows] == pytest.approx([study.vi for study in stratum.studies])
    studies, reports = (read_rows(example.extracted / f"{name}.csv") for name in ("studies", "reports"))
    assert [row["label"] for row in again.rows("studies")] == [row["label"] for row in studies]
    assert {row["citation"].rstrip(".") for row in again.rows("reports")} == {
        " ".join(row["citation"].split()).rstrip(".") for row in reports
    }
    assert again.arms == (stratum.arms.programme, stratum.arms.comparator)
    [pool] = again.pooled
    assert pool.remark == NOTHING_STORED and "REML" in EXPORTERS[ExportFormat.REVMAN](example).remarks[1]


def pooled_as(review: ReviewToExport, content: Synthesis, **chosen) -> ReviewToExport:
    """Return a review of one domain, whose strata were pooled by chosen methods."""
    again = replace(review)
    again.__dict__["contents"] = (replace(content, **chosen),)
    return again


def test_a_pooled_number_of_revmans_own_method_is_in_the_package_and_recomputed(example, tmp_path):
    [stratum] = example.contents[0].strata
    yi, vi = (np.array([getattr(study, name) for study in stratum.studies]) for name in ("yi", "vi"))
    fit = random_effects(yi, vi, tau2_method=Tau2Method.DL, ci_method=CiMethod.WALD)
    own = replace(stratum, fit=fit)
    [pool, *_] = revman_again(pooled_as(example, example.contents[0], strata=(own,)), tmp_path).pooled
    assert sum(figure.difference is not None for figure in pool.figures) == 8
    assert all(agrees(figure) for figure in pool.figures if figure.difference is not None)


def of_counts(study: Study, n: int) -> Study:
    """Return a sample with counts and the odds ratio that they give."""
    a, b, c, d = 3 + n, 17, 5 + n, 17
    vi = 1 / a + 1 / b + 1 / c + 1 / d
    return replace(study, events=Events(a, a + b, c, c + d), yi=math.log(a * d / (b * c)), vi=vi)


def test_counts_go_to_revman_as_counts_unless_the_ratio_was_adjusted(example, tmp_path):
    [stratum] = example.contents[0].strata
    counted = [of_counts(study, n) for n, study in enumerate(stratum.studies)]
    odds = replace(stratum, scale=Scale.LOG_ODDS_RATIO, unit="", studies=tuple(counted), fit=None)
    rows = revman_again(pooled_as(example, example.contents[0], strata=(odds,)), tmp_path).rows("outcomes")
    assert [tuple(float(row[name]) for name in CELLS) for row in rows] == [astuple(one.events) for one in counted]
    assert {(row["statistic"], row["ratio_kind"]) for row in rows} == {("events", "odds")}
    adjusted = replace(odds, studies=(replace(counted[0], vi=2 * counted[0].vi), *counted[1:]))
    rows = revman_again(pooled_as(example, example.contents[0], strata=(adjusted,)), tmp_path).rows("outcomes")
    assert {(row["statistic"], row["effect_measure"], row["ratio_kind"]) for row in rows} == {
        ("effect", "log_ratio", "odds")
    }
    assert [float(row["yi"]) for row in rows] == pytest.approx([one.yi for one in counted])


def test_a_hazard_ratio_goes_to_revman_as_its_logarithm(example, tmp_path):
    [stratum] = example.contents[0].strata
    hazards = replace(stratum, scale=Scale.LOG_HAZARD_RATIO, unit="", fit=None)
    rows = revman_again(pooled_as(example, example.contents[0], strata=(hazards,)), tmp_path).rows("outcomes")
    assert [float(row["yi"]) for row in rows] == [study.yi for study in stratum.studies]
    assert {(row["effect_measure"], row["ratio_kind"]) for row in rows} == {("log_ratio", "hazard")}


def test_references_come_back_with_address_doi_and_study(example, tmp_path):
    entries = rispy.loads(made(example, ExportFormat.RIS)["references.ris"].decode())
    reports = read_rows(example.extracted / "reports.csv")
    assert [entry["id"] for entry in entries] == [row["report"] for row in reports]
    assert [entry["title"] for entry in entries] == [" ".join(row["citation"].split()) for row in reports]
    path = tmp_path / "references.ris"
    text = made(example, ExportFormat.RIS)["references.ris"].decode()
    path.write_text(re.sub(r"^DO  - .*\n", "", text, flags=re.M), encoding="utf-8")
    again = format_of(path).read(path, Answers())
    studies = read_rows(example.extracted / "studies.csv")
    assert [row["label"] for row in again.rows("studies")] == [row["label"] for row in studies]
    assert len({row["study"] for row in again.rows("reports")}) == len(studies) and again.remarks == ()
    assert not re.search(r"^\d+\.$", made(example, ExportFormat.RIS)["references.ris"].decode(), re.M)


def test_the_flow_counts_the_studies_in_a_meta_analysis(example):
    [content] = made(example, ExportFormat.PRISMA).values()
    assert {row["data"]: row["n"] for row in records(content)}["new_studies"] == "9"


def test_the_data_package_is_valid_and_says_who_made_it(example, tmp_path):
    cited = ReviewToExport(example.folder, example.results, example.settings, CITED)
    content = made(cited, ExportFormat.DATA_PACKAGE)["data_package.zip"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    described = json.loads((tmp_path / "datapackage.json").read_text("utf-8"))
    assert described["title"] == "A review" and described["contributors"][0] == {"title": "Jo Doe", "roles": ["author"]}
    assert "anew" not in json.dumps(described) and "decide" not in described
    for table in described["resources"]:
        file = (tmp_path / table["path"]).read_bytes()
        assert table["hash"] == f"sha256:{hashlib.sha256(file).hexdigest()}" and table["bytes"] == len(file)
    assert Package(str(tmp_path / "datapackage.json")).validate().valid
    assert made(cited, ExportFormat.DATA_PACKAGE)["data_package.zip"] == content


def test_the_research_object_holds_the_whole_run(example, tmp_path):
    cited = ReviewToExport(example.folder, example.results, example.settings, CITED)
    content = made(cited, ExportFormat.RESEARCH_OBJECT)["research_object.zip"]
    path = tmp_path / "crate.zip"
    path.write_bytes(content)
    crate = ROCrate(path)
    assert crate.name == "A review" and [one["name"] for one in crate.creator] == ["Jo Doe", "The group"]
    manifest = json.loads((example.results / "manifest.json").read_text("utf-8"))
    wanted = {*manifest["inputs"], *(f"results/{name}" for name in manifest["outputs"]), "results/manifest.json"}
    assert wanted <= {entity.id for entity in crate.get_entities()}
    with zipfile.ZipFile(path) as archive:
        assert wanted <= set(archive.namelist())
        for name, sha in manifest["outputs"].items():
            assert hashlib.sha256(archive.read(f"results/{name}")).hexdigest() == sha
    [report] = [entity for entity in crate.get_entities() if entity.id == "results/report.html"]
    assert report["sha256"] == manifest["outputs"]["report.html"]


def test_a_file_that_was_changed_is_not_exported(finished_example, tmp_path):
    copy = Path(shutil.copytree(finished_example, tmp_path / "copy"))
    (copy / "results" / "report.html").write_text("changed", encoding="utf-8")
    asked = taprev(copy, "export", "research-object")
    assert asked.returncode == 1 and "results/report.html: changed since the run" in asked.stderr
    assert not (copy / "exports").exists()


def test_the_command_says_what_it_wrote_and_overwrites_nothing(finished_example, tmp_path):
    copy = Path(shutil.copytree(finished_example, tmp_path / "copy"))
    by_hand(copy, ["export", "ris"])
    assert (copy / "exports" / "ris" / "references.ris").is_file()
    again = taprev(copy, "export", "ris")
    assert again.returncode == 1 and "exports/ris/references.ris is there already and was not touched" in again.stderr
    by_hand(copy, ["export", "ris", "--replace"])
    nothing = taprev(copy, "export", "robvis")
    assert nothing.returncode == 1 and "Nothing was written: the review holds nothing for robvis" in nothing.stderr
    for own in ("results/new", "data/extracted", "config"):
        refused = taprev(copy, "export", "ris", "--out", own)
        assert refused.returncode == 1 and "this folder belongs to the review itself" in refused.stderr
    unrun = taprev(tmp_path, "export", "ris")
    assert unrun.returncode == 1 and "there is no finished run here. Run make review first." in unrun.stderr
