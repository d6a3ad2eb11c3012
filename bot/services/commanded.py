"""What members ask by a command or a menu: asked first whether it may be, then answered."""

from bot.domain.effective import RoomRules
from bot.domain.fairness import Asker
from bot.domain.incoming import Caller, Incoming
from bot.domain.manner import require_answer
from bot.domain.triggers import Verdict
from bot.domain.voices import parse_voice
from bot.errors import Refused
from bot.services.intake import Intake
from bot.services.ports import Outlet
from bot.services.replies import Replies
from bot.services.rooms import Rooms
from bot.services.turnstile import Turnstile
from bot.words import Sentence


class Commanded:
    """Brings questions that are no messages to the route that all questions take."""

    def __init__(
        self, rooms: Rooms, intake: Intake, replies: Replies, turnstile: Turnstile
    ) -> None:
        self._rooms = rooms
        self._intake = intake
        self._replies = replies
        self._turnstile = turnstile

    async def require(self, caller: Caller, voice: str | None = None) -> str | None:
        """Let a question pass before anybody sees it, and read the voice it asks for.

        Raises:
            Refused: the room or the member is not answered, the member asks too often, the voice
                is none, or it is locked; the sentence says why.

        """
        rules = await self._rooms.rules(caller.room, caller.member.id)
        require_answer(rules, caller)
        self._turnstile.require(Asker.of(caller))
        return None if voice is None else _own_voice(rules, voice)

    async def answer(self, incoming: Incoming, outlet: Outlet) -> None:
        """Store a question and have it answered."""
        if await self._intake.judge(incoming) is Verdict.ANSWER:
            await self._replies.receive(incoming, outlet)


def _own_voice(rules: RoomRules, typed: str) -> str:
    voice = parse_voice(typed)
    if rules.voice_lock.value and voice != rules.voice.value:
        raise Refused(
            "voice_locked",
            Sentence(
                "The moderators have fixed the voice here, so you cannot choose another. Ask "
                "without one."
            ),
        )
    return voice
