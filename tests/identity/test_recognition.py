from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from closeup.faces import Faces
from closeup.identities import CANDIDATES
from closeup.identity.description import mirrored_mean
from closeup.identity.gallery import Gallery
from closeup.identity.recognition import LIKELY, FaceEvidence, compared_odds, decide, nearest_photos
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent
from closeup.settings import Settings
from tests.calibrations import DLIB, plain
from tests.real_photos import astronaut, hopper, read_photo

PEOPLE = ["Angelina_Jolie", "Jennifer_Lopez", "Lleyton_Hewitt", "Tiger_Woods"]
STRANGERS = ["Winona_Ryder", "Andy_Roddick"]


@pytest.fixture(scope="module")
def vectors(shared_data: Path, shared_models: Path) -> dict[str, np.ndarray]:
    """Mirrored means of six photos of each person."""
    settings = Settings(shared_models, Path("nowhere"))
    detector = open_detector("yunet-n", settings=settings, progress=Silent(), threads=2)
    embedder = open_embedder(settings=settings, threads=2)
    folder = shared_data / "lfw" / "images"
    found = {}
    for name in PEOPLE + STRANGERS:
        chips = []
        for path in sorted((folder / name).glob("*.jpg"))[:6]:
            photo = read_photo(path)
            faces = detector.detect(photo)
            middle = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2 - 125
            chips += embedder.chips(photo, faces[np.linalg.norm(middle, axis=1).argsort()[:1]])
        found[name] = mirrored_mean(embedder, chips)
    return found


@pytest.fixture(scope="module")
def gallery(vectors: dict[str, np.ndarray]) -> Gallery:
    return Gallery.of(DLIB, {name: vectors[name][:4] for name in PEOPLE})


def test_members_are_known_and_strangers_are_not(
    gallery: Gallery, vectors: dict[str, np.ndarray]
) -> None:
    for name in PEOPLE:
        for found in gallery.recognise(vectors[name][4:], [1, 1]):
            assert found.accepted
            assert found.best.name == name
            assert found.best.confidence > 0.7
            assert found.runner_up is not None
            assert found.runner_up.name != name
            assert found.runner_up.distance > found.best.distance
    for name in STRANGERS:
        for found in gallery.recognise(vectors[name], [1] * 6, false_accept_rate=0.001):
            assert not found.accepted
            assert found.best.confidence < 0.7


def test_fewer_strangers_ask_for_less_distance(
    gallery: Gallery, vectors: dict[str, np.ndarray]
) -> None:
    def count(strangers: float) -> int:
        return sum(
            found.accepted
            for name in PEOPLE
            for found in gallery.recognise(vectors[name], [1] * 6, strangers)
        )

    assert count(1e-30) == 0 < count(0.01) <= count(0.5)


def test_the_best_members_are_named_with_their_odds_without_a_name_too(
    gallery: Gallery, vectors: dict[str, np.ndarray]
) -> None:
    for name in PEOPLE + STRANGERS:
        for found in gallery.recognise(vectors[name][4:], [1, 1], 1e-3):
            assert len({member.name for member in found.candidates}) == CANDIDATES == 3
            assert found.candidates[:2] == (found.best, found.runner_up)
            sure = [member.confidence for member in found.candidates]
            assert sure == sorted(sure, reverse=True)
            assert sum(sure) < 1
            near = found.best.false_accept_rate <= 1e-3
            assert found.accepted == (near and found.best.confidence > LIKELY)


@pytest.mark.parametrize("members", [1, 2, 4])
def test_a_face_of_no_weight_is_nobody_for_sure(
    vectors: dict[str, np.ndarray], members: int
) -> None:
    """In a gallery of one, any face of weight 0 was the member's with 97 %."""
    gallery = Gallery.of(DLIB, {name: vectors[name][:4] for name in PEOPLE[:members]})
    strangers = np.concatenate([vectors[name] for name in STRANGERS + PEOPLE[members:]])
    sure = [r.best.confidence for r in gallery.recognise(strangers, [0.0] * len(strangers))]
    assert max(sure) < 0.9
    assert np.mean(sure) < 0.5
    known = [
        found.best.confidence
        for name in PEOPLE[:members]
        for found in gallery.recognise(vectors[name][4:], [0.0, 0.0])
    ]
    assert np.mean(known) > np.mean(sure)


def test_a_face_that_is_worth_little_is_less_sure(
    gallery: Gallery, vectors: dict[str, np.ndarray]
) -> None:
    face = vectors["Angelina_Jolie"][4:5]
    (clear,), (poor,) = gallery.recognise(face, [1.0]), gallery.recognise(face, [0.0])
    assert poor.best.confidence < clear.best.confidence
    assert poor.best.distance == clear.best.distance


def test_a_gallery_of_one_has_no_runner_up(vectors: dict[str, np.ndarray]) -> None:
    one = Gallery.of(DLIB, {"Tiger": vectors["Tiger_Woods"][:4]})
    (found,) = one.recognise(vectors["Tiger_Woods"][4:5], [1.0])
    assert found.accepted
    assert found.runner_up is None


def test_no_face_is_nobody(gallery: Gallery) -> None:
    assert gallery.recognise(np.empty((0, 128), np.float32), []) == []


def test_two_public_portraits(settings: Settings) -> None:
    detector = open_detector("yunet-n", settings=settings, progress=Silent(), threads=1)
    embedder = open_embedder(settings=settings, threads=1)
    eileen, grace = (
        mirrored_mean(embedder, embedder.chips(photo, detector.detect(photo)))
        for photo in (astronaut(), hopper())
    )
    gallery = Gallery.of(DLIB, {"Eileen": eileen, "Grace": grace})
    assert [r.best.name for r in gallery.recognise(np.concatenate([grace, eileen]), [1, 1])] == [
        "Grace",
        "Eileen",
    ]


def evidence(log_odds: np.ndarray) -> FaceEvidence:
    names = tuple(f"member {number}" for number in range(log_odds.shape[1]))
    near = np.zeros(log_odds.shape)
    return FaceEvidence(names, near.astype(np.float32), log_odds, log_odds, near + 1e-6)


@given(
    st.tuples(st.integers(0, 6), st.integers(1, 5)).flatmap(
        lambda shape: arrays(np.float64, shape, elements=st.floats(-12, 12))
    )
)
def test_a_picture_names_each_member_once_at_most(log_odds: np.ndarray) -> None:
    every = evidence(log_odds)
    found = decide(every, 0.5)
    names = [one.name for one in found if one.name]
    assert len(names) == len(set(names))
    assert all(one.best.confidence > LIKELY for one in found if one.name)
    assert len(found) == len(log_odds) == len(every.each())
    if len(log_odds) == 1:
        assert decide(every.each()[0], 0.5) == found


def described(vectors: np.ndarray) -> Faces:
    faces = Faces.of(np.tile([0, 0, 90, 90], (len(vectors), 1)), np.ones(len(vectors)))
    return faces.with_columns(embeddings=vectors, weights=np.ones(len(vectors)))


def test_a_person_seen_twice_is_named_once_unless_faces_are_alone(
    gallery: Gallery, vectors: dict[str, np.ndarray]
) -> None:
    twice = described(vectors["Tiger_Woods"][4:6])
    found = gallery.identify(twice)
    assert sorted(map(str, found.names)) == ["None", "Tiger_Woods"]
    assert [one.best.name for one in found.identities or ()] == ["Tiger_Woods"] * 2
    assert gallery.identify(twice, alone=True).names == ("Tiger_Woods", "Tiger_Woods")


def test_one_face_is_decided_as_alone(gallery: Gallery, vectors: dict[str, np.ndarray]) -> None:
    for name in PEOPLE + STRANGERS:
        for vector in vectors[name]:
            face = described(vector[None])
            alone = gallery.identify(face, alone=True)
            assert gallery.identify(face).identities == alone.identities


def test_members_whom_other_faces_show_make_no_false_accepts(
    gallery: Gallery, vectors: dict[str, np.ndarray]
) -> None:
    faces = described(np.concatenate([vectors[name][4:5] for name in PEOPLE]))
    together = gallery.identify(faces).identities or ()
    alone = gallery.identify(faces, alone=True).identities or ()
    for one, other in zip(together, alone, strict=True):
        expected = other.best.false_accept_rate / len(PEOPLE)
        assert one.best.false_accept_rate == pytest.approx(expected, rel=0.1)


@given(
    st.tuples(st.integers(1, 4), st.integers(1, 5)).flatmap(
        lambda shape: arrays(np.float64, (2, *shape), elements=st.floats(-12, 12))
    )
)
def test_comparing_members_leaves_the_odds_of_any(both: np.ndarray) -> None:
    odds, of_photos = both
    for made in (compared_odds(odds, None), compared_odds(odds, of_photos)):
        np.testing.assert_allclose(
            np.logaddexp.reduce(made, axis=1), np.logaddexp.reduce(odds, axis=1), atol=1e-9
        )
    best = compared_odds(odds, None).argmax(axis=1)
    np.testing.assert_allclose(odds[np.arange(len(odds)), best], odds.max(axis=1), atol=1e-9)


def test_the_nearest_third_of_the_photos_counts() -> None:
    apart = np.array([[0.5, 0.1, 0.3, 0.4, 0.2, 0.6, 0.7]], np.float32)
    owners = np.array([0, 0, 0, 1, 1, 1, 1])
    near = nearest_photos(apart, owners, np.array([3, 4]))
    assert near is not None
    np.testing.assert_allclose(near, [[0.1, 0.3]], rtol=1e-6)
    assert nearest_photos(apart[:, 1:], owners[1:], np.array([2, 4])) is None


def test_photos_like_the_face_tell_members_apart() -> None:
    """A member with two looks: the centroid is between them, the photos of one are near."""
    random = np.random.default_rng(0)
    looks = np.eye(16)[:3]
    two_looks = np.repeat(looks[:2], 3, axis=0) + 0.01 * random.normal(size=(6, 16))
    between = looks[[0]] * 0.62 + looks[[1]] * 0.4 + 0.5 * np.eye(16)[[5]]
    other = np.repeat(between, 6, axis=0) + 0.01 * random.normal(size=(6, 16))
    gallery = Gallery.of(
        plain(16), {"two looks": two_looks.astype(np.float32), "other": other.astype(np.float32)}
    )
    face = (looks[0] * 0.9 + between[0] * 0.35)[None].astype(np.float32)
    assert gallery.distances(face).argmin() == 1
    assert gallery.recognise(face, [1.0])[0].best.name == "two looks"
