"""What may stand beside and between the rows of a forest plot, and how it is printed and divided into pages."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
import re
import subprocess
from dataclasses import replace
from itertools import permutations

import pytest
import yaml

from helpers import draw_forest
from samples.drawings import ROB2, V1, V2, forest_svg, nothing_overlaps, of, svg_text
from samples.forest import SOURCE, TOOLS, everything, options, shorts, trials
from samples.synthesis import invented_study, sample
from taprev.drawing import theme, typeset
from taprev.drawing.marks import Track
from taprev.effects.descriptors import described as effects_described
from taprev.effects.fates import effect_rows
from taprev.effects.rows import changed, read_effect_rows, rows_csv
from taprev.extraction.levels_of_settings import settings_problems
from taprev.extraction.risk_of_bias.declarations import shipped_tools
from taprev.extraction.risk_of_bias.judged import in_words
from taprev.figures.forest import rows
from taprev.figures.forest.alternative_text import alternative_text
from taprev.figures.forest.bias_columns import Bias
from taprev.figures.forest.columns import columns_of
from taprev.figures.forest.layout import lay_out
from taprev.figures.forest.layout_order import ORDERS, ordered
from taprev.figures.forest.layout_pages import pages
from taprev.figures.forest.plot import figure
from taprev.figures.forest.twin import twin
from taprev.figures.of_domain import draw_domain
from taprev.ground.places import FOREST, figure_pages, figure_stem
from taprev.ground.seal import seal_of
from taprev.notes import note
from taprev.settings import SettingsError, read_settings
from taprev.settings.figures import Figures
from taprev.settings.sections import Moderator
from taprev.synthesis.descriptors import judged as judged_together
from taprev.synthesis.domain import synthesise
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.results import Moderation, RiskOfBias, from_json, to_json
from taprev.vocabulary import NoteCode, RobRung
from taprev.wording import estimates, labels, sentences
from taprev.wording.notes import reason

pytestmark = pytest.mark.filterwarnings("ignore:Glyph .* missing from font")


def test_domains_of_a_tool_are_found_by_name():
    backwards = {"overall": "high", "missing outcome data": "low", "randomisation process": "some concerns"}
    bias = Bias({ROB2: shorts(ROB2), V1: shorts(V1)})
    assert bias.heads == ("D1", "D2", "D3", "D4", "D5", "D6", "D7", "overall")
    cells = bias.cells(RiskOfBias(*ROB2, backwards))
    assert cells == ("some concerns", "", "low", "", "", "", "", "high")
    assert bias.cells(None) == ("", "", "", "", "", "", "", "–")
    nobody = RiskOfBias(*ROB2, {"overall": "not assessed"}, {"not assessed": RobRung.NOT_ASSESSED})
    assert not nobody.assessed
    assert replace(bias, rungs=nobody.rungs).cells(nobody) == ("", "", "", "", "", "", "", "–")
    assert next(bias.words()).startswith("RoB 2 (2019): D1\u00a0randomisation process, D2")


def by_tool(title, **levels):
    """Return judgements of a shipped tool by the short names of its domains, as a study has them."""
    tool = next(tool for tool in shipped_tools().tools if tool.title == title)
    made = [
        {
            "result": "r",
            "tool": tool.name,
            "version": tool.version,
            "domain": name.replace("_", "."),
            "judgement": level,
        }
        for name, level in levels.items()
    ]
    made = in_words(made, shipped_tools())
    told = {row["domain"]: row["judgement"] for row in made}
    rungs = {row["judgement"]: RobRung(row["rung"]) for row in made}
    return RiskOfBias(tool.name, tool.version, told, rungs, {one.name: one.short for one in tool.domains})


def with_judgements(*judged):
    """Return a domain whose first studies were judged so; nobody judged the others."""
    domain = everything()
    first, *others = domain.strata
    told = (*judged, *[None] * (len(first.studies) - len(judged)))
    studies = tuple(replace(study, risk_of_bias=one) for study, one in zip(first.studies, told, strict=True))
    bare = [replace(one, studies=tuple(replace(study, risk_of_bias=None) for study in one.studies)) for one in others]
    return replace(domain, strata=(replace(first, studies=studies), *bare), votes=())


def test_the_heads_are_the_short_names_of_the_tools_and_every_domain_of_a_tool_has_a_column(tmp_path):
    rob2 = by_tool("RoB 2 (2019)", D1="low", D2="high", overall="high")
    clusters = by_tool("RoB 2 cluster (2021)", D1b="some concerns", overall="some concerns")
    layout = lay_out(with_judgements(rob2, clusters))
    assert layout.bias == ("D1", "D1b", "D2", "D3", "D4", "D5", "overall")
    judged, other, *_ = [row.bias for row in of(layout, rows.StudyRow)]
    assert {judged, other} == {
        ("low", "", "high", "", "", "", "high"),
        ("", "some concerns", "", "", "", "", "some concerns"),
    }
    items = lay_out(with_judgements(by_tool("MMAT randomised (2018)", **{"2_1": "yes"})))
    assert items.bias == ("S1", "S2", "2.1", "2.2", "2.3", "2.4", "2.5", "overall")
    last = lay_out(with_judgements(by_tool("EPOC (2015)", D9="high")))
    assert last.bias == (*(f"D{place}" for place in range(1, 10)), "overall")
    assert [row.bias[8] for row in of(last, rows.StudyRow)].count("high") == 1


def test_the_heads_of_long_tools_do_not_run_into_each_other():
    many = by_tool("JBI randomised (2023)", **{f"Q{number}": "yes" for number in range(1, 14)})
    layout = lay_out(with_judgements(many), options(width=240))
    assert layout.bias == (*(f"Q{place}" for place in range(1, 14)), "overall")
    columns = columns_of(layout)
    assert len(columns.bias) == 14
    with theme.style():
        nothing_overlaps(figure(layout))
    for (x, at), (after, next_at) in itertools.pairwise(columns.bias):
        halves = (typeset.width(layout.bias[place], theme.HEAD) / 2 for place in (at, next_at))
        assert after - x >= sum(halves) + 3


def test_assessed_without_an_overall_judgement_is_not_called_not_assessed():
    domain = with_judgements(
        by_tool("MMAT randomised (2018)", **{"2_1": "yes"}),
        by_tool("RoB 2 (2019)", D1="low", overall="not assessed"),
        by_tool("RoB 2 (2019)", overall="not assessed"),
    )
    layout = lay_out(domain)
    assert sorted(row.bias[-1] for row in of(layout, rows.StudyRow))[-2:] == ["•", "•"]
    printed = svg_text(forest_svg(domain)[0])
    assert "assessed, without an overall judgement" in printed and "not assessed" in printed
    assert "2 assessed, without an overall judgement, " in alternative_text(domain)


def test_the_text_says_once_that_nobody_judged_the_risk_of_bias():
    judged = everything()
    strata = tuple(
        replace(stratum, studies=tuple(replace(study, risk_of_bias=None) for study in stratum.studies))
        for stratum in judged.strata
    )
    told = alternative_text(replace(judged, strata=strata), options())
    assert told.count("Risk of bias") == 1 and "Risk of bias: not assessed." in told
    before = alternative_text(judged, options())
    assert "Risk of bias: not assessed." not in before and "Risk of bias overall: " in before


def test_one_column_stands_where_only_the_overall_judgement_was_made():
    def only_overall(study):
        rungs = {"no information": RobRung.UNKNOWN}
        told = {"overall": "no information"}
        made = study.risk_of_bias and replace(study.risk_of_bias, judgements=told, rungs=rungs)
        return replace(study, risk_of_bias=made)

    domain = everything()
    strata = tuple(
        replace(stratum, studies=tuple(only_overall(study) for study in stratum.studies)) for stratum in domain.strata
    )
    domain = replace(domain, strata=strata, votes=())
    layout = lay_out(domain)
    assert layout.bias == ("RoB",)
    assert {row.bias for row in of(layout, rows.StudyRow)} == {("no information",), ("–",)}
    printed = svg_text(forest_svg(domain)[0])
    assert "RoB" in printed and "D1" not in printed and "no information" in printed
    assert not lay_out(domain, options(risk_of_bias=False)).bias


def test_the_key_names_every_domain_and_every_sign():
    printed = svg_text(forest_svg(everything(ROB2), options(width=220))[0])
    for (tool, version), names in TOOLS.items():
        if (tool, version) != V2:
            told = ", ".join(f"D{place}\u00a0{name}" for place, name in enumerate(names, 1))
            assert f"{tool} ({version}): {told}." in printed
    for words in ("low", "some concerns or moderate", "high or serious", "no information", "not assessed"):
        assert words in printed


def test_a_narrow_figure_says_where_the_domains_are():
    printed = svg_text(forest_svg(everything(V1), options(width=140))[0])
    assert "too narrow for each domain of risk of bias" in printed and "D1" not in printed


@pytest.mark.parametrize("sort", ["given", *ORDERS])
def test_rows_stand_in_the_order_asked_for(sort):
    domain = everything(many=12)
    studies = domain.strata[0].studies
    drawn = [row.label for row in of(lay_out(domain, options(sort=sort, subgroups="")), rows.StudyRow)][:12]
    expected = {
        "given": [s.label for s in studies],
        "label": sorted(s.label for s in studies),
        "year": [s.label for s in sorted(studies, key=lambda s: s.year)],
        "effect": [s.label for s in sorted(studies, key=lambda s: s.yi)],
        "precision": [s.label for s in sorted(studies, key=lambda s: s.vi)],
        "weight": [s.label for s in sorted(studies, key=lambda s: -s.weight)],
    }
    assert drawn == expected[sort]
    table = list(csv.DictReader(io.StringIO(twin(domain, options(sort=sort, subgroups="")))))
    assert [row["label"] for row in table if row["row"] == "study"][:12] == drawn


def test_studies_without_a_year_or_a_weight_come_last():
    told = [
        invented_study(1, 0.2, 0.04, year=None, weight=None, label="b"),
        invented_study(2, 0.2, 0.04, year=1990.0, weight=3.0, label="A"),
    ]
    for sort in ("year", "weight", "label"):
        assert [study.label for study in ordered(told, sort)] == ["A", "b"]


def test_groups_have_heads_diamonds_and_their_test(tmp_path):
    domain = everything()
    layout = lay_out(domain, options())
    assert [row.label for row in of(layout, rows.GroupHead)] == [
        "Setting: inpatient",
        "Setting: primary care",
        "Setting: not reported",
        "Setting: inpatient",
    ]
    found = domain.strata[0].moderators[0].subgroups
    drawn = [row for row in of(layout, rows.DiamondRow) if row.group]
    pooled = [group for group in found.groups if group.k > 1]
    assert [row.value for row in drawn] == [group.estimate for group in pooled] and len(drawn) == 2
    svg, _, _, table, words = draw_forest(domain, tmp_path, options(width=260))
    printed = svg_text(svg)
    for group in pooled:
        numbers = estimates.estimate(group.estimate, group.ci_lb, group.ci_ub, estimates.style(domain.strata[0]))
        assert numbers in printed and numbers in words.read_text()
        assert sentences.spread(group) in printed
    test = f"Difference between groups (Setting): Q = {found.Q:.2f}, df = {found.Q_df}"
    assert test in printed and test in words.read_text()
    twins = [row for row in csv.DictReader(table.open(newline="")) if row["row"] == "pooled subgroup"]
    assert [float(row["yi"]) for row in twins] == [group.estimate for group in pooled]
    weights = [sum(s.weight for s in domain.strata[0].studies if s.descriptors["setting"] == g.level) for g in pooled]
    assert [float(row["weight"]) for row in twins] == pytest.approx(weights)


def test_refused_groups_have_heads_and_the_reason(tmp_path):
    domain = everything()
    why = "8 studies are too few for 2 covariates: at least 20 are needed, ten for each."
    few = note(NoteCode.TOO_FEW_FOR_MODERATOR, studies=8, covariates=2, needed=20)
    first, *others = domain.strata
    refused = replace(first, moderators=(Moderation("setting", "Setting", few),))
    domain = replace(domain, strata=(refused, *others))
    layout = lay_out(domain, options())
    assert len(of(layout, rows.GroupHead)) == 4
    assert not any(row.group for row in of(layout, rows.DiamondRow))
    said = f"Groups are not pooled by themselves. {why}"
    assert said in [row.text for row in of(layout, rows.QuietLine)] and said in alternative_text(domain, options())


def test_the_smallest_difference_that_matters_is_a_band_with_its_source(tmp_path):
    domain = everything()
    layout = lay_out(domain, options(width=260))
    assert of(layout, rows.AxisRow)[0].important == 0.2
    assert layout.scales[0].low < -0.2 and layout.scales[0].high > 0.2
    with theme.style():
        drawing = figure(layout)
    columns = columns_of(layout)
    track = Track(layout.scales[0], columns.plot_left, columns.plot_right)
    edges = [tuple(line.get_xdata()) for line in drawing.axes[0].lines if line.get_color() == theme.RULE]
    assert (track.x(-0.2),) * 2 in edges and (track.x(0.2),) * 2 in edges
    svg, _, _, table, words = draw_forest(domain, tmp_path, options(width=260))
    assert f"±0.2 ({SOURCE})" in svg_text(svg) and SOURCE in words.read_text() and SOURCE in table.read_text()
    without = everything()
    without = replace(without, strata=tuple(replace(stratum, important=None) for stratum in without.strata))
    assert "important" not in of(lay_out(without), rows.Key)[0].marks


def test_the_pooled_number_stands_in_familiar_units(tmp_path):
    domain = everything()
    told = domain.strata[0].in_units
    svg, _, _, table, words = draw_forest(domain, tmp_path, options(width=400))
    said = f"On the Invented Checklist (0-80): {told.estimate:.2f} points [{told.ci_lb:.2f}, {told.ci_ub:.2f}]"
    assert said in svg_text(svg) and said in words.read_text()
    [row] = [row for row in csv.DictReader(table.open(newline="")) if row["scale"] == "points"]
    assert float(row["yi"]) == told.estimate


@pytest.fixture(scope="module")
def long_files(tmp_path_factory):
    """The files of a figure of three pages."""
    how = options(rows_per_page=25, height=None)
    return draw_forest(everything(V2, many=60), tmp_path_factory.mktemp("long"), how)


def test_a_long_figure_has_pages_of_about_one_length_in_every_format(long_files, tmp_path):
    domain = everything(V2, many=60)
    how = options(rows_per_page=25, height=None)
    divided = pages(lay_out(domain, how))
    counted = [
        sum(isinstance(row, rows.StudyRow | rows.DiamondRow | rows.DirectionRow) for row in page.rows)
        for page in divided
    ]
    assert max(counted) <= 25 and sum(counted) == 65 and len(divided) == 3 and min(counted) >= 19
    for number, page in enumerate(divided, 1):
        assert page.rows[0].title.endswith(f", page {number} of 3")
        assert of(page, rows.ColumnHeads) and of(page, rows.AxisRow) and of(page, rows.Key)
        last_axis = max(i for i, row in enumerate(page.rows) if isinstance(row, rows.AxisRow))
        assert all(i < last_axis for i, row in enumerate(page.rows) if isinstance(row, rows.StudyRow))
        with theme.style():
            nothing_overlaps(figure(page, columns_of(lay_out(domain, how))))
    heads = [row.label for row in of(divided[1], rows.SectionHead | rows.GroupHead)]
    assert heads[0] == "Randomised (continued)" and heads[1].endswith(" (continued)")
    stem = figure_stem(domain.domain, FOREST)
    parts = [".svg", "_2.svg", "_3.svg", ".png", "_2.png", "_3.png", ".pdf", ".csv", ".txt"]
    assert [path.name for path in long_files] == [f"{stem}{part}" for part in parts]
    sheets = figure_pages(long_files[0])
    assert [f"page {number} of 3" in svg_text(path) for number, path in enumerate(sheets, 1)] == [True] * 3
    printed = " ".join(svg_text(path) for path in sheets)
    assert all(labels.weight(s.weight) in printed for s in domain.strata[0].studies)
    assert all(seal_of(path).numbers == domain.seal for path in sheets) and pdf_pages(long_files[6]) == 3
    whole = draw_forest(domain, tmp_path / "one", options(rows_per_page=None, height=None))
    assert len(whole) == 5 and pdf_pages(whole[2]) == 1 and "page 1" not in svg_text(whole[0])


def test_pages_that_are_no_longer_drawn_are_removed(tmp_path):
    domain = everything(V2)
    first = draw_domain(domain, tmp_path, options(rows_per_page=5, height=None))
    assert sum(path.suffix == ".svg" for path in first) > 1
    draw_domain(domain, tmp_path, options(rows_per_page=None, height=None))
    assert not list(tmp_path.rglob("*_[0-9].*")) and list(tmp_path.rglob("*_forest.svg"))


def test_every_page_of_a_pdf_can_be_read(pdftotext, long_files):
    pdf = long_files[6]
    for number in (1, 2, 3):
        ask = [pdftotext, "-f", str(number), "-l", str(number), "-layout", pdf, "-"]
        text = subprocess.run(ask, capture_output=True, text=True, check=True).stdout
        assert f"page {number} of 3" in text
        assert "Study, sample" in text and "Standardised mean difference" in text and "seal" in text


def pdf_pages(path):
    return len(re.findall(rb"/Type ?/Page\b", path.read_bytes()))


def test_a_figure_that_fits_a_page_stays_one():
    assert len(pages(lay_out(everything(), options(rows_per_page=50)))) == 1
    assert len(pages(lay_out(sample("empty"), options(rows_per_page=5)))) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"type_size": 5.5}, "text of 5.5 pt cannot be read in print: the smallest is 6 pt"),
        ({"width": 50}, "text of 6 pt needs 60 mm, and its width is 50 mm"),
        ({"preset": "column", "type_size": 9}, "text of 9 pt needs 90 mm, and its width is 84 mm"),
        ({"preset": "slide", "height": 120}, "a page with text of 11 pt needs a height of 174 mm"),
        ({"preset": ["page"]}, "figures > preset: found ['page']"),
        ({"preset": "poster"}, "'page', 'column' or 'slide'"),
        ({"formats": ["gif"]}, "'eps' or 'tiff'"),
        ({"rows_per_page": 2}, "greater than or equal to 5"),
        ({"sort": "beauty"}, "'given', 'label', 'year'"),
        ({"ticks": {"nowhere": [0, 1]}}, "figures has ticks for domains that are not configured: nowhere"),
        ({"subgroups": "year"}, "figures groups the rows by year, which is a number among the moderators"),
    ],
)
def test_figures_that_cannot_be_drawn_are_refused(given, said, example):
    path = example / "config" / "review.yaml"
    settings = yaml.safe_load(path.read_text("utf-8")) | {"figures": given}
    settings["moderators"] = [{"column": "year", "label": "Year", "kind": "number"}]
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    with pytest.raises(SettingsError, match=re.escape(said)):
        read_settings(path)


def test_a_column_that_is_not_there_is_named(example):
    path = example / "config" / "review.yaml"
    settings = yaml.safe_load(path.read_text("utf-8")) | {"figures": {"descriptors": ["weather"]}}
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    [problem] = settings_problems(example / "data" / "extracted", read_settings(path))
    has = "neither studies.csv nor outcomes.csv has such a column"
    assert f"the settings name 'weather', and {has}" in problem.sentence()


def test_ticks_are_those_asked_for_and_what_lies_beyond_is_clipped():
    domain = trials()
    how = options(ticks={domain.domain: (0.5, 1, 2)})
    layout = lay_out(domain, how)
    assert [text for _, text in layout.scales[0].ticks] == ["0.5", "1", "2"]
    assert [value for value, _ in layout.scales[0].ticks] == pytest.approx([math.log(r) for r in (0.5, 1, 2)])
    assert "clipped" in of(layout, rows.Key)[0].marks
    with pytest.raises(ValueError, match="ticks of a ratio must be above 0"):
        lay_out(domain, options(ticks={domain.domain: (0, 1)}))


def test_shade_lies_behind_every_second_row():
    drawn = of(lay_out(everything(), options(subgroups="", shade=True)), rows.StudyRow)
    assert [row.shaded for row in drawn[:4]] == [True, False, True, False]
    assert not any(row.shaded for row in of(lay_out(everything()), rows.StudyRow))


def test_what_stands_beside_a_row_rides_with_its_effect(shipped, shipped_rows):
    settings, _, studies = shipped
    settings = settings.model_copy(update={"figures": Figures(descriptors=("country",), subgroups="setting")})
    rows_there = shipped_rows["staff_knowledge"]
    result = rows_there[0].result
    made = [
        {
            "result": result,
            "tool": "RoB 2",
            "version": "2019",
            "domain": name,
            "judgement": level,
            "reason": "",
        }
        for name, level in (("Overall", "High risk"), ("D3", "Low"), ("3.1", "PY"))
    ]
    made = in_words(made, shipped_tools())
    told = read_effect_rows(rows_csv(effects_described(rows_there, studies, made, settings, tools=shipped_tools())))
    study = studies[told[0].study]
    assert json.loads(told[0].descriptors) == {"country": study["country"], "setting": study["setting"]}
    assert json.loads(told[0].judgements) == {
        "tool": "RoB 2",
        "version": "2019",
        "judgements": {"Bias due to missing outcome data": "low", "overall": "high"},
        "rungs": {"low": "low", "high": "high"},
        "shorts": {domain.name: domain.short for domain in shipped_tools().find("RoB 2", "2019").domains},
    }
    assert all(row.judgements == "" for row in told if row.result != result)
    usual = effects_described(
        rows_there, studies, [], settings.model_copy(update={"figures": Figures()}), tools=shipped_tools()
    )
    assert {(row.descriptors, row.judgements) for row in usual} == {("", "")}


def test_the_worst_judgement_stands_for_results_drawn_as_one(shipped_rows):
    row = shipped_rows["staff_knowledge"][0]

    def told(**made):
        rungs = {level: shipped_tools().rungs[level] for level in made.values()}
        told = {"tool": "RoB 2", "version": "2019", "judgements": made, "rungs": rungs}
        return changed(row, judgements=json.dumps(told))

    both = judged_together([told(a="low", overall="low"), told(a="high", overall="no information")])
    assert both.judgements == {"a": "high", "overall": "no information"}
    assert both.rungs == {"high": RobRung.HIGH, "no information": RobRung.UNKNOWN}
    assert judged_together([told(overall="not assessed"), told(overall="low")]).judgements == {
        "overall": "not assessed"
    }
    assert judged_together([changed(row, judgements="")]) is None


def test_of_results_drawn_as_one_the_tool_of_the_graver_overall_judgement_counts(shipped_rows):
    row = shipped_rows["staff_knowledge"][0]

    def told(tool, version, level):
        own = {"tool": tool, "version": version, "judgements": {"overall": level}}
        return changed(row, judgements=json.dumps(own | {"rungs": {level: shipped_tools().rungs[level]}}))

    three = [told("RoB 2", "2019", "low"), told("EPHPP", "2004", "weak"), told("RoB 1", "2011", "not assessed")]
    for order in permutations(three):
        both = judged_together(list(order))
        assert (both.tool, both.judgements) == ("EPHPP", {"overall": "weak"})


def test_the_column_that_groups_the_rows_is_a_moderator_of_its_own(shipped):
    settings, outcomes, studies = shipped
    grouped = settings.model_copy(update={"figures": Figures(subgroups="country"), "moderators": ()})
    made = effects_described(
        effect_rows("staff_knowledge", outcomes, studies, grouped), studies, [], grouped, tools=shipped_tools()
    )
    told = from_json(to_json(synthesise("staff_knowledge", made, grouped, {"version": "test"})))
    stratum = next(one for one in told.strata if one.fit)
    [found] = stratum.moderators
    assert found.column == "country" and found.label == "Country" and found.refused
    drawn = of(lay_out(told, grouped.figures), rows.QuietLine)
    assert any(reason(found.refused) in row.text for row in drawn)
    knowingly = (Moderator(column="country", label="Country", knowingly=True),)
    asked = grouped.model_copy(update={"moderators": knowingly})
    assert asked.explaining == knowingly
    told = from_json(to_json(synthesise("staff_knowledge", made, asked, {"version": "test"})))
    [found] = next(one for one in told.strata if one.fit).moderators
    for group in found.subgroups.groups:
        own = [s for s in stratum.studies if s.descriptors["country"] == group.level and s.weight]
        fit = random_effects([s.yi for s in own], [s.vi for s in own])
        assert group.k == len(own)
        for name in ("estimate", "tau2", "I2", "Q", "Q_df"):
            assert getattr(group, name) == pytest.approx(getattr(fit, name))
