"""Runs revisions on the connection that ``data.migrate`` hands over.

The caller owns the transaction and the lock, so a migration is all or nothing and two
processes never migrate at once.
"""

from alembic import context

from data.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite cannot alter most things in place; batch mode copies the table instead
    render_as_batch=True,
)
context.run_migrations()
