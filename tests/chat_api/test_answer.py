import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat_api import answer
from bot.chat_api.assembling import Expected
from bot.domain.reply import SpokenReply
from bot.domain.tools import ToolCall
from bot.errors import ChatApiError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
SOUND = b"RIFF\xff\xff\xff\xffWAVE"


def decode(body: bytes) -> SpokenReply:
    return answer.decode(body, Expected("wav", "asked", "origin", NOW, "req_1"))


def spoken(**audio: object) -> dict[str, Any]:
    said = {
        "id": "audio_1",
        "data": base64.b64encode(SOUND).decode(),
        "expires_at": NOW_S + 3000,
        "transcript": "Hi there!",
        **audio,
    }
    return {"role": "assistant", "content": None, "refusal": None, "audio": said}


def completion(*messages: object, finish: object = "stop", **fields: object) -> bytes:
    choices = [
        {"index": place, "message": message, "finish_reason": finish}
        for place, message in enumerate(messages)
    ]
    return json.dumps({"choices": choices, "created": NOW_S, "model": "m-1", **fields}).encode()


def test_a_spoken_answer_is_read_whole() -> None:
    reply = decode(completion(spoken()))

    assert reply.transcript == "Hi there!"
    assert reply.sound is not None
    assert (reply.sound.data, reply.sound.format) == (SOUND, "wav")
    assert reply.handle is not None
    assert (reply.handle.id, reply.handle.origin) == ("audio_1", "origin")
    assert reply.handle.expires_at == NOW + timedelta(seconds=3000)
    assert (reply.model, reply.request_id, reply.finish) == ("m-1", "req_1", "stop")
    assert reply.usage is None


def test_sizes_of_0xffffffff_are_left_to_whoever_opens_the_sound() -> None:
    sound = decode(completion(spoken())).sound
    assert sound is not None
    assert sound.data == SOUND


@pytest.mark.parametrize(
    "wrap", [lambda b: f"data:audio/wav;base64,{b}", lambda b: f"{b[:4]}\n{b[4:]}\r\n"]
)
def test_base64_with_a_prefix_or_line_breaks_is_still_sound(wrap: Callable[[str], str]) -> None:
    sound = decode(completion(spoken(data=wrap(base64.b64encode(SOUND).decode())))).sound
    assert sound is not None
    assert sound.data == SOUND


@pytest.mark.parametrize("data", ["", None, "###", 7, ["UklGRg=="], {"a": 1}, "é", "QQ"])
def test_what_is_no_base64_is_no_sound(data: object) -> None:
    reply = decode(completion(spoken(data=data)))
    assert reply.sound is None
    assert reply.handle is None
    assert reply.transcript == "Hi there!"


@pytest.mark.parametrize("audio", [None, 7, "no", [], {}])
def test_the_written_answer_counts_where_the_spoken_one_is_nothing(audio: object) -> None:
    reply = decode(completion({"role": "assistant", "content": " Written. ", "audio": audio}))
    assert reply.transcript == "Written."
    assert reply.sound is None


def test_a_written_answer_may_come_in_parts() -> None:
    parts = [{"type": "text", "text": "One "}, {"type": "text", "text": "two."}]
    assert decode(completion({"content": parts})).transcript == "One two."


def test_words_and_sound_may_come_in_choices_of_their_own() -> None:
    reply = decode(completion({"content": "Words."}, spoken(transcript="")))
    assert reply.transcript == "Words."
    assert reply.sound is not None


def test_the_first_choice_with_sound_is_taken_with_its_own_id() -> None:
    silent, heard = spoken(id="audio_silent", data=""), spoken(id="audio_heard")
    reply = decode(completion(silent, heard))
    assert reply.handle is not None
    assert reply.handle.id == "audio_heard"


@pytest.mark.parametrize(
    ("expires_at", "created", "left_s"),
    [
        (NOW_S + 60, NOW_S, 60),
        (NOW_S + 3601, NOW_S, 3600),
        (NOW_S + 86_400, NOW_S, 3600),
        (NOW_S * 1000, NOW_S, 3600),
        (1e300, NOW_S, 3600),
        (-1, NOW_S, -NOW_S),
        (None, NOW_S - 100, 3500),
        (None, NOW_S + 100, 3600),
        (None, None, 3600),
        ("soon", "then", 3600),
        (None, 0, 3600 - NOW_S),
    ],
)
def test_an_id_lives_an_hour_at_most(expires_at: object, created: object, left_s: float) -> None:
    reply = decode(completion(spoken(expires_at=expires_at), created=created))
    assert reply.handle is not None
    assert (reply.handle.expires_at - NOW).total_seconds() == left_s


@pytest.mark.parametrize("audio_id", ["", None, 7, "x" * 201])
def test_an_id_that_cannot_be_one_is_none(audio_id: object) -> None:
    reply = decode(completion(spoken(id=audio_id)))
    assert reply.sound is not None
    assert reply.handle is None


@pytest.mark.parametrize(
    ("finish", "expected"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("content_filter", "content_filter"),
        ("tool_calls", "stop"),
        (None, "stop"),
        (7, "stop"),
    ],
)
def test_why_it_stopped_is_told(finish: object, expected: str) -> None:
    assert decode(completion(spoken(), finish=finish)).finish == expected


def call(**fields: object) -> dict[str, Any]:
    return {"id": "call_a", "type": "function", "function": {"name": "time", **fields}}


def test_calls_are_an_answer_without_words() -> None:
    asked = [call(arguments='{"in": "Rome"}'), {**call(arguments="{}"), "id": "call_b"}]
    reply = decode(completion({"content": None, "tool_calls": asked}, finish="tool_calls"))
    assert reply.tool_calls == (
        ToolCall("call_a", "time", '{"in": "Rome"}'),
        ToolCall("call_b", "time", "{}"),
    )
    assert (reply.transcript, reply.sound, reply.finish) == ("", None, "stop")


@pytest.mark.parametrize(
    ("told", "made"),
    [
        (call(arguments={"in": "Rome"}), ToolCall("call_a", "time", '{"in": "Rome"}')),
        (call(), ToolCall("call_a", "time", "")),
        (call(arguments=None), ToolCall("call_a", "time", "")),
        ({**call(arguments="{"), "id": None}, ToolCall("call_0", "time", "{")),
        ({**call(arguments="{}"), "id": 7}, ToolCall("call_0", "time", "{}")),
    ],
)
def test_odd_calls_are_read(told: object, made: ToolCall) -> None:
    reply = decode(completion({**spoken(), "tool_calls": [told]}))
    assert (reply.tool_calls, reply.transcript) == ((made,), "Hi there!")


@pytest.mark.parametrize(
    "told",
    [None, 7, "time", {}, [None], [7], [{}], [{"function": None}], [call(name="")], [call(name=7)]],
)
def test_what_names_no_function_is_no_call(told: object) -> None:
    assert decode(completion({**spoken(), "tool_calls": told})).tool_calls == ()


def test_a_refusal_is_told_from_an_answer() -> None:
    refused = {"content": None, "refusal": "I can't help with that."}
    reply = decode(completion(refused))
    assert (reply.finish, reply.transcript) == ("refused", "I can't help with that.")


def test_an_empty_refusal_beside_an_answer_is_an_answer() -> None:
    assert decode(completion({**spoken(), "refusal": ""})).finish == "stop"


@pytest.mark.parametrize(
    ("message", "finish", "code"),
    [
        ({"content": None}, "stop", "answer_empty"),
        ({"content": "  "}, "stop", "answer_empty"),
        ({"content": None, "audio": None}, "length", "answer_cut_off"),
        ({"content": None}, "content_filter", "content_filter"),
        ({}, None, "answer_empty"),
    ],
)
def test_an_answer_without_words_and_sound_is_none(
    message: dict[str, Any], finish: object, code: str
) -> None:
    with pytest.raises(ChatApiError) as caught:
        decode(completion(message, finish=finish))
    assert caught.value.code == code
    assert caught.value.request_id == "req_1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"<html>",
        b"{}",
        b'{"choices": null}',
        b'{"choices": [null]}',
        b'{"choices": [{"message": null}]}',
        b'{"choices": 7}',
        b'{"error": {"message": "no"}}',
        b'{"choices": [{"message": {"content": "cut of',
        b"\xff\xfe",
        b'{"choices": ' + b"[" * 50_000,
    ],
)
def test_nonsense_is_an_error_of_its_own(body: bytes) -> None:
    with pytest.raises(ChatApiError) as caught:
        decode(body)
    assert caught.value.code == "answer_unreadable"


def test_the_last_of_two_equal_keys_counts() -> None:
    assert decode(b'{"choices": [], "choices": [{"message": {"content": "B"}}]}').transcript == "B"


def test_fields_nobody_knows_are_ignored() -> None:
    body = completion(spoken(new="x"), provider="somebody", native_finish_reason="STOP")
    assert decode(body).transcript == "Hi there!"


def test_the_asked_model_stands_in_where_the_answer_names_none() -> None:
    assert decode(completion(spoken(), model=None)).model == "asked"


def test_usage_of_a_wrong_shape_is_no_usage() -> None:
    assert decode(completion(spoken(), usage={"prompt_tokens": "many"})).usage is None


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["choices", "message", "audio", "content", "data", "id", "transcript", "usage",
             "expires_at", "created", "finish_reason", "refusal", "prompt_tokens_details"]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@given(_json, _json, _json)
def test_any_json_is_an_answer_or_an_expected_error(
    message: object, usage: object, anything: object
) -> None:
    for body in (completion(message, usage=usage), json.dumps(anything).encode()):
        try:
            reply = decode(body)
        except ChatApiError as error:
            code = error.code
        else:
            code = "none" if reply.transcript or reply.sound else "nothing said"
        assert code in {"none", "answer_unreadable", "answer_empty"}


@given(st.binary())
def test_any_bytes_are_an_answer_or_an_expected_error(body: bytes) -> None:
    with pytest.raises(ChatApiError):
        decode(body)


def test_calls_beside_each_other_are_calls_of_their_own_even_without_ids() -> None:
    calls = [{"function": {"name": "pick", "arguments": f"[{n}]"}} for n in range(3)]
    reply = decode(completion({"tool_calls": calls}))
    assert [call.arguments for call in reply.tool_calls] == ["[0]", "[1]", "[2]"]
    assert len({call.id for call in reply.tool_calls}) == 3
