"""The figures, by name. Labels are words of ours: never ids, names or content."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import get_args

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot import __version__
from bot.errors import BotError
from bot.storage.inbox import FinalState

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128)
_WRITE_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)


class Metrics:
    """Counts and times what happens; `bot.health.watching` adds what is looked up."""

    def __init__(self) -> None:
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # theirs
        self.registry = CollectorRegistry()
        self._begun: dict[int, float] = {}
        self._questions = self.counter(
            "questions_total", "Questions by how they ended.", "state"
        )  # fmt: skip
        for state in get_args(FinalState):
            self._questions.labels(state)
        self._stages = self.histogram(
            "stage_seconds", "How long the parts of an answer took; whole is all of it.", "stage"
        )
        self._calls = self.counter(
            "model_calls_total", "Calls of models by server, task and outcome.",
            "server", "task", "outcome",
        )  # fmt: skip
        self._writes = self.histogram(
            "database_write_seconds", "How long transactions took that write.",
            buckets=_WRITE_SECONDS,
        )  # fmt: skip
        self.connects = self.counter(
            "gateway_connects_total", "New sessions with Discord's gateway (IDENTIFY)."
        )
        self.resumes = self.counter("gateway_resumes_total", "Sessions that were taken up again.")
        self.gauge("info", "The version that runs; always 1.", "version").labels(__version__).set(1)

    def counter(self, name: str, meaning: str, *labels: str) -> Counter:
        """Make a figure that only grows."""
        return Counter(f"voicebot_{name}", meaning, labels, registry=self.registry)

    def gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        """Make a figure that goes up and down."""
        return Gauge(f"voicebot_{name}", meaning, labels, registry=self.registry)

    def histogram(
        self, name: str, meaning: str, *labels: str, buckets: tuple[float, ...] = _SECONDS
    ) -> Histogram:
        """Make a figure of how long things take."""
        return Histogram(
            f"voicebot_{name}", meaning, labels, registry=self.registry, buckets=buckets
        )

    def begun(self, message_id: int) -> None:
        """Note that a question's turn has come."""
        self._begun[message_id] = time.perf_counter()

    def ended(self, message_id: int, state: FinalState, at: float) -> None:
        """Note how a question ended; only what was answered counts for how long that takes."""
        self._questions.labels(state).inc()
        begun = self._begun.pop(message_id, None)
        if begun is not None and state == "answered":
            self._stages.labels("whole").observe(at - begun)

    def wrote(self, seconds: float) -> None:
        """Note a transaction that wrote."""
        self._writes.observe(seconds)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a part of an answer, however it ends."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self._stages.labels(name).observe(time.perf_counter() - begun)

    @contextmanager
    def call(self, server: str, task: str) -> Iterator[None]:
        """Time and count a call of a model; its outcome is the code of its error, or `ok`."""
        outcome = "ok"
        try:
            with self.stage(task):
                yield
        except BotError as error:
            outcome = error.code
            raise
        except BaseException:
            outcome = "cut_short"
            raise
        finally:
            self._calls.labels(server, task, outcome).inc()

    def text(self) -> bytes:
        """Give all of them in Prometheus' format."""
        return generate_latest(self.registry)
