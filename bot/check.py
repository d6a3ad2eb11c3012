"""`python -m bot check`: every part looked at, and one line each with what to mend."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from bot.chat_api.client import ChatApi, open_session
from bot.client import Application, inspect_application, redirect
from bot.errors import BotError
from bot.settings import Settings
from bot.storage.database import state_of

DATABASE_STATES = {
    "missing": "there is no database yet: the first start makes it",
    "older": "the database is of an older version: the next start brings it up to date",
    "current": "the database opens and has the newest schema",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `ok` is None for what is worth knowing but no fault."""

    ok: bool | None
    text: str


async def run(settings: Settings) -> int:
    """Print what works and what does not; 0 when nothing is in the way of running."""
    failed = False
    for look in (_database, _model, _discord):
        async for finding in _guarded(look, settings):
            mark = {True: "ok  ", False: "FAIL", None: "note"}[finding.ok]
            sys.stdout.write(f"{mark}  {finding.text}\n")
            failed |= finding.ok is False
    return 1 if failed else 0


Look = Callable[[Settings], Awaitable[list[Finding]]]


async def _guarded(look: Look, settings: Settings) -> AsyncIterator[Finding]:
    try:
        for finding in await look(settings):
            yield finding
    except BotError as error:
        yield Finding(False, error.sentence)


async def _database(settings: Settings) -> list[Finding]:
    found = await asyncio.to_thread(state_of, settings.database_url)
    return [Finding(True, DATABASE_STATES[found])]


async def _model(settings: Settings) -> list[Finding]:
    async with open_session() as session:
        api = ChatApi(
            session,
            base_url=settings.base_url,
            key=settings.api_key.value,
            model=settings.model,
            deadline_s=settings.request_deadline_s,
            max_response_bytes=settings.max_response_bytes,
        )
        info = await api.describe_model()
    if info is None:
        return [
            Finding(
                None, f"the server does not tell about models, so {settings.model} is not checked"
            )
        ]
    findings = [Finding(True, f"the key is accepted, and the model {settings.model} is there")]
    if info.shutdown_date:
        findings.append(Finding(None, f"the model will be switched off on {info.shutdown_date}"))
    return findings


async def _discord(settings: Settings) -> list[Finding]:
    redirect(settings.discord_api_url, settings.discord_gateway_url)
    application = await inspect_application(settings.discord_token.value)
    return [
        Finding(True, f"the token is that of {application.name}"),
        _content(settings, application),
        *(_server(name, missing) for name, missing in application.missing_permissions.items()),
        Finding(None, f"invite link: {application.invite_link}"),
    ]


def _content(settings: Settings, application: Application) -> Finding:
    if application.message_content:
        return Finding(True, "the Message Content intent is switched on")
    wanted = settings.message_content == "on"
    return Finding(
        False if wanted else None,
        "the Message Content intent is off: messages in threads need a mention, "
        "replies need their ping (developer portal, Bot, Message Content Intent)",
    )


def _server(name: str, missing: tuple[str, ...]) -> Finding:
    if not missing:
        return Finding(True, f"server {name}: all permissions are there")
    return Finding(False, f"server {name}: missing {', '.join(missing)}; use the invite link again")
