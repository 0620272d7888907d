from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from threading import Barrier

import cv2
import numpy as np
import pytest

from closeup.errors import MembersError, UnusableMembersError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.identity.enrolment import find_photos
from closeup.identity.gallery import Gallery
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent
from closeup.protocols import Embedder, FaceDetector
from closeup.settings import Settings
from tests.real_photos import astronaut, hopper, lfw


class Listener(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, message: str) -> None:
        self.lines.append(message)


@pytest.fixture
def detector(settings: Settings) -> FaceDetector:
    return open_detector("yunet-n", settings=settings, progress=Silent(), threads=1)


@pytest.fixture
def embedder(settings: Settings) -> Embedder:
    return open_embedder(settings=settings, threads=1)


def save(image: RGBImage, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    return path


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


class Counting(Listener):
    def __init__(self) -> None:
        super().__init__()
        self.begun: list[tuple[str, int | None]] = []
        self.done = 0

    def begin(self, stage: str, total: int | None) -> None:
        self.begun.append((stage, total))

    def advance(self, frames: int = 1) -> None:
        self.done += frames


def test_every_photo_is_reported(
    detector: FaceDetector, embedder: Embedder, tmp_path: Path
) -> None:
    photos = {"Eileen": [save(astronaut(), tmp_path / "a.jpg"), tmp_path / "missing.jpg"]}
    photos["Grace"] = [save(hopper(), tmp_path / "b.jpg")]
    progress = Counting()
    Gallery.enrol(photos, detector, embedder, progress)
    assert progress.begun == [("enrolling photos", 3)]
    assert progress.done == 3


def test_a_folder_or_a_photo_for_each_member(tmp_path: Path) -> None:
    touch(tmp_path, "Rosé/2.JPG", "Rosé/1.png", "Jisoo.WebP", "Jisoo/x.jpeg", "readme.txt")
    touch(tmp_path, ".DS_Store", ".hidden/a.jpg", "Rosé/.DS_Store", "Rosé/._1.png", "Rosé/a.txt")
    found = find_photos(tmp_path)
    assert {name: [p.name for p in photos] for name, photos in found.items()} == {
        "Jisoo": ["x.jpeg", "Jisoo.WebP"],
        "Rosé": ["1.png", "2.JPG"],
    }


def test_a_folder_inside_a_members_folder_is_no_photo(tmp_path: Path) -> None:
    touch(tmp_path, "Ann/a.jpg", "Ann/old.jpg/b.jpg")
    assert [path.name for path in find_photos(tmp_path)["Ann"]] == ["a.jpg"]


def test_links_to_one_photo_count_once(tmp_path: Path) -> None:
    touch(tmp_path, "Ann/a.jpg", "Ann/d.jpg")
    (tmp_path / "Ann" / "b.jpg").symlink_to("a.jpg")
    (tmp_path / "Ann" / "c.jpg").hardlink_to(tmp_path / "Ann" / "a.jpg")
    (tmp_path / "Ann" / "e.jpg").symlink_to("nowhere.jpg")
    (tmp_path / "Bea").symlink_to("Ann")
    found = find_photos(tmp_path)
    assert [path.name for path in found["Ann"]] == ["a.jpg", "d.jpg", "e.jpg"]
    assert [path.name for path in found["Bea"]] == ["a.jpg", "d.jpg", "e.jpg"]


def test_what_is_no_photo_by_its_name_is_said_in_one_line(tmp_path: Path) -> None:
    touch(tmp_path, "Ann/a.HEIC", "Ann/a.aae", "Ann/old/b.jpg", "Bea.jfif", "Cleo.psd")
    touch(tmp_path, ".DS_Store", "Ann/.DS_Store", "Ann/Thumbs.db")
    progress = Counting()
    assert set(find_photos(tmp_path, progress)) == {"Ann", "Bea"}
    assert progress.lines == [
        f"{tmp_path}: 3 files passed over, without a photo's suffix: Ann/a.aae, Ann/old/, Cleo.psd"
    ]
    touch(tmp_path, *(f"Ann/{number}.aae" for number in range(300)))
    find_photos(tmp_path, progress)
    assert progress.lines[-1].endswith("Ann/0.aae, Ann/1.aae, Ann/10.aae, Ann/100.aae, "
                                      "Ann/101.aae and 298 more")  # fmt: skip


def test_names_are_composed_and_on_one_line(tmp_path: Path) -> None:
    touch(tmp_path, unicodedata.normalize("NFD", "Rosé") + ".jpg", "a\nb\x1b[1m.jpg", "x\udce9.jpg")
    assert set(find_photos(tmp_path)) == {"Rosé", "a b [1m", "x\\udce9"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([], "no photo of anybody; add NAME/"),
        (["a.txt", ".b.jpg"], "no photo of anybody, only a.txt; add NAME/"),
        (["Ann/a.txt", "Bob/.b.jpg"], "no photo of anybody, only Ann/a.txt; add NAME/"),
        (["Ann/2019/a.jpg"], "no photo of anybody, only Ann/2019/; add NAME/"),
        ([f"{number}.psd" for number in range(9)], "only 0.psd, .*, 4.psd and 4 more; add"),
    ],
)
def test_folders_without_photos(tmp_path: Path, content: list[str], reason: str) -> None:
    touch(tmp_path, *content)
    with pytest.raises(MembersError, match=reason):
        find_photos(tmp_path)


def test_a_member_without_a_photo_has_an_empty_list(tmp_path: Path) -> None:
    touch(tmp_path, "Ann/.a.jpg", "Eve.jpg")
    assert find_photos(tmp_path) == {"Ann": [], "Eve": [tmp_path / "Eve.jpg"]}


def test_no_folder_at_all(tmp_path: Path) -> None:
    touch(tmp_path, "file.jpg")
    with pytest.raises(MembersError, match="no such folder"):
        find_photos(tmp_path / "none")
    with pytest.raises(MembersError, match="cannot be read as a folder"):
        find_photos(tmp_path / "file.jpg")


def test_bad_photos_are_named_and_left_out(
    tmp_path: Path, detector: FaceDetector, embedder: Embedder
) -> None:
    photo = astronaut()
    pair = np.hstack([photo, photo[:, ::-1]])
    tiny = np.asarray(cv2.resize(photo, (80, 80), interpolation=cv2.INTER_AREA), np.uint8)
    photos = {
        "blurred": save(
            np.asarray(cv2.GaussianBlur(photo, (0, 0), 6), np.uint8), tmp_path / "b.png"
        ),
        "empty": save(np.full_like(photo, 128), tmp_path / "e.png"),
        "good": save(photo, tmp_path / "g.png"),
        "gone": tmp_path / "gone.png",
        "pair": save(pair, tmp_path / "p.png"),
        "tiny": save(tiny, tmp_path / "t.png"),
    }
    cut = tmp_path / "cut.png"
    cut.write_bytes(photos["good"].read_bytes()[:20_000])
    listener = Listener()
    found = {"Eileen": [*photos.values(), cut]}
    gallery = Gallery.enrol(found, detector, embedder, listener)
    assert gallery.names == ("Eileen",)
    reasons = {rejection.photo.name: rejection.reason for rejection in gallery.rejections}
    assert reasons.keys() == {"b.png", "e.png", "gone.png", "p.png", "t.png", "cut.png"}
    assert reasons["b.png"] == "the face is too blurred"
    assert reasons["e.png"] == "no face found"
    assert reasons["gone.png"] == "no such file; check the name"
    assert reasons["p.png"] == "more than one face"
    assert reasons["t.png"] == "the face is less than 24 pixels high"
    assert reasons["cut.png"].startswith("is damaged: ")
    assert {rejection.member for rejection in gallery.rejections} == {"Eileen"}
    assert (
        listener.lines[0] == f"{photos['blurred']}: the face is too blurred; this photo is left out"
    )
    assert len(listener.lines) == 6


def test_small_faces_in_the_background_do_not_count(
    tmp_path: Path, detector: FaceDetector, embedder: Embedder
) -> None:
    photo = astronaut().copy()
    photo[:150, :150] = cv2.resize(astronaut(), (150, 150), interpolation=cv2.INTER_AREA)
    assert len(detector.detect(photo)) == 2
    gallery = Gallery.enrol(
        {"Eileen": [save(photo, tmp_path / "a.png")]}, detector, embedder, Silent()
    )
    assert gallery.names == ("Eileen",)
    assert not gallery.rejections


@pytest.fixture
def some(tmp_path: Path) -> dict[str, list[Path]]:
    """Members of whom only the second has a usable photo."""
    empty = [save(np.zeros((99, 99, 3), np.uint8), tmp_path / f"{i}.png") for i in range(5)]
    return {
        "Ann": empty,
        "Eileen": [save(astronaut(), tmp_path / "g.png")],
        "Grace": [empty[0]],
        "Zoe": [],
    }


def test_members_without_a_usable_photo_are_named_and_left_out(
    some: dict[str, list[Path]], detector: FaceDetector, embedder: Embedder
) -> None:
    progress = Counting()
    gallery = Gallery.enrol(some, detector, embedder, progress)
    assert gallery.names == ("Eileen",)
    why = [
        "no photo can be used (0.png: no face found; 1.png: no face found; 2.png: no face found; "
        "and 2 more)",
        "no photo can be used (0.png: no face found)",
        "the folder holds no photo",
    ]
    assert gallery.skipped == dict(zip(["Ann", "Grace", "Zoe"], why, strict=True))
    assert progress.lines[-4:] == [
        *(f"{name}: {reason}; this member is left out" for name, reason in gallery.skipped.items()),
        "3 of 4 members are left out",
    ]
    assert progress.done == 7


def test_a_strict_enrolment_names_all_such_members_at_once(
    some: dict[str, list[Path]], detector: FaceDetector, embedder: Embedder
) -> None:
    with pytest.raises(UnusableMembersError) as raised:
        Gallery.enrol(some, detector, embedder, Silent(), strict=True)
    message = str(raised.value)
    assert message.startswith("3 members have no usable photo (Ann: no photo can be used (0.png: ")
    assert "; Grace: no photo can be used (0.png: no face found); Zoe: the folder" in message
    assert message.count("\n") == 0
    del some["Ann"], some["Zoe"]
    with pytest.raises(UnusableMembersError, match=r"^Grace: .* \(0\.png: no face found\); add a"):
        Gallery.enrol(some, detector, embedder, Silent(), strict=True)


def test_nobody_with_a_usable_photo_is_always_an_error(
    some: dict[str, list[Path]], detector: FaceDetector, embedder: Embedder
) -> None:
    del some["Eileen"]
    with pytest.raises(MembersError, match="3 members have no usable photo") as raised:
        Gallery.enrol(some, detector, embedder, Silent())
    assert not isinstance(raised.value, UnusableMembersError)


def beside(*photos: RGBImage) -> RGBImage:
    """Photos in one picture, each 400 pixels high."""
    return np.hstack(
        [cv2.resize(p, (round(400 * p.shape[1] / p.shape[0]), 400)) for p in photos]
    ).astype(np.uint8)


def test_a_photo_of_several_is_used_where_one_agrees_with_the_other_photos(
    tmp_path: Path, detector: FaceDetector, embedder: Embedder
) -> None:
    both = save(beside(astronaut(), hopper()), tmp_path / "both.png")
    alone = save(np.ascontiguousarray(astronaut()[:, ::-1]), tmp_path / "alone.png")
    blurred = np.asarray(cv2.GaussianBlur(astronaut(), (0, 0), 8), np.uint8)
    unfit = save(beside(blurred, blurred), tmp_path / "unfit.png")
    half_unfit = save(beside(blurred, astronaut()), tmp_path / "half.png")
    members = {
        "Eileen": [both, alone, unfit, half_unfit],
        "Grace": [save(hopper(), tmp_path / "h.png"), both],
    }
    gallery = Gallery.enrol(members, detector, embedder, Silent())
    assert gallery.photos.tolist() == [3, 2]
    assert [(r.photo, r.reason) for r in gallery.rejections] == [(unfit, "more than one face")]
    eileen, grace = gallery.vectors[:3], gallery.vectors[3:]
    for own, others in ((eileen, grace), (grace, eileen)):
        apart = np.linalg.norm(own[0] - own[1])
        assert apart < np.linalg.norm(own[:, None] - others, axis=2).min()


def test_a_photo_of_several_is_used_where_one_is_the_subject(
    tmp_path: Path, detector: FaceDetector, embedder: Embedder
) -> None:
    photo = astronaut()[:240, :448].copy()  # her face is in the middle
    photo[60:240, :154] = cv2.resize(hopper(), (154, 180), interpolation=cv2.INTER_AREA)
    subject = save(photo, tmp_path / "subject.png")
    assert len(detector.detect(photo)) == 2
    gallery = Gallery.enrol({"Eileen": [subject]}, detector, embedder, Silent())
    alone = {
        "Eileen": [save(astronaut(), tmp_path / "e.png")],
        "Grace": [save(hopper(), tmp_path / "g.png")],
    }
    apart = Gallery.enrol(alone, detector, embedder, Silent()).distances(gallery.vectors)[0]
    assert apart[0] < 0.2 < apart[1]
    grace = {"Grace": [*alone["Grace"], subject]}
    enrolled = Gallery.enrol(grace, detector, embedder, Silent())
    assert enrolled.photos.tolist() == [2], "the other photo says which face"
    assert np.linalg.norm(enrolled.vectors[0] - enrolled.vectors[1]) < 0.35


def test_the_one_person_of_several_group_photos(
    tmp_path: Path, detector: FaceDetector, embedder: Embedder, shared_data: Path
) -> None:
    others, eileen = lfw(shared_data, 2), astronaut()[20:220, 120:320]
    groups = [
        save(beside(*people), tmp_path / f"{number}.png")
        for number, people in enumerate([(eileen, others[0]), (others[1], eileen[:, ::-1]), others])
    ]
    alone = save(astronaut(), tmp_path / "alone.png")
    gallery = Gallery.enrol({"Eileen": groups[:2], "E.": [alone]}, detector, embedder, Silent())
    assert gallery.photos.tolist() == [2, 1]
    assert gallery.distances(gallery.centroids)[0, 1] < 0.25
    for ambiguous in (groups, [groups[0], groups[0]], groups[:1]):
        with pytest.raises(MembersError, match="more than one face"):
            Gallery.enrol({"Eileen": ambiguous}, detector, embedder, Silent())


def test_a_photo_of_somebody_else_is_told(
    tmp_path: Path, detector: FaceDetector, embedder: Embedder
) -> None:
    dark = np.asarray(astronaut() * 0.7, np.uint8)
    own = [astronaut(), np.ascontiguousarray(astronaut()[:, ::-1]), dark]
    photos = [save(photo, tmp_path / f"{i}.png") for i, photo in enumerate(own)]
    wrong = save(hopper(), tmp_path / "wrong.png")
    for number in (2, 3):
        listener = Listener()
        enrolled = {"Eileen": [wrong, *photos[:number]]}
        gallery = Gallery.enrol(enrolled, detector, embedder, listener)
        assert [(odd.member, odd.photo) for odd in gallery.odd] == [("Eileen", wrong)]
        assert listener.lines == [
            f"{wrong}: this face does not look like the other photos of Eileen; check it"
        ]
        assert gallery.photos.tolist() == [number + 1]
    for alike in ([wrong, photos[0]], photos):
        assert not Gallery.enrol({"Eileen": alike}, detector, embedder, Silent()).odd


def test_one_person_under_two_names_is_a_warning(
    tmp_path: Path, detector: FaceDetector, embedder: Embedder
) -> None:
    eileen, mirrored = astronaut(), np.ascontiguousarray(astronaut()[:, ::-1])
    members = {
        "Ann": [save(eileen, tmp_path / "a.png")],
        "Grace": [save(hopper(), tmp_path / "g.png")],
        "Zoe": [save(mirrored, tmp_path / "z.png")],
    }
    listener = Listener()
    gallery = Gallery.enrol(members, detector, embedder, listener)
    assert gallery.names == ("Ann", "Grace", "Zoe")
    assert listener.lines == ["Ann and Zoe look like the same person; check their photos"]


def test_a_face_cut_off_by_the_edge_is_left_out(
    tmp_path: Path, detector: FaceDetector, embedder: Embedder
) -> None:
    found = detector.detect(astronaut())
    assert found.landmarks is not None
    left = int(found.landmarks[0, 0, 0]) + 15
    photos = [
        save(astronaut(), tmp_path / "whole.png"),
        save(np.ascontiguousarray(astronaut()[:, left:]), tmp_path / "cut.png"),
    ]
    listener = Listener()
    gallery = Gallery.enrol({"Eileen": photos}, detector, embedder, listener)
    (rejection,) = gallery.rejections
    assert rejection.photo == photos[1]
    assert rejection.reason == "the face is cut off by the picture's edge"
    assert listener.lines == [f"{photos[1]}: {rejection.reason}; this photo is left out"]


class Together(FaceDetector):
    """Waits in its first two calls until both have begun."""

    name = "together"

    def __init__(self, detector: FaceDetector) -> None:
        self._detector = detector
        self._both = Barrier(2)
        self._first = [True, True]

    def detect(self, image: RGBImage) -> Faces:
        if self._first:
            self._first.pop()
            self._both.wait(60)
        return self._detector.detect(image)


def test_photos_are_read_in_threads_and_stay_in_order(
    tmp_path: Path, detector: FaceDetector, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    people = {"Eileen": astronaut(), "Grace": hopper()}
    members = {
        name: [save(photo, tmp_path / f"{name}{n}.png") for n in range(3)]
        for name, photo in people.items()
    }
    gallery = Gallery.enrol(members, Together(detector), embedder, Silent())
    assert gallery.owners.tolist() == [0, 0, 0, 1, 1, 1]
    for own in (gallery.vectors[:3], gallery.vectors[3:]):
        np.testing.assert_allclose(own, own[:1].repeat(3, axis=0), atol=1e-5)


def test_all_photos_may_be_rotated(
    tmp_path: Path, detector: FaceDetector, embedder: Embedder
) -> None:
    lying = np.ascontiguousarray(np.rot90(astronaut()))
    upright = {"Eileen": [save(astronaut(), tmp_path / "a.png")]}
    turned = {"Eileen": [save(lying, tmp_path / "b.png")]}
    expected = Gallery.enrol(upright, detector, embedder).vectors
    found = Gallery.enrol(turned, detector, embedder, rotate=90).vectors
    np.testing.assert_allclose(found, expected, atol=1e-5)
