from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.errors import GalleryError, InputError, OutputError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import iou
from closeup.identity.gallery import Gallery
from closeup.media.pictures import SourceKind
from closeup.pipeline.people.identify import FaceIdentifier, identify
from closeup.pipeline.people.members import enrol_members
from closeup.pipeline.search.drawn_faces import draw_faces
from closeup.protocols import FaceDetector
from closeup.settings import Settings
from closeup.testing import read_truth
from tests.kept_models import kept
from tests.pipeline.running import Listener, files
from tests.real_photos import astronaut, hopper
from tests.small_stage import EILEEN, GRACE


@pytest.fixture
def members(small_stage: Path) -> Path:
    return small_stage.parent / "members"


@pytest.fixture
def both(tmp_path: Path) -> Path:
    height = min(len(astronaut()), len(hopper()))
    pair = np.hstack([astronaut()[:height], hopper()[:height]])
    Image.fromarray(pair).save(tmp_path / "both.png")
    return tmp_path / "both.png"


def test_two_members_on_one_picture(both: Path, members: Path, settings: Settings) -> None:
    search = identify(both, members, models=kept(settings))
    assert search.kind is SourceKind.IMAGE
    (picture,) = search
    by_place = np.argsort(picture.faces.boxes[:, 0])
    assert [picture.faces.names[i] for i in by_place] == [EILEEN, GRACE]
    record = json.loads(json.dumps(picture.record(), allow_nan=False))
    assert record["image"] == str(both)
    face = record["faces"][int(by_place[0])]
    assert face["name"] == EILEEN
    assert face["runner_up"]["name"] == GRACE
    assert face["confidence"] > 0.9 > 0.1 > face["runner_up"]["confidence"]
    assert face["distance"] < face["runner_up"]["distance"]
    assert len(face["points"]) == 5


def test_a_person_and_the_mirror(members: Path, settings: Settings, tmp_path: Path) -> None:
    both = np.hstack([astronaut(), astronaut()[:, ::-1]])
    Image.fromarray(both).save(tmp_path / "mirror.png")
    (picture,) = identify(tmp_path / "mirror.png", members, models=kept(settings))
    assert set(picture.faces.names) == {EILEEN, None}
    faces = picture.record()["faces"]
    assert {face["candidates"][0]["name"] for face in faces} == {EILEEN}
    (picture,) = identify(tmp_path / "mirror.png", members, alone=True, models=kept(settings))
    assert picture.faces.names == (EILEEN, EILEEN)


def test_strangers_get_no_name(members: Path, shared_data: Path, settings: Settings) -> None:
    photo = shared_data / "lfw" / "images" / "Tiger_Woods" / "Tiger_Woods_0001.jpg"
    (picture,) = identify(photo, members, models=kept(settings))
    assert picture.faces.names == (None,)
    face = picture.record()["faces"][0]
    assert (face["name"], face["confidence"] < 0.1) == (None, True)
    assert face["distance"] > 0.4


def test_a_video_by_a_gallery_file(
    small_stage: Path, members: Path, settings: Settings, tmp_path: Path
) -> None:
    enrol_members(members, tmp_path / "g.npz", models=kept(settings))
    truth = read_truth(small_stage)
    found = list(identify(small_stage, tmp_path / "g.npz", every=6, models=kept(settings)))
    assert [picture.frame for picture in found] == list(range(0, len(truth), 6))
    named = 0
    for picture in found:
        for box, name in zip(picture.faces.boxes, picture.faces.names, strict=True):
            if name:
                frame = picture.frame or 0
                own = truth.boxes[frame, truth.names.index(name)]
                assert iou(box[None], own[None])[0, 0] > 0.3, f"{name} in frame {frame}"
                named += 1
    assert named >= len(found)


def test_pictures_with_names_and_tables(
    both: Path, members: Path, settings: Settings, tmp_path: Path
) -> None:
    made = draw_faces(identify(both, members, models=kept(settings)), tmp_path / "out")
    assert made.document.name == "people.json"
    document = json.loads(made.document.read_text(encoding="utf-8"))
    assert {face["name"] for face in document["faces"]} == {EILEEN, GRACE}
    with made.table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["name"] for row in rows} == {EILEEN, GRACE}
    assert {row["runner_up"] for row in rows} == {EILEEN, GRACE}
    assert float(rows[0]["confidence"]) > 0.9
    with Image.open(made.drawn) as drawn, Image.open(both) as given:
        assert drawn.size == given.size
        changed = np.abs(np.asarray(drawn, int) - np.asarray(given.convert("RGB"), int)).max(axis=2)
    x1, y1, x2, _ = np.round(document["faces"][0]["box"]).astype(int)
    assert changed[y1, x1:x2].mean() > 40, "no edge of the box"
    assert changed[max(0, y1 - 12) : y1, x1 : x1 + 30].mean() > 20, "no name above it"


def test_a_folder_with_a_broken_picture(
    both: Path, members: Path, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"rubbish")
    listener = Listener()
    found = list(identify(tmp_path, members, models=kept(settings), progress=listener))
    assert [picture.path.name for picture in found] == ["both.png"]
    assert any("broken.jpg" in line and "left out" in line for line in listener.lines)


def test_results_do_not_go_among_the_members_photos(
    both: Path, members: Path, settings: Settings
) -> None:
    before = files(members)
    for out in (members, members / "out"):
        with pytest.raises(OutputError, match=r"lies in .*; choose a folder outside of it"):
            draw_faces(identify(both, members, models=kept(settings)), out)
    assert files(members) == before


def test_what_cannot_be_done(both: Path, members: Path, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        identify(tmp_path / "none.jpg", members, models=kept(settings))
    with pytest.raises(GalleryError, match="no such file"):
        identify(both, tmp_path / "none.npz", models=kept(settings))
    with pytest.raises(ValueError, match="every must be 1 or more"):
        identify(both, members, every=0, models=kept(settings))
    with pytest.raises(ValueError, match="false_accept_rate must be between"):
        identify(both, members, false_accept_rate=1, models=kept(settings))


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_photo_that_is_not_upright(
    members: Path, settings: Settings, tmp_path: Path, quarters: int
) -> None:
    photo = np.rot90(astronaut(), quarters)
    Image.fromarray(photo).save(tmp_path / "turned.png")
    (picture,) = identify(tmp_path / "turned.png", members, models=kept(settings))
    assert picture.faces.names == (EILEEN,)
    face = picture.record()["faces"][0]
    assert abs((face["roll"] + 90 * quarters + 180) % 360 - 180) < 10


def test_members_may_lie_on_their_side(both: Path, settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "members"
    folder.mkdir()
    Image.fromarray(np.rot90(astronaut())).save(folder / f"{EILEEN}.png")
    Image.fromarray(np.rot90(hopper(), 2)).save(folder / f"{GRACE}.png")
    (picture,) = identify(both, folder, models=kept(settings))
    assert set(picture.faces.names) == {EILEEN, GRACE}


def test_a_face_cut_off_by_the_edge_is_told(
    members: Path, settings: Settings, tmp_path: Path
) -> None:
    found = kept(settings).detector("yunet-n").detect(astronaut())
    assert found.landmarks is not None
    left = int(found.landmarks[0, 0, 0]) + 15
    Image.fromarray(astronaut()[:, left:]).save(tmp_path / "cut.png")
    Image.fromarray(astronaut()).save(tmp_path / "whole.png")
    cut, whole = identify(tmp_path, members, models=kept(settings))
    assert cut.record()["faces"][0]["defects"] == ["the face is cut off by the picture's edge"]
    assert whole.record()["faces"][0]["defects"] == []
    assert cut.faces.weights is not None
    assert whole.faces.weights is not None
    assert cut.faces.weights[0] <= 0.5 < whole.faces.weights[0]


def test_a_head_whose_roll_cannot_be_told_gets_no_name(members: Path, settings: Settings) -> None:
    class Lying(FaceDetector):
        name = "lying"

        def detect(self, image: RGBImage) -> Faces:
            faces = kept(settings).detector("yunet-n").detect(image)
            return faces.with_columns(rolls=np.full(len(faces), np.nan, np.float32))

    embedder = kept(settings).embedder()
    gallery = Gallery.enrol(members, kept(settings).detector("yunet-n"), embedder)
    upright = FaceIdentifier(kept(settings).detector("yunet-n"), embedder, gallery, 0.005)
    assert upright.find(astronaut()).names == (EILEEN,)
    found = FaceIdentifier(Lying(), embedder, gallery, 0.005).find(astronaut())
    assert found.names == (None,)
    assert found.identities is not None
    assert found.identities[0].defects == ("the face is on a head that lies on its side",)
    assert found.weights is not None
    assert found.weights[0] == 0
