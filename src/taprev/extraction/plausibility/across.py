"""What single rows cannot show: arms counted twice, results entered twice, rows of one study that disagree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cache
from itertools import combinations, repeat
from operator import itemgetter
from statistics import median
from typing import Any

from taprev.extraction.groups import control_identity, name_of
from taprev.extraction.plausibility.expression import FIGURES, SIZES
from taprev.extraction.plausibility.query import ExtractedTables, RowFinding
from taprev.extraction.plausibility.sizes import LARGEST_G, LARGEST_SD_RATIO, first_effect
from taprev.extraction.tables import Row
from taprev.vocabulary import Better, Contrast

WHAT = ("study", "domain", "measure", "timepoint")
FIGURES_OF_ARM = ("mean", "sd", "median", "mean_change", "sd_change", "event", "totaln", "n")
FEWEST_OF_ARM = 2
WHO = ("study", "sample", "domain", "measure", "timepoint")
APART = ("analysis_set", "scale_part", "adjustment", "arm")
COMPARATOR = ("mean_arm2", "sd_arm2", "n_arm2")
FEWEST_FIGURES = 3
FEWEST_STUDIES = 2
FEWEST_EFFECTS = 4
LEAST_FAR = 1.0
LARGEST_EFFECT_RATIO = 5.0
MEAN = {"sd_arm1": "mean_arm1", "sd_arm2": "mean_arm2"}


def figures_in(row: Row, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the cells of a row in two columns or more, empty where the table lacks one."""
    try:
        return _cells_of(columns)(row)
    except KeyError:
        return tuple(map(row.get, columns, repeat("")))


@cache
def _cells_of(columns: tuple[str, ...]) -> itemgetter[Any]:
    return itemgetter(*columns)


def filled(figures: tuple[str, ...]) -> int:
    """Return how many cells are not empty."""
    return len(figures) - figures.count("")


def grouped(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> list[list[Row]]:
    """Return the groups of two or more rows that share a key; an empty key groups nothing."""
    groups: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        if value := key(row):
            groups[value].append(row)
    return [group for group in groups.values() if len(group) > 1]


def shared_comparator(tables: ExtractedTables) -> Iterator[RowFinding]:
    """One comparator stands in several contrasts of a study, so that its people would be counted twice."""
    cells = itemgetter(*WHO, *COMPARATOR, *APART)

    def key(row: Row) -> Hashable:
        controlled = row["contrast"] in (Contrast.RANDOMISED, Contrast.CONTROLLED) and row["n_arm2"]
        return controlled and cells(row)

    for group in grouped(tables.rows, key):
        if len({tuple(row[name] for name in ("mean_arm1", "sd_arm1", "n_arm1")) for row in group}) > 1:
            yield _of(group, "n_arm2", "one comparator in several contrasts.", "Combine the arms, or split the n.")


def same_n_of_comparators(tables: ExtractedTables) -> Iterator[RowFinding]:
    """Samples of one study have comparators of one n; nothing says whether they are the same people."""
    cells = itemgetter(*WHAT, "contrast", "n_arm2")

    def key(row: Row) -> Hashable:
        return _controlled(row) and row["n_arm2"] and cells(row)

    for group in grouped(tables.rows, key):
        names = {name_of(row, "arm2") for row in group}
        unsaid = "" in names and (len(names) > 1 or not any(map(control_identity, group)))
        if unsaid and len({row["sample"] for row in group}) > 1:
            ask = "Are they the same people? Name them in group_arm2: one name if they are, two if they are not."
            yield _of(group, "group_arm2", f"comparators of {group[0]['n_arm2']} people in several samples.", ask)


def arm_on_both_sides(tables: ExtractedTables) -> Iterator[RowFinding]:
    """The people of a programme in one row are the comparator in another row of the study."""
    ask = "Both contrasts would count them. Which one does the review ask about? Leave the other out."
    for row in filter(_controlled, tables.rows):
        if (name := name_of(row, "arm1")) and name == name_of(row, "arm2"):
            found = "found one name for the people of both arms."
            yield RowFinding(row["result"], row["study"], "group_arm2", found, "Who are the people of arm 2?")
    for group in grouped(filter(_controlled, tables.rows), itemgetter(*WHAT)):
        for row in group:
            for other in group:
                if row is not other and _same_people(row, other):
                    found = f"found the people of arm 1 as the comparator of {other['result']}."
                    yield RowFinding(row["result"], row["study"], "group_arm1", found, ask)


def whole_beside_its_parts(tables: ExtractedTables) -> Iterator[RowFinding]:
    """In both arms the n of one sample is the sum of two others, as when men and women stand beside the whole."""
    for group in grouped(filter(_controlled, tables.rows), itemgetter(*WHAT, *APART)):
        samples = list({row["sample"]: row for row in group if row["n_arm1"] and row["n_arm2"]}.values())
        for one, other in combinations(samples, 2):
            sums = tuple(float(one[n]) + float(other[n]) for n in SIZES)
            for whole in samples:
                if tuple(float(whole[n]) for n in SIZES) == sums:
                    found = f"found {sums[0]:g} and {sums[1]:g} people, those of {one['result']} and {other['result']}."
                    ask = "Are these its parts? Pool the whole or the parts, not both."
                    yield RowFinding(whole["result"], whole["study"], "sample", found, ask)


def _controlled(row: Row) -> bool:
    return row["contrast"] in (Contrast.RANDOMISED, Contrast.CONTROLLED) and not row["arm"]


def _same_people(row: Row, other: Row) -> bool:
    """Return whether arm 1 of a row is arm 2 of another, by their names or else by their figures."""
    one, two = name_of(row, "arm1"), name_of(other, "arm2")
    if one and two:
        return one == two
    figures = [(row[f"{name}_arm1"], other[f"{name}_arm2"]) for name in FIGURES_OF_ARM]
    return all(one == two for one, two in figures) and sum(bool(one) for one, _ in figures) >= FEWEST_OF_ARM


def repeated_result(tables: ExtractedTables) -> Iterator[RowFinding]:
    """Two rows hold the same measure of the same people at the same time."""
    cells = itemgetter(*WHO, *APART, "report", *SIZES)

    def key(row: Row) -> Hashable:
        return tuple(map(str.lower, map(str.strip, cells(row))))

    for group in grouped(tables.rows, key):
        yield _of(group, "measure", "one measure at one time entered twice.", "Keep one, or say how they differ.")


def copied_figures(tables: ExtractedTables) -> Iterator[RowFinding]:
    """Two rows agree in every figure, as when one sample is extracted twice or a line is copied."""

    def key(row: Row) -> Hashable:
        figures = figures_in(row, FIGURES)
        return figures if filled(figures) > FEWEST_FIGURES else None

    for group in grouped(tables.rows, key):
        if len({tuple(row[name] for name in (*WHO, *APART)) for row in group}) > 1:
            yield _of(group, "sample", "rows that agree in every figure.", "Is it one sample, extracted twice?")


def better_differs(tables: ExtractedTables) -> Iterator[RowFinding]:
    """One measure is better when higher in one row and better when lower in another."""
    for group in grouped(tables.rows, lambda row: row["measure"].strip().lower()):
        if len({row["better"] for row in group}) > 1:
            yield _of(group, "better", "one measure with both polarities.", "Which way does the instrument run?")


def unit_of_allocation_differs(tables: ExtractedTables) -> Iterator[RowFinding]:
    """One study allocated clusters in one row, and people or nothing named in another."""
    for group in grouped(tables.rows, itemgetter("study", "contrast")):
        units = {row["unit_of_allocation"] for row in group}
        if "cluster" in units and len(units) > 1:
            wrong = [row for row in group if row["unit_of_allocation"] != "cluster"]
            other = next(row for row in group if row["unit_of_allocation"] == "cluster")
            found = f'found "{wrong[0]["unit_of_allocation"]}", where {other["result"]} says cluster.'
            for row in wrong:
                yield RowFinding(row["result"], row["study"], "unit_of_allocation", found, "What was allocated?")


def n_of_the_other_arm(tables: ExtractedTables) -> Iterator[RowFinding]:
    """Both arms have one n in this row and different ones in other rows of the same people."""
    for group in grouped(tables.rows, itemgetter("study", "sample", "analysis_set")):
        pairs = dict.fromkeys((row["n_arm1"], row["n_arm2"]) for row in group)
        unequal = [pair for pair in pairs if all(pair) and pair[0] != pair[1]]
        sizes = {n for pair in unequal for n in pair}
        for row in group:
            n_arm1, n_arm2 = row["n_arm1"], row["n_arm2"]
            if n_arm1 and n_arm1 == n_arm2 and n_arm1 in sizes:
                found = f"found {n_arm1} in both arms, where other rows have {' and '.join(unequal[0])}."
                yield RowFinding(row["result"], row["study"], "n_arm2", found, "Is one of them the n of the other arm?")


def sd_of_the_same_measure(tables: ExtractedTables) -> Iterator[RowFinding]:
    """A standard deviation is less than a third of that of the same measure in another row of the study."""
    for group in grouped(tables.rows, lambda row: (row["study"], row["measure"].strip().lower())):
        spreads = [(float(row[n]), n, row) for row in group for n in ("sd_arm1", "sd_arm2") if row[n]]
        if not spreads:
            continue
        largest = max(spreads, key=lambda item: item[0])
        for value, column, row in spreads:
            if row is not largest[2] and value * LARGEST_SD_RATIO < largest[0]:
                found = f"found {row[column]}, where {largest[2]['result']} has {largest[0]:g} for the same measure."
                yield RowFinding(row["result"], row["study"], column, found, "Is it a standard error?")


def sd_in_other_studies(tables: ExtractedTables) -> Iterator[RowFinding]:
    """A standard deviation is three times smaller or larger than that of the same measure in other studies."""
    for group in grouped(tables.rows, lambda row: (row["measure"].strip().lower(), row["scale_part"], row["sd_basis"])):
        spreads = [(float(row[n]), n, row) for row in group for n in ("sd_arm1", "sd_arm2") if row[n] and row[MEAN[n]]]
        usual_elsewhere = _median_of_the_others([(sd, row["study"]) for sd, _, row in spreads])
        for value, column, row in spreads:
            usual = usual_elsewhere[row["study"]]
            if usual is None:
                continue
            if value * LARGEST_SD_RATIO < usual or value > LARGEST_SD_RATIO * usual:
                found = f"found {row[column]}, where other studies have {usual:g} (median) for the same measure."
                ask = "Is it a standard error, another version of the instrument, or a lost decimal point?"
                yield RowFinding(row["result"], row["study"], column, found, ask)


def _median_of_the_others(values: list[tuple[float, str]]) -> dict[str, float | None]:
    """Return for each study the median of what the others have, or None where fewer than two others have anything."""
    places: dict[str, list[int]] = defaultdict(list)
    ordered = sorted(values)
    for place, (_, study) in enumerate(ordered):
        places[study].append(place)

    def middle(own: list[int]) -> float:
        count = len(ordered) - len(own)
        ranks = (count - 1) // 2, count // 2
        return median(ordered[_skipping(own, rank)][0] for rank in ranks)

    enough = len(places) > FEWEST_STUDIES
    return {study: middle(own) if enough else None for study, own in places.items()}


def _skipping(places: list[int], rank: int) -> int:
    """Return the place that has this rank once some places, in order, are taken out."""
    for place in places:
        rank += place <= rank
    return rank


def ratios_run_both_ways(tables: ExtractedTables) -> Iterator[RowFinding]:
    """Ratios of something wanted stand beside ratios of something unwanted, as abstinence beside relapse."""

    def key(row: Row) -> Hashable:
        counted = row["ratio"] or all(row[f"{name}_{arm}"] for name in ("event", "totaln") for arm in ("arm1", "arm2"))
        return counted and (row["domain"], row["population"], row["contrast"])

    for group in grouped(tables.rows, key):
        both = [[row for row in group if row["better"] == word] for word in (Better.HIGHER, Better.LOWER)]
        fewer, more = sorted(both, key=len)
        for row in fewer:
            found = (
                f"found events of which {row['better']} is better, beside {len(more)} of which {more[0]['better']} is."
            )
            ask = "They are never pooled together. Could those without the event be counted in one of them?"
            yield RowFinding(row["result"], row["study"], "better", found, ask)


def almost_copied_figures(tables: ExtractedTables) -> Iterator[RowFinding]:
    """Rows of two studies agree in all figures but one, as when one sample has two names or a digit slipped."""
    ordered = [(figures_in(row, FIGURES), row) for row in tables.rows]
    many = [(figures, row) for figures, row in ordered if filled(figures) > FEWEST_FIGURES + 1]
    halves = Counter(half for figures, _ in many for half in _halves(figures))
    half_alike = [(figures, row) for figures, row in many if any(halves[half] > 1 for half in _halves(figures))]
    by_part: dict[tuple[int, tuple[str, ...]], list[tuple[tuple[str, ...], Row]]] = defaultdict(list)
    for figures, row in half_alike:
        for position, value in enumerate(figures):
            if value:
                by_part[position, figures[:position] + figures[position + 1 :]].append((figures, row))
    for (position, _), alike in by_part.items():
        (figures, row), *rest = alike
        others = [other for value, other in rest if value != figures and other["study"] != row["study"]]
        if others:
            column, first = FIGURES[position], others[0]
            more = f" (and {len(others) - 1} more rows)" if len(others) > 1 else ""
            found = (
                f"found {row[column]}, where {first['result']} has {first[column]}{more}, and no other figure differs."
            )
            yield RowFinding(row["result"], row["study"], column, found, "Is it one sample under two names?")


def _halves(figures: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return every other figure and the rest: figures that agree in all but one agree in one of them."""
    return figures[::2], figures[1::2]


def effect_far_from_others(tables: ExtractedTables) -> Iterator[RowFinding]:
    """A standardised effect of 1 to 2 is more than five times as large as the middle one of its domain and design."""
    for group in grouped(tables.rows, itemgetter("domain", "contrast")):
        sized = [(abs(g), column, row) for row in group for column, g in first_effect(row)]
        for size, column, row in sized:
            if not LEAST_FAR < size <= LARGEST_G:
                continue
            others = [g for g, _, other in sized if other["study"] != row["study"]]
            if len(others) >= FEWEST_EFFECTS and size > LARGEST_EFFECT_RATIO * (usual := median(others)):
                found = (
                    f"found an effect of about {size:.2g}, where other rows of this design have {usual:.2g} (median)."
                )
                yield RowFinding(row["result"], row["study"], column, found, "Is it printed so?")


def _of(group: list[Row], column: str, what: str, ask: str) -> RowFinding:
    others = ", ".join(row["result"] for row in group[1:])
    return RowFinding(group[0]["result"], group[0]["study"], column, f"found {what[:-1]}, also in {others}.", ask)
