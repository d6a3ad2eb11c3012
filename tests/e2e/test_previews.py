"""Members hear voices before they choose one."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.web import Request, StreamResponse

from bot.domain.samples import SENTENCES
from bot.local.chat_server import faults
from bot.local.chat_server.faults import Answer
from bot.local.discord_server.interactions import Callback
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.state import Channel, Message
from tests.e2e.server import PanelUser, Server, serving
from tests.e2e.world import seconds_of


@pytest_asyncio.fixture
async def server(folder: Path) -> AsyncIterator[Server]:
    async with serving(folder, SPEECH_LANGUAGES="en") as server:
        yield server


async def preview(who: MemberClient, channel: Channel, voice: str | None = None) -> Message:
    chosen = {} if voice is None else {"voice": voice}
    return await who.response(who.slash("voice preview", channel, **chosen))


def paid(server: Server) -> list[tuple[str, int | None, int]]:
    """Model, cost and member of each call that was paid for without a turn."""
    with closing(sqlite3.connect(server.talk.folder / "bot.db")) as database:
        rows = database.execute(
            "SELECT model, cost_microusd, member_id FROM usage WHERE turn_id IS NULL ORDER BY id"
        )
        return rows.fetchall()


@pytest.mark.parametrize("kind", ["channel", "thread", "post", "dm"])
async def test_a_voice_says_a_sentence_to_whoever_asks(server: Server, kind: str) -> None:
    who = server.member
    heard = await preview(who, server.rooms.get(kind) or who.dm_channel, "coral")
    assert heard.for_user_id == who.user.id
    assert heard.content == f"🔊 **coral** says: {SENTENCES['en']}"
    [file] = heard.attachments
    assert file.filename == "coral.mp3"
    assert file.description == SENTENCES["en"]
    assert 2 < seconds_of(who.read(heard)) < 15


async def test_a_select_switches_the_voice_in_the_same_message(server: Server) -> None:
    heard = await preview(server.member, server.lounge)
    assert "**alloy** says" in heard.content
    before = server.member.read(heard)
    panel = PanelUser(server, server.member, heard)
    await panel.choose("sample", "onyx")
    world = server.talk.discord.world
    await world.changes.until(lambda: "**onyx**" in heard.content, 10)
    assert [file.filename for file in heard.attachments] == ["onyx.mp3"]
    assert server.member.read(heard) != before
    chosen = [each["value"] for each in panel.component("sample")["options"] if each.get("default")]
    assert chosen == ["onyx"]


async def test_each_sample_is_made_and_paid_for_once(server: Server) -> None:
    first = await preview(server.member, server.lounge, "sage")
    again = await preview(server.moderator, server.thread, "sage")
    assert server.member.read(first) == server.moderator.read(again)
    [(model, cost, member_id)] = paid(server)
    assert model == "gpt-4o-mini-tts"
    assert cost is not None
    assert cost > 0
    assert member_id == server.member.user.id
    await preview(server.member, server.lounge, "echo")
    assert len(paid(server)) == 2


async def test_many_who_ask_at_once_pay_for_one(server: Server) -> None:
    asked = [who.slash("voice preview", server.lounge, voice="ash")
             for who in (server.member, server.moderator, server.manager)]  # fmt: skip
    for used, who in zip(asked, (server.member, server.moderator, server.manager), strict=True):
        assert "**ash** says" in (await who.response(used)).content
    assert len(paid(server)) == 1


async def test_where_nothing_speaks_given_words_the_chat_model_does(server: Server) -> None:
    server.talk.chat.speech_faults.next(faults.error(404, "no such call"), times=5)
    heard = await preview(server.member, server.lounge, "nova")
    assert "**nova** says" in heard.content
    assert seconds_of(server.member.read(heard)) > 1
    await preview(server.moderator, server.lounge, "nova")
    assert [model for model, _, _ in paid(server)] == ["gpt-audio-1.5"]


async def test_the_voice_in_force_is_the_first_and_random_and_persona_are_known(
    server: Server,
) -> None:
    await server.use(server.member, "voice mine", server.lounge, voice="fable")
    assert "**fable** says" in (await preview(server.member, server.lounge)).content
    assert "says:" in (await preview(server.member, server.lounge, "random")).content
    no_persona = await preview(server.member, server.lounge, "persona")
    assert "no persona with a voice" in no_persona.content
    assert "no such voice" in (await preview(server.member, server.lounge, "robot")).content


async def test_a_language_that_the_voices_do_not_speak_is_said_so(server: Server) -> None:
    panel = await server.panel(server.member, server.lounge)
    await panel.set("language", "de")
    heard = await preview(server.member, server.lounge, "coral")
    assert SENTENCES["en"] in heard.content
    assert "speak English, not German (Deutsch)" in heard.content


async def test_who_is_not_answered_hears_no_samples(server: Server) -> None:
    panel = await server.panel(server.moderator, server.lounge)
    await panel.look_at("roles_allowed")
    panel.expect_update(await panel.choose("p_set", server.singers))
    refused = await preview(server.member, server.lounge, "coral")
    assert "need a role" in refused.content
    assert paid(server) == []


async def test_voices_are_suggested(server: Server) -> None:
    found = await server.member.suggestions("voice preview", server.lounge, "voice", "ma")
    assert found[0]["value"] == "marin"


async def test_voices_are_suggested_by_what_they_are_called_in_the_language_of_the_typist(
    server: Server,
) -> None:
    server.member.user.locale = "de"
    found = await server.member.suggestions("voice preview", server.lounge, "voice", "zuf")
    assert [each["value"] for each in found] == ["random"]


async def test_a_slow_server_is_waited_for_behind_a_deferred_answer(server: Server) -> None:
    release = asyncio.Event()

    async def respond(request: Request, answer: Answer) -> StreamResponse:
        await release.wait()
        return await faults.error(404, "no such call")(request, answer)

    server.talk.chat.speech_faults.next(respond)
    used = await server.done(server.member.slash("voice preview", server.lounge, voice="verse"))
    assert used.callback == Callback.DEFERRED_MESSAGE
    release.set()
    said = await server.member.response(used)
    assert said.for_user_id == server.member.user.id
    assert "**verse** says" in said.content


async def test_a_failure_behind_a_deferred_answer_is_told(server: Server) -> None:
    server.talk.chat.speech_faults.next(faults.error(401, "wrong key"), times=5)
    heard = await preview(server.member, server.lounge, "coral")
    assert heard.for_user_id == server.member.user.id
    assert "says" not in heard.content
    assert "went wrong" not in heard.content
    assert heard.attachments == []
