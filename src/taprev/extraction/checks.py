"""What the codebook cannot say: figures that contradict one another, and rows the review has no place for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from taprev.extraction.consensus import consensus_problems
from taprev.extraction.flow_checks import flow_problems
from taprev.extraction.form_cells import form_cell_problems
from taprev.extraction.forms import form_paths
from taprev.extraction.judgements import judgement_problems
from taprev.extraction.levels_of_settings import settings_problems, unplaced
from taprev.extraction.missing_evidence import missing_evidence_problems
from taprev.extraction.problems import Problem, first_of
from taprev.extraction.read_elsewhere import place_without_figure
from taprev.extraction.required_columns import codebook_problems
from taprev.extraction.sheets.reading import read_table
from taprev.extraction.table_problems import table_problems, unreadable
from taprev.extraction.tables import Row, codebook, figure, named, numbered_rows, read_rows, there
from taprev.ground.staging import STAGE, unfinished
from taprev.settings import Settings
from taprev.vocabulary import FEWEST_CORRELATED, GivenEffect, Statistic

FIGURES = {
    "means": ("mean_arm1", "sd_arm1", "mean_arm2", "sd_arm2", "n_arm1"),
    "medians": ("median_arm1", "q1_arm1", "q3_arm1", "median_arm2", "q1_arm2", "q3_arm2", "n_arm1"),
    "change": ("mean_change_arm1", "sd_change_arm1", "n_arm1"),
    "events": ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2"),
    "counts": ("count_arm1", "count_arm2"),
    "smd": ("smd",),
    "cohens_f": ("cohens_f",),
    "ratio": ("ratio",),
    "correlation": ("pearson_r",),
    "effect": ("yi",),
    "t": ("t",),
    "F": ("F",),
    "z": ("z",),
    "p": ("p",),
    "p_bound": ("p_bound",),
}
Finding = tuple[str, str, str]


def review_problems(data: Path, settings: Settings) -> list[Problem]:
    """Return everything that stops a review of `data`: the tables first, then the consensus of the forms."""
    if stopped := half_written(data):
        return stopped
    problems = extraction_problems(data / "extracted", settings)
    if not settings.extraction.once and all(problem.column for problem in problems):
        wrong = form_cell_problems(data, settings)
        unfit = {(problem.result, problem.column) for problem in wrong}
        merged = consensus_problems(data, settings.extraction)
        problems = [*wrong, *(one for one in merged if (one.result, one.column) not in unfit), *problems]
    return problems


def half_written(data: Path) -> list[Problem]:
    """Return the problem of a review into which a command was writing several files when it was stopped."""
    if not unfinished(data.parent):
        return []
    found = "a command was stopped here while it wrote several files, and some of them may be of before."
    advice = "Give the same command again (taprev import or taprev init): it puts the rest in place."
    return [Problem((data.parent / STAGE).as_posix(), None, "", "", "", found, advice)]


def of_other_people(path: Path, settings: Settings) -> list[str]:
    """Return a sentence for each domain with results of people that it is not about; these are excluded.

    `path` is that of the outcomes or of a form; a row without an identifier is named by its number.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for number, row in numbered_rows(path):
        domain, people = settings.domains.get(row.get("domain") or ""), row.get("population")
        if domain and people and people != domain.population:
            found.setdefault((row["domain"], people), []).append(row.get("result") or f"row {number}")
    return [
        f"{named(path)}: the domain {domain} is about {settings.domains[domain].population}, and these results are of "
        f"{people}, so they are excluded: {first_of(results)}. Where the domain is about them, change its population "
        "in the settings."
        for (domain, people), results in found.items()
    ]


def of_other_people_in_forms(data: Path, settings: Settings) -> list[str]:
    """Return the same for the forms, as far as they can be read."""
    legible = [path for path in form_paths(data).values() if there(path) and read_table(path).legible]
    return [] if settings.extraction.once else [said for path in legible for said in of_other_people(path, settings)]


def checked_csv(data: Path) -> str:
    """Return what was checked: each table with the number of its rows."""
    folder = data / "extracted"
    counts = [f"{name},{len(read_rows(folder / table['path']))}" for name, table in codebook(folder).items()]
    return "\n".join(["table,rows", *counts]) + "\n"


def extraction_problems(folder: Path, settings: Settings) -> list[Problem]:
    """Return everything that stops a review of the tables in `folder`, the codebook first."""
    problems = unreadable(folder) or [*codebook_problems(folder), *table_problems(folder)]
    return problems or [
        *settings_problems(folder, settings),
        *_row_problems(folder, settings),
        *flow_problems(folder),
        *judgement_problems(folder, settings),
        *missing_evidence_problems(folder, settings),
    ]


def _row_problems(folder: Path, settings: Settings) -> Iterator[Problem]:
    path = folder / "outcomes.csv"
    study_of = {report["report"]: report["study"] for report in read_rows(folder / "reports.csv")}
    where = named(path)
    for number, row in numbered_rows(path):
        findings = [*unplaced(row, settings), *_wrong_report(row, study_of)]
        findings += [finding for check in CHECKS for finding in check(row)]
        for column, found, advice in findings:
            yield Problem(where, number, row["result"], row["study"], column, found, advice)


def _wrong_report(row: Row, study_of: dict[str, str]) -> Iterator[Finding]:
    if study_of[row["report"]] != row["study"]:
        found = f'found "{row["report"]}", which reports.csv gives to {study_of[row["report"]]}.'
        yield "report", found, "Correct the report or the study of the row."


def statistic_without_figures(row: Row) -> Iterator[Finding]:
    """The statistic names a group of figures that the row does not fill."""
    needed = FIGURES.get(row["statistic"], ())
    missing = [name for name in needed if not row.get(name)]
    if missing:
        found = f'found "{row["statistic"]}", but these cells are empty: {", ".join(missing)}.'
        yield "statistic", found, "Fill them, or name the statistic that is printed."


def interval_out_of_order(row: Row) -> Iterator[Finding]:
    """The limits of an interval stand in the wrong order or at the same place."""
    lb, ub = figure(row, "ci_lb"), figure(row, "ci_ub")
    if lb is not None and ub is not None and lb >= ub:
        found = f"found an interval from {row['ci_lb']} to {row['ci_ub']}."
        yield "ci_lb", found, "The lower limit must be below the upper one."


def interval_excludes_estimate(row: Row) -> Iterator[Finding]:
    """The printed interval does not contain its own estimate."""
    lb, ub = figure(row, "ci_lb"), figure(row, "ci_ub")
    column = next((name for name in ("md", "smd", "ratio", "pearson_r") if row.get(name)), None)
    if column is None or lb is None or ub is None or lb >= ub:
        return
    if not lb <= float(row[column]) <= ub:
        found = f"found {row[column]} with an interval from {row['ci_lb']} to {row['ci_ub']}, which excludes it."
        yield column, found, "One of the three is misread, or misprinted: look them up."


def ratio_limit_not_positive(row: Row) -> Iterator[Finding]:
    """A ratio's interval reaches zero or below."""
    lb = figure(row, "ci_lb")
    if row["ratio"] and lb is not None and lb <= 0:
        yield "ci_lb", f"found {row['ci_lb']}, but the limits of a ratio are above 0.", "Look it up."


def correlation_limit_beyond_one(row: Row) -> Iterator[Finding]:
    """A correlation's interval reaches beyond -1 or 1."""
    for column in ("ci_lb", "ci_ub") if row["statistic"] == Statistic.CORRELATION else ():
        if row[column] and abs(float(row[column])) > 1:
            found = f"found {row[column]}, but the limits of a correlation lie between -1 and 1."
            yield column, found, "Look it up; an interval of Fisher's z belongs in statistic effect, as fisher_z."


def correlation_of_too_few(row: Row) -> Iterator[Finding]:
    """A correlation is of fewer people than a standard error of it needs."""
    n = figure(row, "n_arm1")
    if row["statistic"] == Statistic.CORRELATION and n is not None and n < FEWEST_CORRELATED:
        found = f"found {row['n_arm1']} people, but a correlation needs at least {FEWEST_CORRELATED}."
        yield "n_arm1", found, "Write how many people the correlation is of."


def correlation_with_a_second_n(row: Row) -> Iterator[Finding]:
    """A correlation, which is of one set of people, carries a second sample size."""
    if row["statistic"] == Statistic.CORRELATION and row["n_arm2"]:
        found = f"found {row['n_arm2']} beside a correlation."
        yield "n_arm2", found, "All people whom a correlation is of are counted in n_arm1; empty the cell."


def events_above_total(row: Row) -> Iterator[Finding]:
    """More people have the event than are at risk."""
    for arm in ("arm1", "arm2"):
        event, total = figure(row, f"event_{arm}"), figure(row, f"totaln_{arm}")
        if event is not None and total is not None and event > total:
            found = f"found {row[f'event_{arm}']} events among {row[f'totaln_{arm}']} people."
            yield (
                f"event_{arm}",
                found,
                "Look both up; counts of episodes belong in count_arm1 and count_arm2.",
            )


def quartiles_out_of_order(row: Row) -> Iterator[Finding]:
    """A median does not lie between its quartiles."""
    for arm in ("arm1", "arm2"):
        printed = [(name, figure(row, name)) for name in (f"q1_{arm}", f"median_{arm}", f"q3_{arm}")]
        filled = [(name, value) for name, value in printed if value is not None]
        for (lower, low), (upper, high) in pairwise(filled):
            if low > high:
                found = f"found {row[lower]}, above {upper}, which is {row[upper]}."
                yield lower, found, "Q1, median and Q3 stand in this order: look them up."


def pairing_of_a_parallel_contrast(row: Row) -> Iterator[Finding]:
    """Pairing is recorded for a contrast that is not before-after."""
    if row["pairing"] and row["contrast"] != "before_after":
        found = f'found "{row["pairing"]}" for a {row["contrast"]} contrast.'
        yield "pairing", found, "Only before-after contrasts are matched or unmatched; empty the cell."


def before_sample_of_matched_pairs(row: Row) -> Iterator[Finding]:
    """A matched before-after contrast carries a second sample size."""
    if row["contrast"] == "before_after" and row["pairing"] == "matched" and row["n_arm2"]:
        found = f"found {row['n_arm2']} in a matched before-after contrast."
        yield "n_arm2", found, "The pairs are counted in n_arm1; empty the cell, or correct the pairing."


def direction_against_figures(row: Row) -> Iterator[Finding]:
    """The recorded direction contradicts the sign of the printed figures."""
    sign = next((s for s in (_difference(row), _log_ratio(row)) if s is not None), None)
    if sign is None or row["direction"] == "mixed" or row["arm"]:
        return
    turned = sign if row["better"] == "higher" else -sign
    printed = "better" if turned > 0 else "worse" if turned < 0 else "no_difference"
    if row["direction"] != printed:
        found = f'found "{row["direction"]}", but the figures and "better = {row["better"]}" say {printed}.'
        yield "direction", found, "Direction follows the printed sign: correct it, the figures, or better."


def _difference(row: Row) -> float | None:
    """Return arm 1 minus arm 2, the change of the one arm, or a correlation, as far as it is printed."""
    if row["md"] or row.get("pearson_r"):
        return float(row["md"] or row["pearson_r"])
    if row.get("yi") and row.get("effect_measure") in (GivenEffect.MD, GivenEffect.FISHER_Z):
        return float(row["yi"])
    for name in ("mean", "median", "mean_change"):
        if row[f"{name}_arm1"] and row[f"{name}_arm2"]:
            return float(row[f"{name}_arm1"]) - float(row[f"{name}_arm2"])
    if row["contrast"] == "before_after" and row["mean_change_arm1"]:
        return float(row["mean_change_arm1"])
    if all(row[f"{name}_{arm}"] for name in ("event", "totaln") for arm in ("arm1", "arm2")):
        return float(row["event_arm1"]) / float(row["totaln_arm1"]) - float(row["event_arm2"]) / float(
            row["totaln_arm2"]
        )
    return None


def _log_ratio(row: Row) -> float | None:
    """Return a number with the sign of the log of a ratio, as far as one is printed."""
    if row["ratio"]:
        return float(row["ratio"]) - 1
    if row.get("yi") and row.get("effect_measure") == GivenEffect.LOG_RATIO:
        return float(row["yi"])
    if row["count_arm1"] and row["count_arm2"] and bool(row["time_arm1"]) == bool(row["time_arm2"]):
        times = [figure(row, name) or 1.0 for name in ("time_arm1", "time_arm2")]
        return float(row["count_arm1"]) / times[0] - float(row["count_arm2"]) / times[1]
    return None


CHECKS: tuple[Callable[[Row], Iterator[Finding]], ...] = (
    statistic_without_figures,
    interval_out_of_order,
    interval_excludes_estimate,
    ratio_limit_not_positive,
    correlation_limit_beyond_one,
    correlation_of_too_few,
    correlation_with_a_second_n,
    events_above_total,
    quartiles_out_of_order,
    pairing_of_a_parallel_contrast,
    before_sample_of_matched_pairs,
    direction_against_figures,
    place_without_figure,
)
