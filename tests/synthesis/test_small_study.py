"""The panel of small studies and selection of a stratum: what it holds, refuses and says."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from helpers import REFERENCE, ROOT, invented
from samples.synthesis import content, invented_domain, invented_stratum, invented_study
from taprev.certainty.suggestion import _missing_by_selection
from taprev.settings import read_settings
from taprev.synthesis.kernels.asymmetry import from_sizes, harbord, peters, regression_test
from taprev.synthesis.kernels.preference import preference
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.results import Events, ImportantDifference, Nesting, SmallStudies
from taprev.synthesis.small_study import small_studies
from taprev.tables.small_studies import SMALL_STUDIES
from taprev.tables.small_studies import small_studies as table
from taprev.vocabulary import AsymmetryTest, Correction, DependenceModel, NoteCode, Scale, SelectedSide, ShareOf
from taprev.wording import small_study as wording

SETTINGS = read_settings(ROOT / "config" / "review.yaml")
STORED = json.loads((REFERENCE / "small_study.json").read_text("utf-8"))


def of(name, part="sets"):
    return next(case for case in STORED[part] if case["id"] == name)


def studies_of(name, **changes):
    case = of(name)
    sizes = zip(case.get("n_arm1") or [None] * 99, case.get("n_arm2") or [None] * 99, strict=False)
    rows = zip(case["yi"], case["vi"], sizes, strict=False)
    return [
        invented_study(i, y, v, n_arm1=n1, n_arm2=n2, year=1980 + i, **changes)
        for i, (y, v, (n1, n2)) in enumerate(rows)
    ]


def panel_of(studies, scale=Scale.SMD, sign=1, important=None, settings=SETTINGS):
    fit = random_effects([s.yi for s in studies], [s.vi for s in studies])
    difference = None if important is None else ImportantDifference(important, "made up")
    return small_studies(studies, fit, scale, sign, difference, settings)


def test_a_standardised_difference_is_tested_by_its_people():
    case, panel = of("teachers"), panel_of(studies_of("teachers"))
    by_size = regression_test(case["yi"], case["vi"], from_sizes(case["n_arm1"], case["n_arm2"]), test="knha")
    assert (panel.usual.test, panel.usual.slope, panel.usual.pval) == (AsymmetryTest.SIZES, by_size.slope, by_size.pval)
    assert [test.test for test in panel.tests] == [AsymmetryTest.SIZES] and panel.side == SelectedSide.GREATER
    peese = next(model for model in panel.models if model.model == Correction.PEESE)
    line = regression_test(case["yi"], case["vi"], from_sizes(case["n_arm1"], case["n_arm2"]) ** 2, "multiplicative")
    assert (peese.estimate, peese.ci_lb) == (line.limit, line.limit_lb)


def test_odds_ratios_are_tested_by_their_counts_and_other_tests_by_choice():
    counts = of("magnesium", "counts")
    cells = list(
        zip(*(counts[name] for name in ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")), strict=True)
    )
    studies = [
        invented_study(
            i, np.log(a * (m - c) / (c * (n - a))), 1 / a + 1 / (n - a) + 1 / c + 1 / (m - c), events=Events(a, n, c, m)
        )
        for i, (a, n, c, m) in enumerate(cells)
    ]
    asked = SETTINGS.model_copy(
        update={"sensitivity": SETTINGS.sensitivity.model_copy(update={"asymmetry_tests": (AsymmetryTest.BEGG,)})}
    )
    panel = panel_of(studies, Scale.LOG_ODDS_RATIO, -1, settings=asked)
    columns = [list(column) for column in zip(*cells, strict=True)]
    told = {test.test: test.pval for test in panel.tests}
    assert told[AsymmetryTest.PETERS] == peters(*columns).pval and told[AsymmetryTest.HARBORD] == harbord(*columns).pval
    assert list(told) == [AsymmetryTest.PETERS, AsymmetryTest.HARBORD, AsymmetryTest.BEGG]
    assert panel.side == SelectedSide.LESS
    without = [replace(studies[0], events=None), *studies[1:]]
    assert "counts of events are not known for Invented 0" in wording.test_words(
        panel_of(without, Scale.LOG_ODDS_RATIO)
    )


def test_studies_with_several_effects_are_clusters_and_models_of_independent_effects_are_refused():
    studies = studies_of("writing")
    twice = [replace(study, study=f"s{number // 2}") for number, study in enumerate(studies)]
    panel = panel_of(twice, Scale.MD)
    assert panel.studies == 24 and panel.k == 48 and panel.usual.df not in (None, 46.0)
    refused = {model.model for model in panel.models if model.refused}
    assert refused == {Correction.ONE_STEP, Correction.TWO_STEPS, Correction.TRIM_FILL} and not panel.biases
    alone = preference([s.yi for s in twice], [s.vi for s in twice], [s.study for s in twice], ci_method="auto")
    assert panel.preferred.for_bound == alone.for_bound


def test_below_ten_studies_and_of_one_size_everything_is_refused_with_the_number():
    few = panel_of(studies_of("teachers")[:9])
    assert few.refused.code == NoteCode.FEW_STUDIES_FOR_SELECTION
    assert few == SmallStudies(9, 9, SelectedSide.GREATER, refused=few.refused)
    stratum = replace(stratum_of(studies_of("teachers")), small_studies=few)
    assert "9 studies are pooled" in wording.words(stratum)[0] and wording.rows(stratum) == []
    same = panel_of([replace(s, n_arm1=20.0, n_arm2=20.0) for s in studies_of("teachers")])
    assert "all of one size" in wording.test_words(same)
    unknown = panel_of([replace(s, n_arm1=None) for s in studies_of("teachers")])
    assert "number of people in each arm is not known for Invented 0" in wording.test_words(unknown)


@pytest.mark.parametrize(
    ("yi", "said"),
    [
        (np.linspace(0.8, 0.9, 12), "every result is significant"),
        (np.linspace(-0.1, 0.1, 12), "no result is significant"),
    ],
)
def test_a_preference_that_nothing_shows_is_refused(yi, said):
    studies = [invented_study(i, float(y), 0.02 + 0.001 * i) for i, y in enumerate(yi)]
    panel = panel_of(studies)
    assert panel.preferred is None and said in panel.unmoved.figures["why"]
    assert any(said in text for text in wording.words(replace(stratum_of(studies), small_studies=panel)))


def test_shares_are_counted_on_the_better_side():
    better_up, better_down = (panel_of(studies_of("writing"), Scale.MD, sign, 0.2) for sign in (1, -1))
    up, down = ({share.of: share for share in panel.shares} for panel in (better_up, better_down))
    assert up[ShareOf.BETTER].share == pytest.approx(1 - down[ShareOf.BETTER].share)
    assert up[ShareOf.IMPORTANT].threshold == 0.2 and down[ShareOf.IMPORTANT].threshold == -0.2
    assert up[ShareOf.IMPORTANT].share < up[ShareOf.BETTER].share
    assert wording.share_words(up[ShareOf.BETTER]).startswith("In about eight of ten settings like these")


def stratum_of(studies, scale="smd", **changes):
    stratum = invented_stratum("randomised", studies, 0.02, scale=scale, **changes)
    return replace(stratum, small_studies=panel_of(studies, Scale(scale), important=0.2))


def test_the_words_and_the_table_say_what_the_panel_holds():
    domain = content(invented_domain([stratum_of(studies_of("writing"), "md")]))
    stratum, panel = domain.strata[0], domain.strata[0].small_studies
    rows = list(csv.DictReader(io.StringIO("\n".join([",".join(SMALL_STUDIES)])))) + list(table([domain]))
    model = next(row for row in rows if row["method"] == Correction.ONE_STEP)
    assert model["estimate"] == panel.models[2].estimate and "weight" in model["detail"]
    kinds = [row["kind"] for row in rows]
    assert kinds.count("test") == 1 and kinds.count("model") == 5 and kinds.count("share") == 2
    assert kinds.count("largest bias") == 3 and kinds.count("worst case") == 1
    told = wording.rows(stratum)
    assert [row.method for row in told][1] == Correction.PET.said and all(row.gives and row.assumes for row in told)
    said = " ".join(wording.words(stratum))
    assert f"p {wording.labels.equation('', wording.labels.pvalue(panel.usual.pval)).strip()}" in said


def test_missing_results_are_suggested_where_a_model_takes_the_effect_away():
    """The suggestion follows the usual test and the models; it never decides."""
    panel = panel_of(studies_of("writing"), Scale.MD)
    basis = invented(**{"k": 48, "ci_lb": 0.1, "ci_ub": 0.3, "small_studies": panel})
    told = _missing_by_selection(basis, "48 of 48 studies give a magnitude.")
    asymmetric = panel.usual.pval < 0.1 and panel.usual.slope > 0
    taken = [m for m in panel.models if m.ci_lb is not None and m.ci_lb < 0 < m.ci_ub]
    assert told.levels == int(asymmetric and bool(taken))
    assert all(model.model.said in told.reason for model in taken) and "Small studies" in told.reason


def test_the_simulation_of_the_documentation_gives_its_rates_again():
    """Sixty of its 1,000 reviews: their rate lies within three standard errors of the rate that the page prints."""
    page = (ROOT / "docs" / "small_studies.md").read_text("utf-8")
    printed = next(line.split() for line in page.splitlines() if line.split()[:2] == ["0.3", "yes"])
    code = (
        "from small_studies import rates; r = rates(0.3, True, 60); print(r.egger, r.sizes, r.selection, r.corrected)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "benchmarks", capture_output=True, text=True, check=True
    )
    *shares, corrected = map(float, done.stdout.split())
    for share, rate in zip(shares, map(float, printed[2:5]), strict=True):
        assert abs(share - rate) <= 3 * np.sqrt(max(rate * (1 - rate), 0.01) / 60)
    assert abs(corrected - float(printed[6])) <= 0.1


@pytest.mark.parametrize(("sign", "found"), [(1, "better"), (-1, "worse")])
def test_small_studies_with_worse_results_suggest_nothing(sign, found):
    """Where small studies find less, nothing suggests that studies against the programme are missing."""
    panel = panel_of(studies_of("magnesium"), Scale.MD, -sign)
    assert f"Small studies have {found} results than large ones" in wording.test_words(panel)
    assert wording.better_when_small(panel) == (found == "better")


@pytest.mark.parametrize(("side", "for_bound"), [(-0.01, 1.2), (-0.01, 1.0), (0.01, 1.0), (0.01, 1.2), (0.01, None)])
def test_what_is_said_of_the_interval_agrees_with_the_interval_that_is_printed(side, for_bound):
    stratum = stratum_of(studies_of("writing"), "md")
    stratum = replace(stratum, fit=replace(stratum.fit, estimate=0.2, ci_lb=side, ci_ub=0.5))
    panel = stratum.small_studies
    told = replace(panel.preferred, for_estimate=None, for_bound=for_bound)
    said = " ".join(wording.words(replace(stratum, small_studies=replace(panel, preferred=told))))
    assert ("; its interval includes no difference as it is" in said) == (side < 0)
    assert ("without any preference" in said) == (side > 0 and for_bound == 1.0)
    assert ("so would its interval" in said) == (for_bound is None)
    after = replace(stratum, contrasts=("before_after",), small_studies=replace(panel, preferred=told))
    assert "no difference" not in " ".join(wording.words(after))


@pytest.mark.parametrize(("share", "said"), [(0.02, "fewer than one"), (0.34, "about three"), (0.97, "more than nine")])
def test_shares_are_told_in_tenths(share, said):
    whole = panel_of(studies_of("writing"), Scale.MD).shares[0]
    narrow = replace(whole, share=share, ci_lb=max(share - 0.1, 0.0), ci_ub=min(share + 0.1, 1.0))
    assert wording.share_words(narrow).startswith(
        f"In {said} of ten settings like these the true effect is on the better side ("
    )
    wide = replace(whole, share=share, ci_lb=0.0, ci_ub=1.0)
    assert "cannot be told (" in wording.share_words(wide) and said not in wording.share_words(wide)


def test_a_test_with_too_few_degrees_of_freedom_says_so():
    stratum = stratum_of(studies_of("writing"), "md")
    panel = stratum.small_studies
    few = replace(panel, tests=(replace(panel.tests[0], df=2.5),))
    [said] = [row for row in wording.rows(replace(stratum, small_studies=few)) if "usual test" in row.method]
    assert said.gives.endswith("too few degrees of freedom to rely on (2.5)")
    [enough] = [row for row in wording.rows(stratum) if "usual test" in row.method]
    assert "degrees of freedom" not in enough.gives


def test_the_tests_of_odds_ratios_say_what_they_test_beside_risk_ratios():
    counts = of("magnesium", "counts")
    cells = zip(*(counts[name] for name in ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")), strict=True)
    studies = [
        invented_study(
            i, np.log(a * m / (c * n)), 1 / a - 1 / n + 1 / c - 1 / m, events=Events(a, n, c, m), n_arm1=n, n_arm2=m
        )
        for i, (a, n, c, m) in enumerate(cells)
    ]
    tests = (AsymmetryTest.PETERS, AsymmetryTest.HARBORD)
    asked = SETTINGS.model_copy(
        update={"sensitivity": SETTINGS.sensitivity.model_copy(update={"asymmetry_tests": tests})}
    )
    stratum = stratum_of(studies, "log_risk_ratio")
    stratum = replace(stratum, small_studies=panel_of(studies, Scale.LOG_RISK_RATIO, -1, None, asked))
    of_odds = [row for row in wording.rows(stratum) if "odds ratios of the same events" in row.assumes]
    assert len(of_odds) == 2


def test_no_share_is_taken_of_a_nested_pool():
    studies = studies_of("writing")
    fit = random_effects([s.yi for s in studies], [s.vi for s in studies])
    nested = replace(fit, nesting=Nesting(DependenceModel.THREE_LEVEL, 0.0, 48, 0.01, 0.02))
    panel = small_studies(studies, nested, Scale.MD, 1, ImportantDifference(0.2, "made up"), SETTINGS)
    assert panel.shares and all("nested in studies" in share.refused.figures["why"] for share in panel.shares)


def made_up(yi, sizes):
    return [
        invented_study(i, float(y), float(2 / n + y**2 / (4 * n)), n_arm1=float(n), n_arm2=float(n))
        for i, (y, n) in enumerate(zip(yi, sizes, strict=True))
    ]


RISING = np.linspace(20, 200, 10)
SPREAD = np.array([0.1, 0.9, -0.2, 0.6, 0.4, 0.05, 0.7, 0.3, 0.2, 0.5])
EDGES = {
    "ten of one size": (SPREAD, np.full(10, 50.0)),
    "ten of two sizes": (SPREAD, np.repeat([30.0, 120.0], 5)),
    "all significant": (0.8 + SPREAD / 10, np.full(10, 200.0) + RISING),
    "none significant": (SPREAD / 20, RISING),
    "no differences": (np.full(10, 0.3), RISING),
    "all on the other side": (-0.8 - SPREAD / 10, 200 + RISING),
}


@pytest.mark.parametrize("edge", EDGES)
def test_at_every_edge_each_number_is_right_or_refused_with_a_sentence(edge):
    yi, sizes = EDGES[edge]
    studies = made_up(yi, sizes)
    panel = panel_of(studies, important=0.2)
    assert panel.refused is None and panel.k == 10
    held = [*panel.tests, *panel.models, *panel.shares]
    for one in held:
        number = one.share if hasattr(one, "share") else getattr(one, "slope", None) or getattr(one, "estimate", None)
        assert (one.refused is None) == (number is not None and np.isfinite(number)), one
    stratum = replace(stratum_of(studies_of("teachers")), small_studies=panel)
    assert all(row.gives for row in wording.rows(stratum)) and wording.words(stratum)

    vi = np.array([study.vi for study in studies])
    if edge == "ten of one size":
        assert "all of one size" in panel.usual.refused.figures["why"]
    else:
        x = np.sqrt(2 / sizes)
        line = np.polynomial.polynomial.polyfit(x, yi, 1, w=np.sqrt(1 / vi))
        pet = next(model for model in panel.models if model.model == Correction.PET)
        assert pet.refused or pet.estimate == pytest.approx(line[0], abs=1e-9)
    steps = [model for model in panel.models if model.model in (Correction.ONE_STEP, Correction.TWO_STEPS)]
    if edge in ("all significant", "none significant", "no differences", "all on the other side"):
        some_refused = [model for model in steps if model.refused]
        assert some_refused and all("intervals of p values hold" in m.refused.figures["why"] for m in some_refused)
    if edge == "all significant":
        assert panel.preferred is None and "every result is significant" in panel.unmoved.figures["why"]
    if edge in ("none significant", "all on the other side"):
        assert panel.preferred is None and "no result is significant" in panel.unmoved.figures["why"]
    if edge in ("no differences", "none significant"):
        assert all("estimated as zero" in share.refused.figures["why"] for share in panel.shares)


@pytest.mark.parametrize(
    ("scale", "pet", "peese"),
    [(Scale.SMD, "root of 1/n", "1/n"), (Scale.MD, "the standard error along", "the variance along")],
)
def test_pet_and_peese_say_by_what_they_go(scale, pet, peese):
    told = {row.method: row.assumes for row in wording.rows(stratum_of(studies_of("teachers"), scale))}
    by_root, by_square = (told[f"{name[0].upper()}{name[1:]}"] for name in (Correction.PET.said, Correction.PEESE.said))
    assert pet in by_root and peese in by_square and "root" not in by_square
