"""Written answers of the stand-in: as JSON, with likelihoods, and what models refuse of that."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import openai
import pytest
import pytest_asyncio
from openai import AsyncOpenAI

from bot.local.chat_server import ChatServer
from tests.local.chat_spec import answer_problems

Fields = dict[str, Any]
SCHEMA = {
    "type": "object",
    "properties": {
        "said": {"type": "string"},
        "mood": {"enum": ["calm", "cross"]},
        "more": {"type": "array", "items": {"type": "integer"}},
    },
}
AS_SCHEMA = {"type": "json_schema", "json_schema": {"name": "saying", "schema": SCHEMA}}


@pytest_asyncio.fixture
async def client() -> AsyncIterator[AsyncOpenAI]:
    async with (
        ChatServer() as server,
        AsyncOpenAI(api_key=server.key, base_url=server.base_url, max_retries=0) as client,
    ):
        yield client


def asked(text: str = "What is 6 times 7?", **fields: object) -> Any:  # noqa: ANN401 - as the library types it
    return {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": text}],
        **fields,
    }


async def test_an_answer_can_be_a_json_object(client: AsyncOpenAI) -> None:
    body = asked("As JSON, what is 6 times 7?", response_format={"type": "json_object"})
    completion = await client.chat.completions.create(**body)
    assert completion.choices[0].message.content == '{"answer":"That makes 42."}'


async def test_an_answer_can_have_a_schema(client: AsyncOpenAI) -> None:
    completion = await client.chat.completions.create(**asked(response_format=AS_SCHEMA))
    assert msgspec.json.decode(completion.choices[0].message.content or "") == {
        "said": "That makes 42.",
        "mood": "calm",
        "more": [0],
    }


@pytest.mark.parametrize("others", [None, 2])
async def test_likelihoods_are_told_of_each_word(client: AsyncOpenAI, others: int | None) -> None:
    wanted: Fields = {"top_logprobs": others} if others else {}
    completion = await client.chat.completions.create(**asked(logprobs=True, **wanted))
    logprobs = completion.choices[0].logprobs
    assert logprobs is not None
    assert [each.token for each in logprobs.content or []] == ["That", " makes", " 42."]
    assert {len(each.top_logprobs) for each in logprobs.content or []} == {1 if others else 0}
    assert answer_problems(completion.model_dump(exclude_unset=True)) == []


async def test_likelihoods_are_streamed_with_their_words(client: AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(**asked(logprobs=True, stream=True))
    choices = [choice async for chunk in stream for choice in chunk.choices]
    told = [
        (c.delta.content, c.logprobs.content[0].token)
        for c in choices
        if c.logprobs and c.logprobs.content
    ]
    assert told == [("That", "That"), (" makes", " makes"), (" 42.", " 42.")]


SPEAKING: Fields = {
    "model": "gpt-audio-1.5",
    "modalities": ["text", "audio"],
    "audio": {"voice": "coral", "format": "wav"},
}


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"response_format": {"type": "json_object"}}, "messages"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"response_format": {"type": "text", "mood": "x"}}, "response_format.mood"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
        ({**SPEAKING, "response_format": {"type": "json_object"}}, "response_format"),
        ({**SPEAKING, "response_format": AS_SCHEMA}, "response_format"),
        ({"model": "gpt-5-mini", "temperature": 0.7}, "temperature"),
        ({"model": "gpt-5-mini", "presence_penalty": 1}, "presence_penalty"),
        ({"model": "gpt-5-mini", "logprobs": True}, "logprobs"),
        ({"model": "gpt-5-mini", "max_tokens": 100}, "max_tokens"),
    ],
)
async def test_what_a_model_does_not_do_is_refused(
    client: AsyncOpenAI, fields: Fields, param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await client.chat.completions.create(**asked(**fields))
    assert caught.value.param == param


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "gpt-5-mini", "temperature": 1, "top_p": 1, "frequency_penalty": 0},
        {**SPEAKING, "response_format": {"type": "text"}, "logprobs": True},
    ],
)
async def test_what_a_model_takes_is_answered(client: AsyncOpenAI, fields: Fields) -> None:
    completion = await client.chat.completions.create(**asked(**fields))
    assert completion.choices[0].finish_reason == "stop"
