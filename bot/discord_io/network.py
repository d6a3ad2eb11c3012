"""What can go wrong between Discord and us, and what that means when it keeps us out."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from bot.errors import DiscordDown, IntentRefused, StartError

NETWORK_ERRORS = (aiohttp.ClientError, OSError, TimeoutError, json.JSONDecodeError)
"""What a broken network raises; most of aiohttp's errors are no OSError, and half an answer is no
JSON."""

CALL_ERRORS = (discord.HTTPException, discord.RateLimited, *NETWORK_ERRORS)
"""What any call to Discord may end in."""

OUT_OF_REACH = (discord.DiscordServerError, discord.RateLimited, *NETWORK_ERRORS)
"""Those that say nothing of what Discord thinks of the call: it may be taken later."""

LOGIN_REFUSED = (
    "Discord does not know this DISCORD_TOKEN. Copy the token again from the developer portal: "
    "your application, Bot, Reset Token."
)
UNREACHABLE = "Discord cannot be reached. Check the network, and DISCORD_API_URL if you set it."
INTENT_REFUSED = (
    "The Message Content intent is not switched on for this application, so un-mentioned messages "
    "in threads cannot be read. To change that: developer portal, Bot, Message Content Intent."
)

_TOKEN_REFUSED = 4004
_TOO_MANY, _SERVER_ERROR = 429, 500


@contextmanager
def entering_discord() -> Iterator[None]:
    """Say in a sentence what keeps us out of Discord.

    Raises:
        IntentRefused: the application may not see message content.
        DiscordDown: Discord is out of reach, or lets nobody in.
        StartError: the token is wrong, or Discord does not let us in for another reason.

    """
    try:
        yield
    except discord.LoginFailure as error:
        raise StartError("token_refused", LOGIN_REFUSED) from error
    except discord.PrivilegedIntentsRequired as error:
        raise IntentRefused("intent_refused", INTENT_REFUSED) from error
    except discord.ConnectionClosed as error:
        raise _closed(error.code) from error
    except discord.HTTPException as error:
        raise _refused(error.status) from error
    except (discord.RateLimited, *NETWORK_ERRORS) as error:
        raise DiscordDown("discord_unreachable", UNREACHABLE) from error


def _closed(code: int) -> StartError:
    """Read a close code after which connecting again is of no use (Discord's Gateway docs)."""
    if code == _TOKEN_REFUSED:
        return StartError("token_refused", LOGIN_REFUSED)
    return StartError(
        "gateway_refused",
        f"Discord's gateway does not let the bot in (close code {code}). "
        "Update the bot; if that does not help, report the code to its developers.",
    )


def _refused(status: int) -> StartError:
    is_down = status >= _SERVER_ERROR or status == _TOO_MANY
    return (DiscordDown if is_down else StartError)(
        "discord_shut_out" if status == _TOO_MANY else "discord_unreachable",
        f"Discord answered with status {status} instead of letting the bot in. "
        "Try again later, and check DISCORD_API_URL if you set it.",
    )
