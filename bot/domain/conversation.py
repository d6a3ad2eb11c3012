"""Which turns the model hears, and as what: the pure heart of "the conversation goes on"."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from bot.domain.incoming import Member
from bot.domain.prompt import (
    KEEP_SPEAKING,
    FromMember,
    PromptMessage,
    SpokenBefore,
    System,
    WrittenBefore,
    written_before,
)
from bot.domain.reply import AudioHandle, ModelAudio
from bot.domain.text import shown_name
from bot.domain.turns import Clip, Turn
from bot.domain.usage import ANSWER_TOKENS_PER_S, MEMBER_TOKENS_PER_S

HANDLE_MARGIN = timedelta(seconds=120)
"""An audio id is not used so shortly before its end: the call itself takes time."""

NAMED_SPEAKERS = (
    "Several people may take part. Each of their messages begins with its speaker's name in "
    "square brackets; the name is not part of what was said, and you never speak it as a prefix."
)

_CHARACTERS_PER_TOKEN = 3.5

# A name ends at its bracket; nobody may speak for somebody else by a name with brackets in it.
_NO_BRACKETS = str.maketrans("[]", "()")


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of the past is sent with a question.

    Attributes:
        turns: earlier turns, at most.
        tokens: estimated tokens of all earlier turns together.
        answer_audio_s: seconds of earlier answers sent by their audio ids.
        member_audio_turns: how many of the newest turns with clips may send them again.
        member_audio_s: seconds of members' earlier clips sent again.
        member_audio_tokens: the same, in estimated tokens; the tighter of both counts.

    """

    turns: int
    tokens: int
    answer_audio_s: float
    member_audio_turns: int
    member_audio_s: float
    member_audio_tokens: int


@dataclass(frozen=True, slots=True)
class Recalled:
    """One earlier turn as the model will hear it: by id or in writing, with which clips."""

    turn: Turn
    handle: AudioHandle | None
    clips: tuple[Clip, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked now, ready for the model."""

    member: Member
    text: str
    clips: tuple[ModelAudio, ...]


def usable(handle: AudioHandle | None, *, origins: Collection[str], now: datetime) -> bool:
    """Tell whether an audio id may be sent: same server, key and model, and not about to end."""
    return (
        handle is not None and handle.origin in origins and now + HANDLE_MARGIN < handle.expires_at
    )


def recall(
    turns: Sequence[Turn], budget: Budget, *, origins: Collection[str], now: datetime
) -> tuple[Recalled, ...]:
    """Choose what of a conversation is sent again, newest first until the budget is spent.

    Args:
        turns: the conversation, oldest first.
        budget: what it may cost.
        origins: the servers, keys and models that may be asked (see `AudioHandle`).
        now: the time of the call.

    Returns:
        The turns to send, oldest first.

    """
    left = _Purse(budget)
    chosen: list[Recalled] = []
    for turn in reversed(turns[-budget.turns :] if budget.turns else ()):
        recalled = left.pay(turn, usable(turn.handle, origins=origins, now=now))
        if recalled is None:
            if not chosen and budget.tokens:
                chosen.append(_shortened(turn, budget, origins=origins, now=now))
            break
        chosen.append(recalled)
    return tuple(reversed(chosen))


def _shortened(turn: Turn, budget: Budget, *, origins: Collection[str], now: datetime) -> Recalled:
    """Keep the beginning of the newest turn where all of it is too much: better than nothing."""
    most = int(budget.tokens * _CHARACTERS_PER_TOKEN / 3)
    handle = turn.handle if usable(turn.handle, origins=origins, now=now) else None
    if turn.answer_seconds * ANSWER_TOKENS_PER_S > budget.tokens / 3:
        handle = None
    text, transcript = _cut(turn.said, most), _cut(turn.transcript, most)
    short = replace(turn, text=text, heard=None, transcript=transcript)
    return Recalled(short, handle, ())


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]} (shortened)"


class _Purse:
    """What is left of a budget while turns are chosen, newest first."""

    def __init__(self, budget: Budget) -> None:
        self._tokens = float(budget.tokens)
        self._answer_s = budget.answer_audio_s
        self._clip_turns = budget.member_audio_turns
        self._clip_s = min(budget.member_audio_s, budget.member_audio_tokens / MEMBER_TOKENS_PER_S)

    def pay(self, turn: Turn, by_id: bool) -> Recalled | None:
        """Take a turn into the prompt in the richest form that is left; None when none is."""
        by_id = by_id and turn.answer_seconds <= self._answer_s
        clips = self._affordable_clips(turn)
        clip_s = sum(clip.seconds for clip in clips)
        cost = _written_tokens(turn.said) + clip_s * MEMBER_TOKENS_PER_S
        cost += (
            turn.answer_seconds * ANSWER_TOKENS_PER_S if by_id else _written_tokens(turn.transcript)
        )
        if cost > self._tokens:
            return self._pay_written(turn) if by_id or clips else None
        self._tokens -= cost
        self._answer_s -= turn.answer_seconds if by_id else 0
        self._clip_s -= clip_s
        self._clip_turns -= 1 if clips else 0
        return Recalled(turn, turn.handle if by_id else None, clips)

    def _affordable_clips(self, turn: Turn) -> tuple[Clip, ...]:
        if self._clip_turns < 1 or sum(clip.seconds for clip in turn.clips) > self._clip_s:
            return ()
        return turn.clips

    def _pay_written(self, turn: Turn) -> Recalled | None:
        cost = _written_tokens(turn.said) + _written_tokens(turn.transcript)
        if cost > self._tokens:
            return None
        self._tokens -= cost
        return Recalled(turn, None, ())


def _written_tokens(text: str) -> float:
    return 4 + len(text) / _CHARACTERS_PER_TOKEN


def build_messages(
    recalled: Sequence[Recalled],
    question: Question,
    *,
    heard: Mapping[int, ModelAudio],
    instructions: str,
    shared: bool,
    spoken: bool = True,
) -> tuple[PromptMessage, ...]:
    """Lay out what the model is sent.

    Args:
        recalled: the earlier turns, as `recall` chose them.
        question: what is asked now.
        heard: earlier clips by id; one that is missing gets a placeholder.
        instructions: the owner's system prompt.
        shared: whether several people may speak here, so that each needs a name.
        spoken: whether the answer is to be spoken.

    """
    members = [*(r.turn.member for r in recalled), question.member]
    names = _distinct_names(members) if shared else {}
    past = [m for r in recalled for m in _as_messages(r, heard, names.get(r.turn.member.id))]
    rules = [instructions]
    if shared:
        rules.append(NAMED_SPEAKERS)
    if spoken and any(isinstance(m, WrittenBefore) for m in past):
        rules.append(KEEP_SPEAKING)
    asked = _from_member(question.text, question.clips, 0, names.get(question.member.id))
    return (System("\n\n".join(rules)), *past, asked)


def _as_messages(
    recalled: Recalled, heard: Mapping[int, ModelAudio], name: str | None
) -> tuple[PromptMessage, ...]:
    turn = recalled.turn
    sent = tuple(clip for clip in recalled.clips if clip.id in heard)
    unheard_s = turn.unkept_seconds + sum(c.seconds for c in turn.clips if c not in sent)
    asked = _from_member(turn.said, tuple(heard[c.id] for c in sent), unheard_s, name)
    if recalled.handle is not None:
        return asked, SpokenBefore(recalled.handle, turn.transcript)
    return asked, written_before(turn.transcript)


def _from_member(
    text: str, clips: tuple[ModelAudio, ...], unheard_s: float, name: str | None
) -> FromMember:
    words = [text] if text else []
    if unheard_s:
        words.append(f"(voice message, {unheard_s:.0f} s, not repeated here)")
    if not words and not clips:
        words.append("(voice message without words)")
    if clips and name and not words:
        words.append("(voice message)")
    written = "\n\n".join(words)
    if name and written:
        written = f"[{name}] {written}"
    return FromMember((written, *clips) if written else clips)


def _distinct_names(members: Sequence[Member]) -> dict[int, str]:
    """Give each member a name of their own: a second "Ada" becomes "Ada (2)"."""
    names: dict[int, str] = {}
    for member in members:
        if member.id in names:
            continue
        plain = shown_name(member.name).translate(_NO_BRACKETS)
        candidates = (f"{plain} ({number})" if number > 1 else plain for number in count(1))
        names[member.id] = next(name for name in candidates if name not in names.values())
    return names


def without_handles(turns: Sequence[Turn], dead: str | None) -> tuple[Turn, ...]:
    """Drop a dead audio id, and with it every older one, since those are older still.

    Without a name (`dead` is None, or not among them) all ids are dropped.
    """
    ids = [turn.handle.id if turn.handle else None for turn in turns]
    last = ids.index(dead) if dead is not None and dead in ids else len(ids) - 1
    return tuple(
        replace(turn, handle=None) if place <= last else turn for place, turn in enumerate(turns)
    )
