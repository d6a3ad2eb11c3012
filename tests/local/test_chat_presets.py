"""Each system that the stand-in can be: it takes what its documents say, and refuses the rest."""

import base64
from typing import Any

import msgspec
import pytest
from openai import AsyncOpenAI

from bot.audio.decode import decode
from bot.local.chat_server import PRESETS, ChatServer
from bot.local.chat_server.sound import streamed_wav
from tests.local.chat_systems import QUESTION, SAID, STREAMED, WHOLE, clip, serving


@pytest.mark.parametrize("name", WHOLE)
async def test_a_plain_question_is_answered_in_sound(name: str) -> None:
    async with serving(name) as system:
        reply = await system.ask()
        messages = [choice["message"] for choice in reply.json["choices"]]
    data = [base64.b64decode(m["audio"]["data"]) for m in messages if m.get("audio")]
    assert reply.status == system.preset.status
    assert [decode(each, max_seconds=60).seconds > 1 for each in data] == [True]


@pytest.mark.parametrize("name", STREAMED)
async def test_a_plain_question_is_answered_in_a_stream(name: str) -> None:
    async with serving(name) as system:
        reply = await system.ask(stream=True)
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/event-stream")
    assert SAID in ("".join(reply.told("transcript")), reply.content[: len(SAID)])


@pytest.mark.parametrize("name", PRESETS)
async def test_every_voice_is_another_ones(name: str) -> None:
    preset = PRESETS[name]
    of_its_own = [voice for voice in preset.voices if preset.voices[voice] != voice]
    spoken = [preset.voices[voice] for voice in of_its_own or preset.voices]
    assert len(set(spoken)) == len(spoken)
    async with serving(name) as system:
        first, second = list(preset.voices)[:2]
        stream = name not in WHOLE
        shape = {"format": system.format(stream)}
        asked = [
            (await system.ask(stream=stream, audio={"voice": voice, **shape})).body
            for voice in (first, second)
        ]
    assert len(asked[0]) != len(asked[1])


async def test_azure_takes_both_headers_and_both_addresses() -> None:
    async with serving("azure") as system:
        body, deployments = system.body(stream=False), "/openai/deployments/gpt-audio"
        path = f"{deployments}/chat/completions?api-version=2025-01-01-preview"
        by_key = await system.post(body, **{"api-key": system.server.key})
        by_path = await system.post({**body, "model": "whatever"}, path)
        unversioned = await system.post(body, f"{deployments}/chat/completions")
        unknown = await system.post(body, path.replace("gpt-audio/", "gpt-5/"))
        keyless = await system.post(body, **{"api-key": "wrong"})
    assert by_key.json["prompt_filter_results"]
    assert by_path.json["model"] == "gpt-audio"
    assert (unversioned.status, unversioned.json["error"]["code"]) == (404, "404")
    assert (unknown.status, unknown.json["error"]["code"]) == (404, "DeploymentNotFound")
    assert (keyless.status, keyless.json["error"]["code"]) == (401, "401")
    assert all("api-key" not in seen.headers for seen in system.server.seen)


async def test_openrouter_speaks_only_in_streams() -> None:
    async with serving("openrouter") as system:
        refused = await system.ask(stream_options=None)
        reply = await system.ask(stream=True, stream_options={"include_usage": True})
        written = await system.ask(messages=clip(), modalities=["text"], audio=None)
    assert refused.status == refused.json["error"]["code"] == 400
    assert refused.json["error"]["message"] == "Audio output requires stream: true"
    assert reply.body.startswith(b": OPENROUTER PROCESSING\n\n")
    assert {chunk["provider"] for chunk in reply.chunks} == {"OpenAI"}
    assert "native_finish_reason" in written.json["choices"][0]
    *_, finish, usage = reply.chunks
    assert finish["choices"][0]["finish_reason"] == "stop"
    assert usage["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert usage["usage"]["cost"] > 0


async def test_openrouter_sends_lines_of_a_mebibyte() -> None:
    async with serving("openrouter", said="I talk and talk and talk. " * 12) as system:
        reply = await system.ask(stream=True)
    assert len(reply.told("data")[0]) == 1024 * 1024


async def test_openrouter_tells_its_own_refusals_and_the_models() -> None:
    async with serving("openrouter") as system:
        unknown = await system.ask(stream=True, safety_identifier="x")
        model = await system.ask(stream=True, model="gpt-audio")
        voice = await system.ask(stream=True, audio={"voice": "zoe", "format": "pcm16"})
        heard = (await system.ask(stream=True)).told("id")[0]
        lost = await system.ask(
            stream=True, messages=[QUESTION, {"role": "assistant", "audio": {"id": heard}}]
        )
    assert unknown.json["error"]["name"] == "ZodError"
    assert (model.status, model.json["error"]["code"]) == (400, 400)
    inner = msgspec.json.decode(voice.json["error"]["metadata"]["raw"])
    assert inner["error"]["param"] == "audio.voice"
    inner = msgspec.json.decode(lost.json["error"]["metadata"]["raw"])
    assert inner["error"]["code"] == "audio_not_found"


NOT_IN_THE_TABLE = (
    {"stream": True}, {"max_completion_tokens": 10}, {"safety_identifier": "x"}, {"n": 1},
    {"temperature": 1}, {"messages": [{**QUESTION, "name": "Ada"}]},
    {"messages": [{"role": "assistant", "audio": {"id": "audio_x"}}]}, {"messages": clip()},
    {"audio": {"voice": "verse", "format": "wav"}}, {"audio": {"voice": "alloy", "format": "aac"}},
)  # fmt: skip


@pytest.mark.parametrize("name", ["codingplanx", "kkiai"])
@pytest.mark.parametrize("fields", NOT_IN_THE_TABLE)
async def test_relays_refuse_what_their_table_does_not_name(
    name: str, fields: dict[str, Any]
) -> None:
    async with serving(name) as system:
        reply = await system.ask(**fields)
    assert reply.status == 400
    assert "(request id: " in reply.json["error"]["message"]


async def test_a_relay_answers_in_writing_where_no_sound_is_wanted() -> None:
    async with serving("codingplanx") as system:
        reply = await system.ask(modalities=None, audio=None)
    assert reply.json["choices"][0]["message"]["content"] == SAID


async def test_a_relay_says_its_own_refusals_in_its_own_words() -> None:
    async with serving("codingplanx") as system:
        model = await system.ask(model="gpt-audio-1.5")
        keyless = await system.post({}, Authorization="sk-without-bearer")
    assert (model.status, model.json["error"]["code"]) == (503, "model_not_found")
    assert "No available channel for model gpt-audio-1.5" in model.json["error"]["message"]
    assert (keyless.status, keyless.json["error"]["type"]) == (401, "new_api_error")
    assert "无效的令牌" in keyless.json["error"]["message"]


async def test_a_relay_that_lets_parts_through_hears_but_loses_ids() -> None:
    async with serving("codingplanx-parts") as system:
        heard = await system.ask(messages=clip())
        earlier = {"role": "assistant", "audio": {"id": heard.audio["id"]}}
        lost = await system.ask(messages=[QUESTION, earlier, QUESTION])
    assert heard.status == 200
    assert (lost.status, lost.json["error"]["code"]) == (400, "audio_not_found")
    assert lost.json["error"]["param"] == "content.messages[1].audio.id"


async def test_kkiai_redirects_the_root_and_shows_its_page_elsewhere_without_a_key() -> None:
    async with serving("kkiai") as system:
        moved = await system.post({}, "/chat/completions", Accept="application/json")
        page = await system.post({}, "/v1/audio/speech", Accept="application/json")
    assert (moved.status, moved.headers["Location"]) == (301, "/v1/chat/completions")
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")


async def test_aimlapi_counts_credits_and_succeeds_with_201() -> None:
    async with serving("aimlapi") as system:
        reply = await system.ask(max_tokens=1000, seed=1, top_p=0.01)
        other = await system.post(system.body(stream=False), "/v2/chat/completions")
    usage = reply.json["usage"]
    details = usage["completion_tokens_details"]
    assert (reply.status, other.status) == (201, 201)
    assert usage["completion_tokens"] > 100 * (details["audio_tokens"] + details["text_tokens"])
    assert reply.json["meta"]["usage"]["credits_used"] == usage["total_tokens"]


@pytest.mark.parametrize(
    "fields",
    [
        {"seed": 0},
        {"top_p": 0},
        {"safety_identifier": "x"},
        {"audio": {"voice": "marin", "format": "wav"}},
        {"audio": {"voice": "alloy", "format": "aac"}},
        {"modalities": None, "audio": None},
    ],
)
async def test_aimlapi_refuses_in_its_own_shape(fields: dict[str, Any]) -> None:
    async with serving("aimlapi") as system:
        reply = await system.ask(**fields)
    assert (reply.status, reply.json["statusCode"]) == (400, "400")
    assert reply.json["message"] == "Body validation error!"
    assert "error" not in reply.json


async def test_litellm_wraps_errors_and_keeps_ids() -> None:
    async with serving("litellm", said=None) as system:
        first = await system.ask()
        earlier = {"role": "assistant", "audio": {"id": first.audio["id"]}}
        second = await system.ask(
            messages=[QUESTION, earlier, {**QUESTION, "content": "Repeat it again"}]
        )
        unknown = await system.ask(messages=[{"role": "assistant", "audio": {"id": "audio_x"}}])
        model = await system.post({**system.body(stream=False), "model": "x"}, "/chat/completions")
        key = await system.post({}, Authorization="Bearer wrong")
    assert second.audio["transcript"] == f"I said: {first.audio['transcript']}"
    assert unknown.json["error"]["code"] == "400"
    assert (
        "OpenAIException - Assistant audio audio_x not found." in unknown.json["error"]["message"]
    )
    assert (model.status, model.json["error"]["code"]) == (400, "400")
    assert (key.status, key.json["error"]["type"]) == (401, "auth_error")


async def test_speaches_repeats_its_id_and_ends_without_a_word() -> None:
    async with serving("speaches") as system:
        reply = await system.ask(stream=True, speech_model="kokoro", model="llama")
    assert len(set(reply.told("id"))) == 1
    assert len(reply.told("id")) == len(reply.told("expires_at")) > 6
    assert len(reply.told("data")) == 2
    assert b"[DONE]" not in reply.body


async def test_speaches_fails_at_an_unknown_id_and_at_two_answers() -> None:
    async with serving("speaches") as system:
        known = (await system.ask()).audio["id"]
        replies = [
            await system.ask(messages=[QUESTION, {"role": "assistant", "audio": {"id": name}}])
            for name in (known, "audio_x")
        ]
        two = await system.ask(n=2)
    assert [reply.status for reply in replies] == [200, 500]
    assert replies[1].body == two.body == b"Internal Server Error"


@pytest.mark.parametrize(
    ("name", "fields", "place"),
    [
        ("speaches", {"mood": "x"}, "mood"),
        ("speaches", {"model": None}, "model"),
        ("speaches", {"audio": {"voice": "zoe", "format": "wav"}}, "voice"),
        ("vllm-omni", {"audio": {"voice": "fable", "format": "wav"}}, "voice"),
        ("vllm-omni", {"messages": [{"role": "assistant", "audio": {"id": "audio-1"}}]}, "audio"),
    ],
)
async def test_fastapi_servers_say_in_detail_what_is_wrong(
    name: str, fields: dict[str, Any], place: str
) -> None:
    async with serving(name) as system:
        reply = await system.ask(**fields)
    assert reply.status == 422
    assert reply.json["detail"][0]["loc"][-1] == place


async def test_vllm_omni_puts_words_and_sound_into_two_choices() -> None:
    async with serving("vllm-omni") as system:
        reply = await system.ask(audio={"voice": "Ethan", "format": "mp3"}, mood="ignored")
        model = await system.ask(model="x")
    words, sound = (choice["message"] for choice in reply.json["choices"])
    data = base64.b64decode(sound["audio"]["data"])
    assert (words["content"], sound["audio"]["transcript"]) == (SAID, "")
    assert sound["audio"]["id"].startswith("audio-")
    assert data.startswith(b"RIFF")
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    assert (model.status, model.json["error"]["code"]) == (404, 404)


async def test_vllm_omni_streams_its_sound_as_content() -> None:
    async with serving("vllm-omni") as system:
        reply = await system.ask(stream=True, stream_options={"include_usage": True})
    [sound] = [chunk for chunk in reply.chunks if chunk["modality"] == "audio"]
    assert base64.b64decode(sound["choices"][0]["delta"]["content"]).startswith(b"RIFF")
    assert reply.chunks[-1]["usage"]["total_tokens"] > 0


async def test_qwen_omni_streams_samples_without_a_header() -> None:
    async with serving("qwen-omni") as system:
        reply = await system.ask(stream=True, stream_options={"include_usage": True})
        heard = await system.ask(stream=True, messages=clip("data:;base64,"))
    assert reply.content == SAID
    assert not reply.samples.startswith(b"RIFF")
    assert len(reply.samples) > 48_000
    assert reply.told("id") == reply.told("transcript") == []
    assert reply.chunks[-1]["usage"]["completion_tokens_details"]["audio_tokens"] > 20
    assert heard.status == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"stream": False},
        {"audio": {"voice": "coral", "format": "wav"}},
        {"audio": {"voice": "Cherry", "format": "pcm16"}},
        {"messages": clip()},
        {"messages": [{"role": "assistant", "audio": {"id": "audio_x"}}]},
        {"safety_identifier": "x"},
    ],
)
async def test_qwen_omni_refuses_in_its_own_shape(fields: dict[str, Any]) -> None:
    async with serving("qwen-omni") as system:
        reply = await system.ask(**{"stream": True, **fields})
    assert (reply.status, reply.json["error"]["code"]) == (400, "invalid_parameter_error")
    assert reply.json["request_id"]


async def test_a_generic_server_needs_no_key_and_ignores_what_it_does_not_know() -> None:
    async with serving("generic") as system:
        reply = await system.post(
            {**system.body(stream=False), "mood": "x", "max_tokens": 999}, Accept="*/*"
        )
        earlier = {"role": "assistant", "audio": {"id": reply.audio["id"]}}
        lost = await system.ask(messages=[QUESTION, earlier])
    assert reply.status == 200
    assert reply.json["model"] == "anything"
    assert (lost.status, lost.json["error"]["code"]) == (400, "audio_not_found")


@pytest.mark.parametrize("name", PRESETS)
async def test_other_endpoints_are_there_only_where_a_system_has_them(name: str) -> None:
    preset = PRESETS[name]
    async with serving(name) as system:
        aloud = await system.post({}, f"{preset.roots[0]}/audio/speech")
        written = await system.post({}, f"{preset.roots[0]}/audio/transcriptions")
    lost = 200 if preset.lost else 404
    assert (aloud.status != lost) == ("speech" in preset.endpoints)
    assert (written.status != lost) == ("transcriptions" in preset.endpoints)


@pytest.mark.parametrize(
    ("name", "model", "voice"),
    [
        ("azure", "gpt-4o-mini-tts", "marin"),
        ("litellm", "tts-1", "fable"),
        ("speaches", "tts-1", "bm_george"),
        ("speaches", "speaches-ai/Kokoro-82M-v1.0-ONNX", "af_heart"),
    ],
)
async def test_words_are_read_aloud_in_the_voices_of_the_system(
    name: str, model: str, voice: str
) -> None:
    asked = {"model": model, "voice": voice, "input": SAID, "response_format": "wav"}
    async with serving(name) as system:
        path = f"{system.preset.roots[0]}/audio/speech"
        reply = await system.post(asked, path)
        refused = await system.post({**asked, "voice": "zoe"}, path)
    assert decode(reply.body, max_seconds=60).seconds > 1
    assert refused.status in (400, 422)


async def test_speaches_writes_down_with_any_model() -> None:
    class Ears:
        def hear(self, pcm: bytes) -> str:
            return f"{len(pcm)} bytes"

    async with (
        ChatServer(preset="speaches", ears=Ears()) as server,
        AsyncOpenAI(api_key="none", base_url=server.base_url, max_retries=0) as client,
    ):
        written = await client.audio.transcriptions.create(
            model="Systran/faster-whisper-small", file=("a.wav", streamed_wav(bytes(48_000)))
        )
    assert written.text == "48000 bytes"
