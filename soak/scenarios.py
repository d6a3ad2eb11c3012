"""What members do and what has to come of it: small stories, into which `failpoints` breaks."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.local.chat_server import faults
from bot.local.discord_server import building
from bot.local.discord_server.drafts import Upload
from bot.local.discord_server.faults import Answer
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel, Message
from soak.echo import AT_LENGTH, EchoServer, voice_note
from soak.ends import End, in_words, nothing, one_message, refused, spoken_alone, told_alone, whole
from soak.ledger import NOTICE, Ledger

ALL_CALLS = 50
_ANSWERED_WITHIN_S = 60
_COMMANDED_WITHIN_S = 5
"""Not as long: what is cut before its question is stored is not taken up again."""


@dataclass
class Scene:
    """Where a story plays."""

    discord: DiscordServer
    chat: EchoServer
    folder: Path
    ledger: Ledger
    ada: MemberClient
    asked: int = 0

    @property
    def room(self) -> Channel:
        """The room where it plays."""
        return self.discord.general

    def mention(self, *, more: str = "", files: Sequence[Upload] = ()) -> Message:
        """Ada mentions the bot."""
        words = f"{self.discord.mention} {self.question(more)}"
        return self.say(self.room, words, files=files)

    def question(self, more: str = "") -> str:
        """Make the words of the next question."""
        self.asked += 1
        return f"What is the answer to number {self.asked}? {more}".strip()

    def dm(self, *, more: str = "") -> Message:
        """Ada writes to the bot."""
        return self.say(self.ada.dm_channel, self.question(more))

    def say(
        self,
        room: Channel,
        words: str,
        *,
        files: Sequence[Upload] = (),
        reply_to: Message | None = None,
    ) -> Message:
        """Ada says something that is for the bot."""
        message = self.ada.say(room, words, files=files, reply_to=reply_to)
        return self.ledger.expect(message, self.asked)

    def set(self, name: str, value: str, room: Channel | None = None) -> None:
        """Set something for a room, before the bot begins."""
        room = room or self.room
        with closing(sqlite3.connect(self.folder / "bot.db")) as database, database:
            database.execute(
                "INSERT INTO room_settings VALUES ('channel', ?, ?, ?, ?, 1, '2026')",
                (room.id, name, value, room.guild_id),
            )

    def talk_before(self) -> None:
        """Let Ada's DM be one that the bot knows: Discord lists no DMs to a bot that begins."""
        with closing(sqlite3.connect(self.folder / "bot.db")) as database, database:
            database.execute(
                "INSERT INTO inbox (message_id, room_id, member_id, state, created_at, received_at)"
                " VALUES (1, ?, ?, 'answered', datetime('now'), datetime('now'))",
                (self.ada.dm_channel.id, self.ada.user.id),
            )

    def forbid(self, permission: Permission) -> None:
        """Take a permission from the bot, and from nobody else."""
        world = self.discord.world
        role = building.bot_role(world, self.discord.guild)
        building.set_overwrite(world, self.room, role, deny=int(permission))

    async def answer(self, question: Message) -> Message:
        """Wait for an answer."""
        posted = self.ledger.posted
        await self.discord.world.changes.until(lambda: question.id in posted, _ANSWERED_WITHIN_S)
        return self.discord.world.state.messages[posted[question.id][0].id]


Act = Callable[[Scene], Coroutine[Any, Any, None]]


def _as_it_is(_scene: Scene) -> None:
    """Prepare nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A story.

    Attributes:
        act: what members do.
        end: what has to come of each of their questions.
        prepare: what is so before the bot begins.
        settings: what the bot is set to.
        early: whether members act before the bot is there.
        cut_at: a point at which one bot dies before the one that is tried begins.
        hears: whether the model writes recordings down.
        more: whether something is posted besides.
        sounds: how many sounds are posted besides.
        command: whether it is asked by a command, which may be lost until it is stored.

    """

    name: str
    act: Act
    end: End = whole
    prepare: Callable[[Scene], None] = _as_it_is
    settings: Mapping[str, str] = field(default_factory=dict)
    early: bool = False
    cut_at: str | None = None
    hears: bool = False
    more: bool = False
    sounds: int = 0
    command: bool = False


async def _mention(scene: Scene) -> None:
    scene.mention()


async def _dm(scene: Scene) -> None:
    scene.dm()


async def _voice_note(scene: Scene) -> None:
    message = scene.ada.speak(scene.ada.dm_channel, voice_note(), seconds=0.4)
    scene.ledger.expect(message, None)


async def _reply(scene: Scene) -> None:
    answer = await scene.answer(scene.mention())
    scene.say(scene.room, scene.question(), reply_to=answer)


async def _in_thread(scene: Scene) -> None:
    answer = await scene.answer(scene.mention())
    if not answer.content.startswith(NOTICE):  # below a notice nothing goes on
        thread = scene.ada.start_thread(answer)
        scene.say(thread, scene.question())


async def _two_pages(scene: Scene) -> None:
    scene.mention(more=AT_LENGTH)


async def _two_pages_dm(scene: Scene) -> None:
    scene.dm(more=AT_LENGTH)


async def _text_file(scene: Scene) -> None:
    scene.mention(files=(Upload("notes.txt", b"These are my notes.", "text/plain"),))


async def _recording_and_text(scene: Scene) -> None:
    scene.mention(files=(Upload("talk.ogg", voice_note(), "audio/ogg"),))


async def _recording(scene: Scene) -> None:
    files = (Upload("talk.ogg", voice_note(), "audio/ogg"),)
    message = scene.ada.say(scene.room, scene.discord.mention, files=files)
    scene.ledger.expect(message, None)


async def _edit(scene: Scene) -> None:
    message = scene.mention()
    scene.ada.edit(message, f"{message.content} Please.")


async def _delete(scene: Scene) -> None:
    scene.ada.delete(scene.mention())


async def _delete_late(scene: Scene) -> None:
    message = scene.mention()
    await scene.discord.world.changes.until(
        lambda: bool(scene.discord.traffic.to("POST", "/channels/*/typing")), _ANSWERED_WITHIN_S
    )
    scene.ada.delete(message)


async def _repost(scene: Scene) -> None:
    scene.mention()
    for _ in range(3):
        scene.discord.gateway.repeat(1)
        await asyncio.sleep(0)


async def _many(scene: Scene) -> None:
    for _ in range(4):
        scene.mention()


async def _listen(scene: Scene) -> None:
    scene.say(scene.room, scene.question())


async def _listen_and_speak(scene: Scene) -> None:
    answer = await scene.answer(scene.mention())
    parts = [part for row in answer.components for part in row.get("components", ())]
    scene.ada.press(answer, parts[0]["custom_id"])
    await scene.discord.world.changes.until(lambda: len(scene.ledger.stray) > 0, 5)


async def _slash(scene: Scene) -> None:
    ledger, changes = scene.ledger, scene.discord.world.changes
    scene.ada.slash("ask", scene.room, text=scene.question())
    [stands, *_] = await changes.until(lambda: ledger.stray, _COMMANDED_WITHIN_S)
    asked = ledger.adopt(stands, scene.asked)
    await changes.until(lambda: asked.id in ledger.posted, _COMMANDED_WITHIN_S)


async def _other_bot(scene: Scene) -> None:
    scene.ada.user.bot = True
    scene.mention()


def _set(name: str, value: str) -> Callable[[Scene], None]:
    return lambda scene: scene.set(name, value)


def _fate(*fates: faults.Fault) -> Callable[[Scene], None]:
    return lambda scene: scene.chat.fates.extend(fates)


def _discord_refuses(status: int, code: int) -> Callable[[Scene], None]:
    """Have the next message with a file refused; of words alone these codes are never said."""
    answer = Answer(status, {"message": "No.", "code": code})
    path = "/channels/*/messages"

    def prepare(scene: Scene) -> None:
        scene.talk_before()
        scene.discord.faults.add("POST", path, answer, files_only=True)

    return prepare


def _forbid(permission: Permission) -> Callable[[Scene], None]:
    return lambda scene: scene.forbid(permission)


class Told:
    """Ears that hear a number in everything."""

    def hear(self, pcm: bytes) -> str:
        """Write down what nobody said."""
        return "It is about a dog." if pcm else ""


_WRITES = {"TEXT_MODEL": "gpt-5-mini"}

SCENARIOS: tuple[Scenario, ...] = (
    Scenario("card", _mention),
    Scenario("words in a DM", _dm, prepare=Scene.talk_before),
    Scenario("voice note in a DM", _voice_note, prepare=Scene.talk_before),
    Scenario("reply", _reply),
    Scenario("reply in a thread", _in_thread),
    Scenario("two pages on a card", _two_pages),
    Scenario("two pages below a bubble", _two_pages_dm, prepare=Scene.talk_before),
    Scenario("text file", _text_file),
    Scenario("recording", _recording),
    Scenario("recording and text", _recording_and_text),
    Scenario("edited at once", _edit),
    Scenario("deleted at once", _delete, nothing),
    Scenario("deleted while it is answered", _delete_late, nothing),
    Scenario("several at once", _many),
    Scenario("event repeated", _repost),
    Scenario("denied room", _mention, refused, _set("answer", "denied")),
    Scenario("API fails", _mention, refused, _fate(*[faults.server_error] * ALL_CALLS)),
    Scenario("account empty", _mention, refused, _fate(*[faults.quota()] * ALL_CALLS),
             more=True),
    Scenario("model refuses", _mention, one_message, _fate(*[faults.refusal] * ALL_CALLS)),
    Scenario("API rate limit", _mention, whole, _fate(faults.rate_limited(retry_after="1"))),
    Scenario("answer in text is spoken", _mention, one_message, _fate(faults.text_only)),
    Scenario("voice is unknown", _mention, one_message, _fate(faults.voice_unknown)),
    Scenario("transcript is folded", _mention, spoken_alone, _set("transcript", "folded")),
    Scenario("never spoken", _mention, in_words, _set("speak", "never"), _WRITES),
    Scenario("spoken on demand", _listen_and_speak, in_words, _set("speak", "on_demand"), _WRITES,
             more=True, sounds=1),
    Scenario("asked while away", _mention, early=True),
    Scenario("interrupted before posting", _mention, cut_at="RoomOutlet.post_text:before"),
    Scenario("interrupted after posting", _mention, cut_at="RoomOutlet.post_text:after"),
    Scenario("interrupted after the bubble", _dm, cut_at="RoomOutlet.post_voice:after"),
    Scenario("interrupted while asking", _mention, cut_at="ChatApi.speak:before"),
    Scenario("always written down", _voice_note, one_message, Scene.talk_before,
             settings={"TRANSCRIBE": "always"}, hears=True),
    Scenario("tools are there", _mention, settings={"TOOLS": "all"}),
    Scenario("thread for each question", _mention, prepare=_set("threads", "on")),
    Scenario("no voice messages", _dm, prepare=_discord_refuses(403, 50173)),
    Scenario("sound too large", _mention, prepare=_discord_refuses(413, 40005)),
    Scenario("no files", _mention, in_words, _forbid(Permission.ATTACH_FILES)),
    Scenario("may not write", _mention, told_alone, _forbid(Permission.SEND_MESSAGES),
             more=True),
    Scenario("listen room", _listen, prepare=_set("listen", "on")),
    Scenario("another bot asks", _other_bot, prepare=_set("bots", "answered")),
    Scenario("slash command", _slash, more=True, command=True),
)  # fmt: skip
