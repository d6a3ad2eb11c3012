"""What went over the wire, as values for tests to look at."""

import re
from dataclasses import dataclass, field
from typing import Any

from bot.local.discord_server.drafts import Part


@dataclass(frozen=True, slots=True)
class Call:
    """One REST request and what was answered.

    Attributes:
        path: below `/api/v10`.
        template: the route's path with names for ids (`/channels/{channel_id}/messages`), or
            None when there is no such route here.
        headers: without the token.
        payload: the JSON body, or None.
        status: what was answered; 0 when the connection was cut instead.
        code: Discord's JSON error code, None when there was none.
        answer: the JSON answered, or None.
        faulty: whether an injected fault made the answer.

    """

    method: str
    path: str
    template: str | None
    query: dict[str, str]
    headers: dict[str, str]
    payload: Any
    parts: tuple[Part, ...]
    status: int
    code: int | None
    answer: Any
    faulty: bool = False


@dataclass(slots=True)
class Traffic:
    """All requests in the order in which they were answered."""

    calls: list[Call] = field(default_factory=list)

    def to(self, method: str, pattern: str) -> list[Call]:
        """Select calls; in the pattern `*` stands for one part of the path."""
        return [
            call
            for call in self.calls
            if call.method == method and path_matches(pattern, call.path)
        ]

    @property
    def unknown(self) -> list[Call]:
        """The calls to routes that this server does not have."""
        return [call for call in self.calls if call.template is None]

    @property
    def invalid(self) -> list[Call]:
        """The calls that count towards Discord's ban of 10,000 invalid requests."""
        return [call for call in self.calls if call.status in {401, 403, 429}]


def path_matches(pattern: str, path: str) -> bool:
    """Whether a path fits a pattern in which `*` stands for one part."""
    parts = (re.escape(part).replace(r"\*", "[^/]+") for part in pattern.split("/"))
    return re.fullmatch("/".join(parts), path) is not None
