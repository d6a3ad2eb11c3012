"""5 MB of sound to and from the model's JSON, beside json + base64 doing the same.

python -m bench.chat_api
"""

import base64
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bench.audio import Figures
from bot.chat_api import answer, request
from bot.chat_api.assembling import Expected
from bot.domain.prompt import FromMember, Prompt
from bot.domain.reply import ModelAudio

SOUND = os.urandom(5_000_000)
ROUNDS = 15
MOST = 0.25
PROMPT = Prompt(
    (FromMember(("How does this voice sound?", ModelAudio(SOUND, "wav", 104.0))),),
    voice="coral",
    format="wav",
    max_tokens=2048,
    asker="bench",
)
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def encode_plainly() -> bytes:
    data = base64.b64encode(SOUND).decode()
    part = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    return json.dumps({"messages": [{"role": "user", "content": [part]}]}).encode()


def encode_ours() -> bytes:
    return request.encode(PROMPT, "gpt-audio-1.5")


BODY = json.dumps(
    {
        "created": 1_795_235_959,
        "model": "gpt-audio-1.5",
        "choices": [
            {
                "message": {
                    "content": None,
                    "audio": {
                        "id": "audio_1",
                        "data": base64.b64encode(SOUND).decode(),
                        "expires_at": 1_795_239_559,
                        "transcript": "Hi there!",
                    },
                },
                "finish_reason": "stop",
            }
        ],
    }
).encode()


def decode_plainly() -> bytes:
    return base64.b64decode(json.loads(BODY)["choices"][0]["message"]["audio"]["data"])


def decode_ours() -> bytes:
    reply = answer.decode(BODY, Expected("wav", "gpt-audio-1.5", "bench", NOW))
    return reply.sound.data if reply.sound else b""


def compare(
    figures: Figures, name: str, ours: Callable[[], bytes], plain: Callable[[], bytes]
) -> None:
    """Run both in turn, so that a busy moment hits both, and compare the medians."""
    took: dict[Callable[[], bytes], list[float]] = {ours: [], plain: []}
    for _ in range(ROUNDS):
        for work, times_s in took.items():
            start_s = time.perf_counter()
            work()
            times_s.append(time.perf_counter() - start_s)
    ours_ms, plain_ms = (statistics.median(times_s) * 1000 for times_s in took.values())
    print(f"    {ours_ms:.1f} ms; json + base64 {plain_ms:.1f} ms")
    figures.add(f"{name} / json + base64", ours_ms / plain_ms, MOST)


def main() -> int:
    if decode_ours() != decode_plainly():
        raise SystemExit("the two ways do not agree")
    figures = Figures()
    compare(figures, "5 MB of sound into a request", encode_ours, encode_plainly)
    compare(figures, "5 MB of sound out of an answer", decode_ours, decode_plainly)
    return 1 if figures.missed else 0


if __name__ == "__main__":
    sys.exit(main())
