"""Functions on offer, calls of them and their results, checked as strictly as the real API does."""

from collections.abc import Iterator, Sequence

from bot.local.chat_server.asked import Asked, Chosen, Tool
from bot.local.chat_server.messages import Assistant, Message, Result
from bot.local.chat_server.refusals import ApiRefusal


def check_tools(asked: Asked) -> None:
    """Refuse what does not fit the functions on offer.

    Raises:
        ApiRefusal: parameters that are no object's, or a choice of what is not on offer.

    """
    for place, tool in enumerate(asked.tools or ()):
        _check_parameters(tool, f"tools[{place}].function.parameters")
    choices = {"tool_choice": asked.tool_choice, "parallel_tool_calls": asked.parallel_tool_calls}
    for name, value in choices.items():
        if value is not None and asked.tools is None:
            raise _wrong(
                name,
                f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified.",
            )
    offered = [tool.function.name for tool in asked.tools or ()]
    if isinstance(asked.tool_choice, Chosen) and asked.tool_choice.function.name not in offered:
        raise _wrong("tool_choice", "Tool choice 'function' not found in 'tools' parameter.")


def _check_parameters(tool: Tool, param: str) -> None:
    kind = "object" if tool.function.parameters is None else tool.function.parameters.get("type")
    if kind != "object":
        raise ApiRefusal(
            400,
            f"Invalid schema for function '{tool.function.name}': schema must be a JSON Schema "
            f"of 'type: \"object\"', got 'type: \"{kind}\"'.",
            code="invalid_function_parameters",
            param=param,
        )


def check_order(messages: Sequence[Message]) -> None:
    """Refuse results without calls, and calls without results.

    Raises:
        ApiRefusal: they do not follow each other as they must.

    """
    place = 0
    while place < len(messages):
        message = messages[place]
        if isinstance(message, Result):
            raise _wrong(
                f"messages.[{place}].role",
                "Invalid parameter: messages with role 'tool' must be a response to a preceeding "
                "message with 'tool_calls'.",
            )
        place += 1
        if isinstance(message, Assistant) and message.tool_calls:
            place += _check_results(message, place, messages[place:])


def _check_results(calling: Assistant, place: int, after: Sequence[Message]) -> int:
    """Check the results that follow a message with calls; returns how many there are."""
    called = [call.id for call in calling.tool_calls or ()]
    answered = [m.tool_call_id for m in _results_first(after)]
    for offset, call_id in enumerate(answered):
        if call_id not in called:
            raise _wrong(
                f"messages.[{place + offset}].tool_call_id",
                f"Invalid parameter: 'tool_call_id' of '{call_id}' not found in 'tool_calls' of "
                "previous message.",
            )
    if unanswered := [call_id for call_id in called if call_id not in answered]:
        raise _wrong(
            f"messages.[{place + len(answered)}].role",
            "An assistant message with 'tool_calls' must be followed by tool messages responding "
            "to each 'tool_call_id'. The following tool_call_ids did not have response messages: "
            f"{', '.join(unanswered)}",
        )
    return len(answered)


def _results_first(messages: Sequence[Message]) -> Iterator[Result]:
    for message in messages:
        if not isinstance(message, Result):
            return
        yield message


def _wrong(param: str, message: str) -> ApiRefusal:
    return ApiRefusal(400, message, param=param)
