"""One rule for the mark of a pooled number: hollow without a control group, hollow and dashed for two effects."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from samples import sibling
from samples.forest import everything, options
from samples.synthesis import content, invented_domain, invented_stratum, invented_study, invented_vote
from taprev.drawing import theme
from taprev.drawing.pooled_marks import DiamondStyle, diamond_style
from taprev.figures.forest import omission, rows
from taprev.figures.forest.layout import lay_out
from taprev.figures.forest.plot import figure as forest
from taprev.figures.overviews.at_a_glance import at_a_glance
from taprev.figures.overviews.frame import Imprint
from taprev.figures.overviews.frame import figure as overview
from taprev.figures.siblings.registry import SIBLINGS
from taprev.figures.siblings.registry import figure as drawn_sibling
from taprev.wording.verdicts import bears_verdict

KINDS = {made.name: made for made in SIBLINGS}
DRAWN = {
    "forest": lambda domain: forest(lay_out(domain)),
    "leave_one_out": lambda domain: drawn_sibling(KINDS["leave_one_out"], domain),
    "posterior": lambda domain: drawn_sibling(KINDS["posterior"], domain),
    "at_a_glance": lambda domain: overview(at_a_glance([domain], {}), Imprint("A review", "Made up", "test")),
    "omission": lambda domain: omission._figure(domain.strata[0], []),
}
FILLED, OPEN, TWO = DiamondStyle(), DiamondStyle(hollow=True), DiamondStyle(hollow=True, dashed=True)


def domain_of(contrast, k):
    studies = [invented_study(i, 0.4 - 0.1 * i, 0.04) for i in range(k)]
    return content(sibling.surround(invented_domain([invented_stratum(contrast, studies, 0.01)])))


def diamonds(drawing):
    """Return the style of every diamond of a drawing, its key included."""
    for patch in drawing.axes[0].patches:
        outline = patch.get_path().vertices
        if len(outline) == 5 and theme.ESTIMATE.lower() == hexadecimal(patch.get_edgecolor()):
            hollow = hexadecimal(patch.get_facecolor()) == theme.PAPER.lower()
            yield DiamondStyle(hollow, patch.get_linestyle() != "solid")


def hexadecimal(colour):
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in colour[:3])


def styles(kind, domain):
    with theme.style():
        return list(diamonds(DRAWN[kind](domain)))


@pytest.mark.parametrize(
    ("contrasts", "k", "style"),
    [
        (("randomised",), 2, TWO),
        (("controlled",), 2, TWO),
        (("before_after",), 2, TWO),
        (("randomised",), 3, FILLED),
        (("randomised", "controlled"), 30, FILLED),
        (("before_after",), 3, OPEN),
        (("time_series",), 30, OPEN),
        (("randomised", "before_after"), 3, OPEN),
    ],
)
def test_the_style_of_a_diamond_follows_from_design_and_number(contrasts, k, style):
    assert diamond_style(contrasts, k) == style
    assert bears_verdict(k) == (not style.dashed)


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("contrast", ["randomised", "controlled", "before_after"])
def test_two_effects_are_hollow_and_dashed_in_every_figure(kind, contrast):
    drawn = styles(kind, domain_of(contrast, 2))
    assert drawn and set(drawn) == {TWO}


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize(("contrast", "style"), [("controlled", FILLED), ("before_after", OPEN)])
def test_three_effects_are_solid_and_filled_where_there_is_a_control_group(kind, contrast, style):
    drawn = styles(kind, domain_of(contrast, 3))
    assert drawn and set(drawn) == {style}


@pytest.mark.parametrize("kind", ["leave_one_out", "posterior", "multiverse"])
def test_marks_beneath_a_number_of_two_effects_are_hollow(kind):
    with theme.style():
        lines = drawn_sibling(KINDS[kind], domain_of("randomised", 2)).axes[0].lines
    marks = [line for line in lines if line.get_marker() in ("o", "D")]
    assert {line.get_markerfacecolor() for line in marks} <= {theme.PAPER}
    assert marks or kind == "leave_one_out"


def test_two_effects_of_a_subgroup_or_a_sensitivity_analysis_are_drawn_the_same_way():
    groups = [row for row in rows_of(everything(many=5)) if row.group]
    assert [row.style for row in groups] == [TWO, TWO]
    pair = domain_of("controlled", 2)
    [thin] = rows_of(
        replace(pair, strata=(), sensitivity=pair.strata, votes=(invented_vote(9, "controlled", "better"),))
    )
    assert thin.thin and thin.style == TWO and not thin.line


def rows_of(domain):
    return [row for row in lay_out(domain, options()).rows if isinstance(row, rows.DiamondRow)]


def test_the_key_of_the_glance_names_each_mark_once():
    mixed = [domain_of("controlled", 2), domain_of("before_after", 2), domain_of("controlled", 3)]
    assert key_of(mixed) == ["pooled", "pooled, two effects only"]
    assert key_of(mixed[1:2]) == ["pooled without a control group, two effects only"]
    assert key_of([domain_of("before_after", 3)]) == ["pooled without a control group"]


def key_of(domains):
    with theme.style():
        drawing = overview(at_a_glance(domains, {}), Imprint("A review", "Made up", "test"))
    return [text.get_text() for text in drawing.axes[0].texts if text.get_text().startswith("pooled")]


def comparisons(tree):
    """Yield the line of every comparison of a number of pooled effects with 2 or 3."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = (node.left, *node.comparators)
            named = {counted(side) for side in sides} & {"k", "k_used", "independent"}
            if named and any(isinstance(side, ast.Constant) and side.value in (2, 3) for side in sides):
                yield node.lineno


def counted(side):
    """Return the last name of what is compared, or of the function that is asked."""
    asked = side.func if isinstance(side, ast.Call) else side
    return getattr(asked, "id", getattr(asked, "attr", ""))


def test_nothing_that_is_drawn_or_said_decides_by_itself_what_two_effects_are(root):
    package = root / "src" / "taprev"
    found = [
        f"{path.relative_to(package).as_posix()}:{line}"
        for room in ("figures", "drawing", "wording", "tables", "report", "provenance")
        for path in sorted((package / room).rglob("*.py"))
        for line in comparisons(ast.parse(path.read_text("utf-8")))
    ]
    assert found == []


GUARDED = (
    "fit.k == 2",
    "k > 2",
    "2 < line.k",
    "group.k < 3",
    "stratum.fit.k != 2",
    "sparse.k_used < 3",
    "labels.independent(fit) < 3",
)


@pytest.mark.parametrize("code", GUARDED)
def test_the_guard_sees_what_it_guards(code):
    assert list(comparisons(ast.parse(code))) == [1]
