"""What a look at the bot's parts finds, one line each, with what mends it."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.domain.features import Lack, lacking, title_of
from bot.words import Sentence, join

INTENT_ON = Sentence("the Message Content intent is switched on")
INTENT_OFF = Sentence(
    "the Message Content intent is off: messages in threads need a mention, replies need their ping"
)
INTENT_REMEDY = Sentence("developer portal, Bot, Message Content Intent")
PORTAL = "https://discord.com/developers/applications"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a report.

    Attributes:
        ok: None for what is worth knowing but no fault.
        remedy: the link or the click that mends it; None where there is none.

    """

    ok: bool | None
    text: str
    remedy: str | None = None


def about_intent(*, switched_on: bool, needed: bool = False) -> Finding:
    """Tell whether message content can be read; without it is a fault only where it is needed."""
    if switched_on:
        return Finding(True, INTENT_ON)
    return Finding(False if needed else None, INTENT_OFF, join(": ", (INTENT_REMEDY, PORTAL)))


def about_server(name: str, held: Collection[str], invite_link: str) -> list[Finding]:
    """Tell what a server as a whole withholds from the bot's role."""
    lacks = lacking(held)
    if not lacks:
        return [Finding(True, Sentence("server {name}: all permissions are there", name=name))]
    return [
        Finding(
            False,
            Sentence("server {name}: {lack}", name=name, lack=_lack(lack)),
            Sentence("invite me again: {link}", link=invite_link),
        )
        for lack in lacks
    ]


def about_room(
    here: Collection[str], in_server: Collection[str], invite_link: str, *, in_thread: bool
) -> list[Finding]:
    """Tell what does not work in a room, and whether the server or the room withholds it."""
    lacks = lacking(here, in_thread=in_thread)
    if not lacks:
        return [Finding(True, Sentence("all permissions are there in this room"))]
    return [Finding(False, _lack(lack), _mend(lack, in_server, invite_link)) for lack in lacks]


def _mend(lack: Lack, in_server: Collection[str], invite_link: str) -> str:
    if not set(lack.permissions) <= set(in_server):
        return Sentence("invite me again, which keeps everything: {link}", link=invite_link)
    names = join(Sentence(" and "), map(title_of, lack.permissions))
    return Sentence("this channel's settings, Permissions: allow my role {names}", names=names)


def _lack(lack: Lack) -> str:
    names = join(", ", map(title_of, lack.permissions))
    return Sentence(
        "{feature} does not work: missing {names}", feature=lack.feature.name, names=names
    )
