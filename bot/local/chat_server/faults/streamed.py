"""Streams that are odd, or that break; for calls with `stream` set."""

import asyncio
import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any, Literal

from aiohttp import web

from bot.local.chat_server.bodies import json_response
from bot.local.chat_server.faults.queue import Answer, Fault
from bot.local.chat_server.streaming import DONE, begin_stream, chunks, event

Part = dict[str, Any]
Parts = Sequence[Part]


def streamed(
    change: Callable[[Parts], Iterable[bytes]],
    *,
    end: Literal["well", "reset", "silence"] = "well",
) -> Fault:
    """Send what `change` makes of the chunks, and end well, or by cutting, or never."""

    async def respond(request: web.Request, answer: Answer) -> web.StreamResponse:
        parts = list(chunks(await answer(), with_usage=True))
        response = await begin_stream(request)
        for data in change(parts):
            await response.write(data)
        if end == "silence":
            await asyncio.Event().wait()
        if end == "well":
            await response.write_eof()
        elif request.transport is not None:
            request.transport.abort()
        return response

    return respond


def choice_of(part: Part) -> dict[str, Any]:
    """Find the choice of a chunk; an empty one where it has none."""
    found: dict[str, Any] = part["choices"][0] if part["choices"] else {"delta": {}}
    return found


def audio_of(part: Part) -> dict[str, Any]:
    """Find what a chunk says of the sound."""
    found: dict[str, Any] = choice_of(part)["delta"].get("audio") or {}
    return found


def _told(parts: Parts) -> Iterator[bytes]:
    yield from map(event, parts)
    yield DONE


def _changed(change: Callable[[Parts], None]) -> Callable[[Parts], Iterator[bytes]]:
    """Change the chunks in place before they are sent."""

    def send(parts: Parts) -> Iterator[bytes]:
        change(parts)
        yield from _told(parts)

    return send


# --- odd, and yet an answer


def _tell_id_twice(parts: Parts) -> None:
    """Repeat the id with the first sound, as OpenAI was seen to do."""
    audio_id = next(audio_of(part)["id"] for part in parts if "id" in audio_of(part))
    first = next(part for part in parts if "data" in audio_of(part))
    audio_of(first)["id"] = audio_id


def _repeat_id_and_expiry(parts: Parts) -> None:
    """Repeat both with each piece, as Speaches does."""
    told = {name: audio_of(p)[name] for p in parts for name in audio_of(p)}
    both = {name: told[name] for name in ("id", "expires_at")}
    for part in parts:
        if audio_of(part):
            audio_of(part).update(both)


def _finish(parts: Parts) -> None:
    """Tell the end with the last sound, and the expiry after it."""
    *_, last = (part for part in parts if "data" in audio_of(part))
    choice_of(last)["finish_reason"] = "stop"


def _say_in_content(parts: Parts) -> None:
    """Put the words where written ones are, and nulls beside the sound, as Qwen-Omni does."""
    for part in parts:
        audio = audio_of(part)
        if words := audio.pop("transcript", None):
            choice_of(part)["delta"]["content"] = words
        if "data" in audio:
            audio.update(transcript=None, expires_at=None)


def _use_two_choices(parts: Parts) -> None:
    """Put words and sound into choices of their own, with an id for the sound alone."""
    _tell_id_twice(parts)
    _say_in_content(parts)
    for part in parts:
        if "content" in choice_of(part)["delta"]:
            choice_of(part)["delta"].pop("audio", None)
        elif audio_of(part):
            choice_of(part)["index"] = 1


def _recut(size_bytes: int | None, *, skip: int = 0) -> Callable[[Parts], Iterator[bytes]]:
    """Send the sound in pieces of this size, or as one; without its first bytes."""

    def send(parts: Parts) -> Iterator[bytes]:
        first, *others = (part for part in parts if "data" in audio_of(part))
        sound = b"".join(base64.b64decode(audio_of(part)["data"]) for part in (first, *others))
        for part in parts:
            if part is first:
                yield from _sound_events(part, sound[skip:], size_bytes or len(sound))
            elif part not in others:
                yield event(part)
        yield DONE

    return send


def _sound_events(part: Part, sound: bytes, size_bytes: int) -> Iterator[bytes]:
    for at in range(0, len(sound), size_bytes):
        audio_of(part)["data"] = base64.b64encode(sound[at : at + size_bytes]).decode()
        yield event(part)


def _tell_usage_last(parts: Parts) -> Iterator[bytes]:
    yield from _told(sorted(parts, key=lambda part: not part["choices"]))


def _leave_out_usage(parts: Parts) -> Iterator[bytes]:
    yield from _told([part for part in parts if part["choices"]])


def _without_done(parts: Parts) -> Iterator[bytes]:
    """End without a word, as Speaches does."""
    yield from map(event, parts)


def _without_any_end(parts: Parts) -> Iterator[bytes]:
    """End with the last sound."""
    yield from (event(part) for part in parts if not audio_of(part).get("expires_at"))


def _with_heartbeats(parts: Parts) -> Iterator[bytes]:
    """Send comments and chunks without choices in between, as relays do."""
    for part in parts:
        yield b": PROCESSING\n\n"
        yield event({"id": part["id"], "object": "chat.completion.chunk"})
        yield event(part)
    yield DONE


def _with_line_ends(line_end: bytes) -> Callable[[Parts], Iterator[bytes]]:
    """End lines as other systems do."""
    return lambda parts: (data.replace(b"\n", line_end) for data in _told(parts))


def _in_shreds(parts: Parts) -> Iterator[bytes]:
    """Cut anywhere, in the middle of letters too."""
    whole = b"".join(_told(parts))
    for at in range(0, len(whole), 1021):
        yield whole[at : at + 1021]


def _after_done(parts: Parts) -> Iterator[bytes]:
    """Say more although everything is said."""
    yield from _told(parts)
    yield event({"error": {"message": "Nobody reads this.", "code": 500}})


def stream_tool_calls(*calls: tuple[str, str, str], pieces: int = 3) -> Fault:
    """Want these functions called: id, name and arguments of each, the latter in pieces."""

    def send(parts: Parts) -> Iterator[bytes]:
        deltas = [delta for place, call in enumerate(calls) for delta in _call(place, call, pieces)]
        for delta, finish in [*((delta, None) for delta in deltas), ({}, "tool_calls")]:
            part = deepcopy(parts[0])
            choice_of(part).update(delta=delta, finish_reason=finish)
            yield event(part)
        yield DONE

    return streamed(send)


def _call(place: int, call: tuple[str, str, str], pieces: int) -> Iterator[dict[str, Any]]:
    id_, name, arguments = call
    function = {"name": name, "arguments": ""}
    yield {"tool_calls": [{"index": place, "id": id_, "type": "function", "function": function}]}
    step = -(-len(arguments) // pieces) or 1
    for at in range(0, len(arguments), step):
        function = {"arguments": arguments[at : at + step]}
        yield {"tool_calls": [{"index": place, "function": function}]}


async def whole_instead(_request: web.Request, answer: Answer) -> web.StreamResponse:
    """Answer with all of it at once whatever was asked for, as some relays do."""
    return json_response(await answer())


stream_id_twice = streamed(_changed(_tell_id_twice))
stream_repeating = streamed(_changed(_repeat_id_and_expiry))
stream_with_finish = streamed(_changed(_finish))
stream_in_content = streamed(_changed(_say_in_content))
stream_two_choices = streamed(_changed(_use_two_choices))
stream_usage_last = streamed(_tell_usage_last)
stream_without_usage = streamed(_leave_out_usage)
stream_without_done = streamed(_without_done)
stream_with_heartbeats = streamed(_with_heartbeats)
stream_with_carriage_returns = streamed(_with_line_ends(b"\r\n"))
stream_with_bare_returns = streamed(_with_line_ends(b"\r"))
stream_in_shreds = streamed(_in_shreds)
stream_in_padded_pieces = streamed(_recut(1000))
stream_in_one_line = streamed(_recut(None))
stream_without_header = streamed(_recut(19_200, skip=44))
stream_after_done = streamed(_after_done)
stream_left_open = streamed(_told, end="silence")
stream_without_any_end = streamed(_without_any_end)
