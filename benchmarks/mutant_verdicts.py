"""What a damaged review comes to: each mutant is checked by the program in a fork, and its numbers are made again."""

from __future__ import annotations

import gc
import json
import os
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from taprev.cli.command import main
from taprev.effects.descriptors import described
from taprev.effects.fates import effect_rows
from taprev.extraction.plausibility.answers import asked
from taprev.extraction.plausibility.printed import numbers
from taprev.extraction.risk_of_bias.declarations import tools_of
from taprev.extraction.risk_of_bias.judged import overall_levels, read_judged, with_levels_of_tools
from taprev.extraction.tables import Row, by_value, codebook, number_columns, package, read_rows
from taprev.settings import Settings, read_settings
from taprev.synthesis.directions import votes
from taprev.synthesis.pvalues import combined_p
from taprev.synthesis.strata import combined_strata, strata

REFUSED, SAME, ASKED, ONCE = "refused in words", "same numbers", "moved, and asked about", "moved, typed once"
TRACEBACK, BARE, SILENT = "TRACEBACK", "BARE PYTHON", "NO PLACE NAMED"
UNSEEN, HANG, MEMORY, BROKEN = "MOVED UNSEEN", "HANG", "TOO MUCH MEMORY", "NUMBERS FAILED"
SOUND = (REFUSED, SAME, ASKED, ONCE)
SECONDS, MEGABYTES = 20, 1500
OF_FIT = ("k", "k_used", "estimate", "se", "ci_lb", "ci_ub", "pval", "tau2", "Q", "I2", "pi_lb", "pi_ub")
CONFIG, DATA = Path("config/review.yaml"), Path("data")
TWICE = ("data/extracted/outcomes.csv", "data/raw/form_", "data/raw/adjudication.csv")
"""The files of which another says the same in a review that is extracted twice: forms, decisions and consensus."""
PYTHON = re.compile(
    r"Traceback|NoneType|has no attribute|out of range\b|object is not|invalid literal|could not convert|"
    r"unsupported operand|unexpected keyword|codec can't|\[Errno|<class|unhashable|not enough values|too many values|"
    r"must be in \d|day is out of range|unorderable|not supported between|maximum recursion|^'[^']*'$|^\d+$|^None\b|"
    r"Exceeds the limit|embedded null|cannot be converted|bad escape|nothing to repeat|unterminated",
    re.MULTILINE,
)
FLOAT = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?")
PLACE = re.compile(r"\.(csv|yaml|xlsx|cff|yml)\b|^(data|config)/", re.MULTILINE)


@dataclass(frozen=True)
class Standing:
    """What a review amounts to: its rows, its choices, its numbers, what is asked of it, and what its check says."""

    rows: dict[str, list[Row]]
    settings: Settings
    numbers: dict[str, str]
    queries: frozenset[tuple[str, ...]]
    said: frozenset[str]


@dataclass(frozen=True)
class Verdict:
    """What came of a mutant: a word, what was said, and what it took."""

    word: str
    said: str
    seconds: float
    megabytes: float


def rows_of(folder: Path = DATA) -> dict[str, list[Row]]:
    """Return the rows of every extracted table."""
    extracted = folder / "extracted"
    return {name: read_rows(extracted / table["path"]) for name, table in codebook(extracted).items()}


def numbers_of(rows: dict[str, list[Row]], review: Settings) -> dict[str, str]:
    """Return every pooled number, count of directions, combined p and fate of a review, with every digit."""
    judged = read_judged(DATA / "extracted")
    settings = with_levels_of_tools(review, judged)
    studies = {row["study"]: row for row in rows["studies"]}
    reports = {row["report"]: row for row in rows["reports"]}
    bias, of_domain, of_result = (
        overall_levels(judged),
        by_value(rows["outcomes"], "domain"),
        by_value(judged, "result"),
    )
    tools = tools_of(DATA / "extracted")
    found: dict[str, str] = {}
    for name in settings.domains:
        own = of_domain[name]
        effects = effect_rows(name, own, studies, settings, bias)
        judgements = [one for row in effects for one in of_result[row.result]]
        described(effects, studies, judgements, settings, own, tools=tools, reports=reports)
        found |= {f"{name} {row.result}": said((row.fate, row.yi, row.vi, row.direction)) for row in effects}
        for stratum in (
            *strata(name, effects, settings, alone=True),
            *combined_strata(name, effects, settings, alone=True),
        ):
            found[f"{name} {stratum.name}"] = said((_of_fit(stratum.fit), _of_fit(stratum.sparse)))
        found[f"{name} votes"] = said(sorted((one.study, one.contrast, one.direction) for one in votes(effects)))
        found[f"{name} p"] = said(combined_p(effects, settings.review.systematic_search))
    return found


def _of_fit(fit: object) -> dict[str, object]:
    """Return the numbers of a fit, none of which depends on the order of the studies."""
    return {name: getattr(fit, name) for name in OF_FIT if hasattr(fit, name)}


def said(numbers: object) -> str:
    """Return numbers as text with nine digits, which do not depend on the order of addition."""
    return FLOAT.sub(lambda found: f"{float(found[0]):.9g}", repr(numbers))


def standing(said: str) -> Standing:
    """Return what the review in this folder amounts to, whose check said this."""
    rows, review = rows_of(), read_settings(CONFIG)
    return Standing(rows, review, numbers_of(rows, review), _asked(), _lines(said))


def _asked() -> frozenset[tuple[str, ...]]:
    return frozenset((query.check, query.result, query.column, query.found) for query in asked(DATA))


def _lines(said: str) -> frozenset[str]:
    return frozenset(line for line in said.splitlines() if line.strip())


def checked() -> tuple[int, str]:
    """Do `taprev check` in this folder and return its exit code and what it said."""
    with tempfile.TemporaryFile("w+") as said:
        kept = os.dup(1), os.dup(2)
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
        before = sys.argv, sys.stdout, sys.stderr
        sys.argv, sys.stdout, sys.stderr = ["taprev", "check"], os.fdopen(os.dup(1), "w"), os.fdopen(os.dup(2), "w")
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        except BaseException:
            traceback.print_exc(file=sys.stderr)
            code = 70
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            sys.argv, sys.stdout, sys.stderr = before
            for place, stream in enumerate(kept, start=1):
                os.dup2(stream, place)
                os.close(stream)
        said.seek(0)
        return code, said.read()


def judged(file: str, before: Standing, twice: bool) -> tuple[str, str]:
    """Return the word for the review in this folder, of which a file was damaged, and what was said of it."""
    code, said = checked()
    if code not in (0, 1):
        return TRACEBACK, said[-3000:]
    if code == 1:
        return _refusal(said), said
    try:
        return _moved(file, before, twice, _lines(said) - before.said)
    except Exception:
        return BROKEN, traceback.format_exc()[-3000:]


def _refusal(said: str) -> str:
    if "Traceback" in said:
        return TRACEBACK
    if PYTHON.search(said):
        return BARE
    return REFUSED if PLACE.search(said) else SILENT


def _moved(file: str, before: Standing, twice: bool, told: frozenset[str]) -> tuple[str, str]:
    """Say whether the numbers are others, and who sees it."""
    rows, review = rows_of(), read_settings(CONFIG)
    if rows == before.rows and review == before.settings:
        return SAME, "same rows and choices"
    asked_now = _asked()
    numbers = numbers_of(rows, review)
    moved = sorted(name for name in {**before.numbers, **numbers} if before.numbers.get(name) != numbers.get(name))
    if not moved:
        return SAME, "other rows or choices"
    new = asked_now - before.queries
    if new or told:
        return ASKED, f"{moved[0]}; {next(iter(new), '') or next(iter(told))}"
    seen_twice = twice and file.startswith(TWICE)
    if seen_twice or (printed := _printed_otherwise(before.rows["outcomes"], rows["outcomes"])):
        why = "its other form" if seen_twice else f"the printed expression of {printed}"
        return UNSEEN, f"{file}: {moved[0]} moved from {before.numbers.get(moved[0])} to {numbers.get(moved[0])}; {why}"
    return ONCE, moved[0]


def _printed_otherwise(before: list[Row], after: list[Row]) -> str:
    """Return the cell of a figure that its printed expression had and no longer has, where there is one."""
    columns, then = number_columns(DATA / "extracted", "outcomes"), {row["result"]: row for row in before}
    for row in after:
        was = then.get(row["result"], row)
        printed = {float(number) for number in numbers(row["as_reported"])}
        for name in columns:
            old, new = was.get(name), row.get(name)
            if old != new and old and new and float(old) in printed and float(new) not in printed:
                return f"{row['result']}.{name}"
    return ""


def verdict(review: Path, file: str, before: Standing, twice: bool) -> Verdict:
    """Judge a damaged review in a fork of this process, which ends after SECONDS whatever it does."""
    began, (ear, mouth) = time.monotonic(), os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ear)
        _in_fork(review, file, before, twice, mouth)
    os.close(mouth)
    with os.fdopen(ear, "rb") as told:
        answer = told.read()
    _, status = os.waitpid(child, 0)
    took = time.monotonic() - began
    if os.WIFSIGNALED(status):
        word = HANG if os.WTERMSIG(status) == signal.SIGALRM else MEMORY
        return Verdict(word, f"ended by signal {os.WTERMSIG(status)}", took, 0.0)
    word, said, megabytes = json.loads(answer) if answer else (TRACEBACK, "it ended without a word", 0.0)
    return Verdict(word, said, took, megabytes)


def _in_fork(review: Path, file: str, before: Standing, twice: bool, mouth: int) -> None:
    try:
        gc.disable()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        Path("/proc/self/clear_refs").write_text("5")
        whole, before_it = _memory("VmSize"), _memory("VmRSS")
        resource.setrlimit(resource.RLIMIT_AS, (int(whole + MEGABYTES) * 2**20,) * 2)
        os.chdir(review)
        package.cache_clear()
        word, said = judged(file, before, twice)
    except MemoryError:
        word, said = MEMORY, traceback.format_exc()[-2000:]
    except BaseException:
        word, said = TRACEBACK, traceback.format_exc()[-3000:]
    with os.fdopen(mouth, "w") as told:
        json.dump([word, said, _memory("VmHWM") - before_it], told)
    os._exit(0)


def _memory(name: str) -> float:
    """Return a figure of this process's memory in megabytes, by its name in Linux."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def files_of(review: Path) -> Iterator[str]:
    """Yield every input of a review by its path."""
    for folder in ("config", "data"):
        for path in sorted((review / folder).rglob("*")):
            if path.suffix in (".csv", ".yaml", ".xlsx"):
                yield path.relative_to(review).as_posix()
    if (review / "CITATION.cff").is_file():
        yield "CITATION.cff"
