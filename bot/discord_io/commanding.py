"""Commands and menus that want an answer: who asks, about what, and where the answer goes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

import discord

from bot.discord_io.components import AnyInteraction, Components
from bot.discord_io.gates import Gates
from bot.discord_io.incoming import Me, is_voice, quote
from bot.discord_io.interaction_outlet import InteractionOutlet
from bot.discord_io.outlet import RoomOutlet, Source
from bot.discord_io.places import caller_of, room_here
from bot.discord_io.posting import repeat_once
from bot.discord_io.voice_bans import VoiceBans
from bot.domain.incoming import Address, Incoming
from bot.domain.rooms import Room
from bot.domain.text import MESSAGE_UNITS, safe_text, split_message

_QUOTED_UNITS = MESSAGE_UNITS - 100
_PREFIX = "> "
_TAKEN = 40060
"""What Discord says to the second first answer."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Where the answer to a command goes.

    Attributes:
        question_id: the message that stands for the question, else the interaction.
        address: COMMAND where only the interaction itself can be answered.

    """

    outlet: RoomOutlet | InteractionOutlet
    question_id: int
    address: Address

    async def close(self) -> None:
        """Leave nobody waiting where nothing came."""
        if isinstance(self.outlet, InteractionOutlet):
            await self.outlet.close()


async def open_outlet(
    interaction: AnyInteraction,
    bans: VoiceBans,
    gates: Gates,
    components: Components,
    heading: str,
    *,
    private: bool = False,
) -> Opened:
    """Answer an interaction for the first time, and choose where the answer proper goes.

    Where we may write, the first message stands for the question, and the answer replies to it:
    such answers can be replied to, and taken up after a stop. Else everything goes through the
    interaction.
    """
    room = room_here(interaction)
    if private or room.guest or not _may_write(interaction, room):
        await _first(partial(interaction.response.defer, ephemeral=private, thinking=True))
        outlet = InteractionOutlet(interaction, components, heading, ephemeral=private)
        return Opened(outlet, interaction.id, Address.COMMAND)
    await _first(partial(interaction.response.send_message, heading, suppress_embeds=True))
    first = await repeat_once(interaction.original_response)
    source = Source(first.id, room, interaction.user.id, interaction.locale.value)
    address = Address.DM if room.is_dm else Address.MENTION
    return Opened(
        RoomOutlet(interaction.client, source, bans, gates, components), first.id, address
    )


async def _first(answer: Callable[[], Awaitable[object]]) -> None:
    """Answer for the first time; Discord takes only one, however often it is sent."""
    try:
        await repeat_once(answer)
    except discord.HTTPException as error:
        if error.code != _TAKEN:
            raise


def question_of(
    interaction: AnyInteraction,
    text: str,
    opened: Opened | None = None,
    *,
    voice: str | None = None,
) -> Incoming:
    """Make a question of what a command says; without `opened` its answer goes nowhere yet."""
    caller = caller_of(interaction)
    return Incoming(
        message_id=opened.question_id if opened else interaction.id,
        room=caller.room,
        member=caller.member,
        text=text,
        created_at=interaction.created_at,
        address=opened.address if opened else Address.COMMAND,
        role_ids=caller.role_ids,
        voice=voice,
        rights=caller.rights,
    )


def question_about(
    interaction: AnyInteraction, question: Incoming, message: discord.Message, me: Me
) -> Incoming:
    """Put a message into a question: as if its user had asked that, or about another's."""
    quoted, spoken = quote(message, me), is_voice(message)
    if message.author.id == interaction.user.id:
        return replace(question, text=quoted.text, files=quoted.files, voice_message=spoken)
    return replace(question, quoted=quoted, voice_message=spoken)


def heading_of(text: str) -> str:
    """Show a question to those who see no more of a command than its name."""
    first, *more = split_message(safe_text(text), _QUOTED_UNITS - len(_PREFIX) * text.count("\n"))
    lines = first.splitlines() or [first]
    return "\n".join(_PREFIX + line for line in lines) + (" …" if more else "")


def _may_write(interaction: AnyInteraction, room: Room) -> bool:
    """Tell whether ordinary messages of ours are taken where something was used."""
    if room.is_dm:
        return True
    ours = interaction.app_permissions
    writing = ours.send_messages_in_threads if room.thread_id else ours.send_messages
    return ours.view_channel and writing
