"""Options of the networks and trainings of face embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Architecture(StrEnum):
    """Kinds of networks."""

    INCEPTION = "inception"
    """NN2 of FaceNet (Schroff et al. 2015): inception modules, scaled down."""
    MOBILE = "mobile"
    """MobileFaceNet (Chen, Liu, Gao and Han, CCBR 2018)."""
    DLIB = "dlib"
    """dlib's embedding, which begins with dlib's weights, or with the strongest of them."""


USUAL_SIDE, DLIB_SIDE, DLIB_DIMS = 112, 150, 128


@dataclass(frozen=True, slots=True)
class IdentityNetworkOptions:
    """Kind and size of a network.

    Attributes:
        architecture: Kind of the network.
        dims: Components of a vector.
        side: Side of a chip in pixels, a multiple of 16; None for the usual one. dlib's network
            reads chips of 150 pixels only.
        width: Factor of the number of channels; for dlib's network the share that is kept.

    Raises:
        ValueError: a number is out of range.

    """

    architecture: Architecture = Architecture.MOBILE
    dims: int = 128
    side: int | None = None
    width: float = 1.0

    def __post_init__(self) -> None:
        if not 2 <= self.dims <= 2048:
            raise ValueError(f"dims must be from 2 to 2048, not {self.dims}")
        if not 0.1 <= self.width <= (1 if self.architecture is Architecture.DLIB else 4):
            raise ValueError(f"width is out of range for {self.architecture}: {self.width}")
        if self.architecture is Architecture.DLIB:
            if (self.chip_side, self.dims) != (DLIB_SIDE, DLIB_DIMS):
                raise ValueError(
                    f"dlib's network has side {DLIB_SIDE} and dims {DLIB_DIMS}, not "
                    f"{self.chip_side} and {self.dims}"
                )
        elif self.chip_side % 16 or not 32 <= self.chip_side <= 256:
            raise ValueError(f"side must be a multiple of 16 from 32 to 256, not {self.side}")

    @property
    def chip_side(self) -> int:
        """Side of a chip in pixels."""
        if self.side is not None:
            return self.side
        return DLIB_SIDE if self.architecture is Architecture.DLIB else USUAL_SIDE


class Mining(StrEnum):
    """Where triplets come from."""

    ONLINE = "online"
    """Semi-hard ones among the faces of a batch."""
    OFFLINE = "offline"
    """Hard ones among all faces, by the vectors at the begin of the epoch."""


@dataclass(frozen=True, slots=True)
class TripletOptions:
    """Options of a training with triplets.

    Attributes:
        margin: The margin α, of squared distances; the paper's is 0.2.
        mining: Where triplets come from.
        photos: Photos of each person in a batch, with mining on-line.
        skipped: Share of the nearest photos of other people that off-line mining passes over.

    Raises:
        ValueError: a number is out of range.

    """

    margin: float = 0.2
    mining: Mining = Mining.ONLINE
    photos: int = 4
    skipped: float = 0.001

    def __post_init__(self) -> None:
        if not 0 < self.margin < 4:
            raise ValueError(f"margin must be above 0 and below 4, not {self.margin}")
        if not 0 <= self.skipped < 0.5:
            raise ValueError(f"skipped must be from 0 to below 0.5, not {self.skipped}")
        if self.photos < 2:
            raise ValueError(f"a person needs 2 photos or more in a batch, not {self.photos}")


@dataclass(frozen=True, slots=True)
class MarginOptions:
    """Options of the head.

    Attributes:
        scale: Factor of the cosines.
        margin: Angle in radians.

    Raises:
        ValueError: a number is out of range.

    """

    scale: float = 32.0
    margin: float = 0.4

    def __post_init__(self) -> None:
        if not (1 <= self.scale <= 128 and 0 <= self.margin < 1.5):
            raise ValueError("scale must be from 1 to 128, and margin from 0 to below 1.5")


@dataclass(frozen=True, slots=True)
class DistillationOptions:
    """Options of a distillation.

    Attributes:
        poor: Share of the faces that the student sees as from afar (:class:`FarCamera` of
            ``augmentation``); the teacher always saw them as they are.
        blended: Share of the faces that are blended with another one, and that student and teacher
            see alike.
        hardness: Exponent by which faces far from their target count more.
        pairwise: Weight of the distances among the faces of a batch.
        hints: Weight of the features after each block, on the blended faces.
        names: Weight of telling each person from all others by the teacher's mean vectors.

    Raises:
        ValueError: a number is out of range, or there are hints without blended faces.

    """

    poor: float = 0.75
    blended: float = 0.0
    hardness: float = 0.5
    pairwise: float = 0.5
    hints: float = 0.0
    names: float = 0.0

    def __post_init__(self) -> None:
        if not (self.poor >= 0 and self.blended >= 0 and self.poor + self.blended <= 1):
            raise ValueError("poor and blended must be shares, together at most 1")
        if min(self.hardness, self.pairwise, self.hints, self.names) < 0 or self.hardness > 4:
            raise ValueError("hardness must be from 0 to 4, the other weights 0 or more")
        if self.hints and not self.blended:
            raise ValueError("hints need blended faces, which the teacher sees in training")
