"""The turn that a question was to continue, kept when it ends without a turn of its own.

Why: a reply to the notice that says why then goes on with the same conversation.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("continued_id", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("inbox", "continued_id")
