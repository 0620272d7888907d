"""Batches of pictures with their boxes, for training and validation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from closeup.detection.letterbox import largest_inside
from closeup.executors.threads import ordered_map
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labels import PictureLabels
from closeup.training.detection.augmentation import DetectionAugmentation, augmented, plain
from closeup.training.detection.options import COARSEST
from closeup.training.detection.pictures import USUAL_MEMORY, PictureCache
from closeup.training.detection.samples import DetectionSet
from closeup.training.rng import TensorRng

Sample = tuple[RGBImage, PictureLabels]


class TrainingBatches:
    """The augmented pictures of each epoch, in a new order.

    Seed, epoch and index alone determine the augmentation of a picture, independent of the size
    of the batch and the number of threads.

    Args:
        samples: The training pictures.
        canvas: Size of the network's input; the sides are multiples of 32.
        augmentation: Strengths of the augmentation; None: the defaults.
        seed: Seed of order and augmentation.
        memory: Bytes of decoded pictures to keep.
        workers: Number of threads; None: one per processor.

    """

    def __init__(
        self,
        samples: DetectionSet,
        canvas: Size,
        augmentation: DetectionAugmentation | None = None,
        *,
        seed: int = 0,
        memory: int = USUAL_MEMORY,
        workers: int | None = None,
    ) -> None:
        self._samples, self._canvas, self._seed = samples, canvas, seed
        self._options = augmentation or DetectionAugmentation()
        self._pictures = PictureCache(samples, self._options.largest(canvas), memory)
        self._workers = workers

    def count(self, batch: int) -> int:
        """Number of batches per epoch; at least one if there are two pictures or more."""
        return len(self._samples) // batch or int(len(self._samples) > 1)

    def batches(self, epoch: int, batch: int) -> Iterator[dict[str, Tensor]]:
        """The batches of an epoch, as of :func:`collated`; each picture at most once."""
        order = TensorRng(self._seed, epoch).order(len(self._samples)).tolist()
        used = order[: self.count(batch) * batch]
        calm_from = self._options.calm_from
        calm = calm_from is not None and epoch >= calm_from

        def make(index: int) -> Sample:
            rng = TensorRng(self._seed, epoch, 1 + index)
            return augmented(
                self._samples, index, self._canvas, self._pictures, self._options, rng, calm=calm
            )

        return _batches(make, used, batch, self._workers)


class PlainBatches:
    """Letterboxed pictures without augmentation, in the set's order, for validation.

    Args:
        samples: The validation pictures.
        canvas: Size of the network's input; the sides are multiples of 32.
        memory: Bytes of decoded pictures to keep.
        workers: Number of threads; None: one per processor.

    """

    def __init__(
        self,
        samples: DetectionSet,
        canvas: Size,
        *,
        memory: int = USUAL_MEMORY,
        workers: int | None = None,
    ) -> None:
        self._samples, self._canvas, self._workers = samples, canvas, workers
        self._pictures = PictureCache(samples, canvas, memory)

    def batches(self, batch: int) -> Iterator[dict[str, Tensor]]:
        """All pictures; the last batch may be smaller."""

        def make(index: int) -> Sample:
            return plain(self._samples, index, self._canvas, self._pictures)

        return _batches(make, range(len(self._samples)), batch, self._workers)

    def picture(self, index: int) -> RGBImage:
        """One letterboxed picture, RGB uint8 (H, W, 3)."""
        return plain(self._samples, index, self._canvas, self._pictures)[0]


def canvas_of(samples: DetectionSet, side: int) -> Size:
    """The smallest canvas that all pictures fit on, with sides that are multiples of 32.

    Args:
        samples: At least one picture.
        side: The longer side of each resized picture, in pixels; a multiple of 32.

    """
    inner = [largest_inside(samples.size(n), Size(side, side)) for n in range(len(samples))]
    return Size(*(-(-max(lengths) // COARSEST) * COARSEST for lengths in zip(*inner, strict=True)))


def collated(samples: Sequence[Sample]) -> dict[str, Tensor]:
    """Join pictures of equal size to a batch.

    Returns:
        ``images`` uint8 (n, 3, H, W) RGB; for m boxes: ``owner`` (m,) int64, index of the picture;
        ``boxes`` (m, 4) float32 xyxy in pixels; ``classes`` (m,) int64; ``points`` (m, k, 3)
        float32: x, y and 0 (not labelled), 1 (hidden), 2 (visible).

    """
    images = np.stack([image.transpose(2, 0, 1) for image, _ in samples])
    labels = PictureLabels.joined(own for _, own in samples)
    owner = np.repeat(np.arange(len(samples)), [len(own) for _, own in samples])
    return {
        "images": torch.from_numpy(images),
        "owner": torch.from_numpy(owner),
        "boxes": torch.from_numpy(labels.boxes),
        "classes": torch.from_numpy(labels.classes),
        "points": torch.from_numpy(labels.points),
    }


def _batches(
    make: Callable[[int], Sample], order: Sequence[int], batch: int, workers: int | None
) -> Iterator[dict[str, Tensor]]:
    some: list[Sample] = []
    for sample in ordered_map(make, order, workers):
        some.append(sample)
        if len(some) == batch:
            yield collated(some)
            some = []
    if some:
        yield collated(some)
