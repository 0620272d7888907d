"""CVAT's XML for images and for video, as CVAT writes it and as its reader takes ours."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from closeup.annotations import (
    AnnotatedPicture,
    Annotation,
    AnnotationSet,
    KeyPoint,
    LabelSchema,
    Origin,
)
from closeup.errors import InputError
from closeup.formats.annotation_format import completed
from closeup.formats.cvat_xml import CVAT, is_cvat, read_cvat, write_cvat
from closeup.geometry import Size
from closeup.progress import Silent
from tests.listening import Listener

HEAD = "<?xml version='1.0' encoding='utf-8'?>\n<annotations>\n<version>1.1</version>\n"
META = (
    "<meta><task><id>4</id><name>stage</name><mode>annotation</mode><labels>"
    "<label><name>face</name><type>rectangle</type><attributes></attributes></label>"
    "<label><name>pose</name><type>skeleton</type><svg>&lt;line/&gt;</svg></label>"
    "<label><name>pupil</name><type>points</type><parent>pose</parent></label>"
    "</labels></task><dumped>2026-01-01</dumped></meta>\n"
)
IMAGE = (
    "<image id='3' name='stage/a.jpg' width='640' height='480'>\n"
    "<box label='face' source='manual' occluded='1' xtl='10.25' ytl='20.00' xbr='50.50' ybr='60.00'"
    " z_order='2' group_id='5'><attribute name='age'>12</attribute></box>\n"
    "<skeleton label='pose' source='auto' z_order='0' group_id='5'>\n"
    "<points label='pupil' source='auto' outside='0' occluded='1' points='30.50,40.50'></points>\n"
    "<points label='tip' source='auto' outside='1' occluded='0' points='0.00,0.00'></points>\n"
    "</skeleton>\n"
    "<points label='nose' source='semi-auto' occluded='0' points='1.00,2.00' z_order='0'/>\n"
    "<points label='crowd' occluded='0' points='1.00,2.00;3.00,4.00' z_order='0'></points>\n"
    "<polygon label='face' source='manual' occluded='0' points='1.00,1.00;2.00,1.00;2.00,2.00'"
    " z_order='0'></polygon>\n"
    "<mask label='face' rle='2, 3' left='1' top='1' width='2' height='3' z_order='0'></mask>\n"
    "<box label='face' occluded='0' xtl='10' ytl='10' xbr='30' ybr='20' rotation='90.00'"
    " z_order='0' group_id='8'></box>\n"
    "<box label='face' occluded='0' xtl='1' ytl='1' xbr='3' ybr='2' z_order='0' group_id='8'/>\n"
    "<box label='face' occluded='0' xtl='7' ytl='1' xbr='7' ybr='2' z_order='0'></box>\n"
    "<tag label='blurred' source='manual'></tag>\n"
    "</image>\n"
)
VIDEO = (
    "<meta><task><name>show</name><mode>interpolation</mode><frame_filter>step=5</frame_filter>"
    "<source>show.mp4</source>"
    "<original_size><width>640</width><height>480</height></original_size></task></meta>\n"
)


def file_of(folder: Path, *parts: str) -> Path:
    path = folder / "annotations.xml"
    path.write_text(HEAD + "".join(parts) + "</annotations>\n", encoding="utf-8")
    return path


def track(number: int, *shapes: str, label: str = "face") -> str:
    inner = "\n".join(shapes)
    return f"<track id='{number}' label='{label}' source='manual'>\n{inner}\n</track>\n"


def box(frame: int, x: float = 10, *, outside: int = 0, keyframe: int = 1) -> str:
    return (
        f"<box frame='{frame}' keyframe='{keyframe}' outside='{outside}' occluded='0' xtl='{x}' "
        f"ytl='20' xbr='50' ybr='60' z_order='0'></box>"
    )


def root_of(path: Path) -> ET.Element:
    return ET.parse(path).getroot()  # noqa: S314, the file is our own


def at(element: ET.Element, path: str) -> ET.Element:
    found = element.find(path)
    assert found is not None, path
    return found


def test_an_export_of_images(tmp_path: Path) -> None:
    listener = Listener()
    found = read_cvat(file_of(tmp_path, META, IMAGE), listener)
    (picture,) = found.pictures
    assert (picture.path, picture.frame, picture.size) == ("stage/a.jpg", None, Size(640, 480))
    face, nose, crowd, turned, other, tag = picture.annotations
    assert face.name == "face"
    assert face.box == (9.75, 19.5, 50.0, 59.5)
    assert face.points == {"pupil": KeyPoint(30, 40, False)}
    assert face.origin is Origin.PERSON
    assert face.extra["cvat"]["box"]["@occluded"] == "1"
    assert (nose.name, nose.points) == ("", {"nose": KeyPoint(0.5, 1.5)})
    assert (crowd.name, list(crowd.points)) == ("crowd", ["p0", "p1"])
    assert turned.box == pytest.approx((14.5, 4.5, 24.5, 24.5))
    assert other.box == (0.5, 0.5, 2.5, 1.5)
    assert (tag.name, tag.box, tag.points) == ("blurred", None, {})
    assert set(picture.extra["cvat"]) == {"@id", "polygon", "mask", "box"}
    assert listener.lines == [
        f"{tmp_path / 'annotations.xml'}: left out {what}: 1"
        for what in ("boxes without area", "shapes of type mask", "shapes of type polygon")
    ]
    assert found.schema.classes[:2] == ("face", "pose")


def test_what_was_read_is_written_again(tmp_path: Path) -> None:
    found = read_cvat(file_of(tmp_path, META, IMAGE), Silent())
    write_cvat(tmp_path / "ours.xml", found)
    again = read_cvat(tmp_path / "ours.xml", Silent())
    assert replace(again, extra={}) == replace(found, extra={})
    root = root_of(tmp_path / "ours.xml")
    (image,) = root.findall("image")
    assert image.get("id") == "3"
    group = {shape.get("label"): shape.get("group_id") for shape in image if shape.tag != "box"}
    first, turned, other, *_ = image.findall("box")
    assert group["pose"] == first.get("group_id")
    assert turned.get("rotation") == "90.00"
    assert turned.get("group_id") == other.get("group_id") == "8" != first.get("group_id")
    assert at(first, "attribute[@name='age']").text == "12"
    assert [shape.get("points") for shape in image.findall("points")] == ["1,2", "1,2;3,4"]
    assert at(image, "points").get("source") == "semi-auto"
    assert at(root, "meta/dumped").text == "2026-01-01"
    assert at(root, "meta/task/labels/label[name='pose']/svg").text == "<line/>"


def test_a_rotated_box_that_was_moved_is_upright(tmp_path: Path) -> None:
    found = read_cvat(file_of(tmp_path, META, IMAGE), Silent())
    (picture,) = found.pictures
    moved = replace(picture.annotations[3], box=(0.0, 0.0, 9.0, 9.0))
    write_cvat(
        tmp_path / "ours.xml",
        replace(found, pictures=(replace(picture, annotations=(moved,)),)),
    )
    shape = at(root_of(tmp_path / "ours.xml"), "image/box")
    assert shape.get("rotation") is None
    assert shape.get("xtl") == "0.5"


def test_an_export_of_a_video(tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        VIDEO,
        track(7, box(0), box(5, 12.5, keyframe=0), box(20, outside=1)),
        track(8, box(5), box(10, outside=1)),
        "<track id='9' label='face'><polygon frame='3' points='1,1;2,2;3,1'/></track>\n",
    )
    listener = Listener()
    found = read_cvat(path, listener)
    assert [(picture.path, picture.frame) for picture in found.pictures] == [
        ("show.mp4", 0), ("show.mp4", 5), ("show.mp4", 20),
    ]  # fmt: skip
    first, second, third = (picture.annotations for picture in found.pictures)
    assert [(one.key, one.keyframe, one.absent) for one in first] == [("7", True, False)]
    # The second object was no track in CVAT, which ends it one step later.
    assert [(one.key, one.keyframe) for one in second] == [("7", False), ("", True)]
    assert second[0].box == (12.0, 19.5, 49.5, 59.5)
    assert [(one.key, one.absent) for one in third] == [("7", True)]
    assert {picture.size for picture in found.pictures} == {Size(640, 480)}
    assert listener.lines == [f"{path}: left out tracks with shapes of type polygon: 1"]
    write_cvat(tmp_path / "ours.xml", found)
    assert read_cvat(tmp_path / "ours.xml", Silent()) == found
    assert "polygon" in (tmp_path / "ours.xml").read_text()


SKELETON = (
    "<skeleton frame='{}' keyframe='1' z_order='0'>"
    "<points label='a' keyframe='1' outside='{}' occluded='0' points='1.5,2.5'></points>"
    "<points label='b' keyframe='1' outside='1' occluded='0' points='0,0'></points></skeleton>"
)


def test_skeletons_of_a_video(tmp_path: Path) -> None:
    path = file_of(
        tmp_path, VIDEO, track(1, SKELETON.format(0, 0), SKELETON.format(9, 1), label="pose")
    )
    first, last = (picture.annotations[0] for picture in read_cvat(path, Silent()).pictures)
    assert (first.name, first.points, first.absent) == ("pose", {"a": KeyPoint(1, 2)}, False)
    assert last.absent


@pytest.mark.parametrize("inner", ["annotations.xml", "job 3/export/annotations.xml"])
def test_a_zip(tmp_path: Path, inner: str) -> None:
    text = HEAD + META + IMAGE + "</annotations>"
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as packed:
        packed.writestr(inner, text)
        packed.writestr("images/a.jpg", b"\xff\xd8")
    found = read_cvat(tmp_path / "export.zip", Silent())
    assert is_cvat(tmp_path / "export.zip")
    write_cvat(tmp_path / "ours.zip", found)
    assert zipfile.is_zipfile(tmp_path / "ours.zip")
    assert read_cvat(tmp_path / "ours.zip", Silent()).pictures == found.pictures


def test_a_zip_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    for names in ([], ["a/annotations.xml", "b/annotations.xml"]):
        with zipfile.ZipFile(path, "w") as packed:
            for name in ["readme.txt", *names]:
                packed.writestr(name, HEAD)
        with pytest.raises(InputError, match=f"holds {len(names)} files annotations.xml"):
            read_cvat(path, Silent())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("annotations.xml", HEAD * 50)
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"export\.zip cannot be unpacked"):
        read_cvat(path, Silent())


def test_a_project_with_two_videos(tmp_path: Path) -> None:
    one = Annotation("face", (0.0, 0.0, 4.0, 4.0), key="1")
    pictures = tuple(
        AnnotatedPicture(path, frame, Size(64, 48), (one,))
        for path in ("a.mp4", "b.mp4")
        for frame in (0, 2)
    )
    given = AnnotationSet(pictures, completed(LabelSchema(), pictures))
    write_cvat(tmp_path / "ours.xml", given)
    assert read_cvat(tmp_path / "ours.xml", Silent()) == given
    root = root_of(tmp_path / "ours.xml")
    assert [at(task, "source").text for task in root.iter("task")] == ["a.mp4", "b.mp4"]
    assert [track.get("task_id") for track in root.iter("track")] == ["0", "1"]


def test_a_track_ends_where_it_is_not_seen_again(tmp_path: Path) -> None:
    """CVAT shows a shape until the next one of its track, up to the end of the video."""
    one = Annotation("face", (0.0, 0.0, 4.0, 4.0), key="1")
    frames = tuple(AnnotatedPicture("a.mp4", frame, None, (one,)) for frame in (3, 4))
    write_cvat(tmp_path / "ours.xml", AnnotationSet(frames))
    shapes = root_of(tmp_path / "ours.xml").findall("track/box")
    assert [(shape.get("frame"), shape.get("outside")) for shape in shapes] == [
        ("3", "0"), ("4", "0"), ("5", "1"),
    ]  # fmt: skip


PLACES = st.sampled_from([0.0, 1.5, 7.0])
BOXES = st.sampled_from([None, (0.0, 0.0, 4.0, 4.0), (1.5, 2.0, 5.0, 6.0)])
OBJECTS = st.builds(
    Annotation,
    name=st.sampled_from(["", "face", "Zoë", "face points", "object"]),
    box=BOXES,
    points=st.dictionaries(
        st.sampled_from(["a", "p0"]), st.builds(KeyPoint, PLACES, PLACES, st.booleans())
    ),
    key=st.sampled_from(["", "0", "1", "07", "x"]),
    keyframe=st.booleans(),
    absent=st.booleans(),
    origin=st.sampled_from(Origin),
    score=st.sampled_from([None, 0.5]),
)
FRAMES = st.builds(
    AnnotatedPicture,
    path=st.sampled_from(["v.mp4", "w.mp4"]),
    frame=st.integers(0, 3),
    size=st.sampled_from([None, Size(10, 10)]),
    annotations=st.lists(OBJECTS, max_size=3).map(tuple),
)
VIDEOS = st.lists(FRAMES, max_size=6, unique_by=lambda picture: (picture.path, picture.frame))


def as_set(pictures: list[AnnotatedPicture]) -> AnnotationSet:
    return AnnotationSet(tuple(pictures), completed(LabelSchema(), tuple(pictures)))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(pictures=VIDEOS)
def test_tracks_come_back(
    tmp_path_factory: pytest.TempPathFactory, pictures: list[AnnotatedPicture]
) -> None:
    path = tmp_path_factory.mktemp("video") / "annotations.xml"
    write_cvat(path, as_set(pictures))
    assert read_cvat(path, Silent()) == CVAT.kept(as_set(pictures))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(pictures=VIDEOS)
def test_cvat_finds_what_its_reader_looks_for(
    tmp_path_factory: pytest.TempPathFactory, pictures: list[AnnotatedPicture]
) -> None:
    """The attributes that ``load_anno`` of CVAT's ``dataset_manager/formats/cvat.py`` reads."""
    path = tmp_path_factory.mktemp("video") / "annotations.xml"
    images = [replace(picture, path=f"{i}.jpg", frame=None) for i, picture in enumerate(pictures)]
    write_cvat(path, as_set([*images, *pictures]))
    root = root_of(path)
    labels = {at(label, "name").text for label in root.iter("label")}
    for image in root.findall("image"):
        assert int(image.attrib["id"]) >= 0
        for shape in image:
            check_shape(shape)
            assert shape.attrib["label"] in labels
    for one in root.findall("track"):
        assert one.attrib["label"] in labels
        frames = [int(shape.attrib["frame"]) for shape in one]
        assert frames == sorted(set(frames))
        assert one[-1].get("outside") == "1"
        assert {shape.tag for shape in one} <= {"box", "skeleton", "points"}
        for shape in one:
            assert shape.attrib["keyframe"] in "01"
            check_shape(shape)
    numbers = [one.get("id") for one in root.findall("track")]
    assert len(set(numbers)) == len(numbers)


def check_shape(shape: ET.Element) -> None:
    if shape.tag == "box":
        xtl, ytl, xbr, ybr = (float(shape.attrib[side]) for side in ("xtl", "ytl", "xbr", "ybr"))
        assert xtl < xbr
        assert ytl < ybr
    elif shape.tag == "points":
        for pair in shape.attrib["points"].split(";"):
            x, y = map(float, pair.split(","))
            assert x + y < 1e6
    for point in shape.findall("points"):
        assert point.attrib["label"]
        assert point.attrib["occluded"] in "01"
        assert point.attrib["outside"] in "01"
        check_shape(point)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<image id='0' name='a'><box label='a' xtl='1' ytl='1' xbr='2'/></image>", "without ybr"),
        ("<image id='0'/>", "line 4: <image> without name"),
        (
            "<image id='0' name='a'><box label='a' xtl='x' ytl='1' xbr='2' ybr='2'/></image>",
            "line 4, xtl of <box>: 'x' is not a finite number",
        ),
        ("<image id='0' name='a'><points label='a' points='1'/></image>", "is no pair"),
        ("<image id='0' name='a'><points points='1,1'/></image>", "<points> without label"),
        ("<image id='0' name='a' width='x'/>", "line 4, width"),
        (
            "<image id='0' name='a'><skeleton label='s'><points label='a' points='1,1'/>"
            "<points label='a' points='1,1'/></skeleton></image>",
            "the point 'a' is there twice",
        ),
        ("<track label='a'><box xtl='1' ytl='1' xbr='2' ybr='2'/></track>", "<box> without frame"),
        ("<track label='a'><points frame='1.5' points='1,1'/></track>", "frame: '1.5'"),
        ("<meta><closeup>{</closeup></meta>", "line 4: line 1: "),
        ("<meta><closeup>{\"points\": [\"a\", \"\"]}</closeup></meta>", "a point has no name"),
        ("<meta><closeup>{\"frames\": [3]}</closeup></meta>", "3 is no frame"),
        ("<image id='0' name='a'>", "mismatched tag"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_named_with_line_and_reason(
    tmp_path: Path, body: str, message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_cvat(file_of(tmp_path, body), Silent())
    assert "annotations.xml, line 4" in str(caught.value)
