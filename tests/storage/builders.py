"""Values for the tests of the stores, with as little said as possible."""

from datetime import UTC, datetime, timedelta

from bot.domain.incoming import Address, FileKind, FileRef, Incoming, Member, Quoted, ReplyTo
from bot.domain.reply import AudioHandle, Usage
from bot.domain.rooms import Room
from bot.domain.turns import KeptClip, NewTurn
from bot.storage.database import Database
from bot.storage.lane import LaneConnection

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ROOM = Room(channel_id=10, guild_id=1, category_id=5)
DM = Room(channel_id=99)
ADA = Member(7, "Ada")


async def lane_of(database: Database) -> LaneConnection:
    """The one connection that writes."""
    async with database.writing() as session:
        raw = await (await session.connection()).get_raw_connection()
        assert isinstance(raw.driver_connection, LaneConnection)
        return raw.driver_connection


def question(
    message_id: int = 100, text: str = "Hello?", *, room: Room = ROOM, at: datetime = NOW
) -> Incoming:
    return Incoming(message_id, room, ADA, text, at, Address.MENTION)


def rich_question(message_id: int) -> Incoming:
    """A question that uses every field."""
    file = FileRef(1, FileKind.SOUND, "voice.ogg", "https://x.example/a?b=1", 5, "audio/ogg", 2.5)
    return Incoming(
        message_id,
        Room(10, 1, 11, 5),
        Member(2**63 - 1, "Zoë 🎧"),
        "What\nis \x00 this?",
        NOW + timedelta(microseconds=123456),
        Address.REPLY,
        files=(file,),
        reply_to=ReplyTo(55, None, 54),
        quoted=Quoted("Bob", "look", (file,)),
        voice_message=True,
        content_visible=False,
    )


def turn(
    parent_id: int | None = None,
    question_id: int = 100,
    *,
    room: Room = ROOM,
    text: str = "Hello?",
    clips: tuple[KeptClip, ...] = (),
    handle: AudioHandle | None = None,
    usage: Usage | None = None,
    at: datetime = NOW,
) -> NewTurn:
    return NewTurn(
        parent_id=parent_id,
        question_id=question_id,
        room=room,
        member=ADA,
        text=text,
        clips=clips,
        unkept_seconds=0.5,
        transcript="Hi there.",
        handle=handle,
        answer_seconds=1.5,
        voice="coral",
        model="gpt-audio-1.5",
        usage=usage,
        cost_microusd=None if usage is None else 42,
        asked_at=at,
    )


def handle(audio_id: str) -> AudioHandle:
    return AudioHandle(audio_id, NOW + timedelta(hours=1), "origin")
