"""Streamed answers: how fast they are merged, what they take in memory, how soon words are there.

`python -m bench.stream`. Beside ours stands what openai-python does with the same bytes: its
decoder of events, its model of a chunk, and base64. `python -m bench.stream MB` prints the memory
that merging so many megabytes of sound takes beyond the sound, in a process that did nothing else.
"""

import asyncio
import base64
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

from aiohttp import web
from openai._models import construct_type
from openai._streaming import SSEDecoder
from openai.types.chat import ChatCompletionChunk

from bench.audio import Figures
from bench.audio_memory import MB, peak_mb, reset_peak
from bot.chat_api.client import ChatApi, open_session
from bot.chat_api.merging import Merger
from bot.chat_api.server import Server
from bot.domain.prompt import FromMember, Prompt

PIECE_BYTES = 19_200
"""0.4 s of sound, as OpenAI sends it."""

READ_BYTES = 64 * 1024
SECONDS = 120
ROUNDS = 9
WORDS_ROUNDS = 40
WORDS = ["Golden", "retrievers", "are", "among", "the", "best", "family", "dogs", "there", "are."]
LEAST_MB_PER_S = 200
PROMPT = Prompt(
    (FromMember(("Is a golden retriever a good family dog?",)),),
    voice="coral",
    format="pcm16",
    max_tokens=2048,
    asker="bench",
)


def event(delta: dict[str, object]) -> bytes:
    chunk = {
        "id": "chatcmpl-CzK3v8J5l1w0q2x4n6b8m0p2r4t6",
        "object": "chat.completion.chunk",
        "created": 1_795_235_959,
        "model": "gpt-audio-1.5-2026-02-23",
        "service_tier": "default",
        "system_fingerprint": None,
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}],
        "usage": None,
    }
    return b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"


def first_events() -> Iterator[bytes]:
    yield event({"role": "assistant", "refusal": None})
    for place, word in enumerate(WORDS):
        begun = {"id": "audio_1"} if place == 0 else {}
        yield event({"audio": {**begun, "transcript": word + " "}})


def sound_events(pcm: bytes) -> Iterator[bytes]:
    for at in range(0, len(pcm), PIECE_BYTES):
        data = base64.b64encode(pcm[at : at + PIECE_BYTES]).decode()
        yield event({"audio": {"data": data}})


def last_events() -> Iterator[bytes]:
    yield event({"audio": {"expires_at": 1_795_239_559}})
    yield b"data: [DONE]\n\n"


def as_read(stream: bytes) -> list[bytes]:
    return [stream[at : at + READ_BYTES] for at in range(0, len(stream), READ_BYTES)]


def merge_ours(pieces: list[bytes]) -> bytes:
    merger = Merger()
    for piece in pieces:
        merger.feed(piece)
    [said] = merger.answer().choices
    return said.sound


def merge_with_openai(pieces: list[bytes]) -> bytes:
    sound = []
    for found in SSEDecoder().iter_bytes(iter(pieces)):
        if found.data.startswith("[DONE]"):
            break
        chunk = construct_type(type_=ChatCompletionChunk, value=found.json())
        audio = getattr(chunk.choices[0].delta, "audio", None)  # type: ignore[attr-defined]
        if audio is not None and audio.data is not None:
            sound.append(base64.b64decode(audio.data))
    return b"".join(sound)


def measure_speed(figures: Figures) -> None:
    pcm = os.urandom(48_000 * SECONDS)
    stream = b"".join((*first_events(), *sound_events(pcm), *last_events()))
    pieces = as_read(stream)
    took: dict[Callable[[list[bytes]], bytes], list[float]] = {
        merge_ours: [],
        merge_with_openai: [],
    }
    for _ in range(ROUNDS):
        for merge, times_s in took.items():
            start_s = time.perf_counter()
            made = merge(pieces)
            times_s.append(time.perf_counter() - start_s)
            if made != pcm:
                raise SystemExit(f"{merge.__name__} lost some of the sound")
    ours_s, openai_s = map(min, took.values())  # noise only ever adds
    mb = len(stream) / 1e6
    print(f"    {mb / ours_s:.0f} MB/s of stream; openai-python {mb / openai_s:.0f} MB/s")
    figures.add("merging a MB of stream", 1000 * ours_s / mb, 1000 / LEAST_MB_PER_S, "ms")
    figures.add(f"merging {SECONDS} s of speech / openai-python", ours_s / openai_s, 0.2)


def measure_memory(figures: Figures) -> None:
    for size_mb in (1, 20):
        command = [sys.executable, "-m", "bench.stream", str(size_mb)]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        figures.add(f"memory beyond {size_mb} MB of streamed sound", float(run.stdout), 2, "MB")


def memory_beyond_sound_mb(size_mb: int) -> float:
    """Merge a stream that exists only piece by piece."""
    piece = next(sound_events(os.urandom(PIECE_BYTES)))
    merge_ours([piece] * 10)
    reset_peak()
    idle_mb = peak_mb("self")
    merger = Merger()
    for _ in range(size_mb * MB // PIECE_BYTES):
        merger.feed(piece)
    [said] = merger.answer().choices
    return peak_mb("self") - idle_mb - len(said.sound) / MB


@asynccontextmanager
async def speaking_server(sent_s: list[float]) -> AsyncIterator[str]:
    """Streams the same answer to everybody, and notes when its first words leave."""

    async def speak(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        head, first, *others = first_events()
        await response.write(head)
        await asyncio.sleep(0.005)  # so that the words come in a packet of their own
        sent_s.append(time.perf_counter())
        await response.write(first)
        for each in (*others, *sound_events(bytes(48_000)), *last_events()):
            await response.write(each)
        await response.write_eof()
        return response

    app = web.Application()
    app.router.add_post("/v1/chat/completions", speak)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def measure_first_words(figures: Figures) -> None:
    sent_s: list[float] = []
    waits_ms = []
    async with speaking_server(sent_s) as base_url, open_session() as session:
        api = ChatApi(session, Server(base_url=base_url, secret="sk-bench"), "m", stream=True)
        for _ in range(WORDS_ROUNDS):
            told_s: list[float] = []
            await api.speak(PROMPT, on_words=lambda _w: told_s.append(time.perf_counter()))  # noqa: B023
            waits_ms.append(1000 * (told_s[0] - sent_s[-1]))
    figures.add(
        "first words, from the server's socket, median", statistics.median(waits_ms), 2, "ms"
    )
    in_process_ms = []
    for _ in range(WORDS_ROUNDS):
        merger, piece = Merger(), b"".join(list(first_events())[:2])
        start_s = time.perf_counter()
        words = merger.feed(piece)
        in_process_ms.append(1000 * (time.perf_counter() - start_s))
        assert words == WORDS[0] + " "
    figures.add("first words, from their bytes, median", statistics.median(in_process_ms), 2, "ms")


def main() -> int:
    figures = Figures()
    measure_speed(figures)
    measure_memory(figures)
    asyncio.run(measure_first_words(figures))
    return 1 if figures.missed else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(memory_beyond_sound_mb(int(sys.argv[1])))
        sys.exit()
    sys.exit(main())
