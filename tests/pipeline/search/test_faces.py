from __future__ import annotations

import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.errors import ImageError, InputError, ModelError
from closeup.faces import PointScheme
from closeup.geometry import iou
from closeup.landmarks.dlib_points import DlibLandmarker
from closeup.media.pictures import SourceKind
from closeup.pipeline.search.faces import Points, find_faces
from closeup.pipeline.search.search import FacesInPicture
from closeup.settings import Settings
from tests.kept_models import kept
from tests.pipeline.running import Listener
from tests.real_photos import astronaut, dlib_file, hopper
from tests.small_stage import FRAMES, RATE


@pytest.fixture
def portraits(tmp_path: Path) -> Path:
    folder = tmp_path / "portraits"
    (folder / "more").mkdir(parents=True)
    Image.fromarray(astronaut()).save(folder / "astronaut.png")
    Image.fromarray(hopper()).save(folder / "more" / "hopper.jpg", quality=95)
    return folder


def only(found: list[FacesInPicture]) -> FacesInPicture:
    (picture,) = found
    return picture


@pytest.mark.parametrize(
    ("detector", "points", "scheme", "count"),
    [
        ("yunet-n", "auto", PointScheme.EYES_NOSE_MOUTH, 5),
        ("yunet-n", PointScheme.DLIB_5, PointScheme.DLIB_5, 5),
        ("yunet-n", PointScheme.DLIB_68, PointScheme.DLIB_68, 68),
        ("yunet-n", None, None, 0),
        ("hog", "auto", PointScheme.DLIB_5, 5),
        ("hog", None, None, 0),
    ],
)
def test_which_points_a_face_gets(
    detector: str,
    points: Points,
    scheme: PointScheme | None,
    count: int,
    portraits: Path,
    settings: Settings,
) -> None:
    image = portraits / "astronaut.png"
    found = only(list(find_faces(image, detector, points=points, models=kept(settings))))
    assert len(found.faces) == 1
    assert found.faces.scheme == scheme
    assert found.faces.points is not None
    assert found.faces.points.shape == (1, count, 2)
    x1, y1, x2, y2 = found.faces.boxes[0]
    inside = (found.faces.points > [x1 - 5, y1 - 5]) & (found.faces.points < [x2 + 5, y2 + 15])
    assert inside.all()
    if scheme == PointScheme.DLIB_5:
        expected = DlibLandmarker(dlib_file("dlib-5-points")).find(astronaut(), found.faces)
        np.testing.assert_array_equal(found.faces.points, expected)


def test_the_mesh_of_a_face(portraits: Path, all_models: Path) -> None:
    models = kept(Settings(all_models, Path("no such folder"), commercial=True))
    image, points = portraits / "astronaut.png", PointScheme.MEDIAPIPE_468
    found = only(list(find_faces(image, points=points, models=models)))
    assert found.faces.scheme == points
    assert found.faces.points is not None
    assert found.faces.points.shape == (1, 468, 2)


def test_a_picture_without_a_face_has_points_of_the_same_shape(
    tmp_path: Path, settings: Settings
) -> None:
    Image.new("RGB", (1, 1)).save(tmp_path / "a.png")
    wanted: list[tuple[Points, int]] = [("auto", 5), (PointScheme.DLIB_68, 68), (None, 0)]
    for points, count in wanted:
        found = only(list(find_faces(tmp_path, "yunet", points=points, models=kept(settings))))
        assert found.faces.points is not None
        assert found.faces.points.shape == (0, count, 2)
        assert found.record()["faces"] == []


def test_a_folder_through_its_sub_folders(portraits: Path, settings: Settings) -> None:
    (portraits / "broken.jpg").write_bytes(b"\xff\xd8 rubbish")
    (portraits / "notes.txt").write_text("not a picture")
    listener = Listener()
    search = find_faces(portraits, models=kept(settings), progress=listener)
    found = list(search)
    assert search.kind is SourceKind.FOLDER
    assert [p.path for p in found] == [
        portraits / "astronaut.png",
        portraits / "more" / "hopper.jpg",
    ]
    assert [len(p.faces) for p in found] == [1, 1]
    assert listener.lines[0] == "finding faces with yunet-n"
    named, counted = listener.lines[1:]
    assert named.endswith("it is left out")
    assert counted == ("2 files passed over: 1 without a picture, 1 with other suffixes (.txt)")


def test_a_search_can_be_made_twice(portraits: Path, settings: Settings) -> None:
    search = find_faces(str(portraits), "hog", models=kept(settings))
    first, second = [[p.record() for p in search] for _ in range(2)]
    assert first == second


def test_frames_of_a_video(small_stage: Path, settings: Settings) -> None:
    found = list(find_faces(small_stage, every=10, models=kept(settings)))
    assert [p.frame for p in found] == list(range(0, FRAMES, 10))
    assert [p.seconds for p in found] == [Fraction(i, RATE) for i in range(0, FRAMES, 10)]
    assert len(found[0].faces) == 2
    record = found[1].record()
    assert (record["frame"], record["landmarks"]) == (10, "eyes-nose-mouth")


def test_low_scores_are_left_out(portraits: Path, settings: Settings) -> None:
    every = list(find_faces(portraits, models=kept(settings)))
    limit = float(np.mean([p.faces.scores[0] for p in every]))
    sure = list(find_faces(portraits, score_threshold=limit, models=kept(settings)))
    assert sorted(len(p.faces) for p in sure) == [0, 1]
    for before, after in zip(every, sure, strict=True):
        assert after.faces.points is not None
        assert len(after.faces.points) == np.sum(before.faces.scores >= limit)


@pytest.mark.parametrize("tag", [3, 6])
def test_boxes_lie_in_the_picture_as_shown(tag: int, tmp_path: Path, settings: Settings) -> None:
    turns = {3: 2, 6: 1}[tag]
    exif = Image.Exif()
    exif[0x0112] = tag
    path = tmp_path / "a.png"
    Image.fromarray(np.ascontiguousarray(np.rot90(hopper(), turns))).save(path, exif=exif)
    Image.fromarray(hopper()).save(tmp_path / "b.png")
    turned, upright = find_faces(tmp_path, models=kept(settings))
    assert iou(turned.faces.boxes, upright.faces.boxes)[0, 0] == 1


def test_filters_of_warnings_stay_as_they_are_while_threads_read(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a long description"
    content = exif.tobytes()
    broken = content[:18] + b"\xff" * 4 + content[22:]  # the text lies beyond the data
    for number in range(12):
        Image.fromarray(hopper()[::4, ::4]).save(tmp_path / f"{number}.jpg", exif=broken)
    listener = Listener()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before, version = list(warnings.filters), warnings.filters
        search = find_faces(tmp_path, models=kept(settings), progress=listener)
        monkeypatch.setattr(warnings, "catch_warnings", None)  # it changes all threads
        found = list(search)
        monkeypatch.undo()
        assert warnings.filters is version
        assert list(warnings.filters) == before
    assert len(found) == 12
    assert listener.lines == ["finding faces with yunet-n"]


def test_the_record(portraits: Path, settings: Settings) -> None:
    found = only(list(find_faces(portraits / "astronaut.png", models=kept(settings))))
    record = found.record()
    assert record["image"] == str(portraits / "astronaut.png")
    assert record["landmarks"] == "eyes-nose-mouth"
    (face,) = record["faces"]
    assert face["box"] == pytest.approx(found.faces.boxes[0], abs=0.01)
    assert np.array(face["points"]).shape == (5, 2)
    assert face["name"] is None
    assert "frame" not in record


def test_what_cannot_be_searched(portraits: Path, tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        find_faces(tmp_path / "none", models=kept(settings))
    with pytest.raises(ValueError, match="every must be 1 or more"):
        find_faces(portraits, every=0, models=kept(settings))
    with pytest.raises(ModelError, match="no face detector 'none'"):
        find_faces(portraits, "none", models=kept(settings))
    research = Settings(settings.models, settings.cache, commercial=True)
    with pytest.raises(ModelError, match="dlib-68-points is not free for commercial use"):
        find_faces(portraits, points=PointScheme.DLIB_68, models=kept(research))
    (tmp_path / "a.jpg").write_bytes(b"")
    with pytest.raises(ImageError, match="is not a picture"):
        list(find_faces(tmp_path / "a.jpg", models=kept(settings)))


def test_photos_are_searched_in_all_turns_and_frames_if_asked(settings: Settings) -> None:
    sideways = np.ascontiguousarray(np.rot90(astronaut()))
    (photo,) = find_faces(sideways, "yunet-n", models=kept(settings))
    (frame,) = find_faces([sideways], "yunet-n", models=kept(settings))
    (asked,) = find_faces([sideways], "yunet-n", any_rotation=True, models=kept(settings))
    assert photo.record()["faces"][0]["roll"] == pytest.approx(-90, abs=10)
    assert all("roll" not in face for face in frame.record()["faces"])
    assert asked.record()["faces"] == photo.record()["faces"]
    (upright,) = find_faces(astronaut(), "yunet-n", models=kept(settings))
    assert "roll" not in upright.record()["faces"][0]
    turned = np.array(upright.record()["faces"][0]["points"])
    expected = np.stack([turned[:, 1], astronaut().shape[1] - 1 - turned[:, 0]], axis=1)
    distance = np.linalg.norm(expected[1] - expected[0])
    points = np.array(photo.record()["faces"][0]["points"])
    assert np.linalg.norm(points - expected, axis=1).max() < 0.3 * distance
