"""A data set by the Metapsy standard (CSV with semicolons and decimal commas, or XLSX), one row a comparison.

https://docs.metapsy.org/data-preparation/format/. Arm 1 is the programme there too. The columns that taprev has no
place for are kept in a table of their own.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from taprev.exchange.answers import Answers
from taprev.exchange.direction import POINTS
from taprev.exchange.imported import Imported, KeptTable, PoolFigure, ReadDomain, StoredPool
from taprev.exchange.judgement_words import judged_word, judged_words, named_tools, tool_of
from taprev.exchange.names import Names
from taprev.exchange.received import ReceivedFile
from taprev.exchange.references import DOI, YEAR
from taprev.exchange.revman_rows import whole
from taprev.exchange.rows import outcome_row, report_row, study_row
from taprev.exchange.tabular import SourceTable, read_table
from taprev.extraction.tables import Row
from taprev.vocabulary import GivenEffect, RatioKind, Statistic

NAME = "Metapsy data standard"
REQUIRED = ("study", "condition_arm1", "condition_arm2", "outcome_type", "instrument")
ABSENT = ("NA", "N/A", "")
MEANS = ("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2")
CHANGES = ("mean_change_arm1", "sd_change_arm1", "n_change_arm1", "mean_change_arm2", "sd_change_arm2", "n_change_arm2")
EVENTS = ("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2")
G, G_SE = "precalc_g", "precalc_g_se"
LOG_RR, LOG_RR_SE = "precalc_log_rr", "precalc_log_rr_se"
STORED_G = ".g"
ARMS = ("condition_arm1", "multi_arm1", "condition_arm2", "multi_arm2")
SCORES = "scores"
TAKEN_G = "the g that the file gives is Hedges' g of raw scores"
USED = frozenset(
    {*REQUIRED, *MEANS, *CHANGES, *EVENTS, *ARMS, G, G_SE, LOG_RR, LOG_RR_SE, "time", "rating", "full_ref", "country"}
)


def is_metapsy(file: ReceivedFile) -> bool:
    """Return whether a table has the columns that the standard requires."""
    return file.has(*REQUIRED) and (file.has("mean_arm1") or file.has("event_arm1"))


def read_metapsy(path: Path, answers: Answers) -> Imported:
    """Return the rows of a data set by the Metapsy standard; ValueError where it is none."""
    table = read_table(path)
    if missing := [name for name in REQUIRED if name not in table.header]:
        raise ValueError(f"{path}: the columns {', '.join(missing)} of the Metapsy standard are missing.")
    rows = [
        (number, {name: "" if cell in ABSENT else cell for name, cell in row.items()}) for number, row in table.rows
    ]
    studies, reports, results, domains = (Names(word) for word in ("study", "report", "result", "outcome"))
    by_study: defaultdict[str, list[Row]] = defaultdict(list)
    for _, row in rows:
        by_study[row["study"]].append(row)
    turn = g_turned(rows)
    outcomes, without = [], []
    sources: list[tuple[Row, Row]] = []
    samples = {study: _samples(own) for study, own in by_study.items()}
    for number, row in rows:
        cells = _cells(row, turn)
        if cells is None:
            without.append((str(number), row["study"], row["instrument"], row["outcome_type"]))
            continue
        study = studies.name(row["study"], row["study"])
        domain = SCORES if cells["statistic"] not in (Statistic.EVENTS, Statistic.EFFECT) or G_SE in cells else ""
        cells.pop(G_SE, "")
        made = outcome_row(
            results.name(str(number), f"{row['study']} {row['instrument']} {row['condition_arm1']}"),
            study,
            reports.name(row["study"], row["study"]),
            domain or domains.name(row["outcome_type"], row["outcome_type"] or "events"),
            **{**cells, **_words(row, number, samples[row["study"]], path)},
        )
        outcomes.append(made)
        sources.append((row, made))
    tables = {
        "studies": tuple(_study(studies.name(name, name), name, own) for name, own in by_study.items()),
        "reports": tuple(
            _report(reports.name(name, name), studies.name(name, name), name, own[0], path)
            for name, own in by_study.items()
        ),
        "outcomes": tuple(outcomes),
    }
    judged, remarks = _judged(table, sources, answers)
    tables["risk_of_bias"] = tuple(judged)
    return Imported(
        format=NAME,
        tables=tables,
        domains=_domains(outcomes),
        pooled=tuple(_compared(rows, turn)),
        remarks=(*table.remarks, *_remarks(outcomes, turn), *remarks),
        kept=tuple(one for one in (_without(without), unused(table, rows, USED)) if one.rows),
    )


def g_turned(rows: Sequence[tuple[int, Row]]) -> int:
    """Return -1 where the g of the file is arm 2 minus arm 1 in the rows that have means too, else 1."""
    signs: Counter[bool] = Counter()
    for _, row in rows:
        if all(row.get(name) for name in ("mean_arm1", "mean_arm2", STORED_G)):
            product = (float(row["mean_arm1"]) - float(row["mean_arm2"])) * float(row[STORED_G])
            signs[product < 0] += product != 0
    return -1 if signs[True] > signs[False] else 1


def _cells(row: Row, turn: int) -> dict[str, str] | None:
    """Return the figures of a comparison: what its type names first, else what it has; None where it has nothing."""
    kind = row["outcome_type"].casefold()
    ways: list[Callable[[Row], dict[str, str] | None]] = [_means, _changes, _events, _given_ratio]
    if "precalc" in kind or not any(row.get(name) for name in (*MEANS, *CHANGES, *EVENTS)):
        ways.insert(0, lambda one: _given(one, turn))
    elif "change" in kind:
        ways.insert(0, _changes)
    elif kind != "msd":
        ways.insert(0, _events)
    made = next((cells for way in ways if (cells := way(row))), None)
    if made is None and row.get("mean_arm1") and row.get("mean_arm2"):
        gap = float(row["mean_arm1"]) - float(row["mean_arm2"])
        return {"statistic": Statistic.DIRECTION, POINTS: repr(gap)}
    return made


def _filled(row: Row, names: Sequence[str]) -> bool:
    return all(row.get(name) for name in names)


def _people(row: Row, names: Sequence[str] = ("n_arm1", "n_arm2")) -> dict[str, str]:
    pairs = zip(("n_arm1", "n_arm2"), names, strict=True)
    return {arm: n for arm, name in pairs if (n := whole(row.get(name, ""))) and int(n) >= 2}


def _means(row: Row) -> dict[str, str] | None:
    people = _people(row)
    if not _filled(row, MEANS) or len(people) < 2 or min(float(row["sd_arm1"]), float(row["sd_arm2"])) <= 0:
        return None
    shown = " v ".join(f"{row[f'mean_{arm}']} (SD {row[f'sd_{arm}']}, n {row[f'n_{arm}']})" for arm in ("arm1", "arm2"))
    figures = {name: row[name] for name in MEANS if not name.startswith("n_")}
    return {"statistic": Statistic.MEANS, **figures, **people, "as_reported": shown}


def _changes(row: Row) -> dict[str, str] | None:
    people = _people(row, ("n_change_arm1", "n_change_arm2"))
    if not _filled(row, CHANGES) or len(people) < 2:
        return None
    figures = {name: row[name] for name in CHANGES if not name.startswith("n_")}
    return {"statistic": Statistic.CHANGE, **figures, **people}


def _events(row: Row) -> dict[str, str] | None:
    figures = {name: whole(row.get(name, "")) for name in EVENTS}
    if not all(figures.values()) or any(
        int(figures[f"event_{a}"]) > int(figures[f"totaln_{a}"]) for a in ("arm1", "arm2")
    ):
        return None
    people = _people(row, ("totaln_arm1", "totaln_arm2"))
    return {"statistic": Statistic.EVENTS, "ratio_kind": RatioKind.RISK, **figures, **people}


def _given(row: Row, turn: int) -> dict[str, str] | None:
    if not _filled(row, (G, G_SE)) or float(row[G_SE]) <= 0:
        return None
    yi = row[G] if turn > 0 else row[G].removeprefix("-") if row[G].startswith("-") else f"-{row[G]}"
    given = {"statistic": Statistic.EFFECT, "effect_measure": GivenEffect.SMD, "yi": yi, "se": row[G_SE]}
    return {**given, **_people(row), "assumes": TAKEN_G, "as_reported": f"g {row[G]}, SE {row[G_SE]}", G_SE: "1"}


def _given_ratio(row: Row) -> dict[str, str] | None:
    if not _filled(row, (LOG_RR, LOG_RR_SE)) or float(row[LOG_RR_SE]) <= 0:
        return None
    kind = {"effect_measure": GivenEffect.LOG_RATIO, "ratio_kind": RatioKind.RISK}
    return {"statistic": Statistic.EFFECT, **kind, "yi": row[LOG_RR], "se": row[LOG_RR_SE]}


def _samples(own: Sequence[Row]) -> dict[tuple[str, ...], str]:
    """Return the sample of each pair of arms of a study: `all` where there is one pair."""
    pairs = list(dict.fromkeys(arms_of(row) for row in own))
    if len(pairs) == 1:
        return {pairs[0]: "all"}
    names = Names("sample")
    return {pair: names.name(" ".join(pair), pair[1] or pair[0]) for pair in pairs}


def arms_of(row: Row) -> tuple[str, ...]:
    """Return what tells a comparison of arms from the others of its study."""
    return tuple(row.get(name, "") for name in ARMS)


def _words(row: Row, number: int, samples: Mapping[tuple[str, ...], str], path: Path) -> dict[str, str]:
    several = len(samples) > 1
    told = [f"{name}: {row[name]}" for name in ("rating", "time_weeks", "dich_type", "g_data_source") if row.get(name)]
    return {
        "sample": samples[arms_of(row)],
        "group_arm1": (row.get("multi_arm1") or row["condition_arm1"]) if several else "",
        "group_arm2": (row.get("multi_arm2") or row["condition_arm2"]) if several else "",
        "measure": row["instrument"] or row["outcome_type"],
        "timepoint": row.get("time", ""),
        "months": "0" if row.get("time", "").casefold() == "post" else "",
        "location": f"{path.name}, row {number}",
        "note": "; ".join(told),
    }


def _study(study: str, name: str, own: Sequence[Row]) -> Row:
    year = YEAR.search(name) or YEAR.search(own[0].get("year", ""))

    def joined(column: str) -> str:
        return " / ".join(dict.fromkeys(row[column] for row in own if row.get(column)))

    return study_row(
        study,
        name,
        year=year[0] if year else "",
        country=joined("country"),
        programme=joined("condition_arm1"),
        comparator=joined("condition_arm2"),
    )


def _report(report: str, study: str, name: str, row: Row, path: Path) -> Row:
    cited, year = row.get("full_ref", ""), YEAR.search(name)
    doi = DOI.search(row.get("doi", "") or cited)
    return report_row(
        report,
        study,
        cited or name,
        f"the file {path.name}",
        doi=doi[0].rstrip(".,;") if doi else "",
        year=year[0] if year else "",
    )


def _domains(outcomes: Sequence[Row]) -> tuple[ReadDomain, ...]:
    names = dict.fromkeys(row["domain"] for row in outcomes)
    instruments = ", ".join(dict.fromkeys(row["measure"] for row in outcomes if row["domain"] == SCORES))
    return tuple(
        ReadDomain(name, "Scores" if name == SCORES else f"Events ({name})", event=name != SCORES)
        if name != SCORES
        else ReadDomain(name, f"Scores ({instruments})" if len(instruments) < 40 else "Scores")
        for name in names
    )


def _compared(rows: Sequence[tuple[int, Row]], turn: int) -> list[StoredPool]:
    """Return each g that the file stores beside that of its means, as the R package esc computes it."""
    figures = []
    for number, row in rows:
        if _filled(row, (*MEANS, STORED_G)) and (made := hedges_g(row)) is not None:
            figures.append(
                PoolFigure(f"row {number}, {row['study']}, {row['instrument']}: g", row[STORED_G], turn * made)
            )
    return (
        [StoredPool("g of each row", "Hedges' g of the means", len(figures), tuple(figures), of_rows=True)]
        if figures
        else []
    )


def hedges_g(row: Row) -> float | None:
    """Return (1 - 3/(4N - 9)) (m1 - m2)/s of a row, s the pooled standard deviation; None where it has none."""
    m1, s1, n1, m2, s2, n2 = (float(row[name]) for name in MEANS)
    if n1 + n2 <= 2 or s1 <= 0 or s2 <= 0:
        return None
    s = math.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2))
    return (1 - 3 / (4 * (n1 + n2) - 9)) * (m1 - m2) / s


def _remarks(outcomes: Sequence[Row], turn: int) -> list[str]:
    given = [row for row in outcomes if row.get("assumes") == TAKEN_G]
    shared = {row["study"] for row in outcomes if row["sample"] != "all"}
    said = []
    if given:
        which = "arm 2 minus arm 1, and is turned" if turn < 0 else "arm 1 minus arm 2"
        said.append(
            f"{len(given)} results have no means but a g that was computed before; in this file g is {which}. What it "
            "divides by is assumed (raw scores), so an analysis of exact effects alone leaves these results out."
        )
    if shared:
        said.append(
            f"{len(shared)} studies have several comparisons; their control groups have names (group_arm2), so that "
            "none is counted twice (assumptions > shared_control)."
        )
    return said


def _judged(table: SourceTable, sources: Sequence[tuple[Row, Row]], answers: Answers) -> tuple[list[Row], list[str]]:
    """Return a row for each judgement of each result, from the columns rob_d1, rob_d2, ... and rob."""
    columns = [name for name in table.header if re.fullmatch(r"rob_d\d+|rob", name, re.IGNORECASE)]
    if len(columns) < 2:
        return [], []
    words = judged_words(source[name] for source, _ in sources for name in columns)
    tool, question = tool_of(columns, words, answers.tool)
    if tool is None:
        return [], [f"Risk of bias is not taken over. {question}"]
    [known] = [one for one in named_tools(tool.name) if one.version == tool.version]
    rows, remarks = [], Counter[str]()
    for source, made in sources:
        for column in columns:
            domain, typed = tool.domains[column], source[column]
            word = judged_word(known, domain, typed, set()) if typed else None
            if word is None:
                remarks[f'"{typed}" is no judgement of {known.title}'] += bool(typed)
                continue
            rows.append(
                {
                    **{"result": made["result"], "tool": tool.name, "version": tool.version},
                    **{"domain": domain, "judgement": word.level, "reason": ""},
                }
            )
            remarks[word.remark] += bool(word.remark)
    said = [f"Risk of bias: {remark} ({count} times)." for remark, count in remarks.items() if remark and count]
    return rows, [f"Risk of bias: the columns {', '.join(columns)} are read as {known.title}.", *said]


def _without(rows: Sequence[tuple[str, ...]]) -> KeptTable:
    header = ("row", "study", "instrument", "outcome_type")
    return KeptTable("results_without_figures", header, tuple(rows), "rows without figures that a table holds")


def unused(table: SourceTable, rows: Sequence[tuple[int, Row]], used: frozenset[str]) -> KeptTable:
    """Return the columns of a table that have no place in the tables of a review, with the number of each row."""
    left = [name for name in table.header if name not in used and not re.fullmatch(r"rob_d\d+|rob", name)]
    kept = tuple((str(number), *(row.get(name, "") for name in left)) for number, row in rows) if left else ()
    return KeptTable("columns", ("row", *left), kept, "columns without a place in the tables")
