import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.errors import StartError
from bot.health.serving import Vitals, serve_health


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def vitals(*, lives: bool = True, **parts: bool) -> Vitals:
    async def figures() -> bytes:
        return b"figures\n"

    def state(works: bool) -> object:
        async def look() -> bool:
            return works

        return look

    looks = {name: state(works) for name, works in parts.items()}
    return Vitals(lambda: lives, looks, figures)  # type: ignore[arg-type]


@asynccontextmanager
async def served(vitals: Vitals) -> AsyncIterator[aiohttp.ClientSession]:
    port = free_port()
    async with (
        serve_health("127.0.0.1", port, vitals),
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        yield client


@pytest.mark.parametrize(
    ("parts", "status", "said"),
    [
        ({"gateway": True, "database": True}, 200, "gateway: ok\ndatabase: ok\n"),
        ({"gateway": False, "database": True}, 503, "gateway: not ready\ndatabase: ok\n"),
    ],
)
async def test_ready_is_who_has_every_part_and_the_others_are_named(
    parts: dict[str, bool], status: int, said: str
) -> None:
    async with served(vitals(**parts)) as client:
        async with client.get("/readyz") as answer:
            assert (answer.status, await answer.text()) == (status, said)
        async with client.get("/healthz") as answer:
            assert answer.status == 200


async def test_who_hears_no_answer_to_its_heartbeats_does_not_live() -> None:
    async with served(vitals(lives=False)) as client, client.get("/healthz") as answer:
        assert (answer.status, await answer.text()) == (
            503,
            "gateway: heartbeats are not answered\n",
        )


async def test_figures_come_in_the_form_that_prometheus_reads() -> None:
    async with served(vitals()) as client, client.get("/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert await answer.text() == "figures\n"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_nothing_can_be_done_there_but_looking(method: str) -> None:
    async with served(vitals()) as client, client.request(method, "/metrics") as answer:
        assert answer.status == 405


async def test_without_a_port_nothing_is_served() -> None:
    async with serve_health("127.0.0.1", 0, vitals()):
        pass


async def test_an_address_of_another_machine_is_a_sentence() -> None:
    with pytest.raises(StartError, match=r"192\.0\.2\.1 is no address of this machine"):
        async with serve_health("192.0.2.1", free_port(), vitals()):
            raise AssertionError("served on an address that is not ours")
