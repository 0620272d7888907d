"""Labels that programs propose: what they are, and that each picture is searched once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import numpy as np
import pytest

from closeup.annotations import Annotation, Origin
from closeup.errors import Cancelled
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.identity.gallery import FALSE_ACCEPT_RATE
from closeup.labelling.project import LabelProject
from closeup.labels import FIVE_POINTS
from closeup.media.images import read_image
from closeup.opening import open_eye_method
from closeup.pipeline.labelling import proposing
from closeup.pipeline.labelling.label_projects import open_label_project
from closeup.pipeline.labelling.picture_readers import EyeCropPictures
from closeup.pipeline.labelling.proposers import (
    EyeProposer,
    FaceProposer,
    MemberProposer,
    PupilProposer,
)
from closeup.pipeline.labelling.proposing import propose_labels
from closeup.pipeline.people.identify import FaceIdentifier
from closeup.pipeline.people.members import find_members, open_members
from closeup.pipeline.search.pupils import FaceAndPupilFinder
from closeup.progress import Cancellable, Silent
from closeup.protocols import FaceDetector
from closeup.pupils.eye_crops import CropShape
from closeup.settings import Settings
from tests.kept_models import kept
from tests.listening import Listener
from tests.pipeline.drawn_set import drawn_set
from tests.pipeline.labelling.test_label_sources import picture
from tests.real_photos import astronaut


@dataclass
class MiddleProposer:
    """Labels the middle of every picture, and remembers how many it has seen."""

    version: str = "1"
    method: str = "middle"
    seen: int = 0
    lock: Lock = field(default_factory=Lock)

    def propose(self, image: RGBImage) -> tuple[Annotation, ...]:
        with self.lock:
            self.seen += 1
        height, width = image.shape[:2]
        box = (width / 4, height / 4, width * 3 / 4, height * 3 / 4)
        return (
            Annotation("thing", box, key=self.method, method=self.method, version=self.version),
        )


@pytest.fixture
def project(tmp_path: Path) -> Iterator[LabelProject]:
    for number in range(10):
        picture(tmp_path / f"{number}.png", 10 * number)
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    with open_label_project(tmp_path) as opened:
        yield opened


def test_every_picture_is_searched_once(project: LabelProject, tmp_path: Path) -> None:
    proposer, heard = MiddleProposer(), Listener()
    added = propose_labels(project.store, project.pictures, proposer, progress=heard)
    assert (added.labels, proposer.seen) == (10, 10)
    assert heard.lines[1] == "1 picture passed over: 1 without a picture"
    assert project.store.setting("classes") == ["thing"]
    assert [one.size for one in project.store.all_items()][:10] == [(40, 30)] * 10
    assert propose_labels(project.store, project.pictures, proposer).labels == 0
    assert proposer.seen == 10
    picture(tmp_path / "new.png")
    with open_label_project(tmp_path) as again:
        assert propose_labels(again.store, again.pictures, proposer).labels == 1
    assert proposer.seen == 11
    newer = MiddleProposer("2")
    with open_label_project(tmp_path) as again:
        propose_labels(again.store, again.pictures, newer)
        labels = again.store.items([1])[0].labels
    assert [label.annotation.version for label in labels] == ["1", "2"]


def test_an_interrupted_run_goes_on(project: LabelProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposing, "PICTURES_A_PART", 3)

    class Impatient(Silent):
        """Cancels at the eighth picture."""

        def __init__(self) -> None:
            self.progress, self.calls = Cancellable(), 0

        def advance(self, frames: int = 1) -> None:
            self.calls += 1
            if self.calls == 8:
                self.progress.cancel()
            self.progress.advance(frames)

    with pytest.raises(Cancelled):
        propose_labels(project.store, project.pictures, MiddleProposer(), progress=Impatient())
    assert sum(len(one.labels) for one in project.store.all_items()) == 6
    rest = MiddleProposer()
    assert propose_labels(project.store, project.pictures, rest).labels == 4
    assert rest.seen == 4


def test_faces_are_boxes_with_points(settings: Settings) -> None:
    proposer = FaceProposer(kept(settings).detector("yunet-n"), "1")
    (label,) = proposer.propose(astronaut())
    assert label.box is not None
    assert tuple(label.points) == FIVE_POINTS
    for point in label.points.values():
        assert label.box[0] < point.x < label.box[2]
    assert (label.origin, label.method, label.key) == (Origin.MODEL, "yunet-n", "yunet-n-0")
    assert 0.5 < (label.score or 0) <= 1


class BoxDetector(FaceDetector):
    """A detector without points."""

    name = "boxes"

    def detect(self, image: RGBImage) -> Faces:  # noqa: ARG002
        return Faces.of([[1, 2, 3, 4]], [7.0])


def test_a_detector_without_points_proposes_boxes() -> None:
    (label,) = FaceProposer(BoxDetector(), "").propose(astronaut())
    assert (label.box, label.points, label.score) == ((1, 2, 3, 4), {}, 1.0)


def test_pupils_of_faces(settings: Settings) -> None:
    models = kept(settings)
    finder = FaceAndPupilFinder(
        models.detector("yunet-n"),
        models.pupil_finder("darkest"),
        models.landmarker("dlib-5-points"),
    )
    (label,) = PupilProposer(finder, "1").propose(astronaut())
    assert list(label.points) == ["right_eye", "left_eye"]
    assert label.points["right_eye"].x < label.points["left_eye"].x
    assert (label.origin, label.method) == (Origin.COARSE, "darkest")


def test_members_have_their_names(shared_data: Path, small_stage: Path, settings: Settings) -> None:
    models = kept(settings)
    detector, embedder = models.detector("yunet-n"), models.embedder()
    members = small_stage.parent / "members"
    gallery = open_members(find_members(members), detector, embedder, Silent())
    proposer = MemberProposer(FaceIdentifier(detector, embedder, gallery, FALSE_ACCEPT_RATE), "1")
    photo = min(members.rglob("*.*"))
    (label,) = proposer.propose(read_image(photo))
    assert label.name == photo.parent.name
    assert label.points == {}
    assert 0.5 < (label.score or 0) <= 1


@pytest.mark.parametrize("method", ["darkest", "network"])
def test_pupils_of_crops(method: str, tmp_path: Path, settings: Settings) -> None:
    """The drawn pupils are found where the labels of the set say."""
    finder = open_eye_method(method, settings=settings)
    with open_label_project(drawn_set(tmp_path / "eyes", 40)) as project:
        assert isinstance(project.pictures, EyeCropPictures)
        shape = getattr(finder, "shape", CropShape())
        proposer = EyeProposer(finder, "1", project.pictures.width, shape)
        propose_labels(project.store, project.pictures, proposer)
        errors = []
        for one in project.store.all_items():
            own = {label.object: label.annotation.points["pupil"] for label in one.labels}
            if method in own:
                truth = own["by hand"]
                errors.append(abs(own[method].x - truth.x) + abs(own[method].y - truth.y))
    assert len(errors) > 30
    assert np.median(errors) < 2.5
