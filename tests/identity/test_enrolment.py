from __future__ import annotations

import unicodedata
from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.errors import MembersError
from closeup.frames import RGBImage
from closeup.identity.enrolment import find_photos
from closeup.identity.gallery import Gallery
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent
from closeup.protocols import Embedder, FaceDetector
from closeup.settings import Settings
from tests.real_photos import astronaut, hopper


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
        (["Ann/a.txt"], "Ann holds no photo, only Ann/a.txt; add one, or take the folder away"),
        (["Ann/.a.jpg", "Ann/Thumbs.db", "Eve.jpg"], "Ann holds no photo; add one"),
        (["Ann/2019/a.jpg"], "Ann holds no photo, only Ann/2019/; add one"),
        ([f"{number}.psd" for number in range(9)], "only 0.psd, .*, 4.psd and 4 more; add"),
    ],
)
def test_folders_without_photos(tmp_path: Path, content: list[str], reason: str) -> None:
    touch(tmp_path, *content)
    with pytest.raises(MembersError, match=reason):
        find_photos(tmp_path)


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


def test_a_member_without_a_usable_photo_is_an_error_that_says_why(
    tmp_path: Path, detector: FaceDetector, embedder: Embedder
) -> None:
    empty = save(np.zeros((99, 99, 3), np.uint8), tmp_path / "e.png")
    members = {"Eileen": [save(astronaut(), tmp_path / "g.png")], "Grace": [empty]}
    with pytest.raises(MembersError, match=r"^Grace: .* \(e\.png: no face found\)"):
        Gallery.enrol(members, detector, embedder, Silent())


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
