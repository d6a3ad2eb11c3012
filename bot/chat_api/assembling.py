"""What a server said, whole or in pieces, as our reply. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from bot.chat_api.failures import failure
from bot.chat_api.usage import UsageFields, count_tokens
from bot.domain.reply import AudioHandle, Sound, SoundFormat, SpokenReply
from bot.domain.tools import ToolCall
from bot.domain.usage import Waste

HANDLE_LIFE_S = 3600
"""How long OpenAI keeps an audio id; no server is believed when it claims more."""

_LONGEST_ID = 200
_Finish = Literal["stop", "length", "broken_off", "content_filter", "refused"]


@dataclass(frozen=True, slots=True)
class Said:
    """What one choice says; some servers put words and sound into choices of their own."""

    transcript: str = ""
    content: str = ""
    refusal: str = ""
    sound: bytes = b""
    audio_id: str = ""
    expires_at: float | None = None
    calls: tuple[ToolCall, ...] = ()
    finish: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it to give to anybody."""
        return not (self.transcript or self.content or self.refusal or self.sound or self.calls)


@dataclass(frozen=True, slots=True)
class Answer:
    """All that a server said.

    Attributes:
        choices: in their order.
        created: seconds since 1970; this and the next two are None where it does not say.
        model: as the server names it.
        usage: the tokens.
        streamed: whether it came in pieces.
        cut: whether the rest of it never came.
        error: what came in place of the rest when the server failed, or None.

    """

    choices: Sequence[Said]
    created: float | None = None
    model: str | None = None
    usage: UsageFields | None = None
    streamed: bool = False
    cut: bool = False
    error: bytes | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of an answer before it is read.

    Attributes:
        wanted: the format that was asked for; the sound itself is not looked into. None where
            only words were: sound that comes all the same is left out.
        model: the model that was asked.
        origin: see `AudioHandle`.
        now: when the answer came.
        request_id: the server's name of the call.

    """

    wanted: SoundFormat | None
    model: str
    origin: str
    now: datetime
    request_id: str | None = None


def assemble(answer: Answer | None, expected: Expected) -> SpokenReply:
    """Make the reply of what was said; None is what could not be read.

    Raises:
        ChatApiError: `answer_unreadable`, or nothing to say: `answer_empty`, `content_filter`,
            `answer_cut_off`.

    """
    if answer is None or not answer.choices:
        raise failure("answer_unreadable", request_id=expected.request_id)
    spoken = next((said for said in answer.choices if said.sound), Said())
    sound = _sound(spoken.sound, answer, expected.wanted)
    words, refused = _words(answer.choices)
    reply = SpokenReply(
        transcript=words,
        sound=sound,
        handle=_handle(spoken, answer, expected) if sound else None,
        finish=_finish(answer, refused=refused),
        usage=count_tokens(answer.usage, spoken=sound is not None) if answer.usage else None,
        model=answer.model or expected.model,
        request_id=expected.request_id,
        tool_calls=_calls(answer),
    )
    return _require_an_answer(reply)


def weigh(answer: Answer, asked_model: str) -> Waste | None:
    """Tell what an answer that is none has cost all the same; None when it does not say."""
    if answer.usage is None:
        return None
    return Waste(count_tokens(answer.usage, spoken=False), answer.model or asked_model)


def _sound(data: bytes, answer: Answer, wanted: SoundFormat | None) -> Sound | None:
    if not data or wanted is None:
        return None
    if answer.streamed or wanted == "pcm16":
        # Some servers stream headerless samples as wav, others send wav for pcm16.
        wanted = "wav" if data.startswith(b"RIFF") else "pcm16"
    return Sound(data, wanted)


def _words(choices: Sequence[Said]) -> tuple[str, bool]:
    """Find the words, and tell whether they are those of a refusal."""
    words = _first(said.transcript for said in choices) or _first(said.content for said in choices)
    refusal = _first(said.refusal for said in choices)
    return words or refusal, bool(refusal) and not words


def _first(texts: Iterable[str]) -> str:
    return next((text.strip() for text in texts if text and text.strip()), "")


def _calls(answer: Answer) -> tuple[ToolCall, ...]:
    """Give the calls; the last of a cut answer may be half a call, which nobody should make."""
    return () if answer.cut else tuple(call for said in answer.choices for call in said.calls)


def _handle(spoken: Said, answer: Answer, expected: Expected) -> AudioHandle | None:
    if answer.cut or not 0 < len(spoken.audio_id) <= _LONGEST_ID:
        return None
    now_s = expected.now.timestamp()
    claimed = spoken.expires_at
    if claimed is None:
        created = now_s if answer.created is None else min(answer.created, now_s)
        claimed = created + HANDLE_LIFE_S
    expires_s = min(max(claimed, 0), now_s + HANDLE_LIFE_S)
    return AudioHandle(spoken.audio_id, datetime.fromtimestamp(expires_s, UTC), expected.origin)


def _finish(answer: Answer, *, refused: bool) -> _Finish:
    reasons = {said.finish for said in answer.choices}
    if "content_filter" in reasons:
        return "content_filter"
    if refused:
        return "refused"
    if answer.cut:
        return "broken_off"
    return "length" if "length" in reasons else "stop"


def _require_an_answer(reply: SpokenReply) -> SpokenReply:
    if reply.transcript or reply.sound or reply.tool_calls:
        return reply
    if reply.finish == "content_filter":
        raise failure("content_filter", request_id=reply.request_id)
    if reply.finish == "length":
        raise failure("answer_cut_off", request_id=reply.request_id)
    raise failure("answer_empty", request_id=reply.request_id)
