"""Settings: defaults filled in, and every problem in plain words at once."""

from __future__ import annotations

import pytest
import yaml

from taprev.settings import SettingsError, read_settings, settle


@pytest.fixture
def change(root, tmp_path):
    """Return a function that reads the shipped settings after a change: change("synthesis", tau2_method="X")."""

    def read(part, **values):
        content = yaml.safe_load((root / "config" / "review.yaml").read_text("utf-8"))
        (content if part is None else content[part]).update(values)
        path = tmp_path / "review.yaml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return read_settings(path)

    return read


def problems(call, *args, **kwargs):
    with pytest.raises(SettingsError) as caught:
        call(*args, **kwargs)
    return caught.value.problems


def test_settled_settings_are_settings(root, tmp_path):
    settings = read_settings(root / "config" / "review.yaml")
    path = tmp_path / "settings.yaml"
    path.write_text(settle(settings, "1.2", "abc"), encoding="utf-8")
    again = read_settings(path)
    assert again.version == "1.2" and again.source == "abc"
    assert again == settings.model_copy(update={"version": "1.2", "source": "abc"})
    assert yaml.safe_load(path.read_text("utf-8"))["review"]["title"] == settings.review.title


def test_settings_in_braces_are_read_and_a_word_that_stands_twice_is_refused_there_too(root, tmp_path):
    settings = read_settings(root / "config" / "review.yaml")
    path = tmp_path / "settings.yaml"
    path.write_text(yaml.safe_dump(settings.model_dump(mode="json"), default_flow_style=True), encoding="utf-8")
    assert path.read_text("utf-8").startswith("{") and read_settings(path) == settings
    path.write_text('{"review": {"title": "a", "title": "b"}}', encoding="utf-8")
    [said] = problems(read_settings, path)
    assert "the word title stands twice" in said


@pytest.mark.parametrize("word", ["2026-13-40", "9" * 5000])
def test_a_word_that_is_no_date_and_no_number_is_named_with_its_line(tmp_path, word):
    path = tmp_path / "review.yaml"
    path.write_text(f"review:\n  title: {word}\n", encoding="utf-8")
    [said] = problems(read_settings, path)
    assert (
        said.startswith(f"{path}, line 2: this is not YAML ({word[:10]}") and "quotation marks make it a text" in said
    )


def test_defaults_are_those_of_the_contract(root):
    example = read_settings(root / "tests" / "example" / "config" / "review.yaml")
    assert (example.synthesis.tau2_method, example.synthesis.ci_method) == ("REML", "auto")
    assert (example.assumptions.r_pre_post.value, example.assumptions.rho.value) == (0.5, 0.6)
    assert example.synthesis.prediction_df == "k-1"


@pytest.mark.parametrize(
    ("part", "values", "said"),
    [
        ("synthesis", {"tau2_method": "REMLL"}, "synthesis > tau2_method: found 'REMLL'"),
        ("synthesis", {"tau2_method": "EB"}, "or 'SJ'. metafor's EB is PM here."),
        ("synthesis", {"ci_method": "knha"}, "or 'hksj_modified'. metafor's knha is hksj here."),
        ("synthesis", {"ci_method": "EB"}, "found 'EB'. Input should be 'auto', 'wald', 'hksj' or 'hksj_modified'."),
        ("synthesis", {"level": 95}, "synthesis > level: found 95"),
        ("synthesis", {"ci_methods": "wald"}, "synthesis > ci_methods: this word is not a setting"),
        ("assumptions", {"r_pre_post": {"value": 1.0}}, "assumptions > r_pre_post > value"),
        ("domains", {"Bad name": {"label": "x", "population": "staff"}}, "domain names use a-z"),
        ("domains", {"days": {"label": "x", "population": "staff", "scale": "md"}}, "needs a unit"),
        ("review", {"title": None}, "review > title"),
        ("figures", {"captions": {"forest": " "}}, "figures > captions > forest"),
        ("figures", {"captions": {"forest": "x" * 201}}, "figures > captions > forest"),
        (None, {"tooltips": {"tier": "x"}}, "tooltips > tier: this word is not a setting"),
        (
            None,
            {"gap_map": [{"column": "setting", "levels": ["studies"]}]},
            "two columns of the same name: studies",
        ),
        (
            None,
            {"gap_map": [{"column": "setting", "levels": ["a"], "report": {"A and b": ["a", "b"]}}]},
            "report adds up levels that are not counted: b",
        ),
    ],
)
def test_a_bad_setting_is_named(change, part, values, said):
    [found] = problems(change, part, **values)
    assert said in found and "review.yaml" in found


def test_all_problems_come_at_once(change):
    assert len(problems(change, "synthesis", tau2_method="X", ci_method="Y", level=2)) == 3


def test_files_that_are_no_settings(tmp_path):
    path = tmp_path / "review.yaml"
    assert "this file is missing" in problems(read_settings, path)[0]
    path.write_text("review: [unclosed\n")
    assert "line 2: this is not YAML" in problems(read_settings, path)[0]
    path.write_text("review:\n  title: Ward rounds: a review\n")
    [said] = problems(read_settings, path)
    assert said.endswith('line 2: a text with a colon needs quotation marks, such as title: "Ward rounds: a review".')
    path.write_text("")
    assert "holds no settings" in problems(read_settings, path)[0]
    path.write_bytes(b"review: \xff\xfe\n")
    assert "UTF-8" in problems(read_settings, path)[0] or "not YAML" in problems(read_settings, path)[0]


def test_a_grid_outside_its_range_is_named(change):
    [found] = problems(change, "assumptions", r_pre_post={"value": 0.5, "grid": [0.3, 7]})
    assert "assumptions > r_pre_post > grid > 1: found 7" in found


def test_a_word_that_stands_twice_is_refused(root, tmp_path):
    path = tmp_path / "review.yaml"
    text = (root / "config" / "review.yaml").read_text("utf-8")
    path.write_text(text.replace("  level: 0.95\n", "  level: 0.95\n  level: 0.5\n"), encoding="utf-8")
    [said] = problems(read_settings, path)
    assert "the word level stands twice" in said and "line " in said


@pytest.mark.parametrize(
    "pool",
    [
        {"name": "all", "label": "All", "contrasts": ["randomised", "before_after"]},
        {"name": "randomised", "label": "R", "contrasts": ["randomised", "controlled"]},
    ],
)
def test_only_controlled_designs_are_combined_under_a_name_of_their_own(change, pool):
    found = problems(change, "synthesis", combined=[pool])
    assert all("synthesis > combined > 0" in said and len(said) < 300 for said in found)


def test_captions_of_no_figure_and_of_no_domain_are_refused_at_once_with_the_names_that_there_are(change):
    captions = {"forrest": "a", "nowhere.forest": "b", "staff_knowledge.flow": "c", "nowhere.x": "d", "funnel": "e"}
    [said] = problems(change, "figures", captions=captions, ticks={"elsewhere": [0, 1]})
    assert "no figure is named forrest, nowhere.x, staff_knowledge.flow (of a domain: forest, leave_one_out" in said
    assert "of the review, without a domain: at_a_glance, gap_map" in said
    assert "no domain stands before nowhere.forest, nowhere.x (domains: " in said and ", patient_ptsd, " in said
    assert "figures has ticks for domains that are not configured: elsewhere" in said


def test_the_caption_of_one_domain_goes_before_that_of_all(change):
    figures = change("figures", captions={"forest": "All", "staff_knowledge.forest": " One "}).figures
    assert figures.caption("forest", "staff_knowledge") == "One" and figures.caption("forest", "harms") == "All"
    assert figures.caption("funnel", "harms") == figures.caption("flow") == ""
