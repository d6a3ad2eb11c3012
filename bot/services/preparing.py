"""A question with everything that asking the model takes: its files, its past, its rules."""

from bot.domain.effective import RoomRules
from bot.domain.incoming import Incoming
from bot.domain.manner import form_for, speech_of
from bot.domain.question import is_spoken, written
from bot.domain.reply import SoundFormat
from bot.domain.setting_words import Transcribe
from bot.domain.triggers import Form
from bot.domain.turns import Turn
from bot.services.asking import Ask
from bot.services.hearing import Hearing
from bot.services.lineage import parent_of
from bot.services.writing_down import WritingDown
from bot.storage.inbox import InboxStore
from bot.storage.turns import TurnStore


class Preparing:
    """Gets questions ready for the model."""

    def __init__(
        self,
        hearing: Hearing,
        writing_down: WritingDown,
        turns: TurnStore,
        inbox: InboxStore,
        *,
        most_turns: int,
    ) -> None:
        self._hearing = hearing
        self._writing_down = writing_down
        self._turns = turns
        self._inbox = inbox
        self._most_turns = most_turns

    async def prepare(self, incoming: Incoming, rules: RoomRules) -> Ask:
        """Read and hear the files of a question, and find what it goes on from.

        Raises:
            Refused, AttachmentError, AudioError: a file cannot be used.

        """
        documents = await self._hearing.read_documents(incoming)
        sounds = await self._hearing.fetch_sounds(incoming)
        turns = await self._history(incoming)
        before = turns[-1].voice if turns else ""
        clips = tuple(await self._hearing.listen(sounds))
        dictation = self._writing_down.of(incoming.message_id, clips, incoming.caller)
        if dictation is not None and rules.owner.transcribe is Transcribe.ALWAYS:
            dictation.begin()
        return Ask(
            incoming,
            rules,
            turns=turns,
            text=written(incoming, documents),
            sounds=tuple(sounds),
            clips=clips,
            voices=_voices(incoming, rules, before),
            format="wav" if form_of(incoming, rules) is Form.VOICE_NOTE else card_format(rules),
            speech=speech_of(rules, spoken=is_spoken(incoming)),
            dictation=dictation,
        )

    async def _history(self, incoming: Incoming) -> tuple[Turn, ...]:
        parent = await parent_of(incoming, self._turns, self._inbox)
        if parent is None:
            return ()
        return tuple(await self._turns.ancestors(parent, self._most_turns))


def _voices(incoming: Incoming, rules: RoomRules, before: str) -> tuple[str, ...]:
    """Give the voice that was asked for by name, if any, and then those of the room."""
    own = rules.speaking_voices(incoming.message_id, before=before)
    return tuple(dict.fromkeys((incoming.voice, *own))) if incoming.voice else own


def form_of(incoming: Incoming, rules: RoomRules) -> Form:
    """Tell how the answer to a question looks once it is spoken."""
    return form_for(rules, spoken=incoming.voice_message)


def card_format(rules: RoomRules) -> SoundFormat:
    """Name the format of the sound on cards."""
    chosen = rules.file_format.value
    return rules.owner.file_format if chosen is None else chosen.value
