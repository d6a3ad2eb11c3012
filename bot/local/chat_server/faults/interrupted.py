"""Streams that fail, break or stand still in the middle; for calls with `stream` set."""

from collections.abc import Callable, Iterator, Sequence

from bot.local.chat_server.faults.queue import Fault
from bot.local.chat_server.faults.streamed import Part, Parts, audio_of, streamed
from bot.local.chat_server.streaming import event


def _half(parts: Parts) -> list[Part]:
    """Keep the words and half of the sound."""
    sounding = [part for part in parts if "data" in audio_of(part)]
    return list(parts[: parts.index(sounding[len(sounding) // 2])])


def _before_sound(parts: Parts) -> list[Part]:
    silent = [place for place, part in enumerate(parts) if "data" in audio_of(part)]
    return list(parts[: silent[0]])


def stream_failing(
    message: str = "The server had an error while processing your request.",
    *,
    kind: str | None = "server_error",
    code: str | int | None = None,
    param: str | None = None,
    after: Callable[[Parts], Sequence[Part]] = lambda _parts: (),
    name: bytes = b"",
) -> Fault:
    """Fail in the middle, with an error object in place of a chunk.

    Args:
        message: of the error object, as the next three.
        kind: its type.
        code: a word, or with some relays a status.
        param: what it is about.
        after: the chunks that come before; none unless given.
        name: the name of the event, for servers that give it one.

    """
    error = {"message": message, "type": kind, "param": param, "code": code}

    def send(parts: Parts) -> Iterator[bytes]:
        yield from map(event, after(parts))
        yield (b"event: " + name + b"\n" if name else b"") + event({"error": error})

    return streamed(send)


stream_cut = streamed(lambda parts: map(event, _half(parts)))
stream_cut_before_sound = streamed(lambda parts: map(event, _before_sound(parts)))
stream_cut_at_once = streamed(lambda _parts: ())
stream_reset = streamed(lambda parts: map(event, _half(parts)), end="reset")
stream_reset_at_once = streamed(lambda _parts: (), end="reset")
stream_stalled = streamed(lambda parts: map(event, _half(parts)), end="silence")
stream_stalled_at_once = streamed(lambda _parts: (), end="silence")
stream_error_first = stream_failing()
stream_error_before_sound = stream_failing(after=_before_sound)
stream_error_midway = stream_failing(after=_half)
stream_error_named = stream_failing(name=b"error")
