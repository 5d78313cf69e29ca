"""Judgements of risk of bias as tables have them: words in any capitals, signs, and the columns that they stand in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from taprev.exchange.risk_of_bias.items import ToolOfFile, as_known, tools_with
from taprev.extraction.risk_of_bias.spelling import level_key
from taprev.extraction.risk_of_bias.tools import OVERALL, BiasTool, BiasTools, titles

SIGNS = frozenset("+-!?x×X")
NUMBERED = re.compile(r"^(?:rob[_. ]?)?d?(\d+[a-z]?)$", re.IGNORECASE)
TOO_LITTLE = ("no information", "ni", "not clear")
ROB_1 = "RoB 1"


@dataclass(frozen=True)
class JudgedWord:
    """A judgement in the words of a tool, and a remark where it was typed otherwise."""

    level: str
    remark: str = ""


def tool_of(
    columns: Sequence[str], words: Collection[str], asked: str, tools: BiasTools
) -> tuple[ToolOfFile | None, str]:
    """Return the tool whose domains some columns are, or None and the question which one it is.

    Parameters
    ----------
    columns : sequence of str
        The domains by name or number (`D1`, `rob_d1`), and perhaps one for the overall judgement.
    words : collection of str
        The judgements in them, without signs and without words for too little information.
    asked : str
        The tool that a person named, `RoB 2` or `ROBINS-I 2016`; empty where nobody did.
    tools : BiasTools
        The tools among which it is.

    Returns
    -------
    tuple of ToolOfFile or None and str
        With a question where no tool or several have these domains and judgements.
    """
    items = {column: domain_name(column) for column in columns}
    fitting = tools_with(list(items.values()), words, (), tools)
    if asked:
        named = named_tools(asked, tools)
        fitting = [tool for tool in fitting if tool in named]
        if not named:
            return None, f'"{asked}" is not a tool that taprev knows. It knows {titles(tools.tools)}.'
        if not fitting:
            lacks = f"the domains {', '.join(columns)} with {', '.join(sorted(words))}"
            return None, f"{titles(named)} has not all of {lacks}."
    best = [tool for tool in fitting if len(tool.domains) == len(fitting[0].domains)]
    if len(best) == 1 or (asked and fitting):
        tool = fitting[0]
        made = as_known(tool, list(items.values()))
        return ToolOfFile(made.name, made.version, {column: made.domains[item] for column, item in items.items()}), ""
    could = f"They could be of {titles(best)}." if best else f"taprev knows {titles(tools.tools)}."
    return None, f"Of which tool are the columns {', '.join(columns)}? {could} Say it: --tool NAME."


def domain_name(column: str) -> str:
    """Return the domain that a column names: D1 for `rob_d1`, words for `Allocation.concealment`."""
    if match := NUMBERED.match(column.strip()):
        return f"D{match[1]}"
    plain = re.sub(r"[._]+", " ", column).strip()
    return OVERALL if plain.casefold() in ("overall", "rob", "overall bias", "overall risk of bias") else plain


def named_tools(asked: str, tools: BiasTools) -> list[BiasTool]:
    """Return the tools that a person may mean by a name, with or without a version behind it."""
    name, _, version = asked.rpartition(" ")
    found = tools.find(name, version) if name else None
    return [found] if found else list(tools.named(asked))


def judged_words(words: Iterable[str]) -> set[str]:
    """Return the judgements by which a tool is known: no signs, and nothing that says that there was too little."""
    return {word for word in words if word and word not in SIGNS and level_key(word) not in TOO_LITTLE}


def judged_word(tool: BiasTool, domain: str, typed: str, signs: Collection[str]) -> JudgedWord | None:
    """Return a judgement in the words of a tool, or None where it has no such level.

    `signs` are all signs of the file: a minus stands for a high risk beside ! or ?, and for a middle one beside x.
    """
    word = _of_sign(tool, typed, signs) if typed in SIGNS else typed
    level = tool.level(domain, word) if word else None
    if level:
        return JudgedWord(str(level.name), f'"{typed}" is read as {level.name}' if typed in SIGNS else "")
    if tool.name == ROB_1 and level_key(typed) in TOO_LITTLE:
        return JudgedWord(
            "unclear", f'"{typed}" is read as unclear, which in {tool.name} says that too little is known'
        )
    return None


def _of_sign(tool: BiasTool, sign: str, signs: Collection[str]) -> str:
    """Return the level that a sign stands for: the lightest, the gravest, or one between them."""
    levels = [str(level.name) for level in tool.levels if level.name != "no information"]
    crossed = bool({"x", "X", "×"} & set(signs))
    if sign == "+":
        return levels[0]
    if sign in "xX×":
        return levels[2] if len(levels) > 2 else levels[-1]
    if sign == "?":
        return "unclear" if "unclear" in levels else "no information"
    if sign == "!":
        return levels[-1] if crossed else levels[1]
    return levels[1] if crossed else levels[-1] if {"!", "?"} & set(signs) else ""
