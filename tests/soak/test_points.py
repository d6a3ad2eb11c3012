"""Every border of the bot has its points: found here in the source, there by looking at classes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import bot
import cogs
from soak.points import names
from soak.scenarios import SCENARIOS

STORAGE = Path(bot.__file__).parent / "storage"
PORTS = Path(bot.__file__).parent / "services" / "ports.py"
COGS = Path(cogs.__file__).parent
NOT_ONES_OWN = {"Clock"}


def classes(*files: Path) -> Iterator[ast.ClassDef]:
    for file in files:
        yield from (n for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.ClassDef))


def awaited(kind: ast.ClassDef) -> Iterator[str]:
    for node in kind.body:
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node.name


def listens(node: ast.AsyncFunctionDef) -> bool:
    return any("listener" in ast.unparse(each) for each in node.decorator_list)


def test_every_method_of_every_store_has_its_points() -> None:
    wanted = {
        f"{kind.name}.{method}:{side}"
        for kind in classes(*STORAGE.glob("*.py"))
        if kind.name.endswith("Store") or kind.name == "Database"
        for method in awaited(kind)
        for side in ("before", "after")
    }
    assert len(wanted) > 100
    assert wanted <= set(names())


def test_every_method_of_every_port_has_its_points() -> None:
    found = {point.partition(".")[2] for point in names()}
    wanted = {
        f"{method}:{side}"
        for kind in classes(PORTS)
        if kind.name not in NOT_ONES_OWN
        for method in awaited(kind)
        for side in ("before", "after")
    }
    assert {"speak:before", "post_voice:after", "read:before"} <= wanted
    assert wanted <= found


def test_every_event_that_a_cog_hears_has_its_points() -> None:
    wanted = {
        f"{kind.name}.{node.name}:before"
        for kind in classes(*COGS.glob("*.py"))
        for node in kind.body
        if isinstance(node, ast.AsyncFunctionDef) and (listens(node) or node.name == "cog_load")
    }
    assert len(wanted) > 10
    assert wanted <= set(names())


def test_there_are_as_many_points_and_stories_as_promised() -> None:
    assert len(names()) >= 40
    assert len({each.name for each in SCENARIOS}) == len(SCENARIOS) >= 25
