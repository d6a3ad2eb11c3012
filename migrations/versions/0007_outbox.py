"""Answers on their way, with their sound; whose questions are claimed, and what died over them.

Why: an answer that was paid for is posted whole after a kill at any moment, once; and who gets none
is told why, even if a kill comes between the end of the question and the telling. The messages of
answers get a place and a state; where earlier ones had their place is not known, so it is below 0.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("inbox", sa.Column("boot_id", sa.String(16)))
    op.add_column("inbox", sa.Column("lease_until", sa.BigInteger()))
    op.add_column("inbox", sa.Column("deaths", sa.BigInteger(), nullable=False, server_default="0"))
    create_outbox()
    create_untold()
    give_parts_a_place()


def create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("question_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("turn_id", ROW_ID, nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shape", sa.LargeBinary(), nullable=False),
        sa.Column("sound_format", sa.String(16)),
        sa.Column("sound_sha256", sa.LargeBinary()),
        sa.Column("sound", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("question_id", name="pk_outbox"),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turns.id"], name="fk_outbox_turn_id_turns", ondelete="CASCADE"
        ),
    )


def create_untold() -> None:
    op.create_table(
        "untold",
        sa.Column("question_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("question_id", name="pk_untold"),
    )


def give_parts_a_place() -> None:
    op.drop_index("ix_turn_parts_turn_id", "turn_parts")
    op.rename_table("turn_parts", "old_parts")
    op.create_table(
        "turn_parts",
        sa.Column("turn_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("message_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("turn_id", "part", name="pk_turn_parts"),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turns.id"], name="fk_turn_parts_turn_id_turns", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO turn_parts (turn_id, part, state, message_id) "
        "SELECT turn_id, -rank() OVER (PARTITION BY turn_id ORDER BY message_id), 'sent', "
        "message_id FROM old_parts"
    )
    op.create_index("ix_turn_parts_message_id", "turn_parts", ["message_id"])
    op.drop_table("old_parts")


def downgrade() -> None:
    forget_the_place_of_parts()
    op.drop_table("untold")
    op.drop_table("outbox")
    with op.batch_alter_table("inbox") as inbox:
        for name in ("deaths", "lease_until", "boot_id"):
            inbox.drop_column(name)


def forget_the_place_of_parts() -> None:
    op.drop_index("ix_turn_parts_message_id", "turn_parts")
    op.rename_table("turn_parts", "new_parts")
    op.create_table(
        "turn_parts",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("turn_id", ROW_ID, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_turn_parts"),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["turns.id"], name="fk_turn_parts_turn_id_turns", ondelete="CASCADE"
        ),
    )
    op.execute(
        "INSERT INTO turn_parts (message_id, turn_id) SELECT message_id, max(turn_id) "
        "FROM new_parts WHERE message_id IS NOT NULL GROUP BY message_id"
    )
    op.create_index("ix_turn_parts_turn_id", "turn_parts", ["turn_id"])
    op.drop_table("new_parts")
