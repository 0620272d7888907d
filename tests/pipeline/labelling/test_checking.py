"""All checks together on real faces with faults among their labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, LabelVerdict, Origin
from closeup.labelling.suspicions import RankedUnit
from closeup.media.images import read_image, write_image
from closeup.pipeline.labelling.checking import LabelsByModels, check_labels, compare_people
from closeup.pipeline.labelling.open_labels import OpenLabels, open_labels
from closeup.progress import Silent
from closeup.store.label_import import import_pictures
from closeup.store.label_queue import queue_names
from closeup.store.label_records import LabelChange
from tests.few_eyes import write_few_eyes
from tests.listening import Listener

COUNT = 40


def eyes_of(row: str) -> tuple[str, dict[str, KeyPoint]]:
    name, *numbers = row.split(",")
    x1, y1, x2, y2 = map(float, numbers[:4])
    return name, {"right_eye": KeyPoint(x1, y1), "left_eye": KeyPoint(x2, y2)}


@pytest.fixture
def labels(shared_data: Path, tmp_path: Path) -> Iterator[OpenLabels]:
    """Photos with hand-set eyes, a model's labels beside them, and a twin of the first photo."""
    table = write_few_eyes(shared_data, tmp_path / "truth.csv", COUNT)
    rows = [eyes_of(row) for row in table.read_text().splitlines()[1:]]
    folder, given = tmp_path / "pictures", []
    for number, (name, points) in enumerate(rows):
        image = read_image(shared_data / "lfw" / "images" / name)
        write_image(folder_of(folder) / f"{number:02}.png", image)
        hand = Annotation(points=points, key="hand", origin=Origin.PERSON, method="Ann")
        net = replace(hand, key="net", origin=Origin.MODEL, method="net", score=0.9)
        given.append(AnnotatedPicture(f"{number:02}.png", annotations=(hand, net)))
    first = read_image(folder / "00.png")
    _, data = cv2.imencode(".jpg", cv2.cvtColor(first, cv2.COLOR_RGB2BGR))
    (folder / "twin.jpg").write_bytes(data.tobytes())
    given.append(replace(given[0], path="twin.jpg"))
    with open_labels(folder, Silent(), make=True) as opened:
        import_pictures(opened.store, given, "Ann")
        yield opened


def folder_of(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def change(labels: OpenLabels, name: str, points: dict[str, KeyPoint]) -> None:
    (item,) = labels.store.items([labels.store.number(name) or 0])
    label = next(one for one in item.labels if one.object == "hand")
    new = replace(label.annotation, points=points)
    labels.store.write([LabelChange.of_label(name, item.id, "hand", new, label.revision)], "Bob")


def points_of(labels: OpenLabels, name: str) -> dict[str, KeyPoint]:
    (item,) = labels.store.items([labels.store.number(name) or 0])
    return dict(next(one for one in item.labels if one.object == "hand").annotation.points)


def by_path(labels: OpenLabels, found: list[RankedUnit]) -> dict[str, set[str]]:
    paths = {one.id: one.path for one in labels.store.all_items()}
    said: dict[str, set[str]] = {}
    for one in found:
        kinds = {suspicion.kind for suspicion in one.suspicions}
        said.setdefault(paths[one.unit.item], set()).update(kinds)
    return said


def test_good_labels_are_not_suspicious(labels: OpenLabels) -> None:
    assert check_labels(labels) == []
    assert queue_names(labels.store.database) == {}


def test_faults_are_found_and_ranked(labels: OpenLabels) -> None:
    good = points_of(labels, "03.png")
    change(labels, "03.png", {"right_eye": good["left_eye"], "left_eye": good["right_eye"]})
    change(labels, "05.png", {**good, "right_eye": KeyPoint(0, 0)})
    change(labels, "07.png", {**good, "left_eye": KeyPoint(900, 40)})
    shifted = points_of(labels, "09.png")
    change(labels, "09.png", {name: KeyPoint(p.x + 9, p.y) for name, p in shifted.items()})
    moved = points_of(labels, "twin.jpg")
    change(labels, "twin.jpg", {name: KeyPoint(p.x, p.y + 14) for name, p in moved.items()})
    found = check_labels(labels, queue="odd")
    said = by_path(labels, found)
    assert said.keys() == {"00.png", "03.png", "05.png", "07.png", "09.png", "twin.jpg"}
    assert {"exchanged", "far from the model"} <= said["03.png"]
    assert "border" in said["05.png"]
    assert "outside" in said["07.png"]
    assert said["09.png"] == {"far from the model"}
    assert "twins" in said["00.png"] & said["twin.jpg"]
    weights = [one.weight for one in found]
    assert weights == sorted(weights, reverse=True)
    assert queue_names(labels.store.database) == {"odd": len(found)}


def test_without_pictures_twins_are_not_searched(labels: OpenLabels) -> None:
    heard = Listener()
    assert check_labels(OpenLabels(labels.store, None), progress=heard) == []
    assert heard.lines == ["the pictures are not at hand, so twins are not searched"]


def test_a_models_label_counts_after_it_was_corrected(labels: OpenLabels) -> None:
    (item,) = labels.store.items([1])
    (net,) = (one for one in item.labels if one.object == "net")
    moved = replace(net.annotation, points={}, box=(1, 1, 9, 9), origin=Origin.PERSON)
    labels.store.write([LabelChange.of_label("c", 1, "net", moved, net.revision)], "Ann")
    (said,) = LabelsByModels(labels.store)(labels.store.items([1])[0])
    assert (said.points, said.method, said.score) == (net.annotation.points, "net", 0.9)


def test_people_who_disagree_make_a_queue(labels: OpenLabels) -> None:
    for name, verdict in (("Ann", LabelVerdict.TRUE), ("Bob", LabelVerdict.FALSE)):
        change = LabelChange.of_verdict(name, 1, verdict, "net")
        labels.store.write([change], name, layer=name)
    agreement = compare_people(labels)
    assert len(agreement.disputes) == 1
    assert queue_names(labels.store.database) == {"adjudicate": 1}


def test_masks_that_say_nothing(labels: OpenLabels, tmp_path: Path) -> None:
    masks = folder_of(tmp_path / "masks")
    write_image(masks / "00.png", np.zeros((250, 250), np.uint8))
    mask = Annotation(mask="00.png", key="mask", method="masks")
    import_pictures(labels.store, [AnnotatedPicture("00.png", annotations=(mask,))])
    (found,) = check_labels(labels, pixels=False, masks=masks)
    assert found.reason == "its mask is all zero"
