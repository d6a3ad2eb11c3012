"""The voices of rooms and servers: who may change them, and what is in force."""

from dataclasses import dataclass

from bot.domain.access import Rights, require
from bot.domain.incoming import Member
from bot.domain.rooms import Place, Room, Scope, VoiceChoice, effective_voice, parse_voice
from bot.services.ports import Clock
from bot.storage.rooms import RoomStore


@dataclass(frozen=True, slots=True)
class VoiceOverview:
    """The voice in force in a room, and every choice that bears on it, nearest first."""

    in_force: VoiceChoice
    choices: tuple[VoiceChoice, ...]


class Rooms:
    """Reads and changes the settings of rooms."""

    def __init__(self, store: RoomStore, default_voice: str, clock: Clock) -> None:
        self._store = store
        self._default = default_voice
        self._clock = clock

    async def set_voice(self, place: Place, voice: str, by: Member, rights: Rights) -> str:
        """Choose the voice of a place.

        Returns:
            The voice as it is stored.

        Raises:
            Refused: the member may not, or there is no such voice.

        """
        require(place.scope, rights)
        name = parse_voice(voice)
        await self._store.set_voice(
            place.scope, place.id, place.guild_id, name, by.id, self._clock()
        )
        return name

    async def reset_voice(self, place: Place, rights: Rights) -> bool:
        """Give a place back to what it inherits; False if it had no voice of its own.

        Raises:
            Refused: the member may not.

        """
        require(place.scope, rights)
        return await self._store.reset_voice(place.scope, place.id)

    async def overview(self, room: Room) -> VoiceOverview:
        """Show the voice of a room and where it comes from."""
        chosen = await self._store.voices(room)
        choices = [
            VoiceChoice(chosen[scope, id_], scope)
            for scope, id_ in room.scopes()
            if (scope, id_) in chosen
        ]
        choices.append(VoiceChoice(self._default, Scope.DEFAULT))
        return VoiceOverview(effective_voice(room, chosen, self._default), tuple(choices))
