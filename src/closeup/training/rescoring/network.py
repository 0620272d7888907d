"""A small residual network that tells crops of faces from crops of anything else."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor, nn

from closeup.training.conv_blocks import ResidualBlock, conv_block

_FLAT = 8.0
"""Added to the standard deviation of a crop, so that the noise of a uniform crop stays small."""


@dataclass(frozen=True, slots=True)
class RescorerShape:
    """Sizes of the parts of the network.

    Attributes:
        side: Side of a crop in pixels, a multiple of 16.
        channels: Channels at 1/2, 1/4, 1/8 and 1/16 of the crop's resolution.
        depth: Residual blocks at 1/4 and at each coarser resolution.
        dropped: Share of the last features that are dropped in training.

    Raises:
        ValueError: the side is no multiple of 16.

    """

    side: int = 48
    channels: tuple[int, int, int, int] = (16, 32, 64, 96)
    depth: int = 1
    dropped: float = 0.2

    def __post_init__(self) -> None:
        if self.side % 16 or self.side < 16:
            raise ValueError(f"the side must be a multiple of 16, not {self.side}")


class RescoringNetwork(nn.Module):
    """Four strides of 2 with residual blocks (He et al. 2016), then the mean over all places.

    Each crop is standardised, so that dark and bright stages look alike.

    Args:
        shape: Sizes of its parts; None: the default sizes.

    """

    def __init__(self, shape: RescorerShape | None = None) -> None:
        super().__init__()
        self.shape = shape or RescorerShape()
        channels = self.shape.channels
        stages = [
            nn.Sequential(
                conv_block(inputs, outputs, stride=2),
                *[ResidualBlock(outputs) for _ in range(self.shape.depth)],
            )
            for inputs, outputs in pairwise(channels)
        ]
        self.features = nn.Sequential(conv_block(3, channels[0], stride=2), *stages)
        places = (self.shape.side // 16) ** 2
        self.judge = nn.Sequential(
            nn.Flatten(), nn.Dropout(self.shape.dropped), nn.Linear(places * channels[-1], 1)
        )

    def forward(self, crops: Tensor) -> Tensor:
        """Return the log odds of a face; (n,).

        Args:
            crops: (n, S, S, 3) RGB, 0 … 255, of any dtype.

        """
        odds: Tensor = self.judge(self.features(_standardised(crops)))[:, 0]
        return odds


def _standardised(crops: Tensor) -> Tensor:
    """Crops as (n, 3, S, S), each with mean 0 and standard deviation of about 1."""
    pixels = crops.float().permute(0, 3, 1, 2)
    centred = pixels - pixels.mean((1, 2, 3), keepdim=True)
    deviation = centred.square().mean((1, 2, 3), keepdim=True).sqrt()
    return centred / (deviation + _FLAT)
