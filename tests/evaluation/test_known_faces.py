from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.evaluation.known_faces import MOST_PHOTOS, KnownFaces, read_known_faces
from closeup.opening import open_detector
from closeup.progress import Silent
from closeup.settings import Settings
from tests.own_embedders import OwnEmbedders
from tests.pipeline.running import Listener


@pytest.fixture
def people(own_embedders: OwnEmbedders, tmp_path: Path) -> list[list[Path]]:
    """Two people with four photos; then one of night and one of rubbish."""
    Image.new("RGB", (60, 60)).save(tmp_path / "night.png")
    (tmp_path / "rubbish.jpg").write_bytes(b"rubbish")
    known = sorted(own_embedders.people.iterdir())[:2]
    photos = [sorted(person.iterdir()) for person in known]
    return [photos[0], [tmp_path / "night.png", tmp_path / "rubbish.jpg"], photos[1]]


def read(
    own: OwnEmbedders, people: list[list[Path]], models: Settings, listener: Silent
) -> KnownFaces:
    detector = open_detector("yunet-n", settings=models, progress=Silent(), threads=1)
    return read_known_faces(people, detector, own.opened("grid"), listener)


def test_faces_as_they_are_and_made_worse(
    own_embedders: OwnEmbedders, people: list[list[Path]], settings: Settings
) -> None:
    listener = Listener()
    faces = read(own_embedders, people, settings, listener)
    assert faces.person.tolist() == [0] * 4 + [1] * 4
    assert [len(rows) for rows in faces.by_person()] == [4, 4]
    assert faces.enrolled.shape == faces.probe.shape == (8, 512)
    np.testing.assert_allclose(np.linalg.norm(faces.enrolled, axis=1), 1, atol=1e-5)
    assert (faces.height < 120).all()
    assert (faces.sharpness > 0).all()
    line, counted = listener.lines
    assert "rubbish.jpg" in line
    assert line.endswith("this photo is left out")
    assert counted == "1 file passed over: 1 without a picture"


def test_what_is_read_does_not_depend_on_threads_or_other_people(
    own_embedders: OwnEmbedders, people: list[list[Path]], settings: Settings
) -> None:
    first = read(own_embedders, people, settings, Silent())
    again = read(own_embedders, people[:1], settings, Silent())
    np.testing.assert_array_equal(first.probe[:4], again.probe)
    np.testing.assert_array_equal(first.enrolled[:4], again.enrolled)


def test_of_one_person_no_more_than_twelve_photos_count(
    own_embedders: OwnEmbedders, people: list[list[Path]], settings: Settings, tmp_path: Path
) -> None:
    copies = [Path(shutil.copy(people[0][0], tmp_path / f"{number}.jpg")) for number in range(14)]
    faces = read(own_embedders, [copies], settings, Silent())
    assert len(faces.person) == MOST_PHOTOS
    assert len(np.unique(faces.height)) > MOST_PHOTOS / 2


def test_nobody(own_embedders: OwnEmbedders, settings: Settings) -> None:
    faces = read(own_embedders, [], settings, Silent())
    assert faces.enrolled.shape == (0, 512)
    assert len(faces.person) == 0
