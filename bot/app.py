"""The only place that builds things: what is opened here is closed here, in reverse."""

import asyncio
import logging
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import aiohttp

from bot.audio.service import AudioWorker
from bot.chat_api.client import ChatApi, open_session
from bot.chat_api.speech import SpeechApi
from bot.client import VoiceBot, redirect
from bot.discord_io.application import content_allowed
from bot.discord_io.attachments import AttachmentReader
from bot.discord_io.components import KEY_BYTES, Signer
from bot.domain.conversation import Budget
from bot.domain.owner import Owner
from bot.errors import IntentRefused
from bot.health import serve_health
from bot.services import Services
from bot.services.aloud import Aloud
from bot.services.asking import Asking, ReplyRules
from bot.services.commanded import Commanded
from bot.services.consulting import Consulting
from bot.services.delivery import Delivery
from bot.services.doctor import Doctor, probe_audio, probe_database, probe_model, warn_of_ends
from bot.services.hearing import Hearing, HearingLimits
from bot.services.housekeeping import Housekeeping
from bot.services.incidents import Incidents
from bot.services.intake import Intake
from bot.services.locales import Locales
from bot.services.on_demand import OnDemand
from bot.services.personas import Personas
from bot.services.ports import Attachments, Transcoder
from bot.services.postings import Postings
from bot.services.preparing import Preparing
from bot.services.previews import Previews
from bot.services.publishing import Publishing
from bot.services.reading import Reading
from bot.services.recording import Recording
from bot.services.replies import Replies
from bot.services.rooms import Rooms
from bot.services.speakers import Ranked, Speakers
from bot.services.tools.calling import Tools
from bot.services.tools.table import TABLE
from bot.services.transcripts import Transcripts
from bot.services.turnstile import Turnstile
from bot.settings import ModelServer, Settings
from bot.storage.changes import ChangeStore
from bot.storage.database import Database, migrate, open_database
from bot.storage.gone_places import GonePlaceStore
from bot.storage.inbox import InboxStore
from bot.storage.keys import KeyStore
from bot.storage.locales import LocaleStore
from bot.storage.personas import PersonaStore
from bot.storage.rooms import RoomStore
from bot.storage.samples import SampleStore
from bot.storage.turns import TurnStore
from bot.tasks import spawn

T = TypeVar("T")

__all__ = ["build", "migrate", "open_chat", "run"]

log = logging.getLogger(__name__)

KEPT_CLIP_BYTES = 2 * 2**20
"""The largest recording of a member that is kept, so that later turns can hear it again."""

DRAIN_S = 20
"""How long answers under way may take once the bot is asked to stop."""


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Run the bot until `stop` is set.

    Raises:
        StartError: Discord does not let us in.
        DatabaseError: the database cannot be used.

    """
    redirect(settings.discord_api_url, settings.discord_gateway_url)
    message_content = await _until(stop, _wants_content(settings))
    if message_content is None:
        return
    try:
        await _run_once(settings, stop, message_content=message_content)
    except IntentRefused as error:
        log.warning("%s", error.sentence)
        await _run_once(settings, stop, message_content=False)


async def _wants_content(settings: Settings) -> bool:
    if settings.message_content == "auto":
        return await content_allowed(settings.discord_token.value)
    return settings.message_content == "on"


async def _run_once(settings: Settings, stop: asyncio.Event, *, message_content: bool) -> None:
    if stop.is_set():
        return
    async with (
        build(settings, message_content=message_content) as bot,
        serve_health(settings.health_port, bot.is_ready),
    ):
        serving = bot.serve(settings.discord_token.value)
        await _until(stop, serving, partial(_drain, bot.services.turnstile, stop))


async def _nothing_to_finish() -> None:
    """Wind nothing down."""


async def _until(
    stop: asyncio.Event,
    work: Coroutine[Any, Any, T],
    wind_down: Callable[[], Awaitable[None]] = _nothing_to_finish,
) -> T | None:
    """Work to the end, or until `stop` is set: then wind down first and cancel afterwards."""
    working, stopping = spawn(work, name="work"), spawn(stop.wait(), name="stop signal")
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        await wind_down()
    finally:
        working.cancel()
        stopping.cancel()
        await asyncio.wait((working, stopping))
    return None if working.cancelled() else working.result()


async def _drain(turnstile: Turnstile, stop: asyncio.Event) -> None:
    """Let answers under way end before what they stand on is closed; without Discord none can."""
    if stop.is_set():
        log.info("stopping: answers under way are finished first")
    if not await turnstile.drain(DRAIN_S if stop.is_set() else 0):
        log.warning("answers were cut short; the next start takes them up again")


@asynccontextmanager
async def build(settings: Settings, *, message_content: bool) -> AsyncIterator[VoiceBot]:
    """Open everything and put it together."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings.database_url))
        worker = await stack.enter_async_context(
            AudioWorker(waiting_at_most=2 * settings.max_in_flight)
        )
        models = await _open_models(stack, settings)
        files = await _open_attachments(stack, settings)
        services = _services(settings, database, worker, models, files)
        _look_ahead(stack, settings, models[2])
        signer = await _make_signer(database)
        yield await stack.enter_async_context(
            VoiceBot(services, signer, message_content=message_content)
        )


async def _open_models(
    stack: AsyncExitStack, settings: Settings
) -> tuple[Speakers, tuple[SpeechApi, ...], tuple[ChatApi, ...]]:
    """Open the servers: those that answer as one and one by one, those that speak given words."""
    session = await stack.enter_async_context(open_session())
    apis = [open_chat(session, settings, server) for server in settings.servers]
    ranked = [_rank(server, api) for server, api in zip(settings.servers, apis, strict=True)]
    reciters = tuple(
        SpeechApi(
            session,
            base_url=server.base_url,
            key=server.key.value,
            model=server.speech_model,
            provider=server.provider,
            settings=server.settings,
            max_sound_bytes=settings.max_response_bytes,
        )
        for server in settings.servers
    )
    return Speakers(ranked, _now), reciters, tuple(apis)


def _look_ahead(stack: AsyncExitStack, settings: Settings, apis: Sequence[ChatApi]) -> None:
    """Ask beside the start whether the models are there, and for how long."""
    named = [f"{server.settings}_MODEL" for server in settings.servers]
    looking = warn_of_ends(list(zip(apis, named, strict=True)), _now().date())
    stack.callback(spawn(looking, name="look at the models").cancel)


def open_chat(session: aiohttp.ClientSession, settings: Settings, server: ModelServer) -> ChatApi:
    """Make the client of one server."""
    return ChatApi(
        session,
        base_url=server.base_url,
        key=server.key.value,
        model=server.model,
        provider=server.provider,
        settings=server.settings,
        deadline_s=settings.request_deadline_s,
        max_response_bytes=settings.max_response_bytes,
        stream=settings.stream,
    )


def _rank(server: ModelServer, api: ChatApi) -> Ranked:
    provider = server.provider
    return Ranked(provider.title, api, server.text_model, provider.voice_for)


async def _make_signer(database: Database) -> Signer:
    make = partial(secrets.token_bytes, KEY_BYTES)
    return Signer(await KeyStore(database).get_or_make("components", make), _now)


async def _open_attachments(stack: AsyncExitStack, settings: Settings) -> AttachmentReader:
    session = await stack.enter_async_context(
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)
    )
    return AttachmentReader(session, settings.attachment_hosts, plain_http=settings.is_local)


def _services(
    settings: Settings,
    database: Database,
    transcoder: Transcoder,
    models: tuple[Speakers, tuple[SpeechApi, ...], tuple[ChatApi, ...]],
    attachments: Attachments,
) -> Services:
    inbox, turns, room_store = InboxStore(database), TurnStore(database), RoomStore(database)
    changes, personas, owner = ChangeStore(database), PersonaStore(database), _owner(settings)
    keys = KeyStore(database)
    rooms = Rooms(room_store, changes, personas, owner, _now)
    turnstile, rules = Turnstile(settings.max_in_flight), _rules(settings)
    hearing = Hearing(attachments, transcoder, _limits(settings))
    speaker, reciters, (first, *_) = models
    preparing = Preparing(hearing, turns, inbox, most_turns=rules.budget.turns)
    tools = Tools(TABLE, settings.tools)
    consulting = Consulting(speaker, tools, _now, random.SystemRandom())
    asking = Asking(speaker, consulting, turns, hearing, rules, _now)
    aloud = Aloud(reciters, speaker, rules)
    recording = Recording(turns, aloud, kept_clip_bytes=rules.kept_clip_bytes, clock=_now)
    delivery, postings = Delivery(transcoder), Postings()
    intake = Intake(inbox, turns, rooms, postings, _now)
    replies = Replies(
        inbox, turns, rooms, preparing, asking, recording, delivery, turnstile, postings, _now
    )
    return Services(
        intake=intake,
        replies=replies,
        commanded=Commanded(rooms, intake, replies),
        on_demand=OnDemand(turns, rooms, aloud, delivery, turnstile, _now),
        reading=Reading(turns, rooms, aloud, delivery, turnstile, _now),
        transcripts=Transcripts(turns, rooms, hearing, speaker, turnstile, rules, _now),
        rooms=rooms,
        personas=Personas(personas, owner, _now),
        previews=Previews(
            SampleStore(database),
            rooms,
            aloud,
            (speaker, reciters[0]),
            transcoder,
            settings.speech_languages,
            _now,
        ),
        locales=Locales(LocaleStore(database)),
        housekeeping=Housekeeping(
            turns, GonePlaceStore(database), changes, settings.keep_audio_days, _now
        ),
        publishing=Publishing(keys),
        doctor=Doctor(
            probe_database(partial(keys.get, "components")),
            probe_model(first, settings.model, f"{settings.servers[0].settings}_MODEL"),
            probe_audio(transcoder),
        ),
        incidents=Incidents(_now),
        turnstile=turnstile,
    )


def _rules(settings: Settings) -> ReplyRules:
    return ReplyRules(
        budget=Budget(
            turns=settings.history_turns,
            tokens=settings.history_tokens,
            answer_audio_s=settings.history_audio_seconds,
            member_audio_turns=settings.member_audio_turns,
            member_audio_s=settings.member_audio_seconds,
            member_audio_tokens=settings.member_audio_tokens,
        ),
        asker_key=settings.discord_token.value.encode(),
        kept_clip_bytes=KEPT_CLIP_BYTES if settings.keep_audio_days else 0,
    )


def _owner(settings: Settings) -> Owner:
    return Owner(
        voice=settings.default_voice,
        file_format=settings.audio_format,
        instructions=settings.system_prompt,
        model=settings.model,
        models=settings.models,
        text_model=settings.servers[0].text_model,
        speech_model=settings.servers[0].speech_model,
        parameters=settings.sampling,
        sampling=settings.sampling_allowed,
        answer_tokens=settings.max_answer_tokens,
        persona_characters=settings.persona_max_chars,
        personas=settings.personas_max,
    )


def _limits(settings: Settings) -> HearingLimits:
    return HearingLimits(
        input_s=settings.max_input_seconds,
        file_bytes=settings.max_attachment_bytes,
        text_file_bytes=settings.max_text_file_bytes,
    )


def _now() -> datetime:
    return datetime.now(UTC)
