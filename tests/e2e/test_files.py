"""Files as part of a question, long answers, and what is kept of the cost."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.local.chat_server import ChatServer, faults
from tests.e2e.world import GOLDEN, Talk, recording, talking, upload

NOTES = """# The harbour

The harbour of Rostock is the largest on the German Baltic coast. Ferries leave the harbour for
Denmark and Sweden. In summer the harbour celebrates the sailing ships of the Hanse Sail.
Bakers sell rolls with fish. A museum shows old engines.
"""


async def test_summarise_this_aloud(talk: Talk) -> None:
    notes = upload("harbour.md", NOTES.encode(), "text/markdown")
    card = await talk.card(talk.mention("Summarise this aloud", files=(notes,)))
    assert "harbour" in card.content.lower()
    assert len(card.content) < len(NOTES)
    assert card.attachments[0].filename == "answer.mp3"
    asked = str(talk.last_request[-1]["content"])
    assert "The file harbour.md:" in asked
    assert "Hanse Sail" in asked


async def test_how_does_this_voice_sound(talk: Talk) -> None:
    low, high = (recording("wav", voice=voice) for voice in ("onyx", "shimmer"))
    answers = []
    for data in (low, high):
        sound = upload("voice.wav", data, "audio/wav")
        card = await talk.card(talk.mention("How does this voice sound?", files=(sound,)))
        answers.append(card.content)
    assert "second" in answers[0]
    assert "hertz" in answers[0].lower()
    assert answers[0] != answers[1]


async def test_a_plain_text_file_in_a_dm_is_read(talk: Talk) -> None:
    notes = upload("notes.txt", NOTES.encode(), None)
    question = talk.ada.say(talk.ada.dm_channel, "Summarise this aloud", files=(notes,))
    _, words = await talk.voice_note(question)
    assert "harbour" in words.content.lower()


async def test_each_turn_keeps_its_tokens_by_kind_and_their_cost(talk: Talk) -> None:
    sound = upload("q.ogg", recording(), "audio/ogg")
    await talk.card(talk.mention(GOLDEN, files=(sound,)))
    usage = talk.chat.completions_seen
    assert len(usage) == 1
    with sqlite3.connect(talk.folder / "bot.db") as database:
        [row] = database.execute(
            "SELECT text_in, audio_in, text_out, audio_out, cost_microusd, turn_id FROM usage"
        ).fetchall()
    database.close()
    text_in, audio_in, text_out, audio_out, cost, turn_id = row
    assert min(text_in, audio_in, text_out, audio_out) > 0
    assert cost == round(text_in * 2.5 + audio_in * 32 + text_out * 10 + audio_out * 64)
    assert turn_id is not None


async def test_calls_that_gave_no_answer_are_kept_with_their_cost(talk: Talk) -> None:
    talk.chat.faults.next(faults.no_audio)
    await talk.card(talk.mention(GOLDEN))
    talk.chat.faults.next(faults.content_filter)
    await talk.card(talk.mention(GOLDEN))
    assert len(talk.chat.completions_seen) == 3
    with closing(sqlite3.connect(talk.folder / "bot.db")) as database:
        rows = database.execute("SELECT turn_id, cost_microusd FROM usage ORDER BY id").fetchall()
    assert [turn_id is None for turn_id, _ in rows] == [True, False, True]
    assert all(cost > 0 for _, cost in rows)


async def test_a_long_transcript_is_split_outside_of_code(folder: Path) -> None:
    code = "```py\n" + "print('hello')\n" * 60 + "```"
    long = "A sentence that says nothing much. " * 50 + "\n" + code
    async with talking(folder, chat=ChatServer(canned=long), MAX_COMPLETION_TOKENS="16000") as talk:
        pages = await talk.answer(talk.mention(GOLDEN), 2)
    assert [bool(page.attachments) for page in pages] == [True, False]
    assert all(len(page.content) <= 2_000 for page in pages)
    assert all(page.content.count("```") % 2 == 0 for page in pages)
    assert "".join(pages[0].content.split()) in "".join(long.split())


async def test_a_very_long_transcript_is_attached(folder: Path) -> None:
    long = "A sentence that says nothing much. " * 200
    async with talking(folder, chat=ChatServer(canned=long), MAX_COMPLETION_TOKENS="16000") as talk:
        card = await talk.card(talk.mention(GOLDEN))
        names = [attachment.filename for attachment in card.attachments]
        assert names == ["answer.mp3", "transcript.txt"]
        assert talk.ada.read(card, 1).decode() == long.strip()


async def test_the_models_words_ping_nobody_and_hide_no_address(folder: Path) -> None:
    async with talking(folder) as talk:
        ada_id = talk.ada.user.id
    canned = f"@everyone <@{ada_id}> look: [my bank](https://evil.example/login)"
    chat = ChatServer(canned=canned)
    async with talking(folder, chat=chat, discord=talk.discord) as talk:
        card = await talk.card(talk.mention(GOLDEN))
        assert (card.pings_everyone, card.pinged_user_ids, card.pinged_role_ids) == (False, [], [])
        assert "[my bank](" not in card.content
        assert "evil.example" in card.content
        posts = talk.discord.traffic.to("POST", "/channels/*/messages")
        assert all(post.payload["allowed_mentions"]["parse"] == [] for post in posts)
