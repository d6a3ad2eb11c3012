"""Whole answers in the shapes of systems that have one of their own."""

from typing import Any

from bot.local.chat_server.bodies import Completion

_USD_PER_TOKEN = {"text": (2.5e-6, 1e-5), "audio": (4e-5, 8e-5)}
"""In and out, of the model that resellers and relays list."""

_CREDITS_PER_USD = 2_000_000
_HARMLESS = {
    kind: {"filtered": False, "severity": "safe"}
    for kind in ("hate", "self_harm", "sexual", "violence")
}


def filtered(completion: Completion) -> Completion:
    """Say as Azure does that nothing in it was harmful."""
    choices = [{**c, "content_filter_results": _HARMLESS} for c in completion["choices"]]
    return {**completion, "choices": choices, "prompt_filter_results": PROMPT_FILTERED}


PROMPT_FILTERED = [{"prompt_index": 0, "content_filter_results": _HARMLESS}]


def routed(completion: Completion) -> Completion:
    """Name as OpenRouter does who answered, and why they ended."""
    choices = [
        {**choice, "native_finish_reason": _NATIVE.get(choice.get("finish_reason"))}
        for choice in completion["choices"]
    ]
    told = {**completion, "provider": "OpenAI", "choices": choices}
    return told if completion.get("usage") is None else {**told, "usage": _costed(told["usage"])}


_NATIVE = {"stop": "completed", "length": "max_output_tokens", "tool_calls": "tool_calls"}


def _costed(usage: dict[str, Any]) -> dict[str, Any]:
    return {**usage, "cost": sum(_usd(usage)), "is_byok": False}


def credited(completion: Completion) -> Completion:
    """Put credits where tokens belong, as aimlapi does; the details stay true."""
    if completion.get("usage") is None:
        return completion
    asked, answered = (round(usd * _CREDITS_PER_USD) for usd in _usd(completion["usage"]))
    totals = {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
    }
    spent = {"credits_used": asked + answered, "usd_spent": sum(_usd(completion["usage"]))}
    usage = {**completion["usage"], **totals}
    return {**completion, "usage": usage, "meta": {"usage": spent}}


def _usd(usage: dict[str, Any]) -> tuple[float, float]:
    """Tell what was asked and what was answered cost."""
    asked, answered = usage["prompt_tokens_details"], usage["completion_tokens_details"]
    prices = _USD_PER_TOKEN.items()
    return (
        sum(asked[f"{kind}_tokens"] * price for kind, (price, _) in prices),
        sum(answered[f"{kind}_tokens"] * price for kind, (_, price) in prices),
    )


def counted_in_total(completion: Completion) -> Completion:
    """Leave out what kinds of tokens they were: Speaches knows the words' only."""
    totals = ("prompt_tokens", "completion_tokens", "total_tokens")
    return {**completion, "usage": {name: completion["usage"][name] for name in totals}}


def two_choices(completion: Completion) -> Completion:
    """Put words and sound into choices of their own as vLLM-Omni does, both with the index 0."""
    [choice] = completion["choices"]
    audio = choice["message"].get("audio")
    written = {**choice["message"], "reasoning": None, "tool_calls": []}
    written.pop("audio", None)
    if audio is not None:
        written["content"] = audio["transcript"]
    choices = [{**choice, "message": written, "stop_reason": None}]
    if audio is not None:
        spoken = {**written, "content": None, "audio": {**audio, "transcript": ""}}
        choices.append({**choices[0], "message": spoken, "finish_reason": "stop"})
    usage = counted_in_total(completion)["usage"]
    rest = {"service_tier": None, "system_fingerprint": None, "prompt_logprobs": None}
    return {**completion, **rest, "choices": choices, "usage": usage}
