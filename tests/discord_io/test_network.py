"""What keeps us out of Discord, in sentences."""

import aiohttp
import discord
import pytest

from bot.discord_io.network import entering_discord
from bot.errors import IntentRefused, StartError


class Closed:
    """A gateway connection, as closed as discord.py's error needs it."""

    close_code = 1006


def closed(code: int) -> discord.ConnectionClosed:
    return discord.ConnectionClosed(Closed(), shard_id=None, code=code)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("failure", "code", "said"),
    [
        (discord.LoginFailure("upstream"), "token_refused", "DISCORD_TOKEN"),
        (closed(4004), "token_refused", "DISCORD_TOKEN"),
        (closed(4010), "gateway_refused", "4010"),
        (closed(4013), "gateway_refused", "4013"),
        (discord.PrivilegedIntentsRequired(None), "intent_refused", "Message Content"),
        (discord.RateLimited(600), "discord_unreachable", "cannot be reached"),
        (aiohttp.ServerDisconnectedError("upstream"), "discord_unreachable", "cannot be reached"),
        (ConnectionRefusedError("upstream"), "discord_unreachable", "cannot be reached"),
        (TimeoutError("upstream"), "discord_unreachable", "cannot be reached"),
    ],
)
def test_what_keeps_us_out_is_one_sentence(failure: Exception, code: str, said: str) -> None:
    with pytest.raises(StartError) as caught, entering_discord():
        raise failure
    assert caught.value.code == code
    assert said in caught.value.sentence
    assert "upstream" not in caught.value.sentence
    assert isinstance(caught.value, IntentRefused) == (code == "intent_refused")


def test_a_defect_is_not_taken_for_the_network() -> None:
    with pytest.raises(ZeroDivisionError), entering_discord():
        raise ZeroDivisionError
