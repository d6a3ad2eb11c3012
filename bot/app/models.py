"""The servers of models, as the settings name them."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp

from bot.app.clock import now
from bot.chat_api.attempts import Gate, Patience
from bot.chat_api.client import ChatApi, open_session
from bot.chat_api.retries import LONGEST_ORDERED_WAIT_S
from bot.chat_api.server import Server
from bot.chat_api.speech import SpeechApi
from bot.chat_api.transcriptions import TranscriptionApi
from bot.health import Meter
from bot.services.alarms import Alarms
from bot.services.breaking import Breaker, GuardedReciter, GuardedWriter
from bot.services.doctor import warn_of_ends
from bot.services.ports import Reciter, Writer
from bot.services.speakers import Ranked, Speakers
from bot.settings import ModelServer, Settings
from bot.tasks import spawn

_BEFORE_THE_NEXT_S = 2.0
"""How long an order to wait is obeyed where another server stands ready."""

_GIVEN_WORDS_S = 60.0
"""How long one passage that is read aloud, or one recording that is written down, may take."""


@dataclass(frozen=True, slots=True)
class Models:
    """The servers: those that answer as one and one by one, that speak words, that write down."""

    speaker: Speakers
    apis: tuple[ChatApi, ...]
    reciters: tuple[Reciter, ...]
    writers: tuple[Writer, ...]


async def open_models(
    stack: AsyncExitStack, settings: Settings, alarms: Alarms, meter: Meter
) -> Models:
    """Open the servers; what they do for members goes by the meter."""
    session = await stack.enter_async_context(open_session())
    gated = [(server, Gate()) for server in settings.servers]
    waits = [*[_BEFORE_THE_NEXT_S for _ in gated[1:]], LONGEST_ORDERED_WAIT_S]
    apis = [
        open_chat(session, settings, *each, longest_wait_s=wait_s)
        for each, wait_s in zip(gated, waits, strict=True)
    ]
    ranked = [_rank(server, api, meter) for server, api in zip(settings.servers, apis, strict=True)]
    reciters = tuple(
        GuardedReciter(
            meter.reciter(_open_reciter(session, settings, server, gate), server.provider.name),
            Breaker(number, server.provider.title, alarms, now),
        )
        for number, (server, gate) in enumerate(gated)
    )
    writers = tuple(
        GuardedWriter(
            meter.writer(open_writer(session, settings, server, gate), server.provider.name),
            Breaker(number, server.provider.title, alarms, now),
        )
        for number, (server, gate) in enumerate(gated)
    )
    return Models(Speakers(ranked, alarms, now), tuple(apis), reciters, writers)


def look_ahead(stack: AsyncExitStack, settings: Settings, apis: Sequence[ChatApi]) -> None:
    """Ask beside the start whether the models are there, and for how long."""
    named = [
        (api, *each)
        for api, server in zip(apis, settings.servers, strict=True)
        for each in _models_of(server)
    ]
    named += [(apis[0], name, "MODELS") for name in settings.models[1:]]
    looking = warn_of_ends(named, now().date())
    stack.callback(spawn(looking, name="look at the models").cancel)


def _models_of(server: ModelServer) -> list[tuple[str, str]]:
    """Name the models that answer, each with the setting that names it."""
    found = [(server.model, f"{server.settings}_MODEL")]
    return found if server.text_model is None else [*found, (server.text_model, "TEXT_MODEL")]


def open_chat(
    session: aiohttp.ClientSession,
    settings: Settings,
    server: ModelServer,
    gate: Gate | None = None,
    *,
    longest_wait_s: float = LONGEST_ORDERED_WAIT_S,
) -> ChatApi:
    """Make the client of one server."""
    return ChatApi(
        session,
        _server(server),
        server.model,
        max_response_bytes=settings.max_response_bytes,
        stream=settings.stream,
        patience=Patience(
            settings.request_deadline_s, gate=gate or Gate(), longest_wait_s=longest_wait_s
        ),
    )


def _open_reciter(
    session: aiohttp.ClientSession, settings: Settings, server: ModelServer, gate: Gate
) -> SpeechApi:
    return SpeechApi(
        session,
        _server(server),
        server.speech_model,
        max_sound_bytes=settings.max_response_bytes,
        patience=Patience(_GIVEN_WORDS_S, gate=gate),
    )


def open_writer(
    session: aiohttp.ClientSession,
    settings: Settings,
    server: ModelServer,
    gate: Gate | None = None,
) -> TranscriptionApi:
    """Make the client of one server that writes recordings down."""
    return TranscriptionApi(
        session,
        _server(server),
        settings.transcribe_model,
        patience=Patience(_GIVEN_WORDS_S, gate=gate or Gate()),
    )


def _server(server: ModelServer) -> Server:
    return Server(
        base_url=server.base_url,
        secret=server.key.value,
        provider=server.provider,
        settings=server.settings,
    )


def _rank(server: ModelServer, api: ChatApi, meter: Meter) -> Ranked:
    provider = server.provider
    return Ranked(
        provider.title, meter.speaker(api, provider.name), server.text_model, provider.voice_for
    )
