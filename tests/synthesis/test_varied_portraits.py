from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np

from closeup.evaluation.pupil_truth import read_pupil_truth
from closeup.opening import open_detector, open_pupil_finder
from closeup.synthesis.portraits import grace_hopper
from closeup.synthesis.varied_portraits import (
    varied_portraits,
    with_moved_irises,
    write_varied_portraits,
)


def test_the_network_finds_the_pupils_where_they_are_said_to_be() -> None:
    detector, finder = open_detector("closeup"), open_pupil_finder("network")
    errors = []
    for photo in varied_portraits(12):
        faces = detector.detect(photo.image)
        assert len(faces) == 1
        found = finder.find(photo.image, faces).centres[0]
        apart = np.linalg.norm(photo.pupils[1] - photo.pupils[0])
        errors.append(np.linalg.norm(found - photo.pupils, axis=1).max() / apart)
    assert np.median(errors) < 0.03
    assert np.max(errors) < 0.1


def test_the_people_take_turns_and_a_seed_fixes_the_photos() -> None:
    some, more = list(varied_portraits(4, seed=3)), list(islice(varied_portraits(99, seed=3), 4))
    assert [photo.person for photo in some] == ["Eileen", "Grace", "Eileen", "Grace"]
    for one, other in zip(some, more, strict=True):
        assert np.array_equal(one.image, other.image)
        assert np.array_equal(one.pupils, other.pupils)
    assert not np.array_equal(some[0].image, next(varied_portraits(1, seed=4)).image)


def test_right_eyes_are_on_the_left_also_in_mirrored_photos() -> None:
    for photo in varied_portraits(8):
        right, left = photo.pupils
        assert left[0] - right[0] > 35
        assert ((photo.pupils > 0) & (photo.pupils < photo.image.shape[1])).all()


def test_the_written_table_is_that_of_the_evaluation(tmp_path: Path) -> None:
    table = write_varied_portraits(tmp_path, 4, seed=1)
    truth = read_pupil_truth(table, tmp_path)
    assert truth.names == ("Eileen/000.png", "Grace/001.png", "Eileen/002.png", "Grace/003.png")
    for number, photo in enumerate(varied_portraits(4, seed=1)):
        assert np.array_equal(truth.image(number), photo.image)
        assert np.allclose(truth.centres[number], photo.pupils, atol=1e-4)


def test_photos_may_lie_in_one_folder(tmp_path: Path) -> None:
    table = write_varied_portraits(tmp_path, 2, by_person=False)
    assert read_pupil_truth(table, tmp_path).names == ("000.png", "001.png")


def test_moved_irises_leave_the_rest_of_the_face_as_it_is() -> None:
    photo = grace_hopper()
    pupils = np.array(photo.pupils)
    moved = with_moved_irises(photo.image, pupils, np.array([0.06, 0.0]))
    rows, columns = np.nonzero((moved != photo.image).any(axis=2))
    places = np.column_stack([columns, rows])
    nearest = np.linalg.norm(places[:, None] - pupils, axis=2).min(axis=1)
    apart = np.linalg.norm(pupils[1] - pupils[0])
    assert 0.1 * apart < nearest.max() < 0.29 * apart
