"""Bad input and bad days: a clear sentence for the member, a line in the log, nothing lost."""

import logging
from pathlib import Path

import pytest

from bot.local.chat_server import ChatServer, faults
from bot.local.discord_server import building
from bot.local.discord_server.drafts import Upload
from bot.local.discord_server.faults import Answer, Hold, Reset, Slow
from bot.local.discord_server.permissions import Permission
from tests.e2e.world import GOLDEN, Talk, recording, talking, upload, without_number


def refused(status: int) -> faults.Fault:
    """A refusal whose words must not reach anybody."""
    return faults.error(status, "the key sk-secret-upstream-words is refused")


MESSAGES = "/channels/*/messages"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ((), "nothing to answer"),
        ((upload("a.ogg", b"", "audio/ogg"),), "empty"),
        ((upload("a.ogg", b"\0" * 400, "audio/ogg"),), ""),
        ((upload("a.mp3", b"just some words " * 40, "audio/mpeg"),), ""),
        ((upload("a.wav", b"RIFF\xff\xff\xff\xffWAVEfmt ", "audio/wav"),), ""),
        ((upload("a.mp3", b"#EXTM3U\nfile:///etc/passwd\n" * 9, "audio/mpeg"),), ""),
        ((upload("cat.png", b"\x89PNG", "image/png"),), "cannot use cat.png"),
        ((upload("a.txt", b"\xff\xfe\x00", "text/plain"),), "UTF-8"),
        ((upload("a.txt", b"a" * 70_000, "text/plain"),), "64.0 KiB"),
    ],
    ids=["nothing", "0 bytes", "zeros", "words", "cut", "playlist", "picture", "utf-16", "long"],
)
async def test_what_cannot_be_answered_is_refused_in_words(
    talk: Talk, files: tuple[Upload, ...], said: str
) -> None:
    notice = await talk.card(talk.mention(files=files))
    assert notice.content.startswith("⚠️ ")
    assert said in notice.content
    assert notice.attachments == []
    assert len(talk.chat.completions_seen) == 0


async def test_silence_is_refused(talk: Talk) -> None:
    from bot.audio.transcode import encode

    silence = upload("a.ogg", encode(bytes(48_000 * 3), "opus"), "audio/ogg")
    notice = await talk.card(talk.mention(files=(silence,)))
    assert "silent" in notice.content or "silence" in notice.content


async def test_too_long_says_how_long_it_is_and_what_is_the_most(folder: Path) -> None:
    async with talking(folder, MAX_INPUT_SECONDS="2") as talk:
        text = "This question is certainly going on for more than two seconds, as you can hear."
        sound = upload("a.ogg", recording(text=text), "audio/ogg")
        notice = await talk.card(talk.mention(files=(sound,)))
    assert "2 s" in notice.content
    assert "most" in notice.content


async def test_a_mislabelled_recording_is_heard_all_the_same(talk: Talk) -> None:
    sound = upload("voice.mp3", recording("flac"), "audio/mpeg")
    assert (await talk.card(talk.mention(files=(sound,)))).attachments


async def test_two_recordings_are_heard_in_their_order(talk: Talk) -> None:
    sounds = (
        upload("a.ogg", recording(), "audio/ogg"),
        upload("b.mp3", recording("mp3"), "audio/mpeg"),
    )
    await talk.card(talk.mention(files=sounds))
    parts = talk.last_request[-1]["content"]
    assert isinstance(parts, list)
    assert [part["type"] for part in parts] == ["text", "input_audio", "input_audio"]


async def test_a_deleted_question_gets_no_loose_answer(talk: Talk) -> None:
    talk.chat.faults.next(faults.slow(0.3))
    question = talk.mention(GOLDEN)
    await talk.ada.sees_typing(talk.general)
    talk.ada.delete(question)
    await talk.card(talk.mention("Hello"))
    assert len(await talk.ada.bot_messages(talk.general)) == 1


async def test_a_question_deleted_between_bubble_and_transcript_keeps_its_words(
    talk: Talk,
) -> None:
    words_held = Hold()
    talk.discord.faults.add("POST", MESSAGES, Slow(0))
    talk.discord.faults.add("POST", MESSAGES, words_held)
    question = talk.ada.say(talk.ada.dm_channel, GOLDEN)
    await words_held.arrived.wait()
    [bubble] = await talk.ada.bot_messages(talk.ada.dm_channel)
    talk.ada.delete(question)
    words_held.release()
    words = (await talk.ada.bot_messages(talk.ada.dm_channel, 2, timeout_s=20))[-1]
    assert bubble.is_voice
    assert "golden" in words.content.lower()
    assert words.reference is None


async def test_an_edit_that_adds_the_mention_is_answered(talk: Talk) -> None:
    forgot = talk.ada.say(talk.general, GOLDEN)
    talk.ada.edit(forgot, f"{talk.discord.mention} {GOLDEN}")
    assert "golden" in (await talk.card(forgot)).content.lower()


async def test_an_empty_mention_is_answered_once_it_is_edited_into_a_question(
    talk: Talk,
) -> None:
    bare = talk.mention()
    assert "nothing to answer" in (await talk.card(bare)).content
    talk.ada.edit(bare, f"{talk.discord.mention} {GOLDEN}")
    _, answer = await talk.answer(bare, 2)
    assert "golden" in answer.content.lower()
    talk.ada.edit(bare, f"{talk.discord.mention} {GOLDEN} Really?")
    await talk.card(talk.mention("Hello"))
    assert len(talk.chat.completions_seen) == 2


async def test_without_the_right_to_write_the_asker_is_told_in_a_dm(talk: Talk) -> None:
    role = building.bot_role(talk.discord.world, talk.discord.guild)
    building.set_overwrite(
        talk.discord.world, talk.general, role, deny=int(Permission.SEND_MESSAGES)
    )
    talk.mention(GOLDEN)
    [notice] = await talk.ada.bot_messages(talk.ada.dm_channel)
    assert "Send Messages" in notice.content
    assert len(talk.chat.completions_seen) == 0
    assert talk.discord.traffic.to("POST", f"/channels/{talk.general.id}/messages") == []


async def test_without_the_history_permission_the_answer_comes_as_a_plain_message(
    talk: Talk,
) -> None:
    role = building.bot_role(talk.discord.world, talk.discord.guild)
    building.set_overwrite(
        talk.discord.world, talk.general, role, deny=int(Permission.READ_MESSAGE_HISTORY)
    )
    talk.mention(GOLDEN)
    [card] = await talk.ada.bot_messages(talk.general, timeout_s=20)
    assert card.reference is None
    assert card.attachments


@pytest.mark.parametrize(
    ("fault", "code", "calls"),
    [
        (refused(400), "request_refused", 1),
        (refused(401), "key_refused", 1),
        (refused(403), "access_refused", 1),
        (refused(404), "route_not_found", 1),
        (faults.too_large, "request_too_large", 1),
        (faults.quota(), "quota_exhausted", 1),
        (faults.rate_limited(retry_after="600"), "rate_limited", 1),
    ],
    ids=["400", "401", "403", "404", "413", "quota", "429 for long"],
)
async def test_refusals_of_the_model_are_told_and_not_repeated(
    talk: Talk,
    caplog: pytest.LogCaptureFixture,
    fault: faults.Fault,
    code: str,
    calls: int,
) -> None:
    talk.chat.faults.next(fault, times=3)
    with caplog.at_level(logging.INFO):
        notice = await talk.card(talk.mention(GOLDEN))
    assert notice.content.startswith("⚠️ ")
    assert len(talk.chat.completions_seen) == calls
    assert code in caplog.text
    for secret in (talk.chat.key, talk.discord.token, "Traceback", "upstream"):
        assert secret not in caplog.text
        assert secret not in notice.content


@pytest.mark.parametrize(
    "fault",
    [
        faults.server_error,
        faults.html_502,
        faults.html_200,
        faults.truncated,
        faults.reset,
        faults.rate_limited(retry_after="0.01"),
    ],
    ids=["500", "HTML 502", "HTML 200", "truncated", "reset", "429"],
)
async def test_passing_failures_of_the_model_are_ridden_out(
    talk: Talk, fault: faults.Fault
) -> None:
    talk.chat.faults.next(fault)
    assert (await talk.card(talk.mention(GOLDEN))).attachments
    assert len(talk.chat.completions_seen) == 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (faults.refusal, "declined"),
        (faults.cut_off, "cut at the length limit"),
        (faults.content_filter, "content filter"),
    ],
    ids=["refusal", "length", "filter"],
)
async def test_an_answer_that_is_no_whole_answer_says_so(
    talk: Talk, fault: faults.Fault, said: str
) -> None:
    talk.chat.faults.next(fault)
    assert said in (await talk.card(talk.mention(GOLDEN))).content


@pytest.mark.parametrize(
    ("action", "afterwards"),
    [
        (Answer(503, "unavailable"), False),
        (Answer(503, "unavailable"), True),
        (Reset(), False),
        (Reset(), True),
    ],
    ids=["503", "503 after posting", "reset", "reset after posting"],
)
async def test_what_discord_drops_on_the_way_is_posted_once(
    talk: Talk, action: Answer | Reset, afterwards: bool
) -> None:
    talk.discord.faults.add("POST", MESSAGES, action, afterwards=afterwards)
    await talk.card(talk.mention(GOLDEN))
    await talk.card(talk.mention("Hello"))
    assert len(await talk.ada.bot_messages(talk.general)) == 2


async def test_a_replayed_event_is_answered_once(talk: Talk) -> None:
    await talk.card(talk.mention(GOLDEN))
    talk.discord.gateway.repeat(3)
    await talk.card(talk.mention("Hello"))
    assert len(await talk.ada.bot_messages(talk.general)) == 2
    assert len(talk.chat.completions_seen) == 2


async def test_a_question_that_an_edit_mended_is_told_of_its_new_end(talk: Talk) -> None:
    bare = talk.mention()
    first = await talk.card(bare)
    talk.chat.faults.next(faults.quota())
    talk.ada.edit(bare, f"{talk.discord.mention} {GOLDEN}")
    _, second = await talk.answer(bare, 2)
    assert first.content != second.content
    assert "`" in second.content


async def test_a_defect_of_ours_is_told_with_its_number(
    talk: Talk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("bot.services.replies.require_something", explode)
    notice = await talk.card(talk.mention(GOLDEN))
    assert "secret detail" not in notice.content
    number = notice.content.split("`")[1]
    assert f"incident {number}" in caplog.text


async def test_a_model_that_is_gone_does_not_stop_the_bot(folder: Path) -> None:
    chat = ChatServer(models={})
    async with talking(folder, chat=chat) as talk:
        first = await talk.card(talk.mention(GOLDEN))
        second = await talk.card(talk.mention("Hello"))
    assert without_number(first) == without_number(second)
    assert "owner" in first.content
