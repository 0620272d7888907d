"""Videos that lie on their side: the hint, and the option that it names."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from closeup import FancamOptions, make_fancams
from closeup.errors import InputError
from closeup.formats.dataset_folder import DOCUMENT
from closeup.landmarks.cut_options import CutOptions, Template
from closeup.media.images import read_image
from closeup.media.video_reader import open_video
from closeup.open_models import Models
from closeup.pipeline.datasets.eye_dataset import EyeSetOptions, build_eye_set
from closeup.pipeline.evaluation.pupil_jitter import evaluate_jitter
from closeup.pipeline.fancams.member_pictures import MemberSetOptions
from closeup.pipeline.fancams.member_set import build_member_set
from closeup.pipeline.people.cluster import cluster_people
from closeup.pipeline.people.identify import identify
from closeup.pipeline.people.verify import verify_photos
from closeup.pipeline.search.align import align_faces
from closeup.pipeline.search.drawn_faces import draw_faces
from closeup.pipeline.search.faces import find_faces
from closeup.pipeline.search.pupils import find_pupils
from closeup.settings import Settings
from tests.filming import film
from tests.kept_models import kept
from tests.pipeline.running import Listener, pictures
from tests.real_photos import astronaut, hopper
from tests.small_stage import EILEEN, FRAMES, GRACE, RATE, SIZE

HINT = "faces were found in pictures rotated by {0} degrees: run again with --rotate {0}"


@pytest.fixture
def models(settings: Settings) -> Models:
    return kept(settings)


@pytest.fixture(scope="module")
def lying(small_stage: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """The small stage as a camera films it that needs a rotation by so many degrees."""
    folder = tmp_path_factory.mktemp("lying")
    shown = pictures(small_stage)

    def write(degrees: int) -> Path:
        path = folder / f"{degrees}.mp4"
        if not path.exists():
            turned = [np.ascontiguousarray(np.rot90(p, degrees // 90)) for p in shown]
            film(path, turned, rate=Fraction(RATE), options={"crf": "12"})
        return path

    return write


def boxes(search: Any) -> list[NDArray[np.float32]]:
    """The boxes of each picture, from left to right."""
    return [
        found.faces.boxes[np.argsort(found.faces.boxes[:, 0])] for found in search if found.faces
    ]


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("installed", [True, False])
def test_a_lying_video_is_searched_with_a_hint(
    degrees: int, installed: bool, lying: Callable[[int], Path], models: Models, tmp_path: Path
) -> None:
    """With YuNet, which finds many lying heads, and with the detector of a fresh machine."""
    models = models if installed else kept(Settings(None, tmp_path))
    listener = Listener()
    for _ in find_faces(lying(degrees), every=3, models=models, progress=listener):
        pass
    assert listener.lines[-1] == f"{degrees}.mp4: {HINT.format(degrees)}"


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_rotated_video_is_searched_as_an_upright_one(
    degrees: int, lying: Callable[[int], Path], small_stage: Path, models: Models
) -> None:
    listener = Listener()
    search = find_faces(lying(degrees), every=6, rotate=degrees, models=models, progress=listener)
    expected = boxes(find_faces(small_stage, every=6, models=models))
    for own, wanted in zip(boxes(search), expected, strict=True):
        assert own == pytest.approx(wanted, abs=3)
    assert not [line for line in listener.lines if "rotate" in line]


def test_every_search_of_a_video_gives_the_hint(
    lying: Callable[[int], Path], small_stage: Path, models: Models, tmp_path: Path
) -> None:
    video, listener = lying(90), Listener()
    options: dict[str, Any] = {"every": 6, "models": models, "progress": listener}
    draw_faces(find_faces(video, **options), tmp_path / "faces")
    list(find_pupils(video, "darkest", **options))
    list(identify(video, small_stage.parent / "members", **options))
    with suppress(InputError):  # whether a lying head is found at all depends on the processor
        cluster_people(video, tmp_path / "people", **options)
    hints = [line for line in listener.lines if "--rotate" in line]
    assert hints == [f"90.mp4: {HINT.format(90)}"] * 4


def test_the_hint_counts_a_rotation_that_was_wrong(
    lying: Callable[[int], Path], small_stage: Path, models: Models
) -> None:
    for video, wrong, hint in (
        (lying(90), 180, HINT.format(90)),
        (
            small_stage,
            90,
            "faces were found in the pictures as they are: run again without --rotate",
        ),
    ):
        listener = Listener()
        list(find_faces(video, every=6, rotate=wrong, models=models, progress=listener))
        assert listener.lines[-1] == f"{video.name}: {hint}"


def test_a_video_without_faces_gets_no_hint(models: Models, tmp_path: Path) -> None:
    noise = np.random.default_rng(0)
    video = film(
        tmp_path / "noise.mp4", [noise.integers(0, 256, (90, 160, 3), np.uint8) for _ in range(20)]
    )
    listener = Listener()
    assert not any(
        len(found.faces) for found in find_faces(video, models=models, progress=listener)
    )
    assert not [line for line in listener.lines if "rotate" in line]


def test_photos_get_no_hint(models: Models) -> None:
    listener = Listener()
    list(find_faces(np.rot90(hopper()), models=models, progress=listener))
    list(find_faces([np.rot90(hopper())] * 3, models=models, progress=listener))
    assert not [line for line in listener.lines if "rotate" in line]


def test_fancams_of_a_lying_video(
    lying: Callable[[int], Path], small_stage: Path, models: Models, tmp_path: Path
) -> None:
    members, out = small_stage.parent / "members", tmp_path / "out"
    hint = f"90.mp4: {HINT.format(90)}"
    for _ in range(2):  # the second run has the hint from the saved analysis
        listener = Listener()
        made = make_fancams(lying(90), members, out, models=models, progress=listener)
        assert [line for line in listener.lines if "--rotate" in line] == [hint]
    assert "analysing" not in listener.stages
    listener = Listener()
    options = FancamOptions(rotate=90, preview=True)
    made = make_fancams(lying(90), members, out, options, models=models, progress=listener)
    assert "analysing" in listener.stages, "the rotation belongs to the analysis"
    assert not [line for line in listener.lines if "--rotate" in line]
    assert list(made.videos) == [EILEEN, GRACE]
    assert made.solution.size == SIZE
    assert made.preview is not None
    shown, expected = pictures(made.preview), pictures(small_stage)
    assert len(shown) == FRAMES
    assert shown[0].shape == expected[0].shape
    assert np.abs(shown[0].astype(int) - expected[0]).mean() < 12
    for path in made.videos.values():
        assert len(pictures(path)) == FRAMES
    with open_video(made.videos[EILEEN]) as video:
        assert video.size.height == SIZE.height


def test_photos_are_rotated(models: Models, tmp_path: Path) -> None:
    upright, turned = tmp_path / "upright.png", tmp_path / "turned.png"
    Image.fromarray(hopper()).save(upright)
    Image.fromarray(np.rot90(hopper())).save(turned)
    (face,) = find_faces(turned, rotate=90, models=models)
    (expected,) = find_faces(upright, models=models)
    assert face.faces.boxes == pytest.approx(expected.faces.boxes)
    (cut,) = align_faces(
        turned, tmp_path / "cut", CutOptions(template=Template.CROP), rotate=90, models=models
    )
    assert cut.face.boxes == pytest.approx(expected.faces.boxes)
    assert verify_photos(turned, turned, rotate=90, models=models).verdict.same


def test_a_set_of_members_is_made_from_the_rotated_video(
    lying: Callable[[int], Path], small_stage: Path, models: Models, tmp_path: Path
) -> None:
    members, options = small_stage.parent / "members", MemberSetOptions(frames=20, size=160)
    made = build_member_set(
        lying(270), members, tmp_path / "set", options, rotate=270, models=models
    )
    images = list((tmp_path / "set" / "images").rglob("*.jpg"))
    assert images
    assert {read_image(image).shape for image in images} == {(90, 160, 3)}
    assert made.document["train"]["boxes"].keys() == {EILEEN, GRACE}


def test_jitter_is_measured_in_the_rotated_video(models: Models, tmp_path: Path) -> None:
    picture = np.ascontiguousarray(np.rot90(astronaut()[:300, 100:360]))
    video = film(tmp_path / "still.mkv", [picture] * 3, codec="ffv1")
    found = evaluate_jitter(video, ("darkest",), rotate=90, models=models)
    assert (found["frames"], found["faces"]) == (3, 3)


def test_eyes_are_cut_from_rotated_pictures_but_not_from_labelled_ones(
    models: Models, tmp_path: Path
) -> None:
    photos, out = tmp_path / "photos", tmp_path / "eyes"
    photos.mkdir()
    Image.fromarray(np.rot90(hopper())).save(photos / "turned.png")
    made = build_eye_set(photos, out, EyeSetOptions(rotate=90), models=models)
    assert [row.side for row in made.store.rows()] == ["right", "left"]
    with pytest.raises(InputError, match="was begun with rotate 90 instead of 270"):
        build_eye_set(photos, out, EyeSetOptions(rotate=270), models=models)
    (photos / DOCUMENT).write_text("{}")
    with pytest.raises(InputError, match="its labels are places in its pictures as they are"):
        build_eye_set(photos, tmp_path / "other", EyeSetOptions(rotate=90), models=models)


def test_another_angle_is_refused_everywhere(
    small_stage: Path, models: Models, tmp_path: Path
) -> None:
    members, out = small_stage.parent / "members", tmp_path / "out"
    for call in (
        lambda: find_faces(small_stage, rotate=45, models=models),
        lambda: find_pupils(small_stage, rotate=45, models=models),
        lambda: identify(small_stage, members, rotate=45, models=models),
        lambda: cluster_people(small_stage, out, rotate=45, models=models),
        lambda: align_faces(
            small_stage, out, CutOptions(template=Template.CROP), rotate=45, models=models
        ),
        lambda: verify_photos(small_stage, small_stage, rotate=45, models=models),
        lambda: evaluate_jitter(small_stage, rotate=45, models=models),
        lambda: FancamOptions(rotate=45),
        lambda: EyeSetOptions(rotate=45),
    ):
        with pytest.raises(ValueError, match="rotate is 45; give 90, 180 or 270"):
            call()
    assert not out.exists()
