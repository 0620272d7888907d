"""A run that was killed or interrupted, or had no room, goes on where it was."""

from __future__ import annotations

import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from closeup import Fancams, make_fancams
from closeup.errors import InputError
from closeup.progress import Silent
from closeup.settings import Settings
from tests.command_line import INTERRUPTIBLE, closeup, full_disk, start, wait_for
from tests.kept_models import kept
from tests.pipeline.running import RESULTS, files, pictures
from tests.small_stage import EILEEN, GRACE, write_stage

FIRST_CHUNK = Path("analysis") / "chunk-00000.npz"
MANIFEST = Path("analysis") / "manifest.json"
"""Written when the first chunk is."""


@dataclass(frozen=True)
class LongStage:
    """A stage that takes two chunks to analyse, and what comes out without interruption."""

    video: Path
    members: Path
    whole: Fancams

    def arguments(self, out: Path) -> tuple[str | Path, ...]:
        return "fancam", self.video, "--members", self.members, "--out", out


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, shared_models: Path) -> LongStage:
    folder = tmp_path_factory.mktemp("long")
    video, members = write_stage(folder, times=8), folder / "members"
    settings = Settings(shared_models, folder / "cache")
    return LongStage(
        video, members, make_fancams(video, members, folder / "out", models=kept(settings))
    )


def differences(made: Fancams, whole: Fancams) -> list[str]:
    """In what two runs differ: results byte by byte, camera paths bit by bit.

    x264 itself does not make the same bytes of the same pictures every time.
    """
    found, expected = made.page.parent, whole.page.parent
    different = [n for n in RESULTS if (found / n).read_bytes() != (expected / n).read_bytes()]
    for name, path in whole.videos.items():
        if len(pictures(made.videos[name])) != len(pictures(path)):
            different.append(path.name)
    for a, b in zip(made.solution.paths, whole.solution.paths, strict=True):
        if not (np.array_equal(a.windows, b.windows) and np.array_equal(a.views, b.views)):
            different.append("camera path")
    return different + sorted(files(found) ^ files(expected))


@pytest.mark.serial
def test_killed_in_the_analysis(
    stage: LongStage, shared_models: Path, settings: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = start(*stage.arguments(out), models=shared_models)
    wait_for(out / MANIFEST, process)
    process.kill()
    process.communicate()
    saved = (out / FIRST_CHUNK).stat().st_mtime_ns
    assert not list(out.glob("*.mp4"))
    made = make_fancams(stage.video, stage.members, out, models=kept(settings))
    assert (out / FIRST_CHUNK).stat().st_mtime_ns == saved
    assert not differences(made, stage.whole)


@pytest.mark.serial
def test_a_signal_in_the_analysis_and_in_the_rendering(
    stage: LongStage, shared_models: Path, settings: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for seen, number, status, told in (
        (out / MANIFEST, signal.SIGINT, 130, "interrupted"),
        (out / ".Grace.part.mp4", signal.SIGTERM, 143, "terminated"),
        (out / ".Grace.part.mp4", signal.SIGINT, 130, "interrupted"),
    ):
        process = start(*stage.arguments(out), models=shared_models, how=INTERRUPTIBLE)
        wait_for(seen, process)
        process.send_signal(number)
        stdout, stderr = process.communicate()
        line = f"closeup: {told}; run the same command again to go on"
        assert process.returncode == status
        assert stdout == ""
        assert stderr.splitlines() == ["finding faces with yunet-n", line]
        assert not [name for name in files(out) if "/." in f"/{name}" or name.endswith(".mp4")]
    made = make_fancams(stage.video, stage.members, out, models=kept(settings))
    assert not differences(made, stage.whole)


class Stopping(Silent):
    """Interrupts the analysis after so many frames."""

    def __init__(self, frames: int) -> None:
        self._left = frames

    def advance(self, frames: int = 1) -> None:
        self._left -= frames
        if self._left < 0:
            raise KeyboardInterrupt


def test_interrupted_before_anything_was_saved(
    small_stage: Path, settings: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    members = small_stage.parent / "members"
    with pytest.raises(KeyboardInterrupt):
        make_fancams(small_stage, members, out, progress=Stopping(5), models=kept(settings))
    assert not out.exists()


@pytest.mark.serial
def test_no_room_for_the_analysis(small_stage: Path, shared_models: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = closeup(
        "fancam", small_stage, "--members", small_stage.parent / "members", "--out", out,
        models=shared_models, how=full_disk(50_000),
    )  # fmt: skip
    assert ran.returncode == 2
    assert ran.stdout == ""
    last = ran.stderr.splitlines()[-1]
    assert last.startswith(f"closeup: cannot write {out / FIRST_CHUNK}: File too large")
    assert len(ran.stderr.splitlines()) == 2
    assert not out.exists()


@pytest.mark.parametrize(("room", "name"), [(3000, "coordinates.csv"), (25_000, ".mp4")])
@pytest.mark.serial
def test_no_room_for_the_results(
    room: int, name: str, small_stage: Path, out: Path, shared_models: Path
) -> None:
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    ran = closeup(
        "fancam", small_stage, "--members", small_stage.parent / "members", "--out", out,
        "--size", "200x360", models=shared_models, how=full_disk(room),
    )  # fmt: skip
    assert ran.returncode == 2
    last = ran.stderr.splitlines()[-1]
    assert last.startswith(f"closeup: cannot write {out}")
    assert f"{name}: File too large; choose another folder or free some space" in last
    assert len(ran.stderr.splitlines()) == 2
    after = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert after == before


def test_a_damaged_chunk_is_named(small_stage: Path, out: Path, settings: Settings) -> None:
    chunk = out / FIRST_CHUNK
    chunk.write_bytes(chunk.read_bytes()[:3000])
    members = small_stage.parent / "members"
    with pytest.raises(InputError, match="analysis is damaged; delete"):
        make_fancams(small_stage, members, out, models=kept(settings))
    shutil.rmtree(out / "analysis")
    made = make_fancams(small_stage, members, out, models=kept(settings))
    assert list(made.videos) == [EILEEN, GRACE]
