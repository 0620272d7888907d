"""Brings the tables of an older version to this one, with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic.command import upgrade as alembic_upgrade
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def newest() -> str:
    """The version that the newest migration makes."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def knows(version: str) -> bool:
    """Whether a version of the tables is one of this version's history."""
    try:
        ScriptDirectory.from_config(_config()).get_revision(version)
    except CommandError:
        return False
    return True


def upgrade(connection: Connection, version: str = "head") -> None:
    """Bring the tables to a version, within the connection's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    alembic_upgrade(config, version)
