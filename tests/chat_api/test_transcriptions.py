"""Recordings written down, over the stand-in's endpoint."""

from collections.abc import AsyncIterator
from email.message import Message
from typing import Any

import pytest
import pytest_asyncio

from bot.audio.transcode import encode
from bot.chat_api.client import open_session
from bot.chat_api.providers import AZURE
from bot.domain.reply import Heard, ModelAudio, Usage
from bot.errors import ChatApiError, TranscriptionUnavailable
from bot.local.chat_server import ChatServer, faults
from bot.local.chat_server.faults import Fault
from bot.local.chat_server.form import read_form
from bot.local.chat_server.sound import streamed_wav
from tests.chat_api.world import Calls
from tests.local.chat_spec import transcription_request_problems
from tests.local.test_chat_transcribing import Stopwatch

SECOND = b"\1\0" * 24_000
RECORDING = ModelAudio(streamed_wav(SECOND * 2), "wav", 2.0)
HTML = faults.raw(b"<!doctype html><html></html>", content_type="text/html")


@pytest_asyncio.fixture
async def calls() -> AsyncIterator[Calls]:
    async with ChatServer(ears=Stopwatch()) as server, open_session() as session:
        yield Calls(server, session)


def asked(calls: Calls) -> list[dict[str, Any]]:
    """What was filled in, by name; of the file its name."""
    forms = (read_form(s.headers["content-type"], s.raw) for s in calls.server.seen)
    return [{field.name: field.filename or field.text for field in form} for form in forms]


async def failed(calls: Calls, fault: Fault, times: int = 1, **options: Any) -> ChatApiError:  # noqa: ANN401 - of `Calls.transcriptions`
    calls.server.transcription_faults.next(fault, times)
    with pytest.raises(ChatApiError) as caught:
        await calls.transcriptions(**options).write_down(RECORDING)
    return caught.value


async def test_the_words_come_with_what_they_cost(calls: Calls) -> None:
    heard = await calls.transcriptions().write_down(RECORDING)
    assert heard == Heard(
        "2.0 seconds", Usage(audio_in=20, text_out=3), seconds=2.0, model="gpt-transcribe"
    )


async def test_what_is_paid_by_the_second_tells_its_seconds(calls: Calls) -> None:
    heard = await calls.transcriptions(model="whisper-1").write_down(
        ModelAudio(streamed_wav(SECOND + SECOND[:4_800]), "wav", 1.1)
    )
    assert (heard.usage, heard.seconds) == (None, 2.0)


@pytest.mark.parametrize("told", [b'{"text":" so "}', b'{"text":"so","usage":null,"new":[1]}'])
async def test_what_an_answer_does_not_tell_is_not_made_up(calls: Calls, told: bytes) -> None:
    calls.server.transcription_faults.next(faults.raw(told))
    heard = await calls.transcriptions().write_down(RECORDING)
    assert (heard.words, heard.usage, heard.seconds) == ("so", None, 2.0)


async def test_tokens_beyond_all_measure_are_not_believed(calls: Calls) -> None:
    usage = b'{"input_tokens":-5,"output_tokens":99999999999,"input_token_details":{}}'
    calls.server.transcription_faults.next(faults.raw(b'{"text":"","usage":%b}' % usage))
    heard = await calls.transcriptions().write_down(RECORDING)
    assert (heard.words, heard.usage) == ("", Usage(text_out=10**9))


async def test_the_whole_request_is_as_documented(calls: Calls) -> None:
    mp3 = ModelAudio(encode(SECOND, "mp3"), "mp3", 1.0)
    await calls.transcriptions().write_down(RECORDING)
    await calls.transcriptions(model="whisper-1").write_down(mp3, language="de")
    assert asked(calls) == [
        {"model": "gpt-transcribe", "response_format": "json", "file": "recording.wav"},
        {
            "model": "whisper-1",
            "response_format": "json",
            "language": "de",
            "file": "recording.mp3",
        },
    ]
    assert [transcription_request_problems(form) for form in asked(calls)] == [[], []]
    assert [seen.path for seen in calls.server.seen] == ["/v1/audio/transcriptions"] * 2
    assert _kind_of(calls.server.seen[0].headers["content-type"]) == "multipart/form-data"


async def test_a_long_recording_is_sent_whole(calls: Calls) -> None:
    long = ModelAudio(streamed_wav(SECOND * 60), "wav", 60.0)
    assert (await calls.transcriptions().write_down(long)).words == "60.0 seconds"


async def test_the_key_goes_where_the_system_wants_it() -> None:
    async with ChatServer(preset="azure") as server, open_session() as session:
        calls = Calls(server, session)
        with pytest.raises(TranscriptionUnavailable):
            await calls.transcriptions(provider=AZURE).write_down(RECORDING)
        assert "authorization" not in server.seen[-1].headers


@pytest.mark.parametrize(
    "fault",
    [
        faults.error(404, "no such call"),
        faults.error(405, "no"),
        faults.error(501, "not here"),
        HTML,
    ],
)
async def test_a_server_that_cannot_is_told_apart_at_once(calls: Calls, fault: Fault) -> None:
    error = await failed(calls, fault)
    assert isinstance(error, TranscriptionUnavailable)
    assert error.code == "transcription_unavailable"
    assert calls.waits_s == []


async def test_an_unknown_address_or_model_is_a_server_without_this_endpoint(calls: Calls) -> None:
    origin = calls.server.base_url.removesuffix("/v1")
    others = calls.transcriptions(base_url=f"{origin}/other"), calls.transcriptions(model="ear-9")
    for api in others:
        with pytest.raises(TranscriptionUnavailable):
            await api.write_down(RECORDING)


@pytest.mark.parametrize("preset", ["codingplanx", "kkiai", "openrouter", "vllm-omni"])
async def test_systems_without_this_endpoint_are_known_as_such(preset: str) -> None:
    async with ChatServer(preset=preset, ears=Stopwatch()) as server, open_session() as session:
        with pytest.raises(TranscriptionUnavailable):
            await Calls(server, session).transcriptions().write_down(RECORDING)


@pytest.mark.parametrize(
    ("fault", "code", "requests"),
    [
        (faults.server_error, "server_failed", 3),
        (faults.rate_limited("1"), "rate_limited", 3),
        (faults.quota(), "quota_exhausted", 1),
        (faults.reset, "unreachable", 3),
        (faults.redirected("https://elsewhere.example/"), "redirected", 1),
        (faults.html_502, "server_failed", 3),
        (faults.raw(b"{}"), "answer_unreadable", 2),
        (faults.raw(b"some words"), "answer_unreadable", 2),
        (faults.too_large, "request_too_large", 1),
    ],
)
async def test_failures_are_named_and_repeated_where_that_makes_sense(
    calls: Calls, fault: Fault, code: str, requests: int
) -> None:
    error = await failed(calls, fault, times=5)
    assert error.code == code
    assert not isinstance(error, TranscriptionUnavailable)
    assert len(calls.server.seen) == requests


async def test_what_passes_is_not_noticed(calls: Calls) -> None:
    calls.server.transcription_faults.next(faults.server_error)
    assert (await calls.transcriptions().write_down(RECORDING)).words
    assert len(calls.waits_s) == 1
    first, again = asked(calls)
    assert first == again


async def test_a_wrong_key_is_refused(calls: Calls) -> None:
    with pytest.raises(ChatApiError) as caught:
        await calls.transcriptions(key="sk-nobody").write_down(RECORDING)
    assert caught.value.code == "key_refused"


@pytest.mark.parametrize("fault", [faults.blackhole, faults.drip()])
async def test_words_that_do_not_come_in_time_are_given_up(calls: Calls, fault: Fault) -> None:
    assert (await failed(calls, fault, deadline_s=0.2)).code == "timed_out"


async def test_words_beyond_all_measure_are_not_read(calls: Calls) -> None:
    error = await failed(calls, faults.gzip_bomb(8 * 1024 * 1024))
    assert error.code == "answer_too_large"


async def test_neither_key_nor_words_are_shown(
    calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    api = calls.transcriptions()
    calls.server.transcription_faults.next(faults.server_error)
    await api.write_down(RECORDING)
    assert calls.server.key not in repr(api) + caplog.text
    assert "2.0 seconds" not in caplog.text


async def test_a_machine_that_hears_writes_down_what_was_said() -> None:
    pytest.importorskip("onnxruntime", reason="there is no onnxruntime for this machine")
    from bot.local.speech.moonshine import Moonshine, find_model
    from bot.local.speech.natural import NaturalVoice

    said = NaturalVoice().speak("Is a golden retriever a good family dog?", "alloy")
    recording = ModelAudio(streamed_wav(said), "wav", len(said) / 48_000)
    async with (
        ChatServer(ears=Moonshine(find_model())) as server,
        open_session() as session,
    ):
        heard = await Calls(server, session).transcriptions().write_down(recording)
    assert "golden retriever" in heard.words.lower()


def _kind_of(content_type: str) -> str:
    message = Message()
    message["Content-Type"] = content_type
    return message.get_content_type()
