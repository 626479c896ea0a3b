"""Run the steps on the connection that the program hands over."""

from __future__ import annotations

from alembic import context

from api.review.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
