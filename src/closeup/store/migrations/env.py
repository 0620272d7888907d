"""Alembic's entry: runs migrations on the connection that it is given."""

from alembic import context

from closeup.store.label_tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=False,  # the connection's own transaction holds all of it
    render_as_batch=True,  # SQLite cannot alter a column in place
)
context.run_migrations()
