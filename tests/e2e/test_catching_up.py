"""The bot was away: what was asked meanwhile reaches its end once it is back."""

import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.app import running
from bot.discord_io import posting
from bot.discord_io.history import PAGE
from bot.domain import catching_up as missed
from bot.domain.catching_up import MOST_READS
from bot.domain.incoming import Incoming
from bot.errors import Refused
from bot.local.chat_server import ChatServer
from bot.local.chat_server.faults import quota
from bot.local.discord_server import building
from bot.local.discord_server.clock import AdvancingClock
from bot.local.discord_server.faults import Action, Answer, Hold, Reset, Truncate
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel
from bot.services import catching_up
from bot.services.catching_up import CatchingUp
from tests.e2e.test_restarts import until
from tests.e2e.world import GOLDEN, bot_between, recording

CANNED = "That makes 42."


def mention(discord: DiscordServer, who: MemberClient, room: Channel, text: str = GOLDEN) -> None:
    who.say(room, f"{discord.mention} {text}")


OWED = "select value from keys where name = 'look_owed_since'"
"""Since when a look is still to be made."""


def owed(folder: Path) -> list[tuple[bytes]]:
    with closing(sqlite3.connect(folder / "bot.db")) as database:
        return database.execute(OWED).fetchall()


def states(folder: Path) -> dict[str, int]:
    with closing(sqlite3.connect(folder / "bot.db")) as database:
        return dict(database.execute("select state, count(*) from inbox group by state").fetchall())


@asynccontextmanager
async def asked_an_hour_ago(
    folder: Path, *questions: str
) -> AsyncIterator[tuple[DiscordServer, ChatServer, MemberClient]]:
    """A bot that answered once and went away, an hour before it was asked this."""
    clock = AdvancingClock()
    clock.advance(-7200)
    async with DiscordServer(clock=clock) as discord, ChatServer(canned=CANNED) as chat:
        ada = discord.member("Ada")
        async with bot_between(discord, chat, folder) as talk:
            await talk.card(talk.mention(GOLDEN))
        clock.advance(3600)
        for question in questions:
            mention(discord, ada, discord.general, question)
        clock.advance(3600)
        yield discord, chat, ada


async def test_what_was_asked_in_rooms_threads_and_dms_is_answered_once(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
        ada = discord.member("Ada")
        thread = ada.start_thread(ada.say(discord.general, "A topic"))
        async with bot_between(discord, chat, folder) as talk:
            await talk.voice_note(ada.say(ada.dm_channel, GOLDEN))
        mention(discord, ada, discord.general)
        mention(discord, ada, thread)
        ada.speak(ada.dm_channel, recording(), seconds=2.5)
        ada.say(discord.general, "This is for nobody in particular.")
        async with bot_between(discord, chat, folder) as talk:
            for room in (discord.general, thread):
                [card] = await ada.bot_messages(room, timeout_s=20)
                assert CANNED in card.content
            assert len(await ada.bot_messages(ada.dm_channel, 4, timeout_s=20)) == 4
        async with bot_between(discord, chat, folder) as talk:
            mention(discord, ada, discord.general, "Once more?")
            assert len(await ada.bot_messages(discord.general, 2, timeout_s=20)) == 2
    assert states(folder) == {"answered": 5}
    assert len(chat.completions_seen) == 5


async def test_a_server_that_comes_late_is_looked_through_when_it_comes(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
        ada = discord.member("Ada")
        async with bot_between(discord, chat, folder) as talk:
            await talk.card(talk.mention(GOLDEN))
        mention(discord, ada, discord.general)
        discord.gateway.late = {discord.guild.id}
        async with bot_between(discord, chat, folder) as talk:
            await until(lambda: "servers are not there yet" in caplog.text)
            ada.say(ada.dm_channel, GOLDEN)
            await ada.bot_messages(ada.dm_channel, 2, timeout_s=20)
            assert len(await ada.bot_messages(discord.general)) == 1
            discord.gateway.give(discord.guild)
            assert len(await ada.bot_messages(discord.general, 2, timeout_s=20)) == 2
    assert owed(folder) == [(b"",)]
    assert states(folder) == {"answered": 3}


@pytest.mark.usefixtures("sessions_at_once")
async def test_a_server_that_comes_with_the_next_session_leaves_that_its_own_look(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
        ada = discord.member("Ada")
        async with bot_between(discord, chat, folder) as talk:
            await talk.voice_note(ada.say(ada.dm_channel, GOLDEN))
        mention(discord, ada, discord.general)
        discord.gateway.late = {discord.guild.id}
        async with bot_between(discord, chat, folder) as talk:
            await until(lambda: "servers are not there yet" in caplog.text)
            discord.gateway.forget_sessions()
            discord.gateway.late.clear()
            discord.gateway.cut_all()
            ada.say(ada.dm_channel, "Missed between the sessions?")
            assert len(await ada.bot_messages(discord.general, timeout_s=20)) == 1
            assert len(await ada.bot_messages(ada.dm_channel, 4, timeout_s=20)) == 4
    assert states(folder) == {"answered": 3}


async def test_a_server_that_falls_away_for_a_while_is_looked_through_when_it_is_back(
    folder: Path,
) -> None:
    async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
        ada = discord.member("Ada")
        async with bot_between(discord, chat, folder) as talk:
            for time in (1, 2):
                await talk.card(talk.mention(GOLDEN))
                discord.gateway.take_away(discord.guild)
                mention(discord, ada, discord.general, "Is anybody there?")
                await talk.voice_note(ada.say(ada.dm_channel, GOLDEN))
                assert len(await ada.bot_messages(discord.general)) == 2 * time - 1
                discord.gateway.give(discord.guild)
                await ada.bot_messages(discord.general, 2 * time, timeout_s=20)
                await until(lambda: owed(folder) == [(b"",)])
    assert states(folder) == {"answered": 6}


async def test_a_server_that_falls_away_again_in_the_midst_of_its_look_is_looked_through_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cogs.catching_up")
    monkeypatch.setattr(catching_up, "PAUSES_S", (0, 2))
    async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
        ada = discord.member("Ada")
        other = building.add_channel(discord.world, discord.guild, "other")
        ada.say(other, "This is for nobody in particular.")
        async with bot_between(discord, chat, folder) as talk:
            await talk.card(talk.mention(GOLDEN))
            discord.gateway.take_away(discord.guild)
            pattern = f"/channels/{discord.general.id}/messages"
            discord.faults.add("GET", pattern, Answer(503, {}), times=1)
            discord.gateway.give(discord.guild)
            await until(lambda: caplog.text.count("looked for missed") == 2)
            discord.gateway.take_away(discord.guild)
            mention(discord, ada, other, "Is anybody there?")
            discord.gateway.give(discord.guild)
            [card] = await ada.bot_messages(other, timeout_s=20)
            assert CANNED in card.content
            await until(lambda: owed(folder) == [(b"",)])


@pytest.mark.usefixtures("sessions_at_once")
async def test_a_look_that_a_new_session_cuts_through_takes_no_room_for_a_dm(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cogs.catching_up")
    monkeypatch.setattr(catching_up, "PAUSES_S", (0, 3))
    async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
        ada = discord.member("Ada")
        async with bot_between(discord, chat, folder) as talk:
            await talk.voice_note(ada.say(ada.dm_channel, GOLDEN))
        mention(discord, ada, discord.general)
        for _ in range(3):
            ada.say(discord.general, "This is for nobody in particular.")
        discord.faults.add("GET", f"/channels/{discord.general.id}/messages", Answer(503, {}))
        async with bot_between(discord, chat, folder):
            await until(lambda: "cannot be looked through" in caplog.text)
            discord.gateway.forget_sessions()
            discord.gateway.late = {discord.guild.id}
            discord.gateway.cut_all()
            await until(lambda: "servers are not there yet" in caplog.text)
            assert len(chat.completions_seen) == 1
            discord.gateway.give(discord.guild)
            [card] = await ada.bot_messages(discord.general, timeout_s=20)
            assert CANNED in card.content
    assert states(folder) == {"answered": 2}


async def test_who_was_told_why_there_is_no_answer_is_not_answered_after_a_restart(
    folder: Path,
) -> None:
    async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
        ada = discord.member("Ada")
        async with bot_between(discord, chat, folder) as talk:
            await talk.card(talk.mention(GOLDEN))
            chat.faults.next(quota(), 2)
            mention(discord, ada, discord.general, "Which will not be stored?")
            await ada.bot_messages(discord.general, 2, timeout_s=20)
        with closing(sqlite3.connect(folder / "bot.db")) as database, database:
            database.execute("delete from inbox where state != 'answered'")
        chat.faults.clear()
        mention(discord, ada, discord.general, "And this?")
        async with bot_between(discord, chat, folder):
            await ada.bot_messages(discord.general, 3, timeout_s=20)
    assert states(folder) == {"answered": 2}


async def test_a_question_during_the_start_does_not_hide_what_came_before(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
        ada = discord.member("Ada")
        async with bot_between(discord, chat, folder) as talk:
            await talk.card(talk.mention(GOLDEN))
        with closing(sqlite3.connect(folder / "bot.db")) as database, database:
            database.execute("update inbox set created_at = datetime(created_at, '-600 seconds')")
        mention(discord, ada, discord.general, "Missed?")
        async with bot_between(discord, chat, folder) as talk:
            await talk.voice_note(ada.say(ada.dm_channel, GOLDEN))
            assert len(await ada.bot_messages(discord.general, 2, timeout_s=20)) == 2
    assert states(folder) == {"answered": 3}


async def test_who_left_meanwhile_hides_nobody_else(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
        ada, bob = discord.member("Ada"), discord.member("Bob")
        async with bot_between(discord, chat, folder):
            pass
        mention(discord, bob, discord.general)
        mention(discord, ada, discord.general)
        del discord.guild.members[bob.user.id]
        async with bot_between(discord, chat, folder):
            [card] = await ada.bot_messages(discord.general, timeout_s=20)
            assert card.reference is not None
    assert states(folder) == {"answered": 1}


async def test_rooms_that_are_not_answered_hear_nothing_of_it(folder: Path) -> None:
    clock = AdvancingClock()
    clock.advance(-7200)
    async with DiscordServer(clock=clock) as discord, ChatServer(canned=CANNED) as chat:
        ada = discord.member("Ada")
        quiet = building.add_channel(discord.world, discord.guild, "quiet")
        async with bot_between(discord, chat, folder) as talk:
            await talk.card(talk.mention(GOLDEN))
        with closing(sqlite3.connect(folder / "bot.db")) as database, database:
            database.execute(
                "insert into room_settings values ('channel', ?, 'answer', 'denied', ?, 1, '2026')",
                (quiet.id, discord.guild.id),
            )
        clock.advance(3600)
        mention(discord, ada, discord.general)
        clock.advance(1)
        mention(discord, ada, quiet)  # the newest room is looked through first
        clock.advance(3600)
        async with bot_between(discord, chat, folder):
            await ada.bot_messages(discord.general, 2, timeout_s=20)
        said = [m for m in discord.world.messages_in(quiet.id) if m.author_id != ada.user.id]
    assert said == []
    assert states(folder) == {"answered": 1, "failed": 2}


async def test_roles_count_for_those_who_were_missed_too(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
        ada, bob = discord.member("Ada"), discord.member("Bob")
        role = building.add_role(discord.world, discord.guild, "Singers", 0)
        discord.guild.members[bob.user.id].role_ids.append(role.id)
        async with bot_between(discord, chat, folder):
            pass
        with closing(sqlite3.connect(folder / "bot.db")) as database, database:
            database.execute(
                "insert into room_settings values ('server', ?, 'roles_allowed', ?, ?, 1, '2026')",
                (discord.guild.id, str(role.id), discord.guild.id),
            )
        mention(discord, ada, discord.general)
        mention(discord, bob, discord.general)
        async with bot_between(discord, chat, folder):
            said = await ada.bot_messages(discord.general, 2, timeout_s=20)
    assert sorted("42" in each.content for each in said) == [False, True]
    assert states(folder) == {"answered": 1, "refused": 1}


async def test_what_is_too_old_is_said_once_in_each_room(folder: Path) -> None:
    async with asked_an_hour_ago(folder, GOLDEN, GOLDEN) as (discord, chat, ada):
        for _ in range(2):
            async with bot_between(discord, chat, folder) as talk:
                _, notice, *more = await ada.bot_messages(discord.general, 2, timeout_s=20)
                assert "too old to answer" in notice.content
                assert more == []
                await talk.voice_note(ada.say(ada.dm_channel, GOLDEN))
    assert states(folder) == {"answered": 3, "failed": 2}


async def test_what_is_too_old_is_said_also_by_who_was_stopped_before_discord_took_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "PAUSES_S", (0.01,))
    async with asked_an_hour_ago(folder, GOLDEN) as (discord, chat, ada):
        tried = len(discord.traffic.to("POST", "/channels/*/messages"))
        discord.faults.add("POST", "/channels/*/messages", Answer(503, "<html>"), times=10**6)
        async with bot_between(discord, chat, folder):
            await discord.world.changes.until(lambda: states(folder).get("failed") == 1, 20)
            await discord.world.changes.until(
                lambda: len(discord.traffic.to("POST", "/channels/*/messages")) > tried, 20
            )
        discord.faults.waiting.clear()
        async with bot_between(discord, chat, folder):
            _, notice = await ada.bot_messages(discord.general, 2, timeout_s=20)
            assert "too old to answer" in notice.content
    assert states(folder) == {"answered": 1, "failed": 1}


async def test_nobody_looks_back_who_is_told_not_to(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
        ada = discord.member("Ada")
        mention(discord, ada, discord.general)
        async with bot_between(discord, chat, folder, CATCH_UP_MINUTES="0") as talk:
            await talk.voice_note(ada.say(ada.dm_channel, GOLDEN))
        assert discord.traffic.to("GET", "/channels/*/messages") == []
    assert states(folder) == {"answered": 1}


async def test_fifty_rooms_take_no_more_reads_than_are_allowed(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
        ada = discord.member("Ada")
        rooms = [building.add_channel(discord.world, discord.guild, f"room-{n}") for n in range(50)]
        async with bot_between(discord, chat, folder):
            pass
        for room in rooms:
            for _ in range(4):
                mention(discord, ada, room)
        async with bot_between(discord, chat, folder, MEMBER_RATE="0", SERVER_RATE="0"):
            for room in rooms:
                await ada.bot_messages(room, 4, timeout_s=60)
        reads = discord.traffic.to("GET", "/channels/*/messages")
    assert len(reads) <= MOST_READS
    assert states(folder) == {"answered": 200}


@pytest.mark.parametrize("kind", ["room", "dm"])
async def test_a_message_that_stands_is_found_when_discord_no_longer_knows_its_nonce(
    folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(running, "DRAIN_S", 0)
    clock, stuck = AdvancingClock(), Hold()
    async with DiscordServer(clock=clock) as discord, ChatServer(canned=CANNED) as chat:
        ada = discord.member("Ada")
        room = discord.general if kind == "room" else ada.dm_channel
        discord.faults.add("POST", "/channels/*/messages", stuck, afterwards=True)
        async with bot_between(discord, chat, folder):
            mention(discord, ada, room)
            await stuck.arrived.wait()
        [stands] = await ada.bot_messages(room)
        clock.advance(3600)
        monkeypatch.undo()
        other = building.add_channel(discord.world, discord.guild, "other")
        mention(discord, ada, other)
        async with bot_between(discord, chat, folder):
            await ada.bot_messages(other, timeout_s=20)
        first, *rest = await ada.bot_messages(room)
        assert first == stands
        assert [message.content for message in rest] == ([] if kind == "room" else [CANNED])
    assert states(folder) == {"answered": 2}
    assert len(chat.completions_seen) == 2


@pytest.mark.usefixtures("sessions_at_once")
async def test_a_gap_before_a_session_that_is_soon_cut_is_looked_through(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
        ada = discord.member("Ada")
        async with bot_between(discord, chat, folder) as talk:
            await talk.card(talk.mention(GOLDEN))
            discord.gateway.forget_sessions()
            discord.gateway.cut_all()
            mention(discord, ada, discord.general, "Missed?")
            await discord.world.changes.until(lambda: len(discord.gateway.ops(2)) == 2)
            resumed = len(discord.gateway.ops(6))
            discord.gateway.cut_all()  # the library calls a session ready after two seconds
            await discord.world.changes.until(lambda: len(discord.gateway.ops(6)) > resumed)
            assert len(await ada.bot_messages(discord.general, 2, timeout_s=20)) == 2
    assert states(folder) == {"answered": 2}


async def test_a_stop_in_the_midst_of_a_look_hides_nothing_that_is_older(folder: Path) -> None:
    clock, stuck = AdvancingClock(), Hold()
    clock.advance(-900)
    async with DiscordServer(clock=clock) as discord, ChatServer(canned=CANNED) as chat:
        ada = discord.member("Ada")
        quiet = building.add_channel(discord.world, discord.guild, "quiet")
        async with bot_between(discord, chat, folder) as talk:
            await talk.card(talk.mention(GOLDEN))
        mention(discord, ada, quiet)
        clock.advance(900)
        mention(discord, ada, discord.general)
        discord.faults.add("GET", f"/channels/{quiet.id}/messages", stuck)
        async with bot_between(discord, chat, folder):
            await ada.bot_messages(discord.general, 2, timeout_s=20)
            await stuck.arrived.wait()
        async with bot_between(discord, chat, folder):
            await ada.bot_messages(quiet, timeout_s=20)
        stuck.release()
    assert states(folder) == {"answered": 3}


async def test_a_room_that_cannot_be_read_at_first_is_looked_through_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "PAUSES_S", (0, 0.1))
    async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
        ada = discord.member("Ada")
        mention(discord, ada, discord.general)
        discord.faults.add("GET", "/channels/*/messages", Reset())
        async with bot_between(discord, chat, folder):
            await ada.bot_messages(discord.general, timeout_s=20)
    assert states(folder) == {"answered": 1}


async def test_a_disk_that_takes_nothing_at_first_hides_no_question(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, refusals = CatchingUp.take_too_old, [Refused("storage_failing", "My disk is full.")]

    async def refuse_first(self: CatchingUp, incoming: Incoming) -> str | None:
        if refusals:
            raise refusals.pop()
        return await take(self, incoming)

    monkeypatch.setattr(CatchingUp, "take_too_old", refuse_first)
    monkeypatch.setattr(catching_up, "PAUSES_S", (0, 0.1))
    async with asked_an_hour_ago(folder, "Too old?") as (discord, chat, ada):
        mention(discord, ada, discord.general, "Still young?")
        async with bot_between(discord, chat, folder):
            said = await ada.bot_messages(discord.general, 3, timeout_s=20)
    assert "too old" in "".join(each.content for each in said)
    assert states(folder) == {"answered": 2, "failed": 1}


@pytest.mark.parametrize("fault", [Reset(), Truncate()], ids=["reset", "half a page"])
async def test_old_chatter_hides_no_young_question(
    folder: Path, monkeypatch: pytest.MonkeyPatch, fault: Action
) -> None:
    monkeypatch.setattr(missed, "MOST_READS", 4)  # the cog is loaded anew with it
    monkeypatch.setattr(catching_up, "PAUSES_S", (0, 0.1))
    clock = AdvancingClock()
    clock.advance(-7_200)
    async with DiscordServer(clock=clock) as discord, ChatServer(canned=CANNED) as chat:
        ada, bob = discord.member("Ada"), discord.member("Bob")
        async with bot_between(discord, chat, folder) as talk:
            await talk.card(talk.mention(GOLDEN))
        mention(discord, bob, discord.general, "Too old?")
        for number in range(5 * PAGE):
            ada.say(discord.general, f"chatter {number}")
        clock.advance(7_200)
        mention(discord, ada, discord.general, "Still young?")
        discord.faults.add("GET", "/channels/*/messages", fault)
        async with bot_between(discord, chat, folder):
            said = await ada.bot_messages(discord.general, 3, timeout_s=20)
    assert [CANNED in each.content for each in said].count(True) == 2
    assert "too old" in "".join(each.content for each in said)
    assert states(folder) == {"answered": 2, "failed": 1}
