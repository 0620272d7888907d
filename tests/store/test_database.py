"""Databases that cannot be opened or written, and tables of other versions."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, text

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, LabelVerdict
from closeup.errors import InputError, OutputError
from closeup.store import database as database_module
from closeup.store.database import HEAD, Database, open_database
from closeup.store.label_import import import_pictures
from closeup.store.label_records import LabelChange
from closeup.store.label_store import LabelStore
from closeup.store.label_tables import Base
from closeup.store.migrating import knows, upgrade, versions
from tests.limited_room import room
from tests.postgresql_server import PostgreSQLServer

NOBODY = 65534


def filled(path: Path, count: int = 200) -> Path:
    """A store of some pictures, closed, so that all of it is in one file."""
    database = open_database(path)
    label = Annotation(points={"pupil": KeyPoint(1, 2)})
    pictures = (AnnotatedPicture(f"{n}.jpg", annotations=(label,)) for n in range(count))
    import_pictures(LabelStore(database), pictures)
    database.close()
    return path


def verdict(number: int) -> LabelChange:
    return LabelChange.of_verdict(f"action {number}", 1 + number, LabelVerdict.TRUE)


@contextmanager
def unprivileged() -> Iterator[Path]:
    """A new folder, which the process may only read until the end of the block."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(folder)


def give_up_rights(folder: Path) -> None:
    """Make a folder and its files read-only; root is bound by it only as somebody else."""
    for path in (*folder.iterdir(), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    if os.getuid() == 0:
        os.seteuid(NOBODY)


@pytest.mark.parametrize("version", versions())
def test_every_version_of_the_tables_is_brought_to_this_one(
    version: str, postgresql: PostgreSQLServer, tmp_path: Path
) -> None:
    for place in (f"sqlite:///{tmp_path / 'old.sqlite'}", postgresql.new_database("template1")):
        engine = create_engine(place.replace("postgresql:", "postgresql+pg8000:"))
        with engine.begin() as connection:
            upgrade(connection, version)
            items = Table("items", MetaData(), autoload_with=connection)
            row = {"path": "a.jpg", "frame": -1, "place": 0, "decisions": 0, "extra": {}}
            connection.execute(items.insert().values(row))
        engine.dispose()
        upgraded = open_database(place)
        assert [item.path for item in LabelStore(upgraded).all_items()] == ["a.jpg"]
        with upgraded.reading() as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == HEAD
        upgraded.close()


def test_the_newest_script_is_the_version_that_is_expected() -> None:
    assert versions()[0] == HEAD
    assert knows(HEAD)
    assert not knows("9999")


def test_the_models_are_the_migrated_tables(store_place: str) -> None:
    migrated = open_database(store_place)
    with migrated.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        model = MetaData()
        Table("extra", model, Column("id", Integer, primary_key=True))
        assert compare_metadata(context, model) != []  # the comparison sees what differs
    migrated.close()


def test_a_migration_that_fails_leaves_the_tables_as_they_were(store_place: str) -> None:
    """A step of a migration, and then an error: both databases take back tables, too."""
    migrated = open_database(store_place)

    def half_a_migration() -> None:
        with migrated.writing() as connection:
            upgrade(connection)
            operations = Operations(MigrationContext.configure(connection))
            operations.add_column("items", Column("colour", Integer))
            connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
            raise InputError("in the middle")

    with pytest.raises(InputError, match="in the middle"):
        half_a_migration()
    migrated.close()
    again = open_database(store_place)
    with again.reading() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []
    again.close()


def test_two_that_open_a_new_store_at_once_both_can(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    for number in range(5):
        path = tmp_path / f"{number}.sqlite"
        with ThreadPoolExecutor(4) as pool:
            for opened in pool.map(open_database, [path] * 4):
                assert LabelStore(opened).count() == 0
                opened.close()


def test_two_that_open_an_empty_database_at_once_both_can(postgresql: PostgreSQLServer) -> None:
    from concurrent.futures import ThreadPoolExecutor

    url = postgresql.new_database("template1")
    with ThreadPoolExecutor(3) as pool:
        for opened in pool.map(open_database, [url] * 3):
            assert LabelStore(opened).count() == 0
            opened.close()


def test_a_newer_version_is_refused_and_left(store_place: str) -> None:
    newer = open_database(store_place)
    with newer.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    newer.close()
    expected = r"newer version of Closeup \(its tables are 9999\); .*pip install -U closeup"
    with pytest.raises(InputError, match=expected):
        open_database(store_place)


def test_tables_of_another_program_are_refused_and_left(tmp_path: Path) -> None:
    path = tmp_path / "photos.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE photos (id INTEGER)")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"holds other tables \(photos\).*choose another place"):
        open_database(path)
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master").fetchall()
    assert names == [("photos",)]
    assert len(path.read_bytes()) == len(before)


def test_a_file_that_is_no_database_is_refused_and_left(tmp_path: Path) -> None:
    path = tmp_path / "labels.sqlite"
    path.write_bytes(b"name,x,y\na.jpg,1,2\n" * 100)
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"labels\.sqlite: it is no store of labels; choose"):
        open_database(path)
    assert path.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("left", [100, 5000, 20_000])
def test_a_truncated_file_is_refused(tmp_path: Path, left: int) -> None:
    path = filled(tmp_path / "labels.sqlite")
    os.truncate(path, left)
    with pytest.raises(InputError, match=r"labels\.sqlite: it is damaged; restore it from a copy"):
        list(LabelStore(open_database(path)).all_items())


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = filled(tmp_path / "labels.sqlite")
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"labels\.sqlite: it is damaged; restore it from a copy"):
        list(LabelStore(open_database(path)).all_items())


def test_a_folder_that_is_read_only_is_named(tmp_path: Path) -> None:
    expected = "it cannot be written; choose another place with --store"
    with unprivileged() as folder:
        filled(folder / "labels.sqlite")
        give_up_rights(folder)
        with pytest.raises(OutputError, match=expected):
            open_database(folder / "new.sqlite")
        with pytest.raises(OutputError, match=expected):
            LabelStore(open_database(folder / "labels.sqlite")).write([verdict(0)], "ann")
    with pytest.raises(OutputError, match=expected):
        open_database(tmp_path / "none" / "labels.sqlite")
    with pytest.raises(OutputError, match=expected):
        open_database(tmp_path)


@pytest.mark.serial
def test_a_full_disk_loses_nothing_that_was_saved(tmp_path: Path) -> None:
    path = filled(tmp_path / "labels.sqlite")
    database = open_database(path)
    store = LabelStore(database)
    saved = 0

    def label_until_it_is_full() -> None:
        nonlocal saved
        while saved < 199:
            store.write([verdict(saved)], "ann")
            saved += 1

    with room(400_000), pytest.raises(OutputError, match="nothing that was saved is lost"):
        label_until_it_is_full()
    database.close()
    assert saved > 0
    again = open_database(path)
    verdicts = [item.verdict for item in LabelStore(again).all_items()]
    assert verdicts.count(LabelVerdict.TRUE) == saved
    LabelStore(again).write([verdict(saved)], "ann")
    again.close()


def test_a_database_that_may_not_grow_says_that_the_disk_is_full(tmp_path: Path) -> None:
    opened = open_database(filled(tmp_path / "labels.sqlite"))
    with opened.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 10")  # one connection is in the pool
    many = (AnnotatedPicture(f"new {n}.jpg") for n in range(5000))
    with pytest.raises(OutputError, match="the disk is full; make room"):
        import_pictures(LabelStore(opened), many)
    assert LabelStore(opened).count() == 200
    opened.close()


def test_a_writer_that_holds_the_store_is_named(store_place: str) -> None:
    first, second = open_database(store_place), open_database(store_place, wait=0.2)
    import_pictures(LabelStore(first), [AnnotatedPicture("a.jpg")])
    with first.writing() as connection:
        connection.execute(text("UPDATE items SET width = 1"))
        assert LabelStore(second).count() == 1  # who reads need not wait
        with pytest.raises(OutputError, match="another process has been writing for too long"):
            LabelStore(second).write([verdict(0)], "ann")
    LabelStore(second).write([verdict(0)], "ann")
    for each in (first, second):
        each.close()


def test_a_url_is_checked() -> None:
    with pytest.raises(InputError, match=r"write postgresql://user@host/name"):
        open_database("://")
    with pytest.raises(InputError, match=r"mongodb://a/b: there is no driver for it .*closeup\["):
        open_database("mongodb://a/b")
    with pytest.raises(InputError, match="its server does not answer; start it") as told:
        open_database("postgres://ann:secret@127.0.0.1:1/labels")
    assert "secret" not in str(told.value)


def test_a_server_says_why_it_refuses(postgresql: PostgreSQLServer) -> None:
    with pytest.raises(InputError, match=r'refused \(database "none" does not exist\)$'):
        open_database(postgresql.url("none"))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_server_that_ended_the_connections_is_asked_again(postgresql: PostgreSQLServer) -> None:
    url = postgresql.new_database()
    opened = open_database(url)
    store = LabelStore(opened)
    import_pictures(store, [AnnotatedPicture("a.jpg")])
    postgresql.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    assert not store.write([verdict(0)], "ann")[0].stale
    opened.close()


def test_sqlite_writes_to_the_disk_at_every_commit(tmp_path: Path) -> None:
    opened = open_database(tmp_path / "labels.sqlite")
    with opened.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    opened.close()


def test_the_error_of_a_block_is_not_hidden(tmp_path: Path) -> None:
    opened: Database = open_database(tmp_path / "labels.sqlite")
    with pytest.raises(KeyError, match="own"), opened.writing():
        raise KeyError("own")
    assert database_module.is_url("sqlite:///a")
    assert not database_module.is_url(Path("a"))
    opened.close()
