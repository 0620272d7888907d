"""A real PostgreSQL server for the tests, in a folder of its own and on a free loopback port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text

from closeup.store.database import open_database

TEMPLATE = "closeup_template"
"""A database with the tables of a store, from which others are copied."""


class PostgreSQLServer:
    """A running server without a password.

    Args:
        port: Its port on 127.0.0.1.

    """

    def __init__(self, port: int) -> None:
        self.port = port
        self._numbers = count(1)

    def url(self, database: str) -> str:
        """The URL of a database, whether it exists or not."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str = TEMPLATE) -> str:
        """Make a database with the tables of a store, or an empty one; return its URL."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, and end its connections."""
        self.run(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def run(self, statement: str, database: str = "postgres") -> None:
        """Run a statement outside of a transaction."""
        url = self.url(database).replace("postgresql", "postgresql+pg8000", 1)
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, which Debian does not put on the path; None without one."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    every = [*folders, *([Path(found).resolve().parent] if found else [])]
    return next((one for one in every if (one / "pg_ctl").exists()), None)


@contextmanager
def running_server(binaries: Path) -> Iterator[PostgreSQLServer]:
    """A server that runs until the end of the block; ``fsync`` is off, since no power is cut."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        data, port = Path(folder) / "data", free_port()
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(folder, "postgres", "postgres")
        run(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")
        settings = f"-F -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        run(binaries / "pg_ctl", "-D", data, "-w", "-o", settings, "-l", data / "log", "start")
        try:
            server = PostgreSQLServer(port)
            server.run(f"CREATE DATABASE {TEMPLATE}")
            open_database(server.url(TEMPLATE)).close()
            yield server
        finally:
            run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def run(program: Path, *arguments: object) -> None:
    """Run a program of the server, as its own user if this one is root."""
    own = "postgres" if os.geteuid() == 0 else None
    command = [str(program), *map(str, arguments)]
    groups = None if own is None else [own]
    subprocess.run(
        command,
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        user=own,
        group=own,
        extra_groups=groups,
    )
