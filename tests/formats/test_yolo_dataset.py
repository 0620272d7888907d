from pathlib import Path

import pytest
from hypothesis import example, given, strategies as st

from closeup.errors import InputError
from closeup.formats.yolo_dataset import (
    YoloDataset,
    read_image_list,
    read_yolo_dataset,
    write_yolo_dataset,
)

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1)
FOLDERS = st.sampled_from(["images/train", "images/val", "more pictures", "пример", "list.txt"])
PLACES = st.lists(FOLDERS, min_size=1, max_size=3, unique=True)


@st.composite
def datasets(draw: st.DrawFn, root: Path) -> YoloDataset:
    points = draw(st.integers(0, 5))
    flip = tuple(range(points))
    if points > 1 and draw(st.booleans()):
        flip = (1, 0, *flip[2:])
    return YoloDataset(
        names=tuple(draw(st.lists(TEXTS, min_size=1, max_size=4, unique=True))),
        train=tuple(root / place for place in draw(PLACES)),
        val=tuple(root / place for place in draw(PLACES)),
        test=tuple(root / place for place in draw(PLACES | st.just([]))),
        points=points,
        point_length=draw(st.sampled_from([2, 3])) if points else 3,
        flip=flip if draw(st.booleans()) else (),
        outlines=draw(st.booleans()),
    )


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "data.yaml"

    @given(datasets(tmp_path))
    @example(YoloDataset(("\x85", "a\x85b"), (tmp_path / "a",), (tmp_path / "b",)))
    def again(given: YoloDataset) -> None:
        write_yolo_dataset(path, given)
        assert read_yolo_dataset(path) == given

    again()


def test_a_set_may_be_moved_with_its_file(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    made = YoloDataset(("face",), (first / "images/train",), (first / "images/val",))
    write_yolo_dataset(first / "data.yaml", made)
    first.rename(second)

    assert read_yolo_dataset(second / "data.yaml").train == (second / "images/train",)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "set" / "data.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def read(tmp_path: Path, text: str) -> YoloDataset:
    return read_yolo_dataset(written(tmp_path, text))


@pytest.mark.parametrize(
    ("path_line", "root"),
    [
        ("", "set"),
        ("path:\n", "set"),
        ("path: .\n", "set"),
        ("path: pictures\n", "set/pictures"),
        ("path: ../beside\n", "set/../beside"),
        ("path: {tmp}/beside\n", "beside"),
        ("path: /content/somewhere/else\n", "set"),
        ("path: set\n", "set"),
    ],
)
def test_places_begin_at_path(tmp_path: Path, path_line: str, root: str) -> None:
    for folder in ("set/pictures/train", "set/train", "beside/train"):
        (tmp_path / folder).mkdir(parents=True)

    found = read(tmp_path, path_line.format(tmp=tmp_path) + "train: train\nval: val\nnames: [a]")

    assert found.train == (tmp_path / root / "train",)


def test_slips_that_others_make_are_understood(tmp_path: Path) -> None:
    (tmp_path / "set" / "train" / "images").mkdir(parents=True)
    (tmp_path / "set" / "valid" / "images").mkdir(parents=True)

    found = read(tmp_path, "train: ../train/images\nval: valid\\images\nnc: 1\nnames: ['a']\n")

    assert found.train == (tmp_path / "set/train/images",)
    assert found.val == (tmp_path / "set/valid/images",)
    assert found.test == ()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("names: [no, yes, 1e3, ~]", ("no", "yes", "1e3", "~")),
        ("names:\n  1: b\n  0: a\n", ("a", "b")),
        ("names: {0: 'it''s', 1: null}", ("it's", "null")),
        ("nc: 2", ("class0", "class1")),
        ("nc: 1\nnames: [face]", ("face",)),
    ],
)
def test_names_are_texts_in_the_order_of_their_numbers(
    tmp_path: Path, names: str, expected: tuple[str, ...]
) -> None:
    assert read(tmp_path, f"train: a\nval: [b, c]\n{names}\n").names == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no lines such as"),
        ("a b c", "no lines such as"),
        ("train: [a\n", "line 2: not YAML"),
        ("train: a\ntrain: b\n", "line 2: not YAML: 'train' is there twice"),
        ("train: !!python/name:os.system a\nval: b\nnames: [a]\nnc: x", "nc must be a whole"),
        ("val: b\nnames: [a]", "train is missing; name the folder of the pictures to learn from"),
        ("train: a\nval: ~\nnames: [a]", "val is missing; .* to judge by"),
        ("train: {a: b}\nval: b\nnames: [a]", "train must be a folder, a .txt list or a list"),
        ("train: a\nval: b", "names must be a list"),
        ("train: a\nval: b\nnames: face", "names must be a list"),
        ("train: a\nval: b\nnames: []", "names is empty"),
        ("train: a\nval: b\nnames: [a, [b]]", "names must be a list"),
        ("train: a\nval: b\nnames: {0: a, 2: b}", "2 classes, but none with the number 1"),
        ("train: a\nval: b\nnames: {0: a, 0: b}", "'0' is there twice"),
        ("train: a\nval: b\nnames: {face: 0}", "a number in names must be a whole number"),
        ("train: a\nval: b\nnames: [a, a]", "the class 'a' is there twice"),
        ("train: a\nval: b\nnames: [a]\nnc: 2", "nc says 2 classes, but names has 1"),
        (f"train: a\nval: b\nnc: {'9' * 5000}", "nc is '9{59}…, more than 100000"),
        ("train: a\nval: b\nnc: 100001", "nc is '100001', more than 100000"),
        ("train: a\nval: b\nnames: {0: a, 9999999: b}", "a number in names is '9999999', more"),
        ("a: &a [x, x]\nb: &b [*a, *a]\ntrain: a\nval: b\nnc: [*b, *b]", "not a list; correct"),
        ("train: a\nval: b\nnames: [a]\nkpt_shape: 5", "kpt_shape must be"),
        ("train: a\nval: b\nnames: [a]\nkpt_shape: [5, 4]", "kpt_shape must be"),
        ("train: a\nval: b\nnames: [a]\nkpt_shape: [2, 3]\nflip_idx: [0]", "flip_idx must"),
        ("train: a\nval: b\nnames: [a]\nkpt_shape: [3, 3]\nflip_idx: [1, 2, 0]", "flip_idx must"),
    ],
)
def test_a_bad_file_is_named_with_the_reason(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, text)
    assert str(tmp_path / "set" / "data.yaml") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_alias_of_an_alias_takes_no_time(tmp_path: Path) -> None:
    """Thirty lists that double stand for a thousand million texts."""
    lines = ["a0: &a0 [x, x]", *(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 30))]
    said = {"train": "a", "val": "b", "names": "[a]", "nc": "1", "path": ".", "kpt_shape": "[1, 2]"}
    for name in said:
        key = f"{name}: *a29" if name != "kpt_shape" else "kpt_shape: [*a29, 2]"
        rest = [f"{other}: {value}" for other, value in said.items() if other != name]
        with pytest.raises(InputError) as caught:
            read(tmp_path, "\n".join([*lines, key, *rest]))
        assert len(str(caught.value)) < 300


def test_a_list_names_pictures_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_text("./images/a.jpg\nimages\\b c.jpg\n\n/far/away/d.png\r\n")

    assert read_image_list(path) == [
        tmp_path / "images/a.jpg", tmp_path / "images/b c.jpg", Path("/far/away/d.png")
    ]  # fmt: skip
    path.write_text("\n")
    with pytest.raises(InputError, match="names no picture"):
        read_image_list(path)
