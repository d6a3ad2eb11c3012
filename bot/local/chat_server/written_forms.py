"""Answers in writing in the form that was asked for, and how likely each of their words was."""

from collections.abc import Mapping
from typing import Any

import msgspec

from bot.local.chat_server.asked import Asked, JsonObject, JsonSchema
from bot.local.chat_server.messages import text_of
from bot.local.chat_server.refusals import ApiRefusal
from bot.local.chat_server.streaming import words_of


def check_forms(asked: Asked) -> None:
    """Refuse forms that do not fit the request.

    Raises:
        ApiRefusal: JSON of a model that speaks, or without a word of it; likelihoods of others
            without those of the words.

    """
    wanted = asked.response_format
    if isinstance(wanted, JsonObject | JsonSchema) and "audio" in asked.model:
        kind = type(wanted).__struct_config__.tag
        raise _wrong(
            "response_format",
            f"Invalid parameter: 'response_format' of type '{kind}' is not supported with this "
            "model.",
        )
    if isinstance(wanted, JsonObject) and not _says_json(asked):
        raise _wrong(
            "messages",
            "'messages' must contain the word 'json' in some form, to use 'response_format' of "
            "type 'json_object'.",
        )
    if asked.top_logprobs is not None and not asked.logprobs:
        raise _wrong(
            "top_logprobs",
            "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
        )


def _says_json(asked: Asked) -> bool:
    return any("json" in text_of(message.content).lower() for message in asked.messages)


def _wrong(param: str, message: str) -> ApiRefusal:
    return ApiRefusal(400, message, param=param)


def put_into_form(asked: Asked, words: str) -> str:
    """Write an answer as it was asked for."""
    match asked.response_format:
        case JsonObject():
            return msgspec.json.encode({"answer": words}).decode()
        case JsonSchema(wanted):
            return msgspec.json.encode(_fill(wanted.schema or {}, words)).decode()
        case _:
            return words


def _fill(schema: Mapping[str, Any], words: str) -> object:
    """Make something of a shape, with the words wherever there may be any."""
    if "enum" in schema:
        return schema["enum"][0]
    inner = schema.get("properties", {})
    simple: dict[str, object] = {"string": words, "integer": 0, "number": 0, "boolean": False}
    match schema.get("type"):
        case "object":
            return {name: _fill(described, words) for name, described in inner.items()}
        case "array":
            return [_fill(schema.get("items", {}), words)]
        case kind:
            return simple.get(str(kind))


def tell_likelihoods(asked: Asked, written: str) -> dict[str, Any] | None:
    """Tell how likely each word was, if that was asked: rules know but one answer."""
    if not asked.logprobs:
        return None
    return {
        "content": [_certain(word, asked.top_logprobs) for word in words_of(written)],
        "refusal": None,
    }


def _certain(word: str, others: int | None) -> dict[str, Any]:
    known = {"token": word, "logprob": 0.0, "bytes": list(word.encode())}
    return {**known, "top_logprobs": [known] if others else []}
