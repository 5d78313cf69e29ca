"""Invented domains with everything that surrounds a pooled number, for the tests of the sibling figures."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

from helpers import ROOT
from samples.synthesis import (
    HOSTILE,
    content,
    empty,
    invented_domain,
    invented_stratum,
    invented_study,
    long_labels,
    mixed_scales,
    one_study,
    sixty_studies,
    two_studies,
    whole_evidence,
)
from samples.synthesis import hostile as hostile_labels
from taprev.settings import read_settings
from taprev.synthesis.kernels.bayes import bayes
from taprev.synthesis.kernels.influence import cumulative, influence, leave_one_out
from taprev.synthesis.kernels.priors import prior
from taprev.synthesis.moderators import fitted_line, meta_regression, subgroups
from taprev.synthesis.results import (
    Events,
    ExplainedEffect,
    Factor,
    ImportantDifference,
    Moderation,
    Multiverse,
    Outside,
    Panel,
    Specification,
    Stratum,
    Study,
    Synthesis,
)
from taprev.synthesis.small_study import small_studies

FEW = (("r_pre_post", ("0.3", "0.5", "0.7", "0.9"), 1), ("tau2_method", ("REML", "DL", "PM"), 0))
MANY = (
    *FEW,
    ("rho", tuple(f"{i / 20:g}" for i in range(20)), 12),
    ("icc", ("0.01", "0.05", "0.1", "0.2"), 1),
    ("pool_tiers", ("exact and assumed", "exact only"), 0),
    ("overdispersion", ("1", "2", "5", "10"), 0),
)
SETTINGS = read_settings(ROOT / "config" / "review.yaml")
PRIORS = (("half_normal", 0.5), ("half_cauchy", 0.5))


def surrounded(stratum: Stratum, choices: tuple = FEW, important: float | None = None) -> Stratum:
    """Return a pooled stratum with each study left out, its posteriors, and an invented multiverse."""
    if stratum.fit is None:
        return stratum
    pooled = [study for study in stratum.studies if study.fate == "pooled"]
    yi, vi = [study.yi for study in pooled], [study.vi for study in pooled]
    names = {study.study: study.label for study in pooled}
    without = leave_one_out([study.study for study in pooled], yi, vi, names)
    fits = tuple(bayes(yi, vi, prior(*one), important=important, favours_sign=stratum.favours_sign) for one in PRIORS)
    whole = invented_multiverse(choices, stratum.fit.estimate, 2 * stratum.fit.se) if choices else None
    order = [study.year or 2010 + number % 15 for number, study in enumerate(pooled)]
    panel = Panel(
        leave_one_out=without,
        influence=influence([study.label for study in pooled], yi, vi),
        cumulative=cumulative([study.label for study in pooled], yi, vi, order),
        multiverse=whole,
    )
    difference = None if important is None else ImportantDifference(important, "invented")
    small = small_studies(pooled, stratum.fit, stratum.scale, stratum.favours_sign, difference, SETTINGS)
    return replace(stratum, panel=panel, bayes=fits, small_studies=small)


def invented_multiverse(
    choices: tuple, estimate: float, half: float, pools: bool = True, last: bool = True
) -> Multiverse:
    """Return specifications about an estimate; each level shifts it, and unless `last` the last one pools nothing."""
    factors, specs = [], []
    for place, (name, levels, usual) in enumerate(choices):
        factors.append(Factor(name, levels, usual, 0.05 * (len(choices) - place), 0.2))
    for levels in product(*(range(len(levels)) for _, levels, _ in choices)):
        shift = sum((i - f.usual) * 0.05 / (1 + p) for p, (i, f) in enumerate(zip(levels, factors, strict=True)))
        here = (last or levels[-1] == 0) and (pools or levels != tuple(f.usual for f in factors))
        value, wide = estimate + shift, half * (1 + 0.3 * math.sin(sum(levels)))
        numbers = (value, value - wide, value + wide, 0.1) if here else (None, None, None, None)
        specs.append(Specification(levels, 4 if here else 1, *numbers))
    there = sorted(spec.estimate for spec in specs if spec.estimate is not None)
    same = sum(value > 0 for value in there)
    middle = there[len(there) // 2]
    return Multiverse(tuple(factors), tuple(specs), len(there), there[0], middle, there[-1], same)


def surround(domain: Synthesis, choices: tuple = FEW, important: float | None = None) -> Synthesis:
    """Return a domain whose pooled strata are all surrounded."""
    strata, sensitivity = (
        tuple(surrounded(stratum, choices, important) for stratum in group)
        for group in (domain.strata, domain.sensitivity)
    )
    return replace(domain, strata=strata, sensitivity=sensitivity)


def whole() -> Synthesis:
    """Three designs, one of them with two effects, and a sensitivity stratum; an important difference is set."""
    return surround(whole_evidence(), FEW, 0.2)


def sixty() -> Synthesis:
    """Sixty studies beside four, and 7,680 combinations of choices."""
    return surround(sixty_studies(), MANY)


def two() -> Synthesis:
    """k = 2: nothing is left to pool without either."""
    return surround(two_studies())


def ratios() -> Synthesis:
    """Rate ratios where below one is better, twelve of them, beside standardised differences."""
    rates = [
        invented_study(i, -0.5 + 0.4 * math.sin(2.3 * i), 0.02 + 0.03 * (i % 5), label=f"Invented unit {i}")
        for i in range(12)
    ]
    controlled = invented_stratum("controlled", rates, 0.05, scale="log_rate_ratio", favours_sign=-1)
    domain = mixed_scales()
    return surround(replace(domain, strata=(domain.strata[0], controlled, domain.strata[2])))


def long() -> Synthesis:
    """Labels and levels of 120 characters and more, one of them without a space."""
    name = long_labels().strata[0].studies[0].label
    choices = (("scope", (name, name.replace(" ", "")), 0), *FEW)
    return surround(long_labels(), choices)


def hostile() -> Synthesis:
    """Labels and levels that try to be markup, mathematics or formulas, and names in other scripts."""
    names = (
        *HOSTILE,
        "Παπαδόπουλος και συνεργάτες 2019",
        "张伟、王芳、李娜与全国创伤知情照护协作组织研究团队 2022",
    )
    studies = [invented_study(i, 0.1 * i, 0.03, label=text) for i, text in enumerate(names)]
    stratum = invented_stratum("controlled", studies, 0.02, label=HOSTILE[1])
    domain = replace(hostile_labels(), strata=(stratum,))
    return surround(domain, (("scope", HOSTILE[:3], 0), *FEW))


def wide_numbers() -> Synthesis:
    """A raw scale of thousands; some intervals run out of every axis."""
    studies = [invented_study(i, -1234.5 + 400 * i, 9e4 * (1 + 30 * (i == 3))) for i in range(5)]
    return surround(
        invented_domain([invented_stratum("controlled", studies, 4e4, scale="md", unit="Swiss francs a year")])
    )


def explained() -> Synthesis:
    """Fourteen trials of events with their years, a number and groups that might explain differences."""
    studies = [_trial(number) for number in range(14)]
    yi, vi = [study.yi for study in studies], [study.vi for study in studies]
    label = "Hours of training for each member of staff in the first year of the programme"
    hours = [[4.0 + 3 * (number % 7)] for number in range(14)]
    line = fitted_line(yi, vi, [row[0] for row in hours], meta_regression(yi, vi, hours, [label]).tau2)
    wards = [("acute", "community", "forensic and secure, with more beds")[number % 3] for number in range(14)]
    moderators = (
        Moderation("hours", label, None, None, meta_regression(yi, vi, hours, [label]), _effects(studies, hours), line),
        Moderation("ward", "Kind of ward", None, subgroups(yi, vi, wards), None, _effects(studies, wards)),
    )
    events = invented_stratum(
        "randomised", studies, 0.02, scale="log_odds_ratio", favours_sign=-1, moderators=moderators
    )
    return surround(invented_domain([events]))


def _trial(number: int) -> Study:
    n, others = 40 + 30 * (number % 5), 44 + 28 * (number % 4)
    event, other = 6 + 5 * (number % 4) + number // 3, 14 + 6 * (number % 3) + number // 2
    yi = math.log(event * (others - other) / (other * (n - event)))
    vi = 1 / event + 1 / (n - event) + 1 / other + 1 / (others - other)
    return invented_study(number, yi, vi, year=2010 + number % 9, events=Events(event, n, other, others))


def _effects(studies: list[Study], values: list) -> tuple[ExplainedEffect, ...]:
    told = [str(value[0]) if isinstance(value, list) else value for value in values]
    return tuple(ExplainedEffect(s.label, value, s.yi, s.vi) for s, value in zip(studies, told, strict=True))


def outside() -> Synthesis:
    """Nothing is pooled, but other choices pool something."""
    found = invented_multiverse(FEW, 0.4, 0.5, pools=False)
    other = Outside(
        "before_after_smd",
        "Before–after, no control group",
        ("before_after",),
        "smd",
        1,
        Panel(multiverse=found),
    )
    return replace(one_study(), outside=(other,))


def bare() -> Synthesis:
    """Pooled numbers without panel, posteriors or multiverse."""
    return whole_evidence()


SAMPLES = {
    sample.__name__: sample
    for sample in (empty, one_study, two, whole, sixty, ratios, long, hostile, wide_numbers, explained, outside, bare)
}


def sample(name: str) -> Synthesis:
    """Return one of the invented domains as read from its JSON."""
    return content(SAMPLES[name]())
