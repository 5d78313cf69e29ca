"""The loaders of YAML: plain data only, a key that stands twice refused, and one that leaves every word as written.

They are in C where PyYAML was built with it, which is ten times as fast.
"""

import re
from collections.abc import Hashable
from typing import Any

import yaml

try:
    from yaml import CBaseLoader as TextLoader
    from yaml import CSafeLoader as Loader
except ImportError:
    from yaml import BaseLoader as TextLoader  # type: ignore[assignment]
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

__all__ = ["Loader", "LoaderOfEachKeyOnce", "LoaderOfWordsAsWritten"]


class _EachKeyOnce:
    """What makes a key that stands twice an error, and not the last one win.

    A word that cannot be what it looks like, such as a date that no calendar has, is an error with its line.
    """

    def construct_object(self, node: yaml.Node, deep: bool = False) -> object:
        """Return what a node says, or raise with its line where its word is of a kind that it cannot be."""
        loader: Any = super()
        try:
            return loader.construct_object(node, deep)
        except (ValueError, OverflowError):
            problem = f"{str(node.value)[:40]} is no date and no number; quotation marks make it a text"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """Return a mapping, or raise where one of its keys stands twice."""
        loader: Any = super()
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = loader.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.MarkedYAMLError(problem="a list cannot be a word", problem_mark=key_node.start_mark)
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"the word {key} stands twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return loader.construct_mapping(node, deep)


ALIAS = re.compile(r"(?m)(?:^|[\s\[,{:-])\*\w")


def _without_aliases(text: str) -> str:
    """Return a text of YAML, or raise where it says a part again by an alias, which can make a small file endless."""
    if ALIAS.search(text):
        for token in yaml.scan(text, Loader=Loader):
            if isinstance(token, yaml.AliasToken):
                problem = f"*{token.value} says a part again by an alias, which is not read; write it out"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=token.start_mark)
    return text


class LoaderOfEachKeyOnce(_EachKeyOnce, Loader):
    """YAML in which a key that stands twice, or an alias, is an error."""

    def __init__(self, stream: str) -> None:
        super().__init__(_without_aliases(stream))


class LoaderOfWordsAsWritten(_EachKeyOnce, TextLoader):
    """The same, every scalar as its text: a version 1.10 stays 1.10, and a date stays a text."""

    def __init__(self, stream: str) -> None:
        super().__init__(_without_aliases(stream))
