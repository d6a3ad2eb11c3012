"""The same questions through every system that the stand-in can be: the same answers in Discord."""

from pathlib import Path

import pytest

from bot.local.chat_server import ChatServer
from bot.local.chat_server.presets import PRESETS
from tests.e2e.world import GOLDEN, seconds_of, talking

SUMS = "What is six times seven?"
systems = pytest.mark.parametrize("system", PRESETS)


@systems
async def test_a_question_is_answered_aloud_in_the_same_words(folder: Path, system: str) -> None:
    async with talking(folder, chat=ChatServer(preset=system)) as talk:
        card = await talk.card(talk.mention(SUMS))
        assert card.content == "That makes 42."
        [sound] = card.attachments
        assert sound.filename.endswith(".mp3")
        assert 0.5 < seconds_of(talk.ada.read(card)) < 5


@systems
async def test_the_conversation_goes_on(folder: Path, system: str) -> None:
    async with talking(folder, chat=ChatServer(preset=system)) as talk:
        card = await talk.card(talk.mention("My name is Ada."))
        reply = talk.ada.say(talk.general, "What is my name?", reply_to=card)
        again = await talk.card(reply)
        assert "Ada" in again.content
        assert again.attachments
        asked = talk.last_request
        kept = talk.chat.preset.keeps_ids
        assert ("audio" in asked[2]) == kept, asked[2]


@systems
async def test_answers_come_in_pieces_as_well(folder: Path, system: str) -> None:
    async with talking(folder, chat=ChatServer(preset=system), STREAM="on") as talk:
        card = await talk.card(talk.mention(SUMS))
        assert card.content == "That makes 42."
        assert 0.5 < seconds_of(talk.ada.read(card)) < 5


@systems
async def test_every_voice_speaks(folder: Path, system: str) -> None:
    async with talking(folder, chat=ChatServer(preset=system), DEFAULT_VOICE="cedar") as talk:
        card = await talk.card(talk.mention(GOLDEN))
        assert card.attachments
        voice = talk.chat.completions_seen[-1]["audio"]["voice"]
        assert voice in talk.chat.preset.voices
