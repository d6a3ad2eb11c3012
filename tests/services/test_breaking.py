"""Speech of given words, and recordings written down, by a server that keeps failing."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.domain.reply import Heard, ModelAudio, Sound
from bot.errors import ChatApiError, Refused, SpeechUnavailable
from bot.services.alarms import Alarms
from bot.services.breaking import (
    BREAK,
    BREAKS_AFTER,
    DOWN,
    OUT,
    Breaker,
    GuardedReciter,
    GuardedWriter,
)
from tests.fakes import StoppedClock


class Server:
    """Speaks and writes down, and fails as it is told to."""

    model = "speech-1"

    def __init__(self) -> None:
        self.calls = 0
        self.error: BaseException | None = None

    def _answer(self) -> None:
        self.calls += 1
        if self.error is not None:
            raise self.error

    async def synthesize(
        self,
        _text: str,
        _voice: str,
        *,
        speed: float | None = None,
        instructions: str | None = None,
    ) -> Sound:
        assert (speed, instructions) == (None, None)
        self._answer()
        return Sound(b"sound", "wav")

    async def write_down(self, _clip: ModelAudio) -> Heard:
        self._answer()
        return Heard("Hello.", None, 1.0, "written-1")


class World:
    """One server behind a breaker for each kind of calls."""

    def __init__(self) -> None:
        self.clock = StoppedClock()
        self.alarms = Alarms(self.clock)
        self.server = Server()
        self.told: list[str] = []
        self.reciter = GuardedReciter(self.server, self._breaker())
        self.writer = GuardedWriter(self.server, self._breaker())

    def _breaker(self) -> Breaker:
        return Breaker(0, "First", self.alarms, self.clock)

    async def recite(self) -> object:
        return await self.reciter.synthesize("Hello.", "cedar")

    async def write(self) -> object:
        return await self.writer.write_down(ModelAudio(b"clip", "wav", 1.0))

    async def hear_alarms(self) -> None:
        async def tell(sentence: str) -> bool:
            self.told.append(sentence)
            return True

        self.alarms.attach(tell)
        await asyncio.sleep(0)


Call = Callable[[World], Awaitable[object]]

KINDS = pytest.mark.parametrize("call", [World.recite, World.write], ids=["speech", "writing"])


@pytest.fixture
def world() -> World:
    return World()


@KINDS
@pytest.mark.parametrize("code", sorted(DOWN | OUT))
async def test_who_keeps_failing_is_left_alone_and_then_tried_once(
    world: World, call: Call, code: str
) -> None:
    world.server.error = ChatApiError(code, "It failed.")
    most = BREAKS_AFTER[code]
    for _ in range(most + 3):
        with pytest.raises(ChatApiError, match=code):
            await call(world)
    assert world.server.calls == most
    world.clock.pass_time(BREAK)
    for _ in range(2):
        with pytest.raises(ChatApiError, match=code):
            await call(world)
    assert world.server.calls == most + 1
    world.clock.pass_time(BREAK)
    world.server.error = None
    for _ in range(most):
        await call(world)
    assert world.server.calls == 2 * most + 1


@KINDS
async def test_what_is_another_matter_breaks_nothing(world: World, call: Call) -> None:
    for error in (SpeechUnavailable(), ChatApiError("voice_refused", "No such voice.")):
        world.server.error = error
        for _ in range(10):
            with pytest.raises(ChatApiError):
                await call(world)
    assert world.server.calls == 20


@KINDS
@pytest.mark.parametrize("unasked", [Refused("too_long", "Too long."), asyncio.CancelledError()])
async def test_who_finds_out_nothing_keeps_nobody_out(
    world: World, call: Call, unasked: BaseException
) -> None:
    world.server.error = ChatApiError("unreachable", "It failed.")
    for _ in range(BREAKS_AFTER["unreachable"]):
        with pytest.raises(ChatApiError):
            await call(world)
    world.clock.pass_time(BREAK)
    world.server.error = unasked
    with pytest.raises(type(unasked)):
        await call(world)
    world.server.error = None
    await call(world)


async def test_one_kind_of_calls_says_nothing_of_the_other(world: World) -> None:
    world.server.error = ChatApiError("unreachable", "It failed.")
    for _ in range(10):
        with pytest.raises(ChatApiError):
            await world.recite()
    world.server.error = None
    await world.write()


async def test_whoever_runs_the_bot_is_told_once_of_both_kinds(world: World) -> None:
    await world.hear_alarms()
    world.server.error = ChatApiError("quota_exhausted", "The account is empty.")
    for call in (World.recite, World.write, World.recite):
        with pytest.raises(ChatApiError):
            await call(world)
    await asyncio.sleep(0)
    assert world.told == ["First: The account is empty."]


async def test_what_passes_is_told_once_it_has_lasted(world: World) -> None:
    await world.hear_alarms()
    world.server.error = ChatApiError("server_failed", "It has a problem.")
    for _ in range(BREAKS_AFTER["server_failed"]):
        assert world.told == []
        with pytest.raises(ChatApiError):
            await world.recite()
        await asyncio.sleep(0)
    assert world.told == ["First: It has a problem."]


def test_the_one_behind_is_named(world: World) -> None:
    assert world.reciter.model == "speech-1"
    assert repr(world.writer) == repr(world.server)
