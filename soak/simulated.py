"""Discord, the model and files, simulated at the ports of the services, with faults by chance."""

# ruff: noqa: ARG002 - the ports have these arguments

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.incoming import FileRef, Incoming
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
from bot.domain.usage import Waste
from bot.errors import (
    AudioGone,
    BotError,
    ChatApiError,
    DeliveryError,
    FilesForbidden,
    NoAccess,
    SourceGone,
    TooLarge,
    Unreachable,
    VoiceForbidden,
)

NONCES_LIVE_S = 300.0
NOTICE = 99

_MODEL_ERRORS = (
    "server_failed", "rate_limited", "timed_out", "unreachable", "answer_unreadable",
    "context_too_long", "request_refused", "content_filter", "quota_exhausted",
)  # fmt: skip


@dataclass(slots=True)
class Chances:
    """How often something goes wrong."""

    dice: random.Random
    model: float = 0.06
    posting: float = 0.05
    lost: float = 0.02
    stop: float = 0.06

    def hit(self, likelihood: float) -> bool:
        """Decide."""
        return self.dice.random() < likelihood

    async def wait(self, least_s: float, most_s: float) -> None:
        """Take some time."""
        await asyncio.sleep(self.dice.uniform(least_s, most_s))


@dataclass(slots=True)
class Posted:
    """A message of the bot's."""

    id: int
    part: int
    standing: Standing


@dataclass(slots=True)
class SimulatedDiscord:
    """What stands in all rooms, by the question it answers."""

    chances: Chances
    clock: Callable[[], float]
    posted: defaultdict[int, list[Posted]] = field(default_factory=lambda: defaultdict(list))
    nonces: dict[tuple[int, int], tuple[float, Posted]] = field(default_factory=dict)
    told: Counter[int] = field(default_factory=Counter)
    deleted: set[int] = field(default_factory=set)
    next_id: int = 10**15

    def post(self, question_id: int, part: int, text: str, *, files: bool, voice: bool) -> int:
        """Take a message, unless its nonce was here lately."""
        known = self.nonces.get((question_id, part))
        if known is not None and self.clock() - known[0] < NONCES_LIVE_S:
            return known[1].id
        self.next_id += 1
        posted = Posted(self.next_id, part, Standing(self.next_id, text, files, voice))
        self.posted[question_id].append(posted)
        self.nonces[question_id, part] = self.clock(), posted
        return posted.id

    def forget(self, question_id: int) -> None:
        """Let go of a question that is over."""
        for each in self.posted.pop(question_id, ()):
            self.nonces.pop((question_id, each.part), None)
        self.told.pop(question_id, None)
        self.deleted.discard(question_id)


class SimulatedOutlet:
    """The room of one question."""

    limit_bytes = 10 * 2**20
    locale: str | None = None

    def __init__(self, discord: SimulatedDiscord, question: Incoming) -> None:
        self._discord = discord
        self._chances = discord.chances
        self._id = question.message_id
        self._insists = False

    def hush(self) -> None:
        """Change nothing."""

    def check_access(self) -> None:
        """Let pass."""

    def check_sound(self) -> None:
        """Let pass."""

    def insist(self) -> None:
        """Post on even without the question."""
        self._insists = True

    async def open_thread(self, title: str) -> None:
        """Stay."""

    async def standing(self) -> Sequence[Standing] | None:
        """Show what stands; now and then nothing can be seen."""
        await self._chances.wait(0.1, 1)
        if self._chances.hit(self._chances.lost):
            raise _unreachable()
        if self._chances.hit(self._chances.lost):
            return None
        return [each.standing for each in self._discord.posted.get(self._id, ())]

    @asynccontextmanager
    async def typing(self) -> AsyncIterator[None]:
        """Show nothing."""
        yield

    async def post_voice(self, clip: VoiceClip, *, part: int) -> int:
        """Take a voice message."""
        return await self._post("", part, files=True, voice=True)

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
        """Take words and files."""
        return await self._post(text, part, files=sound is not None or transcript is not None)

    async def _post(self, text: str, part: int, *, files: bool, voice: bool = False) -> int:
        await self._chances.wait(0.05, 0.8)
        if self._id in self._discord.deleted and not self._insists:
            raise SourceGone("source_deleted", "The question was deleted.")
        if part != NOTICE and self._chances.hit(self._chances.posting):
            raise self._refusal(files=files, voice=voice)
        lost_before = self._chances.hit(self._chances.lost)
        if not lost_before:
            message_id = self._discord.post(self._id, part, text, files=files, voice=voice)
            await self._chances.wait(0.05, 0.5)
            if not self._chances.hit(self._chances.lost):
                return message_id
        raise _unreachable()

    def _refusal(self, *, files: bool, voice: bool) -> DeliveryError:
        kinds: list[type[DeliveryError]] = [NoAccess]
        kinds += [TooLarge, FilesForbidden] if files else []
        kinds += [VoiceForbidden] * 3 if voice else []
        return self._chances.dice.choice(kinds)("refused_by_chance", "Discord refuses it.")

    async def retract(self, message_id: int) -> None:
        """Delete a message."""
        left = [each for each in self._discord.posted[self._id] if each.id != message_id]
        self._discord.posted[self._id] = left

    async def mark(self, emoji: str) -> bool:
        """Note that the asker sees something, unless it is lost."""
        if self._chances.hit(self._chances.lost):
            return False
        self._discord.told[self._id] += 1
        return True

    async def whisper(self, sentence: str) -> bool:
        """Tell the asker alone."""
        await self._chances.wait(0.05, 0.5)
        if self._chances.hit(self._chances.lost):
            raise _unreachable()
        self._discord.told[self._id] += 1
        return True


def _unreachable() -> Unreachable:
    return Unreachable("discord_unreachable", "Discord is not to be had.")


class SimulatedModel:
    """Answers, sooner or later, or not."""

    origin = "simulated"
    model = "gpt-4o-mini-tts"

    def __init__(self, chances: Chances, now: Callable[[], datetime]) -> None:
        self._chances = chances
        self._now = now
        self.calls = 0

    def origin_of(self, model: str | None) -> str:
        """Name where ids are good."""
        return self.origin if model is None else f"{self.origin} {model}"

    def origins(self, model: str | None) -> tuple[str, ...]:
        """Name the same."""
        return (self.origin_of(model),)

    async def speak(self, prompt: Prompt, on_waste: Callable[[Waste], None]) -> SpokenReply:
        """Answer after some seconds."""
        self.calls += 1
        await self._chances.wait(0.5, 20)
        if self._chances.hit(self._chances.model):
            raise self._failure()
        number = self._chances.dice.randrange(10**12)
        sound = None if self._chances.hit(0.03) else Sound(b"sound", "mp3")
        handle = AudioHandle(f"audio_{number}", self._now() + timedelta(hours=1), self.origin)
        return SpokenReply(
            transcript=f"Answer {number}. " * self._chances.dice.choice((1, 1, 1, 5, 5, 200)),
            sound=sound if prompt.voice else None,
            handle=handle if prompt.voice and sound else None,
            finish="stop",
            usage=Usage(text_in=10, audio_out=20),
            model="gpt-audio-1.5",
        )

    def _failure(self) -> BotError:
        if self._chances.hit(0.2):
            return AudioGone(None, status=400)
        return ChatApiError(self._chances.dice.choice(_MODEL_ERRORS), "The model fails.")

    async def synthesize(
        self,
        text: str,
        voice: str,
        *,
        speed: float | None = None,
        instructions: str | None = None,
    ) -> Sound:
        """Speak given words."""
        await self._chances.wait(0.5, 3)
        return Sound(b"sound", "mp3")

    async def write_down(self, clip: ModelAudio) -> Heard:
        """Write down."""
        await self._chances.wait(0.5, 3)
        return Heard("words", Usage(audio_in=4), clip.seconds, "gpt-transcribe")


class SimulatedSound:
    """Sound and files, made at once."""

    async def model_input(
        self, data: bytes, *, max_seconds: float, wav: bool = False
    ) -> ModelAudio:
        """Hear something."""
        return ModelAudio(data, "wav" if wav else "mp3", 2.0)

    async def voice_clip(self, sound: Sound, *, limit_bytes: int, speed: float = 1.0) -> VoiceClip:
        """Make a bubble."""
        return VoiceClip(sound.data, 2.0, b"\x01")

    async def sound_file(
        self, sound: Sound, *, wanted: SoundFormat, limit_bytes: int, speed: float = 1.0
    ) -> SoundFile:
        """Make a file."""
        return SoundFile(sound.data, wanted, f"audio/{wanted}", 2.0)

    async def read(self, ref: FileRef, *, limit_bytes: int) -> bytes:
        """Fetch a recording of a member."""
        return b"recording"
