"""What is looked up when somebody asks: gateway, line, audio worker, database, costs."""

import asyncio
import logging
from dataclasses import asdict

from bot.audio.service import AudioWorker
from bot.client import VoiceBot
from bot.errors import DatabaseError
from bot.health.metrics import Metrics
from bot.health.serving import Vitals
from bot.storage.database import Database
from bot.storage.usage import Spending, UsageReader

log = logging.getLogger(__name__)


async def vitals_of(
    bot: VoiceBot, database: Database, worker: AudioWorker, metrics: Metrics
) -> Vitals:
    """Tell where to look for everything that is served; costs are counted from here on."""
    _watch_gateway(bot, metrics)
    _watch_work(bot, worker, metrics)
    failing = metrics.gauge("database_failing", "1 while nothing can be written, else 0.")
    spent = _Spent(UsageReader(database), metrics)
    await spent.catch_up()

    async def is_connected() -> bool:
        return bot.is_connected

    async def is_let_in() -> bool:
        return not bot.restraint.wait_s

    async def is_usable() -> bool:
        return worker.is_usable

    async def is_open() -> bool:
        return bot.services.turnstile.is_open

    async def figures() -> bytes:
        failing.set(not await database.takes_writes())
        await spent.catch_up()
        return metrics.text()

    return Vitals(
        lambda: not bot.is_unanswered,
        {
            "gateway": is_connected,
            "rest": is_let_in,
            "database": database.takes_writes,
            "audio": is_usable,
            "line": is_open,
        },
        figures,
    )


def _watch_gateway(bot: VoiceBot, metrics: Metrics) -> None:
    async def on_connect() -> None:
        metrics.connects.inc()

    async def on_resumed() -> None:
        metrics.resumes.inc()

    bot.add_listener(on_connect)
    bot.add_listener(on_resumed)
    connected = metrics.gauge("gateway_connected", "1 while Discord can be heard, else 0.")
    connected.set_function(lambda: bot.is_connected)
    latency = metrics.gauge("gateway_latency_seconds", "How long a heartbeat took; NaN before one.")
    latency.set_function(lambda: bot.latency)


def _watch_work(bot: VoiceBot, worker: AudioWorker, metrics: Metrics) -> None:
    turnstile = bot.services.turnstile
    for name, meaning, read in (
        ("in_flight", "Questions that are being answered.", lambda: turnstile.in_flight),
        ("waiting", "Questions whose turn has not come.", lambda: turnstile.waiting),
        ("audio_jobs", "Clips at the audio worker, the one in work included.", lambda: worker.jobs),
        ("audio_worker_starts", "How often the audio worker was started.", lambda: worker.starts),
    ):
        metrics.gauge(name, meaning).set_function(read)


class _Spent:
    """What paid calls cost since the start, as the database has it."""

    def __init__(self, reader: UsageReader, metrics: Metrics) -> None:
        self._reader = reader
        self._tokens = metrics.counter("tokens_total", "Tokens of paid calls, by kind.", "kind")
        self._cost = metrics.counter("cost_usd_total", "What priced calls cost, in US dollars.")
        self._paid = metrics.counter("paid_calls_total", "Paid calls, by whether priced.", "priced")
        self._one_at_a_time = asyncio.Lock()

    async def catch_up(self) -> None:
        """Add what was paid since the last look; what cannot be read now is added later."""
        async with self._one_at_a_time:
            try:
                self._add(await self._reader.read_on())
            except DatabaseError as error:
                log.info("costs are not told: %s", error.code)

    def _add(self, spending: Spending) -> None:
        for kind, tokens in asdict(spending.usage).items():
            self._tokens.labels(kind).inc(tokens)
        self._cost.inc(spending.cost_microusd / 1e6)
        self._paid.labels("yes").inc(spending.priced)
        self._paid.labels("no").inc(spending.unpriced)
