"""Commands are published when they changed, not at each start."""

from pathlib import Path

import pytest

from bot import client
from bot.local.chat_server import ChatServer
from bot.local.discord_server.faults import Answer
from bot.local.discord_server.server import DiscordServer
from tests.e2e.world import GOLDEN, bot_between

SYNC = "/applications/*/commands"


async def start(folder: Path, discord: DiscordServer, chat: ChatServer) -> int:
    """Start the bot, use it, and count how often it has published by now."""
    async with bot_between(discord, chat, folder) as talk:
        await talk.card(talk.mention(GOLDEN))
        await talk.ada.response(talk.ada.slash("help", talk.general))
    return len(discord.traffic.to("PUT", SYNC))


async def test_the_second_start_publishes_nothing(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        assert await start(folder, discord, chat) == 1
        assert await start(folder, discord, chat) == 1


async def test_only_questions_and_menus_are_offered_where_the_bot_is_no_member(
    folder: Path,
) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        await start(folder, discord, chat)
        installs = {
            each["name"]: each["integration_types"] for each in discord.world.state.commands[0]
        }
    brought_along = {name for name, types in installs.items() if types == [0, 1]}
    assert brought_along == {"ask", "Answer aloud", "Read aloud", "Transcript"}
    assert all(types == [0] for name, types in installs.items() if name not in brought_along)


async def test_a_changed_definition_is_published(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        assert await start(folder, discord, chat) == 1
        fewer = tuple(name for name in client.COGS if name != "cogs.rooms")
        monkeypatch.setattr(client, "COGS", fewer)
        assert await start(folder, discord, chat) == 2
        assert "voice" not in {each["name"] for each in discord.world.state.commands[0]}


async def test_what_discord_did_not_take_is_sent_again_at_the_next_start(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        discord.faults.add("PUT", SYNC, Answer(400, {"code": 50035, "message": "no"}))
        async with bot_between(discord, chat, folder) as talk:
            await talk.card(talk.mention(GOLDEN))
        assert await start(folder, discord, chat) == 2
        assert await start(folder, discord, chat) == 2


async def test_another_application_gets_its_own(folder: Path) -> None:
    async with ChatServer() as chat:
        for _ in range(2):
            async with DiscordServer() as discord:
                assert await start(folder, discord, chat) == 1
