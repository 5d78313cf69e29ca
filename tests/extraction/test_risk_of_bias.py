"""Risk of bias by tool: what a tool has is understood in every spelling, and what it does not have is refused."""

from __future__ import annotations

import shutil
from itertools import permutations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from helpers import ROOT
from taprev.extraction.judgements import judgement_problems
from taprev.extraction.plausibility import table_queries
from taprev.extraction.risk_of_bias.declarations import shipped_tools, tools_of
from taprev.extraction.risk_of_bias.judged import (
    in_words,
    judgements,
    overall,
    overall_levels,
    read_judged,
    standing,
    with_levels_of_tools,
)
from taprev.extraction.risk_of_bias.tools import OVERALL, BiasTools
from taprev.extraction.table_problems import table_problems
from taprev.extraction.tables import read_rows
from taprev.ground.files import csv_text
from taprev.settings import read_settings
from taprev.vocabulary import Allocation, Contrast, RobRung

EXTRACTED = ROOT / "data" / "extracted"
HEAD = ("result", "tool", "version", "domain", "judgement", "reason")
BEFORE_AFTER, RANDOMISED, CLUSTERS = "r012", "r117", "r010"
OWN = {
    "name": "Local tool",
    "version": "1",
    "for": ["before_after"],
    "levels": {True: "low", "perhaps": "moderate", "dire": "critical"},
    "domains": ["People", {"name": "Measures", "also": ["measurement"]}],
    "overall": True,
}
TOOLS = pytest.mark.parametrize("tool", shipped_tools().tools, ids=lambda tool: tool.title)


@pytest.fixture
def review(tmp_path):
    """A function that writes a table of judgements, and tools of the review's own, and returns its folder."""
    shutil.copytree(EXTRACTED, tmp_path, dirs_exist_ok=True)

    def of(*rows, tools=None):
        (tmp_path / "risk_of_bias.csv").write_text(csv_text(HEAD, rows, guarded=False), encoding="utf-8")
        package = yaml.load((EXTRACTED / "datapackage.yaml").read_text("utf-8"), yaml.CSafeLoader)
        table = next(table for table in package["resources"] if table["name"] == "risk_of_bias")
        table["tools"] = tools
        (tmp_path / "datapackage.yaml").write_text(yaml.dump(package, Dumper=yaml.CSafeDumper), encoding="utf-8")
        return tmp_path

    return of


def said(folder, settings=None):
    settings = settings or read_settings(ROOT / "config" / "review.yaml")
    return [problem.sentence() for problem in judgement_problems(folder, settings)]


def with_tools(*names):
    settings = read_settings(ROOT / "config" / "review.yaml")
    return settings.model_copy(update={"extraction": settings.extraction.model_copy(update={"risk_of_bias": names})})


def test_a_judgement_by_a_tool_that_the_settings_do_not_name_is_refused(review):
    outcomes = {row["result"]: row["contrast"] for row in read_rows(EXTRACTED / "outcomes.csv")}
    drawn = next(result for result, contrast in outcomes.items() if contrast == Contrast.RANDOMISED)
    folder = review([drawn, "RoB 1", "2011", "other bias", "low", "Read."])
    assert said(folder) == said(folder, with_tools("rob-1", "ROBINS-I")) == []
    [refused] = said(folder, with_tools("RoB 2"))
    assert 'found "RoB 1", which is not among the tools that the settings name' in refused
    assert "They name RoB 2 (2019): extraction > risk_of_bias." in refused
    before_after = next(result for result, contrast in outcomes.items() if contrast == Contrast.BEFORE_AFTER)
    [once] = said(review([before_after, "RoB 1", "2011", "other bias", "low", "Read."]), with_tools("RoB 2"))
    assert "which is not among the tools that the settings name" in once


def test_the_settings_name_tools_that_there_are(review):
    [unknown] = said(review(), with_tools("RoB 2", "Jadad"))
    assert unknown.startswith("config/review.yaml, extraction > risk_of_bias") and 'found "Jadad"' in unknown


def test_the_tools_that_reviews_use_are_shipped():
    names = [tool.title for tool in shipped_tools().tools]
    assert names == [
        "RoB 2 (2019)",
        "RoB 2 cluster (2021)",
        "RoB 2 crossover (2021)",
        "RoB 1 (2011)",
        "ROBINS-I (2016)",
        "ROBINS-I (2025)",
        "ROBINS-E (2024)",
        "MMAT randomised (2018)",
        "MMAT non-randomised (2018)",
        "JBI randomised (2023)",
        "JBI quasi-experimental (2017)",
        "JBI cohort (2017)",
        "EPHPP (2004)",
        "Newcastle-Ottawa (2000)",
        "EPOC (2015)",
        "EPOC time series (2015)",
    ]
    for contrast in Contrast:
        for unit in ("", *Allocation):
            assert len(shipped_tools().for_design(contrast, unit)) >= 3


@TOOLS
def test_the_methods_give_every_tool_with_its_designs_and_its_source(tool, root):
    [row] = [
        line for line in (root / "METHODS.md").read_text("utf-8").splitlines() if line.startswith(f"| {tool.title} |")
    ]
    assert f"| {tool.words_for_designs} | {len(tool.domains)} | " in row and row.endswith(f" | {tool.source} |")
    assert all(level.name in row for level in tool.levels)


@TOOLS
def test_every_name_of_a_tool_leads_to_it(tool):
    for name in (tool.name, *tool.also):
        for version in (tool.version, *tool.versions):
            assert shipped_tools().find(name.upper(), f" {version} ") is tool
    assert shipped_tools().find(tool.name, f"22 August {tool.version}") is tool
    assert tool.source and shipped_tools().find(tool.name, "version 99") is None


@TOOLS
def test_every_spelling_of_a_domain_and_a_level_is_one_and_no_two_are_mixed_up(tool):
    for domain in tool.domains:
        for name in (domain.name, domain.short, *domain.also):
            for spelling in (name, name.upper(), name.replace(" ", "."), f"{name} ", name.replace("is", "iz")):
                assert tool.domain(spelling) == domain.name
    for domain in (OVERALL, *(domain.name for domain in tool.domains), *tool.questions):
        for level in tool.levels_of(domain):
            for name in (level.name, *level.also):
                assert tool.level(domain, name.upper()) is level and tool.level(domain, f" {name}") is level
    assert tool.level(OVERALL, "Not assessed").rung == RobRung.NOT_ASSESSED
    assert len({domain.short for domain in tool.domains}) == len(tool.domains)


def test_a_word_means_one_thing_in_every_tool_and_not_assessed_is_not_no_information():
    meanings = {level.name: set() for level in shipped_tools().levels}
    for level in shipped_tools().levels:
        meanings[level.name].add(level.rung)
    assert all(len(rungs) == 1 for rungs in meanings.values())
    rungs = shipped_tools().rungs
    assert rungs["no information"] == RobRung.UNKNOWN and rungs["not assessed"] == RobRung.NOT_ASSESSED
    assert rungs["weak"] == rungs["serious"] == RobRung.HIGH and rungs["1 star"] == RobRung.UNRATED


def test_headers_and_levels_as_robvis_writes_them_are_understood(review):
    """The words are those of the example tables of robvis: short codes, points for blanks, capitals."""
    robvis = {
        ("ROB2", "2019"): (("D1", "Low"), ("D2", "Some concerns"), ("D5", "No information"), ("Overall", "High")),
        ("ROB2-Cluster", "18 March 2021"): (("D1b", "Some concerns"), ("Overall", "Low")),
        ("ROB1", "1"): (("Random.sequence.generation", "Unclear"), ("Other.sources.of.bias", "Low")),
        ("ROBINS-I", "V1"): (("D7", "Critical"), ("Overall", "Serious")),
        ("ROBINS-E", "2024"): (("D4", "Very high"), ("D2", "Low")),
    }
    rows = [
        ("r1", tool, version, domain, level, "") for (tool, version), told in robvis.items() for domain, level in told
    ]
    told = in_words([dict(zip(HEAD, row, strict=True)) for row in rows], shipped_tools())
    assert [(row["tool"], row["domain"], row["judgement"], row["rung"]) for row in told] == [
        ("RoB 2", "Bias arising from the randomisation process", "low", "low"),
        ("RoB 2", "Bias due to deviations from intended interventions", "some concerns", "moderate"),
        ("RoB 2", "Bias in selection of the reported result", "no information", "unknown"),
        ("RoB 2", "overall", "high", "high"),
        (
            "RoB 2 cluster",
            "Bias arising from the timing of identification or recruitment of participants",
            "some concerns",
            "moderate",
        ),
        ("RoB 2 cluster", "overall", "low", "low"),
        ("RoB 1", "Random sequence generation", "unclear", "unknown"),
        ("RoB 1", "Other sources of bias", "low", "low"),
        ("ROBINS-I", "Bias in selection of the reported result", "critical", "critical"),
        ("ROBINS-I", "overall", "serious", "high"),
        ("ROBINS-E", "Bias arising from measurement of the exposure", "low", "low"),
        ("ROBINS-E", "Bias due to post-exposure interventions", "very high", "critical"),
    ]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            (RANDOMISED, "RoB 2", "2019", "overall", "serious"),
            'column judgement: found "serious", which RoB 2 (2019) does not have for overall. '
            "It has low, some concerns, high, no information, not assessed.",
        ),
        (
            (BEFORE_AFTER, "ROBINS-I", "2025", "D1", "no information"),
            "It has low, low except for uncontrolled confounding, moderate, serious, critical, not assessed.",
        ),
        (
            (RANDOMISED, "RoB 2", "2019", "Bias of the weather", "low"),
            'column domain: found "Bias of the weather", which RoB 2 (2019) does not have. It has '
            "D1 Bias arising from the randomisation process; D2",
        ),
        (
            (RANDOMISED, "ROB-3", "2019", "overall", "low"),
            'column tool: found "ROB-3", which is not a tool that taprev knows. It knows RoB 2 (2019), ',
        ),
        (
            (BEFORE_AFTER, "ROBINS-I", "2031", "overall", "low"),
            'column version: found "2031", a version of ROBINS-I that taprev does not know. It knows 2016, 2025.',
        ),
        (
            (BEFORE_AFTER, "RoB 2", "2019", "overall", "not assessed"),
            'column tool: found "RoB 2" for a before_after contrast, but it is for randomised by individuals. '
            "For this one are ROBINS-I (2016), MMAT non-randomised (2018), JBI quasi-experimental (2017), EPHPP",
        ),
        (
            (BEFORE_AFTER, "MMAT non-randomised", "2018", "overall", "yes"),
            'found "yes", but MMAT non-randomised (2018) gives no overall judgement. Remove the row',
        ),
        (
            (RANDOMISED, "RoB 2", "2019", "1.1", "low"),
            'found "low", which RoB 2 (2019) does not have for question 1.1. It has Y, PY, PN, N, NI, NA.',
        ),
    ],
)
def test_what_a_tool_does_not_have_is_refused_with_what_it_has(review, row, sentence):
    found = said(review((*row, "as judged")))
    assert any(sentence in one for one in found) and f"row 2 ({row[0]}, " in found[0]
    assert len(found) == (2 if row[2] == "2025" else 1)


def test_an_older_review_that_judged_clusters_with_rob_2_still_passes(review):
    """RoB 2 (2019) was the only tool of randomised contrasts once; now a query names the tools that fit."""
    rows = [
        {**row, "tool": "RoB 2", "version": "2019"} if row["tool"] == "RoB 2 cluster" else row
        for row in read_rows(EXTRACTED / "risk_of_bias.csv")
    ]
    folder = review(*([row[name] for name in HEAD] for row in rows))
    assert said(folder) == []
    outcomes = read_rows(folder / "outcomes.csv")
    asked = [
        query
        for query in table_queries(outcomes, [], [], read_judged(folder), tools=tools_of(folder))
        if query.check == "tool_for_another_allocation"
    ]
    assert [query.result for query in asked] == [
        row["result"] for row in read_rows(EXTRACTED / "risk_of_bias.csv") if row["tool"] == "RoB 2 cluster"
    ]
    assert CLUSTERS in {query.result for query in asked}
    assert asked[0].found.startswith(
        'found "RoB 2 (2019)" for a randomised contrast with cluster allocation; it is for randomised by individuals. '
        "For this one are RoB 2 cluster (2021), RoB 1 (2011)"
    )


def test_one_domain_under_two_spellings_is_judged_twice(review):
    rows = [(RANDOMISED, "RoB 2", "2019", domain, "low", "") for domain in ("D1", "Randomization process", "overall")]
    assert [one.split("column ")[1] for one in said(review(*rows))] == [
        'domain: found "Randomization process" again, which stands in row 2. Keep one of the two.'
    ]


def test_a_level_of_the_settings_that_no_tool_has_is_refused(review):
    settings = read_settings(ROOT / "config" / "review.yaml")
    left_out = settings.sensitivity.model_copy(update={"without_risk_of_bias": ("weak", "critical", "grave")})
    [one] = said(review(), settings.model_copy(update={"sensitivity": left_out}))
    assert 'sensitivity > without_risk_of_bias: found "grave", which is no level of a tool. Tools have low, ' in one


def test_a_tool_of_the_review_is_used_like_those_of_taprev(review):
    folder = review(
        (BEFORE_AFTER, "local TOOL", "1", "Measurement", "Yes", "r"),
        (BEFORE_AFTER, "Local tool", "1", "D1", "dire", "r"),
        (BEFORE_AFTER, "Local tool", "1", "overall", "Perhaps", "r"),
        tools=[OWN],
    )
    assert said(folder) == [] and table_problems(folder) == []
    assert [(row["domain"], row["judgement"], row["rung"]) for row in read_judged(folder)] == [
        ("People", "dire", "critical"),
        ("Measures", "yes", "low"),
        ("overall", "perhaps", "moderate"),
    ]
    assert len(tools_of(folder).tools) == len(shipped_tools().tools) + 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"domains": []}, "the tool Local tool has no domains. List them in their order."),
        ({"domains": None}, "the tool Local tool has no domains."),
        ({"levels": None}, "the tool Local tool has no levels."),
        ({"levels": ["low"]}, "does not say what its levels amount to."),
        ({"levels": {"fair": "fairly low"}}, "has the level \"fair\" as 'fairly low'. A level amounts to one of low, "),
        ({"levels": {"high": "low"}}, 'has the level "high" as low, which other tools have as high.'),
        ({"for": ["surveys"]}, "is for surveys. Under for, list some of randomised, controlled, before_after"),
        ({"for": None}, "is for no design."),
        ({"name": ""}, "the tool number 1 has no name."),
        ({"name": "rob2", "version": "2019"}, "the tool rob2 in version 2019 is known already."),
        ({"stars": 5}, "has stars, which is not known. A tool has name, also, version"),
        ({"overall": "sometimes"}, "Write overall: true or false."),
        ({"allocation": "ward"}, "is for the allocation 'ward'. It may be individual or cluster."),
        ({"domains": ["Bias due to people", "People"]}, "has domains that cannot be told apart: "),
        ({"domains": [{"short": "D1"}]}, "has a domain without a name."),
        (
            {"domains": ["Measures", {"name": "People", "weight": 2, "colour": "red"}]},
            'has colour, weight in the domain "People", which is not known. A domain has name, short, also, ',
        ),
        (
            {"domains": ["People", "Overall bias"]},
            'has the domain "Overall bias", which means the judgement of the ',
        ),
        (
            {"domains": [{"name": "People", "also": ["overall"]}]},
            'has the domain "People", which means',
        ),
        (
            {"also": ["Cochrane RoB 2"], "version": "2019"},
            'has the other name "Cochrane RoB 2", which in version 2019 means RoB 2 (2019). Remove it from also',
        ),
        (
            {"also": ["rob 1"], "versions": ["2011"]},
            'has the other name "rob 1", which in version 1 means RoB 1 (2011)',
        ),
        ({"name": "ROB2-CRT", "also": ["RoB 2 CRT"], "version": "2021"}, "the tool ROB2-CRT in version 2021 is known"),
    ],
)
def test_a_declaration_that_cannot_be_read_is_refused_in_one_sentence(review, change, sentence):
    [one] = said(review(tools=[OWN | change]))
    assert one.startswith(f"{review().as_posix()}/datapackage.yaml, column risk_of_bias: ") and sentence in one


def test_the_list_of_an_older_codebook_no_longer_limits_the_tools(tmp_path):
    shutil.copytree(EXTRACTED, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "datapackage.yaml"
    package = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    table = next(table for table in package["resources"] if table["name"] == "risk_of_bias")
    for field in table["schema"]["fields"]:
        if field["name"] in ("tool", "judgement"):
            field["constraints"]["enum"] = ["RoB 2", "low"]
    path.write_text(yaml.dump(package, Dumper=yaml.CSafeDumper), encoding="utf-8")
    assert table_problems(tmp_path) == []


def test_of_several_tools_the_graver_overall_judgement_counts_in_any_order_of_rows():
    rows = [
        dict(zip(HEAD, ("r1", tool, version, domain, level, ""), strict=True))
        for tool, version, domain, level in (
            ("RoB 2", "2019", "overall", "not assessed"),
            ("RoB 1", "1", "overall", "low"),
            ("EPHPP", "2004", "overall", "Weak"),
            ("MMAT randomised", "2018", "2.1", "no"),
        )
    ]
    for order in permutations(rows):
        told = in_words(order, shipped_tools())
        assert standing(told) == ("EPHPP", "2004")
        assert overall(told)["r1"]["tool"] == "EPHPP" and overall_levels(told) == {"r1": "weak"}
        without = [row for row in told if row["tool"] in ("RoB 2", "MMAT randomised")]
        assert standing(without) == ("MMAT randomised", "2018")
        equal = [dict(row, rung="low") for row in told if row["tool"] in ("RoB 1", "EPHPP")]
        assert standing(equal) == ("EPHPP", "2004")
    told = in_words(rows, shipped_tools())
    settings = read_settings(ROOT / "config" / "review.yaml")
    assert with_levels_of_tools(settings, told).sensitivity.without_risk_of_bias == (
        *settings.sensitivity.without_risk_of_bias,
        "weak",
    )
    assert with_levels_of_tools(settings, told[:1]) == settings


def test_nobody_assessed_the_shipped_review():
    rows = read_judged(EXTRACTED)
    assert {row["rung"] for row in rows} == {"not assessed"} and len(rows) == len(read_rows(EXTRACTED / "studies.csv"))
    assert said(EXTRACTED) == []


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_no_cell_breaks_the_reading(tool, version, domain, level):
    row = dict(zip(HEAD, ("r1", tool, version, domain, level, ""), strict=True))
    [told] = judgements(in_words([row], shipped_tools()))
    assert told["rung"] == RobRung.UNKNOWN or BiasTools(shipped_tools().tools).find(tool, version)
    for one in shipped_tools().tools:
        named = one.domain(domain)
        assert named is None or one.domain(named) == named
