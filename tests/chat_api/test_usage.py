from typing import Any

import msgspec
import pytest

from bot.chat_api.usage import UsageFields, count_tokens
from bot.domain.reply import Usage


def count(fields: dict[str, Any], *, spoken: bool = True) -> Usage:
    return count_tokens(msgspec.convert(fields, UsageFields), spoken=spoken)


DETAILED = {
    "prompt_tokens": 8,
    "completion_tokens": 54,
    "total_tokens": 62,
    "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 0, "text_tokens": 8},
    "completion_tokens_details": {"audio_tokens": 37, "text_tokens": 17},
}


def test_the_documented_sample_is_counted_by_kind() -> None:
    assert count(DETAILED) == Usage(text_in=8, audio_in=0, text_out=17, audio_out=37, cached_in=3)


def test_totals_that_a_proxy_rewrote_do_not_count() -> None:
    rewritten = {**DETAILED, "prompt_tokens": 74, "completion_tokens": 5764}
    assert count(rewritten) == count(DETAILED)


@pytest.mark.parametrize(("spoken", "text", "audio"), [(True, 0, 54), (False, 54, 0)])
def test_without_details_the_totals_count_as_the_dearer_kind(
    spoken: bool, text: int, audio: int
) -> None:
    totals = {"prompt_tokens": 8, "completion_tokens": 54}
    assert count(totals, spoken=spoken) == Usage(text_in=8, text_out=text, audio_out=audio)


def test_one_kind_is_what_the_other_leaves_of_the_total() -> None:
    older = {
        "prompt_tokens": 50,
        "completion_tokens": 60,
        "prompt_tokens_details": {"audio_tokens": 30},
        "completion_tokens_details": {"text_tokens": 20},
    }
    assert count(older) == Usage(text_in=20, audio_in=30, text_out=20, audio_out=40)


def test_details_of_zeros_only_do_not_hide_the_totals() -> None:
    zeros = {
        "prompt_tokens": 50,
        "completion_tokens": 60,
        "prompt_tokens_details": {"audio_tokens": 0, "text_tokens": 0},
        "completion_tokens_details": {"audio_tokens": 0, "text_tokens": 0},
    }
    assert count(zeros) == Usage(text_in=50, audio_out=60)


def test_nothing_and_nonsense_count_nothing() -> None:
    assert count({}) == Usage()
    assert count({"prompt_tokens": -5, "completion_tokens": None}) == Usage()
    assert count({"prompt_tokens": 10**15}).text_in == 10**9


def test_no_more_is_cached_than_was_sent() -> None:
    cached = {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 900}}
    assert count(cached).cached_in == 5
