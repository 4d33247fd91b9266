"""Runs migrations on the connection that :func:`api.db.schema.upgrade` hands over."""

from alembic import context

from api.db.models import Base

# DBOS keeps its step checkpoints in our database, beside the rows they commit with.
_FOREIGN_TABLES = {"datasource_outputs", "datasource_migrations"}


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and name in _FOREIGN_TABLES)


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    include_name=_ours,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
