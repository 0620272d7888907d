"""A format of labels that the package does not know."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from closeup.errors import InputError, PartError
from closeup.formats.dataset_folder import Contents, read_dataset
from closeup.formats.label_format import LabelFormat
from closeup.labels import FaceLabel
from closeup.pipeline.datasets.importing import import_dataset

LINES = "a.png 3 4 10 12\nsub/b.png 0 0 5 5\na.png 20 4 6 8\n"


def read_lines(path: Path) -> list[FaceLabel]:
    """``image left top width height`` on each line."""
    labels = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            image, *cells = line.split()
            left, top, width, height = map(float, cells)
        except ValueError:
            raise InputError(f"{path}, line {number}: not an image and four numbers") from None
        box = (left - 0.5, top - 0.5, left + width - 0.5, top + height - 0.5)
        labels.append(FaceLabel(image, box))
    return labels


OWN = LabelFormat("lines", read_lines, "free for tests", "boxes of whole pixels")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "set" / "sub").mkdir(parents=True)
    for name in ("a.png", "sub/b.png"):
        Image.new("RGB", (40, 30)).save(tmp_path / "set" / name)
    file = tmp_path / "set" / "labels.txt"
    file.write_text(LINES, encoding="utf-8")
    return file


def test_it_becomes_a_data_set(file: Path, tmp_path: Path) -> None:
    made = import_dataset(OWN, file, tmp_path / "out")
    assert [label.image for label in made.labels] == ["a.png", "sub/b.png", "a.png"]
    assert made.labels[0].box == (2.5, 3.5, 12.5, 15.5)
    assert (made.kind, made.contents) == ("lines", Contents.FACES)
    assert (made.terms, made.convention) == ("free for tests", "boxes of whole pixels")
    assert read_dataset(tmp_path / "out") == made


def test_pictures_may_lie_elsewhere(file: Path, tmp_path: Path) -> None:
    moved = tmp_path / "labels.txt"
    file.rename(moved)
    with pytest.raises(InputError, match="none of its pictures is in"):
        import_dataset(OWN, moved, tmp_path / "out")
    made = import_dataset(OWN, moved, tmp_path / "out", images=tmp_path / "set")
    assert len(made.labels) == 3


def test_its_errors_reach_the_caller(file: Path, tmp_path: Path) -> None:
    file.write_text("a.png 1 2 3\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"labels\.txt, line 1: not an image"):
        import_dataset(OWN, file, tmp_path / "out")
    assert not (tmp_path / "out" / "dataset.json").exists()


def test_a_reader_of_something_else_is_refused(file: Path, tmp_path: Path) -> None:
    broken = LabelFormat("broken", lambda path: [str(path)])  # type: ignore[list-item]
    with pytest.raises(PartError, match="reader of broken returned a str; it must return a list"):
        import_dataset(broken, file, tmp_path / "out")


def test_a_name_that_no_set_has(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'lines' is not a valid SetKind"):
        import_dataset("lines", file, tmp_path / "out")  # type: ignore[arg-type]
