"""The services on a real database, with a scripted model and rooms that keep what is posted."""

import random
from collections.abc import Collection
from dataclasses import dataclass, replace

from bot.domain.conversation import Budget
from bot.domain.incoming import Incoming
from bot.domain.owner import Owner
from bot.domain.prompt import FromMember, Prompt
from bot.domain.sampling import Sampling
from bot.domain.setting_words import Transcribe
from bot.domain.triggers import Verdict
from bot.services.aloud import Aloud
from bot.services.asking import Asking, ReplyRules
from bot.services.closing import Closing
from bot.services.consulting import Consulting
from bot.services.deletions import Deletions
from bot.services.delivery import Delivery
from bot.services.finishing import Finishing
from bot.services.hearing import Hearing, HearingLimits
from bot.services.housekeeping import Housekeeping
from bot.services.incidents import Incidents
from bot.services.intake import Intake, Recovered
from bot.services.on_demand import OnDemand
from bot.services.personas import Personas
from bot.services.postings import Postings
from bot.services.preparing import Preparing
from bot.services.recording import GRACE_S, Recording
from bot.services.replies import Replies
from bot.services.resuming import Resuming
from bot.services.rooms import Rooms
from bot.services.shown_places import ShownPlaces
from bot.services.tools.calling import Tools
from bot.services.tools.table import TABLE
from bot.services.transcripts import Transcripts
from bot.services.turnstile import Turnstile
from bot.services.waiting import LineNotices
from bot.services.writing_down import WritingDown
from bot.storage.changes import ChangeStore
from bot.storage.claims import ClaimStore
from bot.storage.database import Database
from bot.storage.gone_places import GonePlaceStore
from bot.storage.inbox import InboxStore
from bot.storage.keys import KeyStore
from bot.storage.outbox import OutboxStore
from bot.storage.personas import PersonaStore
from bot.storage.rooms import RoomStore
from bot.storage.turns import TurnStore
from bot.storage.untold import UntoldStore
from tests.fakes import (
    FilesInMemory,
    InstantTranscoder,
    RecordingOutlet,
    ScriptedReciter,
    ScriptedSpeaker,
    ScriptedWriter,
    StoppedClock,
)

BUDGET = Budget(
    turns=20,
    tokens=12_000,
    answer_audio_s=120,
    member_audio_turns=2,
    member_audio_s=60,
    member_audio_tokens=600,
)
RULES = ReplyRules(
    budget=BUDGET,
    asker_key=b"a key of this bot",
    kept_clip_bytes=1_000,
)
OWNER = Owner(
    voice="alloy",
    file_format="mp3",
    instructions="Be brief.",
    model="gpt-audio-1.5",
    models=("gpt-audio-1.5", "gpt-audio-mini"),
    text_model="gpt-5-mini",
    speech_model="gpt-4o-mini-tts",
    parameters=Sampling(),
    sampling=frozenset({"temperature"}),
    answer_tokens=500,
    persona_characters=100,
    personas=3,
)
LIMITS = HearingLimits(input_s=10, file_bytes=1_000, text_file_bytes=100)


@dataclass
class Services:
    """Everything between Discord and the model."""

    database: Database
    intake: Intake
    replies: Replies
    closing: Closing
    on_demand: OnDemand
    transcripts: Transcripts
    rooms: Rooms
    personas: Personas
    housekeeping: Housekeeping
    turnstile: Turnstile
    postings: Postings
    inbox: InboxStore
    turns: TurnStore
    outbox: OutboxStore
    speaker: ScriptedSpeaker
    reciter: ScriptedReciter
    writer: ScriptedWriter
    transcoder: InstantTranscoder
    files: FilesInMemory
    clock: StoppedClock

    async def accept(self, incoming: Incoming) -> Verdict:
        """Judge a message, and store what is for us; IGNORE for what is known."""
        verdict = await self.intake.judge(incoming)
        if verdict is Verdict.IGNORE or not await self.intake.keep(incoming):
            return Verdict.IGNORE
        return verdict

    async def ask(
        self, incoming: Incoming, outlet: RecordingOutlet | None = None
    ) -> RecordingOutlet:
        """Bring a question the whole way."""
        outlet = outlet or RecordingOutlet(first_id=incoming.message_id * 1_000)
        assert await self.intake.judge(incoming) is Verdict.ANSWER
        await self.replies.receive(incoming, outlet)
        return outlet

    async def recover(self) -> Recovered:
        """Find what a kill cut short, as the next run of the bot does."""
        self.database.boot_id += "+"
        return await self.intake.recover()


def history(prompt: Prompt) -> list[object]:
    """What was sent before the question, without the instructions."""
    return list(prompt.messages[1:-1])


def said(prompt: Prompt) -> list[object]:
    """What members said, the question last."""
    return [message.parts[0] for message in prompt.messages if isinstance(message, FromMember)]


def build_services(
    database: Database,
    *,
    tools: Collection[str] = (),
    transcribe: Transcribe = Transcribe.OFF,
    grace_s: float = GRACE_S,
    member_rate: int = 0,
    deadline_s: float = 120.0,
) -> Services:
    clock = StoppedClock()
    speaker, transcoder, files = ScriptedSpeaker(clock), InstantTranscoder(), FilesInMemory()
    inbox, turns, room_store = InboxStore(database), TurnStore(database), RoomStore(database)
    changes, personas = ChangeStore(database), PersonaStore(database)
    owner = replace(OWNER, transcribe=transcribe)
    rooms = Rooms(room_store, changes, personas, owner, clock)
    hearing, writer = Hearing(files, transcoder, LIMITS), ScriptedWriter()
    writing_down = WritingDown((writer,), turns, clock)
    consulting = Consulting(speaker, Tools(TABLE, tools), clock, random.Random(7))
    asking = Asking(speaker, consulting, turns, hearing, RULES, clock)
    reciter = ScriptedReciter()
    aloud, delivery = Aloud((reciter,), speaker, RULES), Delivery(transcoder)
    outbox = OutboxStore(database)
    recording = Recording(
        turns, outbox, aloud, kept_clip_bytes=RULES.kept_clip_bytes, clock=clock, grace_s=grace_s
    )
    closing = Closing(inbox, UntoldStore(database), turns, Incidents(clock), clock)
    turnstile = Turnstile(16, clock, member_rate=member_rate)
    postings, deletions = Postings(), Deletions()
    resuming = Resuming(turns, outbox, clock)
    finishing = Finishing(
        inbox,
        turns,
        outbox,
        rooms,
        resuming,
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
        Preparing(hearing, writing_down, turns, inbox, most_turns=BUDGET.turns),
        asking,
        recording,
        finishing,
        closing,
        turnstile,
        postings,
        deletions,
        LineNotices(ShownPlaces(KeyStore(database)), clock),
        clock,
        deadline_s=deadline_s,
    )
    return Services(
        database,
        Intake(
            inbox,
            ClaimStore(database),
            UntoldStore(database),
            turns,
            rooms,
            postings,
            deletions,
            clock,
        ),
        replies,
        closing,
        OnDemand(turns, rooms, aloud, delivery, turnstile, clock),
        Transcripts(turns, rooms, hearing, writing_down, speaker, turnstile, RULES, clock),
        rooms,
        Personas(personas, OWNER, clock),
        Housekeeping(turns, GonePlaceStore(database), changes, 7, clock),
        turnstile,
        postings,
        inbox,
        turns,
        outbox,
        speaker,
        reciter,
        writer,
        transcoder,
        files,
        clock,
    )
