"""The options of a command as a member fills them in, and all they name."""

from bot.local.discord_server.drafts import Upload
from bot.local.discord_server.message_payloads import attachment_json
from bot.local.discord_server.payloads import (
    Json,
    bare_member_json,
    channel_json,
    resolved_channel_json,
    role_json,
    user_json,
)
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.state import Attachment, Channel, Role, User
from bot.local.discord_server.world import World

Value = str | int | float | bool | Channel | User | Role | Upload

_KINDS: dict[int, tuple[type, ...]] = {
    3: (str,), 4: (int,), 5: (bool,), 6: (User,), 7: (Channel,), 8: (Role,),
    9: (User, Role), 10: (int, float), 11: (Upload,),
}  # fmt: skip


class NotOffered(Exception):
    """A member's client does not offer this: it would never reach the bot."""


def option_json(world: World, option: Json, value: Value, user_id: int, resolved: Json) -> Json:
    """Write one filled option; what it names goes into `resolved`.

    Raises:
        NotOffered: the client would not have sent this value.

    """
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


def resolve_id(world: World, channel_id: int, kind: str, value: str, resolved: Json) -> None:
    """Write whom or what an id chosen in a menu names (`users`, `roles`, `channels`, …).

    Raises:
        NotOffered: there is no such thing where the menu is.

    """
    guild = world.guild_of(world.channel(channel_id))
    id_ = int(value) if value.isdecimal() else 0
    user, channel = world.state.users.get(id_), world.state.channels.get(id_)
    role = guild.roles.get(id_) if guild else None
    if user and kind in {"users", "mentionables"}:
        _note_user(world, user, resolved)
    elif role and kind in {"roles", "mentionables"}:
        _note(resolved, "roles", role.id, role_json(role))
    elif channel and kind == "channels" and guild and channel.guild_id == guild.id:
        _note(resolved, "channels", channel.id, channel_json(world, channel))
    else:
        raise NotOffered(f"{value!r} names nothing in {kind}")


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
            return _note_user(world, value, resolved)
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


def _note_user(world: World, user: User, resolved: Json) -> str:
    for guild in world.state.guilds.values():
        if member := guild.members.get(user.id):
            bare = bare_member_json(member) | {"permissions": "0"}
            _note(resolved, "members", user.id, bare)
    return _note(resolved, "users", user.id, user_json(world, user.id))


def _note(resolved: Json, kind: str, id_: int, written: Json) -> str:
    resolved.setdefault(kind, {})[str(id_)] = written
    return str(id_)
