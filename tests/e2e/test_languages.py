"""Members are told what commands do, and answered, in the language of their Discord."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.i18n import LOCALES, MENU, NAME
from bot.i18n.catalogues import read_catalogue, translations
from bot.local.discord_server.payloads import Json
from tests.e2e.server import serving


def nodes(level: list[Json]) -> Iterator[Json]:
    """Walk commands, subcommands, options and choices."""
    for each in level:
        yield each
        yield from nodes([*each.get("options", []), *each.get("choices", [])])


def levels(commands: list[Json]) -> Iterator[list[Json]]:
    """Walk what members choose among."""
    yield commands
    for each in nodes(commands):
        yield each.get("options", [])


def localized(node: Json, key: str, locale: str) -> str:
    return str((node.get(f"{key}_localizations") or {}).get(locale, node[key]))


@pytest.mark.parametrize("locale", LOCALES)
async def test_every_word_of_every_command_is_published_in_every_language(
    folder: Path, locale: str
) -> None:
    async with serving(folder) as server:
        commands = server.talk.discord.world.state.commands[0]
    assert len(commands) > 4
    catalogue, known = translations(LOCALES[locale]), read_catalogue(LOCALES[locale])
    for node in nodes(commands):
        if "value" not in node:
            context = NAME if node.get("description") else MENU
            assert known.get(node["name"], context), node["name"]
            expected = catalogue.pgettext(context, node["name"])
            assert localized(node, "name", locale) == expected
        if node.get("description"):
            words = localized(node, "description", locale)
            assert words == catalogue.gettext(node["description"])
            assert words != node["description"]


@pytest.mark.parametrize("locale", LOCALES)
async def test_no_two_commands_beside_each_other_have_one_name(folder: Path, locale: str) -> None:
    async with serving(folder) as server:
        commands = server.talk.discord.world.state.commands[0]
    for level in levels(commands):
        names = Counter(localized(each, "name", locale) for each in level)
        assert [name for name, times in names.items() if times > 1] == []
