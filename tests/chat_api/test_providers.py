"""Systems as data: what is sent to each, and how it is recognised."""

import base64
import json
from dataclasses import fields, replace
from typing import Any

import pytest

from bot.chat_api.provider import Provider
from bot.chat_api.providers import (
    AIMLAPI,
    CODINGPLANX,
    GENERIC,
    OPENAI,
    OPENROUTER,
    PROVIDERS,
    QWEN_OMNI,
    SPEACHES,
    provider_at,
)
from bot.chat_api.request import encode
from bot.domain.prompt import FromMember, Prompt, System
from bot.domain.reply import ModelAudio
from bot.domain.sampling import Sampling
from bot.domain.tools import Tool
from bot.domain.voices import VOICES
from tests.chat_api.world import prompt

EVERYTHING = Sampling(
    temperature=0.8,
    top_p=0.9,
    frequency_penalty=0.1,
    presence_penalty=0.2,
    seed=7,
    stop=("END",),
    logit_bias={"50256": -100},
    logprobs=True,
    top_logprobs=2,
    response_format={"type": "text"},
    tool_choice="auto",
)
ASKED = replace(
    prompt(System("Be kind."), FromMember(("Hello", ModelAudio(b"RIFF", "wav", 1.0)))),
    sampling=EVERYTHING,
    tools=(Tool("now", "Tells the time.", {"type": "object"}),),
)
providers = pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)


def sent(asked: Prompt, provider: Provider, *, stream: bool = False) -> dict[str, Any]:
    model = provider.model or "gpt-audio-1.5"
    body: dict[str, Any] = json.loads(encode(asked, model, provider=provider, stream=stream))
    return body


@providers
def test_the_same_question_makes_the_same_bytes(provider: Provider) -> None:
    assert encode(ASKED, "m", provider=provider) == encode(ASKED, "m", provider=provider)


@providers
def test_every_voice_has_one_of_theirs(provider: Provider) -> None:
    for voice in VOICES:
        theirs = provider.voice_for(voice)
        assert provider.has_voice(theirs)
        assert theirs == provider.voice_for(voice)
        assert theirs == voice or not provider.has_voice(voice)
    assert not provider.voices or len({provider.voice_for(voice) for voice in VOICES}) > 2


@providers
def test_what_is_left_out_is_complained_of_and_nothing_else(provider: Provider) -> None:
    model = provider.model or "gpt-audio-1.5"
    body = sent(replace(ASKED, voice=None), provider)
    complaints = provider.complaints(model, EVERYTHING)
    for each in fields(EVERYTHING):
        complained = any(f" is not sent {each.name} with {model}: " in c for c in complaints)
        assert (each.name in body) != complained, each.name


def test_a_relay_is_sent_its_table_and_nothing_more() -> None:
    body = sent(ASKED, CODINGPLANX)
    assert set(body) == {"model", "modalities", "audio", "messages"}
    body = sent(prompt(FromMember(("Hello",))), CODINGPLANX)
    assert body["messages"] == [{"role": "user", "content": "Hello"}]


def test_the_limit_of_tokens_has_the_name_it_has_there() -> None:
    assert sent(ASKED, OPENAI)["max_completion_tokens"] == ASKED.max_tokens
    assert "max_tokens" not in sent(ASKED, OPENAI)
    assert sent(ASKED, AIMLAPI)["max_tokens"] == ASKED.max_tokens
    assert "max_completion_tokens" not in sent(ASKED, AIMLAPI)


def test_recordings_are_data_uris_where_they_must() -> None:
    audio = sent(ASKED, QWEN_OMNI)["messages"][1]["content"][1]["input_audio"]
    assert audio["data"] == "data:;base64," + base64.b64encode(b"RIFF").decode()
    audio = sent(ASKED, GENERIC)["messages"][1]["content"][1]["input_audio"]
    assert audio["data"] == base64.b64encode(b"RIFF").decode()


def test_a_format_that_is_not_to_be_had_is_replaced() -> None:
    asked = replace(ASKED, format="aac")
    assert sent(asked, OPENAI)["audio"]["format"] == "aac"
    assert sent(asked, CODINGPLANX)["audio"]["format"] == "wav"
    assert sent(asked, OPENROUTER, stream=True)["audio"]["format"] == "pcm16"
    assert sent(asked, QWEN_OMNI, stream=True)["audio"]["format"] == "wav"


def test_a_temperature_that_ends_in_noise_is_not_sent() -> None:
    cold = replace(ASKED, sampling=Sampling(temperature=0))
    assert "temperature" not in sent(cold, OPENAI)
    [complaint] = OPENAI.complaints("gpt-audio-1.5", cold.sampling)
    assert "noise" in complaint
    assert sent(replace(cold, model="gpt-4.1"), OPENAI)["temperature"] == 0


def test_models_that_reason_are_sent_no_sampling() -> None:
    body = sent(replace(ASKED, model="gpt-5-mini", voice=None), OPENAI)
    assert not {"temperature", "top_p", "logprobs"} & set(body)
    assert body["seed"] == 7


def test_functions_are_offered_only_where_they_work() -> None:
    assert sent(ASKED, OPENAI)["tool_choice"] == "auto"
    assert not {"tools", "tool_choice"} & set(sent(ASKED, SPEACHES))
    named = replace(ASKED, sampling=Sampling(tool_choice="now"))
    choice = {"type": "function", "function": {"name": "now"}}
    assert sent(named, OPENAI)["tool_choice"] == choice


def test_structured_outputs_are_for_answers_in_writing() -> None:
    written = replace(ASKED, model="gpt-5-mini", voice=None)
    assert sent(written, OPENAI)["response_format"] == {"type": "text"}
    assert "response_format" not in sent(ASKED, OPENAI)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://mine.openai.azure.com/openai/v1", "azure"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://API.AIMLAPI.com", "aimlapi"),
        ("https://api.codingplanx.ai/v1", "codingplanx"),
        ("https://www.kkiai.com/v1", "kkiai"),
        ("https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "qwen-omni"),
        ("https://ws-1.ap-southeast-1.maas.aliyuncs.com/v1", "qwen-omni"),
        ("http://127.0.0.1:8000/v1", "generic"),
        ("https://openrouter.ai.example.org/v1", "generic"),
        ("https://eviltopenai.azure.com.example.org", "generic"),
    ],
)
def test_a_system_is_known_by_its_host(address: str, name: str) -> None:
    assert provider_at(address).name == name


def test_streams_are_asked_for_without_padding_where_there_is_any() -> None:
    options = {"include_usage": True, "include_obfuscation": False}
    assert sent(ASKED, OPENAI, stream=True)["stream_options"] == options
    assert sent(ASKED, OPENROUTER, stream=True)["stream_options"] == {"include_usage": True}
    assert "stream_options" not in sent(ASKED, OPENAI)
