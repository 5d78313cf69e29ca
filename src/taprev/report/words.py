"""What the numbers say, in sentences for someone who reads no forest plot.

A sentence never says more than its design allows: without a control group nothing is an effect of the
programme, and two studies give a number but no verdict.
"""

from __future__ import annotations

from typing import Any

from taprev.figures import labels

UNITS = {"smd": "standard deviations"}
LIMITS = {
    "before_after": "Without a control group this is a change and not an effect of the programme.",
    "time_series": "Without a control group this is a change over time and not an effect of the programme.",
    "controlled": "The groups were not randomised, so they may have differed from the start.",
    "randomised": "",
}


def stratum_words(stratum: dict[str, Any], domain: str) -> str:
    """Return what one stratum says about its domain, with its number, or why it has none."""
    missing = stratum["missing_results"]
    seen = f"{missing['with_magnitude']} of {labels.count(missing['studies'], 'study', 'studies')} printed a magnitude"
    if not stratum["fit"]:
        shown = "; ".join(_shown(study, stratum) for study in stratum["studies"])
        return " ".join(
            part
            for part in (
                stratum["not_estimable"],
                f"{shown}." if shown else "",
                f"{seen[0].upper()}{seen[1:]}.",
            )
            if part
        )
    said = [_pooled(stratum, domain), f"Of the studies that measured this, {seen}."]
    return " ".join([*said, *stratum["cautions"], *_limits(stratum)])


def _shown(study: dict[str, Any], stratum: dict[str, Any]) -> str:
    number = labels.estimate(study["yi"], study["ci_lb"], study["ci_ub"], stratum["scale"])
    return f"{study['label']} {number}"


def _pooled(stratum: dict[str, Any], domain: str) -> str:
    fit, scale = stratum["fit"], stratum["scale"]
    value = labels.effect(fit["estimate"], scale)
    lb, ub = labels.effect(fit["ci_lb"], scale), labels.effect(fit["ci_ub"], scale)
    level = labels.number(100 * fit["level"], 0)
    number = f"{_amount(value, scale, stratum['unit'])} ({level} % CI {lb} to {ub})"
    opening = f"Pooling {fit['k']} samples gives {number}"
    if fit["k"] == 2:
        return f"{opening}; two studies give no verdict."
    side = labels.sides(stratum["contrasts"], stratum["favours_sign"])[fit["estimate"] > 0]
    if fit["ci_lb"] <= 0 <= fit["ci_ub"]:
        return f"{opening}; the interval includes no difference, so the direction is not settled."
    return f"{opening}: {domain.lower()} {_verb(side)}."


def _amount(value: str, scale: str, unit: str) -> str:
    if labels.is_ratio(scale):
        return f"a ratio of {value}"
    return f"a difference of {value} {UNITS.get(scale, unit)}"


def _verb(side: str) -> str:
    return {
        "better after": "were better after the programme than before",
        "worse after": "were worse after the programme than before",
        "favours programme": "were better with the programme than without",
        "favours comparator": "were worse with the programme than without",
    }[side]


def _limits(stratum: dict[str, Any]) -> list[str]:
    said = [LIMITS[contrast] for contrast in stratum["contrasts"]]
    notes = [note for note in stratum["fit"]["notes"] if note.startswith("The conclusion depends")]
    return [text for text in (*notes, *said) if text]


def direction_words(test: dict[str, Any]) -> str:
    """Return the votes of one contrast in a sentence."""
    where = f"{labels.contrast(test['contrast'])} studies".replace("time series studies", "time series")
    counted = test["better"] + test["worse"]
    if not counted:
        return f"Among {where} no direction is clear ({test['unclear']} unclear)."
    unclear = f"; {test['unclear']} unclear" if test["unclear"] else ""
    return (
        f"Among {where}, {test['better']} of {counted} directions are better, {test['worse']} worse{unclear}."
    )
