"""Answers to interactions: the first within 3 seconds, more within 15 minutes.

Source: https://docs.discord.com/developers/interactions/receiving-and-responding
"""

import secrets
from datetime import timedelta
from enum import IntEnum
from typing import Any

from bot.local.discord_server import edits, events, messages
from bot.local.discord_server.callbacks import read_choices, read_modal
from bot.local.discord_server.command_rules import SUBCOMMAND, SUBCOMMAND_GROUP
from bot.local.discord_server.drafts import Draft, Part, Target, read_draft
from bot.local.discord_server.errors import ApiError, invalid_form, refused
from bot.local.discord_server.fields import read_id
from bot.local.discord_server.installs import (
    FOLLOWUPS_OF_GUESTS,
    app_permissions,
    is_there,
    must_whisper,
)
from bot.local.discord_server.kinds import InteractionType, MessageFlag, MessageType
from bot.local.discord_server.mentions import USERS_ONLY
from bot.local.discord_server.messages import Origin
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.rights import file_limit
from bot.local.discord_server.rules import check_draft
from bot.local.discord_server.state import Channel, Interaction, Message, Use
from bot.local.discord_server.world import World

ANSWER_WITHIN = timedelta(seconds=3)
TOKEN_LIFE = timedelta(minutes=15)
NO_ANSWER = "The application did not respond"


class Callback(IntEnum):
    """Kinds of first answers."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    SUGGESTIONS = 8
    MODAL = 9


_SUBCOMMANDS = frozenset({SUBCOMMAND, SUBCOMMAND_GROUP})
_FITTING = {
    InteractionType.COMMAND: {Callback.MESSAGE, Callback.DEFERRED_MESSAGE, Callback.MODAL},
    InteractionType.COMPONENT: set(Callback) - {Callback.SUGGESTIONS},
    InteractionType.AUTOCOMPLETE: {Callback.SUGGESTIONS},
    InteractionType.MODAL_SUBMIT: set(Callback) - {Callback.SUGGESTIONS, Callback.MODAL},
}


def begin(
    world: World,
    kind: InteractionType,
    user_id: int,
    channel: Channel,
    data: dict[str, Any],
    message_id: int | None = None,
) -> Interaction:
    """Note that a member did something that wants an answer."""
    interaction = Interaction(
        world.next_id(),
        secrets.token_urlsafe(32),
        kind,
        user_id,
        channel.id,
        world.clock(),
        data,
        message_id,
    )
    world.state.interactions[interaction.id] = interaction
    return interaction


def respond(
    world: World, interaction: Interaction, payload: dict[str, Any], parts: tuple[Part, ...]
) -> Message | None:
    """Take the first answer; return the message it made or changed.

    Raises:
        ApiError: 40060 for a second one, 10062 when it is late, 50035 when it does not fit.

    """
    if interaction.callback is not None:
        raise refused(40060)
    if _is_late(world, interaction):
        raise refused(10062)
    callback = _read_callback(payload, interaction)
    message = _take(world, interaction, callback, payload.get("data") or {}, parts)
    interaction.callback = callback
    if message is not None:
        interaction.original_id = message.id
    if interaction.modal is not None:
        world.publish(events.modal_opened(interaction, interaction.modal))
    if interaction.type is InteractionType.AUTOCOMPLETE:
        world.changes.tell()
    else:
        world.publish(events.interaction_succeeded(interaction))
    return message


def fail_overdue(world: World) -> None:
    """Tell the members of interactions that were not answered in time, once each."""
    for interaction in world.state.interactions.values():
        if interaction.callback is None and not interaction.failed and _is_late(world, interaction):
            interaction.failed = True
            if interaction.type is not InteractionType.AUTOCOMPLETE:
                world.publish(events.interaction_failed(interaction, NO_ANSWER))


def follow_up(
    world: World, interaction: Interaction, payload: dict[str, Any], parts: tuple[Part, ...]
) -> Message:
    """Take a further message; the first one after a deferral fills the message that is loading."""
    draft = read_draft(payload, parts, USERS_ONLY)
    original = _original(world, interaction)
    if original is not None and original.is_loading:
        edit(world, original, payload, parts)
        return original
    _check_count(world, interaction)
    _check(world, interaction, draft)
    message = _say(world, interaction, draft, original)
    interaction.followup_ids.append(message.id)
    return message


def edit(world: World, message: Message, payload: dict[str, Any], parts: tuple[Part, ...]) -> None:
    """Change an answer; one that was loading is done then."""
    loading = message.flags & MessageFlag.LOADING
    message.flags &= ~MessageFlag.LOADING
    try:
        edits.edit(world, message, world.bot_id, payload, parts, USERS_ONLY)
    except ApiError:
        message.flags |= loading
        raise


def find(world: World, interaction_id: int, token: str) -> Interaction:
    """Find an interaction for its first answer, or refuse with 10062."""
    interaction = world.state.interactions.get(interaction_id)
    if interaction is None or interaction.token != token:
        raise refused(10062)
    return interaction


def find_answered(world: World, application_id: int, token: str) -> Interaction:
    """Find an interaction by its webhook: 10015 before its first answer, 50027 after 15 minutes."""
    for interaction in world.state.interactions.values():
        if interaction.token == token and application_id == world.bot_id:
            if world.clock() - interaction.created_at > TOKEN_LIFE:
                raise refused(50027)
            if interaction.callback is None:
                break
            return interaction
    raise refused(10015)


def find_answer(world: World, interaction: Interaction, which: str) -> Message:
    """Find `@original` or a followup by id, or refuse with 10008."""
    known = [interaction.original_id, *interaction.followup_ids]
    original = which == "@original"
    wanted = interaction.original_id if original else read_id({"id": which}, "id", "message_id")
    if wanted is None or wanted not in known or wanted not in world.state.messages:
        raise refused(10008)
    return world.state.messages[wanted]


def _is_late(world: World, interaction: Interaction) -> bool:
    return world.clock() - interaction.created_at > ANSWER_WITHIN


def _read_callback(payload: dict[str, Any], interaction: Interaction) -> Callback:
    kind = payload.get("type")
    if kind not in set(Callback) or kind not in _FITTING[interaction.type]:
        raise invalid_form("type", "BASE_TYPE_CHOICES", "Not an answer to this interaction.")
    return Callback(kind)


def _take(
    world: World,
    interaction: Interaction,
    callback: Callback,
    data: dict[str, Any],
    parts: tuple[Part, ...],
) -> Message | None:
    match callback:
        case Callback.MESSAGE:
            draft = read_draft(data, parts, USERS_ONLY)
            _check(world, interaction, draft)
            return _say(world, interaction, draft, None)
        case Callback.DEFERRED_MESSAGE:
            return _say_loading(world, interaction, data.get("flags") or 0)
        case Callback.UPDATE:
            message = world.state.messages[interaction.message_id or 0]
            edit(world, message, data, parts)
            return message
        case Callback.DEFERRED_UPDATE:
            return world.state.messages[interaction.message_id or 0]
        case Callback.SUGGESTIONS:
            interaction.choices = read_choices(data)
        case Callback.MODAL:
            interaction.modal = read_modal(data)
    return None


def _say(world: World, interaction: Interaction, draft: Draft, original: Message | None) -> Message:
    """Make a message of an answer; a followup refers to the first answer."""
    ephemeral = _is_ephemeral(world, interaction, draft.flags)
    origin = Origin(
        type=_message_type(interaction),
        interaction_id=interaction.id,
        used=_use(interaction),
        for_user_id=interaction.user_id if ephemeral else None,
    )
    if original is not None:
        draft = _referring(draft, original)
    channel = world.channel(interaction.channel_id)
    return messages.store(world, channel, world.bot_id, draft, target=original, origin=origin)


def _say_loading(world: World, interaction: Interaction, flags: int) -> Message:
    ephemeral = _is_ephemeral(world, interaction, flags)
    message = Message(
        id=world.next_id(),
        channel_id=interaction.channel_id,
        author_id=world.bot_id,
        timestamp=world.clock(),
        type=_message_type(interaction),
        flags=MessageFlag.LOADING | (MessageFlag.EPHEMERAL if ephemeral else 0),
        interaction_id=interaction.id,
        used=_use(interaction),
        for_user_id=interaction.user_id if ephemeral else None,
    )
    messages.keep(world, world.channel(interaction.channel_id), message)
    return message


def _is_ephemeral(world: World, interaction: Interaction, flags: int) -> bool:
    channel = world.channel(interaction.channel_id)
    return bool(flags & MessageFlag.EPHEMERAL) or must_whisper(world, interaction, channel)


def _use(interaction: Interaction) -> Use:
    return Use(interaction.user_id, interaction.type, _command_name(interaction.data))


def _command_name(data: dict[str, Any]) -> str:
    """Write a command as its member chose it: with its subcommands."""
    names, level = [data.get("name") or ""], data
    while inner := [each for each in level.get("options") or () if each["type"] in _SUBCOMMANDS]:
        level = inner[0]
        names.append(level["name"])
    return " ".join(names)


def _referring(draft: Draft, original: Message) -> Draft:
    return Draft(
        content=draft.content,
        uploads=draft.uploads,
        flags=draft.flags,
        embeds=draft.embeds,
        components=draft.components,
        target=Target(original.id),
        allowed=draft.allowed,
    )


def _check(world: World, interaction: Interaction, draft: Draft) -> None:
    channel = world.channel(interaction.channel_id)
    check_draft(draft, file_limit(world, channel, world.bot_id))
    may_speak = app_permissions(world, channel) & Permission.SEND_VOICE_MESSAGES
    if draft.flags & MessageFlag.VOICE and not may_speak:
        raise refused(50173)


def _check_count(world: World, interaction: Interaction) -> None:
    """Refuse with 40094 the sixth further message where the bot is no member."""
    channel = world.channel(interaction.channel_id)
    if len(interaction.followup_ids) >= FOLLOWUPS_OF_GUESTS and not is_there(world, channel):
        raise refused(40094)


def _original(world: World, interaction: Interaction) -> Message | None:
    return world.state.messages.get(interaction.original_id or 0)


def _message_type(interaction: Interaction) -> MessageType:
    if interaction.type is not InteractionType.COMMAND:
        return MessageType.DEFAULT
    slash = interaction.data.get("type", 1) == 1
    return MessageType.CHAT_INPUT_COMMAND if slash else MessageType.CONTEXT_MENU_COMMAND
