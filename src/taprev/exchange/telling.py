"""What `taprev import` says of a file: what was read, stored numbers beside recomputed ones, what is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from taprev.exchange.imported import TABLES, Imported, PoolFigure, StoredPool

CLOSE = 1e-9
OF_REVMAN = 5e-7
"""How far RevMan's probabilities of chi-squared are from the exact ones, as seen in its files."""
CHI2_P = "Q_pval"
WORDS = {"Q": "Chi2", "Q_pval": "P of Chi2", "pval": "P", "z": "Z", "ci_lb": "CI from", "ci_ub": "CI to"}


def told(imported: Imported) -> Iterator[str]:
    """Yield the lines about what was read, in the order in which a person asks."""
    yield f"Recognised: {imported.format}."
    counts = [f"{len(imported.rows(name))} {name.replace('_', ' ')}" for name in TABLES if imported.rows(name)]
    yield f"Read: {', '.join(counts) or 'no rows'}."
    for form, rows in imported.forms.items():
        yield f"  form {form}: {len(rows)} results"
    results = Counter(row["domain"] for row in imported.rows("outcomes"))
    for domain in imported.domains:
        yield f"  {domain.name}: {domain.label} ({results[domain.name]} results)"
    yield from _pools(imported)
    for remark in imported.remarks:
        yield f"Remark: {remark}"
    for table in imported.kept:
        yield f"Kept, not understood: {len(table.rows)} rows, {table.why} ({', '.join(table.header)})."


def _pools(imported: Imported) -> Iterator[str]:
    if not imported.pooled:
        return
    compared = [figure for pool in imported.pooled for figure in pool.figures if figure.difference is not None]
    agree = sum(agrees(figure) for figure in compared)
    yield (
        f"Pooled results of the file, stored and recomputed by its own method: {agree} of {len(compared)} stored "
        "numbers agree to their last printed digit."
    )
    for pool in imported.pooled:
        yield f"  {pool.name} ({pool.method}, k = {pool.studies}){': ' + pool.remark if pool.remark else ''}"
        shown = [figure for figure in pool.figures if not pool.of_rows or not agrees(figure)]
        yield from (f"    {_line(figure)}" for figure in shown)


def _line(figure: PoolFigure) -> str:
    name = WORDS.get(figure.name, figure.name)
    if figure.recomputed is None:
        return f"{name}: stored {figure.stored}, not recomputed"
    if figure.difference is None:
        return f"{name}: recomputed {figure.recomputed:.6g}"
    verdict = "agrees" if agrees(figure) else "DIFFERS"
    if verdict == "agrees" and figure.name == CHI2_P and abs(figure.difference) > CLOSE:
        verdict = "agrees to six decimals, as exact as RevMan computes it"
    both = f"stored {figure.stored}, recomputed {figure.recomputed:.10g}"
    return f"{name}: {both}, difference {figure.difference:.1e}, {verdict}"


def agrees(figure: PoolFigure) -> bool:
    """Return whether a recomputed figure is the stored one to its last printed digit, or to nine digits of it."""
    if figure.difference is None or figure.recomputed is None:
        return False
    mantissa, _, exponent = figure.stored.casefold().partition("e")
    unit = 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    close = OF_REVMAN if figure.name == CHI2_P else CLOSE * abs(figure.recomputed)
    return abs(figure.difference) <= max(unit * (1 + 1e-6), close)


def differing(imported: Imported) -> list[StoredPool]:
    """Return the pooled results of which a stored figure is not the recomputed one."""
    return [
        pool
        for pool in imported.pooled
        if any(figure.difference is not None and not agrees(figure) for figure in pool.figures)
    ]
