"""The pool of events of a stratum is compared between editions like any other pooled number."""

from __future__ import annotations

import csv
import json
import math
import shutil
from dataclasses import asdict
from pathlib import Path

import pytest

from helpers import by_hand, in_own_words
from taprev.provenance.diff.difference import difference
from taprev.provenance.diff.editions import read_edition
from taprev.provenance.diff.results import difference_json
from taprev.provenance.diff.words import difference_text
from taprev.report.changes import changes_page
from taprev.settings import read_settings
from taprev.starter.write import write_review
from taprev.synthesis.kernels.sparse import mantel_haenszel, peto
from taprev.synthesis.results import seal

ROWS = ((5, 50, 12, 52), (9, 80, 15, 81), (0, 40, 4, 41))
LABEL = "Randomised, events by Mantel-Haenszel"


def filled(folder: Path, rows=ROWS, ratio_kind: str = "risk") -> Path:
    """Write a review of randomised counts, extracted once, a study a row."""
    write_review(folder)
    in_own_words(folder)
    settings = folder / "config" / "review.yaml"
    replace(settings, "twice: all", "twice: none")
    replace(settings, "open_queries: stop", "open_queries: mark")
    for number, (a, n1, c, n2) in enumerate(rows, start=1):
        study = {
            "study": f"s{number}",
            "label": f"Study {number}",
            "country": "not reported",
            "setting": "hospital",
            "scope": "core",
            "programme": "a programme",
            "publication_status": "journal",
            "funding": "not reported",
            "lived_experience": "not_reported",
            "harms": "not_reported",
        }
        report = {
            "report": f"p{number}",
            "study": f"s{number}",
            "citation": "A paper",
            "source_url": "https://example.org",
            "read_in": "full text",
        }
        result = {
            "result": f"e{number}",
            "study": f"s{number}",
            "sample": "all",
            "report": f"p{number}",
            "domain": "illness",
            "population": "adults",
            "measure": "episodes",
            "better": "lower",
            "contrast": "randomised",
            "statistic": "events",
            "ratio_kind": ratio_kind,
            "direction": "better",
            "event_arm1": a,
            "totaln_arm1": n1,
            "event_arm2": c,
            "totaln_arm2": n2,
        }
        for name, row in (("studies", study), ("reports", report), ("outcomes", result)):
            append(folder / "data" / "extracted" / f"{name}.csv", row)
    return folder


def append(path: Path, row: dict) -> None:
    header = path.read_text("utf-8").splitlines()[0].split(",")
    with path.open("a", encoding="utf-8", newline="") as handle:
        csv.DictWriter(handle, header, lineterminator="\n").writerow(row)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def compare(old: Path, new: Path):
    made = difference(read_edition(str(old)), read_edition(str(new)))
    assert json.loads(difference_json(made)) == json.loads(json.dumps(asdict(made)))
    for one in made.moves:
        if one.interaction is not None:
            parts = [part.part for part in one.parts if part.part is not None]
            assert math.fsum([*parts, one.interaction, one.code]) == pytest.approx(one.whole, abs=1e-12)
    return made


def events(made):
    return next(one for one in made.moves if one.events)


def pool(rows, measure="RR"):
    columns = zip(*rows, strict=True)
    return peto(*columns) if measure == "PETO" else mantel_haenszel(*columns, measure=measure)


def synthesised(folder: Path) -> Path:
    check = ["check", "--out", "results/audit/checked.csv"]
    by_hand(folder, ["settings"], check, ["effects"], ["synthesis", "illness"])
    return folder / "results"


def test_a_row_that_goes_moves_the_pool_of_events(tmp_path):
    old, new = filled(tmp_path / "old"), filled(tmp_path / "new", ROWS[:2])
    made = compare(old, new)
    found, before, after = events(made), pool(ROWS), pool(ROWS[:2])
    assert (round(before.estimate, 3), round(after.estimate, 3)) == (-0.772, -0.634)
    for number, fit in ((found.old, before), (found.new, after)):
        assert (number.estimate, number.ci_lb, number.ci_ub, number.k) == (
            fit.estimate,
            fit.ci_lb,
            fit.ci_ub,
            fit.k_used,
        )
    assert (found.change, found.stratum_label, found.scale) == ("moved", LABEL, "log_risk_ratio")
    assert found.whole == after.estimate - before.estimate and found.went == ("e3",) and found.came == ()
    assert {part.name: part.part for part in found.parts} == {"e3": found.whole} and found.interaction == 0
    assert made.said[1] == "Pooled numbers: 2 moved."
    headline = next(one for one in made.moves if not one.events)
    assert (headline.old.estimate, headline.went) == (before.estimate, ("e3",))
    assert headline.whole == headline.new.estimate - before.estimate
    assert f"Illness, {LABEL}: moved" in difference_text(made) and LABEL in changes_page(made)


def test_parts_of_a_pool_of_events_are_pools_with_one_change_alone(tmp_path):
    changed = ((6, 50, 12, 52), (9, 80, 15, 81), (0, 40, 6, 41))
    made = compare(filled(tmp_path / "old"), filled(tmp_path / "new", changed))
    found, base = events(made), pool(ROWS).estimate
    alone = {"e1": (changed[0], *ROWS[1:]), "e3": (*ROWS[:2], changed[2])}
    assert {part.name: part.part for part in found.parts} == pytest.approx(
        {name: pool(rows).estimate - base for name, rows in alone.items()}, abs=1e-12
    )
    assert found.interaction != 0


def test_of_one_ratio_and_one_empty_cell_the_headline_is_the_pool_of_events(tmp_path):
    rows = (ROWS[0], ROWS[2])
    made = compare(filled(tmp_path / "old", rows), filled(tmp_path / "new", (ROWS[0], (0, 40, 7, 41))))
    found, headline = events(made), next(one for one in made.moves if not one.events)
    assert headline.new.estimate == found.new.estimate and (headline.old.k, headline.new.k) == (2, 2)
    assert found.change == "moved" and (found.old.k, found.new.k) == (2, 2)


def test_a_pool_of_events_appears_and_vanishes(tmp_path):
    old, new = filled(tmp_path / "old", ROWS[:1]), filled(tmp_path / "new", ROWS[1:])
    there, back = events(compare(old, new)), events(compare(new, old))
    assert (there.change, there.came, there.old) == ("appeared", ("e1", "e2"), None)
    assert (back.change, back.went, back.new) == ("vanished", there.came, None)


def test_a_sample_without_events_is_in_no_pool(tmp_path):
    rows = (*ROWS, (0, 30, 0, 30))
    made = compare(filled(tmp_path / "old"), filled(tmp_path / "new", rows))
    found = events(made)
    assert found.change == "unchanged" and found.new.k == 3 and found.came == ()


@pytest.mark.parametrize(("kind", "measure"), [("odds", "OR"), ("risk", "RR")])
def test_another_method_of_pooling_events_is_a_change(tmp_path, kind, measure):
    """The ratio of the same kind moves; a risk ratio and Peto's odds ratio are two numbers and not one that moved."""
    old, new = filled(tmp_path / "old", ratio_kind=kind), filled(tmp_path / "new", ratio_kind=kind)
    settings = new / "config" / "review.yaml"
    replace(settings, "  tau2_method: REML\n", "  tau2_method: REML\n  events: peto\n")
    assert read_settings(settings).synthesis.events == "peto"
    found = [one for one in compare(old, new).moves if one.events]
    if measure == "OR":
        [one] = found
        assert one.stratum_label == "Randomised, events by Peto, before by Mantel-Haenszel"
        assert one.whole == pool(ROWS, "PETO").estimate - pool(ROWS, "OR").estimate
        assert [(part.kind, part.part) for part in one.parts] == [("setting", one.whole)]
    else:
        assert {(one.change, one.scale, one.events) for one in found} == {
            ("vanished", "log_risk_ratio", "Mantel-Haenszel"),
            ("appeared", "log_odds_ratio", "Peto"),
        }


def test_a_verdict_on_events_is_a_conclusion(tmp_path):
    made = compare(filled(tmp_path / "old"), filled(tmp_path / "new", ROWS[:2]))
    [told] = [one for one in made.conclusions if "events" in one.stratum_label]
    assert told.stratum_label == LABEL
    assert told.old == "pooled, the interval excludes no difference: favours programme"
    assert told.new == "pooled, fewer than three samples: no conclusion"
    assert told.old_words.startswith("Events pooled without any correction (Mantel-Haenszel")
    gone = compare(filled(tmp_path / "first"), filled(tmp_path / "one", ROWS[:1])).conclusions
    assert [one.new for one in gone if "events" in one.stratum_label] == ["nothing is pooled"]


def test_a_stored_pool_of_events_is_held_against_the_present_code(tmp_path):
    old = synthesised(filled(tmp_path / "old"))
    new = tmp_path / "new"
    shutil.copytree(old, new)
    assert {one.change for one in compare(old, new).moves} == {"unchanged"}
    path = old / "synthesis" / "illness.json"
    content = json.loads(path.read_text("utf-8"))
    sparse = content["strata"][0]["sparse"]
    sparse["estimate"] -= 0.25
    path.write_text(json.dumps({**content, "seal": seal(content)}), encoding="utf-8")
    made = compare(old, new)
    found = events(made)
    assert (found.whole, found.code) == pytest.approx((0.25, 0.25), abs=1e-12)
    assert found.notes == (found.old.code,) and "1 stored number differs" in made.said[-1]
    content["strata"][0]["sparse"] = None
    path.write_text(json.dumps({**content, "seal": seal(content)}), encoding="utf-8")
    found = events(compare(old, new))
    assert found.change == "appeared" and "has no number stored here" in found.notes[0]
