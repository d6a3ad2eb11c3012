"""Who may change what. The rights are those of the member in the room that is changed."""

from dataclasses import dataclass

from bot.domain.rooms import Scope
from bot.errors import Refused


@dataclass(frozen=True, slots=True)
class Rights:
    """What a member may do in one place, as Discord computes it there."""

    manage_channels: bool = False
    manage_server: bool = False
    own_dm: bool = False


def require(scope: Scope, rights: Rights) -> None:
    """Let a change of a scope's settings pass.

    Raises:
        Refused: a right is missing; the sentence says which, and who can grant it.

    """
    if rights.own_dm:
        return
    if scope is Scope.SERVER and not rights.manage_server:
        raise Refused(
            "needs_manage_server",
            "To change the voice of the whole server you need the permission Manage Server. "
            "The server's owner or an administrator can grant it.",
        )
    if scope is not Scope.SERVER and not rights.manage_channels:
        raise Refused(
            "needs_manage_channels",
            "To change the voice of a room you need the permission Manage Channels in that room. "
            "A moderator who may manage roles can grant it.",
        )
