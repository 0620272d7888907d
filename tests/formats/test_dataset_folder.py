import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from closeup.errors import InputError
from closeup.formats.dataset_folder import Contents, Dataset, read_dataset, write_dataset
from closeup.labels import FaceLabel


def dataset(images_root: Path) -> Dataset:
    labels = (
        FaceLabel("a.png", points={"pupil": (3.5, 4)}),
        FaceLabel("a.png", points={"pupil": (5, 6)}),
    )
    return Dataset(
        labels, images_root, "lpw", Contents.EYE_CROPS, "LPW", "not for sale", "whole numbers"
    )


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    written = dataset(tmp_path / "images elsewhere")
    write_dataset(tmp_path / "set", written)
    assert read_dataset(tmp_path / "set") == written
    record = json.loads((tmp_path / "set" / "dataset.json").read_text())
    assert (record["class"], record["count"], record["images"]) == ("eye crops", 2, 1)


def test_a_set_with_its_pictures_may_be_moved(tmp_path: Path) -> None:
    write_dataset(tmp_path / "here", dataset(tmp_path / "here" / "images"))
    shutil.move(tmp_path / "here", tmp_path / "there")
    assert read_dataset(tmp_path / "there").images_root == tmp_path / "there" / "images"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "is damaged.*line 1: Expecting"),
        ("[]", r"is damaged.*\[\] instead of an object"),
        ('{"version": 1}', "is damaged.*'images_root' is missing"),
        ('{"version": 2}', "version 2, not 1"),
    ],
)
def test_a_damaged_document_is_named(tmp_path: Path, document: str, message: str) -> None:
    write_dataset(tmp_path, dataset(tmp_path))
    (tmp_path / "dataset.json").write_text(document)
    with pytest.raises(InputError, match=message):
        read_dataset(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"dataset\.json: no such file"):
        read_dataset(tmp_path)
    write_dataset(tmp_path, replace(dataset(tmp_path), kind="csv"))
    (tmp_path / "labels.csv").unlink()
    with pytest.raises(InputError, match=r"labels\.csv: no such file"):
        read_dataset(tmp_path)
