"""Who is pinged by a text, as far as its author allows.

Source: https://docs.discord.com/developers/resources/message (Allowed Mentions Object)
"""

import re
from dataclasses import dataclass
from typing import Any

from bot.local.discord_server.errors import invalid_form
from bot.local.discord_server.fields import read_ids
from bot.local.discord_server.state import Guild

_USER = re.compile(r"<@!?(\d{1,20})>")
_ROLE = re.compile(r"<@&(\d{1,20})>")
_EVERYONE = re.compile(r"@(everyone|here)\b")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be pinged; None allows every user (role) that the text names."""

    user_ids: frozenset[int] | None = None
    role_ids: frozenset[int] | None = None
    everyone: bool = True
    replied_user: bool = True


ALL = Allowed()
USERS_ONLY = Allowed(role_ids=frozenset(), everyone=False)
"""The default of webhooks and answers to interactions."""


@dataclass(frozen=True, slots=True)
class Pings:
    """Whom a text pings."""

    user_ids: list[int]
    role_ids: list[int]
    everyone: bool


def read_allowed(payload: dict[str, Any] | None, default: Allowed) -> Allowed:
    """Read `allowed_mentions` of a request.

    Raises:
        ApiError: 50035 when a kind is both in `parse` and listed by ids.

    """
    if payload is None:
        return default
    parse = payload.get("parse") or []
    for kind in ("users", "roles"):
        if kind in parse and payload.get(kind):
            raise invalid_form(
                "allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.',
            )  # fmt: skip
    return Allowed(
        user_ids=None if "users" in parse else read_ids(payload.get("users"), "users"),
        role_ids=None if "roles" in parse else read_ids(payload.get("roles"), "roles"),
        everyone="everyone" in parse,
        replied_user=bool(payload.get("replied_user")),
    )


def find_pings(
    text: str,
    allowed: Allowed,
    guild: Guild | None,
    known_user_ids: set[int],
    *,
    may_ping_all: bool,
) -> Pings:
    """Find whom `text` pings. `may_ping_all` is the author's right to mention everyone."""
    users = [id_ for id_ in _named(_USER, text) if id_ in known_user_ids]
    roles = [
        id_
        for id_ in _named(_ROLE, text)
        if guild and id_ in guild.roles and (may_ping_all or guild.roles[id_].mentionable)
    ]
    return Pings(
        [id_ for id_ in users if allowed.user_ids is None or id_ in allowed.user_ids],
        [id_ for id_ in roles if allowed.role_ids is None or id_ in allowed.role_ids],
        bool(guild and may_ping_all and allowed.everyone and _EVERYONE.search(text)),
    )


def _named(pattern: re.Pattern[str], text: str) -> list[int]:
    return list(dict.fromkeys(int(id_) for id_ in pattern.findall(text)))
