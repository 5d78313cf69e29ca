"""The forest plot: its rows without pixels, and then the drawn files."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from xml.etree import ElementTree

import pypdfium2
import pytest
from PIL import Image

from helpers import draw_forest, printed_dpi
from samples.drawings import ROB2, SVG, V1, V2, forest_svg, nothing_overlaps, of, signs, svg_text, texts_of
from samples.forest import DESCRIPTORS, everything, options, trials
from samples.synthesis import (
    HOSTILE,
    SAMPLES,
    content,
    invented_domain,
    invented_stratum,
    invented_study,
    invented_vote,
    sample,
    whole_evidence,
)
from taprev.drawing import fonts, theme
from taprev.drawing.judgement_signs import LIGHTS
from taprev.drawing.marks import LARGEST, SMALLEST, Track
from taprev.drawing.saving import write
from taprev.drawing.scale import fit_scale
from taprev.effects.descriptors import described
from taprev.effects.fates import effect_rows
from taprev.extraction.risk_of_bias.declarations import shipped_tools
from taprev.extraction.tables import read_rows
from taprev.figures.forest import rows
from taprev.figures.forest.alternative_text import alternative_text
from taprev.figures.forest.columns import columns_of
from taprev.figures.forest.layout import lay_out
from taprev.figures.forest.layout_pages import pages
from taprev.figures.forest.plot import figure, fitting, forest_files
from taprev.figures.forest.styles import APPEARANCES
from taprev.figures.forest.twin import twin
from taprev.ground.files import write_bytes as replace_file
from taprev.notes import note
from taprev.settings import read_settings
from taprev.settings.figures import Figures
from taprev.starter.write import write_review
from taprev.synthesis.domain import synthesise
from taprev.synthesis.results import ArmNames, Events, MissingResults, from_json, to_json
from taprev.vocabulary import Contrast, Fate, FigurePreset, ForestStyle, NoteCode, Scale
from taprev.wording import context, estimates, labels, sentences
from taprev.wording.estimates import NumberStyle
from taprev.wording.notes import reason

pytestmark = pytest.mark.filterwarnings("ignore:Glyph .* missing from font")


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (labels.number(-0.004), "0.00"),
        (labels.number(-0.03), "−0.03"),
        (labels.number(None), "–"),
        (estimates.estimate(0.85, 0.32, 1.38, NumberStyle("smd")), "0.85 [0.32, 1.38]"),
        (estimates.estimate(math.log(0.5), math.log(0.25), 0.0, NumberStyle("log_ratio")), "0.50 [0.25, 1.00]"),
        (estimates.effect(-6.0, NumberStyle("log_rate_ratio")), "<0.01"),
        (estimates.effect(800.0, NumberStyle("log_ratio")), "∞"),
        (labels.percent(86.2), "86\u00a0%"),
        (labels.weight(17.25), "17.2\u00a0%"),
        (labels.weight(100.0), "100\u00a0%"),
        (labels.weight(0.01), "<0.1\u00a0%"),
        (labels.tau2(0.0), "0.00"),
        (labels.tau2(0.004), "0.004"),
        (labels.tau2(0.00008), "0.00008"),
        (labels.tau2(0.0000002), "<0.000001"),
        (labels.apart(0.0003, 0.0004)[0], "0.0003"),
        (labels.apart(0.3, 0.4)[1], "0.40"),
        (labels.equation("τ²", labels.tau2(0.0000004)), "τ² < 0.000001"),
        (labels.equation("p", labels.pvalue(0.0385)), "p = 0.038"),
        (labels.pvalue(0.0002), "<0.001"),
        (labels.sample_sizes(32.0, 35.5), "32 / 35.5"),
        (labels.sample_sizes(None, None), "–"),
        (labels.clean("a\x00b\n\u202ec  d"), "a b c d"),
        (sentences.vote("before_after", "better"), "before-after, better after"),
        (labels.population("older_adults"), "older adults"),
        (sentences.vote("randomised", "worse"), "randomised, worse"),
        (
            context.magnitudes(MissingResults(1, 1)),
            "1 of 1 study gives a usable magnitude",
        ),
    ],
)
def test_a_number_has_one_text(made, text):
    assert made == text


def test_fates_are_counted_in_one_sentence():
    assert set(Fate) == {"pooled", "counted", "shown", "empty_cell", "direction_only", "excluded"}
    counts = {"pooled": 6, "shown": 12, "direction_only": 59, "excluded": 2}
    assert sentences.fates(counts) == "79 results: 6 pooled, 12 shown, 59 direction only, 2 excluded."
    assert sentences.fates({"counted": 2, "empty_cell": 3}) == (
        "5 results: 0 pooled, 2 pooled by counts, 0 shown, 3 with an empty cell, 0 direction only, 0 excluded."
    )


def test_sides_never_speak_of_favour_without_a_comparator():
    first = sample("whole_evidence").strata[0]

    def sides(contrasts, favours_sign, **named):
        return labels.sides(replace(first, contrasts=contrasts, favours_sign=favours_sign, arms=ArmNames(**named)))

    assert sides(["before_after"], 1) == ("worse after", "better after")
    assert sides(["randomised", "before_after"], 1) == ("worse after", "better after")
    assert sides(["controlled"], -1) == ("favours programme", "favours comparator")
    assert sides(["randomised"], 1, programme="drug", comparator="placebo") == ("favours placebo", "favours drug")


def test_arrows_point_as_the_axis_of_their_design():
    content = sample("whole_evidence")
    lower = [replace(one, favours_sign=-1) for one in content.strata]
    votes = [vote for vote in content.votes if not vote.with_magnitude]
    assert votes
    for strata, right in ((lower, False), ([replace(one, favours_sign=1) for one in lower], True)):
        layout = lay_out(replace(content, strata=tuple(strata), sensitivity=()))
        arrows = [row for row in layout.rows if isinstance(row, rows.DirectionRow)]
        assert arrows and {row.better_right for row in arrows} == {right}
        key = next(row for row in layout.rows if isinstance(row, rows.Key))
        assert ("arrow" if right else "arrow_left") in key.marks
    mixed = (lower[0], replace(lower[1], favours_sign=1), *lower[2:])
    layout = lay_out(replace(content, strata=mixed, sensitivity=()))
    assert {row.better_right for row in layout.rows if isinstance(row, rows.DirectionRow)} == {True, False}
    assert "arrow_either" in next(row for row in layout.rows if isinstance(row, rows.Key)).marks


def test_the_settings_name_the_arms():
    content = sample("whole_evidence")
    arms = {"contrasts": ("randomised",), "arms": ArmNames("vaccine", "no vaccine")}
    named = tuple(replace(one, **arms) for one in content.strata[:1])
    [svg] = forest_svg(replace(content, strata=named, sensitivity=()))
    printed = svg_text(svg)
    assert "favours vaccine" in printed and "favours no vaccine" in printed
    assert "n: vaccine / no vaccine" in printed


def test_rows_come_in_the_order_of_the_page():
    layout = lay_out(sample("whole_evidence"))
    kinds = [kind for kind, _ in itertools.groupby(type(row) for row in layout.rows)]
    assert kinds[:4] == [rows.Header, rows.ColumnHeads, rows.SectionHead, rows.Sides]
    assert kinds[-3:] == [rows.VotesRow, rows.Key, rows.Footer]
    assert [row.label for row in of(layout, rows.SectionHead)] == [
        "Randomised",
        "Controlled, not randomised",
        "Before–after, no control group",
        "Sensitivity: controlled, randomised or not",
        "Direction only",
        "All directions",
    ]
    assert len(of(layout, rows.AxisRow)) == len(layout.scales) == 1


def test_every_study_and_direction_has_its_row():
    domain = sample("whole_evidence")
    layout = lay_out(domain)
    studies = [study for stratum in domain.strata for study in stratum.studies]
    assert [row.label for row in of(layout, rows.StudyRow)] == [study.label for study in studies]
    alone = [vote for vote in domain.votes if not vote.with_magnitude]
    assert {row.label for row in of(layout, rows.DirectionRow)} == {vote.label for vote in alone}
    assert len(of(layout, rows.DirectionRow)) == len(alone)
    shown = [row for row in of(layout, rows.StudyRow) if not row.pooled]
    assert shown and all(row.reason and row.weight == "not pooled" for row in shown)


def test_diamonds_say_what_they_are():
    pair, before_after, sensitivity = of(lay_out(sample("whole_evidence")), rows.DiamondRow)
    assert pair.style.dashed and pair.style.hollow and pair.prediction is None
    assert before_after.style.hollow and not before_after.style.dashed and before_after.prediction
    assert sensitivity.thin and sensitivity.weight == "" and not sensitivity.prediction


def test_prediction_bar_needs_five_studies_and_spread():
    def bar(k, tau2):
        studies = [invented_study(i, 0.1 * i, 0.03) for i in range(k)]
        domain = content(invented_domain([invented_stratum("controlled", studies, tau2)]))
        return of(lay_out(domain), rows.DiamondRow)[0].prediction

    assert bar(4, 0.1) is None
    assert bar(5, 0.0) is None
    assert bar(5, 0.1) is not None


def test_two_studies_carry_a_caution_and_no_verdict():
    domain = sample("two_studies")
    cautions = [row.text for row in of(lay_out(domain), rows.QuietLine) if row.kind == "caution"]
    assert cautions == [sentences.TWO_EFFECTS]
    words = alternative_text(domain)
    assert sentences.TWO_EFFECTS in words
    assert "favours" not in words and "no difference" not in words


def test_one_study_is_shown_with_the_reason():
    layout = lay_out(sample("one_study"))
    assert not of(layout, rows.DiamondRow)
    assert [row.kind for row in of(layout, rows.QuietLine)] == ["not_estimable"]


def test_a_domain_without_rows_says_so():
    layout = lay_out(sample("empty"))
    assert [row.text for row in of(layout, rows.Sentence)] == ["No result in this non-systematic set."]
    assert labels.NO_ROW in alternative_text(sample("empty")).lower()
    assert not of(layout, rows.AxisRow) and not of(layout, rows.Key)


def test_an_empty_stratum_beside_others_is_named():
    none = replace(invented_stratum("randomised", [], None).missing_results, studies=0, with_magnitude=0)
    empty = invented_stratum("randomised", [], None, missing_results=none)
    full = invented_stratum("controlled", [invented_study(i, 0.2 * i, 0.1) for i in range(3)], 0.1)
    layout = lay_out(content(invented_domain([empty, full])))
    assert of(layout, rows.SectionHead)[0].note == "no study"
    assert not of(layout, rows.Sides)


def test_scales_do_not_share_an_axis():
    layout = lay_out(sample("mixed_scales"))
    assert [row.label for row in of(layout, rows.AxisRow)] == [
        "Standardised mean difference (SD units)",
        "Rate ratio (log scale)",
    ]
    ratios = [row for row in of(layout, rows.Sides) if row.panel == 1]
    assert [(row.left, row.right) for row in ratios] == [
        ("favours programme", "favours comparator"),
        ("better after", "worse after"),
    ]
    assert of(layout, rows.AxisRow)[0].left == "favours comparator"


@pytest.mark.parametrize(
    ("points", "intervals", "scale_of"),
    [
        ((0.4,), ((0.1, 0.7),), Scale.SMD),
        ((), (), Scale.SMD),
        ((0.0,), ((0.0, 0.0),), Scale.SMD),
        ((-40.0, 55.0), ((-90.0, 10.0), (40.0, 300.0)), Scale.SMD),
        ((0.0001,), ((-0.0002, 0.0004),), Scale.SMD),
        ((0.01, 0.02), ((-0.01, 0.02), (0.0, 0.04)), Scale.LOG_RATIO),
        ((-0.6, 0.1), ((-3.0, 1.8), (-3.8, 4.0)), Scale.LOG_RATIO),
        ((-7.0, 8.0), ((-9.0, -5.0), (7.0, 9.0)), Scale.LOG_RATIO),
        ((2.0, 3.0), ((1.0, 4.0),), Scale.LOG_RATIO),
        ((0.02,), ((-0.01, 0.04),), Scale.FISHER_Z),
        ((0.3, 0.5), ((0.1, 0.7), (0.2, 0.9)), Scale.FISHER_Z),
        ((-0.4, 1.5), ((-0.9, 0.1), (1.0, 2.0)), Scale.FISHER_Z),
        ((-3.0, 3.5), ((-3.5, -2.0), (2.0, 4.0)), Scale.FISHER_Z),
    ],
)
def test_axes_hold_every_point_and_the_null(points, intervals, scale_of):
    scale = fit_scale(points, intervals, scale_of)
    assert all(scale.low < point < scale.high for point in (0.0, *points))
    assert 2 <= len(scale.ticks) <= 9
    assert len({label for _, label in scale.ticks}) == len(scale.ticks)
    assert all(scale.low <= value <= scale.high for value, _ in scale.ticks)


def test_a_reason_is_said_once():
    why = note(NoteCode.ONLY_SAMPLE)
    domain = sample("one_study")
    [stratum] = domain.strata
    [study] = stratum.studies
    told = replace(stratum, studies=(replace(study, reason=why),), not_estimable=(why,))
    layout = lay_out(replace(domain, strata=(told,)))
    assert of(layout, rows.StudyRow)[0].reason == ""
    assert of(layout, rows.QuietLine)[0].text == "Not pooled: the only sample with a magnitude in its stratum."


def test_directions_stand_by_design():
    votes = [invented_vote(i, name, "better") for i, name in enumerate(reversed(Contrast))]
    found = of(lay_out(content(invented_domain([], votes=tuple(votes)))), rows.DirectionRow)
    assert [row.text.split(",")[0] for row in found] == [labels.contrast(name) for name in Contrast]


def test_wide_intervals_are_clipped_and_keyed():
    key = of(lay_out(sample("whole_evidence")), rows.Key)[0]
    assert {"clipped", "hollow", "dashed", "thin", "arrow"} <= set(key.marks)


FULL = {
    "RoB 2": lambda: everything(ROB2),
    "ROBINS-I, first version": lambda: everything(V1),
    "ROBINS-I, second version": lambda: everything(V2),
    "long words, Greek, Arabic, Chinese": lambda: everything(V1, words=DESCRIPTORS),
    "sixty studies": lambda: everything(V2, many=60),
    "no study": lambda: sample("empty"),
    "one study": lambda: sample("one_study"),
    "two studies": lambda: everything(ROB2, many=2),
    "trials": trials,
    "one trial": lambda: trials(1),
    "long labels": lambda: sample("long_labels"),
    "awkward numbers": lambda: sample("awkward_numbers"),
    "mixed scales": lambda: sample("mixed_scales"),
    "directions": lambda: sample("directions_only"),
}
UNDIVIDED = Figures(height=None)
PRINTED = {
    "140 mm": {"width": 140},
    "170 mm": {},
    "260 mm": {"width": 260},
    "large type": {"width": 190, "type_size": 8.5, "shade": True},
    "one column of the study": {"descriptors": ("country",), "sort": "effect"},
    "column of a journal": {"preset": "column"},
    "narrowest": {"width": 62, "type_size": 6},
    "slide": {"preset": "slide"},
    "revman": {"style": "revman"},
    "jama": {"style": "jama", "width": 200},
    "jama in a column": {"style": "jama", "preset": "column"},
}


@pytest.mark.parametrize("printed", PRINTED)
@pytest.mark.parametrize("name", FULL)
def test_with_everything_beside_the_rows_nothing_overlaps_and_nothing_is_cut(name, printed):
    domain = FULL[name]()
    layout = lay_out(domain, options(**PRINTED[printed]))
    with theme.style():
        drawing = figure(layout)
    texts, width, _ = nothing_overlaps(drawing)
    columns, large = columns_of(layout), layout.how.type_size / 6
    lit = any(set(row.bias) & set(LIGHTS) for row in of(layout, rows.StudyRow))
    assert any(signs(drawing)) == (lit and not columns.stacked)
    said = " ".join(text.get_text() for text, *_ in texts)
    for fit in (stratum.fit for stratum in domain.strata if stratum.fit):
        assert sentences.heterogeneity(fit) in said and labels.model(fit) in said
    how = layout.how
    assert width == pytest.approx(2 * how.width / 25.4 * 72, rel=0.001)
    smallest = min(text.get_fontsize() for text, *_ in texts) / 2
    assert smallest == pytest.approx(how.type_size) and smallest >= 6
    assert columns.plot_right - columns.plot_left >= 80
    look = APPEARANCES[how.style]
    parts = {part for row in of(layout, rows.StudyRow) for part in look.pieces(row.estimate)}
    assert not parts or parts & {text.get_text() for text, *_ in texts}
    for text, x0, _, x1, _ in texts:
        if text.get_text() in parts:
            assert x1 < columns.plot_left * large if columns.numbers_first else x0 > columns.plot_right * large
        if text.get_fontstyle() == "italic" and text.get_text() != "not pooled" and not columns.stacked:
            assert x1 < columns.plot_left * large


def test_a_label_in_a_column_keeps_its_mark():
    domain = everything(V2)
    first = domain.strata[0]
    studies = (
        replace(
            first.studies[0], label="Seclusion and restraint episodes " * 3, assumptions=(note(NoteCode.POISSON_TAKEN),)
        ),
        *first.studies[1:],
    )
    named = replace(domain, strata=(replace(first, studies=studies), *domain.strata[1:]))
    with theme.style():
        said = " ".join(text.get_text() for text, *_ in texts_of(figure(lay_out(named, options(preset="column"))))[0])
    assert said.count("restraint episodes") == 3 and "episodes\u00a0‡" in said


@pytest.mark.parametrize("preset", FigurePreset)
def test_no_page_is_higher_than_its_paper_and_every_study_stands_on_one(preset):
    domain, how = everything(ROB2, many=30), options().drawn_for(preset)
    sheets = [svg.decode("utf-8") for svg in forest_svg(domain, how)]
    for sheet in sheets:
        width, height = (
            float(size) / 2 / 72 * 25.4 for size in re.findall(r'<svg [^>]*?viewBox="0 0 (\S+) (\S+)"', sheet)[0]
        )
        assert width == pytest.approx(how.width, rel=0.001) and height <= how.height
    said = " ".join(svg_words(sheet) for sheet in sheets)
    assert len(sheets) > 1 and all(said.count(labels.weight(s.weight)) for s in domain.strata[0].studies)


def svg_words(sheet: str) -> str:
    return " ".join(re.findall(r"<text [^>]*>([^<]*)</text>", sheet))


def test_a_page_explains_the_marks_that_stand_on_it_and_no_others():
    layout = lay_out(sample("whole_evidence"), options().drawn_for(FigurePreset.COLUMN))
    with theme.style():
        divided = pages(layout, fitting(layout, columns_of(layout)))
    [whole] = of(layout, rows.Key)
    keys = [set(key.marks) for page in divided for key in of(page, rows.Key)]
    assert len(keys) == len(divided) > 1 and set().union(*keys) == set(whole.marks) and keys[0] != set(whole.marks)
    for page, marks in zip(divided, keys, strict=True):
        assert any(row.pooled for row in of(page, rows.StudyRow)) == ("pooled" in marks)
        assert bool(of(page, rows.DirectionRow)) == any(mark.startswith("arrow") for mark in marks)


def test_a_style_changes_words_and_colours_and_nothing_that_a_number_means():
    domain = sample("whole_evidence")
    chosen = {style: options(style=style) for style in ForestStyle}
    usual = chosen[ForestStyle.TAPREV]
    for how in chosen.values():
        assert twin(domain, how) == twin(domain, usual)
        assert alternative_text(domain, how) == alternative_text(domain, usual)
    drawn = {style: "".join(svg.decode("utf-8") for svg in forest_svg(domain, how)) for style, how in chosen.items()}
    texts = {style: svg_words(svg) for style, svg in drawn.items()}
    assert "Study or Subgroup" in texts[ForestStyle.REVMAN] and "Source" in texts[ForestStyle.JAMA]
    fit = next(stratum.fit for stratum in domain.strata if stratum.fit)
    parts = estimates.estimate_parts(fit.estimate, fit.ci_lb, fit.ci_ub, estimates.style(domain.strata[0]))
    assert " ".join(parts) in texts[ForestStyle.REVMAN]
    assert (
        f"{parts[0]} {parts[1].replace('[', '(').replace(',', ' to')} {parts[2].replace(']', ')')}"
        in texts[ForestStyle.JAMA]
    )
    for style, svg in drawn.items():
        colours = {APPEARANCES[style].square.lower(), APPEARANCES[style].diamond.lower()}
        assert all(colour in svg.lower() for colour in colours)
        assert all(theme.contrast(colour) >= 4.5 for colour in colours)


@cache
def drawn(name):
    """Return the layout of an invented domain and its figure, drawn once."""
    layout = lay_out(sample(name))
    with theme.style():
        return layout, figure(layout)


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_overlaps_and_nothing_is_cut(name):
    _, drawing = drawn(name)
    nothing_overlaps(drawing)


@pytest.mark.parametrize("name", SAMPLES)
def test_text_stays_out_of_the_plot(name):
    layout, drawing = drawn(name)
    columns = columns_of(layout)
    texts, _, _ = texts_of(drawing)
    estimates = {part for row in of(layout, rows.StudyRow) for part in row.estimate}
    for text, x0, _, x1, _ in texts:
        if text.get_text() in estimates:
            assert x0 > columns.plot_right
        if text.get_fontstyle() == "italic" and text.get_text() != "not pooled":
            assert x1 < columns.plot_left
    assert columns.plot_right - columns.plot_left >= 200


@pytest.mark.parametrize("name", SAMPLES)
def test_type_is_legible_at_half_size(name):
    _, drawing = drawn(name)
    texts, _, _ = texts_of(drawing)
    assert min(text.get_fontsize() for text, *_ in texts) / 2 >= 6


def test_marks_carry_their_meaning_in_grey():
    """The band of what is too small to matter is light, so its edges say where it ends, on paper and on the band."""
    for colour in (theme.INK, theme.GREY, theme.RULE, theme.ESTIMATE, theme.PREDICTION):
        for ground in (theme.PAPER, theme.BAND, theme.ZEBRA):
            assert theme.contrast(colour, ground) >= 3, (colour, ground)
    for sign, ink, face in LIGHTS.values():
        edge = theme.GREY if face in (theme.PAPER, theme.BAND) else face
        assert theme.contrast(ink, face) >= 4.5 and theme.contrast(edge, theme.ZEBRA) >= 3, sign
    assert len({sign for sign, *_ in LIGHTS.values()}) == 6, "five signs and the empty circle"


def test_colours_survive_grey_printing():
    for colour in (theme.INK, theme.GREY, theme.RULE, theme.ESTIMATE, theme.PREDICTION):
        assert theme.contrast(colour) >= 3
    assert theme.contrast(theme.GREY, theme.BAND) >= 4.5
    assert theme.contrast(theme.ESTIMATE, theme.PREDICTION) >= 2


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return the files of an invented domain, drawn once: files(name)."""
    return cache(lambda name: draw_forest(sample(name), tmp_path_factory.mktemp(name), UNDIVIDED))


@pytest.mark.parametrize("name", SAMPLES)
def test_figure_prints_the_numbers_of_the_json(name, files):
    domain = sample(name)
    printed = " ".join(svg_text(path) for path in files(name) if path.suffix == ".svg")
    for stratum in domain.strata:
        style, fit = estimates.style(stratum), stratum.fit
        for study in stratum.studies:
            assert estimates.estimate(study.yi, study.ci_lb, study.ci_ub, style) in printed
            assert study.weight is None or labels.weight(study.weight) in printed
        if fit:
            assert estimates.estimate(fit.estimate, fit.ci_lb, fit.ci_ub, style) in printed
            assert labels.model(fit) in printed
            assert sentences.heterogeneity(fit) in printed
            assert sentences.prediction(fit, style) in printed
    for test in domain.sign_tests:
        assert sentences.votes(test.votes) in printed and sentences.votes_share(test) in printed
    assert sentences.fates(domain.fates) in printed
    assert f"seal {domain.seal}" in printed


@pytest.mark.parametrize("name", SAMPLES)
def test_two_draws_are_byte_identical(name, files, tmp_path):
    first, second = files(name), draw_forest(sample(name), tmp_path, UNDIVIDED)
    assert list(dict.fromkeys(path.suffix for path in first)) == [".svg", ".png", ".pdf", ".csv", ".txt"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_svg_is_named_described_and_sealed(files):
    domain = sample("whole_evidence")
    text = files("whole_evidence")[0].read_text()
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == f"Forest plot: {domain.label}"
    assert root.find(f"{SVG}desc").text == alternative_text(domain)
    assert f"taprev:{domain.domain}:{domain.seal}" in text
    assert "dc:date" not in text and "rotate(" not in text
    assert [svg_text(svg) for svg in forest_svg(domain, UNDIVIDED)] == [svg_text(files("whole_evidence")[0])]
    families = {element.get("style").split("font-family: ")[1].split(";")[0] for element in root.iter(f"{SVG}text")}
    assert families == {theme.FALLBACK}


def test_png_is_large_described_and_sealed(files):
    domain = sample("whole_evidence")
    image = Image.open(files("whole_evidence")[1])
    assert printed_dpi(files("whole_evidence")[1]) == 300
    assert image.text["Title"] == f"Forest plot: {domain.label}"
    assert image.text["Description"] == alternative_text(domain)
    assert image.text["Seal"] == domain.seal


def test_csv_holds_every_drawn_row_in_full(files):
    domain = sample("whole_evidence")
    table = list(csv.DictReader(io.StringIO(files("whole_evidence")[3].read_text())))
    studies = [study for stratum in domain.strata for study in stratum.studies]
    twins = [row for row in table if row["row"] == "study"]
    assert [float(row["yi"]) for row in twins] == [study.yi for study in studies]
    assert [row["reason"] for row in twins] == [reason(study.reason) for study in studies]
    fits = [s.fit for s in (*domain.strata, *domain.sensitivity) if s.fit]
    assert [float(row["ci_lb"]) for row in table if row["row"] == "pooled"] == [fit.ci_lb for fit in fits]
    assert sum(row["row"] == "direction" for row in table) == 6


def test_long_labels_are_shortened_in_the_figure_and_full_in_the_csv(files):
    domain = sample("long_labels")
    svg, _, _, table, _ = files("long_labels")
    full = domain.strata[0].studies[2].label
    assert len(full) > 90
    assert full not in svg_text(svg) and "…" in svg_text(svg)
    assert full in table.read_text()


def test_hostile_text_stays_text(files):
    svg, _, _, table, _ = files("hostile")
    root = ElementTree.fromstring(svg.read_bytes())
    assert not list(root.iter(f"{SVG}script"))
    printed = svg_text(svg)
    assert HOSTILE[0] in printed and HOSTILE[1] in printed
    assert HOSTILE[3] in printed and HOSTILE[4] in printed
    assert "'=HYPERLINK" in table.read_text()


def test_alternative_text_says_what_the_data_say():
    words = alternative_text(sample("whole_evidence"))
    assert "0.79 [0.38, 1.19], better after; the interval excludes no change." in words
    assert "There is no overall estimate over all designs." in words
    assert "6 studies give a direction without a usable magnitude: 4 better, 1 worse, 1 unclear." in words
    assert "17 results: 8 pooled, 3 shown, 6 direction only, 0 excluded." in words
    assert "The p value is withheld" in words
    assert "Invented rows" in words


def test_the_seal_of_the_figure_follows_the_numbers(tmp_path):
    domain = whole_evidence()
    relabelled = replace(domain, made_by={**domain.made_by, "source": "other"})
    changed = replace(domain, studies=domain.studies + 1)
    assert content(domain).seal == content(relabelled).seal != content(changed).seal


@pytest.mark.parametrize("domain", ["../escape", "a/b", "", "a b", ".hidden"])
def test_a_domain_that_is_no_plain_name_is_refused(domain, tmp_path):
    hostile = replace(sample("empty"), domain=domain)
    with pytest.raises(ValueError, match="cannot name a file"):
        draw_forest(hostile, tmp_path)


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "x_forest.svg"
    write(tmp_path, "x_forest", {".svg": b"old"})
    monkeypatch.setattr("pathlib.Path.chmod", lambda *_: (_ for _ in ()).throw(OSError("disk")))
    with pytest.raises(OSError, match="disk"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture(scope="module")
def trials_of_bcg(tmp_path_factory):
    """The example review as its JSON holds it, and its extracted outcomes."""
    folder = tmp_path_factory.mktemp("bcg") / "review"
    write_review(folder, example=True)
    settings = read_settings(folder / "config" / "review.yaml")
    extracted = folder / "data" / "extracted"
    outcomes = read_rows(extracted / "outcomes.csv")
    studies = {row["study"]: row for row in read_rows(extracted / "studies.csv")}
    made = effect_rows("tuberculosis", outcomes, studies, settings)
    made = described(made, studies, [], settings, tools=shipped_tools())
    return from_json(to_json(synthesise("tuberculosis", made, settings, {"version": "test"}))), outcomes


def test_every_element_of_metafor_stands_on_its_own_example(trials_of_bcg, root):
    domain, outcomes = trials_of_bcg
    [svg] = forest_svg(domain)
    kept = root / "docs" / "forest_bcg.svg"
    for printed in (svg_text(svg), svg_text(kept)):
        elements_are_printed(domain, outcomes, printed)


def elements_are_printed(domain, outcomes, printed):
    heads = "Study, sample vaccine events / n no vaccine events / n tier Risk ratio [95\u00a0% CI] weight"
    assert heads in printed
    assert "Risk ratio (log scale)" in printed and "0.25 0.5 1 2 4" in printed
    assert "← favours vaccine favours no vaccine →" in printed
    drawn = [study for stratum in domain.strata for study in stratum.studies]
    assert len(drawn) == len(outcomes) == 13
    for study, row in zip(
        drawn, sorted(outcomes, key=lambda r: [s.results[0] for s in drawn].index(r["result"])), strict=True
    ):
        arms = [row[name] for name in ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")]
        assert f"{study.label} {arms[0]} / {arms[1]} {arms[2]} / {arms[3]}" in printed
        assert estimates.estimate(study.yi, study.ci_lb, study.ci_ub, estimates.style(domain.strata[0])) in printed
        assert labels.weight(study.weight) in printed
    for stratum in (*domain.strata, *domain.sensitivity):
        fit = stratum.fit
        assert estimates.estimate(fit.estimate, fit.ci_lb, fit.ci_ub, estimates.style(stratum)) in printed
        assert labels.model(fit) in printed and sentences.heterogeneity(fit) in printed
        assert sentences.prediction(fit, estimates.style(stratum)) in printed
    assert "Test of no" not in printed and "The p value is withheld" in printed
    key = (
        "pooled; its area is its weight",
        "runs out of the axis",
        "pooled estimate of the design",
        "prediction interval",
    )
    assert all(words in printed for words in key)


def test_a_pooled_number_is_tested_where_p_values_are_shown():
    domain = sample("mixed_scales")
    said = [row.text for row in of(lay_out(domain), rows.QuietLine)]
    assert [text for text in said if text.startswith("Test of")] == [
        "Test of no difference (t, df = 2): p = 0.031",
        "Test of no difference (t, df = 4): p = 0.031",
    ]
    assert "Test of no change" in sentences.no_difference(sample("before_after_only").strata[0])
    assert sentences.no_difference(sample("two_studies").strata[0]) == ""


def test_marks_of_the_example_stand_where_its_numbers_are(trials_of_bcg):
    domain, _ = trials_of_bcg
    layout = lay_out(domain)
    columns = columns_of(layout)
    track = Track(layout.scales[0], columns.plot_left, columns.plot_right)
    with theme.style():
        axes = figure(layout).axes[0]
    squares = {line.get_xdata()[0]: line.get_markersize() for line in axes.lines if line.get_marker() == "s"}
    studies = [study for stratum in domain.strata for study in stratum.studies]
    for stratum in domain.strata:
        largest = max(study.weight for study in stratum.studies)
        for study in stratum.studies:
            area = (squares[track.x(study.yi)] / LARGEST) ** 2
            assert area == pytest.approx(max(study.weight / largest, (SMALLEST / LARGEST) ** 2))
    clipped = [study.label for study in studies if any(track.cuts(study.ci_lb, study.ci_ub))]
    heads = [patch for patch in axes.patches if len(patch.get_xy()) == 4]
    assert clipped == ["Comstock & Webster 1969"] and len(heads) == len(clipped) + 1
    diamonds = [patch.get_xy() for patch in axes.patches if len(patch.get_xy()) == 5]
    fits = [stratum.fit for stratum in (*domain.strata, *domain.sensitivity)]
    for fit in fits:
        ends = tuple(track.x(value) for value in (fit.ci_lb, fit.estimate, fit.ci_ub))
        assert any(tuple(xy[i][0] for i in (0, 1, 2)) == ends for xy in diamonds)
    dotted = {
        line.get_xdata()[0] for line in axes.lines if line.get_color() == theme.ESTIMATE and len(line.get_xdata()) == 2
    }
    assert {track.x(stratum.fit.estimate) for stratum in domain.strata} <= dotted


def test_the_checklist_names_every_element_and_both_pictures(root):
    text = (root / "docs" / "forest_checklist.md").read_text("utf-8")
    options_of_metafor = (
        "slab header psize alim clim annotate digits level showweights refline addfit mlab addpred transf atransf at "
        "xlab ilab order rows addpoly shade colshade pch col border colout cex width"
    )
    assert all(f"`{name}`" in text or f"`{name}." in text for name in options_of_metafor.split())
    for name in re.findall(r"\]\((forest_[^)]+)\)", text):
        assert (root / "docs" / name).stat().st_size < 100_000
    for name in Figures.model_fields:
        assert f"figures > {name}" in text or name == "risk_of_bias", name


def test_drawing_the_forest_plot_or_any_figure_of_a_domain_imports_no_computing():
    check = (
        "import sys, taprev.wording.labels, taprev.wording.sentences, taprev.figures.forest.layout\n"
        "assert 'matplotlib' not in sys.modules\n"
        "import taprev.figures.forest.plot, taprev.figures.of_domain\n"
        "heavy = {'matplotlib.pyplot', 'scipy', 'pandas', 'statsmodels', 'pymare'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", check], check=True)


def test_names_that_our_font_cannot_draw_are_said_to_be_boxes_in_png_and_pdf(monkeypatch):
    without = fonts.lacking("王小明 2019") | set("王小明김철수")
    monkeypatch.setattr(fonts, "lacking", lambda text: set(text) & without)
    domain = sample("whole_evidence")
    first, second, *others = domain.votes

    def said(*names: str) -> list[str]:
        votes = [replace(vote, label=name) for vote, name in zip((first, second), names, strict=False)]
        layout = lay_out(replace(domain, votes=(*votes, *others)))
        return [row.text for row in of(layout, rows.Footer) if "boxes" in row.text]

    assert said("Łukaszewska-Østergård 2016", "محمد 2020") == []
    assert said("王小明 2019")[0].startswith("In 1 name of a study PNG and PDF draw boxes")
    assert said("王小明 2019", "김철수 2021")[0].startswith("In 2 names of studies")


def test_chinese_japanese_and_korean_are_drawn_and_not_said_to_be_boxes():
    domain = sample("whole_evidence")
    first, *others = domain.votes
    named = replace(domain, votes=(replace(first, label="王小明 (東京 트라우마) 2019"), *others))
    assert not fonts.lacking("王小明 (東京 트라우마) 2019") and fonts.lacking("🎉")
    assert not [row for row in of(lay_out(named), rows.Footer) if "boxes" in row.text]
    book = forest_files(named)[".pdf"]
    with pypdfium2.PdfDocument(book) as document:
        printed = "".join(page.get_textpage().get_text_range() for page in document)
    assert "王小明" in printed and b"NotoSansCJK" in book


def test_counts_with_an_empty_cell_stand_in_a_row_without_a_mark():
    domain = sample("whole_evidence")
    pooled = next(stratum for stratum in domain.strata if stratum.fit)
    counts = Events(0.0, 20.0, 5.0, 22.0)
    empty = replace(
        pooled.studies[0], yi=None, vi=None, ci_lb=None, ci_ub=None, fate=Fate.EMPTY_CELL, weight=7.4, events=counts
    )
    ratios = replace(pooled, scale=Scale.LOG_ODDS_RATIO, studies=(empty, *pooled.studies[1:]))
    strata = tuple(ratios if stratum is pooled else stratum for stratum in domain.strata)
    layout = lay_out(replace(domain, strata=strata))
    row = next(row for row in of(layout, rows.StudyRow) if row.effect is None)
    assert (row.events, row.estimate, row.pooled) == (("0", "20", "5", "22"), ("", "no", "ratio"), True)
    with theme.style():
        assert figure(layout)
