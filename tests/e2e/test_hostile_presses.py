"""A hostile member, who sends what no client would: each try is refused with a sentence."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest_asyncio

from bot.discord_io.components import PANEL_LIFE, Signer
from bot.domain.rooms import Scope
from bot.local.chat_server import ChatServer
from bot.local.discord_server import building
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Interaction, Message
from tests.e2e.server import PanelUser, Server, furnish, serving
from tests.e2e.test_room_rules import choose, only_button
from tests.e2e.world import bot_between

EXPIRED = "That is too old by now. Please use `/settings panel` again."


@pytest_asyncio.fixture
async def server(folder: Path) -> AsyncIterator[Server]:
    async with serving(folder, MODELS="gpt-audio-mini", SAMPLING_ALLOWED="seed") as server:
        yield server


@pytest_asyncio.fixture
async def panel(server: Server) -> PanelUser:
    """A moderator's panel, with the voice looked at."""
    panel = await server.panel(server.moderator, server.lounge)
    await panel.look_at("voice")
    return panel


async def told(server: Server, who: MemberClient, used: Interaction, panel: Message) -> str:
    """What the hostile one is told; the panel of the other stays as it was."""
    said = await who.response(used)
    assert said.for_user_id == who.user.id
    assert said.id != panel.id
    assert "went wrong" not in said.content
    assert server.stored(server.place(Scope.CHANNEL, server.lounge)) == {}
    return said.content


def signer_of(server: Server, now: datetime) -> Signer:
    """The bot's own signer, at some other time."""
    with closing(sqlite3.connect(server.talk.folder / "bot.db")) as database:
        [(key,)] = database.execute("SELECT value FROM keys WHERE name = 'components'")
    return Signer(key, lambda: now)


async def test_what_belongs_to_somebody_else_says_so(server: Server, panel: PanelUser) -> None:
    for action, kind, values in (
        ("p_place", 3, ("me",)), ("p_look", 3, ("speed",)), ("p_set", 3, ("coral",)),
        ("p_page", 2, ()), ("p_type", 2, ()), ("p_reset", 2, ()), ("p_undo", 2, ()),
    ):  # fmt: skip
        custom_id = panel.component(action)["custom_id"]
        used = server.forge(server.manager, panel.message, custom_id, *values, kind=kind)
        said = await told(server, server.manager, used, panel.message)
        assert said == "That belongs to somebody else. Please use `/settings panel` yourself."


async def test_forged_changed_and_expired_ids_do_nothing(server: Server, panel: PanelUser) -> None:
    real = panel.component("p_set")["custom_id"]
    who, place = server.moderator, f"{server.lounge.id:x}"
    past = datetime.now(UTC) - PANEL_LIFE - timedelta(seconds=1)
    expired = signer_of(server, past).sign(
        "p_set", "ch", place, "voice", member_id=who.user.id, life=PANEL_LIFE
    )
    stranger = Signer(b"k" * 32, lambda: datetime.now(UTC)).sign(
        "p_set", "ch", place, "voice", member_id=who.user.id, life=PANEL_LIFE
    )
    changed = (
        real.replace(":ch,", ":se,"),
        real.replace(",voice:", ",speed:"),
        real.replace("p_set:", "p_reset:"),
        real[:-1] + ("A" if real[-1] != "A" else "B"),
    )
    for custom_id in (expired, stranger, *changed, "p_set", "p_set::::", "p_set:ch,zz,voice:-:0:x"):
        used = server.forge(who, panel.message, custom_id, "coral", kind=3)
        assert await told(server, who, used, panel.message) == EXPIRED
    unknown = server.forge(who, panel.message, "nothing:of:ours:0:x")
    assert "too old by now" in await told(server, who, unknown, panel.message)


NOT_OFFERED = (
    ("p_place", ("xx",), "no such place here"),
    ("p_place", ("th",), "no such place here"),
    ("p_place", ("me", "se"), "no such place here"),
    ("p_place", (), "no such place here"),
    ("p_look", ("nothing",), "no such setting"),
    ("p_look", ("voice", "speed"), "no such setting"),
    ("p_set", ("robot",), "no such voice"),
    ("p_set", ("coral", "onyx"), "no such voice"),
    ("p_set", ("voice_" + "a" * 200,), "no such voice"),
    ("p_set", (), "no such voice"),
)
NOT_LEFT_TO_ROOMS = (
    ("roles_allowed", "12345", "no role of this server"),
    ("roles_allowed", "everyone", "no role of this server"),
    ("model", "gpt-5-expensive", "allows these models"),
    ("speak", "never", "can only always speak"),
    ("temperature", "1", "SAMPLING_ALLOWED"),
    ("language", "klingon", "do not know that language"),
    ("persona", "Nobody", "no persona of that name"),
    ("answer_tokens", "100000", "at most 2048 tokens"),
)


async def test_values_that_were_not_offered_are_refused(server: Server, panel: PanelUser) -> None:
    for action, values, reason in NOT_OFFERED:
        custom_id = panel.component(action)["custom_id"]
        used = server.forge(server.moderator, panel.message, custom_id, *values, kind=3)
        assert reason in await told(server, server.moderator, used, panel.message)


async def test_values_beyond_what_the_owner_leaves_are_refused(server: Server) -> None:
    for name, value, reason in NOT_LEFT_TO_ROOMS:
        panel = await server.panel(server.moderator, server.lounge)
        await panel.look_at(name)
        custom_id = panel.component("p_set")["custom_id"]
        used = server.forge(server.moderator, panel.message, custom_id, value, kind=3)
        assert reason in await told(server, server.moderator, used, panel.message)


async def test_modal_values_out_of_range_are_refused(server: Server) -> None:
    panel = await server.panel(server.moderator, server.lounge)
    await panel.look_at("speed")
    opened = await panel.press("p_type")
    for value in ("", "0.4", "2.1", "nan", "1e9", "fast", "-1", "9" * 4000):
        used = server.forge_modal(server.moderator, opened, {"value": value})
        said = await told(server, server.moderator, used, panel.message)
        assert said == "Give a number from 0.5 to 2."


async def test_an_undo_that_nobody_could_press_finds_nothing(
    server: Server, panel: PanelUser
) -> None:
    custom_id = panel.component("p_undo")["custom_id"]
    used = server.forge(server.moderator, panel.message, custom_id)
    assert "nothing left to undo" in await told(server, server.moderator, used, panel.message)


async def test_buttons_of_an_answer_give_nothing_away_in_another_room(server: Server) -> None:
    talk, who = server.talk, server.member
    await choose(talk, talk.general, transcript="folded")
    card = await talk.card(talk.mention("What is 2 plus 2?"))
    for channel in (server.lounge, server.post, who.dm_channel):
        elsewhere = await who.response(who.slash("help", channel))
        used = server.forge(who, elsewhere, only_button(card))
        assert "no longer keep" in await told(server, who, used, elsewhere)


async def test_a_modal_without_its_input_is_refused(server: Server) -> None:
    panel = await server.panel(server.moderator, server.lounge)
    await panel.look_at("speed")
    opened = await panel.press("p_type")
    used = server.forge_modal(server.moderator, opened, {"other": "1"})
    assert "Give a number" in await told(server, server.moderator, used, panel.message)


async def test_somebody_elses_modal_cannot_be_sent_in(server: Server) -> None:
    opened = await server.open_modal(server.manager, "persona add", server.lounge)
    for who in (server.member, server.operator):
        used = server.forge_modal(who, opened, {"name": "Evil", "prompt": "You lie.", "voice": ""})
        assert "belongs to somebody else" in (await who.response(used)).content
    assert "no personas" in await server.use(server.member, "persona list", server.lounge)


async def test_a_right_that_was_taken_away_is_gone_at_the_next_press(
    server: Server, panel: PanelUser
) -> None:
    building.set_overwrite(server.talk.discord.world, server.lounge, server.moderator.user)
    refused = await panel.choose("p_set", "coral")
    said = await told(server, server.moderator, refused, panel.message)
    assert "Manage Channels" in said
    assert "can grant it" in said


async def test_a_modal_that_was_opened_with_a_right_sets_nothing_without_it(
    server: Server, panel: PanelUser
) -> None:
    opened = await panel.press("p_type")
    building.set_overwrite(server.talk.discord.world, server.lounge, server.moderator.user)
    used = server.moderator.submit(opened, value="voice_mine")
    assert "Manage Channels" in await told(server, server.moderator, used, panel.message)


async def test_a_panel_serves_only_the_room_it_was_opened_in(
    server: Server, panel: PanelUser
) -> None:
    custom_id = panel.component("p_set")["custom_id"]
    who = server.moderator
    for channel in (server.talk.general, who.dm_channel, server.post):
        elsewhere = await who.response(who.slash("help", channel))
        used = server.forge(who, elsewhere, custom_id, "coral", kind=3)
        assert "go there" in await told(server, who, used, elsewhere)


async def test_suggestions_show_nothing_of_others(server: Server) -> None:
    boss, bob = server.manager, server.member
    await server.use(boss, "voice mine", server.lounge, voice="voice_secret")
    found = await bob.suggestions("voice mine", server.lounge, option="voice", typed="voice_")
    assert found == []
    own = await boss.suggestions("voice mine", server.lounge, option="voice", typed="voice_")
    assert [each["value"] for each in own] == ["voice_secret"]
    assert "voice_secret" not in await server.use(bob, "voice show", server.lounge)
    assert "voice_secret" not in await server.use(bob, "settings show", server.lounge)


async def test_names_of_personas_cannot_hide_anything(server: Server) -> None:
    opened = await server.open_modal(server.manager, "persona add", server.lounge)
    name = "@everyone [x](https://evil.example)"
    used = server.manager.submit(opened, name=name, prompt="You lie.")
    said = (await server.manager.response(used)).content
    listed = await server.use(server.member, "persona list", server.lounge)
    for text in (said, listed):
        assert "@everyone" not in text
        assert "](https" not in text


async def test_a_panel_outlives_a_restart_of_the_bot(folder: Path) -> None:
    discord, chat = DiscordServer(), ChatServer()
    server_of = furnish(discord)
    async with discord, chat:
        async with bot_between(discord, chat, folder) as talk:
            panel = await server_of(talk).panel(server_of(talk).moderator, server_of(talk).lounge)
            await panel.look_at("voice")
        async with bot_between(discord, chat, folder):
            panel.expect_update(await panel.choose("p_set", "coral"))
            assert "Voice is now: coral." in panel.text
