from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from closeup.errors import InputError, OutputError
from closeup.geometry import Size
from closeup.synthesis.writing import RATE, tone
from closeup.testing import (
    WARDROBE,
    Act,
    Key,
    Performer,
    Scene,
    Shot,
    eileen_collins,
    read_truth,
    render,
    variants,
    write_members,
    write_scene,
)

PHOTO = eileen_collins()
EILEEN = Performer("Eileen", (PHOTO,), WARDROBE[0], variants(PHOTO))
GUEST = Performer("Guest", (PHOTO,), WARDROBE[1], member=False)
SCENE = Scene(
    (GUEST, EILEEN),
    tuple(Shot(1.0, (Act("Eileen", (Key(0, 0.5, 0.4, 0.25),)),), i) for i in range(2)),
    Size(640, 360),
    Fraction(30000, 1001),
    flashes=(0.5,),
    strobes=((1.2, 1.5),),
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scene(SCENE, tmp_path_factory.mktemp("scene") / "stage.mp4")


def test_every_frame_is_in_the_file_at_its_time(written: Path) -> None:
    with av.open(str(written)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        times = [
            Fraction(frame.pts) * frame.time_base
            for frame in container.decode(video=0)
            if frame.pts is not None and frame.time_base is not None
        ]
    assert len(times) == SCENE.frame_count == 60
    # MP4 counts in 1/30000 s here, so the times are exact
    assert times == [i / SCENE.rate for i in range(60)]


def test_the_pictures_are_those_that_were_drawn(written: Path) -> None:
    with av.open(str(written)) as container:
        frames = container.decode(video=0)
        for (drawn, _), frame in zip(render(SCENE), frames, strict=True):
            difference = frame.to_ndarray(format="rgb24").astype(float) - drawn
            assert np.abs(difference).mean() < 8


def test_the_sound_is_as_long_as_the_picture(written: Path) -> None:
    with av.open(str(written)) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
        sound = np.concatenate([f.to_ndarray() for f in container.decode(audio=0)], axis=1)
    assert abs(sound.shape[1] / RATE - 60 / float(SCENE.rate)) < 2 * 1024 / RATE
    assert np.sqrt((sound**2).mean()) > 0.02


def test_the_tone_does_not_depend_on_how_it_is_cut() -> None:
    whole = tone(0, 40_000)
    np.testing.assert_array_equal(whole[12_345:13_369], tone(12_345, 1024))
    assert np.abs(whole).max() <= 1


def test_the_truth_lies_beside_the_video(written: Path) -> None:
    truth = read_truth(written)
    assert (truth.size, truth.rate, len(truth)) == (SCENE.size, SCENE.rate, 60)
    assert (truth.names, truth.members) == (("Eileen", "Guest"), ("Eileen",))
    assert (truth.cuts, truth.flashes, truth.strobes) == ((30,), (14,), ((35, 44),))
    drawn = [row for _, rows in render(SCENE) for row in rows]
    kept = list(truth.rows())
    assert [(row.frame, row.name, row.visible) for row in kept] == [
        (row.frame, row.name, row.visible) for row in drawn
    ]
    assert kept[20].box.x1 == pytest.approx(drawn[20].box.x1, abs=0.01)


def test_progress_is_told_of_every_frame(tmp_path: Path) -> None:
    told: list[int] = []
    short = replace(SCENE, shots=SCENE.shots[:1], strobes=(), rate=Fraction(5))
    write_scene(short, tmp_path / "a.mp4", on_frame=lambda: told.append(1))
    assert len(told) == 5


def test_only_mp4_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"give a name in \.mp4"):
        write_scene(SCENE, tmp_path / "stage.avi")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    with pytest.raises(OutputError, match="cannot write"):
        write_scene(SCENE, tmp_path / "file" / "stage.mp4")


def test_members_get_folders_of_photos_and_strangers_none(tmp_path: Path) -> None:
    folder = write_members(SCENE, tmp_path / "members")
    assert [path.name for path in folder.iterdir()] == ["Eileen"]
    photos = sorted((folder / "Eileen").iterdir())
    assert [path.name for path in photos] == ["01.jpg", "02.jpg", "03.jpg", "04.jpg"]
    bgr = cv2.imread(str(photos[0]))
    assert bgr is not None
    difference = bgr[..., ::-1].astype(float) - PHOTO.image
    assert np.abs(difference).mean() < 4


@pytest.mark.parametrize("name", ["a/b", "..", ""])
def test_a_name_must_be_able_to_name_a_folder(tmp_path: Path, name: str) -> None:
    scene = Scene((replace(EILEEN, name=name),), (Shot(1.0, ()),))
    with pytest.raises(InputError, match="cannot name a folder"):
        write_members(scene, tmp_path)


def test_a_member_needs_photos(tmp_path: Path) -> None:
    scene = Scene((replace(EILEEN, enrolment=()),), (Shot(1.0, ()),))
    with pytest.raises(InputError, match="Eileen has no photo to enrol"):
        write_members(scene, tmp_path)
