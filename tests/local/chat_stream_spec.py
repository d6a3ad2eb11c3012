"""OpenAI's description of a streamed chunk, put right, and the order of chunks it says in prose.

The published schema refuses what the same document shows. Every correction says why it is one.
"""

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from tests.local.chat_spec import PATH
from tests.local.schemas import Oracle

Schema = dict[str, Any]
Chunk = dict[str, Any]

_CHUNK = "CreateChatCompletionStreamResponse"
_DELTA = "ChatCompletionStreamResponseDelta"
_AUDIO = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "data": {"type": "string", "contentEncoding": "base64", "pattern": "^[A-Za-z0-9+/]*=*$"},
        "expires_at": {"type": "integer"},
        "transcript": {"type": "string"},
    },
}


def corrected(schemas: Schema) -> Schema:
    """Put the published schemas right."""
    right = deepcopy(schemas)
    _take_nullable_at_its_word(right[_CHUNK])
    _take_nullable_at_its_word(right[_DELTA])
    choice = right[_CHUNK]["properties"]["choices"]["items"]
    # openai-python: "Omitted from the final audio update."
    choice["required"].remove("finish_reason")
    # openai-python's `ChoiceDeltaAudio`; the document streams no sound at all.
    right[_DELTA]["properties"]["audio"] = _AUDIO
    # A field that nobody describes is a mistake of whoever sends it.
    for described in (right[_CHUNK], choice, right[_DELTA]):
        described["additionalProperties"] = False
    return right


def _take_nullable_at_its_word(schema: Any) -> None:  # noqa: ANN401 - any part of a schema
    """Allow the null of OpenAPI 3.0, a word without a meaning in the 3.1 that the document is.

    `usage` "contains a null value except for the last chunk", and the document's own example has
    `finish_reason` and `logprobs` of null.
    """
    if isinstance(schema, list):
        for part in schema:
            _take_nullable_at_its_word(part)
    if not isinstance(schema, dict):
        return
    for part in schema.values():
        _take_nullable_at_its_word(part)
    if schema.pop("nullable", False):
        described = dict(schema)
        schema.clear()
        schema["anyOf"] = [described, {"type": "null"}]


def chunk_problems(chunk: object) -> list[str]:
    """Say what is wrong with one chunk; also empty where the specification is not at hand."""
    return _oracle(PATH).problems(chunk, f"/components/schemas/{_CHUNK}") if PATH else []


@cache
def _oracle(path: str) -> Oracle:
    document = json.loads(Path(path).read_text(encoding="utf-8"))
    document["components"]["schemas"] = corrected(document["components"]["schemas"])
    return Oracle(document)


# --- what no schema of one chunk can say


def stream_problems(chunks: Sequence[Chunk], *, with_usage: bool) -> list[str]:
    """Say what is wrong with the chunks of one spoken answer taken together."""
    problems = [problem for chunk in chunks for problem in chunk_problems(chunk)]
    return problems or [_RULES[rule] for rule in _RULES if not rule(chunks, with_usage)]


def _audio(chunk: Chunk) -> dict[str, Any]:
    found: dict[str, Any] = chunk["choices"][0]["delta"].get("audio") if chunk["choices"] else {}
    return found or {}


def _places(chunks: Sequence[Chunk], field: str) -> list[int]:
    return [place for place, chunk in enumerate(chunks) if field in _audio(chunk)]


def _is_one_answer(chunks: Sequence[Chunk], _usage: bool) -> bool:
    return len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1


def _begins_with_the_role(chunks: Sequence[Chunk], _usage: bool) -> bool:
    roles = ["role" in choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    return roles[:1] == [True] and chunks[0]["choices"][0]["delta"]["role"] == "assistant"


def _tells_one_id(chunks: Sequence[Chunk], _usage: bool) -> bool:
    return len({_audio(chunks[place])["id"] for place in _places(chunks, "id")}) == 1


def _names_the_sound_first(chunks: Sequence[Chunk], _usage: bool) -> bool:
    heard = _places(chunks, "transcript") + _places(chunks, "data")
    return bool(heard) and min(_places(chunks, "id"), default=len(chunks)) <= min(heard)


def _tells_words_before_sound(chunks: Sequence[Chunk], _usage: bool) -> bool:
    words, sound = _places(chunks, "transcript"), _places(chunks, "data")
    return max(words, default=-1) < min(sound, default=len(chunks))


def _ends_with_the_expiry(chunks: Sequence[Chunk], _usage: bool) -> bool:
    last = _audio(chunks[-1])
    return list(last) == ["expires_at"] and _places(chunks, "expires_at") == [len(chunks) - 1]


def _expiry_has_no_reason(chunks: Sequence[Chunk], _usage: bool) -> bool:
    return all(
        "finish_reason" not in chunks[p]["choices"][0] for p in _places(chunks, "expires_at")
    )


def _tells_usage_once(chunks: Sequence[Chunk], with_usage: bool) -> bool:
    told = [chunk for chunk in chunks if chunk.get("usage") is not None]
    return len(told) == with_usage and all(chunk["choices"] == [] for chunk in told)


def _tells_no_usage_elsewhere(chunks: Sequence[Chunk], with_usage: bool) -> bool:
    return all(("usage" in chunk) == with_usage for chunk in chunks)


_RULES: dict[Callable[[Sequence[Chunk], bool], bool], str] = {
    _is_one_answer: "each chunk has the same id, time and model",
    _begins_with_the_role: "the first chunk says who speaks",
    _tells_one_id: "a sound has one id",
    _names_the_sound_first: "the id comes with the first words",
    _tells_words_before_sound: "all words come before the sound",
    _ends_with_the_expiry: "the expiry comes last and alone",
    _expiry_has_no_reason: "no reason comes with the expiry",
    _tells_usage_once: "the usage has a chunk of its own, where it was asked for",
    _tells_no_usage_elsewhere: "every other chunk has a usage of null, where it was asked for",
}
