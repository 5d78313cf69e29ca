"""The documentation as a site: built without a network, no link broken, every command it names is one."""

from __future__ import annotations

import logging
import re
import shlex
from html import unescape
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from helpers import ROOT
from taprev.cli.command import commands
from taprev.extraction.tables import codebook
from taprev.settings import Settings

PAGES = (*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md")
LOADED = re.compile(r"<(?:script|link|img|iframe)[^>]* (?:src|href)=\"(https?:[^\"]+)")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The built site; a warning, such as that of a broken link or anchor, ends the build."""
    folder = tmp_path_factory.mktemp("site")
    logging.getLogger("mkdocs").setLevel(logging.WARNING)
    build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder)))
    return folder


def words(page: Path) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", page.read_text("utf-8")))


def test_nothing_is_loaded_from_elsewhere(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 30
    assert {url for page in pages for url in LOADED.findall(page.read_text("utf-8"))} == set()


def test_every_page_is_in_the_navigation(site):
    front = (site / "index.html").read_text("utf-8")
    methods = {path.name for path in (site / "methods").glob("*.html")} - {"index.html"}
    listed = (site / "methods" / "index.html").read_text("utf-8")
    assert len(methods) >= 10 and all(name in listed for name in methods)
    others = [path for path in site.rglob("*.html") if path.parent.name != "methods" and path.name != "404.html"]
    assert [path for path in others if path.relative_to(site).as_posix() not in front] == []


def test_the_reference_holds_every_setting_column_and_command(site):
    settings, tables = words(site / "reference" / "settings.html"), words(site / "reference" / "codebook.html")
    assert [name for name in Settings.model_fields if name not in settings and name not in ("version", "source")] == []
    columns = [
        field["name"] for table in codebook(ROOT / "data/extracted").values() for field in table["schema"]["fields"]
    ]
    assert [name for name in columns if name not in tables] == []
    listed = words(site / "reference" / "commands.html")
    assert [name for name in commands().commands if f"taprev {name}" not in listed] == []
    assert "taprev.meta" in words(site / "reference" / "python.html")


def lines_of_blocks(page: Path) -> list[str]:
    """Return the lines of all blocks of code of a page."""
    inside, lines = False, []
    for line in page.read_text("utf-8").splitlines():
        if line.lstrip().startswith("```"):
            inside = not inside
        elif inside or line.startswith("    "):
            lines.append(line.strip())
    return lines


def test_every_command_of_a_page_exists_with_its_options():
    known, wrong, met = commands().commands, [], 0
    for page in PAGES:
        typed = re.findall(r"(?<!`)`(taprev [a-z][^`\n]*)`", page.read_text("utf-8"))
        for line in [*typed, *(line for line in lines_of_blocks(page) if line.startswith("taprev "))]:
            told = shlex.split(line.partition(" #")[0].replace("\\", ""), posix=True)
            command = known.get(told[1])
            options = {word.partition("=")[0] for word in told[2:] if word.startswith("--")}
            there = {option for param in command.params for option in param.opts} if command else set()
            met += 1
            if command is None or options - there - {"--help"}:
                wrong.append(f"{page.name}: {line}")
    assert wrong == [] and met > 20
