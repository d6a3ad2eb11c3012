"""The route of one question, from its stored message to its posted answer."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.conversation import NewTurn, Turn
from bot.domain.incoming import Incoming
from bot.domain.question import require_something, unused_files_note, withheld_note, written
from bot.domain.reply import SpokenReply
from bot.domain.triggers import Form, form_of, how_to_be_heard
from bot.domain.usage import cost_microusd, spoken_seconds
from bot.errors import (
    AttachmentError,
    AudioError,
    BotError,
    NoAccess,
    Refused,
    SourceGone,
)
from bot.services.asking import Ask, Asking, ReplyRules
from bot.services.delivery import Answer, Delivery
from bot.services.hearing import Hearing, kept_clips
from bot.services.lineage import parent_of
from bot.services.ports import Clock, Outlet
from bot.services.postings import Postings
from bot.services.rooms import Rooms
from bot.services.turnstile import Turnstile
from bot.storage.inbox import FinalState, InboxStore
from bot.storage.turns import TurnStore
from bot.tasks import spawn

log = logging.getLogger(__name__)

FAILURE_PART = 99
"""The place of a failure notice among the parts of an answer: after all others."""

INTERRUPTED = "🔇 I was restarted before I could post the sound; these are its words."
FORGOTTEN = "The model could not take our earlier conversation, so this begins a new one."
FINISH_NOTES = {
    "length": "✂️ The answer was cut at the length limit.",
    "content_filter": "✂️ The provider's content filter cut this answer.",
    "refused": "The model declined to answer this.",
}


@dataclass(frozen=True, slots=True)
class _Begun:
    """A claimed question in its newest form.

    `turn_id` is its turn when a stop came between the model's answer and the end, else None.
    """

    question: Incoming
    turn_id: int | None
    voice: str


class Replies:
    """Answers questions."""

    def __init__(
        self,
        inbox: InboxStore,
        turns: TurnStore,
        rooms: Rooms,
        hearing: Hearing,
        asking: Asking,
        delivery: Delivery,
        turnstile: Turnstile,
        postings: Postings,
        rules: ReplyRules,
        clock: Clock,
    ) -> None:
        self._inbox = inbox
        self._turns = turns
        self._rooms = rooms
        self._hearing = hearing
        self._asking = asking
        self._delivery = delivery
        self._turnstile = turnstile
        self._postings = postings
        self._rules = rules
        self._clock = clock

    async def answer(self, incoming: Incoming, outlet: Outlet) -> None:
        """Answer a stored question, or tell its asker why not.

        Anything but an expected error rises; the question then counts as failed.
        """
        async with self._turnstile.turn(_conversation(incoming)) as may_begin:
            if not may_begin:
                return
            try:
                begun = await self._begin(incoming)
                if begun is not None:
                    await self._answer(begun, outlet)
            except SourceGone as error:
                await self._finish(incoming, "cancelled", error.code)
            except BotError as error:
                await self._tell_failure(incoming, outlet, error)
            except Exception:
                await self._give_up(incoming, "failed", "unexpected")
                raise

    async def explain_silence(self, incoming: Incoming, outlet: Outlet) -> None:
        """Say why we cannot read a message that is for us, and what to do."""
        await _say(outlet, how_to_be_heard(incoming))

    async def _begin(self, incoming: Incoming) -> "_Begun | None":
        """Claim a question, unless it is begun or gone; asked together, all cost one commit."""
        question, turn_id, rules = await asyncio.gather(
            self._inbox.claim(incoming.message_id, self._clock()),
            self._turns.of_message(incoming.message_id),
            self._rooms.rules(incoming.room, incoming.member.id),
        )
        if question is None:
            return None
        return _Begun(question, turn_id, rules.speaking_voices(incoming.message_id)[0])

    async def _answer(self, begun: "_Begun", outlet: Outlet) -> None:
        incoming = begun.question
        outlet.check_access()
        require_something(incoming)
        if begun.turn_id is not None:
            await self._finish_interrupted(begun.turn_id, incoming, outlet)
            return
        async with outlet.typing():
            ask, reply = await self._asking.ask(await self._prepare(incoming, begun.voice))
        turn_id = await self._record(ask, reply)
        await self._post(turn_id, incoming, self._shape(ask, reply), outlet)
        _log_reply(incoming, turn_id, ask, reply)

    async def _prepare(self, incoming: Incoming, voice: str) -> Ask:
        documents = await self._hearing.read_documents(incoming)
        sounds = await self._hearing.fetch_sounds(incoming)
        form = form_of(incoming)
        return Ask(
            incoming,
            turns=await self._history(incoming),
            text=written(incoming, documents),
            sounds=tuple(sounds),
            clips=tuple(await self._hearing.listen(sounds)),
            voice=voice,
            format="wav" if form is Form.VOICE_NOTE else self._rules.file_format,
        )

    async def _history(self, incoming: Incoming) -> tuple[Turn, ...]:
        parent = await parent_of(incoming, self._turns, self._inbox)
        if parent is None:
            return ()
        return tuple(await self._turns.ancestors(parent, self._rules.budget.turns))

    async def _record(self, ask: Ask, reply: SpokenReply) -> int:
        """Store what was paid for before anything is posted."""
        incoming = ask.incoming
        clips, unkept_s = kept_clips(ask.sounds, ask.clips, limit_bytes=self._rules.kept_clip_bytes)
        return await self._turns.record(
            NewTurn(
                parent_id=ask.turns[-1].id if ask.turns else None,
                question_id=incoming.message_id,
                room=incoming.room,
                member=incoming.member,
                text=ask.text,
                clips=clips,
                unkept_seconds=unkept_s,
                transcript=reply.transcript,
                handle=reply.handle,
                answer_seconds=spoken_seconds(reply),
                voice=ask.voice,
                model=reply.model,
                usage=reply.usage,
                cost_microusd=cost_microusd(reply.usage, reply.model) if reply.usage else None,
                asked_at=incoming.created_at,
            )
        )

    def _shape(self, ask: Ask, reply: SpokenReply) -> Answer:
        notes = (
            FINISH_NOTES.get(reply.finish),
            FORGOTTEN if ask.forgotten else None,
            unused_files_note(ask.incoming),
            withheld_note(ask.incoming),
        )
        form = form_of(ask.incoming)
        return Answer(
            transcript=reply.transcript,
            sound=reply.sound,
            form=form,
            voice=ask.voice,
            file_format="opus" if form is Form.VOICE_NOTE else self._rules.file_format,
            notes=tuple(note for note in notes if note),
        )

    async def _finish_interrupted(self, turn_id: int, incoming: Incoming, outlet: Outlet) -> None:
        """Post the words of an answer that a stop kept from being posted, unless they stand."""
        [turn] = await self._turns.ancestors(turn_id, 1)
        words = Answer(turn.transcript, None, form_of(incoming), "", "opus", why_silent=INTERRUPTED)
        standing = await self._turns.parts(turn_id)
        if len(standing) >= self._delivery.count_parts(words):
            await self._finish(incoming, "answered", None)
            return
        if standing:
            outlet.insist()
        await self._post(turn_id, incoming, words, outlet)

    async def _post(self, turn_id: int, incoming: Incoming, answer: Answer, outlet: Outlet) -> None:
        """Post an answer; its messages are noted meanwhile, the last one together with the end."""
        with self._postings.into(incoming.room.id):
            noting: list[asyncio.Task[None]] = []
            try:
                async for message_id in self._delivery.deliver(answer, outlet):
                    outlet.insist()
                    note = self._turns.add_parts(turn_id, [message_id])
                    noting.append(spawn(note, name=f"note {message_id}"))
            except BaseException:
                _log_unnoted(await asyncio.gather(*noting, return_exceptions=True))
                raise
            ended = asyncio.gather(
                *noting, self._finish(incoming, "answered", None), return_exceptions=True
            )
            _log_unnoted(await ended)

    async def _tell_failure(self, incoming: Incoming, outlet: Outlet, error: BotError) -> None:
        """Close a question, so that an edit may mend it, and say why it is not answered."""
        log.info("question %s not answered: %s", incoming.message_id, error.code)
        refused = isinstance(error, Refused | AudioError | AttachmentError | NoAccess)
        await self._give_up(incoming, "refused" if refused else "failed", error.code)
        if isinstance(error, NoAccess):
            await outlet.whisper(error.sentence)
        else:
            await _say(outlet, error.sentence)

    async def _give_up(self, incoming: Incoming, state: FinalState, reason: str) -> None:
        """Close a question without an answer; a reply to the notice goes on where it would have."""
        parent = await parent_of(incoming, self._turns, self._inbox)
        now = self._clock()
        await self._inbox.finish(incoming.message_id, state, reason, now, continued=parent)

    async def _finish(self, incoming: Incoming, state: FinalState, reason: str | None) -> None:
        await self._inbox.finish(incoming.message_id, state, reason, self._clock())


def _log_unnoted(results: Sequence[BaseException | None]) -> None:
    """Log what could not be noted: the messages stand, and a restart makes up for the notes."""
    for failure in filter(None, results):
        log.error("an answer was posted but not noted: %s", type(failure).__name__)


async def _say(outlet: Outlet, sentence: str) -> None:
    """Tell the asker in the room, else alone; being unable to do either is only logged."""
    try:
        await outlet.post_text(f"⚠️ {sentence}", part=FAILURE_PART)
    except SourceGone:
        return
    except BotError as error:
        if not await outlet.whisper(sentence):
            log.warning("nobody could be told: %s", error.code)


def _conversation(incoming: Incoming) -> int:
    """Name what takes turns: a DM or a thread as a whole, else each question for itself."""
    room = incoming.room
    return room.id if room.is_dm or room.thread_id else incoming.message_id


def _log_reply(incoming: Incoming, turn_id: int, ask: Ask, reply: SpokenReply) -> None:
    usage = reply.usage
    log.info(
        "answered %s as turn %s: voice %s, %.1f s, tokens in %s+%s out %s+%s, %s microdollars",
        incoming.message_id,
        turn_id,
        ask.voice,
        spoken_seconds(reply),
        usage.text_in if usage else "?",
        usage.audio_in if usage else "?",
        usage.text_out if usage else "?",
        usage.audio_out if usage else "?",
        cost_microusd(usage, reply.model) if usage else "?",
    )
