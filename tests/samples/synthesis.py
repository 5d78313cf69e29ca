"""Invented domains for the tests of figures, tables and report; no number here comes from a study."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from taprev.notes import Note, note
from taprev.synthesis.results import (
    Certificate,
    Fit,
    Interval,
    MissingResults,
    RowFate,
    SignTest,
    Stratum,
    Study,
    StudyVote,
    Synthesis,
    from_json,
    to_json,
)
from taprev.vocabulary import CiMethod, Contrast, Fate, NoteCode, Scale, Tau2Method, Tier, Vote

EVIDENCE = "Invented rows for testing the drawing; not evidence of anything."
WITHHELD = note(NoteCode.SIGN_TEST_WITHHELD)
LABELS = {
    "randomised": "Randomised",
    "controlled": "Controlled, not randomised",
    "before_after": "Before–after, no control group",
    "time_series": "Interrupted time series",
}
MULTIPLIERS = {2: 1.96, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447}


def invented_study(number: int, yi: float, vi: float, **changes: object) -> Study:
    """Return a pooled study of two arms with a normal interval; `changes` replace any field."""
    half = 1.96 * math.sqrt(vi)
    study = Study(
        study=f"invented-{number}",
        sample="all",
        label=f"Invented {number}, 20{10 + number % 15}",
        n_arm1=30.0 + 7 * number,
        n_arm2=28.0 + 7 * number,
        yi=yi,
        vi=vi,
        ci_lb=yi - half,
        ci_ub=yi + half,
        measure="SMD",
        derivation="smd_from_means",
        tier="exact" if number % 2 else "assumed",
        assumptions=(),
        fate="pooled",
        reason=None,
        weight=None,
        results=(f"invented-{number}-1",),
    )
    return replace(study, **changes)


def written(text: str) -> Note:
    """Return a note that says a text as it is."""
    return note(NoteCode.AS_EXTRACTED, text=text)


def not_pooled(number: int, yi: float, vi: float, reason: str, **changes: object) -> Study:
    """Return a study that is shown with the reason why it is not pooled."""
    return invented_study(number, yi, vi, fate=Fate.SHOWN, reason=note(NoteCode.LEFT_OUT, why=reason), **changes)


def invented_fit(studies: Sequence[Study], tau2: float, notes: tuple[str, ...] = ()) -> Fit:
    """Return a plausible fit of the pooled studies at a given tau2; an illustration, not an estimate."""
    pooled = [study for study in studies if study.fate == "pooled"]
    k = len(pooled)
    raw = [1 / (study.vi + tau2) for study in pooled]
    weights = tuple(100 * w / sum(raw) for w in raw)
    estimate = sum(w * s.yi for w, s in zip(weights, pooled, strict=True)) / 100
    se = sum(raw) ** -0.5
    half = MULTIPLIERS.get(k, 2.0) * se
    reach = MULTIPLIERS.get(k, 2.0) * math.sqrt(se**2 + tau2)
    q = sum((s.yi - estimate) ** 2 / s.vi for s in pooled)
    i2 = 100 * max(0.0, (q - k + 1) / q)
    method = "hksj" if k >= 3 else "wald"
    interval = Interval(method, se, estimate - half, estimate + half, float(k - 1), 0.031)
    return Fit(
        k=k,
        estimate=estimate,
        se=se,
        ci_lb=estimate - half,
        ci_ub=estimate + half,
        ci_method=CiMethod(method),
        df=float(k - 1) if k >= 3 else None,
        pval=0.031,
        tau2=tau2,
        tau2_lb=0.0,
        tau2_ub=4 * tau2 + 0.1,
        I2=i2,
        I2_lb=0.6 * i2,
        I2_ub=min(99.0, 1.15 * i2),
        H2=1 / (1 - i2 / 100),
        H2_lb=1.0,
        H2_ub=9.0,
        Q=q,
        Q_df=k - 1,
        Q_pval=0.0004 if q > 3 * k else 0.21,
        pi_lb=estimate - reach if k >= 3 else None,
        pi_ub=estimate + reach if k >= 3 else None,
        pi_df=float(k - 1) if k >= 3 else None,
        weights=weights,
        tau2_method=Tau2Method.REML,
        level=0.95,
        intervals=(interval,),
        certificate=Certificate("REML score", 0.0, tau2 == 0, 1e-8, True),
        notes=notes,
    )


def invented_stratum(contrast: str, studies: Sequence[Study], tau2: float | None, **changes: object) -> Stratum:
    """Return a stratum of one design; `tau2=None` leaves it without a fit."""
    fit = None if tau2 is None else invented_fit(studies, tau2)
    weights = iter(fit.weights if fit else ())
    weighed = tuple(replace(s, weight=next(weights)) if fit and s.fate == "pooled" else s for s in studies)
    stratum = Stratum(
        name=contrast,
        label=LABELS[contrast],
        contrasts=(Contrast(contrast),),
        scale=Scale.SMD,
        unit="",
        favours_sign=1,
        studies=weighed,
        fit=fit,
        not_estimable=() if fit else (note(NoteCode.NO_MAGNITUDE, studies=2),),
        missing_results=MissingResults(len(studies), len(studies) + 5),
    )
    return replace(stratum, **changes)


def invented_vote(number: int, contrast: str, direction: str, with_magnitude: bool = False) -> StudyVote:
    """Return the direction of one study; before-after studies have one group."""
    second = None if contrast == "before_after" else 40.0 + 3 * number
    label = f"Invented {number}, 20{10 + number % 15}"
    return StudyVote(
        f"invented-{number}",
        label,
        Contrast(contrast),
        Vote(direction),
        41.0 + 5 * number,
        second,
        with_magnitude,
        (f"r{number}",),
    )


def invented_test(contrast: str, better: int, worse: int, unclear: int, pval: float | None = None) -> SignTest:
    """Return counted votes with a plausible interval."""
    n = better + worse
    share = better / n if n else None
    low, high = (max(0.0, share - 0.35), min(1.0, share + 0.11)) if n else (None, None)
    withheld = WITHHELD if pval is None else None
    return SignTest(Contrast(contrast), better, worse, unclear, share, low, high, pval, withheld)


def invented_row(result: str, study: str, contrast: str, fate: str, **changes: str) -> RowFate:
    """Return one extracted result and its fate."""
    row = RowFate(
        result=result,
        study=study,
        label=study,
        sample="all",
        contrast=Contrast(contrast),
        measure_text="Invented scale",
        direction="",
        fate=Fate(fate),
        reason=None,
        tier=Tier.DIRECTION,
    )
    return replace(row, **changes)


def invented_domain(strata: Sequence[Stratum], **changes: object) -> Synthesis:
    """Return a domain of these strata whose counts follow from its rows."""
    studies = [study for stratum in strata for study in stratum.studies]
    votes = tuple(changes.get("votes", ()))
    rows = tuple(
        invented_row(result, s.study, t.contrasts[0], s.fate, sample=s.sample, reason=s.reason, tier=s.tier)
        for t in strata
        for s in t.studies
        for result in s.results
    ) + tuple(
        invented_row(v.results[0], v.study, v.contrast, "direction_only", direction=v.direction)
        for v in votes
        if not v.with_magnitude
    )
    fates = {name: sum(row.fate == name for row in rows) for name in ("pooled", "shown", "direction_only", "excluded")}
    domain = Synthesis(
        domain="invented_domain",
        label="Invented outcome domain",
        population="staff",
        evidence_set=EVIDENCE,
        strata=tuple(strata),
        sensitivity=(),
        outside=(),
        votes=(),
        sign_tests=(),
        combined_p=(),
        rows=rows,
        fates=fates,
        studies=len({row.study for row in rows}),
        samples=len({(row.study, row.sample) for row in rows}),
        missing_results=MissingResults(len(studies), len(studies) + 5),
        made_by={"version": "0.1.0", "source": "invented", "inputs": {}},
    )
    return replace(domain, **changes)


def content(synthesis: Synthesis) -> Synthesis:
    """Return the domain as figures and tables meet it: written to JSON and read back."""
    return from_json(to_json(synthesis))


def whole_evidence() -> Synthesis:
    """Three designs, shown studies, directions, a sensitivity stratum: the full figure."""
    trials = [
        invented_study(1, 0.72, 0.1014, label="Invented trial A, 2025", n_arm1=32.0, n_arm2=35.0, tier="assumed"),
        invented_study(2, 0.39, 0.0418, label="Invented trial B, 2025", n_arm1=50.0, n_arm2=49.0),
        not_pooled(
            3,
            0.21,
            0.09,
            "One cluster in each arm: the effect of the ward cannot be told from the programme's.",
        ),
    ]
    controlled = [not_pooled(4, -0.12, 0.06, "Four clusters and no intraclass correlation printed.")]
    before_after = [
        invented_study(5, 0.71, 0.0059, label="Invented E, 2019", n_arm1=262.0, n_arm2=None),
        invented_study(6, 1.01, 0.0163, label="Invented F, 2021, cohort 1", n_arm1=91.0, n_arm2=None),
        invented_study(7, 1.31, 0.0375, label="Invented F, 2021, cohort 2", n_arm1=51.0, n_arm2=None),
        invented_study(8, 0.51, 0.019, label="Invented G, 2020", n_arm1=34.0, n_arm2=None),
        invented_study(9, 1.86, 0.68, label="Invented H, 2018", n_arm1=11.0, n_arm2=None),
        invented_study(10, 0.27, 0.0234, label="Invented I, 2023", n_arm1=43.0, n_arm2=None),
        not_pooled(
            11,
            0.64,
            0.05,
            "Before and after are partly matched; the number of pairs is not printed.",
            n_arm2=None,
        ),
    ]
    strata = (
        invented_stratum("randomised", trials, 0.02, cautions=(written("Only two effects: no verdict is drawn."),)),
        invented_stratum("controlled", controlled, None),
        invented_stratum("before_after", before_after, 0.11),
    )
    both = [study for study in trials[:2] if study.fate == "pooled"] + [invented_study(12, 0.31, 0.07)]
    sensitivity = invented_stratum("controlled", both, 0.01, label="Controlled, randomised or not")
    votes = (
        invented_vote(20, "randomised", "better"),
        invented_vote(21, "controlled", "better"),
        invented_vote(22, "before_after", "better"),
        invented_vote(23, "before_after", "better"),
        invented_vote(24, "before_after", "unclear"),
        invented_vote(25, "before_after", "worse"),
        invented_vote(1, "randomised", "better", with_magnitude=True),
    )
    tests = (
        invented_test("randomised", 3, 0, 0),
        invented_test("controlled", 1, 1, 0),
        invented_test("before_after", 8, 1, 1),
    )
    sensitivity = replace(sensitivity, contrasts=("randomised", "controlled"))
    return invented_domain(
        strata,
        votes=votes,
        sign_tests=tests,
        sensitivity=(sensitivity,),
        label="Attitudes to trauma-informed care",
    )


def empty() -> Synthesis:
    """A domain that no row belongs to."""
    return invented_domain(
        (),
        domain="cost_effectiveness",
        label="Cost-effectiveness",
        notes=(note(NoteCode.NO_ROW),),
    )


def one_study() -> Synthesis:
    """k = 1: the study is shown and nothing is pooled."""
    study = not_pooled(1, 0.42, 0.04, "One study is not pooled.")
    return invented_domain([invented_stratum("randomised", [study], None)])


def two_studies() -> Synthesis:
    """k = 2: pooled with a caution and without a verdict."""
    studies = [invented_study(1, 0.42, 0.04), invented_study(2, -0.05, 0.03)]
    return invented_domain([invented_stratum("randomised", studies, 0.0)])


def sixty_studies() -> Synthesis:
    """k = 60 in one stratum, with a k = 4 stratum beside it."""
    many = [invented_study(i, 0.4 + 0.5 * math.sin(i * 1.7), 0.01 + 0.002 * (i % 17)) for i in range(60)]
    four = [invented_study(100 + i, -0.1 + 0.2 * i, 0.03) for i in range(4)]
    return invented_domain([invented_stratum("controlled", four, 0.004), invented_stratum("before_after", many, 0.09)])


def long_labels() -> Synthesis:
    """Labels, reasons, sentences and a title of 120 characters and more."""
    long = (
        "Invented collaborative group for the longest conceivable name of a study of staff on acute wards, "
        "night shift, 2024, cohort 3 of 7"
    )
    reason = f"{long}: the reason is as long as the label, goes on after it, and then it still goes on."
    studies = [
        invented_study(1, 0.42, 0.04, label=long),
        invented_study(2, 0.31, 0.03, label="Short"),
        not_pooled(3, 0.1, 0.05, reason, label=long.replace(" ", "")),
    ]
    stratum = invented_stratum("controlled", studies, 0.01, label=f"Controlled: {long}", cautions=(written(reason),))
    vote = replace(invented_vote(9, "time_series", "better"), label=long)
    return invented_domain([stratum], label=f"{long} and its title", votes=(vote,), evidence_set=reason)


HOSTILE = (
    "<script>alert('x')</script> & \"q\"",
    "$\\frac{a}{b}$ costs $5 at 100% of a_b^c \\n",
    '=HYPERLINK("http://x")',
    "محمد وآخرون 2020",
    "山田太郎ほか 2021",
    "tab\there\nline\x00nul \u202eflip",
)


def hostile() -> Synthesis:
    """Labels that try to be markup, mathematics, formulas, or other scripts."""
    studies = [invented_study(i, 0.2 + 0.1 * i, 0.03, label=text) for i, text in enumerate(HOSTILE)]
    vote = replace(invented_vote(9, "controlled", "worse"), label=HOSTILE[0])
    return invented_domain(
        [invented_stratum("controlled", studies, 0.02, label=HOSTILE[1])], label=HOSTILE[0], votes=(vote,)
    )


def mixed_scales() -> Synthesis:
    """An SMD stratum and two rate-ratio strata, where a ratio below one is better."""
    rates = [
        invented_study(i, y, v, measure="IRR", label=f"Invented unit {i}")
        for i, (y, v) in enumerate([(-0.6, 0.02), (-0.2, 0.05), (-0.9, 0.3), (0.1, 0.04), (-0.4, 2.5)])
    ]
    rates_change = {"scale": "log_rate_ratio", "favours_sign": -1}
    series = [not_pooled(20, -0.35, 0.03, "An interrupted time series is shown and not pooled.", measure="IRR")]
    smd = [invented_study(30 + i, 0.2 * i, 0.04) for i in range(3)]
    return invented_domain(
        [
            invented_stratum("controlled", smd, 0.02),
            invented_stratum("controlled", rates, 0.05, **rates_change),
            invented_stratum("time_series", series, None, **rates_change),
        ],
        label="Seclusion and restraint",
        population="patients",
        sign_tests=(invented_test("controlled", 7, 1, 0, pval=0.0703),),
    )


def directions_only() -> Synthesis:
    """No magnitude anywhere: empty strata, arrows and votes."""
    missing = MissingResults(0, 4)
    none = MissingResults(0, 0)
    strata = (
        invented_stratum(
            "randomised", [], None, not_estimable=(note(NoteCode.NO_MAGNITUDE, studies=1),), missing_results=none
        ),
        invented_stratum("before_after", [], None, missing_results=missing),
    )
    votes = tuple(
        invented_vote(i, "before_after", way) for i, way in enumerate(("better", "better", "unclear", "worse"))
    )
    tests = (invented_test("before_after", 2, 1, 1),)
    return invented_domain(strata, votes=votes, sign_tests=tests, label="Children's wellbeing", population="children")


def awkward_numbers() -> Synthesis:
    """A raw scale with wide numbers, large groups, bounds, missing sizes, a wide prediction interval."""
    studies = [
        invented_study(1, -12.84, 30.0, n_arm1=12345.0, n_arm2=11876.0, measure="MD"),
        invented_study(2, -118.2, 2500.0, n_arm1=None, n_arm2=None, measure="MD"),
        invented_study(3, 4.1, 9.0, n_arm1=12.5, n_arm2=30.0, measure="MD"),
        invented_study(4, -20.0, 60.0, measure="MD", tier="bound"),
        invented_study(5, -35.5, 44.0, measure="MD"),
    ]
    stratum = invented_stratum("controlled", studies, 400.0, scale="md", unit="points of a scale from 0 to 300")
    notes = (note(NoteCode.HKSJ_BY_RULE), note(NoteCode.NARROWER_THAN_WALD, interval="hksj"))
    stratum = replace(stratum, fit=replace(stratum.fit, notes=notes))
    return invented_domain([stratum], label="Symptom burden", notes=(written("A note on the whole domain."),))


def before_after_only() -> Synthesis:
    """One hollow diamond; the two sides stand beneath the axis."""
    studies = [invented_study(i, 0.3 + 0.1 * i, 0.02 + 0.01 * i, n_arm2=None) for i in range(5)]
    return invented_domain([invented_stratum("before_after", studies, 0.03)], label="Staff knowledge")


SAMPLES = {
    sample.__name__: sample
    for sample in (
        whole_evidence,
        empty,
        one_study,
        two_studies,
        sixty_studies,
        long_labels,
        hostile,
        mixed_scales,
        directions_only,
        awkward_numbers,
        before_after_only,
    )
}


def sample(name: str) -> Synthesis:
    """Return one of the invented domains as read from its JSON."""
    return content(SAMPLES[name]())


def with_fit(synthesis: Synthesis, position: int, **changes: object) -> Synthesis:
    """Return a domain with some numbers of the fit of one of its strata changed."""
    strata = list(synthesis.strata)
    strata[position] = replace(strata[position], fit=replace(strata[position].fit, **changes))
    return replace(synthesis, strata=tuple(strata))
