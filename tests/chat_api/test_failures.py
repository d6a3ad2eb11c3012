import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat_api.failures import SENTENCES, Failure, Target, explain
from bot.chat_api.upstream import Upstream, read_upstream
from bot.domain.prompt import FromMember, SpokenBefore, System
from bot.domain.reply import AudioHandle
from bot.errors import AudioGone, FormatRefused
from tests.chat_api.world import prompt

SPOKEN = [
    SpokenBefore(AudioHandle(f"audio_{n}", datetime(2026, 11, 21, tzinfo=UTC), "o"))
    for n in range(2)
]
CONVERSATION = prompt(
    System("s"), FromMember(("a",)), SPOKEN[0], FromMember(("b",)), SPOKEN[1], FromMember(("c",))
)


def fail(
    status: int,
    error: Mapping[str, object],
    *,
    model: str = "gpt-audio-1.5",
    host: str = "api.openai.com",
    successor: str | None = None,
) -> Failure:
    body = json.dumps({"error": {"message": "m", "type": "t", **error}}).encode()
    return explain(status, {}, body, sent=CONVERSATION, target=Target(host, model, successor))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": "A"}, "message": "B"}, "A"),
        ({"error": "A", "message": "B"}, "A"),
        ({"message": "B", "detail": "C"}, "B"),
        ({"detail": [{"msg": "C"}]}, "[{'msg': 'C'}]"),
        ({"error": {}}, ""),
        ({"success": False, "error": {"name": "ZodError"}}, ""),
        ({}, ""),
    ],
)
def test_the_message_is_looked_for_in_a_fixed_order(body: dict[str, Any], message: str) -> None:
    assert read_upstream(json.dumps(body).encode()).message == message


def test_a_body_that_is_no_object_is_its_own_message() -> None:
    assert read_upstream(b"<html>Bad Gateway</html>").message == "<html>Bad Gateway</html>"
    assert read_upstream(b"[1, 2]") == Upstream("[1, 2]")
    assert len(read_upstream(b"x" * 1000).message) == 200


def test_codes_that_are_numbers_do_no_harm() -> None:
    assert read_upstream(b'{"error": {"message": "m", "code": 400}}').code == "400"


@pytest.mark.parametrize(
    ("error", "audio_id"),
    [
        ({"code": "audio_not_found", "message": "Assistant audio audio_1 not found."}, "audio_1"),
        ({"code": "audio_not_found", "param": "content.messages[2].audio.id"}, "audio_0"),
        ({"param": "messages[4].audio"}, "audio_1"),
        ({"message": "Invalid messages[4].audio.id"}, "audio_1"),
        ({"code": "audio_not_found", "param": "messages[1].audio"}, None),
        ({"code": "audio_not_found", "param": "messages[99].audio"}, None),
        ({"code": "audio_not_found"}, None),
    ],
)
def test_the_dead_id_is_found_by_name_or_by_place(
    error: dict[str, Any], audio_id: str | None
) -> None:
    failed = fail(400, error)
    assert isinstance(failed.error, AudioGone)
    assert failed.error.audio_id == audio_id
    assert failed.retries == 0


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (400, {"code": "unsupported_format", "param": "messages"}, "format_refused"),
        (400, {"message": "'input_audio' is not of valid mp3 format"}, "format_refused"),
        (400, {"code": "invalid_value", "param": "audio.voice"}, "voice_refused"),
        (400, {"message": "Voice 'x' is not supported"}, "voice_refused"),
        (400, {"code": "context_length_exceeded"}, "context_too_long"),
        (400, {"param": "model", "message": "requires audio"}, "model_needs_audio"),
        (
            400,
            {"param": "messages[1].content[0].type", "message": "Invalid value: 'input_audio'."},
            "model_cannot_hear",
        ),
        (400, {"code": "unknown_parameter", "param": "modalities"}, "request_refused"),
        (422, {}, "request_refused"),
        (401, {"code": "invalid_api_key"}, "key_refused"),
        (403, {"message": "Country not supported"}, "access_refused"),
        (403, {"message": "用户额度不足"}, "quota_exhausted"),
        (404, {"code": "model_not_found"}, "model_not_found"),
        (404, {}, "route_not_found"),
        (413, {}, "request_too_large"),
        (429, {"code": "rate_limit_exceeded", "message": "add credits to go on"}, "rate_limited"),
        (429, {"type": "insufficient_quota"}, "quota_exhausted"),
        (429, {"message": "You exceeded your current quota"}, "quota_exhausted"),
        (503, {"code": "model_not_found"}, "model_not_found"),
        (504, {}, "server_failed"),
        (302, {}, "redirected"),
    ],
)
def test_failures_are_told_apart(status: int, error: dict[str, Any], code: str) -> None:
    assert fail(status, error).error.code == code


@pytest.mark.parametrize(
    ("status", "code"), [(401, None), (403, None), (429, "insufficient_quota")]
)
def test_no_server_can_order_another_try_with_a_key_that_it_refuses(
    status: int, code: str | None
) -> None:
    assert fail(status, {"code": code}).final


def test_a_refused_container_is_an_error_of_its_own_kind() -> None:
    assert isinstance(fail(400, {"code": "unsupported_format"}).error, FormatRefused)


def test_a_retired_model_is_called_so_where_it_is_known_to_be() -> None:
    gone = {"code": "model_not_found"}
    retired = "gpt-4o-audio-preview"
    at_openai = fail(404, gone, model=retired, successor="gpt-audio-1.5").hint
    assert at_openai == f"{retired} is retired: set OPENAI_MODEL=gpt-audio-1.5"
    elsewhere = fail(404, gone, model=retired, host="relay.example").hint
    assert elsewhere == f"relay.example does not offer {retired} to this key: check OPENAI_MODEL"
    assert "retired" not in (fail(404, gone, model="gpt-audio-2").hint or "")


def test_a_redirect_names_only_the_host_it_leads_to() -> None:
    headers = {"location": "https://user:secret@www.example/v1?token=x"}
    failed = explain(301, headers, b"", sent=None, target=Target("example", "m"))
    assert failed.hint == "example redirects to www.example: check OPENAI_BASE_URL"


def test_no_sentence_is_without_its_full_stop() -> None:
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())


_text = st.text(max_size=30)
_field = st.none() | st.integers() | _text | st.lists(_text, max_size=2)
_error = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("message", "type", "param", "code", "metadata"), _field)
)


@given(
    st.integers(300, 599),
    st.binary(max_size=80)
    | st.fixed_dictionaries(
        {}, optional={"error": _error | _field, "message": _field, "detail": _field}
    ).map(lambda body: json.dumps(body).encode()),
)
def test_any_failure_has_a_code_and_a_sentence(status: int, body: bytes) -> None:
    failed = explain(status, {}, body, sent=CONVERSATION, target=Target("h", "m"))
    assert failed.error.sentence == SENTENCES.get(failed.error.code, failed.error.sentence)
    assert failed.error.code in {*SENTENCES, "audio_not_found"}
    assert failed.error.status == status
