"""Samples of voices.

Why: members hear a voice before they choose it, and each is paid for only once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "samples",
        sa.Column("origin", sa.String(64), nullable=False),
        sa.Column("voice", sa.String(128), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("said", sa.Text()),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extension", sa.String(16), nullable=False),
        sa.Column("content_type", sa.String(64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "voice", "language", name="pk_samples"),
    )
    op.create_index("ix_samples_made_at", "samples", ["made_at"])


def downgrade() -> None:
    op.drop_table("samples")
