"""Who may do what: the one table that every command, button, select and menu asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.rooms import Place, Scope
from bot.errors import Refused
from bot.words import Sentence


class Act(StrEnum):
    """What somebody wants to do about a place."""

    LOOK = "look"  # see what is set, and what would happen
    ASK = "ask"
    CHANGE = "change"  # set, reset and undo
    KEEP_PERSONAS = "keep_personas"  # add, edit and remove
    DIAGNOSE = "diagnose"
    OPERATE = "operate"  # what concerns the bot as a whole


class Need(StrEnum):
    """What it takes."""

    NOTHING = "nothing"
    SELF = "self"
    OWN_DM = "own_dm"
    MANAGE_CHANNELS = "manage_channels"
    MANAGE_SERVER = "manage_server"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Rights:
    """What a member may do in the place that it is about, as Discord computes it there.

    Attributes:
        own_dm: whether that place is their own DM with the bot.
        owner: whether they run the bot.

    """

    manage_channels: bool = False
    manage_server: bool = False
    own_dm: bool = False
    owner: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and what they may do in the place that it is about."""

    id: int
    rights: Rights = Rights()


_MODERATED: Mapping[Scope, Need] = {
    Scope.MEMBER: Need.SELF,
    Scope.THREAD: Need.MANAGE_CHANNELS,
    Scope.CHANNEL: Need.MANAGE_CHANNELS,
    Scope.CATEGORY: Need.MANAGE_CHANNELS,
    Scope.SERVER: Need.MANAGE_SERVER,
    Scope.DEFAULT: Need.OWNER,
}
TABLE: Mapping[Act, Mapping[Scope, Need]] = {
    Act.LOOK: dict.fromkeys(Scope, Need.NOTHING) | {Scope.MEMBER: Need.SELF},
    Act.ASK: dict.fromkeys(Scope, Need.NOTHING) | {Scope.MEMBER: Need.SELF},
    Act.CHANGE: _MODERATED,
    Act.KEEP_PERSONAS: dict.fromkeys(Scope, Need.MANAGE_SERVER) | {Scope.DEFAULT: Need.OWNER},
    Act.DIAGNOSE: _MODERATED,
    Act.OPERATE: dict.fromkeys(Scope, Need.OWNER),
}
"""What each act takes, by the scope of the place that it is about."""

_REFUSALS = {
    Need.SELF: (
        "not_yours",
        Sentence("That is the choice of another member; only they can change it."),
    ),
    Need.OWN_DM: ("not_your_dm", Sentence("That is the conversation of another member.")),
    Need.MANAGE_CHANNELS: (
        "needs_manage_channels",
        Sentence(
            "For that you need the permission Manage Channels in that room. "
            "A moderator who may manage roles can grant it."
        ),
    ),
    Need.MANAGE_SERVER: (
        "needs_manage_server",
        Sentence(
            "For that you need the permission Manage Server. "
            "The server's owner or an administrator can grant it."
        ),
    ),
    Need.OWNER: ("needs_owner", Sentence("Only whoever runs me can do that.")),
}


def need_of(act: Act, place: Place) -> Need:
    """Tell what an act takes there."""
    need = TABLE[act][place.scope]
    if place.is_dm and need in (Need.NOTHING, Need.MANAGE_CHANNELS, Need.MANAGE_SERVER):
        return Need.OWN_DM
    return need


def may(act: Act, place: Place, actor: Actor) -> bool:
    """Tell whether somebody may do that there."""
    rights = actor.rights
    match need_of(act, place):
        case Need.NOTHING:
            return True
        case Need.SELF:
            return place.id == actor.id
        case Need.OWN_DM:
            return rights.own_dm
        case Need.MANAGE_CHANNELS:
            return (rights.manage_channels or rights.owner) and not rights.own_dm
        case Need.MANAGE_SERVER:
            return (rights.manage_server or rights.owner) and not rights.own_dm
        case Need.OWNER:
            return rights.owner


def require(act: Act, place: Place, actor: Actor) -> None:
    """Let an act pass.

    Raises:
        Refused: a right is missing; the sentence says which, and who can grant it.

    """
    if not may(act, place, actor):
        raise Refused(*_REFUSALS[need_of(act, place)])
