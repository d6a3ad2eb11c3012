"""How a question is answered under the rules of its room, if at all."""

from enum import StrEnum

from bot.domain.access import Act
from bot.domain.effective import RoomRules
from bot.domain.incoming import Caller
from bot.domain.rooms import Scope
from bot.domain.setting_words import Answering, FormChoice, Speak
from bot.domain.triggers import Form
from bot.errors import Refused
from bot.words import Sentence


class Speech(StrEnum):
    """Whether an answer is spoken."""

    ALOUD = "aloud"
    ON_DEMAND = "on_demand"  # in writing, with a button that speaks it
    WRITTEN = "written"


def speech_of(rules: RoomRules, *, spoken: bool) -> Speech:
    """Tell whether to speak the answer to a question that was itself spoken, or written."""
    match rules.speak.value:
        case Speak.ON_DEMAND:
            return Speech.ON_DEMAND
        case Speak.NEVER:
            return Speech.WRITTEN
        case Speak.MIRROR if not spoken:
            return Speech.WRITTEN
        case _:
            return Speech.ALOUD


def form_for(rules: RoomRules, *, spoken: bool) -> Form:
    """Tell how an answer that is spoken looks."""
    match rules.form.value:
        case FormChoice.VOICE_NOTE:
            return Form.VOICE_NOTE
        case FormChoice.CARD:
            return Form.CARD
        case _:
            return Form.VOICE_NOTE if spoken or rules.room.is_dm else Form.CARD


def require_answer(rules: RoomRules, caller: Caller) -> None:
    """Let a question pass: by who may ask there at all, then by what is set for the room.

    Args:
        rules: those of its room.
        caller: who asks.

    Raises:
        Refused: its room or its member is not answered; the sentence says who can change that.

    """
    caller.require(Act.ASK)
    if rules.answer.value is Answering.DENIED:
        raise Refused(
            "room_denied",
            Sentence("I do not answer here. {who}", who=_who_mends(rules.answer.scope)),
        )
    for denied in rules.roles_denied:
        if not denied.value.isdisjoint(caller.role_ids):
            raise Refused(
                "role_denied",
                Sentence(
                    "One of your roles may not ask me here. {who}", who=_who_mends(denied.scope)
                ),
            )
    for allowed in rules.roles_allowed:
        if allowed.value.isdisjoint(caller.role_ids):
            raise Refused(
                "role_missing",
                Sentence(
                    "To ask me here you need a role that you do not have. {who}",
                    who=_who_mends(allowed.scope),
                ),
            )
    if rules.model.value is None:
        outermost = rules.models_denied[-1].scope
        raise Refused(
            "no_model", Sentence("Every model is denied here. {who}", who=_who_mends(outermost))
        )


def _who_mends(scope: Scope) -> str:
    if scope is Scope.SERVER:
        return Sentence("Whoever has the permission Manage Server can change that.")
    return Sentence("Whoever has the permission Manage Channels in this room can change that.")
