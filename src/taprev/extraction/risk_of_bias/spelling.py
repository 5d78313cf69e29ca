"""When two spellings mean the same domain, level or tool: case, marks, -ise and -ize, and "Bias due to" do not count.

People copy names from templates and from robvis (`D1`, `Bias.due.to.confounding`, `Some concerns`).
"""

from __future__ import annotations

import re
from functools import lru_cache

_NUMBER = re.compile(r"^(?:domain |d|q)?\d+(?: \d+)?[a-z]? (?=[a-z])")
_LEAD = re.compile(r"^(?:risk of )?bias (?:arising from|due to|in|from|of) ")
_AT_RISK = re.compile(r"^(?:at )?(.+?) risk(?: of bias)?$")
REMEMBERED = 4096


@lru_cache(maxsize=REMEMBERED)
def words(text: str) -> str:
    """Return the words of a text in small letters, one space between them, without marks and with s for z."""
    return re.sub(r"[\W_]+", " ", text.casefold()).strip().replace("z", "s")


def tool_key(name: str) -> str:
    """Return what two spellings of a tool share: `RoB 2`, `ROB2` and `rob-2` are one."""
    return words(name).replace(" ", "")


@lru_cache(maxsize=REMEMBERED)
def domain_key(name: str) -> str:
    """Return what two spellings of a domain share, without its number, its "Bias due to" and its plural s."""
    plain = _LEAD.sub("", _NUMBER.sub("", words(name)))
    kept = (word for word in plain.split() if word != "the")
    return " ".join(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in kept)


@lru_cache(maxsize=REMEMBERED)
def level_key(name: str) -> str:
    """Return what two spellings of a level share: `Low`, `low risk` and `Low risk of bias` are one."""
    plain = words(name)
    match = _AT_RISK.match(plain)
    return match.group(1) if match else plain or name.strip()
