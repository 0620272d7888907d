from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.cohort import unit_length
from closeup.identities import CANDIDATES
from closeup.identity.description import mirrored_mean
from closeup.identity.gallery import Gallery
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
            best, *_, last = found.candidates
            assert sum(member.confidence for member in found.candidates) < 1
            # The confidence is the share of the odds, of which nobody has 1.
            assert best.confidence * last.odds == pytest.approx(last.confidence * best.odds)
            near = best.false_accept_rate <= 1e-3
            assert found.accepted == (near and best.confidence > 0.5)


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


def test_the_discriminant_ranks_where_it_proved_better() -> None:
    rng = np.random.default_rng(0)
    places = np.zeros((6, 64))
    places[:, :32] = 0.1 * rng.normal(size=(6, 32))
    places[:, 0] += 1
    members, probes = {}, []
    for number, place in enumerate(places):
        photos = place + 0.02 * rng.normal(size=(9, 64))
        photos[:, -1] += rng.normal(size=9)
        members[f"member {number}"] = photos[:5].astype(np.float32)
        probes.append(photos[5:].astype(np.float32))
    gallery = Gallery.of(plain(64), members)
    assert gallery.discriminant is not None
    vectors = unit_length(np.concatenate(probes))
    named = [found.best.name for found in gallery.recognise(vectors, [1.0] * len(vectors))]
    nearest = [gallery.names[m] for m in gallery.distances(vectors).argmin(axis=1)]
    truth = [f"member {number}" for number in range(6) for _ in range(4)]
    assert matches(named, truth) > matches(nearest, truth)


def matches(names: list[str], truth: list[str]) -> int:
    return sum(name == right for name, right in zip(names, truth, strict=True))


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
