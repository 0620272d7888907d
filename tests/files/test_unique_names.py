from pathlib import Path, PurePath, PurePosixPath

import pytest
from hypothesis import given, strategies as st

from closeup.files.unique_names import UniqueNames, numbered, portable_stem, readable, shortened


def test_a_taken_name_gets_a_number() -> None:
    names = UniqueNames(["GRID.mp4"])
    given = [str(names.take(PurePath(name))) for name in ("a.mp4", "A.mp4", "a.mp4", "grid.mp4")]
    assert given == ["a.mp4", "A 2.mp4", "a 3.mp4", "grid 2.mp4"]


def test_names_in_two_folders_do_not_meet() -> None:
    names = UniqueNames()
    assert [str(names.take(PurePosixPath(name))) for name in ("a/x.jpg", "b/x.jpg", "a/x.jpg")] == [
        "a/x.jpg",
        "b/x.jpg",
        "a/x 2.jpg",
    ]


def test_a_file_that_must_stay_keeps_its_name(tmp_path: Path) -> None:
    for name in ("mine.jpg", "ours.jpg"):
        (tmp_path / name).touch()
    names = UniqueNames(refused=lambda path: path.name != "ours.jpg" and Path(path).exists())
    assert names.take(tmp_path / "mine.jpg") == tmp_path / "mine 2.jpg"
    assert names.take(tmp_path / "ours.jpg") == tmp_path / "ours.jpg"
    assert names.take(tmp_path / "ours.jpg") == tmp_path / "ours 2.jpg"


def test_only_the_last_suffix_stays_behind_the_number() -> None:
    first = numbered(PurePath("a.tar.gz"))
    assert [str(next(first)) for _ in range(3)] == ["a.tar.gz", "a.tar 2.gz", "a.tar 3.gz"]


@pytest.mark.parametrize(
    ("stem", "longest", "expected"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "abc"),
        ("사사", 5, "사"),
        ("b\udcff", 9, "b\udcff"),
        ("\udcff" * 9, 3, "_"),
        ("", 3, "_"),
    ],
)
def test_a_long_stem_is_cut_between_letters(stem: str, longest: int, expected: str) -> None:
    assert shortened(stem, longest) == expected


def test_bytes_that_are_no_text_are_dropped() -> None:
    assert readable("b\udcff é") == "b é"


@given(st.text())
def test_a_portable_stem_can_be_written(text: str) -> None:
    stem = portable_stem(text)
    assert 0 < len(stem.encode()) <= 200
    assert not set(stem) & set('<>:"/\\|?*\0\n')
    assert stem == stem.strip(" .")


def test_a_portable_stem_stays_as_it_can() -> None:
    stems = ("민지", "a/b: c?", " . ", "x" * 300)
    assert [portable_stem(name) for name in stems] == ["민지", "a_b_ c_", "_", "x" * 200]


def test_half_of_a_pair_of_surrogates_is_dropped() -> None:
    assert readable("a\ud800b\udcffc") == "abc"
    assert portable_stem("\ud800") == "_"
