"""Members are told what commands do, and answered, in the language of their Discord."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.i18n import LOCALES, MENU, NAME
from bot.i18n.catalogues import read_catalogue, translations
from bot.local.chat_server import ChatServer
from bot.local.discord_server.drafts import Upload
from bot.local.discord_server.options import Value
from bot.local.discord_server.payloads import Json
from bot.local.discord_server.server import DiscordServer
from tests.e2e.server import serving
from tests.e2e.world import GOLDEN, bot_between, talking


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


ASKED_BY_ALL: list[tuple[str, dict[str, Value]]] = [
    ("settings show", {}), ("voice show", {}), ("voice mine", {"voice": "coral"}),
    ("voice mine", {"voice": "nobody"}), ("voice reset", {"mine": True}),
    ("voice set", {"voice": "coral"}), ("voice server", {"voice": "coral"}),
    ("persona list", {}), ("persona use", {"name": "Ada"}), ("help", {}), ("about", {}),
]  # fmt: skip
SAME_IN_BOTH = 3
"""Sentences of so few words may be written alike in two languages."""


def english_in(text: str, language: str) -> list[str]:
    """Find sentences that were left in English, by what stands between their places."""
    left = []
    for entry in read_catalogue(language):
        if isinstance(entry.id, str) and entry.id and entry.string != entry.id:
            parts = [part.strip() for part in re.split(r"\{.*?\}", entry.id)]
            longest = max(parts, key=len)
            if len(longest.split()) > SAME_IN_BOTH and longest in text:
                left.append(longest)
    return left


@pytest.mark.parametrize("locale", LOCALES)
async def test_every_command_answers_in_the_language_of_its_user(folder: Path, locale: str) -> None:
    async with serving(folder, TEXT_MODEL="gpt-4o-mini") as server:
        for who in (server.member, server.operator):
            who.user.locale = locale
            for channel in (server.lounge, who.dm_channel):
                for command, options in ASKED_BY_ALL:
                    said = await server.use(who, command, channel, **options)
                    assert english_in(said, LOCALES[locale]) == [], command


async def test_a_refusal_and_what_it_names_are_said_in_german(folder: Path) -> None:
    async with serving(folder) as server:
        server.member.user.locale = "de"
        said = await server.use(server.member, "voice set", server.lounge, voice="coral")
        assert "„Kanäle verwalten“" in said
        said = await server.use(server.member, "settings show", server.lounge)
        assert "Eine Textnachricht hier, die mich erwähnt, wird gesprochen beantwortet" in said
        assert "Stimme: alloy · Vorgabe meines Betreibers" in said
        said = await server.use(server.member, "help", server.lounge)
        assert "`/stimme meine`: die Stimme wählen" in said


async def test_the_panel_and_its_components_are_in_the_language_of_their_user(
    folder: Path,
) -> None:
    async with serving(folder) as server:
        server.moderator.user.locale = "fr"
        panel = await server.panel(server.moderator, server.lounge)
        assert "Réglages : ce salon" in panel.text
        assert panel.component("p_place")["placeholder"] == "Les réglages de qui ?"
        await panel.set("voice", "coral")
        assert "Voix est maintenant : coral." in panel.text
        assert english_in(panel.text, "fr") == []


async def test_in_a_room_the_bot_speaks_the_language_of_the_server(folder: Path) -> None:
    discord = DiscordServer()
    discord.guild.locale = "ja"
    async with talking(folder, discord=discord) as talk:
        [notice] = await talk.answer(talk.mention())
        assert "答える内容が見つかりませんでした" in notice.content


async def test_in_a_dm_the_bot_speaks_the_language_its_member_last_showed(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        discord.member("Ada").user.locale = "es-419"
        async with bot_between(discord, chat, folder) as talk:
            await talk.ada.response(talk.ada.slash("help", talk.general))
            await talk.card(talk.mention(GOLDEN))
        async with bot_between(discord, chat, folder) as talk:
            question = talk.ada.say(talk.ada.dm_channel, files=(Upload("picture.png", b"png"),))
            [notice] = await talk.answer(question)
            assert "No puedo usar picture.png." in notice.content
