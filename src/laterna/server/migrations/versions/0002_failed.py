"""When a video failed, so that who listens for it since before then is told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("video", sa.Column("failed", sa.Float(), nullable=True))
    # Of those there are, nobody knows; they are told as they were, by when they were asked for.
    op.execute("UPDATE video SET failed = COALESCE(cancelled, created) WHERE status = 'failed'")
