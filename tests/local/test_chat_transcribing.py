"""The stand-in's endpoint for the words of recordings, asked by openai-python and by hand."""

import io
import wave
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import openai
import pytest
import pytest_asyncio
from openai import AsyncOpenAI

from bot.audio.encode import encode
from bot.domain.reply import SoundFormat
from bot.local.chat_server import ChatServer, faults
from bot.local.chat_server.sound import streamed_wav
from bot.local.chat_server.transcribing import MOST_BYTES
from tests.local.chat_spec import needs_spec, transcription_problems

MODEL = "gpt-transcribe"
SECOND = b"\1\0" * 24_000
RECORDING = streamed_wav(SECOND)


class Stopwatch:
    """Ears that hear how long it is."""

    def hear(self, pcm: bytes) -> str:
        return f"{len(pcm) / 48_000:.1f} seconds"


@pytest_asyncio.fixture
async def server() -> AsyncIterator[ChatServer]:
    async with ChatServer(ears=Stopwatch()) as server:
        yield server


async def post(
    server: ChatServer,
    fields: Mapping[str, str | None],
    data: bytes | None = RECORDING,
    filename: str = "question.wav",
) -> tuple[int, Any]:
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in ({"model": MODEL} | dict(fields)).items():
        if value is not None:
            form.add_field(name, value)
    if data is not None:
        form.add_field("file", io.BytesIO(data), filename=filename)
    return await send(server, form)


async def send(server: ChatServer, body: object, kind: str | None = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {server.key}"} | ({"Content-Type": kind} if kind else {})
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{server.base_url}/audio/transcriptions", data=body) as response,
    ):
        return response.status, await response.json()


@pytest.mark.parametrize(
    ("container", "filename"),
    [("wav", "a.wav"), ("mp3", "a.mp3"), ("flac", "a.flac"), ("opus", "A.OGG")],
)
async def test_the_library_gets_the_words_of_every_kind_of_file(
    client: AsyncOpenAI, container: SoundFormat, filename: str
) -> None:
    recording = encode(SECOND * 2, container)
    written = await client.audio.transcriptions.create(model=MODEL, file=(filename, recording))
    assert written.text.startswith("2.")


@pytest.mark.parametrize("model", ["gpt-transcribe", "gpt-4o-transcribe", "gpt-4o-mini-transcribe"])
async def test_newer_models_tell_their_tokens(server: ChatServer, model: str) -> None:
    status, body = await post(server, {"model": model, "prompt": "Four", "language": "en"})
    assert status == 200
    assert body["usage"] == {
        "type": "tokens",
        "input_tokens": 11,
        "input_token_details": {"text_tokens": 1, "audio_tokens": 10},
        "output_tokens": 3,
        "total_tokens": 14,
    }


async def test_the_oldest_model_tells_the_seconds(server: ChatServer) -> None:
    _, body = await post(server, {"model": "whisper-1", "temperature": "0.2"})
    assert body == {"text": "1.0 seconds", "usage": {"type": "duration", "seconds": 1}}


@needs_spec
@pytest.mark.parametrize("model", ["gpt-transcribe", "gpt-4o-transcribe", "whisper-1"])
async def test_the_answer_has_the_published_shape(server: ChatServer, model: str) -> None:
    assert transcription_problems((await post(server, {"model": model}))[1]) == []


async def test_plain_text_is_nothing_but_the_words(client: AsyncOpenAI) -> None:
    written = await client.audio.transcriptions.create(
        model="whisper-1", file=("a.wav", RECORDING), response_format="text"
    )
    assert written.strip() == "1.0 seconds"


REFUSED: list[tuple[dict[str, str | None], str | None, str | None]] = [
    ({"mood": "x"}, "unknown_parameter", "mood"),
    ({"model": None}, "missing_required_parameter", "model"),
    ({"response_format": "xml"}, "invalid_value", "response_format"),
    ({"response_format": "srt"}, "unsupported_value", "response_format"),
    ({"model": "gpt-4o-transcribe", "response_format": "text"}, "unsupported_value", None),
    ({"language": "English"}, "invalid_value", "language"),
    ({"temperature": "2"}, "invalid_value", "temperature"),
    ({"temperature": "warm"}, "invalid_value", "temperature"),
]


@pytest.mark.parametrize(("fields", "code", "param"), REFUSED)
async def test_what_the_real_api_refuses_is_refused_with_its_code(
    server: ChatServer, fields: dict[str, str | None], code: str | None, param: str | None
) -> None:
    status, body = await post(server, fields)
    assert (status, body["error"]["code"]) == (400, code)
    if param is not None:
        assert body["error"]["param"] == param


@pytest.mark.parametrize(
    ("data", "filename", "message"),
    [
        (RECORDING, "question", "Invalid file format. Supported formats: ['flac', "),
        (RECORDING, "question.amr", "Invalid file format. Supported formats: ['flac', "),
        (b"no sound at all", "question.wav", "Audio file might be corrupted or unsupported"),
        (b"", "question.wav", "Audio file might be corrupted or unsupported"),
        (streamed_wav(SECOND[:4000]), "question.wav", "Audio file is too short."),
    ],
)
async def test_files_that_cannot_be_heard_are_refused(
    server: ChatServer, data: bytes, filename: str, message: str
) -> None:
    status, body = await post(server, {}, data, filename)
    assert status == 400
    assert body["error"]["message"].startswith(message)


async def test_a_file_of_more_than_twenty_five_mebibytes_is_refused(server: ChatServer) -> None:
    status, body = await post(server, {}, bytes(MOST_BYTES + 1))
    assert status == 413
    assert body["error"]["message"] == (
        "Maximum content size limit (26214400) exceeded (26214401 bytes read)"
    )


async def test_a_recording_of_more_than_twenty_five_minutes_is_refused(
    server: ChatServer,
) -> None:
    sink = io.BytesIO()
    with wave.open(sink, "wb") as long:
        long.setparams((1, 1, 8000, 0, "NONE", ""))
        long.writeframes(b"\x80" * 8000 * 1502)
    status, body = await post(server, {}, sink.getvalue())
    assert status == 400
    assert "longer than 1500 seconds" in body["error"]["message"]


async def test_a_form_without_a_file_is_refused(server: ChatServer) -> None:
    assert (await post(server, {}, None))[1]["error"]["param"] == "file"
    status, body = await post(server, {"file": "data:audio/wav;base64,UklG"}, None)
    assert (status, body["error"]["param"]) == (400, "file")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"model": "whisper-1"}', "application/json"),
        (b"--x\r\n\r\n", "multipart/form-data"),
        (
            b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb",
            "multipart/form-data; boundary=x",
        ),
        (b"--x\r\n\r\nb\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data; boundary=x"),
    ],
)
async def test_what_is_no_form_is_refused(server: ChatServer, body: bytes, kind: str) -> None:
    status, answer = await send(server, body, kind)
    assert status == 400
    assert answer["error"]["message"].startswith("We could not parse your form data: ")


@pytest.mark.parametrize("model", ["gpt-audio-1.5", "tts-1"])
async def test_models_for_other_work_write_nothing_down(server: ChatServer, model: str) -> None:
    status, body = await post(server, {"model": model})
    assert status == 404
    assert "not supported in the v1/audio/transcriptions endpoint" in body["error"]["message"]


async def test_a_model_that_writes_down_does_not_chat(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="not a chat model"):
        await client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "Hello"}]
        )


async def test_a_server_without_ears_has_no_model_for_it() -> None:
    async with ChatServer() as deaf:
        status, body = await post(deaf, {})
        async with AsyncOpenAI(api_key=deaf.key, base_url=deaf.base_url) as client:
            offered = [model.id async for model in client.models.list()]
    assert (status, body["error"]["code"]) == (404, "model_not_found")
    assert MODEL not in offered
    assert "gpt-audio-1.5" in offered


async def test_calls_fail_as_they_are_told_to(server: ChatServer, client: AsyncOpenAI) -> None:
    server.transcription_faults.next(faults.rate_limited("1"))
    with pytest.raises(openai.RateLimitError):
        await client.audio.transcriptions.create(model=MODEL, file=("a.wav", RECORDING))
    written = await client.audio.transcriptions.create(model=MODEL, file=("a.wav", RECORDING))
    assert written.text == "1.0 seconds"
