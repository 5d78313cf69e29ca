"""The working of one effect: its formula, the formula with the numbers put in, and what comes out."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping

from scipy.special import ndtri

from taprev.effects.conversions import t_from_p, t_quantile
from taprev.effects.derive import derivation_of, ingredients
from taprev.effects.formulas import Lines, formula
from taprev.effects.hedges import hedges_j
from taprev.effects.printed import as_independent
from taprev.effects.working_line import WorkingLine
from taprev.extraction.tables import Row
from taprev.settings import Assumptions

FUNCTIONS: dict[str, Callable[..., float]] = {
    "J": hedges_j,
    "sqrt": math.sqrt,
    "log": math.log,
    "atanh": math.atanh,
    "abs": abs,
    "t_at": lambda share, df: t_quantile(df, 2 * share - 1),
    "t_of_p": t_from_p,
    "z_at": lambda share: float(ndtri(share)),
}
OPERATIONS: dict[type, tuple[Callable[[float, float], float], str, int]] = {
    ast.Add: (lambda a, b: a + b, " + ", 1),
    ast.Sub: (lambda a, b: a - b, " − ", 1),
    ast.Mult: (lambda a, b: a * b, " × ", 2),
    ast.Div: (lambda a, b: a / b, " / ", 2),
    ast.Pow: (lambda a, b: a**b, "^", 4),
}
WRITTEN = {"sqrt": "√", "log": "ln", "t_at": "t at", "t_of_p": "t of p", "z_at": "z at"}
DIGITS = 6
ARMS = ("arm1", "arm2")


def working(row: Row, scale: str, assumptions: Assumptions, shared_by: int = 1) -> tuple[WorkingLine, ...]:
    """Return the working of a row's effect, line by line, down to `yi` and `vi`.

    Parameters
    ----------
    row : Row
        A row of `outcomes.csv`.
    scale : str
        The scale of the row's domain.
    assumptions : Assumptions
        What the settings assume for figures that are not printed.
    shared_by : int
        Number of arms that share the control group.

    Returns
    -------
    tuple of WorkingLine
        The lines; empty if the row has no magnitude.
    """
    chosen = derivation_of(row, scale)
    if chosen is None:
        return ()
    taken = ingredients(row, chosen, assumptions, shared_by)
    numbers, printed = numbers_of(taken.figures, row)
    lines = formula(chosen.name, chosen.family, row["sd_basis"], as_independent(row))
    if all(numbers[f"people_{arm}"] == n for arm in ARMS if (n := numbers.get(f"n_{arm}")) is not None):
        lines = tuple((name, text.replace("people_", "n_")) for name, text in lines)
    effect = next(name for name, _ in lines if name in ("g", "y"))
    factors = [*(["design_effect"] if taken.inflation != 1 else []), *(["(1 - r)"] if taken.of_pairs != 1 else [])]
    last = (("yi", effect if taken.sign == 1 else f"-{effect}"), ("vi", " * ".join(["v", *factors])))
    return written((*lines, *last), numbers | {"design_effect": taken.inflation}, printed)


def numbers_of(figures: Mapping[str, float], row: Row) -> tuple[dict[str, float], dict[str, str]]:
    """Return the numbers of a working by name, and the printed ones among them as they are printed.

    Parameters
    ----------
    figures : mapping of str to float
        The figures that the derivation takes, by name.
    row : Row
        A row of `outcomes.csv`.

    Returns
    -------
    tuple of dict
        The numbers by name, then the text of those that the row prints.
    """
    numbers = {name: float(value) for name, value in figures.items()}
    printed = {name: row[name] for name, value in numbers.items() if row.get(name) and float(row[name]) == value}
    return numbers, printed


def written(lines: Lines, numbers: Mapping[str, float], printed: Mapping[str, str]) -> tuple[WorkingLine, ...]:
    """Return lines of a formula with their values; a later line may use the name of an earlier one.

    Parameters
    ----------
    lines : Lines
        Pairs of a name and its formula, in the arithmetic of Python.
    numbers : mapping of str to float
        The numbers of the working, by name.
    printed : mapping of str to str
        Those of the numbers that are printed, as they are printed.

    Returns
    -------
    tuple of WorkingLine
        One line for each formula.

    Raises
    ------
    ValueError
        If a formula holds anything but arithmetic of known names.
    """
    known, shown, working_lines = dict(numbers), dict(printed), []
    for name, text in lines:
        tree = ast.parse(text, mode="eval").body
        value = evaluate(tree, known)
        working_lines.append(
            WorkingLine(name, write(tree, {}), write(tree, {n: short(v) for n, v in known.items()} | shown), value)
        )
        known[name] = value
        shown.pop(name, None)
    return tuple(working_lines)


def evaluate(node: ast.expr, known: Mapping[str, float]) -> float:
    """Return the value of an expression, or raise ValueError if it is not arithmetic of known names.

    Parameters
    ----------
    node : ast.expr
        The expression.
    known : mapping of str to float
        The values of the names.

    Returns
    -------
    float
        The value.

    Raises
    ------
    ValueError
        For anything but numbers, known names, and the operations and functions of this module.
    """
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -evaluate(operand, known)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATIONS:
            return OPERATIONS[type(op)][0](evaluate(left, known), evaluate(right, known))
        case ast.Call(func=ast.Name(id=name), args=args) if name in FUNCTIONS:
            return FUNCTIONS[name](*(evaluate(arg, known) for arg in args))
    raise ValueError(f"{ast.unparse(node)} is no arithmetic of known names")


def write(node: ast.expr, numbers: Mapping[str, str], above: int = 0) -> str:
    """Return an expression as a person writes it, with numbers in place of the names for which they are given.

    Parameters
    ----------
    node : ast.expr
        The expression.
    numbers : mapping of str to str
        Numbers as text, by the names that they replace.
    above : int
        The rank of the operation around the expression, which decides on brackets; 0 for none.

    Returns
    -------
    str
        The expression, with signs such as × and √.

    Raises
    ------
    ValueError
        If the expression is not arithmetic.
    """
    match node:
        case ast.Constant(value=int() | float() as value):
            return f"{value:g}"
        case ast.Name(id=name):
            return _bracketed(numbers.get(name, name), above)
        case ast.UnaryOp(operand=operand):
            return f"−{write(operand, numbers, 3)}"
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=2)):
            return f"{write(left, numbers, 4)}²"
        case ast.BinOp(left=left, op=op, right=right):
            _, sign, rank = OPERATIONS[type(op)]
            stronger = rank + isinstance(op, ast.Sub | ast.Div)
            text = write(left, numbers, rank) + sign + write(right, numbers, stronger)
            return f"({text})" if rank < above else text
        case ast.Call(func=ast.Name(id="abs"), args=[arg]):
            return f"|{write(arg, numbers)}|"
        case ast.Call(func=ast.Name(id="sqrt"), args=[ast.Name() as arg]):
            return f"√{write(arg, numbers, 4)}"
        case ast.Call(func=ast.Name(id=name), args=args):
            return f"{WRITTEN.get(name, name)}({', '.join(write(arg, numbers) for arg in args)})"
    raise ValueError(f"{ast.unparse(node)} is no arithmetic of known names")


def _bracketed(text: str, above: int) -> str:
    """Put a negative number into brackets if something comes before it."""
    text = text.replace("-", "−", 1) if text.startswith("-") else text
    return f"({text})" if above and text.startswith("−") else text


def short(value: float) -> str:
    """Return a number for a line of working, with six significant digits; whole numbers whole.

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    str
        Its text.
    """
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.{DIGITS}g}"
