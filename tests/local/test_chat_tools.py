"""Functions that the stand-in's mind may have called, by openai-python and by hand."""

import copy
from typing import Any

import aiohttp
import msgspec
import openai
import pytest
from openai import AsyncOpenAI

from bot.local.chat_server import PRESETS, ChatServer
from tests.local.chat_spec import answer_problems, request_problems

MODEL = "gpt-audio-1.5"
Fields = dict[str, Any]


def function(name: str, description: str = "", required: tuple[str, ...] = (), **of: Fields) -> Any:  # noqa: ANN401 - as the library types it
    parameters = {"type": "object", "properties": of, "required": list(required)}
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": parameters},
    }


TIME = function("current_time", "Tell the time at a place.", place={"type": "string"})
DICE = function(
    "roll_dice", "Roll dice.", count={"type": "integer"}, sides={"type": "integer", "minimum": 2}
)
PICK = function(
    "pick",
    "Pick one of several things.",
    ("options",),
    options={"type": "array", "items": {"type": "string"}},
)
EARLIER = function(
    "earlier_turns",
    "Look up what was said.",
    words={"type": "string"},
    oldest_first={"type": "boolean"},
)
WEATHER = function(
    "get_weather",
    "Tell how warm it is.",
    ("city",),
    city={"type": "string"},
    unit={"type": "string", "enum": ["celsius", "fahrenheit"]},
)
ALL = [TIME, DICE, PICK, EARLIER, WEATHER]


def user(text: str) -> Any:  # noqa: ANN401 - as the library types it
    return {"role": "user", "content": text}


def asked(*messages: object, stream: bool = False, **fields: object) -> Any:  # noqa: ANN401 - as the library types it
    return {
        "model": MODEL,
        "modalities": ["text", "audio"],
        "audio": {"voice": "coral", "format": "pcm16"},
        "messages": list(messages),
        "tools": ALL,
        "stream": stream,
    } | fields


async def post(server: ChatServer, body: object) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {server.key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{server.base_url}/chat/completions", json=body) as response,
    ):
        return response.status, await response.json()


async def calls(
    client: AsyncOpenAI,
    text: str,
    **fields: Any,  # noqa: ANN401 - any parameter
) -> list[tuple[str, Fields]]:
    completion = await client.chat.completions.create(**asked(user(text), **fields))
    made = completion.choices[0].message.tool_calls or []
    functions = [call.function for call in made if call.type == "function"]
    return [(each.name, msgspec.json.decode(each.arguments)) for each in functions]


@pytest.mark.parametrize(
    ("question", "name", "arguments"),
    [
        ("What time is it in Tokyo?", "current_time", {"place": "Tokyo"}),
        ("what time is it in new york right now?", "current_time", {"place": "new york"}),
        ("Tell me the time, please.", "current_time", {}),
        ("What is the time in the United States of America?", "current_time",
         {"place": "United States of America"}),
        ("Roll a die.", "roll_dice", {}),
        ("Please roll three dice with twenty sides.", "roll_dice", {"count": 3, "sides": 20}),
        ("Throw 2d6!", "roll_dice", {"count": 2, "sides": 6}),
        ("Pick tea, coffee or cocoa.", "pick", {"options": ["tea", "coffee", "cocoa"]}),
        ("Can you choose between red and blue or green?", "pick",
         {"options": ["red", "blue", "green"]}),
        ("Flip a coin.", "pick", {"options": ["heads", "tails"]}),
        ("What did I say earlier about the garden?", "earlier_turns", {"words": "garden"}),
        ("What did we talk about first?", "earlier_turns", {"oldest_first": True}),
        ("How is the weather in Paris in celsius?", "get_weather",
         {"city": "Paris", "unit": "celsius"}),
    ],
)  # fmt: skip
async def test_a_question_has_the_function_called_that_fits_it(
    client: AsyncOpenAI, question: str, name: str, arguments: Fields
) -> None:
    assert await calls(client, question) == [(name, arguments)]


@pytest.mark.parametrize(
    "question", ["What is 6 times 7?", "Hello!", "How is the weather?", "Pick something."]
)
async def test_what_no_function_fits_is_answered_aloud(client: AsyncOpenAI, question: str) -> None:
    completion = await client.chat.completions.create(**asked(user(question)))
    assert completion.choices[0].finish_reason == "stop"
    assert completion.choices[0].message.tool_calls is None
    assert completion.choices[0].message.audio is not None


async def test_a_function_is_found_by_what_is_said_of_it(client: AsyncOpenAI) -> None:
    strange = function("f1", "Gives the time anywhere.", zone={"type": "string"})
    found = await calls(client, "What time is it in Oslo?", tools=[DICE, strange])
    assert found == [("f1", {"zone": "Oslo"})]


async def test_several_functions_may_be_called_unless_that_is_forbidden(
    client: AsyncOpenAI,
) -> None:
    both = "Roll a die and tell me the time."
    assert [name for name, _ in await calls(client, both)] == ["current_time", "roll_dice"]
    one = await calls(client, both, parallel_tool_calls=False)
    assert [name for name, _ in one] == ["current_time"]


async def test_a_choice_of_function_is_kept(client: AsyncOpenAI) -> None:
    hello = "Hello there"
    assert await calls(client, "Roll a die.", tool_choice="none") == []
    assert await calls(client, hello, tool_choice="required") == [("current_time", {})]
    forced = {"type": "function", "function": {"name": "get_weather"}}
    assert await calls(client, hello, tool_choice=forced) == [("get_weather", {"city": hello})]
    forced = {"type": "function", "function": {"name": "pick"}}
    assert await calls(client, hello, tool_choice=forced) == [
        ("pick", {"options": ["Hello", "there"]})
    ]


async def test_a_call_has_the_published_shape_and_no_sound(server: ChatServer) -> None:
    status, body = await post(server, asked(user("Roll two dice.")))
    [choice] = body["choices"]
    [call] = choice["message"]["tool_calls"]

    assert status == 200
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    assert choice["message"]["audio"] is None
    assert call["id"].startswith("call_")
    assert call["function"] == {"name": "roll_dice", "arguments": '{"count":2}'}
    assert body["usage"]["completion_tokens_details"]["audio_tokens"] == 0
    assert answer_problems(body) == []


async def test_results_are_told_aloud(client: AsyncOpenAI) -> None:
    question = user("What time is it in Tokyo, and roll a die?")
    first = await client.chat.completions.create(**asked(question))
    message = first.choices[0].message
    made = message.tool_calls or []
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": said}
        for call, said in zip(made, ["It is 21:00 in Tokyo", "You rolled a 4."], strict=True)
    ]
    body = asked(question, message.model_dump(exclude_none=True, exclude={"annotations"}), *results)
    second = await client.chat.completions.create(**body)

    assert request_problems({**body, "model": "gpt-4o-audio-preview"}) == []
    audio = second.choices[0].message.audio
    assert audio is not None
    assert audio.transcript == "It is 21:00 in Tokyo. You rolled a 4."
    third = await client.chat.completions.create(
        **{**body, "messages": [*body["messages"], user("Roll a die.")]}
    )
    assert third.choices[0].finish_reason == "tool_calls"


async def test_a_streamed_call_is_the_whole_one_in_pieces(client: AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        **asked(user("Roll two dice with 20 sides, what time is it?"), stream=True),
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    parts = [
        part
        for chunk in chunks
        for choice in chunk.choices
        for part in choice.delta.tool_calls or []
    ]
    named = [part for part in parts if part.id]
    assert [(part.index, part.function and part.function.name) for part in named] == [
        (0, "current_time"),
        (1, "roll_dice"),
    ]
    arguments = "".join(
        part.function.arguments or "" for part in parts if part.index == 1 and part.function
    )
    assert msgspec.json.decode(arguments) == {"count": 2, "sides": 20}
    finishes = [choice.finish_reason for chunk in chunks for choice in chunk.choices]
    assert finishes[-1] == "tool_calls"
    assert chunks[-1].usage is not None


def changed(path: str, value: object) -> list[Fields]:
    tool = copy.deepcopy(TIME)
    tool["function"][path] = value
    return [tool]


REFUSED: list[tuple[Fields, str | None, str]] = [
    ({"tools": []}, "empty_array", "tools"),
    ({"tools": [TIME] * 129}, "array_above_max_length", "tools"),
    ({"tools": [{"type": "web", "function": {}}]}, "invalid_value", "tools[0].type"),
    ({"tools": [{"type": "function"}]}, "missing_required_parameter", "tools[0].function"),
    ({"tools": changed("name", "what time")}, "invalid_value", "tools[0].function.name"),
    ({"tools": changed("name", "x" * 65)}, "invalid_value", "tools[0].function.name"),
    ({"tools": changed("mood", "x")}, "unknown_parameter", "tools[0].function.mood"),
    ({"tools": changed("parameters", {"type": "string"})}, "invalid_function_parameters",
     "tools[0].function.parameters"),
    ({"tools": changed("parameters", [])}, "invalid_type", "tools[0].function.parameters"),
    ({"tool_choice": "maybe"}, "invalid_value", "tool_choice"),
    ({"tool_choice": {"type": "function", "function": {"name": "x"}}}, None, "tool_choice"),
    ({"tools": None, "tool_choice": "auto"}, None, "tool_choice"),
    ({"tools": None, "parallel_tool_calls": True}, None, "parallel_tool_calls"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "code", "param"), REFUSED)
async def test_functions_that_the_real_api_refuses_are_refused(
    server: ChatServer, fields: Fields, code: str | None, param: str
) -> None:
    body = {k: v for k, v in asked(user("Hello"), **fields).items() if v is not None}
    status, answer = await post(server, body)
    assert (status, answer["error"]["code"], answer["error"]["param"]) == (400, code, param)


def calling(*ids: str) -> Fields:
    made = {"type": "function", "function": {"name": "roll_dice", "arguments": "{}"}}
    return {"role": "assistant", "tool_calls": [{"id": each, **made} for each in ids]}


def result(call_id: str) -> Fields:
    return {"role": "tool", "tool_call_id": call_id, "content": "4"}


@pytest.mark.parametrize(
    ("messages", "param", "words"),
    [
        ([result("a")], "messages.[1].role", "must be a response to a preceeding message"),
        ([calling("a"), user("x")], "messages.[2].role", "did not have response messages: a"),
        ([calling("a")], "messages.[2].role", "did not have response messages: a"),
        ([calling("a", "b"), result("a")], "messages.[3].role", "response messages: b"),
        ([calling("a"), result("b")], "messages.[2].tool_call_id", "'b' not found"),
        ([calling("a"), result("a"), user("x"), result("a")], "messages.[4].role", "must be"),
    ],
)
async def test_results_and_calls_must_follow_each_other(
    server: ChatServer, messages: list[Fields], param: str, words: str
) -> None:
    status, answer = await post(server, asked(user("Roll a die."), *messages))
    assert (status, answer["error"]["param"]) == (400, param)
    assert words in answer["error"]["message"]


async def test_a_model_that_only_writes_calls_too(client: AsyncOpenAI) -> None:
    completion = await client.chat.completions.create(
        model="gpt-4o-mini", messages=[user("Roll a die.")], tools=ALL
    )
    assert completion.choices[0].finish_reason == "tool_calls"


@pytest.mark.parametrize("name", ["codingplanx", "kkiai", "speaches", "vllm-omni", "qwen-omni"])
async def test_systems_without_functions_refuse_them(name: str) -> None:
    async with (
        ChatServer(preset=name) as server,
        AsyncOpenAI(api_key=server.key, base_url=server.base_url, max_retries=0) as client,
    ):
        with pytest.raises(openai.APIStatusError) as caught:
            await client.chat.completions.create(
                model=next(iter(PRESETS[name].models or ["any"])),
                messages=[user("Roll a die.")],
                tools=ALL,
            )
    assert caught.value.status_code in (400, 422)
