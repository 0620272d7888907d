"""Parts of the user's own through every use case that takes some: the same results as by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from closeup import FancamOptions, Fancams, make_fancams
from closeup.errors import InputError, PartError, ShapeError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.identity.gallery import Gallery
from closeup.landmarks.cut_options import CutOptions, Template
from closeup.open_models import Models
from closeup.pipeline.datasets.eye_dataset import build_eye_set
from closeup.pipeline.evaluation.lfw import evaluate_lfw
from closeup.pipeline.evaluation.pupil_calibration import calibrate_pupils
from closeup.pipeline.evaluation.pupil_evaluation import evaluate_pupils
from closeup.pipeline.evaluation.pupil_jitter import evaluate_jitter
from closeup.pipeline.fancams.member_pictures import MemberSetOptions
from closeup.pipeline.fancams.member_set import build_member_set
from closeup.pipeline.people.cluster import cluster_people
from closeup.pipeline.people.identify import identify
from closeup.pipeline.people.members import enrol_members
from closeup.pipeline.people.naming import Naming, name_people
from closeup.pipeline.people.verify import verify_photos
from closeup.pipeline.search.align import align_faces
from closeup.pipeline.search.drawn_faces import draw_faces
from closeup.pipeline.search.faces import find_faces
from closeup.pipeline.search.pupils import find_pupils
from closeup.protocols import FaceDetector
from closeup.pupils.calibration import Calibration
from closeup.settings import Settings
from closeup.tracks import PositionSource
from tests.calibrations import plain
from tests.few_eyes import write_few_eyes
from tests.few_pairs import write_few_pairs
from tests.filming import film
from tests.kept_models import kept
from tests.own_parts import (
    OwnDetector,
    OwnEmbedder,
    OwnLandmarker,
    OwnMemberDetector,
    OwnPersonDetector,
    OwnPupilFinder,
    OwnShotDetector,
    OwnTracker,
)
from tests.pipeline.running import Listener, files
from tests.real_photos import astronaut, hopper
from tests.small_stage import EILEEN, FRAMES, GRACE


@pytest.fixture
def models(settings: Settings) -> Models:
    return kept(settings)


@pytest.fixture
def detector(models: Models) -> OwnDetector:
    return OwnDetector(models.detector("yunet-n", threads=1))


@pytest.fixture
def embedder(models: Models) -> OwnEmbedder:
    return OwnEmbedder(models.embedder(threads=1))


@pytest.fixture
def members(small_stage: Path) -> Path:
    return small_stage.parent / "members"


@pytest.fixture
def portraits(tmp_path: Path) -> Path:
    folder = tmp_path / "portraits"
    folder.mkdir()
    Image.fromarray(astronaut()).save(folder / "eileen.png")
    Image.fromarray(hopper()).save(folder / "grace.png")
    return folder


def test_faces_by_an_own_detector(portraits: Path, detector: OwnDetector, models: Models) -> None:
    listener = Listener()
    found = find_faces(portraits, detector, models=models, progress=listener)
    expected = find_faces(portraits, "yunet-n", models=models)
    assert [p.record() for p in found] == [p.record() for p in expected]
    assert detector.calls >= 2
    assert listener.lines == ["finding faces with own-detector"]


def test_faces_with_own_points(portraits: Path, tmp_path: Path, models: Models) -> None:
    search = find_faces(portraits, points=OwnLandmarker(), models=models)
    made = draw_faces(search, tmp_path / "out")
    for picture in made.found:
        faces = picture.faces
        assert faces.scheme == picture.record()["landmarks"] == "middle-and-corner"
        assert faces.points is not None
        np.testing.assert_array_equal(faces.points[:, 1], faces.boxes[:, :2])
    heading = made.table.read_text(encoding="utf-8").splitlines()[0]
    assert heading.endswith("score,p0_x,p0_y,p1_x,p1_y")


def test_columns_of_another_length_say_which_shape_was_expected(
    portraits: Path, models: Models
) -> None:
    class Twice(OwnLandmarker):
        def find(self, image: RGBImage, faces: Faces) -> NDArray[np.float32]:
            return np.concatenate([super().find(image, faces)] * 2)

    search = find_faces(portraits, points=Twice(), models=models)
    with pytest.raises(ShapeError, match=r"^points must have shape \(1, k, 2\), got \(2, 2, 2\)$"):
        list(search)


def test_pupils_by_an_own_finder(portraits: Path, detector: OwnDetector, models: Models) -> None:
    search = find_pupils(portraits, OwnPupilFinder(), detector=detector, models=models)
    for picture in search:
        faces = picture.faces
        assert picture.method == "own-pupils"
        assert faces.eyes is not None
        assert faces.landmarks is not None
        np.testing.assert_array_equal(faces.eyes.centres, faces.landmarks[:, :2])
        assert faces.eyes.gaze is not None
        assert np.isfinite(faces.eyes.gaze).all()


def test_a_finder_that_cannot_show_its_steps_is_refused_at_once(
    portraits: Path, tmp_path: Path, models: Models
) -> None:
    told = "own-pupils cannot show its steps: it lacks show; derive it from closeup.PupilMethod"
    with pytest.raises(PartError, match=told) as got:
        find_pupils(portraits, OwnPupilFinder(), steps=True, models=models)
    assert "\n" not in str(got.value)
    calibration = tmp_path / "own.json"
    Calibration("own-pupils", np.zeros((2, 2)), 20).save(calibration)
    with pytest.raises(PartError, match=told):
        find_pupils(portraits, OwnPupilFinder(), calibration=calibration, steps=True, models=models)


def test_a_calibration_moves_what_an_own_finder_finds(
    portraits: Path, tmp_path: Path, models: Models
) -> None:
    calibration = tmp_path / "own.json"
    Calibration("own-pupils", np.array([[0, 0.1], [0, 0.1]]), 20).save(calibration)
    own = OwnPupilFinder()
    (plain, _), (moved, _) = (
        list(find_pupils(portraits, own, calibration=file, models=models))
        for file in (None, calibration)
    )
    assert plain.faces.eyes is not None
    assert moved.faces.eyes is not None
    down = (moved.faces.eyes.centres - plain.faces.eyes.centres)[0, :, 1]
    assert (down > 3).all()


def test_names_by_own_parts(
    portraits: Path, members: Path, detector: OwnDetector, embedder: OwnEmbedder, models: Models
) -> None:
    own: dict[str, Any] = {"detector": detector, "embedder": embedder}
    found = [p.record() for p in identify(portraits, members, models=models, **own)]
    expected = identify(portraits, members, detector="yunet-n", models=models)
    assert found == [p.record() for p in expected]
    assert [face["name"] for p in found for face in p["faces"]] == [EILEEN, GRACE]
    assert embedder.calls > 0


def test_a_gallery_of_own_parts_is_a_source_of_members(
    portraits: Path, members: Path, tmp_path: Path,
    detector: OwnDetector, embedder: OwnEmbedder, models: Models,
) -> None:  # fmt: skip
    own: dict[str, Any] = {"detector": detector, "embedder": embedder}
    gallery = enrol_members(members, tmp_path / "own.npz", models=models, **own)
    assert isinstance(gallery, Gallery)
    assert not gallery.rejections
    for source in (gallery, tmp_path / "own.npz"):
        names = [p.faces.names for p in identify(portraits, source, models=models, **own)]
        assert names == [(EILEEN,), (GRACE,)]


def test_people_by_own_parts(
    small_stage: Path, tmp_path: Path, detector: OwnDetector, embedder: OwnEmbedder, models: Models
) -> None:
    own: dict[str, Any] = {"detector": detector, "embedder": embedder}
    people = cluster_people(small_stage, tmp_path / "who", every=4, models=models, **own)
    assert len(people.groups) == 2
    made = name_people(
        tmp_path / "who", tmp_path / "members", [Naming(1, "Ann")], models=models, **own
    )
    assert all(path.is_file() for path in made["Ann"])
    assert min(detector.calls, embedder.calls) > 0


def test_two_photos_by_own_parts(
    portraits: Path, detector: OwnDetector, embedder: OwnEmbedder, models: Models
) -> None:
    pair = portraits / "eileen.png", portraits / "grace.png"
    own = verify_photos(*pair, detector=detector, embedder=embedder, models=models)
    assert own.record() == verify_photos(*pair, detector="yunet-n", models=models).record()


def test_aligned_faces_by_an_own_detector(
    portraits: Path, tmp_path: Path, detector: OwnDetector, models: Models
) -> None:
    options = CutOptions(template=Template.EYES256)
    made = align_faces(portraits, tmp_path / "out", options, detector=detector, models=models)
    assert [face.file.name for face in made] == ["eileen.png", "grace.png"]
    assert detector.calls == 2 * (1 + 2), "once a photo, and two looks at its face"


def test_lfw_by_own_parts(
    shared_data: Path, tmp_path: Path, detector: OwnDetector, embedder: OwnEmbedder, models: Models
) -> None:
    pairs = write_few_pairs(shared_data / "lfw", tmp_path / "pairs.txt")
    own, named = (
        evaluate_lfw(shared_data / "lfw", pairs, models=models, **parts)
        for parts in (
            {"detector": detector, "embedder": embedder},
            {"detector": "yunet-n", "embedder": "dlib-128"},
        )
    )
    assert own["detector"] == "own-detector"
    assert own["fold_accuracies"] == named["fold_accuracies"]
    assert own["threshold"] == named["threshold"]


def test_pupils_are_measured_and_calibrated_by_own_parts(
    shared_data: Path, tmp_path: Path, detector: OwnDetector, models: Models
) -> None:
    photos, table = shared_data / "lfw" / "images", tmp_path / "truth.csv"
    write_few_eyes(shared_data, table, 24)
    finder, file = OwnPupilFinder(), tmp_path / "own.json"
    calibration, told = calibrate_pupils(table, photos, finder, detector=detector, models=models)
    assert calibration.method == told["method"] == "own-pupils"
    calibration.save(file)
    result = evaluate_pupils(
        table, photos, (finder, "darkest"),
        detector=detector, calibrations=[file], out=tmp_path / "out", models=models,
    )  # fmt: skip
    assert list(result["methods"]) == ["own-pupils", "darkest"]
    assert (result["detector"], result["calibrated"]) == ("own-detector", ["own-pupils"])
    assert result["methods"]["own-pupils"]["e_0.25"] > 0.9
    assert (tmp_path / "out" / "worst_own-pupils.jpg").is_file()


def test_jitter_of_an_own_finder(tmp_path: Path, detector: OwnDetector, models: Models) -> None:
    video = film(tmp_path / "still.mkv", [astronaut()[:300, 100:360]] * 12, codec="ffv1")
    found = evaluate_jitter(video, [OwnPupilFinder()], detector=detector, models=models)
    assert found["methods"]["own-pupils"]["jitter_pixels"] < 1e-3
    assert found["detector"] == "own-detector"


def test_eyes_by_own_parts(
    portraits: Path, tmp_path: Path, detector: OwnDetector, models: Models
) -> None:
    made = build_eye_set(
        portraits, tmp_path / "eyes", method=OwnPupilFinder(), detector=detector, models=models
    )
    key = made.document["key"]
    assert key["method"] == key["openness"] == "own-pupils"
    assert key["detector"] == "own-detector"
    assert made.document["labels"] == 4


@pytest.fixture
def stage(small_stage: Path) -> Path:
    return small_stage


QUIET = FancamOptions(video=False)


def test_fancams_by_own_parts(
    stage: Path, members: Path, tmp_path: Path, finished: Fancams,
    detector: OwnDetector, embedder: OwnEmbedder, models: Models,
) -> None:  # fmt: skip
    tracker = OwnTracker()
    out = tmp_path / "out"

    def run() -> Fancams:
        return make_fancams(
            stage, members, out, QUIET,
            detector=detector, embedder=embedder, tracker=tracker, models=models,
        )  # fmt: skip

    made = run()
    assert made.coordinates.read_bytes() == finished.coordinates.read_bytes()
    assert (tracker.frames, embedder.calls > 0) == (FRAMES, True)
    calls = detector.calls
    again = run()
    assert again.coordinates.read_bytes() == made.coordinates.read_bytes()
    assert tracker.frames == FRAMES, "the analysis is kept"
    assert detector.calls < calls + FRAMES // 2, "only the photos of the members are looked at"


def test_another_tracker_is_another_analysis(
    stage: Path, members: Path, out: Path, models: Models
) -> None:
    tracker = OwnTracker()
    make_fancams(stage, members, out, QUIET, tracker=tracker, models=models)
    assert tracker.frames == FRAMES


def test_members_by_an_own_detector_of_members(
    stage: Path, members: Path, tmp_path: Path, models: Models
) -> None:
    made = make_fancams(
        stage, members, tmp_path / "out", QUIET,
        detector=None, member_detector=OwnMemberDetector(EILEEN), models=models,
    )  # fmt: skip
    eileen, grace = made.solution.trajectories
    assert eileen.present.any()
    assert set(eileen.sources[eileen.present].tolist()) <= {
        PositionSource.TRACKED,
        PositionSource.INTERPOLATED,
    }
    assert not grace.present.any()


def test_bodies_by_an_own_detector_of_persons(
    stage: Path, members: Path, tmp_path: Path, models: Models
) -> None:
    persons, heard = OwnPersonDetector(), Listener()
    for _ in range(2):
        make_fancams(
            stage, members, tmp_path / "out", QUIET,
            person_detector=persons, models=models, progress=heard,
        )  # fmt: skip
    assert 0 < persons.calls <= FRAMES // 2, "about once a second, and only in the first run"
    assert heard.lines.count("finding bodies with own-persons") == 1


def test_cuts_by_an_own_detector_need_no_new_analysis(
    stage: Path, members: Path, tmp_path: Path, detector: OwnDetector, models: Models
) -> None:
    out, own = tmp_path / "out", OwnShotDetector()
    cuts, calls = [], []
    for shot_detector in ("auto", "auto", own, own):
        before = detector.calls
        made = make_fancams(
            stage, members, out, QUIET, detector=detector, shot_detector=shot_detector,
            models=models,
        )  # fmt: skip
        cuts.append(made.solution.cuts)
        calls.append(detector.calls - before)
        (out / "corrections.json").write_text('{"tracklets": {"1": null}}')
    assert cuts[2] == cuts[3] == [FRAMES // 3]
    assert cuts[0] == cuts[1] != cuts[2]
    assert calls[3] == calls[2] == calls[1] < calls[0], "only the members' photos are searched"
    assert own.calls == 1, "a correction does not find the cuts again"


def test_labelled_members_by_own_parts(
    stage: Path, members: Path, tmp_path: Path,
    detector: OwnDetector, embedder: OwnEmbedder, models: Models,
) -> None:  # fmt: skip
    tracker = OwnTracker()
    made = build_member_set(
        stage, members, tmp_path / "set", MemberSetOptions(frames=24, size=240),
        detector=detector, embedder=embedder, tracker=tracker, models=models,
    )  # fmt: skip
    assert made.data.is_file()
    assert tracker.frames == FRAMES


class Broken(OwnDetector):
    """Works on the photos of members; on the stage it returns rows of another length."""

    def __init__(self, inner: FaceDetector, rows: NDArray[np.float32]) -> None:
        super().__init__(inner)
        self._rows = rows

    def detect(self, image: RGBImage) -> Any:
        if image.shape[0] > 200:
            return super().detect(image)
        if self._rows.shape[1:] == (4,):
            return Faces(self._rows, np.ones(len(self._rows), np.float32))
        return self._rows


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            np.zeros((2, 5), np.float32),
            r"^Broken.detect returned ndarray of shape \(2, 5\); it must return closeup.Faces with "
            r"boxes of shape \(n, 4\) and scores of shape \(n,\)$",
        ),
        (np.full((1, 4), np.nan, np.float32), "returned boxes with a number that is not finite"),
        (np.array([[50, 60, 20, 30]], np.float32), r"a box is x1, y1, x2, y2 in pixels"),
    ],
    ids=["shape", "nan", "width and height"],
)
def test_a_detector_that_returns_broken_arrays_leaves_nothing(
    rows: NDArray[np.float32], told: str, stage: Path, members: Path, tmp_path: Path, models: Models
) -> None:
    broken = Broken(models.detector("yunet-n"), rows)
    with pytest.raises(PartError, match=told) as got:
        make_fancams(stage, members, tmp_path / "out", detector=broken, models=models)
    assert "\n" not in str(got.value)
    assert not (tmp_path / "out").exists()
    made = make_fancams(stage, members, tmp_path / "out", QUIET, models=models)
    assert made.coordinates.is_file()


def test_a_detector_that_breaks_in_the_middle_leaves_only_what_can_be_gone_on_from(
    stage: Path, members: Path, tmp_path: Path, finished: Fancams, models: Models
) -> None:
    class BreaksOnce(OwnDetector):
        name = "yunet-n"
        broken = False

        def detect(self, image: RGBImage) -> Any:
            found = super().detect(image)
            if self.calls < 14 or self.broken:
                return found
            self.broken = True
            return None

    detector = BreaksOnce(models.detector("yunet-n"))
    out = tmp_path / "out"
    with pytest.raises(PartError, match=r"returned NoneType; it must return closeup\.Faces"):
        make_fancams(stage, members, out, QUIET, detector=detector, models=models)
    assert not [name for name in files(out) if "/." in f"/{name}" or name.endswith(".csv")]
    made = make_fancams(stage, members, out, QUIET, detector=detector, models=models)
    assert made.coordinates.read_bytes() == finished.coordinates.read_bytes()


@pytest.mark.parametrize(
    "part",
    ["detector", "embedder", "tracker", "member_detector", "person_detector", "shot_detector"],
)
def test_what_is_no_part_is_named_before_anything_is_written(
    part: str, stage: Path, members: Path, tmp_path: Path, models: Models
) -> None:
    with pytest.raises(PartError, match=r"^dict is no \w+: it lacks ") as got:
        make_fancams(stage, members, tmp_path / "out", models=models, **{part: {}})  # type: ignore[arg-type]
    assert "\n" not in str(got.value)
    assert not (tmp_path / "out").exists()


def test_a_gallery_of_another_embedder_is_refused(
    stage: Path, tmp_path: Path, models: Models
) -> None:
    gallery = Gallery.of(plain(8, "other"), {"Ann": np.ones((1, 8), np.float32)})
    with pytest.raises(InputError, match="made by other; give that embedder or its file"):
        make_fancams(stage, gallery, tmp_path / "out", models=models)
    with pytest.raises(InputError, match="made by other, whose vectors do not compare with those"):
        make_fancams(stage, gallery, tmp_path / "out", embedder="dlib-128", models=models)
    assert not (tmp_path / "out").exists()
