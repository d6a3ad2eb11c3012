"""Small wrongs, one at a time: sources in which one comparison, constant or statement is changed.

What cannot matter is left alone: imports, annotations, decorators, docstrings, sentences for
members and the log.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

Wrong = Callable[[ast.AST], ast.AST]
"""Makes the changed node of a copy of the node."""

_SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
}  # fmt: skip
_LEFT_ALONE = (ast.Import, ast.ImportFrom, ast.JoinedStr)
_TELLING = {"Sentence", "log", "warning"}
_WORDS = {"logging", "Literal", "TypeVar"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One of them; `what` names the change, `source` is the whole module with it."""

    line: int
    what: str
    source: str


def mutants_of(source: str) -> list[Mutant]:
    """Make all mutants of a module, in the order of its lines."""
    tree = ast.parse(source)
    found = []
    for path, node in _walk(tree, ()):
        for what, wrong in _wrongs(node):
            changed = copy.deepcopy(tree)
            _put(changed, path, wrong)
            text = ast.unparse(ast.fix_missing_locations(changed))
            found.append(Mutant(getattr(node, "lineno", 0), what, text))
    return sorted(found, key=lambda each: each.line)


Path = tuple[tuple[str, int | None], ...]


def _walk(node: ast.AST, path: Path) -> Iterator[tuple[Path, ast.AST]]:
    """Give every node that may be changed, with the way to it."""
    yield path, node
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "bases", "type_params"}:
            continue
        for index, child in _children(value):
            if not _is_left_alone(child):
                yield from _walk(child, (*path, (name, index)))


def _children(value: object) -> Iterator[tuple[int | None, ast.AST]]:
    if isinstance(value, ast.AST):
        yield None, value
    elif isinstance(value, list):
        yield from ((n, each) for n, each in enumerate(value) if isinstance(each, ast.AST))


def _is_left_alone(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring
    if isinstance(node, ast.ClassDef) and {"Enum", "StrEnum"} & {*map(_name_of, node.bases)}:
        return True  # values that nobody looks at
    if isinstance(node, ast.Call | ast.Subscript):
        function = node.func if isinstance(node, ast.Call) else node.value
        return _name_of(function) in _TELLING | _WORDS
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return _name_of(node.value.func) in _TELLING
    return isinstance(node, _LEFT_ALONE)


def _name_of(function: ast.expr) -> str:
    """Give the outermost name: `log` of `log.info`."""
    while isinstance(function, ast.Attribute):
        function = function.value
    return function.id if isinstance(function, ast.Name) else ""


def _put(tree: ast.AST, path: Path, wrong: Wrong) -> None:
    parent = tree
    *way, (name, index) = path
    for step, place in way:
        below = getattr(parent, step)
        parent = below if place is None else below[place]
    if index is None:
        setattr(parent, name, wrong(getattr(parent, name)))
    else:
        below = getattr(parent, name)
        below[index] = wrong(below[index])


def _wrongs(node: ast.AST) -> Iterator[tuple[str, Wrong]]:
    match node:
        case ast.Compare(ops=ops):
            for index, op in enumerate(ops):
                if type(op) in _SWAPPED:
                    yield f"{type(op).__name__} swapped", _with_op(index)
        case ast.BoolOp(op=op):
            yield f"{type(op).__name__} swapped", _with_other_op
        case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _SWAPPED:
            yield f"{type(op).__name__} swapped", _with_other_op
        case ast.UnaryOp(op=ast.Not()):
            yield "not dropped", lambda n: cast("ast.UnaryOp", n).operand
        case ast.Constant(value=bool() as value):
            yield f"{value} swapped", _constant(not value)
        case ast.Constant(value=int() | float() as value):
            yield f"{value} + 1", _constant(value + 1)
        case ast.Constant(value=str() as value) if value:
            yield f"{value!r} changed", _constant(value + "X")
        case ast.If() | ast.IfExp() | ast.While():
            yield "condition turned", _turned
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield "returns None", _return_none
        case ast.Expr(value=ast.Call() | ast.Await()) | ast.Raise() | ast.AugAssign():
            yield f"{type(node).__name__} dropped", lambda _: ast.Pass()
    if isinstance(node, ast.AugAssign | ast.Delete):
        yield "statement dropped", lambda _: ast.Pass()
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute | ast.Subscript):
        yield "assignment dropped", lambda _: ast.Pass()


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _with_op(index: int) -> Wrong:
    def wrong(node: ast.AST) -> ast.AST:
        compare = cast("ast.Compare", node)
        compare.ops[index] = cast("ast.cmpop", _SWAPPED[type(compare.ops[index])]())
        return compare

    return wrong


def _with_other_op(node: ast.AST) -> ast.AST:
    changed = cast("ast.BoolOp", node)
    changed.op = cast("ast.boolop", _SWAPPED[type(changed.op)]())
    return changed


def _constant(value: object) -> Wrong:
    return lambda _: ast.Constant(value)  # type: ignore[arg-type]  # it came from one


def _turned(node: ast.AST) -> ast.AST:
    choice = cast("ast.If", node)
    choice.test = ast.UnaryOp(ast.Not(), choice.test)
    return choice


def _return_none(_: ast.AST) -> ast.AST:
    return ast.Return(ast.Constant(None))
