import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat_api.request import encode
from bot.domain.prompt import (
    CallsBefore,
    FromMember,
    Prompt,
    SpokenBefore,
    System,
    ToolResult,
    WrittenBefore,
)
from bot.domain.reply import AudioHandle, ModelAudio, SoundFormat
from bot.domain.tools import Tool, ToolCall
from tests.chat_api.world import prompt
from tests.local.chat_spec import request_problems

HANDLE = AudioHandle("audio_1", datetime(2026, 11, 21, tzinfo=UTC), "origin")
CLIP = ModelAudio(b"RIFFxxxx", "wav", 1.0)


def sent(asked: Prompt) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(encode(asked, "gpt-audio-1.5"))
    return body


def test_the_whole_request_is_as_documented() -> None:
    body = sent(prompt(System("Be kind."), FromMember(("Hello",))))

    assert body == {
        "model": "gpt-audio-1.5",
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "Hello"},
        ],
        "modalities": ["text", "audio"],
        "audio": {"voice": "coral", "format": "wav"},
        "max_completion_tokens": 2048,
        "safety_identifier": "asker-1",
    }
    assert request_problems(body) == []


def test_the_same_prompt_makes_the_same_bytes() -> None:
    asked = prompt(System("Be kind."), FromMember(("Hello", CLIP)))
    assert encode(asked, "m") == encode(asked, "m")


def test_a_clip_is_sent_as_bare_base64_with_its_format() -> None:
    mp3 = ModelAudio(b"\xff\xfb\x90", "mp3", 1.0)
    message = sent(prompt(FromMember(("Listen:", CLIP, mp3))))["messages"][0]

    assert message["content"] == [
        {"type": "text", "text": "Listen:"},
        {
            "type": "input_audio",
            "input_audio": {"data": base64.b64encode(CLIP.data).decode(), "format": "wav"},
        },
        {
            "type": "input_audio",
            "input_audio": {"data": base64.b64encode(mp3.data).decode(), "format": "mp3"},
        },
    ]


def test_an_earlier_answer_goes_by_its_id_alone_or_by_its_words() -> None:
    messages = sent(prompt(SpokenBefore(HANDLE), WrittenBefore("It was fine.")))["messages"]

    assert messages == [
        {"role": "assistant", "audio": {"id": "audio_1"}},
        {"role": "assistant", "content": "It was fine."},
    ]


def test_a_custom_voice_goes_by_its_id() -> None:
    body = sent(prompt(voice="voice_1234"))
    assert body["audio"]["voice"] == {"id": "voice_1234"}
    assert request_problems(body) == []


def test_half_a_surrogate_pair_does_not_stop_the_question() -> None:
    messages = sent(prompt(System("a\udc00b"), FromMember(("c\ud800d", CLIP))))["messages"]
    assert messages[0]["content"] == "a?b"
    assert messages[1]["content"][0]["text"] == "c?d"


@pytest.mark.parametrize("format", ["wav", "mp3", "flac", "opus", "aac", "pcm16"])
def test_every_format_may_be_asked_for(format: SoundFormat) -> None:
    body = sent(prompt(format=format))
    assert body["audio"]["format"] == format
    assert request_problems(body) == []


def test_words_alone_need_no_voice_and_a_text_model_is_not_told_of_modalities() -> None:
    body = sent(prompt(voice=None, model="gpt-5-mini"))
    assert set(body) == {"model", "messages", "max_completion_tokens", "safety_identifier"}
    assert body["model"] == "gpt-5-mini"
    assert request_problems(body) == []


@pytest.mark.parametrize("heard", [FromMember((CLIP,)), SpokenBefore(HANDLE)])
def test_words_alone_about_sound_say_so(heard: FromMember | SpokenBefore) -> None:
    body = sent(prompt(heard, FromMember(("What was that?",)), voice=None))
    assert body["modalities"] == ["text"]
    assert "audio" not in body
    assert request_problems(body) == []


def test_only_parameters_that_are_set_are_sent() -> None:
    assert sent(prompt(seed=0))["seed"] == 0
    body = sent(prompt(temperature=0.7, top_p=1, frequency_penalty=-2, presence_penalty=0))
    chosen = {"temperature": 0.7, "top_p": 1, "frequency_penalty": -2, "presence_penalty": 0}
    assert {name: body[name] for name in chosen} == chosen
    assert "seed" not in body
    assert request_problems(body) == []


def test_equal_parameters_make_the_same_bytes_however_they_are_written() -> None:
    assert encode(prompt(temperature=1, seed=7), "m") == encode(
        prompt(temperature=1.0, seed=7), "m"
    )


_words = st.text(min_size=1)
_clips = st.builds(
    ModelAudio, st.binary(max_size=50), st.sampled_from(["wav", "mp3"]), st.just(1.0)
)
_messages = st.one_of(
    st.builds(System, _words),
    st.builds(FromMember, st.lists(_words | _clips, min_size=1, max_size=3).map(tuple)),
    st.just(SpokenBefore(HANDLE)),
    st.builds(WrittenBefore, _words),
)


@given(
    st.lists(_messages, min_size=1, max_size=4),
    st.sampled_from([None, "coral", "voice_1"]),
    st.none() | st.floats(0, 2),
    st.none() | st.integers(-(2**63), 2**63 - 1),
)
def test_any_prompt_is_a_valid_request_message_by_message(
    messages: list[Any], voice: str | None, temperature: float | None, seed: int | None
) -> None:
    body = sent(prompt(*messages, voice=voice, temperature=temperature, seed=seed))
    assert len(body["messages"]) == len(messages)
    assert request_problems(body) == []


def test_calls_and_their_results_go_back_as_documented() -> None:
    dice = Tool("roll_dice", "Rolls dice.", {"type": "object", "properties": {}})
    asked = prompt(
        FromMember(("Roll a die.",)),
        CallsBefore((ToolCall("call_1", "roll_dice", "{}"),)),
        ToolResult("call_1", "4"),
    )
    body = sent(replace(asked, tools=(dice,)))

    assert body["messages"][1:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "type": "function",
                    "id": "call_1",
                    "function": {"name": "roll_dice", "arguments": "{}"},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "4"},
    ]
    assert body["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "roll_dice",
                "description": "Rolls dice.",
                "parameters": {"type": "object", "properties": {}},
            },
        }
    ]
    assert request_problems(body) == []
