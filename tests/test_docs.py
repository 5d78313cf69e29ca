"""The documents for the next hand name files that exist, and the picture has the rooms of the house."""

from __future__ import annotations

import json
import re
import shutil
from xml.etree import ElementTree

import pytest

from helpers import ROOT
from test_house import ORDER

PAGES = ("docs/architecture.md", "docs/recipes.md", "CONTRIBUTING.md")
PATH = re.compile(r"`((?:src/taprev|tests|data|docs|config)/[\w./-]*|Snakefile|METHODS\.md|pyproject\.toml)`")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_exists(page):
    named = set(PATH.findall((ROOT / page).read_text(encoding="utf-8")))
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_name_in_code_of_a_page_is_in_the_file_named_before_it(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    pairs = re.findall(
        r"`([A-Z_]{4,}|[A-Z][a-z0-9]+[A-Z]\w*)`(?: \w+)* (?:of|in) `((?:src|tests)/[\w./]+|Snakefile)`", text
    )
    wrong = [pair for pair in pairs if not re.search(rf"\b{pair[0]}\b", (ROOT / pair[1]).read_text())]
    assert wrong == [] and (pairs or page != "docs/recipes.md")


def test_the_picture_has_every_room_once_from_the_top_to_the_bottom():
    drawn = ElementTree.parse(ROOT / "docs" / "architecture.svg").iter(f"{SVG}text")
    assert [text.text for text in drawn if text.get("font-weight") == "bold"] == list(reversed(ORDER[:-1]))


def test_every_python_block_of_the_page_on_python_runs(finished_example, tmp_path, monkeypatch):
    copy = shutil.copytree(finished_example, tmp_path / "review")
    monkeypatch.chdir(copy)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text("utf-8"), flags=re.S)
    names: dict = {}
    for block in blocks:
        exec(block, names)
    assert len(blocks) == 4 and names["stay"].synthesis.domain == "length_of_stay"
    assert {path.suffix for path in (copy / "slides").iterdir()} == {".svg", ".png", ".pdf", ".csv", ".txt"}
    assert names["explained"].k == 6


def test_the_page_on_python_counts_the_fits_that_were_compared():
    fits = json.loads((ROOT / "tests/reference/mixed_effects.json").read_text("utf-8"))["fits"]
    assert f"{len(fits)} fits" in (ROOT / "docs" / "python.md").read_text("utf-8")
