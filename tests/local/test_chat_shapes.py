"""The answers of every system against their schemas, and OpenAI's against the published one too."""

from typing import Any

import pytest

from bot.local.chat_server import PRESETS
from tests.local.chat_shape_oracle import FOLDER, shape_problems
from tests.local.chat_spec import answer_problems
from tests.local.chat_systems import QUESTION, STREAMED, WHOLE, clip, serving

LONG = "One, two, three. " * 20
DICE = {
    "type": "function",
    "function": {"name": "roll_dice", "parameters": {"type": "object", "properties": {}}},
}
CALLING = sorted({"openai", "azure", "openrouter", "aimlapi", "litellm", "generic"})
Fields = dict[str, Any]


def test_every_system_has_schemas() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == {*PRESETS, "common"}


@pytest.mark.parametrize("name", WHOLE)
async def test_whole_answers_have_the_systems_shape(name: str) -> None:
    async with serving(name) as system:
        body = (await system.ask()).json
    assert shape_problems(name, "whole", body) == []


@pytest.mark.parametrize("name", sorted({*WHOLE, *STREAMED} - {"openrouter"}))
async def test_written_answers_have_the_systems_shape(name: str) -> None:
    written: Fields = {"modalities": ["text"], "audio": None}
    if PRESETS[name].needs_sound:
        written["messages"] = clip()
    async with serving(name) as system:
        reply = await system.ask(stream=name not in WHOLE, **written)
    answers = [("whole", reply.json)] if name in WHOLE else [("chunk", c) for c in reply.chunks]
    assert [p for kind, body in answers for p in shape_problems(name, kind, body)] == []


@pytest.mark.parametrize("name", STREAMED)
async def test_chunks_have_the_systems_shape(name: str) -> None:
    async with serving(name) as system:
        chunks = (await system.ask(stream=True, stream_options={"include_usage": True})).chunks
    assert [problem for chunk in chunks for problem in shape_problems(name, "chunk", chunk)] == []
    assert len(chunks) > 5


@pytest.mark.parametrize("name", CALLING)
async def test_calls_have_the_systems_shape(name: str) -> None:
    asked: Fields = {"messages": [{**QUESTION, "content": "Roll a die."}], "tools": [DICE]}
    async with serving(name, said=None) as system:
        chunks = (await system.ask(stream=True, **asked)).chunks
        whole = (await system.ask(**asked)).json if name in WHOLE else None
    assert [problem for chunk in chunks for problem in shape_problems(name, "chunk", chunk)] == []
    assert whole is None or shape_problems(name, "whole", whole) == []


@pytest.mark.parametrize("name", sorted(set(STREAMED) - {"vllm-omni", "qwen-omni", "speaches"}))
async def test_answers_that_were_cut_have_the_systems_shape(name: str) -> None:
    async with serving(name, said=LONG) as system:
        reply = await system.ask(stream=True, max_completion_tokens=50)
    reasons = [c.get("finish_reason") for chunk in reply.chunks for c in chunk["choices"]]
    assert "length" in reasons
    assert [p for chunk in reply.chunks for p in shape_problems(name, "chunk", chunk)] == []


@pytest.mark.parametrize("name", PRESETS)
async def test_refusals_have_the_systems_shape(name: str) -> None:
    stream = name not in WHOLE
    async with serving(name) as system:
        refusals = [
            await system.ask(stream=stream, audio={"voice": "zoe", "format": "ogg"}),
            await system.ask(stream=stream, messages="Hello"),
            await system.ask(stream=stream, messages=None),
            await system.post({}, Authorization="Bearer wrong"),
        ]
        if PRESETS[name].models is not None:
            refusals.append(await system.ask(stream=stream, model="nobody"))
    assert all(400 <= reply.status < 600 for reply in refusals)
    assert [p for reply in refusals for p in shape_problems(name, "refusal", reply.json)] == []


async def test_openais_answers_are_what_its_document_says() -> None:
    async with serving("openai") as system:
        assert answer_problems((await system.ask()).json) == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("whole", {"choices": []}),
        ("chunk", {"choices": [{"index": 0, "delta": {"audio": {}}}]}),
        ("refusal", {"error": "out of memory"}),
    ],
)
@pytest.mark.parametrize("name", ["openai", "speaches", "aimlapi", "vllm-omni"])
def test_a_schema_takes_nothing_else(name: str, kind: str, body: Fields) -> None:
    assert shape_problems(name, kind, body) != []
