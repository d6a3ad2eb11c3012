"""What of an answer becomes the post: its form, its small print, its buttons. Pure."""

from bot.domain.effective import RoomRules
from bot.domain.incoming import Incoming
from bot.domain.manner import Speech, form_for, speech_of
from bot.domain.question import is_spoken, unused_files_note, withheld_note
from bot.domain.reply import SpokenReply, StandIn
from bot.domain.setting_words import Transcribe, Transcript
from bot.domain.text import safe_text
from bot.domain.triggers import Form
from bot.domain.turns import Turn
from bot.services.aloud import Recital
from bot.services.asking import Ask
from bot.services.pages import NO_SOUND, Answer
from bot.services.preparing import card_format, form_of
from bot.words import Sentence

INTERRUPTED = Sentence("🔇 I was interrupted before I could post the sound; these are its words.")
FORGOTTEN = Sentence("The model could not take our earlier conversation, so this begins a new one.")
VOICE_GONE = Sentence(
    "The model does not have the voice {missed}, so I speak with {voice} here. "
    "`/voice` chooses another."
)
OTHER_WORDS = Sentence("🔁 The model did not keep to these words. It said: {said}")
_SAID_CHARACTERS = 1500
STOOD_IN = Sentence("{title} answered, for the usual model could not.")
STOOD_IN_VOICE = Sentence(
    "{title} answered, for the usual model could not; its voice {voice} stands in for yours."
)
FINISH_NOTES = {
    "length": Sentence("✂️ The answer was cut at the length limit."),
    "broken_off": Sentence("✂️ The connection broke before the answer was over."),
    "content_filter": Sentence("✂️ The provider's content filter cut this answer."),
    "refused": Sentence("The model declined to answer this."),
}


def shape(turn_id: int, ask: Ask, reply: SpokenReply, *, missed: str | None) -> Answer:
    """Shape an answer as the rules of its room want it.

    Args:
        turn_id: its turn.
        ask: the question as it was put in the end.
        reply: the answer.
        missed: the voice that the model did not have, when the member is to be told.

    """
    rules, form = ask.rules, form_of(ask.incoming, ask.rules)
    return Answer(
        turn_id,
        transcript=reply.transcript,
        sound=reply.sound,
        form=form,
        voice=ask.voice,
        file_format="opus" if form is Form.VOICE_NOTE else card_format(rules),
        words=rules.transcript.value,
        speed=rules.speed.value,
        notes=_notes(ask, reply, missed),
        why_silent=NO_SOUND if ask.speech is Speech.ALOUD else None,
        speaks_later=ask.speech is Speech.ON_DEMAND,
        heard=heard_shown(ask.heard, rules),
        writes_later=bool(ask.sounds) and rules.owner.transcribe is Transcribe.PRESS,
        unspoken=is_unspoken(ask, reply),
    )


def is_unspoken(ask: Ask, reply: SpokenReply) -> bool:
    """Tell whether speech was asked for, and the model gave words only."""
    return reply.sound is None and ask.speech is Speech.ALOUD and reply.finish != "refused"


def shape_interrupted(turn: Turn, incoming: Incoming, rules: RoomRules) -> Answer:
    """Shape an answer of which only the words are left."""
    speech = speech_of(rules, spoken=is_spoken(incoming))
    return Answer(
        turn.id,
        transcript=turn.transcript,
        sound=None,
        form=form_of(incoming, rules),
        voice=turn.voice,
        file_format="opus",
        words=rules.transcript.value,
        why_silent=INTERRUPTED if speech is Speech.ALOUD else None,
        speaks_later=speech is Speech.ON_DEMAND,
        heard=heard_shown(turn.heard, rules),
        writes_later=has_recording(turn) and rules.owner.transcribe is Transcribe.PRESS,
    )


def has_recording(turn: Turn) -> bool:
    """Tell whether its member said anything, whatever became of the sound."""
    return bool(turn.clips or turn.unkept_seconds) or turn.heard is not None


def heard_shown(heard: str | None, rules: RoomRules) -> str:
    """Give what is shown of what a member said."""
    return heard or "" if rules.owner.transcribe is Transcribe.ALWAYS else ""


def shape_recital(
    turn_id: int, recital: Recital, rules: RoomRules, *, spoken: bool, notes: tuple[str, ...] = ()
) -> Answer:
    """Shape sound alone: its words stand already, and only other ones are told.

    Args:
        turn_id: the turn whose words were spoken.
        recital: the sound.
        rules: those of the room it goes to.
        spoken: whether they answer a recording, as voice messages are.
        notes: small print before ours.

    """
    return Answer(
        turn_id,
        transcript="",
        sound=recital.sound,
        form=form_for(rules, spoken=spoken),
        voice=recital.voice,
        file_format=card_format(rules),
        words=Transcript.OFF,
        speed=rules.speed.value,
        notes=(*notes, *_other_words(recital)),
    )


def _other_words(recital: Recital) -> tuple[str, ...]:
    if recital.said is None:
        return ()
    line = " ".join(safe_text(recital.said).split())
    said = line if len(line) <= _SAID_CHARACTERS else f"{line[:_SAID_CHARACTERS]}…"
    return (OTHER_WORDS.format(said=said),)


def _stood_in(stand_in: StandIn | None) -> str | None:
    if stand_in is None:
        return None
    if stand_in.voice is None:
        return STOOD_IN.format(title=stand_in.title)
    return STOOD_IN_VOICE.format(title=stand_in.title, voice=stand_in.voice)


def _notes(ask: Ask, reply: SpokenReply, missed: str | None) -> tuple[str, ...]:
    notes = (
        FINISH_NOTES.get(reply.finish),
        VOICE_GONE.format(missed=missed, voice=ask.voice) if missed else None,
        _stood_in(reply.stand_in),
        FORGOTTEN if ask.forgotten else None,
        unused_files_note(ask.incoming),
        withheld_note(ask.incoming),
    )
    return tuple(note for note in notes if note)
