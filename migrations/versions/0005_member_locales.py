"""The language of members' Discord.

Why: a message does not tell it, and in a DM there is no server that has one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member_locales",
        sa.Column("member_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name="pk_member_locales"),
    )


def downgrade() -> None:
    op.drop_table("member_locales")
