"""The model's client over the stand-in API, and what goes in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from bot.chat_api.attempts import Gate, Patience
from bot.chat_api.client import ChatApi
from bot.chat_api.provider import Provider
from bot.chat_api.providers import OPENAI
from bot.chat_api.server import Server
from bot.chat_api.speech import SPEECH_MODEL, SpeechApi
from bot.chat_api.transcriptions import TRANSCRIPTION_MODEL, TranscriptionApi
from bot.domain.prompt import FromMember, Prompt, PromptMessage, SpokenBefore, System
from bot.domain.reply import AudioHandle, SoundFormat
from bot.domain.sampling import Sampling
from bot.local.chat_server import ChatServer

QUESTION = "Is a golden retriever a good family dog?"


def prompt(
    *messages: PromptMessage,
    voice: str | None = "coral",
    format: SoundFormat = "wav",
    model: str | None = None,
    **sampling: Any,  # noqa: ANN401 - the fields of `Sampling`
) -> Prompt:
    """A prompt; a plain question when nothing is given."""
    said = messages or (System("Be kind."), FromMember((QUESTION,)))
    return Prompt(
        said,
        voice=voice,
        format=format,
        max_tokens=2048,
        asker="asker-1",
        model=model,
        sampling=Sampling(**sampling),
    )


def follow_up(handle: AudioHandle) -> Prompt:
    return prompt(
        System("Be kind."),
        FromMember((QUESTION,)),
        SpokenBefore(handle),
        FromMember(("What did you say?",)),
    )


@dataclass
class Calls:
    """Makes clients, and remembers how long they waited without waiting."""

    server: ChatServer
    session: aiohttp.ClientSession
    waits_s: list[float] = field(default_factory=list)

    def api(
        self,
        *,
        base_url: str | None = None,
        key: str | None = None,
        model: str = "gpt-audio-1.5",
        deadline_s: float = 30.0,
        max_response_bytes: int = 32 * 1024 * 1024,
        provider: Provider = OPENAI,
        stream: bool = False,
        stall_s: float = 30.0,
        gate: Gate | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> ChatApi:
        return ChatApi(
            self.session,
            self._server(base_url, key, provider),
            model,
            max_response_bytes=max_response_bytes,
            stream=stream,
            stall_s=stall_s,
            patience=Patience(deadline_s, now, lambda: 0.0, self._pause, gate or Gate()),
        )

    def speech(
        self,
        *,
        base_url: str | None = None,
        key: str | None = None,
        model: str = SPEECH_MODEL,
        deadline_s: float = 30.0,
        max_sound_bytes: int = 32 * 1024 * 1024,
    ) -> SpeechApi:
        return SpeechApi(
            self.session,
            self._server(base_url, key),
            model,
            max_sound_bytes=max_sound_bytes,
            patience=Patience(deadline_s, jitter=lambda: 0.0, pause=self._pause),
        )

    def transcriptions(
        self,
        *,
        base_url: str | None = None,
        key: str | None = None,
        model: str = TRANSCRIPTION_MODEL,
        deadline_s: float = 30.0,
        max_words_bytes: int = 1024 * 1024,
        provider: Provider = OPENAI,
    ) -> TranscriptionApi:
        return TranscriptionApi(
            self.session,
            self._server(base_url, key, provider),
            model,
            max_words_bytes=max_words_bytes,
            patience=Patience(deadline_s, jitter=lambda: 0.0, pause=self._pause),
        )

    def _server(self, base_url: str | None, key: str | None, provider: Provider = OPENAI) -> Server:
        return Server(
            base_url=base_url or self.server.base_url,
            secret=key or self.server.key,
            provider=provider,
        )

    async def _pause(self, seconds: float) -> None:
        self.waits_s.append(seconds)
