"""The command line: `python -m bot [run | check | migrate | backup | demo | serve-model]`."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from bot import app, check, log, loops
from bot.errors import BotError
from bot.settings import Settings, SettingsError, load_env

ENV_FILE = Path(".env")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a start-up mistake is one clear sentence and exit code 1."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "demo":
            return _demo(options)
        if options.command == "serve-model":
            return _serve_model(options)
        settings = Settings.from_env(load_env(ENV_FILE, os.environ))
        log.configure(settings.log_level, settings.secrets, as_json=settings.log_format == "json")
        if options.command == "check":
            return loops.run(check.run(settings))
        if options.command == "migrate":
            return _migrate(settings)
        if options.command == "backup":
            return _back_up(settings, options.file)
        return loops.run(_run(settings))
    except SettingsError as error:
        _complain(*error.problems)
    except BotError as error:
        _complain(error.sentence)
    except KeyboardInterrupt:
        return 130
    except Exception:
        logging.getLogger(__name__).critical("The bot ended by a defect of its own.", exc_info=True)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="A voice reply bot.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("run", help="run the bot (the default)")
    commands.add_parser("check", help="check settings, token, key, model, database, permissions")
    commands.add_parser("migrate", help="bring the database to the newest schema")
    backup = commands.add_parser("backup", help="copy the database, also while the bot runs")
    backup.add_argument("file", metavar="FILE", type=Path, nargs="?",
                        help="the copy to make; one named by the time when left out")  # fmt: skip
    demo = commands.add_parser("demo", help="try it here: no account, no key, no network")
    demo.add_argument("--say", metavar="TEXT", help="what you ask, in writing")
    demo.add_argument("--send", metavar="FILE", type=Path, action="append", default=[],
                      help="a recording or text file to send along; may be repeated")  # fmt: skip
    demo.add_argument("--dm", action="store_true", help="ask in a DM instead of a channel")
    demo.add_argument("--reply", action="store_true", help="reply to the answer of last time")
    demo.add_argument("--voice", metavar="NAME", help="choose the room's voice first")
    demo.add_argument("--out", metavar="FILE", type=Path, help="where the answer's sound goes")
    demo.add_argument("--host", default="127.0.0.1", help="the page's address (this machine only)")
    demo.add_argument("--port", type=int, default=0, help="the page's port; any free one when 0")
    demo.add_argument("--live", action="store_true",
                      help="let the real model of .env answer on the page")  # fmt: skip
    demo.add_argument("--tiny", action="store_true",
                      help="answer by the smallest engines there are")  # fmt: skip
    demo.add_argument("--no-open", action="store_true", help="open no browser")
    serve = commands.add_parser("serve-model", help="the offline model's server alone")
    serve.add_argument("--host", default="127.0.0.1", help="its address; others need a --key")
    serve.add_argument("--port", type=int, default=8080, help="its port; any free one when 0")
    serve.add_argument("--key", metavar="KEY", help="the key that clients must send")
    serve.add_argument("--preset", metavar="NAME", default="openai",
                       help="the system to be as strict as: openai, azure, openrouter, "
                       "codingplanx, codingplanx-parts, kkiai, aimlapi, litellm, speaches, "
                       "vllm-omni, qwen-omni, generic")  # fmt: skip
    return parser


async def _run(settings: Settings) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop_or_leave, stop)
    app.freeze_loaded()
    await app.run(settings, stop)
    return 0


def _stop_or_leave(stop: asyncio.Event) -> None:
    """Stop in order on the first signal, at once on the second."""
    if stop.is_set():
        os._exit(1)
    stop.set()


def _migrate(settings: Settings) -> int:
    app.migrate(settings.database_url)
    print("The database is at the newest schema.")  # noqa: T201
    return 0


def _back_up(settings: Settings, target: Path | None) -> int:
    print(app.back_up(settings.database_url, target))  # noqa: T201
    return 0


def _demo(options: argparse.Namespace) -> int:
    try:
        from bot.local import demo, live, open_page  # their packages come with the demo only
    except ModuleNotFoundError as error:
        _complain(f"The demo needs {error.name}: pip install -r requirements-demo.lock")
        return 1
    if not (options.say or options.send or options.dm or options.reply or options.voice):
        is_live = live.wants_live(options.live)
        opening = open_page.Opening(
            options.host,
            options.port,
            browse=not options.no_open,
            live=is_live,
            tiny=options.tiny,
        )
        return loops.run(open_page.run(opening))
    request = demo.Request(
        options.say,
        tuple(options.send),
        options.dm,
        options.reply,
        options.voice,
        options.out,
        tiny=options.tiny,
    )
    return loops.run(demo.run(request))


def _serve_model(options: argparse.Namespace) -> int:
    from bot.local import serving  # its packages come with the demo only

    request = serving.Request(options.host, options.port, options.key, options.preset)
    return loops.run(serving.run(request))


def _complain(*sentences: str) -> None:
    for sentence in sentences:
        print(sentence, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
