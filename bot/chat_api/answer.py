"""The JSON of an OpenAI-style answer with audio as our reply, forgiving what it can. Pure."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeVar

import msgspec
from msgspec import Raw, Struct

from bot.chat_api.failures import failure
from bot.chat_api.usage import UsageFields, count_tokens
from bot.domain.reply import AudioHandle, Sound, SoundFormat, SpokenReply
from bot.domain.usage import Waste

HANDLE_LIFE_S = 3600
"""How long OpenAI keeps an audio id; no server is believed when it claims more."""

_LONGEST_ID = 200
_NULL = Raw(b"null")

# Fields that servers are known to fill with anything are `Raw` and are read one by one.


class _AudioFields(Struct):
    id: Raw = _NULL
    expires_at: Raw = _NULL
    transcript: Raw = _NULL
    data: Raw = _NULL


class _AnswerPart(Struct):
    text: str = ""


class _AnswerMessage(Struct):
    content: Raw = _NULL
    refusal: Raw = _NULL
    # Anything JSON has; not `Raw`, which would read megabytes of sound once more.
    audio: _AudioFields | str | int | float | bool | list[Raw] | None = None


class _Choice(Struct):
    message: _AnswerMessage | None = None
    finish_reason: Raw = _NULL


class _Answer(Struct):
    choices: list[_Choice] | None = None
    created: Raw = _NULL
    model: Raw = _NULL
    usage: Raw = _NULL


_answer_decoder = msgspec.json.Decoder(_Answer)

T = TypeVar("T")

_Finish = Literal["stop", "length", "content_filter", "refused"]


def decode(
    body: bytes,
    *,
    wanted: SoundFormat | None,
    asked_model: str,
    origin: str,
    now: datetime,
    request_id: str | None = None,
) -> SpokenReply:
    """Read an answer, forgiving whatever can be done without.

    Args:
        body: the whole response, whatever it is.
        wanted: the format that was asked for; the sound itself is not looked into. None where
            only words were: sound that comes all the same is left out.
        asked_model: the model's name, where the answer has none.
        origin: see `AudioHandle`.
        now: when the answer came.
        request_id: the server's name of the call.

    Raises:
        ChatApiError: `answer_unreadable`, or nothing to say: `answer_empty`, `content_filter`,
            `answer_cut_off`.

    """
    try:
        answer = _answer_decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise failure("answer_unreadable", request_id=request_id) from error
    messages = [c.message for c in answer.choices or [] if c.message is not None]
    if not messages:
        raise failure("answer_unreadable", request_id=request_id)
    spoken = _spoken(messages)
    sound = Sound(spoken.sound, wanted) if spoken.sound and wanted else None
    usage = _read(answer.usage, UsageFields)
    reply = SpokenReply(
        transcript=spoken.transcript,
        sound=sound,
        handle=_handle(spoken, _read(answer.created, float), origin, now) if sound else None,
        finish=_finish(answer, refused=spoken.refused),
        usage=count_tokens(usage, spoken=sound is not None) if usage else None,
        model=_read(answer.model, str) or asked_model,
        request_id=request_id,
    )
    return _require_an_answer(reply)


def read_waste(body: bytes, *, asked_model: str) -> Waste | None:
    """Read what an answer that is none has cost all the same; None when it does not say."""
    try:
        answer = _answer_decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    usage = _read(answer.usage, UsageFields)
    if usage is None:
        return None
    return Waste(count_tokens(usage, spoken=False), _read(answer.model, str) or asked_model)


@dataclass(frozen=True, slots=True)
class _Spoken:
    """What all choices say together: some servers put words and sound into choices of their own."""

    transcript: str
    sound: bytes
    audio_id: str
    expires_at: float | None
    refused: bool


def _spoken(messages: Sequence[_AnswerMessage]) -> _Spoken:
    audios = [m.audio for m in messages if isinstance(m.audio, _AudioFields)]
    sounds = [(sound, a) for a in audios if (sound := _sound_bytes(a.data))]
    sound, audio = sounds[0] if sounds else (b"", _AudioFields())
    transcript = _first_words(_read(a.transcript, str) for a in audios)
    content = _first_words(_content(m.content) for m in messages)
    refusal = _first_words(_read(m.refusal, str) for m in messages)
    return _Spoken(
        transcript=transcript or content or refusal,
        sound=sound,
        audio_id=_read(audio.id, str) or "",
        expires_at=_read(audio.expires_at, float),
        refused=bool(refusal) and not (transcript or content),
    )


def _first_words(texts: Iterable[str | None]) -> str:
    return next((text.strip() for text in texts if text and text.strip()), "")


def _content(raw: Raw) -> str | None:
    """Read the written answer: a string, or parts of which only the text counts."""
    if (text := _read(raw, str)) is not None:
        return text
    return "".join(part.text for part in _read(raw, list[_AnswerPart]) or [])


def _sound_bytes(raw: Raw) -> bytes:
    """Decode the base64 once; what is no sound at all counts as none."""
    if (data := _read(raw, bytes)) is not None:
        return data
    text = _read(raw, str) or ""
    # Some relays send a data URI, or break the lines.
    bare = "".join(text.rpartition(",")[2].split())
    try:
        return base64.b64decode(bare, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _handle(
    spoken: _Spoken, created: float | None, origin: str, now: datetime
) -> AudioHandle | None:
    if not 0 < len(spoken.audio_id) <= _LONGEST_ID:
        return None
    now_s = now.timestamp()
    claimed = spoken.expires_at
    if claimed is None:
        claimed = (now_s if created is None else min(created, now_s)) + HANDLE_LIFE_S
    expires_s = min(max(claimed, 0), now_s + HANDLE_LIFE_S)
    return AudioHandle(spoken.audio_id, datetime.fromtimestamp(expires_s, UTC), origin)


def _finish(answer: _Answer, *, refused: bool) -> _Finish:
    reasons = {_read(choice.finish_reason, str) for choice in answer.choices or []}
    if "content_filter" in reasons:
        return "content_filter"
    if refused:
        return "refused"
    return "length" if "length" in reasons else "stop"


def _require_an_answer(reply: SpokenReply) -> SpokenReply:
    if reply.transcript or reply.sound:
        return reply
    match reply.finish:
        case "content_filter":
            raise failure("content_filter", request_id=reply.request_id)
        case "length":
            raise failure("answer_cut_off", request_id=reply.request_id)
        case _:
            raise failure("answer_empty", request_id=reply.request_id)


def _read(raw: Raw, kind: type[T]) -> T | None:
    """Read one field; None when it is null, missing or something else than it should be."""
    try:
        return msgspec.json.decode(raw, type=kind | None)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
