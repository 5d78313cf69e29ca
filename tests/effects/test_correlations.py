"""Printed correlations: analysed as Fisher's z, shown as r, pooled with nothing else."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace

import mpmath
import pytest

from taprev.drawing.scale import fit_scale, ticked_scale
from taprev.effects import effect_size
from taprev.effects.derive import NoMagnitude, derive
from taprev.effects.fates import effect_rows
from taprev.extraction.tables import columns
from taprev.figures.forest.layout import lay_out
from taprev.figures.forest.rows import AxisRow, ColumnHeads, Key
from taprev.settings import Assumptions
from taprev.synthesis.domain import synthesise
from taprev.vocabulary import Scale
from taprev.wording import estimates
from taprev.wording.estimates import NumberStyle
from taprev.wording.notes import reason, sentences
from taprev.wording.strata import stratum_words

DOMAIN = "staff_attitudes"
STYLE = NumberStyle(Scale.FISHER_Z)


@pytest.fixture(scope="module")
def blank(root):
    row = dict.fromkeys(columns(root / "data" / "extracted", "outcomes"), "")
    return {
        **row,
        "better": "higher",
        "direction": "better",
        "contrast": "controlled",
        "statistic": "correlation",
        "pearson_r": "0.350",
    }


def exactly(interval=None, se=None, p=None, r="0.350", level="0.95"):
    """The effect by the formulas, in 50 digits."""
    with mpmath.workdps(50):
        z = mpmath.atanh(mpmath.mpf(r))
        quantile = mpmath.sqrt(2) * mpmath.erfinv(mpmath.mpf(level))
        if interval:
            low, high = (mpmath.atanh(mpmath.mpf(end)) for end in interval)
            error = (high - low) / (2 * quantile)
        elif se:
            error = mpmath.mpf(se) / (1 - mpmath.mpf(r) ** 2)
        else:
            error = z / (mpmath.sqrt(2) * mpmath.erfinv(1 - mpmath.mpf(p)))
        return float(z), float(error**2)


@pytest.mark.parametrize(
    ("figures", "wanted", "way"),
    [
        (dict(ci_lb="0.10", ci_ub="0.56"), exactly(("0.10", "0.56")), "r and interval"),
        (dict(ci_lb="0.10", ci_ub="0.56", n_arm1="40"), exactly(("0.10", "0.56")), "r and interval"),
        (dict(ci_lb="0.10", ci_ub="0.56", ci_level="90"), exactly(("0.10", "0.56"), level="0.9"), "r and interval"),
        (dict(se="0.13", n_arm1="40"), exactly(se="0.13"), "r and SE"),
        (dict(p="0.012"), exactly(p="0.012"), "r and p"),
        (dict(n_arm1="40"), (exactly(se="1")[0], 1 / 37), "r and n"),
        (dict(n_arm1="40", p="0.012"), (exactly(se="1")[0], 1 / 37), "r and n"),
    ],
)
def test_printed_precision_gives_the_variance_and_n_where_there_is_none(blank, figures, wanted, way):
    effect = derive({**blank, **figures}, "smd", Assumptions())
    assert effect.derivation == f"Fisher's z from {way}" and effect.scale == Scale.FISHER_Z
    assert (effect.yi, effect.vi) == pytest.approx(wanted, rel=1e-13)
    assert (effect.tier == "assumed") == (way == "r and p")


def test_a_correlation_keeps_its_sign_and_needs_no_scale_of_its_domain(blank):
    row = {**blank, "pearson_r": "-0.350", "n_arm1": "40", "better": "lower"}
    assert derive(row, "smd", Assumptions()).yi == derive(row, "md", Assumptions()).yi < 0


def test_a_correlation_of_clusters_is_of_fewer_people(blank):
    clusters = dict(
        unit_of_allocation="cluster", n_clusters_arm1="5", n_clusters_arm2="5", icc="0.1", cluster_size="11"
    )
    by_size = Assumptions(cluster_adjustment="sample_size")
    row = {**blank, **clusters, "n_arm1": "110"}
    assert derive(row, "smd", by_size).vi == pytest.approx(1 / (55 - 3))
    assert derive(row, "smd", Assumptions()).vi == pytest.approx(2 / 107)


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (dict(n_arm1="3"), "a correlation needs at least 4 people, found n_arm1 = 3"),
        (dict(ci_lb="0.10", ci_ub="1.00"), "a correlation of 1 has no Fisher's z"),
        (dict(pearson_r="1.0", n_arm1="30"), "a correlation of 1 has no Fisher's z"),
        ({}, "not printed: n_arm1"),
        (dict(p="0.0000"), "a p of zero is a bound"),
    ],
)
def test_what_gives_no_effect_says_why(blank, figures, said):
    none = derive({**blank, **figures}, "smd", Assumptions())
    assert isinstance(none, NoMagnitude) and said in reason(none.reason)


def test_a_table_without_the_column_says_that_the_figure_is_not_printed(blank):
    older = {name: cell for name, cell in blank.items() if name != "pearson_r"}
    none = derive({**older, "n_arm1": "30"}, "smd", Assumptions())
    assert reason(none.reason) == "not printed: pearson_r"


def test_a_z_of_another_analysis_is_taken(blank):
    row = {**blank, "statistic": "effect", "effect_measure": "fisher_z", "yi": "0.365", "vi": "0.027"}
    effect = derive(row, "smd", Assumptions())
    assert (effect.yi, effect.vi, effect.scale) == (0.365, 0.027, Scale.FISHER_Z)


PRINTED = (("0.35", "40"), ("0.21", "85"), ("0.48", "62"), ("-0.05", "33"))


@pytest.fixture(scope="module")
def pooled(shipped, blank):
    """Four studies with a correlation, and a fifth with a standardised difference."""
    settings, _, studies = shipped
    known = [name for name, study in studies.items() if study["scope"] in settings.scope.include][:5]
    common = dict(domain=DOMAIN, population=settings.domains[DOMAIN].population, sample="all", measure="m")
    rows = [
        {**blank, **common, "result": f"x{i}", "study": study, "pearson_r": r, "n_arm1": n}
        | {"direction": "worse" if r.startswith("-") else "better"}
        for i, (study, (r, n)) in enumerate(zip(known, PRINTED, strict=False))
    ]
    rows.append({**rows[0], "result": "x9", "study": known[4], "statistic": "smd", "pearson_r": "", "smd": "0.4"})
    rows[-1]["n_arm2"] = "40"
    return synthesise(DOMAIN, effect_rows(DOMAIN, rows, studies, settings), settings, {"version": "test"})


def test_correlations_are_pooled_with_one_another_and_never_with_differences(pooled):
    assert {s.scale: len(s.studies) for s in pooled.strata} == {Scale.FISHER_Z: 4, Scale.SMD: 1}
    own = next(s for s in pooled.strata if s.scale == Scale.FISHER_Z)
    assert own.fit.k == 4 and own.label.endswith("(correlation, higher is better)")
    assert own.important is None and own.in_units is None


@pytest.mark.reference
def test_the_pooled_correlation_is_that_of_metafor(pooled, rscript):
    own = next(s for s in pooled.strata if s.scale == Scale.FISHER_Z)
    r, n = (", ".join(column) for column in zip(*PRINTED, strict=True))
    script = f"""suppressPackageStartupMessages(library(metafor))
    made <- rma(measure = "ZCOR", ri = c({r}), ni = c({n}), test = "knha", control = list(threshold = 1e-14))
    shown <- predict(made, transf = transf.ztor)
    cat(sprintf("%.17g", c(made$beta, made$se, made$tau2, shown$pred, shown$ci.lb, shown$ci.ub)))"""
    done = subprocess.run([rscript, "-e", script], capture_output=True, text=True, check=True)
    beta, se, tau2, *shown = map(float, done.stdout.split())
    fit = own.fit
    assert (fit.estimate, fit.se, fit.variance) == pytest.approx((beta, se, tau2), rel=1e-9)
    texts = [estimates.effect(value, STYLE) for value in (fit.estimate, fit.ci_lb, fit.ci_ub)]
    assert texts == [f"{value:.2f}".replace("-", "−") for value in shown]


def test_a_pooled_correlation_is_told_as_one(pooled):
    own = next(s for s in pooled.strata if s.scale == Scale.FISHER_Z)
    words = stratum_words(own, "Staff attitudes")
    assert "Pooling 4 samples (220 people, time not given) gives a correlation of 0.27 (95 % CI" in words
    assert "A correlation shows what goes together and not an effect of the programme." in words
    assert "not randomised" not in words and "SD" not in words and "mean difference" not in words


def test_a_figure_has_an_axis_of_correlations(pooled):
    content = replace(pooled, strata=tuple(s for s in pooled.strata if s.scale == Scale.FISHER_Z))
    layout = lay_out(content)
    [key] = [row for row in layout.rows if isinstance(row, Key)]
    assert key.arms.endswith(", or the one group before and after, or all people of a correlation")
    axis = next(row for row in layout.rows if isinstance(row, AxisRow))
    assert axis.label == "Correlation (scale of Fisher's z)" and axis.right == "better with more"
    assert next(row for row in layout.rows if isinstance(row, ColumnHeads)).estimate.startswith("Correlation [95")
    assert all(
        float(text.replace("−", "-")) == pytest.approx(float(mpmath.tanh(place)))
        for place, text in layout.scales[0].ticks
    )


def test_ticks_that_were_asked_for_are_correlations():
    axis = ticked_scale((0.2,), (-0.5, 0, 0.5), Scale.FISHER_Z)
    assert [text for _, text in axis.ticks] == ["−0.5", "0", "0.5"]
    assert axis.ticks[2][0] == pytest.approx(0.5493061443340549)
    with pytest.raises(ValueError, match="the ticks of a correlation must lie between -1 and 1"):
        ticked_scale((0.2,), (-1, 1), Scale.FISHER_Z)
    assert len(fit_scale((0.2,), ((0.1, 0.3),), Scale.FISHER_Z).ticks) >= 3


@pytest.mark.parametrize(
    ("z", "lb", "ub", "text"),
    [
        (0.365, 0.05, 0.68, "0.35 [0.05, 0.59]"),
        (0.3, 0.299, 0.301, "0.29131 [0.29040, 0.29223]"),
        (4.0, 3.0, 5.0, "0.99933 [0.99505, 0.99991]"),
        (-0.1, -0.4, 0.2, "−0.10 [−0.38, 0.20]"),
    ],
)
def test_a_correlation_is_printed_as_r_with_the_decimals_that_its_precision_bears(z, lb, ub, text):
    assert estimates.estimate(z, lb, ub, STYLE) == text


def test_no_correlation_is_rounded_to_one():
    style = NumberStyle(Scale.FISHER_Z, 2)
    assert [estimates.effect(z, style) for z in (4.0, -4.0, 0.0)] == [">0.99", "<−0.99", "0.00"]


def test_the_names_of_columns_and_of_the_measure_are_one_figure(blank, root):
    rows = json.loads((root / "tests" / "reference" / "effects.json").read_text())["cases"]["ZCOR"]
    for case in rows[:40]:
        row = {**blank, "pearson_r": repr(case["r"]), "n_arm1": str(case["n_arm1"])}
        effect = derive(row, "smd", Assumptions())
        same = effect_size("ZCOR", r=case["r"], n_arm1=case["n_arm1"])
        assert (effect.yi, effect.vi) == (same.yi, same.vi) == pytest.approx((case["yi"], case["vi"]), rel=1e-12)
        assert not [s for s in sentences(effect.assumptions) if "rounding" not in s]
