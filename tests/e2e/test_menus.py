"""The menu of messages: any message answered, read aloud or written down, whoever wrote it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.domain.rooms import Scope
from bot.local.chat_server import faults
from bot.local.discord_server.state import Message
from tests.e2e.scene import Scene, rows, scene
from tests.e2e.world import GOLDEN, recording, seconds_of, upload

KINDS = ["channel", "thread", "post", "dm"]


@pytest_asyncio.fixture
async def home(folder: Path) -> AsyncIterator[Scene]:
    async with scene(folder) as made:
        yield made


def said_by_another(home: Scene, kind: str, text: str) -> Message:
    """A message that does not address the bot, and whose words it is not shown."""
    who = home.ada if kind == "dm" else home.bob
    return who.say(home.room(kind), text)


def read_aloud(home: Scene) -> list[dict[str, Any]]:
    return [seen.body for seen in home.talk.chat.seen if seen.path.endswith("/audio/speech")]


@pytest.mark.parametrize("kind", ["channel", "thread", "post"])
async def test_any_message_is_answered_once_paid_and_kept(folder: Path, kind: str) -> None:
    async with scene(folder) as home:
        target = said_by_another(home, kind, GOLDEN)
        shown = await home.ada.response(home.ada.use_on_message("Answer aloud", target))
        assert str(target.id) in shown.content
        [card] = await home.ada.answers(shown, timeout_s=20)
        assert card.attachments
        assert len(home.talk.chat.completions_seen) == 1
        assert GOLDEN in str(home.talk.last_request[-1])
        assert "Bob" in str(home.talk.last_request[-1])
    assert rows(folder, "select state from inbox") == [("answered",)]
    members = rows(folder, "select member_id from usage where cost_microusd > 0")
    assert members == [(home.ada.user.id,)]


async def test_a_voice_message_of_another_is_heard_and_answered_by_voice(home: Scene) -> None:
    spoken = home.bob.speak(home.lounge, recording(), seconds=2.5)
    shown = await home.ada.response(home.ada.use_on_message("Answer aloud", spoken))
    bubble, _ = await home.ada.answers(shown, 2, timeout_s=20)
    assert bubble.is_voice
    assert "input_audio" in str(home.talk.last_request[-1])


async def test_a_message_with_nothing_in_it_and_a_denied_room_are_refused(home: Scene) -> None:
    picture = home.bob.say(home.lounge, files=(upload("cat.png", b"png", "image/png"),))
    refused = await home.ada.response(home.ada.use_on_message("Answer aloud", picture))
    assert "cannot use" in refused.content
    await home.choose(Scope.CHANNEL, home.lounge.id, "answer", "denied")
    for command in ("Answer aloud", "Read aloud", "Transcript"):
        spoken = home.bob.say(home.lounge, GOLDEN, files=(upload("a.ogg", recording()),))
        refused = await home.ada.response(home.ada.use_on_message(command, spoken), timeout_s=20)
        assert "I do not answer here" in refused.content
        assert refused.for_user_id == home.ada.user.id
    assert home.talk.chat.completions_seen == []
    assert read_aloud(home) == []


@pytest.mark.parametrize("kind", KINDS)
async def test_a_message_is_read_aloud_word_for_word_in_the_voice_of_the_room(
    home: Scene, kind: str
) -> None:
    await home.choose(Scope.MEMBER, home.ada.user.id, "voice", "coral")
    target = said_by_another(home, kind, "The ship leaves at nine.")
    shown = await home.ada.response(home.ada.use_on_message("Read aloud", target))
    [sound] = await home.ada.answers(shown, timeout_s=20)
    assert seconds_of(home.ada.read(sound)) > 0.5
    [asked] = read_aloud(home)
    assert (asked["input"], asked["voice"]) == ("The ship leaves at nine.", "coral")
    assert sound.content == ""


async def test_other_words_of_the_chat_model_are_said(folder: Path) -> None:
    async with scene(folder) as home:
        home.talk.chat.speech_faults.next(faults.error(404, "no such call"))
        target = home.bob.say(home.lounge, GOLDEN)
        shown = await home.ada.response(home.ada.use_on_message("Read aloud", target))
        [sound] = await home.ada.answers(shown, timeout_s=20)
        assert "did not keep to these words" in sound.content
    assert rows(folder, "select turn_id, member_id from usage") == [(None, home.ada.user.id)]


async def test_nothing_to_read_is_said(home: Scene) -> None:
    spoken = home.bob.speak(home.lounge, recording(), seconds=2.5)
    refused = await home.ada.response(home.ada.use_on_message("Read aloud", spoken))
    assert "no words" in refused.content
    assert refused.for_user_id == home.ada.user.id


async def test_our_own_answer_is_written_down_from_memory(home: Scene) -> None:
    question = home.ada.speak(home.ada.dm_channel, recording(), seconds=2.5)
    bubble, words = await home.ada.answers(question, 2, timeout_s=20)
    shown = await home.ada.response(home.ada.use_on_message("Transcript", bubble))
    assert shown.content == words.content
    assert len(home.talk.chat.completions_seen) == 1


async def test_a_recording_of_another_is_written_down_for_its_reader_alone(folder: Path) -> None:
    async with scene(folder) as home:
        spoken = home.bob.speak(home.lounge, recording(), seconds=2.5)
        shown = await home.ada.response(home.ada.use_on_message("Transcript", spoken), timeout_s=20)
        assert shown.for_user_id == home.ada.user.id
        assert "As the model heard it" in shown.content
        assert home.talk.chat.completions_seen[-1]["modalities"] == ["text"]
        assert home.seen_by_all(home.lounge) == []
    assert rows(folder, "select turn_id, member_id from usage") == [(None, home.ada.user.id)]
    assert rows(folder, "select * from inbox") == []


async def test_a_message_without_a_recording_has_no_transcript(home: Scene) -> None:
    target = home.bob.say(home.lounge, GOLDEN)
    refused = await home.ada.response(home.ada.use_on_message("Transcript", target))
    assert "no recording" in refused.content
    assert home.talk.chat.completions_seen == []


async def test_our_own_answer_is_read_from_memory(home: Scene) -> None:
    card = await home.talk.card(home.talk.mention(GOLDEN))
    shown = await home.bob.response(home.bob.use_on_message("Read aloud", card))
    await home.bob.answers(shown, timeout_s=20)
    [asked] = read_aloud(home)
    assert asked["input"] == card.content


async def test_a_role_that_is_denied_gets_nothing_out_of_the_menus(home: Scene) -> None:
    guild = home.talk.discord.guild
    await home.choose(Scope.SERVER, guild.id, "roles_denied", str(guild.id))
    spoken = home.ada.say(home.lounge, GOLDEN, files=(upload("a.ogg", recording()),))
    for command in ("Answer aloud", "Read aloud", "Transcript"):
        refused = await home.bob.response(home.bob.use_on_message(command, spoken), timeout_s=20)
        assert "your roles" in refused.content
        assert refused.for_user_id == home.bob.user.id
    assert [seen.path for seen in home.talk.chat.seen if seen.method == "POST"] == []
