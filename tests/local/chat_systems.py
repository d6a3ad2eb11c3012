"""Every system that the stand-in can be, running, and what it answered."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from bot.local.chat_server import PRESETS, ChatServer, Preset
from bot.local.chat_server.sound import streamed_wav

SAID = "That makes 42. It always did."
QUESTION = {"role": "user", "content": "What is 6 times 7?"}
Chunk = dict[str, Any]


@dataclass
class System:
    server: ChatServer
    session: aiohttp.ClientSession

    @property
    def preset(self) -> Preset:
        return self.server.preset

    def body(self, *, stream: bool) -> dict[str, object]:
        """The least that it takes."""
        asked: dict[str, object] = {
            "model": next(iter(self.preset.models or ["anything"])),
            "messages": [QUESTION],
            "modalities": ["text", "audio"],
            "audio": {"voice": next(iter(self.preset.voices)), "format": self.format(stream)},
        }
        return asked | ({"stream": True} if stream else {})

    def format(self, stream: bool) -> str:
        return (self.preset.stream_formats if stream else self.preset.formats)[0]

    async def post(self, body: object, path: str | None = None, **headers: str) -> "Reply":
        url = path or f"{self.preset.roots[0]}/chat/completions"
        key = headers or {"Authorization": f"Bearer {self.server.key}"}
        address = self.server.base_url.removesuffix(self.preset.roots[0]) + url
        async with self.session.post(
            address, json=body, headers=key, allow_redirects=False
        ) as response:
            return Reply(response.status, await response.read(), response.headers)

    async def ask(self, *, stream: bool = False, **fields: object) -> "Reply":
        """Ask, with some fields set or (None) left out."""
        body = self.body(stream=stream) | fields
        return await self.post({k: v for k, v in body.items() if v is not None})


@dataclass
class Reply:
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON of any shape
        return msgspec.json.decode(self.body)

    @property
    def audio(self) -> dict[str, Any]:
        found: dict[str, Any] = self.json["choices"][0]["message"]["audio"]
        return found

    @property
    def chunks(self) -> list[Chunk]:
        events = self.body.decode().split("\n\n")
        data = [event.removeprefix("data: ") for event in events if event.startswith("data: ")]
        return [msgspec.json.decode(each) for each in data if each != "[DONE]"]

    def told(self, field: str) -> list[Any]:
        """What the chunks say of the sound."""
        deltas = [choice["delta"] for chunk in self.chunks for choice in chunk["choices"]]
        audios = [delta["audio"] for delta in deltas if delta.get("audio")]
        return [audio[field] for audio in audios if audio.get(field) is not None]

    @property
    def samples(self) -> bytes:
        return b"".join(map(base64.b64decode, self.told("data")))

    @property
    def content(self) -> str:
        deltas = [choice["delta"] for chunk in self.chunks for choice in chunk["choices"]]
        return "".join(delta.get("content") or "" for delta in deltas)


@asynccontextmanager
async def serving(name: str, said: str | None = SAID) -> AsyncIterator[System]:
    async with (
        ChatServer(preset=name, canned=said) as server,
        aiohttp.ClientSession() as session,
    ):
        yield System(server, session)


def clip(text: str = "") -> list[object]:
    data = base64.b64encode(streamed_wav(b"\1\0" * 24_000)).decode()
    audio = {"data": f"{text}{data}", "format": "wav"}
    return [{"role": "user", "content": [{"type": "input_audio", "input_audio": audio}]}]


WHOLE = sorted(set(PRESETS) - {"openrouter", "qwen-omni"})
STREAMED = sorted(set(PRESETS) - {"codingplanx", "codingplanx-parts", "kkiai"})
