import discord.client

from bot.client import LONGEST_BACKOFF_EXPONENT


def test_after_a_long_outage_the_gateway_is_tried_again_within_about_a_minute() -> None:
    backoff = discord.client.ExponentialBackoff()  # type: ignore[attr-defined]
    delays = [backoff.delay() for _ in range(2_000)]
    assert 32 < max(delays) <= 2**LONGEST_BACKOFF_EXPONENT
