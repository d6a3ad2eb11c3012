"""The settings of rooms and members: what is in force, and who changes it."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.domain.access import Act, Actor, require
from bot.domain.effective import RoomRules, rules_of
from bot.domain.owner import Owner
from bot.domain.personas import Persona, library_of
from bot.domain.room_settings import PERSONA, Change, Setting, setting_named
from bot.domain.rooms import Place, Room, Scope
from bot.domain.setting_kinds import Option
from bot.domain.setting_limits import options_of, parse_setting
from bot.errors import DatabaseError, Refused
from bot.services.ports import Clock
from bot.storage.changes import ChangeStore, Undone
from bot.storage.personas import PersonaStore
from bot.storage.rooms import RoomStore
from bot.words import Sentence, join

log = logging.getLogger(__name__)

KEPT_CHANGES = timedelta(days=30)
"""How long a change can be undone."""

_NOTICE_CHARACTERS = 64
_UNDO_REFUSALS = {
    Undone.NOTHING: ("nothing_to_undo", Sentence("There is nothing left to undo here.")),
    Undone.OVERTAKEN: (
        "changed_since",
        Sentence(
            "That was changed again since, maybe by somebody else, so I left it as it is now."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What asking for a change came to.

    Attributes:
        setting: what it was about.
        value: what is set there now, as it is stored; None when nothing is.
        change: None when it was like that before.

    """

    setting: Setting[Any]
    value: str | None
    change: Change | None

    @property
    def shown(self) -> str | None:
        """The value for people; None when nothing is set."""
        if self.value is None:
            return None
        value = self.setting.read(self.value)
        return None if value is None else self.setting.kind.show(value)


class Rooms:
    """Reads and changes what is set for places."""

    def __init__(
        self,
        store: RoomStore,
        changes: ChangeStore,
        personas: PersonaStore,
        owner: Owner,
        clock: Clock,
    ) -> None:
        self._store = store
        self._changes = changes
        self._personas = personas
        self._owner = owner
        self._clock = clock

    async def rules(self, room: Room, member_id: int) -> RoomRules:
        """Tell what is in force for the next answer to a member in a room; one query."""
        kept = await self._store.in_force(room, member_id)
        return rules_of(room, member_id, kept.settings, kept.personas, self._owner)

    async def say_once(self, room_id: int, notice: str) -> bool:
        """Tell whether a notice is new to a room; it counts as said there from now on."""
        return await self._store.say_once(room_id, notice, self._clock())

    async def tell_missing_voice(self, room_id: int, voice: str) -> bool:
        """Tell whether a room is to hear that the model does not have a voice: once.

        What was just paid for is not to be lost over that: where it cannot be noted, it is said.
        """
        try:
            return await self.say_once(room_id, f"voice {voice}"[:_NOTICE_CHARACTERS])
        except DatabaseError as error:
            log.warning("a missing voice may be told of twice: %s", error.code)
            return True

    async def settings_of(self, place: Place) -> Mapping[str, str]:
        """Give what is set for a place itself, as it is stored, by the settings' names."""
        return await self._store.settings_of(place)

    async def set(self, place: Place, name: str, typed: str, actor: Actor) -> Outcome:
        """Set something for a place, as a member typed or chose it.

        Raises:
            Refused: the member may not, or it cannot be set there or to that.

        """
        require(Act.CHANGE, place, actor)
        setting = _settable(place, name)
        value = parse_setting(
            setting, typed, self._owner, await self._known(setting, place, actor.id)
        )
        change = await self._changes.change(place, name, value, actor.id, self._clock())
        return Outcome(setting, value, change)

    async def reset(self, place: Place, name: str, actor: Actor) -> Outcome:
        """Give a setting of a place back to what it inherits.

        Raises:
            Refused: the member may not, or there is no such setting.

        """
        require(Act.CHANGE, place, actor)
        setting = setting_named(name)
        change = await self._changes.change(place, name, None, actor.id, self._clock())
        return Outcome(setting, None, change)

    async def reset_all(self, place: Place, actor: Actor) -> Sequence[Change]:
        """Give all settings of a place back to what it inherits; each can be undone.

        Raises:
            Refused: the member may not.

        """
        require(Act.CHANGE, place, actor)
        return await self._changes.reset_all(place, actor.id, self._clock())

    async def undo(self, place: Place, actor: Actor, change_id: int | None = None) -> Outcome:
        """Take back the newest change of a place, or a certain one.

        Raises:
            Refused: the member may not, nothing is left to undo, or the same setting was
                changed again since; then it stays as it is.

        """
        require(Act.CHANGE, place, actor)
        undone = await self._changes.undo(place, change_id, actor.id, self._clock())
        if isinstance(undone, Undone):
            raise Refused(*_UNDO_REFUSALS[undone])
        return Outcome(setting_named(undone.name), undone.before, undone)

    async def changes_of(self, place: Place, actor: Actor) -> Sequence[Change]:
        """Give what can be undone for a place, newest first.

        Raises:
            Refused: the member may not change anything there.

        """
        require(Act.CHANGE, place, actor)
        return await self._changes.changes_of(place)

    async def options(self, name: str, place: Place, member_id: int) -> tuple[Option, ...]:
        """Give what a setting of a place may be set to, as far as it can be listed."""
        setting = setting_named(name)
        known = await self._known(setting, place, member_id)
        return options_of(setting, self._owner, known)

    async def _known(
        self, setting: Setting[Any], place: Place, member_id: int
    ) -> Collection[Persona]:
        if setting is not PERSONA:
            return ()
        return await self._personas.all(library_of(place, member_id))


def _settable(place: Place, name: str) -> Setting[Any]:
    setting = setting_named(name)
    if place.is_dm and not setting.in_dm:
        raise Refused("not_in_dm", Sentence("{title} means nothing in a DM.", title=setting.title))
    if not setting.may_be_set_for(place):
        names = join(
            Sentence(" or "), (_SCOPES[scope] for scope in Scope if scope in setting.scopes)
        )
        raise Refused(
            "not_there",
            Sentence("{title} can only be set for {names}.", title=setting.title, names=names),
        )
    return setting


_SCOPES = {
    Scope.MEMBER: Sentence("yourself"),
    Scope.THREAD: Sentence("a thread"),
    Scope.CHANNEL: Sentence("a channel"),
    Scope.CATEGORY: Sentence("a category"),
    Scope.SERVER: Sentence("the server"),
}
