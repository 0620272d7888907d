import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.errors import InputError, OutputError
from closeup.geometry import iou
from closeup.identity.gallery import Gallery
from closeup.media.images import read_image
from closeup.opening import open_detector, open_embedder
from closeup.pipeline.people.cluster import cluster_people
from closeup.pipeline.people.clusters import People, Person, read_people
from closeup.progress import Silent
from closeup.settings import Settings
from closeup.testing import read_truth
from tests.filming import film
from tests.kept_models import kept
from tests.pipeline.running import Listener, files
from tests.real_photos import astronaut, hopper

GROUPED = {"Abdullah_Gul": 5, "Paul_Martin": 4, "Emma_Watson": 3}


@pytest.fixture(scope="module")
def album(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos of three people, one of somebody else, a blurred one, and what is no photo."""
    folder = tmp_path_factory.mktemp("album")
    for name, count in {**GROUPED, "AJ_Lamas": 1}.items():
        place = folder / name[0] if name == "Emma_Watson" else folder
        place.mkdir(exist_ok=True)
        for number in range(1, count + 1):
            photo = shared_data / "lfw" / "images" / name / f"{name}_{number:04d}.jpg"
            (place / photo.name).symlink_to(photo)
    with Image.open(shared_data / "lfw" / "images" / "Al_Gore" / "Al_Gore_0001.jpg") as sharp:
        sharp.resize((32, 32)).resize((250, 250)).save(folder / "blurred.png")
    Image.new("RGB", (90, 60)).save(folder / "night.png")
    (folder / "broken.jpg").write_bytes(b"rubbish")
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture(scope="module")
def models(shared_models: Path) -> Settings:
    return Settings(shared_models, shared_models / "no cache")


@pytest.fixture(scope="module")
def sorted_album(
    album: Path, models: Settings, tmp_path_factory: pytest.TempPathFactory
) -> tuple[People, Path, list[str]]:
    """The people of the album, where their files are, and what was said."""
    out, listener = tmp_path_factory.mktemp("results") / "who", Listener()
    people = cluster_people(album, out, models=kept(models), progress=listener)
    return people, out, listener.lines


def owners(person: Person) -> set[str]:
    return {Path(face.image).name.rsplit("_", 1)[0] for face in person.faces}


def test_everybody_is_a_group_the_largest_first(
    sorted_album: tuple[People, Path, list[str]],
) -> None:
    people, _, _ = sorted_album
    assert [(owners(p), len(p.faces)) for p in people.groups[:3]] == [
        ({name}, count) for name, count in GROUPED.items()
    ]
    assert "AJ_Lamas" in {Path(face.image).stem[:-5] for face in people.alone}


def test_faces_with_defects_are_left_out_with_reasons(
    sorted_album: tuple[People, Path, list[str]],
) -> None:
    people, _, _ = sorted_album
    reasons = {Path(face.image).name: face.reasons for face in people.left_out}
    assert reasons["blurred.png"] == ("the face is too blurred",)
    assert all(face.file is None for face in (*people.alone, *people.left_out))


def test_broken_pictures_are_named_and_left_out(
    sorted_album: tuple[People, Path, list[str]], album: Path
) -> None:
    people, _, said = sorted_album
    (line,) = (line for line in said if "broken.jpg" in line)
    assert line.endswith("it is left out")
    assert people.pictures == sum(GROUPED.values()) + 3


def test_the_files_are_those_of_the_list(sorted_album: tuple[People, Path, list[str]]) -> None:
    people, out, _ = sorted_album
    folders = {person.folder for person in people.groups}
    assert files(out) == {"clusters.json", "people.jpg", *folders, *people.files}
    assert read_people(out) == people
    assert read_image(out / "people.jpg").shape[0] == 8 + 120 * len(people.groups)


def test_every_crop_can_be_enrolled(
    sorted_album: tuple[People, Path, list[str]], models: Settings
) -> None:
    people, out, _ = sorted_album
    members = {person.folder: [out / file for file in person.files] for person in people.groups}
    detector = open_detector("yunet-n", settings=models, progress=Silent())
    gallery = Gallery.enrol(members, detector, open_embedder(settings=models))
    assert gallery.rejections == ()
    assert gallery.same_people() == []


def test_a_crop_shows_the_face_with_a_margin(sorted_album: tuple[People, Path, list[str]]) -> None:
    people, out, _ = sorted_album
    face = people.groups[0].faces[0]
    assert face.file is not None
    x1, y1, x2, y2 = face.box
    height, width = read_image(out / face.file).shape[:2]
    assert width == pytest.approx(1.8 * (x2 - x1), abs=2)
    assert height == pytest.approx(1.8 * (y2 - y1), abs=2)


def test_a_second_run_is_the_same(
    sorted_album: tuple[People, Path, list[str]], album: Path, models: Settings
) -> None:
    people, out, _ = sorted_album
    before = {name: (out / name).read_bytes() for name in people.files}
    (out / "notes.txt").write_text("mine")
    document = (out / "clusters.json").read_bytes()
    assert cluster_people(album, out, models=kept(models)) == people
    assert (out / "clusters.json").read_bytes() == document
    assert {name: (out / name).read_bytes() for name in people.files} == before
    assert (out / "notes.txt").read_text() == "mine"
    (out / "notes.txt").unlink()


@pytest.fixture(scope="module")
def stage_people(
    small_stage: Path, models: Settings, tmp_path_factory: pytest.TempPathFactory
) -> tuple[People, Path]:
    out = tmp_path_factory.mktemp("stage people")
    return cluster_people(small_stage, out, models=kept(models)), out


def test_a_video_is_looked_at_twice_a_second(stage_people: tuple[People, Path]) -> None:
    people, _ = stage_people
    assert people.pictures == 7
    frames = [face.frame for person in people.groups for face in person.faces]
    assert set(frames) == set(range(0, 42, 6))


def test_the_people_of_a_stage_are_who_they_are(
    stage_people: tuple[People, Path], small_stage: Path
) -> None:
    people, _ = stage_people
    truth = read_truth(small_stage)
    found = []
    for person in people.groups:
        boxes = np.array([face.box for face in person.faces], np.float32)
        overlaps = [
            iou(box[None], truth.boxes[face.frame])[0]
            for box, face in zip(boxes, person.faces, strict=True)
        ]
        found.append({truth.names[int(np.nanargmax(row))] for row in overlaps})
    assert sorted(map(sorted, found)) == [["Eileen"], ["Grace"]]


def test_two_faces_of_one_picture_are_two_people(stage_people: tuple[People, Path]) -> None:
    people, _ = stage_people
    for person in people.groups:
        frames = [face.frame for face in person.faces]
        assert len(set(frames)) == len(frames)


def test_every_and_least_faces(small_stage: Path, models: Settings, tmp_path: Path) -> None:
    people = cluster_people(small_stage, tmp_path, every=21, models=kept(models))
    assert people.pictures == 2
    few = cluster_people(small_stage, tmp_path, every=21, min_faces=3, models=kept(models))
    assert few.groups == ()
    assert len(few.alone) == sum(len(person.faces) for person in people.groups)
    assert files(tmp_path) == {"clusters.json"}


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    Image.fromarray(astronaut()).save(tmp_path / "eileen.png")
    return tmp_path / "eileen.png"


def test_one_face_is_alone_or_a_group_of_one(
    portrait: Path, models: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    people = cluster_people(portrait, out, models=kept(models))
    assert (people.groups, len(people.alone)) == ((), 1)
    assert files(out) == {"clusters.json"}
    people = cluster_people(portrait, out, min_faces=1, models=kept(models))
    assert [person.files for person in people.groups] == [["person-001/eileen.jpg"]]
    assert people.alone == ()


def test_a_face_that_the_edge_cuts_off_is_left_out(models: Settings, tmp_path: Path) -> None:
    pixels = astronaut()
    Image.fromarray(pixels[:, :225]).save(tmp_path / "half.png")
    with pytest.raises(InputError, match=r"no face is good enough \(1 where the face is cut off"):
        cluster_people(tmp_path / "half.png", tmp_path / "out", models=kept(models))
    assert not (tmp_path / "out").exists()


def test_nothing_is_written_where_there_is_no_face(models: Settings, tmp_path: Path) -> None:
    Image.new("RGB", (200, 200), "grey").save(tmp_path / "wall.png")
    with pytest.raises(InputError, match=r"wall\.png: no face found; try another --detector"):
        cluster_people(tmp_path / "wall.png", tmp_path / "out", models=kept(models))
    with pytest.raises(InputError, match="no such file or folder"):
        cluster_people(tmp_path / "nothing", tmp_path / "out", models=kept(models))
    assert not (tmp_path / "out").exists()


def test_a_failed_run_leaves_the_earlier_results(
    portrait: Path, models: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    cluster_people(portrait, out, min_faces=1, models=kept(models))
    before = files(out)
    Image.new("RGB", (200, 200), "grey").save(tmp_path / "wall.png")
    with pytest.raises(InputError, match="no face found"):
        cluster_people(tmp_path / "wall.png", out, models=kept(models))
    assert files(out) == before


def test_results_do_not_go_where_photos_are_read(
    portrait: Path, models: Settings, tmp_path: Path
) -> None:
    for out in (tmp_path, tmp_path / "who"):
        with pytest.raises(OutputError, match=r"lies in .*; choose a folder outside of it"):
            cluster_people(tmp_path, out, models=kept(models))
    with pytest.raises(OutputError, match="cannot write to"):
        cluster_people(portrait, portrait, models=kept(models))


def test_a_damaged_list_is_not_replaced(portrait: Path, models: Settings, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "clusters.json").write_text("{")
    with pytest.raises(OutputError, match="is damaged"):
        cluster_people(portrait, out, models=kept(models))
    assert (out / "clusters.json").read_text() == "{"


def test_a_video_that_ends_early_is_used_as_far_as_it_goes(
    models: Settings, tmp_path: Path
) -> None:
    face = np.asarray(Image.fromarray(hopper()).resize((256, 304)), np.uint8)
    whole = film(
        tmp_path / "whole.mp4", [face] * 50, options={"g": "1"},
        container_options={"movflags": "faststart"},
    )  # fmt: skip
    content = whole.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(content[: len(content) * 3 // 5])
    listener = Listener()
    people = cluster_people(
        tmp_path / "cut.mp4", tmp_path / "out", models=kept(models), progress=listener
    )
    assert [len(person.faces) for person in people.groups] == [people.pictures]
    assert 2 <= people.pictures <= 3
    assert any("cut.mp4" in line for line in listener.lines)


@pytest.mark.parametrize("wrong", ["every", "min_faces"])
def test_counts_are_positive(wrong: str, portrait: Path, models: Settings, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"{wrong} must be 1 or more, got 0"):
        cluster_people(portrait, tmp_path / "out", models=kept(models), **{wrong: 0})  # type: ignore[arg-type]


def test_the_document_is_json_of_all_there_is(stage_people: tuple[People, Path]) -> None:
    people, out = stage_people
    document = json.loads((out / "clusters.json").read_text())
    assert document == {**people.record(), "sha256": document["sha256"]}
