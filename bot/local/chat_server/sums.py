"""Sums in words and figures: "what is seven times 6?"."""

import ast
import operator
import re
from collections.abc import Callable

from bot.local.chat_server.numerals import write_in_figures

_SIGNS = {
    "plus": "+", "minus": "-", "times": "*", "multiplied by": "*", "divided by": "/", "over": "/",
}  # fmt: skip
_SIGN_WORDS = re.compile(r"\b(" + "|".join(_SIGNS) + r")\b")
_CROSS = re.compile(r"(?<=\d)\s*x\s*(?=\d)")
_SHARE = re.compile(r"(\d[\d.]*)\s*(?:%|percent|per cent) of (?=\d)")
_SUM = re.compile(r"(?<![\w.])-?[\d(][\d\s.()]*(?:[+\-*/][\d\s.()]+)+")
_DATE = re.compile(r"\b\d{4}-\d{1,2}-\d{1,2}\b")
_LONGEST = 60
_OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def work_out(text: str) -> str | None:
    """Find a sum in the text and say its result; None when there is none."""
    found = _SUM.search(_in_figures(_DATE.sub("", text.lower())))
    if found is None or len(found[0]) > _LONGEST:
        return None
    try:
        value = _value(ast.parse(found[0].strip(" ."), mode="eval").body)
    except ZeroDivisionError:
        return "Nothing can be divided by zero."
    except (SyntaxError, ValueError, OverflowError):
        return None
    return f"That makes {value:.10g}."


def _in_figures(text: str) -> str:
    signs = _SIGN_WORDS.sub(lambda found: _SIGNS[found[1]], write_in_figures(text))
    signs = signs.replace("×", "*").replace("÷", "/")  # noqa: RUF001 - as people type
    return _SHARE.sub(r"\1 / 100 * ", _CROSS.sub(" * ", signs))


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(int() | float() as number):
            return number
        case ast.UnaryOp(ast.USub(), operand):
            return -_value(operand)
        case ast.BinOp(left, operation, right) if type(operation) in _OPERATIONS:
            return _OPERATIONS[type(operation)](_value(left), _value(right))
        case _:
            raise ValueError("not a sum")
