"""What happens to a room, or to the bot's place in it, while an answer is being made."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from bot.discord_io import posting, traces
from bot.local.discord_server import building
from bot.local.discord_server.faults import Action, Answer, Reset, rate_limited
from bot.local.discord_server.state import Channel, Message
from bot.services import patience
from tests.e2e.world import GOLDEN, Talk, held

MESSAGES = "/channels/*/messages"


async def under_way(talk: Talk, channel: Channel) -> tuple[Message, asyncio.Event]:
    """A question whose answer comes once the event is set."""
    answered = asyncio.Event()
    talk.chat.faults.next(held(answered))
    question = talk.ada.say(channel, f"{talk.discord.mention} {GOLDEN}")
    await talk.ada.sees_typing(channel)
    return question, answered


def kept_words(talk: Talk, question: Message) -> str:
    """What the bot remembers to have answered."""
    with closing(sqlite3.connect(talk.folder / "bot.db")) as database:
        [(words,)] = database.execute(
            "SELECT transcript FROM turns WHERE question_id = ?", (question.id,)
        )
    return str(words)


async def test_a_channel_deleted_meanwhile_is_told_to_the_asker_alone(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    lounge = building.add_channel(talk.discord.world, talk.discord.guild, "lounge")
    question, answered = await under_way(talk, lounge)
    building.remove_channel(talk.discord.world, lounge)
    answered.set()
    [notice] = await talk.ada.bot_messages(talk.ada.dm_channel)
    assert "may not write in the room" in notice.content
    assert "golden" in kept_words(talk, question).lower()
    assert (await talk.card(talk.mention("Hello"))).attachments
    assert "Traceback" not in caplog.text


async def test_a_bot_thrown_out_meanwhile_leaves_quietly(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    question, answered = await under_way(talk, talk.general)
    building.remove_bot(talk.discord.world, talk.discord.guild)
    answered.set()
    traffic = talk.discord.traffic
    await talk.discord.world.changes.until(
        lambda: any(call.code == 50278 for call in traffic.to("POST", MESSAGES)), 20
    )
    assert "golden" in kept_words(talk, question).lower()
    assert talk.discord.world.messages_in(talk.ada.dm_channel.id) == []
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
async def test_an_answer_waits_out_a_rate_limit_and_comes_once(talk: Talk, scope: str) -> None:
    talk.discord.faults.add("POST", MESSAGES, rate_limited(0.05, scope=scope), times=2)
    assert (await talk.card(talk.mention(GOLDEN))).attachments
    await talk.card(talk.mention("Hello"))
    assert len(await talk.ada.bot_messages(talk.general)) == 2
    assert len(talk.chat.completions_seen) == 2


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up at once, and try again soon."""
    monkeypatch.setattr(posting, "PAUSES_S", (0.01,))
    monkeypatch.setattr(traces, "PAUSES_S", ())
    monkeypatch.setattr(patience, "PAUSES_S", (0.2,) * 100)


def go_out(talk: Talk, action: Action) -> None:
    """Let Discord take no message and show none, anywhere, while its events still come."""
    for method, path in (("POST", MESSAGES), ("GET", MESSAGES), ("POST", "/users/@me/channels")):
        talk.discord.faults.add(method, path, action, times=10**6)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("action", [Answer(503, "<html>"), Reset()], ids=["503", "reset"])
async def test_what_was_asked_while_discord_took_nothing_is_answered_when_it_does(
    talk: Talk, action: Action
) -> None:
    go_out(talk, action)
    question = talk.mention(GOLDEN)
    nothing = talk.mention("")
    alone = talk.ada.say(talk.ada.dm_channel, GOLDEN)
    traffic = talk.discord.traffic
    await talk.discord.world.changes.until(
        lambda: (
            len(traffic.to("GET", MESSAGES)) >= 2
            and len(traffic.to("POST", "/users/@me/channels")) >= 2
        ),
        20,
    )
    talk.discord.faults.waiting.clear()
    assert (await talk.card(question)).attachments
    await talk.voice_note(alone)
    [notice] = await talk.ada.answers(nothing)
    assert notice.content.startswith("⚠️")
    assert len(talk.chat.completions_seen) == 2
    assert len(await talk.ada.bot_messages(talk.general)) == 2


async def test_a_defect_on_the_way_in_is_told_once_although_the_notice_fails_at_first(
    talk: Talk, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("bot.services.intake.judge", explode)
        talk.discord.faults.add("POST", MESSAGES, Reset(), afterwards=True)
        notice = await talk.card(talk.mention(GOLDEN))
        assert "written it down" in notice.content
    assert (await talk.card(talk.mention("Hello"))).attachments
    assert len(await talk.ada.bot_messages(talk.general)) == 2
    assert len(talk.discord.traffic.to("POST", MESSAGES)) == 3
