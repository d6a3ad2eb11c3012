"""The demo's people, servers and channels."""

from bot.local.discord_server import building
from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.payloads import Json, user_json
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.state import Guild, Role, User
from bot.local.discord_server.world import World

MODERATOR = "Moderator"
_OF_MODERATORS = Permission.MANAGE_CHANNELS | Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS


def new_demo_world() -> World:
    """Make the world of a first start."""
    world = building.new_world()
    world.grant_message_content()
    alice, bo, mira = (building.add_user(world, name) for name in ("Alice", "Bo", "Mira"))
    home = next(iter(world.state.guilds.values()))
    _furnish_home(world, home, [alice, bo, mira], mira)
    club = building.add_guild(world, "Book club", alice.id)
    building.add_channel(world, club, "reading")
    for user in (bo, mira):
        building.join(world, club, user.id)
    return world


def people(world: World) -> list[Json]:
    """List whom the page may act as, with what each is."""
    users = [user for user in world.state.users.values() if not user.bot]
    ranked = sorted(users, key=lambda user: user.id == world.state.application.owner_id)
    return [{"user": user_json(world, user.id), "role": _rank(world, user)} for user in ranked]


def _furnish_home(world: World, home: Guild, members: list[User], moderator: User) -> None:
    for user in members:
        building.join(world, home, user.id)
    rank = building.add_role(world, home, MODERATOR, int(_OF_MODERATORS))
    home.members[moderator.id].role_ids.append(rank.id)
    rooms = building.add_channel(world, home, "Rooms", ChannelType.CATEGORY)
    for channel in world.state.channels.values():
        if channel.guild_id == home.id and channel.type is ChannelType.TEXT:
            channel.parent_id = rooms.id
    building.add_channel(world, home, "voice-lounge", parent=rooms)
    building.add_channel(world, home, "questions", ChannelType.FORUM, parent=rooms)
    staff = building.add_channel(world, home, "moderators", parent=rooms)
    everyone, bot = home.roles[home.id], building.bot_role(world, home)
    building.set_overwrite(world, staff, everyone, deny=Permission.VIEW_CHANNEL)
    for role in (rank, bot):
        building.set_overwrite(world, staff, role, allow=Permission.VIEW_CHANNEL)


def _rank(world: World, user: User) -> str:
    if user.id == world.state.application.owner_id:
        return "owner"
    moderates = any(_is_moderator(role, user, guild) for guild, role in _roles(world))
    return "moderator" if moderates else "member"


def _roles(world: World) -> list[tuple[Guild, Role]]:
    return [(guild, role) for guild in world.state.guilds.values() for role in guild.roles.values()]


def _is_moderator(role: Role, user: User, guild: Guild) -> bool:
    member = guild.members.get(user.id)
    return role.name == MODERATOR and member is not None and role.id in member.role_ids
