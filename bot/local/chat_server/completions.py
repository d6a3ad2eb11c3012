"""From a checked request to the JSON of its answer."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.reply import SPEECH_HZ
from bot.domain.usage import ANSWER_TOKENS_PER_S, MEMBER_TOKENS_PER_S
from bot.local.chat_server.asked import Asked, AudioWanted
from bot.local.chat_server.bodies import Completion
from bot.local.chat_server.calling import (
    Wanted,
    choose_calls,
    results_since_asked,
    tell_results,
)
from bot.local.chat_server.engines import Line, Mind
from bot.local.chat_server.listening import Listener
from bot.local.chat_server.memory import AudioMemory, Remembered
from bot.local.chat_server.messages import (
    Assistant,
    AudioPart,
    Developer,
    Message,
    Result,
    System,
    User,
    text_of,
)
from bot.local.chat_server.presets import Preset
from bot.local.chat_server.question import take_apart
from bot.local.chat_server.refusals import audio_not_found
from bot.local.chat_server.sound import read_clip
from bot.local.chat_server.speech import SpeechCache
from bot.local.chat_server.tokens import affordable_share, text_tokens, usage
from bot.local.chat_server.written_forms import put_into_form, tell_likelihoods


@dataclass(frozen=True, slots=True)
class _Understood:
    """A request with its clips decoded and its audio ids looked up."""

    lines: tuple[Line, ...]
    text_tokens: int
    audio_tokens: int

    def usage(self, *, written: int, spoken: int = 0) -> dict[str, Any]:
        """Tell the tokens of this and of its answer."""
        return usage(read=self.text_tokens, heard=self.audio_tokens, written=written, spoken=spoken)


class Completions:
    """Makes answers; all of it may take a while, so it belongs into a thread."""

    def __init__(
        self,
        preset: Preset,
        *,
        listener: Listener,
        mind: Mind,
        speech: SpeechCache,
        memory: AudioMemory,
        now: Callable[[], float],
        canned: str | None,
    ) -> None:
        self._preset = preset
        self._listener = listener
        self._mind = mind
        self._speech = speech
        self._memory = memory
        self._now = now
        self._canned = canned

    def complete(self, asked: Asked) -> Completion:
        """Answer a request.

        Raises:
            ApiRefusal: an audio id is gone, or a clip is not what it says.

        """
        understood = self._understand(asked.messages)
        words = self._canned
        if words is None:
            lines = self._listener.listen(understood.lines)
            if asked.tools and (calls := choose_calls(asked, take_apart(lines).words)):
                return self._calling(asked, calls, understood)
            results = results_since_asked(asked.messages)
            words = tell_results(results) if results else self._mind.answer(lines)
        if asked.audio is None or not asked.wants_sound:
            return self._written(asked, words, understood)
        return self._spoken(asked, asked.audio, words, understood)

    def _understand(self, messages: Sequence[Message]) -> _Understood:
        remembered = [self._recall(message, place) for place, message in enumerate(messages)]
        known = zip(messages, remembered, strict=True)
        lines = tuple(_line(m, answer) for m, answer in known if not isinstance(m, Result))
        results = (text_of(m.content) for m in messages if isinstance(m, Result))
        heard_s = sum(len(clip) / 2 / SPEECH_HZ for line in lines for clip in line.clips)
        said_s = sum(answer.seconds for answer in remembered if answer is not None)
        return _Understood(
            lines,
            text_tokens=sum(map(text_tokens, [*(line.text for line in lines), *results])),
            audio_tokens=round(heard_s * MEMBER_TOKENS_PER_S + said_s * ANSWER_TOKENS_PER_S),
        )

    def _recall(self, message: Message, place: int) -> Remembered | None:
        if not isinstance(message, Assistant) or message.audio is None:
            return None
        answer = self._memory.find(message.audio.id)
        if answer is None:
            raise audio_not_found(message.audio.id, place)
        return answer

    def _calling(
        self, asked: Asked, calls: Sequence[Wanted], understood: _Understood
    ) -> Completion:
        message: dict[str, Any] = {
            "role": "assistant",
            "content": None,
            "refusal": None,
            "annotations": [],
            "tool_calls": [call.fields for call in calls],
        }
        if asked.wants_sound:
            message["audio"] = None
        written = sum(text_tokens(call.name + call.arguments) for call in calls)
        return self._envelope(asked, message, "tool_calls", understood.usage(written=written))

    def _written(self, asked: Asked, words: str, understood: _Understood) -> Completion:
        written = put_into_form(asked, words)
        message: dict[str, Any] = {
            "role": "assistant",
            "content": written,
            "refusal": None,
            "annotations": [],
        }
        answer = self._envelope(
            asked, message, "stop", understood.usage(written=text_tokens(written))
        )
        answer["choices"][0]["logprobs"] = tell_likelihoods(asked, written)
        return answer

    def _spoken(
        self, asked: Asked, wanted: AudioWanted, words: str, understood: _Understood
    ) -> Completion:
        voice = self._preset.voices.get(wanted.voice_name, wanted.voice_name)
        spoken = self._speech.speak(words, voice, wanted.format)
        share = affordable_share(asked.most_tokens, text_tokens(words), spoken.seconds)
        if share < 1:
            spoken = self._speech.speak(words, voice, wanted.format, spoken.seconds * share)
            words = words[: int(len(words) * share)].rpartition(" ")[0]
        answer = self._memory.keep(words, spoken.seconds)
        message: dict[str, Any] = {
            "role": "assistant",
            "content": None,
            "refusal": None,
            "annotations": [],
            "audio": {
                "id": answer.id,
                "data": spoken.data,
                "expires_at": answer.expires_at,
                "transcript": words,
            },
        }
        audio_tokens = round(spoken.seconds * ANSWER_TOKENS_PER_S)
        usage = understood.usage(written=text_tokens(words), spoken=audio_tokens)
        return self._envelope(asked, message, "stop" if share == 1 else "length", usage)

    def _envelope(
        self, asked: Asked, message: dict[str, Any], finish: str, usage: dict[str, Any]
    ) -> Completion:
        return {
            "id": f"chatcmpl-{uuid.uuid4().hex[:29]}",
            "object": "chat.completion",
            "created": int(self._now()),
            "model": asked.model,
            "choices": [
                {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
            ],
            "usage": usage,
            "service_tier": "default",
            "system_fingerprint": "fp_stand_in",
        }


def _line(message: System | Developer | User | Assistant, answer: Remembered | None) -> Line:
    match message:
        case System() | Developer():
            return Line("system", text_of(message.content))
        case User():
            return Line("member", text_of(message.content), _clips_of(message))
        case Assistant():
            return Line("model", answer.transcript if answer else text_of(message.content))


def _clips_of(message: User) -> tuple[bytes, ...]:
    if isinstance(message.content, str):
        return ()
    return tuple(
        read_clip(part.input_audio.data, part.input_audio.format)
        for part in message.content
        if isinstance(part, AudioPart)
    )
