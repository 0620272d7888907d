from __future__ import annotations

import errno
import fcntl
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from closeup.errors import OutputError
from closeup.files.atomic import LOCK, claiming, replacing
from closeup.files.locks import InUseError, lock, locked


def test_a_locked_file_is_empty_and_has_one_holder(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("of a killed run")
    file = locked(path)
    assert file is not None
    assert path.read_text() == ""
    assert locked(path) is None
    file.close()
    again = locked(path)
    assert again is not None
    again.close()


def test_a_lock_names_its_holder_until_it_is_released(tmp_path: Path) -> None:
    path = tmp_path / LOCK
    held = lock(path)
    assert path.read_text() == f"{os.getpid()} {socket.gethostname()}\n"
    with pytest.raises(InUseError, match=f"^process {os.getpid()}$"):
        lock(path)
    held.release()
    assert not path.exists()
    lock(path).release()


def test_a_holder_on_another_machine_is_named_with_it(tmp_path: Path) -> None:
    path = tmp_path / LOCK
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(b"31 stage-pc\n")
        file.flush()
        with pytest.raises(InUseError, match=r"^process 31 on stage-pc$"):
            lock(path)


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without locks, as some network shares are."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)


@pytest.mark.usefixtures("no_locks")
def test_without_locks_of_the_system_the_record_of_a_live_process_counts(tmp_path: Path) -> None:
    with claiming(tmp_path):
        assert (tmp_path / LOCK).read_text().startswith(f"{os.getpid()} ")
        with pytest.raises(OutputError) as refused, claiming(tmp_path):
            pass
    assert str(refused.value) == (
        f"{tmp_path} is in use by another run of closeup (process {os.getpid()}, if "
        f"{tmp_path.resolve() / LOCK} is not a leftover); wait until it ends, or choose another "
        "folder"
    )
    assert list(tmp_path.iterdir()) == []


def ended() -> int:
    """The number of a process that is no more."""
    ran = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"],
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return int(ran.stdout)


@pytest.mark.usefixtures("no_locks")
def test_without_locks_of_the_system_leftovers_are_taken_over(tmp_path: Path) -> None:
    here = socket.gethostname()
    for record in ("", "no number", f"{ended()} {here}", f"{os.getpid()} {here}"):
        (tmp_path / LOCK).write_text(record)
        with claiming(tmp_path):
            pass
        assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_locks")
@pytest.mark.parametrize("record", [f"1 {socket.gethostname()}", "31 stage-pc"])
def test_without_locks_of_the_system_other_live_processes_are_respected(
    record: str, tmp_path: Path
) -> None:
    (tmp_path / LOCK).write_text(record)
    number = record.split()[0]
    with (
        pytest.raises(OutputError, match=re.escape(f"closeup (process {number}")),
        claiming(tmp_path),
    ):
        pass
    assert (tmp_path / LOCK).read_text() == record


@pytest.mark.usefixtures("no_locks")
def test_without_locks_of_the_system_temporary_names_differ(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    with replacing(target) as first, replacing(target) as second:
        assert first != second
        first.write_text("first")
        second.write_text("second")
    assert target.read_text() == "first"
    assert list(tmp_path.iterdir()) == [target]
