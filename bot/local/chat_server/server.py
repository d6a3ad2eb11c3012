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
from bot.local.chat_server.asked import Asked
from bot.local.chat_server.bodies import Completion, json_response
from bot.local.chat_server.completions import Completions
from bot.local.chat_server.engines import Ears, Mind, Voice
from bot.local.chat_server.faults import Faults
from bot.local.chat_server.keys import SECRET, check_key
from bot.local.chat_server.kinds import check_kind
from bot.local.chat_server.listening import Listener
from bot.local.chat_server.memory import AudioMemory
from bot.local.chat_server.mind import RuleMind
from bot.local.chat_server.offer import Offer
from bot.local.chat_server.presets import OPENAI, PRESETS, Preset
from bot.local.chat_server.reading import read_request
from bot.local.chat_server.refusals import ApiRefusal
from bot.local.chat_server.speech import SpeechCache
from bot.local.chat_server.streaming import send_stream
from bot.local.chat_server.transcribing import Transcribing
from bot.local.espeak import Espeak

KEY = "sk-local-practice-key"
"""The key that the stand-in accepts unless it is given another; it opens nothing else."""

_LIMIT_BYTES = 64 * 1024 * 1024
_MOST_SEEN = 500


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
        preset: str | Preset = OPENAI,
        key: str = KEY,
        models: Mapping[str, str | None] | None = None,
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
            preset: the system to stand in for, or its name (see `presets`).
            key: the key it accepts.
            models: names on offer, each with the day it ends, or None; the system's when None.
            ears: turn recordings into words; when None nobody listens for words, and models that
                only write them down are not on offer.
            mind: finds the answers; the rules of `mind` when None.
            voice: speaks them; eSpeak NG when None.
            canned: always say this instead of asking the mind.
            now: seconds since 1970; audio ids live by it.
            host: the address to listen on.
            port: 0 for any free one.

        """
        self.preset = preset = PRESETS[preset] if isinstance(preset, str) else preset
        self.key = key
        self.faults = Faults()
        self.seen: deque[Seen] = deque(maxlen=_MOST_SEEN)
        self.memory = AudioMemory(now, preset)
        self._offer = Offer(preset.models if models is None else models, hears=ears is not None)
        self._host = host
        self._port = port
        speech = SpeechCache(voice or Espeak(), preset.write)
        self._aloud = Aloud(preset, speech, self._offer)
        self.speech_faults = self._aloud.faults
        listener = Listener(ears)
        self._transcribing = Transcribing(listener, self._offer)
        self.transcription_faults = self._transcribing.faults
        self._completions = Completions(
            preset,
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
        for root in self.preset.roots:
            self._add_routes(app.router, root)
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
        return f"http://{host}:{self._port}{self.preset.roots[0]}"

    @property
    def completions_seen(self) -> list[Any]:
        """The parsed bodies of all calls of chat completions, oldest first."""
        return [seen.body for seen in self.seen if seen.path.endswith("/chat/completions")]

    def _add_routes(self, router: web.UrlDispatcher, root: str) -> None:
        router.add_post(f"{root}/chat/completions", self._complete)
        if "models" in self.preset.endpoints:
            router.add_get(f"{root}/models", self._offer.list_all)
            router.add_get(f"{root}/models/{{model:.+}}", self._offer.show)
        if "speech" in self.preset.endpoints:
            router.add_post(f"{root}/audio/speech", self._aloud.respond)
        if "transcriptions" in self.preset.endpoints:
            router.add_post(f"{root}/audio/transcriptions", self._transcribing.respond)

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
            self._send_elsewhere(request)
            check_key(request, self.preset.key_headers, self.key)
            self.preset.admit(request)
            response: web.StreamResponse = await handler(request)
        except ApiRefusal as refusal:
            return self.preset.refuse(refusal)
        except web.HTTPRedirection:
            raise
        except web.HTTPRequestEntityTooLarge:
            too_large = f"Maximum content size limit ({_LIMIT_BYTES}) exceeded"
            return self.preset.refuse(ApiRefusal(413, too_large))
        except web.HTTPException as missing:
            return self._miss(request, missing)
        return response

    def _send_elsewhere(self, request: web.Request) -> None:
        """Do what a web server does before anybody looks at a key."""
        if (location := self.preset.moved.get(request.path)) is not None:
            raise web.HTTPMovedPermanently(location)
        if self.preset.lost is not None and request.match_info.http_exception is not None:
            raise request.match_info.http_exception

    def _miss(self, request: web.Request, missing: web.HTTPException) -> web.Response:
        if self.preset.lost is not None:
            return self.preset.lost(request)
        message = f"Invalid URL ({request.method} {request.path})"
        return self.preset.refuse(ApiRefusal(missing.status, message))

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        async def answer() -> Completion:
            return await self._answer(await self._read(request))

        fault = self.faults.take()
        if fault is not None:
            return await fault(request, answer)
        asked = await self._read(request)
        completion = await self._answer(asked)
        if asked.stream:
            return await send_stream(
                request, self.preset.events(completion, asked.wants_usage_streamed)
            )
        return json_response(self.preset.whole(completion), status=self.preset.status)

    async def _read(self, request: web.Request) -> Asked:
        deployment = request.match_info.get("deployment")
        body = await request.read()
        asked = await asyncio.to_thread(read_request, body, self.preset, deployment=deployment)
        self._offer.require(asked.model)
        check_kind(asked)
        return asked

    async def _answer(self, asked: Asked) -> Completion:
        return await asyncio.to_thread(self._completions.complete, asked)


def _seen(request: web.Request, body: bytes) -> Seen:
    headers = {k.lower(): v for k, v in request.headers.items() if k.lower() not in SECRET}
    return Seen(request.method, request.path, headers, body)
