"""``closeup camera`` on a virtual screen; a video file plays the camera."""

from __future__ import annotations

import subprocess
import time
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from closeup.frames import RGBImage
from closeup.media.images import read_image
from tests.command_line import closeup, start
from tests.filming import film
from tests.real_photos import astronaut
from tests.window.conftest import Screen, waited_for


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a minute of a face."""
    face = np.asarray(cv2.resize(astronaut(), (320, 320)), np.uint8)
    pictures = [np.roll(face, i % 8, axis=1) for i in range(300)]
    return film(tmp_path_factory.mktemp("camera") / "clip.mp4", pictures, rate=Fraction(10))


def whites(image: RGBImage) -> float:
    """Share of white pixels where the eyes are: at most 0.08 without an effect."""
    return float((image[55:70, 115:165] > 230).mean())


def taken(screen: Screen, folder: Path) -> RGBImage:
    """A picture that the space bar takes; a window that has just opened misses the first keys."""

    def new() -> list[Path]:
        before = set(folder.glob("closeup-*.png"))
        pressed(screen, "space")
        return sorted(set(folder.glob("closeup-*.png")) - before)

    return read_image(waited_for(new)[-1])


def pressed(screen: Screen, key: str) -> None:
    """Press a key and give the window a moment: it keeps only the last key between two pictures."""
    screen.press(key)
    time.sleep(0.3)


def ended(process: subprocess.Popen[str]) -> str:
    stdout, stderr = process.communicate()
    assert process.returncode == 0, stderr
    return stdout + stderr


def test_keys_take_a_picture_switch_effects_and_end(
    screen: Screen, clip: Path, shared_models: Path, tmp_path: Path
) -> None:
    process = start(
        "camera", clip, "--effect", "sparkle", "--pictures", tmp_path,
        models=shared_models, environment={"DISPLAY": screen.display},
    )  # fmt: skip
    try:
        taken(screen, tmp_path)
        pressed(screen, "5")
        waited_for(lambda: whites(taken(screen, tmp_path)) > 0.12)  # they fade in
        pressed(screen, "0")
        waited_for(lambda: whites(taken(screen, tmp_path)) < 0.1)
        pressed(screen, "h")
        with_figures = taken(screen, tmp_path)
        screen.press("q")
        said = ended(process)
    finally:
        process.kill()
    assert with_figures.shape == (320, 320, 3)
    assert whites(with_figures) < 0.1  # the figures are on the screen, not on the picture
    assert said.count("took ") == len(list(tmp_path.glob("closeup-*.png")))


def test_a_recording_is_whole_when_the_camera_vanishes(
    clip: Path, shared_models: Path, tmp_path: Path
) -> None:
    """The file ends, as a camera that is pulled out does."""
    short = film(
        tmp_path / "short.mp4",
        [np.asarray(cv2.resize(astronaut(), (321, 241)), np.uint8)] * 8,
        pix_fmt="yuv444p",
    )
    out = tmp_path / "out.mp4"
    ran = closeup(
        "camera", short, "--no-window", "--record", out, "--effect", "googly",
        models=shared_models,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == [str(out)]
    with av.open(str(out)) as video:
        times = [float(frame.time or 0) for frame in video.decode(video=0)]
    assert len(times) == 8
    assert (np.diff(times) > 0).all()
    assert clip.exists()


def test_an_interrupted_recording_is_whole(
    screen: Screen, clip: Path, shared_models: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    process = start(
        "camera", clip, "--record", out, models=shared_models,
        environment={"DISPLAY": screen.display},
    )  # fmt: skip
    try:
        screen.press("h")
        process.terminate()
        _, stderr = process.communicate()
    finally:
        process.kill()
    assert process.returncode in (0, 143), stderr
    with av.open(str(out)) as video:
        assert len(list(video.decode(video=0))) > 0


def test_closing_the_window_ends_it(
    screen: Screen, clip: Path, shared_models: Path, tmp_path: Path
) -> None:
    process = start(
        "camera", clip, "--effect", "sparkle", "--pictures", tmp_path,
        models=shared_models, environment={"DISPLAY": screen.display},
    )  # fmt: skip
    try:
        screen.press("0")
        screen.close_window()
        ended(process)
    finally:
        process.kill()


def test_without_a_display_there_is_one_line(
    clip: Path, monkeypatch: pytest.MonkeyPatch, shared_models: Path
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    ran = closeup("camera", clip, models=shared_models)
    assert ran.returncode == 2
    assert ran.stderr == (
        "closeup: there is no display for a window; give --no-window with --record\n"
    )


def test_a_camera_that_is_not_there_is_one_line(shared_models: Path, tmp_path: Path) -> None:
    ran = closeup(
        "camera", "97", "--no-window", "--record", tmp_path / "a.mp4", models=shared_models
    )
    assert ran.returncode == 2
    assert ran.stderr == (
        "closeup: camera 97 cannot be opened; check that it is connected and that no other "
        "program uses it\n"
    )
    assert not (tmp_path / "a.mp4").exists()


def test_no_window_needs_somewhere_to_write(clip: Path, shared_models: Path) -> None:
    ran = closeup("camera", clip, "--no-window", models=shared_models)
    assert ran.returncode == 2
    assert "--no-window needs --record or --virtual" in ran.stderr


def test_a_machine_without_a_virtual_camera_is_told(
    clip: Path, shared_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No backend is registered here, as on a machine without a virtual camera."""
    monkeypatch.setattr("pyvirtualcam.camera.BACKENDS", {})
    ran = closeup("camera", clip, "--no-window", "--virtual", models=shared_models)
    assert ran.returncode == 2
    assert ran.stderr.splitlines()[-1].startswith("closeup: there is no virtual camera (")
