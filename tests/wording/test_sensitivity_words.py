"""What the report says of sensitivity: the numbers of the JSON in words, and no more ink on the forest plot."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest

from helpers import draw_forest, invented
from taprev.notes import note
from taprev.settings.sections import Important
from taprev.synthesis.results import CombinedP, InUnits, Moderation, Term
from taprev.tables.write import all_tables
from taprev.vocabulary import Contrast, EventMeasure, NoteCode
from taprev.wording import estimates, labels
from taprev.wording.estimates import NumberStyle
from taprev.wording.sensitivity import (
    bayes_words,
    combined_p_words,
    moderator_words,
    multiverse_words,
    panel_words,
    sparse_words,
    units_words,
)

SMD = NumberStyle("smd")


@pytest.fixture(scope="module")
def contents(shipped_contents):
    return {content.domain: content for content in shipped_contents}


def strata_of(content):
    return [*content.strata, *content.sensitivity, *content.outside]


def alternatives(panel):
    return [*panel.one_at_a_time, *panel.intervals, *panel.dependence, *panel.leave_one_out, *panel.cumulative]


@pytest.fixture
def knowledge(contents):
    return next(s for s in contents["staff_knowledge"].strata if s.fit)


def test_the_multiverse_sentence_holds_its_numbers_and_is_no_probability(knowledge):
    whole = knowledge.panel.multiverse
    said = multiverse_words(whole, SMD)
    assert f"the {len(whole.specifications)} combinations" in said and f"{whole.estimable} of which" in said
    for number in (whole.lowest, whole.median, whole.highest):
        assert labels.number(number) in said
    assert "they are no probability" in said
    most = max((f for f in whole.factors if f.moves), key=lambda f: f.moves)
    assert most.name == "r_pre_post" and "The correlation of before and after scores moves it most" in said
    assert multiverse_words(None, SMD) == ""
    assert f"{whole.estimable - 1} of {whole.estimable} lie" in multiverse_words(
        replace(whole, same_sign=whole.same_sign - 1), SMD
    )


def test_a_ratio_says_that_its_choices_move_a_logarithm(knowledge):
    whole = knowledge.panel.multiverse
    logs = NumberStyle("log_odds_ratio")
    assert "on the log scale" in multiverse_words(whole, logs)
    assert estimates.effect(whole.median, logs) in multiverse_words(whole, logs)


def test_every_line_of_the_panel_is_a_row_of_the_table(knowledge):
    style, panel, words = estimates.style(knowledge), knowledge.panel, panel_words(knowledge)
    every = alternatives(panel)
    assert [row["k"] for row in words["rows"]] == [line.k for line in every]
    for row, line in zip(words["rows"], every, strict=True):
        if line.estimate is not None:
            assert row["number"] == estimates.estimate(line.estimate, line.ci_lb, line.ci_ub, style)
    taken = sum("(as taken)" in row["level"] for row in words["rows"])
    assert taken == len(panel.multiverse.factors) + 1  # and the interval
    assert panel_words(replace(knowledge, panel=None)) is None


def test_the_bayesian_sentence_speaks_of_its_prior_and_never_of_effects_before_after(knowledge):
    said = bayes_words(knowledge)
    first = knowledge.bayes[0]
    assert first.prior in said and labels.number(first.mu.median) in said
    assert "mean better after is" in said and "favour" not in said
    assert "half-Cauchy" in said and "Rhodes" not in said
    assert bayes_words(replace(knowledge, bayes=())) == ""
    important = replace(first, important=0.2, p_important=0.9, p_important_new=0.6)
    randomised = replace(knowledge, bayes=(important,), contrasts=("randomised",))
    told = bayes_words(randomised, Important(value=0.2, source="a panel"))
    assert "minimal important difference (0.2; a panel) has a probability of 0.90" in told
    assert "probability of a mean that favours programme is" in told


def test_moderators_are_told_or_refused():
    few = note(NoteCode.TOO_FEW_FOR_MODERATOR, studies=5, covariates=1, needed=10)
    refused = Moderation("setting", "Setting", few)
    said = "5 studies are too few for 1 covariate: at least 10 are needed, ten for each."
    assert moderator_words(refused, SMD) == f"Setting: {said}"
    group = invented(level="primary_care", k=6, estimate=0.5, ci_lb=0.3, ci_ub=0.7)
    subgroups = invented(groups=(group,), Q=3.2, Q_df=1, Q_pval=0.0736)
    groups = replace(refused, refused=None, subgroups=subgroups)
    assert "primary care 0.50 [0.30, 0.70], k = 6" in moderator_words(groups, SMD)
    assert "Q = 3.20, df = 1, p = 0.074" in moderator_words(groups, SMD)
    term = Term("Year", 0.01, 0.01, 8.0, -0.01, 0.03, 0.3)
    slope = replace(refused, refused=None, regression=invented(terms=(term, term), R2=12.0, k=11))
    assert "slope 0.010" in moderator_words(slope, SMD) and "12" in moderator_words(slope, SMD)


def test_units_events_and_p_values_are_told():
    units = InUnits("ARTIC-10", 0.8, "a manual", 0.6, 0.1, 1.1)
    assert units_words(units, 0.95).startswith(
        "On the ARTIC-10 this would be 0.60 points [0.10, 1.10] (95 % CI), a positive"
    )
    assert units_words(None, 0.95) == sparse_words(None) == ""
    refused = note(NoteCode.EVENTS_NOT_POOLED, why="why")
    assert sparse_words(None, refused) == "Events are not pooled: why."
    fit = invented(measure=EventMeasure.OR, estimate=0.0, ci_lb=-0.5, ci_ub=0.5, k_used=3, double_zero=(2,))
    assert "odds ratio 1.00 [0.61, 1.65] from 3 samples; 1 sample in which nobody or everybody" in sparse_words(fit)
    fit.measure = EventMeasure.RR
    assert "1 sample in which nobody had the event left out" in sparse_words(fit)
    fit.measure, fit.double_zero = EventMeasure.PETO, ()
    assert sparse_words(fit).endswith("from 3 samples.")
    found = CombinedP(Contrast.BEFORE_AFTER, "Fisher", "Did it?", 3, (), 0.01, 0.9, None)
    assert combined_p_words(found).endswith("Did it? Better: p = 0.010; worse: p = 0.900 (one-sided).")
    withheld = combined_p_words(replace(found, pval_withheld=note(NoteCode.ONE_P_ONLY)))
    assert withheld.endswith("Did it? Only one study prints an exact p without a magnitude.")


def test_the_forest_plot_holds_no_more_ink(contents, tmp_path):
    content = contents["staff_knowledge"]
    nothing = {"panel": None, "sparse_note": None, "bayes": (), "moderators": (), "sparse": None, "in_units": None}
    bare = replace(content, outside=(), strata=tuple(replace(stratum, **nothing) for stratum in content.strata))
    drawn = {}
    for name, one in (("with", content), ("without", bare)):
        draw_forest(one, tmp_path / name)
        for kind in ("svg", "csv", "txt"):
            text = (tmp_path / name / f"staff_knowledge_forest.{kind}").read_text("utf-8")
            drawn[name, kind] = text.replace(content.seal, "seal")
    for kind in ("svg", "csv", "txt"):
        assert drawn["with", kind] == drawn["without", kind]


def test_the_tables_hold_the_panel_and_every_combination(contents, shipped, root):
    tables = all_tables(list(contents.values()), root / "data" / "extracted", shipped[0])
    lines = list(csv.DictReader(io.StringIO(tables["sensitivity.csv"])))
    every = list(csv.DictReader(io.StringIO(tables["multiverse.csv"])))
    panels = [s.panel for c in contents.values() for s in strata_of(c) if s.panel]
    assert len(lines) == sum(len(alternatives(panel)) for panel in panels) > 60
    assert len(every) == sum(len(p.multiverse.specifications) for p in panels if p.multiverse) > 168
    usual = [line for line in lines if line["usual"] == "yes" and line["domain"] == "staff_knowledge"]
    assert {re.sub(r"0+$", "", line["estimate"][:6]) for line in usual} == {"0.7913"}
