"""What the manual promises is there, and what is there stands in the manual."""

import re
import tomllib
from pathlib import Path

import pytest

import bot
from bot import errors
from bot.settings import setting_names
from cogs.help import ENTRIES

ROOT = Path(__file__).parent.parent
SETTINGS = setting_names()
README = (ROOT / "README.md").read_text()


def floors() -> set[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    return {name.strip() for layer in layers for name in layer.split("|")}


@pytest.mark.parametrize("floor", sorted(floors()))
def test_every_floor_stands_on_both_maps(floor: str) -> None:
    assert re.search(rf"\b{floor}\b", bot.__doc__ or "")
    assert re.search(rf"\b{floor}\b", README.partition("## Architecture")[2])


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_every_setting_stands_in_the_manual_and_in_the_example(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|", README, re.MULTILINE)
    assert re.search(rf"^#? ?{name}=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_the_manual_names_no_setting_that_is_not_there() -> None:
    table = README.partition("## Settings")[2].partition("##")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE)) == set(SETTINGS)


@pytest.mark.parametrize("command", [entry.command for entry in ENTRIES])
def test_every_command_of_the_help_stands_in_the_manual(command: str) -> None:
    table = README.partition("## What members can do")[2].partition("\n## ")[0]
    assert re.search(rf"^\| `/{command}[ `]", table, re.MULTILINE)


@pytest.mark.parametrize("command", ["run", "check", "migrate", "backup", "demo", "serve-model"])
def test_every_command_line_stands_in_the_manual(command: str) -> None:
    assert f"`python -m bot {command}`" in README


def test_the_make_targets_of_the_manual_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"\bmake ([a-z]+)", README)) - {"sure"}:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_errors_are_all_drawn_in_the_tree() -> None:
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, errors.BotError):
            assert name in (errors.__doc__ or "")


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == bot.__version__
