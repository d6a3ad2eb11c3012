"""Settings of rooms: one table for all of them, personas, changes to undo, deleted places, keys.

Why: rooms set more than their voice. The voices that were chosen move over.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_room_settings()
    create_setting_changes()
    create_personas()
    create_gone_places()
    create_keys()
    op.execute(
        "INSERT INTO room_settings (scope, place_id, name, value, guild_id, set_by, set_at) "
        "SELECT scope, place_id, 'voice', voice, guild_id, set_by, set_at FROM room_voices"
    )
    op.drop_table("room_voices")


def create_room_settings() -> None:
    op.create_table(
        "room_settings",
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("place_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("scope", "place_id", "name", name="pk_room_settings"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_room_settings_guild_id", "room_settings", ["guild_id"])


def create_setting_changes() -> None:
    op.create_table(
        "setting_changes",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_setting_changes"),
    )
    op.create_index(
        "ix_setting_changes_scope_place_id_id", "setting_changes", ["scope", "place_id", "id"]
    )
    op.create_index("ix_setting_changes_guild_id", "setting_changes", ["guild_id"])
    op.create_index("ix_setting_changes_at", "setting_changes", ["at"])


def create_personas() -> None:
    op.create_table(
        "personas",
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("voice", sa.Text()),
        sa.Column("guild_id", sa.BigInteger()),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "name", name="pk_personas"),
    )
    op.create_index("ix_personas_guild_id", "personas", ["guild_id"])


def create_gone_places() -> None:
    op.create_table(
        "gone_places",
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("place_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("scope", "place_id", name="pk_gone_places"),
    )
    op.create_index("ix_gone_places_since", "gone_places", ["since"])


def create_keys() -> None:
    op.create_table(
        "keys",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_keys"),
    )


def downgrade() -> None:
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
    op.execute(
        "INSERT INTO room_voices (scope, place_id, guild_id, voice, set_by, set_at) "
        "SELECT scope, place_id, guild_id, value, set_by, set_at FROM room_settings "
        "WHERE name = 'voice' AND scope != 'member' AND value NOT IN ('random', 'persona')"
    )
    for table in ("keys", "gone_places", "personas", "setting_changes", "room_settings"):
        op.drop_table(table)
