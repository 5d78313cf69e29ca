"""The figures of the whole review: what they count, that nothing collides or is cut, and that twins and seals hold."""

from __future__ import annotations

import csv
import io
import itertools
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from matplotlib.patches import Polygon

from helpers import points_off_the_page
from samples.drawings import MEASURES, touching
from samples.synthesis import SAMPLES, invented_domain, sample
from taprev.drawing import theme
from taprev.drawing.judgement_signs import sign
from taprev.extraction.flow import Flow, FlowCount, FlowPart, flow_of
from taprev.extraction.risk_of_bias.declarations import shipped_tools
from taprev.extraction.risk_of_bias.judged import in_words
from taprev.extraction.tables import read_rows
from taprev.figures.overviews.at_a_glance import at_a_glance
from taprev.figures.overviews.components import component_matrix
from taprev.figures.overviews.effect_direction import RING, effect_direction
from taprev.figures.overviews.flow import drawn_cells, flow
from taprev.figures.overviews.flow_diagram import CELLS
from taprev.figures.overviews.frame import Imprint, alternative_text, draw_review_figure, figure
from taprev.figures.overviews.gap_map import gap_map
from taprev.figures.overviews.harvest import harvest
from taprev.figures.overviews.harvest import why_not as no_harvest
from taprev.figures.overviews.registry import OVERVIEWS, overviews
from taprev.figures.overviews.risk_of_bias import LIGHTS, risk_of_bias, why_not
from taprev.ground.files import write_text
from taprev.ground.seal import seal_of
from taprev.synthesis.results import Context, RiskOfBias, StudyVote
from taprev.tables.write import all_tables
from taprev.vocabulary import OTHER_METHODS, PREVIOUS_VERSION, Contrast, FlowBox, RobRung, Vote

IMPRINT = Imprint("A review", "Made-up evidence", "test")
LONG = "A name of one hundred and twenty characters that goes on, with Ελληνικά, عربي and 中文 in it, until it ends"
STEMS = tuple(overview.name for overview in OVERVIEWS)
DRAWN = tuple(stem for stem in STEMS if stem != "risk_of_bias")
"""The shipped review has every figure but that of judgements, which nobody has made."""


@pytest.fixture(scope="module")
def shipped_figures(root, shipped, shipped_contents, tmp_path_factory):
    tables = tmp_path_factory.mktemp("tables")
    for name, text in all_tables(shipped_contents, root / "data/extracted", shipped[0]).items():
        write_text(tables / name, text)
    made = overviews(shipped_contents, shipped[0], root / "data/extracted", tables)
    return {told.stem: told for told in made}


def test_every_figure_is_listed_under_its_name_and_title(shipped_figures):
    made = empty_figures()
    assert [(overview.name, overview.title) for overview in OVERVIEWS] == [
        (made[stem].stem, made[stem].title) for stem in STEMS
    ]
    assert tuple(shipped_figures) == DRAWN


def hostile_figures():
    """Return every figure of the review with long names in several scripts and many columns, by its name."""
    names = [f"{LONG} {i}" for i in range(9)]
    gaps = [
        {
            "domain": f"d{i}",
            "label": name,
            "population": "people",
            "studies": "12",
            "results": "40",
            "years": "1998 to 2026",
        }
        | {f"c{j}": str((i * j) % 15) for j in range(18)}
        for i, name in enumerate(names)
    ]
    groups = {"One": [f"c{j}" for j in range(9)], LONG: [f"c{j}" for j in range(9, 18)]}
    parts = [{"study": f"s{i}", "component": LONG, "level": name} for i, name in enumerate(names[:6])]
    votes = tuple(
        StudyVote(
            study=f"s{i}",
            label=name,
            contrast=contrast,
            direction=direction,
            n_arm1=400.0,
            n_arm2=None,
            results=("a",) * 12,
            with_magnitude=True,
        )
        for i, (name, contrast, direction) in enumerate(
            zip(names, itertools.cycle(("randomised", "before_after")), itertools.cycle(("better", "worse", "unclear")))
        )
    )
    contents = [invented_domain((), domain=f"d{i}", label=name, votes=votes) for i, name in enumerate(names)]
    tool = {"tool": "RoB 2", "version": "2019", "reason": ""}
    judged = [
        tool | {"result": f"r{i}", "domain": name, "judgement": judgement, "rung": rung}
        for i, (judgement, rung) in enumerate(shipped_tools().rungs.items())
        for name in (*names[:5], "overall")
    ]
    sources = tuple(FlowPart(name, 123456789) for name in names[:3])
    glanced = [sample(name) for name in ("long_labels", "hostile", "mixed_scales", "awkward_numbers")]
    return {
        "gap_map": gap_map(gaps, groups),
        "components": component_matrix(parts, [LONG, "other"], names[:6], 9),
        "effect_direction": effect_direction(contents),
        "harvest": harvest(contents),
        "risk_of_bias": risk_of_bias(judged, {f"r{i}": (f"s{i}", LONG) for i in range(len(judged))}),
        "flow": flow(Flow({box: FlowCount(123456789, LONG, sources, doubt=LONG) for box in FlowBox})),
        "at_a_glance": at_a_glance(glanced, {"staff": LONG}),
    }


def empty_figures():
    """Return every figure of a review without rows, by its name."""
    return {
        "gap_map": gap_map([], {"Design": ["randomised"]}),
        "components": component_matrix([], [], [], 0),
        "effect_direction": effect_direction([]),
        "harvest": harvest([]),
        "risk_of_bias": risk_of_bias([], {}),
        "flow": flow(Flow({})),
        "at_a_glance": at_a_glance([], {}),
    }


def assert_sound(told):
    for number in range(1, len(told.bodies) + 1):
        assert_page_sound(told, number)


def assert_page_sound(told, number):
    with theme.style():
        drawn = figure(told, IMPRINT, number)
        texts = [t for t in drawn.axes[0].texts if t.get_text().strip()]
        boxes = [(t.get_text(), *t.get_window_extent(MEASURES).extents) for t in texts]
        width, height = drawn.get_size_inches() * 72
    assert all(text.get_fontsize() >= theme.SMALLEST for text in texts)
    assert points_off_the_page(drawn) == []
    for words, x0, y0, x1, y1 in boxes:
        assert x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height, f"cut: {words}"
    touch = touching([box for _, *box in boxes], 0.8)
    assert not touch, [f"{boxes[a][0]!r} over {boxes[b][0]!r}" for a, b in touch]


@pytest.mark.parametrize("stem", DRAWN)
def test_the_shipped_figures_collide_nowhere(shipped_figures, stem):
    assert_sound(shipped_figures[stem])


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.filterwarnings("ignore:Glyph")
def test_long_names_of_many_scripts_collide_nowhere(stem):
    assert_sound(hostile_figures()[stem])


@pytest.mark.parametrize("stem", STEMS)
def test_a_review_without_rows_has_every_figure(stem, tmp_path):
    told = empty_figures()[stem]
    assert_sound(told)
    assert len(draw_review_figure(told, IMPRINT, tmp_path)) == 5


def many(columns, studies):
    """Return domains with studies that each have a vote in one of them, in two designs."""
    votes = [
        StudyVote(
            study=f"s{i:03d}",
            label=f"Study {i:03d}",
            contrast=("randomised", "before_after")[i % 2],
            direction="better",
            n_arm1=10.0,
            n_arm2=None,
            results=("a",),
            with_magnitude=False,
        )
        for i in range(studies)
    ]
    return [
        invented_domain((), domain=f"d{i:03d}", label=f"Outcome {i:03d}", votes=tuple(votes[i::columns]))
        for i in range(columns)
    ]


def words_of(told, number):
    with theme.style():
        return [text.get_text() for text in figure(told, IMPRINT, number).axes[0].texts]


@pytest.mark.parametrize(("columns", "studies", "pages"), [(3, 40, 1), (3, 41, 2), (3, 200, 5), (100, 300, 8)])
def test_directions_are_divided_into_pages_and_every_study_stands_on_one(columns, studies, pages):
    told = effect_direction(many(columns, studies), 40)
    assert len(told.bodies) == pages
    assert_sound(told)
    texts = [words_of(told, number) for number in range(1, pages + 1)]
    named = [[text for text in page if text.startswith("Study ")] for page in texts]
    assert sorted(itertools.chain(*named)) == [f"Study {i:03d}" for i in range(studies)]
    assert max(map(len, named)) <= 40 and max(map(len, named)) - min(map(len, named)) < 20
    heads = {text for page in texts for text in page if text.startswith("Outcome ")}
    assert heads == {f"Outcome {i:03d}" for i in range(columns)}
    for number, page in enumerate(texts, 1):
        assert (page[0] == told.title) if pages == 1 else page[0].endswith(f"page {number} of {pages}")
        assert any(text.startswith(("Randomised", "Before-after")) for text in page) and f"seal {told.seal}" in page[-1]
    if studies >= 200:
        assert any(text == "Before-after (continued)" for page in texts for text in page)


def test_judgements_are_divided_by_tool_and_summed_once():
    judged = [
        {"tool": tool, "version": "1", "reason": "", "result": f"{tool}{i}", "domain": domain, "judgement": "low"}
        | {"rung": "low"}
        for tool, count in (("A", 70), ("B", 3))
        for i in range(count)
        for domain in ("bias", "overall")
    ]
    studies = {row["result"]: (row["result"], f"Study {row['result']}") for row in judged}
    assert len(risk_of_bias(judged, studies).bodies) == len(risk_of_bias(judged, studies, 73).bodies) == 1
    told = risk_of_bias(judged, studies, 40)
    assert_sound(told)
    texts = [words_of(told, number) for number in (1, 2, 3)]
    assert [page[2] for page in texts] == ["A (1)", "A (1) (continued)", "B (1)"] and len(told.bodies) == 3
    assert [sum(text.startswith("All: ") for text in page) for page in texts] == [0, 2, 2]
    assert [sum(text.startswith("Study ") for text in page) for page in texts] == [35, 35, 3]


def test_outcomes_at_a_glance_are_divided_and_none_is_torn_apart(shipped_contents):
    told = at_a_glance(shipped_contents, {}, 12)
    whole, texts = words_of(at_a_glance(shipped_contents, {}), 1), [words_of(told, n) for n in range(1, 4)]
    assert len(told.bodies) == 3
    assert_sound(told)
    outcomes = [text for text in whole if text.isdecimal()]
    assert [text for page in texts for text in page if text.isdecimal()] == outcomes and len(outcomes) == 16


def test_pages_that_are_no_longer_drawn_are_removed(tmp_path):
    contents = many(3, 50)
    first = draw_review_figure(effect_direction(contents, 20), IMPRINT, tmp_path)
    kept = tmp_path / "effect_direction_of_another.svg"
    kept.touch()
    assert sum(path.suffix == ".png" for path in first) == 3 and sum(path.suffix == ".pdf" for path in first) == 1
    second = draw_review_figure(effect_direction(contents, 50), IMPRINT, tmp_path)
    assert set(tmp_path.iterdir()) == {*second, kept} and len(second) == 5


@pytest.mark.parametrize("stem", DRAWN)
def test_files_twins_and_seals(shipped_figures, stem, tmp_path):
    told = shipped_figures[stem]
    files, again = (
        {path.name.removeprefix(stem): path for path in draw_review_figure(told, IMPRINT, tmp_path / name)}
        for name in ("one", "two")
    )
    assert {".svg", ".png", ".pdf", ".csv", ".txt"} <= set(files)
    assert all(files[kind].read_bytes() == again[kind].read_bytes() for kind in files)
    for kind in (".svg", ".png"):
        found = seal_of(files[kind])
        assert found.whole and (found.domain, found.numbers) == (stem, told.seal)
    root = ElementTree.fromstring(files[".svg"].read_bytes())
    text = " ".join(e.text or "" for e in root.iter("{http://www.w3.org/2000/svg}text"))
    assert f"seal {told.seal}" in text and "Made-up evidence." in text
    assert files[".csv"].read_text("utf-8") == told.twin
    assert alternative_text(told, IMPRINT) == files[".txt"].read_text("utf-8").strip()


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.filterwarnings("ignore:Glyph")
def test_the_glance_at_every_kind_of_domain_collides_nowhere(name):
    assert_sound(at_a_glance([sample(name)], {}))


def test_the_glance_tells_every_stratum_once_and_draws_only_what_shares_its_axis(shipped_figures, shipped_contents):
    rows = twin(shipped_figures["at_a_glance"])
    strata = [(c, s) for c in shipped_contents for s in c.strata]
    assert [(row["domain"], row["stratum"]) for row in rows] == [(c.domain, s.label) for c, s in strata]
    for row, (content, stratum) in zip(rows, strata, strict=True):
        tests = [test for test in content.sign_tests if test.contrast in stratum.contrasts]
        assert int(row["better"]) == sum(test.better for test in tests)
        assert (row["kind"] == "pooled") == (stratum.fit is not None)
        if stratum.fit:
            assert [float(row[name]) for name in ("estimate", "ci_lb", "ci_ub")] == [
                getattr(stratum.fit, name) for name in ("estimate", "ci_lb", "ci_ub")
            ]
    assert "Staff knowledge, before-after" in alternative_text(shipped_figures["at_a_glance"], IMPRINT)


def twin(told):
    return list(csv.DictReader(io.StringIO(told.twin)))


def test_the_gap_map_counts_what_the_table_counts(shipped_figures, shipped_contents, root):
    rows = {row["domain"]: row for row in twin(shipped_figures["gap_map"])}
    studies = {row["study"]: row for row in read_rows(root / "data/extracted/studies.csv")}
    for content in shipped_contents:
        used = {row.study for row in content.rows if row.fate != "excluded"}
        row = rows[content.domain]
        assert int(row["studies"]) == len(used)
        assert int(row["inpatient"]) == sum(studies[name]["setting"] == "inpatient" for name in used)
        assert int(row["wales"]) == sum(studies[name]["uk_nation"] == "wales" for name in used)
    words = alternative_text(shipped_figures["gap_map"], IMPRINT)
    assert "Harms: no result in the headline review of this set." in words
    assert "Staff attitudes: 18 studies, 2012 to 2025;" in words


def test_directions_are_those_of_the_votes(shipped_figures, shipped_contents):
    rows = twin(shipped_figures["effect_direction"])
    votes = [(c.domain, v.study, v.contrast, v.direction) for c in shipped_contents for v in c.votes]
    assert [(r["domain"], r["study"], r["contrast"], r["direction"]) for r in rows] == votes and len(votes) > 70
    words = alternative_text(shipped_figures["effect_direction"], IMPRINT)
    assert "before-after: 18 better, 0 worse, 1 unclear" in words


def harvested(*votes):
    """Return a domain with votes of (direction, contrast, n, what n counts, overall risk of bias)."""
    made = tuple(
        StudyVote(
            study=f"s{i}",
            label=f"Study {i}",
            contrast=Contrast(contrast),
            direction=Vote(direction),
            n_arm1=n,
            n_arm2=None,
            results=("a",),
            with_magnitude=False,
            risk_of_bias=RiskOfBias("RoB 2", "2019", {"overall": level}, {level: RobRung(rung)}) if level else None,
            context=Context(n_counts=counts),
        )
        for i, (direction, contrast, n, counts, level, rung) in enumerate(votes)
    )
    return invented_domain((), domain="one", label="An outcome", votes=made)


JUDGED = harvested(
    ("better", "randomised", 400.0, "", "low", "low"),
    ("better", "before_after", None, "", "high", "high"),
    ("worse", "controlled", 300.0, "", "some concerns", "moderate"),
    ("unclear", "time_series", 49.0, "", "", ""),
    ("better", "controlled", 73.0, "wards", "", ""),
)


def drawn_bars(told):
    """Return every bar of a harvest plot above its key: place, height, width, face and whether it is dashed."""
    with theme.style():
        axes = figure(told, IMPRINT).axes[0]
    heads = sorted(text.get_position()[0] for text in axes.texts if text.get_text() in ("worse", "unclear", "better"))
    rows = [p for p in axes.patches if isinstance(p, Polygon) and len(p.get_xy()) == 5]
    bars = []
    for patch in rows:
        xs, ys = patch.get_xy()[:, 0], patch.get_xy()[:, 1]
        place = sum(xs.min() >= head for head in heads)
        bars.append((place, abs(ys.max() - ys.min()), xs.max() - xs.min(), patch.get_linestyle() != "solid"))
    return bars


def test_a_harvest_has_every_vote_once_in_its_place_and_its_twin(shipped_figures, shipped_contents):
    rows = twin(shipped_figures["harvest"])
    votes = [(c.domain, v.study, v.contrast, v.direction) for c in shipped_contents for v in c.votes]
    assert [(r["domain"], r["study"], r["contrast"], r["direction"]) for r in rows] == votes
    unknown = [row for row in rows if row["size"] == "number of people not given"]
    assert unknown and all(not row["n"] or row["n_counts"] for row in unknown)
    words = alternative_text(shipped_figures["harvest"], IMPRINT)
    assert "Staff attitudes: 16 better, 0 worse, 2 unclear;" in words and "Nobody has judged the risk of bias." in words
    assert "Results that went the wrong way: " in words
    in_key = 3 + len({row["size"] for row in rows})
    assert len(drawn_bars(shipped_figures["harvest"])) == len(votes) + in_key


def test_bars_are_as_high_as_their_design_and_as_wide_as_their_study_and_unknown_is_not_small():
    told = harvest([JUDGED])
    assert_sound(told)
    worse, unclear, trial, of_wards, before = drawn_bars(told)[:5]
    assert [bar[0] for bar in (worse, unclear, trial, of_wards, before)] == [1, 2, 3, 3, 3]
    assert trial[1] > worse[1] == of_wards[1] > before[1] == unclear[1]
    assert trial[2] > worse[2] > unclear[2] and before[2] == of_wards[2] == worse[2]
    assert [bar[3] for bar in (worse, unclear, trial, of_wards, before)] == [False, False, False, True, True]
    drawn = words_of(told, 1)
    assert {"+", "×", "–"} <= set(drawn) and "number of people not given (dashed)" in drawn
    assert "risk of bias: some concerns" in drawn
    words = alternative_text(told, IMPRINT)
    assert (
        "1 randomised, 2 controlled, 1 before-after, 1 time series; the number of people is not given for 2 of 5"
        in words
    )
    assert "Risk of bias: 1 low, 1 some concerns" in words and "2 not assessed" in words
    assert [row["size"] for row in twin(told)][-1] == "number of people not given"


def test_many_studies_fill_several_lines_and_pages():
    many_votes = [("better", "before_after", float(i * 7 % 500), "", "", "") for i in range(200)]
    contents = [replace(harvested(*many_votes), domain=f"d{i}", label=f"Outcome {i}") for i in range(3)]
    told = harvest(contents, 40)
    assert len(told.bodies) > 1
    assert_sound(told)
    assert sum(words_of(told, number).count("200") for number in range(1, len(told.bodies) + 1)) == 3


def test_a_harvest_without_directions_is_not_drawn():
    assert no_harvest([]) == "No study says in which direction an outcome went." and no_harvest([JUDGED]) == ""


def test_directions_show_size_and_quality_and_a_size_that_nobody_gives_stands_in_a_ring():
    told = effect_direction([JUDGED])
    assert_sound(told)
    drawn = words_of(told, 1)
    assert {"n = 400", "n = 300", "n = 49", "n = 73 wards", "n not given"} <= set(drawn)
    assert {"+", "×", "–", "risk of bias: high", "number of people not given (in a ring)"} <= set(drawn)
    with theme.style():
        axes = figure(told, IMPRINT).axes[0]
    rings = [line for line in axes.lines if line.get_marker() == "o" and line.get_markersize() == RING]
    assert len(rings) == 2 + 1
    sizes = {row["n"].removesuffix(".0"): row["size"] for row in twin(told)}
    assert sizes["400"] == "more than 300 people" and sizes["300"] == "50 to 300 people"
    assert sizes["49"] == "fewer than 50 people" and sizes[""] == sizes["73"] == "number of people not given"
    words = alternative_text(told, IMPRINT)
    assert "The number of people is not given for 2 of 5 directions." in words
    assert "nobody" not in words.lower()


def test_every_judgement_has_a_sign_of_its_own_meaning():
    rungs = shipped_tools().rungs
    assert {sign("", rung)[0] for rung in LIGHTS if rung != RobRung.UNRATED} == {"+", "–", "×", "!", "?", ""}
    assert [sign(level, rungs[level])[0] for level in ("2 stars", "0 stars", "not applicable")] == ["2", "0", "n"]
    judged = [
        {"tool": "RoB 2", "version": "2019", "result": name, "domain": "overall", "judgement": level, "reason": "r"}
        for name, level in (("a", "some concerns"), ("b", "not assessed"), ("c", "high"))
    ]
    told = risk_of_bias(in_words(judged, shipped_tools()), {name: (name, name.upper()) for name in "abc"})
    assert told.subtitle == "2 results were assessed, 1 not" and "1 not assessed" in alternative_text(told, IMPRINT)
    assert [row["judgement"] for row in twin(told)] == ["some concerns", "not assessed", "high"]


def test_where_nobody_assessed_anything_the_figure_is_not_drawn_and_the_reason_stands(shipped_figures):
    assert "risk_of_bias" not in shipped_figures
    assert why_not([]) == why_not([{"rung": "not assessed"}]) == "Nobody has assessed the risk of bias of any result."
    assert why_not([{"rung": "not assessed"}, {"rung": "unknown"}]) == ""


def drawn_words(told):
    """Return every line of a figure as it is drawn, in the order of drawing."""
    with theme.style():
        return [text.get_text().replace("\u00a0", " ") for text in figure(told, IMPRINT).axes[0].texts]


def spoken(told):
    return alternative_text(told, IMPRINT).replace("\u00a0", " ")


def row(box, n, name="", note=""):
    return {"box": box, "name": name, "n": n, "note": note}


UPDATE = [
    row("previous_studies", "20"),
    row("previous_reports", "25"),
    row("database_results", "12345"),
    row("database_results", "5000", "MEDLINE"),
    row("database_results", "7345", "Embase"),
    row("register_results", "0"),
    row("website_results", "7"),
    row("citation_results", "0"),
    row("excluded_automatic", "not recorded", note="Nobody kept the log."),
    row("reports_excluded", "177"),
    row("reports_excluded", "170", "No relevant outcome"),
    row("reports_excluded", "not recorded", "No comparison group"),
    row("other_excluded", "3"),
    row("new_studies", "13"),
    row("total_studies", "33"),
    row("studies_in_meta_analysis", "10"),
    row("studies_narrative_only", "23"),
]
"""An update with other methods, some of it not recorded."""


def test_a_flow_names_its_databases_and_its_reasons_of_exclusion():
    """PRISMA 2020, items 16a and 16b."""
    told = flow(flow_of(UPDATE))
    assert_sound(told)
    words = spoken(told)
    assert "Records from databases: n = 12 345, of these MEDLINE (n = 5 000); Embase (n = 7 345)." in words
    excluded = "Reports excluded: n = 177, of these No relevant outcome (n = 170); No comparison group: not recorded."
    assert excluded in words
    drawn = " ".join(drawn_words(told))
    for text in ("MEDLINE (n = 5 000)", "No relevant outcome (n = 170)", "No comparison group: not recorded"):
        assert text in drawn


def test_an_older_table_has_its_parts_in_the_note_as_they_were_typed():
    rows = [
        {"box": "database_results", "n": "12345", "note": "MEDLINE 5000; Embase 4345; PsycINFO 3000"},
        {"box": "new_studies", "n": "13", "note": "Rows of studies.csv."},
    ]
    told = flow(flow_of(rows))
    assert_sound(told)
    assert {"MEDLINE 5000", "Embase 4345", "PsycINFO 3000"} <= set(drawn_words(told))
    assert "Studies in the review: n = 13." in spoken(told)
    assert "Rows of studies.csv." not in drawn_words(told)


def test_nought_is_nought_and_not_recorded_is_not_recorded():
    told = flow(flow_of(UPDATE))
    said = spoken(told)
    assert "Records from registers: n = 0." in said and "Records from citation searching: n = 0." in said
    assert "Records from organisations: not recorded." in said and "Records screened: not recorded." in said
    cells = {(one["box"], one["name"]): one["n"] for one in csv.DictReader(io.StringIO(told.twin))}
    assert cells["register_results", ""] == cells["citation_results", ""] == "0"
    assert cells["records_screened", ""] == cells["organisation_results", ""] == "not recorded"
    lines = " ".join(drawn_words(told))
    assert "Records from registers (n = 0)" in lines and "Records from organisations: not recorded" in lines


def test_what_prisma_does_not_ask_every_review_for_is_drawn_only_where_it_was_recorded():
    nothing = drawn_cells(Flow({}))
    assert {box for own in nothing.values() for box in own}.isdisjoint({*PREVIOUS_VERSION, *OTHER_METHODS})
    assert drawn_cells(Flow({box: FlowCount(1) for box in FlowBox})) == CELLS
    first = flow(Flow({FlowBox.WEBSITE_RESULTS: FlowCount(0)}))
    assert "Identification of studies via other methods" in drawn_words(first)
    assert "Identification of new studies via other methods" in " ".join(drawn_words(flow(flow_of(UPDATE))))
    one = drawn_cells(Flow({FlowBox.WEBSITE_RESULTS: FlowCount(0)}))
    assert {box for own in one.values() for box in own} >= set(OTHER_METHODS)
    assert {box for own in CELLS.values() for box in own} == set(FlowBox)


def test_picture_words_and_twin_of_a_flow_have_the_same_boxes():
    for counts in (flow_of(UPDATE), Flow({}), Flow({box: FlowCount(3) for box in FlowBox})):
        told = flow(counts)
        own = [box for boxes in drawn_cells(counts).values() for box in boxes]
        assert [one["box"] for one in csv.DictReader(io.StringIO(told.twin)) if not one["name"]] == own
        sentences = spoken(told).split(". ")
        counted = [text for text in sentences if ": n = " in text or ": not recorded" in text]
        assert len(counted) == len(own)


def test_a_flow_says_why_a_count_is_missing_and_what_contradicts_one():
    counts = flow_of(UPDATE)
    doubt = FlowCount(9, doubt="flow.csv says 10, but the results of this review have 9.")
    told = flow(Flow({**counts.counts, FlowBox.STUDIES_IN_META_ANALYSIS: doubt}))
    for text in (
        "Records removed as ineligible by automation tools: Nobody kept the log.",
        "Studies in a meta-analysis: flow.csv says 10, but the results of this review have 9.",
    ):
        assert text in drawn_words(told) and text in spoken(told)
    assert doubt.doubt in told.twin


def test_a_flow_that_was_not_recorded_says_so(shipped_figures):
    words = spoken(shipped_figures["flow"])
    assert "Records screened: not recorded." in words and "Studies in the review: n = 62." in words


def test_colours_hold_in_grey():
    for _, ink, face in LIGHTS.values():
        assert theme.contrast(ink, face) >= 4.5
