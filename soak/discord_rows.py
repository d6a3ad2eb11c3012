"""What Discord does to the bot's posts, row by row, and what has to come of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.local.discord_server import building
from bot.local.discord_server.errors import REFUSALS
from bot.local.discord_server.faults import Action, Answer, Reset, Slow, Truncate, rate_limited
from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel, Message

CANARY = "canary-of-discord"
"""In the words of refusals: no member may read them."""

OFTEN = 99

SO_SLOW_S = 9.0
"""Longer than an attempt may take in this trial."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A fault of Create Message in one room; with `afterwards` the message stands all the same."""

    action: Action
    times: int = 1
    afterwards: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A room, who asks there, and what they asked, once they did."""

    discord: DiscordServer
    room: Channel
    asker: MemberClient
    question: Message | None = None


Happening = Callable[[Place], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One fault.

    Attributes:
        number: of the list of faults.
        what: goes wrong.
        faults: of posting.
        before: happens before the question.
        during: happens while the model answers.
        end: the reason that is noted; None where it is answered.
        messages: of the bot that are to stand in the room in the end.
        told: whether the asker is to be told alone.
        paid: calls of the model.
        shows: what has to be in a message of the bot.
        late: whether the faults are over only once the asker was told.

    """

    number: int
    what: str
    faults: Sequence[Wrong] = ()
    before: Happening | None = None
    during: Happening | None = None
    end: str | None = None
    messages: int = 1
    told: bool = False
    paid: int = 1
    shows: str = ""
    late: bool = False

    def __str__(self) -> str:
        return f"row {self.number}, {self.what}"


def refusal(code: int, status: int | None = None) -> Answer:
    """Refuse with a JSON error code."""
    known, _ = REFUSALS.get(code, (400, ""))
    return Answer(status or known, {"message": CANARY, "code": code})


def _unknown_reference() -> Answer:
    """Refuse as Discord does when the message that is replied to is gone."""
    fault = {"code": "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "message": "Unknown message"}
    errors = {"message_reference": {"_errors": [fault]}}
    return Answer(400, {"code": 50035, "message": "Invalid Form Body", "errors": errors})


def _slow_mode() -> Answer:
    limited = rate_limited(0.2)
    body = {"message": CANARY, "code": 20016, "retry_after": 0.2, "global": False}
    return Answer(429, body, limited.headers)


def _deny(permission: Permission) -> Happening:
    def deny(place: Place) -> None:
        world, guild = place.discord.world, place.discord.guild
        role = building.bot_role(world, guild)
        building.set_overwrite(world, place.room, role, deny=int(permission))

    return deny


def _delete(place: Place) -> None:
    if place.question is not None:
        place.asker.delete(place.question)


def _delete_in_bulk(place: Place) -> None:
    other = place.asker.say(place.room, "Never mind.")
    if place.question is not None:
        place.asker.delete(place.question, other)


def _edit(place: Place) -> None:
    if place.question is not None:
        place.asker.edit(place.question, f"{place.question.content} Or not?")


def _remove_room(place: Place) -> None:
    building.remove_channel(place.discord.world, place.room)


def _change(**change: bool) -> Happening:
    def apply(place: Place) -> None:
        owner = place.discord.member("owner")
        owner.change_thread(place.room, **change)

    return apply


def _both(what: str, number: int, action: Action) -> list[Row]:
    """A post that is refused on the way, before it stands and afterwards."""
    return [
        Row(number, f"{what} before it stands", [Wrong(action)]),
        Row(number, f"{what} although it stands", [Wrong(action, afterwards=True)]),
    ]


def _page(status: int) -> Answer:
    return Answer(status, f"<html>{CANARY}</html>")


LIMITED = [
    *(Row(28, f"429 for {scope}, twice", [Wrong(rate_limited(0.2, scope=scope), 2)])
      for scope in ("user", "shared", "global")),
    Row(28, "429 for hours", [Wrong(rate_limited(7200), OFTEN)], told=True, late=True),
    Row(37, "20016, slow mode", [Wrong(_slow_mode(), 2)]),
]  # fmt: skip

AMBIGUOUS = [
    *(row for status in (500, 502, 504, 524) for row in _both(f"{status}", 31, _page(status))),
    *(row for status in (503, 520, 522) for row in _both(f"{status}", 32, _page(status))),
    *_both("a reset", 32, Reset()),
    Row(32, "half of the answer", [Wrong(Truncate(), afterwards=True)]),
    Row(32, "an answer that comes too late", [Wrong(Slow(SO_SLOW_S), afterwards=True)]),
    Row(32, "a request that hangs", [Wrong(Slow(SO_SLOW_S))]),
    Row(32, "503, reset and half an answer although it stands",
        [Wrong(_page(503), afterwards=True), Wrong(Reset(), afterwards=True),
         Wrong(Truncate(), afterwards=True)]),
    Row(32, "503 eight times although it stands", [Wrong(_page(503), 8, afterwards=True)]),
    Row(32, "503 for long", [Wrong(_page(503), OFTEN)], told=True, late=True),
    Row(32, "503 for long although it stands", [Wrong(_page(503), OFTEN, afterwards=True)]),
    Row(32, "resets for long", [Wrong(Reset(), OFTEN)], told=True, late=True),
]  # fmt: skip

SHUT = [
    *(Row(33, f"{code} midway", [Wrong(refusal(code, 403), OFTEN)], end="no_access", messages=0,
          told=True)
      for code in (50013, 50001)),
    Row(33, "50013 for files alone", [Wrong(refusal(50013, 403))]),
    Row(33, "no right to write, known before", before=_deny(Permission.SEND_MESSAGES),
        end="no_access", messages=0, told=True, paid=0),
    Row(33, "the right to write taken away meanwhile", during=_deny(Permission.SEND_MESSAGES),
        end="no_access", messages=0, told=True),
    Row(33, "no right to attach files, known before", before=_deny(Permission.ATTACH_FILES)),
    Row(33, "403 without a code", [Wrong(refusal(0, 403), OFTEN)], end="no_access", messages=0,
        told=True),
    *(Row(37, f"{code}", [Wrong(refusal(code), OFTEN)], end="no_access", messages=0, told=True)
      for code in (10003, 10004, 50083, 160005, 50278)),
    Row(37, "room deleted meanwhile", during=_remove_room, end="no_access", messages=0, told=True),
    Row(37, "160002, no history to reply to", [Wrong(refusal(160002))]),
    Row(37, "no right to read the history", before=_deny(Permission.READ_MESSAGE_HISTORY)),
]  # fmt: skip

GONE = [
    Row(34, "the reference is unknown", [Wrong(_unknown_reference(), OFTEN)],
        end="source_deleted", messages=0),
    Row(34, "question deleted meanwhile", during=_delete, end="source_deleted", messages=0),
    Row(36, "question deleted with others meanwhile", during=_delete_in_bulk,
        end="source_deleted", messages=0),
    Row(36, "question edited meanwhile", during=_edit),
    Row(35, "posted, answer lost, deleted by somebody",
        [Wrong(_page(503), afterwards=True), Wrong(refusal(10008))]),
]  # fmt: skip

REFUSED = [
    *(Row(37, f"AutoMod, {code}", [Wrong(refusal(code, 400), 2)], end="blocked_by_automod",
          shows="AutoMod")
      for code in (200000, 240000)),
    *(Row(38, f"{status}/{code} once", [Wrong(refusal(code, status))])
      for status, code in ((413, 40005), (400, 50045))),
    Row(38, "413/40005 for every sound", [Wrong(refusal(40005, 413), 2)], shows="🔇"),
    Row(38, "413 of a proxy", [Wrong(_page(413))]),
    Row(37, "a code that nobody knows", [Wrong(refusal(99_999, 400), 2)], end="discord_refused",
        shows="⚠️"),
]  # fmt: skip

IN_THREADS = [
    Row(37, "thread archived meanwhile", during=_change(archived=True)),
    Row(37, "thread locked meanwhile", during=_change(archived=True, locked=True),
        end="no_access", messages=0, told=True),
]  # fmt: skip

THREAD = ChannelType.PUBLIC_THREAD


@dataclass(frozen=True, slots=True)
class WrongCall:
    """A fault of the next calls to a path, of an interaction."""

    method: str
    path: str
    action: Action
    times: int = 1
    afterwards: bool = False


@dataclass(frozen=True, slots=True)
class CommandRow:
    """One fault of the calls that answer /ask.

    Attributes:
        number: of the list of faults.
        what: goes wrong.
        fault: of the next calls.
        shows: what its user gets to see, in one message; None for nothing.
        private: whether the answer is for the user alone.

    """

    number: int
    what: str
    fault: WrongCall
    shows: str | None
    private: bool = False

    def __str__(self) -> str:
        return f"row {self.number}, {self.what}"


CANNED = "Yes, all is well."
"""What the model says to everything."""

_FIRST = ("POST", "/interactions/*/*/callback")
_HEAD = ("PATCH", "/webhooks/*/*/messages/@original")
_FOLLOWING = ("POST", "/webhooks/*/*")

COMMANDS = [
    CommandRow(39, "first answer cut off although it was taken",
               WrongCall(*_FIRST, Reset(), afterwards=True), CANNED),
    CommandRow(39, "first answer cut off", WrongCall(*_FIRST, Reset()), CANNED),
    CommandRow(39, "503 although the first answer was taken",
               WrongCall(*_FIRST, _page(503), afterwards=True), CANNED),
    CommandRow(39, "10062, three seconds are over",
               WrongCall(*_FIRST, refusal(10062), OFTEN), None),
    *(CommandRow(39, f"{code}, fifteen minutes are over",
                 WrongCall(*_FOLLOWING, refusal(code), OFTEN), "⚠️", private=True)
      for code in (50027, 10015)),
    *(CommandRow(40, f"{what} while the first message is edited",
                 WrongCall(*_HEAD, action, afterwards=True), CANNED, private=True)
      for what, action in (("a reset", Reset()), ("503", _page(503)), ("half", Truncate()))),
]  # fmt: skip
