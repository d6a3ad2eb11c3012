"""What a member's client sends for a command: found, checked, and with all it names resolved."""

import contextlib
from collections.abc import Mapping

from bot.local.discord_server import interactions
from bot.local.discord_server.command_rules import SUBCOMMAND, SUBCOMMAND_GROUP
from bot.local.discord_server.events import interaction_created
from bot.local.discord_server.installs import (
    app_permissions,
    check_installed,
    context_of,
    owners_of,
)
from bot.local.discord_server.kinds import InteractionType
from bot.local.discord_server.message_payloads import message_json
from bot.local.discord_server.options import NotOffered, Value, option_json
from bot.local.discord_server.payloads import (
    Json,
    bare_member_json,
    channel_json,
    member_json,
    size_limit,
    user_json,
)
from bot.local.discord_server.permissions import EVERYTHING, Permission, permissions_in
from bot.local.discord_server.state import Channel, Interaction, Message, User
from bot.local.discord_server.world import World


def offered(world: World, user_id: int, channel: Channel) -> list[Json]:
    """List the commands that the member's client shows there; the server's own come first."""
    found = []
    for command in _commands_in(world, channel):
        with contextlib.suppress(NotOffered):
            _check_offered(world, command, user_id, channel)
            found.append(command)
    return found


def find_command(world: World, name: str, kind: int, user_id: int, channel: Channel) -> Json:
    """Find a command as the member's client lists it there; the server's own come first."""
    for command in _commands_in(world, channel):
        if command["name"] == name and command.get("type", 1) == kind:
            _check_offered(world, command, user_id, channel)
            return command
    raise NotOffered(f"there is no command {name!r}")


def _commands_in(world: World, channel: Channel) -> list[Json]:
    here = world.state.commands.get(channel.guild_id or -1, [])
    return [*here, *world.state.commands.get(0, [])]


def _check_offered(world: World, command: Json, user_id: int, channel: Channel) -> None:
    check_installed(world, command, user_id, channel)
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
        _typed(_option(level, name), value)
        if name == focused
        else option_json(world, _option(level, name), value, user_id, resolved)
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


def user_menu_data(world: World, name: str, user_id: int, channel: Channel, target: User) -> Json:
    """Write the `data` of a user command."""
    command = find_command(world, name, 2, user_id, channel)
    resolved: Json = {"users": {str(target.id): user_json(world, target.id)}}
    guild = world.guild_of(channel)
    if guild and target.id in guild.members:
        bare = bare_member_json(guild.members[target.id]) | {"permissions": "0"}
        resolved["members"] = {str(target.id): bare}
    return {
        "id": command["id"],
        "name": name,
        "type": 2,
        "target_id": str(target.id),
        "resolved": resolved,
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
        "app_permissions": str(app_permissions(world, channel)),
        "locale": world.state.users[interaction.user_id].locale,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": owners_of(world, interaction, channel),
        "context": context_of(world, channel),
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


def _typed(option: Json, value: Value) -> Json:
    """Write an option that is still being typed: it may be anything yet."""
    if not option.get("autocomplete"):
        raise NotOffered(f"{option['name']!r} has no suggestions")
    return {"name": option["name"], "type": option["type"], "value": value, "focused": True}


def _check_complete(level: Json, values: Mapping[str, Value], focused: str | None) -> None:
    for option in _options(level):
        if option.get("required") and option["name"] not in values and focused is None:
            raise NotOffered(f"the option {option['name']!r} is required")
