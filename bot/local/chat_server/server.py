"""The HTTP side of the stand-in."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import msgspec
from aiohttp import web

from bot.local.chat_server.aloud import Aloud
from bot.local.chat_server.asked import Asked, read_request
from bot.local.chat_server.bodies import json_response
from bot.local.chat_server.completions import Completion, Completions
from bot.local.chat_server.engines import Ears, Mind, Voice
from bot.local.chat_server.faults import Faults
from bot.local.chat_server.kinds import check_kind
from bot.local.chat_server.listening import Listener
from bot.local.chat_server.memory import AudioMemory
from bot.local.chat_server.mind import RuleMind
from bot.local.chat_server.offer import OTHER_MODELS, TRANSCRIBING_MODELS
from bot.local.chat_server.refusals import ApiRefusal, no_key, no_such_model, wrong_key
from bot.local.chat_server.speech import SpeechCache
from bot.local.chat_server.streaming import send_stream
from bot.local.chat_server.transcribing import Transcribing
from bot.local.espeak import Espeak

KEY = "sk-local-practice-key"
"""The key that the stand-in accepts unless it is given another; it opens nothing else."""

MODELS: Mapping[str, str | None] = {
    "gpt-audio-1.5": None,
    "gpt-audio": "2027-01-20",
    "gpt-audio-2025-08-28": "2027-01-20",
    "gpt-audio-mini": "2027-01-20",
    "gpt-audio-mini-2025-12-15": "2027-01-20",
    **OTHER_MODELS,
}
"""The models on offer and the days they end; retired ones are unknown, as at OpenAI."""

_LIMIT_BYTES = 64 * 1024 * 1024
_MOST_SEEN = 500
_MODELS_SINCE = 1_767_225_600


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came, without the key.

    Attributes:
        headers: by lower-case name.
        raw: the body.

    """

    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:  # noqa: ANN401 - JSON of any shape
        """The body, parsed; None where it is no JSON."""
        try:
            return msgspec.json.decode(self.raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None


class ChatServer:
    """A stand-in completions API on loopback; see the package for how to use it."""

    def __init__(
        self,
        *,
        key: str = KEY,
        models: Mapping[str, str | None] = MODELS,
        ears: Ears | None = None,
        mind: Mind | None = None,
        voice: Voice | None = None,
        canned: str | None = None,
        now: Callable[[], float] = time.time,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        """Prepare the server.

        Args:
            key: the bearer token it accepts.
            models: names on offer, each with the day it ends, or None.
            ears: turn recordings into words; when None nobody listens for words, and models that
                only write them down are not on offer.
            mind: finds the answers; the rules of `mind` when None.
            voice: speaks them; eSpeak NG when None.
            canned: always say this instead of asking the mind.
            now: seconds since 1970; audio ids live by it.
            host: the address to listen on.
            port: 0 for any free one.

        """
        self.key = key
        self.faults = Faults()
        self.seen: deque[Seen] = deque(maxlen=_MOST_SEEN)
        self.memory = AudioMemory(now)
        self._models = {m: day for m, day in models.items() if ears or m not in TRANSCRIBING_MODELS}
        self._host = host
        self._port = port
        speech = SpeechCache(voice or Espeak())
        self._aloud = Aloud(speech, self._require_model)
        self.speech_faults = self._aloud.faults
        listener = Listener(ears)
        self._transcribing = Transcribing(listener, self._require_model)
        self.transcription_faults = self._transcribing.faults
        self._completions = Completions(
            listener=listener,
            mind=mind or RuleMind(),
            speech=speech,
            memory=self.memory,
            now=now,
            canned=canned,
        )
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> "ChatServer":
        app = web.Application(client_max_size=_LIMIT_BYTES, middlewares=[self._guard])
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_post("/v1/audio/speech", self._aloud.respond)
        app.router.add_post("/v1/audio/transcriptions", self._transcribing.respond)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_get("/v1/models/{model:.+}", self._show_model)
        # A client that leaves ends its call, and closing does not wait for a black hole.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def base_url(self) -> str:
        """What a client needs as its base URL; good once the server runs."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}/v1"

    @property
    def completions_seen(self) -> list[Any]:
        """The parsed bodies of all calls of chat completions, oldest first."""
        return [seen.body for seen in self.seen if seen.path.endswith("/chat/completions")]

    @web.middleware
    async def _guard(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Any],
    ) -> web.StreamResponse:
        """Write down every request, check its key, and put refusals into the API's shape."""
        try:
            body = await request.read()
            self.seen.append(_seen(request, body))
            self._check_key(request)
            response: web.StreamResponse = await handler(request)
        except ApiRefusal as refusal:
            return refusal.respond()
        except web.HTTPRequestEntityTooLarge:
            too_large = f"Maximum content size limit ({_LIMIT_BYTES}) exceeded"
            return ApiRefusal(413, too_large).respond()
        except web.HTTPException as missing:
            message = f"Invalid URL ({request.method} {request.path})"
            return ApiRefusal(missing.status, message).respond()
        return response

    def _check_key(self, request: web.Request) -> None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise no_key()
        if key != self.key:
            raise wrong_key(key)

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        async def answer() -> Completion:
            return await self._answer(await self._read(request))

        fault = self.faults.take()
        if fault is not None:
            return await fault(request, answer)
        asked = await self._read(request)
        completion = await self._answer(asked)
        if asked.stream:
            usage = asked.wants_usage_streamed
            return await send_stream(request, completion, with_usage=usage)
        return json_response(completion)

    async def _read(self, request: web.Request) -> Asked:
        asked = await asyncio.to_thread(read_request, await request.read())
        self._require_model(asked.model)
        check_kind(asked)
        return asked

    async def _answer(self, asked: Asked) -> Completion:
        return await asyncio.to_thread(self._completions.complete, asked)

    def _require_model(self, model: str) -> None:
        if model not in self._models:
            raise no_such_model(model)

    async def _list_models(self, _request: web.Request) -> web.Response:
        return json_response({"object": "list", "data": [self._about(m) for m in self._models]})

    async def _show_model(self, request: web.Request) -> web.Response:
        model = request.match_info["model"]
        self._require_model(model)
        return json_response(self._about(model))

    def _about(self, model: str) -> dict[str, Any]:
        about = {"id": model, "object": "model", "created": _MODELS_SINCE, "owned_by": "system"}
        return {**about, "shutdown_date": self._models[model]}


def _seen(request: web.Request, body: bytes) -> Seen:
    headers = {k.lower(): v for k, v in request.headers.items() if k.lower() != "authorization"}
    return Seen(request.method, request.path, headers, body)
