"""The figures of the whole review: what they count, that nothing collides or is cut, and that twins and seals hold."""

from __future__ import annotations

import csv
import io
import itertools
from xml.etree import ElementTree

import pytest

from helpers import points_off_the_page
from samples.synthesis import SAMPLES, invented_domain, sample
from taprev.drawing import theme
from taprev.extraction.tables import read_rows
from taprev.figures.overviews.at_a_glance import at_a_glance
from taprev.figures.overviews.components import component_matrix
from taprev.figures.overviews.effect_direction import effect_direction
from taprev.figures.overviews.flow import BOXES, flow
from taprev.figures.overviews.frame import Imprint, alternative_text, draw_review_figure, figure
from taprev.figures.overviews.gap_map import gap_map
from taprev.figures.overviews.registry import OVERVIEWS, overviews
from taprev.figures.overviews.risk_of_bias import LIGHTS, risk_of_bias
from taprev.ground.files import write_text
from taprev.ground.seal import seal_of
from taprev.synthesis.results import StudyVote
from taprev.tables.write import all_tables

IMPRINT = Imprint("A review", "Made-up evidence", "test")
LONG = "A name of one hundred and twenty characters that goes on, with Ελληνικά, عربي and 中文 in it, until it ends"
STEMS = tuple(overview.name for overview in OVERVIEWS)


@pytest.fixture(scope="module")
def shipped_figures(root, shipped, shipped_contents, tmp_path_factory):
    tables = tmp_path_factory.mktemp("tables")
    for name, text in all_tables(shipped_contents, root / "data/extracted", shipped[0]).items():
        write_text(tables / name, text)
    made = overviews(shipped_contents, shipped[0], root / "data/extracted", tables)
    return {told.stem: told for told in made}


def test_every_figure_is_listed_under_its_name_and_title(shipped_figures):
    assert [(overview.name, overview.title) for overview in OVERVIEWS] == [
        (made.stem, made.title) for made in shipped_figures.values()
    ]


def hostile_figures():
    """Return every figure of the review with long names in several scripts and many columns, by its name."""
    names = [f"{LONG} {i}" for i in range(9)]
    gaps = [
        {"domain": f"d{i}", "label": name, "population": "people", "studies": "12", "results": "40"}
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
        tool | {"result": f"r{i}", "domain": name, "judgement": judgement}
        for i, judgement in enumerate(LIGHTS)
        for name in (*names[:5], "overall")
    ]
    boxes = [box for pairs in BOXES.values() for _, box in pairs]
    glanced = [sample(name) for name in ("long_labels", "hostile", "mixed_scales", "awkward_numbers")]
    return {
        "gap_map": gap_map(gaps, groups),
        "components": component_matrix(parts, [LONG, "other"], names[:6], 9),
        "effect_direction": effect_direction(contents),
        "risk_of_bias": risk_of_bias(judged, {f"r{i}": (f"s{i}", LONG) for i in range(len(LIGHTS))}),
        "flow": flow([{"box": box, "n": "123456789", "note": LONG} for box in boxes]),
        "at_a_glance": at_a_glance(glanced, {"staff": LONG}),
    }


def empty_figures():
    """Return every figure of a review without rows, by its name."""
    return {
        "gap_map": gap_map([], {"Design": ["randomised"]}),
        "components": component_matrix([], [], [], 0),
        "effect_direction": effect_direction([]),
        "risk_of_bias": risk_of_bias([], {}),
        "flow": flow([]),
        "at_a_glance": at_a_glance([], {}),
    }


def assert_sound(told):
    with theme.style():
        drawn = figure(told, IMPRINT)
        renderer = drawn.canvas.get_renderer()
        texts = [t for t in drawn.axes[0].texts if t.get_text().strip()]
        boxes = [(t.get_text(), t.get_window_extent(renderer)) for t in texts]
        width, height = drawn.get_size_inches() * 72
    assert all(text.get_fontsize() >= theme.SMALLEST for text in texts)
    assert points_off_the_page(drawn) == []
    for words, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, f"cut: {words}"
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        over = min(a.x1, b.x1) - max(a.x0, b.x0) > 0.8 and min(a.y1, b.y1) - max(a.y0, b.y0) > 0.8
        assert not over, f"{one!r} over {other!r}"


@pytest.mark.parametrize("stem", STEMS)
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


@pytest.mark.parametrize("stem", STEMS)
def test_files_twins_and_seals(shipped_figures, stem, tmp_path):
    told = shipped_figures[stem]
    files = {path.suffix: path for path in draw_review_figure(told, IMPRINT, tmp_path / "one")}
    again = {path.suffix: path for path in draw_review_figure(told, IMPRINT, tmp_path / "two")}
    assert set(files) == {".svg", ".png", ".pdf", ".csv", ".txt"}
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
    assert "Harms: no study in scope." in words and "Staff attitudes: 18 studies;" in words


def test_directions_are_those_of_the_votes(shipped_figures, shipped_contents):
    rows = twin(shipped_figures["effect_direction"])
    votes = [(c.domain, v.study, v.contrast, v.direction) for c in shipped_contents for v in c.votes]
    assert [(r["domain"], r["study"], r["contrast"], r["direction"]) for r in rows] == votes and len(votes) > 70
    words = alternative_text(shipped_figures["effect_direction"], IMPRINT)
    assert "before-after: 18 better, 0 worse, 1 unclear" in words


def test_every_judgement_has_a_sign_of_its_own_meaning(shipped_figures, root):
    rows = twin(shipped_figures["risk_of_bias"])
    judged = read_rows(root / "data/extracted/risk_of_bias.csv")
    assert [(r["result"], r["domain"], r["judgement"]) for r in rows] == [
        (r["result"], r["domain"], r["judgement"]) for r in judged
    ]
    signs = {sign for sign, _, _ in LIGHTS.values()}
    assert signs == {"+", "–", "×", "!", "?"}
    assert "54 no information" in alternative_text(shipped_figures["risk_of_bias"], IMPRINT)


def test_a_flow_that_was_not_recorded_says_so(shipped_figures):
    words = alternative_text(shipped_figures["flow"], IMPRINT)
    assert "Records screened: not recorded." in words and "Studies in the review: n = 62." in words


def test_colours_hold_in_grey():
    for _, ink, face in LIGHTS.values():
        assert theme.contrast(ink, face) >= 4.5
