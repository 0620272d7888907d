"""Brings the tables of an older version to this one, with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic.command import upgrade as alembic_upgrade
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def versions() -> list[str]:
    """All versions that the tables have had, the newest first."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return [script.revision for script in scripts]


def knows(version: str) -> bool:
    """Whether a version of the tables is one that they have had."""
    return version in versions()


def upgrade(connection: Connection, version: str = "head") -> None:
    """Bring the tables to a version, within the connection's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    alembic_upgrade(config, version)
