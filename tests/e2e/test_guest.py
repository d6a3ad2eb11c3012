"""Where the bot is no member: members bring it along, and it answers through the command alone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.web import Request, StreamResponse

from bot.app import running
from bot.domain.rooms import Scope
from bot.local.chat_server import ChatServer, faults
from bot.local.chat_server.faults import Answer, Fault
from bot.local.discord_server import building
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from tests.e2e.scene import Scene, outsider, rows, scene
from tests.e2e.world import GOLDEN, bot_between, recording


@pytest_asyncio.fixture
async def home(folder: Path) -> AsyncIterator[Scene]:
    async with scene(folder) as made:
        yield made


def stuck(arrived: asyncio.Event) -> Fault:
    """A model that never answers, and tells that it was asked."""

    async def respond(_request: Request, _answer: Answer) -> StreamResponse:
        arrived.set()
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    return respond


async def test_a_question_is_answered_by_followups_alone(folder: Path) -> None:
    async with scene(folder) as home:
        used = home.eve.slash("ask", home.elsewhere, text=GOLDEN)
        shown = await home.eve.response(used, timeout_s=20)
        assert shown.content == f"> {GOLDEN}"
        [card] = await home.eve.followups(used, timeout_s=20)
        assert card.attachments
        assert card.for_user_id is None
        assert home.talk.discord.traffic.to("POST", f"/channels/{home.elsewhere.id}/*") == []
    assert rows(folder, "select state, message_id from inbox") == [("answered", used.id)]
    assert rows(folder, "select count(*) from usage") == [(1,)]


async def test_a_voice_message_comes_where_the_place_allows_it(home: Scene) -> None:
    spoken = home.eve.speak(home.elsewhere, recording(), seconds=2.5)
    used = home.eve.use_on_message("Answer aloud", spoken)
    bubble, words = await home.eve.followups(used, 2, timeout_s=20)
    assert bubble.is_voice
    assert words.content


async def test_a_group_gets_files_in_place_of_voice_messages(home: Scene) -> None:
    world = home.talk.discord.world
    group = building.add_private_channel(
        world, home.eve.user, building.add_user(world, "Fay"), building.add_user(world, "Gus")
    )
    spoken = home.eve.speak(group, recording(), seconds=2.5)
    used = home.eve.use_on_message("Answer aloud", spoken)
    [card] = await home.eve.followups(used, timeout_s=20)
    assert card.attachments
    assert not card.is_voice


async def test_groups_do_not_go_on_from_each_others_questions(home: Scene) -> None:
    world = home.talk.discord.world
    fay = building.add_user(world, "Fay")
    group = building.add_private_channel(world, home.eve.user, fay)
    for text in ("My name is Zelda.", "What is my name?"):
        used = home.eve.slash("ask", group, text=text)
        await home.eve.followups(used, timeout_s=20)
    assert "Zelda" not in str(home.talk.last_request)


async def test_the_members_own_settings_count_and_those_of_the_server_do_not(home: Scene) -> None:
    guild_id = home.elsewhere.guild_id or 0
    await home.choose(Scope.SERVER, guild_id, "answer", "denied")
    await home.choose(Scope.CHANNEL, home.elsewhere.id, "voice", "onyx")
    used = home.eve.slash("ask", home.elsewhere, text=GOLDEN)
    await home.eve.followups(used, timeout_s=20)
    assert home.talk.chat.completions_seen[-1]["audio"]["voice"] == "alloy"
    await home.choose(Scope.MEMBER, home.eve.user.id, "voice", "coral")
    used = home.eve.slash("ask", home.elsewhere, text=GOLDEN)
    await home.eve.followups(used, timeout_s=20)
    assert home.talk.chat.completions_seen[-1]["audio"]["voice"] == "coral"


SETTERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("voice set", {"voice": "coral"}),
    ("voice server", {"voice": "coral"}),
    ("settings panel", {}),
    ("settings show", {}),
    ("persona add", {}),
    ("doctor", {}),
)


async def test_nothing_can_be_set_for_such_a_place(home: Scene) -> None:
    """Also by those who manage it, were the commands ever offered there."""
    for published in home.talk.discord.world.state.commands[0]:
        published["integration_types"] = [0, 1]
    for command, options in SETTERS:
        said = await home.refusal(home.eve, command, home.elsewhere, **options)
        assert said == "That can only be done where I am a member."


async def test_a_server_that_wants_it_whispered_gets_it_whispered(home: Scene) -> None:
    world = home.talk.discord.world
    guild = world.state.guilds[home.elsewhere.guild_id or 0]
    building.join(world, guild, home.bob.user.id)
    home.bob.user.installed = True
    building.set_overwrite(
        world, home.elsewhere, home.bob.user, deny=int(Permission.USE_EXTERNAL_APPS)
    )
    used = home.bob.slash("ask", home.elsewhere, text=GOLDEN)
    [card] = await home.bob.followups(used, timeout_s=20)
    assert card.for_user_id == home.bob.user.id
    assert home.seen_by_all(home.elsewhere) == []


async def test_reading_and_writing_down_work_there_too(home: Scene) -> None:
    target = home.eve.say(home.elsewhere, "The ship leaves at nine.")
    used = home.eve.use_on_message("Read aloud", target)
    [sound] = await home.eve.followups(used, timeout_s=20)
    assert sound.attachments
    spoken = home.eve.speak(home.elsewhere, recording(), seconds=2.5)
    shown = await home.eve.response(home.eve.use_on_message("Transcript", spoken), timeout_s=20)
    assert shown.for_user_id == home.eve.user.id


async def test_a_failure_is_told_there(home: Scene) -> None:
    home.talk.chat.faults.next(faults.wrong_country, 9)
    used = home.eve.slash("ask", home.elsewhere, text=GOLDEN)
    [notice] = await home.eve.followups(used, timeout_s=20)
    assert notice.content.startswith("⚠️")


async def test_what_a_stop_cut_short_is_not_taken_up_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "DRAIN_S", 0)
    async with DiscordServer() as discord, ChatServer() as chat:
        eve, lobby = outsider(discord)
        arrived = asyncio.Event()
        chat.faults.next(stuck(arrived))
        async with bot_between(discord, chat, folder):
            used = eve.slash("ask", lobby, text=GOLDEN)
            await arrived.wait()
        assert rows(folder, "select state from inbox") == [("received",)]
        async with bot_between(discord, chat, folder) as talk:
            await talk.card(talk.mention(GOLDEN))
    found = rows(folder, "select state, reason, message_id from inbox order by received_at")
    assert found[0] == ("failed", "command_over", used.id)
    assert len(chat.completions_seen) == 2
