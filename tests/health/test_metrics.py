import asyncio
import time

import pytest

from bot.errors import ChatApiError
from bot.health.metrics import Metrics


def figure(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"voicebot_{name}", labels)


def test_a_question_counts_by_its_end_and_an_answer_by_its_time() -> None:
    metrics = Metrics()
    for message_id, state in ((1, "answered"), (2, "refused")):
        metrics.begun(message_id)
        metrics.ended(message_id, state, time.perf_counter() + 5)  # type: ignore[arg-type]  # two of its words
    metrics.ended(3, "cancelled", time.perf_counter())
    assert figure(metrics, "questions_total", state="answered") == 1
    assert figure(metrics, "questions_total", state="refused") == 1
    assert figure(metrics, "questions_total", state="cancelled") == 1
    assert figure(metrics, "questions_total", state="failed") == 0
    assert figure(metrics, "stage_seconds_count", stage="whole") == 1
    assert 5 <= (figure(metrics, "stage_seconds_sum", stage="whole") or 0) < 60


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ChatApiError("rate_limited", "Later."), "rate_limited"),
        (asyncio.CancelledError(), "cut_short"),
        (ZeroDivisionError(), "cut_short"),
    ],
)
def test_a_call_that_fails_counts_by_its_code_and_rises(error: BaseException, outcome: str) -> None:
    metrics = Metrics()
    with pytest.raises(type(error)), metrics.call("openai", "think"):
        raise error
    assert figure(metrics, "model_calls_total", server="openai", task="think", outcome=outcome) == 1
    assert figure(metrics, "stage_seconds_count", stage="think") == 1


def test_several_bots_in_one_process_do_not_share_figures() -> None:
    one, other = Metrics(), Metrics()
    one.wrote(0.1)
    assert figure(one, "database_write_seconds_count") == 1
    assert figure(other, "database_write_seconds_count") == 0
