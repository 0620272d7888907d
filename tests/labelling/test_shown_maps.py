"""Judged labels as they are shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from closeup.annotations import Annotation, KeyPoint
from closeup.errors import ImageError, ModelError
from closeup.frames import RGBImage
from closeup.labelling.quality_network import LabelQualityNetwork
from closeup.labelling.quality_words import chance_in_words, verdict_in_words
from closeup.labelling.shown_maps import WIDTH, LabelMaps
from closeup.store.label_records import StoredItem, StoredLabel
from tests.labelling.items import item
from tests.quality_networks import bright_is_wrong
from tests.window.conftest import waited_for

BOX = (30.0, 30.0, 69.0, 69.0)


class Halves:
    """Pictures that are dark on the left and bright on the right."""

    def __init__(self) -> None:
        self.read_items: list[int] = []

    def read(self, item: StoredItem) -> RGBImage:
        self.read_items.append(item.id)
        if not self.is_there(item):
            raise ImageError("it is gone", "missing")
        image = np.full((100, 100, 3), 10, np.uint8)
        image[:, 50:] = 245
        return image

    def is_there(self, item: StoredItem) -> bool:
        return item.id != 9


def label(x: float) -> Annotation:
    return Annotation(box=BOX, points={"pupil": KeyPoint(x, 50)})


@pytest.fixture
def reader() -> Halves:
    return Halves()


@pytest.fixture
def maps(reader: Halves) -> LabelMaps:
    return LabelMaps(LabelQualityNetwork(bright_is_wrong(), "quality.onnx"), reader)


def shown(maps: LabelMaps, own: StoredItem) -> tuple[float, RGBImage]:
    made = maps.of(own, own.labels[0])
    assert made is not None
    return made.bad, made.picture


def test_a_map_is_warm_where_an_error_is_and_cool_where_a_label_is_good(maps: LabelMaps) -> None:
    right, good = shown(maps, item(1, label(40)))
    wrong, bad = shown(maps, item(2, label(60)))
    assert right < 0.1
    assert wrong > 0.9
    # The crop is two boxes wide, so the label lies 5 pixels of the picture beside its middle,
    # which is 1/16 of the width; beside the cross itself the map's colour is seen.
    middle = round(WIDTH * 48 / 64 / 2)
    for picture, side, warm in ((good, -1, False), (bad, 1, True)):
        assert picture.shape[1:] == (WIDTH, 3)
        red, _, blue = picture[middle + 10, WIDTH // 2 + side * (WIDTH // 8 - 4)].astype(int)
        assert (red > blue + 30) == warm
        assert (blue > red + 30) != warm
    assert tuple(good[-1, 0]) == (40, 120, 255)  # the scale below
    assert tuple(good[-1, -1]) == (255, 96, 24)


def test_labels_are_judged_once_until_they_change(maps: LabelMaps, reader: Halves) -> None:
    own = item(1, label(40))
    assert shown(maps, own)[1] is shown(maps, own)[1]
    assert reader.read_items == [1]
    moved = replace(own.labels[0], revision=77, annotation=label(60))
    after = maps.of(own, moved)
    assert after is not None
    assert after.bad > 0.9
    assert reader.read_items == [1, 1]


def test_labels_are_prepared_in_a_thread(maps: LabelMaps, reader: Halves) -> None:
    items = [item(number, label(60)) for number in (1, 9, 3)]
    assert maps.known(items[0].labels[0]) is None
    maps.prepare([(own, own.labels[0]) for own in items])
    waited_for(lambda: maps.known(items[-1].labels[0]))
    maps.close()
    known = [maps.known(own.labels[0]) for own in items]
    assert [one is not None for one in known] == [True, False, True]  # one picture is gone
    assert sorted(reader.read_items) == [1, 3, 9]


def test_what_cannot_be_judged(maps: LabelMaps) -> None:
    empty = item(1, Annotation("a name"))
    assert maps.of(empty, empty.labels[0]) is None
    gone = item(9, label(40))
    with pytest.raises(ImageError, match="it is gone"):
        maps.of(gone, gone.labels[0])


def test_a_network_for_other_pictures_is_refused_in_one_line() -> None:
    with pytest.raises(ModelError) as error:
        LabelQualityNetwork(bright_is_wrong("eye"), "quality.onnx")
    assert "quality.onnx: the network judges labels of crops of eyes" in str(error.value)
    assert "\n" not in str(error.value)
    with pytest.raises(ModelError, match="judges labels of whole pictures"):
        LabelQualityNetwork(bright_is_wrong(), "quality.onnx", 2.0)


def test_probabilities_in_words() -> None:
    assert [verdict_in_words(bad) for bad in (0, 0.2, 0.5, 0.8, 1)] == [
        "looks right", "looks right", "doubtful", "looks wrong", "looks wrong",
    ]  # fmt: skip
    assert [chance_in_words(bad) for bad in (0.0, 0.004, 0.466, 0.999, 1)] == [
        "P(wrong) 1 %", "P(wrong) 1 %", "P(wrong) 47 %", "P(wrong) 99 %", "P(wrong) 99 %",
    ]  # fmt: skip


def test_a_box_without_points_is_drawn(maps: LabelMaps) -> None:
    bad, picture = shown(maps, item(4, Annotation(box=BOX)))
    assert 0 <= bad <= 1
    assert picture.shape[1] == WIDTH


def test_a_stored_label_has_one_map_a_revision(maps: LabelMaps) -> None:
    own = item(1, label(40))
    other = StoredLabel("other", own.labels[0].revision, label(60), "", 0.0)
    assert maps.of(own, other) is maps.of(own, own.labels[0])
