"""The stand-in's speech endpoint and its text models, asked by openai-python."""

import base64
from typing import Any, Literal

import aiohttp
import openai
import pytest
from openai import AsyncOpenAI

from bot.audio.decode import decode
from bot.domain.reply import SPEECH_HZ
from bot.local.chat_server import ChatServer, faults
from tests.local.chat_spec import needs_spec, speech_event_problems, speech_problems

MODEL = "gpt-4o-mini-tts"
WORDS = "The quick brown fox jumps over the lazy dog."

Format = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]


async def say(client: AsyncOpenAI, **fields: Any) -> bytes:  # noqa: ANN401 - any field
    asked = {"model": MODEL, "voice": "coral", "input": WORDS} | fields
    return (await client.audio.speech.create(**asked)).content


async def post(server: ChatServer, **fields: object) -> tuple[int, Any]:
    asked = {"model": MODEL, "voice": "coral", "input": WORDS} | fields
    body = {name: value for name, value in asked.items() if value is not None}
    headers = {"Authorization": f"Bearer {server.key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{server.base_url}/audio/speech", json=body) as response,
    ):
        return response.status, await response.json(content_type=None)


@pytest.mark.parametrize("wanted", ["mp3", "opus", "aac", "flac", "wav"])
async def test_the_library_hears_the_words_in_every_format(
    client: AsyncOpenAI, wanted: Format
) -> None:
    raw = await say(client, response_format="pcm")
    seconds = decode(await say(client, response_format=wanted), max_seconds=60).seconds
    assert seconds == pytest.approx(len(raw) / 2 / SPEECH_HZ, abs=0.15)
    assert seconds > 1.5


@pytest.mark.parametrize("speed", [0.25, 0.5, 1.5, 4.0])
async def test_the_speed_is_kept(client: AsyncOpenAI, speed: float) -> None:
    usual = await say(client, response_format="pcm")
    changed = await say(client, response_format="pcm", speed=speed)
    assert len(changed) == pytest.approx(len(usual) / speed, rel=0.01)


async def test_what_is_not_asked_for_is_mp3(client: AsyncOpenAI) -> None:
    assert decode(await say(client), max_seconds=60).container == "mp3"


async def test_events_bring_the_same_sound_and_what_it_cost(client: AsyncOpenAI) -> None:
    whole = await say(client, response_format="pcm")
    asked = {"model": MODEL, "voice": "coral", "input": WORDS, "response_format": "pcm"}
    stream = await client.post(
        "/audio/speech",
        cast_to=dict,
        body=asked | {"stream_format": "sse"},
        stream=True,
        stream_cls=openai.AsyncStream[dict[str, Any]],
    )
    events = [event async for event in stream]
    made = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    assert made == whole
    assert events[-1]["usage"]["output_tokens"] == round(len(whole) / 2 / SPEECH_HZ * 20)
    assert [speech_event_problems(event) for event in events] == [[]] * len(events)


REFUSED: list[tuple[dict[str, object], str | None, str | None]] = [
    ({"model": None}, "missing_required_parameter", "model"),
    ({"voice": None}, "missing_required_parameter", "voice"),
    ({"input": None}, "missing_required_parameter", "input"),
    ({"input": "x" * 4097}, "string_above_max_length", "input"),
    ({"input": ""}, "string_below_min_length", "input"),
    ({"input": 7}, "invalid_type", "input"),
    ({"input": "字" * 2001}, "invalid_value", None),
    ({"voice": "zoe"}, "invalid_value", "voice"),
    ({"voice": {"id": "zoe"}}, "invalid_value", "voice"),
    ({"model": "tts-1", "voice": "ballad"}, "invalid_value", "voice"),
    ({"model": "tts-1", "stream_format": "sse"}, "invalid_value", "stream_format"),
    ({"response_format": "pcm16"}, "invalid_value", "response_format"),
    ({"speed": 0.2}, "decimal_below_min_value", "speed"),
    ({"speed": 4.1}, "decimal_above_max_value", "speed"),
    ({"stream_format": "ws"}, "invalid_value", "stream_format"),
    ({"instructions": "x" * 4097}, "string_above_max_length", "instructions"),
    ({"modalities": ["audio"]}, "unknown_parameter", "modalities"),
]


@pytest.mark.parametrize(("fields", "code", "param"), REFUSED)
async def test_what_the_endpoint_does_not_take_is_refused_with_its_code(
    server: ChatServer, fields: dict[str, object], code: str | None, param: str | None
) -> None:
    status, body = await post(server, **fields)
    assert status == 400
    assert body["error"]["type"] == "invalid_request_error"
    assert (body["error"]["code"], body["error"]["param"]) == (code, param)


@needs_spec
async def test_the_refusals_of_shape_are_those_of_openais_description() -> None:
    asked = {"model": MODEL, "voice": "coral", "input": WORDS}
    shape = [f for f, _, _ in REFUSED if not _is_beyond_the_description(f)]
    assert len(shape) > 8
    assert speech_problems(asked) == []
    for fields in shape:
        changed = {k: v for k, v in (asked | fields).items() if v is not None}
        assert speech_problems(changed), fields


def _is_beyond_the_description(fields: dict[str, object]) -> bool:
    """Voices are free text there, and rules between fields are prose."""
    rules_between = fields.get("model") == "tts-1" or fields.get("input") in ("", "字" * 2001)
    return rules_between or fields.get("voice") is not None


@pytest.mark.parametrize("model", ["tts-2", "gpt-audio-1.5"])
async def test_a_model_that_does_not_read_aloud_is_not_found(
    client: AsyncOpenAI, model: str
) -> None:
    with pytest.raises(openai.NotFoundError):
        await say(client, model=model)


async def test_a_custom_voice_speaks(client: AsyncOpenAI) -> None:
    assert await say(client, voice={"id": "voice_1234"})


async def test_faults_of_the_endpoint_wait_for_its_calls_alone(
    server: ChatServer, client: AsyncOpenAI
) -> None:
    server.speech_faults.next(faults.rate_limited("1"))
    with pytest.raises(openai.RateLimitError):
        await say(client)
    assert await say(client)


async def test_a_wrong_key_reads_nothing_aloud(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.AuthenticationError):
        await say(client.with_options(api_key="sk-nobody"))


# --- models that only write


@pytest.mark.parametrize("model", ["gpt-5-mini", "gpt-4o-mini"])
async def test_a_text_model_answers_in_writing(client: AsyncOpenAI, model: str) -> None:
    completion = await client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "What is two plus two?"}]
    )
    message, usage = completion.choices[0].message, completion.usage
    assert message.content == "That makes 4."
    assert message.audio is None
    assert usage is not None
    assert usage.completion_tokens_details is not None
    assert usage.completion_tokens_details.audio_tokens == 0


SOUND: Any = {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}
TEXT_REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("gpt-4o-mini", {"modalities": ["text", "audio"], "audio": {"voice": "ash", "format": "wav"}},
     "model"),
    ("gpt-5-mini", {"modalities": ["text"]}, "modalities"),
    ("gpt-4o-mini", {"messages": [{"role": "user", "content": [SOUND]}]},
     "messages[0].content[0].type"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "fields", "param"), TEXT_REFUSED)
async def test_a_text_model_refuses_sound(
    client: AsyncOpenAI, model: str, fields: dict[str, Any], param: str
) -> None:
    asked = {"messages": [{"role": "user", "content": "Hello"}]} | fields
    with pytest.raises(openai.BadRequestError) as caught:
        await client.chat.completions.create(model=model, **asked)
    assert caught.value.param == param


async def test_a_model_that_reads_aloud_holds_no_conversation(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="not a chat model"):
        await client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "Hello"}]
        )
