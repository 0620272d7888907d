"""Which faces a training of an embedding gets, and what is said of the others."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from closeup.errors import InputError
from closeup.identity.enrolment import find_photos
from closeup.media.images import write_image
from closeup.opening import open_detector, open_embedder, open_landmarker
from closeup.pipeline.training.identity_faces import PeopleFaceReader, PeopleFaces, look_alikes
from closeup.progress import Silent
from closeup.settings import Settings
from tests.listening import Listener
from tests.pipeline.training.lfw_few import PEOPLE, link_people


@pytest.fixture(scope="module")
def reader(shared_models: Path, tmp_path_factory: pytest.TempPathFactory) -> PeopleFaceReader:
    settings = Settings(shared_models, tmp_path_factory.mktemp("cache"))
    return PeopleFaceReader(
        open_detector("yunet-n", settings=settings, threads=1),
        open_landmarker("dlib-5-points", settings=settings),
        48,
        open_embedder("dlib-128", settings=settings, threads=1),
    )


def read(reader: PeopleFaceReader, folder: Path, heard: Silent | None = None) -> PeopleFaces:
    return reader.read(find_photos(folder), heard or Silent())


def test_every_photo_gives_a_face(
    reader: PeopleFaceReader, shared_data: Path, tmp_path: Path
) -> None:
    faces = read(reader, link_people(shared_data, tmp_path, 3, 3))
    assert faces.names == PEOPLE[:3]
    assert faces.chips.pixels.shape == (9, 48, 48, 3)
    assert faces.chips.people.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert faces.photos[0] == "Abdullah_Gul/Abdullah_Gul_0001.jpg"
    targets = faces.chips.targets
    assert targets is not None
    np.testing.assert_allclose(np.linalg.norm(targets, axis=1), 1, atol=1e-5)
    apart = np.linalg.norm(targets[:, None] - targets, axis=2)
    same = faces.chips.people[:, None] == faces.chips.people
    assert apart[same].mean() < apart[~same].min()


def test_people_can_be_left_out(
    reader: PeopleFaceReader, shared_data: Path, tmp_path: Path
) -> None:
    faces = read(reader, link_people(shared_data, tmp_path, 3, 2))
    others = faces.without(frozenset({PEOPLE[1], "Nobody"}))
    assert others.chips.people.tolist() == [0, 0, 2, 2]
    assert others.names == faces.names


def test_a_photo_of_two_people_is_left_out_and_copies_count_once(
    reader: PeopleFaceReader, shared_data: Path, tmp_path: Path
) -> None:
    folder, heard = link_people(shared_data, tmp_path, 3, 3), Listener()
    first, second, third = (folder / name for name in PEOPLE[:3])
    shutil.copyfile(next(iter(sorted(first.iterdir()))), second / "same.jpg")
    shutil.copyfile(next(iter(sorted(third.iterdir()))), third / "zz_again.jpg")
    faces = read(reader, folder, heard)
    assert np.bincount(faces.chips.people).tolist() == [2, 3, 3]
    said = "\n".join(heard.lines)
    assert "1 photos are in the folders of two people and left out" in said
    assert "Abdullah_Gul and Adrien_Brody" in said
    assert "1 copies of photos count once" in said


def test_photos_without_a_face_and_damaged_ones_are_said(
    reader: PeopleFaceReader, shared_data: Path, tmp_path: Path
) -> None:
    folder, heard = link_people(shared_data, tmp_path, 2, 2), Listener()
    (folder / PEOPLE[0] / "broken.jpg").write_bytes(b"no photo")
    write_image(folder / PEOPLE[1] / "wall.png", np.full((90, 90, 3), 200, np.uint8))
    faces = read(reader, folder, heard)
    assert len(faces) == 4
    said = "\n".join(heard.lines)
    assert "broken.jpg" in said
    assert "wall.png: no face is found" in said
    assert "2 photos passed over: 1 without a picture, 1 without a face" in said


def test_no_face_at_all_is_refused(reader: PeopleFaceReader, tmp_path: Path) -> None:
    (tmp_path / "Ann").mkdir()
    (tmp_path / "Ann" / "a.jpg").write_bytes(b"no photo")
    with pytest.raises(InputError, match="no photo shows a face"):
        read(reader, tmp_path)


def test_one_person_in_two_folders_looks_alike(
    reader: PeopleFaceReader, shared_data: Path, tmp_path: Path
) -> None:
    folder = link_people(shared_data, tmp_path, 4, 2)
    photos = sorted((shared_data / "lfw" / "images" / PEOPLE[0]).iterdir())[2:4]
    (folder / "Gul").mkdir()
    for photo in photos:
        (folder / "Gul" / photo.name).symlink_to(photo)
    assert reader.teacher is not None
    calibration = reader.teacher.calibration
    assert calibration is not None
    assert list(look_alikes(read(reader, folder), calibration)) == [(PEOPLE[0], "Gul")]
    assert not list(look_alikes(read(reader, folder), replace(calibration, same_person=0.01)))
