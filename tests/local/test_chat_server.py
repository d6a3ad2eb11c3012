"""The stand-in completions API, asked by a bare HTTP client."""

import base64
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import av
import pytest
import pytest_asyncio

from bot.audio.decode import decode
from bot.audio.encode import encode
from bot.local.chat_server import ChatServer, Line, faults
from bot.local.chat_server.memory import AudioMemory
from bot.local.chat_server.sound import streamed_wav
from bot.local.espeak import Espeak
from tests.local.chat_spec import answer_problems

START_S = 1_795_262_400.0


@dataclass
class Clock:
    now_s: float = START_S

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Api:
    server: ChatServer
    session: aiohttp.ClientSession
    clock: Clock
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(self, **fields: object) -> tuple[int, Any]:
        """Ask a plain question, with some fields set or (None) left out."""
        return await self.post({k: v for k, v in (plain() | fields).items() if v is not None})

    async def post(self, body: object) -> tuple[int, Any]:
        url = f"{self.server.base_url}/chat/completions"
        async with self.session.post(url, json=body, headers=self.headers) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> tuple[int, Any]:
        url = f"{self.server.base_url}{path}"
        async with self.session.get(url, headers=self.headers) as response:
            return response.status, await response.json()


def plain() -> dict[str, object]:
    return {
        "model": "gpt-audio-1.5",
        "messages": [user("Is a golden retriever a good family dog?")],
        "modalities": ["text", "audio"],
        "audio": {"voice": "coral", "format": "wav"},
    }


def user(*parts: object) -> dict[str, object]:
    return {"role": "user", "content": parts[0] if isinstance(parts[0], str) else list(parts)}


def clip(data: bytes, container: str = "wav") -> dict[str, object]:
    encoded = base64.b64encode(data).decode()
    return {"type": "input_audio", "input_audio": {"data": encoded, "format": container}}


def speech(text: str = "Hello there, how are you?") -> bytes:
    return Espeak().speak(text, "onyx")


@pytest_asyncio.fixture
async def api() -> AsyncIterator[Api]:
    clock = Clock()
    async with ChatServer(now=clock) as server, aiohttp.ClientSession() as session:
        yield Api(server, session, clock, {"Authorization": f"Bearer {server.key}"})


async def test_the_answer_has_the_shape_of_the_real_one(api: Api) -> None:
    status, body = await api.ask()
    message = body["choices"][0]["message"]

    assert status == 200
    assert message["content"] is None
    assert "good family dog" in message["audio"]["transcript"]
    assert message["audio"]["expires_at"] == START_S + 3600
    assert answer_problems(body) == []


async def test_a_wav_answer_hides_its_size_as_the_real_one_does(api: Api) -> None:
    _, body = await api.ask()
    data = base64.b64decode(body["choices"][0]["message"]["audio"]["data"])

    assert data[4:8] == data[40:44] == b"\xff\xff\xff\xff"
    assert decode(data, max_seconds=60).seconds > 2


@pytest.mark.parametrize("container", ["wav", "mp3", "flac", "opus", "aac"])
async def test_every_format_is_real_speech_of_the_same_length(api: Api, container: str) -> None:
    _, raw = await api.ask(audio={"voice": "coral", "format": "pcm16"})
    _, body = await api.ask(audio={"voice": "coral", "format": container})

    samples = base64.b64decode(raw["choices"][0]["message"]["audio"]["data"])
    data = base64.b64decode(body["choices"][0]["message"]["audio"]["data"])
    assert decode(data, max_seconds=60).seconds == pytest.approx(len(samples) / 48_000, abs=0.15)


async def test_usage_counts_ten_tokens_a_second_heard_and_twenty_spoken(api: Api) -> None:
    _, body = await api.ask(
        messages=[user(clip(streamed_wav(b"\1\0" * 72_000)))],
        audio={"voice": "coral", "format": "pcm16"},
    )
    samples = base64.b64decode(body["choices"][0]["message"]["audio"]["data"])
    usage = body["usage"]

    assert usage["prompt_tokens_details"]["audio_tokens"] == 30
    spoken = usage["completion_tokens_details"]["audio_tokens"]
    assert spoken == pytest.approx(len(samples) / 48_000 * 20, abs=1)
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


async def test_an_answer_over_the_allowed_tokens_is_cut(api: Api) -> None:
    _, whole = await api.ask()
    _, body = await api.ask(max_completion_tokens=100)
    choice = body["choices"][0]

    assert choice["finish_reason"] == "length"
    assert body["usage"]["completion_tokens"] <= 105
    transcript = whole["choices"][0]["message"]["audio"]["transcript"]
    assert transcript.startswith(choice["message"]["audio"]["transcript"])


async def test_an_earlier_answer_is_known_by_its_id_for_an_hour(api: Api) -> None:
    _, first = await api.ask()
    audio = first["choices"][0]["message"]["audio"]
    follow_up = [
        user("Hello."),
        {"role": "assistant", "audio": {"id": audio["id"]}},
        user("What did you say?"),
    ]

    api.clock.now_s += 3599
    _, second = await api.ask(messages=follow_up)
    assert second["choices"][0]["message"]["audio"]["transcript"] == (
        f"I said: {audio['transcript']}"
    )

    api.clock.now_s += 1
    status, gone = await api.ask(messages=follow_up)
    assert status == 400
    assert gone["error"] == {
        "message": f"Assistant audio {audio['id']} not found.",
        "type": "invalid_request_error",
        "param": "content.messages[1].audio.id",
        "code": "audio_not_found",
    }


async def test_a_forgotten_memory_knows_no_id(api: Api) -> None:
    _, first = await api.ask()
    api.server.memory.forget()
    audio_id = first["choices"][0]["message"]["audio"]["id"]
    status, _ = await api.ask(messages=[{"role": "assistant", "audio": {"id": audio_id}}])
    assert status == 400


async def test_sound_may_be_asked_about_in_writing(api: Api) -> None:
    _, body = await api.ask(
        messages=[user(clip(streamed_wav(speech())))], modalities=["text"], audio=None
    )
    message = body["choices"][0]["message"]
    assert "hertz" in message["content"]
    assert "audio" not in message
    assert answer_problems(body) == []


async def test_an_mp3_of_constant_bit_rate_is_heard(api: Api) -> None:
    status, body = await api.ask(messages=[user(clip(encode(speech(), "mp3"), "mp3"))])
    assert status == 200
    assert "hertz" in body["choices"][0]["message"]["audio"]["transcript"]


async def test_an_mp3_with_a_xing_header_is_refused_as_the_real_api_does(api: Api) -> None:
    status, body = await api.ask(messages=[user(clip(mp3_with_xing(speech()), "mp3"))])
    assert status == 400
    assert "'input_audio' is not of valid mp3 format" in body["error"]["message"]


def mp3_with_xing(pcm: bytes) -> bytes:
    """What ffmpeg writes when nobody tells it not to."""
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
    frame.sample_rate = 24_000
    frame.planes[0].update(pcm.ljust(frame.planes[0].buffer_size, b"\0"))
    sink = io.BytesIO()
    with av.open(sink, "w", format="mp3") as target:
        stream = target.add_stream("libmp3lame", rate=24_000, layout="mono")
        target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return sink.getvalue()


@pytest.mark.parametrize(
    ("data", "container"),
    [
        (b"OggS not sound at all", "wav"),
        (b"", "wav"),
        (encode(b"\1\0" * 24_000, "mp3"), "wav"),
        (encode(b"\1\0" * 24_000, "opus"), "wav"),
    ],
)
async def test_a_clip_that_is_not_what_it_says_is_refused(
    api: Api, data: bytes, container: str
) -> None:
    status, body = await api.ask(messages=[user(clip(data, container))])
    assert status == 400
    assert body["error"]["code"] == "unsupported_format"


def with_clip(**fields: object) -> list[object]:
    part = clip(b"RIFF")
    audio = part["input_audio"]
    assert isinstance(audio, dict)
    return [user({**part, "input_audio": {**audio, **fields}})]


AUDIO = {"voice": "coral", "format": "wav"}
REFUSED: list[tuple[dict[str, object], str, str | None]] = [
    ({"foo": 1}, "unknown_parameter", "foo"),
    ({"audio": {**AUDIO, "speed": 2}}, "unknown_parameter", "audio.speed"),
    ({"messages": [{**user("x"), "mood": "y"}]}, "unknown_parameter", "messages[0].mood"),
    ({"model": None}, "missing_required_parameter", "model"),
    ({"messages": None}, "missing_required_parameter", "messages"),
    ({"audio": None}, "missing_required_parameter", "audio"),
    ({"audio": {"format": "wav"}}, "missing_required_parameter", "audio.voice"),
    ({"audio": {"voice": "coral"}}, "missing_required_parameter", "audio.format"),
    ({"audio": {**AUDIO, "format": "ogg"}}, "invalid_value", "audio.format"),
    ({"audio": {**AUDIO, "voice": "zoe"}}, "invalid_value", "audio.voice"),
    ({"audio": {**AUDIO, "voice": {"id": "zoe"}}}, "invalid_value", "audio.voice"),
    ({"audio": {**AUDIO, "voice": "voice_12"}}, "invalid_value", "audio.voice"),
    ({"messages": []}, "empty_array", "messages"),
    ({"messages": [user([])]}, "invalid_type", "messages[0].content[0]"),
    ({"messages": [{"role": "user", "content": []}]}, "empty_array", "messages[0].content"),
    ({"messages": [{"role": "robot", "content": "x"}]}, "invalid_value", "messages[0].role"),
    ({"messages": [{"role": "assistant"}]}, None, "messages[0].content"),  # type: ignore[list-item]
    ({"messages": [{"role": "assistant", "audio": {}}]}, "missing_required_parameter", None),
    ({"messages": with_clip(format="ogg")}, "invalid_value", None),
    ({"messages": with_clip(data="data:audio/wav;base64,UklGRg==")}, "invalid_value", None),
    ({"messages": "hello"}, "invalid_type", "messages"),
    ({"modalities": ["audio"]}, "invalid_value", "modalities"),
    ({"modalities": ["video"]}, "invalid_value", "modalities[0]"),
    ({"modalities": None, "audio": None}, "invalid_value", "model"),
    ({"modalities": ["text"]}, "invalid_value", "model"),
    ({"max_completion_tokens": 0}, "integer_below_min_value", "max_completion_tokens"),
    ({"temperature": 3}, "decimal_above_max_value", "temperature"),
    ({"safety_identifier": "x" * 65}, "string_above_max_length", "safety_identifier"),
    ({"stop": ["a", "b", "c", "d", "e"]}, "array_above_max_length", "stop"),
    ({"stream": True}, "unsupported_value", "audio.format"),
    ({"stream_options": {"include_usage": True}}, "invalid_value", "stream_options"),
]


@pytest.mark.parametrize(("fields", "code", "param"), REFUSED)
async def test_what_the_real_api_refuses_is_refused_with_its_code(
    api: Api, fields: dict[str, object], code: str | None, param: str | None
) -> None:
    status, body = await api.ask(**fields)
    assert status == 400
    assert body["error"]["type"] == "invalid_request_error"
    assert body["error"]["code"] == code
    if param is not None:
        assert body["error"]["param"] == param


async def test_the_mini_model_does_not_answer_sound_in_writing(api: Api) -> None:
    status, body = await api.ask(
        model="gpt-audio-mini",
        messages=[user(clip(streamed_wav(speech())))],
        modalities=["text"],
        audio=None,
    )
    assert status == 400
    assert "audio output modality" in body["error"]["message"]


async def test_a_stream_of_wav_is_refused_in_the_real_words(api: Api) -> None:
    _, body = await api.ask(stream=True)
    assert body["error"]["message"] == (
        "Unsupported value: 'audio.format' does not support 'wav' when stream=true. "
        "Supported values are: 'pcm16'."
    )


@pytest.mark.parametrize("model", ["gpt-4o-audio-preview", "gpt-4o-audio-preview-2024-10-01", "x"])
async def test_retired_and_unknown_models_are_not_found(api: Api, model: str) -> None:
    status, body = await api.ask(model=model)
    assert status == 404
    assert body["error"]["code"] == "model_not_found"
    assert model in body["error"]["message"]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer sk-wrong-key-0123456789", "Basic abc"])
async def test_a_missing_or_wrong_key_is_refused(api: Api, header: str) -> None:
    api.headers["Authorization"] = header
    status, body = await api.ask()
    assert status == 401
    assert "0123456789" not in body["error"]["message"]


async def test_a_body_that_is_no_json_is_refused(api: Api) -> None:
    url = f"{api.server.base_url}/chat/completions"
    async with api.session.post(url, data=b"{not json", headers=api.headers) as response:
        assert response.status == 400
        assert "could not parse the JSON body" in (await response.json())["error"]["message"]
    assert api.server.completions_seen == [None]


async def test_an_unknown_address_is_refused_in_json(api: Api) -> None:
    status, body = await api.get("/audio/unknown")
    assert status == 404
    assert body["error"]["message"] == "Invalid URL (GET /v1/audio/unknown)"


async def test_models_are_listed_and_described(api: Api) -> None:
    _, listed = await api.get("/models")
    assert "gpt-audio-1.5" in [model["id"] for model in listed["data"]]
    assert (await api.get("/models/gpt-audio"))[1]["shutdown_date"] == "2027-01-20"
    assert (await api.get("/models/gpt-4o-audio-preview"))[0] == 404


async def test_what_was_asked_is_written_down_without_the_key(api: Api) -> None:
    await api.ask()
    seen = api.server.seen[0]
    assert (seen.method, seen.path) == ("POST", "/v1/chat/completions")
    assert seen.body == plain()
    assert api.server.key not in str(seen)


async def test_a_canned_answer_is_always_the_same() -> None:
    async with ChatServer(canned="Yes.") as server, aiohttp.ClientSession() as session:
        api = Api(server, session, Clock(), {"Authorization": f"Bearer {server.key}"})
        answers = [(await api.ask())[1]["choices"][0]["message"]["audio"] for _ in range(2)]
    assert [answer["transcript"] for answer in answers] == ["Yes.", "Yes."]
    assert answers[0]["data"] == answers[1]["data"]
    assert answers[0]["id"] != answers[1]["id"]


async def test_another_mind_and_voice_can_take_over() -> None:
    class Parrot:
        def answer(self, conversation: Sequence[Line]) -> str:
            return conversation[-1].text

    class Whistle:
        def speak(self, text: str, voice: str) -> bytes:
            return b"\1\0" * 24_000 * len(text)

    async with (
        ChatServer(mind=Parrot(), voice=Whistle()) as server,
        aiohttp.ClientSession() as session,
    ):
        api = Api(server, session, Clock(), {"Authorization": f"Bearer {server.key}"})
        _, body = await api.ask(messages=[{"role": "developer", "content": "Be."}, user("Who?")])
    audio = body["choices"][0]["message"]["audio"]
    assert audio["transcript"] == "Who?"
    assert len(base64.b64decode(audio["data"])) == 44 + 4 * 48_000


async def test_a_good_id_can_be_declared_dead_for_one_call(api: Api) -> None:
    _, first = await api.ask()
    audio_id = first["choices"][0]["message"]["audio"]["id"]
    messages = [user("Hello."), {"role": "assistant", "audio": {"id": audio_id}}, user("And?")]
    api.server.faults.next(faults.audio_not_found(place=1))

    status, body = await api.ask(messages=messages)
    assert (status, body["error"]["param"]) == (400, "content.messages[1].audio.id")
    assert (await api.ask(messages=messages))[0] == 200


async def test_faults_come_in_order_and_can_be_called_off(api: Api) -> None:
    api.server.faults.next(faults.overloaded, times=2)
    api.server.faults.next(faults.wrong_country)
    api.server.faults.next(faults.overloaded, times=5)
    assert [(await api.ask())[0] for _ in range(3)] == [503, 503, 403]
    api.server.faults.clear()
    assert (await api.ask())[0] == 200


async def test_a_body_beyond_all_measure_is_refused(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.local.chat_server.server._LIMIT_BYTES", 1000)
    async with ChatServer() as server, aiohttp.ClientSession() as session:
        small = Api(server, session, Clock(), {"Authorization": f"Bearer {server.key}"})
        status, body = await small.ask(messages=[user("x" * 2000)])
    assert status == 413
    assert "(1000) exceeded" in body["error"]["message"]


async def test_the_oldest_of_very_many_answers_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.local.chat_server.memory._MOST", 2)
    memory = AudioMemory(Clock())
    first, second, third = (memory.keep(text, 1.0) for text in "abc")
    assert memory.find(first.id) is None
    assert memory.find(second.id) == second
    assert memory.find(third.id) == third
