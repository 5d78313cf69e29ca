"""Plausibility checks: each has a name, a reason and a severity, and asks a question that a person answers.

An `error` stops the review (`taprev check` says it); a `query` stands in `results/audit/queries.csv` with its
answer from `data/raw/answers.csv`, or open. A check sees figures and words, never identifiers.
"""

from __future__ import annotations

from collections.abc import Sequence

from taprev.extraction.checks import CHECKS as CONTRADICTIONS
from taprev.extraction.forms import FormRows
from taprev.extraction.looked_up import LookedUpFigure
from taprev.extraction.plausibility import (
    across,
    coding,
    expression,
    from_means,
    impossible,
    instruments,
    judging,
    looked_up,
    of_forms,
    precision,
    recompute,
    same_people,
    signalling,
    sizes,
    sources,
    unprinted,
)
from taprev.extraction.plausibility.query import Check, ExtractedTables, Query, row_check, table_check
from taprev.extraction.risk_of_bias.tools import BiasTools
from taprev.extraction.tables import Row

OF_SOURCES = (looked_up.figure_not_in_source, looked_up.figure_away_from_its_row)
"""The checks that ask something only where a source is kept, which it need not be everywhere."""
REGISTRY: tuple[Check, ...] = (
    *(row_check(test, "error") for test in CONTRADICTIONS),
    *(
        row_check(test)
        for test in (
            recompute.p_against_t,
            recompute.p_against_F,
            recompute.p_against_z,
            recompute.p_against_correlation,
            recompute.p_against_interval,
            recompute.p_against_standard_error,
            recompute.interval_against_standard_error,
            recompute.interval_not_symmetric,
            recompute.df_against_n,
            from_means.md_against_means,
            from_means.t_against_means,
            from_means.p_against_means,
            from_means.smd_against_means,
            from_means.smd_against_test,
            from_means.p_against_cohens_f,
            precision.level_not_as_printed,
            precision.precision_against_n,
            precision.clusters_allowed_for_in_words,
            precision.covariates_in_words,
            precision.adjusted_test_of_raw_scores,
            precision.repeated_measures_in_words,
            precision.repeated_measures_of_parallel_groups,
            precision.p_of_zero,
            precision.fewer_digits_than_printed,
            sizes.effect_beyond_two,
            sizes.ratio_beyond_twenty,
            sizes.standard_error_as_sd,
            sizes.mean_eight_times_the_other,
            sizes.mean_of_whole_numbers,
            impossible.sd_of_whole_numbers,
            impossible.sd_of_zero_and_one,
            impossible.correlation_of_changes,
            instruments.score_outside_instrument,
            instruments.sd_unusual_for_instrument,
            instruments.better_against_instrument,
            sizes.percentage_against_counts,
            sizes.odds_against_percentages,
            expression.cell_not_as_printed,
            expression.sign_not_as_printed,
            expression.n_not_as_printed,
            sizes.totals_against_n,
            expression.order_not_as_printed,
            expression.unusual_bound,
            expression.lower_bound_on_small_p,
            expression.brackets_do_not_close,
            coding.tie_called_change,
            coding.smd_against_direction,
            coding.interval_against_direction,
            coding.cluster_called_individual,
            coding.pairing_against_n,
            sizes.n_against_clusters,
            sizes.no_more_people_than_clusters,
            coding.months_against_timepoint,
        )
    ),
    *(
        table_check(test)
        for test in (
            across.shared_comparator,
            across.same_n_of_comparators,
            across.arm_on_both_sides,
            across.whole_beside_its_parts,
            across.repeated_result,
            across.copied_figures,
            across.better_differs,
            across.unit_of_allocation_differs,
            across.n_of_the_other_arm,
            across.sd_of_the_same_measure,
            across.sd_in_other_studies,
            across.effect_far_from_others,
            across.ratios_run_both_ways,
            across.almost_copied_figures,
            impossible.n_that_grows,
            same_people.two_samples_of_one_size,
            same_people.digits_of_n_exchanged,
            same_people.unmatched_samples_of_one_size,
            same_people.population_of_another_domain,
            same_people.figures_of_another_study,
            sources.studies_cited_alike,
            sources.year_to_come,
            of_forms.form_copied,
            of_forms.identifiers_exchanged,
            impossible.text_in_another_encoding,
            sources.one_source_two_studies,
            sources.overlapping_reports,
            sources.year_against_citation,
            sources.report_before_study,
            sources.measured_after_the_report,
            unprinted.n_not_printed,
            unprinted.figures_without_expression,
            judging.tool_for_another_allocation,
            judging.judged_with_several_tools,
            signalling.judgement_against_answers,
            signalling.answers_that_stop,
            signalling.overall_against_domains,
        )
    ),
    *(table_check(test) for test in OF_SOURCES),
)


def row_queries(row: Row) -> list[Query]:
    """Return what the checks of single rows ask of one row."""
    return [
        Query(check.name, check.severity, row["result"], row["study"], *finding)
        for check in REGISTRY
        if check.of_row
        for finding in check.of_row(row)
    ]


def table_queries(
    rows: list[Row],
    studies: list[Row],
    reports: list[Row],
    judged: Sequence[Row] = (),
    *,
    tools: BiasTools,
    forms: FormRows | None = None,
    looked_up: Sequence[LookedUpFigure] = (),
) -> list[Query]:
    """Return what the checks that compare rows ask.

    `judged` is the risk of bias in the words of `tools`, those of the codebook.
    """
    tables = ExtractedTables(rows, studies, reports, list(judged), tools, forms or {}, looked_up)
    return [
        Query(check.name, check.severity, finding.result, finding.study, finding.column, finding.found, finding.ask)
        for check in REGISTRY
        if check.of_tables
        for finding in check.of_tables(tables)
    ]


def queries(
    rows: list[Row],
    studies: list[Row],
    reports: list[Row],
    judged: Sequence[Row] = (),
    *,
    tools: BiasTools,
    forms: FormRows | None = None,
    looked_up: Sequence[LookedUpFigure] = (),
) -> list[Query]:
    """Return every question of every check, row by row, then those that compare rows, as `table_queries`."""
    of_rows = (query for row in rows for query in row_queries(row))
    of_tables = table_queries(rows, studies, reports, judged, tools=tools, forms=forms, looked_up=looked_up)
    return [*of_rows, *of_tables]
