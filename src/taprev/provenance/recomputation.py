"""The R script by which anyone can compute the numbers of a review again, without trusting this package."""

from __future__ import annotations

import math
import re
from pathlib import Path

from taprev.settings import Settings
from taprev.vocabulary import Choice

TEMPLATE = Path(__file__).with_name("verify.R")
BLOCK = re.compile(r"(?<=\n)(# >>> settings[^\n]*\n)(.*?)(# <<< settings)(?=\n)", re.DOTALL)
GRIDS = (Choice.R_PRE_POST, Choice.RHO, Choice.OVERDISPERSION, Choice.ICC, Choice.RETAINED)
NAME = re.compile(r"[a-z][a-z0-9_]*")
REPLACEMENT = 0xFFFD


def verify_script(settings: Settings) -> str:
    """Return the text of `results/audit/verify.R`: the script with the values of these settings at its top.

    Raises ValueError where the name of a domain or of a combined pool is not a plain word.
    """
    written = f"settings <- {_list(_values(settings))}\n"
    text, count = BLOCK.subn(lambda block: block[1] + written + block[3], TEMPLATE.read_text(encoding="utf-8"))
    if count != 1:
        raise ValueError(f"{TEMPLATE.name} must hold its settings once, between its two marks")
    return text


def _values(settings: Settings) -> dict[str, str]:
    """Return every setting on which a number depends, as R writes it."""
    assumed, how = settings.assumptions, settings.synthesis
    return {
        "title": _text(settings.review.title),
        "r_pre_post": _number(assumed.r_pre_post.value),
        "rho": _number(assumed.rho.value),
        "overdispersion": _number(assumed.overdispersion.value),
        "icc": _number(assumed.icc.value),
        "retained": _number(assumed.retained.value),
        "cluster_adjustment": _text(assumed.cluster_adjustment),
        "shared_control": _text(assumed.shared_control),
        "tau2_method": _text(how.tau2_method),
        "ci_method": _text(how.ci_method),
        "level": _number(how.level),
        "prediction_df": _text(how.prediction_df),
        "dependence": _text(how.dependence.model),
        "fewest_studies": f"{how.dependence.fewest_studies}L",
        "events": _text(how.events),
        "empty_cells": _text(how.empty_cells),
        "combined": _combined(settings),
        "tau2_methods": f"c({', '.join(map(_text, settings.sensitivity.tau2_methods))})",
        "grids": _grids(settings),
        "scales": _scales(settings),
    }


def _combined(settings: Settings) -> str:
    pools = [
        f"list(name = {_text(_name(pool.name))}, contrasts = c({', '.join(map(_text, pool.contrasts))}))"
        for pool in settings.synthesis.combined
    ]
    return _lines("list", pools, "  ")


def _grids(settings: Settings) -> str:
    """Return the values that the sensitivity analysis tries beside each assumption."""
    grids = {name: getattr(settings.assumptions, name).grid for name in GRIDS}
    return _lines("list", [f"{name} = c({', '.join(map(_number, grid))})" for name, grid in grids.items()], "  ")


def _scales(settings: Settings) -> str:
    named = [f"{_text(_name(name))} = {_text(domain.scale)}" for name, domain in settings.domains.items()]
    return _lines("c", named, "  ")


def _list(values: dict[str, str]) -> str:
    return _lines("list", [f"{name} = {value}" for name, value in values.items()], "")


def _lines(call: str, parts: list[str], indent: str) -> str:
    if not parts:
        return f"{call}()"
    inner = f",\n{indent}  ".join(parts)
    return f"{call}(\n{indent}  {inner}\n{indent})"


def _name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be a name in R; use a-z, 0-9 and _ only, and begin with a letter")
    return name


def _number(value: float | None) -> str:
    if value is None:
        return "NA"
    return repr(float(value)) if math.isfinite(value) else "Inf" if value > 0 else "-Inf"


def _text(text: str) -> str:
    """Return text as a string of R in plain ASCII, which R reads the same way in every locale."""
    return '"' + "".join(map(_character, text)) + '"'


def _character(character: str) -> str:
    code = ord(character)
    if code == 0 or 0xD800 <= code <= 0xDFFF:
        code = REPLACEMENT
    if character in '"\\':
        return "\\" + character
    if 32 <= code < 127:
        return character
    return f"\\u{{{code:x}}}" if code <= 0xFFFF else f"\\U{{{code:x}}}"
