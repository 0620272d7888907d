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


@dataclass(frozen=True, slots=True)
class IdentityNetworkOptions:
    """Kind and size of a network.

    Attributes:
        architecture: Kind of the network.
        dims: Components of a vector.
        side: Side of a chip in pixels, a multiple of 16.
        width: Factor of the number of channels.

    Raises:
        ValueError: a number is out of range.

    """

    architecture: Architecture = Architecture.MOBILE
    dims: int = 128
    side: int = 112
    width: float = 1.0

    def __post_init__(self) -> None:
        if not 2 <= self.dims <= 2048:
            raise ValueError(f"dims must be from 2 to 2048, not {self.dims}")
        if self.side % 16 or not 32 <= self.side <= 256:
            raise ValueError(f"side must be a multiple of 16 from 32 to 256, not {self.side}")
        if not 0.1 <= self.width <= 4:
            raise ValueError(f"width must be from 0.1 to 4, not {self.width}")


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
        poor: Share of the faces that the student sees as on a stage; the teacher always saw them
            as they are.
        hardness: Exponent by which faces far from their target count more.
        pairwise: Weight of the distances among the faces of a batch.

    Raises:
        ValueError: a number is out of range.

    """

    poor: float = 0.75
    hardness: float = 0.5
    pairwise: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.poor <= 1:
            raise ValueError(f"poor must be from 0 to 1, not {self.poor}")
        if not (0 <= self.hardness <= 4 and 0 <= self.pairwise <= 100):
            raise ValueError("hardness must be from 0 to 4, and pairwise from 0 to 100")
