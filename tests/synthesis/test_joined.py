"""Odds ratios and standardised differences together: only where it is asked for, beside the headline, never in it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from pydantic import ValidationError

from taprev.effects import effect_size
from taprev.effects.fates import effect_rows
from taprev.extraction.tables import columns
from taprev.settings import Settings
from taprev.synthesis.domain import synthesise
from taprev.synthesis.kernels.random_effects import random_effects
from taprev.synthesis.results import from_json, to_json
from taprev.tables.write import sensitivity
from taprev.vocabulary import Choice, Conversion, Scale
from taprev.wording.notes import sentences
from taprev.wording.sensitivity import panel_words

DOMAIN = "staff_attitudes"
SMDS = ((0.42, 0.05), (0.18, 0.03), (0.55, 0.08))
EVENTS = ((12, 60, 24, 62), (9, 45, 13, 44))
ARMS = ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")
K = math.sqrt(3) / math.pi


def settings_with(shipped, converted) -> Settings:
    domain = shipped[0].domains[DOMAIN].model_copy(update={"converted": converted and Conversion(converted)})
    return shipped[0].model_copy(update={"domains": {**shipped[0].domains, DOMAIN: domain}})


@pytest.fixture(scope="module")
def rows(shipped, root):
    settings, _, studies = shipped
    known = iter([name for name, study in studies.items() if study["scope"] in settings.scope.include])
    blank = dict.fromkeys(columns(root / "data" / "extracted", "outcomes"), "")
    blank |= dict(domain=DOMAIN, population=settings.domains[DOMAIN].population, sample="all", contrast="controlled")
    made = [
        blank
        | dict(study=next(known), statistic="effect", effect_measure="smd", yi=str(yi), vi=str(vi))
        | dict(better="higher", direction="better")
        for yi, vi in SMDS
    ]
    for counts in EVENTS:
        cells = dict(zip(("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2"), map(str, counts), strict=True))
        made.append(blank | cells | dict(study=next(known), statistic="events", ratio_kind="odds"))
        made[-1] |= dict(better="lower", direction="better")
    made.append(made[-1] | dict(study=made[0]["study"]))
    made.append(blank | dict(study=next(known), statistic="ratio", ratio_kind="hazard", ratio="0.50", se="0.30"))
    made[-1] |= dict(better="lower", direction="better")
    return [row | {"result": f"x{number}", "measure": f"m{number}"} for number, row in enumerate(made)]


def synthesis(shipped, rows, converted):
    settings = settings_with(shipped, converted)
    effects = effect_rows(DOMAIN, rows, shipped[2], settings)
    return synthesise(DOMAIN, effects, settings, {"version": "test"})


def of(content, scale):
    return next(s for s in content.strata if s.scale == scale)


def test_turned_odds_ratios_join_the_differences_beside_the_headline(shipped, rows):
    own = of(synthesis(shipped, rows, "to_differences"), Scale.SMD)
    turned = [effect_size("OR2DL", **dict(zip(ARMS, counts, strict=True))) for counts in EVENTS]
    yi = [*(one for one, _ in SMDS), *(-effect.yi for effect in turned)]
    vi = [*(one for _, one in SMDS), *(effect.vi for effect in turned)]
    wanted = random_effects(yi, vi)
    [line] = own.panel.converted
    assert (line.k, line.estimate, line.ci_lb) == (5, pytest.approx(wanted.estimate), pytest.approx(wanted.ci_lb))
    assert own.fit.k == 3 and own.fit.estimate == pytest.approx(random_effects(*zip(*SMDS, strict=True)).estimate)


def test_turned_differences_join_the_odds_ratios(shipped, rows):
    content = synthesis(shipped, rows, "to_odds_ratios")
    own = of(content, Scale.LOG_ODDS_RATIO)
    ratios = [effect_size("OR", **dict(zip(ARMS, counts, strict=True))) for counts in (*EVENTS, EVENTS[-1])]
    yi = [*(effect.yi for effect in ratios), *(-one / K for one, _ in SMDS[1:])]
    vi = [*(effect.vi for effect in ratios), *(one / K**2 for _, one in SMDS[1:])]
    [line] = own.panel.converted
    assert (line.k, line.estimate) == (5, pytest.approx(random_effects(yi, vi).estimate))
    assert of(content, Scale.SMD).panel.converted == ()


def test_it_says_what_it_does_in_json_in_the_table_and_in_the_report(shipped, rows):
    content = from_json(to_json(synthesis(shipped, rows, "to_differences")))
    own = of(content, Scale.SMD)
    said = next(text for text in sentences(own.panel.notes) if "cut in two" in text)
    assert said.startswith("With log odds ratios turned into standardised differences, 2 samples of 5 join as a sens")
    shown = [row for row in panel_words(own)["rows"] if row["choice"] == Choice.CONVERSION.said]
    assert [row["level"] for row in shown] == ["with log odds ratios turned into standardised differences"]
    [line] = [line for line in sensitivity([content]) if line["factor"] == Choice.CONVERSION]
    assert (line["stratum"], line["k"], line["estimate"]) == (own.name, 5, own.panel.converted[0].estimate)
    assert line["level"] == "with log odds ratios turned into standardised differences" and line["estimate_text"]


def test_nothing_is_converted_unless_it_is_asked_for(shipped, rows):
    content = synthesis(shipped, rows, None)
    assert all(s.panel is None or s.panel.converted == () for s in content.strata)
    asked = synthesis(shipped, rows, "to_differences")
    for before, after in zip(content.strata, asked.strata, strict=True):
        assert replace(before, panel=None) == replace(after, panel=None)


def test_one_difference_alone_is_pooled_with_a_turned_ratio_and_the_headline_stays_empty(shipped, rows):
    content = synthesis(shipped, [rows[0], rows[3]], "to_differences")
    own = of(content, Scale.SMD)
    assert own.fit is None and own.panel.converted[0].k == 2


def test_only_a_domain_of_standardised_differences_can_ask_for_it(shipped):
    data = shipped[0].model_dump()
    data["domains"][DOMAIN] |= {"scale": "md", "unit": "points", "converted": "to_differences"}
    with pytest.raises(ValidationError, match="has no standardised differences that odds ratios could join"):
        Settings.model_validate(data)
    data["domains"][DOMAIN] |= {"scale": "smd", "unit": "", "converted": "to_risk_ratios"}
    with pytest.raises(ValidationError, match="to_odds_ratios"):
        Settings.model_validate(data)
