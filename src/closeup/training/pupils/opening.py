"""Pupil networks by their options."""

from __future__ import annotations

import torch

from closeup.geometry import Size
from closeup.progress import Progress
from closeup.training.pupils.compact import CompactNetwork, CompactShape
from closeup.training.pupils.network import EyeInput, PupilNetwork
from closeup.training.pupils.options import PupilNetworkOptions

_COMPACT = Size(64, 48)
_WIDE = CompactShape(channels=(32, 64, 128, 192), depth=2, state=64)
_RESNET = Size(96, 72)
"""A ResNet halves five times: it needs more pixels for a few places."""


def open_network(
    options: PupilNetworkOptions, width: float, seed: int, progress: Progress
) -> PupilNetwork:
    """A network that has learnt nothing of eyes yet.

    Args:
        options: Which.
        width: Of the crops that it will learn from, in eye distances; it is not given wider
            ones.
        seed: Decides its first weights.
        progress: Hears of a ResNet with random weights.

    Raises:
        InputError: the weights of the ResNet are not there, or damaged.

    """
    size = _RESNET if options.backbone == "resnet50" else _COMPACT
    given = EyeInput(size, min(options.width, width), options.points)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if options.backbone != "resnet50":
            return CompactNetwork(given, _WIDE if options.backbone == "wide" else None)
        # transformers takes seconds to import; our own network does without.
        from closeup.training.pupils.backbone import BackboneNetwork, open_backbone

        resnet = open_backbone(options.weights, progress)
        return BackboneNetwork(given, resnet, freeze=options.freeze)
