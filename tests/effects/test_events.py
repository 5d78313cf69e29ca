"""Events pooled without corrections: which rows enter, once each, and what is said where none can."""

from __future__ import annotations

from dataclasses import replace

import pytest

from taprev.effects.fates import effect_rows
from taprev.settings import Settings
from taprev.synthesis.domain import synthesise
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
    assert (stratum.fit.k, stratum.sparse.k, stratum.sparse.k_used) == (2, 4, 3)
    assert [row.fate for row in made] == ["pooled", "direction_only", "direction_only", "pooled"]
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
