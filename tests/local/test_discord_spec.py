"""The check against Discord's published document finds what it should."""

import dataclasses
from typing import Any

import pytest

from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.traffic import Call
from tests.local.discord_spec import Spec, load_spec, spec_problems
from tests.local.discord_world import VOICE_FILE, RawApi, voice_payload


@pytest.fixture
def spec() -> Spec:
    if (loaded := load_spec()) is None:
        pytest.skip("DISCORD_OPENAPI does not name Discord's OpenAPI document")
    return loaded


@pytest.fixture
async def call(discord_server: DiscordServer, discord_api: RawApi) -> Call:
    await discord_api.post(discord_server.general, voice_payload(), [VOICE_FILE])
    return discord_server.traffic.calls[-1]


def test_a_good_call_has_no_problems(call: Call, spec: Spec) -> None:
    assert spec_problems(call, spec) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"payload": voice_payload(waveform="A" * 401)}, "request $.attachments[0].waveform"),
        ({"payload": {"flags": "8192"}}, "request $.flags"),
        ({"answer": {"id": "1"}}, "answer $: 'type' is a required property"),
        ({"status": 400, "answer": {"code": "x"}}, "answer $.code"),
        ({"status": 302}, "no such status"),
        ({"path": "/channels/1/voices"}, "no such operation"),
        ({"headers": {"Content-Type": "text/plain"}}, "takes no text/plain"),
    ],
)
def test_a_bad_call_is_named(call: Call, spec: Spec, changes: dict[str, Any], said: str) -> None:
    assert said in str(spec_problems(dataclasses.replace(call, **changes), spec))


def test_refused_requests_and_injected_answers_are_not_judged(call: Call, spec: Spec) -> None:
    refusal = {"code": 50035, "message": "Invalid Form Body"}
    refused = dataclasses.replace(call, payload={"flags": "?"}, status=400, answer=refusal)
    assert spec_problems(refused, spec) == []
    assert spec_problems(dataclasses.replace(call, answer=None, faulty=True), spec) == []
