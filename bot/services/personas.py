"""The personas that a server, or a member for their DM, keeps to choose from."""

from collections.abc import Sequence

from bot.domain.access import Act, Actor, require
from bot.domain.owner import Owner
from bot.domain.personas import Persona, library_of, make_persona, parse_persona_name, same_name
from bot.domain.rooms import Place
from bot.errors import Refused
from bot.services.ports import Clock
from bot.storage.personas import PersonaStore
from bot.words import Sentence


class Personas:
    """Keeps personas. Each method is given the server, or the DM, whose they are."""

    def __init__(self, store: PersonaStore, owner: Owner, clock: Clock) -> None:
        self._store = store
        self._owner = owner
        self._clock = clock

    @property
    def prompt_characters(self) -> int:
        """The most characters that the prompt of a persona may have."""
        return self._owner.persona_characters

    async def all(self, home: Place, actor: Actor) -> Sequence[Persona]:
        """List the personas of a server or a DM.

        Raises:
            Refused: it is the DM of somebody else.

        """
        require(Act.LOOK, home, actor)
        return await self._store.all(library_of(home, actor.id))

    async def find(self, home: Place, name: str, actor: Actor) -> Persona:
        """Find a persona by its name, in any case.

        Raises:
            Refused: there is none, or it is the DM of somebody else.

        """
        wanted = parse_persona_name(name)
        for persona in await self.all(home, actor):
            if same_name(persona.name, wanted):
                return persona
        raise _unknown()

    async def add(
        self, home: Place, name: str, prompt: str, voice: str | None, actor: Actor
    ) -> Persona:
        """Add a persona; without a voice it speaks with that of the room.

        Raises:
            Refused: the member may not, it cannot be made, its name is taken, or there are as
                many as the owner allows.

        """
        require(Act.KEEP_PERSONAS, home, actor)
        persona = make_persona(name, prompt, voice, self._owner)
        outcome = await self._store.add(
            library_of(home, actor.id),
            persona,
            actor.id,
            self._clock(),
            most=self._owner.personas,
        )
        if outcome == "taken":
            raise Refused(
                "persona_taken", Sentence("There is a persona of that name already; edit it.")
            )
        if outcome == "full":
            raise Refused(
                "personas_full",
                Sentence(
                    "There are {count} personas already, as many as whoever runs me allows. Remove "
                    "one first.",
                    count=self._owner.personas,
                ),
            )
        return persona

    async def edit(
        self, home: Place, name: str, prompt: str, voice: str | None, actor: Actor
    ) -> Persona:
        """Give a persona another prompt and voice.

        Raises:
            Refused: the member may not, it cannot be made, or there is none of that name.

        """
        require(Act.KEEP_PERSONAS, home, actor)
        known = await self.find(home, name, actor)
        persona = make_persona(known.name, prompt, voice, self._owner)
        library = library_of(home, actor.id)
        if not await self._store.replace(library, persona, actor.id, self._clock()):
            raise _unknown()
        return persona

    async def remove(self, home: Place, name: str, actor: Actor) -> Persona:
        """Remove a persona; rooms that use it inherit theirs again.

        Raises:
            Refused: the member may not, or there is none of that name.

        """
        require(Act.KEEP_PERSONAS, home, actor)
        persona = await self.find(home, name, actor)
        if not await self._store.remove(library_of(home, actor.id), persona.name):
            raise _unknown()
        return persona


def _unknown() -> Refused:
    return Refused(
        "persona_unknown",
        Sentence("There is no persona of that name; `/persona list` shows those that there are."),
    )
