from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from closeup.errors import ImageError, InputError
from closeup.geometry import Size
from closeup.labels import PictureLabels
from closeup.training.detection.augmentation import DetectionAugmentation
from closeup.training.detection.batching import PlainBatches, TrainingBatches
from closeup.training.detection.loading import read_detection_data
from closeup.training.detection.pictures import PictureCache
from closeup.training.detection.samples import DetectionSet
from tests.training.detection.squares import SIZE, save, squares, write_squares

CANVAS = Size(64, 64)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> DetectionSet:
    return read_detection_data(write_squares(tmp_path_factory.mktemp("set"), train=5)).train


def all_of(batches: list[dict[str, torch.Tensor]]) -> torch.Tensor:
    return torch.cat([batch["images"] for batch in batches])


def test_a_batch_is_what_the_network_learns_from(samples: DetectionSet) -> None:
    batches = list(TrainingBatches(samples, CANVAS).batches(0, 2))

    assert len(batches) == TrainingBatches(samples, CANVAS).count(2) == 2
    for batch in batches:
        boxes = len(batch["owner"])
        assert batch["images"].shape == (2, 3, 64, 64)
        assert batch["images"].dtype == torch.uint8
        assert batch["boxes"].shape == (boxes, 4)
        assert batch["boxes"].dtype == batch["points"].dtype == torch.float32
        assert batch["classes"].dtype == batch["owner"].dtype == torch.int64
        assert batch["points"].shape == (boxes, 2, 3)
        assert set(batch["owner"].tolist()) <= {0, 1}
        assert (batch["boxes"] >= -0.5).all()
        assert (batch["boxes"] <= 63.5).all()


def test_seed_and_epoch_decide_and_neither_batch_nor_threads(samples: DetectionSet) -> None:
    def made(seed: int, epoch: int, batch: int, workers: int) -> torch.Tensor:
        batches = TrainingBatches(samples, CANVAS, seed=seed, workers=workers, memory=30_000)
        return all_of(list(batches.batches(epoch, batch)))[:4]

    first = made(0, 1, 2, 1)

    assert first.equal(made(0, 1, 4, 3))
    assert not first.equal(made(0, 2, 2, 1))
    assert not first.equal(made(1, 1, 2, 1))


def test_the_last_epochs_are_calm(samples: DetectionSet) -> None:
    options = DetectionAugmentation(calm_from=2, scale=(0.5, 0.5), shift=0)
    batches = TrainingBatches(samples, CANVAS, options)

    def boxes(epoch: int) -> int:
        return sum(len(batch["owner"]) for batch in batches.batches(epoch, 5))

    assert boxes(2) == boxes(3) == 15 < boxes(1)


def test_few_pictures_are_one_batch_and_one_is_none(samples: DetectionSet) -> None:
    assert TrainingBatches(samples, CANVAS).count(64) == 1
    (batch,) = TrainingBatches(samples, CANVAS).batches(0, 64)
    assert len(batch["images"]) == 5
    assert TrainingBatches(samples.chosen([0]), CANVAS).count(64) == 0


def test_background_gives_batches_without_boxes(samples: DetectionSet) -> None:
    bare = DetectionSet(
        samples.names, samples.flip, samples.paths, samples.sizes, samples.digests,
        samples.owner[:0], PictureLabels.none(2),
    )  # fmt: skip
    (batch,) = TrainingBatches(bare, CANVAS).batches(0, 5)

    assert batch["boxes"].shape == (0, 4)
    assert batch["points"].shape == (0, 2, 3)


def test_plain_batches_are_all_pictures_in_order(samples: DetectionSet) -> None:
    batches = PlainBatches(samples, SIZE)
    first, second = list(batches.batches(3)), list(batches.batches(3))

    assert [len(batch["images"]) for batch in first] == [3, 2]
    assert all_of(first).equal(all_of(second))
    for index, image in enumerate(all_of(first)):
        np.testing.assert_array_equal(image.permute(1, 2, 0), squares(index)[0])
    owner = torch.cat([batch["owner"] for batch in first])
    assert owner.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 0, 0, 1, 1, 1]
    np.testing.assert_allclose(
        torch.cat([batch["boxes"] for batch in first]), samples.labels.boxes, atol=1e-4
    )


def test_pictures_are_kept_as_far_as_memory_allows(tmp_path: Path) -> None:
    samples = read_detection_data(write_squares(tmp_path)).train
    picture = SIZE.width * SIZE.height * 3
    pictures = PictureCache(samples, SIZE, memory=2 * picture)
    first = [pictures.read(index) for index in range(3)]
    again = [pictures.read(index) for index in range(3)]

    assert [one is other for one, other in zip(first, again, strict=True)] == [True, True, False]
    np.testing.assert_array_equal(first[2], again[2])
    none = PictureCache(samples, SIZE, memory=0)
    assert none.read(0) is not none.read(0)


def test_pictures_are_shrunk_to_what_is_needed(samples: DetectionSet) -> None:
    assert PictureCache(samples, Size(48, 48)).read(0).shape == (32, 48, 3)
    assert PictureCache(samples, Size(480, 480)).read(0).shape == (64, 96, 3)


def test_many_threads_may_ask(samples: DetectionSet) -> None:
    pictures = PictureCache(samples, SIZE, memory=3 * SIZE.width * SIZE.height * 3)
    wrong: list[int] = []

    def ask(seed: int) -> None:
        asked = np.random.default_rng(seed).integers(0, 5, 40).tolist()
        read = ((index, pictures.read(index)) for index in asked)
        wrong.extend(index for index, own in read if not np.array_equal(own, squares(index)[0]))

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_set_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    samples = read_detection_data(write_squares(tmp_path)).train
    save(samples.paths[0], squares(0, Size(60, 60))[0])
    samples.paths[1].unlink()

    with pytest.raises(InputError, match="was a picture of 96x64 and is another one now"):
        PictureCache(samples, SIZE).read(0)
    with pytest.raises(ImageError, match="no such file"):
        list(TrainingBatches(samples, CANVAS).batches(0, 4))
