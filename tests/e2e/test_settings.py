"""The panel of settings, and what it says will happen."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.room_settings import SETTINGS
from bot.domain.rooms import Scope
from bot.local.discord_server.components import flatten
from bot.local.discord_server.state import Channel
from tests.e2e.server import Server, serving
from tests.e2e.world import GOLDEN

ALL_ALLOWED = {
    "TEXT_MODEL": "gpt-4o-mini",
    "MODELS": "gpt-audio-mini",
    "SAMPLING_ALLOWED": "temperature,seed",
}


@pytest_asyncio.fixture
async def server(folder: Path) -> AsyncIterator[Server]:
    async with serving(folder, **ALL_ALLOWED) as server:
        yield server


def channel_named(server: Server, kind: str) -> Channel:
    return server.rooms.get(kind) or server.moderator.dm_channel


SCOPES = {
    "channel": Scope.CHANNEL, "thread": Scope.THREAD, "post": Scope.THREAD, "dm": Scope.CHANNEL,
}  # fmt: skip


async def test_a_value_is_chosen_typed_reset_and_undone_in_every_kind_of_room(
    server: Server,
) -> None:
    for kind, scope in SCOPES.items():
        channel = channel_named(server, kind)
        place = server.place(scope, channel)
        panel = await server.panel(server.moderator, channel)
        await panel.set("voice", "coral")
        assert "Voice is now: coral." in panel.text
        assert server.stored(place) == {"voice": "coral"}
        panel.expect_update(await panel.type("speed", "1.33"))
        assert server.stored(place) == {"voice": "coral", "speed": "1.33"}
        panel.expect_update(await panel.press("p_reset"))
        assert server.stored(place) == {"voice": "coral"}
        panel.expect_update(await panel.press("p_undo"))
        assert server.stored(place) == {"voice": "coral", "speed": "1.33"}
        panel.expect_update(await panel.press("p_undo"))
        assert server.stored(place) == {"voice": "coral"}


async def test_what_is_set_counts_for_the_next_answer(server: Server) -> None:
    panel = await server.panel(server.moderator, server.lounge)
    await panel.set("voice", "onyx")
    mention = server.talk.discord.mention
    question = server.member.say(server.lounge, f"{mention} {GOLDEN}")
    await server.talk.answer(question)
    assert server.talk.chat.completions_seen[-1]["audio"]["voice"] == "onyx"


async def test_the_place_is_chosen_and_each_shows_where_values_come_from(server: Server) -> None:
    panel = await server.panel(server.manager, server.thread)
    assert "Settings: mine alone" in panel.text
    panel.expect_update(await panel.choose("p_place", "se"))
    await panel.set("voice", "sage")
    panel = await server.panel(server.moderator, server.thread)
    assert "Settings: this thread" in panel.text
    assert "**Voice**: sage · this server" in panel.text
    places = [option["value"] for option in panel.component("p_place")["options"]]
    assert places == ["me", "th", "ch", "ca", "se"]
    for code, scope, place in (
        ("me", Scope.MEMBER, server.own(server.moderator)),
        ("ch", Scope.CHANNEL, server.place(Scope.CHANNEL, server.lounge)),
        ("ca", Scope.CATEGORY, server.place(Scope.CATEGORY, server.category)),
    ):
        panel.expect_update(await panel.choose("p_place", code))
        await panel.set("voice", "nova")
        assert server.stored(place) == {"voice": "nova"}, scope
    assert "set here: nova" in panel.text
    assert "**Voice**: nova · your own choice" in panel.text


async def test_every_setting_has_its_page_its_values_and_fits_discord(server: Server) -> None:
    panel, seen = await server.panel(server.moderator, server.lounge), []
    while True:
        for option in panel.component("p_look")["options"]:
            seen.append(option["value"])
            panel.expect_update(await panel.choose("p_look", option["value"]))
            assert len(panel.message.components) <= 5
            assert panel.has("p_set") or "🔒" in panel.text
        if not any(not part.get("disabled") for part in pages_on(panel.message.components)):
            break
        panel.expect_update(await panel.press("p_page", 1))
    assert seen == [each.name for each in SETTINGS]


def pages_on(components: list[dict[str, object]]) -> list[dict[str, object]]:
    return [part for part in flatten(components) if part.get("label") == "More ▶"]


async def test_what_one_may_not_change_is_locked_with_the_reason(server: Server) -> None:
    panel = await server.panel(server.member, server.lounge)
    panel.expect_update(await panel.choose("p_place", "ch"))
    await panel.look_at("voice")
    assert "🔒 For that you need the permission Manage Channels" in panel.text
    assert not any(panel.has(action) for action in ("p_set", "p_type", "p_reset", "p_undo"))
    panel = await server.panel(server.moderator, server.lounge)
    await panel.look_at("top_p")
    assert "SAMPLING_ALLOWED" in panel.text
    assert not panel.has("p_set")


async def test_a_locked_voice_locks_that_of_members(server: Server) -> None:
    await (await server.panel(server.moderator, server.lounge)).set("voice_lock", "on")
    panel = await server.panel(server.member, server.lounge)
    await panel.look_at("voice")
    assert "🔒 The voice is locked here" in panel.text
    assert not panel.has("p_set")
    said = await server.use(server.member, "voice mine", server.lounge, voice="echo")
    assert "but not in this room" in said
    assert "locked here" in await server.use(server.member, "voice show", server.lounge)


async def test_roles_are_chosen_and_none_gives_the_list_back(server: Server) -> None:
    panel = await server.panel(server.moderator, server.lounge)
    await panel.look_at("roles_allowed")
    panel.expect_update(await panel.choose("p_set", server.singers))
    place = server.place(Scope.CHANNEL, server.lounge)
    assert server.stored(place) == {"roles_allowed": server.singers}
    [default] = panel.component("p_set")["default_values"]
    assert default["id"] == server.singers
    panel.expect_update(await panel.choose("p_set"))
    assert server.stored(place) == {}


async def test_several_models_are_denied_at_once(server: Server) -> None:
    panel = await server.panel(server.moderator, server.lounge)
    await panel.look_at("models_denied")
    panel.expect_update(await panel.choose("p_set", "gpt-audio-mini"))
    place = server.place(Scope.CHANNEL, server.lounge)
    assert server.stored(place) == {"models_denied": "gpt-audio-mini"}
    refused = await panel.choose("p_set", "gpt-audio-1.5", "gpt-audio-mini")
    assert "no model at all" in await panel.refusal(refused)


@pytest.mark.parametrize("kind", ["channel", "thread", "post", "dm"])
async def test_show_says_what_will_happen_and_where_that_comes_from(
    server: Server, kind: str
) -> None:
    channel = channel_named(server, kind)
    panel = await server.panel(server.moderator, channel)
    await panel.set("speak", "on_demand")
    said = await server.use(server.moderator, "settings show", channel)
    assert "A text message here" in said
    assert "🔊 button" in said
    assert "A voice message here" in said
    assert "- When to speak: on demand · this " in said
    assert "- Speed: 1× · my owner's default" in said  # noqa: RUF001 - meant


async def test_what_somebody_else_changed_since_is_not_undone(server: Server) -> None:
    panel = await server.panel(server.moderator, server.lounge)
    await panel.set("voice", "coral")
    await server.use(server.host, "voice set", server.lounge, voice="onyx")
    refused = await panel.press("p_undo")
    assert "changed again since" in await panel.refusal(refused)
    place = server.place(Scope.CHANNEL, server.lounge)
    assert server.stored(place) == {"voice": "onyx"}


async def test_a_value_set_in_the_database_by_hand_is_shown_at_the_next_look(
    server: Server,
) -> None:
    panel = await server.panel(server.moderator, server.lounge)
    place = server.place(Scope.CHANNEL, server.lounge)
    await server.write(
        "INSERT INTO room_settings VALUES ('channel', ?, 'voice', 'sage', ?, 1, '2026-01-01')",
        place.id, place.guild_id,
    )  # fmt: skip
    await panel.look_at("voice")
    assert "**Voice**: sage · this channel" in panel.text
    await server.write("UPDATE room_settings SET value = 'no voice at all'")
    await panel.look_at("voice")
    assert "**Voice**: alloy · my owner's default" in panel.text
