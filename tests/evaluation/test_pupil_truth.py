from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.errors import ImageError, InputError
from closeup.evaluation.pupil_truth import read_pupil_truth

HEADING = "image,right_eye_x,right_eye_y,left_eye_x,left_eye_y"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "photos" / "A").mkdir(parents=True)
    for name in ("A/1.png", "A/2.png", "b 3.png"):
        Image.new("RGB", (60, 40), (90, 80, 70)).save(tmp_path / "photos" / name)
    return tmp_path / "truth.csv"


def write(table: Path, *rows: str, heading: str = HEADING) -> None:
    table.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")


def test_rows_become_faces_in_order(table: Path) -> None:
    write(table, "b 3.png,10,20,40.5,21", "A/1.png,11,20,41,21", "A/1.png,1,2,4,2")
    truth = read_pupil_truth(table, table.parent / "photos")
    assert truth.names == ("b 3.png", "A/1.png", "A/1.png")
    assert truth.centres[0].tolist() == [[10, 20], [40.5, 21]]
    assert truth.paths[0] == table.parent / "photos" / "b 3.png"
    assert truth.image(1).shape == (40, 60, 3)
    assert len(truth.first(2)) == 2
    assert len(truth.first(None)) == 3


@pytest.mark.parametrize("name", ["A\\1.png", " A/1.png ", "A\\1.png "])
def test_names_as_other_systems_write_them(table: Path, name: str) -> None:
    write(table, f"{name},10,20,40,21,Ann,Bo", heading=f"{HEADING},person_x,person_y")
    truth = read_pupil_truth(table, table.parent / "photos")
    assert truth.paths == (table.parent / "photos" / "A" / "1.png",)


def test_real_truth(shared_data: Path) -> None:
    table = shared_data / "eyes" / "truth_validation.csv"
    truth = read_pupil_truth(table, shared_data / "lfw" / "images")
    assert len(truth) == 824
    assert (truth.centres[:, 0, 0] < truth.centres[:, 1, 0]).all()


def test_rows_without_both_eyes_are_counted(table: Path) -> None:
    write(table, "A/1.png,10,20,40,21", "A/2.png,10,20,,", "A/2.png,,,,")
    truth = read_pupil_truth(table, table.parent / "photos")
    assert (len(truth), truth.unlabelled) == (1, 2)


def test_missing_columns_are_named(table: Path) -> None:
    write(table, "A/1.png,10,20,40,21", heading="image,lx,ly,left_eye_x,left_eye_y")
    with pytest.raises(InputError, match="no column right_eye_x, right_eye_y with") as error:
        read_pupil_truth(table, table.parent / "photos")
    assert "left_eye_x" not in str(error.value)


def test_missing_photos_are_named(table: Path) -> None:
    write(table, *(f"C/{i}.png,10,20,40,21" for i in range(5)), "A/1.png,10,20,40,21")
    with pytest.raises(InputError, match=r"5 of 6 .* C/0.png, C/1.png, C/2.png and 2 more"):
        read_pupil_truth(table, table.parent / "photos")
    with pytest.raises(InputError, match="no such folder"):
        read_pupil_truth(table, table.parent / "fotos")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("A/1.png,10,20,10.3,20", "0.30 pixels apart"),
        ("A/1.png,10,twenty,40,20", "not a finite number"),
        ("A/1.png,10,20,,", "both eyes"),
    ],
)
def test_truth_that_is_none(table: Path, row: str, message: str) -> None:
    heading = HEADING
    write(table, row, *(["A/2.png,,,40,20"] if "both" in message else []), heading=heading)
    with pytest.raises(InputError, match=message):
        read_pupil_truth(table, table.parent / "photos")


@pytest.mark.parametrize("eyes", ["10,20,60,21", "-1,20,30,21", "10,39.6,30,21", "10,20,30,-0.6"])
def test_truth_of_another_size_stops(table: Path, eyes: str) -> None:
    write(table, f"A/1.png,{eyes}")
    truth = read_pupil_truth(table, table.parent / "photos")
    with pytest.raises(InputError, match="has 60x40 pixels; this is the truth of photos of anoth"):
        truth.image(0)


def test_up_to_the_last_pixels_edge(table: Path) -> None:
    write(table, "A/1.png,-0.5,-0.5,59.5,39.5")
    assert np.any(read_pupil_truth(table, table.parent / "photos").image(0))


def test_a_damaged_photo_is_named(table: Path) -> None:
    write(table, "A/1.png,10,20,40,21")
    (table.parent / "photos" / "A" / "1.png").write_bytes(b"no picture")
    with pytest.raises(ImageError, match=r"1\.png is not a picture"):
        read_pupil_truth(table, table.parent / "photos").image(0)


def test_exchanged_eyes_stop_unless_they_are_few(table: Path) -> None:
    upright, turned = "A/1.png,10,20,40,21", "A/2.png,40,20,10,21"
    write(table, upright, turned)
    assert len(read_pupil_truth(table, table.parent / "photos")) == 2
    write(table, upright, turned, turned)
    with pytest.raises(InputError, match=r"in 2 of 3 faces .* exchange the columns"):
        read_pupil_truth(table, table.parent / "photos")
