"""Streamed answers in the shapes of systems that have one of their own."""

import base64
import re
from collections.abc import Iterator
from typing import Any

from bot.local.chat_server.bodies import Completion
from bot.local.chat_server.presets.answers import (
    PROMPT_FILTERED,
    counted_in_total,
    credited,
    routed,
)
from bot.local.chat_server.streaming import DONE, chunks, event, words_of

_PROCESSING = b": OPENROUTER PROCESSING\n\n"
_LONG_PIECE_BYTES = 786_432
"""A mebibyte as base64."""

_SHORT_PIECE_BYTES = 19_200
_SENTENCE = re.compile(r"\S.*?(?:[.!?]+(?=\s|$)|$)", re.DOTALL)

Part = dict[str, Any]


def azure_events(completion: Completion, with_usage: bool) -> Iterator[bytes]:
    """Judge the question first, in a chunk that has no choice and hardly a name."""
    nameless = {"id": "", "object": "", "created": 0, "model": ""}
    yield event({**nameless, "choices": [], "prompt_filter_results": PROMPT_FILTERED})
    for chunk in chunks(completion, with_usage=with_usage):
        choices = [{**choice, "content_filter_results": {}} for choice in chunk["choices"]]
        yield event({**chunk, "choices": choices})
    yield DONE


def openrouter_events(completion: Completion, with_usage: bool) -> Iterator[bytes]:
    """Comment on the waiting, and send the sound in lines of a mebibyte."""
    yield _PROCESSING * 2
    for chunk in chunks(completion, with_usage=False, piece_bytes=_LONG_PIECE_BYTES):
        yield event(routed(chunk))
    envelope = _envelope(completion)
    finish = completion["choices"][0]["finish_reason"]
    empty = {"role": "assistant", "content": ""}
    yield event(routed({**envelope, "choices": [_choice(empty, finish)]}))
    if with_usage:
        last = {**envelope, "choices": [_choice(empty)], "usage": completion["usage"]}
        yield event(routed(last))
    yield DONE


def aimlapi_events(completion: Completion, with_usage: bool) -> Iterator[bytes]:
    """Rewrite the tokens."""
    for chunk in chunks(completion, with_usage=with_usage):
        yield event(credited(chunk))
    yield DONE


def speaches_events(completion: Completion, _with_usage: bool) -> Iterator[bytes]:
    """Repeat id and expiry with every piece; send a sentence in one line, no tokens, no end."""
    message = completion["choices"][0]["message"]
    audio = message.get("audio")
    finish = completion["choices"][0]["finish_reason"]
    words = words_of(audio["transcript"] if audio else message["content"] or "")
    known = {"id": audio["id"], "expires_at": audio["expires_at"]} if audio else {}
    for word in ["", *words]:
        said = {"audio": {"transcript": word, **known}} if audio else {"content": word}
        yield event(_dumped(completion, said))
    yield event(_dumped(completion, {}, finish))
    for sentence in _by_sentence(audio) if audio else ():
        data = base64.b64encode(sentence).decode()
        yield event(_dumped({**completion, "model": "tts-1"}, {"audio": {**known, "data": data}}))


def _by_sentence(audio: Part) -> Iterator[bytes]:
    """Share the samples out to the sentences by their length."""
    pcm, text = base64.b64decode(audio["data"]), audio["transcript"]
    begun = 0
    for found in _SENTENCE.finditer(text):
        ended = len(pcm) * found.end() // len(text) & ~1
        yield pcm[begun:ended]
        begun = ended


def _dumped(completion: Completion, delta: Part, finish: str | None = None) -> Part:
    """Write every field of a chunk, as libraries do that leave out none."""
    nothing = dict.fromkeys(("content", "function_call", "refusal", "role", "tool_calls"))
    envelope = {**_envelope(completion), "service_tier": None, "usage": None}
    return {**envelope, "choices": [_choice({**nothing, **delta}, finish)]}


def vllm_events(completion: Completion, with_usage: bool) -> Iterator[bytes]:
    """Send the words, then a WAV file where the words were: only `modality` tells them apart."""
    choice, envelope = completion["choices"][0], _envelope(completion)
    audio = choice["message"].get("audio")
    text, sound = {**envelope, "modality": "text"}, {**envelope, "modality": "audio"}
    yield event({**text, "choices": [_choice({"role": "assistant", "content": ""})]})
    for word in words_of(audio["transcript"] if audio else choice["message"]["content"] or ""):
        yield event({**text, "choices": [_choice({"content": word})]})
    yield event({**text, "choices": [_choice({"content": ""}, choice["finish_reason"])]})
    if audio:
        delta = {"role": "assistant", "content": audio["data"]}
        yield event({**sound, "choices": [_choice(delta, "stop")]})
    if with_usage:
        yield event({**text, "choices": [], "usage": counted_in_total(completion)["usage"]})
    yield DONE


def qwen_events(completion: Completion, with_usage: bool) -> Iterator[bytes]:
    """Send words as text and samples without a header, under no id."""
    choice = completion["choices"][0]
    audio = choice["message"].get("audio")
    envelope = {**_envelope(completion), "system_fingerprint": None, "usage": None}
    yield event({**envelope, "choices": [_choice({"role": "assistant", "content": ""})]})
    for word in words_of(audio["transcript"] if audio else choice["message"]["content"] or ""):
        yield event({**envelope, "choices": [_choice({"content": word})]})
    for piece in _pieces(audio) if audio else ():
        told = {"data": piece, "expires_at": None, "transcript": None}
        yield event({**envelope, "choices": [_choice({"audio": told})]})
    yield event({**envelope, "choices": [_choice({"content": ""}, choice["finish_reason"])]})
    if with_usage:
        yield event({**envelope, "choices": [], "usage": completion["usage"]})
    yield DONE


def _pieces(audio: Part) -> Iterator[str]:
    pcm = base64.b64decode(audio["data"])
    for at in range(0, len(pcm), _SHORT_PIECE_BYTES):
        yield base64.b64encode(pcm[at : at + _SHORT_PIECE_BYTES]).decode()


def _envelope(completion: Completion) -> Part:
    names = ("id", "created", "model", "system_fingerprint")
    return {
        **{name: completion[name] for name in names},
        "object": "chat.completion.chunk",
    }


def _choice(delta: Part, finish: str | None = None) -> Part:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
