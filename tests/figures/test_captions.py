"""Captions of the settings: on the drawing, in its title, its words and its files, and nowhere where none is set."""

from __future__ import annotations

import csv
from xml.etree import ElementTree

import pytest

from helpers import captioned
from taprev.figures.of_domain import draw_domain
from taprev.figures.overviews.registry import OVERVIEWS, draw_overviews
from taprev.ground.files import write_text
from taprev.ground.places import WHOLE_REVIEW
from taprev.ground.seal import seal_of
from taprev.settings.figures import Figures
from taprev.tables.write import all_tables

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<b>Left $out_1$ & 'kept'</b> " + "in many words " * 10
DOMAIN = "staff_knowledge"


@pytest.fixture(scope="module")
def content(shipped_contents):
    return next(content for content in shipped_contents if content.domain == DOMAIN)


def titled(path):
    return ElementTree.fromstring(path.read_bytes()).find(f"{SVG}title").text


def drawn_words(path):
    texts = ElementTree.fromstring(path.read_bytes()).iter(f"{SVG}text")
    return " ".join(" ".join("".join(text.itertext()) for text in texts).split())


def test_captions_stand_on_the_figures_of_a_domain_and_move_no_name_no_seal_and_no_datum(content, tmp_path):
    captions = {"forest": "Every study", "leave_one_out": "For all", f"{DOMAIN}.leave_one_out": HOSTILE.strip()}
    plain = draw_domain(content, tmp_path / "plain")
    drawn = draw_domain(content, tmp_path / "captioned", Figures(captions=captions))
    assert [path.name for path in drawn] == [path.name for path in plain]
    before, after = ({path.name: path for path in paths} for paths in (plain, drawn))
    moved = {name for name, path in after.items() if path.read_bytes() != before[name].read_bytes()}
    assert {name.partition(".")[0] for name in moved} == {f"{DOMAIN}_forest", f"{DOMAIN}_leave_one_out"}
    assert not any(name.endswith(".csv") for name in moved)
    forest, left_out = (after[f"{DOMAIN}_{name}.svg"] for name in ("forest", "leave_one_out"))
    assert titled(forest) == "Every study: Staff knowledge"
    assert titled(left_out) == f"{HOSTILE.strip()}: Staff knowledge"
    assert HOSTILE.strip() in drawn_words(left_out)
    assert f"{HOSTILE.strip()}." in after[f"{DOMAIN}_leave_one_out.txt"].read_text("utf-8")
    for path in (forest, left_out, after[f"{DOMAIN}_leave_one_out.png"]):
        seal = seal_of(path)
        assert seal.whole and seal.numbers == content.seal


def test_captions_stand_on_the_figures_of_the_review(root, shipped, shipped_contents, tmp_path):
    settings, extracted, tables = shipped[0], root / "data/extracted", tmp_path / "tables"
    for name, text in all_tables(shipped_contents, extracted, settings).items():
        write_text(tables / name, text)
    captions = {one.name: f"Caption of {one.name} <i>" for one in OVERVIEWS}
    made = draw_overviews(shipped_contents, captioned(settings, captions), extracted, tables, tmp_path / "figures")
    pictures = {path.stem: path for path in made if path.suffix == ".svg"}
    assert {"flow", "gap_map", "at_a_glance", "harvest", "components", "effect_direction_2"} <= set(pictures)
    for stem, path in pictures.items():
        caption = captions[stem.removesuffix("_2")]
        assert titled(path).startswith(caption) and caption in drawn_words(path)
        assert seal_of(path).whole
    words = (tmp_path / "figures" / WHOLE_REVIEW / "flow.txt").read_text("utf-8")
    assert words.startswith("Caption of flow <i>. ")
    with (tmp_path / "figures" / WHOLE_REVIEW / "flow.csv").open() as handle:
        assert "Caption" not in str(list(csv.reader(handle)))
