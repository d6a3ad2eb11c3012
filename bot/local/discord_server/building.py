"""Making users, servers, roles and channels, before or while bots are connected."""

from bot.local.discord_server import events
from bot.local.discord_server.clock import Clock, Snowflakes, utc_now
from bot.local.discord_server.kinds import ChannelType, OverwriteKind
from bot.local.discord_server.permissions import OF_EVERYONE, OF_THE_BOT
from bot.local.discord_server.state import (
    Application,
    Channel,
    Guild,
    Member,
    Overwrite,
    Role,
    State,
    User,
)
from bot.local.discord_server.world import World

TOKEN = "MTA.stand-in.token"  # noqa: S105 - opens nothing but this server


def new_world(clock: Clock = utc_now, *, token: str = TOKEN) -> World:
    """Make a world with the bot, its owner, and one server with the channel #general."""
    ids = Snowflakes(clock)
    bot, owner = User(ids.next(), "voicebot", bot=True), User(ids.next(), "owner", "Owner")
    application = Application(bot.id, "voicebot", owner.id, token)
    state = State(application, {bot.id: bot, owner.id: owner}, last_id=ids.last)
    world = World(state, clock)
    guild = add_guild(world, "Home", owner.id)
    add_channel(world, guild, "general")
    return world


def add_user(world: World, name: str) -> User:
    """Make an account."""
    user = User(world.next_id(), name.lower(), name)
    world.state.users[user.id] = user
    return user


def add_guild(
    world: World, name: str, owner_id: int, *, bot_permissions: int | None = OF_THE_BOT
) -> Guild:
    """Make a server, and invite the bot with these permissions, which its own role carries.

    With None the bot is not invited.
    """
    guild_id = world.next_id()
    guild = Guild(guild_id, name, owner_id)
    guild.roles[guild_id] = Role(guild_id, "@everyone", int(OF_EVERYONE), position=0)
    guild.members[owner_id] = Member(owner_id, world.clock())
    world.state.guilds[guild_id] = guild
    if bot_permissions is not None:
        _invite_bot(world, guild, bot_permissions)
    return guild


def _invite_bot(world: World, guild: Guild, permissions: int) -> None:
    role = Role(world.next_id(), "voicebot", permissions, mentionable=True, bot_id=world.bot_id)
    guild.roles[role.id] = role
    guild.members[world.bot_id] = Member(world.bot_id, world.clock(), [role.id])
    world.publish(events.guild_joined(world, guild))


def join(world: World, guild: Guild, user_id: int, *, permissions: int = 0) -> Member:
    """Let a user into a server; extra permissions come as a role of their own."""
    member = guild.members.setdefault(user_id, Member(user_id, world.clock()))
    if permissions:
        member.role_ids.append(add_role(world, guild, f"role of {user_id}", permissions).id)
    return member


def add_role(world: World, guild: Guild, name: str, permissions: int) -> Role:
    """Make a role above all others."""
    role = Role(world.next_id(), name, permissions, position=len(guild.roles))
    guild.roles[role.id] = role
    world.publish(events.role_created(guild, role))
    return role


def remove_bot(world: World, guild: Guild) -> None:
    """Throw the bot out of a server."""
    del guild.members[world.bot_id]
    world.publish(events.guild_left(guild.id))


def add_channel(
    world: World,
    guild: Guild,
    name: str,
    type_: ChannelType = ChannelType.TEXT,
    parent: Channel | None = None,
) -> Channel:
    """Make a channel, category or forum."""
    position = sum(channel.guild_id == guild.id for channel in world.state.channels.values())
    parent_id = parent.id if parent else None
    channel = Channel(world.next_id(), type_, name, guild.id, parent_id, position)
    world.state.channels[channel.id] = channel
    world.publish(events.channel_changed(world, channel, "CREATE"))
    return channel


def add_private_channel(world: World, *users: User, name: str = "") -> Channel:
    """Make a conversation of users without the bot: a DM of two, else a group."""
    kind = ChannelType.DM if len(users) == 2 else ChannelType.GROUP_DM
    channel = Channel(world.next_id(), kind, name, recipient_ids=[user.id for user in users])
    world.state.channels[channel.id] = channel
    return channel


def remove_channel(world: World, channel: Channel) -> None:
    """Delete a channel with its messages."""
    for message in world.messages_in(channel.id):
        world.drop_message(message)
    world.publish(events.channel_changed(world, channel, "DELETE"))
    del world.state.channels[channel.id]


def bot_role(world: World, guild: Guild) -> Role:
    """Find the role that came with the bot."""
    return next(role for role in guild.roles.values() if role.bot_id == world.bot_id)


def set_overwrite(
    world: World, channel: Channel, target: User | Role, *, allow: int = 0, deny: int = 0
) -> None:
    """Change what a role or a user may do in one channel."""
    kind = OverwriteKind.ROLE if isinstance(target, Role) else OverwriteKind.MEMBER
    others = [overwrite for overwrite in channel.overwrites if overwrite.id != target.id]
    channel.overwrites = [*others, Overwrite(target.id, kind, allow, deny)]
    world.publish(events.channel_changed(world, channel, "UPDATE"))
