"""Conversations: questions, turns with their clips and answers, what they cost, rooms' voices.

Why: the first schema. Times are UTC; ids of Discord are whole 64-bit numbers.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_inbox()
    create_turns()
    create_clips()
    create_turn_parts()
    create_usage()
    create_rooms()


def create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("claimed_at", TIME),
        sa.Column("finished_at", TIME),
        sa.Column("body", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("message_id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_state_created_at", "inbox", ["state", "created_at"])


def create_turns() -> None:
    op.create_table(
        "turns",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("parent_id", ROW_ID),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("member_name", sa.Text(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("unkept_seconds", sa.Double(), nullable=False),
        sa.Column("transcript", sa.Text(), nullable=False),
        sa.Column("answer_seconds", sa.Double(), nullable=False),
        sa.Column("voice", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("audio_id", sa.Text()),
        sa.Column("audio_expires_at", TIME),
        sa.Column("audio_origin", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["turns.id"], name="fk_turns_parent_id_turns", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_turns_parent_id", "turns", ["parent_id"])
    op.create_index("ix_turns_question_id", "turns", ["question_id"])
    op.create_index("ix_turns_room_id_id", "turns", ["room_id", "id"])
    op.create_index("ix_turns_audio_id", "turns", ["audio_id"])


def create_clips() -> None:
    op.create_table(
        "clips",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("turn_id", ROW_ID, nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clips"),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turns.id"], name="fk_clips_turn_id_turns", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_clips_turn_id", "clips", ["turn_id"])
    op.create_index("ix_clips_asked_at", "clips", ["asked_at"])


def create_turn_parts() -> None:
    op.create_table(
        "turn_parts",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("turn_id", ROW_ID, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_turn_parts"),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turns.id"], name="fk_turn_parts_turn_id_turns", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_turn_parts_turn_id", "turn_parts", ["turn_id"])


def create_usage() -> None:
    op.create_table(
        "usage",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("turn_id", ROW_ID),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("text_in", sa.BigInteger()),
        sa.Column("audio_in", sa.BigInteger()),
        sa.Column("text_out", sa.BigInteger()),
        sa.Column("audio_out", sa.BigInteger()),
        sa.Column("cached_in", sa.BigInteger()),
        sa.Column("cost_microusd", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_usage"),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turns.id"], name="fk_usage_turn_id_turns", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_usage_turn_id", "usage", ["turn_id"])


def create_rooms() -> None:
    op.create_table(
        "room_voices",
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("place_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("voice", sa.Text(), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("scope", "place_id", name="pk_room_voices"),
    )
    op.create_table(
        "notices",
        sa.Column("room_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("notice", sa.String(64), nullable=False),
        sa.Column("said_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("room_id", "notice", name="pk_notices"),
    )


def downgrade() -> None:
    for table in ("notices", "room_voices", "usage", "turn_parts", "clips", "turns", "inbox"):
        op.drop_table(table)
