"""No calls go out while we are shut out, and too few invalid ones for that to happen."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from discord.http import Route

from bot.discord_io import restraint
from bot.discord_io.restraint import (
    BAN_S,
    LONGEST_BAN_S,
    MOST_INVALID,
    WINDOW_S,
    HeldBack,
    NotDiscord,
    Restraint,
)

VIA = {"Via": "1.1 google"}


class Clock:
    """Stands until it is told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Discord:
    """Answers with the next of its script, or well; counts what comes."""

    url: str
    script: list[web.Response] = field(default_factory=list)
    seen: int = 0

    async def answer(self, _request: web.Request) -> web.Response:
        self.seen += 1
        return self.script.pop(0) if self.script else web.json_response({}, headers=VIA)


@pytest_asyncio.fixture
async def discord(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Discord]:
    server = Discord("")
    app = web.Application()
    app.router.add_get("/{rest:.*}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    monkeypatch.setattr(Route, "BASE", f"{server.url}/api")
    yield server
    await runner.cleanup()


async def get(session: aiohttp.ClientSession, url: str) -> int:
    async with session.get(url) as response:
        return response.status


async def test_after_cloudflares_refusal_nothing_goes_out_until_it_is_over(
    discord: Discord,
) -> None:
    clock = Clock()
    held = Restraint(clock)
    discord.script = [web.Response(status=429, text="error code: 1015")]
    async with aiohttp.ClientSession(trace_configs=[held.trace]) as session:
        assert await get(session, f"{discord.url}/api/x") == 429
        for _ in range(3):
            with pytest.raises(HeldBack):
                await get(session, f"{discord.url}/api/x")
        assert discord.seen == 1
        assert held.wait_s == BAN_S
        assert await get(session, f"{discord.url}/gateway") == 200
        clock.now += BAN_S
        assert await get(session, f"{discord.url}/api/x") == 200


async def test_a_rate_limit_of_discords_own_holds_nothing_back(discord: Discord) -> None:
    held = Restraint()
    discord.script = [web.Response(status=429, headers=VIA)]
    async with aiohttp.ClientSession(trace_configs=[held.trace]) as session:
        assert await get(session, f"{discord.url}/api/x") == 429
        assert await get(session, f"{discord.url}/api/x") == 200


async def test_a_page_of_something_in_between_is_no_answer_of_discords(discord: Discord) -> None:
    discord.script = [web.Response(text="Please log in to this network.")]
    async with aiohttp.ClientSession(trace_configs=[Restraint().trace]) as session:
        with pytest.raises(NotDiscord):
            await get(session, f"{discord.url}/api/x")


def test_each_time_in_a_row_it_is_held_back_for_longer() -> None:
    clock = Clock()
    held, waits = Restraint(clock), []
    for _ in range(5):
        held.note(429, {})
        waits.append(held.wait_s)
        clock.now += held.wait_s
    assert waits == [BAN_S, 2 * BAN_S, 4 * BAN_S, LONGEST_BAN_S, LONGEST_BAN_S]
    held.note(200, VIA)
    held.note(429, {})
    assert held.wait_s == BAN_S


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_thousand_invalid_requests_in_ten_minutes_are_enough(status: int) -> None:
    clock = Clock()
    held = Restraint(clock)
    for _ in range(MOST_INVALID):
        assert held.wait_s == 0
        held.note(status, VIA)
    assert held.wait_s == WINDOW_S
    clock.now += WINDOW_S
    assert held.wait_s == 0


def test_limits_that_are_shared_and_old_mistakes_do_not_count() -> None:
    clock = Clock()
    held = Restraint(clock)
    for _ in range(3 * MOST_INVALID):
        held.note(429, {**VIA, "X-RateLimit-Scope": "shared"})
        held.note(404, VIA)
    for _ in range(3 * MOST_INVALID):
        held.note(403, VIA)
        clock.now += 2 * WINDOW_S / MOST_INVALID
    assert held.wait_s == 0


async def test_whoever_waits_goes_on_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restraint, "BAN_S", 0.05)
    held = Restraint()
    held.note(429, {})
    assert held.wait_s > 0
    await HeldBack(held).over()
    assert held.wait_s == 0
