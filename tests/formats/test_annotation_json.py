"""The plain annotation.json of pictures with masks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from closeup.annotations import AnnotatedPicture, Annotation, AnnotationSet, LabelVerdict
from closeup.errors import InputError
from closeup.formats.annotation_json import read_annotation_json, write_annotation_json

THEIRS = {
    "img_dir": "photos",
    "mask_dir": "masks",
    "author": "Zoë",
    "labels": [
        {"name": "a.png", "class": "true", "seconds": 1.5},
        {"name": "b.png", "class": False},
        {"name": "sub/c.png", "class": "eye"},
        {"name": "d.png", "class": 3},
        {"name": "e.png"},
    ],
}


def read(folder: Path, content: object) -> AnnotationSet:
    path = folder / "annotation.json"
    path.write_text(json.dumps(content))
    return read_annotation_json(path)


def test_what_another_program_wrote_comes_back(tmp_path: Path) -> None:
    found = read(tmp_path, THEIRS)
    one, two, three, four, five = found.pictures
    assert one == AnnotatedPicture(
        "photos/a.png",
        annotations=(
            Annotation(
                mask="a.png",
                verdict=LabelVerdict.TRUE,
                extra={"annotation-json": {"seconds": 1.5}},
            ),
        ),
    )
    assert two.annotations[0].verdict is LabelVerdict.FALSE
    assert three.annotations == (Annotation("eye", mask="sub/c.png"),)
    assert four.annotations[0].name == "3"
    assert five.annotations == (Annotation(mask="e.png"),)
    write_annotation_json(tmp_path / "ours.json", found)
    assert json.loads((tmp_path / "ours.json").read_text()) == THEIRS


def test_a_changed_verdict_replaces_the_stated_one(tmp_path: Path) -> None:
    found = read(tmp_path, {**THEIRS, "labels": [{"name": "b.png", "class": False}]})
    (picture,) = found.pictures
    (one,) = picture.annotations
    changed = Annotation(mask=one.mask, verdict=LabelVerdict.UNSURE, extra=one.extra)
    pictures = (AnnotatedPicture(picture.path, annotations=(changed,)),)
    write_annotation_json(tmp_path / "ours.json", AnnotationSet(pictures, extra=found.extra))
    labels = json.loads((tmp_path / "ours.json").read_text())["labels"]
    assert labels == [{"name": "b.png", "class": "unsure"}]


def test_a_class_may_be_called_as_a_verdict(tmp_path: Path) -> None:
    one = Annotation("True", verdict=LabelVerdict.FALSE)
    given = AnnotationSet((AnnotatedPicture("a.png", annotations=(one,)),))
    write_annotation_json(tmp_path / "a.json", given)
    assert read_annotation_json(tmp_path / "a.json").pictures == given.pictures


@pytest.mark.parametrize("folders", [{}, {"img_dir": None, "mask_dir": ""}])
def test_without_folders_a_picture_has_no_mask(tmp_path: Path, folders: dict[str, Any]) -> None:
    found = read(tmp_path, {**folders, "labels": [{"name": "a.png", "class": "eye"}]})
    assert found.pictures == (AnnotatedPicture("a.png", annotations=(Annotation("eye"),)),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "no object with img_dir"),
        ({"img_dir": ""}, "no labels"),
        ({"img_dir": 3, "labels": []}, "img_dir is 3, no text"),
        ({"labels": ["a"]}, r"labels\[0\]: not an object"),
        ({"labels": [{}]}, r"labels\[0\]: no name"),
        ({"labels": [{"name": ""}]}, r"labels\[0\]: it names no picture"),
        ({"labels": [{"name": "a", "class": [1]}]}, r"labels\[0\]: class is \[1\], no name"),
        ({"labels": [{"name": "a", "class": 1.5}]}, r"labels\[0\]: class is 1.5, no name"),
        ({"labels": [{"name": "a", "mask": 5}]}, r"labels\[0\]: mask is 5, no text"),
        ({"labels": [{"name": "a", "closeup": 5}]}, r"labels\[0\]: closeup is 5, no object"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, content)
    assert len(str(caught.value).splitlines()) == 1
