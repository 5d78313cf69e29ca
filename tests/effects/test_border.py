"""The border between the printed page and `yi, vi`: what is printed is what is used, and nothing is used twice.

The figures are made up; the right values were computed with metafor or follow from the printed interval.
"""

from __future__ import annotations

import math
import shutil

import pytest
from scipy.special import ndtri

from helpers import ROOT
from taprev.effects.derive import Effect, NoMagnitude, derive
from taprev.effects.fates import effect_rows
from taprev.extraction.checks import direction_against_figures
from taprev.extraction.consensus import consensus_problems
from taprev.extraction.plausibility import row_queries, table_queries
from taprev.extraction.reconcile import reconcile
from taprev.extraction.risk_of_bias.declarations import shipped_tools
from taprev.extraction.tables import columns, read_rows
from taprev.ground.files import csv_text
from taprev.settings import Assumptions
from taprev.settings.sections import Domain, Intracluster
from taprev.wording.notes import reason, sentences

BLANK = dict.fromkeys(columns(ROOT / "data" / "extracted", "outcomes"), "") | {
    "better": "higher",
    "direction": "better",
    "contrast": "randomised",
    "measure": "scale",
    "sample": "all",
}
SMD = BLANK | {"statistic": "smd", "sd_basis": "raw"}
RATIO = BLANK | {"statistic": "ratio", "ratio_kind": "odds", "better": "lower"}
MEANS = BLANK | {"statistic": "means", "location": "table 1"}


def effect(row, scale="smd", **assumed) -> Effect:
    made = derive(row, scale, Assumptions(**assumed))
    assert isinstance(made, Effect), reason(made.reason)
    return made


@pytest.mark.parametrize(
    ("printed", "se"),
    [
        ({"smd": "0.50", "ci_lb": "-0.20", "ci_ub": "1.20", "n_arm1": "50", "n_arm2": "50"}, 1.40 / 3.92),
        ({"smd": "0.40", "se": "0.36", "n_arm1": "60", "n_arm2": "60"}, 0.36),
        ({"smd": "0.5", "se": "0.4"}, 0.4),
        ({"smd": "0.5", "ci_lb": "-0.28", "ci_ub": "1.28"}, 1.56 / 3.92),
        ({"smd": "0.5", "p": "0.04"}, 0.5 / -float(ndtri(0.02))),
        ({"smd": "0.50", "ci_lb": "-0.20", "ci_ub": "1.20", "ci_level": "90"}, 1.40 / (2 * float(ndtri(0.95)))),
    ],
)
@pytest.mark.parametrize("contrast", ["randomised", "before_after"])
def test_the_printed_precision_of_a_standardised_effect_is_used_and_n_is_not_needed(printed, se, contrast):
    pairing = "matched" if contrast == "before_after" else ""
    made = effect(SMD | printed | {"contrast": contrast, "pairing": pairing})
    assert made.yi == float(printed["smd"]) and math.sqrt(made.vi) == pytest.approx(se, rel=1e-4)
    assert "printed" in made.derivation and made.measure == ("SMCR" if pairing else "SMD")


def test_precision_that_is_far_from_its_n_is_asked_about():
    row = SMD | {"smd": "0.50", "ci_lb": "-0.20", "ci_ub": "1.20", "n_arm1": "50", "n_arm2": "50"}
    [query] = [query for query in row_queries(row) if query.check == "precision_against_n"]
    assert query.found == "found a standard error of 0.357 as printed, where n gives 0.203."


def test_a_mean_difference_needs_no_n_and_says_what_it_takes_instead():
    interval = BLANK | {"statistic": "mean_difference", "md": "2.0", "ci_lb": "0.5", "ci_ub": "3.5"}
    made = effect(interval, "md")
    assert made.vi == pytest.approx((3.0 / (2 * float(ndtri(0.975)))) ** 2, rel=1e-12)
    assert made.tier == "assumed" and "n is not printed" in sentences(made.assumptions)[0]
    with_n = effect(interval | {"n_arm1": "20", "n_arm2": "20"}, "md")
    assert with_n.tier == "exact" and with_n.vi < made.vi
    p = effect(
        BLANK | {"statistic": "mean_difference", "md": "-2.0", "p": "0.04", "n_arm1": "20", "n_arm2": "20"}, "md"
    )
    assert (p.yi, p.derivation) == (-2.0, "MD from p") and p.vi == pytest.approx(0.8844192, abs=5e-8)


def test_the_level_of_an_interval_is_that_of_the_row():
    printed = {"ratio": "0.60", "ci_lb": "0.43", "ci_ub": "0.84"}
    assert effect(RATIO | printed | {"ci_level": "90"}).vi == pytest.approx(0.0414, abs=5e-5)
    words = {"as_reported": "OR 0.60 (90% CI 0.43 to 0.84)"}
    assert [query.check for query in row_queries(RATIO | printed | words)] == ["level_not_as_printed"]
    assert row_queries(RATIO | printed | words | {"ci_level": "90"}) == []
    in_words = effect(RATIO | printed | words)
    assert in_words.vi == pytest.approx(0.0414, abs=5e-5) and in_words.tier == "assumed"
    assert sentences(in_words.assumptions) == ["the interval is read as one of 90 %, as the printed expression says"]
    two = {"as_reported": "OR 0.60 (90% CI 0.43 to 0.84; 95% CI 0.40 to 0.90)"}
    assert effect(RATIO | printed | two).vi == effect(RATIO | printed).vi


@pytest.mark.parametrize(
    ("row", "derivation", "vi"),
    [
        ({"smd": "0", "p": "0.9", "n_arm1": "50", "n_arm2": "50"}, "SMD as printed", 0.04),
        ({"smd": "0.3", "p": "1", "n_arm1": "50", "n_arm2": "50"}, "SMD as printed", 0.04 + 0.3**2 / 200),
        ({"smd": "2.10", "p": "0.001", "n_arm1": "50", "n_arm2": "50"}, "SMD as printed", 0.04 + 2.1**2 / 200),
    ],
)
def test_a_p_that_says_less_than_n_is_not_taken_for_the_precision(row, derivation, vi):
    made = effect(SMD | row | {"direction": "better"})
    assert made.derivation == derivation and made.vi == pytest.approx(vi, rel=1e-12)


def test_an_interval_comes_before_a_p_and_a_difference_of_nothing_keeps_its_interval():
    printed = BLANK | {"statistic": "mean_difference", "ci_lb": "-2.0", "ci_ub": "2.0"}
    nothing = effect(printed | {"md": "0", "p": "0.99"}, "md")
    assert nothing.derivation == "MD from interval without n" and nothing.yi == 0
    assert effect(printed | {"md": "1.0", "p": "0.04"}, "md").derivation == "MD from interval without n"


def test_an_effect_made_of_a_test_that_allows_for_clusters_says_that_it_is_too_small():
    clusters = {"unit_of_allocation": "cluster", "icc": "0.05", "cluster_size": "21", "allows_for_clusters": "yes"}
    row = BLANK | clusters | {"statistic": "t", "t": "2.5", "n_arm1": "40", "n_arm2": "40", "sd_basis": "raw"}
    made = effect(row)
    assert made.tier == "assumed" and "already allows for clusters" in sentences(made.assumptions)[-1]
    assert "clusters_allowed_for_in_words" not in {q.check for q in row_queries(row | {"as_reported": "GEE"})}


def test_both_notes_stand_where_the_icc_is_that_of_the_settings():
    clusters = {"unit_of_allocation": "cluster", "cluster_size": "21"}
    row = RATIO | clusters | {"ratio": "0.60", "ci_lb": "0.40", "ci_ub": "0.90"}
    said = sentences(effect(row, icc=Intracluster(value=0.05)).assumptions)
    assert said[0].endswith("is taken as 0.05") and "variance times 2.00" in said[1]


GIVEN = BLANK | {"statistic": "effect", "yi": "0.42", "effect_measure": "smd", "better": "higher"}


@pytest.mark.parametrize(
    ("row", "scale", "yi", "vi", "derivation"),
    [
        ({"vi": "0.09"}, "smd", 0.42, 0.09, "SMD given with variance"),
        ({"se": "0.3"}, "smd", 0.42, 0.09, "SMD given with SE"),
        ({"vi": "0.09", "better": "lower"}, "smd", -0.42, 0.09, "SMD given with variance"),
        (
            {"vi": "0.09", "contrast": "before_after", "pairing": "matched"},
            "smd",
            0.42,
            0.09,
            "SMCR given with variance",
        ),
        ({"vi": "0.09", "effect_measure": "md", "better": "lower"}, "md", 0.42, 0.09, "MD given with variance"),
        (
            {"se": "0.3", "effect_measure": "log_ratio", "ratio_kind": "hazard"},
            "smd",
            0.42,
            0.09,
            "log ratio given with SE",
        ),
    ],
)
def test_an_effect_of_another_analysis_is_taken_as_it_is(row, scale, yi, vi, derivation):
    made = effect(GIVEN | row, scale)
    assert (made.yi, made.derivation, made.own_precision) == (yi, derivation, True)
    assert made.vi == pytest.approx(vi, rel=1e-12)
    kind = "log_hazard_ratio" if row.get("ratio_kind") else scale
    assert made.scale == kind


def test_an_effect_without_its_precision_or_of_another_scale_is_not_taken():
    for row, scale in ((GIVEN, "smd"), (GIVEN | {"vi": "0.09"}, "md"), (GIVEN | {"effect_measure": ""}, "smd")):
        assert isinstance(derive(row, scale, Assumptions()), NoMagnitude)
    assert "statistic_without_figures" in {q.check for q in row_queries(GIVEN | {"yi": "", "vi": "0.09"})}


def test_precision_that_allows_for_clusters_is_not_corrected_again():
    clusters = {"unit_of_allocation": "cluster", "n_clusters_arm1": "10", "n_clusters_arm2": "10"}
    row = RATIO | clusters | {"icc": "0.05", "cluster_size": "20", "ratio": "0.60", "ci_lb": "0.40", "ci_ub": "0.90"}
    as_printed = effect(RATIO | {"ratio": "0.60", "ci_lb": "0.40", "ci_ub": "0.90"}).vi
    said = row | {"allows_for_clusters": "yes"}
    assert effect(said).vi == as_printed and effect(said).tier == "exact"
    corrected = effect(row | {"allows_for_clusters": "no"})
    assert corrected.vi == pytest.approx(1.95 * as_printed, rel=1e-12) and corrected.tier == "exact"
    for silent in ("", "not_stated"):
        unsaid = effect(row | {"allows_for_clusters": silent})
        assert unsaid.vi == corrected.vi and unsaid.tier == "assumed"
        assert "is not stated, and it is corrected (variance times 1.95)" in sentences(unsaid.assumptions)[0]
    without = {"icc": "", "cluster_size": ""}
    [note] = sentences(effect(row | without).assumptions)
    assert note.endswith("is not stated, and nothing is corrected")
    words = {"as_reported": "OR 0.60 (0.40 to 0.90), GEE allowing for clusters, ICC 0.05"}
    [query] = row_queries(row | words)
    assert query.check == "clusters_allowed_for_in_words" and query.ask.startswith("Write yes")
    assert query.found.endswith("the precision is used as printed.")
    [query] = row_queries(row | {"as_reported": "OR 0.60 (0.40 to 0.90), GEE, ICC 0.05"})
    assert query.found.endswith("the precision is corrected for clusters again.")
    in_words = effect(row | words)
    assert in_words.vi == as_printed and in_words.tier == "assumed"
    assert 'the printed expression says "allowing for cluster"' in sentences(in_words.assumptions)[0]
    assert effect(row | words | {"allows_for_clusters": "no"}).vi == corrected.vi
    assert effect(row | words | {"allows_for_clusters": "not_stated"}).vi == corrected.vi


def test_clusters_go_on_to_inflate_what_is_made_of_n():
    means = {"mean_arm1": "11", "sd_arm1": "4", "mean_arm2": "10", "sd_arm2": "4", "n_arm1": "40", "n_arm2": "40"}
    clusters = {"unit_of_allocation": "cluster", "icc": "0.05", "cluster_size": "20", "allows_for_clusters": "yes"}
    assert effect(MEANS | means | clusters).vi == pytest.approx(1.95 * effect(MEANS | means).vi, rel=1e-12)


@pytest.fixture(scope="module")
def fates(shipped):
    def of(rows, scale="md"):
        domain = Domain(label="A domain", population="adults", scale=scale, unit="points" if scale == "md" else "")
        settings = shipped[0].model_copy(update={"domains": {"d": domain}})
        named = [row | {"result": f"r{n}", "domain": "d", "population": "adults"} for n, row in enumerate(rows)]
        studies = {row["study"]: {"label": row["study"], "scope": settings.scope.include[0]} for row in named}
        return named, effect_rows("d", named, studies, settings)

    return of


def difference(study: str, sample: str, md: str, low: str, high: str, n1: str, n2: str, **more: str) -> dict[str, str]:
    figures = {"md": md, "ci_lb": low, "ci_ub": high, "n_arm1": n1, "n_arm2": n2}
    named = {"study": study, "sample": sample, "statistic": "mean_difference", "location": "table 1"}
    return BLANK | figures | named | more


TRIALS = (
    difference("a", "men", "2.0", "0.5", "3.5", "50", "50"),
    difference("a", "women", "3.1", "1.2", "5.0", "50", "50"),
    difference("b", "all", "1.0", "-0.5", "2.5", "44", "45"),
)


def test_people_are_not_taken_for_the_same_because_their_number_is(fates):
    named, rows = fates(TRIALS)
    assert [row.fate for row in rows] == ["pooled"] * 3
    assert [q.check for q in table_queries(named, [], [], tools=shipped_tools())] == ["same_n_of_comparators"]


def test_a_named_control_group_is_counted_once_and_two_names_are_two_groups(fates):
    men, women, other = TRIALS
    same, apart = {"group_arm2": "usual care"}, {"group_arm2": "women, usual care"}
    named, rows = fates([men | same, women | same, other])
    assert [row.fate for row in rows] == ["pooled", "shown", "pooled"] and "counted once" in reason(rows[1].reason)
    assert table_queries(named, [], [], tools=shipped_tools()) == []
    assert [row.fate for row in fates([men | same, women | apart, other])[1]] == ["pooled"] * 3


def test_a_name_needs_no_n_and_its_capitals_do_not_matter(fates):
    men, women, other = (row | {"n_arm1": "", "n_arm2": ""} for row in TRIALS)
    _, rows = fates([men | {"group_arm2": "Usual care"}, women | {"group_arm2": "usual  care "}, other])
    assert [row.fate for row in rows] == ["pooled", "shown", "pooled"]


def test_a_control_group_that_is_named_in_one_row_only_is_asked_about(fates):
    men, women, other = TRIALS
    named, _ = fates([men | {"group_arm2": "usual care"}, women, other])
    assert [q.check for q in table_queries(named, [], [], tools=shipped_tools())] == ["same_n_of_comparators"]
    both = other | {"group_arm1": "sessions", "group_arm2": "Sessions"}
    [query] = table_queries(fates([both])[0], [], [], tools=shipped_tools())
    assert (query.check, query.found) == (
        "arm_on_both_sides",
        "found one name for the people of both arms.",
    )


def test_an_arm_that_is_programme_here_and_comparator_there_is_asked_about(fates):
    one = {
        "mean_arm1": "7.87",
        "sd_arm1": "8.0",
        "mean_arm2": "-1.36",
        "sd_arm2": "8.0",
        "n_arm1": "25",
        "n_arm2": "25",
    }
    two = {"mean_arm1": "4.35", "sd_arm1": "8.0", "mean_arm2": "7.87", "sd_arm2": "8.0", "n_arm1": "22", "n_arm2": "25"}
    rows = [MEANS | one | {"study": "a", "sample": "t1_c"}, MEANS | two | {"study": "a", "sample": "t2_t1"}]
    [query] = table_queries(fates(rows, "smd")[0], [], [], tools=shipped_tools())
    assert (query.check, query.result) == ("arm_on_both_sides", "r0") and "comparator of r1" in query.found
    by_name = [rows[0] | {"group_arm1": "t1"}, rows[1] | {"group_arm2": "t1", "mean_arm2": "7.9"}]
    assert "arm_on_both_sides" in {
        q.check for q in table_queries(fates(by_name, "smd")[0], [], [], tools=shipped_tools())
    }


def test_a_difference_in_natural_units_keeps_its_sign_and_does_not_meet_the_other_polarity(fates):
    pressure = {
        "mean_arm1": "130",
        "sd_arm1": "10",
        "mean_arm2": "135",
        "sd_arm2": "10",
        "n_arm1": "60",
        "n_arm2": "60",
    }
    one = MEANS | pressure | {"study": "a", "better": "lower"}
    two = MEANS | pressure | {"study": "b", "better": "lower", "mean_arm1": "131", "mean_arm2": "137"}
    assert [row.yi for row in fates([one, two])[1]] == [-5.0, -6.0]
    assert {row.fate for row in fates([one, two])[1]} == {"pooled"}
    assert {row.fate for row in fates([one, two | {"better": "higher"}])[1]} == {"shown"}


@pytest.mark.parametrize(("p", "bound"), [("0.000", "0.0005"), ("0.00", "0.005")])
def test_a_p_of_zero_is_a_bound_and_says_where_it_belongs(p, bound):
    row = BLANK | {"statistic": "p", "df1": "1", "p": p, "n_arm1": "40", "n_arm2": "40", "as_reported": "p = .000"}
    made = derive(row, "smd", Assumptions())
    assert isinstance(made, NoMagnitude) and made.tier == "bound"
    assert f"p < {bound}, and belongs in p_bound" in reason(made.reason)
    [query] = [query for query in row_queries(row) if query.check == "p_of_zero"]
    assert f"write {bound} in p_bound" in query.ask


def test_a_p_of_zero_without_decimals_is_to_be_looked_up():
    [query] = [query for query in row_queries(BLANK | {"statistic": "p", "p": "0"}) if query.check == "p_of_zero"]
    assert query.ask.startswith("Look up with how many digits it is printed")


def test_one_number_with_other_digits_is_no_disagreement_and_the_more_digits_are_kept(tmp_path):
    extracted, raw = tmp_path / "extracted", tmp_path / "raw"
    shutil.copytree(ROOT / "data" / "extracted", extracted)
    shutil.copytree(ROOT / "data" / "raw", raw)
    path = raw / "form_first.csv"
    rows = read_rows(path)
    changed = [row for row in rows if row["result"] == "r079"]
    assert changed[0]["mean_arm1"] == "77.00" and changed[0]["n_arm1"] == "11"
    changed[0] |= {"mean_arm1": "77", "n_arm1": "11.0"}
    path.write_text(csv_text(list(rows[0]), (row.values() for row in rows), guarded=False), encoding="utf-8")
    merged = reconcile(tmp_path)
    assert merged.open_cells == () and merged.problems == () and consensus_problems(tmp_path) == []
    kept = next(row for row in merged.rows if row["result"] == "r079")
    assert (kept["mean_arm1"], kept["n_arm1"]) == ("77.00", "11.0")
    changed[0]["mean_arm1"] = "77.01"
    path.write_text(csv_text(list(rows[0]), (row.values() for row in rows), guarded=False), encoding="utf-8")
    assert [cell.column for cell in reconcile(tmp_path).open_cells] == ["mean_arm1"]


@pytest.mark.parametrize(
    ("measure", "yi", "better", "said"),
    [
        ("log_ratio", "0.3", "lower", "worse"),
        ("log_ratio", "-0.3", "higher", "worse"),
        ("md", "-2.5", "higher", "worse"),
        ("md", "0", "lower", "no_difference"),
        ("log_ratio", "-0.3", "lower", ""),
    ],
)
def test_the_direction_of_an_effect_taken_as_it_is_follows_its_sign(measure, yi, better, said):
    row = GIVEN | {"effect_measure": measure, "yi": yi, "better": better, "se": "0.1"}
    found = [text for _, text, _ in direction_against_figures(row)]
    assert [text for text in found if f"say {said}." in text] == found and bool(found) == bool(said)
