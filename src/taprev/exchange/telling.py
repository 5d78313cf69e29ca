"""What `taprev import` says of a file: what was read, stored numbers beside recomputed ones, what is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from taprev.exchange.imported import TABLES, Imported, PoolFigure, StoredPool
from taprev.extraction.sheets.grid import many

CLOSE = 1e-9
OF_REVMAN = 5e-7
"""How far RevMan's probabilities of chi-squared are from the exact ones, as seen in its files."""
CHI2_P, CHI2_P_SAID = "Q_pval", "RevMan approximates this probability"
ROWS = {
    "studies": ("study", "studies"),
    "reports": ("report",),
    "outcomes": ("result",),
    "components": ("component",),
    "risk_of_bias": ("judgement of risk of bias", "judgements of risk of bias"),
    "flow": ("count of the flow", "counts of the flow"),
}
"""What a row of each table is called, one and several."""
WORDS = {"Q": "Chi2", "Q_pval": "P of Chi2", "pval": "P", "z": "Z", "ci_lb": "CI from", "ci_ub": "CI to"}


def told(imported: Imported) -> Iterator[str]:
    """Yield the lines about what was read, in the order in which a person asks."""
    yield f"Recognised: {imported.format}."
    counts = [many(len(imported.rows(name)), *ROWS[name]) for name in TABLES if imported.rows(name)]
    yield f"Read: {', '.join(counts) or 'no rows'}."
    for form, rows in imported.forms.items():
        yield f"  form {form}: {many(len(rows), 'result')}"
    results = Counter(row["domain"] for row in imported.rows("outcomes"))
    for domain in imported.domains:
        yield f"  {domain.name}: {domain.label} ({many(results[domain.name], 'result')})"
    yield from _pools(imported)
    for remark in imported.remarks:
        yield f"Remark: {remark}"
    for table in imported.kept:
        count = many(len(table.rows), "row")
        yield f"Kept without a place in the tables: {count}, {table.why} ({', '.join(table.header)})."


def _pools(imported: Imported) -> Iterator[str]:
    if not imported.pooled:
        return
    yield _summary([figure for pool in imported.pooled for figure in pool.figures if figure.difference is not None])
    for pool in imported.pooled:
        yield f"  {pool.name} ({pool.method}, k = {pool.studies}){': ' + pool.remark if pool.remark else ''}"
        yield from (f"    {line}" for line in _lines(pool))


def _summary(compared: Sequence[PoolFigure]) -> str:
    """Return how many stored numbers are the recomputed ones."""
    if not compared:
        return "The file stores no pooled results; these are recomputed by the methods that it declares."
    exact, close = sum(map(to_the_last_digit, compared)), sum(map(agrees, compared))
    near = f", {close - exact} to six decimals ({CHI2_P_SAID})" if close > exact else ""
    differ = f"; {len(compared) - close} DIFFER" if close < len(compared) else ""
    return (
        "Pooled results of the file, stored and recomputed by its own method: of "
        f"{len(compared)} stored numbers {exact} agree to their last printed digit{near}{differ}."
    )


def _lines(pool: StoredPool) -> Iterator[str]:
    """Yield a line for each figure that a reader should see."""
    stored = [figure for figure in pool.figures if figure.stored]
    if not stored:
        known = (
            f"{WORDS.get(one.name, one.name)} {one.recomputed:.6g}"
            for one in pool.figures
            if one.recomputed is not None
        )
        yield f"recomputed: {', '.join(known) or 'nothing'}"
    elif pool.of_rows and all(map(agrees, stored)):
        yield f"all {len(stored)} stored numbers agree"
    else:
        yield from (_line(figure) for figure in pool.figures if not (pool.of_rows and agrees(figure)))


def _line(figure: PoolFigure) -> str:
    name = WORDS.get(figure.name, figure.name)
    if figure.recomputed is None:
        return f"{name}: stored {figure.stored}, not recomputed"
    if figure.difference is None:
        return f"{name}: recomputed {figure.recomputed:.6g}"
    near = f"agrees to six decimals ({CHI2_P_SAID})" if agrees(figure) else "DIFFERS"
    verdict = "agrees" if to_the_last_digit(figure) else near
    both = f"stored {figure.stored}, recomputed {figure.recomputed:.10g}"
    return f"{name}: {both}, difference {figure.difference:.1e}, {verdict}"


def to_the_last_digit(figure: PoolFigure) -> bool:
    """Return whether a recomputed figure is the stored one to its last printed digit, or to nine digits of it."""
    if figure.difference is None or figure.recomputed is None:
        return False
    mantissa, _, exponent = figure.stored.casefold().partition("e")
    unit = 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return abs(figure.difference) <= max(unit * (1 + 1e-6), CLOSE * abs(figure.recomputed))


def agrees(figure: PoolFigure) -> bool:
    """Return whether a recomputed figure is the stored one as exactly as the program of the file computes it."""
    near = figure.name == CHI2_P and figure.difference is not None and abs(figure.difference) <= OF_REVMAN
    return near or to_the_last_digit(figure)


def differing(imported: Imported) -> list[StoredPool]:
    """Return the pooled results of which a stored figure is not the recomputed one."""
    return [
        pool
        for pool in imported.pooled
        if any(figure.difference is not None and not agrees(figure) for figure in pool.figures)
    ]
