"""The errors that are planted, one at a time, each where a row has a place for it."""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

Row = dict[str, str]
ESTIMATES = ("md", "smd", "ratio", "pearson_r")
LIMITS = ("ci_lb", "ci_ub")
NAMED_95 = re.compile(r"95\s*%")
MEANS = ("mean_arm1", "sd_arm1", "mean_arm2", "sd_arm2")
PLANTABLE = (*MEANS, *ESTIMATES, *LIMITS, "count_arm1", "count_arm2", "cohens_f", "t", "F", "z", "p")
PAIRED = ("mean", "sd", "mean_change", "sd_change", "n", "count", "time", "event", "totaln")
PAIRS = tuple((f"{name}_arm1", f"{name}_arm2") for name in PAIRED)


@dataclass(frozen=True)
class Planted:
    """A row with one error, the cell that was changed first, and the row before."""

    before: Row
    after: Row
    column: str


def _changed(row: Row, column: str, **cells: str) -> Planted:
    return Planted(row, row | cells, column)


def has(row: Row, *columns: str) -> bool:
    return all(row[column] for column in columns)


def has_sizes(row: Row) -> bool:
    return bool(row["n_arm1"] and (row["n_arm2"] or row["pairing"] == "matched"))


def _cell(row: Row, draw: random.Random, fits: Callable[[str], bool]) -> str | None:
    cells = [column for column in PLANTABLE if row[column] and fits(row[column])]
    return draw.choice(cells) if cells else None


def lost_decimal_point(row: Row, draw: random.Random) -> Planted | None:
    """9.26 becomes 926."""
    column = _cell(row, draw, lambda text: "." in text and float(text) != int(float(text)))
    if column is None:
        return None
    sign = "-" if row[column].startswith("-") else ""
    return _changed(row, column, **{column: sign + row[column].lstrip("-").replace(".", "").lstrip("0")})


def swapped_digits(row: Row, draw: random.Random) -> Planted | None:
    """9.26 becomes 9.62."""

    def places(text: str) -> list[tuple[int, int]]:
        digits = [place for place, sign in enumerate(text) if sign.isdigit()]
        return [(a, b) for a, b in itertools.pairwise(digits) if text[a] != text[b]]

    column = _cell(row, draw, lambda text: bool(places(text)))
    if column is None:
        return None
    a, b = draw.choice(places(row[column]))
    text = list(row[column])
    text[a], text[b] = text[b], text[a]
    return _changed(row, column, **{column: "".join(text)})


def standard_error_for_sd(row: Row, _: random.Random) -> Planted | None:
    """Both standard deviations are divided by the root of their n."""
    if not (has(row, *MEANS) and has_sizes(row)):
        return None
    sizes = {"sd_arm1": row["n_arm1"], "sd_arm2": row["n_arm2"] or row["n_arm1"]}
    return _changed(row, "sd_arm1", **{sd: f"{float(row[sd]) / math.sqrt(float(n)):.2f}" for sd, n in sizes.items()})


def swapped_arms(row: Row, _: random.Random) -> Planted | None:
    """All figures of arm 1, or after, change places with those of arm 2, or before."""
    present = [pair for pair in PAIRS if has(row, *pair)]
    figures = [pair for pair in present if pair[0] in ("mean_arm1", "mean_change_arm1", "count_arm1", "event_arm1")]
    if not figures or all(float(row[one]) == float(row[two]) for one, two in figures) or row["arm"]:
        return None
    swapped = {one: row[two] for one, two in present} | {two: row[one] for one, two in present}
    return _changed(row, figures[0][0], **swapped)


def swapped_with_direction(row: Row, draw: random.Random) -> Planted | None:
    """The arms, or before and after, change places, and the direction is read off the wrong figures."""
    swapped = swapped_arms(row, draw)
    if swapped is None or row["direction"] not in ("better", "worse"):
        return None
    turned = {"better": "worse", "worse": "better"}[row["direction"]]
    return Planted(row, swapped.after | {"direction": turned}, swapped.column)


def lost_minus(row: Row, draw: random.Random) -> Planted | None:
    """A change or a mean below nought loses its minus sign."""
    names = [f"{name}_{arm}" for name in ("mean_change", "mean") for arm in ("arm1", "arm2")]
    columns = [name for name in names if row[name].startswith("-")]
    if not columns:
        return None
    column = draw.choice(columns)
    return _changed(row, column, **{column: row[column][1:]})


def swapped_digits_of_people(row: Row, draw: random.Random) -> Planted | None:
    """254 people become 245, as n or as the total of events."""
    names = [name for name in ("n_arm1", "n_arm2", "totaln_arm1", "totaln_arm2") if len(set(row[name])) > 1]
    if not names:
        return None
    column = draw.choice(names)
    text = row[column]
    place = draw.choice([i for i in range(len(text) - 1) if text[i] != text[i + 1]])
    slipped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return None if slipped.startswith("0") else _changed(row, column, **{column: slipped})


def n_of_one_cluster(row: Row, _: random.Random) -> Planted | None:
    """The n of an arm becomes the size of one of its clusters, which the row names."""
    if not has(row, "n_arm1", "n_clusters_arm1") or int(row["n_clusters_arm1"]) < 2:
        return None
    size = round(float(row["n_arm1"]) / float(row["n_clusters_arm1"]))
    return _changed(row | {"cluster_size": str(size)}, "n_arm1", n_arm1=str(size)) if size > 1 else None


def _negative(text: str) -> str:
    return text[1:] if text.startswith("-") else f"-{text}"


def flipped_sign(row: Row, draw: random.Random) -> Planted | None:
    """A difference, with its interval, or a standardised difference gets the other sign."""
    columns = [column for column in ("md", "smd") if row[column] and float(row[column])]
    if not columns and row["statistic"] == "mean_difference" and has(row, *LIMITS):
        columns = ["ci_lb"]
    if not columns or row["direction"] not in ("better", "worse"):
        return None
    column = draw.choice(columns)
    cells = {} if column == "ci_lb" else {column: _negative(row[column])}
    if has(row, *LIMITS):
        cells |= {"ci_lb": _negative(row["ci_ub"]), "ci_ub": _negative(row["ci_lb"])}
    return _changed(row, column, **cells)


def flipped_better(row: Row, _: random.Random) -> Planted | None:
    """Higher is better becomes lower is better, or the reverse."""
    if row["direction"] not in ("better", "worse") or row["arm"]:
        return None
    return _changed(row, "better", better={"higher": "lower", "lower": "higher"}[row["better"]])


def n_of_wrong_arm(row: Row, draw: random.Random) -> Planted | None:
    """One arm gets the n of the other."""
    if not has(row, "n_arm1", "n_arm2") or row["n_arm1"] == row["n_arm2"]:
        return None
    column, other = draw.choice([("n_arm1", "n_arm2"), ("n_arm2", "n_arm1")])
    return _changed(row, column, **{column: row[other]})


def cluster_relabelled(row: Row, draw: random.Random) -> Planted | None:
    """A cluster design is called one of individuals; half the time its clusters are not counted either."""
    if row["unit_of_allocation"] != "cluster" or row["contrast"] not in ("randomised", "controlled"):
        return None
    cells = {"unit_of_allocation": draw.choice(["individual", ""])}
    if draw.random() < 0.5:
        cells |= {"n_clusters_arm1": "", "n_clusters_arm2": "", "icc": "", "cluster_size": ""}
    return _changed(row, "unit_of_allocation", **cells)


def inverted_ratio(row: Row, draw: random.Random) -> Planted | None:
    """A ratio is turned upside down; half the time its interval is turned with it."""
    if not row["ratio"] or row["direction"] not in ("better", "worse") or float(row["ratio"]) == 1:
        return None
    cells = {"ratio": f"{1 / float(row['ratio']):.2f}"}
    if has(row, *LIMITS) and draw.random() < 0.5:
        cells |= {"ci_lb": f"{1 / float(row['ci_ub']):.2f}", "ci_ub": f"{1 / float(row['ci_lb']):.2f}"}
    return _changed(row, "ratio", **cells)


def lost_level(row: Row, _: random.Random) -> Planted | None:
    """An interval that is printed as one of 90 percent is entered without its level."""
    if not has(row, *LIMITS, "as_reported") or row.get("ci_level"):
        return None
    text, replaced = NAMED_95.subn("90%", row["as_reported"])
    printed = row | {"ci_level": "90", "as_reported": text if replaced else f"{text} (90% CI)"}
    return Planted(printed, printed | {"ci_level": ""}, "ci_lb")


def lost_last_zero(row: Row, draw: random.Random) -> Planted | None:
    """10.50 becomes 10.5."""
    column = _cell(row, draw, lambda text: "." in text and text.endswith("0"))
    return None if column is None else _changed(row, column, **{column: row[column].rstrip("0").rstrip(".")})


def p_as_zero(row: Row, _: random.Random) -> Planted | None:
    """A p is entered as .000."""
    return _changed(row, "p", p="0.000") if row["p"] and float(row["p"]) else None


def wrong_encoding(row: Row, draw: random.Random) -> Planted | None:
    """A text in UTF-8 is read as Windows-1252; where a row has signs of ASCII alone, its measure names a Müller."""
    texts = [name for name in ("measure", "timepoint", "as_reported", "note") if not row[name].isascii()]
    printed = row if texts else row | {"measure": f"{row['measure']} (Müller)"}
    column = draw.choice(texts) if texts else "measure"
    read = printed[column].encode("utf-8").decode("cp1252", errors="replace")
    return Planted(printed, printed | {column: read}, column)


TESTS = ("t", "F", "z", "p", "p_bound", "df", "cohens_f")
NO_OTHER_FIGURE = dict.fromkeys((*ESTIMATES, *LIMITS, *TESTS, "as_reported"), "")


def standard_error_of_binary(row: Row, draw: random.Random) -> Planted | None:
    """Yes and no answers of both arms, scored 1 and 0, one of them with its standard error in place of the SD."""
    if not has(row, *MEANS) or row["arm"] or not (row["n_arm1"] and row["n_arm2"]):
        return None
    cells = {"statistic": "means", "measure": "said yes (binary)", "scale_part": "", "direction": "mixed"}
    errors = {}
    for arm in ("arm1", "arm2"):
        n = int(float(row[f"n_{arm}"]))
        ones = draw.randint(math.ceil(n / 4), n - math.ceil(n / 4))
        sd = math.sqrt(ones * (n - ones) / (n * (n - 1)))
        cells |= {f"mean_{arm}": f"{ones / n:.3f}", f"sd_{arm}": f"{sd:.3f}"}
        errors[f"sd_{arm}"] = f"{sd / math.sqrt(n):.3f}"
    return _changed(row | NO_OTHER_FIGURE | cells, "sd_arm1", sd_arm1=errors["sd_arm1"])


def sd_of_another_scale(row: Row, draw: random.Random) -> Planted | None:
    """Totals of an instrument with a usual SD, whose SDs are those of a mean item: a twentieth."""
    if not has(row, *MEANS) or row["arm"] or not has_sizes(row):
        return None
    cells = {"statistic": "means", "measure": "PCL-5", "scale_part": "", "better": "lower", "direction": "mixed"}
    sds = {}
    for arm in ("arm1", "arm2"):
        sd = draw.uniform(9, 16)
        cells |= {f"mean_{arm}": f"{draw.uniform(25, 45):.1f}", f"sd_{arm}": f"{sd:.1f}"}
        sds[f"sd_{arm}"] = f"{sd / 20:.2f}"
    return _changed(row | NO_OTHER_FIGURE | cells, "sd_arm1", **sds)


def n_of_another_correlation(row: Row, _: random.Random) -> Planted | None:
    """A correlation gets half its n."""
    if not has(row, "pearson_r", "n_arm1"):
        return None
    return _changed(row, "n_arm1", n_arm1=str(int(row["n_arm1"]) // 2))


def lost_covariates(row: Row, draw: random.Random) -> Planted | None:
    """A printed estimate that is adjusted for covariates is entered as crude or without a word."""
    column = next((name for name in ("md", "ratio") if row[name]), None)
    if column is None or not row["as_reported"]:
        return None
    text = row["as_reported"] + draw.choice(["; adjusted for age and sex", " (ANCOVA)", ", controlling for baseline"])
    printed = row | {"as_reported": text, "adjustment": "adjusted"}
    return Planted(printed, printed | {"adjustment": draw.choice(["", "crude"])}, column)


def paired_test_as_independent(row: Row, draw: random.Random) -> Planted | None:
    """A paired test is entered as one that took before and after as different people."""
    if row["pairing"] != "matched" or not row["t"] or not row["as_reported"]:
        return None
    text = f"{row['as_reported']} ({draw.choice(['paired t test', 'repeated measures', 'mixed model'])})"
    printed = row | {"as_reported": text, "allows_for_repeated_measures": "yes"}
    return Planted(printed, printed | {"allows_for_repeated_measures": "no"}, "t")
