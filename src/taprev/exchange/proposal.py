"""A mapping proposed for a table that no format knows: what its heads mean, and questions where that is not sure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from taprev.exchange.escalc import SYNONYMS as OF_ESCALC

KNOWN: Mapping[str, tuple[str, ...]] = {
    "study": ("study", "study id", "studyid", "study label", "studlab", "slab", "trial", "author", "authors"),
    "year": ("year", "publication year", "pubyear"),
    "country": ("country", "countries"),
    "funding": ("funding", "funding source", "sources of funding"),
    "citation": ("citation", "reference", "full ref", "title"),
    "doi": ("doi",),
    "domain": ("domain", "outcome", "endpoint", "outcome name"),
    "measure": ("measure", "instrument", "scale", "outcome measure", "tool"),
    "timepoint": ("timepoint", "time point", "time", "follow up"),
    "direction": ("direction",),
    "note": ("note", "notes", "comment", "comments", "remarks"),
    "source_quote": ("source quote", "quote"),
    "page": ("page",),
    "yi": OF_ESCALC["yi"],
    "vi": OF_ESCALC["vi"],
    "se": OF_ESCALC["se"],
    "ratio": ("or", "rr", "hr", "odds ratio", "risk ratio", "hazard ratio", "ratio"),
    "ci_lb": (*OF_ESCALC["ci_lb"], "ci low", "lower ci", "ci lower"),
    "ci_ub": (*OF_ESCALC["ci_ub"], "ci high", "upper ci", "ci upper"),
}
ARM_WORDS = {
    "arm1": ("arm1", "1", "1i", "e", "exp", "experimental", "int", "intervention", "t", "treat", "treatment", "trt"),
    "arm2": ("arm2", "2", "2i", "c", "ctrl", "control", "con", "comparator", "comparison", "placebo"),
}
FIGURE_WORDS = {
    "mean": ("mean", "m"),
    "sd": ("sd", "std", "standard deviation", "std dev"),
    "n": ("n", "sample size", "total n"),
    "event": ("event", "events", "cases", "responders"),
    "totaln": ("totaln", "total", "totals"),
}


REPEATED = re.compile(r"(.*\D)(\d+)")
"""A head with the number of a repeated question behind it."""


OF_STUDIES, OF_REPORTS = ("year", "country", "funding"), ("citation", "doi")


class MappingNeeded(ValueError):
    """A table needs a mapping; `proposal` is one to be answered."""

    def __init__(self, path: Path, proposal: str) -> None:
        super().__init__(f"{path}: this table is read through a mapping, which says what its columns are.")
        self.proposal = proposal


def normal(name: str) -> str:
    """Return a head in small letters, its marks as single spaces."""
    return " ".join(re.findall(r"[a-z0-9]+", name.replace("{n}", "").casefold()))


def _of_arms() -> dict[str, str]:
    """Return the column of taprev for each way to head a figure of an arm: `mean.e`, `SD_control`."""
    made: dict[str, str] = {}
    for figure, words in FIGURE_WORDS.items():
        for arm, heads in ARM_WORDS.items():
            for word in words:
                for head in heads:
                    made |= dict.fromkeys((f"{word} {head}", f"{head} {word}", f"{word}{head}"), f"{figure}_{arm}")
    return made


def guessed(header: Sequence[str]) -> dict[str, str]:
    """Return the column of a file for each column of taprev that its heads name, each used once."""
    heads = {normal(name): name for name in header}
    found: dict[str, str] = {}
    for column, synonyms in KNOWN.items():
        head = next((heads[normal(word)] for word in synonyms if normal(word) in heads), None)
        if head and head not in found.values():
            found[column] = head
    for head, name in heads.items():
        column = _of_arms().get(head, "")
        if column and column not in found and name not in found.values():
            found[column] = name
    if "event_arm1" in found and "totaln_arm1" not in found:
        found |= {f"totaln_{arm}": found.pop(f"n_{arm}") for arm in ("arm1", "arm2") if f"n_{arm}" in found}
    return found


def proposed(
    path: Path, header: Sequence[str], examples: Mapping[str, str], known: Mapping[str, str] | None = None
) -> str:
    """Return a mapping as YAML with what the heads of a table say, and a question for everything else.

    `known` are columns that a format has by rule. Heads that are repeated with a number are proposed as `{n}`.
    """
    header = _with_numbers(header)
    found = {**guessed([name for name in header if name not in (known or {}).values()]), **(known or {})}
    outcomes = {column: name for column, name in found.items() if column not in (*OF_STUDIES, *OF_REPORTS)}
    of_study = {"study": found["study"]} if "study" in found else {}
    studies = {**of_study, **{column: found[column] for column in OF_STUDIES if column in found}}
    reports = {**of_study, **{column: found[column] for column in OF_REPORTS if column in found}}
    left = [name for name in header if name not in found.values()]
    lines = [
        f"# A mapping for {path.name}: on the left the columns of taprev (its codebook explains each),",
        "# on the right the columns of the file. Correct what is wrong, answer the questions, and import with --map.",
        "",
        "# Which end of a scale is better (higher or lower), and what is the contrast (randomised, controlled, ...)?",
        "# Where it is before_after: are the people the same (matched, unmatched or partial)?",
        "better: \ncontrast: \npairing: \n",
        "tables:",
        "  studies:",
        _block("columns", studies) or "    columns: {}",
        *(["  reports:", _block("columns", reports)] if len(reports) > 1 else []),
        "  outcomes:",
        _block("columns", outcomes) or "    columns: {}",
        "    # What is the same in every row: the outcome where no column names it, what was measured, and so on.",
        *([] if "domain" in found else ["    # QUESTION: which outcome is it? This name is the title of its figures."]),
        _block("constants", {} if "domain" in found else {"domain": "outcome"}) or "    constants: {}",
        "    # Words of the file for words of taprev, such as {better: {negative: lower}}.",
        "    values: {}",
    ]
    if "study" not in found:
        lines.insert(3, "# QUESTION: which column names the study? Write it under studies and under outcomes.\n")
    if left:
        lines += [
            "",
            "# QUESTION: these columns have no place yet. Give them one, or leave them: they are kept as they are.",
        ]
        lines += [f"#   {name}{f' (such as {examples[name]})' if examples.get(name) else ''}" for name in left]
    return "\n".join(lines) + "\n"


def _with_numbers(header: Sequence[str]) -> list[str]:
    """Return heads in which those that differ by a number behind them stand once, with `{n}` in its place."""
    stems = Counter(match[1] for name in header if (match := REPEATED.fullmatch(name)))
    made = (f"{m[1]}{{n}}" if (m := REPEATED.fullmatch(name)) and stems[m[1]] > 1 else name for name in header)
    return list(dict.fromkeys(made))


def _block(name: str, pairs: Mapping[str, str]) -> str:
    if not pairs:
        return ""
    dumped = yaml.safe_dump(dict(pairs), sort_keys=False, allow_unicode=True, width=200)
    return f"    {name}:\n" + "".join(f"      {line}\n" for line in dumped.splitlines()).rstrip("\n")
