"""Effects on photos, folders and videos."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from closeup.effects.options import EffectOptions
from closeup.effects.triggers import TriggerKind
from closeup.errors import InputError, OutputError, PartError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.media.images import read_image
from closeup.open_models import Models
from closeup.pipeline.effects.apply import apply_effect
from closeup.settings import Settings
from tests.filming import film
from tests.kept_models import kept
from tests.listening import Listener
from tests.real_photos import astronaut, hopper

ALWAYS = EffectOptions(trigger=TriggerKind.ALWAYS)


@pytest.fixture
def models(shared_models: Path) -> Models:
    return kept(Settings(shared_models, Path("no such folder")))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.fromarray(astronaut()).save(tmp_path / "a.png")
    return tmp_path / "a.png"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A face that moves, at uneven times and with sound."""
    face = np.asarray(cv2.resize(hopper(), (256, 300)), np.uint8)
    stamps = [0, 40, 80, 120, 200, 240, 280, 320, 360, 400]
    return film(
        tmp_path / "clip.mp4",
        [np.roll(face, 3 * i, axis=1) for i in range(10)],
        stamps=stamps,
        time_base=Fraction(1, 1000),
        sound="aac",
    )


def test_a_photo_is_drawn_on(photo: Path, models: Models, tmp_path: Path) -> None:
    made = apply_effect(photo, "startled", tmp_path / "b.png", models=models)
    assert (made.path, made.pictures, made.faces) == (tmp_path / "b.png", 1, 1)
    changed = (read_image(made.path) != astronaut()).any(axis=-1)
    assert 300 < changed.sum() < 6000


def test_effects_are_chained_with_a_users_own(photo: Path, models: Models, tmp_path: Path) -> None:
    def framed(image: RGBImage, faces: Faces) -> RGBImage:
        drawn = image.copy()
        for x1, y1, x2, y2 in faces.boxes.astype(int).tolist():
            cv2.rectangle(drawn, (x1, y1), (x2, y2), (0, 255, 0), 2)
        return drawn

    apply_effect(photo, ["bigger-eyes", framed], tmp_path / "b.png", models=models)
    drawn = read_image(tmp_path / "b.png")
    assert (drawn == (0, 255, 0)).all(axis=-1).sum() > 300
    assert (drawn[90:115, 190:260] != astronaut()[90:115, 190:260]).any()


def test_a_picture_without_a_face_comes_back_unchanged(models: Models, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 65536, (60, 80, 3)).astype(np.uint16)
    cv2.imwrite(str(tmp_path / "a.png"), pixels)
    listener = Listener()
    made = apply_effect(
        tmp_path / "a.png", "googly", tmp_path / "b.png", models=models, progress=listener
    )
    assert made.faces == 0
    after = cv2.imread(str(tmp_path / "b.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(after, pixels)
    assert "no face was found; the result is the same as the input" in listener.lines


def test_a_folder_keeps_its_names(models: Models, tmp_path: Path) -> None:
    source = tmp_path / "photos"
    (source / "more").mkdir(parents=True)
    Image.fromarray(astronaut()).save(source / "a.png")
    Image.fromarray(hopper()).save(source / "more" / "b.jpg", quality=95)
    (source / "broken.png").write_bytes(b"no picture")
    listener = Listener()
    made = apply_effect(source, "pixelate", tmp_path / "out", models=models, progress=listener)
    assert (made.pictures, made.faces) == (2, 2)
    written = sorted(p.relative_to(made.path).as_posix() for p in made.path.rglob("*.*"))
    assert written == ["a.png", "more/b.jpg"]
    assert any("broken.png" in line for line in listener.lines)


def test_a_video_keeps_its_times_and_its_sound(clip: Path, models: Models, tmp_path: Path) -> None:
    made = apply_effect(clip, "startled", tmp_path / "out.mp4", options=ALWAYS, models=models)
    assert (made.pictures, made.faces) == (10, 10)
    with av.open(str(clip)) as before, av.open(str(made.path)) as after:
        times = [
            [float(frame.time or 0) for frame in container.decode(video=0)]
            for container in (before, after)
        ]
        assert times[1] == pytest.approx(times[0], abs=1e-3)
        assert len(after.streams.audio) == 1


def test_eyes_of_a_video_fade_in(clip: Path, models: Models, tmp_path: Path) -> None:
    apply_effect(clip, "sparkle", tmp_path / "out.mp4", options=ALWAYS, models=models)
    changes = []
    with av.open(str(clip)) as before, av.open(str(tmp_path / "out.mp4")) as after:
        for one, other in zip(before.decode(video=0), after.decode(video=0), strict=True):
            a, b = one.to_ndarray(format="rgb24"), other.to_ndarray(format="rgb24")
            changes.append(int((np.abs(a.astype(int) - b) > 40).sum()))
    assert changes[0] < 0.2 * changes[-1]


@pytest.mark.parametrize("mixed", [False, True])
def test_privacy_covers_all_frames_of_a_video(
    mixed: bool, clip: Path, models: Models, tmp_path: Path
) -> None:
    effect = "googly,black-bar" if mixed else "black-bar"
    apply_effect(clip, effect, tmp_path / "out.mp4", options=ALWAYS, models=models)
    with av.open(str(tmp_path / "out.mp4")) as after:
        for number, frame in enumerate(after.decode(video=0)):
            x = 131 + 3 * number
            eyes = frame.to_ndarray(format="rgb24")[90:100, x - 20 : x + 20]
            assert eyes.max() < 60, number


def test_only_named_members_stay_visible_in_photos(
    photo: Path, models: Models, tmp_path: Path
) -> None:
    members = tmp_path / "members"
    members.mkdir()
    Image.fromarray(astronaut()).save(members / "Eileen.png")
    Image.fromarray(hopper()).save(members / "Grace.png")
    kept_out, covered = tmp_path / "b.png", tmp_path / "c.png"
    for keep, out in (("Eileen", kept_out), ("Grace", covered)):
        apply_effect(photo, "pixelate", out, members=members, keep=[keep], models=models)
    np.testing.assert_array_equal(read_image(kept_out), astronaut())
    assert (read_image(covered) != astronaut()).any(axis=-1).sum() > 5000
    with pytest.raises(InputError, match="no member 'Ada'; there are Eileen, Grace"):
        apply_effect(
            photo, "pixelate", tmp_path / "d.png", members=members, keep=["Ada"], models=models
        )


def test_an_effect_of_another_size_is_refused(photo: Path, models: Models, tmp_path: Path) -> None:
    with pytest.raises(PartError, match="the effect returned a picture of shape"):
        apply_effect(photo, lambda image, _: image[:10], tmp_path / "b.png", models=models)
    assert not (tmp_path / "b.png").exists()


def test_inputs_are_not_replaced(photo: Path, clip: Path, models: Models) -> None:
    for source in (photo, clip):
        with pytest.raises(OutputError, match="is read and would be replaced"):
            apply_effect(source, "sparkle", source, models=models)


@pytest.mark.parametrize(("kind", "name"), [("photo", "b.gif"), ("clip", "b.avi")])
def test_other_suffixes_are_refused(
    kind: str, name: str, models: Models, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    source = request.getfixturevalue(kind)
    with pytest.raises(OutputError, match="give such a name"):
        apply_effect(source, "sparkle", tmp_path / name, models=models)


def test_a_rotation_is_applied_first(models: Models, tmp_path: Path) -> None:
    Image.fromarray(np.rot90(astronaut())).save(tmp_path / "a.png")
    apply_effect(tmp_path / "a.png", "startled", tmp_path / "b.png", rotate=90, models=models)
    drawn = read_image(tmp_path / "b.png")
    assert drawn.shape == astronaut().shape
    assert (drawn[90:115, 190:260] != astronaut()[90:115, 190:260]).any()


def test_keep_needs_members(photo: Path, models: Models, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="keep needs the photos"):
        apply_effect(photo, "pixelate", tmp_path / "b.png", keep=["Ada"], models=models)
