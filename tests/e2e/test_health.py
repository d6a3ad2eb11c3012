"""What monitors see of a running bot, and what the dashboard makes of it."""

import asyncio
import json
import re
import resource
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import client
from bot.local.chat_server import ChatServer, faults
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from bot.tasks import spawn
from tests.e2e.world import GOLDEN, Talk, bot_between, held, recording, talking, upload
from tests.health.test_serving import free_port

DASHBOARD = Path(__file__).parents[2] / "dashboards/voice-reply-bot.json"


@dataclass
class Monitor:
    """Looks at the bot as monitors do."""

    client: aiohttp.ClientSession

    async def look(self, path: str) -> tuple[int, str]:
        async with self.client.get(path) as answer:
            return answer.status, await answer.text()

    async def until_ready(self, *, ready: bool = True) -> str:
        """Look again and again until it is, or is not."""
        async with asyncio.timeout(20):
            while True:
                status, said = await self.look("/readyz")
                if (status == 200) is ready:
                    return said

    async def figures(self) -> dict[tuple[str, ...], float]:
        """All samples, by name and then the values of their labels in the order of their names."""
        _, text = await self.look("/metrics")
        samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
        return {(s.name, *(s.labels[name] for name in sorted(s.labels))): s.value for s in samples}


@asynccontextmanager
async def watched(
    folder: Path, discord: DiscordServer | None = None
) -> AsyncIterator[tuple[Talk, Monitor]]:
    port = free_port()
    async with (
        talking(folder, discord=discord, HEALTH_PORT=str(port)) as talk,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        yield talk, Monitor(client)


async def test_what_happens_is_counted_and_told_without_ids_or_words(folder: Path) -> None:
    async with watched(folder) as (talk, monitor):
        card = await talk.card(talk.mention(GOLDEN))
        await talk.card(talk.mention(files=(upload("note.ogg", recording()),)))
        talk.chat.faults.next(faults.quota())
        assert (await talk.card(talk.mention("Once more?"))).content.startswith("⚠️")
        found, same = await asyncio.gather(monitor.figures(), monitor.figures())
        assert found["voicebot_paid_calls_total", "yes"] <= 2
        assert same["voicebot_paid_calls_total", "yes"] <= 2
        async with asyncio.timeout(10):
            while found["voicebot_in_flight",]:
                found = await monitor.figures()
    assert found["voicebot_questions_total", "answered"] == 2
    assert found["voicebot_questions_total", "failed"] == 1
    assert found["voicebot_model_calls_total", "ok", "openai", "think"] == 2
    assert found["voicebot_model_calls_total", "quota_exhausted", "openai", "think"] == 1
    assert found["voicebot_stage_seconds_count", "whole"] == 2
    for stage, count in (("fetch", 1), ("hear", 1), ("think", 3), ("sound", 2)):
        assert found["voicebot_stage_seconds_count", stage] == count
    assert found["voicebot_tokens_total", "audio_out"] > 0
    assert found["voicebot_tokens_total", "audio_in"] > 0
    assert found["voicebot_cost_usd_total",] > 0
    assert found["voicebot_paid_calls_total", "yes"] == 2
    assert found["voicebot_audio_worker_starts",] == 1
    assert found["voicebot_database_write_seconds_count",] > 5
    assert found["voicebot_gateway_connects_total",] == 1
    labels = {label for _, *labels in found for label in labels}
    assert not any(re.search(r"\d{6}", label) for label in labels)
    assert not {"Ada", "Home", "general", card.content} & labels


async def test_who_cannot_hear_discord_is_alive_but_not_ready(folder: Path) -> None:
    async with watched(folder) as (talk, monitor):
        assert await monitor.until_ready() == (
            "gateway: ok\nrest: ok\ndatabase: ok\naudio: ok\nline: ok\n"
        )
        talk.discord.gateway.silent = True
        talk.discord.gateway.cut_all()
        assert "gateway: not ready" in await monitor.until_ready(ready=False)
        assert (await monitor.look("/healthz"))[0] == 200
        talk.discord.gateway.silent = False


async def test_who_is_stopping_is_not_ready_and_finishes_what_is_begun(folder: Path) -> None:
    discord, chat, let = DiscordServer(), ChatServer(), asyncio.Event()
    async with discord, chat, AsyncExitStack() as running:
        port = free_port()
        client = await running.enter_async_context(
            aiohttp.ClientSession(f"http://127.0.0.1:{port}")
        )
        monitor, bot = Monitor(client), AsyncExitStack()
        talk = await bot.enter_async_context(
            bot_between(discord, chat, folder, HEALTH_PORT=str(port))
        )
        await monitor.until_ready()
        chat.faults.next(held(let))
        question = talk.mention(GOLDEN)
        async with asyncio.timeout(10):
            while not (await monitor.figures())["voicebot_in_flight",]:
                continue
        stopping = spawn(bot.aclose(), name="stopping")
        assert "line: not ready" in await monitor.until_ready(ready=False)
        let.set()
        await stopping
        assert (await talk.card(question)).attachments


async def test_who_cannot_write_is_not_ready_until_it_can(folder: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with watched(folder) as (talk, monitor):
        await monitor.until_ready()
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
        try:
            refusal = await talk.card(talk.mention(GOLDEN))
            assert refusal.content.startswith("⚠️")
            assert "database: not ready" in await monitor.until_ready(ready=False)
            assert (await monitor.figures())["voicebot_database_failing",] == 1
            assert "my disk is full or failing" in await doctors_report(talk)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        await monitor.until_ready()
        assert (await talk.card(talk.mention(GOLDEN))).attachments


async def test_the_dashboard_shows_every_figure_and_none_that_is_not_there(folder: Path) -> None:
    async with watched(folder) as (talk, monitor):
        await talk.card(talk.mention(GOLDEN))
        there = {name for name, *_ in await monitor.figures()}
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = " ".join(target["expr"] for panel in panels for target in panel["targets"])
    shown = set(re.findall(r"voicebot_\w+", asked))
    assert shown <= there
    assert {family(name) for name in there} == {family(name) for name in shown}


async def doctors_report(talk: Talk) -> str:
    """Have a moderator use /doctor."""
    mod = talk.discord.member("Mod", permissions=int(Permission.MANAGE_CHANNELS))
    return (await mod.response(mod.slash("doctor", talk.general), timeout_s=20)).content


def family(name: str) -> str:
    """Name the histogram that a sample is of; other samples are figures of their own."""
    return re.sub(r"_(bucket|count|sum)$", "", name)


async def test_a_connection_on_which_nothing_is_answered_is_given_up_and_nothing_is_lost(
    folder: Path,
) -> None:
    discord = DiscordServer()
    discord.gateway.heartbeat_ms = 200
    async with talking(folder, discord=discord) as talk:
        await talk.card(talk.mention(GOLDEN))
        discord.gateway.go_silent()
        card = await talk.card(talk.mention("Is anybody there?"))
        assert card.attachments
    assert len(discord.gateway.ops(2)) == 1
    assert discord.gateway.ops(6)


async def test_a_dead_connection_is_no_life(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "COGS", [name for name in client.COGS if "heartbeats" not in name])
    discord = DiscordServer()
    discord.gateway.heartbeat_ms = 200
    async with watched(folder, discord) as (_, monitor):
        assert (await monitor.look("/healthz"))[0] == 200
        discord.gateway.go_silent()
        async with asyncio.timeout(20):
            while (await monitor.look("/healthz"))[0] == 200:
                pass
