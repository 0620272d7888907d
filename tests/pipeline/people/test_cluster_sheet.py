from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.errors import ImageError
from closeup.pipeline.people.cluster_sheet import MOST_PEOPLE, draw_sheet
from closeup.pipeline.people.clusters import People, Person, SeenFace

RED, BLUE = (250, 0, 0), (0, 0, 250)


def sheet_of(
    tmp_path: Path, counts: list[int], size: tuple[int, int] = (60, 90)
) -> tuple[People, dict[str, Path]]:
    for name, colour in (("red", RED), ("blue", BLUE)):
        Image.new("RGB", size, colour).save(tmp_path / f"{name}.png")
    groups: list[Person] = []
    crops: dict[str, Path] = {}
    for number, count in enumerate(counts, 1):
        files = [f"person-{number:03d}/{i}.jpg" for i in range(count)]
        faces = tuple(SeenFace("x.jpg", None, None, (0, 0, 1, 1), 1, file) for file in files)
        groups.append(Person(number, faces))
        crops |= dict.fromkeys(files, tmp_path / ("red.png" if number % 2 else "blue.png"))
    return People("x", "dlib-128", 1, tuple(groups), (), ()), crops


def test_a_row_for_each_person_with_up_to_eight_faces(tmp_path: Path) -> None:
    sheet = draw_sheet(*sheet_of(tmp_path, [30, 2]))
    first, second = sheet[8 : 8 + 112], sheet[128 : 128 + 112]
    assert sheet.shape == (248, 1118, 3)
    assert (first == RED).all(axis=2).sum() == 8 * 112 * 112
    assert (second == BLUE).all(axis=2).sum() == 2 * 112 * 112


def test_the_legend_is_left_of_the_faces(tmp_path: Path) -> None:
    sheet = draw_sheet(*sheet_of(tmp_path, [1]))
    assert (sheet[:, :158] < 128).any()
    assert (sheet[:, 158 + 112 :] == 255).all()


@pytest.mark.parametrize("size", [(1, 1), (400, 20), (113, 999)])
def test_crops_of_any_shape(size: tuple[int, int], tmp_path: Path) -> None:
    sheet = draw_sheet(*sheet_of(tmp_path, [1], size))
    np.testing.assert_array_equal(sheet[8:120, 158:270], np.full((112, 112, 3), RED))


def test_a_great_many_people_are_cut_short(tmp_path: Path) -> None:
    full = draw_sheet(*sheet_of(tmp_path, [1] * MOST_PEOPLE))
    more = draw_sheet(*sheet_of(tmp_path, [1] * (MOST_PEOPLE + 5)))
    assert 0 < len(more) - len(full) < 40
    assert len(more) < 65_500
    assert (more[len(full) :] < 128).any()


def test_a_crop_that_is_gone(tmp_path: Path) -> None:
    people, crops = sheet_of(tmp_path, [1])
    (tmp_path / "red.png").unlink()
    with pytest.raises(ImageError, match="no such file"):
        draw_sheet(people, crops)
