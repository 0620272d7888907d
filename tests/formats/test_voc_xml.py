"""Pascal VOC as its development kit and labelImg write it, and as others read ours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import supervision
from PIL import Image

from closeup.annotations import AnnotatedPicture, Annotation, AnnotationSet
from closeup.errors import InputError, OutputError
from closeup.formats.voc_xml import is_voc, read_voc, write_voc
from closeup.geometry import Size
from closeup.progress import Silent
from tests.listening import Listener

LABELIMG = """<annotation verified="yes">
  <folder>stage</folder>
  <filename>a.jpg</filename>
  <path>C:\\stage\\a.jpg</path>
  <source><database>Unknown</database></source>
  <size><width>640</width><height>480</height><depth>1</depth></size>
  <segmented>0</segmented>
  <object>
    <name>face</name><pose>Left</pose><truncated>1</truncated><difficult>0</difficult>
    <bndbox><xmin>1</xmin><ymin>11</ymin><xmax>10</xmax><ymax>45.7</ymax></bndbox>
    <part><name>head</name><bndbox><xmin>1</xmin></bndbox></part>
    <part><name>hand</name></part>
  </object>
  <object>
    <name>sloped</name><robndbox><cx>5</cx><angle>0.4</angle></robndbox>
  </object>
</annotation>
"""


def one_file(folder: Path, text: str) -> Path:
    (folder / "a.xml").write_text(text, encoding="utf-8")
    return folder


def objects(*bodies: str) -> str:
    inner = "\n".join(f"<object>{body}</object>" for body in bodies)
    return f"<annotation>\n<filename>a.jpg</filename>\n{inner}</annotation>"


def test_a_file_of_labelimg(tmp_path: Path) -> None:
    listener = Listener()
    found = read_voc(one_file(tmp_path, LABELIMG), listener)
    (picture,) = found.pictures
    (one,) = picture.annotations
    assert (picture.path, picture.size) == ("a.jpg", Size(640, 480))
    assert one.name == "face"
    assert one.box == pytest.approx((-0.5, 9.5, 9.5, 45.2), abs=1e-6)
    assert one.extra["voc"]["pose"] == "Left"
    assert [part["name"] for part in one.extra["voc"]["part"]] == ["head", "hand"]
    assert picture.extra["voc"]["@verified"] == "yes"
    assert picture.extra["voc"]["size"] == {"depth": "1"}
    assert picture.extra["voc"]["object"]["robndbox"] == {"cx": "5", "angle": "0.4"}
    assert listener.lines == [f"{tmp_path}: left out objects without a box: 1"]
    write_voc(tmp_path / "ours", found)
    assert read_voc(tmp_path / "ours", Silent()) == found


def test_supervision_reads_the_same_boxes(tmp_path: Path) -> None:
    Image.new("RGB", (64, 48)).save(tmp_path / "a.png")
    boxes = [(-0.5, -0.5, 63.5, 47.5), (3.25, 4.0, 20.125, 30.5)]
    annotations = tuple(Annotation(name, box) for name, box in zip("ab", boxes, strict=True))
    picture = AnnotatedPicture("a.png", size=Size(64, 48), annotations=annotations)
    write_voc(tmp_path / "labels", AnnotationSet((picture,)))
    dataset = supervision.DetectionDataset.from_pascal_voc(str(tmp_path), str(tmp_path / "labels"))
    (detections,) = dataset.annotations.values()
    np.testing.assert_allclose(detections.xyxy, np.array(boxes) + 0.5, atol=1e-5)
    assert [dataset.classes[number] for number in detections.class_id] == ["a", "b"]


def test_whole_pixels_are_written_without_a_point(tmp_path: Path) -> None:
    picture = AnnotatedPicture("a.jpg", annotations=(Annotation("a", (-0.5, 0.5, 9.5, 4.5)),))
    write_voc(tmp_path, AnnotationSet((picture,)))
    text = (tmp_path / "a.xml").read_text()
    assert "<xmin>1</xmin>" in text
    assert "<xmax>10</xmax>" in text
    assert "<difficult>0</difficult>" in text  # which readers of the development kit require


def test_boxes_without_area_survive(tmp_path: Path) -> None:
    listener = Listener()
    bounds = "<xmin>5</xmin><ymin>5</ymin><xmax>4</xmax><ymax>9</ymax>"
    text = objects(f"<name>a</name><bndbox>{bounds}</bndbox>")
    found = read_voc(one_file(tmp_path, text), listener)
    assert found.pictures[0].annotations == ()
    assert found.pictures[0].extra["voc"]["object"]["bndbox"]["xmin"] == "5"
    assert listener.lines == [f"{tmp_path}: left out boxes without area: 1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<annotation/>", "<annotation> without <filename>"),
        (objects("<bndbox><xmin>1</xmin></bndbox>"), "line 3: <bndbox> without ymin"),
        (
            objects("<bndbox><xmin>x</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox>"),
            "line 3, xmin: 'x' is not a finite number",
        ),
        (
            objects("<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2e9</xmax><ymax>2</ymax></bndbox>"),
            "line 3: the box .* beyond",
        ),
        (
            objects(
                "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>3</ymax></bndbox>"
                "<closeup>{</closeup>"
            ),
            "line 3: line 1: .*; correct or remove it",
        ),
        ("<!DOCTYPE a [<!ENTITY b 'b'>]><annotation>&b;</annotation>", "line 1: a DOCTYPE"),
        ("<annotations/>", "<annotations> where <annotation> should be; it is not Pascal VOC"),
        ("<annotation>\n<filename>", "line 2: no element found"),
        ("<annotation>" + "<a>" * 50, "nested too deeply"),
    ],
)
def test_a_damaged_file_is_named_with_line_and_reason(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_voc(one_file(tmp_path, text), Silent())
    assert "a.xml" in str(caught.value)


def test_a_name_that_xml_cannot_carry(tmp_path: Path) -> None:
    picture = AnnotatedPicture("a.jpg", annotations=(Annotation("a\0b", (0, 0, 1, 1)),))
    with pytest.raises(OutputError, match=r"a\.xml: .* which XML has not"):
        write_voc(tmp_path / "out", AnnotationSet((picture,)))
    assert not (tmp_path / "out").exists()


def test_only_its_own_files_are_recognised(tmp_path: Path) -> None:
    assert is_voc(one_file(tmp_path, LABELIMG))
    assert is_voc(tmp_path / "a.xml")
    (tmp_path / "a.xml").write_text("<annotations><version>1.1</version></annotations>")
    assert not is_voc(tmp_path)
