"""What bots are told of, and which intents they need to hear it."""

from dataclasses import replace
from enum import IntFlag
from typing import Any

from bot.local.discord_server.guild_payloads import guild_create_json
from bot.local.discord_server.message_payloads import message_event_json
from bot.local.discord_server.payloads import channel_json, member_json, role_json
from bot.local.discord_server.state import (
    Channel,
    Guild,
    Interaction,
    Member,
    Message,
    Role,
    Typing,
)
from bot.local.discord_server.world import Event, World


class Intent(IntFlag):
    """The intents that mean something here."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_REACTIONS = 1 << 10
    GUILD_TYPING = 1 << 11
    DM_MESSAGES = 1 << 12
    DM_REACTIONS = 1 << 13
    DM_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


KNOWN_INTENTS = sum(1 << bit for bit in (*range(17), 20, 21, 24, 25))


def message_created(world: World, message: Message) -> Event:
    """Tell of a new message."""
    return _about_message(world, message, "MESSAGE_CREATE")


def message_updated(world: World, message: Message) -> Event:
    """Tell of a changed message, in full."""
    return _about_message(world, message, "MESSAGE_UPDATE")


def only_for_its_reader(event: Event, message: Message) -> Event:
    """Tell of an ephemeral message: bots are not told, and of members only its reader."""
    return replace(event, for_bots=False, for_user_id=message.for_user_id)


def typing_started(world: World, typing: Typing) -> Event:
    """Tell that somebody types."""
    channel = world.channel(typing.channel_id)
    payload = {
        "user_id": str(typing.user_id),
        "timestamp": int(typing.at.timestamp()),
    } | _place(channel)
    return _in_channel(channel, "TYPING_START", payload, Intent.GUILD_TYPING, Intent.DM_TYPING)


def messages_deleted(channel: Channel, message_ids: list[int]) -> Event:
    """Tell that messages are gone; many at once are one event of another name."""
    ids = [str(id_) for id_ in message_ids]
    single = len(ids) == 1
    what: dict[str, Any] = {"id": ids[0]} if single else {"ids": ids}
    name = "MESSAGE_DELETE" if single else "MESSAGE_DELETE_BULK"
    return _in_channel(
        channel, name, what | _place(channel), Intent.GUILD_MESSAGES, Intent.DM_MESSAGES
    )


def reaction_changed(
    world: World, message: Message, emoji: str, user_id: int, *, added: bool
) -> Event:
    """Tell of a reaction that came or went."""
    channel = world.channel(message.channel_id)
    payload = {
        "user_id": str(user_id),
        "message_id": str(message.id),
        "emoji": {"id": None, "name": emoji},
        "burst": False,
        "type": 0,
    } | _place(channel)
    name = "MESSAGE_REACTION_ADD" if added else "MESSAGE_REACTION_REMOVE"
    return _in_channel(channel, name, payload, Intent.GUILD_REACTIONS, Intent.DM_REACTIONS)


def thread_created(world: World, thread: Channel) -> Event:
    """Tell of a new thread."""
    payload = channel_json(world, thread) | {"newly_created": True}
    return _about_place(thread, "THREAD_CREATE", payload)


def channel_changed(world: World, channel: Channel, change: str) -> Event:
    """Tell that a channel or thread came, changed or went (`CREATE`, `UPDATE`, `DELETE`)."""
    kind = "THREAD" if channel.thread else "CHANNEL"
    return _about_place(channel, f"{kind}_{change}", channel_json(world, channel))


def guild_available(world: World, guild: Guild, *, all_members: bool) -> Event:
    """Tell of a server that the bot has been in before; `unavailable` false says so."""
    payload = guild_create_json(world, guild, all_members=all_members) | {"unavailable": False}
    return Event("GUILD_CREATE", lambda _: payload, int(Intent.GUILDS), guild.id)


def guild_joined(world: World, guild: Guild) -> Event:
    """Tell of a server that the bot has just been invited to."""
    payload = guild_create_json(world, guild, all_members=False)
    return Event("GUILD_CREATE", lambda _: payload, int(Intent.GUILDS), guild.id)


def guild_left(guild_id: int) -> Event:
    """Tell the bot that it was removed from a server."""
    return Event("GUILD_DELETE", lambda _: {"id": str(guild_id)}, int(Intent.GUILDS), guild_id)


def role_created(guild: Guild, role: Role) -> Event:
    """Tell of a new role."""
    payload = {"guild_id": str(guild.id), "role": role_json(role)}
    return Event("GUILD_ROLE_CREATE", lambda _: payload, int(Intent.GUILDS), guild.id)


def interaction_created(payload: dict[str, Any], guild_id: int | None) -> Event:
    """Tell of an interaction; no intent is needed."""
    return Event("INTERACTION_CREATE", lambda _: payload, guild_id=guild_id)


def interaction_succeeded(interaction: Interaction) -> Event:
    """Tell a member that the bot answered."""
    return _about_interaction(interaction, "INTERACTION_SUCCESS", {})


def interaction_failed(interaction: Interaction, reason: str) -> Event:
    """Tell a member that the bot did not answer."""
    return _about_interaction(interaction, "INTERACTION_FAILURE", {"reason": reason})


def modal_opened(interaction: Interaction, modal: dict[str, Any]) -> Event:
    """Tell a member's client to open a modal."""
    shown = {name: modal.get(name) for name in ("custom_id", "title", "components")}
    return _about_interaction(interaction, "INTERACTION_MODAL_CREATE", shown)


def commands_changed(guild_id: int | None) -> Event:
    """Tell members' clients that commands came, changed or went; everywhere for None."""
    return Event("COMMANDS_UPDATE", lambda _: {}, guild_id=guild_id, for_bots=False)


def _about_interaction(interaction: Interaction, name: str, more: dict[str, Any]) -> Event:
    payload = {"id": str(interaction.id), "channel_id": str(interaction.channel_id), **more}
    return Event(
        name,
        lambda _: payload,
        channel_id=interaction.channel_id,
        for_bots=False,
        for_user_id=interaction.user_id,
    )


def _about_message(world: World, message: Message, name: str) -> Event:
    channel = world.channel(message.channel_id)
    intent = Intent.DM_MESSAGES if channel.guild_id is None else Intent.GUILD_MESSAGES
    return Event(
        name,
        lambda reads: message_event_json(world, message, reads_content=reads),
        int(intent),
        channel.guild_id,
        channel.id,
    )


def _about_place(channel: Channel, name: str, payload: dict[str, Any]) -> Event:
    seen_in = channel.id if name != "CHANNEL_DELETE" else None
    return Event(name, lambda _: payload, int(Intent.GUILDS), channel.guild_id, seen_in)


def _in_channel(
    channel: Channel, name: str, payload: dict[str, Any], in_guild: Intent, in_dm: Intent
) -> Event:
    intent = in_dm if channel.guild_id is None else in_guild
    return Event(name, lambda _: payload, int(intent), channel.guild_id, channel.id)


def _place(channel: Channel) -> dict[str, Any]:
    place = {"channel_id": str(channel.id)}
    return place | ({"guild_id": str(channel.guild_id)} if channel.guild_id else {})


def members_chunk(
    world: World, guild: Guild, members: list[Member], asked: dict[str, Any]
) -> dict[str, Any]:
    """Write GUILD_MEMBERS_CHUNK, the answer to a request for members."""
    return {
        "guild_id": str(guild.id),
        "members": [member_json(world, member) for member in members],
        "chunk_index": 0,
        "chunk_count": 1,
        "nonce": asked.get("nonce"),
    }
