"""`python -m bot check`: every part looked at, and one line each with what to mend."""

import asyncio
import sys
from collections.abc import Sequence
from functools import partial

from bot.app import open_chat, open_writer
from bot.audio.service import AudioWorker
from bot.audio.wav import from_pcm
from bot.chat_api.client import open_session
from bot.client import redirect
from bot.discord_io.application import granted, inspect_application
from bot.domain.findings import Finding, about_intent, about_server
from bot.domain.reply import SPEECH_HZ, ModelAudio
from bot.domain.setting_words import Transcribe
from bot.domain.voices import VOICES
from bot.errors import ChatApiError
from bot.services.doctor import Doctor, probe_audio, probe_model
from bot.services.ports import Writer
from bot.services.tools.table import NAMES
from bot.settings import ModelServer, Settings
from bot.storage.database import state_of

DATABASE_STATES = {
    "missing": "there is no database yet: the first start makes it",
    "older": "the database is of an older version: the next start brings it up to date",
    "current": "the database opens and has the newest schema",
}
_MARKS = {True: "ok  ", False: "FAIL", None: "note"}


async def run(settings: Settings) -> int:
    """Print what works and what does not; 0 when nothing is in the way of running."""
    findings = await _examine(settings)
    sys.stdout.writelines(f"{_MARKS[each.ok]}  {_line(each)}\n" for each in findings)
    return 1 if any(each.ok is False for each in findings) else 0


async def _examine(settings: Settings) -> Sequence[Finding]:
    async with open_session() as session, AudioWorker() as worker:
        models = [
            probe_model(
                open_chat(session, settings, server), server.model, f"{server.settings}_MODEL"
            )
            for server in settings.servers
        ]
        return await Doctor(
            partial(_database, settings),
            *models,
            *(partial(_manner, server) for server in settings.servers),
            partial(_sound, worker),
            partial(_tools, settings),
            partial(
                _transcribing,
                settings,
                [open_writer(session, settings, s) for s in settings.servers],
            ),
            partial(_discord, settings),
        ).examine()


def _line(finding: Finding) -> str:
    return f"{finding.text} ({finding.remedy})" if finding.remedy else finding.text


async def _database(settings: Settings) -> list[Finding]:
    found = await asyncio.to_thread(state_of, settings.database_url)
    return [Finding(True, DATABASE_STATES[found])]


async def _manner(server: ModelServer) -> list[Finding]:
    """Tell how a server is asked, as far as people ask about it."""
    provider, key = server.provider, f"{server.settings}_API_KEY"
    bearer = "Bearer and the key" if provider.key_header == "Authorization" else "the key alone"
    return [
        Finding(None, sentence)
        for sentence in (
            f"{provider.title} is asked for text and sound at once (modalities text, audio); where "
            f"only text comes back, {server.speech_model} speaks it, else it stays in writing",
            f"{key} goes in the header {provider.key_header}, as {bearer}; a 401 means that it is "
            "not a key of this server, or was copied in part",
            f"formats that can be asked for: {', '.join(provider.formats)}",
            f"voices: {', '.join(provider.voices or VOICES)}; others are spoken by one of these",
        )
    ]


async def _sound(worker: AudioWorker) -> list[Finding]:
    """Have sound made, and tell how well that process is locked."""
    found = await probe_audio(worker)()
    layers = ", ".join(worker.layers) or "nothing: this system offers none of it"
    return [*found, Finding(None, f"the audio worker is locked by {layers}")]


async def _tools(settings: Settings) -> list[Finding]:
    switched_on = ", ".join(name for name in NAMES if name in settings.tools)
    return [Finding(None, f"functions that the model may call: {switched_on or 'none (TOOLS)'}")]


async def _transcribing(settings: Settings, writers: Sequence[Writer]) -> list[Finding]:
    """Have a second of silence written down, where that is wanted at all."""
    if settings.transcribe is Transcribe.OFF:
        return []
    model, remedy = settings.transcribe_model, "TRANSCRIBE_MODEL, or TRANSCRIBE=off"
    silence = ModelAudio(from_pcm(bytes(2 * SPEECH_HZ)), "wav", 1.0)
    failures: list[ChatApiError] = []
    for writer in writers:
        try:
            await writer.write_down(silence)
        except ChatApiError as error:
            failures.append(error)
        else:
            return [Finding(True, f"recordings are written down by {model}")]
    return [Finding(False, f"{model} writes no recordings down: {failures[0].sentence}", remedy)]


async def _discord(settings: Settings) -> list[Finding]:
    redirect(settings.discord_api_url, settings.discord_gateway_url)
    application = await inspect_application(settings.discord_token.value)
    link = application.invite_link
    servers = application.permissions.items()
    return [
        Finding(True, f"the token is that of {application.name}"),
        about_intent(
            switched_on=application.message_content, needed=settings.message_content == "on"
        ),
        *(each for name, bits in servers for each in about_server(name, granted(bits), link)),
        Finding(None, f"invite link: {link}"),
    ]
