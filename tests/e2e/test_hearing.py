"""What members say, written down: shown, kept and sent as words from then on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot import check
from bot.audio.transcode import encode
from bot.local.chat_server import ChatServer, faults
from bot.local.chat_server.presets import Preset
from bot.local.chat_server.presets.relays import CODINGPLANX, CODINGPLANX_PARTS
from bot.local.discord_server import building
from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.server import DiscordServer
from bot.local.together import settings_for
from tests.e2e.scene import rows
from tests.e2e.test_room_rules import only_button
from tests.e2e.world import Talk, bot_between, held, recording, talking, upload

NAME = "My name is Ada."
WRITING_RELAY = replace(
    CODINGPLANX,
    models={"gpt-4o-audio-preview": None, "gpt-transcribe": None},
    endpoints=("models", "transcriptions"),
)


class Told:
    """Ears to which every recording says the same."""

    def hear(self, _pcm: bytes) -> str:
        return NAME


def server(preset: Preset | None = None) -> ChatServer:
    return ChatServer(preset=preset, ears=Told()) if preset else ChatServer(ears=Told())


@asynccontextmanager
async def hearing(
    folder: Path, transcribe: str, preset: Preset | None = None
) -> AsyncIterator[Talk]:
    async with talking(folder, chat=server(preset), TRANSCRIBE=transcribe) as talk:
        yield talk


def written_down(talk: Talk) -> int:
    return sum(seen.path.endswith("/audio/transcriptions") for seen in talk.chat.seen)


def kept(folder: Path) -> list[tuple[Any, ...]]:
    """The words of the first turn, and how many clips are kept in all."""
    query = "select heard, (select count(*) from clips) from turns order by id limit 1"
    return rows(folder, query)


async def test_a_voice_message_is_quoted_and_sent_as_words_later(folder: Path) -> None:
    async with hearing(folder, "always") as talk:
        _, words = await talk.voice_note(talk.ada.speak(talk.ada.dm_channel, recording()))
        assert words.content.startswith(f"> 🗣️ {NAME}\n")
        assert "input_audio" in str(talk.last_request)
        _, again = await talk.voice_note(talk.ada.say(talk.ada.dm_channel, "What is my name?"))
        assert "Ada" in again.content
        assert "🗣️" not in again.content
        assert NAME in str(talk.last_request)
        assert "input_audio" not in str(talk.last_request)
        assert written_down(talk) == 1
    assert kept(folder) == [(NAME, 0)]
    priced = "select count(*) from usage where model = 'gpt-transcribe' and cost_microusd > 0"
    assert rows(folder, priced) == [(1,)]


async def test_a_recording_in_a_channel_is_quoted_on_the_card(folder: Path) -> None:
    async with hearing(folder, "always") as talk:
        sent = upload("note.ogg", recording())
        card = await talk.card(talk.mention("listen", files=(sent,)))
        assert card.content.startswith(f"> 🗣️ {NAME}\n")
        assert card.attachments


async def test_what_was_really_said_is_heard_quoted_and_remembered_in_words(folder: Path) -> None:
    pytest.importorskip("onnxruntime", reason="there is no onnxruntime for this machine")
    from bot.local.speech.moonshine import Moonshine, find_model
    from bot.local.speech.natural import NaturalVoice

    voice, ears = NaturalVoice(), Moonshine(find_model())
    said = [encode(voice.speak(words, "alloy"), "opus") for words in (NAME, "What is my name?")]
    async with talking(folder, chat=ChatServer(ears=ears), TRANSCRIBE="always") as talk:
        _, first = await talk.voice_note(talk.ada.speak(talk.ada.dm_channel, said[0]))
        assert first.content.startswith(f"> 🗣️ {NAME}\n")
        _, second = await talk.voice_note(talk.ada.speak(talk.ada.dm_channel, said[1]))
        assert second.content.startswith("> 🗣️ What is my name?\n")
        assert "Ada" in second.content.partition("\n")[2]
        assert str(talk.last_request).count("'input_audio':") == 1


@pytest.mark.parametrize("kind", ["thread", "post"])
async def test_it_is_quoted_in_threads_and_posts_as_well(folder: Path, kind: str) -> None:
    async with hearing(folder, "always") as talk:
        world, bob = talk.discord.world, talk.discord.member("Bob")
        forum = building.add_channel(world, talk.discord.guild, "forum", ChannelType.FORUM)
        if kind == "post":
            room, _ = bob.post_to_forum(forum, "A question", "What about it?")
        else:
            room = bob.start_thread(bob.say(talk.general, "A topic"))
        sent = upload("note.ogg", recording())
        asked = talk.ada.say(room, f"{talk.discord.mention} listen", files=(sent,))
        assert (await talk.card(asked)).content.startswith(f"> 🗣️ {NAME}\n")


@pytest.mark.parametrize(
    ("transcribe", "said"),
    [("off", ""), ("press", "written down when somebody asks"), ("always", "is written down; ")],
)
async def test_members_can_read_that_they_are_written_down(
    folder: Path, transcribe: str, said: str
) -> None:
    async with talking(folder, TRANSCRIBE=transcribe) as talk:
        about = await talk.ada.response(talk.ada.slash("about", talk.general))
        assert said in about.content
        assert ("written down" in about.content) == bool(said)


async def test_another_system_writes_down_for_one_that_neither_hears_nor_writes(
    folder: Path,
) -> None:
    async with server() as writing:
        several = {
            "PROVIDER": "",
            "PROVIDERS": "codingplanx,openai",
            "OPENAI_BASE_URL": writing.base_url,
            "OPENAI_API_KEY": writing.key,
        }
        relay = server(CODINGPLANX)
        async with DiscordServer() as discord, relay:
            several["CODINGPLANX_BASE_URL"] = relay.base_url
            several["CODINGPLANX_API_KEY"] = relay.key
            async with bot_between(discord, relay, folder, **several) as talk:
                await talk.voice_note(talk.ada.speak(talk.ada.dm_channel, recording()))
                assert talk.last_request[-1]["content"] == NAME
        assert [seen.path for seen in writing.seen if seen.method == "POST"] == [
            "/v1/audio/transcriptions"
        ]


async def test_a_failure_of_writing_down_is_not_noticed(folder: Path) -> None:
    async with hearing(folder, "always") as talk:
        talk.chat.transcription_faults.next(faults.quota())
        _, words = await talk.voice_note(talk.ada.speak(talk.ada.dm_channel, recording()))
        assert "🗣️" not in words.content
        assert words.content
    assert kept(folder) == [(None, 1)]


async def test_words_that_do_not_come_hold_nothing_up(folder: Path) -> None:
    release = asyncio.Event()
    async with hearing(folder, "always") as talk:
        talk.chat.transcription_faults.next(held(release))
        _, words = await talk.voice_note(talk.ada.speak(talk.ada.dm_channel, recording()))
        assert "🗣️" not in words.content
        release.set()


async def test_whoever_presses_is_shown_what_was_heard_and_it_is_paid_for_once(
    folder: Path,
) -> None:
    async with hearing(folder, "press") as talk:
        _, words = await talk.voice_note(talk.ada.speak(talk.ada.dm_channel, recording()))
        assert NAME not in words.content
        for _ in range(2):
            shown = await talk.ada.response(talk.ada.press(words, only_button(words)))
            assert shown.content.startswith(NAME)
            assert shown.for_user_id == talk.ada.user.id
        assert written_down(talk) == 1
        await talk.voice_note(talk.ada.say(talk.ada.dm_channel, "What is my name?"))
        assert NAME in str(talk.last_request)
        assert "input_audio" not in str(talk.last_request)
    assert kept(folder) == [(NAME, 0)]


async def test_the_menu_writes_a_question_down_once_for_everybody(folder: Path) -> None:
    async with hearing(folder, "off") as talk:
        bob = talk.discord.member("Bob")
        asked = talk.mention("listen", files=(upload("note.ogg", recording()),))
        card = await talk.card(asked)
        assert card.components == []
        for who in (talk.ada, bob):
            shown = await who.response(who.use_on_message("Transcript", asked), timeout_s=20)
            assert shown.content.startswith(NAME)
            assert "words may be wrong" in shown.content
        assert written_down(talk) == 1
        assert len(talk.chat.completions_seen) == 1


async def test_a_system_of_strings_is_sent_the_words_and_tried_only_once(folder: Path) -> None:
    async with hearing(folder, "off", WRITING_RELAY) as talk:
        _, words = await talk.voice_note(talk.ada.speak(talk.ada.dm_channel, recording()))
        assert "🗣️" not in words.content
        assert isinstance(talk.last_request[-1]["content"], str)
        assert talk.last_request[-1]["content"] == NAME
        assert len(talk.chat.completions_seen) == 2
        await talk.voice_note(talk.ada.speak(talk.ada.dm_channel, recording(voice="nova")))
        assert len(talk.chat.completions_seen) == 3
        assert written_down(talk) == 2
    assert kept(folder) == [(NAME, 0)]


async def test_a_system_of_strings_that_writes_nothing_down_says_so(folder: Path) -> None:
    async with hearing(folder, "off", CODINGPLANX) as talk:
        told = await talk.card(talk.ada.speak(talk.ada.dm_channel, recording()))
        assert "does not take sound" in told.content


async def test_a_system_that_takes_recordings_after_all_hears_them(folder: Path) -> None:
    async with hearing(folder, "off", CODINGPLANX_PARTS) as talk:
        await talk.voice_note(talk.ada.speak(talk.ada.dm_channel, recording()))
        assert "input_audio" in str(talk.last_request)
        assert written_down(talk) == 0


@pytest.mark.parametrize(
    ("transcribe", "chat", "line"),
    [
        ("always", server(), "ok    recordings are written down by gpt-transcribe"),
        ("press", ChatServer(), "FAIL  gpt-transcribe writes no recordings down"),
        ("off", ChatServer(), ""),
    ],
)
async def test_the_check_says_whether_recordings_can_be_written_down(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    transcribe: str,
    chat: ChatServer,
    line: str,
) -> None:
    async with DiscordServer() as discord, chat:
        await check.run(settings_for(discord, chat, folder, TRANSCRIBE=transcribe))
    told = capsys.readouterr().out
    assert line in told
    assert ("written down" in told or "writes no" in told) == bool(line)
