"""A picture that lost its seal is told by its look, which is called no proof."""

from __future__ import annotations

import shutil

import pytest
from PIL import Image

from taprev.provenance.file_status import belongs
from taprev.provenance.look_alike import NEAREST, look, look_alikes
from taprev.provenance.verify import verify


@pytest.fixture(scope="module")
def figures(finished):
    return sorted((finished / "results" / "figures").rglob("*_forest.png"))


def copied(picture, folder, scale, ending):
    """Save a picture anew, smaller or larger, as a screenshot would: without what it says of itself."""
    drawn = Image.open(picture).convert("RGB")
    size = round(drawn.width * scale), round(drawn.height * scale)
    drawn.resize(size, Image.Resampling.BICUBIC).save(copy := folder / f"copy{ending}")
    return copy


def test_copies_of_forest_plots_are_told_from_one_another(figures, tmp_path):
    """No two forest plots of the shipped review have one look, and a copy has that of its own."""
    looks = {figure: look(figure) for figure in figures}
    for number, (figure, own) in enumerate(looks.items()):
        others = [own.distance(other) for name, other in looks.items() if name != figure]
        assert all(apart is None or apart > NEAREST for apart in others), figure
        scale, ending = ((0.7, ".jpg"), (1.3, ".png"), (0.4, ".webp"))[number % 3]
        assert own.distance(look(copied(figure, tmp_path, scale, ending))) <= NEAREST, figure


def test_verify_says_what_a_picture_without_a_seal_looks_like(finished, figures, tmp_path):
    results = tmp_path / "results"
    shutil.copytree(finished / "results", results, ignore=shutil.ignore_patterns("pages", "trace", "whole-review"))
    found = verify(results, "")
    figure = next(path for path in figures if path.name == "staff_knowledge_forest.png")
    copy = copied(figure, tmp_path, 0.7, ".jpg")
    told = belongs(copy, results, found)
    assert told.word == "unsealed" and "looks like figures/staff_knowledge/staff_knowledge_forest.png" in told.sentence
    assert "no proof" in told.sentence
    Image.effect_noise((900, 700), 90).save(noise := tmp_path / "noise.png")
    assert "looks like" not in belongs(noise, results, found).sentence
    (broken := tmp_path / "broken.png").write_bytes(b"\x89PNG no picture")
    assert "looks like" not in belongs(broken, results, found).sentence


def test_pictures_of_one_look_are_all_named(figures, tmp_path):
    twins = [shutil.copy(figures[0], tmp_path / f"{name}.png") for name in "ab"]
    found = look_alikes(copied(figures[0], tmp_path, 1.2, ".jpg"), [*twins, figures[1]])
    assert [path.name for _, path in found] == ["a.png", "b.png"]
