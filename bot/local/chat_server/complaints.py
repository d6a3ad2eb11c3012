"""The decoder's findings in the API's words: which parameter, and what is wrong with it."""

import re

from bot.local.chat_server.refusals import ApiRefusal, invalid_value, quoted

INPUT_FORMATS = ("wav", "mp3")
OUTPUT_FORMATS = ("wav", "aac", "mp3", "flac", "opus", "pcm16")

_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?$", re.DOTALL)
_FIELD = re.compile(r"field `([^`]+)`")
_SUPPORTED = {"input_audio.format": INPUT_FORMATS, "audio.format": OUTPUT_FORMATS}


def explain(problem: str) -> ApiRefusal:
    """Say what the decoder found in the API's words."""
    found = _AT.match(problem)
    what, path = (found["what"], found["path"] or "") if found else (problem, "")
    named = _FIELD.search(what)
    inner = f"{path}.{named[1]}".lstrip(".") if named else path
    if "unknown field" in what:
        return unknown(inner)
    if "missing required field" in what:
        return missing(inner)
    if "enum value" in what or what.startswith("Invalid value"):
        return invalid_value(path, _unsupported(what, path))
    if "matching regex" in what:
        return invalid_value(path, f"Invalid '{path}': string does not match pattern.")
    if "base64" in what:
        return invalid_value(path, f"Invalid '{path}': expected base64-encoded data.")
    if "length" in what or ">=" in what or "<=" in what:
        return ApiRefusal(400, f"Invalid '{path}': {what}.", code=_limit_code(what), param=path)
    return ApiRefusal(
        400, f"Invalid type for '{path}': {what}.", code="invalid_type", param=path or None
    )


def unknown(param: str) -> ApiRefusal:
    """A parameter that there is not."""
    return ApiRefusal(400, f"Unknown parameter: '{param}'.", code="unknown_parameter", param=param)


def missing(param: str) -> ApiRefusal:
    """A parameter that must be there."""
    return ApiRefusal(
        400,
        f"Missing required parameter: '{param}'.",
        code="missing_required_parameter",
        param=param,
    )


def _unsupported(what: str, path: str) -> str:
    value = what.partition("'")[2].rpartition("'")[0]
    for end, values in _SUPPORTED.items():
        if path.endswith(end):
            return f"Invalid value: '{value}'. Supported values are: {quoted(values)}."
    return f"Invalid value: '{value}'."


def _limit_code(what: str) -> str:
    bound = "above_max" if "<=" in what else "below_min"
    if "`array`" in what:
        return "empty_array" if ">= 1" in what else f"array_{bound}_length"
    if "`str`" in what:
        return f"string_{bound}_length"
    return f"{'integer' if '`int`' in what else 'decimal'}_{bound}_value"
