"""Events pooled without corrections: which rows enter, once each, and what is said where none can."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from taprev.effects.fates import effect_rows
from taprev.figures.overviews.at_a_glance import shown_of
from taprev.provenance.trace.omission import pool, pools
from taprev.settings import Settings
from taprev.synthesis.domain import synthesise
from taprev.synthesis.kernels.exact import exact_odds_ratio
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.kernels.sparse import mantel_haenszel
from taprev.wording import labels, notes, sentences
from taprev.wording.notes import reason

DOMAIN = "patient_mental_health"
PRINTED = ("ratio", "ci_lb", "ci_ub", "p", "p_bound", "note", "assumes")


class Review:
    """The shipped review with rows of events, all of its studies being within its scope."""

    def __init__(self, settings: Settings, outcomes: list[dict], studies: dict[str, dict]):
        scope = settings.scope.include[0]
        self.settings = settings
        self.studies = {name: {**study, "scope": scope} for name, study in studies.items()}
        base = next(row for row in outcomes if row["domain"] == DOMAIN and row["contrast"] == "randomised")
        usual = {"statistic": "events", "ratio_kind": "odds", "better": "lower", "direction": "better"}
        self.base = {**base, **dict.fromkeys(PRINTED, ""), **usual}

    def row(self, result: str, study: int, a: int, n1: int, c: int, n2: int, **more: str) -> dict:
        cells = {"event_arm1": str(a), "totaln_arm1": str(n1), "event_arm2": str(c), "totaln_arm2": str(n2)}
        return {**self.base, **cells, "result": result, "study": list(self.studies)[study], **more}

    def chosen(self, part: str, **changes: object) -> Settings:
        changed = getattr(self.settings, part).model_copy(update=changes)
        return self.settings.model_copy(update={part: changed})

    def effects(self, rows: list[dict], settings: Settings | None = None):
        return effect_rows(DOMAIN, rows, self.studies, settings or self.settings)

    def strata(self, effects, settings: Settings | None = None):
        return synthesise(DOMAIN, effects, settings or self.settings, {}).strata


@pytest.fixture
def review_of_events(shipped) -> Review:
    return Review(*shipped)


def test_empty_cells_are_pooled_without_corrections(review_of_events):
    review = review_of_events
    tables = [(4, 50, 9, 50), (0, 40, 5, 40), (0, 30, 0, 30), (3, 60, 8, 55)]
    made = review.effects([review.row(f"e{i}", i, *table) for i, table in enumerate(tables)])
    stratum = review.strata(made)[0]
    assert (stratum.fit.k, stratum.sparse.k, stratum.sparse.k_used) == (3, 4, 3)
    assert [row.fate for row in made] == ["pooled", "counted", "empty_cell", "pooled"]
    assert made[1].reason is None and "nobody or everybody" in reason(made[2].reason)
    assert stratum.missing_results.with_magnitude == 4
    assert review.strata(made, review.chosen("synthesis", events="peto"))[0].sparse.measure == "PETO"
    assert review.strata(made, review.chosen("synthesis", events="inverse_variance"))[0].sparse is None
    nothing = [replace(row, event_arm1=0.0, event_arm2=0.0) for row in made]
    assert review.strata(nothing)[0].sparse is None


def test_only_events_that_stand_for_independent_people_enter_the_pool(review_of_events):
    review, row = review_of_events, review_of_events.row
    rows = [
        row("e0", 0, 4, 50, 9, 50),
        row("e1", 1, 0, 40, 5, 40),
        row("e2", 2, 6, 50, 9, 45, better="higher"),
        row("e3", 3, 6, 50, 9, 45, ratio_kind="risk"),
        row("e4", 4, 6, 50, 9, 45, unit_of_allocation="cluster", n_clusters_arm1="1", n_clusters_arm2="1"),
        row("e5", 5, 3, 50, 9, 45, sample="one"),
        row("e6", 5, 5, 52, 9, 45, sample="two"),
        row("e7", 6, 3, 50, 8, 45, months="6", timepoint="6 months"),
        row("e8", 6, 0, 50, 8, 45, months="12", timepoint="12 months"),
        row("e9", 7, 6, 50, 9, 45, arm="programme"),
        row("e10", 8, 6, 50, 9, 45, contrast="before_after", pairing="matched"),
    ]
    made = review.effects(rows)
    assert [one.result for one in made if one.events] == ["e0", "e1", "e2", "e3", "e5", "e7"]
    odds = [s for s in review.strata(made) if s.scale == "log_odds_ratio" and s.favours_sign == -1]
    assert (odds[0].sparse.k, odds[0].sparse.k_used) == (4, 4)


def test_events_of_which_none_has_an_effect_are_pooled_or_refused_with_a_sentence(review_of_events):
    review = review_of_events

    def stratum(cells, **changes):
        settings = review.chosen("synthesis", **changes)
        rows = [review.row(f"e{i}", i, a, 30, c, 30) for i, (a, c) in enumerate(cells)]
        return review.strata(review.effects(rows, settings), settings)[0]

    silent = stratum([(0, 4), (0, 5), (0, 5)])
    assert silent.scale == "log_odds_ratio" and silent.sparse is None
    assert "Events are not pooled: no study has an event in arm 1" in reason(silent.sparse_note)
    assert stratum([(0, 4), (0, 5), (0, 5)], events="peto").sparse.k_used == 3
    assert "Events are not pooled" in reason(stratum([(0, 0), (0, 0)]).sparse_note)


TABLES = [(4, 50, 9, 50), (0, 40, 5, 40), (0, 30, 0, 30), (3, 60, 8, 55)]


def stratum_of(review: Review, settings=None, tables=TABLES, **cells):
    """The stratum of some tables, each of a study of its own."""
    rows = [review.row(f"e{i}", i, *table, **cells) for i, table in enumerate(tables)]
    return review.strata(review.effects(rows, settings), settings)[0]


def test_a_headline_of_odds_with_an_empty_cell_is_the_exact_likelihood(review_of_events):
    stratum, columns = stratum_of(review_of_events), list(zip(*TABLES, strict=True))
    wanted = exact_odds_ratio(*columns)
    fit = stratum.fit
    assert (fit.model, fit.tau2_method, fit.ci_method) == ("exact_likelihood", "ML", "profile")
    assert (fit.estimate, fit.ci_lb, fit.ci_ub) == (wanted.estimate, wanted.ci_lb, wanted.ci_ub)
    assert [study.weight for study in stratum.studies] == [*wanted.weights[:2], None, wanted.weights[3]]
    assert "nobody or everybody" in reason(stratum.studies[2].reason)
    assert [study.own is None for study in stratum.studies] == [False, True, True, False]
    assert stratum.studies[1].events.event_arm2 == 5
    lines = {line.level: line for line in stratum.panel.one_at_a_time}
    assert lines["exact likelihood"].usual and lines["exact likelihood"].estimate == fit.estimate
    known = [(row.yi, row.vi) for row in stratum.studies if row.own]
    alone = random_effects(*zip(*known, strict=True))
    assert lines["inverse variance, without the empty cells"].estimate == alone.estimate
    a, n1, c, n2 = 0.5, 41, 5.5, 41
    odds = math.log(a / (n1 - a)) - math.log(c / (n2 - c))
    added = [*known, (odds, 1 / a + 1 / (n1 - a) + 1 / c + 1 / (n2 - c))]
    corrected = random_effects(*zip(*added, strict=True))
    assert lines["inverse variance, 0.5 added where a cell is empty"].estimate == pytest.approx(corrected.estimate)
    assert lines["Mantel-Haenszel, one common effect"].estimate == stratum.sparse.estimate
    assert [line.k for line in stratum.panel.leave_one_out] == [2, 2, 2]
    assert stratum.panel.multiverse is None and [one.code for one in stratum.panel.notes] == ["panel_of_counts"]


def test_a_headline_of_risks_with_an_empty_cell_is_mantel_haenszel(review_of_events):
    stratum, columns = stratum_of(review_of_events, ratio_kind="risk"), list(zip(*TABLES, strict=True))
    wanted = mantel_haenszel(*columns, "RR")
    assert (stratum.fit.model, stratum.fit.tau2) == ("mantel_haenszel", None)
    assert (stratum.fit.estimate, stratum.fit.se, stratum.fit.k) == (wanted.estimate, wanted.se, 3)
    assert sentences.heterogeneity(stratum.fit).startswith("Q = ")
    assert labels.model(stratum.fit) == "One common effect (Mantel-Haenszel, Wald), k = 3"


def test_a_model_that_moves_the_number_far_is_a_caution(review_of_events):
    far = stratum_of(review_of_events, tables=[(4, 50, 9, 50), (0, 40, 15, 40), (3, 60, 8, 55)])
    assert "models_differ" in [caution.code for caution in far.cautions]
    near = stratum_of(review_of_events, tables=[(40, 500, 50, 500), (0, 4, 1, 40), (30, 600, 33, 550)])
    assert near.fit.model == "exact_likelihood"
    assert "models_differ" not in [caution.code for caution in near.cautions]


def test_without_an_empty_cell_or_by_choice_the_headline_is_inverse_variance(review_of_events):
    full = stratum_of(review_of_events, tables=[(4, 50, 9, 50), (3, 60, 8, 55), (0, 30, 0, 30)])
    assert full.fit.model == "inverse_variance" and full.fit.k == 2
    settings = review_of_events.chosen("synthesis", empty_cells="left_out")
    left = stratum_of(review_of_events, settings)
    assert left.fit.model == "inverse_variance" and left.fit.k == 2
    assert "1 sample with an empty cell has no ratio and is not in this number." in notes.sentences(left.cautions)


def test_one_ratio_and_one_empty_cell_are_two_samples(review_of_events):
    stratum = stratum_of(review_of_events, tables=[(4, 50, 9, 50), (0, 40, 5, 40)])
    assert stratum.fit.k == 2 and stratum.fit.model == "exact_likelihood"
    alone = stratum_of(review_of_events, tables=[(4, 50, 9, 50), (0, 40, 0, 40)])
    assert alone.fit is None and [one.code for one in alone.not_estimable] == ["only_sample"]
    empty = stratum_of(review_of_events, tables=[(0, 40, 5, 40)])
    assert empty.fit is None and [one.code for one in empty.not_estimable] == ["empty_cell"]
    assert (shown_of(empty).kind, shown_of(empty).estimate) == ("counts", None)


def test_counts_without_a_finite_ratio_are_not_called_pooled(review_of_events):
    tables = [(0, 40, 5, 40), (0, 30, 3, 30)]
    rows = [review_of_events.row(f"e{i}", i, *table) for i, table in enumerate(tables)]
    assert {one.fate for one in review_of_events.effects(rows)} == {"empty_cell"}
    limited = [*rows, review_of_events.row("e9", 5, 3, 30, 2, 30)]
    assert [one.fate for one in review_of_events.effects(limited)] == ["counted", "counted", "pooled"]


def test_events_on_one_side_alone_have_no_finite_ratio(review_of_events):
    stratum = stratum_of(review_of_events, tables=[(0, 40, 5, 40), (0, 30, 3, 30), (0, 30, 1, 30)])
    assert stratum.fit is None
    assert "arm 1 has the fewest events" in notes.why_not(stratum.not_estimable)


def test_a_ratio_without_counts_joins_the_exact_likelihood_and_keeps_risks_by_inverse_variance(review_of_events):
    review = review_of_events
    figures = {"statistic": "ratio", "ratio": "0.5", "ci_lb": "0.25", "ci_ub": "1"}
    blank = dict.fromkeys(("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2"), "")

    def of(kind: str):
        rows = [review.row(f"e{i}", i, *table, ratio_kind=kind) for i, table in enumerate(TABLES)]
        rows.append(review.row("r", 4, 0, 1, 0, 1, ratio_kind=kind, **figures) | blank)
        return review.strata(review.effects(rows))[0]

    odds = of("odds")
    vi = ((math.log(1) - math.log(0.25)) / (2 * 1.959963984540054)) ** 2
    wanted = exact_odds_ratio(*zip(*TABLES, strict=True), yi=[math.log(0.5)], vi=[vi])
    assert odds.fit.k == 4 and odds.fit.estimate == pytest.approx(wanted.estimate, abs=1e-12)
    assert odds.studies[-1].weight == pytest.approx(wanted.weights[-1])
    risks = of("risk")
    assert (risks.fit.model, risks.fit.k) == ("inverse_variance", 3)
    assert "empty_cells_left_out" in [caution.code for caution in risks.cautions]


def test_rates_with_a_zero_are_printed_magnitudes_that_are_shown(review_of_events):
    review = review_of_events
    blank = dict.fromkeys(("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2"), "")
    counts = {"statistic": "counts", "count_arm1": "0", "count_arm2": "7", "ratio_kind": ""}
    [made] = review.effects([review.row("c", 0, 0, 1, 0, 1) | blank | counts])
    assert (made.fate, made.tier) == ("empty_cell", "exact")
    stratum = review.strata([made])[0]
    assert stratum.missing_results.with_magnitude == 1 and len(stratum.studies) == 1
    assert labels.counts(stratum.studies[0]) == "counts with a zero, which have no ratio"


def test_what_a_row_with_an_empty_cell_does_to_its_number_is_traced(review_of_events):
    settings = review_of_events.settings
    rows = review_of_events.effects([review_of_events.row(f"e{i}", i, *table) for i, table in enumerate(TABLES)])
    where = (("randomised",), "log_odds_ratio", "lower")
    whole = pool(where, pools(rows, settings)[where], rows, settings)
    assert whole.estimate == exact_odds_ratio(*zip(*TABLES, strict=True)).estimate
    left = [row for row in rows if row.result != "e1"]
    assert pool(where, pools(left, settings)[where], left, settings).model == "inverse_variance"


@pytest.mark.parametrize("empty_first", [True, False])
def test_a_control_group_of_several_arms_is_counted_once_or_divided(review_of_events, empty_first):
    review = review_of_events
    people = {"n_arm1": "50", "n_arm2": "50"}
    arms = [
        review.row(name, 0, events, 50, 5, 50, sample=name, **people)
        for name, events in (("empty", 0), ("one", 3), ("two", 2))
    ]
    rows = [*(arms if empty_first else arms[::-1]), review.row("other", 1, 4, 50, 9, 50, **people)]
    once = review.effects(rows)
    first = "one" if empty_first else "two"
    assert {one.result for one in once if one.events} == {first, "other"}
    assert {one.result for one in once if one.fate == "pooled"} == {first, "other"}
    split = review.chosen("assumptions", shared_control="split")
    shared = [one for one in review.effects(rows, split) if one.result != "other"]
    assert all(one.events for one in shared)
    assert sum(one.totaln_arm2 for one in shared) == pytest.approx(50)
    exact = split.synthesis.model_copy(update={"pool_tiers": ("exact",)})
    left = review.effects(rows, split.model_copy(update={"synthesis": exact}))
    assert [one.result for one in left if one.events] == ["other"]


def test_counts_in_no_pool_say_why(review_of_events):
    review, row = review_of_events, review_of_events.row
    people = {"n_arm1": "25", "n_arm2": "29"}
    rows = [
        row("pooled", 0, 4, 50, 9, 50),
        row("counted", 1, 0, 40, 5, 40),
        row("nobody", 2, 0, 30, 0, 30),
        row("first", 3, 3, 50, 8, 45, months="6", timepoint="6 months"),
        row("later", 3, 0, 50, 8, 45, months="12", timepoint="12 months"),
        row("one", 4, 2, 25, 5, 29, sample="one", **people),
        row("two", 4, 0, 26, 5, 29, sample="two", **people),
        row("wards", 5, 0, 26, 5, 29, unit_of_allocation="cluster", icc="0.02", cluster_size="5", n_clusters_arm1="6"),
    ]
    made = {one.result: one for one in review.effects(rows)}
    assert {name: made[name].fate for name in ("counted", "nobody")} == {"counted": "counted", "nobody": "empty_cell"}
    codes = {name: made[name].reason.code for name in ("nobody", "later", "two", "wards")}
    assert codes == {
        "nobody": "says_nothing",
        "later": "counts_stand_aside",
        "two": "counts_stand_aside",
        "wards": made["wards"].never_pooled.code if made["wards"].never_pooled else "counts_of_clusters",
    }
    split = review.chosen("assumptions", shared_control="split")
    divided = {one.result: one for one in review.effects(rows, split)}
    assert divided["two"].reason.code == "parts_of_people"
    stratum = review.strata(list(divided.values()), split)[0]
    assert "1 sample with an empty cell has no ratio and is not in this number." in notes.sentences(stratum.cautions)
    exact = review.chosen("synthesis", pool_tiers=("exact",))
    assumed = {one.result: one for one in review.effects([*rows, row("a", 6, 0, 9, 3, 9, assumes="a guess")], exact)}
    assert assumed["a"].reason.code == "tier_not_pooled"
