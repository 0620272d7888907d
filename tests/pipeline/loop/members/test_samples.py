"""From labels to what a detector learns: only what is certain, and grey where nobody knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from closeup.annotations import LabelVerdict
from closeup.errors import ImageError, InputError
from closeup.formats.yolo_labels import label_file, read_yolo_labels
from closeup.frames import RGBImage
from closeup.media.images import read_image
from closeup.pipeline.loop.members.samples import (
    MemberSample,
    SampleOptions,
    choose_samples,
    count_sources,
    write_samples,
)
from closeup.progress import Silent
from closeup.store.label_records import StoredItem, StoredLabel
from tests.listening import Listener
from tests.pipeline.loop.members.member_items import (
    LEFT,
    MIDDLE,
    RIGHT,
    SIZE,
    by_hand,
    complete,
    frame,
    proposed,
)

NAMES = ("Ann", "Bea")
TRUE, FALSE, UNSURE = LabelVerdict.TRUE, LabelVerdict.FALSE, LabelVerdict.UNSURE
ANN = by_hand("Ann", LEFT)


class PlainPictures:
    """White frames, or striped ones; one of them is damaged if asked for."""

    def __init__(self, damaged: str = "", stripes: int = 0) -> None:
        self._damaged, self._stripes = damaged, stripes

    def is_there(self, item: StoredItem) -> bool:  # noqa: ARG002
        return True

    def read(self, item: StoredItem) -> RGBImage:
        if item.path == self._damaged:
            raise ImageError(f"{item.path} is damaged", "damaged")
        image = np.full((SIZE.height, SIZE.width, 3), 255, np.uint8)
        if self._stripes:
            image[:: self._stripes] = 0
        return image


def only(*labels: StoredLabel, options: SampleOptions | None = None) -> MemberSample:
    (sample,) = choose_samples([frame(0, *labels)], NAMES, options or SampleOptions())
    return sample


def test_what_is_certain_is_learnt() -> None:
    sample = only(ANN, proposed("Bea", RIGHT, verdict=TRUE))
    np.testing.assert_array_equal(sample.labels.boxes, [LEFT, RIGHT])
    assert sample.labels.classes.tolist() == [0, 1]
    assert count_sources([sample]) == {"by hand": 1, "called true": 1}
    assert len(sample.doubtful) == 0


@pytest.mark.parametrize(
    "doubtful",
    [
        proposed("Bea", RIGHT, 0.6),
        proposed("", RIGHT),
        proposed("Bea", RIGHT, verdict=FALSE),
        proposed("Bea", RIGHT, verdict=UNSURE),
        proposed("Bea", RIGHT, 0.6, by_model=True),
    ],
)
def test_a_head_that_may_be_anybody_is_doubtful(doubtful: StoredLabel) -> None:
    sample = only(ANN, doubtful)
    np.testing.assert_array_equal(sample.doubtful, [RIGHT])
    assert len(sample.labels) == 1
    assert len(only(ANN, doubtful, options=SampleOptions(grey=False)).doubtful) == 0


@pytest.mark.parametrize(
    "nothing",
    [
        proposed("Bea", RIGHT, verdict=FALSE, by_model=True),
        proposed("Bea", RIGHT, 0.1, by_model=True),
        proposed("Bea", RIGHT, 0.01),
    ],
)
def test_what_is_hardly_a_head_is_background(nothing: StoredLabel) -> None:
    sample = only(ANN, nothing)
    assert len(sample.doubtful) == 0
    assert len(sample.labels) == 1


def test_certain_faces_are_trusted_and_trained_detectors_are_not() -> None:
    sure = proposed("Bea", RIGHT, 0.99)
    assert count_sources([only(sure)]) == {"trusted proposals": 1}
    for options in (SampleOptions(trusted=None), SampleOptions(trusted=0.995)):
        assert choose_samples([frame(0, sure)], NAMES, options) == []
    own = proposed("Bea", RIGHT, 0.99, by_model=True)
    assert choose_samples([frame(0, own)], NAMES, SampleOptions()) == []


def test_a_complete_frame_is_used_as_it_is() -> None:
    pending = proposed("Bea", RIGHT, 0.99)
    false = proposed("Bea", MIDDLE, 0.99, FALSE)
    empty, full = choose_samples(
        [complete(0), complete(1, ANN, pending, false)], NAMES, SampleOptions(partial=False)
    )
    assert len(empty.labels) == len(empty.doubtful) == len(full.doubtful) == 0
    np.testing.assert_array_equal(full.labels.boxes, [LEFT, RIGHT])
    assert full.sources == ("by hand", "called true")


def test_a_frame_that_may_lack_heads_can_be_left_out() -> None:
    assert choose_samples([frame(0, ANN)], NAMES, SampleOptions(partial=False)) == []


def test_a_head_before_and_after_is_expected_between() -> None:
    near = (44.0, 50.0, 84.0, 100.0)
    items = [frame(0, ANN), frame(1, by_hand("Bea", RIGHT)), frame(2, by_hand("Ann", near))]
    between = choose_samples(items, NAMES, SampleOptions())[1]
    np.testing.assert_array_equal(between.doubtful, [(42.0, 50.0, 82.0, 100.0)])
    far = [*items[:2], frame(2, by_hand("Ann", (240.0, 50.0, 280.0, 100.0)))]
    apart = [items[0], items[1], replace(items[2], place=5)]
    for others in (far, apart):
        assert len(choose_samples(others, NAMES, SampleOptions())[1].doubtful) == 0


def test_names_that_are_no_members_are_not_learnt() -> None:
    assert choose_samples([frame(0, by_hand("Guest", LEFT))], NAMES, SampleOptions()) == []


def test_a_box_beyond_the_edge_is_clipped() -> None:
    over, outside = (-20.0, 50.0, 20.0, 100.0), (400.0, 50.0, 440.0, 100.0)
    sample = only(by_hand("Ann", over), by_hand("Bea", outside))
    np.testing.assert_array_equal(sample.labels.boxes, [(-0.5, 50.0, 20.0, 100.0)])
    assert sample.sources == ("by hand",)


def samples(count: int = 8) -> list[MemberSample]:
    items = [frame(number, ANN, proposed("Bea", RIGHT, 0.6)) for number in range(count)]
    return choose_samples(items, NAMES, SampleOptions())


def test_the_set_has_grey_where_nobody_knows(tmp_path: Path) -> None:
    options = SampleOptions(side=160, hide=False)
    data = write_samples(tmp_path, samples(), PlainPictures(), NAMES, options, Silent())
    pictures = sorted(data.parent.glob("images/*/*.jpg"))
    assert len(pictures) == 8
    for path in pictures:
        image = read_image(path)
        assert image.shape == (90, 160, 3)
        assert np.abs(image[37, 110].astype(int) - 114).max() < 8  # the middle of RIGHT
        assert image[37, 30].min() > 245  # that of LEFT
        labels, _ = read_yolo_labels(label_file(path), SIZE, NAMES)
        np.testing.assert_allclose(labels.boxes, [LEFT], atol=0.01)
    assert {path.parent.name for path in pictures} == {"train", "val"}


def test_heads_are_hidden_for_training_only(tmp_path: Path) -> None:
    reader = PlainPictures(stripes=2)
    data = write_samples(tmp_path, samples(40), reader, NAMES, SampleOptions(), Silent())
    hidden = {
        part: [
            read_image(path)[60:90, 50:70].std(axis=0).mean() < 100
            for path in data.parent.glob(f"images/{part}/*.jpg")
        ]
        for part in ("train", "val")
    }
    assert 0.1 < np.mean(hidden["train"]) < 0.7
    assert not any(hidden["val"])


def test_a_set_is_written_once_and_an_unfinished_one_anew(tmp_path: Path) -> None:
    args = (samples(), PlainPictures(), NAMES, SampleOptions(), Silent())
    data = write_samples(tmp_path / "set", *args)
    some = next(data.parent.glob("images/train/*.jpg"))
    some.write_bytes(b"")
    write_samples(tmp_path / "set", *args)
    assert some.read_bytes() == b""
    data.unlink()
    write_samples(tmp_path / "set", *args)
    assert some.read_bytes()


def test_a_damaged_frame_is_left_out(tmp_path: Path) -> None:
    heard, reader = Listener(), PlainPictures("000003.jpg")
    data = write_samples(tmp_path, samples(), reader, NAMES, SampleOptions(), heard)
    assert len(list(data.parent.glob("images/*/*.jpg"))) == 7
    assert "000003.jpg is damaged" in heard.lines[0]


def test_too_few_labels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="3 frames have a box that is certain"):
        write_samples(tmp_path, samples(3), PlainPictures(), NAMES, SampleOptions(), Silent())
