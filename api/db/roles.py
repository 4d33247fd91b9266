"""The rights of a PostgreSQL role that serves without owning the tables.

Triggers refuse changes to the log, but whoever owns a table may drop its triggers. A role that owns
nothing cannot, and has no right to change or remove what was logged in the first place.
"""

import sqlalchemy as sa

from api.db.models import Base
from api.db.session import Database

_APPEND_ONLY = ("audit_event", "audit_leaf", "audit_checkpoint")


def let_serve(database: Database, role: str) -> None:
    """Grant `role` what the service needs, and take from it what it does not.

    Raises ValueError unless this is PostgreSQL, and sqlalchemy.exc.ProgrammingError for a role that
    does not exist or where the database's user does not own the tables.
    """
    if database.engine.dialect.name != "postgresql":
        raise ValueError("only PostgreSQL has roles")
    name = database.engine.dialect.identifier_preparer.quote(role)
    tables = [*Base.metadata.tables, "alembic_version"]
    with database.engine.begin() as connection:
        for table in tables:
            rights = {
                "alembic_version": "SELECT",
                **dict.fromkeys(_APPEND_ONLY, "SELECT, INSERT"),
            }.get(table, "SELECT, INSERT, UPDATE, DELETE")
            connection.execute(sa.text(f"REVOKE ALL ON {table} FROM {name}"))
            connection.execute(sa.text(f"GRANT {rights} ON {table} TO {name}"))
        connection.execute(sa.text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}"))


def owns_the_database(database: Database) -> bool:
    """Whether this user may rewrite the files of tables; on SQLite everybody may."""
    if database.engine.dialect.name != "postgresql":
        return True
    query = (
        "SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()"
    )
    with database.engine.connect() as connection:
        return bool(connection.execute(sa.text(query)).scalar_one())
