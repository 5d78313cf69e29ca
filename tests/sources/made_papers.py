"""Papers made for the tests: prose full of other numbers, results in many layouts, and rows as people extract them."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2

HERE = Path(__file__).parent / "papers"
ALONE = "import json, sys, typst; sys.stdout.buffer.write(typst.compile(**json.load(sys.stdin)))"
Row = dict[str, str]
SCALES = (
    *("Attitude to Care Scale", "Staff Safety Index", "Burnout Short Form", "Ward Climate Score", "Coping Checklist"),
    *("Wellbeing Index", "Team Support Scale", "Sleep Quality Score", "Anger Inventory", "Trust Questionnaire"),
    *("Hope Scale", "Distress Thermometer"),
)
FILLER = (
    "Of {a} records that were screened, {b} were read in full and {c} were kept.",
    "Reliability was good (alpha = .{b}), as in earlier work with {a} people [{d}, {e}].",
    "Recruitment ran from {y} to {z} in {d} clinics and {e} wards.",
    "The sessions lasted {b} minutes and were given {d} times in {e} weeks.",
    "In all, {b}% were women and {c}% had children; the mean age was {b}.{d} years (range {c} to {a}).",
    "Missing values ({d}.{e}%) were imputed {e} times with the procedure of reference {c}.",
    "We needed {a} people to find a difference of 0.{c} with a power of .8{d}.",
    "A cost of {a} pounds a person was found elsewhere, with {d}.{b} visits a year.",
    "The model explained {b}.{e}% of the variance, F({d}, {a}) = {e}.{c}, p = .{c}.",
    "Of these, {c} people were lost before the first follow-up and {d} after it.",
)
UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


@dataclass(frozen=True)
class MadePaper:
    """A paper with the rows that are right, and all numbers of its other tables by page."""

    layout: str
    seed: int
    pdf: bytes
    rows: tuple[Row, ...]


def in_words(n: int) -> str:
    if n < 20:
        return UNITS[n]
    if n < 100:
        return TENS[n // 10 - 2] + (f"-{UNITS[n % 10]}" if n % 10 else "")
    rest = f" and {in_words(n % 100)}" if n % 100 else ""
    return f"{UNITS[n // 100]} hundred{rest}"


def prose(rng: random.Random) -> str:
    def number() -> dict[str, int]:
        return {
            "a": rng.randint(100, 900),
            "b": rng.randint(20, 98),
            "c": rng.randint(10, 60),
            "d": rng.randint(2, 19),
            "e": rng.randint(2, 9),
            "y": rng.randint(2005, 2012),
            "z": rng.randint(2013, 2019),
        }

    return " ".join(rng.choice(FILLER).format(**number()) for _ in range(5))


def reference(rng: random.Random) -> str:
    first = rng.randint(100, 900)
    where = (
        f"{rng.randint(1995, 2020)}; {rng.randint(3, 90)}({rng.randint(1, 12)}): {first}-{first + rng.randint(3, 20)}"
    )
    return f"Author A, Author B. An invented title. J Invented Res {where}."


def scale_row(rng: random.Random, name: str, signed: bool) -> dict[str, Any]:
    """Return the stored figures of one scale: two arms and their difference."""
    m1, m2 = (rng.uniform(8, 60) for _ in range(2))
    if signed:
        m1, m2 = rng.uniform(-9, 9), rng.uniform(-9, 9)
    md = rng.choice((-1, 1)) * rng.uniform(0.3, 9)
    half = rng.uniform(0.5, 5)
    return {
        "name": name,
        "m1": f"{m1:.1f}",
        "s1": f"{rng.uniform(1.5, 14):.1f}",
        "m2": f"{m2:.1f}",
        "s2": f"{rng.uniform(1.5, 14):.1f}",
        "md": f"{md:.2f}",
        "lo": f"{md - half:.2f}",
        "hi": f"{md + half:.2f}",
        "p": f"{rng.uniform(0.002, 0.9):.3f}",
    }


def plain_row(result: str, name: str, page: int | None, **cells: str) -> Row:
    return {"result": result, "report": "paper", "measure": name, "page": str(page or ""), **cells}


def means(one: dict[str, Any], n1: str, n2: str) -> Row:
    cells = {"mean_arm1": one["m1"], "sd_arm1": one["s1"], "mean_arm2": one["m2"], "sd_arm2": one["s2"]}
    return {"statistic": "means", **cells, "n_arm1": n1, "n_arm2": n2}


def difference(one: dict[str, Any]) -> Row:
    return {"statistic": "mean_difference", "md": one["md"], "ci_lb": one["lo"], "ci_ub": one["hi"], "p": one["p"]}


def minus(text: str) -> str:
    return text.replace("-", "\u2212")


def comma(text: str) -> str:
    return minus(text).replace(".", ",")


def typeset(layout: str, data: dict[str, Any]) -> bytes:
    return compiled(HERE / f"{layout}.typ", data=json.dumps(data))


def compiled(source: Path, **inputs: str) -> bytes:
    """Return the PDF of a Typst file, made in a process of its own: Typst keeps threads, which tests that fork lose."""
    how = json.dumps({"input": str(source), "sys_inputs": inputs, "ignore_system_fonts": True})
    return subprocess.run([sys.executable, "-c", ALONE], input=how.encode(), capture_output=True, check=True).stdout


def page_of(pdf: bytes, words: str) -> int:
    """Return the page on which some words stand, by its number in the file."""
    with pypdfium2.PdfDocument(pdf) as document:
        texts = [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    return next(i for i, text in enumerate(texts, 1) if words in text)


def _sizes(rng: random.Random, shared: tuple[int, int] | None) -> tuple[str, str]:
    return tuple(map(str, shared or (rng.randint(21, 190), rng.randint(21, 190))))  # type: ignore[return-value]


def _printed(one: dict[str, Any], style) -> dict[str, Any]:
    return {key: style(value) if isinstance(value, str) and key != "name" else value for key, value in one.items()}


def _base(rng: random.Random, seed: int, **more: Any) -> dict[str, Any]:
    return {
        "title": "A programme for staff and patients: results after one year",
        "seed": seed,
        "folio": rng.randint(300, 900),
        "prose": [prose(rng) for _ in range(14)],
        "references": [reference(rng) for _ in range(18)],
        **more,
    }


@cache
def made(layout: str, seed: int) -> MadePaper:
    """Return a paper of a layout; the same seed gives the same paper."""
    rng = random.Random(f"{layout} {seed}")
    names = rng.sample(SCALES, 8)
    return {
        "one_column": _in_sentences,
        "two_columns": _two_columns,
        "lost_order": _one_table,
        "supplement": _supplement,
        "landscape": _one_table,
        "narrow": _in_sentences,
        "commas": _one_table,
        "in_words": _events_in_words,
        "arms_in_rows": _one_table,
        "three_arms": _three_arms,
        "short_rows": _short_rows,
    }[layout](layout, seed, rng, names)


LAYOUTS = (
    "one_column",
    "two_columns",
    "lost_order",
    "supplement",
    "landscape",
    "narrow",
    "commas",
    "in_words",
    "arms_in_rows",
    "three_arms",
    "short_rows",
)


def _sentence(rng: random.Random, one: dict[str, Any], n1: str, n2: str) -> tuple[str, str]:
    """Return a sentence that prints a row, and the quote that an extractor takes of it."""
    p = {key: minus(value) for key, value in one.items()}
    quote = rng.choice(
        (
            f"was {p['m1']} (SD {p['s1']}) in {n1} people with the programme and {p['m2']} (SD {p['s2']}) in {n2} "
            "with usual care",
            f"M = {p['m1']}, SD = {p['s1']}, n = {n1} versus M = {p['m2']}, SD = {p['s2']}, n = {n2}",
        )
    )
    return f"On the {one['name']}, the mean score {quote}; the difference was not expected.", quote


def _in_sentences(layout: str, seed: int, rng: random.Random, names: list[str]) -> MadePaper:
    rows, printed = [], []
    for i, name in enumerate(names[:6]):
        one, (n1, n2) = scale_row(rng, name, signed=i % 3 == 2), _sizes(rng, None)
        sentence, quote = _sentence(rng, one, n1, n2)
        printed.append({"sentence": sentence})
        rows.append(plain_row(f"r{i}", name, None, source_quote=quote, **means(one, n1, n2)))
    pdf = typeset(layout, _base(rng, seed, rows=printed))
    return MadePaper(layout, seed, pdf, tuple(rows))


def _two_columns(layout: str, seed: int, rng: random.Random, names: list[str]) -> MadePaper:
    rows, printed = [], []
    for i, name in enumerate(names):
        one, (n1, n2) = scale_row(rng, name, signed=i % 4 == 3), _sizes(rng, None)
        sentence, quote = _sentence(rng, one, n1, n2)
        printed.append({"sentence": sentence, "n1": n1, "n2": n2, **_printed(one, minus)})
        told = {"source_quote": quote} if i < 4 else {"location": "Table 1"}
        rows.append(plain_row(f"r{i}", name, None, **told, **means(one, n1, n2)))
    data = _base(rng, seed, rows=printed)
    pdf = typeset(layout, data)
    rows = [{**row, "page": str(data["folio"]) if i >= 4 else ""} for i, row in enumerate(rows)]
    return MadePaper(layout, seed, pdf, tuple(rows))


def _one_table(layout: str, seed: int, rng: random.Random, names: list[str]) -> MadePaper:
    rows, printed = [], []
    style = comma if layout == "commas" else minus
    for i, name in enumerate(names):
        one, (n1, n2) = scale_row(rng, name, signed=i % 4 == 1), _sizes(rng, None)
        if layout == "commas":
            n1, n2 = str(rng.randint(1001, 9800)), str(rng.randint(1001, 9800))
        shown = {"n1": n1, "n2": n2}
        if layout == "commas":
            grouped = (lambda n: f"{n[0]} {n[1:]}") if seed % 2 else (lambda n: f"{n[0]}.{n[1:]}")
            shown = {key: grouped(value) for key, value in shown.items()}
        printed.append({**_printed(one, style), **shown})
        rows.append(plain_row(f"r{i}", name, None, location="Table", **means(one, n1, n2)))
        if layout == "landscape":
            rows.append(plain_row(f"d{i}", name, None, location="Table 3", **difference(one)))
    pdf = typeset(layout, _base(rng, seed, rows=printed))
    page = 2 if layout == "landscape" else page_of(pdf, names[0])
    return MadePaper(layout, seed, pdf, _located(rows, page, seed))


def _located(rows: list[Row], page: int, seed: int) -> tuple[Row, ...]:
    """Return rows with their page, or in every third paper without: many forms name a table and no page."""
    return tuple({**row, "page": "" if seed % 3 == 2 else str(page)} for row in rows)


def _supplement(layout: str, seed: int, rng: random.Random, names: list[str]) -> MadePaper:
    rows, printed = [], []
    times = ("the end of the programme", "three months", "six months", "one year")
    n1, n2 = _sizes(rng, None)
    for t, time in enumerate(times):
        for i, name in enumerate(names[:6]):
            one = scale_row(rng, name, signed=i % 4 == 1)
            printed.append({**_printed(one, minus), "time": time})
            rows.append(plain_row(f"r{t}{i}", name, t + 2, timepoint=time, **means(one, n1, n2)))
            rows.append(plain_row(f"d{t}{i}", name, t + 2, timepoint=time, **difference(one)))
    pdf = typeset(layout, _base(rng, seed, rows=printed, times=times, n1=n1, n2=n2))
    return MadePaper(layout, seed, pdf, tuple(rows))


def _events_in_words(layout: str, seed: int, rng: random.Random, names: list[str]) -> MadePaper:
    rows, printed = [], []
    for i in range(6):
        n1, n2 = rng.randint(21, 190), rng.randint(21, 190)
        e1, e2 = rng.randint(11, n1 - 2), rng.randint(11, n2 - 2)
        what = ("a fall", "a readmission", "an injury", "an absence", "a complaint", "a seclusion")[i]
        quote = (
            f"{in_words(e1)} of the {n1} people with the programme ({100 * e1 / n1:.1f}%) and {in_words(e2)} of "
            f"{in_words(n2)} with usual care ({100 * e2 / n2:.1f}%) had {what}"
        )
        printed.append({"sentence": f"In the first year {quote} at least once."})
        cells = {"event_arm1": str(e1), "totaln_arm1": str(n1), "event_arm2": str(e2), "totaln_arm2": str(n2)}
        told = {"source_quote": quote} if i % 2 else {}
        rows.append(plain_row(f"r{i}", f"people with {what}", None, statistic="events", **told, **cells))
    pdf = typeset(layout, _base(rng, seed, rows=printed))
    return MadePaper(layout, seed, pdf, tuple(rows))


def _three_arms(layout: str, seed: int, rng: random.Random, names: list[str]) -> MadePaper:
    """Rows that compare the first or the second of three groups with the third, or the first with the second."""
    rows, printed = [], []
    for i, name in enumerate(names):
        arms = [
            (f"{rng.uniform(8, 60):.1f}", f"{rng.uniform(1.5, 14):.1f}", str(rng.randint(21, 190))) for _ in range(3)
        ]
        printed.append({"name": name, "cells": [minus(cell) for arm in arms for cell in arm]})
        first, second, third = (arms[j] for j in ((0, 2, 1), (1, 2, 0), (0, 1, 2))[i % 3])
        one = {"m1": first[0], "s1": first[1], "m2": second[0], "s2": second[1]}
        other = {"third_mean": third[0], "third_sd": third[1], "third_n": third[2]}
        rows.append(plain_row(f"r{i}", name, None, location="Table 2", **means(one, first[2], second[2]), **other))
    pdf = typeset(layout, _base(rng, seed, rows=printed))
    return MadePaper(layout, seed, pdf, _located(rows, page_of(pdf, names[0]), seed))


def _short_rows(layout: str, seed: int, rng: random.Random, names: list[str]) -> MadePaper:
    rows, printed = [], []
    for i, name in enumerate(names):
        smd, p = f"{rng.uniform(-1.2, 1.2):.2f}", f"{rng.uniform(0.002, 0.9):.3f}"
        shown = f"d = {minus(smd)}, p = {p.lstrip('0')}"
        printed.append({"sentence": f"On the {name}, the groups differed little ({shown})."})
        told = {"as_reported": shown} if i % 2 else {}
        rows.append(plain_row(f"r{i}", name, None, statistic="smd", smd=smd, p=p, **told))
    pdf = typeset(layout, _base(rng, seed, rows=printed))
    return MadePaper(layout, seed, pdf, tuple(rows))


def scan_of(paper: MadePaper, folder: Path) -> bytes:
    """Return the first page of a paper as a picture in a PDF, without text."""
    with pypdfium2.PdfDocument(paper.pdf) as document:
        picture = folder / "page.png"
        document[0].render(scale=1.5).to_pil().save(picture)
    source = folder / "scan.typ"
    source.write_text((HERE / "scan.typ").read_text())
    return compiled(source, picture=picture.name)
