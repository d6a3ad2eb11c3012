"""`POST /v1/audio/speech`: given words as sound, checked as strictly as the real API does."""

import asyncio
import base64
import contextlib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from bot.audio.tempo import at_speed
from bot.domain.reply import FASTEST, SLOWEST, SPEECH_HZ, SoundFormat
from bot.domain.usage import ANSWER_TOKENS_PER_S
from bot.local.chat_server.bodies import Completion, api_headers
from bot.local.chat_server.complaints import explain
from bot.local.chat_server.faults.queue import Faults
from bot.local.chat_server.offer import Offer
from bot.local.chat_server.presets import Preset
from bot.local.chat_server.refusals import ApiRefusal, invalid_value, quoted
from bot.local.chat_server.sound import write_answer
from bot.local.chat_server.speech import SpeechCache

_CUSTOM_VOICE = re.compile(r"voice_[A-Za-z0-9_-]{1,100}")
_MOST_TOKENS = 2_000
_CHUNK_BYTES = 16_384
_OLD_VOICES = ("alloy", "ash", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer")
_CONTENT_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}


class _CustomVoice(Struct, forbid_unknown_fields=True):
    id: str


class SpeechAsked(Struct, forbid_unknown_fields=True):
    """A request for given words as sound."""

    model: str
    input: Annotated[str, Meta(min_length=1, max_length=4096)]
    voice: str | _CustomVoice
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "mp3"
    speed: Annotated[float, Meta(ge=0.25, le=4)] = 1.0
    instructions: Annotated[str, Meta(max_length=4096)] | None = None
    stream_format: Literal["audio", "sse"] = "audio"

    @property
    def voice_name(self) -> str:
        """The voice's name or id."""
        return self.voice if isinstance(self.voice, str) else self.voice.id

    @property
    def tokens(self) -> int:
        """Roughly what the words count: four plain letters, or one other character."""
        plain = sum(character.isascii() for character in self.input)
        return -(-plain // 4) + len(self.input) - plain


@dataclass(frozen=True, slots=True)
class SpokenAloud:
    """Words as sound, and how long it is."""

    data: bytes
    seconds: float


class Aloud:
    """Answers calls of the endpoint.

    Attributes:
        faults: what goes wrong with the next calls; faults that change a completion do not fit.

    """

    def __init__(self, preset: Preset, speech: SpeechCache, offer: Offer) -> None:
        """Prepare the endpoint.

        Args:
            preset: the system that is stood in for.
            speech: speaks the words.
            offer: the models.

        """
        self.faults = Faults()
        self._preset = preset
        self._speech = speech
        self._offer = offer

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        fault = self.faults.take()
        if fault is not None:
            return await fault(request, _nothing)
        asked = read_speech_request(await request.read(), self._preset, self._offer)
        spoken = await asyncio.to_thread(self._say, asked)
        return await respond_aloud(request, asked, spoken)

    def _say(self, asked: SpeechAsked) -> SpokenAloud:
        """Speak the words; takes a while the first time."""
        voice = self._preset.voices.get(asked.voice_name, asked.voice_name)
        spoken = self._speech.speak(asked.input, voice, "pcm16")
        pcm = _at_any_speed(base64.b64decode(spoken.data), asked.speed)
        wanted: SoundFormat = "pcm16" if asked.response_format == "pcm" else asked.response_format
        return SpokenAloud(write_answer(pcm, wanted), len(pcm) / 2 / SPEECH_HZ)


async def _nothing() -> Completion:
    return {}


_decoder = msgspec.json.Decoder(SpeechAsked)


def read_speech_request(body: bytes, preset: Preset, offer: Offer) -> SpeechAsked:
    """Read a request.

    Raises:
        ApiRefusal: anything the real API would not take either.

    """
    try:
        asked = _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise explain(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ApiRefusal(400, "We could not parse the JSON body of your request.") from error
    offer.require_for("speech", asked.model)
    _check_stream(asked)
    _check_voice(asked, preset)
    _check_length(asked)
    return asked


def _check_stream(asked: SpeechAsked) -> None:
    if asked.stream_format == "sse" and asked.model.startswith("tts-1"):
        raise invalid_value("stream_format", f"'sse' is not supported by {asked.model}.")


def _check_voice(asked: SpeechAsked, preset: Preset) -> None:
    is_old = asked.model.startswith("tts-1") and preset.models is not None
    named = _OLD_VOICES if is_old else tuple(preset.voices)
    voice = asked.voice
    known = voice in named if isinstance(voice, str) else _CUSTOM_VOICE.fullmatch(voice.id)
    if not known:
        raise invalid_value(
            "voice",
            f"Invalid value: '{asked.voice_name}'. Supported values are: {quoted(named)}.",
        )


def _check_length(asked: SpeechAsked) -> None:
    if asked.model.startswith("gpt-") and asked.tokens > _MOST_TOKENS:
        raise ApiRefusal(
            400,
            f"Input of {asked.tokens} tokens is over the maximum input limit of {_MOST_TOKENS} "
            "tokens. Please shorten your input.",
            code="invalid_value",
        )


def _at_any_speed(pcm: bytes, speed: float) -> bytes:
    """Change the speed, in two steps where one is too large for the filter."""
    if SLOWEST <= speed <= FASTEST:
        return bytes(at_speed(pcm, speed))
    step = math.sqrt(speed)
    return bytes(at_speed(at_speed(pcm, step), step))


async def respond_aloud(
    request: web.Request, asked: SpeechAsked, spoken: SpokenAloud
) -> web.StreamResponse:
    """Send the sound in chunks, as it is or as events."""
    sse = asked.stream_format == "sse"
    kind = "text/event-stream" if sse else _CONTENT_TYPES[asked.response_format]
    response = web.StreamResponse(headers={**api_headers(), "Content-Type": kind})
    await response.prepare(request)
    with contextlib.suppress(ConnectionResetError):  # whoever asked has heard enough
        for chunk in _events(asked, spoken) if sse else _chunks(spoken.data):
            await response.write(chunk)
        await response.write_eof()
    return response


def _chunks(data: bytes) -> Iterator[bytes]:
    return (data[at : at + _CHUNK_BYTES] for at in range(0, len(data), _CHUNK_BYTES))


def _events(asked: SpeechAsked, spoken: SpokenAloud) -> Iterator[bytes]:
    yield from map(_delta, _chunks(spoken.data))
    yield _done(asked, spoken)


def _delta(chunk: bytes) -> bytes:
    return _event({"type": "speech.audio.delta", "audio": base64.b64encode(chunk).decode()})


def _done(asked: SpeechAsked, spoken: SpokenAloud) -> bytes:
    made = round(spoken.seconds * ANSWER_TOKENS_PER_S)
    usage = {
        "input_tokens": asked.tokens,
        "output_tokens": made,
        "total_tokens": asked.tokens + made,
    }
    return _event({"type": "speech.audio.done", "usage": usage})


def _event(fields: Mapping[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(fields) + b"\n\n"
