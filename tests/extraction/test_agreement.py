"""Agreement: the evidence's own figures, kappa equal to R and statsmodels, and no number where none can be had."""

from __future__ import annotations

import csv
import io
import json
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa as their_kappa

from taprev.extraction.agreement import agreement_table, compared_fields, field_agreement, relative_difference
from taprev.extraction.agreement_lines import agreement_csv
from taprev.extraction.kappa import cohens_kappa
from taprev.extraction.tables import columns, read_rows
from taprev.settings import read_settings
from taprev.settings.sections import Agreement, Received

MEASURED = {
    "population": (1.00, 1.00),
    "higher_is_better": (0.99, 0.97),
    "n_intervention": (0.99, 0.99),
    "year": (0.97, 0.96),
    "direction": (0.94, 0.71),
    "design": (0.91, 0.85),
    "outcome_domain": (0.90, 0.89),
    "country": (0.86, 0.75),
    "stat_kind": (0.84, 0.79),
    "setting": (0.80, 0.74),
    "n_comparator": (0.53, 0.38),
}
codings = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), min_size=1, max_size=60)


@pytest.fixture(scope="module")
def settings(root):
    return read_settings(root / "config" / "review.yaml")


@pytest.fixture(scope="module")
def lines(root, settings):
    return agreement_table(root / "data", settings)


def layer(lines, name):
    return {line.field: line for line in lines if line.layer == name}


def ratings(counts):
    pairs = [(str(i), str(j)) for i, row in enumerate(counts) for j, n in enumerate(row) for _ in range(n)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def test_the_received_files_agree_as_was_measured(lines):
    received = layer(lines, "received")
    assert {name: (round(a.agreement, 2), round(a.kappa, 2)) for name, a in received.items()} == MEASURED
    assert {line.n for line in received.values()} == {154}


def test_an_interval_contains_its_kappa_and_prevalence_stands_beside_it(lines):
    direction = layer(lines, "received")["direction"]
    assert direction.kappa_lb < direction.kappa < direction.kappa_ub <= 1
    assert direction.categories == 4 and round(direction.prevalence, 2) == 0.88


def test_numbers_have_an_exact_match_rate(lines):
    n = layer(lines, "received")["n_comparator"]
    assert n.both_filled + n.one_empty < n.n and n.one_empty == 73
    assert n.exact == 1 and n.max_rel_diff == 0
    assert layer(lines, "received")["year"].exact < 1
    assert layer(lines, "received")["design"].exact is None


def test_columns_filled_once_and_free_text_are_left_out(root, settings):
    names = compared_fields(root / "data", settings)
    header = columns(root / "data" / "extracted", "outcomes")
    once = read_rows(root / "data" / "raw" / "as_received" / "completions.csv")[0].keys() & set(header)
    assert once - {"result"} == set(settings.agreement.coded_once)
    assert not {*once, "note", "measure", "location", "study", "source_quote"} & set(names)
    assert {"domain", "direction", "t", "n_arm2", "contrast"} <= set(names)


def test_a_column_coded_once_that_does_not_exist(root, settings):
    wrong = settings.model_copy(update={"agreement": Agreement(coded_once=("pairring",))})
    with pytest.raises(ValueError, match=r"coded_once: outcomes\.csv has no column pairring"):
        agreement_table(root / "data", wrong)


def test_shares_decided_for_the_extractors(lines):
    first, second = layer(lines, "extractor").values()
    assert first.n == second.n > 0 and first.agreement + second.agreement <= 1
    assert (
        first.note
        == f"decided for the first extractor in {round(first.agreement * first.n)} of {first.n} disagreements"
    )


def test_every_study_has_its_line(root, lines):
    studies = layer(lines, "study")
    assert set(studies) == {row["study"] for row in read_rows(root / "data" / "raw" / "form_first.csv")}
    assert all(0 <= line.agreement <= 1 and line.n > 0 and line.kappa is None for line in studies.values())


def test_one_more_disagreement_is_counted(review, settings, edit, lines):
    edit(review / "data" / "raw" / "form_first.csv", "r057", "t", "9.86")
    after = agreement_table(review / "data", settings)
    one, other = layer(lines, "form")["t"], layer(after, "form")["t"]
    assert other.exact < one.exact == 1 and other.agreement < one.agreement
    assert other.max_rel_diff == pytest.approx(0.18 / 9.86)
    assert (
        layer(after, "study")["SSWR2018_MHtraining"].agreement < layer(lines, "study")["SSWR2018_MHtraining"].agreement
    )
    assert layer(after, "extractor")["first"].note.endswith("disagreements; 1 open")


def test_forms_that_cannot_be_compared(review, settings):
    path = review / "data" / "raw" / "form_second.csv"
    path.write_text(path.read_text().rstrip("\n") + ",more\n")
    with pytest.raises(ValueError, match="the row has extra cells"):
        agreement_table(review / "data", settings)


def test_a_result_found_by_one_alone_is_counted(review, settings, lines):
    path = review / "data" / "raw" / "form_second.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    after = agreement_table(review / "data", settings)
    assert layer(lines, "found")["result"].agreement == 1
    found = layer(after, "found")["result"]
    assert (found.n, found.note) == (154, "153 of 154 results found by both")
    assert {line.n for line in after if line.layer == "form" and line.kappa is not None} == {153}


def test_the_share_of_cells_that_agree_is_that_of_the_studies(lines):
    cells, studies = layer(lines, "cells")["all fields"], layer(lines, "study").values()
    assert cells.n == sum(line.n for line in studies)
    assert cells.agreement == pytest.approx(sum(line.agreement * line.n for line in studies) / cells.n)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("n_comparator", "n_control", 1), "the header lacks n_comparator"),
        (
            lambda text: "".join(text.splitlines(keepends=True)[:-1]),
            "rows of the other received file are missing: ",
        ),
        (lambda text: text + text.splitlines(keepends=True)[-1], "column result_id: found twice: r154"),
    ],
)
def test_received_files_that_cannot_be_compared(review, settings, change, said):
    path = review / "data" / "raw" / "as_received" / "extraction_second.csv"
    path.write_text(change(path.read_text()))
    with pytest.raises(ValueError) as error:
        agreement_table(review / "data", settings)
    assert said in str(error.value)


def test_a_received_file_that_is_not_there(root, settings):
    gone = Received(first="raw/none.csv", second="raw/none.csv", key="x", fields=("y",))
    with pytest.raises(FileNotFoundError):
        agreement_table(root / "data", settings.model_copy(update={"agreement": Agreement(received=gone)}))


def test_a_review_extracted_once_says_so(example):
    settings = read_settings(example / "config" / "review.yaml")
    [line] = agreement_table(example / "data", settings)
    assert line.note.startswith("The figures were extracted once") and line.kappa is None


def test_the_table_never_prints_nan(lines):
    rows = list(csv.DictReader(io.StringIO(agreement_csv(lines))))
    assert len(rows) == len(lines)
    cells = [cell for row in rows for cell in row.values()]
    assert not {"nan", "NaN", "None", "inf"} & set(cells)
    assert all(row["note"] for row in rows if row["layer"] in ("form", "received") and not row["kappa"])


@pytest.mark.parametrize(
    ("first", "second", "kappa", "said"),
    [
        (["a"] * 5, ["a"] * 5, None, "one category only"),
        ([], [], None, "nothing to compare"),
        (["a", "b"], ["a", "b"], 1.0, "no interval"),
        (["a", "b"], ["b", "a"], -1.0, "no interval"),
        (["a", "a"], ["b", "b"], 0.0, "no interval"),
    ],
)
def test_degenerate_codings_have_a_note_and_no_interval(first, second, kappa, said):
    found = cohens_kappa(first, second)
    assert found.kappa == kappa and said in found.note
    assert found.kappa_lb is None and found.kappa_ub is None


def test_codings_of_unequal_length():
    with pytest.raises(ValueError, match="differ in length: 1 and 2"):
        cohens_kappa(["a"], ["a", "b"])


def test_a_column_that_is_never_filled():
    line = field_agreement("form", "icc", ["", ""], ["", ""], 0.95, True)
    assert line.agreement is None and line.kappa is None and "empty in both" in line.note


def test_numbers_are_compared_as_numbers_and_texts_as_texts():
    assert field_agreement("form", "t", ["0.9", "2"], ["0.90", "2.0"], 0.95, True).agreement == 1
    assert field_agreement("form", "page", ["0.9", "2"], ["0.90", "2.0"], 0.95, False).agreement == 0


@examples(deadline=None)
@given(codings)
def test_kappa_has_its_bounds_and_is_symmetric(pairs):
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    k, turned = cohens_kappa(first, second), cohens_kappa(second, first)
    assert (k.kappa, k.agreement, k.prevalence) == (turned.kappa, turned.agreement, turned.prevalence)
    assume(k.kappa is not None)
    assert -1 <= k.kappa <= 1 and k.kappa <= k.agreement
    assert k.se == pytest.approx(turned.se, abs=1e-12)
    if k.kappa_lb is not None:
        assert -1 <= k.kappa_lb <= k.kappa <= k.kappa_ub <= 1


@examples(deadline=None)
@given(codings, st.permutations("wxyz"))
def test_kappa_does_not_depend_on_the_names_of_categories(pairs, names):
    other = dict(zip("abcd", names, strict=True))
    k = cohens_kappa([a for a, _ in pairs], [b for _, b in pairs])
    renamed = cohens_kappa([other[a] for a, _ in pairs], [other[b] for _, b in pairs])
    assert (k.kappa, k.agreement, k.categories) == (renamed.kappa, renamed.agreement, renamed.categories)


@given(st.lists(st.sampled_from("abcd"), min_size=2))
def test_full_agreement_is_one(coding):
    assume(len(set(coding)) > 1)
    assert cohens_kappa(coding, coding).kappa == 1


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_relative_difference_is_symmetric_and_bounded(a, b):
    assume(math.isfinite(a - b))
    assert relative_difference(a, b) == relative_difference(b, a)
    assert 0 <= relative_difference(a, b) <= 2


def reference(root):
    return json.loads((root / "tests" / "reference" / "agreement.json").read_text())["cases"]


def test_kappa_equals_r_and_statsmodels(root):
    cases = reference(root)
    assert len(cases) == 61
    for case in cases:
        k = cohens_kappa(*ratings(case["counts"]))
        theirs = their_kappa(np.array(case["counts"]))
        assert k.kappa == pytest.approx(case["kappa"], abs=1e-12) == theirs.kappa
        assert k.se == pytest.approx(case["se"], abs=1e-12) == theirs.std_kappa


def test_kappa_by_hand(root):
    """Of 100 pairs 89 agree, and .80 x .80 + .10 x .05 + .10 x .15 = .66 by chance: kappa = .23/.34."""
    k = cohens_kappa(*ratings([[75, 1, 4], [5, 4, 1], [0, 0, 10]]))
    assert (k.n, k.agreement, k.prevalence, k.categories) == (100, 0.89, 0.80, 3)
    assert k.kappa == pytest.approx(23 / 34, abs=1e-15)


@pytest.mark.reference
def test_the_reference_of_agreement_is_what_r_gives(root, forked_r, tmp_path):
    out = tmp_path / "agreement.json"
    done = forked_r("tests/reference/agreement.R", out)
    assert done.returncode == 0, done.stderr
    for one, other in zip(reference(root), json.loads(out.read_text())["cases"], strict=True):
        assert one["counts"] == other["counts"]
        assert (one["kappa"], one["se"]) == pytest.approx((other["kappa"], other["se"]), rel=1e-12)
