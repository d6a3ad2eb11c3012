"""Panels of settings: put together anew for each look at them."""

from dataclasses import replace

from bot.domain.access import Act, Actor, require
from bot.domain.panel import Chosen, Panel, lock_of, lock_on, page_of
from bot.domain.room_settings import setting_named
from bot.domain.rooms import Place, Room
from bot.errors import Refused
from bot.services.rooms import Outcome, Rooms


class Panels:
    """Puts panels together."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def show(
        self, room: Room, place: Place, actor: Actor, *, page: int = 0, name: str | None = None
    ) -> Panel:
        """Look at the settings of a place.

        Args:
            room: where the member is.
            place: one whose settings count there.
            actor: the member, with what they may do in the place.
            page: which part of the settings; the setting's own where one is named.
            name: the setting to look at.

        Raises:
            Refused: they may not look, or there is no such setting.

        """
        require(Act.LOOK, place, actor)
        rules = await self._rooms.rules(room, actor.id)
        own = await self._rooms.settings_of(place)
        lock = lock_of(place, actor)
        changes = await self._rooms.changes_of(place, actor) if lock is None else ()
        panel = Panel(rules, actor.id, place, own, 0, None, lock, next(iter(changes), None))
        if name is None:
            return replace(panel, page=min(max(page, 0), panel.pages - 1))
        setting = setting_named(name)
        chosen = Chosen(
            setting,
            own.get(name),
            await self._rooms.options(name, place, actor.id),
            lock_on(setting, place, actor, rules),
        )
        return replace(panel, page=page_of(setting, place), chosen=chosen)

    async def set(self, room: Room, place: Place, name: str, typed: str, actor: Actor) -> Outcome:
        """Set something for a place, unless the panel shows it as locked.

        Raises:
            Refused: it is locked, or as in `Rooms.set`.

        """
        setting = setting_named(name)
        rules = await self._rooms.rules(room, actor.id)
        if (lock := lock_on(setting, place, actor, rules)) is not None:
            raise Refused("setting_locked", lock)
        return await self._rooms.set(place, name, typed, actor)
