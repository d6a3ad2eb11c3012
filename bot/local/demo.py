"""`python -m bot demo`: ask a question as a member would, and get the answer's words and sound."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from bot import log
from bot.local.chat_server import ChatServer
from bot.local.discord_server.clock import utc_now
from bot.local.discord_server.drafts import Upload
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel, Message
from bot.local.discord_server.world import World
from bot.local.espeak import SpeechMissing
from bot.local.together import together

FOLDER = Path("data/demo")
ANSWER_WITHIN_S = 60
_CONTENT_TYPES = {
    ".ogg": "audio/ogg", ".opus": "audio/ogg", ".mp3": "audio/mpeg", ".wav": "audio/wav",
    ".flac": "audio/flac", ".m4a": "audio/mp4", ".aac": "audio/aac", ".webm": "audio/webm",
    ".mp4": "video/mp4", ".mov": "video/quicktime", ".txt": "text/plain", ".md": "text/markdown",
}  # fmt: skip
_ANSWER_FORMATS = {
    ".ogg": "opus", ".opus": "opus", ".mp3": "mp3", ".wav": "wav", ".flac": "flac", ".aac": "aac",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """What the demo is asked to do; see `python -m bot demo --help`."""

    say: str | None
    send: tuple[Path, ...] = ()
    dm: bool = False
    reply: bool = False
    voice: str | None = None
    out: Path | None = None
    folder: Path = FOLDER


async def run(request: Request) -> int:
    """Ask, print the transcript, write the sound; 0 only when sound came back."""
    log.configure("WARNING", ())
    try:
        problem = _problem_with(request)
        return _fail(problem) if problem else await _converse(request)
    except SpeechMissing as error:
        return _fail(f"{error} Install it with: pip install -r requirements-demo.lock")
    except TimeoutError:
        return _fail(f"No answer within {ANSWER_WITHIN_S} seconds.")


def _problem_with(request: Request) -> str | None:
    if not request.say and not request.send:
        return "Say something (--say TEXT), or send a file (--send FILE), or both."
    missing = [str(path) for path in request.send if not path.is_file()]
    if missing:
        return f"There is no file {', '.join(missing)}."
    if _out(request).suffix not in _ANSWER_FORMATS:
        return f"--out must end in one of {', '.join(_ANSWER_FORMATS)}."
    return None


async def _converse(request: Request) -> int:
    world, last_answer = _load(request.folder)
    discord = DiscordServer(world)
    answer_format = _ANSWER_FORMATS[_out(request).suffix]
    async with together(
        request.folder, discord=discord, chat=ChatServer(), AUDIO_FORMAT=answer_format
    ):
        you = discord.member("You", permissions=int(Permission.MANAGE_CHANNELS))
        earlier = discord.world.state.messages.get(last_answer or 0) if request.reply else None
        if request.reply and earlier is None:
            return _fail("There is no earlier answer to reply to; ask something first.")
        channel = you.dm_channel if request.dm else discord.general
        if earlier:
            channel = discord.world.channel(earlier.channel_id)
        if request.voice:
            await _choose_voice(request.voice, channel, you)
        question = _ask(request, channel, you, earlier, discord.mention)
        answer = await _answer(question, you)
        _save(request.folder, discord.world, answer[-1])
    return _report(request, answer, you)


async def _choose_voice(voice: str, channel: Channel, you: MemberClient) -> None:
    used = you.slash("voice set", channel, voice=voice)
    _print("voicebot", (await you.response(used)).content)


def _ask(
    request: Request, channel: Channel, you: MemberClient, earlier: Message | None, mention: str
) -> Message:
    """Send the question; a lone recording goes as a voice message where that reaches the bot."""
    files = [_upload(path) for path in request.send]
    _print("You", " ".join([request.say or "", *(f"[{file.filename}]" for file in files)]).strip())
    lone_recording = len(files) == 1 and not request.say and files[0].content_type == "audio/ogg"
    if lone_recording and (earlier or channel.guild_id is None):
        return you.speak(channel, files[0].data, reply_to=earlier)
    addressed = earlier is not None or channel.guild_id is None
    text = request.say or ""
    return you.say(
        channel, text if addressed else f"{mention} {text}", files=files, reply_to=earlier
    )


def _upload(path: Path) -> Upload:
    content_type = _CONTENT_TYPES.get(path.suffix.lower(), "application/octet-stream")
    return Upload(path.name, path.read_bytes(), content_type)


async def _answer(question: Message, you: MemberClient) -> list[Message]:
    """Wait for the whole answer: after a bubble its words follow."""
    [first, *_] = await you.answers(question, timeout_s=ANSWER_WITHIN_S)
    count = 2 if first.is_voice else 1
    return await you.answers(question, count, timeout_s=ANSWER_WITHIN_S)


def _report(request: Request, answer: list[Message], you: MemberClient) -> int:
    for message in answer:
        if message.content:
            _print("voicebot", message.content)
    sounds = [(m, n) for m in answer for n, a in enumerate(m.attachments) if _is_sound(a.filename)]
    if not sounds:
        return _fail("No sound came back.")
    out = _out(request)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(you.read(*sounds[0]))
    _print("sound", f"{out} ({out.stat().st_size} bytes)")
    return 0


def _is_sound(filename: str) -> bool:
    return Path(filename).suffix in _ANSWER_FORMATS


def _out(request: Request) -> Path:
    return request.out or request.folder / "answer.ogg"


def _load(folder: Path) -> tuple[World | None, int | None]:
    """Read the world as the last demo left it; None for a new one."""
    try:
        kept = json.loads((folder / "world.json").read_text())
        return World.load(kept["world"], utc_now), kept["last_answer"]
    except FileNotFoundError:
        return None, None


def _save(folder: Path, world: World, answer: Message) -> None:
    kept = {"world": world.dump(), "last_answer": answer.id}
    (folder / "world.json").write_text(json.dumps(kept))


def _print(who: str, text: str) -> None:
    sys.stdout.write(f"{who + ':':<10}{text}\n")
    sys.stdout.flush()


def _fail(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 1
