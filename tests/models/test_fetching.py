"""Downloads come from a real local server."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from closeup.errors import ModelCorruptError, ModelError, ModelMissingError, OutputError
from closeup.models.catalog import ModelEntry, find
from closeup.models.fetching import fetch, install
from closeup.progress import Silent
from closeup.settings import Settings

CONTENT = bytes(range(256)) * 3000


class Counting(Silent):
    def __init__(self) -> None:
        self.begun: tuple[str, int | None] | None = None
        self.done = 0

    def begin(self, stage: str, total: int | None) -> None:
        self.begun = stage, total

    def advance(self, frames: int = 1) -> None:
        self.done += frames


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/absent":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[: len(CONTENT) // 2] if self.path == "/cut" else CONTENT)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
        httpd.shutdown()
        thread.join()


@pytest.fixture
def entry(server: str) -> ModelEntry:
    digest = hashlib.sha256(CONTENT).hexdigest()
    return replace(find("yunet"), size=len(CONTENT), sha256=digest, url=f"{server}/file")


def test_a_download_arrives_whole(entry: ModelEntry, tmp_path: Path) -> None:
    progress = Counting()
    path = install(entry, tmp_path / "new" / "cache", progress=progress)
    assert path.read_bytes() == CONTENT
    assert progress.begun == ("fetching yunet", len(CONTENT))
    assert progress.done == len(CONTENT)
    assert list(path.parent.iterdir()) == [path]


def test_wrong_bytes_leave_the_old_file_alone(entry: ModelEntry, tmp_path: Path) -> None:
    old = tmp_path / entry.file
    old.write_bytes(b"old")
    wrong = replace(entry, sha256="0" * 64)
    with pytest.raises(ModelCorruptError, match=hashlib.sha256(CONTENT).hexdigest()):
        install(wrong, tmp_path, progress=Silent())
    assert old.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [old]


@pytest.mark.parametrize("path", ["absent", "cut"])
def test_a_failed_download_leaves_nothing(
    path: str, server: str, entry: ModelEntry, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="yunet") as caught:
        install(replace(entry, url=f"{server}/{path}"), tmp_path, progress=Silent())
    assert "--from FOLDER" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_server_that_is_not_there(entry: ModelEntry, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot fetch yunet"):
        install(replace(entry, url="http://127.0.0.1:1/file"), tmp_path, progress=Silent())


def test_copying_from_a_folder(shared_models: Path, tmp_path: Path) -> None:
    settings = Settings(None, tmp_path)
    path = fetch("yunet-n", settings, source=shared_models, progress=Silent())
    assert path == tmp_path / find("yunet-n").file
    assert path.read_bytes() == (shared_models / path.name).read_bytes()


def test_a_folder_without_the_file(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="--from"):
        fetch("yunet-n", Settings(None, tmp_path), source=tmp_path / "x", progress=Silent())


def test_a_wrong_file_in_the_folder(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / find("yunet-n").file).write_bytes(b"rubbish")
    with pytest.raises(ModelCorruptError, match=str(source)):
        fetch("yunet-n", Settings(None, tmp_path), source=source, progress=Silent())


def test_a_packaged_model_is_already_there(tmp_path: Path) -> None:
    path = fetch("mmod", Settings(None, tmp_path), progress=Silent())
    assert path.name == find("mmod").file
    assert not list(tmp_path.iterdir())


def test_a_cache_that_cannot_be_written(entry: ModelEntry, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot write"):
        install(entry, tmp_path / "file" / "cache", progress=Silent())


def test_an_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="choose one of"):
        fetch("nothing", Settings(None, tmp_path), progress=Silent())


def test_what_a_model_needs_comes_with_it(shared_models: Path, tmp_path: Path) -> None:
    fetch("ssd", Settings(None, tmp_path), source=shared_models, progress=Silent())
    files = {path.name for path in tmp_path.iterdir()}
    assert files == {find("ssd").file, find("ssd-graph").file}
