"""OpenAI's own description of chat completions as an oracle, where it is at hand.

`OPENAI_OPENAPI` names the JSON file of the specification (or of its audio part).
"""

import json
import os
from functools import cache
from pathlib import Path

import pytest

from tests.local.schemas import Oracle

PATH = os.environ.get("OPENAI_OPENAPI")
"""The file, or None."""

needs_spec = pytest.mark.skipif(
    not PATH, reason="OPENAI_OPENAPI does not name OpenAI's specification"
)
"""Skips a test where the specification is not at hand."""


def request_problems(body: object) -> list[str]:
    """Say what is wrong with a request; also empty where the specification is not at hand."""
    return _problems("CreateChatCompletionRequest", body)


def answer_problems(body: object) -> list[str]:
    """Say what is wrong with an answer; also empty where the specification is not at hand."""
    return _problems("CreateChatCompletionResponse", body)


def published_chunk_problems(chunk: object) -> list[str]:
    """Say what the published schema of a streamed chunk refuses; `chat_stream_spec` mends it."""
    return _problems("CreateChatCompletionStreamResponse", chunk)


def speech_problems(body: object) -> list[str]:
    """Say what is wrong with a request for given words as sound."""
    return _problems("CreateSpeechRequest", body)


def speech_event_problems(event: object) -> list[str]:
    """Say what is wrong with an event of a streamed sound."""
    return _problems("CreateSpeechResponseStreamEvent", event)


def transcription_request_problems(form: object) -> list[str]:
    """Say what is wrong with a request for the words of a recording; its file is any string."""
    return _problems("CreateTranscriptionRequest", form)


def transcription_problems(body: object) -> list[str]:
    """Say what is wrong with the words of a recording."""
    return _problems("CreateTranscriptionResponseJson", body)


def _problems(schema: str, body: object) -> list[str]:
    if not PATH:
        return []
    return _oracle(PATH).problems(body, f"/components/schemas/{schema}")


@cache
def _oracle(path: str) -> Oracle:
    return Oracle(json.loads(Path(path).read_text(encoding="utf-8")))
