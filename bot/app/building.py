"""Opens everything and puts it together; what is opened here is closed here, in reverse."""

import random
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial

from bot.app.clock import now
from bot.app.models import Models, look_ahead, open_models
from bot.app.rules import limits, owner_of, reply_rules
from bot.audio.service import AudioWorker
from bot.client import VoiceBot
from bot.discord_io.attachments import AttachmentReader, open_file_session
from bot.discord_io.components import KEY_BYTES, Signer
from bot.health import Meter, Metrics, serve_health, vitals_of
from bot.services import Services
from bot.services.alarms import Alarms
from bot.services.aloud import Aloud
from bot.services.asking import Asking
from bot.services.catching_up import CatchingUp
from bot.services.claiming import holding
from bot.services.closing import Closing
from bot.services.commanded import Commanded
from bot.services.consulting import Consulting
from bot.services.deletions import Deletions
from bot.services.delivery import Delivery
from bot.services.doctor import Doctor, probe_audio, probe_database, probe_model
from bot.services.finishing import Finishing
from bot.services.hearing import Hearing
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
from bot.services.resuming import Resuming
from bot.services.rooms import Rooms
from bot.services.session_starts import SessionStarts
from bot.services.shown_places import ShownPlaces
from bot.services.tools.calling import Tools
from bot.services.tools.table import TABLE
from bot.services.transcripts import Transcripts
from bot.services.turnstile import Turnstile
from bot.services.waiting import LineNotices
from bot.services.writing_down import WritingDown
from bot.settings import Settings
from bot.storage.changes import ChangeStore
from bot.storage.claims import ClaimStore
from bot.storage.database import Database, open_database
from bot.storage.gone_places import GonePlaceStore
from bot.storage.inbox import InboxStore
from bot.storage.keys import KeyStore
from bot.storage.locales import LocaleStore
from bot.storage.outbox import OutboxStore
from bot.storage.personas import PersonaStore
from bot.storage.rooms import RoomStore
from bot.storage.samples import SampleStore
from bot.storage.turns import TurnStore
from bot.storage.untold import UntoldStore


@asynccontextmanager
async def build(settings: Settings, *, message_content: bool) -> AsyncIterator[VoiceBot]:
    """Open everything and put it together."""
    async with AsyncExitStack() as stack:
        metrics = Metrics()
        database = await stack.enter_async_context(
            open_database(settings.database_url, metrics.wrote)
        )
        await stack.enter_async_context(holding(ClaimStore(database)))
        meter = Meter(metrics, database.require_writes)
        worker = await stack.enter_async_context(
            AudioWorker(waiting_at_most=2 * settings.max_in_flight)
        )
        alarms = Alarms(now, KeyStore(database))
        models = await open_models(stack, settings, alarms, meter)
        files = meter.attachments(await _open_attachments(stack, settings))
        writing_down = WritingDown(models.writers, TurnStore(database), now)
        stack.callback(writing_down.close)
        services = _services(
            settings,
            database,
            InboxStore(database, metrics),
            meter.transcoder(worker),
            models,
            files,
            alarms,
            writing_down,
        )
        look_ahead(stack, settings, models.apis)
        signer = await _make_signer(database)
        bot = await stack.enter_async_context(
            VoiceBot(services, signer, message_content=message_content)
        )
        vitals = await vitals_of(bot, database, worker, metrics)
        await stack.enter_async_context(
            serve_health(settings.health_host, settings.health_port, vitals)
        )
        yield bot


async def _try_out(database: Database, keys: KeyStore) -> None:
    """Read from the database, and see whether it takes what is written."""
    await database.require_writes()
    await keys.get("components")


async def _make_signer(database: Database) -> Signer:
    make = partial(secrets.token_bytes, KEY_BYTES)
    return Signer(await KeyStore(database).get_or_make("components", make), now)


async def _open_attachments(stack: AsyncExitStack, settings: Settings) -> AttachmentReader:
    session = await stack.enter_async_context(open_file_session(on_this_machine=settings.is_local))
    return AttachmentReader(session, settings.attachment_hosts, plain_http=settings.is_local)


def _services(
    settings: Settings,
    database: Database,
    inbox: InboxStore,
    transcoder: Transcoder,
    models: Models,
    attachments: Attachments,
    alarms: Alarms,
    writing_down: WritingDown,
) -> Services:
    turns, room_store = TurnStore(database), RoomStore(database)
    changes, personas, owner = ChangeStore(database), PersonaStore(database), owner_of(settings)
    keys = KeyStore(database)
    rooms = Rooms(room_store, changes, personas, owner, now)
    rules = reply_rules(settings)
    turnstile = Turnstile(
        settings.max_in_flight,
        now,
        member_rate=settings.member_rate,
        server_rate=settings.server_rate,
    )
    hearing = Hearing(attachments, transcoder, limits(settings))
    speaker, reciters, first = models.speaker, models.reciters, models.apis[0]
    preparing = Preparing(hearing, writing_down, turns, inbox, most_turns=rules.budget.turns)
    tools = Tools(TABLE, settings.tools)
    consulting = Consulting(speaker, tools, now, random.SystemRandom())
    asking = Asking(speaker, consulting, turns, hearing, rules, now)
    aloud = Aloud(reciters, speaker, rules)
    outbox, incidents = OutboxStore(database), Incidents(now)
    recording = Recording(turns, outbox, aloud, kept_clip_bytes=rules.kept_clip_bytes, clock=now)
    delivery, postings, shown_places = Delivery(transcoder), Postings(), ShownPlaces(keys)
    catch_up = timedelta(minutes=settings.catch_up_minutes)
    untold, claims, deletions = UntoldStore(database), ClaimStore(database), Deletions()
    intake = Intake(
        inbox, claims, untold, turns, rooms, postings, deletions, now, recovery_age=catch_up
    )
    closing = Closing(inbox, untold, turns, incidents, now)
    finishing = Finishing(
        inbox,
        turns,
        outbox,
        rooms,
        Resuming(turns, outbox, now),
        recording,
        delivery,
        closing,
        turnstile,
        postings,
        deletions,
    )
    replies = Replies(
        inbox,
        turns,
        rooms,
        preparing,
        asking,
        recording,
        finishing,
        closing,
        turnstile,
        postings,
        deletions,
        LineNotices(shown_places, now),
        now,
        deadline_s=settings.answer_deadline_s,
    )
    return Services(
        intake=intake,
        replies=replies,
        commanded=Commanded(rooms, intake, replies, turnstile),
        on_demand=OnDemand(turns, rooms, aloud, delivery, turnstile, now),
        reading=Reading(turns, rooms, aloud, delivery, turnstile, now),
        transcripts=Transcripts(
            turns, rooms, hearing, writing_down, speaker, turnstile, rules, now
        ),
        rooms=rooms,
        personas=Personas(personas, owner, now),
        previews=Previews(
            SampleStore(database),
            rooms,
            aloud,
            (speaker, reciters[0]),
            transcoder,
            settings.speech_languages,
            turnstile,
            now,
        ),
        locales=Locales(LocaleStore(database)),
        housekeeping=Housekeeping(
            turns, GonePlaceStore(database), changes, settings.keep_audio_days, now
        ),
        publishing=Publishing(keys),
        doctor=Doctor(
            probe_database(partial(_try_out, database, keys)),
            probe_model(first, settings.model, f"{settings.servers[0].settings}_MODEL"),
            probe_audio(transcoder),
        ),
        incidents=incidents,
        alarms=alarms,
        catching_up=CatchingUp(inbox, intake, rooms, keys, catch_up, now),
        session_starts=SessionStarts(keys, settings.session_starts_per_hour, now),
        shown_places=shown_places,
        turnstile=turnstile,
    )
