import re
from pathlib import Path

import dlib
import numpy as np
import pytest
from hypothesis import given, strategies as st
from PIL import Image

from closeup.annotations import (
    AnnotatedPicture,
    Annotation,
    AnnotationSet,
    KeyPoint,
    LabelSchema,
)
from closeup.errors import InputError, OutputError
from closeup.formats.dlib_xml import read_dlib_annotations, read_dlib_xml, write_dlib_xml
from closeup.geometry import Size
from closeup.labels import Box, FaceLabel
from tests.formats.label_strategies import NAMES, face_set
from tests.listening import Listener

HEAD = (
    "<?xml version='1.0' encoding='ISO-8859-1'?>\n"
    "<?xml-stylesheet type='text/xsl' href='image_metadata_stylesheet.xsl'?>\n"
    "<dataset>\n<name>faces</name>\n<comment>Made by hand.</comment>\n<images>\n"
)
WHOLE = st.integers(-20, 4000).map(float)


@st.composite
def whole_boxes(draw: st.DrawFn) -> Box:
    left, top = draw(WHOLE), draw(WHOLE)
    width, height = draw(st.integers(1, 500)), draw(st.integers(1, 500))
    return left - 0.5, top - 0.5, left + width - 0.5, top + height - 0.5


POINTS = st.dictionaries(st.sampled_from(["p0", "p7", "p67", "nose"]), st.tuples(WHOLE, WHOLE))


@given(labels=st.lists(st.builds(FaceLabel, NAMES, whole_boxes(), POINTS), max_size=6))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, labels: list[FaceLabel]
) -> None:
    path = tmp_path_factory.mktemp("xml") / "labels.xml"
    write_dlib_xml(path, face_set(labels))
    assert read_dlib_xml(path) == labels


def test_dlib_itself_learns_from_what_is_written(tmp_path: Path) -> None:
    Image.new("RGB", (80, 60)).save(tmp_path / "a b.png")
    box, points = (9.5, 9.5, 49.5, 49.5), {"p0": (20.0, 20.0), "p1": (40.0, 20.0)}
    write_dlib_xml(tmp_path / "labels.xml", face_set([FaceLabel("a b.png", box, points)]))
    options = dlib.shape_predictor_training_options()
    options.cascade_depth, options.num_trees_per_cascade_level, options.num_threads = 1, 1, 1
    options.oversampling_amount, options.num_test_splits = 2, 1
    model = str(tmp_path / "points.dat")
    dlib.train_shape_predictor(str(tmp_path / "labels.xml"), model, options)
    found = dlib.shape_predictor(model)(
        np.zeros((60, 80, 3), np.uint8), dlib.rectangle(10, 10, 49, 49)
    )
    assert [(part.x, part.y) for part in found.parts()] == [(20, 20), (40, 20)]


def test_a_file_of_imglab(tmp_path: Path) -> None:
    path = tmp_path / "faces.xml"
    text = (
        HEAD + "<image file='C:\\photos\\José 1.jpg'>\n"
        "  <box top='90' left='194' width='37' height='38'>\n"
        "    <label>me</label><part name='00' x='201' y='107'/><part name='tip' x='-3' y='4.5'/>\n"
        "  </box>\n  <box top='1' left='1' width='5' height='5' ignore='1'/>\n</image>\n"
        "<image file='empty.jpg'/>\n</images>\n</dataset>\n"
    )
    path.write_bytes(text.replace("\n", "\r\n").encode("latin-1"))
    assert read_dlib_xml(path) == [
        FaceLabel(
            "C:\\photos\\José 1.jpg",
            (193.5, 89.5, 230.5, 127.5),
            {"p0": (201, 107), "tip": (-3, 4.5)},
        )
    ]


BOX = "<box top='1' left='2' width='3' height='4'>"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<image file='a.jpg'>", "line 7: mismatched tag; it is damaged"),
        ("<image>", "line 7: <image> without file"),
        ("<image file='a.jpg'>\n<box top='1' left='2' width='3'/>", "line 8: <box> without height"),
        (
            "<image file='a.jpg'><box top='1' left='two' width='3' height='4'/>",
            "line 7, left of <box>: 'two' is not a finite number",
        ),
        (
            "<image file='a.jpg'><box top='1' left='2' width='0' height='4'/>",
            "line 7: <box> of 0 x 4 pixels",
        ),
        (f"<image file='a.jpg'>{BOX}<part name='0' x='1'/>", "<part> without y"),
        (
            f"<image file='a.jpg'>{BOX}<part name='0' x='1' y='1'/><part name='00' x='1' y='1'/>",
            "the part '00' is there twice",
        ),
        (BOX, "line 7: <box> outside <image>"),
    ],
)
def test_a_bad_element_is_named_with_line_and_reason(
    tmp_path: Path, body: str, message: str
) -> None:
    path = tmp_path / "faces.xml"
    path.write_text(f"{HEAD}{body}</images></dataset>")
    with pytest.raises(InputError, match=message) as caught:
        read_dlib_xml(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no element found"),
        ("image,nose_x\n", "line 1: "),
        (HEAD, "no element found"),
        ("<html><body/></html>", "<html> where <dataset> should be"),
        ("<?xml version='1.0' encoding='klingon'?><dataset/>", "encoding"),
        ("<!DOCTYPE d [<!ENTITY a 'aa'>]><dataset>&a;</dataset>", "line 1: a DOCTYPE"),
    ],
)
def test_what_is_no_file_of_dlib_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "faces.xml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_dlib_xml(path)


NAMES_IN = {
    "gb2312": "王菲.jpg", "gbk": "王菲.jpg", "gb18030": "王菲.jpg", "big5": "王菲.jpg",
    "shift_jis": "あや.jpg", "euc-jp": "あや.jpg", "iso-2022-jp": "あや.jpg", "euc-kr": "이름.jpg",
    "windows-1251": "Анна.jpg", "koi8-r": "Анна.jpg", "iso-8859-1": "José.jpg",
    "windows-1252": "“José”.jpg", "utf-8": "王 é.jpg", "UTF-16": "王 é.jpg", "utf-32": "王 é.jpg",
}  # fmt: skip
BODY = (
    "<dataset><images><image file='{}'><box top='1' left='2' width='3' height='4'/></image>"
    "</images></dataset>"
)


def declared(encoding: str, name: str) -> str:
    return f"<?xml version='1.0' encoding='{encoding}'?>\n" + BODY.format(name)


@pytest.mark.parametrize("encoding", NAMES_IN)
def test_the_declared_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    name, path = NAMES_IN[encoding], tmp_path / "faces.xml"
    path.write_bytes(declared(encoding, name).encode(encoding))
    assert [label.image for label in read_dlib_xml(path)] == [name]


@pytest.mark.parametrize(
    ("says", "encoding"),
    [
        ("ISO-8859-1", "utf-8"),  # imglab on Linux
        ("us-ascii", "utf-8"),
        ("utf-16", "utf-8"),  # .NET
        ("utf-16", "utf-16-le"),
        ("UTF-16", "utf-16-be"),
        ("gbk", "utf-8-sig"),
        ("ISO-8859-1", "utf-16"),
        ("utf-8", "utf-32"),
    ],
)
def test_another_encoding_than_the_declared_one_is_seen(
    tmp_path: Path, says: str, encoding: str
) -> None:
    path = tmp_path / "faces.xml"
    path.write_bytes(declared(says, "José 王.jpg").encode(encoding))
    assert [label.image for label in read_dlib_xml(path)] == ["José 王.jpg"]


@pytest.mark.parametrize(
    ("says", "encoding", "message"),
    [
        ("utf-8", "latin-1", "line 2: not utf-8 text; save it as UTF-8"),
        ("gbk", "latin-1", "line 2: not gbk text; save it as UTF-8"),
        ("klingon", "utf-8", "its encoding, 'klingon', is unknown"),
        ("base64", "utf-8", "its encoding, 'base64', is unknown"),
        ("rot13", "utf-8", "its encoding, 'rot13', is unknown"),
        ("unicode_escape", "utf-8", "its encoding, 'unicode_escape', is unknown"),
    ],
)
def test_an_encoding_that_is_not_so_is_refused(
    tmp_path: Path, says: str, encoding: str, message: str
) -> None:
    path = tmp_path / "faces.xml"
    path.write_bytes(declared(says, "é.jpg").encode(encoding))
    with pytest.raises(InputError, match=message):
        read_dlib_xml(path)


def test_ignored_boxes_are_counted(tmp_path: Path) -> None:
    path, listener = tmp_path / "faces.xml", Listener()
    ignored = "<box top='1' left='2' width='3' height='4' ignore='1'/>"
    path.write_text(BODY.format("a.jpg").replace("</image>", ignored * 2 + "</image>"))
    assert len(read_dlib_xml(path, listener)) == 1
    assert listener.lines == [f"{path}: left out boxes that are marked as ignored: 2"]


THEIRS = """<?xml version='1.0' encoding='ISO-8859-1'?>
<dataset>
<name>faces</name>
<comment>Made by hand &amp; checked.</comment>
<images>
  <image file='a.jpg' width='640' height='480' camera='7'>
    <box top='1' left='2' width='3' height='4' ignore='1' pose='2'/>
    <box top='1' left='2' width='3' height='4' detection_score='0.25' age='30'>
      <label> Zoë &lt;3 </label>
      <part name='7' x='1' y='2'/><part name='tip' x='-3' y='4'/>
    </box>
    <box top='1' left='2' width='3' height='4' detection_score='1.5'/>
  </image>
  <image file='empty.jpg'/>
</images>
</dataset>
"""


def test_what_another_program_wrote_comes_back(tmp_path: Path) -> None:
    (tmp_path / "theirs.xml").write_text(THEIRS, encoding="utf-8")
    found = read_dlib_annotations(tmp_path / "theirs.xml")
    first, empty = found.pictures
    ignored, named, beyond = first.annotations
    assert first.size == Size(640, 480)
    assert named == Annotation(
        "Zoë <3", (1.5, 0.5, 4.5, 4.5), {"p7": KeyPoint(1, 2), "tip": KeyPoint(-3, 4)},
        score=0.25, extra={"dlib-xml": {"age": "30"}},
    )  # fmt: skip
    assert ignored.extra == {"dlib-xml": {"ignore": "1", "pose": "2"}}
    assert beyond.extra == {"dlib-xml": {"detection_score": "1.5"}}
    assert empty.annotations == ()
    assert found.extra == {"dlib-xml": {"name": "faces", "comment": "Made by hand & checked."}}
    write_dlib_xml(tmp_path / "ours.xml", found)
    assert read_dlib_annotations(tmp_path / "ours.xml") == found
    ours = (tmp_path / "ours.xml").read_text(encoding="utf-8")
    assert '<part name="07"' in ours
    assert 'camera="7"' in ours


def test_numbered_parts_are_in_order_for_dlib(tmp_path: Path) -> None:
    """dlib sorts the names of parts as texts."""
    points = {f"p{number}": KeyPoint(number, 0) for number in range(478)}
    picture = AnnotatedPicture("a.jpg", annotations=(Annotation("", (0, 0, 9, 9), points),))
    write_dlib_xml(tmp_path / "a.xml", AnnotationSet((picture,), LabelSchema(tuple(points))))
    text = (tmp_path / "a.xml").read_text(encoding="utf-8")
    names = re.findall('part name="([0-9]+)"', text)
    assert names == sorted(names)
    assert names[-1] == "477"


@pytest.mark.parametrize("name", ["a\x01", "\ufffe", "\ud800"])
def test_a_character_that_xml_has_not_is_refused(tmp_path: Path, name: str) -> None:
    picture = AnnotatedPicture(name)
    with pytest.raises(OutputError, match="which XML has not; rename it"):
        write_dlib_xml(tmp_path / "a.xml", AnnotationSet((picture,)))
    assert not list(tmp_path.iterdir())


def test_two_points_of_one_name_are_refused(tmp_path: Path) -> None:
    points = {"7": KeyPoint(0, 0), "p7": KeyPoint(1, 1)}
    picture = AnnotatedPicture("a.jpg", annotations=(Annotation("", (0, 0, 9, 9), points),))
    with pytest.raises(OutputError, match="two points of an object are called"):
        write_dlib_xml(tmp_path / "a.xml", AnnotationSet((picture,)))


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ("width='0' height='5'", "<image> of 0x5 pixels"),
        ("width='1.5' height='5'", "'1.5' is not a whole number"),
    ],
)
def test_an_impossible_size_is_refused(tmp_path: Path, attributes: str, message: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(f"<dataset><images><image file='a' {attributes}/></images></dataset>")
    with pytest.raises(InputError, match=message):
        read_dlib_annotations(path)
