"""What Discord says to a post, in our words."""

import asyncio
from typing import cast

import aiohttp
import discord
import pytest

from bot.discord_io import posting, restraint
from bot.discord_io.posting import Kind, post
from bot.errors import (
    DeliveryError,
    FilesForbidden,
    NoAccess,
    PartGone,
    SourceGone,
    TooLarge,
    Unreachable,
    VoiceForbidden,
)

QUESTION = discord.MessageReference(message_id=1, channel_id=2)


class Status:
    """As much of aiohttp's response as discord.py's errors read."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.reason = "because"


def refused(status: int, code: int, text: str = "upstream words") -> discord.HTTPException:
    kind = discord.DiscordServerError if status >= 500 else discord.HTTPException
    response = cast("aiohttp.ClientResponse", Status(status))
    return kind(response, {"code": code, "message": text})


class Room:
    """Fails as its script says, then posts; remembers what it was to reply to."""

    def __init__(self, *script: Exception) -> None:
        self.script = list(script)
        self.references: list[discord.MessageReference | None] = []

    async def __call__(self, reference: discord.MessageReference | None) -> int:
        self.references.append(reference)
        if self.script:
            raise self.script.pop(0)
        return 7


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "PAUSES_S", (0, 0, 0))


@pytest.mark.parametrize(
    ("status", "code", "kind", "expected"),
    [
        (404, 10008, Kind.WORDS, PartGone),
        (400, 50173, Kind.VOICE, VoiceForbidden),
        (403, 50013, Kind.VOICE, VoiceForbidden),
        (403, 50013, Kind.FILE, FilesForbidden),
        (403, 50013, Kind.WORDS, NoAccess),
        (413, 0, Kind.VOICE, TooLarge),
        (400, 40005, Kind.FILE, TooLarge),
        (400, 50045, Kind.FILE, TooLarge),
        (404, 10003, Kind.WORDS, NoAccess),
        (403, 50001, Kind.VOICE, NoAccess),
        (403, 50007, Kind.WORDS, NoAccess),
        (400, 50083, Kind.WORDS, NoAccess),
        (400, 160005, Kind.FILE, NoAccess),
        (403, 0, Kind.WORDS, NoAccess),
        (400, 50035, Kind.WORDS, DeliveryError),
        (400, 200000, Kind.WORDS, DeliveryError),
    ],
)
async def test_a_refusal_is_final_and_means_what_it_means_for_this_kind(
    status: int, code: int, kind: Kind, expected: type[DeliveryError]
) -> None:
    room = Room(refused(status, code))
    with pytest.raises(DeliveryError) as caught:
        await post(room, QUESTION, kind)
    assert type(caught.value) is expected
    assert "upstream" not in caught.value.sentence
    assert len(room.references) == 1


async def test_a_reference_that_discord_does_not_know_is_a_deleted_question() -> None:
    room = Room(refused(400, 50035, "In message_reference: Unknown message"))
    with pytest.raises(SourceGone):
        await post(room, QUESTION, Kind.WORDS)


async def test_without_the_history_the_message_is_no_reply() -> None:
    room = Room(refused(400, 160002))
    assert await post(room, QUESTION, Kind.WORDS) == 7
    assert room.references == [QUESTION, None]


@pytest.mark.parametrize(
    "failure",
    [
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientPayloadError(),
        ConnectionResetError(),
        TimeoutError(),
        refused(503, 0),
    ],
    ids=lambda failure: type(failure).__name__,
)
async def test_what_may_have_failed_on_the_way_is_repeated_to_an_end(failure: Exception) -> None:
    assert await post(Room(failure), QUESTION, Kind.WORDS) == 7
    room = Room(*[failure] * 9)
    with pytest.raises(DeliveryError) as caught:
        await post(room, QUESTION, Kind.WORDS)
    assert caught.value.code == "discord_unreachable"
    assert len(room.references) == 1 + len(posting.PAUSES_S)


async def test_an_attempt_that_is_never_answered_is_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(posting, "ATTEMPT_S", 0.01)
    attempts = 0

    async def send(reference: discord.MessageReference | None) -> int:
        nonlocal attempts
        attempts += 1
        return 7 if attempts == 2 else await _never(reference)

    assert await post(send, QUESTION, Kind.WORDS) == 7


async def test_what_is_held_back_is_posted_once_calls_go_out_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(restraint, "BAN_S", 0.02)
    held = restraint.Restraint()
    held.note(429, {})
    room = Room(refused(429, 0), restraint.HeldBack(held))
    assert await post(room, QUESTION, Kind.WORDS) == 7
    assert held.wait_s == 0


async def test_a_long_rate_limit_is_not_waited_for() -> None:
    room = Room(discord.RateLimited(600))
    with pytest.raises(DeliveryError) as caught:
        await post(room, QUESTION, Kind.WORDS)
    assert caught.value.code == "discord_unreachable"
    assert len(room.references) == 1


async def test_a_post_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "DEADLINE_S", 0)
    with pytest.raises(DeliveryError) as caught:
        await post(_never, QUESTION, Kind.WORDS)
    assert caught.value.code == "discord_unreachable"


async def test_a_defect_of_ours_is_not_repeated() -> None:
    room = Room(ValueError("a defect"), ValueError("a defect"))
    with pytest.raises(ValueError, match="defect"):
        await post(room, QUESTION, Kind.WORDS)
    assert len(room.references) == 1


async def _never(_: discord.MessageReference | None) -> int:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets that event")


async def test_what_may_stand_is_not_posted_again_after_a_ban(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(restraint, "BAN_S", 0.02)
    held = restraint.Restraint()
    held.note(429, {})
    room = Room(ConnectionResetError(), restraint.HeldBack(held))
    with pytest.raises(Unreachable):
        await post(room, QUESTION, Kind.WORDS)
    assert len(room.references) == 2
