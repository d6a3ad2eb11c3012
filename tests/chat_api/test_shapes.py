"""Every shape of answer and refusal that systems are known to send, read over a real socket.

`shapes/index.json` says of each what it is, how it came, and what we must make of it. They are of
our own making, after what documents, public code and reports tell; none was recorded.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.domain.reply import SpokenReply
from bot.errors import ChatApiError
from bot.local.chat_server import faults
from tests.chat_api.world import Calls, prompt

FOLDER = Path(__file__).parent / "shapes"
INDEX = json.loads((FOLDER / "index.json").read_text())
CONTENT_TYPES = {
    ".json": "application/json",
    ".sse": "text/event-stream",
    ".html": "text/html",
    ".txt": "text/plain",
}
MOST_ATTEMPTS = 3
Entry = dict[str, Any]


def serve(calls: Calls, entry: Entry) -> None:
    """Let the next calls be answered so."""
    path = FOLDER / entry["file"]
    fault = faults.raw(
        path.read_bytes(),
        status=entry["status"],
        content_type=CONTENT_TYPES[path.suffix],
        headers=entry.get("headers"),
    )
    calls.server.faults.next(fault, times=MOST_ATTEMPTS)


def made_of(reply: SpokenReply) -> Entry:
    """What is compared of a reply."""
    usage = reply.usage
    tokens = usage and {
        "text_in": usage.text_in,
        "audio_in": usage.audio_in,
        "text_out": usage.text_out,
        "audio_out": usage.audio_out,
    }
    made: Entry = {
        "transcript": reply.transcript,
        "sound_bytes": len(reply.sound.data) if reply.sound else 0,
        "audio_id": reply.handle.id if reply.handle else None,
        "finish": reply.finish,
        "tokens": tokens,
    }
    called = [[call.id, call.name, call.arguments] for call in reply.tool_calls]
    return made | ({"calls": called} if called else {})


@pytest.mark.parametrize("entry", INDEX, ids=lambda entry: str(entry["file"]))
async def test_a_known_shape_is_read_as_it_is_meant(calls: Calls, entry: Entry) -> None:
    serve(calls, entry)
    client = calls.api(stream=entry["file"].endswith(".sse"))
    expected = entry["expected"]
    if "error" in expected:
        with pytest.raises(ChatApiError) as caught:
            await client.speak(prompt())
        assert caught.value.code == expected["error"]
    else:
        assert made_of(await client.speak(prompt())) == expected


def test_every_shape_is_in_the_index() -> None:
    files = {str(p.relative_to(FOLDER)) for p in FOLDER.rglob("*") if p.is_file()}
    assert files - {"index.json"} == {entry["file"] for entry in INDEX}
    assert len(INDEX) == len({entry["file"] for entry in INDEX})
