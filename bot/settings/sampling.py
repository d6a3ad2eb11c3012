"""How models choose their words, where the owner says anything about it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from bot.domain.sampling import Sampling
from bot.settings.reader import EnvReader

_MOST_STOPS = 4
_FORMATS = ("text", "json_object", "json_schema")


def read_sampling(reader: EnvReader) -> Sampling:
    """Read the parameters; those that are not set are left to the model."""
    return Sampling(
        temperature=reader.decimal("TEMPERATURE", 0, 2),
        top_p=reader.decimal("TOP_P", 0, 1),
        frequency_penalty=reader.decimal("FREQUENCY_PENALTY", -2, 2),
        presence_penalty=reader.decimal("PRESENCE_PENALTY", -2, 2),
        seed=reader.whole("SEED", -(2**63), 2**63 - 1),
        stop=_stops(reader),
        logit_bias=_biases(reader),
        logprobs=_flag(reader, "LOGPROBS"),
        top_logprobs=reader.whole("TOP_LOGPROBS", 0, 20),
        response_format=_format(reader),
        tool_choice=reader.word("TOOL_CHOICE") or None,
    )


def _flag(reader: EnvReader, name: str) -> bool | None:
    word = reader.choice(name, ("", "on", "off"), "")
    return None if not word else word == "on"


def _stops(reader: EnvReader) -> tuple[str, ...] | None:
    """Read one text, or a JSON list of at most four."""
    text = reader.text("STOP")
    if not text.startswith("["):
        return (text,) if text else None
    found = _parsed(text, list[str])
    if not found or not all(found) or len(found) > _MOST_STOPS:
        reader.problems.append('STOP must be a text, or one to four as ["one", "two"].')
        return None
    return tuple(found)


def _biases(reader: EnvReader) -> Mapping[str, int] | None:
    text = reader.text("LOGIT_BIAS")
    found = _parsed(text, dict[str, int]) if text else {}
    if found is None or not all(_is_bias(token, bias) for token, bias in found.items()):
        reader.problems.append(
            'LOGIT_BIAS must be tokens and their bias from -100 to 100, as {"50256": -100}.'
        )
        return None
    # The same biases make the same bytes, however they were written.
    return dict(sorted(found.items())) or None


def _is_bias(token: str, bias: int) -> bool:
    return token.isascii() and token.isdecimal() and -100 <= bias <= 100


def _format(reader: EnvReader) -> Mapping[str, object] | None:
    """Read a word, or the JSON object of the documents."""
    text = reader.text("RESPONSE_FORMAT")
    if text in ("text", "json_object"):
        return {"type": text}
    found = _parsed(text, dict[str, Any]) if text else {}
    if found is None or (found and found.get("type") not in _FORMATS):
        reader.problems.append(
            "RESPONSE_FORMAT must be text, json_object, or a JSON object with the type json_schema."
        )
        return None
    return found or None


def _parsed(text: str, kind: type[Any]) -> Any:  # noqa: ANN401 - what `kind` says
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, RecursionError):
        return None
