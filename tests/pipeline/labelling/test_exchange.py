"""Labels from files and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from closeup.annotations import (
    AnnotatedPicture,
    Annotation,
    AnnotationSet,
    KeyPoint,
    LabelSchema,
    LabelVerdict,
    Origin,
)
from closeup.errors import InputError, OutputError
from closeup.formats.annotation_formats import ANNOTATION_FORMATS
from closeup.geometry import Size
from closeup.pipeline.labelling.exchange import (
    ImportOptions,
    WantedLabels,
    export_labels,
    import_labels,
    merge_labels,
)
from closeup.pipeline.labelling.label_projects import (
    ProjectOptions,
    add_classes,
    open_label_project,
)
from closeup.pipeline.labelling.open_labels import OpenLabels, open_labels
from closeup.progress import Silent
from closeup.store.database import open_database
from closeup.store.label_import import Imported
from closeup.store.label_records import LabelChange
from closeup.store.label_store import LabelStore
from tests.filming import film, numbered
from tests.listening import Listener
from tests.pipeline.labelling.test_label_sources import picture

COCO, CSV, YOLO = (ANNOTATION_FORMATS[name] for name in ("coco", "csv", "yolo"))
TRUE, FALSE = LabelVerdict.TRUE, LabelVerdict.FALSE
SIZE = Size(40, 30)


@pytest.fixture
def labels(tmp_path: Path) -> Iterator[OpenLabels]:
    """Three pictures of 40 × 30 pixels, in a new store beside them."""
    for name in ("a.png", "b.png", "sub/c.png"):
        picture(tmp_path / "pictures" / name)
    with open_labels(tmp_path / "pictures", Silent(), make=True) as opened:
        yield opened


def boxed(x: float, name: str = "Ann", **more: object) -> Annotation:
    return Annotation(name, (x, 2.5, x + 10, 12.5), **more)  # type: ignore[arg-type]


def coco(path: Path, *pictures: AnnotatedPicture) -> Path:
    COCO.write(path, AnnotationSet(pictures, LabelSchema(classes=("Bob", "Ann"), box=True)))
    return path


def stored(labels: OpenLabels) -> dict[str, list[Annotation]]:
    return {
        one.path: [label.annotation for label in one.labels] for one in labels.store.all_items()
    }


def test_labels_of_a_file_are_proposals_with_their_source(
    labels: OpenLabels, tmp_path: Path
) -> None:
    file = coco(
        tmp_path / "labels.json", AnnotatedPicture("a.png", size=SIZE, annotations=(boxed(3.25),))
    )
    added = import_labels(labels, file, ImportOptions(version="7"))
    assert added == Imported(0, 1, 0)
    (label,) = stored(labels)["a.png"]
    assert label.box == pytest.approx((3.25, 2.5, 13.25, 12.5))
    assert (label.name, label.method, label.version) == ("Ann", "labels.json", "7")
    assert label.origin is Origin.IMPORTED
    assert labels.store.setting("classes") == ["Bob", "Ann"]
    assert import_labels(labels, file, ImportOptions(version="7")) == Imported()


def test_where_labels_come_from_can_be_said(labels: OpenLabels, tmp_path: Path) -> None:
    file = coco(tmp_path / "x.json", AnnotatedPicture("a.png", size=SIZE, annotations=(boxed(3),)))
    import_labels(labels, file, ImportOptions(COCO, Origin.COARSE, "haar", "4", "Eve"))
    (label,) = stored(labels)["a.png"]
    assert (label.origin, label.method, label.version) == (Origin.COARSE, "haar", "4")


def test_pictures_are_found_by_the_end_of_their_path(labels: OpenLabels, tmp_path: Path) -> None:
    names = ("images/train/a.png", "c.png", "D:\\set\\b.png", "none.png")
    some = [AnnotatedPicture(name, size=SIZE, annotations=(boxed(3),)) for name in names]
    heard = Listener()
    added = import_labels(labels, coco(tmp_path / "x.json", *some), progress=heard)
    assert added.labels == 3
    assert {path for path, own in stored(labels).items() if own} == {"a.png", "b.png", "sub/c.png"}
    assert heard.lines == [f"{tmp_path}/x.json: not among the pictures, so left out: 1 (none.png)"]


def test_a_name_that_two_pictures_have_is_not_guessed(labels: OpenLabels, tmp_path: Path) -> None:
    picture(tmp_path / "pictures" / "other" / "c.png")
    with open_labels(tmp_path / "pictures", Silent(), make=True) as opened:
        file = coco(tmp_path / "x.json", AnnotatedPicture("c.png", annotations=(boxed(3),)))
        with pytest.raises(
            InputError, match=r"about other pictures, such as c\.png; the store has"
        ):
            import_labels(opened, file)


def test_sizes_that_differ_are_reported(labels: OpenLabels, tmp_path: Path) -> None:
    heard = Listener()
    turned = AnnotatedPicture("a.png", size=Size(30, 40), annotations=(boxed(3),))
    import_labels(labels, coco(tmp_path / "x.json", turned), progress=heard)
    assert heard.lines == [
        f"{tmp_path}/x.json: 1 pictures have another size (a.png is 40x30, not 30x40); "
        "the file seems to ignore the EXIF orientation"
    ]
    other = AnnotatedPicture("b.png", size=Size(80, 60), annotations=(boxed(3),))
    import_labels(labels, coco(tmp_path / "y.json", other), progress=heard)
    assert heard.lines[1].endswith("their labels are probably of other versions of the pictures")


@pytest.mark.parametrize("content", ['{"images": [', "no labels at all", "", '{"images": 7}'])
def test_a_corrupt_file_changes_nothing(labels: OpenLabels, tmp_path: Path, content: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(content)
    before = stored(labels), labels.store.revisions()
    with pytest.raises(InputError) as told:
        import_labels(labels, file)
    assert str(file) in str(told.value)
    assert "\n" not in str(told.value)
    assert (stored(labels), labels.store.revisions()) == before
    assert file.read_text() == content


def test_verdicts_on_whole_pictures_come_along(labels: OpenLabels, tmp_path: Path) -> None:
    file = tmp_path / "annotation.json"
    named = [{"name": "a.png", "class": "true"}, {"name": "b.png", "class": "false"}]
    file.write_text(json.dumps({"img_dir": "pictures", "mask_dir": "", "labels": named}))
    options = ImportOptions(ANNOTATION_FORMATS["annotation-json"], author="Eve")
    found = import_labels(labels, file, options)
    verdicts = [one.verdict for one in labels.store.all_items()]
    assert found.verdicts == 2
    assert verdicts[:2] == [TRUE, FALSE]
    assert import_labels(labels, file, options).labels == 0


@pytest.fixture
def judged(labels: OpenLabels, tmp_path: Path) -> OpenLabels:
    """a.png: one label called true, one false, one open; b.png: complete; sub/c.png: by hand."""
    a = AnnotatedPicture("a.png", annotations=(boxed(1), boxed(11, "Bob"), boxed(21)))
    b = AnnotatedPicture("b.png", annotations=(boxed(1), boxed(11)))
    import_labels(labels, coco(tmp_path / "given.json", *(replace(p, size=SIZE) for p in (a, b))))
    store = labels.store
    keys = {one.path: [label.object for label in one.labels] for one in store.all_items()}
    number = {one.path: one.id for one in store.all_items()}
    changes = [
        LabelChange.of_verdict("1", number["a.png"], TRUE, keys["a.png"][0]),
        LabelChange.of_verdict("2", number["a.png"], FALSE, keys["a.png"][1]),
        LabelChange.of_verdict("3", number["b.png"], TRUE),
        LabelChange.of_verdict("4", number["b.png"], FALSE, keys["b.png"][1]),
        LabelChange.of_label("5", number["sub/c.png"], "own", boxed(4, origin=Origin.PERSON)),
    ]
    store.write(changes, "Eve")
    return labels


@pytest.mark.parametrize(
    ("wanted", "counts", "left_out"),
    [
        (WantedLabels.TRUE, {"a.png": 1, "b.png": 1, "sub/c.png": 1}, 3),
        (WantedLabels.BY_PERSON, {"b.png": 0, "sub/c.png": 1}, 5),
        (WantedLabels.ALL, {"a.png": 3, "b.png": 2, "sub/c.png": 1}, 0),
    ],
)
def test_what_is_exported(
    judged: OpenLabels, tmp_path: Path, wanted: WantedLabels, counts: dict[str, int], left_out: int
) -> None:
    out, heard = tmp_path / "out.json", Listener()
    made = export_labels(judged, COCO, out, wanted, progress=heard)
    found = COCO.read(out, Silent())
    assert {one.path: len(one.annotations) for one in found.pictures} == counts
    assert (made.pictures, made.labels, made.left_out) == (
        len(counts), sum(counts.values()), left_out,
    )  # fmt: skip
    assert {one.size for one in found.pictures if one.annotations} == {SIZE}
    assert all(line.startswith("warning: COCO cannot carry") for line in heard.lines)
    assert not any("same one" in line for line in heard.lines)


def test_what_a_format_needs_is_read_from_the_pictures(judged: OpenLabels, tmp_path: Path) -> None:
    made = export_labels(judged, YOLO, tmp_path / "yolo", WantedLabels.TRUE)
    assert made.labels == 3
    assert list((tmp_path / "yolo").rglob("*.txt"))


def test_a_picture_that_is_gone_has_no_size(judged: OpenLabels, tmp_path: Path) -> None:
    (tmp_path / "pictures" / "sub" / "c.png").unlink()
    with pytest.raises(OutputError, match=r"c\.png") as told:
        export_labels(judged, YOLO, tmp_path / "yolo", WantedLabels.TRUE)
    assert "\n" not in str(told.value)
    assert not (tmp_path / "yolo").exists()


def test_a_format_that_can_carry_nothing_of_it(tmp_path: Path) -> None:
    path = film(tmp_path / "v.mp4", [numbered(i, 96, 64) for i in range(5)])
    with open_labels(path, Silent(), make=True) as labels:
        label = boxed(4, origin=Origin.PERSON)
        labels.store.write([LabelChange.of_label("1", 1, "own", label)], "Eve")
        with pytest.raises(InputError, match=r"frames of videos: 1 lost.*choose another format"):
            export_labels(labels, ANNOTATION_FORMATS["label-studio"], tmp_path / "out.json")
    assert not (tmp_path / "out.json").exists()


def test_nothing_to_export(labels: OpenLabels, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no labels to export, of 0; .* all with --only all"):
        export_labels(labels, COCO, tmp_path / "out.json")
    with pytest.raises(InputError, match="no labels of 'Bob' alone; --overlap keeps them apart"):
        export_labels(labels, COCO, tmp_path / "out.json", layer="Bob")
    assert not (tmp_path / "out.json").exists()


def test_what_one_person_said_alone(labels: OpenLabels, tmp_path: Path) -> None:
    number = labels.store.number("a.png") or 0
    for name, x in (("Ann", 3.0), ("Bob", 4.0)):
        label = boxed(x, origin=Origin.PERSON)
        labels.store.write([LabelChange.of_label(name, number, name, label)], name, layer=name)
    export_labels(labels, COCO, tmp_path / "out.json", layer="Bob")
    (found,) = COCO.read(tmp_path / "out.json", Silent()).pictures
    assert [one.box for one in found.annotations] == [pytest.approx((4, 2.5, 14, 12.5))]


def test_keys_of_other_programs_survive(labels: OpenLabels, tmp_path: Path) -> None:
    image = {"id": 7, "file_name": "a.png", "width": 40, "height": 30, "license": 3}
    box = {"id": 5, "image_id": 7, "category_id": 1, "bbox": [3, 2, 9, 9], "area": 81, "iscrowd": 0}
    document = {
        "info": {"year": 2012}, "licenses": [{"id": 3, "name": "CC"}], "images": [image],
        "annotations": [{**box, "mood": "good"}], "categories": [{"id": 1, "name": "Ann"}],
    }  # fmt: skip
    (tmp_path / "in.json").write_text(json.dumps(document))
    import_labels(labels, tmp_path / "in.json", ImportOptions(COCO))
    export_labels(labels, COCO, tmp_path / "out.json", WantedLabels.ALL)
    found = json.loads((tmp_path / "out.json").read_text())
    assert (found["info"], found["licenses"]) == (document["info"], document["licenses"])
    assert next(one for one in found["images"] if one["file_name"] == "a.png")["license"] == 3
    assert [one["mood"] for one in found["annotations"]] == ["good"]


def test_masks_of_a_file_are_found(labels: OpenLabels, tmp_path: Path) -> None:
    picture(tmp_path / "masks" / "a.png")
    entries = [{"name": "a.png", "class": "true"}]
    named = {"img_dir": "pictures", "mask_dir": "masks", "labels": entries}
    (tmp_path / "annotation.json").write_text(json.dumps(named))
    import_labels(labels, tmp_path / "annotation.json")
    with open_label_project(tmp_path / "pictures", "review") as project:
        assert project.masks == tmp_path / "masks"
        (label,) = project.store.items([1])[0].labels
        assert (label.annotation.mask, label.annotation.verdict) == ("a.png", TRUE)


@pytest.mark.parametrize("name", ["coco", "cvat", "label-studio", "voc", "csv"])
def test_what_was_exported_adds_nothing(judged: OpenLabels, tmp_path: Path, name: str) -> None:
    form = ANNOTATION_FORMATS[name]
    before = stored(judged)
    export_labels(judged, form, tmp_path / "out", WantedLabels.ALL)
    again = import_labels(judged, tmp_path / "out", ImportOptions(form, author="Eve"))
    assert (again.pictures, again.labels) == (0, 0)
    assert stored(judged) == before


def test_points_there_and_back(labels: OpenLabels, tmp_path: Path) -> None:
    points = {"right_eye": KeyPoint(3.125, 4.5), "left_eye": KeyPoint(13.0625, 4.25, visible=False)}
    number = labels.store.number("b.png") or 0
    label = Annotation(points=points, origin=Origin.PERSON, method="Ann")
    labels.store.write([LabelChange.of_label("p", number, "own", label)], "Ann")
    for form in (COCO, CSV):
        out = tmp_path / f"out.{form.name}"
        export_labels(labels, form, out)
        (found,) = form.read(out, Silent()).pictures
        (one,) = found.annotations
        assert {name: (p.x, p.y) for name, p in one.points.items()} == {
            name: pytest.approx((p.x, p.y), abs=0.01) for name, p in points.items()
        }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    picture(tmp_path / "pictures" / "a.png")
    return tmp_path / "pictures"


def test_a_store_beside_pictures_takes_up_another_one(folder: Path, tmp_path: Path) -> None:
    own = ProjectOptions(tmp_path / "own.db")
    with open_label_project(folder), open_label_project(folder, options=own) as other:
        add_classes(other.store, ["Ann"])
        picture(folder / "b.png")
    with open_label_project(folder, options=own) as other:
        assert other.store.count() == 2
    merged = merge_labels(tmp_path / "own.db", folder)
    assert (merged.pictures, merged.conflicts) == (1, [])
    database = open_database(folder / "labels.db")
    assert LabelStore(database).setting("classes") == ["Ann"]
    database.close()


def test_a_store_is_not_merged_into_itself(folder: Path) -> None:
    with open_label_project(folder):
        pass
    with pytest.raises(InputError, match="would be merged into itself; name two stores"):
        merge_labels(folder, folder / "labels.db")
    with pytest.raises(InputError, match="no such file or folder"):
        merge_labels(folder / "none.db", folder)


def test_a_damaged_store_is_refused(folder: Path, tmp_path: Path) -> None:
    with open_label_project(folder):
        pass
    (tmp_path / "bad.db").write_bytes(b"SQLite format 3\0" + b"x" * 4000)
    with pytest.raises(InputError, match=r"bad\.db"):
        merge_labels(tmp_path / "bad.db", folder)
