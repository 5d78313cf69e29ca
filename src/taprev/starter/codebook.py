"""The codebook of a new review: that of the shipped one, without what belongs to the shipped review alone.

In the shipped codebook the property `anew` of the package or of a column says what another review has in its
place: other words, other allowed values or a pattern instead of them, or nothing (`drop`). Its `decide` says
what people must decide there, and becomes a comment.
"""

from __future__ import annotations

import textwrap
from typing import Any

import yaml

HEAD = """\
# The codebook. It is the schema that `taprev check` enforces, and it is read by R, OSF and Zenodo as a
# Frictionless Data Package. Every column has a type, its allowed values and a sentence of definition.
# Where a comment says "Decide", change the lines below it before the first row is extracted. A column may be
# added to a table, and its header then stands in the CSV files as well, in the same order; none may be taken out.
"""
CONSTRAINTS = ("enum", "pattern")
DROP = "drop"


def another_codebook(package: dict[str, Any]) -> dict[str, Any]:
    """Return the data package of a new review, made from the shipped one."""
    resources = [{**table, "schema": {**table["schema"], "fields": _fields(table)}} for table in package["resources"]]
    return {**_replaced(package, package.get("anew", {})), "resources": resources}


def _fields(table: dict[str, Any]) -> list[dict[str, Any]]:
    return [_field(field) for field in table["schema"]["fields"] if field.get("anew") != DROP]


def _field(field: dict[str, Any]) -> dict[str, Any]:
    new = dict(field.get("anew", {}))
    values = {name: new.pop(name) for name in CONSTRAINTS if name in new}
    made = _replaced(field, new)
    if values:
        kept = {name: value for name, value in field["constraints"].items() if name not in CONSTRAINTS}
        made["constraints"] = kept | values
    return made


def _replaced(part: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in part.items() if name != "anew"}
    return {name: value for name, value in (kept | new).items() if value != DROP}


def codebook_yaml(package: dict[str, Any]) -> str:
    """Return a data package as YAML; what is to be decided is a comment above its column."""
    asked = {
        (table["name"], field["name"]): field["decide"]
        for table in package["resources"]
        for field in table["schema"]["fields"]
        if "decide" in field
    }
    plain = [
        {**table, "schema": {**table["schema"], "fields": [_plain(f) for f in table["schema"]["fields"]]}}
        for table in package["resources"]
    ]
    text = yaml.dump({**package, "resources": plain}, Dumper=_Indented, sort_keys=False, allow_unicode=True, width=110)
    return HEAD + "\n".join(_commented(text.splitlines(), asked)) + "\n"


def _plain(field: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in field.items() if name != "decide"}


class _Indented(yaml.SafeDumper):
    """YAML whose lists are indented further than their key, and which repeats a list instead of pointing at it."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _commented(lines: list[str], asked: dict[tuple[str, str], str]) -> list[str]:
    made, table = [], ""
    for line in lines:
        start, _, name = line.partition("- name: ")
        if start == "  ":
            table = name
        if not start.strip() and (table, name) in asked:
            made += textwrap.wrap(
                f"Decide: {asked[table, name]}",
                110,
                initial_indent=f"{start}# ",
                subsequent_indent=f"{start}# ",
            )
        made.append(line)
    return made
