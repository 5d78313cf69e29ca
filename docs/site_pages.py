"""The pages of the site that are made from the code, the codebook and the files at the root of the repository."""

from __future__ import annotations

import inspect
import posixpath
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from taprev.cli.command import commands
from taprev.settings.review import Settings

ROOT = Path(__file__).parents[1]
FRONT = "README.md"
AT_ROOT = ("CHANGELOG.md", "CONTRIBUTING.md", "tests/reference/README.md", "data/README.md")
METHODS = "METHODS.md"
SCHEMAS = "docs/schema"
API = {
    "taprev": ("read", "meta", "location_scale"),
    "taprev.interactive.review": ("ReviewResults", "Outcome", "ForestPicture"),
    "taprev.interactive.fitted": ("Meta",),
    "taprev.interactive.scaled": ("ScaledMeta",),
    "taprev.effects": ("effect_size", "effect_sizes"),
    "taprev.synthesis": ("random_effects", "random_effects_batch"),
    "taprev.synthesis.results": ("read_synthesis",),
    "taprev.synthesis.kernels.multilevel": ("multilevel",),
    "taprev.synthesis.kernels.component_profile": ("component_intervals",),
    "taprev.synthesis.kernels.robust": ("cr2",),
    "taprev.synthesis.kernels.contrasts": ("joint_test", "linear_contrasts"),
    "taprev.synthesis.kernels.bayes": ("bayes",),
    "taprev.synthesis.kernels.priors": ("prior", "normal_prior"),
    "taprev.synthesis.kernels.exact": ("exact_odds_ratio", "exact_rate_ratio"),
    "taprev.synthesis.kernels.sparse": ("mantel_haenszel", "peto"),
    "taprev.synthesis.kernels.rates": ("mantel_haenszel_rates",),
    "taprev.synthesis.kernels.association": ("cochran_mantel_haenszel", "rate_association", "breslow_day"),
    "taprev.synthesis.kernels.omission": ("without_each",),
    "taprev.synthesis.kernels.two_outcomes": ("two_outcomes", "two_outcomes_grid"),
    "taprev.synthesis.kernels.henmi_copas": ("henmi_copas", "henmi_copas_batch"),
    "taprev.synthesis.kernels.permutation": ("permutation_test",),
    "taprev.synthesis.kernels.profile_likelihood": ("profile_intervals",),
    "taprev.synthesis.moderators": ("meta_regression", "subgroups"),
}
WIDE = 80
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")


@dataclass(frozen=True)
class SitePage:
    """A page that no file of `docs/` holds."""

    path: str
    text: str


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made, and take away files that only belong to pages of the repository."""
    for page in (*root_pages(), *method_pages(), *reference_pages()):
        files.append(File.generated(config, page.path, content=page.text))
    return files


def on_page_markdown(markdown: str, page: Any, config: MkDocsConfig, files: Files) -> str:
    """Have links that are right in the repository lead to the pages of the site; others become plain text."""
    own = page.file.src_uri
    beside = posixpath.dirname(own)
    origin = posixpath.dirname(repository_path(own))

    def led(found: re.Match) -> str:
        picture, words, target, anchor = found.groups()
        if "://" in target or target.startswith("mailto:"):
            return found[0]
        there = (site_path(posixpath.normpath(posixpath.join(origin, target))), posixpath.join(beside, target))
        known = next((path for path in map(posixpath.normpath, there) if files.get_file_from_path(path)), None)
        if known is None:
            return words
        return f"{picture}[{words}]({posixpath.relpath(known, beside or '.')}{anchor or ''})"

    return LINK.sub(led, markdown)


def repository_path(page: str) -> str:
    """Return which file of the repository a page of the site is made from."""
    if page == "index.md":
        return FRONT
    if page.startswith("methods/"):
        return METHODS
    return page if page in AT_ROOT else f"docs/{page}"


def site_path(path: str) -> str:
    """Return where a file of the repository stands on the site."""
    if path == METHODS:
        return "methods/index.md"
    return "index.md" if path == FRONT else path.removeprefix("docs/")


def root_pages() -> Iterator[SitePage]:
    """Yield the documents that stand at the root of the repository or beside what they are about."""
    for name in (FRONT, *AT_ROOT):
        yield SitePage(site_path(name), (ROOT / name).read_text("utf-8"))


def method_pages() -> Iterator[SitePage]:
    """Yield the methods, a page for each part, and a page that lists them."""
    head, *parts = re.split(r"^## ", (ROOT / METHODS).read_text("utf-8"), flags=re.M)
    listed = []
    for part in parts:
        title = part.partition("\n")[0].strip()
        path = f"{re.sub(r'[^a-z0-9]+', '_', title.lower()).strip('_')}.md"
        listed.append(f"- [{title}]({path})")
        deeper = re.sub(r"^###", "##", part, flags=re.M)
        yield SitePage(f"methods/{path}", f"# {deeper}")
    yield SitePage("methods/index.md", f"{head.strip()}\n\n" + "\n".join(listed) + "\n")


def reference_pages() -> Iterator[SitePage]:
    """Yield the reference: settings, codebook, commands, Python and the schemas of the results."""
    yield SitePage("reference/settings.md", settings_page())
    yield SitePage("reference/codebook.md", codebook_page())
    yield SitePage("reference/commands.md", commands_page())
    yield SitePage("reference/python.md", python_page())
    yield SitePage("reference/schema.md", schema_page())


def settings_page() -> str:
    """Return every setting of `config/review.yaml` with what it may be and its default."""
    head = (
        "# Settings\n\nEverything that may stand in `config/review.yaml`, made from the code that reads it. "
        "Where a default is missing the setting is required.\n"
    )
    return "\n".join([head, *_part(Settings, "")])


def _part(model: type[BaseModel], above: str) -> Iterator[str]:
    rows = [(name, field) for name, field in model.model_fields.items() if name not in ("version", "source")]
    if above:
        yield f"## {above}\n\n{_first(model)}\n"
    yield "| setting | may be | default |\n|---|---|---|"
    for name, field in rows:
        yield f"| `{name}` | {_kind(field.annotation)} | {_default(field)} |"
    yield ""
    for name, field in rows:
        for inner, many in _inner(field.annotation):
            yield from _part(inner, " > ".join(filter(None, (above, f"{name}{many}"))))


def _inner(kind: Any) -> Iterator[tuple[type[BaseModel], str]]:
    if inspect.isclass(kind) and issubclass(kind, BaseModel):
        yield kind, ""
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        yield from _inner(parts[0])
    elif origin is dict:
        yield from ((inner, " > (name)") for inner, _ in _inner(parts[1]))
    elif origin in (tuple, list):
        yield from ((inner, " > (each)") for inner, _ in _inner(parts[0]))
    elif origin in (Union, types.UnionType):
        for part in parts:
            yield from _inner(part)


def _kind(kind: Any) -> str:
    """Return in words what a setting may be."""
    if kind is None or kind is type(None):
        return "nothing"
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _kind(parts[0])
    if origin is Literal:
        return ", ".join(f"`{part}`" for part in parts)
    if origin is dict:
        return f"by name, each {_kind(parts[1])}"
    if origin in (tuple, list):
        return f"a list, each {_kind(parts[0])}"
    if origin in (Union, types.UnionType):
        return " or ".join(map(_kind, parts))
    if inspect.isclass(kind) and issubclass(kind, Enum):
        return ", ".join(f"`{word.value}`" for word in kind)
    if inspect.isclass(kind) and issubclass(kind, BaseModel):
        return "a part of its own, below"
    return {str: "text", int: "a whole number", float: "a number", bool: "`true` or `false`"}.get(kind, str(kind))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return ""
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "as below"
    if value in ("", (), {}, None):
        return "none"
    if isinstance(value, tuple):
        return ", ".join(f"`{_plain(one)}`" for one in value)
    return f"`{_plain(value)}`"


def _plain(value: Any) -> str:
    text = value.value if isinstance(value, Enum) else value
    return str(text).lower() if isinstance(text, bool) else str(text).replace("|", "\\|")


def codebook_page() -> str:
    """Return every table and column of the codebook with what a cell may hold."""
    package = yaml.safe_load((ROOT / "data/extracted/datapackage.yaml").read_text("utf-8"))
    lines = ["# Codebook\n\nThe tables of `data/extracted/`, made from their schema `datapackage.yaml`.\n"]
    for table in package["resources"]:
        lines += [f"## {table['path']}\n\n{table['title']}.\n", "| column | holds | meaning |\n|---|---|---|"]
        for field in table["schema"]["fields"]:
            rules = field.get("constraints", {})
            allowed = ", ".join(f"`{_plain(value)}`" for value in rules.get("enum", ()))
            required = ", required" if rules.get("required") else ""
            holds = allowed or {"string": "text", "integer": "a whole number"}.get(field["type"], f"a {field['type']}")
            lines.append(f"| `{field['name']}` | {holds}{required} | {_cell(field.get('description', ''))} |")
        lines.append("")
    return "\n".join(lines)


def commands_page() -> str:
    """Return every command with its arguments and options."""
    lines = ["# Commands\n\n`taprev COMMAND --help` says the same.\n"]
    for name, command in commands().commands.items():
        lines += [f"## taprev {name}\n", inspect.cleandoc(command.help or ""), ""]
        told = [param for param in command.params if param.name != "help"]
        if told:
            lines.append("| argument or option | what it is | by default |\n|---|---|---|")
        for param in told:
            option = param.param_type_name == "option"
            named = ", ".join(f"`{word}`" for word in param.opts) if option else f"`{param.name}`"
            given = param.default if param.default not in (None, False, "", (), []) else ""
            shown = f"`{getattr(given, 'value', given)}`" if given != "" and not callable(given) else ""
            lines.append(f"| {named} | {_cell(getattr(param, 'help', None) or '')} | {shown} |")
        lines.append("")
    return "\n".join(lines)


def python_page() -> str:
    """Return the functions and classes that are meant to be typed, with their docstrings."""
    lines = ["# Python\n\nWhat is meant to be typed. [Python, notebooks, R](../python.md) shows it in use.\n"]
    for module, names in API.items():
        for name in names:
            thing = getattr(import_module(module), name)
            lines += [f"## {module}.{name}\n", f"```python\n{name}{_signature(thing)}\n```\n", *_sections(thing)]
            lines += [f"- `{member}`: {_first(value)}" for member, value in _members(thing)]
            lines.append("")
    return "\n".join(lines)


def _signature(thing: Any) -> str:
    """Return a signature as it is written, a line for each parameter where it is long."""
    text = re.sub(r"(:|->) '([^']*)'", r"\1 \2", str(inspect.signature(thing)))
    if len(text) < WIDE:
        return text
    inside, _, after = text[1:].rpartition(")")
    return "(\n" + "".join(f"    {part},\n" for part in re.split(r", (?=[\w*]+(?::|,|$))", inside)) + ")" + after


def _members(thing: Any) -> list[tuple[str, Any]]:
    if not inspect.isclass(thing):
        return []
    own = [(name, value) for name, value in vars(thing).items() if not name.startswith("_")]
    return [(name, value) for name, value in own if callable(value) or (hasattr(value, "__doc__") and _first(value))]


def _sections(thing: Any) -> Iterator[str]:
    """Yield a docstring in numpydoc's form as Markdown."""
    text = inspect.getdoc(thing) or ""
    for part in re.split(r"\n(?=\w[\w ]*\n-{3,}\n)", text):
        head, _, body = part.partition("\n")
        rest = body.split("\n", 1)[1] if body.startswith("---") and "\n" in body else ""
        if not rest:
            yield f"{part}\n"
            continue
        yield f"**{head}**\n"
        for entry in re.split(r"\n(?=\S)", rest.strip("\n")):
            first, _, more = entry.partition("\n")
            said = " ".join(line.strip() for line in more.splitlines())
            yield f"- `{first}`{': ' if said else ''}{said}" if head not in ("References", "Notes") else entry
        yield ""


def schema_page() -> str:
    """Return what the JSON files of the results hold, by the schemas that the code writes."""
    lines = ["# JSON Schema\n\nWhat the JSON files of `results/` hold; `taprev schema` writes the files anew.\n"]
    lines += [f"- [{path.name}](../schema/{path.name})" for path in sorted((ROOT / SCHEMAS).glob("*.json"))]
    return "\n".join(lines) + "\n"


def _first(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").partition("\n\n")[0].replace("\n", " ")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
