"""The rights of a PostgreSQL role that serves without owning the tables.

Triggers refuse changes to the log, but whoever owns a table may drop its triggers. A role that owns
nothing cannot, and has no right to change or remove what was logged in the first place.
"""

import sqlalchemy as sa

from api.db.models import Base
from api.db.session import Database

_LOGGED = ("audit_event", "audit_leaf", "audit_checkpoint")
_ERASABLE = ("audit_personal", "audit_label")
"""Row security lets the role delete only what the deletion of a video that it logged covers."""
_RIGHTS = {
    "alembic_version": "SELECT",
    **dict.fromkeys(_LOGGED, "SELECT, INSERT"),
    **dict.fromkeys(_ERASABLE, "SELECT, INSERT, DELETE"),
    "audit_pending": "SELECT, INSERT, DELETE",
    "audit_tile": "SELECT, INSERT, UPDATE",
    "audit_span": "SELECT, INSERT, UPDATE",
    "audit_cosignature": "SELECT, INSERT, UPDATE",
}
_EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"
_NEVER = {
    **dict.fromkeys(_LOGGED, "UPDATE, DELETE, TRUNCATE, TRIGGER"),
    **dict.fromkeys(_ERASABLE, "UPDATE, TRUNCATE, TRIGGER"),
}
_TOO_MUCH = {
    "is, or may become, a superuser": "r.rolsuper",
    "may ignore row security (BYPASSRLS)": "r.rolbypassrls",
    "may make itself a member of others (CREATEROLE)": "r.rolcreaterole",
    "owns the tables or the database, or belongs to who does": "r.oid IN (SELECT relowner "
    "FROM pg_class WHERE oid = 'audit_event'::regclass UNION SELECT datdba FROM pg_database "
    "WHERE datname = current_database())",
    "may run programs or write files as the server": "r.rolname IN "
    "('pg_execute_server_program', 'pg_write_server_files')",
    "may write to every table": "r.rolname = 'pg_write_all_data'",
}
"""What no serving role may be, itself or through roles that it can act as, and how it is told."""


def let_serve(database: Database, role: str) -> None:
    """Grant `role` what the service needs, and take from it what it does not.

    Raises ValueError unless this is PostgreSQL and for a role that no grant can bind, and
    sqlalchemy.exc.ProgrammingError for a role that does not exist or where the database's user does
    not own the tables.
    """
    if database.engine.dialect.name != "postgresql":
        raise ValueError("only PostgreSQL has roles")
    name = database.engine.dialect.identifier_preparer.quote(role)
    tables = [*Base.metadata.tables, "alembic_version"]
    with database.engine.begin() as connection:
        _require_harmless(connection, role)
        for table in tables:
            rights = _RIGHTS.get(table, _EVERYTHING)
            connection.execute(sa.text(f"REVOKE ALL ON {table} FROM {name}"))
            connection.execute(sa.text(f"GRANT {rights} ON {table} TO {name}"))
        connection.execute(sa.text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}"))
        for table, rights in _NEVER.items():
            _require_none(connection, role, table, rights)


def _require_harmless(connection: sa.Connection, role: str) -> None:
    for what, condition in _TOO_MUCH.items():
        query = (
            "SELECT EXISTS (SELECT FROM pg_roles r "  # noqa: S608  (nothing in it comes from outside)
            f"WHERE pg_has_role(:role, r.oid, 'MEMBER') AND {condition})"
        )
        if connection.execute(sa.text(query), {"role": role}).scalar_one():
            raise ValueError(f"the role {role} must not serve: it {what}")


def _require_none(connection: sa.Connection, role: str, table: str, rights: str) -> None:
    """Rights may also come by way of PUBLIC or of other roles."""
    query = sa.text("SELECT has_table_privilege(:role, :table, :rights)")
    values = {"role": role, "table": table, "rights": rights}
    if connection.execute(query, values).scalar_one():
        raise ValueError(f"the role {role} must not serve: another grant lets it change {table}")


def owns_the_database(database: Database) -> bool:
    """Whether this user may rewrite the files of tables; on SQLite everybody may."""
    if database.engine.dialect.name != "postgresql":
        return True
    query = (
        "SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()"
    )
    with database.engine.connect() as connection:
        return bool(connection.execute(sa.text(query)).scalar_one())
