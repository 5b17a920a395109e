"""Where Alembic works: on the connection that `upgrade` hands over, inside its transaction."""

from alembic import context

from assistant.service.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    compare_type=True,
)
context.run_migrations()
