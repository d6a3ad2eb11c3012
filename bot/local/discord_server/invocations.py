"""What a member's client sends for a command: found, checked, and with all it names resolved."""

from collections.abc import Mapping

from bot.local.discord_server import interactions
from bot.local.discord_server.command_rules import SUBCOMMAND, SUBCOMMAND_GROUP
from bot.local.discord_server.drafts import Upload
from bot.local.discord_server.events import interaction_created
from bot.local.discord_server.message_payloads import attachment_json, message_json
from bot.local.discord_server.payloads import (
    Json,
    bare_member_json,
    channel_json,
    member_json,
    resolved_channel_json,
    role_json,
    size_limit,
    user_json,
)
from bot.local.discord_server.permissions import EVERYTHING, Permission, permissions_in
from bot.local.discord_server.state import (
    Attachment,
    Channel,
    Interaction,
    InteractionType,
    Message,
    Role,
    User,
)
from bot.local.discord_server.world import World

Value = str | int | float | bool | Channel | User | Role | Upload

_KINDS: dict[int, tuple[type, ...]] = {
    3: (str,), 4: (int,), 5: (bool,), 6: (User,), 7: (Channel,), 8: (Role,),
    9: (User, Role), 10: (int, float), 11: (Upload,),
}  # fmt: skip


class NotOffered(Exception):
    """A member's client does not offer this: it would never reach the bot."""


def find_command(world: World, name: str, kind: int, user_id: int, channel: Channel) -> Json:
    """Find a command as the member's client lists it there; the server's own come first."""
    here = world.state.commands.get(channel.guild_id or -1, [])
    for command in [*here, *world.state.commands.get(0, [])]:
        if command["name"] == name and command.get("type", 1) == kind:
            _check_offered(world, command, user_id, channel)
            return command
    raise NotOffered(f"there is no command {name!r}")


def _check_offered(world: World, command: Json, user_id: int, channel: Channel) -> None:
    context = 1 if channel.guild_id is None else 0
    contexts = command.get("contexts")
    if contexts is not None and context not in contexts:
        raise NotOffered(f"{command['name']} is not offered in this kind of place")
    if not world.can(user_id, channel, Permission.USE_APPLICATION_COMMANDS):
        raise NotOffered("no permission to use commands here")
    needed, has = (
        command.get("default_member_permissions"),
        permissions_in(world.state, channel, user_id),
    )
    if channel.guild_id is None or needed is None or has == EVERYTHING:
        return
    if int(needed) == 0 or has & int(needed) != int(needed):
        raise NotOffered(f"{command['name']} needs permissions that the member lacks")


def command_data(
    world: World,
    path: str,
    user_id: int,
    channel: Channel,
    values: Mapping[str, Value],
    focused: str | None = None,
) -> Json:
    """Write the `data` of `/root [group] [sub]` with these options.

    With `focused`, the option still being typed, nothing else need be complete.

    Raises:
        NotOffered: the client would not have sent this.

    """
    root, *subs = path.split()
    command = find_command(world, root, 1, user_id, channel)
    resolved: Json = {}
    level, wrap = command, []
    for name in subs:
        level = _option(level, name)
        wrap.append({"type": level["type"], "name": name})
    if any(option["type"] in {SUBCOMMAND, SUBCOMMAND_GROUP} for option in _options(level)):
        raise NotOffered(f"/{path} is only the beginning of a command")
    _check_complete(level, values, focused)
    options = [
        _value_json(world, _option(level, name), value, user_id, resolved)
        | ({"focused": True} if name == focused else {})
        for name, value in values.items()
    ]
    for wrapper in reversed(wrap):
        options = [{**wrapper, "options": options}]
    data: Json = {"id": command["id"], "name": root, "type": 1, "options": options}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    return data | ({"resolved": resolved} if resolved else {})


def menu_data(world: World, name: str, user_id: int, message: Message) -> Json:
    """Write the `data` of a message command; its message comes whole, whatever the intents."""
    channel = world.channel(message.channel_id)
    command = find_command(world, name, 3, user_id, channel)
    shown = message_json(world, message, reads_content=True)
    return {
        "id": command["id"],
        "name": name,
        "type": 3,
        "target_id": str(message.id),
        "resolved": {"messages": {str(message.id): shown}},
    }


def send(world: World, interaction: Interaction) -> Interaction:
    """Tell the bot."""
    channel = world.channel(interaction.channel_id)
    payload = interaction_json(world, interaction, channel)
    world.publish(interaction_created(payload, channel.guild_id))
    return interaction


def interaction_json(world: World, interaction: Interaction, channel: Channel) -> Json:
    """Write an interaction; all keys that clients rely on are there."""
    guild = world.guild_of(channel)
    allowed = permissions_in(world.state, channel, interaction.user_id)
    written: Json = {
        "id": str(interaction.id),
        "application_id": str(world.bot_id),
        "type": int(interaction.type),
        "token": interaction.token,
        "version": 1,
        "data": interaction.data,
        "channel_id": str(channel.id),
        "channel": channel_json(world, channel) | {"permissions": str(allowed)},
        "app_permissions": str(permissions_in(world.state, channel, world.bot_id)),
        "locale": "en-US",
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": {"0": str(guild.id) if guild else "0"},
        "context": 0 if guild else 1,
        "attachment_size_limit": size_limit(guild),
    }
    if interaction.message_id is not None:
        message = world.state.messages[interaction.message_id]
        written["message"] = message_json(world, message, reads_content=True)
    if guild is None:
        return written | {"user": user_json(world, interaction.user_id)}
    member = member_json(world, guild.members[interaction.user_id])
    return written | {
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
        "guild_locale": guild.locale,
        "member": member | {"permissions": str(allowed)},
    }


def begin_command(
    world: World, kind: InteractionType, user_id: int, channel: Channel, data: Json
) -> Interaction:
    """Note a command and tell the bot."""
    return send(world, interactions.begin(world, kind, user_id, channel, data))


def _options(level: Json) -> list[Json]:
    return level.get("options") or []


def _option(level: Json, name: str) -> Json:
    for option in _options(level):
        if option["name"] == name:
            return option
    raise NotOffered(f"{level['name']} has no option or subcommand {name!r}")


def _check_complete(level: Json, values: Mapping[str, Value], focused: str | None) -> None:
    for option in _options(level):
        if option.get("required") and option["name"] not in values and focused is None:
            raise NotOffered(f"the option {option['name']!r} is required")


def _value_json(world: World, option: Json, value: Value, user_id: int, resolved: Json) -> Json:
    kind = option["type"]
    fits = isinstance(value, _KINDS[kind]) and (kind == 5) == isinstance(value, bool)
    if not fits:
        raise NotOffered(f"{option['name']!r} does not take {value!r}")
    choices = [choice["value"] for choice in option.get("choices") or ()]
    if choices and value not in choices:
        raise NotOffered(f"{value!r} is not one of the choices of {option['name']!r}")
    _check_bounds(option, value)
    sent = value
    if not isinstance(value, str | int | float):
        sent = _resolve(world, option, value, user_id, resolved)
    return {"name": option["name"], "type": kind, "value": sent}


def _check_bounds(option: Json, value: Value) -> None:
    size = len(value) if isinstance(value, str) else value
    if not isinstance(size, int | float):
        return
    kind = "length" if isinstance(value, str) else "value"
    least, most = option.get(f"min_{kind}"), option.get(f"max_{kind}")
    if (least is not None and size < least) or (most is not None and size > most):
        raise NotOffered(f"{value!r} is out of bounds for {option['name']!r}")


def _resolve(
    world: World,
    option: Json,
    value: Channel | User | Role | Upload,
    user_id: int,
    resolved: Json,
) -> str:
    match value:
        case Channel():
            return _resolve_channel(world, option, value, user_id, resolved)
        case User():
            _note(resolved, "users", value.id, user_json(world, value.id))
            for guild in world.state.guilds.values():
                if member := guild.members.get(value.id):
                    bare = bare_member_json(member) | {"permissions": "0"}
                    _note(resolved, "members", value.id, bare)
            return str(value.id)
        case Role():
            return _note(resolved, "roles", value.id, role_json(value))
        case Upload():
            attachment = _keep_upload(world, value)
            return _note(resolved, "attachments", attachment.id, attachment_json(world, attachment))


def _resolve_channel(
    world: World, option: Json, channel: Channel, user_id: int, resolved: Json
) -> str:
    types = option.get("channel_types") or [channel.type]
    if int(channel.type) not in types or not world.can(user_id, channel, Permission.VIEW_CHANNEL):
        raise NotOffered(f"{option['name']!r} does not offer {channel.name!r}")
    written = resolved_channel_json(world, channel, user_id)
    return _note(resolved, "channels", channel.id, written)


def _keep_upload(world: World, upload: Upload) -> Attachment:
    attachment = Attachment(
        id=world.next_id(),
        channel_id=0,
        filename=upload.filename,
        size_bytes=len(upload.data),
        content_type=upload.content_type,
        ephemeral=True,
    )
    world.state.files[attachment.id] = upload.data
    return attachment


def _note(resolved: Json, kind: str, id_: int, written: Json) -> str:
    resolved.setdefault(kind, {})[str(id_)] = written
    return str(id_)
