"""Opens a database, brings it to this version's tables, and turns its errors into Closeup's.

SQLite keeps one file in WAL mode with ``synchronous=FULL``: what a transaction has written is on
the disk when it ends, so a killed process or a power cut loses nothing that was reported as saved.
A PostgreSQL server is used by URL, as ``postgresql://user@host/name``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    DisconnectionError,
    NoSuchModuleError,
    SQLAlchemyError,
)

from closeup.errors import InputError, OutputError

HEAD = "0001"
"""Version of the tables in this version of Closeup: the newest file of ``migrations/versions``."""
WAIT = 30.0
"""Seconds to wait for another process that is writing, or for a server."""


class Database:
    """An open database.

    Args:
        engine: Its connections.
        name: What a message calls it.

    """

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that reads, and neither stops writers nor waits for them.

        Raises:
            InputError: the file is damaged, or the server does not answer.
            OutputError: the disk is full or read-only.

        """
        with translated(self.name), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is written completely at the end of the block, or not at all.

        Raises:
            InputError: the file is damaged, or the server does not answer.
            OutputError: the disk is full or read-only, or another process writes for too long.

        """
        with translated(self.name), self.engine.connect() as connection:
            connection = connection.execution_options(closeup_writes=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_database(where: Path | str, wait: float = WAIT) -> Database:
    """Open a database, make it if there is none, and update its tables if they are older.

    Args:
        where: A SQLite file, or the URL of a database.
        wait: Seconds to wait for another process that is writing, or for a server.

    Raises:
        InputError: the file is no such database, is damaged or of a newer version of Closeup, the
            URL is not one, or its server does not answer.
        OutputError: the file cannot be written.

    """
    url = _url(where)
    name = str(url.database)
    if url.get_backend_name() != "sqlite":
        name = url.set(drivername=url.get_backend_name()).render_as_string()  # no password
    database = Database(_engine(url, name, wait), name)
    try:
        _migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def take_turns(connection: Connection, what: str) -> None:
    """Keep others that write the same kind of thing waiting until the transaction ends.

    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        key = func.hashtext(f"closeup {what}")
        connection.execute(select(func.pg_advisory_xact_lock(key)))


def is_url(where: Path | str) -> bool:
    """Whether a place is a database's URL, not a file."""
    return isinstance(where, str) and "://" in where


def _url(where: Path | str) -> URL:
    if not is_url(where):
        return URL.create("sqlite", database=str(where))
    try:
        url = make_url(str(where))
    except ArgumentError:
        raise InputError(
            f"{where} is not a database's URL; write postgresql://user@host/name"
        ) from None
    if url.drivername in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+pg8000")  # psycopg, the usual one, is under the LGPL
    return url


def _engine(url: URL, name: str, wait: float) -> Engine:
    sqlite = url.get_backend_name() == "sqlite"
    try:
        engine = create_engine(url, connect_args={"timeout": wait if sqlite else 2 * wait})
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise InputError(
            f"{name}: there is no driver for it ({error}); use SQLite or PostgreSQL, "
            "the latter after: pip install 'closeup[postgres]'"
        ) from None
    if sqlite:
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", partial(_set_up_postgresql, wait))
        event.listen(engine, "checkout", _check_postgresql)
        # The driver alone would send each row of an import by itself.
        engine.dialect.use_insertmanyvalues_wo_returning = True
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is written below, not by the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _set_up_postgresql(wait: float, connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = '{wait:g}s'")
    connection.commit()


def _check_postgresql(connection: Any, _record: object, _proxy: object) -> None:
    """Let SQLAlchemy connect anew if the server has ended a connection, as at its restart."""
    try:
        connection.cursor().execute("SELECT 1")
        connection.rollback()
    except Exception as error:  # sockets' errors come as they are, beside the driver's own
        raise DisconnectionError from error


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that begins by reading and then writes fails at once if another one has written
    # in between; one that is to write therefore takes the lock at its begin, and waits for it.
    writes = connection.get_execution_options().get("closeup_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(database: Database) -> None:
    with database.reading() as connection:
        found, tables = None, inspect(connection).get_table_names()
        if "alembic_version" in tables:
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if found == HEAD:
        return
    if found is None and set(tables) - {"alembic_version"}:
        raise InputError(
            f"{database.name} holds other tables ({min(tables)}), so it is no store of labels; "
            "choose another place with --store"
        )
    from closeup.store.migrating import knows, upgrade

    if found is not None and not knows(found):
        raise InputError(
            f"{database.name} was made by a newer version of Closeup (its tables are {found}); "
            "update Closeup: pip install -U closeup"
        )
    with database.writing() as connection:
        take_turns(connection, "tables")
        upgrade(connection)


_REASONS = (
    ("disk is full", OutputError, "the disk is full; make room, nothing that was saved is lost"),
    ("readonly", OutputError, "it cannot be written; choose another place with --store"),
    ("unable to open", OutputError, "it cannot be written; choose another place with --store"),
    ("disk i/o error", OutputError, "the disk failed; nothing that was saved is lost"),
    ("locked", OutputError, "another process has been writing for too long; try again"),
    ("create a connection", InputError, "its server does not answer; start it, or mend the URL"),
    ("network error", InputError, "its server stopped to answer; try again"),
    ("lock timeout", OutputError, "another process has been writing for too long; try again"),
    ("not a database", InputError, "it is no store of labels; choose another place with --store"),
    ("malformed", InputError, "it is damaged; restore it from a copy"),
)


def _reason(error: DBAPIError) -> str:
    """The first line of what the driver said; a server's message is a dict with it as ``M``."""
    arguments = () if error.orig is None else error.orig.args
    said = arguments[0] if arguments else error.orig
    return str(said["M"] if isinstance(said, dict) else said).partition("\n")[0]


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Raise Closeup's errors instead of the database's."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise InputError(f"{name}: {error.object!r} is not Unicode text; rename it") from error
    except OSError as error:  # of a socket, which the driver passes on as it is
        raise InputError(f"{name}: its server stopped to answer; try again ({error})") from error
    except DBAPIError as error:
        reason = _reason(error)
        for words, kind, way_out in _REASONS:
            if words in reason.lower():
                raise kind(f"{name}: {way_out} ({reason})") from error
        raise InputError(f"{name}: the database refused ({reason})") from error
    except SQLAlchemyError as error:
        raise InputError(f"{name}: {str(error).partition(chr(10))[0]}") from error
