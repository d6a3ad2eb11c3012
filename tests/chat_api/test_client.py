"""The client over the stand-in API: every answer, refusal and accident of the real ones."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from aiohttp import web

from bot.chat_api.attempts import Gate
from bot.chat_api.provider import Provider
from bot.chat_api.providers import GENERIC, OPENAI
from bot.deadlines import within
from bot.domain.prompt import FromMember, SpokenBefore, WrittenBefore
from bot.domain.reply import AudioHandle, ModelAudio, Usage
from bot.domain.usage import Waste
from bot.errors import AudioGone, ChatApiError, FormatRefused
from bot.local.chat_server import ChatServer, faults
from bot.local.chat_server.faults import Fault
from bot.local.chat_server.sound import streamed_wav
from tests.chat_api.world import Calls, follow_up, prompt
from tests.local.chat_spec import answer_problems, needs_spec, request_problems

KEEPS_FAILING = 3


def tone(seconds: float, hz: float = 220.0) -> bytes:
    samples = (
        round(12_000 * math.sin(2 * math.pi * hz * n / 24_000))
        for n in range(int(24_000 * seconds))
    )
    return b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples)


async def test_a_question_is_answered_in_words_and_sound(calls: Calls) -> None:
    reply = await calls.api().speak(prompt())

    assert "golden retriever" in reply.transcript
    assert reply.sound is not None
    assert reply.sound.data[:8] == b"RIFF\xff\xff\xff\xff"
    assert reply.finish == "stop"
    assert reply.model == "gpt-audio-1.5"
    assert reply.request_id is not None


@needs_spec
async def test_the_request_is_what_openai_describes(calls: Calls) -> None:
    clip = ModelAudio(streamed_wav(tone(0.5)), "wav", 0.5)
    first = await calls.api().speak(prompt())
    assert first.handle is not None
    await calls.api().speak(
        prompt(
            SpokenBefore(first.handle),
            WrittenBefore("It is a good dog."),
            FromMember(("How does this voice sound?", clip)),
            voice="voice_1234",
        )
    )

    for body in calls.server.completions_seen:
        assert request_problems(body) == []


async def test_the_answer_can_be_continued_by_its_audio_id(calls: Calls) -> None:
    first = await calls.api().speak(prompt())
    assert first.handle is not None
    second = await calls.api().speak(follow_up(first.handle))

    assert second.transcript == f"I said: {first.transcript}"
    assert calls.server.completions_seen[1]["messages"][2] == {
        "role": "assistant",
        "audio": {"id": first.handle.id},
    }


async def test_tokens_are_counted_by_kind(calls: Calls) -> None:
    clip = ModelAudio(streamed_wav(tone(3.0)), "wav", 3.0)
    reply = await calls.api().speak(prompt(FromMember((clip,))))

    assert reply.usage is not None
    assert reply.usage.audio_in == 30
    assert reply.usage.audio_out > reply.usage.text_out > 0


async def test_a_recording_of_megabytes_goes_through(calls: Calls) -> None:
    clip = ModelAudio(streamed_wav(b"\0" * 3_000_000), "wav", 62.5)
    reply = await calls.api().speak(prompt(FromMember((clip,))))

    assert "62.5 seconds of silence" in reply.transcript


async def test_handles_of_other_keys_models_and_servers_have_other_origins(calls: Calls) -> None:
    origins = {
        calls.api().origin,
        calls.api(key="sk-other").origin,
        calls.api(model="gpt-audio").origin,
        calls.api(base_url="https://api.openai.com").origin,
    }
    assert len(origins) == 4
    assert all(len(origin) == 32 for origin in origins)
    assert calls.api().origin == calls.api().origin


async def test_the_key_is_sent_but_never_shown(calls: Calls) -> None:
    await calls.api().speak(prompt())
    assert calls.server.key not in repr(calls.api())


# --- odd answers


async def test_an_answer_in_text_only_is_an_answer(calls: Calls) -> None:
    calls.server.faults.next(faults.text_only)
    reply = await calls.api().speak(prompt())

    assert "golden retriever" in reply.transcript
    assert reply.sound is None
    assert reply.handle is None


@pytest.mark.parametrize(
    "fault", [faults.empty_data, faults.audio_without_data, faults.invalid_base64]
)
async def test_a_transcript_is_kept_when_its_sound_is_broken(calls: Calls, fault: Fault) -> None:
    calls.server.faults.next(fault)
    reply = await calls.api().speak(prompt())

    assert "golden retriever" in reply.transcript
    assert reply.sound is None
    assert reply.handle is None


async def test_words_and_sound_in_two_choices_are_one_answer(calls: Calls) -> None:
    calls.server.faults.next(faults.two_choices)
    reply = await calls.api().speak(prompt())

    assert "golden retriever" in reply.transcript
    assert reply.sound is not None
    assert reply.handle is not None


async def test_sound_without_words_is_an_answer(calls: Calls) -> None:
    calls.server.faults.next(faults.empty_transcript)
    reply = await calls.api().speak(prompt())

    assert reply.transcript == ""
    assert reply.sound is not None


async def test_an_answer_with_status_201_counts(calls: Calls) -> None:
    calls.server.faults.next(faults.status_201)
    assert (await calls.api().speak(prompt())).sound is not None


async def test_rewritten_totals_do_not_change_the_cost(calls: Calls) -> None:
    honest = await calls.api().speak(prompt())
    calls.server.faults.next(faults.rewritten_usage)
    rewritten = await calls.api().speak(prompt())

    assert rewritten.usage == honest.usage
    assert rewritten.usage != Usage()


async def test_missing_usage_is_no_usage(calls: Calls) -> None:
    calls.server.faults.next(faults.no_usage)
    assert (await calls.api().speak(prompt())).usage is None


async def test_each_call_that_is_paid_for_without_an_answer_is_told(calls: Calls) -> None:
    wasted: list[Waste] = []
    calls.server.faults.next(faults.no_audio)
    calls.server.faults.next(faults.no_choices)
    with pytest.raises(ChatApiError):
        await calls.api().speak(prompt(), wasted.append)
    assert [waste.model for waste in wasted] == ["gpt-audio-1.5"] * 2
    assert all(waste.usage.text_in > 0 for waste in wasted)
    await calls.api().speak(prompt(), wasted.append)
    assert len(wasted) == 2


async def test_an_answer_that_was_cut_off_says_so(calls: Calls) -> None:
    calls.server.faults.next(faults.cut_off)
    reply = await calls.api().speak(prompt())

    assert reply.finish == "length"
    assert reply.sound is not None


async def test_a_refusal_is_an_answer_that_says_so(calls: Calls) -> None:
    calls.server.faults.next(faults.refusal)
    reply = await calls.api().speak(prompt())

    assert reply.finish == "refused"
    assert reply.transcript == "I'm sorry, I can't help with that."


@pytest.mark.parametrize("fault", [faults.no_expiry, faults.absurd_expiry])
async def test_no_audio_id_is_believed_for_longer_than_an_hour(calls: Calls, fault: Fault) -> None:
    calls.server.faults.next(fault)
    before = datetime.now(UTC)
    reply = await calls.api().speak(prompt())

    assert reply.handle is not None
    assert before < reply.handle.expires_at <= datetime.now(UTC) + timedelta(hours=1)


async def test_sound_without_an_id_cannot_be_sent_back(calls: Calls) -> None:
    calls.server.faults.next(faults.no_id)
    reply = await calls.api().speak(prompt())

    assert reply.sound is not None
    assert reply.handle is None


# --- refusals and failures


REFUSALS: list[tuple[Fault, str, int]] = [
    (faults.quota(), "quota_exhausted", 1),
    (faults.quota("credit_balance_exhausted"), "quota_exhausted", 1),
    (faults.quota("organization_spend_limit_exceeded"), "quota_exhausted", 1),
    (faults.rate_limited(), "rate_limited", 3),
    (faults.rate_limited("2"), "rate_limited", 3),
    (faults.rate_limited("600"), "rate_limited", 1),
    (faults.server_error, "server_failed", 3),
    (faults.overloaded, "server_failed", 3),
    (faults.string_error, "server_failed", 3),
    (faults.error(408, "Request timeout"), "server_failed", 3),
    (faults.error(409, "Conflict"), "server_failed", 3),
    (faults.html_502, "server_failed", 3),
    (faults.relay_no_channel, "model_not_found", 1),
    (faults.relay_error, "key_refused", 1),
    (faults.wrong_country, "access_refused", 1),
    (faults.too_large, "request_too_large", 1),
    (faults.context_too_long, "context_too_long", 1),
    (faults.needs_audio, "model_needs_audio", 1),
    (faults.voice_unknown, "voice_refused", 1),
    (faults.aimlapi_error, "request_refused", 1),
    (faults.aimlapi_no_credits, "quota_exhausted", 1),
    (faults.error(402, "Insufficient credits"), "quota_exhausted", 1),
    (faults.openrouter_error, "request_refused", 1),
    (faults.openrouter_zod, "request_refused", 1),
    (faults.fastapi_error, "request_refused", 1),
    (faults.error(418, "I'm a teapot"), "request_refused", 1),
    (faults.redirected("https://elsewhere.example/v1/chat/completions"), "redirected", 1),
    (faults.redirected("https://elsewhere.example/", 307), "redirected", 1),
    (faults.redirected("http://[broken", 302), "redirected", 1),
    (faults.html_200, "answer_unreadable", 2),
    (faults.truncated, "answer_unreadable", 2),
    (faults.nan, "answer_unreadable", 2),
    (faults.deep, "answer_unreadable", 2),
    (faults.no_choices, "answer_unreadable", 2),
    (faults.raw(b""), "answer_unreadable", 2),
    (faults.no_audio, "answer_empty", 2),
    (faults.content_filter, "content_filter", 1),
    (faults.cut_off_before_audio, "answer_cut_off", 1),
    (faults.gzip_bomb(64 * 1024 * 1024), "answer_too_large", 1),
    (faults.reset, "unreachable", 3),
    (faults.reset_midway, "unreachable", 3),
]


@pytest.mark.parametrize(("fault", "code", "attempts"), REFUSALS)
async def test_every_failure_has_its_code_and_its_number_of_attempts(
    calls: Calls, fault: Fault, code: str, attempts: int
) -> None:
    calls.server.faults.next(fault, times=KEEPS_FAILING)

    with pytest.raises(ChatApiError) as caught:
        await calls.api().speak(prompt())

    assert caught.value.code == code
    assert len(calls.server.completions_seen) == attempts


@pytest.mark.parametrize(
    "fault",
    [
        faults.server_error,
        faults.html_502,
        faults.rate_limited("1"),
        faults.truncated,
        faults.no_audio,
        faults.reset,
    ],
)
async def test_a_failure_that_passes_is_never_seen(calls: Calls, fault: Fault) -> None:
    calls.server.faults.next(fault)
    assert "golden retriever" in (await calls.api().speak(prompt())).transcript


async def test_no_word_of_the_server_and_no_secret_reaches_member_or_log(
    calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "UPSTREAM-SECRET-c2VjcmV0"
    calls.server.faults.next(faults.error(400, secret, code=secret, param=secret))
    calls.server.faults.next(faults.raw(f"<h1>{secret}</h1>".encode(), status=403))
    for _ in range(2):
        with pytest.raises(ChatApiError) as caught:
            await calls.api().speak(prompt())
        assert secret not in str(caught.value)

    assert secret not in caplog.text
    assert calls.server.key not in caplog.text


async def test_the_log_names_code_status_and_request(
    calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    calls.server.faults.next(faults.wrong_country)
    with pytest.raises(ChatApiError) as caught:
        await calls.api().speak(prompt())

    assert caught.value.status == 403
    assert caught.value.request_id is not None
    assert f"access_refused (status 403, request {caught.value.request_id})" in caplog.text


@pytest.mark.parametrize(
    ("provider", "told"),
    [
        (OPENAI, "gpt-4o-audio-preview is retired: set OPENAI_MODEL=gpt-audio-1.5"),
        (GENERIC, "does not offer gpt-4o-audio-preview"),
    ],
)
async def test_a_retired_model_is_named_to_the_operator_with_what_came_after_it(
    calls: Calls, caplog: pytest.LogCaptureFixture, provider: Provider, told: str
) -> None:
    with pytest.raises(ChatApiError) as caught:
        await calls.api(model="gpt-4o-audio-preview", provider=provider).speak(prompt())

    assert caught.value.code == "model_not_found"
    assert told in caplog.text


async def test_a_wrong_key_is_refused(calls: Calls) -> None:
    with pytest.raises(ChatApiError) as caught:
        await calls.api(key="sk-somebody-else").speak(prompt())
    assert caught.value.code == "key_refused"
    assert caught.value.status == 401


@pytest.mark.parametrize("fault", [faults.unsupported_format, faults.invalid_mp3])
async def test_a_container_that_is_not_read_is_told_apart(calls: Calls, fault: Fault) -> None:
    calls.server.faults.next(fault)
    with pytest.raises(FormatRefused) as caught:
        await calls.api().speak(prompt())
    assert caught.value.code == "format_refused"


async def test_a_dead_audio_id_is_named(calls: Calls) -> None:
    first = await calls.api().speak(prompt())
    assert first.handle is not None
    calls.server.memory.forget(first.handle.id)

    with pytest.raises(AudioGone) as caught:
        await calls.api().speak(follow_up(first.handle))
    assert caught.value.audio_id == first.handle.id
    assert len(calls.server.completions_seen) == 2


async def test_a_lasting_500_puts_the_audio_ids_under_suspicion(calls: Calls) -> None:
    first = await calls.api(provider=GENERIC).speak(prompt())
    assert first.handle is not None
    calls.server.faults.next(faults.server_error, times=KEEPS_FAILING)

    with pytest.raises(AudioGone) as caught:
        await calls.api(provider=GENERIC).speak(follow_up(first.handle))
    assert caught.value.audio_id is None


# --- waiting


async def test_the_wait_doubles_where_the_server_orders_none(calls: Calls) -> None:
    calls.server.faults.next(faults.server_error, times=2)
    await calls.api().speak(prompt())
    assert calls.waits_s == [0.5, 1.0]


async def test_the_wait_that_the_server_orders_is_kept(calls: Calls) -> None:
    calls.server.faults.next(faults.rate_limited("7"))
    calls.server.faults.next(faults.rate_limited("7", headers={"retry-after-ms": "1250"}))
    await calls.api().speak(prompt())
    assert calls.waits_s == [7.0, 1.25]


async def test_a_wait_beyond_the_deadline_is_not_begun(calls: Calls) -> None:
    calls.server.faults.next(faults.rate_limited("60"))
    with pytest.raises(ChatApiError) as caught:
        await calls.api(deadline_s=30).speak(prompt())
    assert caught.value.code == "rate_limited"
    assert calls.waits_s == []


@pytest.mark.parametrize("fault", [faults.blackhole, faults.drip(0.01), faults.slow(5.0)])
async def test_the_deadline_ends_every_silence(calls: Calls, fault: Fault) -> None:
    calls.server.faults.next(fault)
    with pytest.raises(ChatApiError) as caught:
        await calls.api(deadline_s=0.15).speak(prompt())
    assert caught.value.code == "timed_out"


async def test_calls_for_one_answer_share_its_deadline(calls: Calls) -> None:
    calls.server.faults.next(faults.blackhole, times=2)
    with within(1.1):
        for _ in range(2):
            with pytest.raises(ChatApiError) as caught:
                await calls.api(deadline_s=3600).speak(prompt())
            assert caught.value.code == "out_of_time"
    assert len(calls.server.seen) == 1
    calls.server.faults.clear()
    assert (await calls.api().speak(prompt())).transcript


async def test_a_server_that_had_most_of_its_time_is_the_one_that_is_late(calls: Calls) -> None:
    calls.server.faults.next(faults.blackhole)
    with within(0.15), pytest.raises(ChatApiError) as caught:
        await calls.api(deadline_s=0.2).speak(prompt())
    assert caught.value.code == "timed_out"


async def test_a_caller_who_gives_up_is_not_answered(calls: Calls) -> None:
    calls.server.faults.next(faults.blackhole)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await calls.api().speak(prompt())
    assert (await calls.api().speak(prompt())).sound is not None


async def test_a_server_that_is_not_there_is_unreachable(calls: Calls) -> None:
    async with ChatServer() as gone:
        base_url = gone.base_url
    with pytest.raises(ChatApiError) as caught:
        await calls.api(base_url=base_url).speak(prompt())
    assert caught.value.code == "unreachable"
    assert len(calls.waits_s) == 2


async def test_a_slow_answer_within_the_deadline_is_an_answer(calls: Calls) -> None:
    calls.server.faults.next(faults.slow(0.05))
    assert (await calls.api().speak(prompt())).sound is not None


async def test_an_answer_beyond_the_cap_is_dropped(calls: Calls) -> None:
    with pytest.raises(ChatApiError) as caught:
        await calls.api(max_response_bytes=100_000).speak(prompt())
    assert caught.value.code == "answer_too_large"


async def test_each_attempt_has_a_name_of_its_own(calls: Calls) -> None:
    calls.server.faults.next(faults.server_error)
    await calls.api().speak(prompt())
    names = {seen.headers["x-client-request-id"] for seen in calls.server.seen}
    assert len(names) == 2


async def test_an_unknown_handle_expires_as_its_server_says(calls: Calls) -> None:
    never = AudioHandle("audio_never_was", datetime.now(UTC), "somewhere")
    with pytest.raises(AudioGone) as caught:
        await calls.api().speak(follow_up(never))
    assert caught.value.audio_id == "audio_never_was"


# --- what the server says about the model


async def test_the_last_day_of_a_model_is_told(calls: Calls) -> None:
    info = await calls.api(model="gpt-audio").describe_model()
    assert info is not None
    assert info.id == "gpt-audio"
    assert info.shutdown_date == date(2027, 1, 20)


async def test_a_model_without_a_last_day_has_none(calls: Calls) -> None:
    info = await calls.api().describe_model()
    assert info is not None
    assert info.shutdown_date is None


async def test_a_model_that_is_not_offered_is_an_error(calls: Calls) -> None:
    with pytest.raises(ChatApiError) as caught:
        await calls.api(model="gpt-4o-audio-preview").describe_model()
    assert caught.value.code == "model_not_found"


async def test_a_server_that_tells_nothing_about_models_says_nothing(calls: Calls) -> None:
    origin = calls.server.base_url.removesuffix("/v1")
    assert await calls.api(base_url=f"{origin}/other").describe_model() is None


@needs_spec
async def test_the_answer_of_the_stand_in_is_what_openai_describes(calls: Calls) -> None:
    headers = {"Authorization": f"Bearer {calls.server.key}"}
    await calls.api().speak(prompt())
    asked = calls.server.completions_seen[0]
    url = f"{calls.server.base_url}/chat/completions"
    async with calls.session.post(url, json=asked, headers=headers) as response:
        assert answer_problems(await response.json()) == []


async def test_a_description_of_a_model_that_is_no_description_is_an_error(calls: Calls) -> None:
    for model, code in (("html", "answer_unreadable"), ("slow", "timed_out")):
        async with odd_server() as base_url:
            api = calls.api(base_url=base_url, model=model, deadline_s=0.2)
            with pytest.raises(ChatApiError) as caught:
                await api.describe_model()
        assert caught.value.code == code


@asynccontextmanager
async def odd_server() -> AsyncIterator[str]:
    """Describes the model `html` as a page, and never comes to describe the model `slow`."""

    async def describe(request: web.Request) -> web.Response:
        if request.path.endswith("/slow"):
            await asyncio.Event().wait()
        return web.Response(text="<html>A portal</html>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/v1/models/{model}", describe)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_failure_of_any_length_is_read_only_in_part(calls: Calls) -> None:
    calls.server.faults.next(faults.raw(b"x" * 10_000_000, status=403))
    with pytest.raises(ChatApiError) as caught:
        await calls.api().speak(prompt())
    assert caught.value.code == "access_refused"


# --- what holds for all calls with one key


async def test_an_order_to_wait_holds_back_the_calls_that_come_after(calls: Calls) -> None:
    clock, gate = [datetime(2026, 11, 21, tzinfo=UTC)], Gate()
    api = calls.api(now=lambda: clock[0], gate=gate)
    calls.server.faults.next(faults.rate_limited(retry_after="7"))
    await api.speak(prompt())
    assert calls.waits_s == [7.0]
    clock[0] += timedelta(seconds=3)
    await calls.api(now=lambda: clock[0], gate=gate).speak(prompt())
    assert calls.waits_s == [7.0, 4.0]
    clock[0] += timedelta(seconds=4)
    await api.speak(prompt())
    assert calls.waits_s == [7.0, 4.0]


async def test_who_would_have_to_wait_too_long_is_told_at_once(calls: Calls) -> None:
    gate, now = Gate(), datetime.now(UTC)
    gate.close(40, now)
    with pytest.raises(ChatApiError) as caught:
        await calls.api(deadline_s=30, now=lambda: now, gate=gate).speak(prompt())
    assert caught.value.code == "rate_limited"
    assert calls.server.completions_seen == []


async def test_other_failures_hold_nobody_back(calls: Calls) -> None:
    gate = Gate()
    calls.server.faults.next(faults.server_error, times=2)
    await calls.api(gate=gate).speak(prompt())
    assert gate.wait_s(datetime.now(UTC)) == 0


async def test_a_clock_that_is_put_back_holds_nobody_back_for_longer(calls: Calls) -> None:
    gate, now = Gate(), datetime.now(UTC)
    gate.close(5, now)
    await calls.api(now=lambda: now - timedelta(days=1), gate=gate).speak(prompt())
    assert calls.waits_s == []
