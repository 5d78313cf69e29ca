"""Which studies are in a meta-analysis, told by words alone, or in no synthesis."""

from __future__ import annotations

from dataclasses import replace

from samples.synthesis import sample
from taprev.extraction.flow import Flow, FlowCount, read_flow
from taprev.synthesis.results.inclusion import (
    rows_by_study,
    studies_narrative,
    studies_pooled,
    with_syntheses,
    without_outcome,
)
from taprev.vocabulary import Fate, FlowBox


def test_only_studies_behind_a_pooled_number_are_in_a_meta_analysis():
    pooled, alone = sample("two_studies"), sample("one_study")
    assert len(studies_pooled([pooled])) == 2 and studies_pooled([alone]) == frozenset()
    assert studies_pooled([pooled, alone]) == studies_pooled([pooled])


def test_studies_without_any_result_are_told_from_those_whose_results_are_left_out():
    content = sample("two_studies")
    left_out = replace(content, rows=tuple(replace(row, fate=Fate.EXCLUDED) for row in content.rows))
    studies = [{"study": name} for name in (*rows_by_study([content]), "later_2024")]
    assert without_outcome([left_out], studies) == [{"study": "later_2024"}] and len(studies) == 3


def test_every_study_of_the_shipped_review_is_counted_once(root, shipped_contents):
    pooled, told = studies_pooled(shipped_contents), studies_narrative(shipped_contents)
    assert pooled and told and not pooled & told
    kept = {row.study for content in shipped_contents for row in content.rows if row.fate != Fate.EXCLUDED}
    assert pooled | told == kept
    flow = with_syntheses(read_flow(root / "data" / "extracted"), shipped_contents)
    assert flow.n(FlowBox.STUDIES_IN_META_ANALYSIS) == len(pooled)
    assert flow.n(FlowBox.STUDIES_NARRATIVE_ONLY) == len(told)
    assert flow.n(FlowBox.STUDIES_IN_NO_SYNTHESIS) == 62 - len(kept)
    assert not any(flow[box].doubt for box in FlowBox)


def test_a_study_that_is_excluded_in_one_domain_and_told_in_another_is_told():
    content = sample("directions_only")
    told = studies_narrative([content])
    left_out = replace(content, rows=tuple(replace(row, fate=Fate.EXCLUDED) for row in content.rows))
    assert told and studies_narrative([left_out]) == frozenset() and studies_narrative([left_out, content]) == told


def test_another_number_in_the_file_is_a_doubt_and_the_results_stand():
    typed = Flow({FlowBox.STUDIES_IN_META_ANALYSIS: FlowCount(7), FlowBox.STUDIES_NARRATIVE_ONLY: FlowCount(0)})
    count = with_syntheses(typed, [sample("two_studies")])[FlowBox.STUDIES_IN_META_ANALYSIS]
    assert (count.n, count.doubt) == (2, "flow.csv says 7, but the results of this review have 2.")
    assert with_syntheses(typed, []).n(FlowBox.STUDIES_IN_NO_SYNTHESIS) is None
    assert with_syntheses(typed, [])[FlowBox.STUDIES_NARRATIVE_ONLY].doubt == ""


def test_what_is_in_no_synthesis_is_counted_of_all_studies_of_an_update():
    counts = {FlowBox.PREVIOUS_STUDIES: FlowCount(5), FlowBox.NEW_STUDIES: FlowCount(4)}
    update = Flow({**counts, FlowBox.TOTAL_STUDIES: FlowCount(9)})
    assert with_syntheses(update, [sample("two_studies")]).n(FlowBox.STUDIES_IN_NO_SYNTHESIS) == 7
    assert with_syntheses(Flow(counts), [sample("two_studies")]).n(FlowBox.STUDIES_IN_NO_SYNTHESIS) is None
