"""Streamed answers over the stand-in API: every oddity and accident of the real ones."""

import asyncio
import gzip
import json

import pytest
from aiohttp import web

from bot.chat_api.client import ChatApi
from bot.chat_api.providers import GENERIC
from bot.domain.reply import Sound, SpokenReply
from bot.domain.tools import ToolCall
from bot.domain.usage import Waste
from bot.errors import AudioGone, ChatApiError, FormatRefused
from bot.local.chat_server import faults
from bot.local.chat_server.faults import Answer, Fault
from bot.local.chat_server.faults.streamed import Parts
from bot.local.chat_server.sound import streamed_wav
from bot.local.chat_server.streaming import event
from tests.chat_api.world import Calls, follow_up, prompt
from tests.local.chat_spec import needs_spec, request_problems

KEEPS_FAILING = 3


def streaming(calls: Calls) -> ChatApi:
    return calls.api(stream=True)


async def usual(calls: Calls) -> SpokenReply:
    """The same answer as a whole."""
    return await calls.api().speak(prompt(format="pcm16"))


def said(reply: SpokenReply) -> tuple[object, ...]:
    """What does not change from one answer to the next."""
    return reply.transcript, reply.sound, reply.finish, reply.usage, reply.model


async def test_a_streamed_answer_is_the_whole_one(calls: Calls) -> None:
    reply = await streaming(calls).speak(prompt(format="mp3"))

    assert said(reply) == said(await usual(calls))
    assert reply.handle is not None
    assert reply.handle.origin == calls.api().origin
    assert reply.request_id is not None
    assert calls.server.completions_seen[0]["stream"] is True


@needs_spec
async def test_the_request_for_a_stream_is_what_openai_describes(calls: Calls) -> None:
    await streaming(calls).speak(prompt())
    assert request_problems(calls.server.completions_seen[0]) == []


async def test_a_streamed_answer_can_be_continued_by_its_audio_id(calls: Calls) -> None:
    first = await streaming(calls).speak(prompt())
    assert first.handle is not None
    second = await streaming(calls).speak(follow_up(first.handle))
    assert second.transcript == f"I said: {first.transcript}"


async def test_the_words_are_told_before_the_sound_is_there(calls: Calls) -> None:
    told: list[str] = []
    api, stall = calls.api(stream=True, deadline_s=0.3), faults.stream_stalled
    calls.server.faults.next(stall)
    with pytest.raises(ChatApiError) as caught:
        await api.speak(prompt(), on_words=told.append)
    assert caught.value.code == "timed_out"
    assert "".join(told) == (await usual(calls)).transcript


async def test_words_alone_are_streamed_too(calls: Calls) -> None:
    told: list[str] = []
    asked = prompt(voice=None, model="gpt-4o-mini")
    reply = await streaming(calls).speak(asked, on_words=told.append)
    assert reply.transcript == "".join(told) != ""
    assert (reply.sound, reply.handle, reply.finish) == (None, None, "stop")
    assert reply.usage is not None


ODD = {
    name: getattr(faults, name)
    for name in (
        "stream_after_done",
        "stream_id_twice",
        "stream_in_content",
        "stream_in_one_line",
        "stream_in_padded_pieces",
        "stream_in_shreds",
        "stream_left_open",
        "stream_repeating",
        "stream_two_choices",
        "stream_usage_last",
        "stream_with_bare_returns",
        "stream_with_carriage_returns",
        "stream_with_finish",
        "stream_with_heartbeats",
        "stream_without_done",
        "whole_instead",
    )
}


@pytest.mark.parametrize("fault", ODD.values(), ids=ODD.keys())
async def test_odd_streams_say_the_same(calls: Calls, fault: Fault) -> None:
    calls.server.faults.next(fault)
    reply = await streaming(calls).speak(prompt())

    assert said(reply) == said(await usual(calls))
    assert reply.handle is not None
    assert calls.waits_s == []


async def test_a_line_of_hundreds_of_kilobytes_is_read(calls: Calls) -> None:
    calls.server.faults.next(faults.stream_in_one_line)
    reply = await streaming(calls).speak(prompt())
    assert reply.sound is not None
    assert len(reply.sound.data) * 4 / 3 > 300_000


async def test_missing_usage_is_no_usage(calls: Calls) -> None:
    calls.server.faults.next(faults.stream_without_usage)
    reply = await streaming(calls).speak(prompt())
    assert reply.usage is None
    assert reply.handle is not None


async def test_a_stream_that_nobody_asked_for_is_read(calls: Calls) -> None:
    whole = await calls.api().speak(prompt())
    calls.server.faults.next(faults.stream_id_twice)
    streamed = await calls.api().speak(prompt())
    assert said(streamed) == said(whole)
    assert streamed.sound is not None
    assert streamed.sound.format == "wav"


async def test_a_stream_that_is_not_called_one_is_read(calls: Calls) -> None:
    stream = b'data: {"choices": [{"delta": {"content": "Hi"}}]}\r\n\r\ndata: [DONE]'
    calls.server.faults.next(faults.raw(stream, content_type="text/plain"))
    reply = await streaming(calls).speak(prompt())
    assert (reply.transcript, reply.finish) == ("Hi", "stop")


async def test_samples_without_a_header_are_known_for_what_they_are(calls: Calls) -> None:
    whole = await calls.api().speak(prompt(format="wav"))
    assert whole.sound is not None
    calls.server.faults.next(faults.stream_without_header)
    reply = await calls.api().speak(prompt(format="wav"))
    assert reply.sound == Sound(whole.sound.data[len(streamed_wav(b"")) :], "pcm16")


async def test_a_file_is_known_where_samples_were_asked_for(calls: Calls) -> None:
    body = {"message": {"content": "Hi", "audio": {"data": "UklGRgAA"}}}
    calls.server.faults.next(faults.raw(json.dumps({"choices": [body]}).encode()))
    reply = await streaming(calls).speak(prompt())
    assert reply.sound == Sound(b"RIFF\0\0", "wav")


async def test_calls_of_functions_are_told(calls: Calls) -> None:
    wanted = (("call_a", "time", '{"zone": "Europe/Rome"}'), ("call_b", "dice", '{"sides": 6}'))
    calls.server.faults.next(faults.stream_tool_calls(*wanted))
    reply = await streaming(calls).speak(prompt())
    assert reply.tool_calls == tuple(ToolCall(*call) for call in wanted)
    assert (reply.transcript, reply.sound, reply.finish) == ("", None, "stop")


# --- cut


@pytest.mark.parametrize("fault", [faults.stream_cut, faults.stream_reset])
async def test_what_was_said_before_a_cut_is_kept_without_its_id(
    calls: Calls, fault: Fault
) -> None:
    calls.server.faults.next(fault)
    reply = await streaming(calls).speak(prompt())
    whole = await usual(calls)

    assert reply.transcript == whole.transcript
    assert reply.sound is not None
    assert whole.sound is not None
    assert 0 < len(reply.sound.data) < len(whole.sound.data)
    assert whole.sound.data.startswith(reply.sound.data)
    assert (reply.finish, reply.handle) == ("broken_off", None)
    assert calls.waits_s == []


async def test_words_are_kept_where_no_sound_came(calls: Calls) -> None:
    calls.server.faults.next(faults.stream_cut_before_sound)
    reply = await streaming(calls).speak(prompt())
    assert "golden retriever" in reply.transcript
    assert (reply.sound, reply.finish, reply.handle) == (None, "broken_off", None)


async def test_sound_whose_end_nobody_told_is_kept_without_its_id(calls: Calls) -> None:
    calls.server.faults.next(faults.stream_without_any_end)
    reply = await streaming(calls).speak(prompt())
    assert reply.sound == (await usual(calls)).sound
    assert (reply.finish, reply.handle) == ("broken_off", None)


async def test_a_stream_that_stands_still_is_cut(calls: Calls) -> None:
    calls.server.faults.next(faults.stream_stalled)
    reply = await calls.api(stream=True, stall_s=0.2).speak(prompt())
    assert reply.sound is not None
    assert (reply.finish, reply.handle) == ("broken_off", None)


async def test_a_whole_answer_may_be_silent_for_longer(calls: Calls) -> None:
    calls.server.faults.next(faults.slow(0.4))
    assert (await calls.api(stall_s=0.1).speak(prompt())).sound is not None


async def test_the_deadline_ends_a_stream_that_only_drips(calls: Calls) -> None:
    async def drip(_request: web.Request, _answer: Answer) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(_request)
        while True:
            await response.write(b": still here\n\n")
            await asyncio.sleep(0.01)

    calls.server.faults.next(drip)
    with pytest.raises(ChatApiError) as caught:
        await calls.api(stream=True, deadline_s=0.2).speak(prompt())
    assert caught.value.code == "timed_out"


# --- no answer


def telling(message: str = "no", **fields: str | int | None) -> Fault:
    return faults.stream_failing(message, **fields)  # type: ignore[arg-type]


REFUSALS: dict[str, tuple[Fault, str, int]] = {
    "an error first": (faults.stream_error_first, "server_failed", 3),
    "an error after the words": (faults.stream_error_before_sound, "server_failed", 3),
    "an event named error": (faults.stream_error_named, "server_failed", 3),
    "too many calls": (telling(code="rate_limit_exceeded", kind="requests"), "rate_limited", 3),
    "an empty account": (telling(code="insufficient_quota", kind=None), "quota_exhausted", 1),
    "no such model": (telling(code="model_not_found", kind=None), "model_not_found", 1),
    "a key": (telling(code="invalid_api_key", kind="invalid_request_error"), "key_refused", 1),
    "a long talk": (
        telling(code="context_length_exceeded", kind="invalid_request_error"),
        "context_too_long",
        1,
    ),
    "a status as code": (telling(code=402, kind=None), "quota_exhausted", 1),
    "another status as code": (telling(code=502, kind=None), "server_failed", 3),
    "an overload": (telling(kind="overloaded_error"), "server_failed", 3),
    "an unknown kind": (telling(kind="new_api_error", code=""), "server_failed", 3),
    "a reset at once": (faults.stream_reset_at_once, "unreachable", 3),
    "an end at once": (faults.stream_cut_at_once, "answer_unreadable", 2),
    "a page": (
        faults.raw(b"<html></html>", content_type="text/event-stream"),
        "answer_unreadable",
        2,
    ),
    "an error as a whole": (
        faults.raw(b'{"error": {"message": "no", "code": 502}}'),
        "server_failed",
        3,
    ),
    "a refusal before the stream": (faults.rate_limited("2"), "rate_limited", 3),
}


@pytest.mark.parametrize(("fault", "code", "attempts"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_every_failure_has_its_code_and_its_number_of_attempts(
    calls: Calls, fault: Fault, code: str, attempts: int
) -> None:
    calls.server.faults.next(fault, times=KEEPS_FAILING)
    with pytest.raises(ChatApiError) as caught:
        await streaming(calls).speak(prompt())

    assert caught.value.code == code
    assert len(calls.server.completions_seen) == attempts


async def test_a_failure_that_passes_is_never_seen(calls: Calls) -> None:
    calls.server.faults.next(faults.stream_error_before_sound)
    calls.server.faults.next(faults.stream_reset_at_once)
    assert said(await streaming(calls).speak(prompt())) == said(await usual(calls))


async def test_silence_from_the_beginning_is_asked_again(calls: Calls) -> None:
    calls.server.faults.next(faults.stream_stalled_at_once, times=KEEPS_FAILING)
    with pytest.raises(ChatApiError) as caught:
        await calls.api(stream=True, stall_s=0.1).speak(prompt())
    assert caught.value.code == "timed_out"
    assert len(calls.server.completions_seen) == 3


async def test_a_dead_audio_id_is_named_in_the_middle_too(calls: Calls) -> None:
    first = await streaming(calls).speak(prompt())
    assert first.handle is not None
    gone = telling(f"Assistant audio {first.handle.id} not found.", code="audio_not_found")
    calls.server.faults.next(gone)
    with pytest.raises(AudioGone) as caught:
        await streaming(calls).speak(follow_up(first.handle))
    assert caught.value.audio_id == first.handle.id


async def test_what_was_heard_before_a_failure_is_kept_and_not_asked_again(calls: Calls) -> None:
    api = calls.api(stream=True, provider=GENERIC)
    first = await api.speak(prompt())
    assert first.handle is not None
    calls.server.faults.next(faults.stream_error_midway)
    reply = await api.speak(follow_up(first.handle))
    assert reply.sound is not None
    assert (reply.finish, reply.handle) == ("broken_off", None)
    assert len(calls.server.completions_seen) == 2
    calls.server.faults.next(faults.stream_error_first, times=KEEPS_FAILING)
    with pytest.raises(AudioGone):
        await api.speak(follow_up(first.handle))


async def test_a_container_that_is_not_read_is_told_apart_in_the_middle_too(calls: Calls) -> None:
    calls.server.faults.next(
        telling("No.", code="unsupported_format", kind="invalid_request_error")
    )
    with pytest.raises(FormatRefused):
        await streaming(calls).speak(prompt())


async def test_a_stream_that_is_paid_for_without_an_answer_is_told(calls: Calls) -> None:
    def send_usage_alone(parts: Parts) -> list[bytes]:
        return [event(part) for part in parts if not part["choices"]]

    wasted: list[Waste] = []
    calls.server.faults.next(faults.streamed(send_usage_alone))
    await streaming(calls).speak(prompt(), wasted.append)
    [waste] = wasted
    assert waste.model == "gpt-audio-1.5"
    assert waste.usage.text_in > 0


async def test_a_stream_beyond_the_cap_is_dropped(calls: Calls) -> None:
    with pytest.raises(ChatApiError) as caught:
        await calls.api(stream=True, max_response_bytes=100_000).speak(prompt())
    assert caught.value.code == "answer_too_large"
    assert len(calls.server.completions_seen) == 1


async def test_a_compressed_stream_counts_by_what_it_becomes(calls: Calls) -> None:
    bomb = gzip.compress(b": " + b" " * 64 * 1024 * 1024)
    fault = faults.raw(bomb, content_type="text/event-stream", headers={"Content-Encoding": "gzip"})
    calls.server.faults.next(fault)
    with pytest.raises(ChatApiError) as caught:
        await streaming(calls).speak(prompt())
    assert caught.value.code == "answer_too_large"


async def test_a_caller_who_gives_up_ends_the_stream(calls: Calls) -> None:
    calls.server.faults.next(faults.stream_stalled)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await streaming(calls).speak(prompt())
    assert (await streaming(calls).speak(prompt())).sound is not None


async def test_no_word_of_the_server_reaches_member_or_log(
    calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    secret = "UPSTREAM-SECRET-c2VjcmV0"
    calls.server.faults.next(telling(secret, code=secret, kind=secret), times=KEEPS_FAILING)
    with pytest.raises(ChatApiError) as caught:
        await streaming(calls).speak(prompt())
    assert secret not in str(caught.value)
    assert secret not in caplog.text
