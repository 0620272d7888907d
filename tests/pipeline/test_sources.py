"""Arrays, lists, generators, frames with times and open videos through all that takes pictures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from closeup.errors import InputError
from closeup.frames import ArrayFrame, RGBImage
from closeup.landmarks.cut_options import CutOptions, Template
from closeup.media.camera import Camera
from closeup.media.pictures import PictureSource, SourceKind
from closeup.media.video_reader import open_video
from closeup.open_models import Models
from closeup.pipeline.evaluation.pupil_jitter import evaluate_jitter
from closeup.pipeline.people.cluster import cluster_people
from closeup.pipeline.people.identify import identify
from closeup.pipeline.search.align import align_faces
from closeup.pipeline.search.drawn_faces import draw_faces
from closeup.pipeline.search.faces import find_faces
from closeup.pipeline.search.pupils import find_pupils
from closeup.pipeline.search.search import FacesInPicture, Search
from closeup.settings import Settings
from closeup.timecode import Timecode
from tests.filming import film
from tests.kept_models import kept
from tests.pipeline.running import Listener, files
from tests.real_photos import astronaut, hopper
from tests.small_stage import EILEEN, GRACE

CROP = CutOptions(template=Template.CROP)
TWENTY_FIFTH = Fraction(1, 25)

Opening = Callable[[PictureSource], Search]


@pytest.fixture
def models(settings: Settings) -> Models:
    return kept(settings)


@pytest.fixture(params=["faces", "pupils", "people"])
def search(request: pytest.FixtureRequest, models: Models, small_stage: Path) -> Opening:
    """Each of the three searches."""

    def open_it(source: PictureSource) -> Search:
        match request.param:
            case "faces":
                return find_faces(source, models=models)
            case "pupils":
                return find_pupils(source, "darkest", models=models)
            case _:
                return identify(source, small_stage.parent / "members", models=models)

    return open_it


def two() -> list[RGBImage]:
    return [astronaut(), hopper()]


def failing(pictures: Iterable[RGBImage]) -> Iterator[RGBImage]:
    """Some pictures, then an error as a camera's."""
    yield from pictures
    raise RuntimeError("cable pulled")


def told(pictures: Iterable[FacesInPicture]) -> list[list[dict[str, Any]]]:
    """The faces of each picture as JSON has them."""
    return [picture.record()["faces"] for picture in pictures]


@pytest.fixture
def portraits(tmp_path: Path) -> Path:
    folder = tmp_path / "portraits"
    folder.mkdir()
    for number, image in enumerate(two()):
        Image.fromarray(image).save(folder / f"{number}.png")
    return folder


def test_an_array_is_searched_as_the_file_of_its_pixels(portraits: Path, search: Opening) -> None:
    (own,), (expected,) = search(astronaut()), search(portraits / "0.png")
    assert told([own]) == told([expected])
    assert len(own.faces) == 1
    assert (own.name, own.frame, own.seconds) == ("image", None, None)
    assert own.record()["image"] == "image"


def test_a_list_and_a_generator_give_the_faces_of_their_pictures(
    portraits: Path, search: Opening
) -> None:
    expected = told(search(portraits))
    assert [len(faces) for faces in expected] == [1, 1]
    for source in (two(), (image for image in two())):
        found = list(search(source))
        assert told(found) == expected
        assert [(p.name, p.frame, p.seconds) for p in found] == [
            ("frame-000000", 0, None), ("frame-000001", 1, None),
        ]  # fmt: skip
        assert [p.record()["seconds"] for p in found] == [None, None]


def test_a_list_can_be_searched_twice_and_a_generator_once(search: Opening) -> None:
    again = search(two())
    assert told(again) == told(again)
    once = search(image for image in two())
    assert len(list(once)) == 2
    with pytest.raises(InputError, match="no frame; a generator or a camera gives its frames once"):
        list(once)


def test_an_open_video_and_its_frames_are_searched_as_the_file(
    tmp_path: Path, search: Opening
) -> None:
    face = np.asarray(cv2.resize(hopper(), (256, 300)), np.uint8)
    clip = film(tmp_path / "clip.mp4", [np.roll(face, 4 * i, axis=1) for i in range(5)])
    expected = list(search(clip))
    with open_video(clip) as video:
        opened = search(video)
        assert opened.kind is SourceKind.VIDEO
        assert [p.record() for p in opened] == [p.record() for p in expected]
    with open_video(clip) as video:
        frames = list(search(video.frames()))
    assert told(frames) == told(expected)
    assert [(p.frame, p.seconds) for p in frames] == [(p.frame, p.seconds) for p in expected]


def test_a_camera_is_searched_until_it_ends(tmp_path: Path, models: Models) -> None:
    face = np.asarray(cv2.resize(hopper(), (256, 300)), np.uint8)
    clip = film(tmp_path / "clip.mp4", [face] * 3)
    with Camera(clip) as camera:
        found = list(find_faces(camera, models=models))
    assert [(p.name, len(p.faces)) for p in found] == [
        (f"frame-{number:06d}", 1) for number in range(3)
    ]
    seconds = [p.seconds for p in found]
    assert seconds[0] == 0
    assert seconds == sorted(seconds)  # type: ignore[type-var]


def test_the_gaze_of_frames_with_times_is_smoothed(models: Models) -> None:
    rng = np.random.default_rng(0)
    images = [
        np.clip(astronaut()[:300, 100:360] + rng.normal(0, 12, (300, 260, 3)), 0, 255)
        for _ in range(6)
    ]
    pictures = [image.astype(np.uint8) for image in images]
    timed = [ArrayFrame(i, Timecode(i, TWENTY_FIFTH), p) for i, p in enumerate(pictures)]
    plain, smooth = (
        np.array([p.faces.eyes.gaze[0] for p in find_pupils(source, "darkest", models=models)])  # type: ignore[union-attr, index]
        for source in (pictures, timed)
    )
    np.testing.assert_array_equal(smooth[0], plain[0])
    assert np.abs(np.diff(smooth, axis=0)).sum() < 0.7 * np.abs(np.diff(plain, axis=0)).sum()


def test_some_frames_of_an_iterable(models: Models) -> None:
    found = find_faces([*two(), *two()], every=3, models=models)
    assert [p.frame for p in found] == [0, 3]


def test_drawn_frames_are_named_as_they_come(tmp_path: Path, models: Models) -> None:
    source = (image for image in two())
    made = draw_faces(find_pupils(source, "darkest", steps=True, models=models), tmp_path / "out")
    drawn = {"frame-000000.jpg", "frame-000001.jpg"}
    steps = {f"steps/{name}-0.png" for name in drawn}
    assert files(tmp_path / "out") == drawn | steps | {"steps", "pupils.csv", "pupils.json"}
    assert made.drawn == tmp_path / "out"
    document = json.loads(made.document.read_text(encoding="utf-8"))
    assert [(p["image"], p["frame"]) for p in document] == [("frames", 0), ("frames", 1)]
    rows = made.table.read_text(encoding="utf-8").splitlines()
    assert [row.split(",")[:3] for row in rows] == [
        ["image", "frame", "face"], ["frame-000000", "0", "0"], ["frame-000001", "1", "0"],
    ]  # fmt: skip
    with Image.open(made.drawn / "frame-000001.jpg") as image:
        assert image.size == (512, 600)


def test_a_drawn_array_is_one_picture(tmp_path: Path, models: Models) -> None:
    made = draw_faces(find_faces(astronaut(), models=models), tmp_path / "out")
    assert files(tmp_path / "out") == {"image.jpg", "faces.csv", "faces.json"}
    assert made.drawn == tmp_path / "out" / "image.jpg"
    assert isinstance(json.loads(made.document.read_text(encoding="utf-8")), dict)


def test_a_frame_that_is_no_picture_is_named_and_left_out(models: Models) -> None:
    listener = Listener()
    source = [astronaut(), astronaut()[..., 0], hopper()]
    found = list(find_faces(source, models=models, progress=listener))
    assert [p.frame for p in found] == [0, 2]
    assert "frame-000001 is an array of shape (512, 512)" in listener.lines[-2]
    assert listener.lines[-2].endswith("it is left out")
    assert listener.lines[-1] == "1 frame passed over: 1 not RGB pictures"


def test_members_on_frames(small_stage: Path, models: Models) -> None:
    found = identify(two(), small_stage.parent / "members", models=models)
    assert [p.faces.names for p in found] == [(EILEEN,), (GRACE,)]


def test_people_of_frames(tmp_path: Path, models: Models) -> None:
    out = tmp_path / "who"
    source = (image for image in (astronaut(), hopper(), astronaut()[:, ::-1].copy()))
    people = cluster_people(source, out, models=models)
    (person,) = people.groups
    assert [face.frame for face in person.faces] in ([0, 2], [2, 0])
    assert [face.frame for face in people.alone] == [1]
    assert people.source == "frames"
    names = {"person-001/frame-000000.jpg", "person-001/frame-000002.jpg"}
    assert names <= files(out)


def test_people_of_an_array(tmp_path: Path, models: Models) -> None:
    both = np.hstack([astronaut(), hopper()[:512]])
    people = cluster_people(both, tmp_path / "who", min_faces=1, models=models)
    assert [len(person.faces) for person in people.groups] == [1, 1]


def test_aligned_faces_of_arrays(
    tmp_path: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alone,) = align_faces(astronaut(), tmp_path / "a", CROP, models=models)
    assert alone.file.name == "image.png"
    (named,) = align_faces(astronaut(), tmp_path / "eileen.png", CROP, models=models)
    assert named.file.read_bytes() == alone.file.read_bytes()
    monkeypatch.chdir(tmp_path)
    for source in (two(), (image for image in two())):
        made = align_faces(source, "frames", CROP, models=models)
        assert [face.file.name for face in made] == ["frame-000000.png", "frame-000001.png"]
        assert made[0].file.read_bytes() == alone.file.read_bytes()


def test_jitter_of_frames(models: Models) -> None:
    still = [astronaut()[:300, 100:360]] * 12
    found = evaluate_jitter(iter(still), ("darkest",), models=models)
    assert found["frames"] == 12
    assert found["methods"]["darkest"]["jitter_pixels"] < 1e-3


def test_no_frame_is_refused(tmp_path: Path, search: Opening, models: Models) -> None:
    nothing: list[RGBImage] = []
    out = tmp_path / "out"
    for run in (
        lambda: list(search(nothing)),
        lambda: draw_faces(search(iter(nothing)), out),
        lambda: align_faces(nothing, out, CROP, models=models),
        lambda: cluster_people(iter(nothing), out, models=models),
    ):
        with pytest.raises(InputError, match="the source gave no frame") as got:
            run()
        assert "\n" not in str(got.value)
    assert not out.exists()


def test_what_came_before_a_failure_is_given(search: Opening) -> None:
    found = iter(search(failing(two())))
    assert [next(found).frame, next(found).frame] == [0, 1]
    with pytest.raises(InputError, match=r"after 2 frames \(RuntimeError: cable pulled\); mend"):
        next(found)


def test_a_failing_source_leaves_no_half_result(
    tmp_path: Path, search: Opening, models: Models
) -> None:
    drawn, aligned, who = tmp_path / "drawn", tmp_path / "aligned", tmp_path / "who"
    for run in (
        lambda: draw_faces(search(failing(two())), drawn),
        lambda: align_faces(failing(two()), aligned, CROP, models=models),
        lambda: cluster_people(failing(two()), who, models=models),
    ):
        with pytest.raises(InputError, match="the source failed after 2 frames") as got:
            run()
        assert "\n" not in str(got.value)
    # Pictures that are whole stay; no table speaks of a part of them.
    assert files(drawn) == {"frame-000000.jpg", "frame-000001.jpg"}
    assert files(aligned) == {"frame-000000.png", "frame-000001.png"}
    for path in (*drawn.iterdir(), *aligned.iterdir()):
        with Image.open(path) as image:
            image.load()
    assert not who.exists()


def test_a_source_that_fails_at_once_leaves_nothing(
    tmp_path: Path, search: Opening, models: Models
) -> None:
    out = tmp_path / "out"
    with pytest.raises(InputError, match="the source failed after 0 frames"):
        draw_faces(search(failing([])), out)
    with pytest.raises(InputError, match="the source failed after 0 frames"):
        align_faces(failing([]), out, CROP, models=models)
    assert not out.exists()
