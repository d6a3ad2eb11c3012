"""`python -m bot demo`: ask a question as a member would, and get the answer's words and sound."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bot import log
from bot.domain.voices import parse_voice
from bot.local.answering import offline
from bot.local.discord_server.clock import utc_now
from bot.local.discord_server.drafts import Upload
from bot.local.discord_server.errors import ApiError
from bot.local.discord_server.file_types import type_of
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel, Message
from bot.local.discord_server.world import World
from bot.local.espeak import SpeechMissing
from bot.local.together import together

FOLDER = Path("data/demo")
ANSWER_WITHIN_S = 60
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
    tiny: bool = False

    @property
    def text(self) -> str:
        """What is said in writing; a message of blanks says nothing."""
        return (self.say or "").strip()

    @property
    def sound(self) -> Path:
        """Where the answer's sound shall go."""
        return self.out or self.folder / "answer.ogg"

    @property
    def audio_format(self) -> str | None:
        """What the model is asked for; None when no sound ends like `sound`."""
        return _ANSWER_FORMATS.get(self.sound.suffix.lower())


@dataclass(frozen=True, slots=True)
class Kept:
    """What the demo of last time left."""

    world: World | None = None
    last_answer: int | None = None


async def run(request: Request) -> int:
    """Ask, print the transcript, write the sound; 0 only when sound came back.

    Raises:
        BotError: there is no such voice, or the bot does not start.

    """
    log.configure("WARNING", ())
    try:
        problem = _problem_with(request)
        return _fail(problem) if problem else await _converse(request)
    except SpeechMissing as error:
        return _fail(str(error))
    except ApiError as refusal:
        return _fail(f"Discord would refuse this message: {_reason(refusal)}")
    except TimeoutError:
        return _fail(f"No answer within {ANSWER_WITHIN_S} seconds.")
    except OSError as error:
        return _fail(f"The demo cannot go on: {error}")


def _problem_with(request: Request) -> str | None:
    if not request.text and not request.send:
        return "Say something (--say TEXT), or send a file (--send FILE), or both."
    missing = [str(path) for path in request.send if not path.is_file()]
    if missing:
        return f"There is no file {', '.join(missing)}."
    if request.voice is not None:
        parse_voice(request.voice)
    if request.sound.is_dir():
        return f"--out must be a file, and {request.sound} is a folder."
    if request.audio_format is None:
        return f"--out must end in one of {', '.join(_ANSWER_FORMATS)}."
    return _why_unwritable(request.sound)


def _why_unwritable(path: Path) -> str | None:
    """Find out before the answer is there, not after."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return f"The folder {path.parent} cannot be made: {error.strerror}."
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        return f"{path} may not be written."
    return None


def _reason(refusal: ApiError) -> str:
    """Find the first wrong field and what is wrong with it; what is wrong at all without one."""
    field, tree = "", refusal.errors or {}
    while tree and "_errors" not in tree:
        field, tree = next(iter(tree.items()))
    return f"{field}: {tree['_errors'][0]['message']}" if tree else refusal.message


async def _converse(request: Request) -> int:
    kept = _load(request.folder)
    discord = DiscordServer(kept.world)
    audio_format = request.audio_format or ""
    chat = offline(tiny=request.tiny).chat
    async with together(request.folder, discord=discord, chat=chat, AUDIO_FORMAT=audio_format):
        you = discord.member("You", permissions=int(Permission.MANAGE_CHANNELS))
        earlier = discord.world.state.messages.get(kept.last_answer or 0)
        if request.reply and earlier is None:
            return _fail("There is no earlier answer to reply to; ask something first.")
        earlier = earlier if request.reply else None
        channel = you.dm_channel if request.dm else discord.general
        if earlier:
            channel = discord.world.channel(earlier.channel_id)
        if request.voice is not None:
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
    _print("You", " ".join([request.text, *(f"[{file.filename}]" for file in files)]).strip())
    lone_recording = len(files) == 1 and not request.text and files[0].content_type == "audio/ogg"
    if lone_recording and (earlier or channel.guild_id is None):
        return you.speak(channel, files[0].data, reply_to=earlier)
    addressed = earlier is not None or channel.guild_id is None
    text = request.text if addressed else f"{mention} {request.text}"
    return you.say(channel, text, files=files, reply_to=earlier)


def _upload(path: Path) -> Upload:
    return Upload(path.name, path.read_bytes(), type_of(path.name))


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
    message, index = sounds[0]
    _write(request, Path(message.attachments[index].filename).suffix, you.read(message, index))
    return 0


def _write(request: Request, suffix: str, sound: bytes) -> None:
    """Write the sound; under the suffix it came with where the one asked for would lie."""
    path, note = request.sound, ""
    if _ANSWER_FORMATS[suffix] != request.audio_format:
        path = path.with_suffix(suffix)
        note = f"; it came as {suffix}, not as {request.sound.suffix}"
    path.write_bytes(sound)
    _print("sound", f"{path} ({len(sound)} bytes{note})")


def _is_sound(filename: str) -> bool:
    return Path(filename).suffix in _ANSWER_FORMATS


def _load(folder: Path) -> Kept:
    """Read what the last demo left; put it aside and start anew when it is damaged."""
    path = folder / "world.json"
    try:
        kept = json.loads(path.read_bytes())
        return Kept(World.load(kept["world"], utc_now), int(kept["last_answer"]))
    except FileNotFoundError:
        return Kept()
    except (ValueError, KeyError, TypeError, RecursionError, msgspec.MsgspecError):
        aside = path.replace(path.with_suffix(".damaged.json"))
        _warn(f"{path} is damaged. It is kept as {aside.name}, and the demo starts anew.")
        return Kept()


def _save(folder: Path, world: World, answer: Message) -> None:
    """Replace what is kept; a kill at any moment leaves the old or the new."""
    unfinished = folder / "world.json.part"
    unfinished.write_text(json.dumps({"world": world.dump(), "last_answer": answer.id}))
    unfinished.replace(folder / "world.json")


def _print(who: str, text: str) -> None:
    sys.stdout.write(f"{who + ':':<10}{text}\n")
    sys.stdout.flush()


def _warn(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _fail(sentence: str) -> int:
    _warn(sentence)
    return 1
