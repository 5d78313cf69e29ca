"""Combined p values: equal to SciPy's, one a study, sided by the direction, and withheld where they would mislead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import combine_pvalues, norm

from taprev.synthesis.pvalues import combine, combined_p, one_sided_z
from taprev.wording.notes import reason


@pytest.mark.parametrize("method", ["Fisher", "Stouffer"])
@pytest.mark.parametrize("p", [[0.01, 0.2, 0.6, 0.04], [0.5], [1e-12, 0.9], [1e-200, 1e-150, 0.3]])
def test_the_combined_p_equals_scipys(method, p):
    better, worse = combine(-norm.ppf(p), method)
    assert better == pytest.approx(combine_pvalues(p, method.lower()).pvalue, rel=1e-9)
    assert worse == pytest.approx(combine_pvalues(1 - np.array(p), method.lower()).pvalue, rel=1e-6)


def test_the_direction_gives_the_side():
    assert norm.sf(one_sided_z(0.04, "better")) == pytest.approx(0.02)
    assert norm.sf(one_sided_z(0.04, "worse")) == pytest.approx(0.98)
    assert one_sided_z(1e-300, "worse") == -one_sided_z(1e-300, "better") < -37


@pytest.mark.parametrize("p", [[], [np.inf], [-np.inf], [np.nan, 0.2]])
def test_impossible_p_values_are_refused(p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        combine(p, "Fisher")


def test_an_unknown_test_is_refused():
    with pytest.raises(ValueError, match="use Fisher or Stouffer"):
        combine([0.8], "Tippett")


@pytest.fixture
def silent(shipped_rows):
    """Return a row without a magnitude, to be given a study, a p and a direction."""
    row = next(r for rows in shipped_rows.values() for r in rows if r.fate == "direction_only")
    return lambda result, study, p, direction="better", **more: replace(
        row, result=result, study=study, p=p, direction=direction, yi=None, votes=True, **more
    )


def test_studies_count_once_by_their_middle_result(silent):
    rows = [
        silent("a", "A", 0.01),
        silent("b", "A", 0.2),
        silent("c", "A", 0.5),
        silent("d", "B", 0.03, "worse"),
    ]
    fisher, stouffer = combined_p(rows, systematic_search=True)
    assert fisher.results == ("b", "d") and fisher.studies == 2
    assert fisher.pval_better == pytest.approx(combine_pvalues([0.1, 0.985], "fisher").pvalue, rel=1e-9)
    assert stouffer.pval_worse == pytest.approx(combine_pvalues([0.9, 0.015], "stouffer").pvalue, rel=1e-9)
    assert "at least one study" in fisher.question and "taken together" in stouffer.question
    two = combined_p([silent("a", "A", 0.01), silent("b", "A", 0.4), silent("c", "B", 0.4)], True)[0]
    assert two.results == ("b", "c")


def test_what_has_no_side_or_a_magnitude_of_its_own_is_not_combined(silent):
    rows = [silent("a", "A", 0.2, "unclear"), silent("b", "B", None), silent("c", "C", 0.2, fate="shown")]
    rows.append(replace(silent("d", "D", 0.1), yi=0.3, vi=0.1))
    assert [found.results for found in combined_p(rows, True)] == [("c",), ("c",)]
    assert combined_p(rows, True)[0].pval_better is None


def test_without_a_systematic_search_the_p_is_withheld(silent):
    found = combined_p([silent("a", "A", 0.01), silent("b", "B", 0.02)], systematic_search=False)
    assert all(one.pval_better is None and "over-represented" in reason(one.pval_withheld) for one in found)
