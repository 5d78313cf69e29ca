"""The commented settings of a new review with somebody's own words in the place of its examples."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import yaml

BEGUN = "# These two are examples"
END = "# Populations"


def with_words(text: str, words: Mapping[str, str]) -> str:
    """Return settings with texts of the part `review`, such as title and question; an empty one stays as it was."""
    for name, value in words.items():
        if value:
            text = replaced(text, rf"^  {name}: (?:>-\n    )?.*$", f"  {name}: {scalar(value)}")
    return text


def with_arms(text: str, programme: str, comparator: str) -> str:
    """Return settings that call the two arms by these names."""
    named = f"  arms: {{programme: {scalar(programme)}, comparator: {scalar(comparator)}}}"
    return replaced(text, r"^  arms: .*$", named)


def extracted_once(text: str) -> str:
    """Return settings of a review that is extracted once."""
    return text.replace("\n  twice: all\n", "\n  twice: none\n")


def with_tools(text: str, tools: Sequence[str]) -> str:
    """Return settings that name the tools by which risk of bias is judged."""
    named = ", ".join(map(scalar, tools))
    return replaced(text, r"^  # risk_of_bias: .*$", f"  risk_of_bias: [{named}]")


def with_domains(text: str, remark: str, domains: Mapping[str, Mapping[str, object]]) -> str:
    """Return settings with these domains in the place of the examples, below a remark."""
    dumped = yaml.safe_dump(dict(domains), sort_keys=False, allow_unicode=True, width=110)
    lines = "".join(f"  {line}\n" for line in dumped.splitlines())
    return replaced(text, rf"^{BEGUN}[\s\S]*?(?=^{END})", f"# {remark}\ndomains:\n{lines}\n")


def replaced(text: str, pattern: str, made: str) -> str:
    """Return a text in which the first part that a pattern finds is another."""
    return re.sub(pattern, lambda _: made, text, count=1, flags=re.M)


def scalar(text: str) -> str:
    """Return a text as YAML writes it in one line."""
    plain = " ".join(text.split())
    return yaml.safe_dump(plain, allow_unicode=True, width=10_000, default_style='"').strip()
