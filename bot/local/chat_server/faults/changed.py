"""Good answers that are changed before they are sent."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from bot.local.chat_server.bodies import Completion, json_response
from bot.local.chat_server.faults.queue import Answer, Fault


def changed(change: Callable[[Completion], None], *, status: int = 200) -> Fault:
    """Change the JSON of the answer in place."""

    async def respond(_request: web.Request, answer: Answer) -> web.StreamResponse:
        completion = await answer()
        change(completion)
        return json_response(completion, status=status)

    return respond


def _message(completion: Completion) -> dict[str, Any]:
    message: dict[str, Any] = completion["choices"][0]["message"]
    return message


def _say_in_text(completion: Completion) -> None:
    audio = _message(completion).pop("audio")
    _message(completion)["content"] = audio["transcript"]


def _lose_audio(completion: Completion) -> None:
    _message(completion).pop("audio")


def _set_audio(**fields: object) -> Callable[[Completion], None]:
    return lambda completion: _message(completion)["audio"].update(fields)


def _lose_audio_field(name: str) -> Callable[[Completion], None]:
    def lose(completion: Completion) -> None:
        del _message(completion)["audio"][name]

    return lose


def _finish(reason: str) -> Callable[[Completion], None]:
    return lambda completion: completion["choices"][0].update(finish_reason=reason)


def _filter(completion: Completion) -> None:
    _lose_audio(completion)
    _finish("content_filter")(completion)


def _cut_before_audio(completion: Completion) -> None:
    _lose_audio(completion)
    _finish("length")(completion)


def _refuse(completion: Completion) -> None:
    _lose_audio(completion)
    _message(completion)["refusal"] = "I'm sorry, I can't help with that."


def _use_two_choices(completion: Completion) -> None:
    """Put words and sound into choices of their own, as vLLM-Omni does."""
    audio = _message(completion).pop("audio")
    _message(completion)["content"] = audio["transcript"]
    spoken = {"role": "assistant", "content": None, "audio": {**audio, "transcript": ""}}
    completion["choices"].append({"index": 1, "message": spoken, "finish_reason": "stop"})


def _rewrite_usage(completion: Completion) -> None:
    """Put credits where tokens belong, as aimlapi does; the details stay true."""
    completion["usage"].update(prompt_tokens=74, completion_tokens=5764, total_tokens=5838)
    completion["meta"] = {"usage": {"credits_used": 5838, "usd_spent": 0.0029}}


text_only = changed(_say_in_text)
no_audio = changed(_lose_audio)
audio_without_data = changed(_lose_audio_field("data"))
empty_data = changed(_set_audio(data=""))
invalid_base64 = changed(_set_audio(data="UklGR!!!not base64"))
no_expiry = changed(_lose_audio_field("expires_at"))
absurd_expiry = changed(_set_audio(expires_at=10**15))
no_id = changed(_lose_audio_field("id"))
empty_transcript = changed(_set_audio(transcript=""))
two_choices = changed(_use_two_choices)
cut_off = changed(_finish("length"))
cut_off_before_audio = changed(_cut_before_audio)
content_filter = changed(_filter)
refusal = changed(_refuse)
status_201 = changed(lambda _completion: None, status=201)
rewritten_usage = changed(_rewrite_usage)
no_usage = changed(lambda completion: completion.pop("usage"))
no_choices = changed(lambda completion: completion.update(choices=[]))
