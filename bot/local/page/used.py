"""What a browser sends of commands, buttons, menus and modals: read, and held against the rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.local.discord_server import invocations
from bot.local.discord_server.command_rules import SUBCOMMAND, SUBCOMMAND_GROUP
from bot.local.discord_server.drafts import Upload, read_uploads
from bot.local.discord_server.errors import invalid_form, refused
from bot.local.discord_server.fields import read_id
from bot.local.discord_server.filled import Filled, component_data, modal_data
from bot.local.discord_server.kinds import ChannelType, InteractionType
from bot.local.discord_server.options import NotOffered, Value
from bot.local.discord_server.payloads import FORUM_TYPES, Json
from bot.local.discord_server.state import Channel, Interaction, Message, Role, User
from bot.local.page.api import Call
from bot.local.page.sight import channel_for, message_for

_NO_TEXT = FORUM_TYPES | {ChannelType.CATEGORY}
_MENU_OF_USER, _MENU_OF_MESSAGE = 2, 3
_USER, _CHANNEL, _ROLE, _MENTIONABLE, _FILE = 6, 7, 8, 9, 11


@dataclass(frozen=True, slots=True)
class Used:
    """What somebody used: what the bot is to be told."""

    kind: InteractionType
    channel: Channel
    data: Json
    message_id: int | None = None


def read_use(call: Call) -> Used:
    """Read the body of a request that uses something.

    Raises:
        ApiError: it is none, or about what one does not see.
        NotOffered: a client would not have sent this.

    """
    channel = channel_for(call.world, call.me, read_id(call.payload, "channel_id"))
    if channel.type in _NO_TEXT:
        raise refused(50024)
    data = call.payload.get("data")
    if not isinstance(data, dict):
        raise invalid_form("data", "BASE_TYPE_REQUIRED", "This field is required")
    match call.payload.get("type"):
        case InteractionType.COMMAND:
            return Used(InteractionType.COMMAND, channel, _command(call, channel, data))
        case InteractionType.AUTOCOMPLETE:
            typed = _slash_command(call, channel, data, typing=True)
            return Used(InteractionType.AUTOCOMPLETE, channel, typed)
        case InteractionType.COMPONENT:
            return _component(call, channel, data)
        case InteractionType.MODAL_SUBMIT:
            return _modal(call, channel, data)
    raise invalid_form("type", "BASE_TYPE_CHOICES", "Not a kind of interaction.")


def _command(call: Call, channel: Channel, data: Json) -> Json:
    kind, name = data.get("type", 1), str(data.get("name"))
    if kind == _MENU_OF_MESSAGE:
        target = message_for(call.world, call.me, channel, read_id(data, "target_id"))
        written = invocations.menu_data(call.world, name, call.me, target)
    elif kind == _MENU_OF_USER:
        user = call.world.user(read_id(data, "target_id"))
        written = invocations.user_menu_data(call.world, name, call.me, channel, user)
    else:
        written = _slash_command(call, channel, data, typing=False)
    return written


def _slash_command(call: Call, channel: Channel, data: Json, *, typing: bool) -> Json:
    path, chosen = _flattened(data)
    values = {str(each.get("name")): _value(call, channel, each, data) for each in chosen}
    focused = next((str(each["name"]) for each in chosen if each.get("focused")), None)
    if typing != (focused is not None):
        raise NotOffered("exactly one option is being typed while suggestions are asked for")
    written = invocations.command_data(call.world, path, call.me, channel, values, focused)
    if data.get("id") not in (None, written["id"]):
        raise refused(10063)
    return written


def _flattened(data: Json) -> tuple[str, list[Json]]:
    """Read the command with its subcommands (`voice set`), and its options."""
    names, options = [str(data.get("name"))], _listed(data.get("options"))
    while options and options[0].get("type") in {SUBCOMMAND, SUBCOMMAND_GROUP}:
        names.append(str(options[0].get("name")))
        options = _listed(options[0].get("options"))
    return " ".join(names), options


def _listed(options: object) -> list[Json]:
    if options is None:
        return []
    if not isinstance(options, list) or not all(isinstance(each, dict) for each in options):
        raise invalid_form("data.options", "LIST_TYPE_CONVERT", "Only lists of options are taken.")
    return options


def _value(call: Call, channel: Channel, option: Json, data: Json) -> Value:
    """Read a value; ids become what they name, as far as the client offers it there."""
    value: Any = option.get("value")
    match option.get("type"):
        case kind if kind == _CHANNEL:
            place = call.world.channel(read_id(option, "value"))
            if place.guild_id != channel.guild_id:
                raise NotOffered("a channel of another server is not offered")
            return place
        case kind if kind in {_USER, _ROLE, _MENTIONABLE}:
            return _somebody(call, channel, read_id(option, "value"))
        case kind if kind == _FILE:
            return _file(call, data, value)
    if not isinstance(value, str | int | float):
        raise NotOffered(f"{option.get('name')!r} does not take {value!r}")
    return value


def _somebody(call: Call, channel: Channel, id_: int) -> User | Role:
    guild = call.world.guild_of(channel)
    role = guild.roles.get(id_) if guild else None
    return role or call.world.user(id_)


def _file(call: Call, data: Json, index: object) -> Upload:
    uploads = read_uploads(data, call.body.parts)
    if not isinstance(index, str | int) or not str(index).isdecimal() or int(index) >= len(uploads):
        raise NotOffered("the file of an option did not come along")
    return uploads[int(index)]


def _component(call: Call, channel: Channel, data: Json) -> Used:
    message = message_for(call.world, call.me, channel, read_id(call.payload, "message_id"))
    _check_is_the_bots(call, message)
    values = data.get("values")
    if values is not None:
        values = _texts(values)
    written = component_data(call.world, message, str(data.get("custom_id")), values)
    if data.get("component_type") not in (None, written["component_type"]):
        raise NotOffered("the component is of another kind")
    return Used(InteractionType.COMPONENT, channel, written, message.id)


def _check_is_the_bots(call: Call, message: Message) -> None:
    if message.author_id != call.world.bot_id:
        raise NotOffered("only messages of the bot have something to press")


def _modal(call: Call, channel: Channel, data: Json) -> Used:
    opened = _opened(call, read_id(call.payload, "opened_by"))
    if opened.modal is None or opened.channel_id != channel.id:
        raise NotOffered("this interaction opened no modal here")
    if data.get("custom_id") != opened.modal["custom_id"]:
        raise NotOffered("another modal was opened")
    written = modal_data(opened.modal, _filled_parts(data.get("components")))
    return Used(InteractionType.MODAL_SUBMIT, channel, written, opened.message_id)


def _opened(call: Call, interaction_id: int) -> Interaction:
    opened = call.world.state.interactions.get(interaction_id)
    if opened is None or opened.user_id != call.me:
        raise refused(10062)
    return opened


def _filled_parts(rows: object) -> dict[str, Filled]:
    filled: dict[str, Filled] = {}
    for row in _listed(rows):
        for part in _listed([row["component"]] if "component" in row else row.get("components")):
            value = part.get("value", part.get("values"))
            if value is not None:
                filled[str(part.get("custom_id"))] = _text_or_texts(value)
    return filled


def _text_or_texts(value: object) -> Filled:
    return value if isinstance(value, str) else _texts(value)


def _texts(values: object) -> Sequence[str]:
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise invalid_form("data.values", "LIST_TYPE_CONVERT", "Only lists of texts are taken.")
    return values
