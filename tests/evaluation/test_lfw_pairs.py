from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.errors import InputError
from closeup.evaluation.lfw_pairs import (
    find_photos,
    people_folder,
    read_pairs,
    read_people_names,
)
from tests.few_pairs import write_few_pairs

SMALL = "2 1\nAda 1 2\nAda 1 Bo 3\nCy 4 12\nCy 4 Di 1\n"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.txt"
    path.write_text(SMALL)
    return path


def test_view_2(lfw: Path) -> None:
    pairs = read_pairs(lfw / "pairs.txt")
    assert len(pairs) == 6000
    assert len(pairs.photos) == len(set(pairs.photos)) == 7701
    for fold in range(10):
        assert pairs.same[pairs.folds == fold].tolist() == [True] * 300 + [False] * 300
    assert np.diff(pairs.folds).min() == 0
    assert pairs.photos[:2] == (
        "Abel_Pacheco/Abel_Pacheco_0001.jpg", "Abel_Pacheco/Abel_Pacheco_0004.jpg",
    )  # fmt: skip
    people = np.array([photo.split("/")[0] for photo in pairs.photos])[pairs.rows]
    assert ((people[:, 0] == people[:, 1]) == pairs.same).all()


@pytest.mark.parametrize(("name", "count"), [("pairsDevTrain", 1100), ("pairsDevTest", 500)])
def test_view_1_is_dealt_out_to_ten_folds(lfw: Path, name: str, count: int) -> None:
    pairs = read_pairs(lfw / f"{name}.txt")
    assert len(pairs) == 2 * count
    for kind in (True, False):
        folds = pairs.folds[pairs.same == kind]
        assert np.bincount(folds).tolist() == [count // 10] * 10
        assert np.diff(folds).min() == 0


def test_photos_are_counted_once_and_remember_their_line(small: Path) -> None:
    pairs = read_pairs(small)
    assert pairs.photos == (
        "Ada/Ada_0001.jpg", "Ada/Ada_0002.jpg", "Bo/Bo_0003.jpg",
        "Cy/Cy_0004.jpg", "Cy/Cy_0012.jpg", "Di/Di_0001.jpg",
    )  # fmt: skip
    assert pairs.lines == (2, 2, 3, 4, 4, 5)
    assert pairs.rows.tolist() == [[0, 1], [0, 2], [3, 4], [3, 5]]
    assert pairs.same.tolist() == [True, False, True, False]
    assert pairs.folds.tolist() == [0, 0, 1, 1]


def test_few_pairs_of_one_set_have_few_folds(tmp_path: Path) -> None:
    path = tmp_path / "pairs.txt"
    lines = ["3", *(f"A{i} 1 2" for i in range(3)), *(f"A{i} 1 B{i} 1" for i in range(3))]
    path.write_text("\n".join(lines))
    assert read_pairs(path).folds.tolist() == [0, 1, 2, 0, 1, 2]


def test_a_sample_keeps_folds_kinds_and_order(lfw: Path) -> None:
    pairs = read_pairs(lfw / "pairs.txt")
    sample = pairs.sampled(7)
    assert len(sample) == 140
    assert np.bincount(sample.folds * 2 + sample.same).tolist() == [7] * 20
    whole = [(*(pairs.photos[i] for i in row), *rest) for row, *rest in records(pairs)]
    kept = [(*(sample.photos[i] for i in row), *rest) for row, *rest in records(sample)]
    places = [whole.index(record) for record in kept]
    assert places == sorted(set(places))
    assert set(sample.rows.ravel()) == set(range(len(sample.photos)))
    lines = dict(zip(pairs.photos, pairs.lines, strict=True))
    assert [lines[photo] for photo in sample.photos] == list(sample.lines)
    assert sample.rows.tolist() == pairs.sampled(7).rows.tolist()
    assert sample.photos != pairs.sampled(7, seed=1).photos
    assert len(pairs.sampled(1000)) == 6000


def test_some_folds_keep_their_pairs_and_people(lfw: Path) -> None:
    pairs = read_pairs(lfw / "pairs.txt")
    first, rest = pairs.of_folds((1, 2)), pairs.of_folds(range(3, 11))
    assert np.unique(first.folds).tolist() == [0, 1]
    assert len(first) + len(rest) == len(pairs)
    assert not first.people & rest.people  # as LFW's authors made them
    assert first.people | rest.people == pairs.people
    with pytest.raises(InputError, match=r"no fold 11; their folds are 1 to 10"):
        pairs.of_folds((11,))


def records(pairs: object) -> list[tuple[list[int], bool, int]]:
    rows, same, folds = (getattr(pairs, name).tolist() for name in ("rows", "same", "folds"))
    return list(zip(rows, same, folds, strict=True))


def test_every_pair_of_the_photos_of_a_fold(small: Path, lfw: Path) -> None:
    pairs = read_pairs(small).every()
    named = [
        (int(fold), *(pairs.photos[row][:2] + pairs.photos[row][-5] for row in rows), bool(same))
        for fold, rows, same in zip(pairs.folds, pairs.rows, pairs.same, strict=True)
    ]
    assert named == [
        (0, "Ad1", "Ad2", True), (0, "Ad1", "Bo3", False), (0, "Ad2", "Bo3", False),
        (1, "Cy4", "Cy2", True), (1, "Cy4", "Di1", False), (1, "Cy2", "Di1", False),
    ]  # fmt: skip
    listed = read_pairs(lfw / "pairs.txt").of_folds((2, 5))
    every = listed.every()
    assert {*map(tuple, np.sort(listed.rows))} <= {*map(tuple, np.sort(every.rows))}
    assert every.folds[every.same].tolist() == sorted(every.folds[every.same].tolist())


def test_photos_are_found_in_the_folder_or_its_images(lfw: Path, tmp_path: Path) -> None:
    pairs = read_pairs(write_few_pairs(lfw, tmp_path / "pairs.txt"))
    paths = find_photos(pairs, lfw)
    assert paths == find_photos(pairs, lfw / "images")
    assert all(path.is_file() for path in paths)
    assert paths[0] == lfw / "images" / pairs.photos[0]


def test_a_missing_photo_is_named_with_its_line(small: Path, tmp_path: Path) -> None:
    pairs = read_pairs(small)
    for photo in pairs.photos[:4]:
        (tmp_path / photo).parent.mkdir(exist_ok=True)
        (tmp_path / photo).touch()
    with pytest.raises(InputError, match=r"Cy_0012\.jpg: no such photo, but line 4 .* asks"):
        find_photos(pairs, tmp_path)


def test_no_such_folder(small: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere: no such folder; give"):
        find_photos(read_pairs(small), tmp_path / "nowhere")
    with pytest.raises(InputError, match="no such folder"):
        people_folder(small)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1: the file must begin with"),
        ("ten 300\n", "line 1: the file must begin with"),
        ("10 0\n", "line 1: the file must begin with"),
        ("-1 300\n", "line 1: the file must begin with"),
        ("1 2 3\n", "line 1: the file must begin with"),
        ("10 00\n", "line 1: the file must begin with"),
        (f"10 {'9' * 30}\nAda 1 2\n", "promises 19+80 pairs, 1 follow"),
        (f"10 {'9' * 5000}\n", "line 1: '9+.{0,3} is not a finite number"),
        ("1\nAda 1 2\nAda 1 Bo 3\n", "line 1: one pair of each kind is too few"),
        ("10 300\nAda 1 2\n", "line 1 promises 6000 pairs, 1 follow"),
        (SMALL + "Ed 1 2\n", "line 1 promises 4 pairs, 5 follow"),
        (SMALL.replace("Cy 4 12", "Cy 4"), "line 4: 'Cy 4' is not of the form 'NAME 1 2'"),
        (SMALL.replace("Cy 4 12", ""), "line 4: '' is not of the form"),
        (SMALL.replace("Cy 4 12", "Cy 4 Di 1"), "line 4: .* is not of the form 'NAME 1 2'"),
        (SMALL.replace("Ada 1 Bo 3", "Ada 1 3"), "line 3: .* of the form 'NAME 1 OTHER 2'"),
        (SMALL.replace("12", "x"), "line 4: 'Cy 4 x' has a photo number that is not a number"),
        (SMALL.replace("12", "-1"), "line 4: 'Cy 4 -1' has a photo number that is not a number"),
        (SMALL.replace("12", "4"), "line 4: 'Cy 4 4' names one photo twice"),
        (SMALL.replace("Bo 3", "Ada 3"), "line 3: 'Ada 1 Ada 3' names one person twice"),
    ],
)
def test_a_malformed_list_is_refused_by_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "pairs.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=reason) as caught:
        read_pairs(path)
    assert "pairs.txt" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_an_editor_may_have_saved_it(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "pairs.txt").write_text(SMALL)
    before = read_pairs(tmp_path / "pairs.txt")
    (tmp_path / "pairs.txt").write_bytes((SMALL.replace("\n", "\r\n") + "\r\n").encode(encoding))
    assert read_pairs(tmp_path / "pairs.txt").photos == before.photos


def test_files_that_are_no_text(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.txt: no such file.* with --pairs"):
        read_pairs(tmp_path / "none.txt")
    with pytest.raises(InputError, match="--pairs"):
        read_pairs(tmp_path)
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(InputError, match=r"line 1: not UTF-8 text; .* with --pairs"):
        read_pairs(tmp_path / "photo.jpg")


def test_people_of_lists_of_people_and_of_pairs(lfw: Path) -> None:
    training, test = (read_people_names(lfw / f"peopleDev{part}.txt") for part in ("Train", "Test"))
    assert (len(training), len(test)) == (4038, 1711)
    assert not training & test
    assert len(read_people_names(lfw / "people.txt")) == 5749
    pairs = read_pairs(lfw / "pairs.txt")
    assert read_people_names(lfw / "pairs.txt") == pairs.people
    assert read_people_names(lfw / "pairs.txt", [2, 3]) == pairs.of_folds([2, 3]).people


def test_a_list_of_people_has_no_folds(lfw: Path) -> None:
    with pytest.raises(InputError, match="no folds of pairs"):
        read_people_names(lfw / "peopleDevTest.txt", [1])


def test_a_list_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("dear diary, today\n")
    with pytest.raises(InputError, match="line 1"):
        read_people_names(tmp_path / "list.txt")
