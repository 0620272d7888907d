from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from closeup.errors import OutputError
from closeup.files.atomic import LOCK, claiming, claiming_file, replacing, scratch, write_text


def test_a_result_appears_whole(tmp_path: Path) -> None:
    write_text(tmp_path / "new" / "a.txt", "é")
    assert (tmp_path / "new" / "a.txt").read_text(encoding="utf-8") == "é"
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["a.txt"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_write_leaves_the_old_file(
    tmp_path: Path, error: type[BaseException]
) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")

    def interrupted() -> None:
        with replacing(target) as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        interrupted()
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="choose another folder"):
        write_text(tmp_path / "file" / "a.txt", "x")


def test_a_full_disk(tmp_path: Path) -> None:
    def fill() -> None:
        with replacing(tmp_path / "a.txt") as temporary:
            temporary.unlink()
            temporary.symlink_to("/dev/full")
            temporary.write_text("x")

    with pytest.raises(OutputError, match="No space left"):
        fill()
    assert list(tmp_path.iterdir()) == []


def test_two_runs_write_to_temporary_files_of_their_own(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    with replacing(target) as first, replacing(target) as second:
        assert len({first, second, target}) == 3
        assert {path.suffix for path in (first, second)} == {".txt"}
        first.write_text("first")
        second.write_text("second")
    assert target.read_text() == "first"
    assert list(tmp_path.iterdir()) == [target]


def test_an_error_leaves_the_temporary_file_of_another_run(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    with replacing(target) as first:
        with pytest.raises(RuntimeError), replacing(target):
            raise RuntimeError
        first.write_text("first")
    assert target.read_text() == "first"
    assert list(tmp_path.iterdir()) == [target]


KILLED = (
    "import os, signal, sys; from pathlib import Path; from closeup.files.atomic import replacing\n"
    "with replacing(Path(sys.argv[1])) as temporary:\n"
    "    temporary.write_text('more than half of it')\n"
    "    os.kill(os.getpid(), signal.SIGKILL)\n"
)


def test_the_temporary_file_of_a_killed_run_is_taken_over(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    subprocess.run([sys.executable, "-c", KILLED, target], check=False)
    (left,) = tmp_path.iterdir()
    with replacing(target) as temporary:
        assert temporary == left
        assert temporary.read_text() == ""
        temporary.write_text("x")
    assert target.read_text() == "x"
    assert list(tmp_path.iterdir()) == [target]


def test_a_scratch_folder_is_empty_and_goes(tmp_path: Path) -> None:
    with scratch(tmp_path) as folder:
        (folder / "a.txt").touch()
    assert list(tmp_path.iterdir()) == []
    folder.mkdir()  # as a killed run leaves it
    (folder / "leftover.txt").touch()
    with scratch(tmp_path) as folder:
        assert list(folder.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"cannot write .*scratch"), scratch(tmp_path / "file"):
        pass


def test_many_writers_of_one_file(tmp_path: Path) -> None:
    """Whoever is last wins, and every result is whole."""
    target = tmp_path / "a.txt"

    def write(number: int) -> str:
        write_text(target, f"{number}\n" * 1000)
        return target.read_text()

    with ThreadPoolExecutor(8) as threads:
        for text in threads.map(write, range(200)):
            assert len(lines := text.splitlines()) == 1000
            assert len(set(lines)) == 1
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_that_is_a_folder_is_refused_at_once(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="is a folder; name a file in it"),
        claiming_file(tmp_path),
    ):
        pytest.fail("the job began")
    (tmp_path / "file").touch()
    with (
        pytest.raises(OutputError, match=r"cannot write to .*file: .*; choose another folder"),
        claiming_file(tmp_path / "file" / "a.json"),
    ):
        pytest.fail("the job began")
    with claiming_file(tmp_path / "new" / "a.json"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_claimed_folder_stays_with_what_is_in_it(tmp_path: Path) -> None:
    with claiming(tmp_path / "a" / "b"):
        write_text(tmp_path / "a" / "b" / "c.txt", "x")
    assert (tmp_path / "a" / "b" / "c.txt").is_file()


def test_a_claimed_folder_goes_when_it_is_new_and_empty(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    for name in ("old", "new"):
        with pytest.raises(RuntimeError), claiming(tmp_path / name):
            raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_a_folder_that_cannot_be_claimed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (
        tmp_path / "file",
        tmp_path / "file" / "x",
        Path("/proc"),
        tmp_path / ("n" * 300),
    ):
        with (
            pytest.raises(OutputError, match=r"^cannot write to .*; choose another folder$"),
            claiming(folder),
        ):
            pass


HOLDER = (
    "import sys; from pathlib import Path; from closeup.files.atomic import claiming\n"
    "with claiming(Path(sys.argv[1])):\n"
    "    print('at work', flush=True); sys.stdin.read()\n"
)


def test_a_folder_in_which_another_process_is_at_work(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, folder],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == "at work\n"
        with pytest.raises(OutputError) as refused, claiming(folder):
            pass
        assert str(refused.value) == (
            f"{folder} is in use by another run of closeup (process {holder.pid}); wait until it "
            "ends, or choose another folder"
        )
        with claiming(folder, alone=False):
            pass
        holder.kill()
    assert (folder / LOCK).read_text().split()[0] == str(holder.pid)
    with claiming(folder):
        assert (folder / LOCK).read_text().split()[0] == str(os.getpid())
    assert list(folder.iterdir()) == []


def test_a_second_run_in_the_same_process(tmp_path: Path) -> None:
    with claiming(tmp_path):
        with pytest.raises(OutputError, match="in use by another run"), claiming(tmp_path):
            pass
        with claiming(tmp_path / "below"):
            pass
        assert (tmp_path / LOCK).exists()
    assert list(tmp_path.iterdir()) == []


def test_only_one_of_many_is_at_work(tmp_path: Path) -> None:
    at_work: list[int] = []

    def work(number: int) -> int:
        """How many are at work with it; 0 if it is refused."""
        try:
            with claiming(tmp_path):
                at_work.append(number)
                together = len(at_work)
                at_work.remove(number)
                return together
        except OutputError:
            return 0

    with ThreadPoolExecutor(8) as threads:
        assert {1} <= set(threads.map(work, range(400))) <= {0, 1}
    assert list(tmp_path.iterdir()) == []
