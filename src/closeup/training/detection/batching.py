"""Batches of pictures with their boxes, for learning and for judging."""

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
    """The changed pictures of each epoch, in a new order.

    What happens to a picture is decided by the seed, the epoch and its number alone: neither the
    size of the batch nor the number of threads changes anything.

    Args:
        samples: What is learnt from.
        canvas: What the network sees; whole strides.
        augmentation: How much pictures are changed.
        seed: Decides all.
        memory: Bytes of decoded pictures to keep.
        workers: Threads, by default one a processor.

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
        """Batches of one epoch; fewer pictures than a batch are one, of two or more."""
        return len(self._samples) // batch or int(len(self._samples) > 1)

    def batches(self, epoch: int, batch: int) -> Iterator[dict[str, Tensor]]:
        """The batches of an epoch; see :func:`collated`. Each picture is in one at most."""
        order = TensorRng(self._seed, epoch).order(len(self._samples)).tolist()
        used = order[: self.count(batch) * batch]
        calm_from = self._options.calm_from
        calm = calm_from is not None and epoch >= calm_from

        def make(index: int) -> Sample:
            dice = TensorRng(self._seed, epoch, 1 + index)
            return augmented(
                self._samples, index, self._canvas, self._pictures, self._options, dice, calm=calm
            )

        return _batches(make, used, batch, self._workers)


class PlainBatches:
    """Pictures as prediction sees them, always in the set's order, to judge by.

    Args:
        samples: What is judged by.
        canvas: What the network sees; whole strides.
        memory: Bytes of decoded pictures to keep.
        workers: Threads, by default one a processor.

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
        """One of them, (H, W, 3)."""
        return plain(self._samples, index, self._canvas, self._pictures)[0]


def canvas_of(samples: DetectionSet, side: int) -> Size:
    """The smallest canvas of whole strides that all pictures fit on.

    Args:
        samples: One picture at least.
        side: What the longer side of each picture becomes, in pixels; whole strides.

    """
    inner = [largest_inside(samples.size(n), Size(side, side)) for n in range(len(samples))]
    return Size(*(-(-max(lengths) // COARSEST) * COARSEST for lengths in zip(*inner, strict=True)))


def collated(samples: Sequence[Sample]) -> dict[str, Tensor]:
    """A batch of pictures of one size.

    Returns:
        ``images`` uint8 (n, 3, H, W) RGB; of m boxes ``owner`` (m,) int64, the picture of each;
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
