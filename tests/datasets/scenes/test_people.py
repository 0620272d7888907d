"""Who is learnt from, and who is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from closeup.datasets.scenes.people import PeoplePhotos, find_people, split_people
from closeup.errors import InputError
from closeup.progress import Silent


class Listener(Silent):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, message: str) -> None:
        self.lines.append(message)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for name in ("Ann/1.jpg", "Ann/2.jpg", "Bo/1.png", "Cy/x/1.jpg", "alone.jpg", "Bo/notes.txt"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / name).write_bytes(b"")
    return tmp_path / "photos"


def test_a_folder_is_a_person(photos: Path) -> None:
    listener = Listener()
    found = find_people(photos, progress=listener)
    assert listener.lines == ["1 file passed over: 1 with other suffixes (.txt)"]
    assert found.photos == {
        "Ann": ("Ann/1.jpg", "Ann/2.jpg"), "Bo": ("Bo/1.png",),
        "Cy/x": ("Cy/x/1.jpg",), "alone.jpg": ("alone.jpg",),
    }  # fmt: skip
    assert found.paths[0] == photos / "Ann" / "1.jpg"


def test_people_of_a_test_are_kept_out(photos: Path, tmp_path: Path) -> None:
    table = tmp_path / "test.csv"
    table.write_text("image,right_eye_x,right_eye_y\nAnn/7.jpg,1,2\nElse/1.jpg,1,2\n")
    found = find_people(photos, table)
    assert set(found.photos) == {"Bo", "Cy/x", "alone.jpg"}
    assert found.fingerprint() != find_people(photos).fingerprint()


def test_a_table_of_other_people_or_of_windows(photos: Path, tmp_path: Path) -> None:
    table = _naming(tmp_path, ["Cy\\x", "/content/lfw/Bo"])
    assert set(find_people(photos, table).photos) == {"Ann", "Bo", "alone.jpg"}
    table = _naming(tmp_path, ["/content/lfw/Ann", "/content/lfw/Bo"])
    with pytest.raises(InputError, match=r"none of its people has a folder in .* exclude no one"):
        find_people(photos, table)


@given(
    st.sets(st.text("abcdefgh", min_size=1), min_size=2, max_size=40),
    st.floats(0.01, 0.5),
    st.integers(0, 9),
)
def test_nobody_is_on_both_sides(names: set[str], share: float, seed: int) -> None:
    people = PeoplePhotos(Path("photos"), {name: (f"{name}/1.jpg",) for name in names})
    learning, judging = (set(part.photos) for part in split_people(people, share, seed))
    assert learning | judging == names
    assert not learning & judging
    assert learning
    assert abs(len(judging) - max(1, share * len(names))) <= 1


def test_bad_folders(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        find_people(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no photo in it; give a folder"):
        find_people(tmp_path / "empty")
    with pytest.raises(InputError, match="photos of 1 people"):
        find_people(photos / "Ann" / "..", _naming(tmp_path, ["Ann", "Bo", "Cy/x"]))


def _naming(folder: Path, people: list[str]) -> Path:
    table = folder / "all.csv"
    rows = "".join(f"{person}/1.jpg,1,2\n" for person in people)
    table.write_text(f"image,nose_x,nose_y\n{rows}")
    return table
