"""Intervals that are too narrow: n at intake, Poisson counts, clusters; and scores recalled afterwards."""

from __future__ import annotations

import pytest

from helpers import ROOT
from taprev.effects.derive import Effect, derive
from taprev.effects.fates import effect_rows
from taprev.effects.variants import variants
from taprev.extraction.tables import columns
from taprev.settings import Assumptions
from taprev.settings.sections import Inflation, Retained
from taprev.vocabulary import TOO_NARROW, Choice, NoteCode

BLANK = dict.fromkeys(columns(ROOT / "data" / "extracted", "outcomes"), "") | {
    "better": "higher",
    "direction": "better",
    "contrast": "before_after",
    "pairing": "matched",
    "measure": "scale",
    "sample": "all",
}
MEANS = BLANK | {"statistic": "t", "t": "3.1", "n_arm1": "547", "sd_basis": "raw"}
COUNTS = BLANK | {"statistic": "counts", "count_arm1": "6", "count_arm2": "73", "better": "lower"}


def effect(row, scale="smd", **assumed) -> Effect:
    made = derive(row, scale, Assumptions(**assumed))
    assert isinstance(made, Effect)
    return made


def codes(made: Effect) -> set[NoteCode]:
    return {note.code for note in made.assumptions}


def test_n_at_intake_makes_an_interval_too_narrow_and_a_share_of_the_settings_widens_it():
    analysed, enrolled = effect(MEANS), effect(MEANS | {"n_basis": "enrolled"})
    assert NoteCode.N_ENROLLED in codes(enrolled) & TOO_NARROW and not codes(analysed) & TOO_NARROW
    assert (enrolled.yi, enrolled.vi) == (analysed.yi, analysed.vi)
    widened = effect(MEANS | {"n_basis": "enrolled"}, retained=Retained(value=0.5))
    assert widened.vi == pytest.approx(2 * analysed.vi, rel=1e-12) and widened.yi == analysed.yi
    assert NoteCode.N_RETAINED in codes(widened) and not codes(widened) & TOO_NARROW


def test_printed_precision_is_not_widened_for_those_who_left():
    printed = BLANK | {"statistic": "smd", "smd": "0.5", "se": "0.2", "n_arm1": "50", "n_basis": "enrolled"}
    assert effect(printed, retained=Retained(value=0.5)).vi == pytest.approx(0.04)


def test_a_poisson_count_is_too_narrow_until_the_settings_widen_it():
    poisson = effect(COUNTS)
    assert NoteCode.POISSON_TAKEN in codes(poisson) & TOO_NARROW
    wider = effect(COUNTS, overdispersion=Inflation(value=2))
    assert wider.vi == pytest.approx(2 * poisson.vi) and not codes(wider) & TOO_NARROW


def test_scores_recalled_afterwards_are_said():
    assert NoteCode.BEFORE_RECALLED in codes(effect(MEANS | {"before_scores": "recalled"}))


def test_the_shipped_review_marks_what_is_known_to_be_too_narrow(shipped_contents):
    marked = {
        (content.domain, study.study)
        for content in shipped_contents
        for stratum in content.strata
        for study in stratum.shown
        if study.too_narrow
    }
    assert marked == {
        ("seclusion_restraint", "Putkonen2013"),
        ("youth_ptsd", "Hodgdon_residential547"),
        ("youth_mental_health", "Hodgdon_residential547"),
        ("youth_behaviour", "Hodgdon_residential547"),
        ("seclusion_restraint_youth", "Azeem2011"),
    }


def test_no_target_time_takes_the_earliest_says_so_and_tries_the_latest(shipped, shipped_contents):
    settings, outcomes, studies = shipped
    rows = {row.result: row for row in effect_rows("staff_attitudes", outcomes, studies, settings)}
    aside = [row for row in rows.values() if row.reason and row.reason.code == NoteCode.EARLIEST_STANDS]
    assert {row.study for row in aside} == {"Niimura2019"} and aside[0].months == 3
    found = variants("staff_attitudes", outcomes, studies, settings, {})
    assert next(axis.levels for axis in found.axes if axis.name == Choice.TIME) == ("the earliest", "the latest")
    attitudes = next(one for one in shipped_contents if one.domain == "staff_attitudes")
    stratum = next(one for one in attitudes.strata if one.name == "before_after")
    latest = next(a for a in stratum.panel.alternatives if a.factor == Choice.TIME and a.level == "the latest")
    assert stratum.pooled.estimate == pytest.approx(0.7009, abs=5e-5)
    assert latest.estimate == pytest.approx(0.6175, abs=5e-5)


def test_a_target_time_is_not_the_earliest(shipped):
    settings, outcomes, studies = shipped
    domains = settings.domains | {
        "staff_attitudes": settings.domains["staff_attitudes"].model_copy(update={"target_months": 3})
    }
    rows = effect_rows("staff_attitudes", outcomes, studies, settings.model_copy(update={"domains": domains}))
    assert [row.months for row in rows if row.study == "Niimura2019" and row.chosen] == [3]
    assert not any(row.reason and row.reason.code == NoteCode.EARLIEST_STANDS for row in rows)
