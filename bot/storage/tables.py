"""The tables. A change here needs a script in migrations/versions; a test compares them."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

RowId = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite counts up only what is declared INTEGER PRIMARY KEY; it holds 64 bits all the same."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database, whatever the database knows of zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into UTC; one without a zone is a defect of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that it is UTC where the database does not."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own declaration
        int: BigInteger,
        str: Text,
        bytes: LargeBinary,
        datetime: UtcDateTime,
    }


class InboxRow(Base):
    """A question: received -> claimed -> answered, refused, cancelled or failed.

    `body` is the whole question as JSON while it is not finished, then NULL. `continued_id` is
    the turn that a question was to continue which ended without a turn of its own. `boot_id` names
    the run that has claimed it, `lease_until` (seconds of the database's clock) until when that
    run need not show that it lives, and `deaths` counts the runs that died over it.
    """

    __tablename__ = "inbox"

    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guild_id: Mapped[int | None]
    room_id: Mapped[int]
    member_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None]
    created_at: Mapped[datetime]
    received_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    body: Mapped[bytes | None]
    continued_id: Mapped[int | None]
    boot_id: Mapped[str | None] = mapped_column(String(16))
    lease_until: Mapped[int | None]
    deaths: Mapped[int] = mapped_column(server_default="0")

    __table_args__ = (Index(None, "state", "created_at"),)


class UntoldRow(Base):
    """A closed question whose asker has still to be told why, as far as we know.

    `body` is the question and `words` what is to be said, both as JSON.
    """

    __tablename__ = "untold"

    question_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    closed_at: Mapped[datetime]
    body: Mapped[bytes]
    words: Mapped[bytes]


class TurnRow(Base):
    """What one member asked and what was answered. `room_id` is the thread, else the channel."""

    __tablename__ = "turns"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("turns.id", ondelete="SET NULL"), index=True
    )
    question_id: Mapped[int] = mapped_column(index=True)
    guild_id: Mapped[int | None]
    channel_id: Mapped[int]
    room_id: Mapped[int]
    member_id: Mapped[int]
    member_name: Mapped[str]
    asked_at: Mapped[datetime]
    text: Mapped[str]
    unkept_seconds: Mapped[float]
    transcript: Mapped[str]
    answer_seconds: Mapped[float]
    voice: Mapped[str]
    model: Mapped[str]
    audio_id: Mapped[str | None] = mapped_column(index=True)
    audio_expires_at: Mapped[datetime | None]
    audio_origin: Mapped[str | None]
    heard: Mapped[str | None]

    __table_args__ = (Index(None, "room_id", "id"),)


class PartRow(Base):
    """A message of ours that belongs to an answer: sending -> sent, gone or abandoned.

    `part` is its place, from which its nonce follows, and below 0 where that was not kept.
    `message_id` is NULL until it stands, and for good where it is gone or was given up.
    """

    __tablename__ = "turn_parts"

    turn_id: Mapped[int] = mapped_column(
        ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    part: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(16))
    message_id: Mapped[int | None] = mapped_column(index=True)

    # The parts of an answer lie side by side, and need no second index for that.
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own declaration


class OutboxRow(Base):
    """An answer on its way: kept until all of it is posted or given up. `sound` comes last.

    `shape` is how it is to be posted, as JSON; `sound_sha256` that of `sound` as it was stored.
    There are only ever as many as answers under way, so nothing but its question finds one.
    """

    __tablename__ = "outbox"

    question_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"))
    stored_at: Mapped[datetime]
    shape: Mapped[bytes]
    sound_format: Mapped[str | None] = mapped_column(String(16))
    sound_sha256: Mapped[bytes | None]
    sound: Mapped[bytes | None]


class ClipRow(Base):
    """A member's clip as it was received. `data` comes last: what reads the rest skips it."""

    __tablename__ = "clips"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), index=True)
    asked_at: Mapped[datetime] = mapped_column(index=True)
    seconds: Mapped[float]
    data: Mapped[bytes] = mapped_column(deferred=True, deferred_raiseload=True)


class UsageRow(Base):
    """One paid call. Tokens are NULL when the server did not count, the cost when unpriced."""

    __tablename__ = "usage"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    turn_id: Mapped[int | None] = mapped_column(
        ForeignKey("turns.id", ondelete="SET NULL"), index=True
    )
    guild_id: Mapped[int | None]
    room_id: Mapped[int]
    member_id: Mapped[int]
    model: Mapped[str]
    at: Mapped[datetime]
    text_in: Mapped[int | None]
    audio_in: Mapped[int | None]
    text_out: Mapped[int | None]
    audio_out: Mapped[int | None]
    cached_in: Mapped[int | None]
    cost_microusd: Mapped[int | None]


class RoomSettingRow(Base):
    """A setting of a place, as text. `guild_id` is NULL for a member and in a DM."""

    __tablename__ = "room_settings"

    scope: Mapped[str] = mapped_column(String(16), primary_key=True)
    place_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str]
    guild_id: Mapped[int | None] = mapped_column(index=True)
    set_by: Mapped[int]
    set_at: Mapped[datetime]

    # All settings of a place lie side by side, so that a read of them touches one page.
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own declaration


class SettingChangeRow(Base):
    """A change of a setting that can be undone; NULL stands for "not set"."""

    __tablename__ = "setting_changes"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    scope: Mapped[str] = mapped_column(String(16))
    place_id: Mapped[int]
    guild_id: Mapped[int | None] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(32))
    before: Mapped[str | None]
    after: Mapped[str | None]
    by: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (Index(None, "scope", "place_id", "id"),)


class PersonaRow(Base):
    """A persona of a server, or of a member for their DM: `owner_id` is the id of either.

    `guild_id` is NULL for those of a member.
    """

    __tablename__ = "personas"

    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(primary_key=True)
    prompt: Mapped[str]
    voice: Mapped[str | None]
    guild_id: Mapped[int | None] = mapped_column(index=True)
    made_by: Mapped[int]
    made_at: Mapped[datetime]


class GonePlaceRow(Base):
    """A place that was deleted, or a server that we left, and since when."""

    __tablename__ = "gone_places"

    scope: Mapped[str] = mapped_column(String(16), primary_key=True)
    place_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(index=True)


class KeyRow(Base):
    """A secret that was made here and must outlive a restart."""

    __tablename__ = "keys"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[bytes]


class NoticeRow(Base):
    """Something that is said only once in a room, or once a day; see who says it."""

    __tablename__ = "notices"

    room_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    notice: Mapped[str] = mapped_column(String(64), primary_key=True)
    said_at: Mapped[datetime]


class SampleRow(Base):
    """A voice that says a sentence in a language. `origin` names server, key and model."""

    __tablename__ = "samples"

    origin: Mapped[str] = mapped_column(String(64), primary_key=True)
    voice: Mapped[str] = mapped_column(String(128), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    text: Mapped[str]
    said: Mapped[str | None]
    made_at: Mapped[datetime] = mapped_column(index=True)
    extension: Mapped[str] = mapped_column(String(16))
    content_type: Mapped[str] = mapped_column(String(64))
    data: Mapped[bytes]


class MemberLocaleRow(Base):
    """The language of a member's Discord, as Discord names it."""

    __tablename__ = "member_locales"

    member_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    locale: Mapped[str] = mapped_column(String(8))
