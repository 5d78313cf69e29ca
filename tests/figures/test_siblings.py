"""The sibling figures of a domain: drawn from its JSON alone, legible, whole, and saying what the data say."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from PIL import Image

from helpers import draw_forest, draw_sibling, points_off_the_page, printed_dpi
from samples.drawings import MEASURES, touching
from samples.sibling import SAMPLES, sample
from taprev.drawing import theme
from taprev.figures.of_domain import FIGURES, draw_domain, not_drawn
from taprev.figures.siblings import frame, multiverse_text, plane
from taprev.figures.siblings.bubble_text import why_not as why_bubble
from taprev.figures.siblings.funnel_text import MORE_CAUSES, fitted
from taprev.figures.siblings.leave_one_out_text import NOTHING_LEFT
from taprev.figures.siblings.multiverse_curve import lay_curve
from taprev.figures.siblings.posterior_text import chances, posterior_parts
from taprev.figures.siblings.registry import SIBLINGS, alternative_text, figure, twin, why_no_sibling
from taprev.ground.seal import seal_of
from taprev.settings.figures import Figures
from taprev.synthesis.results import Synthesis
from taprev.vocabulary import AsymmetryTest, Contrast, Scale
from taprev.wording import estimates, labels, sentences, small_study

pytestmark = pytest.mark.filterwarnings("ignore:Glyph .* missing from font")

SVG = "{http://www.w3.org/2000/svg}"
SHIPPED = ("staff_attitudes", "staff_knowledge", "youth_behaviour", "patient_mental_health", "harms")
ENDINGS = [".svg", ".png", ".pdf", ".csv", ".txt"]
KINDS = {sibling.name: sibling for sibling in SIBLINGS}
EMPTY = ("empty", "one_study", "harms")
POOLED = [name for name in (*SAMPLES, *SHIPPED) if name not in (*EMPTY, "patient_mental_health")]
OF_MANY = ("cumulative", "baujat", "bubble", "labbe")
"""Figures that are drawn from ten studies on; elsewhere they give their reason alone."""
WIDELY = [kind for kind in KINDS if kind not in OF_MANY]
EVERY = [
    *((kind, name) for kind in WIDELY for name in POOLED),
    *((kind, name) for kind in OF_MANY for name in ("explained", "sixty", "ratios", "hostile")),
    ("multiverse", "patient_mental_health"),
]


@pytest.fixture(scope="module")
def domain(shipped_contents):
    """Return a domain by name, a shipped one or an invented one."""
    by_name = {content.domain: content for content in shipped_contents}
    made: dict[str, Synthesis] = {}

    def named(name: str) -> Synthesis:
        if name not in made:
            made[name] = by_name[name] if name in by_name else sample(name)
        return made[name]

    return named


@pytest.fixture(scope="module")
def files(domain, tmp_path_factory):
    """Return the five files of a figure by kind and name of its domain, drawn once."""
    made: dict[tuple[str, str], list] = {}

    def drawn(kind: str, name: str) -> list:
        if (kind, name) not in made:
            made[kind, name] = draw_sibling(KINDS[kind], domain(name), tmp_path_factory.mktemp(f"{kind}-{name}"))
        return made[kind, name]

    return drawn


@pytest.fixture(scope="module")
def texts(domain):
    """Return every text of a figure with its box in points, and the size of the page, measured once."""
    made: dict[tuple[str, str], tuple] = {}

    def measured(kind: str, name: str) -> tuple:
        if (kind, name) not in made:
            made[kind, name] = drawn_texts(kind, domain(name))
        return made[kind, name]

    return measured


def drawn_texts(kind, content):
    with theme.style():
        drawing = figure(KINDS[kind], content)
        assert points_off_the_page(drawing) == []
        boxes = [(text, text.get_window_extent(MEASURES).extents) for text in drawing.axes[0].texts]
    return boxes, drawing.get_size_inches() * 72


def svg_text(data):
    root = ElementTree.fromstring(data)
    return " ".join(element.text for element in root.iter(f"{SVG}text"))


def table(kind, content):
    return list(csv.DictReader(io.StringIO(twin(KINDS[kind], content))))


def number(cell):
    return float(cell) if cell else None


def strata(content):
    return [one.stratum for one in frame.pooled(content)]


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_nothing_overlaps_nothing_is_cut_and_type_is_legible(kind, name, texts):
    boxes, (width, height) = texts(kind, name)
    for text, (x0, y0, x1, y1) in boxes:
        assert x0 >= 4 and y0 >= 4 and x1 <= width - 4 and y1 <= height - 4, text.get_text()
        assert text.get_fontsize() >= theme.SMALLEST
    touch = touching([box for _, box in boxes])
    assert not touch, [(boxes[a][0].get_text(), boxes[b][0].get_text()) for a, b in touch]


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_five_files_are_written_and_sealed(kind, name, domain, files):
    content, first = domain(name), files(kind, name)
    assert [path.name for path in first] == [f"{content.domain}_{kind}{ending}" for ending in ENDINGS]
    for path in first[:3]:
        seal = seal_of(path)
        assert (seal.domain, seal.numbers, seal.whole) == (content.domain, content.seal, True)
    assert set(seal_of(first[0]).footer) == {content.seal}
    assert first[4].read_text("utf-8") == f"{alternative_text(KINDS[kind], content)}\n"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *((kind, name) for kind in WIDELY for name in ("staff_attitudes", "hostile", "two")),
        *((kind, "explained") for kind in OF_MANY),
    ],
)
def test_two_draws_are_byte_identical(kind, name, domain, files, tmp_path):
    again = draw_sibling(KINDS[kind], domain(name), tmp_path)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in files(kind, name)]


@pytest.mark.parametrize("kind", KINDS)
def test_files_are_named_described_and_without_a_date(kind, domain, files, tmp_path):
    content = domain("whole")
    svg, png, pdf, _, _ = files(kind, "whole")
    root, said = ElementTree.fromstring(svg.read_bytes()), alternative_text(KINDS[kind], content)
    assert root.get("role") == "img" and root.find(f"{SVG}desc").text == said
    assert labels.clean(content.label) in root.find(f"{SVG}title").text
    assert "dc:date" not in svg.read_text("utf-8")
    assert printed_dpi(png) == 300 and Image.open(png).text["Description"] == said
    data = pdf.read_bytes()
    assert data.startswith(b"%PDF") and b"CreationDate" not in data and b"ModDate" not in data
    assert f"taprev:{content.domain}:{content.seal}:".encode() in data
    altered = data.replace(b"Creator", b"Creatot", 1)
    (tmp_path / "altered.pdf").write_bytes(altered)
    assert not seal_of(tmp_path / "altered.pdf").whole


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, name in EVERY if name in ("sixty", "whole")])
def test_pictures_do_not_grow_without_bound(kind, name, files):
    svg, png, pdf, _, _ = files(kind, name)
    assert svg.stat().st_size < 600_000 and png.stat().st_size < 3_000_000 and pdf.stat().st_size < 400_000


def test_two_processes_draw_the_same(files, tmp_path):
    code = (
        "import sys; from pathlib import Path; from samples.sibling import sample\n"
        "from taprev.figures.of_domain import draw_domain\n"
        "draw_domain(sample('whole'), Path(sys.argv[1]))\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "1"}
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True, env=env)
    there = {path.name: path.read_bytes() for path in (tmp_path / sample("whole").domain).iterdir()}
    drawn = [path for kind in WIDELY if kind != "funnel" for path in files(kind, "whole")]
    drawn += draw_forest(sample("whole"), tmp_path / "forest")
    assert there == {path.name: path.read_bytes() for path in drawn}


@pytest.mark.parametrize("name", EMPTY)
def test_where_nothing_is_pooled_nothing_is_drawn_and_the_reason_is_said(name, domain, tmp_path):
    content = domain(name)
    reasons = {one.figure: one.reason for one in not_drawn(content)}
    drawn = draw_domain(content, tmp_path)
    assert set(KINDS) <= set(reasons) and all(reasons[kind] == frame.nothing_pooled(content) for kind in KINDS)
    assert ("forest" in reasons) == (not content.has_evidence) == (drawn == [])
    assert [table(kind, content) for kind in KINDS] == [[]] * len(KINDS)


@pytest.mark.parametrize("name", [*SAMPLES, *SHIPPED])
def test_a_figure_says_something_or_is_named_with_its_reason_and_never_both(name, domain):
    content, gaps = domain(name), not_drawn(domain(name))
    names = {figure.name for figure in FIGURES} - {one.figure for one in gaps}
    assert all(one.reason.endswith(".") and one.domain == content.domain for one in gaps)
    assert {figure.name for figure in FIGURES if not figure.why_not(content)} == names
    marks = {"leave_one_out": "without", "multiverse": "", "posterior": "mean", "funnel": "effect"}
    marks |= {"cumulative": "added", "baujat": "", "bubble": "line", "labbe": ""}
    for kind in names - {"forest"}:
        cells = [list(row.values()) for row in table(kind, content)]
        assert any(marks[kind] in row for row in cells), kind


@pytest.fixture(scope="module")
def drawn_domain(domain, tmp_path_factory):
    """Return the folder of all figures of a domain and what was drawn into it, once; copy it before you change it."""

    @cache
    def drawn(name: str) -> tuple[Path, list[Path]]:
        folder = tmp_path_factory.mktemp(name)
        return folder, draw_domain(domain(name), folder, Figures(height=None))

    return drawn


@pytest.mark.parametrize("name", ["whole", "youth_behaviour"])
def test_what_is_drawn_is_what_is_not_named_as_missing(name, domain, drawn_domain):
    content, (folder, files) = domain(name), drawn_domain(name)
    drawn = {path.name for path in files}
    names = {figure.name for figure in FIGURES} - {one.figure for one in not_drawn(content)}
    assert drawn == {f"{content.domain}_{figure}{ending}" for figure in names for ending in ENDINGS}
    assert {path.name for path in (folder / content.domain).iterdir()} == drawn


def test_what_is_drawn_of_the_shipped_review(shipped_contents):
    drawn = {(content.domain, kind) for content in shipped_contents for kind in KINDS} - {
        (one.domain, one.figure) for content in shipped_contents for one in not_drawn(content)
    }
    by_kind = {kind: sorted(name for name, figure in drawn if figure == kind) for kind in KINDS}
    assert by_kind == {
        "leave_one_out": ["staff_attitudes", "staff_knowledge"],
        "multiverse": [
            "patient_mental_health",
            "patient_ptsd",
            "staff_attitudes",
            "staff_knowledge",
            "youth_behaviour",
        ],
        "posterior": ["staff_attitudes", "staff_knowledge", "youth_behaviour"],
        "funnel": [],
        **{kind: [] for kind in OF_MANY},
    }


def test_what_no_longer_says_anything_is_removed_and_other_files_stay(domain, drawn_domain, tmp_path):
    content = domain("whole")
    shutil.copytree(drawn_domain("whole")[0], tmp_path, dirs_exist_ok=True)
    folder = tmp_path / content.domain
    (folder / "notes of mine.txt").write_text("mine", encoding="utf-8")
    emptied = replace(content, strata=(), sensitivity=(), outside=(), rows=())
    assert draw_domain(emptied, tmp_path) == []
    assert [path.name for path in folder.iterdir()] == ["notes of mine.txt"]


def test_two_effects_of_which_none_can_be_left_out_are_not_drawn_without_each(domain):
    assert why_no_sibling(KINDS["leave_one_out"], domain("youth_behaviour")) == NOTHING_LEFT


def test_of_two_sections_of_one_name_each_gives_its_reason(domain):
    content = domain("youth_behaviour")
    pooled = next(stratum for stratum in content.strata if stratum.fit)
    one, two = replace(content, strata=(pooled,)), replace(content, strata=(pooled, pooled))
    named = f"{pooled.label}: {why_no_sibling(KINDS['funnel'], one)}"
    assert why_no_sibling(KINDS["funnel"], two) == f"{named} {named}"


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_the_footer_names_counts_evidence_and_seal(kind, name, domain, texts):
    content = domain(name)
    said = alternative_text(KINDS[kind], content)
    printed = " ".join(text.get_text() for text, _ in texts(kind, name)[0])
    for told in (sentences.fates(content.fates), sentences.sentence(content.evidence_set)):
        assert told in printed and told in said
    assert f"seal {content.seal}" in printed and f"seal {content.seal}." in said


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *((kind, name) for kind in WIDELY for name in ("two", "whole", "long", "youth_behaviour")),
        *((kind, "two") for kind in OF_MANY),
    ],
)
def test_two_effects_carry_a_caution_and_no_verdict(kind, name, domain, texts):
    content = domain(name)
    said = alternative_text(KINDS[kind], content)
    printed = " ".join(text.get_text() for text, _ in texts(kind, name)[0]).lower()
    pairs = [stratum for stratum in strata(content) if stratum.fit.k == 2]
    cautions = [text for stratum in pairs for text in frame.warnings(stratum) if "two effects" in text.lower()]
    assert len(cautions) >= len(pairs) > 0
    assert all(text.lower() in printed and text in said for text in cautions)


def test_a_funnel_is_drawn_from_ten_studies_on(domain):
    for name in (*SAMPLES, *SHIPPED):
        content, said = domain(name), alternative_text(KINDS["funnel"], domain(name))
        studies = [len({s.study for s in stratum.studies if s.fate == "pooled"}) for stratum in strata(content)]
        assert said.count(frame.TOO_FEW) == sum(n < 10 for n in studies)
        assert (MORE_CAUSES in said) == any(n >= 10 for n in studies)
        panels = [stratum.small_studies for stratum in strata(content) if stratum.small_studies]
        made = [panel for panel in panels if not panel.refused]
        assert said.count("mall studies are not shown to differ") + said.count("mall studies have ") == len(made)
        assert "Begg" not in said


def test_a_funnel_shows_the_line_of_a_test_only_where_it_has_a_place(domain):
    """Errors of one arm or of ratios of risks are no roots of 1/n1 + 1/n2, and 1/n has no place at all."""
    whole = domain("sixty").strata[1]
    assert whole.small_studies.usual.test == AsymmetryTest.SIZES and fitted(whole) is None
    two_arms = replace(whole, contrasts=(Contrast.RANDOMISED,))
    assert fitted(two_arms).slope == whole.small_studies.usual.slope
    assert fitted(replace(two_arms, scale=Scale.LOG_RISK_RATIO)) is None
    rates = domain("ratios").strata[1]
    assert rates.small_studies.usual.test == AsymmetryTest.EGGER and fitted(rates).said in " ".join(
        small_study.words(rates)
    )
    trials = domain("explained").strata[0]
    assert trials.small_studies.usual.test == AsymmetryTest.PETERS and fitted(trials) is None


def test_figures_of_many_studies_show_what_their_twins_hold(domain):
    """Every effect, group and point of a line is in the twin with the numbers of the result."""
    content = domain("explained")
    stratum, rows = content.strata[0], {kind: table(kind, content) for kind in OF_MANY}
    added = [row for row in rows["cumulative"] if row["row"] == "added"]
    assert [number(row["estimate"]) for row in added] == [one.estimate for one in stratum.panel.cumulative]
    assert [int(row["k"]) for row in added][-1] == 14
    moved = {row["label"]: number(row["moves"]) for row in rows["baujat"]}
    assert moved == {one.label: pytest.approx(one.cook_d / one.cov_r) for one in stratum.panel.influence}
    risks = {row["label"]: number(row["risk_arm2"]) for row in rows["labbe"]}
    assert risks == {s.label: s.events.event_arm2 / s.events.totaln_arm2 for s in stratum.studies}
    hours, wards = stratum.moderators
    lines = [row for row in rows["bubble"] if row["row"] == "line"]
    assert [number(row["yi"]) for row in lines] == [point.estimate for point in hours.line]
    groups = [row["value"] for row in rows["bubble"] if row["row"] == "group"]
    assert groups == [group.level for group in wards.subgroups.groups]
    assert sum(row["row"] == "effect" for row in rows["bubble"]) == 28


def test_a_moderator_of_more_groups_than_fit_is_named_and_not_drawn(domain):
    stratum = domain("explained").strata[0]
    wards = stratum.moderators[1]
    group = wards.subgroups.groups[0]
    many = tuple(replace(group, level=f"ward_{number}") for number in range(13))
    crowded = replace(wards, subgroups=replace(wards.subgroups, groups=many))
    assert "Kind of ward has 13 groups, too many to draw" in why_bubble(replace(stratum, moderators=(crowded,)))
    assert why_bubble(replace(stratum, moderators=(stratum.moderators[0], crowded))) == ""


def test_names_keep_clear_of_marks_and_of_each_other():
    """Of points in three close rows the first finds room at its left and the fifth at its right, those between none."""
    level = plane.level_scale([0.0, 1.0])
    at = plane.plane(level, level, 100.0)
    points = [(300.0 + 40 * i, 300.0 + 16 * j) for j in (0, -1, 1) for i in range(5)]
    written = []
    page = SimpleNamespace(text=lambda x, y, name, kind: written.append((x, name)))
    names = ["Aronson 1948", "Ferguson and Simes 1949", "Rosenthal 1960", "Hart 1977", "Vandiviere 1973"]
    assert plane.named_points(page, at, points, names) == len(written) == 2
    assert [name for _, name in written] == [names[0], names[4]]
    assert written[0][0] < 300.0 and written[1][0] == 300.0 + 40 * 4 + 9


@pytest.mark.parametrize("kind", OF_MANY)
def test_below_ten_studies_a_figure_of_many_is_not_drawn(kind, domain):
    assert "elow ten studies" in why_no_sibling(KINDS[kind], domain("staff_knowledge"))
    assert "no ratios of events" in why_no_sibling(KINDS["labbe"], domain("sixty"))


def test_the_twin_of_the_funnel_holds_every_pooled_effect(domain):
    for name in (*SAMPLES, *SHIPPED):
        effects = [row for row in table("funnel", domain(name)) if row["row"] == "effect"]
        pooled = [s for stratum in strata(domain(name)) for s in stratum.studies if s.fate == "pooled"]
        assert [(number(r["yi"]), number(r["vi"])) for r in effects] == [(s.yi, s.vi) for s in pooled]


def test_points_of_the_funnel_stand_where_effect_and_error_are():
    from taprev.figures.siblings import funnel

    stratum = sample("ratios").strata[1]
    plot = funnel._plot(stratum, 100.0)
    deepest = max(funnel.points(stratum), key=funnel.se)
    assert plot.y(0.0) == 100.0 and plot.y(funnel.se(deepest)) < plot.bottom
    for share in funnel.CONTOURS:
        x, y = plot.ray(0.0, funnel.distance(share))
        error = (y - plot.top) / (plot.bottom - plot.top) * plot.deepest
        value = plot.track.scale.low + (x - plot.track.left) / (plot.track.right - plot.track.left) * (
            plot.track.scale.high - plot.track.scale.low
        )
        assert value / error == pytest.approx(funnel.distance(share))
    low, high = plot.track.scale.low, plot.track.scale.high
    assert plot.within(0.0, 0.0) == [0.0, plot.deepest] and plot.within(high + 1, 0.0) == []
    first, last = plot.within(low - 1, 2 * (high - low) / plot.deepest)
    assert 0 < first < last <= plot.deepest
    assert low - 1 + first * 2 * (high - low) / plot.deepest == pytest.approx(low)
    assert [round(funnel.distance(share), 3) for share in funnel.CONTOURS] == [1.645, 1.96, 2.576]


@pytest.mark.parametrize("name", [name for name in POOLED if name != "bare"])
def test_every_study_left_out_has_its_row_and_number(name, domain, files):
    content = domain(name)
    printed = svg_text(files("leave_one_out", name)[0].read_bytes())
    said, rows = alternative_text(KINDS["leave_one_out"], content), table("leave_one_out", content)
    for stratum in strata(content):
        fit = stratum.fit
        for one in (fit, *stratum.panel.leave_one_out):
            if one.estimate is None:
                assert "nothing to pool" in printed and "nothing to pool" in said
                continue
            told = estimates.estimate(one.estimate, one.ci_lb, one.ci_ub, estimates.style(stratum))
            assert told in printed and told in said
    held = [one for stratum in strata(content) for one in stratum.panel.leave_one_out]
    drawn = {(r["label"], number(r["estimate"]), number(r["ci_lb"])) for r in rows if r["row"] == "without"}
    assert drawn == {(labels.clean(one.level), one.estimate, one.ci_lb) for one in held} or name == "hostile"
    assert len(held) == sum(row["row"] == "without" for row in rows)


@pytest.mark.parametrize("name", [name for name in POOLED if name != "bare"])
def test_posteriors_are_printed_as_they_are(name, domain, files):
    content = domain(name)
    printed = svg_text(files("posterior", name)[0].read_bytes())
    said, rows = alternative_text(KINDS["posterior"], content), table("posterior", content)
    for stratum in strata(content):
        for fit in stratum.bayes:
            parts = (posterior_parts(fit.mu, estimates.style(stratum)), posterior_parts(fit.tau, estimates.TAU))
            for told in (*(" ".join(part) for part in parts), *chances(fit, stratum)):
                assert told in printed and told in said
    held = [
        (getattr(fit, part), part) for s in strata(content) for fit in s.bayes for part in ("mu", "tau", "predictive")
    ]
    names = {"mu": "mean", "tau": "tau", "predictive": "new setting"}
    drawn = [row for row in rows if row["median"]]
    assert [row["quantity"] for row in drawn] == [names[part] for _, part in held]
    assert [[number(row[n]) for n in ("mean", "sd", "median", "ci_lb", "ci_ub")] for row in drawn] == [
        [getattr(one, n) for n in ("mean", "sd", "median", "ci_lb", "ci_ub")] for one, _ in held
    ]


@pytest.mark.parametrize("name", [name for kind, name in EVERY if kind == "multiverse"])
def test_every_combination_stands_in_the_twin_and_the_curve_is_sorted(name, domain, texts):
    content = domain(name)
    rows, said = table("multiverse", content), alternative_text(KINDS["multiverse"], content)
    found = [(one, whole) for one in multiverse_text.sections(content) if (whole := multiverse_text.whole(one.stratum))]
    assert sum(bool(row["specification"]) for row in rows) == sum(len(w.specifications) for _, w in found)
    assert said.count("no probability") == len(found)
    for one, whole in found:
        curve = lay_curve(one, whole, 0.0)
        drawn = [spec.estimate for spec in curve.specs]
        assert drawn == sorted(drawn) and len(drawn) == whole.estimable
        here = (labels.clean(one.label), one.stratum.scale)
        own = [row for row in rows if (row["section"], row["scale"]) == here and row["usual"]]
        assert len(own) == 1
        if curve.own is None:
            assert "nothing to pool" in said and not own[0]["estimate"]
            continue
        spec = curve.specs[curve.own]
        assert list(spec.levels) == [factor.usual for factor in whole.factors]
        assert float(own[0]["estimate"]) == spec.estimate
        told = estimates.estimate(spec.estimate, spec.ci_lb, spec.ci_ub, estimates.style(one.stratum))
        printed = [text.get_text() for text, _ in texts("multiverse", name)[0]]
        assert f"this review {told}" in printed and told in said


def test_marks_without_a_control_group_are_hollow():
    content = sample("whole")
    before_after = next(s for s in strata(content) if s.contrasts == ("before_after",))
    content = replace(content, strata=(before_after,), sensitivity=())
    for kind in ("leave_one_out", "posterior", "multiverse"):
        with theme.style():
            lines = figure(KINDS[kind], content).axes[0].lines
        dots = [line for line in lines if line.get_marker() == "o"]
        assert dots and {line.get_markerfacecolor() for line in dots} == {theme.PAPER}
        assert "favours" not in alternative_text(KINDS[kind], content)


def test_hostile_text_stays_text(tmp_path):
    for path in draw_domain(sample("hostile"), tmp_path):
        if path.suffix == ".svg":
            assert not list(ElementTree.fromstring(path.read_bytes()).iter(f"{SVG}script"))
        if path.suffix == ".csv":
            cells = [cell for row in csv.reader(path.open(encoding="utf-8")) for cell in row]
            assert not [cell for cell in cells if cell.startswith(("=", "@", "\t"))]


def test_a_domain_that_is_no_plain_name_is_refused(tmp_path):
    with pytest.raises(ValueError, match="cannot name a file"):
        draw_domain(replace(sample("empty"), domain="../escape"), tmp_path)
