"""`python -m bot serve-model`: the offline model alone, for this bot or any other client."""

import asyncio
import ipaddress
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from bot.local.chat_server import KEY, PRESETS, ChatServer
from bot.local.espeak import SpeechMissing
from bot.local.speech.engines import FOLDER, LoadingEngines


@dataclass(frozen=True, slots=True)
class Request:
    """Where the model is served; see `python -m bot serve-model --help`."""

    host: str = "127.0.0.1"
    port: int = 8080
    key: str | None = None
    preset: str = "openai"
    folder: Path = FOLDER


async def run(request: Request) -> int:
    """Serve until Ctrl-C or SIGTERM; 1 and a sentence when that cannot begin."""
    problem = _problem(request)
    if problem is not None:
        return _fail(problem)
    try:
        engines = LoadingEngines(request.folder, _report)
        server = ChatServer(
            preset=request.preset,
            ears=engines.ears,
            mind=engines.mind,
            voice=engines.voice,
            key=request.key or KEY,
            host=request.host,
            port=request.port,
        )
        return await _serve(server, engines)
    except SpeechMissing as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{request.host}:{request.port} cannot be listened on: {error.strerror}")


def _problem(request: Request) -> str | None:
    preset = PRESETS.get(request.preset)
    if preset is None:
        return f"There is no preset {request.preset}. Choose one of: {', '.join(PRESETS)}."
    if _is_loopback(request.host):
        return None
    if not preset.key_headers:
        return f"{preset.name} asks for no key: it is served on this machine only."
    if request.key is None:
        return f"{request.host} can be reached from other machines: choose a --key for them."
    return None


async def _serve(server: ChatServer, engines: LoadingEngines) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with server:
        _say(f"The model is served at {server.base_url} (Ctrl-C stops it)")
        _say(str(engines.names))
        _say(
            f"OPENAI_BASE_URL={server.base_url} OPENAI_API_KEY={server.key} "
            f"PROVIDER={server.preset.provider}"
        )
        loaded = await asyncio.to_thread(engines.wait)
        for problem in loaded.problems:
            _say(problem)
        await stop.wait()
    _say("Stopped.")
    return 0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _report(what: str, share: float) -> None:
    _say(f"{share:4.0%} {what}")


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def _fail(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 1
