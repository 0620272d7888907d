import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.errors import ImageError, InputError, ModelError, OutputError
from closeup.faces import PointScheme
from closeup.landmarks.cut_options import CutOptions, Template
from closeup.landmarks.warping import warped
from closeup.media.images import read_image
from closeup.pipeline.search.align import align_faces
from closeup.progress import Silent
from closeup.settings import Settings
from tests.filming import film
from tests.kept_models import kept
from tests.real_photos import astronaut, hopper

CROP = CutOptions(template=Template.CROP)
EYES = CutOptions(template=Template.EYES256)


class Listener(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.fromarray(astronaut()).save(path)
    return path


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    (folder / "navy").mkdir(parents=True)
    Image.fromarray(astronaut()).save(folder / "astronaut.png")
    Image.fromarray(hopper()).save(folder / "navy" / "hopper.jpg")
    Image.new("RGB", (90, 60)).save(folder / "night.png")
    (folder / "damaged.jpg").write_bytes(b"rubbish")
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """Two faces; the right one is smaller."""
    small = np.asarray(Image.fromarray(astronaut()).resize((300, 300)), np.uint8)
    scene = np.zeros((512, 812, 3), np.uint8)
    scene[:, :512] = astronaut()
    scene[100:400, 512:] = small
    path = tmp_path / "pair.png"
    Image.fromarray(scene).save(path)
    return path


def test_the_file_holds_what_the_matrix_says(
    photo: Path, tmp_path: Path, settings: Settings
) -> None:
    (made,) = align_faces(photo, tmp_path / "out", EYES, models=kept(settings))
    assert made.file == tmp_path / "out" / "photo.png"
    assert made.image == photo
    assert made.template is Template.EYES256
    pixels = read_image(made.file)
    assert pixels.shape == (256, 256, 3)
    again = warped(astronaut(), made.similarity, made.size)
    np.testing.assert_array_equal(pixels, again)


def test_the_record_is_json_of_all_there_is(
    photo: Path, tmp_path: Path, settings: Settings
) -> None:
    (made,) = align_faces(photo, tmp_path / "out", CROP, models=kept(settings))
    record = json.loads(json.dumps(made.record()))
    assert set(record) == {"image", "file", "box", "score", "template", "size", "matrix"}
    assert record["image"] == str(photo)
    assert record["template"] == "crop"
    x1, y1, x2, y2 = record["box"]
    assert 150 < x1 < x2 < 300
    assert 0.5 < record["score"] <= 1
    with Image.open(made.file) as written:
        assert record["size"] == list(written.size)
    (a, b, left), (c, d, top) = record["matrix"]
    assert (a, b, c, d) == (1, 0, 0, 1)
    assert -left == pytest.approx(x1 - 0.3 * (x2 - x1), abs=1.5)
    assert -top == pytest.approx(y1 - 0.3 * (y2 - y1), abs=1.5)


def test_one_face_may_have_a_name_of_its_own(
    photo: Path, tmp_path: Path, settings: Settings
) -> None:
    (made,) = align_faces(photo, tmp_path / "new" / "eileen.png", EYES, models=kept(settings))
    assert made.file == tmp_path / "new" / "eileen.png"
    assert made.file.is_file()


def test_the_largest_face_or_all_of_them(pair: Path, tmp_path: Path, settings: Settings) -> None:
    (largest,) = align_faces(pair, tmp_path / "a", EYES, models=kept(settings))
    assert largest.face.boxes[0][2] < 512
    first, second = align_faces(pair, tmp_path / "b", EYES, every_face=True, models=kept(settings))
    assert [face.file.name for face in (first, second)] == ["pair-1.png", "pair-2.png"]
    np.testing.assert_array_equal(first.face.boxes[0], largest.face.boxes[0])
    assert second.face.boxes[0][0] > 512


def test_a_folder_keeps_its_order_and_says_what_is_left_out(
    album: Path, tmp_path: Path, settings: Settings
) -> None:
    progress = Listener()
    made = align_faces(album, tmp_path / "out", EYES, models=kept(settings), progress=progress)
    names = [face.file.relative_to(tmp_path / "out").as_posix() for face in made]
    assert names == ["astronaut.png", "navy/hopper.png"]
    assert all(face.file.is_file() for face in made)
    assert any("damaged.jpg is not a picture" in line for line in progress.said)
    assert f"{album / 'night.png'}: no face found; it is left out" in progress.said


def test_names_that_differ_in_their_ending_only(
    album: Path, tmp_path: Path, settings: Settings
) -> None:
    Image.fromarray(hopper()).save(album / "astronaut.jpg")
    made = align_faces(album, tmp_path / "out", CROP, every_face=True, models=kept(settings))
    names = [face.file.relative_to(tmp_path / "out").as_posix() for face in made]
    assert names == ["astronaut.jpg-1.png", "astronaut.png-1.png", "navy/hopper.jpg-1.png"]


def test_pictures_without_a_face(album: Path, tmp_path: Path, settings: Settings) -> None:
    out = tmp_path / "out"
    with pytest.raises(InputError, match=r"night\.png: no face found; try another --detector"):
        align_faces(album / "night.png", out, EYES, models=kept(settings))
    (album / "astronaut.png").unlink()
    (album / "navy" / "hopper.jpg").unlink()
    with pytest.raises(InputError, match="album: no face found"):
        align_faces(album, out, EYES, models=kept(settings))
    assert not out.exists()


@pytest.mark.parametrize("name", ["yunet", "mmod", "hog"])
def test_whatever_the_detector_eyes_come_to_one_place(
    name: str, photo: Path, tmp_path: Path, settings: Settings
) -> None:
    (expected,) = align_faces(photo, tmp_path / "a", EYES, models=kept(settings))
    (made,) = align_faces(photo, tmp_path / "b", EYES, detector=name, models=kept(settings))
    there = expected.similarity.inverse().then(made.similarity)
    corners = np.array([(0, 0), (255, 0), (0, 255), (255, 255.0)])
    assert np.abs(there.apply(corners) - corners).max() < 20


def test_sixty_eight_points_are_not_for_commercial_use(
    photo: Path, tmp_path: Path, shared_models: Path
) -> None:
    options = CutOptions(template=Template.EYES256, points=PointScheme.DLIB_68)
    settings = Settings(shared_models, tmp_path, commercial=True)
    with pytest.raises(ModelError, match="dlib-68-points is not free for commercial use"):
        align_faces(photo, tmp_path / "out", options, models=kept(settings))
    free = Settings(shared_models, tmp_path)
    assert len(align_faces(photo, tmp_path / "out", options, models=kept(free))) == 1


def test_results_never_mix_with_the_pictures(photo: Path, album: Path, settings: Settings) -> None:
    before = photo.read_bytes()
    for out in (photo, photo.parent):
        with pytest.raises(OutputError, match="would be replaced by a result; choose another"):
            align_faces(photo, out, EYES, models=kept(settings))
    assert photo.read_bytes() == before
    for out in (album, album / "navy", album / "aligned"):
        with pytest.raises(OutputError, match=r"lies in .*; choose a folder outside of it"):
            align_faces(album, out, EYES, models=kept(settings))
    assert not (album / "aligned").exists()


def test_names_that_cannot_be_the_result(
    photo: Path, album: Path, tmp_path: Path, settings: Settings
) -> None:
    with pytest.raises(OutputError, match=r"name it x\.png, or a folder"):
        align_faces(photo, tmp_path / "x.jpg", EYES, models=kept(settings))
    with pytest.raises(OutputError, match=r"x\.png is one file, but there may be many"):
        align_faces(album, tmp_path / "x.png", EYES, models=kept(settings))
    with pytest.raises(OutputError, match=r"x\.png is one file, but there may be many"):
        align_faces(photo, tmp_path / "x.png", EYES, every_face=True, models=kept(settings))
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError, match="cannot write to"):
        align_faces(photo, tmp_path / "file", EYES, models=kept(settings))


def test_what_is_no_picture(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(InputError, match="no such file"):
        align_faces(tmp_path / "none.png", tmp_path / "out", EYES, models=kept(settings))
    (tmp_path / "bad.png").write_bytes(b"rubbish")
    with pytest.raises(ImageError, match="is not a picture"):
        align_faces(tmp_path / "bad.png", tmp_path / "out", EYES, models=kept(settings))
    video = film(tmp_path / "v.mp4", [np.zeros((32, 32, 3), np.uint8)] * 3)
    with pytest.raises(InputError, match="is a video; give an image or a folder of images"):
        align_faces(video, tmp_path / "out", EYES, models=kept(settings))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (3, 2)])
def test_pictures_of_a_few_pixels(
    size: tuple[int, int], tmp_path: Path, settings: Settings
) -> None:
    Image.new("RGB", size).save(tmp_path / "tiny.png")
    with pytest.raises(InputError, match="no face found"):
        align_faces(tmp_path / "tiny.png", tmp_path / "out", EYES, models=kept(settings))


@pytest.mark.parametrize("template", [Template.DLIB150, Template.ARCFACE112, Template.EYES256])
@pytest.mark.parametrize("quarters", [1, 2])
def test_turned_photos_give_upright_faces(
    template: Template, quarters: int, tmp_path: Path, settings: Settings
) -> None:
    options = CutOptions(template=template)
    turned = np.ascontiguousarray(np.rot90(astronaut(), quarters))
    (straight,) = align_faces(astronaut(), tmp_path / "a", options, models=kept(settings))
    (again,) = align_faces(turned, tmp_path / "b", options, models=kept(settings))
    pixels, expected = (read_image(made.file).astype(int) for made in (again, straight))
    middle = slice(len(expected) // 4, -len(expected) // 4)
    assert np.abs(pixels - expected)[middle, middle].mean() < 20
