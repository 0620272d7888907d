from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from closeup.errors import OutputError
from closeup.files.atomic import LOCK, claiming, replacing, write_text


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
            temporary.symlink_to("/dev/full")
            temporary.write_text("x")

    with pytest.raises(OutputError, match="No space left"):
        fill()
    assert list(tmp_path.iterdir()) == []


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
    assert (folder / LOCK).read_text() == f"{holder.pid}\n"
    with claiming(folder):
        assert (folder / LOCK).read_text() == f"{os.getpid()}\n"
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
