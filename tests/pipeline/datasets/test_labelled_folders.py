from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from closeup.errors import InputError
from closeup.formats.pts import write_pts
from closeup.labels import EYES
from closeup.pipeline.datasets.labelled_folders import bioid, lfw, three_hundred_w
from closeup.progress import Progress, Silent
from tests.listening import Listener


def touch(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def eye_file(path: Path, text: str = "232 110 161 110") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#LX\tLY\tRX\tRY\n{text}\n")


def test_bioids_files_belong_together_whatever_their_case_and_folder(tmp_path: Path) -> None:
    touch(tmp_path, ["faces/BioID_0000.pgm", "faces/BioID_0001.pgm", "faces/BioID_0002.pgm"])
    eye_file(tmp_path / "faces" / "BioID_0000.eye")
    (tmp_path / "points_20").mkdir()
    for number in (0, 1):
        write_pts(tmp_path / "points_20" / f"bioid_000{number}.pts", np.arange(40.0).reshape(20, 2))
    listener = Listener()
    both, points_only = bioid(tmp_path, listener)
    assert both.image == "faces/BioID_0000.pgm"
    assert [both.points[name] for name in EYES] == [(161, 110), (232, 110)]
    assert both.points["nose"] == (28, 29) == both.points["p14"]
    assert points_only.points["right_eye"] == (0, 1)
    assert listener.lines == ["1 without a label among the pictures; left out"]


def test_a_label_without_a_picture_is_named(tmp_path: Path) -> None:
    touch(tmp_path, ["BioID_0000.pgm"])
    for number in range(8):
        eye_file(tmp_path / f"BioID_000{number}.eye")
    listener = Listener()
    assert len(bioid(tmp_path, listener)) == 1
    assert "BioID_0001.eye: no picture of this name" in listener.lines[0]
    assert listener.lines[-1] == "and 2 more such lines"


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    touch(tmp_path, ["BioID_0000.pgm", "copy/bioid_0000.PGM"])
    with pytest.raises(InputError, match="have one name"):
        bioid(tmp_path, Silent())
    (tmp_path / "300w").mkdir()
    touch(tmp_path / "300w", ["a.jpg", "a.png"])
    with pytest.raises(InputError, match=r"a\.png and .*a\.jpg have one name"):
        three_hundred_w(tmp_path / "300w", Silent())


def test_a_truncated_file_stops_the_import_by_name(tmp_path: Path) -> None:
    touch(tmp_path, ["BioID_0000.pgm"])
    eye_file(tmp_path / "BioID_0000.eye", "232 110 161")
    with pytest.raises(InputError, match=r"BioID_0000\.eye, line 2: 3 numbers"):
        bioid(tmp_path, Silent())


def test_300ws_first_pixel_is_ours_at_0(tmp_path: Path) -> None:
    touch(tmp_path, ["helen/my face 1.jpg", "helen/2.jpg", "indoor/my face 1.png"])
    points = np.arange(136.0).reshape(68, 2)
    write_pts(tmp_path / "helen" / "my face 1.pts", points)
    write_pts(tmp_path / "indoor" / "my face 1.pts", points + 1)
    first, second = three_hundred_w(tmp_path, Silent())
    assert first.image == "helen/my face 1.jpg"
    assert first.points["p0"] == (-1, 0)
    assert second.image == "indoor/my face 1.png"
    assert second.points["p67"] == (134, 135)


def test_300w_needs_68_points(tmp_path: Path) -> None:
    touch(tmp_path, ["a.jpg"])
    write_pts(tmp_path / "a.pts", np.zeros((20, 2)))
    with pytest.raises(InputError, match=r"a\.pts: has 20 points, not 68"):
        three_hundred_w(tmp_path, Silent())


def test_lfw_is_a_folder_for_each_person(tmp_path: Path) -> None:
    touch(
        tmp_path,
        ["Ann_Lee/Ann_Lee_0001.jpg", "Bo/Bo_0012.jpg", "Bo/Ann_Lee_0002.jpg", "cover.jpg", "x.txt"],
    )
    listener = Listener()
    labels = lfw(tmp_path, listener)
    assert [label.image for label in labels] == ["Ann_Lee/Ann_Lee_0001.jpg", "Bo/Bo_0012.jpg"]
    assert not any(label.points for label in labels)
    assert len(listener.lines) == 3
    assert "cover.jpg: not called as" in listener.lines[1]
    assert listener.lines[2] == (
        "3 files passed over: 2 with other names, 1 with other suffixes (.txt)"
    )


@pytest.mark.parametrize(
    ("read", "picture", "label"),
    [(bioid, "a.pgm", "a.eye"), (three_hundred_w, "a.jpg", "a.pts")],
)
def test_files_that_are_neither_pictures_nor_labels_are_counted(
    tmp_path: Path, read: Callable[[Path, Progress], object], picture: str, label: str
) -> None:
    touch(tmp_path, [picture, "README.md", "b.zip", ".DS_Store"])
    if label.endswith(".eye"):
        eye_file(tmp_path / label)
    else:
        write_pts(tmp_path / label, np.zeros((68, 2)))
    listener = Listener()
    read(tmp_path, listener)
    assert listener.lines == ["2 files passed over: 2 with other suffixes (.md, .zip)"]


@pytest.mark.parametrize("read", [bioid, three_hundred_w, lfw])
def test_an_empty_folder_is_an_error(
    tmp_path: Path, read: Callable[[Path, Progress], object]
) -> None:
    with pytest.raises(InputError, match="nothing in it or below it is called as"):
        read(tmp_path, Silent())


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_links_to_one_file_are_no_two_pictures(
    tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    touch(tmp_path, ["one/BioID_0000.pgm", "300w/a.jpg"])
    eye_file(tmp_path / "one" / "BioID_0000.eye")
    (tmp_path / "two").mkdir()
    for name in ("BioID_0000.pgm", "BioID_0000.eye"):
        link(tmp_path / "two" / name, tmp_path / "one" / name)
    (label,) = bioid(tmp_path, Silent())
    assert label.image == "one/BioID_0000.pgm"
    write_pts(tmp_path / "300w" / "a.pts", np.zeros((68, 2)))
    link(tmp_path / "300w" / "a.png", tmp_path / "300w" / "a.jpg")
    (label,) = three_hundred_w(tmp_path / "300w", Silent())
    assert label.image == "a.jpg"
