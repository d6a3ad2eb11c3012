"""What systems refuse of a request that OpenAI would take, or take that it would not."""

import re

from bot.local.chat_server.asked import FIELDS
from bot.local.chat_server.complaints import unknown
from bot.local.chat_server.presets.preset import Fields, Rule
from bot.local.chat_server.refusals import ApiRefusal, invalid_value

_DATA_URI = re.compile(r"data:[\w/.+-]*;base64,")


def only(*names: str) -> Rule:
    """Take these parameters, and refuse every other."""

    def check(fields: Fields) -> Fields:
        for name in fields:
            if name not in names:
                raise unknown(name)
        return fields

    return check


def all_but(*names: str) -> Rule:
    """Take what OpenAI takes, without these."""
    return only(*(name for name in FIELDS if name not in names))


def ignore_unknown(fields: Fields) -> Fields:
    """Leave out what OpenAI does not know."""
    return {name: value for name, value in fields.items() if name in FIELDS}


def leave_out(*names: str) -> Rule:
    """Take these parameters without using them."""
    return lambda fields: {name: fields[name] for name in fields if name not in names}


def plain_messages(fields: Fields) -> Fields:
    """Take messages of a role and a string, and nothing else."""
    for place, message in enumerate(_messages(fields)):
        for name in message:
            if name not in ("role", "content"):
                raise unknown(f"messages[{place}].{name}")
        if not isinstance(message.get("content"), str):
            raise _no_string(place)
    return fields


def _no_string(place: int) -> ApiRefusal:
    param = f"messages[{place}].content"
    return ApiRefusal(
        400, f"Invalid type for '{param}': expected a string.", code="invalid_type", param=param
    )


def streamed_only(message: str) -> Rule:
    """Answer in a stream or not at all."""

    def check(fields: Fields) -> Fields:
        if fields.get("stream") is not True:
            raise ApiRefusal(400, message, param="stream", kind=NEEDS_STREAM)
        return fields

    return check


def sound_streamed_only(message: str) -> Rule:
    """Answer in writing as it is liked, but with sound in a stream or not at all."""
    check = streamed_only(message)
    return lambda fields: check(fields) if "audio" in (fields.get("modalities") or ()) else fields


NEEDS_STREAM = "needs_stream"
"""The kind of refusal that says so."""


def within(name: str, least: float, most: float) -> Rule:
    """Keep a number between narrower limits than OpenAI's."""

    def check(fields: Fields) -> Fields:
        value = fields.get(name)
        if isinstance(value, int | float) and not least <= value <= most:
            raise invalid_value(name, f"Number must be between {least} and {most}.")
        return fields

    return check


def one_choice(fields: Fields) -> Fields:
    """Give one answer at a time."""
    if fields.get("n") not in (None, 1):
        raise invalid_value("n", "Multiple choices (`n` > 1) are not supported")
    return fields


def no_audio_ids(fields: Fields) -> Fields:
    """Know no earlier sound."""
    for place, message in enumerate(_messages(fields)):
        if message.get("audio") is not None:
            raise unknown(f"messages[{place}].audio")
    return fields


def data_uris(fields: Fields) -> Fields:
    """Take recordings as data URIs, and only so."""
    messages = [
        {**message, "content": [_bare(part, f"messages[{place}]") for part in message["content"]]}
        if isinstance(message, dict) and isinstance(message.get("content"), list)
        else message
        for place, message in enumerate(fields.get("messages") or ())
    ]
    return {**fields, "messages": messages}


def _bare(part: object, param: str) -> object:
    audio = part.get("input_audio") if isinstance(part, dict) else None
    if not isinstance(part, dict) or not isinstance(audio, dict):
        return part
    found = _DATA_URI.match(str(audio.get("data")))
    if found is None:
        raise invalid_value(param, "The provided URL does not appear to be valid.")
    return {**part, "input_audio": {**audio, "data": audio["data"][found.end() :]}}


def _messages(fields: Fields) -> list[Fields]:
    """Take the messages that are objects; what is none is refused later."""
    messages = fields.get("messages")
    return (
        [m if isinstance(m, dict) else {} for m in messages] if isinstance(messages, list) else []
    )
