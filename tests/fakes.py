"""Stand-ins for the outside of the services: they do what they say and remember what they saw."""

import asyncio
import math
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.deadlines import left_s
from bot.domain.incoming import Address, FileRef, Incoming, Member, ReplyTo
from bot.domain.prompt import Prompt
from bot.domain.reply import (
    AudioHandle,
    Button,
    Heard,
    ModelAudio,
    Sound,
    SoundFile,
    SoundFormat,
    SpokenReply,
    Standing,
    Usage,
    VoiceClip,
)
from bot.domain.rooms import Room
from bot.domain.usage import Waste
from bot.errors import AttachmentError, AudioError, BotError, SourceGone, Unreachable

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CHANNEL = Room(channel_id=10, guild_id=1)
THREAD = Room(channel_id=10, guild_id=1, thread_id=11)
DM = Room(channel_id=20)
ADA, BOB = Member(101, "Ada"), Member(102, "Bob")


def asked(
    message_id: int,
    text: str = "Is a golden retriever a good family dog?",
    *,
    room: Room = CHANNEL,
    member: Member = ADA,
    reply_to: int | None = None,
    address: Address | None = None,
    files: tuple[FileRef, ...] = (),
    voice_message: bool = False,
) -> Incoming:
    """A question; a mention in a channel, or what is usual in its room."""
    usual = Address.DM if room.is_dm else Address.MENTION
    return Incoming(
        message_id=message_id,
        room=room,
        member=member,
        text=text,
        created_at=NOON,
        address=address or usual,
        files=files,
        reply_to=ReplyTo(reply_to, ours=True) if reply_to else None,
        voice_message=voice_message,
    )


class StoppedClock:
    """A clock that goes only when it is told."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, span: timedelta) -> None:
        self.now += span


@dataclass
class ScriptedSpeaker:
    """A model that answers in turn what it was given; an error is raised.

    The next call also wastes what is in `waste`; `left_s` has the time that each was left.
    """

    clock: StoppedClock
    script: list[SpokenReply | BotError | Exception] = field(default_factory=list)
    heard: list[Prompt] = field(default_factory=list)
    waste: list[Waste] = field(default_factory=list)
    left_s: list[float] = field(default_factory=list)
    takes_s: float = 0.0
    origin: str = "here"

    def origin_of(self, model: str | None) -> str:
        return self.origin if model is None else f"{self.origin}, {model}"

    def origins(self, model: str | None) -> tuple[str, ...]:
        return (self.origin_of(model),)

    async def speak(self, prompt: Prompt, on_waste: Callable[[Waste], None]) -> SpokenReply:
        self.heard.append(prompt)
        self.left_s.append(left_s(math.inf))
        if self.takes_s:
            await asyncio.sleep(self.takes_s)
        while self.waste:
            on_waste(self.waste.pop(0))
        usual = self.say(f"answer {len(self.heard)}", sound=prompt.voice is not None)
        answer = self.script.pop(0) if self.script else usual
        if isinstance(answer, Exception):
            raise answer
        return answer

    def say(self, words: str, *, sound: bool = True) -> SpokenReply:
        """An answer with an id that is good for an hour."""
        expires_at = self.clock() + timedelta(hours=1)
        handle = AudioHandle(f"audio_{words.replace(' ', '_')}", expires_at, self.origin)
        return SpokenReply(
            transcript=words,
            sound=Sound(b"sound of " + words.encode(), "mp3") if sound else None,
            handle=handle if sound else None,
            finish="stop",
            usage=Usage(text_in=10, audio_out=100),
            model="gpt-audio-1.5",
        )


@dataclass
class ScriptedReciter:
    """Speaks given words at once; the errors of its script are raised in turn, None is none."""

    script: list[BotError | None] = field(default_factory=list)
    read: list[tuple[str, str]] = field(default_factory=list)
    left_s: list[float] = field(default_factory=list)
    model: str = "gpt-4o-mini-tts"

    async def synthesize(
        self,
        text: str,
        voice: str,
        *,
        speed: float | None = None,
        instructions: str | None = None,
    ) -> Sound:
        self.read.append((text, voice))
        self.left_s.append(left_s(math.inf))
        if self.script and (refusal := self.script.pop(0)) is not None:
            raise refusal
        return Sound(f"{voice} reads {text}".encode(), "wav")


@dataclass
class ScriptedWriter:
    """Writes down what a clip holds, once it is let; errors of its script are raised in turn.

    With `words` every clip says the same; a `defect` is raised always.
    """

    script: list[BotError | None] = field(default_factory=list)
    heard: list[ModelAudio] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    let: asyncio.Event = field(default_factory=asyncio.Event)
    words: str | None = None
    defect: Exception | None = None

    def __post_init__(self) -> None:
        self.let.set()

    async def write_down(self, clip: ModelAudio) -> Heard:
        self.heard.append(clip)
        self.begun.set()
        await self.let.wait()
        if self.defect is not None:
            raise self.defect
        if self.script and (refusal := self.script.pop(0)) is not None:
            raise refusal
        held = clip.data.decode().removeprefix("heard ")
        words = held if self.words is None else self.words
        return Heard(words, Usage(audio_in=40, text_out=5), clip.seconds, "gpt-transcribe")


@dataclass
class InstantTranscoder:
    """Passes sound on; a clip called `silence` cannot be heard, one called `long` is too long."""

    seconds: float = 4.0
    broken: bool = False

    async def model_input(
        self, data: bytes, *, max_seconds: float, wav: bool = False
    ) -> ModelAudio:
        if data == b"silence":
            raise AudioError("silent", "I heard nothing.")
        return ModelAudio(b"heard " + data, "wav" if wav else "mp3", self.seconds)

    async def voice_clip(self, sound: Sound, *, limit_bytes: int, speed: float = 1.0) -> VoiceClip:
        self._check()
        return VoiceClip(sound.data[:limit_bytes], 2.0 / speed, b"\x01\x02")

    async def sound_file(
        self, sound: Sound, *, wanted: SoundFormat, limit_bytes: int, speed: float = 1.0
    ) -> SoundFile:
        self._check()
        return SoundFile(sound.data[:limit_bytes], wanted, f"audio/{wanted}", 2.0 / speed)

    def _check(self) -> None:
        if self.broken:
            raise AudioError("worker_died", "The sound could not be made.")


class FilesInMemory:
    """Members' files by their URL."""

    def __init__(self, **files: bytes) -> None:
        self.files = files

    async def read(self, ref: FileRef, *, limit_bytes: int) -> bytes:
        if ref.url not in self.files:
            raise AttachmentError("file_gone", "Your file is no longer there.")
        return self.files[ref.url][: limit_bytes + 1]


@dataclass
class Posted:
    """One message that was posted."""

    id: int
    part: int
    text: str = ""
    clip: VoiceClip | None = None
    sound: SoundFile | None = None
    alt_text: str = ""
    transcript: str | None = None
    buttons: Sequence[Button] = ()
    silent: bool = False
    thread: str | None = None


class RecordingOutlet:
    """A room that keeps what is posted; `refusals` are raised in turn, one a posting.

    A deleted question (SourceGone) refuses nothing any more once the services insist.
    """

    def __init__(self, first_id: int = 1_000, *, refusals: Sequence[BotError | None] = ()) -> None:
        self.posted: list[Posted] = []
        self.whispered: list[str] = []
        self.marked: list[str] = []
        self.may_mark = True
        self.takes_whispers = True
        self.standing_already: Sequence[Standing] | None = ()
        self.was_typing = False
        self.closed: BotError | None = None
        self.soundless: BotError | None = None
        self.limit_bytes = 1_000
        self.locale: str | None = None
        self.is_out_of_reach = False
        self._insists = False
        self._silent = False
        self._thread: str | None = None
        self._refusals = list(refusals)
        self.next_id = first_id

    def check_access(self) -> None:
        if self.closed:
            raise self.closed

    def check_sound(self) -> None:
        if self.soundless:
            raise self.soundless

    async def standing(self) -> Sequence[Standing] | None:
        self._require_reach()
        return self.standing_already

    def _require_reach(self) -> None:
        if self.is_out_of_reach:
            raise Unreachable("discord_unreachable", "Discord is not to be had.")

    def insist(self) -> None:
        self._insists = True

    def hush(self) -> None:
        self._silent = True

    async def open_thread(self, title: str) -> None:
        self._thread = title

    @asynccontextmanager
    async def typing(self) -> AsyncIterator[None]:
        self.was_typing = True
        yield

    async def post_voice(self, clip: VoiceClip, *, part: int) -> int:
        return self._post(Posted(0, part, clip=clip))

    async def post_text(
        self,
        text: str,
        *,
        part: int,
        sound: SoundFile | None = None,
        alt_text: str = "",
        transcript: str | None = None,
        buttons: Sequence[Button] = (),
    ) -> int:
        return self._post(Posted(0, part, text, None, sound, alt_text, transcript, buttons))

    async def retract(self, message_id: int) -> None:
        self.posted = [message for message in self.posted if message.id != message_id]

    async def mark(self, emoji: str) -> bool:
        if self.may_mark:
            self.marked.append(emoji)
        return self.may_mark

    async def whisper(self, sentence: str) -> bool:
        self._require_reach()
        if self.takes_whispers:
            self.whispered.append(sentence)
        return self.takes_whispers

    def _post(self, message: Posted) -> int:
        self._require_reach()
        refusal = self._refusals.pop(0) if self._refusals else None
        if refusal is not None and not (self._insists and isinstance(refusal, SourceGone)):
            raise refusal
        message.id = self.next_id
        message.silent, message.thread = self._silent, self._thread
        self.next_id += 1
        self.posted.append(message)
        return message.id

    @property
    def failures(self) -> list[str]:
        """What failed, each without the number of its incident, which it must have."""
        found = [re.fullmatch(r"⚠️ (.*)\n-# Incident `[0-9a-f]{8}`", each) for each in self.texts]
        assert all(found), self.texts
        return [each[1] for each in found if each]

    @property
    def texts(self) -> list[str]:
        """The words that were posted."""
        return [message.text for message in self.posted if message.clip is None]
