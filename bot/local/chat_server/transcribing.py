"""`POST /v1/audio/transcriptions`: the words of a recording, checked as the real API checks it.

Only a server with ears has models for it: without them each is unknown.
"""

import asyncio
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.audio.decode import decode
from bot.domain.reply import SPEECH_HZ
from bot.domain.usage import MEMBER_TOKENS_PER_S
from bot.errors import AudioError
from bot.local.chat_server.bodies import Completion, api_headers, json_response
from bot.local.chat_server.complaints import missing, unknown
from bot.local.chat_server.faults.queue import Faults
from bot.local.chat_server.form import Field, NotAForm, read_form
from bot.local.chat_server.listening import Listener
from bot.local.chat_server.offer import Offer
from bot.local.chat_server.refusals import ApiRefusal, invalid_value, quoted

MOST_BYTES = 26_214_400
_LEAST_S = 0.1
_MOST_S = 1500.0
_FORMATS = ("json", "text", "srt", "verbose_json", "vtt", "diarized_json")
_FILE_TYPES = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_TEMPERATURE = re.compile(r"0?\.\d+|0|1(\.0*)?")
_KNOWN = ("file", "model", "language", "prompt", "response_format", "temperature")
_CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class TranscriptAsked:
    """A request for the words of a recording.

    Attributes:
        sound: the file.
        filename: its name; its ending is what the real API goes by.

    """

    model: str
    sound: bytes
    filename: str
    response_format: str
    language: str
    prompt: str
    temperature: str


class Transcribing:
    """Answers calls of the endpoint.

    Attributes:
        faults: what goes wrong with the next calls; faults that change a completion do not fit.

    """

    def __init__(self, listener: Listener, offer: Offer) -> None:
        """Prepare the endpoint.

        Args:
            listener: makes words of speech.
            offer: the models.

        """
        self.faults = Faults()
        self._listener = listener
        self._offer = offer

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        fault = self.faults.take()
        if fault is not None:
            return await fault(request, _nothing)
        asked = read_form_request(
            request.headers.get("Content-Type", ""), await request.read(), self._offer
        )
        return await asyncio.to_thread(self._transcribe, asked)

    def _transcribe(self, asked: TranscriptAsked) -> web.Response:
        pcm = _samples(asked)
        words = self._listener.hear(pcm)
        if asked.response_format == "text":
            return web.Response(text=f"{words}\n", headers=api_headers())
        return json_response(_answer(asked, words, len(pcm) / 2 / SPEECH_HZ))


async def _nothing() -> Completion:
    return {}


def read_form_request(content_type: str, body: bytes, offer: Offer) -> TranscriptAsked:
    """Read a request.

    Raises:
        ApiRefusal: anything the real API would not take either.

    """
    try:
        fields = {field.name: field for field in read_form(content_type, body)}
    except NotAForm as error:
        raise ApiRefusal(400, f"We could not parse your form data: {error}.") from error
    asked = _asked(fields)
    offer.require_for("transcriptions", asked.model)
    for check in (_check_format, _check_choices, _check_file):
        check(asked)
    return asked


def _asked(fields: Mapping[str, Field]) -> TranscriptAsked:
    for name in fields:
        if name not in _KNOWN:
            raise unknown(name)
    for name in ("file", "model"):
        if name not in fields:
            raise missing(name)
    file = fields["file"]
    if file.filename is None:
        raise ApiRefusal(400, "Invalid type for 'file': expected a file.", param="file")
    written = {name: field.text for name, field in fields.items() if name != "file"}
    return TranscriptAsked(
        model=written["model"],
        sound=file.data,
        filename=file.filename,
        response_format=written.get("response_format", "json"),
        language=written.get("language", ""),
        prompt=written.get("prompt", ""),
        temperature=written.get("temperature", "0"),
    )


def _check_format(asked: TranscriptAsked) -> None:
    """Take what this model writes; of the formats with times, none is made here."""
    wanted, made = (
        asked.response_format,
        ("json",) if _writes_json_only(asked) else ("json", "text"),
    )
    if wanted not in _FORMATS:
        raise invalid_value(
            "response_format",
            f"Invalid value: '{wanted}'. Supported values are: {quoted(_FORMATS)}.",
        )
    if wanted not in made:
        raise ApiRefusal(
            400,
            f"response_format '{wanted}' is not compatible with model '{asked.model}'. "
            f"Use {' or '.join(repr(each) for each in made)} instead.",
            code="unsupported_value",
            param="response_format",
        )


def _writes_json_only(asked: TranscriptAsked) -> bool:
    return asked.model.startswith("gpt-4o-")


def _check_choices(asked: TranscriptAsked) -> None:
    if asked.language and not _LANGUAGE.fullmatch(asked.language):
        raise invalid_value("language", "Language parameter must be specified in ISO-639-1 format.")
    if not _TEMPERATURE.fullmatch(asked.temperature):
        raise invalid_value("temperature", "Invalid 'temperature': expected 0 to 1.")


def _check_file(asked: TranscriptAsked) -> None:
    size, ending = len(asked.sound), asked.filename.rpartition(".")[2].lower()
    if size > MOST_BYTES:
        raise ApiRefusal(
            413, f"Maximum content size limit ({MOST_BYTES}) exceeded ({size} bytes read)"
        )
    if "." not in asked.filename or ending not in _FILE_TYPES:
        raise ApiRefusal(400, f"Invalid file format. Supported formats: {list(_FILE_TYPES)}")


def _samples(asked: TranscriptAsked) -> bytes:
    """Decode the recording to s16le samples, mono, 24 kHz."""
    try:
        decoded = decode(asked.sound, max_seconds=_MOST_S)
    except AudioError as error:
        raise _refuse_sound(error) from error
    if decoded.seconds < _LEAST_S:
        raise _too_short()
    return bytes(decoded.pcm)


def _refuse_sound(error: AudioError) -> ApiRefusal:
    if error.code == "audio_too_long":
        return ApiRefusal(
            400,
            f"audio duration is longer than {_MOST_S:.0f} seconds which is the maximum for "
            "this model",
            code="invalid_value",
        )
    return invalid_value("file", "Audio file might be corrupted or unsupported")


def _too_short() -> ApiRefusal:
    return ApiRefusal(
        400,
        f"Audio file is too short. Minimum audio length is {_LEAST_S} seconds.",
        code="audio_too_short",
        param="file",
    )


def _answer(asked: TranscriptAsked, words: str, seconds: float) -> dict[str, Any]:
    if asked.model == "whisper-1":
        return {"text": words, "usage": {"type": "duration", "seconds": math.ceil(seconds)}}
    answer: dict[str, Any] = {"text": words, "usage": _usage(asked, words, seconds)}
    # No language was recognised: that is what an empty list says there.
    return {**answer, "languages": []} if asked.model == "gpt-transcribe" else answer


def _usage(asked: TranscriptAsked, words: str, seconds: float) -> dict[str, Any]:
    heard, told, written = (
        round(seconds * MEMBER_TOKENS_PER_S),
        _tokens(asked.prompt),
        _tokens(words),
    )
    return {
        "type": "tokens",
        "input_tokens": heard + told,
        "input_token_details": {"text_tokens": told, "audio_tokens": heard},
        "output_tokens": written,
        "total_tokens": heard + told + written,
    }


def _tokens(text: str) -> int:
    return -(-len(text) // _CHARACTERS_PER_TOKEN)
