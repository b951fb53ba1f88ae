"""Run by Alembic: migrations go through the connection they are handed."""

from __future__ import annotations

from alembic import context

from gateway.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
