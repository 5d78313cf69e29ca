"""What the README and the page of one number show is what the review gives."""

from __future__ import annotations

import math
import re

import pytest

from taprev.effects.measures import hedges_j
from taprev.settings import read_settings
from taprev.wording import estimates
from taprev.wording.estimates import NumberStyle


@pytest.fixture(scope="module")
def knowledge(shipped, shipped_contents):
    row = next(row for row in shipped[1] if row["result"] == "r056")
    return row, next(content for content in shipped_contents if content.domain == "staff_knowledge")


@pytest.fixture(scope="module")
def readme(root):
    return (root / "README.md").read_text(encoding="utf-8")


def test_the_number_worked_through(root, knowledge, shipped):
    page = (root / "docs" / "one_number.md").read_text(encoding="utf-8")
    row, content = knowledge
    stratum = next(s for s in content.strata if s.name == "before_after")
    study = next(s for s in stratum.studies if s.results == ("r056",))
    fit = stratum.fit
    where = row["location"].split()[0]
    j, t, n = hedges_j(int(row["df"])), float(row["t"]), int(row["n_arm1"])
    r = shipped[0].assumptions.r_pre_post.value
    yi = j * t / math.sqrt(n) * math.sqrt(2 * (1 - r))
    assert yi == pytest.approx(study.yi) and 2 * (1 - r) / n + yi**2 / (2 * n) == pytest.approx(study.vi)
    w = 1 / (study.vi + fit.tau2)
    lines = [
        f"printed     t({row['df']}) = {row['t']}, n = {n}          result r056, Freisthler 2018, {where}",
        f"correlation r = {r}                       not printed, assumed in config/review.yaml",
        f"correction  J({row['df']}) = {j:.4f}                Hedges 1981",
        f"yi          {j:.4f} x {t}/sqrt({n}) x sqrt(2(1 - {r})) = {yi:.4f}",
        f"vi          2(1 - {r})/{n} + {yi:.4f}^2/(2 x {n}) = {study.vi:.4f}",
        f"weight      1/({study.vi:.4f} + {fit.tau2:.4f}) = {w:.2f}, which is {study.weight:.1f} % of the sum",
        f"diamond     {fit.k} samples, {fit.tau2_method}: "
        f"{estimates.estimate(fit.estimate, fit.ci_lb, fit.ci_ub, NumberStyle('smd'))} (HKSJ, t with {fit.df:.0f} df)",
        "so          knowledge was higher after than before; without a control group this is a change, not an effect",
    ]
    shown = re.search(r"A test computes these lines\.\n\n```\n(.*?)\n```", page, flags=re.S).group(1).splitlines()
    assert shown == lines


def said_by(picture: str) -> list[str]:
    """The texts of a forest plot in their order. The last digits of numbers, and so the seal, differ by processor."""
    texts = re.findall(r"<text [^>]*>([^<]*)</text>", picture)
    return [text for text in texts if not re.fullmatch(r"taprev \S+ · seal [0-9a-f]{8}", text)]


@pytest.mark.workflow
def test_the_picture_is_of_these_data(root, finished):
    picture = (root / "docs" / "forest_staff_knowledge.svg").read_text(encoding="utf-8")
    figures = finished / "results" / "figures" / "staff_knowledge"
    drawn = (figures / "staff_knowledge_forest.svg").read_text(encoding="utf-8")
    assert said_by(picture) == said_by(drawn) and len(said_by(picture)) > 50


def test_the_readme_runs(readme):
    code = re.search(r"```python\n(.*?)```", readme, flags=re.S).group(1)
    names: dict = {}
    exec(code, names)
    assert names["es"].yi == pytest.approx(1.2894, abs=5e-5) and names["fit"].k == 3


def test_links_lead_somewhere(root, readme):
    for target in re.findall(r"\]\(([^)]+)\)", readme):
        assert target.startswith("http") or (root / target).exists(), target


def test_it_says_what_the_evidence_is_not(readme, root):
    sentence = read_settings(root / "config" / "review.yaml").review.evidence_set
    assert sentence in readme


def test_it_is_short(readme):
    assert len(readme.splitlines()) < 120 and len(readme) < 8000
