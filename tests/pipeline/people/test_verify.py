from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from closeup.errors import CalibrationError, ImageError, InputError, ModelError, ModelMissingError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.identity.defects import Defect
from closeup.open_models import Models
from closeup.pipeline.people.verify import verify_photos
from closeup.protocols import FaceDetector
from closeup.settings import Settings
from tests.kept_models import kept
from tests.real_photos import astronaut, hopper, lfw
from tests.turned_photos import turned


@pytest.fixture
def eileen(tmp_path: Path) -> Path:
    Image.fromarray(astronaut()).save(tmp_path / "eileen.png")
    return tmp_path / "eileen.png"


@pytest.fixture
def grace(tmp_path: Path) -> Path:
    Image.fromarray(hopper()).save(tmp_path / "grace.jpg")
    return tmp_path / "grace.jpg"


def test_two_people(eileen: Path, grace: Path, settings: Settings) -> None:
    result = verify_photos(eileen, grace, models=kept(settings))
    assert not result.verdict.same
    assert result.verdict.distance > 1.1 * result.verdict.threshold
    record = json.loads(json.dumps(result.record(), allow_nan=False))
    assert record["same"] is False
    assert record["threshold_false_accept_rate"] == 1e-3
    assert record["embedder"] == "dlib-128"
    assert [face["image"] for face in record["faces"]] == [str(eileen), str(grace)]
    assert [face["defects"] for face in record["faces"]] == [[], []]


def test_one_person_on_two_photos(shared_data: Path, settings: Settings) -> None:
    folder = shared_data / "lfw" / "images" / "Angelina_Jolie"
    photos = sorted(folder.glob("*.jpg"))[:2]
    assert verify_photos(*photos, models=kept(settings)).verdict.same


def test_the_largest_face_counts_and_others_are_told(
    eileen: Path, grace: Path, settings: Settings, tmp_path: Path
) -> None:
    small = cv2.resize(hopper(), (200, 240), interpolation=cv2.INTER_AREA)
    both = np.zeros((512, 712, 3), np.uint8)
    both[:, :512] = astronaut()
    both[:240, 512:] = small
    Image.fromarray(both).save(tmp_path / "both.png")
    result = verify_photos(tmp_path / "both.png", eileen, models=kept(settings))
    assert result.verdict.same
    assert result.first.others == 1
    assert result.second.others == 0


def test_a_poor_photo_is_told(eileen: Path, settings: Settings, tmp_path: Path) -> None:
    blurred = np.asarray(cv2.GaussianBlur(astronaut(), (0, 0), 6), np.uint8)
    Image.fromarray(blurred).save(tmp_path / "blurred.png")
    result = verify_photos(eileen, tmp_path / "blurred.png", models=kept(settings))
    assert Defect.BLURRED in result.second.defects
    assert "the face is too blurred" in result.record()["faces"][1]["defects"]


def test_what_cannot_be_compared(
    eileen: Path, settings: Settings, tmp_path: Path, shared_models: Path
) -> None:
    Image.new("RGB", (100, 100)).save(tmp_path / "night.png")
    (tmp_path / "broken.jpg").write_bytes(b"rubbish")
    with pytest.raises(InputError, match=r"night\.png: no face found"):
        verify_photos(eileen, tmp_path / "night.png", models=kept(settings))
    with pytest.raises(ImageError, match="is not a picture"):
        verify_photos(tmp_path / "broken.jpg", eileen, models=kept(settings))
    with pytest.raises(ImageError, match="no such file"):
        verify_photos(eileen, tmp_path / "none.jpg", models=kept(settings))
    with pytest.raises(ModelError, match="choose one of"):
        verify_photos(eileen, eileen, embedder="nothing", models=kept(settings))
    with pytest.raises(ModelMissingError, match="closeup models fetch sface"):
        verify_photos(eileen, eileen, embedder="sface", models=kept(settings))
    with pytest.raises(
        CalibrationError, match="rate of 0 was not measured for dlib-128; give 1e-06"
    ):
        verify_photos(eileen, eileen, rate=0, models=kept(settings))


@pytest.mark.parametrize("degrees", [90, 180, 310])
def test_a_turned_photo_shows_the_same_person(
    eileen: Path, grace: Path, settings: Settings, tmp_path: Path, degrees: int
) -> None:
    photos = []
    for number, image in enumerate((astronaut(), hopper())):
        photos.append(tmp_path / f"{number}.png")
        Image.fromarray(turned(image, degrees)[0]).save(photos[-1])
    assert verify_photos(photos[0], eileen, models=kept(settings)).verdict.same
    assert not verify_photos(*photos, models=kept(settings)).verdict.same


class Lying(FaceDetector):
    """Finds the faces of another detector, and cannot tell their roll."""

    name = "lying"

    def __init__(self, inner: FaceDetector) -> None:
        self._inner = inner

    def detect(self, image: RGBImage) -> Faces:
        faces = self._inner.detect(image)
        return faces.with_columns(rolls=np.full(len(faces), np.nan, np.float32))


def test_a_head_whose_roll_cannot_be_told_is_not_compared(
    eileen: Path, grace: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = Models(settings)
    bare = models.detector("yunet-n")
    monkeypatch.setattr(models, "turned_detector", lambda *_, **__: Lying(bare))
    with pytest.raises(
        InputError, match=r"eileen\.png: the head lies on its side, and .*; turn the"
    ):
        verify_photos(eileen, grace, models=models)


def test_a_face_cut_off_by_the_edge_is_told_and_doubted(
    eileen: Path, settings: Settings, tmp_path: Path
) -> None:
    face = kept(settings).detector("yunet-n").detect(astronaut())
    assert face.landmarks is not None
    left = int(face.landmarks[0, 0, 0]) + 15
    Image.fromarray(astronaut()[:, left:]).save(tmp_path / "cut.png")
    whole = verify_photos(eileen, eileen, models=kept(settings))
    one = verify_photos(tmp_path / "cut.png", eileen, models=kept(settings))
    both = verify_photos(tmp_path / "cut.png", tmp_path / "cut.png", models=kept(settings))
    assert one.first.defects == [Defect.CUT]
    assert one.second.defects == []
    assert whole.verdict.threshold > one.verdict.threshold > both.verdict.threshold
    record = one.record()["faces"][0]
    assert record["defects"] == ["the face is cut off by the picture's edge"]


def test_two_faces_that_are_nothing_but_blur_are_refused(
    eileen: Path, shared_data: Path, settings: Settings, tmp_path: Path
) -> None:
    """Blurred faces of any two people are nearer than two photos of one person."""
    blurred = []
    for number, pixels in enumerate((astronaut(), *lfw(shared_data, 1))):
        worse = np.asarray(cv2.GaussianBlur(pixels, (0, 0), 6), np.uint8)
        Image.fromarray(worse).save(tmp_path / f"{number}.png")
        blurred.append(tmp_path / f"{number}.png")
    with pytest.raises(InputError, match=r"both faces are so blurred .* give a sharper photo"):
        verify_photos(*blurred, models=kept(settings))
    one = verify_photos(eileen, blurred[1], models=kept(settings))
    assert not one.verdict.same
    assert Defect.BLURRED in one.second.defects
