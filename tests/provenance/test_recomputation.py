"""The R script that computes a review again: it passes on what is right, and names what is wrong."""

from __future__ import annotations

import csv
import itertools
import json
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from helpers import ROOT, by_hand
from samples.extracted_rows import HEADER, figures, made_up_row
from taprev.effects.derivations import DERIVATIONS
from taprev.effects.fates import effect_rows
from taprev.effects.rows import EffectRow, read_effect_rows, rows_csv
from taprev.effects.variants import variants, variants_json
from taprev.extraction.tables import Row
from taprev.ground.files import csv_text, write_text
from taprev.provenance.recomputation import verify_script
from taprev.settings import Settings, read_settings
from taprev.synthesis.domain import synthesise
from taprev.synthesis.results import Synthesis, from_json, to_json
from taprev.synthesis.strata import combined_strata, strata
from taprev.tables.small_studies import SMALL_STUDIES, small_studies
from taprev.tables.write import MULTIVERSE, SENSITIVITY, SUMMARY, multiverse, sensitivity, summary
from taprev.vocabulary import BACK_TRANSFORMED, Tau2Method
from taprev.wording.notes import sentences

KIND = re.compile(r"(\S[\w ]*\S) +(\S+)  \((\d+) numbers\)(?:  (.+))?")
AGREES = re.compile(r"Largest \|d\|/se of all \d+ numbers: \S+; below 1e-06: R gives the same numbers.")
KINDS = [
    "effects",
    "pooled",
    "small studies",
    "other effects",
    "sensitivity",
    "multiverse",
    "moderators",
    "influence",
]
NUMBERS = ("k", "estimate", "ci_lb", "ci_ub", "tau2")
WITHIN_ARMS = "log ratio of the ratios within each arm"


def script_of(folder: Path) -> Path:
    return folder / "results" / "audit" / "verify.R"


def run(rscript: str, folder: Path, cwd: Path | None = None) -> subprocess.CompletedProcess:
    """Run the script of a review as people do, in an R of its own."""
    command = [rscript, str(script_of(folder))]
    return subprocess.run(command, cwd=cwd or folder, capture_output=True, text=True, encoding="utf-8")


Verified = Callable[[Path], subprocess.CompletedProcess]


@pytest.fixture(scope="session")
def verified(forked_r) -> Verified:
    """Return a function that runs the script of a review in a fork of one R, which has metafor loaded."""
    return lambda folder: forked_r(script_of(folder), cwd=folder)


@dataclass(frozen=True)
class Kind:
    """What the script says of one kind of number: the largest difference, and how many were compared."""

    largest: float
    numbers: int


def agrees(done: subprocess.CompletedProcess) -> dict[str, Kind]:
    """Return the line of each kind of number, of a run that passes."""
    lines = done.stdout.splitlines() or [""]
    assert done.returncode == 0 and AGREES.fullmatch(lines[-1]), done.stdout[-2000:] + done.stderr
    told = lines[lines.index("Largest |d|/se by kind of number") :]
    kinds = {found[1]: Kind(float(found[2]), int(found[3])) for found in map(KIND.fullmatch, told) if found}
    assert list(kinds) == KINDS
    return kinds


def problems(done: subprocess.CompletedProcess) -> list[str]:
    """Return what a run that fails complains of."""
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr
    named = [line.removeprefix("PROBLEM  ") for line in done.stdout.splitlines() if line.startswith("PROBLEM")]
    assert named and "NOT VERIFIED" in done.stdout.splitlines()[-1]
    return named


def changed(settings: Settings, **parts: dict) -> Settings:
    data = settings.model_dump()
    for name, values in parts.items():
        data[name] = {**data[name], **values}
    return Settings.model_validate(data)


def numbers_alone(name: str, effects: list[EffectRow], settings: Settings) -> Synthesis:
    """Return the pooled numbers of a domain without what accompanies them, which the script does not recompute."""
    return replace(
        synthesise(name, [], settings, {}),
        strata=tuple(strata(name, effects, settings, alone=True)),
        sensitivity=tuple(combined_strata(name, effects, settings, alone=True)),
    )


def written(folder: Path, settings: Settings, outcomes: list[Row], studies: dict[str, Row]) -> set[str]:
    """Write the files that the script reads for effects and pools, and the script; return the derivations."""
    found, contents = set(), []
    write_outcomes(folder, outcomes)
    for name in settings.domains:
        effects = effect_rows(name, outcomes, studies, settings)
        found |= {row.derivation for row in effects}
        write_text(folder / "results" / "effects" / f"{name}.csv", rows_csv(effects))
        contents.append(numbers_alone(name, effects, settings))
    write_table(folder, "summary", SUMMARY, summary(contents))
    write_text(script_of(folder), verify_script(settings))
    return found


def written_whole(
    folder: Path, settings: Settings, outcomes: list[Row], studies: dict[str, Row], judged: dict[str, str] | None = None
) -> list[Synthesis]:
    """Write every file that the script reads, and the script; return the results."""
    contents = []
    write_outcomes(folder, outcomes)
    for name in settings.domains:
        effects = effect_rows(name, outcomes, studies, settings, judged)
        others = variants(name, outcomes, studies, settings, judged or {}, effects)
        content = synthesise(name, effects, settings, {}, others)
        contents.append(content)
        write_text(folder / "results" / "effects" / f"{name}.csv", rows_csv(effects))
        write_text(folder / "results" / "effects" / "variants" / f"{name}.json", variants_json(others))
        write_text(folder / "results" / "synthesis" / f"{name}.json", to_json(content))
    write_table(folder, "summary", SUMMARY, summary(contents))
    write_table(folder, "sensitivity", SENSITIVITY, sensitivity(contents))
    write_table(folder, "multiverse", MULTIVERSE, multiverse(contents))
    write_table(folder, "small_studies", SMALL_STUDIES, small_studies(contents))
    write_text(script_of(folder), verify_script(settings))
    return contents


def write_outcomes(folder: Path, outcomes: list[Row]) -> None:
    header = list(dict.fromkeys((*HEADER, *(name for row in outcomes for name in row))))
    rows = [[row.get(name, "") for name in header] for row in outcomes]
    write_text(folder / "data" / "extracted" / "outcomes.csv", csv_text(header, rows, guarded=False))


def write_table(folder: Path, name: str, header: tuple[str, ...], rows: Iterable[dict]) -> None:
    text = csv_text(header, ([row.get(column) for column in header] for row in rows))
    write_text(folder / "results" / "tables" / f"{name}.csv", text)


@pytest.fixture(scope="module")
def run_once(tmp_path_factory) -> Path:
    """The shipped review up to its tables, by the commands, in a folder with a space in its name."""
    folder = tmp_path_factory.mktemp("recomputed") / "my review"
    for part in ("config", "data"):
        shutil.copytree(ROOT / part, folder / part)
    settings = read_settings(folder / "config" / "review.yaml")
    files = [f"results/synthesis/{name}.json" for name in settings.domains]
    commands = [
        ["settings"],
        ["effects"],
        *(["synthesis", name] for name in settings.domains),
        ["tables", *files],
    ]
    by_hand(folder, *commands)
    write_text(script_of(folder), verify_script(read_settings(folder / "results" / "settings.yaml")))
    return folder


@pytest.fixture
def results(run_once, tmp_path) -> Path:
    """A copy of its effects and pools, to be broken, without what surrounds them."""
    for part in ("data/extracted", "results/effects", "results/tables", "results/audit"):
        apart = shutil.ignore_patterns("variants", "sensitivity.csv", "multiverse.csv")
        shutil.copytree(run_once / part, tmp_path / part, ignore=apart)
    return tmp_path


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def table_of(folder: Path, name: str) -> list[dict[str, str]]:
    return table(folder / "results" / "tables" / f"{name}.csv")


def with_effects(folder: Path) -> list[tuple[Path, int, dict[str, str]]]:
    """Return every row with a magnitude: its file, its line in a spreadsheet, and the row."""
    files = sorted((folder / "results" / "effects").glob("*.csv"))
    return [(file, line, row) for file in files for line, row in enumerate(table(file), start=2) if row["yi"]]


def pooled_lines(folder: Path) -> list[tuple[int, dict[str, str]]]:
    rows = enumerate(table(folder / "results" / "tables" / "summary.csv"), start=2)
    return [(line, row) for line, row in rows if row["estimate"]]


def without(path: Path, line: int) -> None:
    """Take a row out of a CSV file; the header is line 1."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))
    del rows[line - 1]
    write_text(path, csv_text(rows[0], rows[1:], guarded=False))


@pytest.mark.reference
def test_the_shipped_review_is_recomputed(rscript, run_once):
    told = agrees(run(rscript, run_once))
    # R integrates for Henmi and Copas, to fewer digits
    assert max(kind.largest for name, kind in told.items() if name != "sensitivity") < 1e-9
    assert told["effects"].numbers == 2 * len(with_effects(run_once))
    assert told["pooled"].numbers >= 15 * len(pooled_lines(run_once)) > 0
    for name in ("sensitivity", "multiverse"):
        cells = sum(row[column] != "" for row in table_of(run_once, name) for column in NUMBERS)
        assert told[name].numbers >= cells > 0
    assert told["other effects"].numbers > told["effects"].numbers and told["influence"].numbers > 0


@pytest.mark.reference
def test_it_finds_the_review_by_its_own_place_and_by_an_argument(
    rscript, forked_r, verified, results, tmp_path_factory
):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    said = verified(results).stdout
    assert run(rscript, results, cwd=elsewhere).stdout == said
    other = elsewhere / "other"
    shutil.copytree(results / "results" / "audit", other / "results" / "audit")
    assert forked_r(script_of(other), results, cwd=elsewhere).stdout == said
    lost = verified(other)
    assert lost.returncode == 1 and "run this from the project's folder" in lost.stderr


@pytest.mark.reference
def test_every_changed_number_is_named_and_nothing_else(verified, results, edit):
    (file, line, one), (other_file, other_line, other) = with_effects(results)[0], with_effects(results)[-1]
    (pooled_line, pooled), (last_line, last) = pooled_lines(results)[0], pooled_lines(results)[-1]
    edit(file, line, "yi", repr(float(one["yi"]) + 3e-6 * float(one["vi"]) ** 0.5))
    edit(other_file, other_line, "vi", repr(float(other["vi"]) * (1 + 3e-6)))
    summary_file = results / "results" / "tables" / "summary.csv"
    edit(summary_file, pooled_line, "estimate", repr(float(pooled["estimate"]) + 3e-6 * float(pooled["se"])))
    edit(summary_file, last_line, "Q_pval", repr(float(last["Q_pval"]) * (1 + 3e-6)))
    named = problems(verified(results))
    assert [line.split(" is ")[0] for line in named] == [
        f"{one['result']}: yi",
        f"{other['result']}: vi",
        f"{pooled['domain']} {pooled['role']} {pooled['stratum']} {pooled['scale']}: estimate",
        f"{last['domain']} {last['role']} {last['stratum']} {last['scale']}: Q_pval",
    ]


@pytest.mark.reference
def test_what_is_missing_or_strange_is_named(verified, results, edit):
    summary_file = results / "results" / "tables" / "summary.csv"
    (first_line, first), (line, last) = pooled_lines(results)[0], pooled_lines(results)[-1]
    rows = {row["result"]: (file, place) for file, place, row in with_effects(results) if row["fate"] == "shown"}
    strange, half, lost = list(rows)[:3]
    edit(*rows[strange], "derivation", "SMD by guessing")
    edit(*rows[half], "vi", "")
    without(*rows[lost])
    edit(summary_file, first_line, "ci_method", "guessed")
    without(summary_file, line)
    named = " ".join(problems(verified(results)))
    assert f'{strange}: not recomputed, R has no function for the derivation "SMD by guessing"' in named
    assert f"{half}: has not all of yi, vi and a derivation" in named
    assert f"{lost}: stands in no effects file" in named
    assert f"{first['stratum']} {first['scale']}: ci_method is guessed here" in named
    assert f"{last['domain']} {last['role']} {last['stratum']} {last['scale']}: is pooled in R and missing" in named


@pytest.mark.reference
def test_a_changed_figure_and_an_emptied_table_of_effects_are_seen(verified, results, edit):
    outcomes = results / "data" / "extracted" / "outcomes.csv"
    by_t = next(row for *_, row in with_effects(results) if row["derivation"].endswith(" from t"))
    edit(outcomes, by_t["result"], "t", "1.234")
    _, pooled = pooled_lines(results)[-1]
    effects = results / "results" / "effects" / f"{pooled['domain']}.csv"
    header, rows = list(table(effects)[0]), table(effects)
    write_text(effects, csv_text(header, []))
    named = " ".join(problems(verified(results)))
    assert all(f"{row['result']}: stands in no effects file" in named for row in rows)
    assert f"{pooled['stratum']} {pooled['scale']}: stands in summary.csv and was not recomputed" in named
    assert f"{by_t['result']}: " in named


OTHER = {
    "wald": (
        {"r_pre_post": {"value": 0.3}, "rho": {"value": 0.8}, "cluster_adjustment": "sample_size"},
        {"tau2_method": "DL", "ci_method": "wald", "prediction_df": "k-2"},
    ),
    "che": (
        {"icc": {"value": 0.05}, "retained": {"value": 0.6}},
        {"dependence": {"model": "che", "fewest_studies": 3}},
    ),
}


@pytest.mark.reference
@pytest.mark.parametrize("name", OTHER)
def test_the_shipped_review_under_other_settings(verified, shipped, tmp_path, name):
    settings, outcomes, studies = shipped
    assumptions, synthesis = OTHER[name]
    other = changed(settings, assumptions=assumptions, synthesis=synthesis)
    written(tmp_path, other, outcomes, studies)
    assert agrees(verified(tmp_path))["pooled"].numbers > 0
    assert any(row["ci_method"] == "cr2" for _, row in pooled_lines(tmp_path)) == (name == "che")
    write_text(script_of(tmp_path), verify_script(settings))
    assert problems(verified(tmp_path))


MANY = {
    "reml": ({}, {}),
    "dl": (
        {
            "r_pre_post": {"value": 0.3},
            "rho": {"value": 0.8},
            "icc": {"value": 0.07},
            "cluster_adjustment": "sample_size",
        },
        {"tau2_method": "DL", "ci_method": "wald", "prediction_df": "k-2"},
    ),
    "pm": (
        {"shared_control": "split", "overdispersion": {"value": 2.5}},
        {"tau2_method": "PM", "ci_method": "hksj", "level": 0.9},
    ),
    "ml": (
        {"shared_control": "split", "cluster_adjustment": "sample_size", "rho": {"value": 0.1}},
        {"tau2_method": "ML", "ci_method": "hksj_modified"},
    ),
    "he": ({}, {"tau2_method": "HE"}),
    "hs": ({}, {"tau2_method": "HS"}),
    "sj": ({}, {"tau2_method": "SJ"}),
    "che": ({}, {"dependence": {"model": "che", "fewest_studies": 3}}),
    "three_level": (
        {"icc": {"value": 0.1}, "shared_control": "split"},
        {"dependence": {"model": "three_level", "fewest_studies": 3}},
    ),
}


def made_up(seed: int, scales: dict[str, str]) -> list[Row]:
    """Return two rows or more for every derivation: also arms that share a control group, and arms apart."""
    draw, rows = random.Random(seed), []
    for domain, way, _ in itertools.product(scales, DERIVATIONS, range(2)):
        if way.scale != scales[domain] and way.scale not in BACK_TRANSFORMED:
            continue
        row = made_up_row(draw, way, domain)
        rows.append(row)
        if row["contrast"] == "before_after":
            continue
        again = figures(draw, way)
        if draw.random() < 0.4:
            own = {name: cell for name, cell in again.items() if not name.endswith("arm2")}
            rows.append({**row, **own, "sample": f"{row['sample']}2"})
        elif way.statistic in ("ratio", "events"):
            row["arm"] = "programme"
            rows.append({**row, **again, "arm": "comparator"})
    return [{**row, "result": f"x{number:03d}"} for number, row in enumerate(rows)]


def made_up_studies(outcomes: list[Row]) -> dict[str, Row]:
    return {
        row["study"]: {"study": row["study"], "label": "A study", "year": "2000", "scope": "organisational"}
        for row in outcomes
    }


@pytest.fixture(scope="module")
def two_domains(shipped) -> Settings:
    domains = {
        "one": {"label": "One", "population": "patients"},
        "two": {"label": "Two", "population": "patients", "scale": "md", "unit": "points"},
    }
    data = shipped[0].model_dump() | {"domains": domains, "compare_with": None, "moderators": (), "bayes": ()}
    data["certainty"]["critical"] = ()
    return Settings.model_validate(data)


@pytest.fixture(scope="module")
def one_domain(two_domains) -> Settings:
    return Settings.model_validate(two_domains.model_dump() | {"domains": {"one": two_domains.domains["one"]}})


def test_every_estimator_is_recomputed():
    assert {synthesis.get("tau2_method", "REML") for _, synthesis in MANY.values()} == set(Tau2Method)


@pytest.mark.reference
@pytest.mark.parametrize("name", MANY)
def test_every_derivation_is_recomputed(verified, two_domains, tmp_path, name):
    assumptions, synthesis = MANY[name]
    settings = changed(two_domains, assumptions=assumptions, synthesis=synthesis)
    scales = {domain: one.scale for domain, one in settings.domains.items()}
    outcomes = made_up(list(MANY).index(name), scales)
    found = written(tmp_path, settings, outcomes, made_up_studies(outcomes))
    assert {way.name for way in DERIVATIONS} | {WITHIN_ARMS} <= found
    effects = read_effect_rows((tmp_path / "results" / "effects" / "one.csv").read_text("utf-8"))
    divided = any("divided evenly" in said for row in effects for said in sentences(row.assumptions))
    assert divided == (settings.assumptions.shared_control == "split")
    told = agrees(verified(tmp_path))
    assert told["effects"].largest < 1e-9 and told["pooled"].largest < 1e-8
    assert told["effects"].numbers == 2 * len(with_effects(tmp_path)) > 200 and told["pooled"].numbers > 100


def with_empty_cells() -> list[Row]:
    """Return made-up tables of ten trials, of odds and of risks, some with clusters; every third has an empty cell."""
    draw = random.Random(37)
    ways = [way for way in DERIVATIONS if way.name in ("log odds ratio from events", "log risk ratio from events")]
    alike = {"contrast": "randomised", "pairing": "", "better": "lower"}
    rows = [made_up_row(draw, way, "one") | alike for way, _ in itertools.product(ways, range(5))]
    for row in rows[::3]:
        row["event_arm1"] = "0"
    return [row | {"result": f"e{number}", "study": f"T{number}"} for number, row in enumerate(rows)]


@pytest.mark.reference
@pytest.mark.parametrize("events", ["mantel_haenszel", "peto"])
def test_events_with_empty_cells_are_recomputed(verified, one_domain, tmp_path, events):
    outcomes = with_empty_cells() + [row for row in made_up(2, {"one": "smd"}) if row["statistic"] != "events"]
    written(tmp_path, changed(one_domain, synthesis={"events": events}), outcomes, made_up_studies(outcomes))
    assert agrees(verified(tmp_path))
    assert {row["model"] for _, row in pooled_lines(tmp_path)} >= {"exact_likelihood", "mantel_haenszel"}


@pytest.mark.reference
@pytest.mark.parametrize("events", ["mantel_haenszel", "peto"])
def test_a_wrong_pool_of_events_is_found(verified, one_domain, tmp_path, edit, events):
    rows = with_empty_cells()
    written(tmp_path, changed(one_domain, synthesis={"events": events}), rows, made_up_studies(rows))
    line, pooled = next((line, row) for line, row in pooled_lines(tmp_path) if row["events_estimate"])
    wrong = repr(float(pooled["events_estimate"]) + 1e-4)
    edit(tmp_path / "results" / "tables" / "summary.csv", line, "events_estimate", wrong)
    named = problems(verified(tmp_path))
    assert named and all("events estimate is" in line for line in named)


# What surrounds a number: other choices, moderators, influence ---------------------------------------------------


@pytest.fixture(scope="module")
def surrounded(one_domain, tmp_path_factory) -> Path:
    """A small review: studies of several samples and results, moderators, and every choice of its effects."""
    data = one_domain.model_dump()
    data["moderators"] = (
        {"column": "setting", "label": "Setting", "kind": "groups", "knowingly": True},
        {"column": "dose", "label": "Dose", "kind": "number", "knowingly": True},
    )
    data["assumptions"] |= {
        "r_pre_post": {"value": 0.5, "grid": (0.3,)},
        "rho": {"value": 0.6, "grid": (0.4,)},
        "icc": {"grid": ()},
        "retained": {"grid": ()},
        "shared_control": "split",
    }
    data["sensitivity"] |= {
        "tau2_methods": ("REML", "DL"),
        "scopes": ({"name": "wider", "label": 'with "others"; all: of them', "add": ("client_programme",)},),
    }
    draw = random.Random(3)
    ways = [way for way in DERIVATIONS if way.name in ("SMD from means", "SMD from t")]
    rows = [made_up_row(draw, way, "one") for way, _ in itertools.product(ways, range(14))]
    apart = {"contrast": "controlled", "pairing": "", "unit_of_allocation": "", "cluster_size": ""}
    outcomes = [
        row | apart | {"result": f"x{number:03d}", "study": f"S{number % 12}", "sample": draw.choice("ab")}
        for number, row in enumerate(rows)
    ]
    studies = made_up_studies(outcomes)
    for study in studies.values():
        scope = draw.choice(["organisational"] * 5 + ["client_programme"])
        study |= {"setting": draw.choice(["ward", "home"]), "dose": draw.choice(["1", "2.5", "", "11"]), "scope": scope}
    judged = {row["result"]: draw.choice(["high", "low", "low"]) for row in outcomes}
    folder = tmp_path_factory.mktemp("surrounded")
    written_whole(folder, Settings.model_validate(data), outcomes, studies, judged)
    return folder


@pytest.fixture(scope="module")
def of_surrounded(verified, surrounded) -> subprocess.CompletedProcess:
    """What the script says of that review."""
    return verified(surrounded)


@pytest.fixture(scope="module")
def surroundings(of_surrounded) -> dict[str, Kind]:
    """The same by kind of number."""
    return agrees(of_surrounded)


@pytest.mark.reference
def test_a_fork_of_r_says_what_an_r_of_its_own_says(rscript, of_surrounded, surrounded):
    alone = run(rscript, surrounded)
    assert (of_surrounded.returncode, of_surrounded.stdout) == (alone.returncode, alone.stdout)


@pytest.mark.reference
def test_what_surrounds_a_number_is_recomputed(surroundings, surrounded):
    told = surroundings
    assert all(kind.numbers for kind in told.values())
    assert max(kind.largest for name, kind in told.items() if name != "sensitivity") < 1e-8
    tables = surrounded / "results" / "tables"
    factors = {row["factor"] for row in table(tables / "sensitivity.csv")}
    assert factors >= {
        "scope",
        "risk_of_bias",
        "r_pre_post",
        "interval",
        "dependence",
        "leave_one_out",
        "cumulative",
        "tau2_method",
    }
    content = (surrounded / "results" / "synthesis" / "one.json").read_text("utf-8")
    found = [one for stratum in from_json(content).strata for one in stratum.moderators if not one.refused]
    assert {one.regression.ci_method for one in found if one.regression} >= {"cr2"}
    assert any(one.subgroups for one in found)
    clustered = [row for row in table(tables / "small_studies.csv") if row["kind"] == "test" and row["estimate"]]
    assert clustered


@pytest.mark.reference
@pytest.mark.parametrize("method", [method for method in Tau2Method if method != Tau2Method.REML])
def test_a_share_is_recomputed_by_the_estimator_of_the_review(verified, one_domain, tmp_path, method):
    draw = random.Random(7)
    [way] = [way for way in DERIVATIONS if way.name == "SMD from means"]
    apart = {"contrast": "controlled", "pairing": "", "unit_of_allocation": "", "cluster_size": "", "sample": "a"}
    rows = [
        made_up_row(draw, way, "one") | apart | {"result": f"x{number}", "study": f"S{number}"} for number in range(12)
    ]
    contents = written_whole(
        tmp_path, changed(one_domain, synthesis={"tau2_method": method}), rows, made_up_studies(rows)
    )
    # selection models are by maximum likelihood whatever the method, and R takes longest over them
    others = (row for row in small_studies(contents) if row.get("method") not in ("one_step", "two_steps"))
    write_table(tmp_path, "small_studies", SMALL_STUDIES, others)
    shares = [row for row in table_of(tmp_path, "small_studies") if row["kind"] == "share" and row["estimate"]]
    assert shares and shares[0]["ci_lb"]
    assert agrees(verified(tmp_path))["small studies"].numbers >= 3 * len(shares)


@pytest.mark.reference
def test_without_clubsandwich_nested_effects_are_compared_as_far_as_they_can_be(
    verified, surroundings, surrounded, tmp_path
):
    folder = shutil.copytree(surrounded, tmp_path / "review")
    text = script_of(folder).read_text("utf-8")
    without = re.sub(r"(?m)^has_clubSandwich <- .*$", "has_clubSandwich <- function() FALSE", text)
    write_text(script_of(folder), without)
    done = verified(folder)
    told = agrees(done)
    assert 0 < told["sensitivity"].numbers < surroundings["sensitivity"].numbers
    skipped = [line for line in done.stdout.splitlines() if line.startswith("SKIPPED")]
    assert len(skipped) == 3 and all("clubSandwich is not installed" in line for line in skipped)


def moved(number: str) -> str:
    return repr(float(number) + 1e-3)


def altered_json(path: Path, alter: Callable[[dict], None]) -> None:
    content = json.loads(path.read_text("utf-8"))
    alter(content)
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1))


@pytest.mark.reference
def test_one_changed_number_of_each_kind_is_named(verified, surrounded, tmp_path, edit):
    folder = shutil.copytree(surrounded, tmp_path / "review")
    tables, named = folder / "results" / "tables", []

    def change(name: str, column: str, wanted: Callable[[dict[str, str]], bool]) -> dict[str, str]:
        line, row = next(
            (line, row) for line, row in enumerate(table(tables / name), start=2) if row[column] and wanted(row)
        )
        edit(tables / name, line, column, moved(row[column]))
        return row

    for factor, column in (
        ("r_pre_post", "estimate"),
        ("interval", "ci_ub"),
        ("dependence", "ci_ub"),
        ("leave_one_out", "ci_lb"),
        ("cumulative", "tau2"),
    ):
        row = change("sensitivity.csv", column, lambda row, factor=factor: row["factor"] == factor)
        named.append(f"one {row['stratum']}: {factor} {row['level']} {column}")
    row = change("multiverse.csv", "estimate", lambda row: True)
    named.append(f"one {row['stratum']}: {row['combination']} estimate")

    def alter_variants(content: dict) -> None:
        place = next(place for place, cell in enumerate(content["results"][0]["yi"]) if cell is not None)
        content["results"][0]["yi"][place] += 1e-3
        named.append(f"{content['results'][0]['result']}: ")

    def alter_synthesis(content: dict) -> None:
        stratum = next(one for one in content["strata"] if one["moderators"] and one["moderators"][1]["regression"])
        groups, number = stratum["moderators"]
        groups["subgroups"]["groups"][0]["ci_lb"] += 1e-3
        groups["subgroups"]["Q"] += 1e-3
        number["regression"]["terms"][1]["estimate"] += 1e-3
        number["line"][3]["ci_ub"] += 1e-3
        stratum["panel"]["influence"][0]["cook_d"] += 1e-3
        stratum["panel"]["multiverse"]["median"] += 1e-3
        where = f"one {stratum['name']}"
        level, value = groups["subgroups"]["groups"][0]["level"], number["line"][3]["value"]
        named.extend(
            [
                f"{where} by setting: {level} ci_lb",
                f"{where} by setting: between groups Q",
                f"{where} by dose: slope estimate",
                f"{where}: median",
                f"{where} by dose: at {value:g} ci_ub",
                f"{where}: {stratum['panel']['influence'][0]['label']} cook_d",
            ]
        )

    altered_json(folder / "results" / "effects" / "variants" / "one.json", alter_variants)
    altered_json(folder / "results" / "synthesis" / "one.json", alter_synthesis)
    found = problems(verified(folder))
    assert len(found) == len(named)
    assert [name for name in named if not any(line.startswith(name) for line in found)] == []


@pytest.mark.reference
def test_a_line_that_is_missing_is_named(verified, surrounded, tmp_path):
    folder = shutil.copytree(surrounded, tmp_path / "review")
    tables = folder / "results" / "tables"
    combination = table(tables / "multiverse.csv")[-1]
    without(tables / "multiverse.csv", len(table(tables / "multiverse.csv")) + 1)
    lines = table(tables / "sensitivity.csv")
    place, lost = next((place, row) for place, row in enumerate(lines) if row["factor"] == "leave_one_out")
    without(tables / "sensitivity.csv", place + 2)
    held = sum(row["factor"] == "leave_one_out" and row["stratum"] == lost["stratum"] for row in lines)
    assert sorted(problems(verified(folder))) == sorted(
        [
            f"one {lost['stratum']}: sensitivity.csv holds {held - 1} lines of leave_one_out, R makes {held}",
            f"one {combination['stratum']}: {combination['combination']} is missing in multiverse.csv",
        ]
    )


@pytest.mark.reference
def test_models_of_counts_and_effects_of_both_scales_together_are_recomputed(verified, two_domains, tmp_path):
    data = two_domains.model_dump()
    data["domains"] = {"one": data["domains"]["one"] | {"converted": "to_differences"}}
    draw = random.Random(1)
    ways = {way.name: way for way in DERIVATIONS}
    rows = [made_up_row(draw, ways["log odds ratio from events"], "one") for _ in range(4)]
    rows += [made_up_row(draw, ways["SMD from means"], "one") for _ in range(3)]
    plain = {"contrast": "randomised", "pairing": "", "unit_of_allocation": "", "cluster_size": "", "better": "lower"}
    outcomes = [
        row | plain | {"result": f"x{number}", "study": f"S{number}", "sample": "all"}
        for number, row in enumerate(rows)
    ]
    for row, (events, others) in zip(outcomes, ((0, 3), (1, 2), (2, 4), (3, 2)), strict=False):
        row |= {"event_arm1": str(events), "totaln_arm1": "40", "event_arm2": str(others), "totaln_arm2": "45"}
    written_whole(tmp_path, Settings.model_validate(data), outcomes, made_up_studies(outcomes))
    told = agrees(verified(tmp_path))
    assert told["sensitivity"].largest < 1e-6
    lines = table(tmp_path / "results" / "tables" / "sensitivity.csv")
    assert sum(row["factor"] == "model" for row in lines) == 5
    assert {"conversion", "leave_one_out"} <= {row["factor"] for row in lines}


def test_every_derivation_has_its_function_in_the_script(shipped):
    text = verify_script(shipped[0])
    for way in DERIVATIONS:
        ways = (way.name, re.sub(r"^SM(D|CR) from ", "", way.name))
        assert any(f'"{name}" = ' in text for name in ways), way.name


@pytest.mark.reference
def test_a_review_without_a_number_says_so(verified, two_domains, tmp_path):
    written(tmp_path, two_domains, [], {})
    done = verified(tmp_path)
    assert done.returncode == 0 and done.stdout.endswith("the review holds no number to compare.\n")


HOSTILE = [
    "a \"quoted\" \\ title with 'quotes' and `ticks`",
    '"); system("touch harmed"); ("',
    "two\nlines\r\n# <<< settings\n# >>> settings\ttab",
    "Traumasensible Ansätze, 心的外傷, 🙂, {braces} \\u{41} %d",
    "a null \x00, a bell \x07, an escape \x1b[31m and a mark \ufeff",
]


@pytest.mark.reference
@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_is_only_text(rscript, verified, two_domains, tmp_path, title):
    settings = changed(two_domains, review={"title": title})
    text = verify_script(settings)
    assert text.isascii() and text.count("# <<< settings\n") == 1
    written(tmp_path, settings, [], {})
    code = "eval(parse(commandArgs(TRUE))[[2]]); cat(utf8ToInt(settings$title))"
    done = subprocess.run([rscript, "-e", code, str(script_of(tmp_path))], capture_output=True, text=True)
    assert done.stdout.split() == [str(ord(letter) or 0xFFFD) for letter in title], done.stderr
    assert verified(tmp_path).returncode == 0
    assert not (tmp_path / "harmed").exists()


def test_the_settings_stand_in_the_script_and_no_path_does(two_domains):
    settings = changed(
        two_domains,
        assumptions={"r_pre_post": {"value": 0.1 + 0.2}, "overdispersion": {"value": 2.5}},
        synthesis={"combined": [{"name": "both", "label": "B", "contrasts": ["controlled", "randomised"]}]},
    )
    text = verify_script(settings)
    for line in (
        "r_pre_post = 0.30000000000000004,",
        "overdispersion = 2.5,",
        "icc = NA,",
        "fewest_studies = 5L,",
        'list(name = "both", contrasts = c("controlled", "randomised"))',
        '"two" = "md"',
    ):
        assert line in text
    assert str(ROOT) not in text and "/work" not in text and "A review" not in text
    assert "combined = list()" in verify_script(changed(settings, synthesis={"combined": ()}))


def test_a_name_that_is_no_word_is_refused(two_domains):
    unchecked = two_domains.model_copy(update={"domains": {"three\n": two_domains.domains["one"]}})
    with pytest.raises(ValueError, match="cannot be a name"):
        verify_script(unchecked)
