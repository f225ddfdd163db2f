"""Alembic's entry: runs on the connection, and in the transaction, that `upgrade` opened."""

from __future__ import annotations

from alembic import context

from laterna.server.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite cannot alter a column in place; Alembic copies the table instead.
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
